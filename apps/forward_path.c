/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The forwarder for low latency: a frame is sent from the buffer it was received into, as soon as
 * it is seen. No clock is read and nothing is measured. Bursts form only when frames queue up.
 */
#include "forward.h"

#include <string.h>

#include "tsc.h"

#define DRAIN_NS 100000000u

int forward_path_open(struct forward *f)
{
	for (unsigned i = 0; i < f->n_ways; i++) {
		struct forward_way *w = &f->way[i];
		int err = nic_path_new(&w->path, w->in, &w->out, 1, 0);

		if (err) {
			forward_path_close(f);
			return err;
		}
	}
	return 0;
}

void forward_path_close(struct forward *f)
{
	for (unsigned i = 0; i < f->n_ways; i++) {
		nic_path_del(f->way[i].path);
		f->way[i].path = NULL;
	}
}

/* What queued up in one direction. Return: how many frames. */
static unsigned step(struct forward *f, struct forward_way *w, unsigned burst)
{
	struct nic_slot slots[FORWARD_BURST_MAX];
	unsigned n = nic_path_rx(w->path, slots, burst);

	for (unsigned i = 0; i < n; i++) {
		if (i + 1 < n && f->mac_update)
			__builtin_prefetch(slots[i + 1].data, 1);
		if (f->mac_update && slots[i].len >= 12)
			memcpy((uint8_t *)slots[i].data + 6, w->mac, sizeof(w->mac));
		slots[i].out = 0;
		w->bytes += slots[i].len;
		w->frames += slots[i].len != 0;
		w->dropped += slots[i].len == 0; /* the driver found it bad, and counted why */
	}
	nic_path_tx(w->path, slots, n);
	return n;
}

static int all_sent(struct forward *f)
{
	struct nic_stats stats;

	for (unsigned i = 0; i < f->n_ways; i++)
		if (nic_get_stats(f->way[i].out, &stats) || stats.tx_packets < f->way[i].frames)
			return 0;
	return 1;
}

static int all_ended(struct forward *f)
{
	for (unsigned i = 0; i < f->n_ways; i++)
		if (!nic_ended(f->way[i].in))
			return 0;
	return all_sent(f);
}

/* What was sent last may wait in a ring, and closing the device would lose it. */
static void drain(struct forward *f)
{
	uint64_t until = tsc_ns() + DRAIN_NS;

	while (!all_sent(f) && tsc_ns() < until)
		for (unsigned i = 0; i < f->n_ways; i++)
			step(f, &f->way[i], 0);
}

void forward_path_loop(struct forward *f)
{
	unsigned quiet = 0, ended = 0;

	run_start(&f->run);
	while (run_goes_on(&f->run, forward_frames(f))) {
		uint64_t left = f->run.count ? f->run.count - forward_frames(f) : f->burst;
		unsigned burst = left < f->burst ? (unsigned)left : f->burst, n = 0;

		for (unsigned i = 0; i < f->n_ways; i++) {
			n = step(f, &f->way[i], burst) + n;
			burst = f->run.count ? burst - (n < burst ? n : burst) : burst;
		}
		if (n) {
			quiet = ended = 0;
			continue;
		}
		run_idle(&f->run);
		/* Twice: a frame may have come between our last poll and the first answer. */
		if (!(++quiet & 63) && all_ended(f) && ++ended == 2) {
			f->ended = 1;
			break;
		}
	}
	run_end(&f->run);
	drain(f);
}
