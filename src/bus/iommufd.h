/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The part of Linux's iommufd interface that vfio_space.c uses (include/uapi/linux/iommufd.h and
 * vfio.h, from 6.6 on), for building with older kernel headers: numbers and layouts only.
 */
#ifndef BUS_IOMMUFD_H
#define BUS_IOMMUFD_H

#include <linux/ioctl.h>
#include <stdint.h>

#define IOMMUFD_IOAS_ALLOC    _IO(';', 0x81)
#define IOMMUFD_IOAS_RANGES   _IO(';', 0x84)
#define IOMMUFD_IOAS_MAP      _IO(';', 0x85)
#define IOMMUFD_IOAS_UNMAP    _IO(';', 0x86)
#define IOMMUFD_DEVICE_BIND   _IO(';', 100 + 18) /* the two on the device's descriptor */
#define IOMMUFD_DEVICE_ATTACH _IO(';', 100 + 19)

enum { IOMMUFD_FIXED_IOVA = 1, IOMMUFD_WRITEABLE = 2, IOMMUFD_READABLE = 4 };

struct iommufd_alloc {
	uint32_t size, flags, ioas; /* ioas: out */
};
struct iommufd_range {
	uint64_t first, last;
};
struct iommufd_ranges {
	uint32_t size, ioas, count, reserved; /* count: room in, number out */
	uint64_t ranges;                      /* address of an array */
	uint64_t alignment;                   /* out */
};
struct iommufd_map {
	uint32_t size, flags, ioas, reserved;
	uint64_t va, len, iova;
};
struct iommufd_unmap {
	uint32_t size, ioas;
	uint64_t iova, len;
};
struct iommufd_bind {
	uint32_t argsz, flags;
	int32_t iommufd;
	uint32_t devid; /* out */
};
struct iommufd_attach {
	uint32_t argsz, flags, ioas;
};

#endif
