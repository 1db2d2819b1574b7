/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety model: a software NIC on a socket, for QEMU guests and drivers in other processes.
 */
#include <nicety/server.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "json.h"
#include "live.h"
#include "run.h"

#define ROUND_MS 100

struct model {
	const char *socket, *wire, *id, *mac, *lenient;
	int json;
	double seconds, stats;
	struct run run;
	struct nic_server *server;
};

/* Add "&key=value" (or "?…") to the URI; what would end the value is escaped. Return: 0 or -1. */
static int add_option(char *uri, size_t size, const char *key, const char *value)
{
	size_t at = strlen(uri);
	int n;

	if (!value)
		return 0;
	n = snprintf(uri + at, size - at, "%c%s=", strchr(uri, '?') ? '&' : '?', key);
	for (at += (size_t)n; at + 4 < size && *value; value++)
		at += (size_t)snprintf(uri + at, size - at,
				       *value == '&' || *value == '%' ? "%%%02x" : "%c", *value);
	return *value ? -1 : 0;
}

static void live_line(void *arg)
{
	const struct model *x = arg;
	uint64_t value[4] = { 0 };
	static const char *const want[4] = { "server_messages", "model_wire_in", "model_wire_out",
					     "model_violations" };
	const char *name;
	uint64_t v;

	for (unsigned i = 0; !nic_server_counter(x->server, i, &name, &v); i++)
		for (unsigned k = 0; k < 4; k++)
			if (!strcmp(name, want[k]))
				value[k] = v;
	live_print("%s: %s, messages %" PRIu64 ", frames in %" PRIu64 ", out %" PRIu64
		   ", violations %" PRIu64,
		   x->socket, nic_server_connected(x->server) ? "client" : "waiting", value[0],
		   value[1], value[2], value[3]);
}

static void report(const struct model *x)
{
	struct json j = { .to = stdout };
	const char *name;
	uint64_t v;

	if (x->json) {
		json_open(&j, NULL, '{');
		json_text(&j, "command", "model");
		json_count(&j, "violations", nic_server_violations(x->server));
		json_open(&j, "counters", '{');
	}
	for (unsigned i = 0; !nic_server_counter(x->server, i, &name, &v); i++)
		if (x->json)
			json_count(&j, name, v);
		else if (v)
			printf("  %-28s %" PRIu64 "\n", name, v);
	if (x->json) {
		json_close(&j, '}');
		json_close(&j, '}');
		putchar('\n');
	} else {
		printf("violations: %" PRIu64 "\n", nic_server_violations(x->server));
	}
}

static int serve(struct model *x, const char *uri)
{
	int err = nic_server_new(&x->server, uri, x->socket);

	if (err) {
		fprintf(stderr, "nicety: cannot serve %s: %s\n", uri, strerror(-err));
		return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	}
	x->run.seconds = x->seconds;
	run_start(&x->run);
	live_begin(&x->run, x->stats, live_line, x);
	if (!x->json)
		fprintf(stderr, "model: %s serves %s; Ctrl-C ends it\n", x->socket, uri);
	while (run_look(&x->run))
		nic_server_run(x->server, ROUND_MS);
	live_end();
	report(x);
	err = nic_server_violations(x->server) ? EXIT_FAILED : EXIT_OK;
	nic_server_del(x->server);
	return err;
}

static int model(const struct command *cmd, int argc, char **argv)
{
	static struct model x = { .stats = LIVE_AUTO };
	const struct option_row rows[] = {
		{ "socket", 0, OPT_TEXT, &x.socket, "PATH", "UNIX socket to serve on (needed)" },
		{ "wire", 0, OPT_TEXT, &x.wire, "WIRE", "its cable, see nicety-uri(7)" },
		{ "id", 0, OPT_TEXT, &x.id, "ID", "PCI device id, e.g. 10f7" },
		{ "mac", 0, OPT_TEXT, &x.mac, "MAC", "its address" },
		{ "lenient", 0, OPT_TEXT, &x.lenient, "RULE,RULE", "rules not to report" },
		{ "duration", 0, OPT_SECONDS, &x.seconds, "TIME",
		  "end after TIME (10, 500ms, 2m)" },
		{ "stats", 0, OPT_SECONDS, &x.stats, "TIME", "a line on stderr every TIME" },
		{ "json", 0, OPT_FLAG, &x.json, NULL, "print one JSON object on stdout" },
		OPTION_END,
	};
	char uri[1024];
	const char *chip;
	int n = cli_parse(cmd, rows, argc, argv, &chip, 1, 1);

	if (n < 0)
		return cli_exit(n);
	if (!x.socket)
		return cli_fail(cmd, "--socket PATH is missing");
	if (snprintf(uri, sizeof(uri), "model:%s", chip) >= (int)sizeof(uri) ||
	    add_option(uri, sizeof(uri), "wire", x.wire) ||
	    add_option(uri, sizeof(uri), "id", x.id) ||
	    add_option(uri, sizeof(uri), "mac", x.mac) ||
	    add_option(uri, sizeof(uri), "lenient", x.lenient))
		return cli_fail(cmd, "the options are longer than %zu characters", sizeof(uri));
	return serve(&x, uri);
}

const struct command command_model = {
	.name = "model",
	.args = "CHIP",
	.summary = "serve a software NIC over a socket",
	.details = "Serves the model CHIP (82540em, 82574l, 82576, 82599) to one client after the "
		   "other by the "
		   "vfio-user\n"
		   "protocol. With QEMU 10.1 or later the client is a guest:\n"
		   "  -device "
		   "'{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\"PATH\"}"
		   "}'\n"
		   "Rules of the datasheet that the driver breaks are reported; then the exit code "
		   "is 1.",
	.run = model,
};
