/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receiving what the filters let pass: checksums and the choice of the queue (82576 7.1.1), the
 * packet buffer in front of the rings. Descriptors: ../intel/adv_rx.c.
 */
#include "models/82576/82576.h"

static enum model_rx drop(struct model *m, enum named_drop why)
{
	m->adv.wire_in++;
	m->adv.drops[why]++;
	return MODEL_RX_DROPPED;
}

/* What the descriptor will say: RXCSUM decides what is checked, MRQC what is hashed. */
static void parse_frame(struct model *m, const uint8_t *f, uint32_t len, struct parsed *p)
{
	uint32_t rxcsum = get(m, RXCSUM);
	unsigned l4 = RXCSUM_TUOFL;

	packet_parse(f, len, get_field(m, VET, VET_VET), p);
	if (!field_get(rxcsum, RXCSUM_IPOFL)) {
		p->status &= ~PACKET_IPCS;
		p->errors &= ~PACKET_IPE;
	}
	if (p->type & PACKET_SCTP)
		l4 = RXCSUM_CRCOFL;
	if (!field_get(rxcsum, l4)) {
		p->status &= ~(PACKET_L4CS | PACKET_UDPCS);
		p->errors &= ~PACKET_TCPE;
	}
	if (get_field(m, MRQC, MRQC_MRQE) == MRQC_MRQE_RSS)
		rss_hash(&m->toeplitz, reg(&m->regs, RSSRK), get(m, MRQC), p);
}

static uint32_t choose_queue(struct model *m, const struct parsed *p)
{
	uint32_t entry = p->hash & 127;

	if (!p->hash_type)
		return get_field(m, MRQC, MRQC_DEF_Q);
	return get(m, RETA + entry / 4 * RETA_stride) >> entry % 4 * 8 & 15;
}

static void count_good(struct model *m, const uint8_t *f, uint32_t bytes)
{
	count(m, GPRC, 1);
	count_wide(m, GORCL, bytes);
	count_size(m, PRC64, bytes);
	if (f[0] & 1)
		count(m, (f[0] & f[1] & f[2] & f[3] & f[4] & f[5]) == 0xff ? BPRC : MPRC, 1);
}

/* RQDPC has 12 bits and sticks at the end. */
static void count_queue_drop(struct model *m, uint32_t q, enum named_drop why)
{
	uint32_t *rqdpc = reg(&m->regs, igb_queue(RQDPC, q));

	*rqdpc += *rqdpc < 0xfff;
	m->adv.drops[why]++;
}

/*
 * A frame that passed all filters, to queue @q. MODEL_RX_WAIT: it needs descriptors that are not
 * there; nothing was done.
 */
static enum model_rx deliver(struct model *m, uint32_t q, const uint8_t *f, uint32_t len,
			     struct parsed *p, uint32_t status)
{
	struct adv_rx *r = &m->rx[q];
	uint32_t stored = len, bytes = (len < 60 ? 60 : len) + 4;
	uint32_t crc = get_field(m, RCTL, RCTL_SECRC) ? 0 : 4;
	const uint8_t *s;

	r->strip = get_field(m, CTRL, CTRL_VME) != 0;
	s = adv_rx_stored(&m->adv, r, f, &stored, p, crc);
	if (!adv_rx_room(&m->adv, r, stored))
		return MODEL_RX_WAIT;
	if (p->tagged && r->strip)
		status |= field_mask(RXD_STAT_VP);
	else
		p->tag = 0;
	if (!get_field(m, RXCSUM, RXCSUM_PCSD)) /* a checksum, which is not modelled, instead */
		p->hash = p->hash_type = 0;
	status |= p->status | RX_ERRORS(p);
	if (!adv_rx_fill(&m->adv, r, s, stored, status, p)) {
		m76_unreachable(m, "a received frame or its descriptor lies outside mapped memory");
		r->on = 0;
		m->adv.drops[DROP_DMA]++;
		return MODEL_RX_DROPPED;
	}
	m->adv.delivered++;
	count(m, RPTHC, 1);
	count_wide(m, HGORCL, bytes);
	m76_irq_queue(m, q, 0);
	return MODEL_RX_TAKEN;
}

/* Decide about a frame that passed: deliver, drop, or say that it must wait. */
static enum model_rx place(struct model *m, const uint8_t *f, uint32_t len, struct parsed *p,
			   uint32_t rxe)
{
	uint32_t q = choose_queue(m, p);
	enum model_rx r;

	if (!m->rx[q].on) {
		count_queue_drop(m, q, DROP_NO_QUEUE);
		return MODEL_RX_DROPPED;
	}
	r = deliver(m, q, f, len, p, rxe | (p->others ? field_mask(RXD_STAT_PIF) : 0));
	if (r == MODEL_RX_WAIT && m->rx[q].drop) {
		count(m, RNBC, 1);
		count_queue_drop(m, q, DROP_NO_DESC);
		return MODEL_RX_DROPPED;
	}
	return r;
}

unsigned m76_fifo_drain(struct model *m)
{
	unsigned n = 0;

	while (fifo_used(&m->fifo) && n < 64) {
		uint8_t *f = m->adv.data;
		uint32_t rxe, len = fifo_peek(&m->fifo, f, &rxe);
		struct parsed p;

		parse_frame(m, f, len, &p);
		p.others = m76_filter_address(m, f) != L2_MINE;
		if (!get_field(m, RCTL, RCTL_RXEN)) /* off empties it */
			m->adv.drops[DROP_OFF]++;
		else if (place(m, f, len, &p, rxe) == MODEL_RX_WAIT)
			break;
		fifo_drop(&m->fifo, len);
		n++;
	}
	return n;
}

/* Would this frame have to be lost because nothing has room? Then a patient wire keeps it. */
static int must_wait(struct model *m, const struct parsed *p, uint32_t len)
{
	struct adv_rx *r = &m->rx[choose_queue(m, p)];

	if (fifo_used(&m->fifo))
		return 1;
	/* stored, it may be longer by its padding and its CRC */
	return r->on && !adv_rx_room(&m->adv, r, (len < 60 ? 60 : len) + 4);
}

/* MAC errors: counted; dropped unless software wants bad frames. Return: whether it goes on. */
static int mac_accepts(struct model *m, struct parsed *p, uint32_t bytes, unsigned bad)
{
	if (bytes > m76_size_limit(m, p)) {
		count(m, ROC, 1);
		drop(m, DROP_OVERSIZE);
		return 0;
	}
	if (bad != MODEL_FRAME_CRC)
		return 1;
	count(m, CRCERRS, 1);
	if (!get_field(m, RCTL, RCTL_SBP)) {
		drop(m, DROP_CRC);
		return 0;
	}
	p->errors = p->status = 0; /* checksums of a broken frame mean nothing */
	return 1;
}

/* A frame that passed all filters: into a ring, else into the packet buffer. */
static enum model_rx take(struct model *m, const uint8_t *f, uint32_t len, struct parsed *p,
			  uint32_t rxe)
{
	uint32_t room = get_field(m, RXPBS, RXPBS_SIZE) * 1024;
	enum model_rx r = MODEL_RX_WAIT;

	m->adv.wire_in++;
	if (!fifo_used(&m->fifo))
		r = place(m, f, len, p, rxe);
	if (r == MODEL_RX_WAIT) {
		count(m, RNBC, 1);
		if (!fifo_put(&m->fifo, f, len, rxe, room)) {
			count(m, MPC, 1);
			m->adv.drops[DROP_BUFFER]++;
			m76_irq_cause(m, field_mask(ICR_RXO));
			return MODEL_RX_DROPPED; /* GPRC has no missed packets */
		}
		r = MODEL_RX_TAKEN;
	}
	if (!rxe)
		count_good(m, f, (len < 60 ? 60 : len) + 4);
	return r;
}

enum model_rx m76_wire_in(struct model *m, const void *frame, size_t size, int may_wait,
			  unsigned bad)
{
	if (unlikely(m->phy[PHY_BMCR] & field_mask(PHY_BMCR_LOOPBACK)))
		return may_wait ? MODEL_RX_WAIT : drop(m, DROP_OFF);
	return m76_frame_in(m, frame, size, may_wait, bad);
}

enum model_rx m76_frame_in(struct model *m, const void *frame, size_t size, int may_wait,
			   unsigned bad)
{
	uint32_t len = (uint32_t)size, bytes = (len < 60 ? 60 : len) + 4;
	const uint8_t *f = frame;
	struct parsed p;
	enum l2 l2;

	if (size < 14)
		return drop(m, DROP_SHORT);
	if (!m->link_up || !bus_master(m) || !get_field(m, RCTL, RCTL_RXEN))
		return may_wait ? MODEL_RX_WAIT : drop(m, DROP_OFF);
	if (size > MAX_FRAME - 8) {
		count(m, ROC, 1);
		return drop(m, DROP_OVERSIZE);
	}
	parse_frame(m, f, len, &p);
	if (may_wait && bad == MODEL_FRAME_GOOD && must_wait(m, &p, len))
		return MODEL_RX_WAIT;
	count(m, TPR, 1);
	count_wide(m, TORL, bytes);
	if (!mac_accepts(m, &p, bytes, bad))
		return MODEL_RX_DROPPED;
	if (unlikely(be16_at(f + 12) == 0x8808) && m76_flow_control(m, f, len))
		return drop(m, DROP_CONTROL);
	l2 = m76_filter_address(m, f);
	p.others = l2 != L2_MINE;
	if (l2 == L2_REJECT || (p.tagged && !m76_filter_vlan(m, &p)))
		return drop(m, DROP_FILTER);
	return take(m, f, len, &p, bad == MODEL_FRAME_CRC ? RX_RXE : 0);
}
