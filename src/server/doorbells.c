/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Doorbells as memory, for clients that ask for it: a file that holds the tail registers and
 * nothing else (docs/adr/0004-doorbells-in-a-region-of-their-own.md). Each client gets a file of
 * its own, so that none can ring for the next.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/errno.h"
#include "base/log.h"
#include "server/server.h"

#define MAX_RANGES 16u

static uint64_t file_size(const struct nic_server *s)
{
	return (s->class->bar_size[0] + 4095u) & ~UINT64_C(4095);
}

/* The class's tail registers as ranges of equal distances. Return: how many ranges. */
static uint32_t find_ranges(const struct model_class *class, struct vfu_doorbell_range *out)
{
	uint32_t n = 0, last = 0, stride = 0, count = 0;

	for (uint32_t off = 0; off < class->bar_size[0]; off += 4) {
		if (!class->is_doorbell(off))
			continue;
		if (count == 1)
			stride = off - last;
		if (count && off - last == stride && stride <= 4096) {
			count++;
		} else {
			if (n == MAX_RANGES)
				return n; /* those beyond are written by message */
			n++;
			count = 1;
			out[n - 1].offset = to_le32(off);
			stride = 0;
		}
		last = off;
		out[n - 1].stride = to_le32(stride);
		out[n - 1].count = to_le32(count);
		out[n - 1].reserved = to_le32(0);
	}
	return n;
}

/* The client cannot cut the file short: it is sealed, looking at it is never SIGBUS. */
static int share(struct nic_server *s)
{
	uint64_t size = file_size(s);
	int fd = memfd_create("nicety-doorbells", MFD_CLOEXEC | MFD_ALLOW_SEALING), err;
	void *va;

	if (fd < 0)
		return errno;
	if (ftruncate(fd, (off_t)size) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		err = errno;
		close(fd);
		return err;
	}
	va = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (va == MAP_FAILED) {
		err = errno;
		close(fd);
		return err;
	}
	memcpy(va, s->own_doorbells, s->class->bar_size[0]);
	s->shared_doorbells = va;
	s->doorbell_fd = fd;
	s->host.doorbells = va;
	return 0;
}

void server_doorbells_unshare(struct nic_server *s)
{
	if (!s->shared_doorbells)
		return;
	munmap(s->shared_doorbells, file_size(s));
	close(s->doorbell_fd);
	s->shared_doorbells = NULL;
	s->host.doorbells = s->own_doorbells;
	memset(s->own_doorbells, 0, s->class->bar_size[0]);
}

int server_doorbells_info(struct nic_server *s, struct message *m, uint32_t room)
{
	struct {
		struct vfu_region_info info;
		struct vfu_doorbells cap;
		struct vfu_doorbell_range ranges[MAX_RANGES];
	} r = { 0 };
	uint32_t n = find_ranges(s->class, r.ranges);
	uint32_t size = (uint32_t)(sizeof(r.info) + sizeof(r.cap) + n * sizeof(r.ranges[0]));
	int err = 0;

	r.info.argsz = to_le32(size);
	r.info.flags = to_le32(VFU_REGION_READABLE | VFU_REGION_WRITABLE | VFU_REGION_MMAP |
			       VFU_REGION_CAPS);
	r.info.index = to_le32(VFU_DOORBELLS);
	r.info.size = to_le64(file_size(s));
	if (room < size)
		return connection_reply(&s->connection, m, &r.info, sizeof(r.info), 0);
	if (!s->shared_doorbells)
		err = share(s);
	if (err)
		return err;
	r.info.cap_offset = to_le32(sizeof(r.info));
	r.cap.id = to_le16(VFU_CAP_DOORBELLS);
	r.cap.version = to_le16(1);
	r.cap.n_ranges = to_le32(n);
	return connection_reply_fd(&s->connection, m, &r, size, s->doorbell_fd);
}
