/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Physical addresses of this process's memory, for devices that no IOMMU translates for.
 */
#ifndef MEM_PHYS_H
#define MEM_PHYS_H

#include "base/types.h"

/**
 * mem_phys - the physical address of @len bytes at @va, which must be hugepage memory: only that
 * is contiguous and stays where it is. The environment variable NICETY_PROC moves /proc.
 * 0; -EPERM (the kernel hides addresses from us), -ENOTSUP (not contiguous, no hugepages), -errno;
 * logged with the fix.
 */
int mem_phys(const void *va, size_t len, uint64_t *phys);

#endif
