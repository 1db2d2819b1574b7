/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety fwd: a forwarder, and what it cost.
 */
#include <nicety/nic.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "forward.h"
#include "port.h"
#include "tsc.h"

/* What a checking wire found out about the frames it received, all ports together. */
static const struct {
	const char *name, *counter;
	int bad;
} verdicts[] = {
	{ "received", "wire_received", 0 },   { "lost", "wire_lost", 1 },
	{ "reordered", "wire_reordered", 0 }, { "duplicated", "wire_duplicated", 1 },
	{ "corrupted", "wire_corrupted", 1 },
};
#define LOST       1
#define N_VERDICTS (sizeof(verdicts) / sizeof(verdicts[0]))

struct fwd {
	struct common common;
	int mac_update, one_way, in_place;
	const char *uris[2];
	struct nic_mem *mem;
	struct nic_pool *pool;
	struct nic *nic[2];
	struct forward *forward;
	uint64_t shown; /* frames at the last live line */
	double shown_at;
};

static void live_line(void *arg)
{
	struct fwd *x = arg;
	uint64_t frames = forward_frames(x->forward);
	double now = run_seconds(&x->forward->run);
	char rate[16];

	live_print("%7.1f s  %12" PRIu64 " frames  %spps  %.0f cycles/frame", now, frames,
		   live_rate(rate, (double)(frames - x->shown) / (now - x->shown_at)),
		   frames ? (double)x->forward->ticks / (double)frames : 0);
	x->shown = frames;
	x->shown_at = now;
}

/*
 * What left the source of one direction's input and never came to the sink of its output. The sink
 * itself can only see gaps, not that the last frames are missing.
 */
static uint64_t missing(struct fwd *x, const struct forward_way *w)
{
	uint64_t sent, received, duplicated, stale = 0;

	if (!x->forward->ended || !port_counter(w->in, "wire_sent", &sent) ||
	    !port_counter(w->out, "wire_received", &received) ||
	    !port_counter(w->out, "wire_duplicated", &duplicated))
		return 0;
	port_counter(w->out, "wire_stale", &stale);
	received -= duplicated + stale;
	return sent > received ? sent - received : 0;
}

/* @judged: 1 if any port's wire checks. Return: how many frames were lost, doubled or damaged. */
static uint64_t judge(struct fwd *x, uint64_t *sums, int *judged)
{
	uint64_t bad = 0, value;

	*judged = 0;
	for (size_t i = 0; i < N_VERDICTS; i++) {
		sums[i] = 0;
		for (unsigned k = 0; k < 2; k++) {
			const struct forward_way *w = &x->forward->way[k];

			if (!port_counter(w->out, verdicts[i].counter, &value))
				continue;
			if (i == LOST && k < x->forward->n_ways && value < missing(x, w))
				value = missing(x, w);
			sums[i] += value;
			*judged = 1;
		}
		if (verdicts[i].bad)
			bad += sums[i];
	}
	return bad;
}

#define COST_SCOPE "rx and tx calls that moved frames, without the models' work"

static void print_json(struct fwd *x, uint64_t *sums, int judged, int err)
{
	const struct forward *f = x->forward;
	double seconds = run_seconds(&f->run), frames = (double)forward_frames(f);
	struct json j = { .to = stdout };

	json_open(&j, NULL, '{');
	json_text(&j, "command", "fwd");
	json_count(&j, "forwarded", forward_frames(f));
	json_count(&j, "dropped", f->way[0].dropped + f->way[1].dropped);
	for (size_t i = 0; judged && i < N_VERDICTS; i++)
		json_count(&j, verdicts[i].name, sums[i]);
	json_number(&j, "seconds", seconds, 6);
	json_number(&j, "mpps", frames / seconds / 1e6, 4);
	json_bool(&j, "in_place", x->in_place);
	/* Not measured in place: 0 / 0 is null. */
	json_number(&j, "cycles_per_packet", (double)f->ticks / (x->in_place ? 0 : frames), 2);
	json_text(&j, "cycles_of", COST_SCOPE);
	json_number(&j, "model_cycles_per_packet", (double)f->model_ticks / frames, 2);
	json_number(&j, "elapsed_cycles_per_packet", seconds * tsc_hz() / frames, 2);
	json_number(&j, "frames_per_burst", frames / (double)f->rounds, 2);
	json_text(&j, "clock", tsc_name());
	json_number(&j, "clock_hz", tsc_hz(), 0);
	json_count(&j, "violations", nic_violations(x->nic[0]) + nic_violations(x->nic[1]));
	json_bool(&j, "complete", !err);
	json_open(&j, "ports", '[');
	for (int i = 0; i < 2; i++)
		port_json(&j, NULL, x->nic[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	putchar('\n');
}

static void print_text(struct fwd *x, uint64_t *sums, int judged)
{
	const struct forward *f = x->forward;
	double seconds = run_seconds(&f->run), frames = (double)forward_frames(f);

	port_text(x->nic[0], "first port");
	port_text(x->nic[1], "second port");
	printf("forwarded %" PRIu64 " -> and %" PRIu64 " <- frames in %.3f s: %.3f Mpps\n",
	       f->way[0].frames, f->way[1].frames, seconds, frames / seconds / 1e6);
	if (f->way[0].dropped + f->way[1].dropped)
		printf("dropped %" PRIu64 " -> and %" PRIu64
		       " <- frames: the output took none for 2 s, or "
		       "the end came first\n",
		       f->way[0].dropped, f->way[1].dropped);
	if (x->in_place)
		printf("in place, not measured\n");
	else if (frames > 0)
		printf("cost: %.1f cycles/packet (%s; bursts of %.1f)\n"
		       "elapsed: %.1f cycles/packet (%s at %.2f GHz, everything included)\n",
		       (double)f->ticks / frames, COST_SCOPE, frames / (double)f->rounds,
		       seconds * tsc_hz() / frames, tsc_name(), tsc_hz() / 1e9);
	for (size_t i = 0; judged && i < N_VERDICTS; i++)
		printf("%s%s %" PRIu64, i ? ", " : "check: ", verdicts[i].name, sums[i]);
	if (judged)
		putchar('\n');
	printf("violations: %" PRIu64 "\n", nic_violations(x->nic[0]) + nic_violations(x->nic[1]));
}

/* In place where both ports can, else by bursts. */
static int forward(struct fwd *x)
{
	struct forward *f = x->forward;
	int err = x->common.latency ? forward_path_open(f) : -ENOTSUP;

	if (err) {
		if (x->common.latency)
			fprintf(stderr,
				"nicety fwd: these ports have no in-place path (%s): frames go "
				"through buffers of a pool\n",
				strerror(-err));
		return forward_loop(f);
	}
	x->in_place = 1;
	forward_path_loop(f);
	forward_path_close(f);
	return 0;
}

static int run(struct fwd *x)
{
	struct forward *f = x->forward;
	uint64_t sums[N_VERDICTS], bad;
	int judged, err;

	forward_init(f, x->nic[0], x->nic[1], x->one_way, x->common.burst);
	f->mac_update = x->mac_update;
	common_limits(&x->common, &f->run);
	f->run.watch[0] = x->nic[0];
	f->run.watch[1] = x->nic[1];
	f->run.share = port_is_software(x->uris[0]) || port_is_software(x->uris[1]);
	live_begin(&f->run, x->common.stats, live_line, x);
	err = forward(x);
	live_end();
	if (f->run.gone)
		fprintf(stderr, "nicety fwd: a port is gone\n");
	bad = judge(x, sums, &judged);
	if (x->common.json)
		print_json(x, sums, judged, err);
	else
		print_text(x, sums, judged);
	if (err)
		fprintf(stderr,
			"nicety fwd: the inputs have ended, but an output has taken no frame "
			"for 2 s: is its link up?\n");
	return err || bad || f->run.gone || nic_violations(x->nic[0]) || nic_violations(x->nic[1])
		       ? EXIT_FAILED
		       : EXIT_OK;
}

static int open_and_run(struct fwd *x)
{
	unsigned ring = x->common.ring ? x->common.ring : 512;
	struct nic_config cfg = { .rx_ring = x->common.ring,
				  .tx_ring = x->common.ring,
				  .mtu = x->common.mtu,
				  .promisc = 1 };
	int code = EXIT_FAILED;

	if (port_mem(&x->mem, x->uris, 2))
		return EXIT_FAILED;
	/* All four rings full, and the bursts in hand. A ring size that the library will refuse
	 * must not ask for memory first. */
	if (nic_pool_new(&x->pool, x->mem, 4 * (ring > 4096 ? 4096 : ring) + 2 * FORWARD_BURST_MAX,
			 2048))
		goto out;
	cfg.pool = x->pool;
	for (int i = 0; i < 2; i++) {
		code = port_open(&x->nic[i], x->mem, x->uris[i], &cfg);
		if (code)
			goto out;
		if (!x->common.json)
			port_say(x->nic[i], i ? "second port" : "first port");
	}
	code = run(x);
out:
	nic_close(x->nic[1]);
	nic_close(x->nic[0]);
	if (x->pool)
		nic_pool_del(x->pool);
	nic_mem_del(x->mem);
	return code;
}

static int fwd(const struct command *cmd, int argc, char **argv)
{
	struct fwd x = { .common = COMMON_DEFAULTS };
	const struct option_row rows[] = {
		{ "mac-update", 0, OPT_FLAG, &x.mac_update, NULL,
		  "the sending port's address becomes the source" },
		{ "one-way", 0, OPT_FLAG, &x.one_way, NULL, "only from the first to the second" },
		OPTION_LATENCY(&x.common),
		OPTION_CORE(&x.common),
		OPTION_BURST(&x.common),
		OPTION_RING(&x.common),
		OPTION_MTU(&x.common),
		OPTION_COUNT(&x.common),
		OPTION_DURATION(&x.common),
		OPTION_STATS(&x.common),
		OPTION_JSON(&x.common),
		OPTION_END,
	};
	int code, n = cli_parse(cmd, rows, argc, argv, x.uris, 2, 2);

	if (n < 0)
		return cli_exit(n);
	code = common_check(cmd, &x.common);
	if (code)
		return code;
	x.forward = calloc(1, sizeof(*x.forward));
	if (!x.forward)
		return EXIT_FAILED;
	code = open_and_run(&x);
	free(x.forward);
	return code;
}

const struct command command_fwd = {
	.name = "fwd",
	.args = "URI URI",
	.summary = "forward frames between two ports",
	.details = "Runs until Ctrl-C, a limit, or until both inputs have ended (capture files, "
		   "generators\n"
		   "with a count) and everything has left. Fails if a checking wire (gen:check) "
		   "found\n"
		   "frames lost, duplicated or corrupted, or if a model saw its datasheet broken.\n"
		   "\n"
		   "  nicety fwd 'model:82599?wire=gen:count=10000000,size=64' "
		   "'model:82599?wire=gen:check'",
	.run = fwd,
};
