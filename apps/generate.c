/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Two schedules decide when a frame goes. `due` is what was asked for; it may fall behind and
 * catch up. `line_free` is when a wire of this speed has carried everything up to now; it never
 * catches up. A device in software has no wire that would hold us back, so we keep to it ourselves.
 */
#include "generate.h"

#include <nicety/net.h>

#include <errno.h>
#include <string.h>

#include "tsc.h"

#define ARREARS_S 0.010   /* older debts are forgotten */
#define AHEAD_S   0.00001 /* what may wait in the ring for the line: about one burst */
#define STUCK_NS  2000000000u
#define DRAIN_NS  500000000u

static double wire_bits(unsigned len)
{
	return 8.0 * ((len < NET_ETH_MIN ? NET_ETH_MIN : len) + NET_ETH_CRC + NET_ETH_OVERHEAD);
}

/* When the frame after one of @len bytes is due. */
static void advance(struct generate *g, unsigned len, double now)
{
	struct source *s = g->source;
	double line = g->line_bps > 0 ? wire_bits(len) / g->line_bps * g->hz : 0;

	g->line_free = (g->line_free > now ? g->line_free : now) + line;
	switch (g->pace) {
	case GENERATE_PPS:
		g->due += g->hz / g->rate;
		break;
	case GENERATE_BPS:
		g->due += wire_bits(len) / g->rate * g->hz;
		break;
	case GENERATE_TIMED:
		if (s->next == 0) /* the file's mean gap stands between its last and first frame */
			g->lap_ns += (double)s->frames[s->n - 1].at_ns * s->n /
				     (s->n > 1 ? s->n - 1 : 1);
		g->due = (g->lap_ns + (double)s->frames[s->next].at_ns) / g->rate * g->hz / 1e9;
		return;
	}
	if (g->due < now - ARREARS_S * g->hz)
		g->due = now - ARREARS_S * g->hz;
}

static int is_due(const struct generate *g, double now)
{
	return g->due <= now && g->line_free <= now + AHEAD_S * g->hz;
}

/* Make the frames that are due. Return: how many; the rest of the burst is free again. */
static unsigned make_burst(struct generate *g, struct nic_pkt *pkts)
{
	double now = (double)(tsc_now() - g->start);
	unsigned got, want = GENERATE_BURST, n = 0;

	if (!is_due(g, now))
		return 0;
	if (g->run.count && g->run.count - g->frames < want)
		want = (unsigned)(g->run.count - g->frames);
	got = nic_alloc(g->pool, pkts, want);
	while (n < got && is_due(g, now)) {
		pkts[n].len = (uint16_t)source_put(g->source, pkts[n].data);
		advance(g, pkts[n].len, now);
		n++;
	}
	nic_free(pkts + n, got - n);
	return n;
}

static void count_sent(struct generate *g, const struct nic_pkt *pkts, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		g->bytes += pkts[i].len;
		g->wire_bits += (uint64_t)wire_bits(pkts[i].len);
	}
	g->frames += n;
}

static void drain(struct generate *g)
{
	uint64_t until = tsc_ns() + DRAIN_NS;

	while (nic_tx_clean(g->tx) && tsc_ns() < until)
		;
}

double generate_seconds(const struct generate *g)
{
	double now = (double)(tsc_now() - g->start);

	if (now < g->line_free)
		now = g->line_free;
	/* The last frame's share of the time lasts until the next would have been due. */
	if (g->pace != GENERATE_TIMED && now < g->due)
		now = g->due;
	return now / g->hz;
}

int generate_loop(struct generate *g)
{
	struct nic_pkt pkts[GENERATE_BURST];
	unsigned n = 0, sent = 0;
	uint64_t full_ns = 0;
	int err = 0;

	g->hz = tsc_hz();
	g->due = g->line_free = g->lap_ns = 0;
	run_start(&g->run);
	g->start = tsc_now();
	while (run_goes_on(&g->run, g->frames)) {
		unsigned taken;

		if (sent == n) {
			sent = 0;
			n = make_burst(g, pkts);
			if (!n && nic_pool_free(g->pool) < GENERATE_BURST)
				nic_tx_clean(g->tx);
			if (!n)
				continue;
		}
		taken = nic_tx(g->tx, pkts + sent, n - sent);
		count_sent(g, pkts + sent, taken);
		sent += taken;
		if (taken) {
			full_ns = 0;
			continue;
		}
		run_idle(&g->run);
		if (g->run.polls & 63)
			continue;
		/* The ring stays full: count from the first time we see it. */
		if (!full_ns)
			full_ns = tsc_ns();
		if (tsc_ns() - full_ns > STUCK_NS) {
			err = -ETIMEDOUT;
			break;
		}
	}
	nic_free(pkts + sent, n - sent);
	drain(g);
	g->seconds = generate_seconds(g);
	run_end(&g->run);
	return err;
}
