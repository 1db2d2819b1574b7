/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Limits, stop flag and tick of a packet loop.
 */
#include "run.h"

#include <errno.h>
#include <sched.h>

#include "tsc.h"

#define WATCH_NS 1000000000u

void run_start(struct run *run)
{
	run->start_ns = tsc_ns();
	run->end_ns = 0;
	run->next_tick_ns = run->start_ns + (uint64_t)(run->tick_seconds * 1e9);
	run->next_watch_ns = run->start_ns + WATCH_NS;
	run->gone = 0;
	run->polls = 0;
}

/* A device that was pulled out, or that the kernel wants back, says so only when asked. */
static int all_there(struct run *run, uint64_t now)
{
	run->next_watch_ns = now + WATCH_NS;
	for (int i = 0; i < 2; i++)
		if (run->watch[i] && nic_link(run->watch[i]) == -ENODEV)
			run->gone = 1;
	return !run->gone;
}

void run_end(struct run *run)
{
	if (run->end_ns)
		return;
	run->end_ns = tsc_ns();
	all_there(run, run->end_ns); /* one may have left since it was asked last */
}

double run_seconds(const struct run *run)
{
	uint64_t end = run->end_ns ? run->end_ns : tsc_ns();

	return (double)(end - run->start_ns) / 1e9;
}

int run_look(struct run *run)
{
	uint64_t now = tsc_ns();

	if (run->stop)
		return 0;
	if (run->seconds > 0 && (double)(now - run->start_ns) >= run->seconds * 1e9)
		return 0;
	if (now >= run->next_watch_ns && !all_there(run, now))
		return 0;
	if (run->tick && run->tick_seconds > 0 && now >= run->next_tick_ns) {
		/* From now, not from the last tick: a late one is not made up for. */
		run->next_tick_ns = now + (uint64_t)(run->tick_seconds * 1e9);
		run->tick(run->tick_arg);
	}
	return 1;
}

void run_idle(struct run *run)
{
	/* Not at once: the next burst may be a cache line away. */
	if (run->share && !(run->polls & 15))
		sched_yield();
}
