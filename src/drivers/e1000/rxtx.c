/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path: descriptors become packet values, packet values become legacy descriptors. What
 * is rare (bad frames, frames of several buffers, offloads, padding) is out of line.
 */
#include "drivers/e1000/e1000.h"

_Static_assert(FIELD_MASK(RXD_EOP) == NIC_MORE && FIELD_MASK(RXD_VP) == NIC_VLAN &&
		       FIELD_MASK(RXD_TCPCS) == NIC_RX_L4_OK &&
		       FIELD_MASK(RXD_IPCS) == NIC_RX_IP_OK &&
		       FIELD_MASK(RXD_PIF) == NIC_RX_OTHERS &&
		       FIELD_MASK(RXD_TCPE) << 17 == NIC_RX_L4_BAD &&
		       FIELD_MASK(RXD_IPE) << 17 == NIC_RX_IP_BAD,
	       "packet flags are descriptor bits (82540EM 3.2.3)");

static inline void to_packet(struct nic_pkt *p, const struct e1000_rxq *q, uint32_t slot,
			     uint64_t word, int extended)
{
	uint32_t status = e1000_status(word, extended);

	p->data = q->buf[slot];
	p->len = e1000_length(word, extended);
	p->vlan = (uint16_t)(word >> RXX_VLAN_SHIFT);
	p->flags = e1000_rx_flags(status) | ((status & NIC_MORE) ^ NIC_MORE);
	p->hash = p->type = 0;
	if (extended) { /* the write-back lies over the address */
		uint64_t first = from_le64(q->ring[slot].addr);

		p->hash = (uint32_t)(first >> RXX_HASH_SHIFT);
		p->type = (uint32_t)(first & RXX_RSS_TYPE);
	}
}

/* Post buffers in batches, as long as a batch has room. */
void e1000_rx_fill(struct e1000_rxq *q)
{
	struct nic_pool *pool = q->pool;
	uint32_t before = q->fill;

	while (ring_room(q->fill, q->next, q->size) >= BATCH) {
		/* a multiple of BATCH: no wrap inside */
		uint32_t slot = ring_slot(q->fill, q->size);

		if (pool->n < BATCH && pool_collect(pool) < BATCH) {
			q->no_buffer++;
			break;
		}
		for (uint32_t i = slot; i < slot + BATCH; i++) {
			void *buf = pool->stack[--pool->n];

			q->buf[i] = buf;
			q->ring[i].addr = to_le64(mem_iova(buf));
			q->ring[i].word = to_le64(0); /* clears DD */
		}
		q->fill += BATCH;
	}
	if (q->fill == before)
		return;
	/* Hardware must see the descriptors before the tail that covers them. */
	if (q->doorbell)
		doorbell_ring(q->doorbell, ring_slot(q->fill, q->size));
	else
		bar_write(q->dev->nic.pci, e1000_queue(RDT, q->index), ring_slot(q->fill, q->size));
}

/* Give the buffers of @n received descriptors back to the pool: a dropped frame. */
static void drop(struct e1000_rxq *q, uint32_t n)
{
	for (; n; n--, q->next++)
		q->pool->stack[q->pool->n++] = q->buf[ring_slot(q->next, q->size)];
}

/*
 * The frame at q->next is not one good buffer. Hand over all its parts, or drop it.
 * Return: elements filled, 0 = dropped, -1 = stop here: the rest of it is yet to come, or there is
 * no room for it after other frames (@room of the caller's @n elements are left).
 */
static __attribute__((noinline, cold)) int rx_odd(struct e1000_rxq *q, struct nic_pkt *out,
						  uint32_t room, uint32_t n)
{
	uint32_t parts = 0, status = 0, bad = 0;
	int extended = q->dev->extended;

	do {
		uint32_t slot = ring_slot(q->next + parts, q->size);
		uint64_t word;

		if (parts == ring_used(q->fill, q->next) || parts == MAX_PARTS)
			break;
		word = dma_load_acquire64(&q->ring[slot].word);
		status = e1000_status(word, extended);
		if (!(status & field_mask(RXD_DD)))
			return -1;
		bad |= e1000_length(word, extended) - 1u >= q->pool->size;
		if (parts < room)
			to_packet(&out[parts], q, slot, word, extended);
		parts++;
	} while (!(status & field_mask(RXD_EOP)));
	/* No end in sight: more parts than the longest frame has, or the ring is too small. */
	bad |= !(status & field_mask(RXD_EOP));
	bad |= status & RX_ERRORS;
	if (!bad && parts > room && room < n)
		return -1;
	if (bad || parts > room) {
		q->bad += bad != 0;
		q->too_long += bad == 0;
		drop(q, parts);
		return 0;
	}
	q->next += parts;
	return (int)parts;
}

unsigned e1000_rx(struct nic_rxq *rxq, struct nic_pkt *pkts, unsigned n)
{
	struct e1000_rxq *q = container_of(rxq, struct e1000_rxq, q);
	int extended = q->dev->extended;
	unsigned got = 0;

	if (unlikely(q->path != NULL))
		return 0;
	while (got < n && ring_used(q->fill, q->next)) {
		uint32_t slot = ring_slot(q->next, q->size), status;
		/* acquire: hardware writes this word last, everything else is read after it */
		uint64_t word = dma_load_acquire64(&q->ring[slot].word);

		status = e1000_status(word, extended);
		if (!(status & field_mask(RXD_DD)))
			break;
		if (unlikely((status & (field_mask(RXD_EOP) | RX_ERRORS)) != field_mask(RXD_EOP) ||
			     e1000_length(word, extended) - 1u >= q->pool->size)) {
			int parts = rx_odd(q, &pkts[got], n - got, n);

			if (parts < 0)
				break;
			got += (unsigned)parts;
			continue;
		}
		to_packet(&pkts[got], q, slot, word, extended);
		q->next++;
		got++;
	}
	if (ring_room(q->fill, q->next, q->size) >= BATCH)
		e1000_rx_fill(q);
	return got;
}

/* Ask for a report when the newest descriptor was sent (82540EM 3.3.3.1, RS). */
void e1000_tx_mark(struct e1000_txq *q)
{
	struct e1000_desc *last = &q->ring[ring_slot(q->tail - 1, q->size)];

	if (q->last_mark == q->tail - 1)
		return;
	q->last_mark = q->tail - 1;
	q->marks[ring_slot(q->marked++, q->size)] = q->last_mark;
	last->word = to_le64(from_le64(last->word) | field_mask(TXD_RS));
}

/* Packets that need more than one plain descriptor, or that no NIC can send. */
#define TX_ODD \
	(NIC_MORE | NIC_VLAN | NIC_TX_IP | NIC_TX_TCP | NIC_TX_UDP | NIC_TX_SCTP | NIC_TX_SEGMENT)

unsigned e1000_tx(struct nic_txq *txq, const struct nic_pkt *pkts, unsigned n)
{
	struct e1000_txq *q = container_of(txq, struct e1000_txq, q);
	const uint32_t cmd = field_mask(TXD_EOP) | field_mask(TXD_IFCS), least = q->dev->plain_min;
	uint32_t first = q->tail;
	unsigned done = 0;

	if (unlikely(q->path != NULL))
		return 0;
	if (ring_used(q->tail, q->clean) >= 2 * BATCH || ring_room(q->tail, q->clean, q->size) < n)
		e1000_tx_clean(txq);
	while (done < n) {
		const struct nic_pkt *p = &pkts[done];
		uint32_t slot = ring_slot(q->tail, q->size);

		if (unlikely(p->flags & TX_ODD || p->len - least > q->dev->max_frame - least ||
			     q->after_tso)) {
			unsigned parts = e1000_tx_odd(q, p, n - done);

			if (!parts)
				break;
			done += parts;
		} else {
			if (!ring_room(q->tail, q->clean, q->size))
				break;
			q->buf[slot] = p->data;
			q->ring[slot].addr = to_le64(mem_iova(p->data));
			q->ring[slot].word = to_le64(cmd | p->len);
			q->tail++;
			done++;
		}
		if (ring_used(q->tail - 1, q->last_mark) >= BATCH)
			e1000_tx_mark(q);
	}
	if (q->tail == first)
		return done;
	e1000_tx_mark(q);
	/* Hardware must see the descriptors before the tail that covers them. */
	if (q->doorbell)
		doorbell_ring(q->doorbell, ring_slot(q->tail, q->size));
	else
		bar_write(q->dev->nic.pci, e1000_queue(TDT, q->index), ring_slot(q->tail, q->size));
	return done;
}

/* How far the device is: up to the newest mark that it has reported. */
static uint32_t sent(struct e1000_txq *q)
{
	uint32_t end = q->clean;

	while (ring_used(q->marked, q->reported)) {
		uint32_t mark = q->marks[ring_slot(q->reported, q->size)];
		/* acquire: the device has read the buffers before it wrote DD */
		uint64_t word = dma_load_acquire64(&q->ring[ring_slot(mark, q->size)].word);

		if (!(word >> 32 & field_mask(TXD_DD)))
			break;
		end = mark + 1;
		q->reported++;
	}
	return end;
}

/* Give back the buffers of what was sent: to the queue's own pool directly, else in batches. */
unsigned e1000_tx_clean(struct nic_txq *txq)
{
	struct e1000_txq *q = container_of(txq, struct e1000_txq, q);
	struct nic_pool *pool = q->pool;
	void *foreign[BATCH];
	unsigned n = 0;
	uint32_t end;

	if (q->path)
		return 0;
	for (end = sent(q); q->clean != end; q->clean++) {
		void *buf = q->buf[ring_slot(q->clean, q->size)];

		if (unlikely(!buf))
			continue; /* a context descriptor, or not a buffer's last piece */
		if (mem_region(buf)->pool == pool) {
			pool->stack[pool->n++] = pool_home(pool->shift, buf);
			continue;
		}
		foreign[n++] = buf;
		if (n == BATCH) {
			pool_return(foreign, n);
			n = 0;
		}
	}
	pool_return(foreign, n);
	return ring_used(q->tail, q->clean);
}
