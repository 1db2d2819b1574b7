/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reserving address space and mapping pages over it. Files are sealed against shrinking: a device
 * process that gets one cannot take memory away under our feet, which would be SIGBUS here.
 */
#define _GNU_SOURCE
#include "mem/pages.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/errno.h"

/* Address space is reserved, not memory; where there is less (ulimit -v), less is taken. */
#define LEAST ((size_t)64 << 20)

int mem_pages_init(struct mem_pages *s, size_t align, size_t limit)
{
	uint64_t ram = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

	*s = (struct mem_pages) { .len = 256 * MEM_GIGABYTE, .fds = { -1, -1 } };
	ram = limit < ram ? limit : ram;
	while (limit && s->len > LEAST && s->len / 2 >= ram)
		s->len /= 2;
	for (; s->len >= LEAST; s->len /= 2) {
		char *p = mmap(NULL, s->len + align, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		size_t head;

		if (p == MAP_FAILED)
			continue;
		head = -(uintptr_t)p & (align - 1);
		if (head)
			munmap(p, head);
		if (head < align)
			munmap(p + head + s->len, align - head);
		s->base = p + head;
		return 0;
	}
	return -ENOMEM;
}

void mem_pages_free(struct mem_pages *s)
{
	for (int i = 0; i < 2; i++)
		if (s->fds[i] >= 0)
			close(s->fds[i]);
	munmap(s->base, s->len);
}

static unsigned size_flag(size_t page)
{
	return (page == MEM_GIGABYTE ? 30u : 21u) << MAP_HUGE_SHIFT;
}

/* The file for pages of this size, at least @end bytes long; -errno. */
static int file_of(struct mem_pages *s, size_t page, uint64_t end)
{
	int is_huge = page > 4096 && !s->adopted, *fd = &s->fds[is_huge];

	if (*fd < 0) {
		unsigned huge = is_huge ? MFD_HUGETLB | size_flag(page) : 0;

		*fd = memfd_create("nicety", MFD_CLOEXEC | MFD_ALLOW_SEALING | huge);
		if (*fd < 0)
			return -errno;
		if (fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL)) {
			int err = -errno;

			close(*fd);
			*fd = -1;
			return err;
		}
	}
	if (end > s->sizes[is_huge]) {
		if (s->adopted)
			return -ENOSPC;
		if (ftruncate(*fd, (off_t)end))
			return -errno;
		s->sizes[is_huge] = end;
	}
	return *fd;
}

static off_t offset(const struct mem_pages *s, const char *at)
{
	return (off_t)mem_pages_offset(s, at);
}

static void advise(char *at, size_t len, size_t page)
{
	if (page == 4096)
		madvise(at, len, MADV_HUGEPAGE); /* a hint; nobody depends on it */
	madvise(at, len, MADV_DONTFORK); /* a child's copy-on-write would part us from DMA */
}

static void reserve_again(char *at, size_t len)
{
	mmap(at, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

int mem_pages_map(struct mem_pages *s, char *at, size_t len, size_t page, int *fd)
{
	int file = s->shared ? file_of(s, page, mem_pages_offset(s, at) + len) : -1;
	int flags = MAP_FIXED | (s->shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS), err;

	if (s->shared && file < 0)
		return file;
	if (page > 4096) /* populated now: later, none might be left, which is SIGBUS */
		flags |= MAP_POPULATE | (s->shared ? 0 : MAP_HUGETLB | (int)size_flag(page));
	if (mmap(at, len, PROT_READ | PROT_WRITE, flags, file, file < 0 ? 0 : offset(s, at)) ==
	    MAP_FAILED) {
		err = -errno;
		reserve_again(at, len); /* a failed mmap may leave a hole */
		return err;
	}
	advise(at, len, page);
	*fd = file;
	return 0;
}

void mem_pages_unmap(struct mem_pages *s, char *at, size_t len, int fd)
{
	reserve_again(at, len);
	/* Whoever else has it mapped finds zeros there; the pages are free. */
	if (fd >= 0 &&
	    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset(s, at), (off_t)len))
		return; /* they stay until the file is closed, and are used again with it */
}

int mem_pages_share(struct mem_pages *s, char *at, size_t len)
{
	int fd = file_of(s, 4096, mem_pages_offset(s, at) + len);
	size_t done = 0;

	if (fd < 0)
		return fd;
	while (done < len) {
		ssize_t n = pwrite(fd, at + done, len - done, offset(s, at) + (off_t)done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	if (mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, offset(s, at)) ==
	    MAP_FAILED)
		return -errno;
	advise(at, len, 4096);
	return fd;
}

int mem_pages_adopt(struct mem_pages *s, int fd, int64_t file_offset, uint64_t size)
{
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0)
		return -errno;
	for (int i = 0; i < 2; i++)
		if (s->fds[i] >= 0)
			close(s->fds[i]); /* what is mapped from it stays */
	s->fds[0] = own;
	s->fds[1] = -1;
	s->sizes[0] = size;
	s->file_offset = file_offset;
	s->adopted = 1;
	s->shared = 1;
	return 0;
}

char *mem_pages_take(size_t len, size_t page)
{
	int huge = page > 4096 ? MAP_HUGETLB | (int)size_flag(page) : 0;
	char *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | huge, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int mem_pages_move(char *from, char *to, size_t len, size_t page)
{
	int err;

	if (mremap(from, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to) != MAP_FAILED) {
		advise(to, len, page);
		return 0;
	}
	err = -errno;
	munmap(from, len);
	reserve_again(to, len);
	return err;
}
