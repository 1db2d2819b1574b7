/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A model's way to memory: through pointers that a small TLB remembers, or by copies where the
 * host cannot give pointers. Nothing is reached while the bus master bit is 0. Freestanding.
 */
#ifndef MODELS_INTEL_DMA_H
#define MODELS_INTEL_DMA_H

#include "base/errno.h"
#include "base/memory.h"
#include "models/model.h"

#define TLB_SLOTS 64u
#define TLB_BLOCK (1u << 20) /* addresses that share a TLB entry */

struct tlb { /* addresses from start up to end lie at va; start = end: empty */
	uint64_t start, end;
	uint8_t *va;
};
struct dma {
	struct model_host *host;
	const uint8_t *command; /* low byte of the PCI command register */
	struct tlb tlb[TLB_SLOTS];
};

/** dma_forget - mappings, or the command register, changed. */
void dma_forget(struct dma *d);
uint8_t *dma_slow(struct dma *d, uint64_t iova, size_t len);
int dma_copy_slow(struct dma *d, uint64_t iova, void *buf, size_t len, int to_memory);
int desc_write_slow(struct dma *d, uint64_t iova, const uint64_t *q0, uint64_t q1);
/** word_write - head write-back, status of a TX descriptor. 0, -EFAULT. */
int word_write(struct dma *d, uint64_t iova, uint32_t value);

/** dma_at - pointer to @len bytes in one piece, NULL: not mapped so. */
static inline uint8_t *dma_at(struct dma *d, uint64_t iova, size_t len)
{
	const struct tlb *t = &d->tlb[iova / TLB_BLOCK % TLB_SLOTS];

	if (likely(iova >= t->start && iova + len <= t->end && iova < t->end))
		return t->va + (iova - t->start);
	return dma_slow(d, iova, len);
}

/** dma_copy - to or from memory. 0 or -EFAULT. */
static inline int dma_copy(struct dma *d, uint64_t iova, void *buf, size_t len, int to_memory)
{
	uint8_t *p = dma_at(d, iova, len);

	if (unlikely(!p))
		return dma_copy_slow(d, iova, buf, len, to_memory);
	memcpy(to_memory ? (void *)p : buf, to_memory ? buf : (void *)p, len);
	return 0;
}

/** desc_read - a descriptor. Acquiring the tail made the driver's stores visible. 0, -EFAULT. */
static inline int desc_read(struct dma *d, uint64_t iova, le64 q[2])
{
	const le64 *p = (const le64 *)(const void *)dma_at(d, iova, 16);

	if (unlikely(!p))
		return dma_copy(d, iova, q, 16, 0);
	q[0] = p[0];
	/* A driver polls this one while we look: relaxed, so that it is one access. */
	q[1].raw = __atomic_load_n(&p[1].raw, __ATOMIC_RELAXED);
	return 0;
}

/** desc_put - desc_write through a pointer that dma_at gave. */
static inline void desc_put(le64 *p, const uint64_t *q0, uint64_t q1)
{
	if (q0)
		p[0] = to_le64(*q0);
	dma_store_release64(&p[1], q1);
}

/**
 * desc_write - write a descriptor back; @q0 NULL: quadword 0 stays. Quadword 1 holds DD in all
 * formats: it goes last, and everything before it is seen first. 0, -EFAULT.
 */
static inline int desc_write(struct dma *d, uint64_t iova, const uint64_t *q0, uint64_t q1)
{
	le64 *p = (le64 *)(void *)dma_at(d, iova, 16);

	if (unlikely(!p))
		return desc_write_slow(d, iova, q0, q1);
	desc_put(p, q0, q1);
	return 0;
}

/* ---- tail registers: they live in the host's doorbell memory, at their BAR offset ---- */

/** tail_read - acquires: the descriptors that were stored before it moved are seen. */
uint32_t tail_read(const struct dma *d, uint32_t off);
void tail_write(struct dma *d, uint32_t off, uint32_t value);

/* How a tail moved. Anything but TAIL_FINE breaks a rule, which has the same name on all chips. */
enum tail_move { TAIL_FINE, TAIL_FULL, TAIL_PASSES, TAIL_OUTSIDE };
extern const struct tail_fault {
	const char *rule, *text;
} tail_faults[];

/** tail_watch - look at a tail. @seen: where it was, then where it is, unless that is outside. */
enum tail_move tail_watch(const struct dma *d, uint32_t off, uint32_t *seen, uint32_t head,
			  uint32_t size);

#endif
