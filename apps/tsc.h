/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The cheapest clock a program can read: for costs per packet and for pacing. It counts at a
 * constant rate that is not the core's clock rate, so a "cycle" is one tick of tsc_name().
 */
#ifndef APPS_TSC_H
#define APPS_TSC_H

#include <stdint.h>
#include <time.h>

#include <nicety/ticks.h>

/** tsc_ns - CLOCK_MONOTONIC in nanoseconds. */
static inline uint64_t tsc_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/** tsc_now - ticks. Not a barrier: a burst is long enough for that not to matter. */
static inline uint64_t tsc_now(void)
{
	return nic_ticks();
}

/** tsc_name - what tsc_now reads: "rdtsc", "cntvct_el0" or "clock_gettime". */
const char *tsc_name(void);

/**
 * tsc_start - begin to calibrate; call it early in main. tsc_hz - ticks per second, measured from
 * then until now: the later, the more exact. It waits if that was less than 10 ms ago.
 */
void tsc_start(void);
double tsc_hz(void);

#endif
