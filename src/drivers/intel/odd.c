/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What is rare on the packet path, but for what offload.c sends: frames received in several
 * buffers, bad ones, foreign buffers, an empty pool, a tail without a memory window.
 */
#include "drivers/intel/ring.h"

#define MAX_RX_PARTS 17 /* descriptors of one received frame: 16 KiB in 1 KiB buffers, and one */

int intel_pool_empty(struct intel_rxq *q)
{
	int empty = pool_collect(q->pool) < INTEL_BATCH;

	q->no_buffer += (uint64_t)empty;
	return empty;
}

void intel_tail_register(struct nic *nic, uint32_t reg, uint32_t slot)
{
	bar_write(nic->pci, reg, slot);
}

uint32_t intel_clean_odd(struct intel_txq *q, uint32_t i, uint32_t end)
{
	struct nic_pool *pool = q->pool;
	void *others[INTEL_BATCH];
	unsigned n = 0;

	for (; i != end; i++) {
		void *buf = q->buf[ring_slot(i, q->size)];

		if ((uintptr_t)buf - pool->start < pool->span)
			break;
		if (!buf)
			continue; /* a context descriptor */
		if (mem_region(buf)->pool == pool) {
			pool->stack[pool->n++] = pool_home(pool->shift, buf);
			continue;
		}
		others[n++] = buf;
		if (n == INTEL_BATCH) {
			pool_return(others, n);
			n = 0;
		}
	}
	pool_return(others, n);
	return i;
}

/* Give the buffers of @n received descriptors back to the pool: a dropped frame. */
static void drop(struct intel_rxq *q, uint32_t n)
{
	for (; n; n--, q->next++)
		q->pool->stack[q->pool->n++] = q->buf[ring_slot(q->next, q->size)];
}

int intel_rx_odd(struct intel_rxq *q, struct nic_pkt *out, uint32_t room, uint32_t n)
{
	uint32_t parts = 0, status = 0, bad = 0;

	do {
		const union intel_rx_desc *d;
		uint64_t word;
		uint32_t len;

		if (parts == ring_used(q->fill, q->next) || parts == MAX_RX_PARTS)
			break;
		d = &q->ring[ring_slot(q->next + parts, q->size)];
		/* acquire: hardware writes the status last */
		word = dma_load_acquire64(&d->legacy.word);
		word = q->gigabit ? intel_gigabit(word) : word;
		status = (uint32_t)word;
		if (!(status & field_mask(RXD_STAT_DD)))
			return -1;
		len = word >> 32 & 0xffff;
		bad |= len - 1 >= q->pool->size;
		if (parts < room)
			intel_packet(&out[parts], d, q->buf[ring_slot(q->next + parts, q->size)],
				     word);
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
