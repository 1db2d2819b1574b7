/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Errands on another core: a request line and an answer line, both spinning.
 */
#define _GNU_SOURCE
#include "bench/helper.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <x86intrin.h>

#define MAX_CPUS 256

static unsigned cpus[MAX_CPUS];
static unsigned n_cpus;

static struct {
	_Alignas(128) uint64_t request; /* (caller) number of the errand; UINT64_MAX: end */
	void (*errand)(void *);
	void *arg;
	_Alignas(128) uint64_t done; /* (helper) number of the last one finished */
} line;
static pthread_t thread;

unsigned cpus_init(void)
{
	cpu_set_t set;

	n_cpus = 0;
	if (sched_getaffinity(0, sizeof(set), &set))
		return 0;
	for (unsigned i = 0; i < CPU_SETSIZE && n_cpus < MAX_CPUS; i++)
		if (CPU_ISSET(i, &set))
			cpus[n_cpus++] = i;
	return n_cpus;
}

int cpu_pin(unsigned i)
{
	cpu_set_t set;

	if (i >= n_cpus)
		return -EINVAL;
	CPU_ZERO(&set);
	CPU_SET(cpus[i], &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

unsigned cpu_number(unsigned i)
{
	return i < n_cpus ? cpus[i] : 0;
}

static void *helper(void *unused)
{
	uint64_t done = line.done, request;

	cpu_pin(1);
	for (;;) {
		/* acquire: the errand was written before its number */
		request = __atomic_load_n(&line.request, __ATOMIC_ACQUIRE);
		if (request == UINT64_MAX)
			return unused;
		if (request == done) {
			_mm_pause();
			continue;
		}
		line.errand(line.arg);
		done = request;
		/* release: the caller sees all that the errand wrote */
		__atomic_store_n(&line.done, done, __ATOMIC_RELEASE);
	}
}

int helper_start(void)
{
	memset(&line, 0, sizeof(line));
	return n_cpus < 2 ? -ENODEV : -pthread_create(&thread, NULL, helper, NULL);
}

void helper_stop(void)
{
	__atomic_store_n(&line.request, UINT64_MAX, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
}

void helper_begin(void (*errand)(void *), void *arg)
{
	line.errand = errand;
	line.arg = arg;
	__atomic_store_n(&line.request, line.request + 1, __ATOMIC_RELEASE);
}

int helper_done(void)
{
	return __atomic_load_n(&line.done, __ATOMIC_ACQUIRE) == line.request;
}

void helper_call(void (*errand)(void *), void *arg)
{
	helper_begin(errand, arg);
	while (!helper_done())
		;
}

static void nothing(void *unused)
{
	(void)unused;
}

double helper_probe(void)
{
	double best = 1e12;

	for (unsigned i = 0; i < 200; i++) {
		uint64_t start = __rdtsc();
		double each;

		for (unsigned k = 0; k < 10; k++)
			helper_call(nothing, NULL);
		each = (double)(__rdtsc() - start) / 10;
		best = each < best ? each : best;
	}
	return best;
}

int probe_moved(double before, double after)
{
	return before > 1.3 * after || after > 1.3 * before;
}
