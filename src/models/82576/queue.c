/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Queue registers: 82576 4.5.9, 4.5.10, 8.10, 8.12. Head pointers live in the queue, tails in the
 * host's doorbell memory, everything else in the register file.
 *
 * A queue is on while its ENABLE bit and the unit (RCTL.RXEN, TCTL.EN) both are. It reads its ring
 * registers the first time that both are on after ENABLE was written.
 */
#include "models/82576/82576.h"

enum { /* offsets within a queue's block */
       BAL = 0x00,
       BAH = 0x04,
       LEN = 0x08,
       SRR = 0x0c,
       HEAD = 0x10,
       TAIL = 0x18,
       CTL = 0x28,
       WBAL = 0x38,
       WBAH = 0x3c,
};

static int is_rx(uint32_t off, uint32_t *q)
{
	*q = (off - RDBAL) / 0x40;
	return off >= RDBAL && off < RDBAL + QUEUES * 0x40;
}

static int is_tx(uint32_t off, uint32_t *q)
{
	*q = (off - TDBAL) / 0x40;
	return off >= TDBAL && off < TDBAL + QUEUES * 0x40;
}

int m76_queue_owns(uint32_t off)
{
	uint32_t q, in = off % 0x40;
	int both = in == BAL || in == BAH || in == LEN || in == HEAD || in == TAIL || in == CTL;

	if (is_rx(off, &q))
		return both || in == SRR;
	return is_tx(off, &q) && (both || in == WBAL || in == WBAH);
}

int m76_is_tail(uint32_t off)
{
	uint32_t q;

	return off % 0x40 == TAIL && (is_rx(off, &q) || is_tx(off, &q));
}

/* 82576 8.10.10, 8.12.13: the queues numbered 0 are on after a reset. */
void m76_queue_reset(struct model *m)
{
	memset(m->rx, 0, sizeof(m->rx));
	memset(m->tx, 0, sizeof(m->tx));
	m->rx_latched = m->tx_latched = 0;
	m->tx_on = 0;
	*reg(&m->regs, RXDCTL) |= field_mask(RXDCTL_ENABLE);
	*reg(&m->regs, TXDCTL) |= field_mask(TXDCTL_ENABLE);
	for (uint32_t q = 0; q < QUEUES; q++) {
		adv_set_tail(&m->adv, igb_queue(RDT, q), 0);
		adv_set_tail(&m->adv, igb_queue(TDT, q), 0);
	}
}

uint32_t m76_queue_read(struct model *m, uint32_t off)
{
	uint32_t q, in = off % 0x40, enable = field_mask(RXDCTL_ENABLE);
	int rx = is_rx(off, &q);

	if (!rx)
		is_tx(off, &q);
	if (in == TAIL)
		return adv_tail(&m->adv, off);
	if (in == HEAD)
		return rx ? m->rx[q].head : m->tx[q].head;
	if (in == CTL && !(rx ? get_field(m, RCTL, RCTL_RXEN) : get_field(m, TCTL, TCTL_EN)))
		return get(m, off) & ~enable;
	return get(m, off);
}

/* ---- switching on and off ---- */

static void check_ring(struct model *m, uint32_t base)
{
	uint32_t len = get(m, base + LEN);

	if (!bus_master(m))
		m76_violate(m, "no-bus-master", "82576 9",
			    "a queue is on while PCI command bit 2 forbids DMA");
	if (!len || len % 128 || len > 0xfff80)
		m76_violate(
			m, "ring-length", "82576 8.10.7",
			"a queue is on (queue 0 is after a reset) whose ring length is 0 or not "
			"a multiple of 128 bytes");
	if (adv_tail(&m->adv, base + TAIL))
		m76_violate(m, "tail-before-enable", "82576 4.5.9",
			    "the tail is not 0 when the queue goes on");
}

static void rx_latch(struct model *m, uint32_t q)
{
	uint32_t base = igb_queue(RDBAL, q), srrctl = get(m, base + SRR);
	uint32_t kib = field_get(srrctl, SRRCTL_BSIZEPACKET);
	uint32_t type = field_get(srrctl, SRRCTL_DESCTYPE);
	struct adv_rx *r = &m->rx[q];

	check_ring(m, base);
	if (type > SRRCTL_DESCTYPE_ADV_ONE_BUFFER)
		m76_violate(m, "header-split", "82576 8.10.2",
			    "this model has no header split: SRRCTL.DESCTYPE must be 0 or 1");
	r->base = get(m, base + BAL) | (uint64_t)get(m, base + BAH) << 32;
	r->size = get(m, base + LEN) / 16;
	r->buffer = kib ? kib * 1024 : 2048u >> get_field(m, RCTL, RCTL_BSIZE);
	r->legacy = type == SRRCTL_DESCTYPE_LEGACY;
	r->drop = (int)field_get(srrctl, SRRCTL_DROP_EN);
	r->tail = base + TAIL;
	r->seen = adv_tail(&m->adv, r->tail);
}

static void tx_latch(struct model *m, uint32_t q)
{
	uint32_t base = igb_queue(TDBAL, q), ctl = get(m, base + CTL), wb = get(m, base + WBAL);
	uint32_t reordered = get(m, igb_queue(TXCTL, q)) & field_mask(TXCTL_DESC_WRO_EN);
	struct adv_tx *t = &m->tx[q];

	check_ring(m, base);
	if (field_get(ctl, TXDCTL_PTHRESH) && !field_get(ctl, TXDCTL_HTHRESH))
		m76_violate(m, "hthresh-zero", "82576 8.12.13", "PTHRESH is used with HTHRESH 0");
	t->use_head_wb = (int)field_get(wb, TDWBAL_HEAD_WB_EN);
	t->head_wb = (wb & ~3u) | (uint64_t)get(m, base + WBAH) << 32;
	if (t->use_head_wb && field_get(ctl, TXDCTL_WTHRESH))
		m76_violate(m, "wthresh-with-head-wb", "82576 7.2.3",
			    "WTHRESH must be 0 with head write-back");
	if (t->use_head_wb && reordered)
		m76_violate(m, "head-wb-reordered", "82576 8.13",
			    "head write-backs may overtake each other: clear TXCTL bit 11");
	t->base = get(m, base + BAL) | (uint64_t)get(m, base + BAH) << 32;
	t->size = get(m, base + LEN) / 16;
	t->index = q;
	t->tail = base + TAIL;
	t->seen = adv_tail(&m->adv, t->tail);
	t->stuck = 0;
	t->segments_sent = 0;
	t->context_set[0] = t->context_set[1] = 0;
}

static void rx_update(struct model *m, uint32_t q)
{
	int enable = get(m, igb_queue(RXDCTL, q)) & field_mask(RXDCTL_ENABLE) ? 1 : 0;
	int on = enable && get_field(m, RCTL, RCTL_RXEN);

	if (!enable)
		m->rx_latched &= ~(1u << q);
	if (on && !(m->rx_latched >> q & 1)) {
		rx_latch(m, q);
		m->rx_latched |= 1u << q;
	}
	m->rx[q].on = on && m->rx[q].size;
}

static void tx_update(struct model *m, uint32_t q)
{
	int enable = get(m, igb_queue(TXDCTL, q)) & field_mask(TXDCTL_ENABLE) ? 1 : 0;
	int on = enable && get_field(m, TCTL, TCTL_EN);

	if (!enable)
		m->tx_latched &= ~(1u << q);
	if (on && !(m->tx_latched >> q & 1)) {
		tx_latch(m, q);
		m->tx_latched |= 1u << q;
	}
	m->tx[q].on = on && m->tx[q].size;
	m->tx_on = (m->tx_on & ~(1u << q)) | (uint32_t)m->tx[q].on << q;
}

void m76_queues_update(struct model *m)
{
	for (uint32_t q = 0; q < QUEUES; q++) {
		rx_update(m, q);
		tx_update(m, q);
	}
}

/* ---- writes ---- */

/*
 * 82576 8.10.9: a tail written while its queue is off is ignored. While ENABLE is set and only the
 * unit is off it is kept: igb's self-test, which passes on silicon, reads it back then.
 */
static void write_tail(struct model *m, uint32_t off, uint32_t value, uint32_t q, int rx,
		       int enabled)
{
	if (rx ? m->rx[q].on : m->tx[q].on) {
		adv_set_tail(&m->adv, off, value);
		if (rx)
			adv_rx_watch(&m->adv, &m->rx[q]);
		else
			adv_tx_watch(&m->adv, &m->tx[q]);
		return;
	}
	/* on before, and only its unit was switched off: igb, going down, may refill it still */
	if (value && !((rx ? m->rx_latched : m->tx_latched) >> q & 1))
		m76_violate(m, "tail-before-enable", "82576 4.5.9",
			    "a tail was moved before the queue's ENABLE bit read 1");
	adv_set_tail(&m->adv, off, enabled ? value & 0xffff : 0);
}

void m76_queue_write(struct model *m, uint32_t off, uint32_t value)
{
	uint32_t q, in = off % 0x40;
	int rx = is_rx(off, &q), enabled;

	if (!rx)
		is_tx(off, &q);
	enabled = get(m, off - in + CTL) & field_mask(RXDCTL_ENABLE) ? 1 : 0;
	if (enabled && in != TAIL && in != CTL && in != SRR)
		m76_violate(m, "ring-while-enabled", "82576 4.5.9",
			    "a ring's base, length, head or write-back address was written while "
			    "ENABLE is set, as it is for queue 0 after a reset");
	switch (in) {
	case BAL:
		if (value % 128)
			m76_violate(m, "ring-alignment", "82576 8.10.5",
				    "the ring is not 128-byte aligned");
		value &= ~127u;
		break;
	case HEAD:
		if (rx)
			m->rx[q].head = value & 0xffff;
		else
			m->tx[q].head = value & 0xffff;
		return;
	case TAIL:
		write_tail(m, off, value, q, rx, enabled);
		return;
	case CTL:
		*reg(&m->regs, off) = value & ~field_mask(RXDCTL_SWFLUSH); /* clears by itself */
		if (rx)
			rx_update(m, q);
		else
			tx_update(m, q);
		return;
	case SRR:
		m->rx[q].drop = (int)field_get(value, SRRCTL_DROP_EN);
		if (m->rx[q].on && (value ^ get(m, off)) & ~field_mask(SRRCTL_DROP_EN))
			m76_violate(m, "srrctl-while-enabled", "82576 8.10.2",
				    "SRRCTL changed while the queue is on");
		break;
	}
	*reg(&m->regs, off) = value;
}
