/* SPDX-License-Identifier: BSD-2-Clause
 *
 * TX rings of advanced and legacy descriptors (82599 7.2.3.2, 82576 7.2.2): frames gathered from
 * them, tags, checksums, segmentation, completion.
 */
#include "models/intel/adv.h"

#define BATCH 64u /* frames of one queue in one round */

static void broken(struct adv *a, const char *rule, const char *section, const char *text)
{
	a->chip->violate(a->m, rule, section, text);
}

static int frame_out(struct adv *a, const struct adv_tx *t, const uint8_t *f, uint32_t len)
{
	return a->chip->frame_out(a->m, t->index, f, len);
}

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

static int fetch(struct adv *a, const struct adv_tx *t, uint32_t slot, struct desc *d)
{
	le64 q[2];

	if (desc_read(a->dma, t->base + slot * 16u, q))
		return -EFAULT;
	d->addr = from_le64(q[0]);
	d->cmd = (uint32_t)from_le64(q[1]);
	d->status = (uint32_t)(from_le64(q[1]) >> 32);
	return 0;
}

static uint32_t after(const struct adv_tx *t, uint32_t slot)
{
	return slot + 1 == t->size ? 0 : slot + 1;
}

static void stop_queue(struct adv *a, struct adv_tx *t, const char *what)
{
	t->stuck = 1;
	a->chip->unreachable(a->m, what);
}

/* 82599 7.2.3.2.3. */
static void load_context(struct adv *a, struct adv_tx *t, const struct desc *d)
{
	uint32_t i = field_get(d->status, TXD_IDX) & 1;

	if (field_get(d->status, TXD_IDX) > 1)
		broken(a, "tx-context-index", a->chip->section.tx_context,
		       "a context index is 0 or 1");
	t->context[i][0] = (uint32_t)d->addr;
	t->context[i][1] = (uint32_t)(d->addr >> 32);
	t->context[i][2] = d->cmd;
	t->context[i][3] = d->status;
	t->context_set[i] = 1;
}

/* Rules for a data descriptor that stand in 82599 7.2.3.2.2 and 7.2.3.2.4. */
static void check_desc(struct adv *a, const struct adv_tx *t, const struct tx_frame *f)
{
	uint32_t cmd = f->d.cmd, status = f->d.status;
	uint32_t paylen = field_get(status, TXD_PAYLEN);

	if (f->legacy)
		return;
	if (field_get(cmd, TXD_DTYP) != TXD_DTYP_DATA)
		broken(a, "tx-dtyp", a->chip->section.tx_data,
		       "an advanced descriptor's DTYP is not 2 or 3");
	if (cmd & (1u << 16 | 1u << 17 | 1u << 26 | 1u << 28))
		broken(a, "tx-reserved", a->chip->section.tx_data,
		       "reserved bits of a data descriptor are set");
	if (field_get(cmd, TXD_TSE) && !field_get(status, TXD_TXSM))
		broken(a, "tx-tso-sums", a->chip->section.tx_data,
		       "segmentation without TXSM: every segment needs a checksum of its own");
	if (field_get(cmd, TXD_TSE) && !field_get(cmd, TXD_IFCS))
		broken(a, "tx-tso-ifcs", a->chip->section.tx_data, "segmentation without IFCS");
	if (!field_get(cmd, TXD_TSE) && paylen != f->len)
		broken(a, "tx-paylen", a->chip->section.tx_data,
		       "PAYLEN is not the number of bytes in the frame's buffers");
	if (field_get(status, TXD_CC) | field_get(status, TXD_IXSM) | field_get(status, TXD_TXSM) |
	    field_get(cmd, TXD_TSE) | field_get(cmd, TXD_VLE))
		if (!t->context_set[field_get(status, TXD_IDX) & 1])
			broken(a, "tx-context-unset", a->chip->section.tx_data,
			       "a context is used that was never loaded");
}

/*
 * Find the frame whose first descriptor, @d, is at @slot. Return: 1 whole, 0 its end is not there
 * yet, -EFAULT.
 */
static int find_frame(struct adv *a, const struct adv_tx *t, uint32_t slot, uint32_t tail,
		      struct desc d, struct tx_frame *f)
{
	uint32_t most = a->chip->max_parts ? a->chip->max_parts : t->size;

	f->first = slot;
	f->parts = f->len = 0;
	f->d = d;
	f->legacy = !field_get(d.cmd, TXD_DEXT);
	do {
		uint32_t len;

		if (slot == tail || f->parts == most) {
			if (f->parts == most)
				broken(a, "tx-too-many-parts", a->chip->section.tx_parts,
				       "a frame has more descriptors than the chip gathers");
			return f->parts == most ? -EFAULT : 0;
		}
		if (f->parts && fetch(a, t, slot, &d))
			return -EFAULT;
		len = field_get(d.cmd, TXD_DTALEN);
		if (f->parts && is_context(&d))
			broken(a, "tx-context-in-frame", a->chip->section.tx_context,
			       "a context descriptor stands between the descriptors of a frame");
		if (!len && !f->legacy)
			broken(a, "tx-length-zero", a->chip->section.tx_data,
			       "an advanced data descriptor has length 0");
		if (!len && f->legacy && (f->parts || !field_get(d.cmd, TXD_EOP)))
			broken(a, "tx-null-in-frame", a->chip->section.tx_legacy,
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
static uint8_t *frame_bytes(struct adv *a, const struct adv_tx *t, const struct tx_frame *f)
{
	uint32_t slot = f->first, at = 0;
	struct desc d;

	if (f->parts == 1) {
		uint8_t *p = dma_at(a->dma, f->d.addr, f->len);

		if (p)
			return p;
	}
	for (uint32_t i = 0; i < f->parts; i++, slot = after(t, slot)) {
		uint32_t len;

		if (fetch(a, t, slot, &d))
			return NULL;
		len = field_get(d.cmd, TXD_DTALEN);
		if (len > MAX_TX_DATA - at || dma_copy(a->dma, d.addr, a->data + at, len, 0))
			return NULL;
		at += len;
	}
	return a->data;
}

/* Insert the tag, if there is one, and send. @f has room for it. */
static int finish(struct adv *a, struct adv_tx *t, const struct offload *w, uint8_t *f,
		  uint32_t len)
{
	if (w->tag)
		len = offload_tag(f, len, a->vlan_type, w->vlan);
	return frame_out(a, t, f, len);
}

static int send_segments(struct adv *a, struct adv_tx *t, const struct offload *w, uint32_t len)
{
	uint32_t total = len - (w->mac + w->ip + w->l4);

	for (uint32_t n = t->segments_sent; n * w->mss < total; n++) {
		uint32_t bytes = offload_segment(w, a->data, len, n, a->keep, a->frame);
		int err;

		offload_checksums(w, a->frame, bytes);
		err = finish(a, t, w, a->frame, bytes);
		if (err) {
			t->segments_sent = n;
			return err;
		}
		a->tx_segments++;
	}
	t->segments_sent = 0;
	a->tx_segmented++;
	return 0;
}

static int send_offloaded(struct adv *a, struct adv_tx *t, uint32_t len, const uint32_t c[4],
			  uint32_t cmd, uint32_t status)
{
	struct offload w = {
		.mac = field_get(c[0], TXD_MACLEN),
		.ip = field_get(c[0], TXD_IPLEN),
		.l4 = field_get(c[3], TXD_L4LEN),
		.mss = field_get(c[3], TXD_MSS),
		.l4t = field_get(c[2], TXD_L4T),
		.v4 = (int)field_get(c[2], TXD_IPV4),
		.tag = (int)field_get(cmd, TXD_VLE),
		.ip_sum = (int)field_get(status, TXD_IXSM),
		.l4_sum = (int)field_get(status, TXD_TXSM),
		.vlan = (uint16_t)field_get(c[0], TXD_VLAN),
	};
	int sums = w.ip_sum || w.l4_sum, err;

	if (len < 14 || (sums && (w.mac < 14 || w.mac + w.ip >= len))) {
		broken(a, "tx-header-lengths", a->chip->section.tx_context,
		       "MACLEN and IPLEN do not fit the frame");
		a->tx_refused++;
		return 0;
	}
	if (!field_get(cmd, TXD_TSE)) {
		if (sums)
			offload_checksums(&w, a->data, len);
		err = finish(a, t, &w, a->data, len);
		a->tx_checksums += !err && w.l4_sum;
		return err;
	}
	if (!w.mss || w.l4 < 20 || w.mac + w.ip + w.l4 >= len ||
	    w.mac + w.ip + w.l4 + w.mss > MAX_FRAME || w.ip < (w.v4 ? 20u : 40u) ||
	    field_get(status, TXD_PAYLEN) != len - (w.mac + w.ip + w.l4)) {
		broken(a, "tx-segmentation", a->chip->section.segment,
		       "MSS, L4LEN, header lengths or PAYLEN make no sense for segmentation");
		a->tx_refused++;
		return 0;
	}
	err = send_segments(a, t, &w, len);
	a->tx_checksums += !err && w.l4_sum;
	return err;
}

/* A legacy descriptor's checksum and tag: 82599 7.2.3.2.2. */
static int send_legacy(struct adv *a, struct adv_tx *t, uint8_t *bytes, const struct tx_frame *f)
{
	uint32_t cso = f->d.cmd >> 16 & 0xff, css = f->d.status >> 8 & 0xff;
	int ic = (f->d.cmd >> 26 & 1) != 0, vle = (int)field_get(f->d.cmd, TXD_VLE);
	uint32_t len = f->len;

	if (!ic && !vle)
		return frame_out(a, t, bytes, len);
	if (bytes != a->data)
		memcpy(a->data, bytes, len);
	if (ic && css < len && cso + 2 <= len) {
		uint32_t sum = ~sum16(a->data + css, len - css, 0) & 0xffff;
		uint16_t folded = (uint16_t)sum; /* in memory order already */

		memcpy(a->data + cso, &folded, 2);
	}
	if (vle && len >= 14)
		len = offload_tag(a->data, len, a->vlan_type, f->d.status >> 16);
	return frame_out(a, t, a->data, len);
}

static int send_frame(struct adv *a, struct adv_tx *t, const struct tx_frame *f)
{
	uint32_t offloads = field_get(f->d.status, TXD_IXSM) | field_get(f->d.status, TXD_TXSM) |
			    field_get(f->d.cmd, TXD_TSE) | field_get(f->d.cmd, TXD_VLE);
	uint8_t *bytes;

	if (unlikely(f->null)) { /* Interpretation(missing): nothing is sent, RS is obeyed
				    (README.md) */
		a->null_descriptors++;
		return 0;
	}
	bytes = frame_bytes(a, t, f);
	if (!bytes) {
		stop_queue(a, t, "a buffer to send lies outside mapped memory");
		return -EFAULT;
	}
	if (unlikely(f->len > MAX_FRAME && !field_get(f->d.cmd, TXD_TSE))) {
		broken(a, "tx-too-long", a->chip->section.tx_data, "a frame is longer than 16 KiB");
		a->tx_refused++;
		return 0;
	}
	if (f->legacy)
		return send_legacy(a, t, bytes, f);
	if (!offloads)
		return frame_out(a, t, bytes, f->len);
	if (bytes != a->data)
		memcpy(a->data, bytes, f->len);
	return send_offloaded(a, t, f->len, t->context[field_get(f->d.status, TXD_IDX) & 1],
			      f->d.cmd, f->d.status);
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
static void done(struct adv *a, struct adv_tx *t, uint32_t next, int report)
{
	uint32_t last = next ? next - 1 : t->size - 1;

	t->head = next;
	if (report && !t->use_head_wb &&
	    word_write(a->dma, t->base + last * 16u + 12, field_mask(TXD_DD)))
		stop_queue(a, t, "a TX descriptor cannot be written back");
}

/* Send the frame at the queue's head. Return: 1 done, 0 not now. */
static int send_one(struct adv *a, struct adv_tx *t, uint32_t tail, int *report)
{
	struct tx_frame f;
	struct desc d;
	int err;

	if (fetch(a, t, t->head, &d)) {
		stop_queue(a, t, "the TX ring lies outside mapped memory");
		return 0;
	}
	if (likely(is_plain(&d))) {
		uint32_t len = field_get(d.cmd, TXD_DTALEN), rs = field_get(d.cmd, TXD_RS);
		uint8_t *bytes = dma_at(a->dma, d.addr, len);

		if (likely(bytes != NULL)) {
			if (frame_out(a, t, bytes, len))
				return 0;
			done(a, t, after(t, t->head), (int)rs);
			*report |= (int)rs;
			return 1;
		}
	}
	if (is_context(&d)) {
		load_context(a, t, &d);
		t->head = after(t, t->head);
		return 1;
	}
	err = find_frame(a, t, t->head, tail, d, &f);
	if (err <= 0) {
		if (err)
			stop_queue(a, t, "a frame's descriptors cannot be read");
		return 0;
	}
	if (!t->segments_sent) /* else it was checked before the cable was busy */
		check_desc(a, t, &f);
	if (send_frame(a, t, &f))
		return 0;
	done(a, t, f.next, f.report);
	*report |= f.report;
	return 1;
}

unsigned adv_tx_run(struct adv *a, struct adv_tx *t, int *report)
{
	int64_t seen = t->stuck ? -1 : adv_tx_watch(a, t);
	uint32_t tail = (uint32_t)seen;
	unsigned n = 0;
	int reported = 0;

	if (seen < 0)
		t->stuck = 1;
	if (t->stuck || tail == t->head)
		return 0;
	while (n < BATCH && t->head != tail && send_one(a, t, tail, &reported))
		n++;
	if (reported && t->use_head_wb && word_write(a->dma, t->head_wb, t->head))
		stop_queue(a, t, "the head write-back address is not mapped");
	*report = reported;
	return n;
}
