/* SPDX-License-Identifier: BSD-2-Clause
 *
 * When a packet loop ends, and what it does now and then: limits, a stop flag that a signal
 * handler or another thread may set, and a tick for live statistics. Everything runs on the
 * loop's own thread, so that a device without a thread of its own is never called by two.
 */
#ifndef APPS_RUN_H
#define APPS_RUN_H

#include <nicety/nic.h>
#include <stdint.h>

struct run {
	_Atomic int stop;    /* (anyone) 1: end soon, keep the results */
	uint64_t count;      /* end after so many packets; 0 = no limit */
	double seconds;      /* end after so long; 0 = no limit */
	double tick_seconds; /* call tick so often; 0 = never */
	void (*tick)(void *arg);
	void *tick_arg;
	int share; /* idle: let others run, e.g. a software NIC's thread */
	/* Devices to ask once a second whether they are still there; the packet path never asks. */
	struct nic *watch[2];
	int gone; /* 1: one is not, and the loop has ended */

	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC; end_ns is set by run_end */
	uint64_t next_tick_ns, next_watch_ns;
	unsigned polls;
};

void run_start(struct run *run);
/** run_end - take the end time, ask the devices a last time; later calls change nothing. */
void run_end(struct run *run);
/** run_seconds - from run_start to run_end or, before that, to now. */
double run_seconds(const struct run *run);

/** run_look - the slow half of run_goes_on: looks at flag and clock. Return: 0 = end. */
int run_look(struct run *run);

/** run_idle - call it after a poll that moved nothing. */
void run_idle(struct run *run);

/** run_goes_on - call it once per poll; the clock is read only every 64th time. */
static inline int run_goes_on(struct run *run, uint64_t packets)
{
	if (run->count && packets >= run->count)
		return 0;
	return (++run->polls & 63) ? 1 : run_look(run);
}

#endif
