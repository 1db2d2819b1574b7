/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Physical addresses through /proc/self/pagemap (kernel: admin-guide/mm/pagemap.rst): a 64-bit
 * word for each page, the page frame number in bits 54:0, "present" in bit 63. Readers without
 * CAP_SYS_ADMIN get frame number 0. /proc/kpageflags has a word for each frame; bit 17 is HUGE.
 */
#define _GNU_SOURCE
#include "mem/phys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno.h"
#include "base/log.h"

#define PFN_MASK    ((UINT64_C(1) << 55) - 1)
#define PRESENT     (UINT64_C(1) << 63)
#define KFLAGS_HUGE (UINT64_C(1) << 17)
#define BATCH       512u

#define RESERVE_HUGEPAGES                                                          \
	"reserve hugepages: echo 256 > /sys/kernel/mm/hugepages/hugepages-2048kB/" \
	"nr_hugepages"

static int open_proc(const char *name)
{
	const char *root = secure_getenv("NICETY_PROC");
	char path[256];
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", root ? root : "/proc", name) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* One page's word: its frame must be @expect, or if that is 0, any. 0 or -errno, logged. */
static int check_word(uint64_t word, uint64_t expect)
{
	uint64_t frame = word & PFN_MASK;

	if (!(word & PRESENT) || (frame && expect && frame != expect)) {
		log_error("DMA memory is not contiguous; " RESERVE_HUGEPAGES);
		return -ENOTSUP;
	}
	if (!frame) {
		log_error("the kernel hides physical addresses: run as root (CAP_SYS_ADMIN), or "
			  "use vfio-pci with an IOMMU");
		return -EPERM;
	}
	return 0;
}

/* The frame of the page at @va; the pages behind it must follow it. 0 or -errno, logged. */
static int first_frame(int fd, uintptr_t va, size_t len, size_t page, uint64_t *frame)
{
	uint64_t words[BATCH], first = 0;
	size_t pages = len / page;

	for (size_t done = 0; done < pages;) {
		size_t n = pages - done < BATCH ? pages - done : BATCH;
		ssize_t got = pread(fd, words, n * 8, (off_t)((va / page + done) * 8));

		if (got != (ssize_t)(n * 8)) {
			log_error("/proc/self/pagemap cannot be read: %s",
				  got < 0 ? strerror(errno) : "it is too short");
			return -EIO;
		}
		for (size_t i = 0; i < n; i++) {
			int err = check_word(words[i], first ? first + done + i : 0);

			if (err)
				return err;
			if (!first)
				first = words[i] & PFN_MASK;
		}
		done += n;
	}
	*frame = first;
	return 0;
}

/* Ordinary pages may be moved at any time, even locked ones and those that lie in a row. */
static int is_huge(uint64_t frame)
{
	int fd = open_proc("kpageflags");
	uint64_t flags = KFLAGS_HUGE; /* a kernel without the file: trust the row */

	if (fd < 0)
		return 1;
	if (pread(fd, &flags, sizeof(flags), (off_t)(frame * 8)) != sizeof(flags))
		flags = KFLAGS_HUGE;
	close(fd);
	return (flags & KFLAGS_HUGE) != 0;
}

int mem_phys(const void *va, size_t len, uint64_t *phys)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = open_proc("self/pagemap"), err;
	uint64_t frame;

	if (fd < 0) {
		log_error("/proc/self/pagemap cannot be opened: %s", strerror(-fd));
		return fd;
	}
	err = first_frame(fd, (uintptr_t)va, len, page, &frame);
	close(fd);
	if (err)
		return err;
	if (!is_huge(frame)) {
		log_error("DMA memory is of ordinary pages, which the kernel "
			  "moves; " RESERVE_HUGEPAGES);
		return -ENOTSUP;
	}
	*phys = frame * page;
	return 0;
}
