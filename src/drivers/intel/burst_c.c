/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path in plain C, for every processor; and the choice among its variants.
 */
#define BURST intel_burst_c
#include "drivers/intel/plain.h"

const struct intel_burst *intel_burst(enum isa isa)
{
	switch (isa) {
#if defined(__x86_64__)
	case ISA_SSE:
		return &intel_burst_sse;
	case ISA_AVX2:
		return &intel_burst_avx2;
	case ISA_AVX512:
		return &intel_burst_avx512;
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	case ISA_NEON:
		return &intel_burst_neon;
#endif
	default:
		return &intel_burst_c;
	}
}
