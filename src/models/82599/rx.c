/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receiving what the filters let pass: choice of the queue (82599 7.1.2), descriptors (7.1.5,
 * 7.1.6), the packet buffer in between (7.1.3).
 */
#include "models/82599/82599.h"

static enum model_rx drop(struct model *m, enum named_drop why)
{
	m->adv.wire_in++;
	m->adv.drops[why]++;
	return MODEL_RX_DROPPED;
}

static void parse_frame(struct model *m, const uint8_t *f, uint32_t len, struct parsed *p)
{
	packet_parse(f, len, get_field(m, VLNCTRL, VLNCTRL_VET), p);
	if (get_field(m, MRQC, MRQC_MRQE) == MRQC_MRQE_RSS)
		rss_hash(&m->toeplitz, reg(&m->regs, RSSRK), get(m, MRQC), p);
}

/* ---- delivery ---- */

static uint32_t choose_queue(struct model *m, const struct parsed *p)
{
	uint32_t entry = p->hash & 127;

	if (!p->hash_type)
		return 0;
	return get(m, RETA + entry / 4 * 4) >> entry % 4 * 8 & 15;
}

static uint32_t counter_index(struct model *m, uint32_t q)
{
	return get(m, RQSMR + q / 4 * 4) >> q % 4 * 8 & 15;
}

static void count_good(struct model *m, const uint8_t *f, uint32_t bytes)
{
	count(m, GPRC, 1);
	count_wide(m, GORCL, bytes);
	count_size(m, PRC64, bytes);
	count(m, RXNFGPC, 1);
	count_wide(m, RXNFGBCL, bytes);
	if (!(f[0] & 1))
		return;
	count(m, (f[0] & f[1] & f[2] & f[3] & f[4] & f[5]) == 0xff ? BPRC : MPRC, 1);
}

/*
 * A frame that passed all filters, to queue @q. MODEL_RX_WAIT: it needs descriptors that are not
 * there; nothing was done.
 */
static enum model_rx deliver(struct model *m, uint32_t q, const uint8_t *f, uint32_t len,
			     uint32_t status, const struct parsed *p)
{
	struct adv_rx *r = &m->rx[q];
	uint32_t stored = len;
	uint32_t crc = get_field(m, HLREG0, HLREG0_RXCRCSTRP) ? 0 : 4;
	const uint8_t *s = adv_rx_stored(&m->adv, r, f, &stored, p, crc);
	/* Bytes posted to the host, before tags are stripped: with the CRC only if that is. */
	uint32_t bytes = stored + (p->tagged && r->strip ? 4 : 0);
	uint32_t counter = counter_index(m, q);

	if (!adv_rx_room(&m->adv, r, stored))
		return MODEL_RX_WAIT;
	if (p->tagged && r->strip)
		status |= field_mask(RXD_STAT_VP);
	if (!adv_rx_fill(&m->adv, r, s, stored, status | p->status | p->errors, p)) {
		dma_failed(m, "a received frame or its descriptor lies outside mapped memory");
		r->on = 0;
		m->adv.drops[DROP_DMA]++;
		return MODEL_RX_DROPPED;
	}
	m->adv.delivered++;
	count(m, RXDGPC, 1);
	count_wide(m, RXDGBCL, bytes);
	count(m, QPRC + QPRC_stride * counter, 1);
	count_wide(m, QBRC_L + QBRC_L_stride * counter, bytes);
	if (p->errors & (field_mask(RXD_ERR_IPE) | field_mask(RXD_ERR_TCPE)))
		count(m, XEC, 1);
	irq_queue(m, q, 0);
	return MODEL_RX_TAKEN;
}

/* Decide about a good frame that was counted: deliver, drop, or say that it must wait. */
static enum model_rx place(struct model *m, uint32_t q, const uint8_t *f, uint32_t len,
			   const struct parsed *p)
{
	uint32_t status = p->others ? field_mask(RXD_STAT_PIF) : 0;
	enum model_rx r;

	if (!m->rx[q].on) { /* 82599 8.2.3.23.75 counts these as well */
		count(m, QPRDC + 0x40 * counter_index(m, q), 1);
		m->adv.drops[DROP_NO_QUEUE]++;
		return MODEL_RX_DROPPED;
	}
	r = deliver(m, q, f, len, status, p);
	if (r == MODEL_RX_WAIT && m->rx[q].drop) {
		count(m, QPRDC + 0x40 * counter_index(m, q), 1);
		m->adv.drops[DROP_NO_DESC]++;
		return MODEL_RX_DROPPED;
	}
	return r;
}

unsigned fifo_drain(struct model *m)
{
	unsigned n = 0;

	while (fifo_used(&m->fifo) && n < 64) {
		struct parsed p;
		uint8_t *f = m->adv.data;
		uint32_t errors, len = fifo_peek(&m->fifo, f, &errors);

		parse_frame(m, f, len, &p);
		p.errors |= errors;
		p.others = filter_address(m, f) != L2_MINE;
		if (!get_field(m, RXCTRL, RXCTRL_RXEN)) { /* 82599 4.6.7.1.2: off empties it */
			m->adv.drops[DROP_OFF]++;
		} else if (place(m, choose_queue(m, &p), f, len, &p) == MODEL_RX_WAIT) {
			break;
		}
		fifo_drop(&m->fifo, len);
		n++;
	}
	return n;
}

/* Would this frame have to be lost because nothing has room? Then a patient wire keeps it. */
static int must_wait(struct model *m, uint32_t q, uint32_t len)
{
	if (fifo_used(&m->fifo))
		return 1;
	/* stored, it may be longer by its padding and its CRC */
	return m->rx[q].on && !adv_rx_room(&m->adv, &m->rx[q], (len < 60 ? 60 : len) + 4);
}

/* MAC errors: counted; dropped unless software wants bad frames. Return: whether it goes on. */
static int mac_accepts(struct model *m, struct parsed *p, uint32_t bytes, unsigned bad)
{
	if (bytes > size_limit(m, p)) {
		count(m, ROC, 1);
		drop(m, DROP_OVERSIZE);
		return 0;
	}
	if (bad != MODEL_FRAME_CRC)
		return 1;
	count(m, CRCERRS, 1);
	if (!get_field(m, FCTRL, FCTRL_SBP)) {
		drop(m, DROP_CRC);
		return 0;
	}
	p->errors |= field_mask(RXD_ERR_RXE); /* checksums of a broken frame mean nothing */
	p->status = 0;
	return 1;
}

enum model_rx frame_in(struct model *m, const void *frame, size_t size, int may_wait, unsigned bad)
{
	const uint8_t *f = frame;
	uint32_t len = (uint32_t)size, bytes = (len < 60 ? 60 : len) + 4;
	uint32_t room = get_field(m, RXPBSIZE, RXPBSIZE_SIZE) * 1024, q;
	struct parsed p;
	enum model_rx r;
	enum l2 l2;

	if (size < 14)
		return drop(m, DROP_SHORT);
	if (!m->link_up || !bus_master(m) || !get_field(m, RXCTRL, RXCTRL_RXEN))
		return may_wait ? MODEL_RX_WAIT : drop(m, DROP_OFF);
	if (size > MAX_FRAME - 8) {
		count(m, ROC, 1);
		return drop(m, DROP_OVERSIZE);
	}
	parse_frame(m, f, len, &p);
	q = choose_queue(m, &p);
	if (may_wait && bad == MODEL_FRAME_GOOD && must_wait(m, q, len))
		return MODEL_RX_WAIT;
	count(m, TPR, 1);
	count_wide(m, TORL, bytes);
	if (!mac_accepts(m, &p, bytes, bad))
		return MODEL_RX_DROPPED;
	if (unlikely(be16_at(f + 12) == 0x8808) && flow_control_frame(m, f, len))
		return drop(m, DROP_CONTROL);
	l2 = filter_address(m, f);
	p.others = l2 != L2_MINE;
	if (l2 == L2_REJECT || (p.tagged && !filter_vlan(m, &p)))
		return drop(m, DROP_FILTER);
	if (likely(!(p.errors & field_mask(RXD_ERR_RXE))))
		count_good(m, f, bytes);
	m->adv.wire_in++;
	r = !fifo_used(&m->fifo) ? place(m, q, f, len, &p) : MODEL_RX_WAIT;
	if (r != MODEL_RX_WAIT)
		return r;
	if (fifo_put(&m->fifo, f, len, p.errors & field_mask(RXD_ERR_RXE), room))
		return MODEL_RX_TAKEN;
	count(m, RXMPC, 1);
	m->adv.drops[DROP_BUFFER]++;
	irq_other(m, field_mask(EICR_RX_MISS));
	return MODEL_RX_DROPPED;
}
