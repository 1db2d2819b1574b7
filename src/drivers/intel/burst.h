/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path: write-back descriptors become packet values, packet values become
 * descriptors. No per-packet memory but the two rings, the buffer addresses beside them and the
 * pool's stack. What is rare (bad frames, frames of several buffers, offloads) is out of line.
 *
 * This file is the algorithm, once. What it is made of, four kernels that do a few descriptors at a
 * time, is in burst_c.c in plain C and in burst_sse.c and its like with vectors. Each includes this
 * file:
 *
 *   rx_step      STEP descriptors into packets; how many from the first are one good frame each
 *   tx_step      STEP packets into descriptors; how many from the first are plain
 *   fill_step    addresses from the pool's stack into FILL_STEP descriptors
 *   clean_step   CLEAN_STEP sent buffers back onto the stack; 0: not all are the pool's own
 *
 * What is left over goes one by one through the functions of ring.h, so all variants give the same.
 * TARGET is the functions' attribute, BURST the variant's name. Loops run over stretches of the
 * rings, so that no index wraps inside and the compiler keeps everything in registers.
 */
#include "drivers/intel/ring.h"

#if defined(BURST) && !defined(DRIVERS_INTEL_BURST_H)
#define DRIVERS_INTEL_BURST_H

#define STRETCH TARGET static inline __attribute__((always_inline))

static inline uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Of @n descriptors in a row, how many from the first are one good frame each? They are packets. */
STRETCH uint32_t rx_stretch(struct nic_pkt *out, const union intel_rx_desc *d, void *const *buf,
			    uint32_t n, uint32_t buf_size)
{
	uint32_t i = 0;

	for (; n - i >= STEP; i += STEP) {
		unsigned good = rx_step(out + i, d + i, buf + i, buf_size);

		if (unlikely(good != STEP))
			return i + good;
	}
	while (i < n && intel_rx_one(out + i, d + i, buf[i], buf_size))
		i++;
	return i;
}

/* Of @n packets, how many from the first are plain? They are descriptors. */
STRETCH uint32_t tx_stretch(union intel_tx_desc *d, void **buf, const struct nic_pkt *p, uint32_t n,
			    uint32_t max_frame, uint64_t iova_offset)
{
	uint32_t i = 0;

	for (; n - i >= STEP; i += STEP) {
		unsigned plain = tx_step(d + i, buf + i, p + i, max_frame, iova_offset);

		if (unlikely(plain != STEP))
			return i + plain;
	}
	while (i < n && intel_tx_one(d + i, buf + i, p + i, max_frame, iova_offset))
		i++;
	return i;
}

/* Of @n sent buffers, how many from the first lie in the pool's range? They are on its stack. */
STRETCH uint32_t clean_stretch(void **stack, void *const *buf, uint32_t n, uintptr_t start,
			       uintptr_t span, uint32_t shift)
{
	uint32_t i = 0;

	for (; n - i >= CLEAN_STEP && clean_step(stack + i, buf + i, start, span, shift);)
		i += CLEAN_STEP;
	for (; i < n && (uintptr_t)buf[i] - start < span; i++)
		stack[i] = pool_home(shift, buf[i]);
	return i;
}

/* Post buffers in batches, as long as a batch has room. */
TARGET static inline __attribute__((always_inline)) void fill(struct intel_rxq *q)
{
	struct nic_pool *pool = q->pool;
	uint32_t before = q->fill;

	while (ring_room(q->fill, q->next, q->size) >= INTEL_BATCH) {
		/* a multiple of the batch: no wrap inside */
		uint32_t slot = ring_slot(q->fill, q->size);
		union intel_rx_desc *ring = q->ring + slot;
		void **buf = q->buf + slot, **from;

		if (never(pool->n < INTEL_BATCH) && intel_pool_empty(q))
			break;
		pool->n -= INTEL_BATCH;
		from = pool->stack + pool->n;
		for (unsigned i = 0; i < INTEL_BATCH; i += FILL_STEP)
			fill_step(ring + i, buf + i, from + i, q->iova_offset);
		q->fill += INTEL_BATCH;
	}
	/* Hardware must see the descriptors before the tail that covers them. */
	if (q->fill != before)
		intel_tail(q->nic, q->doorbell, q->tail_reg, ring_slot(q->fill, q->size));
}

TARGET static void burst_fill(struct intel_rxq *q)
{
	fill(q);
}

TARGET static __attribute__((noinline)) unsigned rx_many(struct intel_rxq *q, struct nic_pkt *pkts,
							 unsigned n)
{
	const uint32_t size = q->size, buf_size = q->pool->size, fill_index = q->fill;
	const union intel_rx_desc *const ring = q->ring;
	void *const *const buf = q->buf;
	uint32_t next = q->next, owned = ring_used(fill_index, next);
	unsigned got = 0, end = n < owned ? n : owned;

	while (got < end) {
		uint32_t slot = ring_slot(next, size), n_row = least(end - got, size - slot);
		uint32_t good = rx_stretch(pkts + got, ring + slot, buf + slot, n_row, buf_size);
		int parts;

		got += good;
		next += good;
		if (likely(good == n_row))
			continue;
		/* acquire: hardware writes the status last, the other dwords are read after it */
		if (!(dma_load_acquire32(&ring[slot + good].wb.status) & field_mask(RXD_STAT_DD)))
			break;
		q->next = next;
		parts = intel_rx_odd(q, &pkts[got], n - got, n);
		if (never(parts < 0))
			break;
		got += (unsigned)parts;
		next = q->next;
		owned = ring_used(fill_index, next);
		end = n - got < owned ? n : got + owned;
	}
	q->next = next;
	if (ring_room(fill_index, next, size) >= INTEL_BATCH)
		fill(q);
	return got;
}

/* No packet or one, the common cases when latency counts, without the preparations for many. */
TARGET static unsigned burst_rx(struct nic_rxq *rxq, struct nic_pkt *pkts, unsigned n)
{
	struct intel_rxq *q = container_of(rxq, struct intel_rxq, q);
	const uint32_t size = q->size, next = q->next, slot = ring_slot(next, size);
	const union intel_rx_desc *d = &q->ring[slot];
	/* acquire: hardware writes the status last, the other dwords are read after it */
	uint64_t word = INTEL_RX_WORD(dma_load_acquire64(&d->legacy.word));
	int full = ring_room(q->fill, next, size) < INTEL_BATCH;

	if (full && !(word & field_mask(RXD_STAT_DD)))
		return 0;
	if (!full || !n || !intel_rx_good(word, q->pool->size) ||
	    (n > 1 && dma_load_acquire32(&q->ring[ring_slot(next + 1, size)].wb.status) &
			      field_mask(RXD_STAT_DD)))
		return rx_many(q, pkts, n);
	intel_packet(pkts, d, q->buf[slot], word);
	q->next = next + 1;
	return 1;
}

/* Give back the buffers of what was sent: to the queue's own pool here, others out of line. */
TARGET static inline __attribute__((always_inline)) void clean(struct intel_txq *q)
{
	struct nic_pool *pool = q->pool;
	const uintptr_t start = pool->start, span = pool->span;
	const uint32_t size = q->size;
	void *const *const buf = q->buf;
	/* acquire: the device has read the buffers before it wrote that it is past them */
	uint32_t head = dma_load_acquire32(q->head), i = q->clean;
	uint32_t end = ring_advance(i, head, size);

	if (unlikely(head >= size || ring_used(end, i) > ring_used(q->tail, i)))
		return; /* the device talks nonsense: believe nothing */
	while (i != end) {
		uint32_t slot = ring_slot(i, size), n = least(end - i, size - slot);
		uint32_t own = clean_stretch(pool->stack + pool->n, buf + slot, n, start, span,
					     pool->shift);

		pool->n += own;
		i += own;
		if (never(own != n))
			i = intel_clean_odd(q, i, end);
	}
	q->clean = i;
}

TARGET static unsigned burst_clean(struct nic_txq *txq)
{
	struct intel_txq *q = container_of(txq, struct intel_txq, q);

	clean(q);
	return ring_used(q->tail, q->clean);
}

/* Everything before @tail was put. */
STRETCH void tx_flush(struct intel_txq *q, uint32_t tail)
{
	union intel_tx_desc *last = &q->ring[ring_slot(tail - 1, q->size)];

	q->tail = tail;
	/* Head write-back after the burst's last frame (7.2.3.5.2). */
	last->data.cmd = to_le32(from_le32(last->data.cmd) | field_mask(TXD_RS));
	/* Hardware must see the descriptors before the tail that covers them. */
	intel_tail(q->nic, q->doorbell, q->tail_reg, ring_slot(tail, q->size));
}

TARGET static __attribute__((noinline)) unsigned tx_many(struct intel_txq *q,
							 const struct nic_pkt *pkts, unsigned n)
{
	const uint32_t size = q->size, first = q->tail, max_frame = q->max_frame;
	const uint64_t iova_offset = q->iova_offset;
	union intel_tx_desc *const ring = q->ring;
	void **const buf = q->buf;
	uint32_t tail = first, room;
	unsigned done = 0, end;

	if ((int32_t)(tail - q->look) >= 0 || ring_room(tail, q->clean, size) < n) {
		clean(q);
		q->look = tail + INTEL_BATCH;
	}
	room = ring_room(tail, q->clean, size);
	end = n < room ? n : room;
	while (done < end) {
		uint32_t slot = ring_slot(tail, size), n_row = least(end - done, size - slot);
		uint32_t plain = tx_stretch(ring + slot, buf + slot, pkts + done, n_row, max_frame,
					    iova_offset);
		unsigned parts;

		done += plain;
		tail += plain;
		if (likely(plain == n_row))
			continue;
		q->tail = tail;
		parts = intel_tx_odd(q, pkts + done, n - done);
		if (never(!parts))
			break;
		done += parts;
		tail = q->tail;
		room = ring_room(tail, q->clean, size);
		end = n - done < room ? n : done + room;
	}
	if (tail == first)
		return done;
	tx_flush(q, tail);
	return done;
}

/* One packet alone. */
TARGET static unsigned burst_tx(struct nic_txq *txq, const struct nic_pkt *pkts, unsigned n)
{
	struct intel_txq *q = container_of(txq, struct intel_txq, q);
	uint32_t tail = q->tail, slot = ring_slot(tail, q->size);

	if (n != 1 || (int32_t)(tail - q->look) >= 0 || !ring_room(tail, q->clean, q->size) ||
	    !intel_tx_one(&q->ring[slot], &q->buf[slot], pkts, q->max_frame, q->iova_offset))
		return tx_many(q, pkts, n);
	tx_flush(q, tail + 1);
	return 1;
}

const struct intel_burst BURST = {
	.rx = burst_rx, .fill = burst_fill, .tx = burst_tx, .clean = burst_clean
};

#endif
