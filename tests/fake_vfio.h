/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A scripted kernel that speaks VFIO for one device, 0000:03:00.0 in IOMMU group 7: it checks the
 * order of the conversation, keeps what it was told, and fails where a test says so. Descriptors
 * from 1000 on are its own; other files are those of the fake tree.
 */
#ifndef TESTS_FAKE_VFIO_H
#define TESTS_FAKE_VFIO_H

#include "fake_tree.h"
#include "log_catcher.h"

#include <errno.h>
#include <linux/vfio.h>
#include <sys/mman.h>

#include "bus/iommufd.h"
#include "bus/real.h"

enum { CONTAINER = 1000, GROUP, DEVICE, SECOND, IOMMU, NODE, N_FDS = 6 };

#define DEV      "sys/bus/pci/devices/0000:03:00.0/"
#define BAR_SIZE 8192u

static struct {
	/* the script */
	const char *deny_path;      /* opening what ends with it fails ... */
	int deny_errno;             /* ... so */
	unsigned long fail_request; /* this ioctl fails ... */
	int fail_errno;
	int not_viable, no_ranges, no_mmap, sparse, no_request, vectors;
	struct iommufd_range ranges[2];
	/* what happened */
	int open[N_FDS];
	int set_container, set_iommu, bound, attached, resets;
	struct {
		uint64_t iova, len, va;
	} maps[64];
	unsigned n_maps, n_map_calls;
	int irq_fds[5][64];
	unsigned n_irqs[5], irq_offs, unmasks;
	uint8_t config[64];
	uint32_t bar[BAR_SIZE / 4];
	char tree_sys[80], tree_dev[80], tree_proc[80];
} vfio;

static int ends_with(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

static int fake_open(const char *path, int flags)
{
	static const struct {
		const char *end;
		int fd;
	} nodes[] = { { "/dev/vfio/vfio", CONTAINER },
		      { "/dev/vfio/7", GROUP },
		      { "/dev/vfio/noiommu-7", GROUP },
		      { "/dev/iommu", IOMMU },
		      { "/dev/vfio/devices/vfio0", NODE } };

	if (vfio.deny_path && ends_with(path, vfio.deny_path)) {
		errno = vfio.deny_errno;
		return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		if (ends_with(path, nodes[i].end)) {
			assert_int_equal(vfio.open[nodes[i].fd - CONTAINER]++, 0);
			return nodes[i].fd;
		}
	return open(path, flags);
}

static int fake_close(int fd)
{
	if (fd < CONTAINER)
		return close(fd);
	assert_in_range(fd, CONTAINER, CONTAINER + N_FDS - 1);
	vfio.open[fd - CONTAINER]--;
	return 0;
}

static int fake_map(uint64_t iova, uint64_t len, uint64_t va)
{
	for (unsigned i = 0; i < vfio.n_maps; i++)
		if (vfio.maps[i].iova < iova + len && iova < vfio.maps[i].iova + vfio.maps[i].len) {
			errno = EEXIST;
			return -1;
		}
	assert_in_range(vfio.n_maps, 0, 63);
	vfio.maps[vfio.n_maps].iova = iova;
	vfio.maps[vfio.n_maps].len = len;
	vfio.maps[vfio.n_maps++].va = va;
	vfio.n_map_calls++;
	return 0;
}

static int fake_unmap(uint64_t iova, uint64_t len)
{
	for (unsigned i = 0; i < vfio.n_maps; i++)
		if (vfio.maps[i].iova == iova && vfio.maps[i].len == len) {
			vfio.maps[i] = vfio.maps[--vfio.n_maps];
			return 0;
		}
	fail_msg("IOVA 0x%llx was never mapped", (unsigned long long)iova);
	return -1;
}

static int fake_iommu_info(struct vfio_iommu_type1_info *info)
{
	struct {
		struct vfio_iommu_type1_info head;
		struct vfio_info_cap_header cap;
		uint32_t count, reserved;
		struct iommufd_range ranges[2];
	} all = { .head = { .argsz = sizeof(all), .iova_pgsizes = 4096 } };
	uint32_t room = info->argsz;

	all.head.flags = VFIO_IOMMU_INFO_PGSIZES;
	if (vfio.no_ranges) {
		all.head.argsz = sizeof(all.head);
		memcpy(info, &all.head, sizeof(all.head));
		return 0;
	}
	all.head.flags |= VFIO_IOMMU_INFO_CAPS;
	all.cap.id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE;
	all.count = 2;
	memcpy(all.ranges, vfio.ranges, sizeof(all.ranges));
	if (room >= sizeof(all))
		all.head.cap_offset = offsetof(__typeof__(all), cap);
	memcpy(info, &all, room < sizeof(all) ? sizeof(all.head) : sizeof(all));
	return 0;
}

static int fake_region_info(struct vfio_region_info *info)
{
	struct {
		struct vfio_region_info head;
		struct vfio_info_cap_header cap;
		uint32_t count, reserved;
		struct vfio_region_sparse_mmap_area areas[2];
	} all = { .head = *info };
	uint32_t room = info->argsz;

	all.head.argsz = sizeof(all.head);
	all.head.offset = (uint64_t)info->index << 40;
	all.head.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	all.head.size = info->index == 0 ? BAR_SIZE : info->index == 7 ? sizeof(vfio.config) : 0;
	if (info->index == 0 && !vfio.no_mmap)
		all.head.flags |= VFIO_REGION_INFO_FLAG_MMAP;
	if (info->index == 0 && vfio.sparse) { /* the second page only */
		all.head.flags |= VFIO_REGION_INFO_FLAG_CAPS;
		all.head.argsz = sizeof(all);
		all.cap.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
		all.count = 1;
		all.areas[0].offset = 4096;
		all.areas[0].size = 4096;
		if (room >= sizeof(all))
			all.head.cap_offset = offsetof(__typeof__(all), cap);
	}
	memcpy(info, &all, room >= sizeof(all) ? sizeof(all) : sizeof(all.head));
	return 0;
}

static int fake_set_irqs(const struct vfio_irq_set *set)
{
	const uint32_t action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	unsigned n = set->start + set->count;

	assert_in_range(set->index, 0, 4);
	assert_in_range(n, 0, 64);
	if (action == VFIO_IRQ_SET_ACTION_UNMASK) {
		assert_int_equal(set->index, VFIO_PCI_INTX_IRQ_INDEX);
		vfio.unmasks++;
		return 0;
	}
	assert_int_equal(action, VFIO_IRQ_SET_ACTION_TRIGGER);
	if (set->flags & VFIO_IRQ_SET_DATA_NONE) {
		assert_int_equal(n, 0);
		vfio.n_irqs[set->index] = 0;
		vfio.irq_offs++;
		return 0;
	}
	assert_int_equal(set->argsz, sizeof(*set) + set->count * sizeof(int));
	if (n > (unsigned)vfio.vectors)
		return vfio.vectors;
	if (vfio.n_irqs[set->index] && n > vfio.n_irqs[set->index]) {
		errno = EINVAL; /* NORESIZE */
		return -1;
	}
	if (!vfio.n_irqs[set->index])
		vfio.n_irqs[set->index] = n;
	memcpy(&vfio.irq_fds[set->index][set->start], set->data, set->count * sizeof(int));
	return 0;
}

static int fake_device_ioctl(int fd, unsigned long request, void *arg)
{
	if (fd == NODE && request == IOMMUFD_DEVICE_BIND) {
		assert_int_equal(((struct iommufd_bind *)arg)->iommufd, IOMMU);
		vfio.bound = 1;
		return 0;
	}
	if (fd == NODE && request == IOMMUFD_DEVICE_ATTACH) {
		assert_int_equal(((struct iommufd_attach *)arg)->ioas, 77);
		assert_true(vfio.bound);
		vfio.attached = 1;
		return 0;
	}
	assert_true(fd == DEVICE || fd == SECOND || vfio.attached);
	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		((struct vfio_device_info *)arg)->flags = VFIO_DEVICE_FLAGS_PCI;
		return 0;
	case VFIO_DEVICE_GET_REGION_INFO:
		return fake_region_info(arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		((struct vfio_irq_info *)arg)->count = !vfio.no_request;
		return 0;
	case VFIO_DEVICE_SET_IRQS:
		return fake_set_irqs(arg);
	case VFIO_DEVICE_RESET:
		vfio.resets++;
		return 0;
	default:
		fail_msg("device ioctl 0x%lx", request);
		return -1;
	}
}

static int fake_group_ioctl(unsigned long request, void *arg)
{
	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		((struct vfio_group_status *)arg)->flags =
			vfio.not_viable ? 0 : VFIO_GROUP_FLAGS_VIABLE;
		return 0;
	case VFIO_GROUP_SET_CONTAINER:
		assert_int_equal(*(int *)arg, CONTAINER);
		vfio.set_container = 1;
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		assert_true(vfio.set_iommu);
		if (!strcmp(arg, "0000:03:00.1")) { /* the same, seen twice */
			vfio.open[SECOND - CONTAINER]++;
			return SECOND;
		}
		assert_string_equal(arg, "0000:03:00.0");
		vfio.open[DEVICE - CONTAINER]++;
		return DEVICE;
	default:
		fail_msg("group ioctl 0x%lx", request);
		return -1;
	}
}

static int fake_space_ioctl(unsigned long request, void *arg)
{
	const struct vfio_iommu_type1_dma_map *map = arg;
	const struct vfio_iommu_type1_dma_unmap *unmap = arg;
	const struct iommufd_map *fd_map = arg;
	const struct iommufd_unmap *fd_unmap = arg;
	struct iommufd_ranges *ranges = arg;

	switch (request) {
	case VFIO_GET_API_VERSION:
		return 0;
	case VFIO_CHECK_EXTENSION:
		return 1;
	case VFIO_SET_IOMMU:
		assert_true(vfio.set_container);
		vfio.set_iommu = (int)(uintptr_t)arg;
		return 0;
	case VFIO_IOMMU_GET_INFO:
		return fake_iommu_info(arg);
	case VFIO_IOMMU_MAP_DMA:
		return fake_map(map->iova, map->size, map->vaddr);
	case VFIO_IOMMU_UNMAP_DMA:
		return fake_unmap(unmap->iova, unmap->size);
	case IOMMUFD_IOAS_ALLOC:
		((struct iommufd_alloc *)arg)->ioas = 77;
		return 0;
	case IOMMUFD_IOAS_RANGES:
		ranges->count = 2;
		memcpy((void *)(uintptr_t)ranges->ranges, vfio.ranges, sizeof(vfio.ranges));
		return 0;
	case IOMMUFD_IOAS_MAP:
		assert_int_equal(fd_map->ioas, 77);
		return fake_map(fd_map->iova, fd_map->len, fd_map->va);
	case IOMMUFD_IOAS_UNMAP:
		return fake_unmap(fd_unmap->iova, fd_unmap->len);
	default:
		fail_msg("container ioctl 0x%lx", request);
		return -1;
	}
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	if (vfio.fail_request == request && vfio.fail_errno) {
		errno = vfio.fail_errno;
		return -1;
	}
	assert_in_range(fd, CONTAINER, CONTAINER + N_FDS - 1);
	assert_int_equal(vfio.open[fd - CONTAINER], 1);
	if (fd == GROUP)
		return fake_group_ioctl(request, arg);
	if (fd == CONTAINER || fd == IOMMU)
		return fake_space_ioctl(request, arg);
	return fake_device_ioctl(fd, request, arg);
}

/* Region 7 is the configuration space, region 0 the registers. */
static char *fake_bytes(off_t at, size_t n)
{
	uint64_t region = (uint64_t)at >> 40, off = (uint64_t)at & 0xffffffff;

	assert_true(region == 0 || region == 7);
	assert_true(off + n <= (region ? sizeof(vfio.config) : sizeof(vfio.bar)));
	return (region ? (char *)vfio.config : (char *)vfio.bar) + off;
}

static ssize_t fake_pread(int fd, void *buf, size_t n, off_t at)
{
	if (fd < CONTAINER)
		return pread(fd, buf, n, at);
	memcpy(buf, fake_bytes(at, n), n);
	return (ssize_t)n;
}

static ssize_t fake_pwrite(int fd, const void *buf, size_t n, off_t at)
{
	if (fd < CONTAINER)
		return pwrite(fd, buf, n, at);
	memcpy(fake_bytes(at, n), buf, n);
	return (ssize_t)n;
}

static void *fake_mmap(void *at, size_t len, int prot, int flags, int fd, off_t off)
{
	if (fd < CONTAINER)
		return mmap(at, len, prot, flags, fd, off);
	assert_int_equal(flags, MAP_SHARED);
	return fake_bytes(off, len);
}

static int fake_munmap(void *at, size_t len)
{
	if ((char *)at >= (char *)vfio.bar && (char *)at < (char *)vfio.bar + sizeof(vfio.bar))
		return 0;
	return munmap(at, len);
}

static struct kernel fake_kernel(void)
{
	return (struct kernel) { .sys = vfio.tree_sys,
				 .dev = vfio.tree_dev,
				 .proc = vfio.tree_proc,
				 .open = fake_open,
				 .close = fake_close,
				 .ioctl = fake_ioctl,
				 .pread = fake_pread,
				 .pwrite = fake_pwrite,
				 .mmap = fake_mmap,
				 .munmap = fake_munmap };
}

/* A machine with one device, bound to vfio-pci, in a group of its own. */
static int new_machine(void **state)
{
	if (tree_new(state))
		return -1;
	memset(&vfio, 0, sizeof(vfio));
	snprintf(vfio.tree_sys, sizeof(vfio.tree_sys), "%s/sys", tree);
	snprintf(vfio.tree_dev, sizeof(vfio.tree_dev), "%s/dev", tree);
	snprintf(vfio.tree_proc, sizeof(vfio.tree_proc), "%s/proc", tree);
	vfio.vectors = 16;
	vfio.ranges[0] = (struct iommufd_range) { 0, 0xfedfffff };
	vfio.ranges[1] = (struct iommufd_range) { 0xfef00000, (UINT64_C(1) << 39) - 1 };
	memcpy(vfio.config, "\x86\x80\xfb\x10", 4);
	tree_text(DEV "class", "0x020000\n");
	tree_link(DEV "driver", "../../../bus/pci/drivers/vfio-pci");
	tree_link(DEV "iommu_group", "../../../kernel/iommu_groups/7");
	tree_text("sys/kernel/iommu_groups/7/type", "DMA\n");
	tree_link("sys/kernel/iommu_groups/7/devices/0000:03:00.0", "../x");
	setenv("NICETY_PROC", vfio.tree_proc, 1);
	catch_log();
	return 0;
}

/* After every test all of the kernel's descriptors are closed. */
static int del_machine(void **state)
{
	for (int i = 0; i < N_FDS; i++)
		assert_int_equal(vfio.open[i], 0);
	return tree_del(state);
}

#endif
