/* SPDX-License-Identifier: BSD-2-Clause
 *
 * DMA memory for drivers: regions, addresses, rings. The public half is in nicety/nic.h.
 *
 * Memory comes in regions of REGION_SIZE, aligned to it. A region starts with a header, so from
 * any pointer into it the pool and the IOVA are one mask away. Every region is mapped at the same
 * IOVA into every device that is attached to the memory.
 */
#ifndef MEM_MEM_H
#define MEM_MEM_H

#include "base/types.h"
#include "bus/pci.h"
#include "nicety/nic.h"

#define REGION_SIZE ((uintptr_t)2 << 20)

struct mem_region {
	struct nic_pool *pool;   /* whose buffers lie here, NULL: rings */
	uint64_t iova_offset;    /* IOVA = address + iova_offset */
	struct mem_region *next; /* of the same pool, or of the ring regions */
	struct mem_region *all;  /* of the same nic_mem */
	uint32_t used;           /* rings: bytes handed out, header included */
	uint32_t pieces;         /* rings: pieces handed out and not freed */
	uint32_t slots;          /* pools: buffers in use from this region */
	uint32_t idle;           /* pools: scratch of shrinking */
	int fd;                  /* the file it lies in, mapped MAP_SHARED; -1: private memory */
	uint64_t fd_offset;      /* where in that file */
};

static inline struct mem_region *mem_region(const void *p)
{
	return (struct mem_region *)((uintptr_t)p & ~(REGION_SIZE - 1));
}
/** mem_iova - what the device calls this address of a pool's buffer or of mem_alloc. */
static inline uint64_t mem_iova(const void *p)
{
	return (uintptr_t)p + mem_region(p)->iova_offset;
}

/** mem_iova_offset - IOVA = address + this, for every address; constant while a device is on. */
uint64_t mem_iova_offset(const struct nic_mem *mem);

/**
 * mem_attach - map all regions, present and future, into a device; mem_detach - take them away.
 * A device that wants files (pci_dev.dma_by_fd) makes all memory shared, if it is the first.
 * While no device is attached device addresses may change (pci_ops.dma_place).
 * Return: 0 or -errno, logged; -EBUSY: other devices use private memory already; -EADDRNOTAVAIL:
 * it cannot reach memory where others have it, or where it is.
 */
int mem_attach(struct nic_mem *mem, struct pci_dev *dev);
void mem_detach(struct nic_mem *mem, struct pci_dev *dev);

/** mem_alloc - zeroed DMA memory for rings, @align a power of two, at most 1 MiB; NULL if none. */
void *mem_alloc(struct nic_mem *mem, size_t size, size_t align);
void mem_free(struct nic_mem *mem, void *p);

/* ---- pools, seen by drivers ---- */

#define POOL_HEADROOM 64u /* bytes before a received frame, for the application's headers */
#define POOL_COLOURS  16u /* data starts are staggered over so many cache lines */

struct nic_pool {
	void **stack;    /* (owner) free buffers' data starts; the top is stack[n - 1] */
	uint32_t n;      /* (owner) how many */
	uint32_t count;  /* all buffers */
	uint32_t size;   /* bytes for a frame */
	uintptr_t start; /* what lies in [start, start + span) is this pool's; some regions */
	uintptr_t span;  /* may lie elsewhere */
	uint32_t shift;  /* a slot is 1 << shift bytes, aligned; slot 0 of a region is its header */
	void *returned;  /* (others) list of buffers that other threads freed, linked in their data
			  */
	struct nic_mem *mem;
	struct mem_region *regions;
};

/** pool_home - the data start of the slot of 1 << @shift bytes in which @p lies. */
static inline void *pool_home(uint32_t shift, const void *p)
{
	uintptr_t slot = (uintptr_t)p & -((uintptr_t)1 << shift);
	uintptr_t colour = (uintptr_t)p >> (shift - 6) & (POOL_COLOURS - 1) << 6;

	return (void *)(slot + POOL_HEADROOM + colour);
}
/** pool_collect - take in what other threads returned; owner only. Return: buffers free now. */
uint32_t pool_collect(struct nic_pool *pool);
/**
 * pool_return - give @n buffers to their pools, from any thread. One atomic operation per run of
 * buffers of the same pool. NULL entries are skipped.
 */
void pool_return(void *const *data, unsigned n);

#endif
