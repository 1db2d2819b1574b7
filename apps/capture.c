/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The receive loop of `nicety dump`.
 */
#include "capture.h"

#include <time.h>

static uint64_t wall_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int hand_over(struct capture *c, const struct nic_pkt *pkts, unsigned n)
{
	uint64_t now = wall_ns();
	unsigned first = 0;
	int err = 0;

	for (unsigned i = 0; i < n && !err; i++) {
		const struct nic_pkt *last = &pkts[i];

		c->bytes += last->len;
		if (last->flags & NIC_MORE)
			continue;
		err = c->frame(c->arg, pkts + first, i - first + 1, now);
		c->frames++;
		first = i + 1;
		if (c->run.count && c->frames >= c->run.count)
			break;
	}
	return err;
}

int capture_loop(struct capture *c)
{
	struct nic_pkt pkts[CAPTURE_BURST];
	unsigned quiet = 0, ended = 0;
	int err = 0;

	run_start(&c->run);
	while (!err && run_goes_on(&c->run, c->frames)) {
		unsigned n = nic_rx(c->rx, pkts, CAPTURE_BURST);

		if (n) {
			err = hand_over(c, pkts, n);
			nic_free(pkts, n);
			quiet = ended = 0;
			continue;
		}
		run_idle(&c->run);
		/* Twice: a frame may have come between the last poll and the answer. */
		if (!(++quiet & 63) && nic_ended(c->nic) && ++ended == 2)
			break;
	}
	run_end(&c->run);
	return err;
}
