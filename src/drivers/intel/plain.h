/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernels of burst.h in plain C: four descriptors in a row spare three of four turns of the
 * loop. Included where BURST is named.
 */
#ifdef BURST
#include "drivers/intel/ring.h"

#define TARGET
#define KERNEL     static inline __attribute__((always_inline))

#define STEP       4
#define FILL_STEP  4
#define CLEAN_STEP 4

KERNEL unsigned rx_step(struct nic_pkt *out, const union intel_rx_desc *d, void *const *buf,
			uint32_t buf_size)
{
	if (!intel_rx_one(out, d, buf[0], buf_size))
		return 0;
	if (!intel_rx_one(out + 1, d + 1, buf[1], buf_size))
		return 1;
	if (!intel_rx_one(out + 2, d + 2, buf[2], buf_size))
		return 2;
	return intel_rx_one(out + 3, d + 3, buf[3], buf_size) ? 4 : 3;
}

KERNEL unsigned tx_step(union intel_tx_desc *d, void **buf, const struct nic_pkt *p,
			uint32_t max_frame, uint64_t iova_offset)
{
	if (!intel_tx_one(d, buf, p, max_frame, iova_offset))
		return 0;
	if (!intel_tx_one(d + 1, buf + 1, p + 1, max_frame, iova_offset))
		return 1;
	if (!intel_tx_one(d + 2, buf + 2, p + 2, max_frame, iova_offset))
		return 2;
	return intel_tx_one(d + 3, buf + 3, p + 3, max_frame, iova_offset) ? 4 : 3;
}

KERNEL void fill_one(union intel_rx_desc *d, void **buf, void *data, uint64_t iova_offset)
{
	*buf = data;
	d->read.addr = to_le64((uintptr_t)data + iova_offset);
	d->read.header = to_le64(0); /* clears DD as well */
}

KERNEL void fill_step(union intel_rx_desc *d, void **buf, void *const *from, uint64_t iova_offset)
{
	fill_one(d, buf, from[0], iova_offset);
	fill_one(d + 1, buf + 1, from[1], iova_offset);
	fill_one(d + 2, buf + 2, from[2], iova_offset);
	fill_one(d + 3, buf + 3, from[3], iova_offset);
}

KERNEL int clean_step(void **stack, void *const *buf, uintptr_t start, uintptr_t span,
		      uint32_t shift)
{
	if (unlikely((uintptr_t)buf[0] - start >= span || (uintptr_t)buf[1] - start >= span ||
		     (uintptr_t)buf[2] - start >= span || (uintptr_t)buf[3] - start >= span))
		return 0;
	stack[0] = pool_home(shift, buf[0]);
	stack[1] = pool_home(shift, buf[1]);
	stack[2] = pool_home(shift, buf[2]);
	stack[3] = pool_home(shift, buf[3]);
	return 1;
}

#include "drivers/intel/burst.h"
#else
#include "drivers/intel/ring.h"
#endif
