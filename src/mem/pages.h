/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The pages behind DMA memory: address space that is reserved once, and pages mapped over pieces
 * of it, either private or from files without a name (memfd) that other processes can map too
 * (docs/adr/0005). A piece lies in its file where it lies in the reserved range, so one file
 * serves all and the place needs no bookkeeping.
 */
#ifndef MEM_PAGES_H
#define MEM_PAGES_H

#include "base/types.h"

#define MEM_GIGABYTE ((size_t)1 << 30)

struct mem_pages {
	char *base; /* the reserved range */
	size_t len;
	int shared;          /* new pages come from files */
	int adopted;         /* ... from one that a device gave */
	int64_t file_offset; /* what is at .base lies there in the files; not 0 if adopted */
	int fds[2];          /* of ordinary pages, of hugepages; -1: none yet */
	uint64_t sizes[2];   /* of these files */
};

/**
 * mem_pages_init - reserve a range aligned to @align, as long as the machine has memory, or @limit
 * if that is less; an emulated process pays for every page of it. @limit 0: much longer, for pages
 * that lie far from each other. 0 or -ENOMEM.
 */
int mem_pages_init(struct mem_pages *s, size_t align, size_t limit);
void mem_pages_free(struct mem_pages *s);
/**
 * mem_pages_map - pages of @page bytes over [@at, @at + @len). 0; -errno: nothing is there now.
 * @fd: the file, -1: private.
 */
int mem_pages_map(struct mem_pages *s, char *at, size_t len, size_t page, int *fd);
/** mem_pages_unmap - give them back to the system, the file's share too. */
void mem_pages_unmap(struct mem_pages *s, char *at, size_t len, int fd);
/** mem_pages_offset - where in the file @at lies. */
static inline uint64_t mem_pages_offset(const struct mem_pages *s, const char *at)
{
	return (uint64_t)(at - s->base + s->file_offset);
}
/**
 * mem_pages_share - move pages to the file for ordinary pages; address and contents stay. Nobody
 * may write to them meanwhile. Return: the file; -errno: nothing has changed.
 */
int mem_pages_share(struct mem_pages *s, char *at, size_t len);

/**
 * mem_pages_take - private pages anywhere, all there, none shared; NULL. mem_pages_move - over
 * [@to, @to + @len) of the reserved range, where nothing is; 0 or -errno: they are gone.
 */
char *mem_pages_take(size_t len, size_t page);
int mem_pages_move(char *from, char *to, size_t len, size_t page);
/**
 * mem_pages_adopt - from now on this file, as long as it is, is the one for ordinary pages, and
 * there are no others. Pages from former files are to be moved by mem_pages_share. @fd stays the
 * caller's. 0 or -errno.
 */
int mem_pages_adopt(struct mem_pages *s, int fd, int64_t file_offset, uint64_t size);

#endif
