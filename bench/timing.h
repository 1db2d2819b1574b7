/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Timing of driver turns by the time stamp counter, fenced, with the cost of an empty driver
 * taken off.
 */
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <x86intrin.h>

#include "bench/rig.h"

typedef unsigned forward_fn(void *queue, unsigned n);

static inline uint64_t ticks_begin(void)
{
	uint64_t t;

	_mm_lfence();
	t = __rdtsc();
	_mm_lfence();
	return t;
}
static inline uint64_t ticks_end(void)
{
	unsigned cpu;
	uint64_t t = __rdtscp(&cpu);

	_mm_lfence();
	return t;
}

/**
 * drive - call @f for bursts until @n packets came or none did. Return: packets. What is timed and
 * what is counted is exactly this loop.
 */
static inline __attribute__((always_inline)) unsigned drive(forward_fn *f, void *queue, unsigned n,
							    unsigned burst)
{
	unsigned got = 0, k;

	do {
		k = f(queue, burst);
		got += k;
	} while (got < n && k);
	return got;
}

/** empty_forward - a driver that does nothing: says it forwarded @n packets. */
unsigned empty_forward(void *queue, unsigned n);

/* One block of windows: cycles (ticks) per packet. */
struct timed {
	double min, median, p99;
	double mid;  /* mean of the middle half: as robust as the median, but finer than the
			counter's steps */
	double mean; /* without the slowest 5 % */
	unsigned windows;
};

struct window {
	unsigned packets; /* between two turns of the devices */
	unsigned burst;   /* of a call */
	enum regime regime;
	int touch;
};

/**
 * time_windows - time @count windows, or fewer if @limit_ms is over.
 * Return: 0; 1 if a window came short, which is an error of driver or benchmark.
 */
int time_windows(struct timed *t, struct rig *rig, const struct window *w, unsigned count,
		 unsigned limit_ms);

/** median_of - @n values, which are sorted; 0 of nothing. */
double median_of(double *values, unsigned n);

/** ticks_per_core_cycle - by a chain of dependent additions; ticks_per_us - by the clock. */
double ticks_per_core_cycle(void);
double ticks_per_us(void);

/** seconds - since the program started. */
double seconds(void);

#endif
