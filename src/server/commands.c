/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The vfio-user commands. Everything in a message is checked: it comes from another process.
 * Replies are never longer than the request where QEMU's client has no room for more.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno.h"
#include "base/log.h"
#include "server/server.h"

#define CONFIG_SIZE 4096u /* at most */
#define MIN_PAGE    4096u

/* ---- memory ---- */

static void unmap(struct nic_server *s, unsigned i)
{
	if (s->maps[i].va)
		munmap(s->maps[i].va, s->maps[i].len);
	s->maps[i] = s->maps[--s->n_maps];
	s->class->dma_changed(s->model);
}

static int check_map(const struct nic_server *s, uint64_t address, uint64_t size)
{
	if (!size || size > SIZE_MAX / 2 || address + size - 1 < address ||
	    (address | size) % MIN_PAGE)
		return EINVAL;
	for (unsigned i = 0; i < s->n_maps; i++)
		if (address < s->maps[i].iova + s->maps[i].len && s->maps[i].iova < address + size)
			return EEXIST;
	return s->n_maps == MAX_MAPS ? ENOSPC : 0;
}

/* A file that ends before the mapping would kill us with SIGBUS at the first access. */
static int file_covers(int fd, uint64_t offset, uint64_t size)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_size >= 0 && offset <= (uint64_t)st.st_size &&
	       size <= (uint64_t)st.st_size - offset;
}

static int cmd_dma_map(struct nic_server *s, struct message *m)
{
	struct vfu_dma_map r;
	struct server_map *map = &s->maps[s->n_maps];
	uint64_t offset, size;
	int readable, writable, err;
	void *va = NULL;

	if (m->len < sizeof(r) || m->n_fds > 1)
		return EINVAL;
	memcpy(&r, m->payload, sizeof(r));
	offset = from_le64(r.offset);
	size = from_le64(r.size);
	readable = (from_le32(r.flags) & VFU_MAP_READ) != 0;
	writable = (from_le32(r.flags) & VFU_MAP_WRITE) != 0;
	err = check_map(s, from_le64(r.address), size);
	if (err)
		return err;
	if (m->n_fds) {
		if (offset % MIN_PAGE || !file_covers(m->fds[0], offset, size))
			return EINVAL;
		va = mmap(NULL, size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED,
			  m->fds[0], (off_t)offset);
		if (va == MAP_FAILED)
			return errno;
	}
	*map = (struct server_map) { from_le64(r.address), size, va, readable, writable };
	s->n_maps++;
	s->class->dma_changed(s->model);
	return connection_reply(&s->connection, m, NULL, 0, 0);
}

/*
 * Everything inside the range goes, as with the kernel's VFIO (type 1, version 2): QEMU with an
 * IOMMU for its guest takes whole ranges away, whatever is in them, also nothing. A map that
 * sticks out cannot be cut.
 */
static int cmd_dma_unmap(struct nic_server *s, struct message *m)
{
	struct vfu_dma_unmap r;
	uint64_t first, last;

	if (m->len < sizeof(r))
		return EINVAL;
	memcpy(&r, m->payload, sizeof(r));
	first = from_le64(r.address);
	last = first + from_le64(r.size) - 1;
	if (from_le32(r.flags) & VFU_UNMAP_ALL) {
		first = 0;
		last = UINT64_MAX;
	} else if (!from_le64(r.size) || last < first) {
		return EINVAL;
	}
	for (unsigned i = 0; i < s->n_maps; i++) {
		uint64_t from = s->maps[i].iova, to = from + s->maps[i].len - 1;

		if (from <= last && to >= first && (from < first || to > last))
			return EINVAL;
	}
	for (unsigned i = s->n_maps; i-- > 0;)
		if (s->maps[i].iova >= first && s->maps[i].iova <= last)
			unmap(s, i);
	return connection_reply(&s->connection, m, &r, sizeof(r), 0);
}

/* ---- what the device has ---- */

static int cmd_get_info(struct nic_server *s, struct message *m)
{
	struct vfu_device_info r = { to_le32(sizeof(r)), to_le32(VFU_DEVICE_RESET | VFU_DEVICE_PCI),
				     to_le32(s->caps.doorbells ? VFU_DOORBELLS + 1 : VFU_REGIONS),
				     to_le32(VFU_IRQS) };

	return m->len < sizeof(r) ? EINVAL : connection_reply(&s->connection, m, &r, sizeof(r), 0);
}

/*
 * PCI Express functions have 4 KiB, PCI 3.0 ones 256 bytes. QEMU, 11.1, reads up to 60 bytes from
 * a PCI Express capability on, and asserts that they are there.
 */
static uint64_t config_size(const struct nic_server *s)
{
	uint8_t cap[2], at = 0;

	s->class->config_read(s->model, 0x34, &at, 1);
	for (unsigned n = 0; at && n < 48; n++, at = cap[1]) {
		s->class->config_read(s->model, at, cap, 2);
		if (cap[0] == 0x10)
			return CONFIG_SIZE;
	}
	return 256;
}

static uint64_t region_size(const struct nic_server *s, uint32_t region)
{
	return region < 6 ? s->class->bar_size[region] : region == VFU_CONFIG ? config_size(s) : 0;
}

static int cmd_region_info(struct nic_server *s, struct message *m)
{
	struct vfu_region_info r;
	uint32_t index;

	if (m->len < sizeof(r))
		return EINVAL;
	memcpy(&r, m->payload, sizeof(r));
	index = from_le32(r.index);
	if (index == VFU_DOORBELLS && s->caps.doorbells)
		return server_doorbells_info(s, m, from_le32(r.argsz));
	if (index >= VFU_REGIONS)
		return EINVAL;
	/* Registers have side effects: none may be mapped. */
	r = (struct vfu_region_info) {
		.argsz = to_le32(sizeof(r)),
		.flags = to_le32(region_size(s, index) ? VFU_REGION_READABLE | VFU_REGION_WRITABLE
						       : 0),
		.index = to_le32(index),
		.size = to_le64(region_size(s, index)),
	};
	return connection_reply(&s->connection, m, &r, sizeof(r), 0);
}

static unsigned irq_count(struct nic_server *s, uint32_t index)
{
	return index <= PCI_IRQ_MSIX ? model_irq_count(s->class, s->model, (enum pci_irq)index) : 0;
}

static int cmd_irq_info(struct nic_server *s, struct message *m)
{
	struct vfu_irq_info r;
	uint32_t index;

	if (m->len < sizeof(r))
		return EINVAL;
	memcpy(&r, m->payload, sizeof(r));
	index = from_le32(r.index);
	if (index >= VFU_IRQS)
		return EINVAL;
	r.argsz = to_le32(sizeof(r));
	r.flags = to_le32(VFU_IRQ_EVENTFD |
			  (index == PCI_IRQ_INTX ? VFU_IRQ_MASKABLE | VFU_IRQ_AUTOMASKED : 0u));
	r.count = to_le32(irq_count(s, index));
	return connection_reply(&s->connection, m, &r, sizeof(r), 0);
}

/* ---- interrupts ---- */

static void set_fd(struct nic_server *s, uint32_t index, uint32_t vector, int fd)
{
	if (s->fds[index][vector] >= 0)
		close(s->fds[index][vector]);
	s->fds[index][vector] = fd;
}

/* A level that is still up interrupts again as soon as it is unmasked. */
static void intx_unmask(struct nic_server *s)
{
	uint64_t one = 1;

	if (s->intx_level && s->fds[PCI_IRQ_INTX][0] >= 0 &&
	    write(s->fds[PCI_IRQ_INTX][0], &one, sizeof(one)) < 0)
		s->refused++;
}

static int cmd_set_irqs(struct nic_server *s, struct message *m)
{
	struct vfu_irq_set r;
	uint32_t index, start, n, flags;

	if (m->len < sizeof(r))
		return EINVAL;
	memcpy(&r, m->payload, sizeof(r));
	index = from_le32(r.index);
	start = from_le32(r.start);
	n = from_le32(r.count);
	flags = from_le32(r.flags);
	if (index >= VFU_IRQS)
		return EINVAL;
	if (index > PCI_IRQ_MSIX) /* error and request lines: accepted, never signalled */
		return connection_reply(&s->connection, m, NULL, 0, 0);
	if (start > irq_count(s, index) || n > irq_count(s, index) - start)
		return EINVAL;
	if (flags & VFU_ACTION_TRIGGER && flags & VFU_DATA_EVENTFD) {
		if (m->n_fds && m->n_fds != n)
			return EINVAL;
		for (uint32_t i = 0; i < n; i++) {
			set_fd(s, index, start + i, m->n_fds ? m->fds[i] : -1);
			if (m->n_fds)
				m->fds[i] = -1;
		}
	} else if (flags & VFU_ACTION_TRIGGER && flags & VFU_DATA_NONE && !n) {
		for (uint32_t v = 0; v < MODEL_VECTORS; v++)
			set_fd(s, index, v, -1);
		n = irq_count(s, index);
	} else if (flags & VFU_ACTION_UNMASK && index == PCI_IRQ_INTX) {
		intx_unmask(s);
		return connection_reply(&s->connection, m, NULL, 0, 0);
	} else if (!(flags & VFU_ACTION_MASK)) {
		return EINVAL;
	}
	model_irq_route(s->class, s->model, (enum pci_irq)index, start, n, s->fds[index]);
	return connection_reply(&s->connection, m, NULL, 0, 0);
}

/* ---- registers ---- */

static int check_access(const struct nic_server *s, uint64_t offset, uint32_t region, uint32_t n)
{
	uint64_t size = region_size(s, region);

	if (!size || offset >= size || n > size - offset || !n)
		return EINVAL;
	if (region != VFU_CONFIG && ((n & (n - 1)) || n > 8 || offset % n))
		return EINVAL;
	return 0;
}

/* For nic_server_register. An access of 8 bytes is one to two registers. */
static void remember(struct nic_server *s, uint32_t region, uint64_t offset, uint32_t n)
{
	for (uint64_t i = offset / 4; region == 0 && i < REGISTERS && i * 4 < offset + n; i++)
		s->used[i / 32] |= 1u << i % 32;
}

static int cmd_read(struct nic_server *s, struct message *m)
{
	uint8_t reply[sizeof(struct vfu_access) + CONFIG_SIZE] = { 0 };
	struct vfu_access a;
	uint32_t region, n;
	int err;

	if (m->len < sizeof(a))
		return EINVAL;
	memcpy(&a, m->payload, sizeof(a));
	region = from_le32(a.region);
	n = from_le32(a.count);
	err = check_access(s, from_le64(a.offset), region, n);
	if (err)
		return err;
	memcpy(reply, &a, sizeof(a));
	if (region == VFU_CONFIG) {
		s->class->config_read(s->model, (unsigned)from_le64(a.offset), reply + sizeof(a),
				      n);
	} else {
		le64 v =
			to_le64(s->class->read(s->model, region, (uint32_t)from_le64(a.offset), n));

		memcpy(reply + sizeof(a), &v, n);
		remember(s, region, from_le64(a.offset), n);
	}
	return connection_reply(&s->connection, m, reply, sizeof(a) + n, 0);
}

/* @data holds @n bytes, little endian as on the bus. */
static int write_region(struct nic_server *s, uint64_t offset, uint32_t region, uint32_t n,
			const uint8_t *data)
{
	int err = check_access(s, offset, region, n);
	le64 v = to_le64(0);

	if (err)
		return err;
	if (region == VFU_CONFIG) {
		s->class->config_write(s->model, (unsigned)offset, data, n);
		return 0;
	}
	memcpy(&v, data, n);
	remember(s, region, offset, n);
	s->class->write(s->model, region, (uint32_t)offset, from_le64(v), n);
	return 0;
}

static int cmd_write(struct nic_server *s, struct message *m)
{
	struct vfu_access a;
	int err;

	if (m->len < sizeof(a))
		return EINVAL;
	memcpy(&a, m->payload, sizeof(a));
	if (from_le32(a.count) > m->len - sizeof(a))
		return EINVAL;
	err = write_region(s, from_le64(a.offset), from_le32(a.region), from_le32(a.count),
			   m->payload + sizeof(a));
	return err ? err : connection_reply(&s->connection, m, &a, sizeof(a), 0);
}

static int cmd_write_multi(struct nic_server *s, struct message *m)
{
	le64 count;
	uint64_t n;

	if (m->len < sizeof(count))
		return EINVAL;
	memcpy(&count, m->payload, sizeof(count));
	n = from_le64(count);
	if (n > (m->len - sizeof(count)) / sizeof(struct vfu_write))
		return EINVAL;
	for (uint64_t i = 0; i < n; i++) {
		struct vfu_write w;
		int err;

		memcpy(&w, m->payload + sizeof(count) + i * sizeof(w), sizeof(w));
		if (from_le32(w.count) > sizeof(w.data))
			return EINVAL;
		err = write_region(s, from_le64(w.offset), from_le32(w.region), from_le32(w.count),
				   (const uint8_t *)&w.data);
		if (err)
			return err;
	}
	return connection_reply(&s->connection, m, &count, sizeof(count), 0);
}

static int cmd_reset(struct nic_server *s, struct message *m)
{
	s->class->reset(s->model);
	return connection_reply(&s->connection, m, NULL, 0, 0);
}

int server_command(struct nic_server *s, struct message *m)
{
	static int (*const commands[])(struct nic_server *, struct message *) = {
		[VFU_VERSION] = server_version,
		[VFU_DMA_MAP] = cmd_dma_map,
		[VFU_DMA_UNMAP] = cmd_dma_unmap,
		[VFU_GET_INFO] = cmd_get_info,
		[VFU_GET_REGION_INFO] = cmd_region_info,
		[VFU_GET_IRQ_INFO] = cmd_irq_info,
		[VFU_SET_IRQS] = cmd_set_irqs,
		[VFU_REGION_READ] = cmd_read,
		[VFU_REGION_WRITE] = cmd_write,
		[VFU_RESET] = cmd_reset,
		[VFU_REGION_WRITE_MULTI] = cmd_write_multi,
	};
	int err = m->command < ARRAY_SIZE(commands) && commands[m->command]
			  ? commands[m->command](s, m)
			  : ENOTSUP;

	s->messages++;
	if (err <= 0)
		return err;
	s->refused++;
	log_info("%s: vfio-user command %u refused: %s", s->path, m->command, strerror(err));
	return connection_reply(&s->connection, m, NULL, 0, err);
}

void server_forget_client(struct nic_server *s)
{
	server_doorbells_unshare(s);
	server_caps_reset(s);
	s->dma_form = DMA_UNKNOWN;
	while (s->n_maps)
		unmap(s, s->n_maps - 1);
	for (uint32_t type = 0; type < 3; type++)
		for (uint32_t v = 0; v < MODEL_VECTORS; v++)
			set_fd(s, type, v, -1);
}
