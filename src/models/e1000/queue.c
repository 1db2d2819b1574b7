/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Ring registers (82540EM 13.4.25 to 13.4.29, 13.4.36 to 13.4.40), and rings going on and off with
 * RCTL.EN and TCTL.EN: these chips have no switch for one queue. Heads live in the ring, tails in
 * the host's doorbell memory, everything else in the register file.
 */
#include "models/e1000/e1000.h"

static struct ring *ring_of(struct model *m, uint32_t off)
{
	uint32_t q = (off - (off < TDBAL ? RDBAL : TDBAL)) / RDT_stride;

	return off < TDBAL ? &m->rx[q] : &m->tx[q].ring;
}

static uint32_t first_of(const struct model *m, const struct ring *r)
{
	for (uint32_t q = 0; q < QUEUES; q++) {
		if (r == &m->rx[q])
			return e1000_queue(RDBAL, q);
		if (r == &m->tx[q].ring)
			return e1000_queue(TDBAL, q);
	}
	return 0;
}

int e1k_queue_owns(const struct model *m, uint32_t off)
{
	uint32_t in = off % RDT_stride, block = off - in;

	for (uint32_t q = 0; q < queues(m); q++)
		if (block == e1000_queue(RDBAL, q) || block == e1000_queue(TDBAL, q))
			return in <= RDLEN - RDBAL || in == RDH - RDBAL || in == RDT - RDBAL;
	return 0;
}

void e1k_queue_reset(struct model *m)
{
	for (uint32_t q = 0; q < QUEUES; q++) {
		m->rx[q] = (struct ring) { .tail = e1000_queue(RDT, q) };
		memset(&m->tx[q], 0, sizeof(m->tx[q]));
		m->tx[q].ring.tail = e1000_queue(TDT, q);
		tail_write(&m->dma, m->rx[q].tail, 0);
		tail_write(&m->dma, m->tx[q].ring.tail, 0);
	}
	m->rx_on = m->tx_on = m->extended = 0;
	memset(m->split, 0, sizeof(m->split));
	m->buffer = 2048;
}

uint32_t e1k_queue_read(struct model *m, uint32_t off)
{
	uint32_t in = off % RDT_stride;

	if (in == RDT - RDBAL)
		return tail_read(&m->dma, off);
	if (in == RDH - RDBAL)
		return ring_of(m, off)->head;
	return get(m, off);
}

int64_t e1k_watch(struct model *m, struct ring *r)
{
	uint32_t before = r->seen;
	enum tail_move move = tail_watch(&m->dma, r->tail, &r->seen, r->head, r->size);

	if (unlikely(move))
		e1k_violate(m, tail_faults[move].rule,
			    move == TAIL_OUTSIDE ? "82540EM 13.4.29" : "82540EM 3.2.6",
			    tail_faults[move].text);
	if (r->tail < TDBAL && r->seen != before && r->seen % units(m))
		e1k_violate(m, "split-odd-index", "82574 7.1",
			    "a tail points into a descriptor of packet split: they count two");
	return move == TAIL_OUTSIDE ? -1 : (int64_t)r->seen;
}

/* What base and length registers say becomes the ring; a length of 0 leaves it off. */
static void ring_on(struct model *m, struct ring *r)
{
	uint32_t first = first_of(m, r), len = get(m, first + (RDLEN - RDBAL));

	r->base = get(m, first) | (uint64_t)get(m, first + 4) << 32;
	r->size = len / 16;
	r->seen = r->head;
	if (r->size && r->head >= r->size) {
		e1k_violate(m, "head-outside", "82540EM 13.4.28", "a head lies outside its ring");
		r->head = r->seen = 0;
	}
	if (r->tail < TDBAL && r->head % units(m)) {
		e1k_violate(m, "split-odd-index", "82574 7.1",
			    "a head points into a descriptor of packet split: they count two");
		r->head = r->seen = r->head - 1;
	}
	if (r->size)
		e1k_watch(m, r);
}

static void receiver(struct model *m)
{
	uint32_t rctl = get(m, RCTL), size = 2048u >> field_get(rctl, RCTL_BSIZE);
	int on = (int)field_get(rctl, RCTL_EN);

	if (field_get(rctl, RCTL_BSEX))
		size *= 16;
	m->buffer = size > 16384 ? 2048 : size;
	m->extended = m->pcie && get_field(m, RFCTL, RFCTL_EXTEN);
	e1k_split_on(m);
	if (on && !m->rx_on) {
		e1k_check_receiver(m);
		for (uint32_t q = 0; q < queues(m); q++)
			ring_on(m, &m->rx[q]);
	}
	m->rx_on = on;
}

void e1k_control(struct model *m)
{
	int on = (int)get_field(m, TCTL, TCTL_EN);

	receiver(m);
	if (on && !m->tx_on) {
		e1k_check_transmitter(m);
		for (uint32_t q = 0; q < queues(m); q++) {
			ring_on(m, &m->tx[q].ring);
			m->tx[q].stuck = 0;
			m->tx[q].segments_sent = 0;
		}
	}
	m->tx_on = on;
}

static void write_length(struct model *m, uint32_t off, uint32_t value)
{
	if (value % 128 || value > 0xfff80)
		e1k_violate(m, "ring-length", "82540EM 13.4.27",
			    "a ring's length is over 1 MiB or not a multiple of 128 bytes");
	*reg(&m->regs, off) = value & 0xfff80;
}

/* Return: 1 if the ring has another place or length now. */
static int write_ring(struct model *m, struct ring *r, uint32_t off, uint32_t value)
{
	switch (off % RDT_stride) {
	case 0:
		if (value % 16)
			e1k_violate(m, "ring-alignment", "82540EM 13.4.25",
				    "the ring is not 16-byte aligned");
		*reg(&m->regs, off) = value & ~15u;
		return 1;
	case RDLEN - RDBAL:
		write_length(m, off, value);
		return 1;
	case RDH - RDBAL:
		r->head = r->seen = value & 0xffff;
		return 1;
	}
	*reg(&m->regs, off) = value;
	return off % RDT_stride == RDBAH - RDBAL;
}

/*
 * While the unit is on a ring's registers are followed at once: Linux's e1000e switches the
 * 82574L's receiver on before it sets up its rings, and that works.
 */
void e1k_queue_write(struct model *m, uint32_t off, uint32_t value)
{
	struct ring *r = ring_of(m, off);
	int on = off < TDBAL ? m->rx_on : m->tx_on;

	/* 82540EM 13.4.28: only after a reset and before the unit is enabled. */
	if (on && off != r->tail && off % RDT_stride != RDT - RDBAL)
		e1k_violate(m, "ring-while-enabled", "82540EM 13.4.28",
			    "a ring's base, length or head was written while its unit is on");
	if (off % RDT_stride == RDT - RDBAL) {
		tail_write(&m->dma, off, value);
		if (on && r->size)
			e1k_watch(m, r);
		else if (on)
			e1k_violate(m, "tail-without-ring", "82540EM 14.4",
				    "a tail was moved of a ring that had no length when its unit "
				    "was enabled");
	} else if (write_ring(m, r, off, value) && on) {
		ring_on(m, r);
	}
}
