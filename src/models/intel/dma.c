/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory access of the models, where the TLB does not have it; tail registers.
 */
#include "models/intel/dma.h"

#define BUS_MASTER 4

uint8_t *dma_slow(struct dma *d, uint64_t iova, size_t len)
{
	struct tlb *t = &d->tlb[iova / TLB_BLOCK % TLB_SLOTS];
	uint64_t start = iova / TLB_BLOCK * TLB_BLOCK;
	size_t left = 0;
	uint8_t *va;

	if (!(*d->command & BUS_MASTER) || !len)
		return NULL;
	/* The whole block, if it is mapped from its start on; else what lies behind @iova. */
	va = d->host->dma_ptr(d->host, start, 1, &left);
	if (!va || iova + len > start + left) {
		start = iova;
		va = d->host->dma_ptr(d->host, start, len, &left);
	}
	if (!va)
		return NULL;
	*t = (struct tlb) { start, start + left, va };
	return va + (iova - start);
}

int dma_copy_slow(struct dma *d, uint64_t iova, void *buf, size_t len, int to_memory)
{
	if (!(*d->command & BUS_MASTER))
		return -EFAULT;
	if (!len) /* an empty buffer may have any address; the host is not asked */
		return 0;
	return to_memory ? d->host->dma_write(d->host, iova, buf, len)
			 : d->host->dma_read(d->host, iova, buf, len);
}

int desc_write_slow(struct dma *d, uint64_t iova, const uint64_t *q0, uint64_t q1)
{
	le64 first = to_le64(q0 ? *q0 : 0), last = to_le64(q1);

	if (q0 && dma_copy(d, iova, &first, 8, 1))
		return -EFAULT;
	return dma_copy(d, iova + 8, &last, 8, 1);
}

int word_write(struct dma *d, uint64_t iova, uint32_t value)
{
	le32 *p = (le32 *)(void *)dma_at(d, iova, 4), copy = to_le32(value);

	if (!p)
		return dma_copy(d, iova, &copy, 4, 1);
	dma_store_release32(p, value);
	return 0;
}

void dma_forget(struct dma *d)
{
	memset(d->tlb, 0, sizeof(d->tlb));
}

/* ---- tails ---- */

const struct tail_fault tail_faults[] = {
	[TAIL_FULL] = { "ring-full",
			"a tail was moved onto the head: hardware takes the full ring for "
			"an empty one" },
	[TAIL_PASSES] = { "tail-passes-head", "a tail was moved past the head: hardware's own "
					      "descriptors were given again" },
	[TAIL_OUTSIDE] = { "tail-outside", "a tail lies outside its ring" },
};

/* acquire: pairs with the driver's doorbell; its descriptors are visible behind it */
uint32_t tail_read(const struct dma *d, uint32_t off)
{
	return from_le32(
		(le32) { __atomic_load_n(&d->host->doorbells[off / 4], __ATOMIC_ACQUIRE) });
}

void tail_write(struct dma *d, uint32_t off, uint32_t value)
{
	if (d->host->doorbells)
		__atomic_store_n(&d->host->doorbells[off / 4], to_le32(value).raw,
				 __ATOMIC_RELEASE);
}

/*
 * Software may give hardware descriptors up to, but not including, the one at the head: equal
 * pointers mean that hardware has none (82599 7.1.9, 7.2.3.3; 82540EM 3.2.6).
 */
enum tail_move tail_watch(const struct dma *d, uint32_t off, uint32_t *seen, uint32_t head,
			  uint32_t size)
{
	uint32_t tail = tail_read(d, off), owned, added;

	if (tail == *seen)
		return TAIL_FINE;
	if (tail >= size)
		return TAIL_OUTSIDE;
	owned = (*seen + size - head) % size;
	added = (tail + size - *seen) % size;
	*seen = tail;
	return owned + added == size ? TAIL_FULL : owned + added > size ? TAIL_PASSES : TAIL_FINE;
}
