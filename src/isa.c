/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the processor can do, and what NICETY_ISA says.
 */
#include "isa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const char *const names[] = { [ISA_C] = "c",
				     [ISA_SSE] = "sse",
				     [ISA_AVX2] = "avx2",
				     [ISA_AVX512] = "avx512",
				     [ISA_NEON] = "neon" };

static int has(enum isa isa)
{
	if (isa == ISA_C)
		return 1;
#if defined(__SANITIZE_THREAD__)
	return 0;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
	return 0;
#endif
#endif
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (isa == ISA_SSE)
		return __builtin_cpu_supports("sse4.2");
	if (isa == ISA_AVX2)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
	if (isa == ISA_AVX512)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi");
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (isa == ISA_NEON)
		return 1;
#endif
	return 0;
}

int isa_pick(enum isa *out)
{
	const char *wish = getenv("NICETY_ISA");
	enum isa best = ISA_C, i;
	char list[64] = "";
	int known = 0;

	for (i = ISA_C; i < ARRAY_SIZE(names); i++) {
		known |= wish && !strcmp(wish, names[i]);
		if (!has(i))
			continue;
		best = i;
		if (wish && !strcmp(wish, names[i])) {
			*out = i;
			return 0;
		}
		snprintf(list + strlen(list), sizeof(list) - strlen(list), " %s", names[i]);
	}
	if (wish && *wish) {
		log_error("NICETY_ISA=%s: %s; here there is:%s", wish,
			  known ? "not on this machine" : "no such instruction set", list);
		return known ? -ENOTSUP : -EINVAL;
	}
	*out = best;
	return 0;
}
