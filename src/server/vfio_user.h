/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The vfio-user protocol on the wire: QEMU's docs/interop/vfio-user.rst. Integers are little
 * endian, structures have no holes.
 */
#ifndef SERVER_VFIO_USER_H
#define SERVER_VFIO_USER_H

#include "base/types.h"

enum vfu_command {
	VFU_VERSION = 1,
	VFU_DMA_MAP,
	VFU_DMA_UNMAP,
	VFU_GET_INFO,
	VFU_GET_REGION_INFO,
	VFU_GET_REGION_IO_FDS,
	VFU_GET_IRQ_INFO,
	VFU_SET_IRQS,
	VFU_REGION_READ,
	VFU_REGION_WRITE,
	VFU_DMA_READ,
	VFU_DMA_WRITE,
	VFU_RESET,
	VFU_REGION_WRITE_MULTI = 15,
};

enum { VFU_REPLY = 1, VFU_NO_REPLY = 1 << 4, VFU_ERROR = 1 << 5 }; /* vfu_header.flags */

struct vfu_header {
	le16 id, command;
	le32 size; /* with header */
	le32 flags, error;
};

struct vfu_dma_map {
	le32 argsz, flags;
	le64 offset, address, size;
};
struct vfu_dma_unmap {
	le32 argsz, flags;
	le64 address, size;
};
enum { VFU_MAP_READ = 1, VFU_MAP_WRITE = 2, VFU_UNMAP_ALL = 2 };

struct vfu_device_info {
	le32 argsz, flags, num_regions, num_irqs;
};
enum { VFU_DEVICE_RESET = 1, VFU_DEVICE_PCI = 2, VFU_REGIONS = 9, VFU_IRQS = 5 };

struct vfu_region_info {
	le32 argsz, flags, index, cap_offset;
	le64 size, offset;
};
enum { VFU_REGION_READABLE = 1, VFU_REGION_WRITABLE = 2, VFU_CONFIG = 7 };

struct vfu_irq_info {
	le32 argsz, flags, index, count;
};
enum { VFU_IRQ_EVENTFD = 1, VFU_IRQ_MASKABLE = 2, VFU_IRQ_AUTOMASKED = 4 };

struct vfu_irq_set {
	le32 argsz, flags, index, start, count;
};
enum {
	VFU_DATA_NONE = 1,
	VFU_DATA_BOOL = 2,
	VFU_DATA_EVENTFD = 4,
	VFU_ACTION_MASK = 8,
	VFU_ACTION_UNMASK = 16,
	VFU_ACTION_TRIGGER = 32,
};

struct vfu_access { /* in front of the data of REGION_READ and REGION_WRITE */
	le64 offset;
	le32 region, count;
};

struct vfu_write { /* of REGION_WRITE_MULTI, behind a le64 that counts them */
	le64 offset;
	le32 region, count;
	le64 data;
};

#endif
