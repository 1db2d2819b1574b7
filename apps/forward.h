/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A forwarder between two ports, on the burst interface.
 */
#ifndef APPS_FORWARD_H
#define APPS_FORWARD_H

#include <nicety/nic.h>

#include "run.h"

#define FORWARD_BURST_MAX 256u

/* One direction. */
struct forward_way {
	struct nic *in, *out;
	struct nic_rxq *rx;
	struct nic_txq *tx;
	uint8_t mac[6]; /* of the sending port, for mac_update */
	struct nic_pkt pkts[FORWARD_BURST_MAX];
	unsigned first, n;      /* received and not sent yet */
	uint64_t frames, bytes; /* handed to nic_tx, without CRC */
	uint64_t dropped;       /* frames: the output was stuck, or the loop was stopped */
	unsigned full;          /* rounds in a row in which the output took nothing */
	uint64_t full_ns;       /* since when; 0: it is not full */
	int stuck;              /* 1: for so long that waiting has no point */
	struct nic_path *path;  /* forward_path_*: instead of all the above but the counts */
};

struct forward {
	struct run run;
	struct forward_way way[2];
	unsigned n_ways; /* 1: from the first port to the second only */
	unsigned burst;
	int mac_update;       /* the sending port's address becomes the frame's source */
	uint64_t ticks;       /* tsc_now ticks in rounds that moved packets: rx, edit, tx */
	uint64_t model_ticks; /* not in ticks: what synchronous models took in these rounds */
	uint64_t rounds;      /* so many of them */
	int ended;            /* 1: not stopped and no limit reached; all that came has left */
};

/** forward_init - first queue of each port. @burst: 1 to FORWARD_BURST_MAX. */
void forward_init(struct forward *f, struct nic *a, struct nic *b, int one_way, unsigned burst);

/** forward_frames - sent so far, both directions. */
uint64_t forward_frames(const struct forward *f);

/**
 * forward_loop - run until stopped, until a limit of f->run is reached, or until every input has
 * ended (a capture file, a generator with a count) and everything has left.
 *
 * While an output is full, its input is not read, so what is lost is counted where it is lost, in
 * the receiving NIC. Only when an output has taken nothing for 2 s (its link is down) are frames
 * for it dropped, until it takes some again.
 * Return: 0; -ETIMEDOUT: the inputs have ended but an output stopped taking frames.
 */
int forward_loop(struct forward *f);

/**
 * forward_path_open - make an in-place path for each direction, after forward_init. 0 or -errno of
 * nic_path_new: -ENOTSUP, -EINVAL (different drivers or ring sizes). forward_path_close - undo it.
 */
int forward_path_open(struct forward *f);
void forward_path_close(struct forward *f);

/**
 * forward_path_loop - as forward_loop, for low latency: a frame is sent from the buffer it was
 * received into as soon as it is seen, and nothing is measured. An output that takes nothing makes
 * its input wait, for as long as it does.
 */
void forward_path_loop(struct forward *f);

#endif
