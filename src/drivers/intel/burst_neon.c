/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path with NEON (arm64, little endian): a descriptor is one register, a packet is two.
 */
#include "base/types.h"

#if defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <arm_neon.h>

#include "drivers/intel/ring.h"

#define TARGET
#define KERNEL     static inline __attribute__((always_inline))
#define BURST      intel_burst_neon

#define STEP       4
#define FILL_STEP  2
#define CLEAN_STEP 2

KERNEL uint32x4_t lanes(uint32_t d0, uint32_t d1, uint32_t d2, uint32_t d3)
{
	return (uint32x4_t) { d0, d1, d2, d3 };
}
KERNEL uint32x4_t load(const void *p)
{
	return vld1q_u32(p);
}
KERNEL void store64(void *p, uint64x2_t v)
{
	vst1q_u64(p, v);
}

/* How many of four, from the first, have nothing left over. */
KERNEL unsigned first_good(uint32x4_t a, uint32x4_t b, uint32x4_t c, uint32x4_t d)
{
	if (likely(!vmaxvq_u32(vorrq_u32(vorrq_u32(a, b), vorrq_u32(c, d)))))
		return STEP;
	return vmaxvq_u32(a) ? 0 : vmaxvq_u32(b) ? 1 : vmaxvq_u32(c) ? 2 : 3;
}

/* What keeps a descriptor from being one good frame: nothing is 0. */
KERNEL uint32x4_t rx_bad(uint32x4_t wb, uint32_t buf_size)
{
	wb = vandq_u32(wb, lanes(0, 0, INTEL_RX_JUDGED, 0xffff));
	wb = vsubq_u32(wb, lanes(0, 0, INTEL_RX_GOOD, 1));
	return vqsubq_u32(wb, lanes(0, 0, 0, buf_size - 1));
}

KERNEL void put_packet(struct nic_pkt *p, uint32x4_t wb, const void *data)
{
	uint64x2_t turned;

	wb = vrev64q_u32(wb);
	wb = vextq_u32(wb, wb, 2);
	wb = vandq_u32(wb, lanes(~0u, INTEL_RX_FLAGS, ~0u, INTEL_RX_TYPES));
	wb = veorq_u32(wb, lanes(0, NIC_MORE, 0, 0));
	turned = vreinterpretq_u64_u32(wb);
	store64(p, (uint64x2_t) { (uintptr_t)data, vgetq_lane_u64(turned, 0) });
	store64((char *)p + 16, (uint64x2_t) { vgetq_lane_u64(turned, 1), 0 });
}

/*
 * arm64 may read the halves of a descriptor apart and in any order: the status words are read
 * first, with acquire, and a descriptor is whole if its status said so before.
 */
KERNEL unsigned rx_step(struct nic_pkt *out, const union intel_rx_desc *d, void *const *buf,
			uint32_t buf_size)
{
	uint32_t done = dma_load_acquire32(&d[0].wb.status) & dma_load_acquire32(&d[1].wb.status) &
			dma_load_acquire32(&d[2].wb.status) & dma_load_acquire32(&d[3].wb.status);
	uint32x4_t wb[STEP];

	if (!(done & field_mask(RXD_STAT_DD)))
		return 0; /* the plain code takes those that are there */
	for (unsigned i = 0; i < STEP; i++) {
		wb[i] = load(&d[i]);
		put_packet(&out[i], wb[i], buf[i]);
	}
	return first_good(rx_bad(wb[0], buf_size), rx_bad(wb[1], buf_size), rx_bad(wb[2], buf_size),
			  rx_bad(wb[3], buf_size));
}

KERNEL uint32x4_t tx_odd(uint32x4_t p, uint32_t max_frame)
{
	p = vandq_u32(p, lanes(0, 0, 0xffff, INTEL_TX_ODD));
	p = vsubq_u32(p, lanes(0, 0, INTEL_MIN_FRAME, 0));
	return vqsubq_u32(p, lanes(0, 0, max_frame - INTEL_MIN_FRAME, 0));
}

KERNEL unsigned tx_step(union intel_tx_desc *d, void **buf, const struct nic_pkt *p,
			uint32_t max_frame, uint64_t iova_offset)
{
	uint32x4_t packet[STEP];

	for (unsigned i = 0; i < STEP; i++) {
		uint64x2_t v, len;

		packet[i] = load(&p[i]);
		v = vreinterpretq_u64_u32(packet[i]);
		len = vandq_u64(v, vdupq_n_u64(0xffff));
		len = vorrq_u64(vorrq_u64(len, vshlq_n_u64(len, 46)), vdupq_n_u64(INTEL_TX_CMD));
		buf[i] = p[i].data;
		v = vaddq_u64(v, vdupq_n_u64(iova_offset)); /* of the address */
		store64(&d[i], vcopyq_laneq_u64(v, 1, len, 1));
	}
	return first_good(tx_odd(packet[0], max_frame), tx_odd(packet[1], max_frame),
			  tx_odd(packet[2], max_frame), tx_odd(packet[3], max_frame));
}

KERNEL void fill_step(union intel_rx_desc *d, void **buf, void *const *from, uint64_t iova_offset)
{
	uint64x2_t data = vld1q_u64((const void *)from);
	uint64x2_t iova = vaddq_u64(data, vdupq_n_u64(iova_offset)), zero = vdupq_n_u64(0);

	store64(buf, data);
	store64(d, vzip1q_u64(iova, zero));
	store64(d + 1, vzip2q_u64(iova, zero));
}

KERNEL int clean_step(void **stack, void *const *buf, uintptr_t start, uintptr_t span,
		      uint32_t shift)
{
	uint64x2_t data = vld1q_u64((const void *)buf), slot, colour;
	uint64x2_t inside = vcltq_u64(vsubq_u64(data, vdupq_n_u64(start)), vdupq_n_u64(span));

	if (!(vgetq_lane_u64(inside, 0) & vgetq_lane_u64(inside, 1)))
		return 0;
	slot = vshlq_u64(data, vdupq_n_s64(-(int64_t)shift));
	colour = vshlq_n_u64(vandq_u64(slot, vdupq_n_u64(POOL_COLOURS - 1)), 6);
	data = vaddq_u64(vshlq_u64(slot, vdupq_n_s64(shift)), colour);
	store64(stack, vaddq_u64(data, vdupq_n_u64(POOL_HEADROOM)));
	return 1;
}

#include "drivers/intel/burst.h"
#endif
