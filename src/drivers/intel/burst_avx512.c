/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path with AVX-512 (F, BW, VL): four descriptors are one register, so are two packets.
 */
#include "base/types.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "drivers/intel/ring.h"

#define TARGET     __attribute__((target("avx512f,avx512bw,avx512vl,bmi")))
#define KERNEL     TARGET static inline __attribute__((always_inline))
#define BURST      intel_burst_avx512

#define STEP       4
#define FILL_STEP  8
#define CLEAN_STEP 8

/* The same four dwords in every 128-bit lane, the first in memory first. */
KERNEL __m512i lanes(uint32_t d0, uint32_t d1, uint32_t d2, uint32_t d3)
{
	return _mm512_broadcast_i32x4(_mm_setr_epi32((int)d0, (int)d1, (int)d2, (int)d3));
}

/*
 * A descriptor's 16 bytes are read at once (the processor splits a 64-byte load into nothing
 * smaller), so with its DD bit comes all that was written before it; a later descriptor counts
 * only if all before it are done.
 */
KERNEL unsigned rx_step(struct nic_pkt *out, const union intel_rx_desc *d, void *const *buf,
			uint32_t buf_size)
{
	__m512i wb = _mm512_loadu_si512(d), judged, packets;
	__m512i data = _mm512_castsi256_si512(_mm256_loadu_si256((const void *)buf));
	uint32_t good;

	__asm__ volatile("" ::: "memory"); /* the frames are read after the descriptors */
	judged = _mm512_and_si512(wb, lanes(0, 0, INTEL_RX_JUDGED, 0xffff));
	judged = _mm512_sub_epi32(judged, lanes(0, 0, INTEL_RX_GOOD, 1));
	good = _mm512_cmple_epu32_mask(judged, lanes(0, 0, 0, buf_size - 1));
	/* dwords in the other order, then only the bits that packets have, EOP as MORE */
	packets = _mm512_shuffle_epi32(wb, _MM_PERM_ABCD);
	packets =
		_mm512_ternarylogic_epi32(packets, lanes(~0u, INTEL_RX_FLAGS, ~0u, INTEL_RX_TYPES),
					  lanes(0, NIC_MORE, 0, 0), 0x6a /* a & b ^ c */);
	/* address, 16 bytes of the descriptor, zero; indices from 8 on are of data */
	_mm512_storeu_si512(
		out, _mm512_maskz_permutex2var_epi64(
			     0x77, packets, _mm512_setr_epi64(8, 0, 1, 0, 9, 2, 3, 0), data));
	_mm512_storeu_si512(
		out + 2, _mm512_maskz_permutex2var_epi64(
				 0x77, packets, _mm512_setr_epi64(10, 4, 5, 0, 11, 6, 7, 0), data));
	return likely(good == 0xffff) ? STEP : (unsigned)__builtin_ctz(~good) / 4;
}

KERNEL unsigned tx_step(union intel_tx_desc *d, void **buf, const struct nic_pkt *p,
			uint32_t max_frame, uint64_t iova_offset)
{
	/* address and length, VLAN, flags of each packet */
	__m512i packets = _mm512_permutex2var_epi64(_mm512_loadu_si512(p),
						    _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13),
						    _mm512_loadu_si512(p + 2));
	__m512i judged = _mm512_and_si512(packets, lanes(0, 0, 0xffff, INTEL_TX_ODD));
	__m512i len = _mm512_and_si512(packets, lanes(0, 0, 0xffff, 0)), desc;
	uint32_t plain;

	judged = _mm512_sub_epi32(judged, lanes(0, 0, INTEL_MIN_FRAME, 0));
	plain = _mm512_cmple_epu32_mask(judged, lanes(0, 0, max_frame - INTEL_MIN_FRAME, 0));
	/* length and command, PAYLEN from bit 46; the address becomes the IOVA */
	desc = _mm512_ternarylogic_epi64(len, _mm512_slli_epi64(len, 46),
					 lanes(0, 0, INTEL_TX_CMD, 0), 0xfe /* a | b | c */);
	desc = _mm512_mask_add_epi64(desc, 0x55, packets,
				     _mm512_set1_epi64((long long)iova_offset));
	_mm512_storeu_si512(d, desc);
	packets = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 0, 2, 4, 6), packets);
	_mm256_storeu_si256((void *)buf, _mm512_castsi512_si256(packets));
	return likely(plain == 0xffff) ? STEP : (unsigned)__builtin_ctz(~plain) / 4;
}

KERNEL void fill_step(union intel_rx_desc *d, void **buf, void *const *from, uint64_t iova_offset)
{
	__m512i data = _mm512_loadu_si512(from);
	__m512i iova = _mm512_add_epi64(data, _mm512_set1_epi64((long long)iova_offset));

	_mm512_storeu_si512(buf, data);
	_mm512_storeu_si512(d, _mm512_maskz_permutexvar_epi64(
				       0x55, _mm512_setr_epi64(0, 0, 1, 0, 2, 0, 3, 0), iova));
	_mm512_storeu_si512(d + 4, _mm512_maskz_permutexvar_epi64(
					   0x55, _mm512_setr_epi64(4, 0, 5, 0, 6, 0, 7, 0), iova));
}

KERNEL int clean_step(void **stack, void *const *buf, uintptr_t start, uintptr_t span,
		      uint32_t shift)
{
	__m512i data = _mm512_loadu_si512(buf), slot, colour;
	__m512i offset = _mm512_sub_epi64(data, _mm512_set1_epi64((long long)start));

	if (_mm512_cmplt_epu64_mask(offset, _mm512_set1_epi64((long long)span)) != 0xff)
		return 0;
	slot = _mm512_srl_epi64(data, _mm_cvtsi32_si128((int)shift));
	colour = _mm512_and_si512(slot, _mm512_set1_epi64(POOL_COLOURS - 1));
	data = _mm512_add_epi64(_mm512_sll_epi64(slot, _mm_cvtsi32_si128((int)shift)),
				_mm512_slli_epi64(colour, 6));
	_mm512_storeu_si512(stack, _mm512_add_epi64(data, _mm512_set1_epi64(POOL_HEADROOM)));
	return 1;
}

#include "drivers/intel/burst.h"
#endif
