/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path with SSE4.2: a descriptor is one register, a packet is two.
 */
#include "base/types.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "drivers/intel/ring.h"

#define TARGET     __attribute__((target("sse4.2")))
#define KERNEL     TARGET static inline __attribute__((always_inline))
#define BURST      intel_burst_sse

#define STEP       4
#define FILL_STEP  2
#define CLEAN_STEP 2

KERNEL __m128i lanes(uint32_t d0, uint32_t d1, uint32_t d2, uint32_t d3)
{
	return _mm_setr_epi32((int)d0, (int)d1, (int)d2, (int)d3);
}
KERNEL __m128i load(const void *p)
{
	return _mm_loadu_si128(p);
}
KERNEL void store(void *p, __m128i v)
{
	_mm_storeu_si128(p, v);
}

/* How many of four, from the first, have nothing left over. */
KERNEL unsigned first_good(__m128i a, __m128i b, __m128i c, __m128i d)
{
	__m128i zero = _mm_setzero_si128();
	__m128i any = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
	uint32_t good;

	if (likely(_mm_testz_si128(any, any)))
		return STEP;
	a = _mm_packs_epi32(_mm_cmpeq_epi32(a, zero), _mm_cmpeq_epi32(b, zero));
	c = _mm_packs_epi32(_mm_cmpeq_epi32(c, zero), _mm_cmpeq_epi32(d, zero));
	good = (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(a, c));
	return (unsigned)__builtin_ctz(~good) / 4;
}

/* What keeps a descriptor from being one good frame: nothing is 0. */
KERNEL __m128i rx_bad(__m128i wb, uint32_t buf_size)
{
	wb = _mm_and_si128(wb, lanes(0, 0, INTEL_RX_JUDGED, 0xffff));
	wb = _mm_sub_epi32(wb, lanes(0, 0, INTEL_RX_GOOD, 1));
	/* 16-bit lanes; a length of 0 has become 0xffffffff, whose halves are both too large */
	return _mm_subs_epu16(wb, lanes(0, 0, 0, buf_size - 1));
}

KERNEL void put_packet(struct nic_pkt *p, __m128i wb, __m128i data)
{
	wb = _mm_shuffle_epi32(wb, 0x1b);
	wb = _mm_and_si128(wb, lanes(~0u, INTEL_RX_FLAGS, ~0u, INTEL_RX_TYPES));
	wb = _mm_xor_si128(wb, lanes(0, NIC_MORE, 0, 0));
	store(p, _mm_unpacklo_epi64(data, wb));
	store((char *)p + 16, _mm_unpackhi_epi64(wb, _mm_setzero_si128()));
}

/*
 * A descriptor is read at once, so with its DD bit comes all that was written before it; a later
 * descriptor counts only if all before it are done.
 */
KERNEL unsigned rx_step(struct nic_pkt *out, const union intel_rx_desc *d, void *const *buf,
			uint32_t buf_size)
{
	__m128i wb0 = load(d), wb1 = load(d + 1), wb2 = load(d + 2), wb3 = load(d + 3);
	__m128i data0 = load(buf), data2 = load(buf + 2);

	__asm__ volatile("" ::: "memory"); /* the frames are read after the descriptors */
	put_packet(out, wb0, data0);
	put_packet(out + 1, wb1, _mm_srli_si128(data0, 8));
	put_packet(out + 2, wb2, data2);
	put_packet(out + 3, wb3, _mm_srli_si128(data2, 8));
	return first_good(rx_bad(wb0, buf_size), rx_bad(wb1, buf_size), rx_bad(wb2, buf_size),
			  rx_bad(wb3, buf_size));
}

KERNEL __m128i tx_odd(__m128i p, uint32_t max_frame)
{
	p = _mm_and_si128(p, lanes(0, 0, 0xffff, INTEL_TX_ODD));
	p = _mm_sub_epi32(p, lanes(0, 0, INTEL_MIN_FRAME, 0));
	return _mm_subs_epu16(p, lanes(0, 0, max_frame - INTEL_MIN_FRAME, 0));
}

/* Length and command, PAYLEN from bit 46; the address becomes the IOVA. */
KERNEL __m128i described(__m128i p, uint64_t iova_offset)
{
	__m128i len = _mm_and_si128(p, lanes(0, 0, 0xffff, 0));
	__m128i word = _mm_or_si128(_mm_or_si128(len, _mm_slli_epi64(len, 46)),
				    lanes(0, 0, INTEL_TX_CMD, 0));

	p = _mm_add_epi64(p, _mm_set1_epi64x((long long)iova_offset));
	return _mm_blend_epi16(p, word, 0xf0);
}

KERNEL unsigned tx_step(union intel_tx_desc *d, void **buf, const struct nic_pkt *p,
			uint32_t max_frame, uint64_t iova_offset)
{
	__m128i p0 = load(p), p1 = load(p + 1), p2 = load(p + 2), p3 = load(p + 3);

	store(d, described(p0, iova_offset));
	store(d + 1, described(p1, iova_offset));
	store(d + 2, described(p2, iova_offset));
	store(d + 3, described(p3, iova_offset));
	store(buf, _mm_unpacklo_epi64(p0, p1));
	store(buf + 2, _mm_unpacklo_epi64(p2, p3));
	return first_good(tx_odd(p0, max_frame), tx_odd(p1, max_frame), tx_odd(p2, max_frame),
			  tx_odd(p3, max_frame));
}

KERNEL void fill_step(union intel_rx_desc *d, void **buf, void *const *from, uint64_t iova_offset)
{
	__m128i data = load(from), zero = _mm_setzero_si128();
	__m128i iova = _mm_add_epi64(data, _mm_set1_epi64x((long long)iova_offset));

	store(buf, data);
	store(d, _mm_unpacklo_epi64(iova, zero));
	store(d + 1, _mm_unpackhi_epi64(iova, zero));
}

KERNEL int clean_step(void **stack, void *const *buf, uintptr_t start, uintptr_t span,
		      uint32_t shift)
{
	__m128i data = load(buf), slot, colour;
	__m128i offset = _mm_sub_epi64(data, _mm_set1_epi64x((long long)start));
	/* both are below 2^63 for all that lies in the range, and negative is below it */
	__m128i inside = _mm_cmpgt_epi64(_mm_set1_epi64x((long long)span), offset);

	if (_mm_movemask_pd(_mm_castsi128_pd(_mm_andnot_si128(offset, inside))) != 3)
		return 0;
	slot = _mm_srl_epi64(data, _mm_cvtsi32_si128((int)shift));
	colour = _mm_and_si128(slot, _mm_set1_epi64x(POOL_COLOURS - 1));
	data = _mm_add_epi64(_mm_sll_epi64(slot, _mm_cvtsi32_si128((int)shift)),
			     _mm_slli_epi64(colour, 6));
	store(stack, _mm_add_epi64(data, _mm_set1_epi64x(POOL_HEADROOM)));
	return 1;
}

#include "drivers/intel/burst.h"
#endif
