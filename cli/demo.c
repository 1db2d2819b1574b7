/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety demo: the main job with nothing to set up. An echo on a software 82599 answers the real
 * ping; where the system does not let us have that, a peer in this process.
 */
#include "demo.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "echo_report.h"
#include "live.h"
#include "port.h"

#define TAP_URI  "model:82599?wire=tap:" DEMO_TAP
#define LINK_URI "model:82599?wire=link:demo&mac=02:00:00:00:00:02"
#define PEER_URI "model:82599?wire=link:demo&mac=02:00:00:00:00:01"
#define BUFFERS  1536u

struct demo {
	int in_process;
	unsigned count;
	struct nic_mem *mem;
	struct nic *nic, *peer;
	struct nic_pool *peer_pool;
	struct echo_loop loop;
	struct demo_pings v4, v6;
};

static void *echo_thread(void *arg)
{
	echo_loop_run(arg);
	return NULL;
}

/* Whoever asks. Return: 0 or -1, said. */
static int ask(struct demo *d)
{
	if (d->in_process)
		return demo_peer_ping(d->peer, d->peer_pool, d->count, &d->loop.run.stop, &d->v4);
	if (demo_tap_configure() || demo_tap_ping(0, d->count, &d->loop.run.stop, &d->v4))
		return -1;
	if (!demo_tap_has_ipv6()) {
		printf("(no ping -6: this kernel has IPv6 switched off)\n\n");
		return 0;
	}
	return d->loop.run.stop ? 0 : demo_tap_ping(1, d->count, &d->loop.run.stop, &d->v6);
}

static int verdict(const struct demo *d)
{
	uint64_t violations = nic_violations(d->nic) + (d->peer ? nic_violations(d->peer) : 0);
	int ok = d->v4.sent == d->count && d->v4.received == d->v4.sent &&
		 d->v6.received == d->v6.sent && !violations;

	printf("\n%s: %u of %u pings answered", ok ? "OK" : "FAILED",
	       d->v4.received + d->v6.received, d->v4.sent + d->v6.sent);
	printf(", the model saw %" PRIu64 " violations of the datasheet\n", violations);
	return ok ? EXIT_OK : EXIT_FAILED;
}

static int run(struct demo *d)
{
	static struct nic_hist hist; /* 34 KiB: not for the stack */
	struct echo_loop *l = &d->loop;
	struct nic_info info;
	pthread_t thread;
	int err, failed;

	nic_hist_reset(&hist);
	nic_get_info(d->nic, &info);
	l->nic = d->nic;
	l->queues = 1;
	l->burst = 32;
	l->hist = &hist;
	l->run.share = 1;
	echo_init(&l->echo, info.mac, 0);
	err = echo_loop_open(l);
	if (err) {
		fprintf(stderr, "nicety demo: no in-place path: %s\n", strerror(-err));
		return EXIT_FAILED;
	}
	live_begin(&l->run, 0, NULL, NULL);
	err = pthread_create(&thread, NULL, echo_thread, l);
	if (err) {
		fprintf(stderr, "nicety demo: no thread for the echo: %s\n", strerror(err));
		failed = EXIT_FAILED;
	} else {
		failed = ask(d);
		live_stop();
		pthread_join(thread, NULL);
		echo_report_text(l);
		failed |= verdict(d);
	}
	live_end();
	echo_loop_close(l);
	return failed ? EXIT_FAILED : EXIT_OK;
}

static int open_peer(struct demo *d)
{
	struct nic_config cfg = { 0 };
	int code;

	if (nic_pool_new(&d->peer_pool, d->mem, BUFFERS, 2048))
		return EXIT_FAILED;
	cfg.pool = d->peer_pool;
	code = port_open(&d->peer, d->mem, PEER_URI, &cfg);
	if (!code)
		port_say(d->peer, "peer");
	return code;
}

static int open_and_run(struct demo *d)
{
	struct nic_config cfg = { .promisc = 1, .no_vlan_strip = 1 };
	int code;

	if (nic_mem_new(&d->mem, NULL))
		return EXIT_FAILED;
	/* The cable's other end is not there yet: do not wait for the link. */
	cfg.link_wait_ms = d->in_process ? -1 : 0;
	code = port_open(&d->nic, d->mem, d->in_process ? LINK_URI : TAP_URI, &cfg);
	if (!code && d->in_process)
		code = open_peer(d);
	if (!code && !d->in_process) /* the peer's line says that the cable is plugged in */
		port_say(d->nic, "echo");
	if (!code)
		code = run(d);
	nic_close(d->peer);
	nic_close(d->nic);
	if (d->peer_pool)
		nic_pool_del(d->peer_pool);
	nic_mem_del(d->mem);
	return code;
}

static int demo(const struct command *cmd, int argc, char **argv)
{
	static struct demo d;
	char why[256];
	const struct option_row rows[] = {
		{ "in-process", 0, OPT_FLAG, &d.in_process, NULL,
		  "a second software NIC asks, not the kernel" },
		{ "count", 'n', OPT_UINT, &d.count, "N", "pings, 1 to 1000 (default 5)" },
		OPTION_END,
	};
	int n;

	d = (struct demo) { .count = 5 };
	n = cli_parse(cmd, rows, argc, argv, NULL, 0, 0);
	if (n < 0)
		return cli_exit(n);
	if (d.count < 1 || d.count > 1000)
		return cli_fail(cmd, "--count %u: want 1 to 1000", d.count);
	if (!d.in_process && demo_tap_prepare(why, sizeof(why))) {
		printf("%s\nso a peer in this process asks instead\n\n", why);
		d.in_process = 1;
	}
	if (d.in_process)
		printf("A software 82599 answers the pings of another, through a cable in this "
		       "process.\n\n");
	else
		printf("A software 82599 with a TAP device as its cable answers the kernel's "
		       "ping,\n"
		       "in a network namespace of its own.\n\n");
	fflush(stdout);
	return open_and_run(&d);
}

const struct command command_demo = {
	.name = "demo",
	.args = "",
	.summary = "let a software 82599 answer the real ping, with nothing to set up",
	.details = "Makes a network namespace and a TAP device, opens a software 82599 on it with "
		   "the ixgbe\n"
		   "driver, answers the kernel's ping and ping -6, and prints what it cost. Runs "
		   "as root, or\n"
		   "as anybody where user namespaces and /dev/net/tun are open to all; otherwise "
		   "says why\n"
		   "not, and a second software NIC in this process asks. Succeeds only if every "
		   "ping was\n"
		   "answered and no model saw its datasheet broken.",
	.run = demo,
};
