/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Calibration of the tick counter against CLOCK_MONOTONIC.
 */
#include "tsc.h"

#define CALIBRATE_NS 10000000u

static uint64_t start_ticks, start_ns;

const char *tsc_name(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return "rdtsc";
#elif defined(__aarch64__)
	return "cntvct_el0";
#else
	return "clock_gettime";
#endif
}

void tsc_start(void)
{
	start_ns = tsc_ns();
	start_ticks = tsc_now();
}

double tsc_hz(void)
{
	uint64_t ns, ticks;

	if (!start_ns)
		tsc_start();
	do {
		ns = tsc_ns() - start_ns;
		ticks = tsc_now() - start_ticks;
	} while (ns < CALIBRATE_NS);
	return (double)ticks * 1e9 / (double)ns;
}
