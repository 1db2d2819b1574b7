/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Driver cost: ticks per packet of every driver in every regime and burst, interleaved, so that
 * whatever disturbs the machine disturbs all of them alike.
 */
#include "bench/bench.h"
#include "bench/helper.h"
#include "bench/timing.h"

static const unsigned bursts[] = { 1, 4, 8, 16, 32, 64, 256 };

/* What a row of the results is about. */
struct cell {
	const char *kind; /* "cycles", "ring", "frame" */
	const char *mode; /* "window": many bursts timed together; "single": one fenced burst */
	struct window window;
};

/* What came out for one driver. */
struct outcome {
	int ran;
	struct timed t;
};

static void put(struct bench *b, const struct rig *rig, const struct cell *c, unsigned round,
		const struct timed *t)
{
	fprintf(b->out,
		"{\"kind\": \"%s\", \"subject\": \"%s\", \"mode\": \"%s\", \"regime\": \"%s\", "
		"\"touch\": %d, \"burst\": %u, \"packets\": %u, \"ring\": %u, \"size\": %u, "
		"\"round\": %u, \"min\": %.3f, \"median\": %.3f, \"p99\": %.3f, \"mid\": %.3f, "
		"\"mean\": %.3f, \"windows\": %u",
		c->kind, rig->subject->name, c->mode, regime_names[c->window.regime],
		c->window.touch, c->window.burst, c->window.packets, rig->setup.ring,
		rig->setup.size, round, t->min, t->median, t->p99, t->mid, t->mean, t->windows);
}

static void run_cell(struct bench *b, struct rig *rig, const struct cell *c, struct outcome *o)
{
	const struct plan *p = b->plan;
	unsigned count = c->window.regime == L3     ? p->slow
			 : c->window.regime == DRAM ? p->windows / 5
						    : p->windows;
	uint64_t faults = rig_settle(rig, c->window.touch);
	int missing = time_windows(&o->t, rig, &c->window, count, p->limit_ms);

	faults += rig_settle(rig, c->window.touch) + (uint64_t)missing;
	if (faults)
		bench_fault(b, rig->subject->name, "frames lost, repeated or damaged", faults);
	o->ran = !faults;
}

/* All drivers, one after the other; with the helper, between two probes of its distance. */
static void run_all(struct bench *b, struct rig **rigs, const struct cell *c, unsigned round)
{
	int helped = c->window.regime == OTHER_CORE || c->window.regime == L3;
	struct outcome outcomes[MAX_SUBJECTS] = { 0 };
	double before = helped ? helper_probe() : 0, after;

	for (unsigned k = 0; k < b->n_subjects; k++) {
		/* A B A B, and the next round B A B A: a drift has no favourite */
		unsigned i = round % 2 ? b->n_subjects - 1 - k : k;

		if (rigs[i] && c->window.packets <= rig_window(rigs[i]) &&
		    c->window.burst >= b->subjects[i]->least)
			run_cell(b, rigs[i], c, &outcomes[i]);
	}
	after = helped ? helper_probe() : 0;
	for (unsigned i = 0; i < b->n_subjects; i++) {
		if (!outcomes[i].ran)
			continue;
		put(b, rigs[i], c, round, &outcomes[i].t);
		if (helped)
			fprintf(b->out, ", \"probe\": %.0f, \"moved\": %d", (before + after) / 2,
				probe_moved(before, after));
		fprintf(b->out, "}\n");
	}
}

/* Both modes of one burst size. */
static void run_burst(struct bench *b, struct rig **rigs, unsigned burst, enum regime regime,
		      int touch, unsigned round)
{
	const struct cell window = { "cycles",
				     "window",
				     { burst > 128 ? burst : 128, burst, regime, touch } };
	/* Asked for 32 at least: a vector driver may return nothing to less. */
	const struct cell single = { "cycles",
				     "single",
				     { burst, burst < 32 ? 32 : burst, regime, touch } };

	run_all(b, rigs, &window, round);
	if (regime == WARM || burst == 1 || burst == 32)
		run_all(b, rigs, &single, round);
}

/* One round in one regime. */
static void run_regime(struct bench *b, struct rig **rigs, enum regime regime, unsigned round)
{
	int helped = regime == OTHER_CORE || regime == L3;

	if (helped && helper_start())
		return;
	for (int touch = 0; touch < 2; touch++)
		for (unsigned i = 0; i < ARRAY_SIZE(bursts); i++)
			run_burst(b, rigs, bursts[i], regime, touch, round);
	if (helped)
		helper_stop();
}

/* A poll that finds nothing. */
static void run_empty(struct bench *b, struct rig *rig, unsigned round)
{
	forward_fn *f = rig->subject->forward, *volatile none = empty_forward;
	uint64_t best = UINT64_MAX, best_none = UINT64_MAX;

	rig_settle(rig, 0);
	for (unsigned i = 0; i < 2000; i++) {
		uint64_t t = ticks_begin();

		for (unsigned k = 0; k < 16; k++)
			f(rig->queue[0], 32);
		t = ticks_end() - t;
		best = t < best ? t : best;
		t = ticks_begin();
		for (unsigned k = 0; k < 16; k++)
			none(NULL, 32);
		t = ticks_end() - t;
		best_none = t < best_none ? t : best_none;
	}
	fprintf(b->out,
		"{\"kind\": \"empty\", \"subject\": \"%s\", \"round\": %u, \"ticks\": %.2f}\n",
		rig->subject->name, round, (double)(best - best_none) / 16);
}

/* DMA that the descriptors of one packet stand for: the DRAM regime walks the rings. */
static void run_dma(struct bench *b, struct rig *rig)
{
	const struct window w = { 128, 32, DRAM, 0 };
	struct timed t;
	double reports, bytes;

	rig_settle(rig, 0);
	rig->dma = (struct rig_dma) { 0 };
	if (time_windows(&t, rig, &w, 64, 1000) || !rig->dma.frames)
		return;
	reports = (double)rig->dma.reports / (double)rig->dma.frames;
	/* RX: descriptor read, frame and write-back written. TX: descriptor and frame read. */
	bytes = 16 + rig->cable.len + 16 + 16 + rig->cable.len + reports * (rig->dma.head ? 4 : 16);
	fprintf(b->out,
		"{\"kind\": \"dma\", \"subject\": \"%s\", \"bytes\": %.2f, \"reports\": %.4f}\n",
		rig->subject->name, bytes, reports);
}

int cycles_run(struct bench *b)
{
	const struct setup setup = { .ring = 512, .queues = 1, .size = 64 };
	struct rig *rigs[MAX_SUBJECTS] = { NULL };

	bench_open(b, rigs, &setup);
	for (unsigned round = 0; round < b->plan->rounds; round++) {
		fprintf(stderr, "bench: driver cost, round %u of %u\n", round + 1, b->plan->rounds);
		for (unsigned i = 0; i < b->n_subjects; i++)
			if (rigs[i])
				run_empty(b, rigs[i], round);
		for (enum regime r = WARM; r < REGIMES; r++)
			if (b->cpus > 1 || r == WARM || r == DRAM)
				run_regime(b, rigs, r, round);
	}
	for (unsigned i = 0; i < b->n_subjects; i++)
		if (rigs[i])
			run_dma(b, rigs[i]);
	bench_close(b, rigs);
	return 0;
}

int sizes_run(struct bench *b)
{
	static const unsigned rings[] = { 128, 256, 512, 1024, 2048, 4096 };
	static const unsigned frames[] = { 64, 128, 256, 512, 1024, 1518 };
	struct setup setup = { .ring = 512, .queues = 1, .size = 64 };
	struct rig *rigs[MAX_SUBJECTS] = { NULL };
	struct cell c = { "ring", "window", { 32, 32, WARM, 1 } };

	for (unsigned i = 0; i < ARRAY_SIZE(rings); i++) {
		fprintf(stderr, "bench: rings of %u\n", rings[i]);
		setup.ring = rings[i];
		c.window.packets = rings[i] / 4 < 128 ? rings[i] / 4 : 128;
		bench_open(b, rigs, &setup);
		for (unsigned round = 0; round < b->plan->sizes; round++)
			run_all(b, rigs, &c, round);
		bench_close(b, rigs);
	}
	setup.ring = 512;
	c.kind = "frame";
	c.window.packets = 128;
	bench_open(b, rigs, &setup);
	for (unsigned i = 0; i < ARRAY_SIZE(frames); i++) {
		fprintf(stderr, "bench: frames of %u bytes\n", frames[i]);
		for (unsigned k = 0; k < b->n_subjects; k++)
			if (rigs[k])
				rig_size(rigs[k], frames[i]);
		for (unsigned round = 0; round < b->plan->sizes; round++)
			run_all(b, rigs, &c, round);
	}
	bench_close(b, rigs);
	return 0;
}
