/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A paced sender on the burst interface.
 */
#ifndef APPS_GENERATE_H
#define APPS_GENERATE_H

#include <nicety/nic.h>

#include "run.h"
#include "source.h"

#define GENERATE_BURST 32u

enum generate_pace {
	GENERATE_PPS,  /* rate: frames per second */
	GENERATE_BPS,  /* rate: bits per second on the wire, overhead included */
	GENERATE_TIMED /* as the capture file says, rate times faster */
};

struct generate {
	struct run run;
	struct nic_txq *tx;
	struct nic_pool *pool; /* buffers of at least source->longest bytes */
	struct source *source;
	enum generate_pace pace;
	double rate;
	double line_bps; /* never send faster than a line of this speed carries; 0 = no limit */

	uint64_t frames, bytes; /* taken by the device, without CRC */
	uint64_t wire_bits;
	double seconds; /* until the last frame left the line */

	/* The schedule, in ticks since start. */
	uint64_t start;
	double hz, due, line_free;
	double lap_ns; /* GENERATE_TIMED: when this pass through the file began */
};

/**
 * generate_loop - send until stopped or a limit of g->run is reached, then wait for the last frame
 * to leave. Set run, tx, pool, source, pace, rate and line_bps before; the rest is zero.
 *
 * Time lost to a busy machine is made up for, up to 10 ms, but never faster than the line.
 * Return: 0; -ETIMEDOUT: the device stopped taking frames for 2 s.
 */
int generate_loop(struct generate *g);

/** generate_seconds - the time that the frames so far took up: the divisor of any shown rate. */
double generate_seconds(const struct generate *g);

#endif
