/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of the benchmark program and what they share: how long to measure, where results go.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdio.h>

#include "bench/subjects.h"

/* How much of everything. */
struct plan {
	unsigned rounds;     /* interleaved passes over all drivers */
	unsigned windows;    /* of each cell in a round */
	unsigned slow;       /* the same where a window is slow (L3) */
	unsigned limit_ms;   /* of a cell in a round */
	unsigned sizes;      /* rounds of the ring and frame sizes */
	unsigned latency;    /* windows for each driver */
	unsigned latency_ms; /* of a window */
	unsigned model_ms;   /* of a model throughput run */
	unsigned scaling;    /* rounds of the queues */
};

struct bench {
	const struct plan *plan;
	unsigned cpus;
	FILE *out; /* results: one JSON object a line, read by report.py */
	const struct subject *subjects[MAX_SUBJECTS]; /* that run here */
	unsigned n_subjects;
	FILE *profile;   /* where instructions are to be listed by address, or NULL */
	unsigned faults; /* measurements in which frames were lost or rules broken */
};

/**
 * bench_fault - @what went wrong, @n times (0: as a whole): say so, and let the program fail in the
 * end.
 */
void bench_fault(struct bench *b, const char *subject, const char *what, uint64_t n);

/** bench_open - all drivers with one setup; NULL for one that failed, which was said and counted.
 */
void bench_open(struct bench *b, struct rig **rigs, const struct setup *setup);
void bench_close(struct bench *b, struct rig **rigs);

/* Each part returns 0, or -errno if it could not run (said on stderr). */

/** count_run - instructions and tail writes per packet, single-stepped in child processes. */
int count_run(struct bench *b);
/** cycles_run - ticks per packet: all drivers, regimes and bursts, interleaved. */
int cycles_run(struct bench *b);
/** sizes_run - ticks per packet against ring size and frame size. */
int sizes_run(struct bench *b);
/** latency_run - wire to wire, one frame at a time, models on the other core. */
int latency_run(struct bench *b);
/** scaling_run - several queues of one device, each on a core of its own. */
int scaling_run(struct bench *b);
/** model_run - frames per second of the model alone, time to the first packet. */
int model_run(struct bench *b);

#endif
