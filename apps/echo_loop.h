/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The main job: an echo on the in-place path. A frame is answered in the buffer it arrived in, and
 * the same buffer goes to the wire. Open the device with promisc and no_vlan_strip.
 */
#ifndef APPS_ECHO_LOOP_H
#define APPS_ECHO_LOOP_H

#include <nicety/histogram.h>
#include <nicety/nic.h>

#include "echo.h"
#include "run.h"

#define ECHO_BURST_MAX 256u

struct echo_loop {
	struct run run;
	struct echo echo;
	struct nic *nic;
	unsigned queues; /* served in turn */
	unsigned burst;
	int latency; /* answer first: no clock is read, nothing measured */
	struct nic_path *path[64];

	uint64_t frames; /* received: answered, dropped by name, others or bad */
	uint64_t others; /* dropped: for another station's address */
	uint64_t bad;    /* dropped: the driver found them bad */
	uint64_t rounds; /* bursts that were not empty */
	uint64_t ticks;  /* tsc_now ticks in them: rx, answer, tx */
	struct nic_hist
		*hist; /* of the same ticks, each frame counted with its burst; NULL: none */
};

/**
 * echo_loop_open - make the paths. Set nic, queues, burst and hist before, and call echo_init.
 * Return: 0 or -errno of nic_path_new. echo_loop_close - undo it.
 */
int echo_loop_open(struct echo_loop *l);
void echo_loop_close(struct echo_loop *l);

/** echo_loop_run - until stopped, a limit of l->run is reached or nothing will ever arrive. */
void echo_loop_run(struct echo_loop *l);

#endif
