/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Queue registers: 82599 4.6.7.1, 4.6.8.1, 8.2.3.8, 8.2.3.9. Head pointers live in the queue, tails
 * in the host's doorbell memory, everything else in the register file.
 */
#include "models/82599/82599.h"

#define LOW_RX  0x1000u
#define HIGH_RX 0xd000u
#define TX      0x6000u

enum { /* offsets within a queue's block */
       BAL = 0x00,
       BAH = 0x04,
       LEN = 0x08,
       HEAD = 0x10,
       SRR = 0x14,
       TAIL = 0x18,
       CTL = 0x28,
       WBAL = 0x38,
       WBAH = 0x3c,
};

static int is_rx(uint32_t off, uint32_t *q)
{
	if (off >= LOW_RX && off < LOW_RX + 64 * 0x40) {
		*q = (off - LOW_RX) / 0x40;
		return 1;
	}
	if (off >= HIGH_RX && off < HIGH_RX + 64 * 0x40) {
		*q = 64 + (off - HIGH_RX) / 0x40;
		return 1;
	}
	return 0;
}

static int is_tx(uint32_t off, uint32_t *q)
{
	*q = (off - TX) / 0x40;
	return off >= TX && off < TX + 128 * 0x40;
}

int queue_owns(uint32_t off)
{
	uint32_t q, in = off % 0x40;

	if (is_rx(off, &q))
		return in == BAL || in == BAH || in == LEN || in == HEAD || in == SRR ||
		       in == TAIL || in == CTL;
	if (is_tx(off, &q))
		return in == BAL || in == BAH || in == LEN || in == HEAD || in == TAIL ||
		       in == CTL || in == WBAL || in == WBAH;
	return 0;
}

int is_tail(uint32_t off)
{
	uint32_t q;

	return off % 0x40 == TAIL && (is_rx(off, &q) || is_tx(off, &q));
}

void queue_reset(struct model *m)
{
	memset(m->rx, 0, sizeof(m->rx));
	memset(m->tx, 0, sizeof(m->tx));
	m->rx_on[0] = m->rx_on[1] = m->tx_on[0] = m->tx_on[1] = 0;
	for (uint32_t q = 0; q < QUEUES; q++) {
		adv_set_tail(&m->adv, ixgbe_rxq(RDT, q), 0);
		adv_set_tail(&m->adv, ixgbe_txq(TDT, q), 0);
	}
}

uint32_t queue_read(struct model *m, uint32_t off)
{
	uint32_t q, in = off % 0x40;

	if (in == TAIL)
		return adv_tail(&m->adv, off);
	if (in == HEAD)
		return is_rx(off, &q) ? m->rx[q].head : (is_tx(off, &q), m->tx[q].head);
	/* 82599 8.2.3.8.3: bits 6:0 are 0. What was written is judged when the queue goes on. */
	return in == LEN ? get(m, off) & 0xfff80 : get(m, off);
}

/* ---- what is checked when a queue is switched on ---- */

static void check_ring(struct model *m, uint32_t base_off)
{
	uint32_t len = get(m, base_off + LEN);

	if (!bus_master(m))
		violate(m, "no-bus-master", "82599 9.3.3",
			"a queue is switched on while PCI command bit 2 forbids DMA");
	if (!len || len % 128 || len > 128 << 10)
		violate(m, "ring-length", "82599 8.2.3.8.3",
			"ring length is 0, over 128 KiB or not a multiple of 128 bytes");
	if (adv_tail(&m->adv, base_off + TAIL))
		violate(m, "tail-before-enable", "82599 4.6.7.1",
			"the tail is not 0 when the queue is switched on");
}

static void rx_enable(struct model *m, uint32_t q, uint32_t off)
{
	uint32_t base = off - CTL, srrctl = get(m, base + SRR);
	struct adv_rx *r = &m->rx[q];
	uint32_t type = field_get(srrctl, SRRCTL_DESCTYPE);

	check_ring(m, base);
	if (!field_get(srrctl, SRRCTL_BSIZEPACKET))
		violate(m, "rx-buffer-size", "82599 8.2.3.8.7", "SRRCTL.BSIZEPACKET is 0");
	if (type > 1)
		violate(m, "header-split", "82599 7.1.10",
			"header split and replication are unreliable on this chip");
	if (get(m, ixgbe_rxq(DCA_RXCTRL, q)) & field_mask(DCA_RXCTRL_MUST_BE_0))
		violate(m, "dca-rxctrl-bit12", "82599 8.2.3.11.1",
			"DCA_RXCTRL bit 12 must be cleared before the queue is switched on");
	r->base = get(m, base + BAL) | (uint64_t)get(m, base + BAH) << 32;
	r->size = get(m, base + LEN) / 16;
	r->buffer = field_get(srrctl, SRRCTL_BSIZEPACKET) * 1024;
	r->legacy = type == SRRCTL_DESCTYPE_LEGACY;
	r->drop = (int)field_get(srrctl, SRRCTL_DROP_EN);
	r->strip = (int)field_get(get(m, off), RXDCTL_VME);
	r->tail = base + TAIL;
	r->seen = adv_tail(&m->adv, base + TAIL);
	r->on = r->size && r->buffer;
	if (r->on)
		m->rx_on[q / 64] |= (uint64_t)1 << q % 64;
}

static void tx_enable(struct model *m, uint32_t q, uint32_t off)
{
	uint32_t base = off - CTL, ctl = get(m, off), wb = get(m, base + WBAL);
	struct adv_tx *t = &m->tx[q];
	uint32_t p = field_get(ctl, TXDCTL_PTHRESH), h = field_get(ctl, TXDCTL_HTHRESH);
	uint32_t w = field_get(ctl, TXDCTL_WTHRESH);

	check_ring(m, base);
	if (!get_field(m, DMATXCTL, DMATXCTL_TE))
		violate(m, "te-before-queue", "82599 4.6.8",
			"a TX queue is switched on while DMATXCTL.TE is 0");
	if (p && !h)
		violate(m, "hthresh-zero", "82599 7.2.3.4.1", "PTHRESH is used with HTHRESH 0");
	if (p + w > 40)
		violate(m, "thresholds", "82599 7.2.3.4.1",
			"PTHRESH + WTHRESH is more than the 40 descriptors on the chip");
	if (w && wb & 1)
		violate(m, "wthresh-with-head-wb", "82599 7.2.3.5.2",
			"WTHRESH must be 0 with head write-back");
	t->head_wb = (wb & ~3u) | (uint64_t)get(m, base + WBAH) << 32;
	t->use_head_wb = wb & 1;
	if (t->use_head_wb && t->head_wb % 16)
		violate(m, "head-wb-alignment", "82599 8.2.3.9.11",
			"the head write-back address is not 16-byte aligned");
	if (t->use_head_wb && get(m, ixgbe_txq(DCA_TXCTRL, q)) & field_mask(DCA_TXCTRL_DESC_WRO_EN))
		violate(m, "head-wb-reordered", "82599 8.2.3.11.2",
			"head write-backs may overtake each other: clear DCA_TXCTRL bit 11");
	t->base = get(m, base + BAL) | (uint64_t)get(m, base + BAH) << 32;
	t->size = get(m, base + LEN) / 16;
	t->index = q;
	t->tail = base + TAIL;
	t->seen = adv_tail(&m->adv, base + TAIL);
	t->on = t->size != 0;
	t->stuck = 0;
	t->segments_sent = 0;
	t->context_set[0] = t->context_set[1] = 0;
	if (t->on)
		m->tx_on[q / 64] |= (uint64_t)1 << q % 64;
}

static void write_control(struct model *m, uint32_t off, uint32_t value)
{
	uint32_t q, enable = field_mask(RXDCTL_ENABLE), was = get(m, off) & enable;

	*reg(&m->regs, off) = value & ~field_mask(TXDCTL_SWFLSH); /* clears by itself */
	if (is_rx(off, &q)) {
		if (!was && value & enable)
			rx_enable(m, q, off);
		if (was && !(value & enable)) {
			m->rx[q].on = 0;
			m->rx_on[q / 64] &= ~((uint64_t)1 << q % 64);
		}
		m->rx[q].strip = (int)field_get(value, RXDCTL_VME);
		return;
	}
	is_tx(off, &q);
	if (!was && value & enable)
		tx_enable(m, q, off);
	if (was && !(value & enable)) {
		m->tx[q].on = 0;
		m->tx_on[q / 64] &= ~((uint64_t)1 << q % 64);
	}
}

static void write_tail(struct model *m, uint32_t off, uint32_t value, uint32_t q, int rx)
{
	int on = rx ? m->rx[q].on : m->tx[q].on;

	if (!on && value)
		violate(m, "tail-before-enable", "82599 4.6.7.1",
			"a tail was moved before the queue's ENABLE bit read 1");
	adv_set_tail(&m->adv, off, value);
	if (!on)
		return;
	if (rx)
		adv_rx_watch(&m->adv, &m->rx[q]);
	else
		adv_tx_watch(&m->adv, &m->tx[q]);
}

void queue_write(struct model *m, uint32_t off, uint32_t value)
{
	uint32_t q, in = off % 0x40;
	int rx = is_rx(off, &q), on;

	if (!rx)
		is_tx(off, &q);
	on = rx ? m->rx[q].on : m->tx[q].on;
	if (on && (in == BAL || in == BAH || in == LEN || in == HEAD || in == WBAL || in == WBAH))
		violate(m, "ring-while-enabled", "82599 4.6.7.1",
			"a ring's base, length, head or write-back address changed while it is on");
	switch (in) {
	case BAL:
		if (value % 128)
			violate(m, "ring-alignment", "82599 8.2.3.8.1",
				"the ring is not 128-byte aligned");
		*reg(&m->regs, off) = value & ~127u;
		return;
	case HEAD:
		if (rx)
			m->rx[q].head = value & 0xffff;
		else
			m->tx[q].head = value & 0xffff;
		return;
	case TAIL:
		write_tail(m, off, value, q, rx);
		return;
	case CTL:
		write_control(m, off, value);
		return;
	case SRR:
		if (rx) {
			m->rx[q].drop = (int)field_get(value, SRRCTL_DROP_EN);
			if (on && (value ^ get(m, off)) & ~field_mask(SRRCTL_DROP_EN))
				violate(m, "srrctl-while-enabled", "82599 4.6.7.1",
					"SRRCTL changed while the queue is on");
		}
		break;
	}
	*reg(&m->regs, off) = value;
}
