/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The forwarder's loop. Start with simple_fwd.c, which is the same without the trimmings.
 */
#include "forward.h"

#include <errno.h>
#include <string.h>

#include "tsc.h"

#define STUCK_NS 2000000000u /* an output that sends nothing for so long will not */
#define DRAIN_NS 100000000u  /* after a stop: time to let the last frames leave */

void forward_init(struct forward *f, struct nic *a, struct nic *b, int one_way, unsigned burst)
{
	struct nic *ports[2] = { a, b };

	memset(f, 0, sizeof(*f));
	f->n_ways = one_way ? 1 : 2;
	f->burst = burst;
	for (unsigned i = 0; i < 2; i++) {
		struct forward_way *w = &f->way[i];
		struct nic_info info;

		w->in = ports[i];
		w->out = ports[1 - i];
		w->rx = nic_rxq(w->in, 0);
		w->tx = nic_txq(w->out, 0);
		nic_get_info(w->out, &info);
		memcpy(w->mac, info.mac, sizeof(w->mac));
	}
}

uint64_t forward_frames(const struct forward *f)
{
	return f->way[0].frames + f->way[1].frames;
}

/* The source address of every frame; only its first buffer holds it. */
static void update_macs(struct forward_way *w)
{
	int starts = 1;

	for (unsigned i = 0; i < w->n; i++) {
		if (starts && w->pkts[i].len >= 12)
			memcpy((uint8_t *)w->pkts[i].data + 6, w->mac, sizeof(w->mac));
		starts = !(w->pkts[i].flags & NIC_MORE);
	}
}

static void count_sent(struct forward_way *w, unsigned sent)
{
	uint64_t frames = 0, bytes = 0;

	for (unsigned i = w->first; i < w->first + sent; i++) {
		bytes += w->pkts[i].len;
		frames += !(w->pkts[i].flags & NIC_MORE);
	}
	w->frames += frames;
	w->bytes += bytes;
}

/* Synchronous models work inside our calls; their share is not the driver's cost. */
static uint64_t models_ticks(const struct forward_way *w)
{
	return nic_model_ticks(w->in) + nic_model_ticks(w->out);
}

/* Packets in hand go back to their pool. */
static void drop_rest(struct forward_way *w)
{
	for (unsigned k = w->first; k < w->first + w->n; k++)
		w->dropped += !(w->pkts[k].flags & NIC_MORE);
	nic_free(w->pkts + w->first, w->n);
	w->n = 0;
}

/* The output took nothing. The clock is read only now and then. */
static void output_full(struct forward_way *w)
{
	if (w->stuck) {
		drop_rest(w);
		return;
	}
	if (++w->full & 1023)
		return;
	if (!w->full_ns)
		w->full_ns = tsc_ns();
	w->stuck = tsc_ns() - w->full_ns > STUCK_NS;
}

/* One burst in one direction. Return: 1 if something moved. */
static int step(struct forward *f, struct forward_way *w)
{
	uint64_t start = tsc_now(), model = models_ticks(w), took;
	unsigned sent;

	if (!w->n) {
		w->first = 0;
		w->n = nic_rx(w->rx, w->pkts, f->burst);
		if (!w->n)
			return 0;
		if (f->mac_update)
			update_macs(w);
	}
	sent = nic_tx(w->tx, w->pkts + w->first, w->n);
	if (!sent) {
		output_full(w);
		return 0;
	}
	w->full = 0;
	w->full_ns = 0;
	w->stuck = 0;
	took = tsc_now() - start;
	model = models_ticks(w) - model;
	f->model_ticks += model;
	f->ticks += took > model ? took - model : 0;
	f->rounds++;
	count_sent(w, sent);
	w->first += sent;
	w->n -= sent;
	return 1;
}

static int inputs_ended(struct forward *f)
{
	for (unsigned i = 0; i < f->n_ways; i++) {
		if (!nic_ended(f->way[i].in))
			return 0;
	}
	return 1;
}

static int outputs_drained(struct forward *f)
{
	for (unsigned i = 0; i < f->n_ways; i++) {
		if (f->way[i].n || nic_tx_clean(f->way[i].tx))
			return 0;
	}
	return 1;
}

/* After a stop: packets in hand go back to their pool, those in the TX rings get time to leave. */
static void wind_up(struct forward *f)
{
	uint64_t until = tsc_ns() + DRAIN_NS;

	for (unsigned i = 0; i < f->n_ways; i++)
		drop_rest(&f->way[i]);
	while (!outputs_drained(f) && tsc_ns() < until)
		;
}

int forward_loop(struct forward *f)
{
	uint64_t moved_ns, last = 0;
	unsigned quiet = 0, drained = 0;
	int err = 0;

	run_start(&f->run);
	moved_ns = f->run.start_ns;
	while (run_goes_on(&f->run, forward_frames(f))) {
		int moved = 0;

		for (unsigned i = 0; i < f->n_ways; i++)
			moved |= step(f, &f->way[i]);
		if (moved) {
			quiet = drained = 0;
			continue;
		}
		run_idle(&f->run);
		/* Asking costs more than polling, so ask only now and then. */
		if (++quiet & 63)
			continue;
		if (forward_frames(f) != last) {
			last = forward_frames(f);
			moved_ns = tsc_ns();
		}
		if (!inputs_ended(f))
			continue;
		/* Twice: a frame may have come between our last poll and the first answer. */
		if (outputs_drained(f) && ++drained == 2) {
			f->ended = 1;
			break;
		}
		if (tsc_ns() - moved_ns > STUCK_NS) {
			err = -ETIMEDOUT;
			break;
		}
	}
	run_end(&f->run);
	wind_up(f);
	return err;
}
