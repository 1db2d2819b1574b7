/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The vfio-user protocol on the wire: QEMU's docs/interop/vfio-user.rst, and our one extension,
 * doorbells as memory. For both sides: src/server and the client backend. Integers are little
 * endian, structures have no holes.
 */
#ifndef BUS_VFIO_USER_PROTO_H
#define BUS_VFIO_USER_PROTO_H

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

enum {
	VFU_TYPE = 15,
	VFU_REPLY = 1,
	VFU_NO_REPLY = 1 << 4,
	VFU_ERROR = 1 << 5
}; /* vfu_header.flags */

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
enum { /* vfu_region_info.flags */
       VFU_REGION_READABLE = 1,
       VFU_REGION_WRITABLE = 2,
       VFU_REGION_MMAP = 4,
       VFU_REGION_CAPS = 8,
};
enum { VFU_CONFIG = 7 }; /* region index; 0 to 5 are the BARs */

struct vfu_irq_info {
	le32 argsz, flags, index, count;
};
enum { VFU_IRQ_EVENTFD = 1, VFU_IRQ_MASKABLE = 2, VFU_IRQ_AUTOMASKED = 4 };

struct vfu_irq_set {
	le32 argsz, flags, index, start, count;
};
enum {
	VFU_DATA_NONE = 1,
	VFU_DATA_EVENTFD = 4,
	VFU_ACTION_MASK = 8,
	VFU_ACTION_UNMASK = 16,
	VFU_ACTION_TRIGGER = 32,
};

struct vfu_access { /* in front of the data of REGION_READ and REGION_WRITE */
	le64 offset;
	le32 region, count;
};

/*
 * DMA_READ, DMA_WRITE and their replies; the data follows. QEMU (10.1 to 10.2) differs: its count
 * has 32 bits and the data follows at once, though its messages are as long as these; and its
 * reply to DMA_WRITE has no payload. So a server begins with a DMA_WRITE of 0 bytes, which does
 * nothing: an empty good reply tells QEMU, any other a client by the book.
 */
struct vfu_dma_access {
	le64 address, count;
};

struct vfu_write { /* of REGION_WRITE_MULTI, behind a le64 that counts them */
	le64 offset;
	le32 region, count;
	le64 data;
};

/*
 * Doorbells as memory (docs/adr/0004-doorbells-in-a-region-of-their-own.md).
 *
 * A client that wants them says so in the JSON of VERSION, {"capabilities": {"nicety":
 * {"doorbells": true}}}; a server that has them answers with the same member, and GET_INFO then
 * counts VFU_DOORBELLS + 1 regions. REGION_INFO of region VFU_DOORBELLS answers with struct
 * vfu_region_info (MMAP and CAPS set), struct vfu_doorbells at cap_offset, and its ranges behind
 * it; argsz of the request is the room for all that. If it fits, a descriptor comes along: map
 * `size` bytes of it from `offset` on, shared, for reading and writing. If not, argsz of the reply
 * tells the room to ask with again.
 *
 * The 32-bit tail register at BAR0 `offset + i * stride`, i < count, of a range is the word at
 * the same offset of the mapping, little endian: stored with release. The server looks at it while
 * the client is connected. Nothing else of the mapping means anything. REGION_WRITE works as
 * ever. A store may overtake a REGION_WRITE that was not replied to yet.
 */
enum { VFU_DOORBELLS = 9, VFU_CAP_DOORBELLS = 0x6e69 };

struct vfu_doorbells {
	le16 id, version; /* VFU_CAP_DOORBELLS, 1 */
	le32 next;        /* capability: 0, none */
	le32 n_ranges, reserved;
};
struct vfu_doorbell_range {
	le32 offset, stride, count, reserved;
};

#endif
