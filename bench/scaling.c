/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Several queues of one device, a thread and a core for each: what a packet costs when the other
 * cores work at the same time, against when they stand still. What differs is what queues share.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/helper.h"
#include "bench/timing.h"

#define RING    2048u
#define EACH    256u /* packets for each queue between two turns of the devices, about */
#define WINDOWS 200u

struct worker {
	_Alignas(128) struct rig *rig;
	unsigned queue;
	pthread_t thread;
	uint64_t turn;               /* (main) number of the turn to run; UINT64_MAX: end */
	_Alignas(128) uint64_t done; /* (worker) number of the last one finished */
	uint64_t ticks, packets;     /* of the last turn; 0 packets: none came to this queue */
};

static void run_turn(struct worker *w)
{
	forward_fn *f = w->rig->subject->touch;
	uint64_t start = ticks_begin();
	unsigned n = 0, k;

	do {
		k = f(w->rig->queue[w->queue], 32);
		n += k;
	} while (k);
	w->ticks = ticks_end() - start;
	w->packets = n;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	uint64_t done = 0, turn;

	cpu_pin(w->queue);
	if (w->rig->subject->thread)
		w->rig->subject->thread(1);
	for (;;) {
		/* acquire: the devices' writes of this turn are seen */
		turn = __atomic_load_n(&w->turn, __ATOMIC_ACQUIRE);
		if (turn == UINT64_MAX)
			break;
		if (turn == done)
			continue;
		run_turn(w);
		done = turn;
		__atomic_store_n(&w->done, done, __ATOMIC_RELEASE);
	}
	if (w->rig->subject->thread)
		w->rig->subject->thread(0);
	return NULL;
}

static void wait_for(const struct worker *w, uint64_t turn)
{
	while (__atomic_load_n(&w->done, __ATOMIC_ACQUIRE) != turn)
		;
}

/* One turn of all queues, at once or one after the other. The first queue is the caller's. */
static void all_turn(struct worker *w, unsigned n, uint64_t turn, int together)
{
	for (unsigned i = 1; i < n; i++) {
		__atomic_store_n(&w[i].turn, turn, __ATOMIC_RELEASE);
		if (!together)
			wait_for(&w[i], turn);
	}
	run_turn(&w[0]);
	for (unsigned i = 1; i < n; i++)
		wait_for(&w[i], turn);
}

/* Packets per tick of all queues added up: the median turn of each. */
static double rate(struct rig *rig, struct worker *w, unsigned n, uint64_t *turn, int together)
{
	static double ticks[RIG_QUEUES][WINDOWS];
	unsigned turns[RIG_QUEUES] = { 0 };
	double sum = 0;

	for (unsigned k = 0; k < WINDOWS; k++) {
		rig_device(rig, WARM, EACH * n);
		all_turn(w, n, ++*turn, together);
		for (unsigned i = 0; i < n; i++)
			if (w[i].packets)
				ticks[i][turns[i]++] = (double)w[i].ticks / (double)w[i].packets;
	}
	for (unsigned i = 0; i < n; i++)
		sum += turns[i] ? 1 / median_of(ticks[i], turns[i]) : 0;
	return sum;
}

static void run_queues(struct bench *b, struct rig *rig, unsigned n)
{
	static struct worker workers[RIG_QUEUES];
	uint64_t turn = 0, faults;
	unsigned started;

	memset(workers, 0, sizeof(workers));
	for (unsigned i = 0; i < n; i++) {
		workers[i].rig = rig;
		workers[i].queue = i;
	}
	rig_settle(rig, 1);
	for (started = 1; started < n; started++)
		if (pthread_create(&workers[started].thread, NULL, work, &workers[started]))
			break;
	for (unsigned round = 0; started == n && round < b->plan->scaling; round++) {
		double alone = rate(rig, workers, n, &turn, 0);
		double together = rate(rig, workers, n, &turn, 1);

		fprintf(b->out,
			"{\"kind\": \"scaling\", \"subject\": \"%s\", \"queues\": %u, "
			"\"round\": %u, \"alone\": %.3f, \"together\": %.3f}\n",
			rig->subject->name, n, round, n / alone, n / together);
	}
	for (unsigned i = 1; i < started; i++) {
		__atomic_store_n(&workers[i].turn, UINT64_MAX, __ATOMIC_RELEASE);
		pthread_join(workers[i].thread, NULL);
	}
	faults = rig_settle(rig, 1);
	if (faults)
		bench_fault(b, rig->subject->name, "frames lost, repeated or damaged", faults);
	if (started < n)
		bench_fault(b, rig->subject->name, "starting threads", 0);
}

int scaling_run(struct bench *b)
{
	unsigned n = b->cpus < RIG_QUEUES ? b->cpus : RIG_QUEUES;
	const struct setup setup = { .ring = RING, .queues = n, .size = 64, .echo = 1 };

	if (n < 2) {
		fprintf(stderr, "bench: WITHOUT several queues: it needs two cores\n");
		return 0;
	}
	for (unsigned i = 0; i < b->n_subjects; i++) {
		struct rig *rig;

		fprintf(stderr, "bench: %u queues of %s\n", n, b->subjects[i]->name);
		if (rig_open(&rig, b->subjects[i], &setup)) {
			bench_fault(b, b->subjects[i]->name, "opening", 0);
			continue;
		}
		run_queues(b, rig, n);
		rig_close(rig);
	}
	return 0;
}
