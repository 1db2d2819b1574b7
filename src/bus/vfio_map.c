/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The addresses of a VFIO address space: which the IOMMU can translate, what is mapped there.
 */
#include <inttypes.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "bus/vfio.h"
#include "mem/phys.h"

#define PLACE_STEP ((uint64_t)2 << 20) /* IOVAs are multiples of the largest usual IOMMU page */

/* ---- what the IOMMU can reach ---- */

static void default_range(struct vfio_space *s)
{
	/* A kernel that reports none: the narrowest IOMMU in the field has 39 bits. */
	s->ranges[0] = (struct iommufd_range) { 0, (UINT64_C(1) << 39) - 1 };
	s->n_ranges = 1;
}

/* Walk the capabilities behind struct vfio_iommu_type1_info for the IOVA ranges. */
static void find_ranges(struct vfio_space *s, const char *info, size_t size, uint32_t at)
{
	struct vfio_info_cap_header cap;

	for (unsigned n = 0; n < 16 && at && at + sizeof(cap) <= size; n++, at = cap.next) {
		uint32_t count;
		size_t from = at + sizeof(cap) + 2 * sizeof(count);

		memcpy(&cap, info + at, sizeof(cap));
		if (cap.id != VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE || from > size)
			continue;
		memcpy(&count, info + at + sizeof(cap), sizeof(count));
		for (; s->n_ranges < count && s->n_ranges < VFIO_RANGES; s->n_ranges++) {
			if (size - from < sizeof(s->ranges[0]))
				return;
			memcpy(&s->ranges[s->n_ranges], info + from, sizeof(s->ranges[0]));
			from += sizeof(s->ranges[0]);
		}
	}
}

static void read_container_ranges(struct vfio_space *s)
{
	struct vfio_iommu_type1_info head = { .argsz = sizeof(head) };
	uint32_t size;
	char *info;

	/* The first answer says how much room the second wants. */
	if (s->k.ioctl(s->container, VFIO_IOMMU_GET_INFO, &head) || head.argsz > 1 << 16)
		return;
	size = head.argsz > sizeof(head) ? head.argsz : (uint32_t)sizeof(head);
	info = calloc(1, size);
	if (!info)
		return;
	memcpy(info, &size, sizeof(size));
	if (!s->k.ioctl(s->container, VFIO_IOMMU_GET_INFO, info)) {
		memcpy(&head, info, sizeof(head));
		if (head.flags & VFIO_IOMMU_INFO_CAPS)
			find_ranges(s, info, size, head.cap_offset);
	}
	free(info);
}

static void read_iommufd_ranges(struct vfio_space *s)
{
	struct iommufd_ranges r = { .size = sizeof(r),
				    .ioas = s->ioas,
				    .count = VFIO_RANGES,
				    .ranges = (uintptr_t)s->ranges };

	/* EMSGSIZE: there are more than fit; those that do will do. */
	if (!s->k.ioctl(s->container, IOMMUFD_IOAS_RANGES, &r) || errno == EMSGSIZE)
		s->n_ranges = r.count < VFIO_RANGES ? r.count : VFIO_RANGES;
}

void vfio_space_ranges(struct vfio_space *s)
{
	if (s->how == VFIO_BY_GROUP)
		read_container_ranges(s);
	else if (s->how == VFIO_BY_IOMMUFD)
		read_iommufd_ranges(s);
	if (!s->n_ranges)
		default_range(s);
}

int vfio_space_place(struct vfio_space *s, const void *va, size_t len, uint64_t *iova)
{
	if (s->how == VFIO_NO_IOMMU)
		return va ? mem_phys(va, len, iova) : 0;
	for (unsigned i = 0; i < s->n_ranges; i++) {
		const struct iommufd_range *r = &s->ranges[i];
		uint64_t at = *iova > r->first ? *iova : r->first;

		if (at > UINT64_MAX - PLACE_STEP)
			continue;
		at = (at + PLACE_STEP - 1) & ~(PLACE_STEP - 1);
		if (at <= r->last && r->last - at >= len - 1) {
			*iova = at;
			return 0;
		}
	}
	return -ERANGE;
}

/* ---- mapping ---- */

static int say_map_error(const struct vfio_space *s, const char *name, size_t len, uint64_t iova,
			 int err)
{
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (err == -ENOMEM)
		log_error("%s: the kernel may not lock %zu KiB more for DMA, the limit is %" PRIu64
			  " KiB: ulimit -l unlimited, LimitMEMLOCK=infinity in a systemd unit, or "
			  "`memlock unlimited` in /etc/security/limits.conf",
			  name, len >> 10, (uint64_t)limit.rlim_cur >> 10);
	else if (err == -EEXIST)
		log_error("%s: IOMMU group %s has memory at 0x%" PRIx64 " already: open the "
			  "devices of one group on the same nic_mem",
			  name, s->group, iova);
	else if (err == -ENOSPC)
		log_error("%s: too many DMA mappings: use larger pages, or raise "
			  "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit",
			  name);
	else
		log_error("%s: VFIO does not map %zu KiB at IOVA 0x%" PRIx64 ": %s", name,
			  len >> 10, iova, strerror(-err));
	return err;
}

static int kernel_map(struct vfio_space *s, const void *va, size_t len, uint64_t iova)
{
	struct vfio_iommu_type1_dma_map by_group = {
		.argsz = sizeof(by_group),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)va,
		.iova = iova,
		.size = len,
	};
	struct iommufd_map by_fd = {
		.size = sizeof(by_fd),
		.flags = IOMMUFD_FIXED_IOVA | IOMMUFD_WRITEABLE | IOMMUFD_READABLE,
		.ioas = s->ioas,
		.va = (uintptr_t)va,
		.len = len,
		.iova = iova,
	};
	int err = 0;

	if (s->how == VFIO_BY_GROUP)
		err = s->k.ioctl(s->container, VFIO_IOMMU_MAP_DMA, &by_group);
	else if (s->how == VFIO_BY_IOMMUFD)
		err = s->k.ioctl(s->container, IOMMUFD_IOAS_MAP, &by_fd);
	return err ? -errno : 0;
}

static int kernel_unmap(struct vfio_space *s, size_t len, uint64_t iova)
{
	struct vfio_iommu_type1_dma_unmap by_group = { .argsz = sizeof(by_group),
						       .iova = iova,
						       .size = len };
	struct iommufd_unmap by_fd = {
		.size = sizeof(by_fd), .ioas = s->ioas, .iova = iova, .len = len
	};
	int err = 0;

	if (s->how == VFIO_BY_GROUP)
		err = s->k.ioctl(s->container, VFIO_IOMMU_UNMAP_DMA, &by_group);
	else if (s->how == VFIO_BY_IOMMUFD)
		err = s->k.ioctl(s->container, IOMMUFD_IOAS_UNMAP, &by_fd);
	return err ? -errno : 0;
}

/* Called with the lock held. */
static struct vfio_map *find_map(struct vfio_space *s, uint64_t iova, size_t len)
{
	for (unsigned i = 0; i < s->n_maps; i++)
		if (s->maps[i].iova == iova && s->maps[i].len == len)
			return &s->maps[i];
	return NULL;
}

/* Called with the lock held. */
static int add_map(struct vfio_space *s, const void *va, size_t len, uint64_t iova)
{
	int err;

	if (s->n_maps == s->room_maps) {
		unsigned room = s->room_maps ? s->room_maps * 2 : 16;
		struct vfio_map *maps = realloc(s->maps, room * sizeof(*maps));

		if (!maps)
			return -ENOBUFS; /* not ENOMEM, which is the kernel's limit */
		s->maps = maps;
		s->room_maps = room;
	}
	err = kernel_map(s, va, len, iova);
	if (!err)
		s->maps[s->n_maps++] = (struct vfio_map) { iova, len, va, 1 };
	return err;
}

int vfio_space_map(struct vfio_space *s, const char *name, void *va, size_t len, uint64_t iova)
{
	struct vfio_map *m;
	int err = 0;

	pthread_mutex_lock(&s->lock);
	m = find_map(s, iova, len);
	if (m && m->va == va)
		m->users++;
	else
		err = m ? -EEXIST : add_map(s, va, len, iova);
	pthread_mutex_unlock(&s->lock);
	return err ? say_map_error(s, name, len, iova, err) : 0;
}

int vfio_space_unmap(struct vfio_space *s, const char *name, uint64_t iova, size_t len)
{
	struct vfio_map *m;
	int err = 0;

	pthread_mutex_lock(&s->lock);
	m = find_map(s, iova, len);
	if (!m) {
		err = -EINVAL;
	} else if (--m->users == 0) {
		err = kernel_unmap(s, len, iova);
		*m = s->maps[--s->n_maps];
	}
	pthread_mutex_unlock(&s->lock);
	if (err)
		log_error("%s: IOVA 0x%" PRIx64 " cannot be unmapped: %s", name, iova,
			  strerror(-err));
	return err;
}
