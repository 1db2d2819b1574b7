/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Windows of driver turns, and the clocks.
 */
#include "bench/timing.h"

#include <stdlib.h>
#include <time.h>

#define MOST_WINDOWS 20000u

double seconds(void)
{
	static struct timespec start;
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (!start.tv_sec)
		start = t;
	return (double)(t.tv_sec - start.tv_sec) + (double)(t.tv_nsec - start.tv_nsec) * 1e-9;
}

double ticks_per_us(void)
{
	double start = seconds(), end;
	uint64_t t = __rdtsc();

	do
		end = seconds();
	while (end < start + 0.02);
	return (double)(__rdtsc() - t) / ((end - start) * 1e6);
}

double ticks_per_core_cycle(void)
{
	uint64_t best = UINT64_MAX, x = 1;

	for (unsigned r = 0; r < 64; r++) {
		uint64_t t = ticks_begin();

		for (unsigned i = 0; i < 1000; i++) /* eight additions that wait for each other */
			__asm__ volatile("add $1, %0\nadd $1, %0\nadd $1, %0\nadd $1, %0\n"
					 "add $1, %0\nadd $1, %0\nadd $1, %0\nadd $1, %0"
					 : "+r"(x));
		t = ticks_end() - t;
		best = t < best ? t : best;
	}
	return (double)best / 8000;
}

__attribute__((noinline)) unsigned empty_forward(void *queue, unsigned n)
{
	__asm__ volatile("" ::"r"(queue));
	return n;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median_of(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), compare);
	return n ? values[n / 2] : 0;
}

static double mean_of(const double *values, unsigned from, unsigned to)
{
	double sum = 0;

	for (unsigned i = from; i < to; i++)
		sum += values[i];
	return sum / (to - from);
}

static void summarise(struct timed *t, double *samples, unsigned n)
{

	qsort(samples, n, sizeof(*samples), compare);
	t->min = samples[0];
	t->median = samples[n / 2];
	t->p99 = samples[(uint64_t)n * 99 / 100];
	t->mid = mean_of(samples, n / 4, n - n / 4);
	t->mean = mean_of(samples, 0, n - n / 20);
	t->windows = n;
}

static double samples[MOST_WINDOWS];

/* The same loop around a driver that does nothing. */
static void time_empty(struct timed *t, const struct window *w)
{
	forward_fn *volatile f = empty_forward;
	const unsigned n = 2000;

	for (unsigned i = 0; i < n; i++) {
		uint64_t start = ticks_begin();

		drive(f, NULL, w->packets, w->burst);
		samples[i] = (double)(ticks_end() - start);
	}
	summarise(t, samples, n);
}

int time_windows(struct timed *t, struct rig *rig, const struct window *w, unsigned count,
		 unsigned limit_ms)
{
	forward_fn *f = w->touch ? rig->subject->touch : rig->subject->forward;
	double end = seconds() + limit_ms / 1000.0;
	const unsigned warm_up = rig->setup.ring / w->packets / 2 + 2;
	struct timed empty;
	unsigned i, missing = 0;

	time_empty(&empty, w);
	count = count < MOST_WINDOWS ? count : MOST_WINDOWS;
	for (i = 0; i < warm_up + count; i++) {
		unsigned offered = rig_device(rig, w->regime, w->packets);
		uint64_t start = ticks_begin(), stop;

		missing |= offered ^ drive(f, rig->queue[0], w->packets, w->burst);
		stop = ticks_end();
		missing |= offered ^ w->packets;
		if (i >= warm_up)
			samples[i - warm_up] = (double)(stop - start);
		if (i > warm_up && i % 16 == 0 && seconds() > end)
			break;
	}
	summarise(t, samples, i > warm_up + count - 1 ? count : i - warm_up + 1);
	t->min = (t->min - empty.median) / w->packets;
	t->median = (t->median - empty.median) / w->packets;
	t->p99 = (t->p99 - empty.median) / w->packets;
	t->mid = (t->mid - empty.mid) / w->packets;
	t->mean = (t->mean - empty.mean) / w->packets;
	return missing != 0;
}
