/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One driver between two models (or in front of one: echo), as a measurement sees it: let the
 * devices work, let the driver forward.
 */
#ifndef BENCH_RIG_H
#define BENCH_RIG_H

#include "bench/device.h"

#define RIG_QUEUES 16u
#define RIG_BURST  256u /* most packets of one call */

struct rig;

/* A driver in one of its forms: a row in subjects.c. */
struct subject {
	const char *name; /* in bench.json */
	const char *isa;  /* NICETY_ISA while it is opened, NULL: as it is */
	unsigned least;   /* it may return nothing to calls for fewer packets */
	int in_place; /* a slot is posted again only when the driver has seen that it was sent */
	int gated;    /* its instructions are ours and held by bench-gate */
	/* Bring the driver up: fills rig->in, out, queue. 0 or -errno, said on stderr. */
	int (*open)(struct rig *rig);
	void (*close)(struct rig *rig);
	/* Receive at most @n packets, send them; touch: swap their addresses before. Return: how
	 * many. @queue: rig->queue[i]. */
	unsigned (*forward)(void *queue, unsigned n);
	unsigned (*touch)(void *queue, unsigned n);
	/* What a thread must do before (1) and after (0) it forwards; NULL: nothing. */
	void (*thread)(int begin);
};

struct setup {
	unsigned ring;   /* descriptors, of RX and of TX */
	unsigned queues; /* of each device */
	unsigned size;   /* of frames, with CRC */
	int echo;        /* one device: what it received it sends */
};

/* What the devices' descriptors said: counted in the DRAM regime only, which walks the rings. */
struct rig_dma {
	uint64_t frames;
	uint64_t reports; /* descriptors sent that ask for a write-back (RS) */
	int head;         /* they go to one word (head write-back), not into the descriptor */
};

struct rig {
	const struct subject *subject;
	struct setup setup;
	struct cable cable;
	struct port in, out; /* the same with setup.echo */
	void *driver;        /* the subject's */
	void *queue[RIG_QUEUES];
	struct rig_dma dma;
	uint64_t short_turns; /* rig_device received less than it was asked for */
};

/* Where the lines that the device wrote are when the driver looks for them. */
enum regime { WARM, OTHER_CORE, L3, DRAM, REGIMES };
extern const char *const regime_names[REGIMES];

/**
 * rig_open - a driver on fresh models. Return: 0, -ENOMEM, or the driver's error (said on
 * stderr).
 */
int rig_open(struct rig **out, const struct subject *subject, const struct setup *setup);
void rig_close(struct rig *rig);

/**
 * rig_device - the devices' turn: send all that was queued, then receive @n frames. OTHER_CORE and
 * L3 need a running helper (helper.h). Return: frames received; fewer than @n if there were no
 * descriptors.
 */
unsigned rig_device(struct rig *rig, enum regime regime, unsigned n);

/** rig_size - frames of another size from now on; when nothing is on its way (rig_settle). */
void rig_size(struct rig *rig, unsigned size);

/**
 * rig_window - most packets between two turns of the devices, so that rings never run dry: half a
 * ring; a quarter of one for drivers in place.
 */
unsigned rig_window(const struct rig *rig);

/**
 * rig_settle - bring everything home that is on its way. @touched: what the next frames must look
 * like. Return: faults since the last time: frames lost, repeated, reordered or damaged.
 */
uint64_t rig_settle(struct rig *rig, int touched);

#endif
