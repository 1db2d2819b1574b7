/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sending: descriptors (82599 7.2.3.2), frames gathered from them, completion (7.2.3.5).
 */
#include "models/82599/82599.h"

#define BATCH     64u /* frames of one queue in one round */
#define MAX_PARTS 40u /* 82599 7.2.3.2: descriptors of one packet */

/* One descriptor in host order. */
struct desc {
	uint64_t addr;
	uint32_t cmd, status;
};

/* A frame as its descriptors state it. */
struct tx_frame {
	uint32_t first, parts; /* ring position of the first data descriptor, how many */
	uint32_t next;         /* ring position behind the last */
	struct desc d;         /* the first; .cmd has the last one's RS */
	uint32_t len;
	int legacy, report, null;
};

static int is_context(const struct desc *d)
{
	return field_get(d->cmd, TXD_DEXT) && field_get(d->cmd, TXD_DTYP) == TXD_DTYP_CONTEXT;
}

static int fetch(struct model *m, const struct tx_queue *t, uint32_t slot, struct desc *d)
{
	le64 q[2];

	if (desc_read(&m->dma, t->base + slot * 16u, q))
		return -EFAULT;
	d->addr = from_le64(q[0]);
	d->cmd = (uint32_t)from_le64(q[1]);
	d->status = (uint32_t)(from_le64(q[1]) >> 32);
	return 0;
}

static uint32_t after(const struct tx_queue *t, uint32_t slot)
{
	return slot + 1 == t->size ? 0 : slot + 1;
}

static void stop_queue(struct model *m, struct tx_queue *t, const char *what)
{
	t->stuck = 1;
	dma_failed(m, what);
}

/* 82599 7.2.3.2.3. */
static void load_context(struct model *m, struct tx_queue *t, const struct desc *d)
{
	uint32_t i = field_get(d->status, TXD_IDX) & 1;

	if (field_get(d->status, TXD_IDX) > 1)
		violate(m, "tx-context-index", "82599 7.2.3.2.3", "a context index is 0 or 1");
	t->context[i][0] = (uint32_t)d->addr;
	t->context[i][1] = (uint32_t)(d->addr >> 32);
	t->context[i][2] = d->cmd;
	t->context[i][3] = d->status;
	t->context_set[i] = 1;
}

/* Rules for a data descriptor that stand in 82599 7.2.3.2.2 and 7.2.3.2.4. */
static void check_desc(struct model *m, const struct tx_queue *t, const struct tx_frame *f)
{
	uint32_t cmd = f->d.cmd, status = f->d.status;
	uint32_t paylen = field_get(status, TXD_PAYLEN);

	if (f->legacy)
		return;
	if (field_get(cmd, TXD_DTYP) != TXD_DTYP_DATA)
		violate(m, "tx-dtyp", "82599 7.2.3.2.4",
			"an advanced descriptor's DTYP is not 2 or 3");
	if (cmd & (1u << 16 | 1u << 17 | 1u << 26 | 1u << 28))
		violate(m, "tx-reserved", "82599 7.2.3.2.4",
			"reserved bits of a data descriptor are set");
	if (field_get(cmd, TXD_TSE) && !field_get(status, TXD_TXSM))
		violate(m, "tx-tso-sums", "82599 7.2.3.2.4",
			"segmentation without TXSM: every segment needs a checksum of its own");
	if (field_get(cmd, TXD_TSE) && !field_get(cmd, TXD_IFCS))
		violate(m, "tx-tso-ifcs", "82599 7.2.3.2.4", "segmentation without IFCS");
	if (!field_get(cmd, TXD_TSE) && paylen != f->len)
		violate(m, "tx-paylen", "82599 7.2.3.2.4",
			"PAYLEN is not the number of bytes in the frame's buffers");
	if (field_get(status, TXD_CC) | field_get(status, TXD_IXSM) | field_get(status, TXD_TXSM) |
	    field_get(cmd, TXD_TSE) | field_get(cmd, TXD_VLE))
		if (!t->context_set[field_get(status, TXD_IDX) & 1])
			violate(m, "tx-context-unset", "82599 7.2.3.2.4",
				"a context is used that was never loaded");
}

/*
 * Find the frame whose first descriptor, @d, is at @slot. Return: 1 whole, 0 its end is not there
 * yet, -EFAULT.
 */
static int find_frame(struct model *m, const struct tx_queue *t, uint32_t slot, uint32_t tail,
		      struct desc d, struct tx_frame *f)
{
	f->first = slot;
	f->parts = f->len = 0;
	f->d = d;
	f->legacy = !field_get(d.cmd, TXD_DEXT);
	do {
		uint32_t len;

		if (slot == tail || f->parts == MAX_PARTS) {
			if (f->parts == MAX_PARTS)
				violate(m, "tx-too-many-parts", "82599 7.2.3.2",
					"a frame has more than 40 descriptors");
			return f->parts == MAX_PARTS ? -EFAULT : 0;
		}
		if (f->parts && fetch(m, t, slot, &d))
			return -EFAULT;
		len = field_get(d.cmd, TXD_DTALEN);
		if (f->parts && is_context(&d))
			violate(m, "tx-context-in-frame", "82599 7.2.3.2.3",
				"a context descriptor stands between the descriptors of a frame");
		if (!len && !f->legacy)
			violate(m, "tx-length-zero", "82599 7.2.3.2.4",
				"an advanced data descriptor has length 0");
		if (!len && f->legacy && (f->parts || !field_get(d.cmd, TXD_EOP)))
			violate(m, "tx-null-in-frame", "82599 7.2.3.2.2",
				"a null descriptor stands inside a frame or lacks EOP");
		f->len += len;
		f->parts++;
		slot = after(t, slot);
	} while (!field_get(d.cmd, TXD_EOP));
	f->next = slot;
	f->report = (int)field_get(d.cmd, TXD_RS);
	f->null = !f->len;
	return 1;
}

/* The frame's bytes: where they lie if that is one piece, else gathered. NULL: not mapped. */
static uint8_t *frame_bytes(struct model *m, const struct tx_queue *t, const struct tx_frame *f)
{
	uint32_t slot = f->first, at = 0;
	struct desc d;

	if (f->parts == 1) {
		uint8_t *p = dma_at(&m->dma, f->d.addr, f->len);

		if (p)
			return p;
	}
	for (uint32_t i = 0; i < f->parts; i++, slot = after(t, slot)) {
		uint32_t len;

		if (fetch(m, t, slot, &d))
			return NULL;
		len = field_get(d.cmd, TXD_DTALEN);
		if (len > MAX_TX_DATA - at || dma_copy(&m->dma, d.addr, m->data + at, len, 0))
			return NULL;
		at += len;
	}
	return m->data;
}

/* A legacy descriptor's checksum and tag: 82599 7.2.3.2.2. */
static int send_legacy(struct model *m, unsigned q, uint8_t *bytes, const struct tx_frame *f)
{
	uint32_t cso = f->d.cmd >> 16 & 0xff, css = f->d.status >> 8 & 0xff;
	int ic = (f->d.cmd >> 26 & 1) != 0, vle = (int)field_get(f->d.cmd, TXD_VLE);
	uint32_t len = f->len;

	if (!ic && !vle)
		return frame_out(m, q, bytes, len);
	if (bytes != m->data)
		memcpy(m->data, bytes, len);
	if (ic && css < len && cso + 2 <= len) {
		uint32_t sum = ~sum16(m->data + css, len - css, 0) & 0xffff;
		uint16_t folded = (uint16_t)sum; /* in memory order already */

		memcpy(m->data + cso, &folded, 2);
	}
	if (vle && len >= 14)
		len = offload_tag(m->data, len, get_field(m, VLNCTRL, VLNCTRL_VET),
				  f->d.status >> 16);
	return frame_out(m, q, m->data, len);
}

static int send_frame(struct model *m, unsigned q, const struct tx_frame *f)
{
	struct tx_queue *t = &m->tx[q];
	uint32_t offloads = field_get(f->d.status, TXD_IXSM) | field_get(f->d.status, TXD_TXSM) |
			    field_get(f->d.cmd, TXD_TSE) | field_get(f->d.cmd, TXD_VLE);
	uint8_t *bytes;

	if (unlikely(f->null)) { /* Interpretation(missing): nothing is sent, RS is obeyed
				    (README.md) */
		m->null_descriptors++;
		return 0;
	}
	bytes = frame_bytes(m, t, f);
	if (!bytes) {
		stop_queue(m, t, "a buffer to send lies outside mapped memory");
		return -EFAULT;
	}
	if (unlikely(f->len > MAX_FRAME && !field_get(f->d.cmd, TXD_TSE))) {
		violate(m, "tx-too-long", "82599 7.2.3.2.4", "a frame is longer than 16 KiB");
		m->tx_refused++;
		return 0;
	}
	if (f->legacy)
		return send_legacy(m, q, bytes, f);
	if (!offloads)
		return frame_out(m, q, bytes, f->len);
	if (bytes != m->data)
		memcpy(m->data, bytes, f->len);
	return send_offloaded(m, q, f->len, t->context[field_get(f->d.status, TXD_IDX) & 1],
			      f->d.cmd, f->d.status);
}

int frame_out(struct model *m, unsigned q, const uint8_t *frame, uint32_t len)
{
	uint32_t bytes = (len < 60 ? 60 : len) + 4;
	uint32_t counter = get(m, TQSM + q / 4 * 4) >> q % 4 * 8 & 15;
	int err = 0;

	if (len < 60) {
		if (!get_field(m, HLREG0, HLREG0_TXPADEN))
			violate(m, "tx-short", "82599 8.2.3.22.8",
				"a frame below 60 bytes without HLREG0.TXPADEN");
		memmove(m->frame, frame, len);
		memset(m->frame + len, 0, 60 - len);
		frame = m->frame;
		len = 60;
	}
	if (get_field(m, HLREG0, HLREG0_LPBK))
		frame_in(m, frame, len, 0, MODEL_FRAME_GOOD);
	else
		err = m->host->wire_tx(m->host, frame, len);
	if (err)
		return err;
	m->wire_out++;
	count(m, GPTC, 1);
	count(m, TPT, 1);
	count(m, TXDGPC, 1);
	count_wide(m, GOTCL, bytes);
	count_wide(m, TXDGBCL, bytes);
	count_size(m, PTC64, bytes);
	count(m, QPTC + 4 * counter, 1);
	count_wide(m, QBTC_L + 8 * counter, bytes);
	if (frame[0] & 1)
		count(m,
		      (frame[0] & frame[1] & frame[2] & frame[3] & frame[4] & frame[5]) == 0xff
			      ? BPTC
			      : MPTC,
		      1);
	return 0;
}

/*
 * The common case without detours: a whole frame in one descriptor that wants nothing, of a length
 * that needs no padding and breaks no rule.
 */
static int is_plain(const struct desc *d)
{
	const uint32_t fixed = ~(field_mask(TXD_DTALEN) | field_mask(TXD_RS));
	const uint32_t advanced = field_of(TXD_DTYP, TXD_DTYP_DATA) | field_mask(TXD_DEXT) |
				  field_mask(TXD_EOP) | field_mask(TXD_IFCS);
	const uint32_t legacy = field_mask(TXD_EOP) | field_mask(TXD_IFCS);
	uint32_t len = field_get(d->cmd, TXD_DTALEN);

	if (len < 60 || len > MAX_FRAME)
		return 0;
	return (d->cmd & fixed) == legacy ||
	       ((d->cmd & fixed) == advanced && d->status == field_of(TXD_PAYLEN, len));
}

/* The frame at the head is sent: move on. 82599 7.2.3.5.1: DD, unless the head is written back. */
static void done(struct model *m, struct tx_queue *t, uint32_t next, int report)
{
	uint32_t last = next ? next - 1 : t->size - 1;

	t->head = next;
	if (report && !t->use_head_wb &&
	    word_write(&m->dma, t->base + last * 16u + 12, field_mask(TXD_DD)))
		stop_queue(m, t, "a TX descriptor cannot be written back");
}

/* Send the frame at the queue's head. Return: 1 done, 0 not now. */
static int send_one(struct model *m, unsigned q, uint32_t tail, int *report)
{
	struct tx_queue *t = &m->tx[q];
	struct tx_frame f;
	struct desc d;
	int err;

	if (fetch(m, t, t->head, &d)) {
		stop_queue(m, t, "the TX ring lies outside mapped memory");
		return 0;
	}
	if (likely(is_plain(&d))) {
		uint32_t len = field_get(d.cmd, TXD_DTALEN), rs = field_get(d.cmd, TXD_RS);
		uint8_t *bytes = dma_at(&m->dma, d.addr, len);

		if (likely(bytes != NULL)) {
			if (frame_out(m, q, bytes, len))
				return 0;
			done(m, t, after(t, t->head), (int)rs);
			*report |= (int)rs;
			return 1;
		}
	}
	if (is_context(&d)) {
		load_context(m, t, &d);
		t->head = after(t, t->head);
		return 1;
	}
	err = find_frame(m, t, t->head, tail, d, &f);
	if (err <= 0) {
		if (err)
			stop_queue(m, t, "a frame's descriptors cannot be read");
		return 0;
	}
	if (!t->segments_sent) /* else it was checked before the cable was busy */
		check_desc(m, t, &f);
	if (send_frame(m, q, &f))
		return 0;
	done(m, t, f.next, f.report);
	*report |= f.report;
	return 1;
}

static unsigned run_queue(struct model *m, unsigned q)
{
	struct tx_queue *t = &m->tx[q];
	int64_t seen = t->stuck ? -1 : tx_watch(m, q);
	uint32_t tail = (uint32_t)seen;
	unsigned n = 0;
	int report = 0;

	if (seen < 0)
		t->stuck = 1;
	if (t->stuck || tail == t->head)
		return 0;
	while (n < BATCH && t->head != tail && send_one(m, q, tail, &report))
		n++;
	if (report) {
		if (t->use_head_wb && word_write(&m->dma, t->head_wb, t->head))
			stop_queue(m, t, "the head write-back address is not mapped");
		irq_queue(m, q, 1);
	}
	return n;
}

unsigned tx_run(struct model *m)
{
	unsigned work = 0;

	if (!bus_master(m) || !get_field(m, DMATXCTL, DMATXCTL_TE) ||
	    get_field(m, CTRL, CTRL_GIO_MASTER_DISABLE))
		return 0;
	/* Without a link frames stay in their rings, as on silicon. */
	if (!m->link_up && !get_field(m, HLREG0, HLREG0_LPBK))
		return 0;
	for (unsigned half = 0; half < 2; half++)
		for (uint64_t set = m->tx_on[half]; set; set &= set - 1)
			work += run_queue(m, half * 64 + (unsigned)__builtin_ctzll(set));
	return work;
}
