/* SPDX-License-Identifier: BSD-2-Clause
 *
 * DMA memory from inside: chunks and regions, between mem.c, place.c and pool.c only.
 */
#ifndef MEM_REGION_H
#define MEM_REGION_H

#include <pthread.h>

#include "mem/mem.h"
#include "mem/pages.h"

struct attached {
	struct pci_dev *dev;
	struct attached *next;
};

/* What one mmap gave: one region, or a 1 GiB page cut into 512. */
struct chunk {
	char *base;
	size_t len;
	int fd;        /* -1: private */
	uint8_t *busy; /* one per region */
	unsigned n_busy;
	struct chunk *next; /* in the order of addresses */
};

struct nic_mem {
	pthread_mutex_t lock;
	struct mem_pages arena; /* pages are mapped over it as they are needed */
	size_t page, limit, taken;
	uint64_t iova_base; /* of the arena's first byte */
	/* By physical address: which it is of a page, and that of the arena's first byte. */
	int (*phys)(const void *va, size_t len, uint64_t *phys);
	uint64_t phys_base;
	struct chunk *chunks;
	struct mem_region *rings;   /* regions that mem_alloc hands out pieces of */
	struct mem_region *regions; /* all, for devices that come later: linked by .all */
	struct attached *devs;
};

/** mem_region_new - a region mapped into all devices, header zeroed but for iova_offset; NULL. */
struct mem_region *mem_region_new(struct nic_mem *mem);
void mem_region_del(struct nic_mem *mem, struct mem_region *r);

/**
 * mem_share - put all memory where @dev can reach it, if it wants a file (pci_dev.dma_by_fd,
 * .dma_file). With the lock held. 0; -errno, for the most part logged.
 */
int mem_share(struct nic_mem *mem, const struct pci_dev *dev);

/** mem_place_chunk - map pages for a new chunk. @link: where to enter it. 0 or -errno. */
int mem_place_chunk(struct nic_mem *mem, struct chunk *c, struct chunk ***link);
/** mem_place_check - can all devices reach it there? With physical addresses they know only now. */
int mem_place_check(struct nic_mem *mem, const struct chunk *c);
/**
 * mem_place_settle - while nobody has device addresses, choose the constant so that @dev reaches
 * all memory there is: what it wants of one piece moves all. 0 or -errno, logged.
 */
int mem_place_settle(struct nic_mem *mem, struct pci_dev *dev);

/**
 * mem_by_phys - from now on pages lie in the address space as they do physically, so that their
 * device addresses can be physical ones. @phys: mem_phys, or a test's. Before the first page.
 */
void mem_by_phys(struct nic_mem *mem, int (*phys)(const void *va, size_t len, uint64_t *phys));

#endif
