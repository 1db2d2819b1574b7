/* SPDX-License-Identifier: BSD-2-Clause
 *
 * DMA memory: regions of 2 MiB from hugepages or ordinary pages, mapped at the same IOVA into all
 * attached devices. All regions of one nic_mem lie in one reserved range of addresses, the arena,
 * so that addresses and IOVAs differ by one constant: the packet path adds it and looks nothing
 * up. IOVAs are ours to choose (VFIO and the models translate): they start at 4 GiB and stay below
 * 39 bits, the narrowest IOMMU in the field, and they differ from the virtual address, so that a
 * driver that mixes the two up fails at the first packet. Devices may have a say (dma_place): an
 * IOMMU has holes, and then the constant changes or pieces of the arena stay empty. Where nobody
 * translates (by_phys) pages are moved to where they are physically, but for a constant.
 */
#include "mem/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "mem/phys.h"
#include "mem/region.h"

#define IOVA_BASE ((uint64_t)4 << 30)
#define RING_START                                                                    \
	128u /* the header's share of a ring region, and the strictest ring alignment \
	      */

_Static_assert(sizeof(struct mem_region) <= RING_START, "rings begin behind the header");

/*
 * Are there hugepages of @page bytes? If so all memory is shared from the start: for them it makes
 * no difference.
 */
static int probe_pages(struct nic_mem *mem, size_t page)
{
	int fd;

	mem->arena.shared = 1;
	if (page <= mem->arena.len &&
	    !mem_pages_map(&mem->arena, mem->arena.base, page, page, &fd)) {
		mem_pages_unmap(&mem->arena, mem->arena.base, page, fd);
		return 1;
	}
	mem->arena.shared = 0;
	return 0;
}

/* Whether the configuration makes sense, and its page size, 0: the best there is. */
static int check_config(const struct nic_mem_config *cfg, size_t *page)
{
	*page = cfg ? cfg->page_size : 0;
	if (*page && *page != 4096 && *page != REGION_SIZE && *page != MEM_GIGABYTE) {
		log_error("page size %zu is not one of 4096, 2097152, 1073741824 (0 = best)",
			  *page);
		return -EINVAL;
	}
	if (cfg && cfg->physical && (*page == 4096 || cfg->shared)) {
		log_error("memory by physical address wants hugepages, and cannot be shared");
		return -EINVAL;
	}
	if (cfg && cfg->physical && !*page)
		*page = REGION_SIZE;
	return 0;
}

int nic_mem_new(struct nic_mem **out, const struct nic_mem_config *cfg)
{
	struct nic_mem *mem;
	size_t page;
	int err = check_config(cfg, &page);

	if (err)
		return err;
	mem = calloc(1, sizeof(*mem));
	if (!mem)
		return -ENOMEM;
	if (mem_pages_init(&mem->arena, page == MEM_GIGABYTE ? MEM_GIGABYTE : REGION_SIZE,
			   cfg && cfg->limit ? cfg->limit : SIZE_MAX)) {
		log_error("no address space for DMA memory: raise ulimit -v");
		free(mem);
		return -ENOMEM;
	}
	if (page > 4096 && !probe_pages(mem, page)) {
		log_error("no hugepage of %zu bytes is free; reserve some: echo 64 > "
			  "/sys/kernel/mm/hugepages/hugepages-%zukB/nr_hugepages",
			  page, page >> 10);
		mem_pages_free(&mem->arena);
		free(mem);
		return -ENOMEM;
	}
	if (!page)
		page = probe_pages(mem, REGION_SIZE) ? REGION_SIZE : 4096;
	pthread_mutex_init(&mem->lock, NULL);
	mem->page = page;
	mem->arena.shared |= cfg && cfg->shared;
	mem->iova_base = IOVA_BASE;
	if (cfg && cfg->physical)
		mem_by_phys(mem, mem_phys);
	mem->limit = cfg && cfg->limit ? cfg->limit : SIZE_MAX;
	*out = mem;
	return 0;
}

static void chunk_del(struct nic_mem *mem, struct chunk *c)
{
	struct chunk **p = &mem->chunks;

	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	mem_pages_unmap(&mem->arena, c->base, c->len, c->fd);
	mem->taken -= c->len;
	free(c->busy);
	free(c);
}

void nic_mem_del(struct nic_mem *mem)
{
	if (!mem)
		return;
	if (mem->devs)
		log_error("nic_mem_del while device %s is open", mem->devs->dev->name);
	while (mem->chunks)
		chunk_del(mem, mem->chunks);
	mem_pages_free(&mem->arena);
	pthread_mutex_destroy(&mem->lock);
	free(mem);
}

size_t nic_mem_page(const struct nic_mem *mem)
{
	return mem->page;
}

void mem_by_phys(struct nic_mem *mem, int (*phys)(const void *va, size_t len, uint64_t *phys))
{
	struct mem_pages sparse;

	mem->phys = phys;
	/* pages will lie where they are physically: make room, while nothing is there */
	if (!mem->chunks &&
	    !mem_pages_init(&sparse, mem->page == MEM_GIGABYTE ? MEM_GIGABYTE : REGION_SIZE, 0)) {
		mem_pages_free(&mem->arena);
		mem->arena = sparse;
	}
	mem->arena.shared = 0;
}

uint64_t mem_iova_offset(const struct nic_mem *mem)
{
	return mem->iova_base - (uintptr_t)mem->arena.base;
}

static struct chunk *chunk_new(struct nic_mem *mem)
{
	size_t len = mem->page == MEM_GIGABYTE ? MEM_GIGABYTE : REGION_SIZE;
	struct chunk *c, **link;

	if (mem->taken > mem->limit || mem->limit - mem->taken < len)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->len = len;
	c->busy = calloc(len / REGION_SIZE, 1);
	if (!c->busy || mem_place_chunk(mem, c, &link)) {
		free(c->busy);
		free(c);
		return NULL;
	}
	c->next = *link;
	*link = c;
	mem->taken += len;
	if (!mem_place_check(mem, c))
		return c;
	chunk_del(mem, c);
	return NULL;
}

static void unmap_from(struct mem_region *r, struct attached *from, const struct attached *to)
{
	for (struct attached *a = from; a != to; a = a->next)
		a->dev->ops->dma_unmap(a->dev, (uintptr_t)r + r->iova_offset, REGION_SIZE);
}

static void region_release(struct nic_mem *mem, struct mem_region *r)
{
	struct chunk *c = mem->chunks;

	while ((uintptr_t)r - (uintptr_t)c->base >= c->len)
		c = c->next;
	c->busy[((uintptr_t)r - (uintptr_t)c->base) / REGION_SIZE] = 0;
	if (--c->n_busy == 0)
		chunk_del(mem, c);
}

/* Called with the lock held. */
static struct mem_region *region_get(struct nic_mem *mem)
{
	struct chunk *c = mem->chunks;
	struct mem_region *r;
	size_t i = 0;

	while (c && c->n_busy == c->len / REGION_SIZE)
		c = c->next;
	if (!c)
		c = chunk_new(mem);
	if (!c)
		return NULL;
	while (c->busy[i])
		i++;
	c->busy[i] = 1;
	c->n_busy++;
	r = (struct mem_region *)(void *)(c->base + i * REGION_SIZE);
	memset(r, 0, sizeof(*r));
	r->iova_offset = mem_iova_offset(mem);
	r->fd = c->fd;
	r->fd_offset = mem_pages_offset(&mem->arena, (char *)r);
	for (struct attached *a = mem->devs; a; a = a->next)
		if (a->dev->ops->dma_map(a->dev, r, REGION_SIZE, mem_iova(r))) {
			unmap_from(r, mem->devs, a);
			region_release(mem, r);
			return NULL;
		}
	r->all = mem->regions;
	mem->regions = r;
	return r;
}

/* Called with the lock held. */
static void region_put(struct nic_mem *mem, struct mem_region *r)
{
	struct mem_region **p = &mem->regions;

	while (*p != r)
		p = &(*p)->all;
	*p = r->all;
	unmap_from(r, mem->devs, NULL);
	region_release(mem, r);
}

struct mem_region *mem_region_new(struct nic_mem *mem)
{
	struct mem_region *r;

	pthread_mutex_lock(&mem->lock);
	r = region_get(mem);
	pthread_mutex_unlock(&mem->lock);
	return r;
}

void mem_region_del(struct nic_mem *mem, struct mem_region *r)
{
	pthread_mutex_lock(&mem->lock);
	region_put(mem, r);
	pthread_mutex_unlock(&mem->lock);
}

/* Called with the lock held. */
static int map_all(struct nic_mem *mem, struct attached *a)
{
	for (struct mem_region *r = mem->regions; r; r = r->all) {
		int err = a->dev->ops->dma_map(a->dev, r, REGION_SIZE, mem_iova(r));

		if (!err)
			continue;
		for (struct mem_region *u = mem->regions; u != r; u = u->all)
			unmap_from(u, a, NULL);
		return err;
	}
	return 0;
}

int mem_attach(struct nic_mem *mem, struct pci_dev *dev)
{
	struct attached *a = calloc(1, sizeof(*a));
	int err = a ? 0 : -ENOMEM;

	if (!a)
		return err;
	a->dev = dev;
	pthread_mutex_lock(&mem->lock);
	err = mem_place_settle(mem, dev);
	if (!err)
		err = mem_share(mem, dev);
	if (!err)
		err = map_all(mem, a);
	if (!err) {
		a->next = mem->devs;
		mem->devs = a;
	}
	pthread_mutex_unlock(&mem->lock);
	if (err) {
		log_error("%s: DMA memory cannot be mapped into the device: %s", dev->name,
			  strerror(-err));
		free(a);
	}
	return err;
}

void mem_detach(struct nic_mem *mem, struct pci_dev *dev)
{
	struct attached **p, *a;

	pthread_mutex_lock(&mem->lock);
	for (p = &mem->devs; *p && (*p)->dev != dev;)
		p = &(*p)->next;
	a = *p;
	if (a) {
		*p = a->next;
		a->next = NULL;
		for (struct mem_region *r = mem->regions; r; r = r->all)
			unmap_from(r, a, NULL);
		free(a);
	}
	pthread_mutex_unlock(&mem->lock);
}

void *mem_alloc(struct nic_mem *mem, size_t size, size_t align)
{
	struct mem_region *r;
	char *p = NULL;

	size = (size + 127) & ~(size_t)127;
	pthread_mutex_lock(&mem->lock);
	for (r = mem->rings; r; r = r->next)
		if (((r->used + align - 1) & ~(align - 1)) + size <= REGION_SIZE)
			break;
	if (!r && size + align + RING_START <= REGION_SIZE) {
		r = region_get(mem);
		if (r) {
			r->used = RING_START;
			r->next = mem->rings;
			mem->rings = r;
		}
	}
	if (r) {
		size_t at = (r->used + align - 1) & ~(align - 1);

		p = (char *)r + at;
		r->used = (uint32_t)(at + size);
		r->pieces++;
		memset(p, 0, size);
	}
	pthread_mutex_unlock(&mem->lock);
	return p;
}

void mem_free(struct nic_mem *mem, void *p)
{
	struct mem_region *r, **link;

	if (!p)
		return;
	r = mem_region(p);
	pthread_mutex_lock(&mem->lock);
	if (--r->pieces == 0) { /* pieces are not reused one by one: devices come and go whole */
		for (link = &mem->rings; *link != r;)
			link = &(*link)->next;
		*link = r->next;
		region_put(mem, r);
	}
	pthread_mutex_unlock(&mem->lock);
}
