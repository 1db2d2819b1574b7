/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety gen: a traffic generator.
 */
#include <nicety/nic.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "generate.h"
#include "port.h"

struct gen {
	struct common common;
	const char *uri, *rate, *size, *pcap, *dst;
	unsigned flows;
	struct source source;
	struct generate g;
	struct nic_mem *mem;
	struct nic_pool *pool;
	struct nic *nic;
	uint64_t shown;
	double shown_at;
};

static int parse_mac(const char *text, uint8_t mac[6])
{
	unsigned b[6];
	char more;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &more) != 6)
		return -1;
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)b[i];
	return 0;
}

/* What is asked for: 14.88Mpps, 1Gbps, 50%, max, pcap, pcap*2. @line: bits per second. 0 or -1. */
static int parse_rate(const char *text, double line, struct generate *g)
{
	const char *unit;

	g->line_bps = line;
	g->pace = GENERATE_BPS;
	g->rate = line;
	if (!strcmp(text, "max"))
		return 0;
	if (!strncmp(text, "pcap", 4)) {
		g->pace = GENERATE_TIMED;
		g->rate = 1;
		if (!text[4])
			return 0;
		return text[4] != '*' || cli_scaled(text + 5, &g->rate, &unit) || *unit ||
				       g->rate <= 0
			       ? -1
			       : 0;
	}
	if (cli_scaled(text, &g->rate, &unit) || g->rate <= 0)
		return -1;
	if (!strcmp(unit, "pps")) {
		g->pace = GENERATE_PPS;
		return 0;
	}
	if (!strcmp(unit, "%")) {
		g->rate *= line / 100;
		return 0;
	}
	return strcmp(unit, "bps") ? -1 : 0;
}

static int check_rate(const struct command *cmd, const struct gen *x)
{
	struct generate g = { 0 };

	if (parse_rate(x->rate, 1e10, &g))
		return cli_fail(cmd,
				"--rate %s: want a rate like 1Mpps, 2.5Gbps, 50%%, max or pcap",
				x->rate);
	if (g.pace == GENERATE_TIMED && !x->pcap)
		return cli_fail(cmd, "--rate %s: there is no --pcap FILE whose timing to take",
				x->rate);
	return EXIT_OK;
}

static void live_line(void *arg)
{
	struct gen *x = arg;
	double now = generate_seconds(&x->g);
	char rate[16], bits[16];

	live_print("%7.1f s  %12" PRIu64 " frames  %spps  %sbit/s on the wire (mean)", now,
		   x->g.frames,
		   live_rate(rate, (double)(x->g.frames - x->shown) / (now - x->shown_at)),
		   live_rate(bits, (double)x->g.wire_bits / now));
	x->shown = x->g.frames;
	x->shown_at = now;
}

static void report(struct gen *x, int err)
{
	const struct generate *g = &x->g;
	double frames = (double)g->frames, bits = (double)g->wire_bits;
	struct json j = { .to = stdout };
	char a[16], b[16], c[16];

	if (!x->common.json) {
		port_text(x->nic, "port");
		printf("sent %" PRIu64 " frames, %" PRIu64 " bytes without CRC, in %.3f s\n"
		       "%spps, %sbit/s of frames with CRC, %sbit/s on the wire",
		       g->frames, g->bytes, g->seconds, live_rate(a, frames / g->seconds),
		       live_rate(b, (bits - 160 * frames) / g->seconds),
		       live_rate(c, bits / g->seconds));
		printf(" (%.2f %% of the line)\nviolations: %" PRIu64 "\n",
		       100 * bits / g->seconds / g->line_bps, nic_violations(x->nic));
		return;
	}
	json_open(&j, NULL, '{');
	json_text(&j, "command", "gen");
	json_count(&j, "sent", g->frames);
	json_count(&j, "bytes", g->bytes);
	json_number(&j, "seconds", g->seconds, 6);
	json_number(&j, "pps", frames / g->seconds, 1);
	json_number(&j, "frame_bps", (bits - 160 * frames) / g->seconds, 1);
	json_number(&j, "wire_bps", bits / g->seconds, 1);
	json_number(&j, "line_bps", g->line_bps, 0);
	json_count(&j, "violations", nic_violations(x->nic));
	json_bool(&j, "complete",
		  !err && !g->run.gone && (!g->run.count || g->frames == g->run.count));
	port_json(&j, "port", x->nic);
	json_close(&j, '}');
	putchar('\n');
}

static int run(struct gen *x)
{
	struct generate *g = &x->g;
	struct nic_info info;
	struct generate asked = { 0 };
	int err;

	nic_get_info(x->nic, &info);
	if (!info.link_mbps) {
		fprintf(stderr,
			"nicety gen: %s: the link is down, nothing can be sent: plug the cable "
			"in, or give the model a wire (nicety-uri(7))\n",
			x->uri);
		return EXIT_FAILED;
	}
	parse_rate(x->rate, info.link_mbps * 1e6, &asked);
	g->pace = asked.pace;
	g->rate = asked.rate;
	g->line_bps = asked.line_bps;
	if (g->pace == GENERATE_BPS && g->rate > g->line_bps)
		fprintf(stderr, "nicety gen: the line carries %u Mb/s, so that is the rate\n",
			info.link_mbps);
	g->tx = nic_txq(x->nic, 0);
	g->pool = x->pool;
	g->source = &x->source;
	common_limits(&x->common, &g->run);
	g->run.share = port_is_software(x->uri);
	g->run.watch[0] = x->nic;
	live_begin(&g->run, x->common.stats, live_line, x);
	err = generate_loop(g);
	live_end();
	report(x, err);
	if (g->run.gone)
		fprintf(stderr, "nicety gen: %s is gone\n", x->uri);
	else if (err)
		fprintf(stderr, "nicety gen: %s has taken no frame for 2 s: is its link up?\n",
			x->uri);
	return err || g->run.gone || nic_violations(x->nic) ? EXIT_FAILED : EXIT_OK;
}

static int make_source(const struct command *cmd, struct gen *x)
{
	struct source_config sc = { .flows = x->flows,
				    .dst = { 2, 0, 0, 0, 0, 1 },
				    .src = { 2, 0, 0, 0, 0, 2 } };
	const char *rest;
	double size;
	int err;

	if (x->pcap)
		return source_read(&x->source, x->pcap) ? EXIT_FAILED : EXIT_OK;
	if (x->flows < 1 || x->flows > 16384)
		return cli_fail(cmd, "--flows %u: want 1 to 16384", x->flows);
	if (x->dst && parse_mac(x->dst, sc.dst))
		return cli_fail(cmd, "--dst %s: want an address like 02:00:00:00:00:01", x->dst);
	if (strcmp(x->size, "imix")) {
		if (cli_scaled(x->size, &size, &rest) || *rest || size < SOURCE_SIZE_MIN ||
		    size > SOURCE_SIZE_MAX)
			return cli_fail(cmd, "--size %s: want %u to %u bytes with CRC, or imix",
					x->size, SOURCE_SIZE_MIN, SOURCE_SIZE_MAX);
		sc.size = (unsigned)size;
	}
	err = source_make(&x->source, &sc);
	if (err)
		fprintf(stderr, "nicety gen: %s\n", strerror(-err));
	return err ? EXIT_FAILED : EXIT_OK;
}

static int open_and_run(struct gen *x)
{
	unsigned ring = x->common.ring ? x->common.ring : 512;
	/* A frame goes out of one buffer; received ones are not read. */
	unsigned longest = x->source.longest > 18 ? x->source.longest - 18 : 0;
	struct nic_config cfg = { .rx_ring = 64, .tx_ring = x->common.ring, .mtu = x->common.mtu };
	size_t size = 2048;
	int code;

	if (!cfg.mtu && longest > 1500)
		cfg.mtu = longest;
	while (size < x->source.longest)
		size *= 2;
	if (port_mem(&x->mem, &x->uri, 1))
		return EXIT_FAILED;
	code = EXIT_FAILED;
	if (nic_pool_new(&x->pool, x->mem, (ring > 4096 ? 4096 : ring) + 64 + 4 * GENERATE_BURST,
			 size))
		goto out;
	cfg.pool = x->pool;
	code = port_open(&x->nic, x->mem, x->uri, &cfg);
	if (code)
		goto out;
	if (!x->common.json)
		port_say(x->nic, "port");
	code = run(x);
out:
	nic_close(x->nic);
	if (x->pool)
		nic_pool_del(x->pool);
	nic_mem_del(x->mem);
	return code;
}

static int gen(const struct command *cmd, int argc, char **argv)
{
	struct gen x = { .common = COMMON_DEFAULTS, .rate = "max", .size = "64", .flows = 1 };
	const struct option_row rows[] = {
		{ "rate", 0, OPT_TEXT, &x.rate, "RATE",
		  "500kpps, 2.5Gbps (on the wire), 50%, max (default), pcap (its timing), pcap*2" },
		{ "size", 0, OPT_TEXT, &x.size, "N",
		  "64 to 9216 bytes with CRC, or imix (default 64)" },
		{ "pcap", 0, OPT_TEXT, &x.pcap, "FILE", "frames of this file, again and again" },
		{ "dst", 0, OPT_TEXT, &x.dst, "MAC", "destination (default 02:00:00:00:00:01)" },
		{ "flows", 0, OPT_UINT, &x.flows, "N", "UDP source ports to go round, to 16384" },
		OPTION_RING(&x.common),
		OPTION_MTU(&x.common),
		OPTION_COUNT(&x.common),
		OPTION_DURATION(&x.common),
		OPTION_STATS(&x.common),
		OPTION_JSON(&x.common),
		OPTION_END,
	};
	int code, n = cli_parse(cmd, rows, argc, argv, &x.uri, 1, 1);

	if (n < 0)
		return cli_exit(n);
	code = check_rate(cmd, &x);
	if (!code)
		code = make_source(cmd, &x);
	if (!code)
		code = open_and_run(&x);
	source_free(&x.source);
	return code;
}

const struct command command_gen = {
	.name = "gen",
	.args = "URI",
	.summary = "send frames at a rate",
	.details =
		"UDP in IPv4 with a sequence number, or the frames of a capture file. A frame on "
		"the wire\n"
		"costs its size with CRC and 20 bytes more (preamble, gap); bit rates are counted "
		"so, and\n"
		"no rate goes beyond what the line carries. Ctrl-C ends it and keeps the results.\n"
		"\n"
		"  nicety gen 'model:82599?wire=tap:tap0' --rate 10kpps --size imix --duration 10",
	.run = gen,
};
