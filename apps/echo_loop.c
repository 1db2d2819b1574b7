/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The echo's loop: look, answer, ring the doorbell.
 */
#include "echo_loop.h"

#include <errno.h>

#include "tsc.h"

#define DRAIN_NS 200000000u

int echo_loop_open(struct echo_loop *l)
{
	int err;

	for (unsigned q = 0; q < l->queues; q++) {
		err = nic_path_new(&l->path[q], l->nic, &l->nic, 1, q);
		if (err) {
			l->queues = q;
			echo_loop_close(l);
			return err;
		}
	}
	return 0;
}

void echo_loop_close(struct echo_loop *l)
{
	for (unsigned q = 0; q < l->queues; q++)
		nic_path_del(l->path[q]);
	l->queues = 0;
}

/*
 * The device is promiscuous, because neighbour solicitations come to a multicast address for each
 * address that somebody may ask for. What it took in for another station it has marked.
 */
static int is_ours(const struct nic_slot *s)
{
	return !(s->flags & NIC_RX_OTHERS) || (*(const uint8_t *)s->data & 1);
}

static void refuse(struct echo_loop *l, struct nic_slot *s)
{
	if (s->len)
		l->others++;
	else
		l->bad++;
	s->len = 0;
}

/*
 * Whatever has arrived is answered and sent at once: a lone frame waits for nobody, and bursts form
 * only when frames queue up. Return: frames received.
 */
static inline unsigned answer(struct echo_loop *l, struct nic_path *path, unsigned burst)
{
	struct nic_slot slots[ECHO_BURST_MAX];
	unsigned n = nic_path_rx(path, slots, burst);

	for (unsigned i = 0; i < n; i++) {
		struct nic_slot *s = &slots[i];

		if (i + 1 < n)
			__builtin_prefetch(slots[i + 1].data, 1);
		/* 0: a bad frame, which the driver has counted already. */
		if (s->len && is_ours(s))
			s->len = (uint16_t)echo_frame(&l->echo, s->data, s->len, s->flags);
		else
			refuse(l, s);
		s->out = 0;
	}
	nic_path_tx(path, slots, n);
	return n;
}

/* The same, measured. */
static unsigned serve(struct echo_loop *l, struct nic_path *path, unsigned burst)
{
	uint64_t start = tsc_now(), model = nic_model_ticks(l->nic), ticks;
	unsigned n = answer(l, path, burst);

	if (!n)
		return 0;
	ticks = tsc_now() - start;
	model = nic_model_ticks(l->nic) - model; /* a synchronous model works inside our calls */
	ticks = ticks > model ? ticks - model : 0;
	l->ticks += ticks;
	l->rounds++;
	if (l->hist)
		nic_hist_record(l->hist, ticks, n);
	return n;
}

/* The last answers may still wait in the ring, and closing the device would lose them. */
static void drain(struct echo_loop *l)
{
	uint64_t until = tsc_ns() + DRAIN_NS;
	struct nic_stats stats;

	while (!nic_get_stats(l->nic, &stats) && stats.tx_packets < echo_replies(&l->echo) &&
	       tsc_ns() < until) {
		for (unsigned q = 0; q < l->queues; q++)
			nic_path_tx(l->path[q], NULL, nic_path_rx(l->path[q], NULL, 0));
	}
}

void echo_loop_run(struct echo_loop *l)
{
	unsigned quiet = 0, ended = 0;

	run_start(&l->run);
	while (run_goes_on(&l->run, l->frames)) {
		unsigned n = 0, burst = l->burst;

		if (l->run.count && l->run.count - l->frames < burst)
			burst = (unsigned)(l->run.count - l->frames);
		for (unsigned q = 0; q < l->queues; q++)
			n += l->latency ? answer(l, l->path[q], burst)
					: serve(l, l->path[q], burst);
		l->frames += n;
		if (n) {
			quiet = ended = 0;
			continue;
		}
		run_idle(&l->run);
		if (!(++quiet & 63) && nic_ended(l->nic) && ++ended == 2)
			break; /* twice: a frame may have come between the last poll and the answer
				*/
	}
	run_end(&l->run);
	drain(l);
}
