/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path: write-back descriptors become packet values, packet values become
 * descriptors. No per-packet memory but the two rings, the buffer addresses beside them and the
 * pool's stack. What is rare (bad frames, frames of several buffers, offloads) is out of line.
 *
 * This file is the algorithm, once. burst_c.c compiles it as it stands; burst_sse.c and its like
 * define STEP and four kernels that do as much for STEP descriptors at a time, and include it:
 *
 *   rx_step      descriptors into packets; says how many from the first are one good frame each
 *   tx_step      packets into descriptors; says how many from the first were plain
 *   fill_step    addresses from the pool's stack into FILL_STEP descriptors
 *   clean_step   CLEAN_STEP sent buffers back onto the stack, if all are the pool's own
 *
 * Whatever a kernel does not want goes through the plain code, so all variants give the same.
 * TARGET is the functions' attribute, BURST the variant's name. STATUS turns a status dword into
 * the layout of the 82599; chips that need it have only the plain code.
 */
#include "drivers/intel/ring.h"

#ifndef STATUS
#define STATUS(status) (status)
#endif

#if defined(BURST) && !defined(DRIVERS_INTEL_BURST_H)
#define DRIVERS_INTEL_BURST_H

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

		if (unlikely(pool->n < INTEL_BATCH) && intel_pool_empty(q))
			break;
		pool->n -= INTEL_BATCH;
		from = pool->stack + pool->n;
#ifdef STEP
		for (unsigned i = 0; i < INTEL_BATCH; i += FILL_STEP)
			fill_step(ring + i, buf + i, from + i, q->iova_offset);
#else
		for (unsigned i = 0; i < INTEL_BATCH; i++) {
			buf[i] = from[i];
			ring[i].read.addr = to_le64((uintptr_t)from[i] + q->iova_offset);
			ring[i].read.header = to_le64(0); /* clears DD as well */
		}
#endif
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

TARGET static unsigned burst_rx(struct nic_rxq *rxq, struct nic_pkt *pkts, unsigned n)
{
	struct intel_rxq *q = container_of(rxq, struct intel_rxq, q);
	const uint32_t size = q->size, buf_size = q->pool->size;
	uint32_t next = q->next, owned = ring_used(q->fill, next);
	unsigned got = 0, end = n < owned ? n : owned;

	while (got < end) {
		uint32_t slot = ring_slot(next, size), status;
		int parts;

#ifdef STEP
		if (likely(end - got >= STEP && size - slot >= STEP)) {
			unsigned good =
				rx_step(pkts + got, q->ring + slot, q->buf + slot, buf_size);

			got += good;
			next += good;
			if (likely(good == STEP))
				continue;
			slot += good;
		}
#endif
		/* acquire: hardware writes the status last, the other dwords are read after it */
		status = STATUS(dma_load_acquire32(&q->ring[slot].wb.status));
		if (!(status & field_mask(RXD_STAT_DD)))
			break;
		intel_packet(&pkts[got], &q->ring[slot], q->buf[slot], status);
		if (likely((status & INTEL_RX_JUDGED) == INTEL_RX_GOOD &&
			   pkts[got].len - 1u < buf_size)) {
			next++;
			got++;
			continue;
		}
		q->next = next;
		parts = intel_rx_odd(q, &pkts[got], n - got, n);
		if (parts < 0)
			break;
		got += (unsigned)parts;
		next = q->next;
		owned = ring_used(q->fill, next);
		end = n - got < owned ? n : got + owned;
	}
	q->next = next;
	if (ring_room(q->fill, next, size) >= INTEL_BATCH)
		fill(q);
	return got;
}

/* Give back the buffers of what was sent: to the queue's own pool here, others out of line. */
TARGET static inline __attribute__((always_inline)) void clean(struct intel_txq *q)
{
	struct nic_pool *pool = q->pool;
	const uintptr_t start = pool->start, span = pool->span;
	/* acquire: the device has read the buffers before it wrote that it is past them */
	uint32_t head = dma_load_acquire32(q->head), i = q->clean;
	uint32_t end = ring_advance(i, head, q->size);

	if (unlikely(head >= q->size || ring_used(end, i) > ring_used(q->tail, i)))
		return; /* the device talks nonsense: believe nothing */
	while (i != end) {
		uint32_t slot = ring_slot(i, q->size);
		uintptr_t buf = (uintptr_t)q->buf[slot];

		if (unlikely(buf - start >= span)) {
			i = intel_clean_odd(q, i, end);
			continue;
		}
#ifdef STEP
		if (likely(ring_used(end, i) >= CLEAN_STEP && q->size - slot >= CLEAN_STEP &&
			   clean_step(pool->stack + pool->n, q->buf + slot, start, span,
				      pool->shift))) {
			pool->n += CLEAN_STEP;
			i += CLEAN_STEP;
			continue;
		}
#endif
		pool->stack[pool->n++] = pool_home(pool, (void *)buf);
		i++;
	}
	q->clean = i;
}

TARGET static unsigned burst_clean(struct nic_txq *txq)
{
	struct intel_txq *q = container_of(txq, struct intel_txq, q);

	clean(q);
	return ring_used(q->tail, q->clean);
}

TARGET static unsigned burst_tx(struct nic_txq *txq, const struct nic_pkt *pkts, unsigned n)
{
	struct intel_txq *q = container_of(txq, struct intel_txq, q);
	const uint32_t size = q->size, first = q->tail;
	uint32_t tail = first, room;
	union intel_tx_desc *last;
	unsigned done = 0, end;

	if (ring_used(tail, q->clean) >= 2 * INTEL_BATCH || ring_room(tail, q->clean, size) < n)
		clean(q);
	room = ring_room(tail, q->clean, size);
	end = n < room ? n : room;
	while (done < end) {
		const struct nic_pkt *p = &pkts[done];
		uint32_t slot = ring_slot(tail, size);
		unsigned parts;

#ifdef STEP
		if (likely(end - done >= STEP && size - slot >= STEP)) {
			unsigned plain = tx_step(q->ring + slot, q->buf + slot, p, q->max_frame,
						 q->iova_offset);

			done += plain;
			tail += plain;
			if (likely(plain == STEP))
				continue;
			p += plain;
			slot += plain;
		}
#endif
		if (likely(!(p->flags & INTEL_TX_ODD) &&
			   p->len - INTEL_MIN_FRAME <= q->max_frame - INTEL_MIN_FRAME)) {
			q->buf[slot] = p->data;
			q->ring[slot].data.addr = to_le64((uintptr_t)p->data + q->iova_offset);
			q->ring[slot].data.cmd = to_le32(INTEL_TX_CMD | p->len);
			q->ring[slot].data.status = to_le32(field_of(TXD_PAYLEN, p->len));
			tail++;
			done++;
			continue;
		}
		q->tail = tail;
		parts = intel_tx_odd(q, p, n - done);
		if (!parts)
			break;
		done += parts;
		tail = q->tail;
		room = ring_room(tail, q->clean, size);
		end = n - done < room ? n : done + room;
	}
	if (tail == first)
		return done;
	q->tail = tail;
	/* Head write-back after the burst's last frame (7.2.3.5.2). */
	last = &q->ring[ring_slot(tail - 1, size)];
	last->data.cmd = to_le32(from_le32(last->data.cmd) | field_mask(TXD_RS));
	/* Hardware must see the descriptors before the tail that covers them. */
	intel_tail(q->nic, q->doorbell, q->tail_reg, ring_slot(tail, size));
	return done;
}

const struct intel_burst BURST = {
	.rx = burst_rx, .fill = burst_fill, .tx = burst_tx, .clean = burst_clean
};

#endif
