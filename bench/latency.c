/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Latency: the model runs on the other core, sends one frame at a time to a driver that echoes it,
 * and stamps it when it comes in from the cable and when it leaves again. Both stamps are taken
 * on that core, from one counter.
 */
#include <string.h>

#include <nicety/histogram.h>

#include "bench/bench.h"
#include "bench/helper.h"
#include "bench/timing.h"

struct wire_side {
	struct rig *rig;
	struct nic_hist *hist; /* ticks */
	uint64_t ticks;        /* how long */
	uint32_t random;
};

/* A pause of 0.2 to 1 us, so that frames do not fall into step with the driver's polls. */
static void pause_ticks(struct wire_side *w)
{
	uint64_t end;

	w->random = w->random * 1664525 + 1013904223;
	end = __rdtsc() + 500 + (w->random >> 21);
	while (__rdtsc() < end)
		;
}

static void run_wire(void *arg)
{
	struct wire_side *w = arg;
	struct cable *c = &w->rig->cable;
	const struct port *p = &w->rig->in;
	uint64_t end = __rdtsc() + w->ticks;

	while (__rdtsc() < end) {
		uint64_t back = c->back, start, now;

		cable_number(c);
		start = __rdtsc();
		if (p->class->wire_rx(p->model, c->frame, c->len, 1, MODEL_FRAME_GOOD) !=
		    MODEL_RX_TAKEN)
			continue;
		c->next++;
		do {
			p->class->run(p->model);
			now = __rdtsc();
		} while (c->back == back && now < end);
		if (c->back != back)
			nic_hist_record(w->hist, now - start, 1);
		pause_ticks(w);
	}
}

static void put(struct bench *b, const struct rig *rig, unsigned round, const struct nic_hist *h,
		double before, double after, double us)
{
	const double ns = 1000 / us;

	fprintf(b->out,
		"{\"kind\": \"latency\", \"subject\": \"%s\", \"round\": %u, \"frames\": %llu, "
		"\"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f, "
		"\"probe\": %.0f, \"moved\": %d}\n",
		rig->subject->name, round, (unsigned long long)h->count,
		(double)nic_hist_percentile(h, 50) * ns, (double)nic_hist_percentile(h, 90) * ns,
		(double)nic_hist_percentile(h, 99) * ns, (double)nic_hist_percentile(h, 99.9) * ns,
		(double)h->max * ns, (before + after) / 2, probe_moved(before, after));
}

static void run_window(struct bench *b, struct rig *rig, unsigned round, double us)
{
	static struct nic_hist hist;
	struct wire_side w = { rig, &hist, (uint64_t)(us * 1000 * b->plan->latency_ms), round + 1 };
	forward_fn *f = rig->subject->touch;
	double before, after;
	uint64_t faults = rig_settle(rig, 1);

	nic_hist_reset(&hist);
	if (helper_start())
		return;
	before = helper_probe();
	helper_begin(run_wire, &w);
	while (!helper_done())
		for (unsigned i = 0; i < 64; i++)
			f(rig->queue[0], 32);
	after = helper_probe();
	helper_stop();
	faults += rig_settle(rig, 1);
	if (faults)
		bench_fault(b, rig->subject->name, "frames lost, repeated or damaged", faults);
	else if (hist.count)
		put(b, rig, round, &hist, before, after, us);
}

int latency_run(struct bench *b)
{
	const struct setup setup = { .ring = 512, .queues = 1, .size = 64, .echo = 1 };
	struct rig *rigs[MAX_SUBJECTS] = { NULL };
	double us = ticks_per_us();

	if (b->cpus < 2) {
		fprintf(stderr, "bench: WITHOUT latency: it needs two cores\n");
		return 0;
	}
	fprintf(stderr, "bench: latency\n");
	bench_open(b, rigs, &setup);
	for (unsigned round = 0; round < b->plan->latency; round++)
		for (unsigned k = 0; k < b->n_subjects; k++) {
			unsigned i = round % 2 ? b->n_subjects - 1 - k : k;

			if (rigs[i])
				run_window(b, rigs[i], round, us);
		}
	bench_close(b, rigs);
	return 0;
}
