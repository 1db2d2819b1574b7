/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Regions, between mem.c and pool.c only.
 */
#ifndef MEM_REGION_H
#define MEM_REGION_H

#include "mem/mem.h"

/** mem_region_new - a region mapped into all devices, header zeroed but for iova_offset; NULL. */
struct mem_region *mem_region_new(struct nic_mem *mem);
void mem_region_del(struct nic_mem *mem, struct mem_region *r);

#endif
