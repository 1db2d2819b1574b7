/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path: write-back descriptors become packet values, packet values become
 * descriptors. No per-packet memory but the two rings, the buffer addresses beside them and the
 * pool's stack. What is rare (bad frames, frames of several buffers, offloads) is out of line.
 */
#include "drivers/ixgbe/ixgbe.h"

/* A descriptor's bits that become a packet's: see struct nic_pkt. EOP is turned round into MORE. */
#define RX_FLAGS                                                                          \
	(NIC_MORE | NIC_VLAN | NIC_RX_L4_OK | NIC_RX_IP_OK | NIC_RX_OTHERS | NIC_TSTAMP | \
	 (uint32_t)NIC_RX_L4_BAD | NIC_RX_IP_BAD)
#define RX_TYPES                                                                        \
	((uint32_t)(NIC_TYPE_HASH | NIC_TYPE_IPV4 | NIC_TYPE_IPV4_OPT | NIC_TYPE_IPV6 | \
		    NIC_TYPE_IPV6_EXT | NIC_TYPE_TCP | NIC_TYPE_UDP | NIC_TYPE_SCTP))

_Static_assert(FIELD_MASK(RXD_STAT_EOP) == NIC_MORE && FIELD_MASK(RXD_STAT_VP) == NIC_VLAN &&
		       FIELD_MASK(RXD_STAT_L4CS) == NIC_RX_L4_OK &&
		       FIELD_MASK(RXD_STAT_IPCS) == NIC_RX_IP_OK &&
		       FIELD_MASK(RXD_ERR_IPE) == NIC_RX_IP_BAD,
	       "packet flags are descriptor bits (82599 7.1.6.2)");

static inline void to_packet(struct nic_pkt *p, const union ixgbe_rx_desc *d, void *data,
			     uint32_t status)
{
	uint32_t len_vlan = from_le32(d->wb.length_vlan);

	p->data = data;
	p->len = (uint16_t)len_vlan;
	p->vlan = (uint16_t)(len_vlan >> 16);
	p->flags = (status & RX_FLAGS) ^ NIC_MORE;
	p->hash = from_le32(d->wb.hash);
	p->type = from_le32(d->wb.type) & RX_TYPES;
}

/* Post buffers in batches, as long as a batch has room. */
void ixgbe_rx_fill(struct ixgbe_rxq *q)
{
	struct nic_pool *pool = q->pool;
	uint32_t before = q->fill;

	while (ring_room(q->fill, q->next, q->size) >= BATCH) {
		uint32_t slot =
			ring_slot(q->fill, q->size); /* a multiple of BATCH: no wrap inside */

		if (pool->n < BATCH && pool_collect(pool) < BATCH) {
			q->no_buffer++;
			break;
		}
		for (uint32_t i = slot; i < slot + BATCH; i++) {
			void *buf = pool->stack[--pool->n];

			q->buf[i] = buf;
			q->ring[i].read.addr = to_le64(mem_iova(buf));
			q->ring[i].read.header = to_le64(0); /* clears DD as well */
		}
		q->fill += BATCH;
	}
	if (q->fill == before)
		return;
	/* Hardware must see the descriptors before the tail that covers them. */
	if (q->doorbell)
		doorbell_ring(q->doorbell, ring_slot(q->fill, q->size));
	else
		bar_write(q->dev->nic.pci, ixgbe_rxq(RDT, q->index), ring_slot(q->fill, q->size));
}

/* Give the buffers of @n received descriptors back to the pool: a dropped frame. */
static void drop(struct ixgbe_rxq *q, uint32_t n)
{
	for (; n; n--, q->next++)
		q->pool->stack[q->pool->n++] = q->buf[ring_slot(q->next, q->size)];
}

/*
 * The frame at q->next is not one good buffer. Hand over all its parts, or drop it.
 * Return: elements filled, 0 = dropped, -1 = stop here: the rest of it is yet to come, or there is
 * no room for it after other frames (@room of the caller's @n elements are left).
 */
static __attribute__((noinline, cold)) int rx_odd(struct ixgbe_rxq *q, struct nic_pkt *out,
						  uint32_t room, uint32_t n)
{
	uint32_t parts = 0, status = 0, bad = 0;

	do {
		const union ixgbe_rx_desc *d;
		uint32_t len;

		if (parts == ring_used(q->fill, q->next) || parts == MAX_PARTS)
			break;
		d = &q->ring[ring_slot(q->next + parts, q->size)];
		status = dma_load_acquire32(&d->wb.status);
		if (!(status & field_mask(RXD_STAT_DD)))
			return -1;
		len = from_le32(d->wb.length_vlan) & 0xffff;
		bad |= len - 1 >= q->pool->size;
		if (parts < room)
			to_packet(&out[parts], d, q->buf[ring_slot(q->next + parts, q->size)],
				  status);
		parts++;
	} while (!(status & field_mask(RXD_STAT_EOP)));
	/* No end in sight: more parts than the longest frame has, or the ring is too small for it.
	 */
	bad |= !(status & field_mask(RXD_STAT_EOP));
	bad |= status & field_mask(RXD_ERR_RXE);
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

unsigned ixgbe_rx(struct nic_rxq *rxq, struct nic_pkt *pkts, unsigned n)
{
	struct ixgbe_rxq *q = container_of(rxq, struct ixgbe_rxq, q);
	const uint32_t good = field_mask(RXD_STAT_EOP);
	unsigned got = 0;

	if (unlikely(q->path != NULL))
		return 0;
	while (got < n && ring_used(q->fill, q->next)) {
		uint32_t slot = ring_slot(q->next, q->size);
		const union ixgbe_rx_desc *d = &q->ring[slot];
		/* acquire: hardware writes the status last, the other dwords are read after it */
		uint32_t status = dma_load_acquire32(&d->wb.status);

		if (!(status & field_mask(RXD_STAT_DD)))
			break;
		to_packet(&pkts[got], d, q->buf[slot], status);
		if (unlikely((status & (good | field_mask(RXD_ERR_RXE))) != good ||
			     pkts[got].len - 1u >= q->pool->size)) {
			int parts = rx_odd(q, &pkts[got], n - got, n);

			if (parts < 0)
				break;
			got += (unsigned)parts;
			continue;
		}
		q->next++;
		got++;
	}
	if (ring_room(q->fill, q->next, q->size) >= BATCH)
		ixgbe_rx_fill(q);
	return got;
}

/* Packets that need more than one plain data descriptor, or that no NIC can send. */
#define TX_ODD \
	(NIC_MORE | NIC_VLAN | NIC_TX_IP | NIC_TX_TCP | NIC_TX_UDP | NIC_TX_SCTP | NIC_TX_SEGMENT)

unsigned ixgbe_tx(struct nic_txq *txq, const struct nic_pkt *pkts, unsigned n)
{
	struct ixgbe_txq *q = container_of(txq, struct ixgbe_txq, q);
	const uint32_t cmd = field_of(TXD_DTYP, TXD_DTYP_DATA) | field_mask(TXD_DEXT) |
			     field_mask(TXD_EOP) | field_mask(TXD_IFCS);
	uint32_t first = q->tail;
	union ixgbe_tx_desc *last;
	unsigned done = 0;

	if (unlikely(q->path != NULL))
		return 0;
	if (ring_used(q->tail, q->clean) >= 2 * BATCH || ring_room(q->tail, q->clean, q->size) < n)
		ixgbe_tx_clean(txq);
	while (done < n) {
		const struct nic_pkt *p = &pkts[done];
		uint32_t slot = ring_slot(q->tail, q->size);

		if (unlikely(p->flags & TX_ODD ||
			     p->len - MIN_FRAME > q->dev->max_frame - MIN_FRAME)) {
			unsigned parts = ixgbe_tx_odd(q, p, n - done);

			if (!parts)
				break;
			done += parts;
			continue;
		}
		if (!ring_room(q->tail, q->clean, q->size))
			break;
		q->buf[slot] = p->data;
		q->ring[slot].data.addr = to_le64(mem_iova(p->data));
		q->ring[slot].data.cmd = to_le32(cmd | p->len);
		q->ring[slot].data.status = to_le32(field_of(TXD_PAYLEN, p->len));
		q->tail++;
		done++;
	}
	if (q->tail == first)
		return done;
	/* Head write-back after the burst's last frame (7.2.3.5.2). */
	last = &q->ring[ring_slot(q->tail - 1, q->size)];
	last->data.cmd = to_le32(from_le32(last->data.cmd) | field_mask(TXD_RS));
	/* Hardware must see the descriptors before the tail that covers them. */
	if (q->doorbell)
		doorbell_ring(q->doorbell, ring_slot(q->tail, q->size));
	else
		bar_write(q->dev->nic.pci, ixgbe_txq(TDT, q->index), ring_slot(q->tail, q->size));
	return done;
}

/* Give back the buffers of what was sent: to the queue's own pool directly, else in batches. */
unsigned ixgbe_tx_clean(struct nic_txq *txq)
{
	struct ixgbe_txq *q = container_of(txq, struct ixgbe_txq, q);
	struct nic_pool *pool = q->pool;
	void *foreign[BATCH];
	unsigned n = 0;
	/* acquire: the device has read the buffers before it wrote that it is past them */
	uint32_t head = dma_load_acquire32(q->head), end;

	if (q->path)
		return 0;
	end = ring_advance(q->clean, head, q->size);
	if (unlikely(head >= q->size || ring_used(end, q->clean) > ring_used(q->tail, q->clean)))
		return ring_used(q->tail,
				 q->clean); /* the device talks nonsense: believe nothing */
	for (; q->clean != end; q->clean++) {
		void *buf = q->buf[ring_slot(q->clean, q->size)];

		if (unlikely(!buf))
			continue; /* a context descriptor */
		if (mem_region(buf)->pool == pool) {
			pool->stack[pool->n++] = pool_home(pool, buf);
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
