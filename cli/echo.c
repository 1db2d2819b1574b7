/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety echo: answer ARP, ping and IPv6's counterparts.
 */
#include <nicety/nic.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "echo_report.h"
#include "port.h"

struct echo_args {
	struct common common;
	int validate;
	unsigned queues;
	const char *uri;
};

/* The line before: live_line's state. */
struct live {
	const struct echo_loop *loop;
	uint64_t frames;
	double at;
};

static void live_line(void *arg)
{
	struct live *x = arg;
	const struct echo_loop *l = x->loop;
	double now = run_seconds(&l->run);
	char rate[16];

	live_print("%7.1f s  %12" PRIu64 " frames  %12" PRIu64 " answered  %spps", now, l->frames,
		   echo_replies(&l->echo),
		   live_rate(rate, (double)(l->frames - x->frames) / (now - x->at)));
	x->frames = l->frames;
	x->at = now;
}

static int serve(const struct echo_args *a, struct nic *nic)
{
	static struct nic_hist hist; /* 34 KiB: not for the stack */
	struct echo_loop loop = { .nic = nic,
				  .queues = a->queues,
				  .burst = a->common.burst,
				  .hist = &hist,
				  .latency = a->common.latency,
				  .run.watch = { nic, NULL } };
	struct live live = { .loop = &loop };
	struct nic_info info;
	int err;

	nic_get_info(nic, &info);
	nic_hist_reset(&hist);
	echo_init(&loop.echo, info.mac, a->validate);
	if (loop.latency)
		loop.hist = NULL;
	err = echo_loop_open(&loop);
	if (err) {
		fprintf(stderr, "nicety echo: %s: no in-place path: %s\n", a->uri, strerror(-err));
		return EXIT_FAILED;
	}
	if (!a->common.json)
		port_say(nic, "echo");
	common_limits(&a->common, &loop.run);
	loop.run.share = port_is_software(a->uri);
	live_begin(&loop.run, a->common.stats, live_line, &live);
	echo_loop_run(&loop);
	live_end();
	if (loop.run.gone)
		fprintf(stderr, "nicety echo: %s is gone\n", a->uri);
	if (a->common.json)
		echo_report_json(&loop);
	else
		echo_report_text(&loop);
	echo_loop_close(&loop);
	return nic_violations(nic) || loop.run.gone ? EXIT_FAILED : EXIT_OK;
}

static int echo(const struct command *cmd, int argc, char **argv)
{
	struct echo_args a = { .common = COMMON_DEFAULTS, .queues = 1 };
	const struct option_row rows[] = {
		{ "validate", 0, OPT_FLAG, &a.validate, NULL,
		  "check lengths, options and checksums of requests first" },
		{ "queues", 0, OPT_UINT, &a.queues, "N",
		  "receive and send queues, 1 to 64 (default 1)" },
		OPTION_LATENCY(&a.common),
		OPTION_CORE(&a.common),
		OPTION_BURST(&a.common),
		OPTION_RING(&a.common),
		OPTION_MTU(&a.common),
		OPTION_COUNT(&a.common),
		OPTION_DURATION(&a.common),
		OPTION_STATS(&a.common),
		OPTION_JSON(&a.common),
		OPTION_END,
	};
	/* Neighbour solicitations come to many multicast addresses; tags stay in the frames, so
	 * that answers carry them back. */
	struct nic_config cfg = { .promisc = 1, .no_vlan_strip = 1 };
	struct nic_mem *mem;
	struct nic *nic = NULL;
	int code, n = cli_parse(cmd, rows, argc, argv, &a.uri, 1, 1);

	if (n < 0)
		return cli_exit(n);
	code = common_check(cmd, &a.common);
	if (code)
		return code;
	if (a.queues < 1 || a.queues > 64)
		return cli_fail(cmd, "--queues %u: want 1 to 64", a.queues);
	cfg.rx_queues = cfg.tx_queues = a.queues;
	cfg.rx_ring = cfg.tx_ring = a.common.ring;
	cfg.mtu = a.common.mtu;
	if (port_mem(&mem, &a.uri, 1))
		return EXIT_FAILED;
	code = port_open(&nic, mem, a.uri, &cfg);
	if (!code)
		code = serve(&a, nic);
	nic_close(nic);
	nic_mem_del(mem);
	return code;
}

const struct command command_echo = {
	.name = "echo",
	.args = "URI",
	.summary = "answer ARP, ping, IPv6 neighbour discovery and ping -6",
	.details =
		"Answers for every address, in the buffer the request arrived in. Without "
		"--validate a\n"
		"request's checksums are not verified: the answer to a corrupt one is as corrupt.\n"
		"--latency answers as soon as it can, and measures nothing (docs/latency.md).\n"
		"Ctrl-C ends it and prints what was answered, what was dropped and why, what it "
		"cost and\n"
		"how long it took from receive to doorbell. Fails if a model saw its datasheet "
		"broken.\n"
		"\n"
		"  nicety echo 'model:82599?wire=tap:tap0' &\n"
		"  ip address add 10.0.0.1/24 dev tap0 && ip link set tap0 up && ping 10.0.0.2",
	.run = echo,
};
