/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receives frames and hands each to a function: a file writer, a decoder.
 */
#ifndef APPS_CAPTURE_H
#define APPS_CAPTURE_H

#include <nicety/nic.h>

#include "run.h"

#define CAPTURE_BURST 32u /* elements; a frame of 9,216 bytes takes at most 9 */

struct capture {
	struct run run;
	struct nic *nic;
	struct nic_rxq *rx;
	/* One frame in @n parts; @ns: CLOCK_REALTIME when its burst was received. Return: 0, or
	 * -errno: the loop ends with it. */
	int (*frame)(void *arg, const struct nic_pkt *parts, unsigned n, uint64_t ns);
	void *arg;
	uint64_t frames, bytes; /* without CRC */
};

/** capture_loop - until stopped, a limit of c->run is reached or nothing will ever arrive. */
int capture_loop(struct capture *c);

#endif
