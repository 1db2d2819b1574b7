/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The address space that VFIO gives the devices of one IOMMU group: shared by vfio.c (the device),
 * vfio_space.c (getting at it) and vfio_map.c (its memory). The kernel hands a group to one process
 * once, so that devices of the same group share the space, whoever opens them.
 */
#ifndef BUS_VFIO_H
#define BUS_VFIO_H

#include <pthread.h>

#include "bus/iommufd.h"
#include "bus/real.h"

#define VFIO_RANGES 32u

struct vfio_map {
	uint64_t iova;
	size_t len;
	const void *va;
	unsigned users;
};

struct vfio_space {
	struct vfio_space *next;
	struct kernel k;
	char group[16];
	unsigned users;
	enum { VFIO_BY_GROUP, VFIO_BY_IOMMUFD, VFIO_NO_IOMMU } how;
	int container, group_fd; /* VFIO_BY_IOMMUFD: /dev/iommu, and -1 */
	uint32_t ioas;
	struct iommufd_range ranges[VFIO_RANGES]; /* ascending, ends included */
	unsigned n_ranges;
	pthread_mutex_t lock; /* the maps: devices may be on memories of their own */
	struct vfio_map *maps;
	unsigned n_maps, room_maps;
};

/**
 * vfio_space_get - the space of @uri's device, new or shared, and the device's descriptor.
 * @fd: receives the descriptor; the caller closes it before vfio_space_put. 0 or -errno, logged.
 */
int vfio_space_get(struct vfio_space **out, int *fd, const struct kernel *k,
		   const struct real_uri *uri, const char *name);
void vfio_space_put(struct vfio_space *space);

/** vfio_space_ranges - ask the kernel which IOVAs there are; once, after the first device. */
void vfio_space_ranges(struct vfio_space *space);

/** vfio_space_place - struct pci_ops.dma_place. */
int vfio_space_place(struct vfio_space *space, const void *va, size_t len, uint64_t *iova);
/** vfio_space_map, vfio_space_unmap - counted: what two devices map is mapped once. */
int vfio_space_map(struct vfio_space *space, const char *name, void *va, size_t len, uint64_t iova);
int vfio_space_unmap(struct vfio_space *space, const char *name, uint64_t iova, size_t len);

#endif
