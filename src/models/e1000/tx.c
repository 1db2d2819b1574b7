/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sending: legacy, context and data descriptors (82540EM 3.3), frames gathered from them,
 * completion by DD in the descriptors that have RS.
 */
#include "models/e1000/e1000.h"

#define BATCH 64u /* frames of one queue in one round */

/* A frame as its descriptors state it. */
struct tx_frame {
	uint32_t slot, parts; /* ring position of the first descriptor, how many */
	uint32_t next;        /* ring position behind the last */
	uint32_t len;
	struct desc first, last;
	int legacy;
};

static uint64_t at(const struct ring *r, uint32_t slot)
{
	return r->base + slot * 16u;
}

static uint32_t after(const struct ring *r, uint32_t slot)
{
	return slot + 1 == r->size ? 0 : slot + 1;
}

static int fetch(struct model *m, const struct ring *r, uint32_t slot, struct desc *d)
{
	le64 q[2];

	if (desc_read(&m->dma, at(r, slot), q))
		return -EFAULT;
	d->addr = from_le64(q[0]);
	d->low = (uint32_t)from_le64(q[1]);
	d->high = (uint32_t)(from_le64(q[1]) >> 32);
	return 0;
}

static void stop_queue(struct model *m, struct tx_queue *t, const char *what)
{
	t->stuck = 1;
	e1k_dma_failed(m, what);
}

static int is_legacy(const struct desc *d)
{
	return !field_get(d->low, TXD_DEXT);
}

static int is_context(const struct desc *d)
{
	return !is_legacy(d) && field_get(d->low, TXD_DTYP) == TXD_DTYP_CONTEXT;
}

static uint32_t length(const struct desc *d)
{
	return is_legacy(d) ? field_get(d->low, TXD_LENGTH) : field_get(d->low, TXD_DATA_LENGTH);
}

/* 82540EM 3.3.6. */
static void load_context(struct tx_queue *t, const struct desc *d)
{
	t->context[field_get(d->low, TXD_TSE)] =
		(struct context) { (uint32_t)d->addr, (uint32_t)(d->addr >> 32), d->low, d->high,
				   1 };
}

/* Rules about one descriptor of a frame: 82540EM 3.3.3, 3.3.7. */
static void check_desc(struct model *m, const struct tx_frame *f, const struct desc *d)
{
	uint32_t len = length(d);

	if (is_context(d))
		e1k_violate(m, "tx-context-in-frame", "82540EM 3.3.6",
			    "a context descriptor stands between the descriptors of a frame");
	else if (is_legacy(d) != f->legacy)
		e1k_violate(m, "tx-mixed", "82540EM 3.3.7",
			    "a frame has legacy and data descriptors");
	if (!is_legacy(d) && field_get(d->low, TXD_DTYP) > TXD_DTYP_DATA)
		e1k_violate(m, "tx-dtyp", "82540EM 3.3.7",
			    "the type of a descriptor with DEXT is not 0 or 1");
	if (!len && !f->legacy)
		e1k_violate(m, "tx-length-zero", "82540EM 3.3.7", "a data descriptor has length 0");
	if (!len && f->legacy && (f->parts || !field_get(d->low, TXD_EOP)))
		e1k_violate(m, "tx-null-in-frame", "82540EM 3.3.3",
			    "a null descriptor stands inside a frame or lacks EOP");
	if (d->high & field_mask(TXD_DD))
		e1k_violate(m, "tx-descriptor-dd", "82540EM 3.3.3",
			    "a descriptor was given to hardware with DD set");
	if (!f->legacy && f->parts &&
	    field_get(d->low, TXD_TSE) != field_get(f->first.low, TXD_TSE))
		e1k_violate(m, "tx-tse-differs", "82540EM 3.3.7",
			    "TSE is not the same in all descriptors of a frame");
}

/*
 * 82540EM 13.4.33 PSP: hardware pads. But the PCI chips may corrupt what they pad (Linux), so there
 * software must do it, but for the last segment of many, which it never sees.
 */
static void check_short(struct model *m, const struct tx_frame *f)
{
	uint32_t tag = field_get(f->last.low, TXD_VLE) && get_field(m, CTRL, CTRL_VME) ? 4 : 0;

	if (!f->legacy && field_get(f->first.low, TXD_TSE))
		return;
	if (!m->pcie && f->len + tag < 60 && get_field(m, TCTL, TCTL_PSP))
		e1k_violate(m, "tx-short", "82540EM 13.4.33",
			    "a frame below 60 bytes: the PCI chips corrupt frames that they pad, "
			    "software must do it");
}

/* Rules about a whole frame, judged once. */
static void check_frame(struct model *m, const struct tx_frame *f)
{
	uint32_t vle = field_get(f->last.low, TXD_VLE);

	if (vle && !get_field(m, CTRL, CTRL_VME))
		e1k_violate(m, "tx-vle-without-vme", "82540EM 3.3.3",
			    "VLE is set while CTRL.VME is 0: no tag is inserted");
	if (!field_get(f->last.low, TXD_IFCS) && f->len)
		e1k_violate(m, "tx-ifcs", "82540EM 3.3.3",
			    "a frame without IFCS leaves without a CRC");
	if (f->len)
		check_short(m, f);
}

/*
 * Find the frame whose first descriptor, @d, is at @slot. Return: 1 whole, 0 its end is not there
 * yet, -EFAULT.
 */
static int find_frame(struct model *m, const struct tx_queue *t, uint32_t slot, uint32_t tail,
		      struct desc d, struct tx_frame *f)
{
	*f = (struct tx_frame) { .slot = slot, .first = d, .legacy = is_legacy(&d) };
	do {
		if (slot == tail)
			return 0;
		if (f->parts && fetch(m, &t->ring, slot, &d))
			return -EFAULT;
		if (!t->segments_sent) /* else it was judged before the cable was busy */
			check_desc(m, f, &d);
		f->len += length(&d);
		f->parts++;
		slot = after(&t->ring, slot);
	} while (!field_get(d.low, TXD_EOP));
	f->last = d;
	f->next = slot;
	if (!t->segments_sent)
		check_frame(m, f);
	return 1;
}

/* Copy the frame together in m->data. */
static int gather(struct model *m, const struct tx_queue *t, const struct tx_frame *f)
{
	uint32_t slot = f->slot, to = 0;
	struct desc d;

	for (uint32_t i = 0; i < f->parts; i++, slot = after(&t->ring, slot)) {
		uint32_t len;

		if (fetch(m, &t->ring, slot, &d))
			return -EFAULT;
		len = length(&d);
		if (len > MAX_TX_DATA - to || dma_copy(&m->dma, d.addr, m->data + to, len, 0))
			return -EFAULT;
		to += len;
	}
	return 0;
}

static int send_frame(struct model *m, struct tx_queue *t, const struct tx_frame *f)
{
	if (!f->len) { /* 82540EM 3.3.3: transfers no data, RS is obeyed */
		m->null_descriptors++;
		return 0;
	}
	if (f->len >
	    (field_get(f->first.low, TXD_TSE) && !f->legacy ? MAX_TX_DATA : MAX_FRAME - 8)) {
		e1k_violate(m, "tx-too-long", "82540EM 3.3.3",
			    "a frame is longer than 16 KiB, or 256 KiB to be segmented");
		m->tx_refused++;
		return 0;
	}
	if (gather(m, t, f)) {
		stop_queue(m, t, "a buffer to send lies outside mapped memory");
		return -EFAULT;
	}
	if (f->legacy)
		return e1k_send_legacy(m, f->len, &f->last);
	return e1k_send_data(m, t, f->len, &f->first, &f->last);
}

int e1k_frame_out(struct model *m, const uint8_t *frame, uint32_t len)
{
	uint32_t bytes = (len < 60 ? 60 : len) + 4;
	int err = 0;

	if (len < 60) {
		if (!get_field(m, TCTL, TCTL_PSP))
			e1k_violate(m, "tx-short", "82540EM 13.4.33",
				    "a frame below 60 bytes without TCTL.PSP");
		memmove(m->frame, frame, len);
		memset(m->frame + len, 0, 60 - len);
		frame = m->frame;
		len = 60;
	}
	if (e1k_loops(m))
		e1k_frame_in(m, frame, len, 0, MODEL_FRAME_GOOD);
	else
		err = m->host->wire_tx(m->host, frame, len);
	if (err)
		return err;
	m->wire_out++;
	count(m, GPTC);
	count(m, TPT);
	count_wide(m, GOTCL, bytes);
	count_wide(m, TOTL, bytes);
	count_size(m, PTC64, bytes);
	if (frame[0] & 1)
		count(m, is_broadcast(frame) ? BPTC : MPTC);
	return 0;
}

/* 82540EM 3.3.3.2: every descriptor with RS gets DD. Return: whether one had it. */
static int report(struct model *m, struct tx_queue *t, uint32_t slot, uint32_t parts)
{
	struct desc d;
	int any = 0;

	for (; parts; parts--, slot = after(&t->ring, slot)) {
		if (fetch(m, &t->ring, slot, &d))
			break;
		if (!field_get(d.low, TXD_RS))
			continue;
		any = 1;
		/* as a whole, as drivers load it: so that ThreadSanitizer sees the two meet */
		if (desc_write(&m->dma, at(&t->ring, slot), NULL,
			       d.low | (uint64_t)(d.high | field_mask(TXD_DD)) << 32)) {
			stop_queue(m, t, "a TX descriptor cannot be written back");
			break;
		}
	}
	return any;
}

/*
 * The common case without detours: a whole frame in one descriptor that wants nothing, of a length
 * that needs no padding and breaks no rule. Return: its bytes.
 */
static const uint8_t *plain(struct model *m, const struct desc *d, uint32_t len)
{
	const uint32_t fixed = ~(field_mask(TXD_DATA_LENGTH) | field_mask(TXD_RS));
	const uint32_t want = field_mask(TXD_EOP) | field_mask(TXD_IFCS);
	const uint32_t data = want | field_mask(TXD_DEXT) | field_of(TXD_DTYP, TXD_DTYP_DATA);

	if (len < 60 || len > MAX_FRAME - 8 || d->high ||
	    ((d->low & fixed) != want && (d->low & fixed) != data))
		return NULL;
	return dma_at(&m->dma, d->addr, len);
}

/* Send the frame at the queue's head. Return: 1 done, 0 not now. */
static int send_one(struct model *m, struct tx_queue *t, uint32_t tail, int *reported)
{
	struct ring *r = &t->ring;
	const uint8_t *bytes;
	struct tx_frame f;
	struct desc d;
	int err;

	if (fetch(m, r, r->head, &d)) {
		stop_queue(m, t, "the TX ring lies outside mapped memory");
		return 0;
	}
	if (is_context(&d)) {
		load_context(t, &d);
		*reported |= report(m, t, r->head, 1);
		r->head = after(r, r->head);
		return 1;
	}
	bytes = plain(m, &d, length(&d));
	if (likely(bytes != NULL)) {
		if (e1k_frame_out(m, bytes, length(&d)))
			return 0;
		f.parts = 1;
		f.next = after(r, r->head);
	} else {
		err = find_frame(m, t, r->head, tail, d, &f);
		if (err < 0)
			stop_queue(m, t, "a frame's descriptors cannot be read");
		if (err <= 0 || send_frame(m, t, &f))
			return 0;
	}
	*reported |= report(m, t, r->head, f.parts);
	r->head = f.next;
	return 1;
}

static unsigned run_queue(struct model *m, uint32_t q)
{
	struct tx_queue *t = &m->tx[q];
	int64_t tail = t->stuck || !t->ring.size ? -1 : e1k_watch(m, &t->ring);
	uint32_t causes = 0;
	unsigned n = 0;
	int reported = 0;

	if (tail < 0)
		t->stuck = 1;
	if (t->stuck || tail == t->ring.head)
		return 0;
	while (n < BATCH && t->ring.head != (uint32_t)tail && !t->stuck &&
	       send_one(m, t, (uint32_t)tail, &reported))
		n++;
	if (reported)
		causes |= field_mask(ICR_TXDW) | (!m->pcie ? 0
						  : q      ? field_mask(ICR_TXQ1)
							   : field_mask(ICR_TXQ0));
	if (n && t->ring.head == (uint32_t)tail)
		causes |= field_mask(ICR_TXQE);
	if (causes)
		e1k_irq_cause(m, causes);
	return n;
}

unsigned e1k_tx_run(struct model *m)
{
	unsigned work = 0;

	if (!bus_master(m) || (m->pcie && get_field(m, CTRL, CTRL_GIO_MASTER_DISABLE)))
		return 0;
	/* Without a link frames stay in their rings, as on silicon. */
	if (!m->link_up && get_field(m, RCTL, RCTL_LBM) != RCTL_LBM_PHY)
		return 0;
	for (uint32_t q = 0; q < queues(m); q++)
		work += run_queue(m, q);
	return work;
}
