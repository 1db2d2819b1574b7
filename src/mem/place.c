/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where DMA memory lies: in our address space, in that of the devices, and the constant between.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "base/log.h"
#include "mem/phys.h"
#include "mem/region.h"

#define IOVA_LOW    ((uint64_t)REGION_SIZE) /* for devices that reach nothing above; never 0 */
#define PHYS_WINDOW ((uint64_t)128 << 30)   /* around the first page, half of the arena */

/* Move *@iova up to where all attached devices, and @more, can reach what lies at @va. */
static int place(const struct nic_mem *mem, struct pci_dev *more, const void *va, size_t len,
		 uint64_t *iova)
{
	int err = more && more->ops->dma_place ? more->ops->dma_place(more, va, len, iova) : 0;

	for (struct attached *a = mem->devs; a && !err; a = a->next)
		if (a->dev->ops->dma_place)
			err = a->dev->ops->dma_place(a->dev, va, len, iova);
	return err;
}

/* The lowest free piece of the arena at or above *@at. Return: the link behind which it lies. */
static struct chunk **free_piece(struct nic_mem *mem, size_t len, char **at)
{
	struct chunk **link = &mem->chunks;

	for (; *link && ((*link)->base < *at || (size_t)((*link)->base - *at) < len);
	     link = &(*link)->next)
		if ((*link)->base + (*link)->len > *at)
			*at = (*link)->base + (*link)->len;
	return link;
}

/* Map pages over the lowest piece of the arena that is free and that all devices reach. */
static int map_chunk(struct nic_mem *mem, struct chunk *c, struct chunk ***link)
{
	char *at = mem->arena.base;
	int err;

	for (uint64_t iova, was;;) {
		*link = free_piece(mem, c->len, &at);
		if ((size_t)(at - mem->arena.base) + c->len > mem->arena.len)
			return -ENOMEM;
		iova = was = (uintptr_t)at + mem_iova_offset(mem);
		err = place(mem, NULL, NULL, c->len, &iova);
		if (err)
			return err;
		if (iova == was)
			break;
		at += iova - was;
		at += -(uintptr_t)at & (c->len - 1); /* a page's start */
	}
	c->base = at;
	err = mem_pages_map(&mem->arena, at, c->len, mem->page, &c->fd);
	if (err && mem->page == REGION_SIZE) /* hugepages have run out: ordinary pages do */
		err = mem_pages_map(&mem->arena, at, c->len, 4096, &c->fd);
	return err;
}

/* Take a page and move it to where its physical address says. */
static int map_chunk_by_phys(struct nic_mem *mem, struct chunk *c, struct chunk ***link)
{
	char *page = mem_pages_take(c->len, mem->page), *at;
	uint64_t phys;
	int err = page ? mem->phys(page, c->len, &phys) : -ENOMEM;

	if (!page) {
		log_error("no hugepage of %zu bytes is free; reserve more: echo 256 > "
			  "/sys/kernel/mm/hugepages/hugepages-%zukB/nr_hugepages",
			  mem->page, mem->page >> 10);
		return err;
	}
	if (err)
		goto give_back;
	if (!mem->taken) {
		mem->phys_base = phys > PHYS_WINDOW ? phys - PHYS_WINDOW : 0;
		mem->phys_base &= ~(uint64_t)(MEM_GIGABYTE - 1);
		if (!mem->devs)
			mem->iova_base = mem->phys_base;
	}
	at = mem->arena.base + (phys - mem->phys_base);
	c->base = at;
	*link = free_piece(mem, c->len, &at);
	if (phys < mem->phys_base || phys - mem->phys_base + c->len > mem->arena.len ||
	    at != c->base) {
		log_error("a page at the physical address 0x%" PRIx64 " is out of reach of the "
			  "others: reserve hugepages on one NUMA node, and raise ulimit -v",
			  phys);
		err = -ERANGE;
		goto give_back;
	}
	c->fd = -1;
	return mem_pages_move(page, at, c->len, mem->page);

give_back:
	munmap(page, c->len);
	return err;
}

int mem_place_chunk(struct nic_mem *mem, struct chunk *c, struct chunk ***link)
{
	return mem->phys ? map_chunk_by_phys(mem, c, link) : map_chunk(mem, c, link);
}

int mem_place_check(struct nic_mem *mem, const struct chunk *c)
{
	uint64_t was = (uintptr_t)c->base + mem_iova_offset(mem), iova = was;
	int err = place(mem, NULL, c->base, c->len, &iova);

	if (err || iova == was)
		return err;
	log_error("new memory lies where %s cannot reach it: set nic_mem_config.physical",
		  mem->devs->dev->name);
	return -EADDRNOTAVAIL;
}

int mem_place_settle(struct nic_mem *mem, struct pci_dev *dev)
{
	uint64_t base = mem->iova_base, was;
	int err = 0, low = 0;

	if (!dev->ops->dma_place)
		return 0;
	for (unsigned round = 0; round < 256; round++) {
		was = base;
		for (struct chunk *c = mem->chunks; c && !err && base == was; c = c->next) {
			uint64_t iova = base + (uint64_t)(c->base - mem->arena.base), at = iova;

			err = dev->ops->dma_place(dev, c->base, c->len, &iova);
			base += iova - at;
		}
		if (err == -ERANGE && !low) {
			low = 1;
			err = 0;
			base = IOVA_LOW;
			continue;
		}
		if (err || base == was)
			break;
		if (mem->devs)
			break;
	}
	if (!err && base != was)
		err = -EADDRNOTAVAIL;
	if (err == -EADDRNOTAVAIL || err == -ERANGE)
		log_error("%s: the device cannot reach memory where %s%s", dev->name,
			  mem->devs ? mem->devs->dev->name : "it is",
			  mem->devs        ? " has it: open it first, or on a nic_mem of its own"
			  : err == -ERANGE ? ": its IOMMU has no 2 MiB free of holes"
					   : ": set nic_mem_config.physical");
	if (err || base == mem->iova_base)
		return err;
	mem->iova_base = base;
	for (struct mem_region *r = mem->regions; r; r = r->all)
		r->iova_offset = mem_iova_offset(mem);
	return 0;
}
