/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The cheapest clock there is: x86 time stamp counter, arm64 virtual counter, elsewhere
 * CLOCK_MONOTONIC in nanoseconds. It counts at a constant rate that need not be the core's.
 */
#ifndef NICETY_TICKS_H
#define NICETY_TICKS_H

#include <stdint.h>
#include <time.h>

/** nic_ticks - now. Not a barrier: the processor may move it by a few instructions. */
static inline uint64_t nic_ticks(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
#endif
}

#endif
