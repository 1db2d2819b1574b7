/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory for devices that reach it in a file: in any (docs/adr/0005), or in one of their own.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "mem/region.h"

/* All memory there is moves to the arena's files, and all to come lies there. */
static int move(struct nic_mem *mem)
{
	for (struct chunk *c = mem->chunks; c; c = c->next) {
		int fd = mem_pages_share(&mem->arena, c->base, c->len);

		if (fd < 0)
			return fd;
		c->fd = fd;
	}
	for (struct mem_region *r = mem->regions; r; r = r->all) {
		r->fd = mem->arena.fds[0];
		r->fd_offset = mem_pages_offset(&mem->arena, (char *)r);
	}
	mem->arena.shared = 1;
	return 0;
}

static int same_file(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The arena's place in the device's file; where IOVA 0 would lie may be before its start. */
static int64_t place_in_file(const struct nic_mem *mem, const struct pci_dma_file *f)
{
	return (int64_t)(mem->iova_base - f->iova + f->offset);
}

static int adopt(struct nic_mem *mem, const struct pci_dev *dev)
{
	const struct pci_dma_file *f = dev->dma_file;
	int err;

	if (mem->arena.adopted && same_file(mem->arena.fds[0], f->fd) &&
	    mem->arena.file_offset == place_in_file(mem, f))
		return 0;
	if (mem->devs) {
		log_error("%s reaches memory in a file of its own only, but %s uses other memory "
			  "already: open %s first",
			  dev->name, mem->devs->dev->name, dev->name);
		return -EBUSY;
	}
	err = mem_pages_adopt(&mem->arena, f->fd, place_in_file(mem, f), f->offset + f->len);
	if (err)
		return err;
	mem->page = 4096;
	return move(mem);
}

int mem_share(struct nic_mem *mem, const struct pci_dev *dev)
{
	if (!dev->dma_by_fd && !dev->dma_file)
		return 0;
	if (mem->phys) {
		log_error("%s reaches memory by descriptor, which memory by physical address has "
			  "none of: open it on a nic_mem of its own",
			  dev->name);
		return -EINVAL;
	}
	if (dev->dma_file)
		return adopt(mem, dev);
	if (mem->arena.shared)
		return 0;
	if (mem->devs) {
		log_error("%s reaches memory by descriptor, but %s uses private memory already: "
			  "open %s first, or set nic_mem_config.shared",
			  dev->name, mem->devs->dev->name, dev->name);
		return -EBUSY;
	}
	return move(mem);
}
