/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path with AVX2: two descriptors are one register, so is a packet.
 */
#include "base/types.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "drivers/intel/ring.h"

#define TARGET     __attribute__((target("avx2,bmi")))
#define KERNEL     TARGET static inline __attribute__((always_inline))
#define BURST      intel_burst_avx2

#define STEP       4
#define FILL_STEP  4
#define CLEAN_STEP 4

/* The same four dwords in both lanes, the first in memory first. */
KERNEL __m256i lanes(uint32_t d0, uint32_t d1, uint32_t d2, uint32_t d3)
{
	return _mm256_broadcastsi128_si256(_mm_setr_epi32((int)d0, (int)d1, (int)d2, (int)d3));
}
KERNEL __m256i load2(const void *p)
{
	return _mm256_loadu_si256(p);
}
KERNEL void store2(void *p, __m256i v)
{
	_mm256_storeu_si256(p, v);
}
/* 0, 1, 2, 3 as 0, 2, 1, 3: for unpack, which works in lanes */
KERNEL __m256i crossed(__m256i v)
{
	return _mm256_permute4x64_epi64(v, 0xd8);
}

/* How many of four, from the first, have nothing left over; @a and @b hold two each. */
KERNEL unsigned first_good(__m256i a, __m256i b)
{
	__m256i zero = _mm256_setzero_si256();
	uint32_t good;

	if (likely(_mm256_testz_si256(_mm256_or_si256(a, b), _mm256_or_si256(a, b))))
		return STEP;
	a = _mm256_packs_epi32(_mm256_cmpeq_epi32(a, zero), _mm256_cmpeq_epi32(b, zero));
	/* 16-bit lanes: descriptor 0, descriptor 2, descriptor 1, descriptor 3 */
	good = (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(a, 0xd8));
	return (unsigned)__builtin_ctz(~good) / 8;
}

/* Descriptors as the middle 16 bytes of packets. */
KERNEL __m256i turned(__m256i wb)
{
	wb = _mm256_shuffle_epi32(wb, 0x1b);
	wb = _mm256_and_si256(wb, lanes(~0u, INTEL_RX_FLAGS, ~0u, INTEL_RX_TYPES));
	return _mm256_xor_si256(wb, lanes(0, NIC_MORE, 0, 0));
}

/* What keeps descriptors from being one good frame each: nothing is 0. */
KERNEL __m256i rx_bad(__m256i wb, uint32_t buf_size)
{
	wb = _mm256_and_si256(wb, lanes(0, 0, INTEL_RX_JUDGED, 0xffff));
	wb = _mm256_sub_epi32(wb, lanes(0, 0, INTEL_RX_GOOD, 1));
	/* 16-bit lanes; a length of 0 has become 0xffffffff, whose halves are both too large */
	return _mm256_subs_epu16(wb, lanes(0, 0, 0, buf_size - 1));
}

/*
 * A descriptor's 16 bytes are read at once (the processor splits a 32-byte load into nothing
 * smaller), so with its DD bit comes all that was written before it; a later descriptor counts
 * only if all before it are done.
 */
KERNEL unsigned rx_step(struct nic_pkt *out, const union intel_rx_desc *d, void *const *buf,
			uint32_t buf_size)
{
	__m256i wb0 = load2(d), wb1 = load2(d + 2), data = crossed(load2(buf));
	__m256i zero = _mm256_setzero_si256(), p0 = turned(wb0), p1 = turned(wb1), low, high;

	__asm__ volatile("" ::: "memory"); /* the frames are read after the descriptors */
	low = _mm256_unpacklo_epi64(data, p0);
	high = _mm256_unpackhi_epi64(p0, zero);
	store2(out, _mm256_permute2x128_si256(low, high, 0x20));
	store2(out + 1, _mm256_permute2x128_si256(low, high, 0x31));
	low = _mm256_unpackhi_epi64(data, _mm256_shuffle_epi32(p1, 0x4e));
	high = _mm256_unpackhi_epi64(p1, zero);
	store2(out + 2, _mm256_permute2x128_si256(low, high, 0x20));
	store2(out + 3, _mm256_permute2x128_si256(low, high, 0x31));
	return first_good(rx_bad(wb0, buf_size), rx_bad(wb1, buf_size));
}

/* Address and length, VLAN, flags of two packets. */
KERNEL __m256i heads(const struct nic_pkt *p)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const void *)p)),
				       _mm_loadu_si128((const void *)(p + 1)), 1);
}

KERNEL __m256i tx_odd(__m256i p, uint32_t max_frame)
{
	p = _mm256_and_si256(p, lanes(0, 0, 0xffff, INTEL_TX_ODD));
	p = _mm256_sub_epi32(p, lanes(0, 0, INTEL_MIN_FRAME, 0));
	return _mm256_subs_epu16(p, lanes(0, 0, max_frame - INTEL_MIN_FRAME, 0));
}

/* Length and command, PAYLEN from bit 46; the address becomes the IOVA. */
KERNEL __m256i described(__m256i p, uint64_t iova_offset)
{
	__m256i len = _mm256_and_si256(p, lanes(0, 0, 0xffff, 0));
	__m256i word = _mm256_or_si256(_mm256_or_si256(len, _mm256_slli_epi64(len, 46)),
				       lanes(0, 0, INTEL_TX_CMD, 0));

	p = _mm256_add_epi64(p, _mm256_set1_epi64x((long long)iova_offset));
	return _mm256_blend_epi32(p, word, 0xcc);
}

KERNEL unsigned tx_step(union intel_tx_desc *d, void **buf, const struct nic_pkt *p,
			uint32_t max_frame, uint64_t iova_offset)
{
	__m256i p0 = heads(p), p1 = heads(p + 2);

	store2(d, described(p0, iova_offset));
	store2(d + 2, described(p1, iova_offset));
	store2(buf, crossed(_mm256_unpacklo_epi64(p0, p1)));
	return first_good(tx_odd(p0, max_frame), tx_odd(p1, max_frame));
}

KERNEL void fill_step(union intel_rx_desc *d, void **buf, void *const *from, uint64_t iova_offset)
{
	__m256i data = load2(from), zero = _mm256_setzero_si256();
	__m256i iova = crossed(_mm256_add_epi64(data, _mm256_set1_epi64x((long long)iova_offset)));

	store2(buf, data);
	store2(d, _mm256_unpacklo_epi64(iova, zero));
	store2(d + 2, _mm256_unpackhi_epi64(iova, zero));
}

KERNEL int clean_step(void **stack, void *const *buf, uintptr_t start, uintptr_t span,
		      uint32_t shift)
{
	__m256i data = load2(buf), slot, colour;
	__m256i offset = _mm256_sub_epi64(data, _mm256_set1_epi64x((long long)start));
	/* both are below 2^63 for all that lies in the range, and negative is below it */
	__m256i inside = _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)span), offset);

	inside = _mm256_andnot_si256(offset, inside);
	if (_mm256_movemask_pd(_mm256_castsi256_pd(inside)) != 15)
		return 0;
	slot = _mm256_srl_epi64(data, _mm_cvtsi32_si128((int)shift));
	colour = _mm256_and_si256(slot, _mm256_set1_epi64x(POOL_COLOURS - 1));
	data = _mm256_add_epi64(_mm256_sll_epi64(slot, _mm_cvtsi32_si128((int)shift)),
				_mm256_slli_epi64(colour, 6));
	store2(stack, _mm256_add_epi64(data, _mm256_set1_epi64x(POOL_HEADROOM)));
	return 1;
}

#include "drivers/intel/burst.h"
#endif
