/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety model: software NICs on sockets, for QEMU guests and drivers in other processes.
 */
#include <nicety/server.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "live.h"
#include "model_report.h"
#include "run.h"

#define ROUND_MS    100
#define MAX_DEVICES 16u

struct device {
	const char *socket, *wire, *id, *mac, *lenient;
	struct option_texts faults;
	char uri[1024];
};

struct model {
	struct nic_server *servers[MAX_DEVICES];
	unsigned n;
	int json;
	double seconds, stats;
	struct run run;
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

static int make_uri(struct device *d, const char *chip)
{
	size_t size = sizeof(d->uri);
	int bad = snprintf(d->uri, size, "model:%s", chip) >= (int)size ||
		  add_option(d->uri, size, "wire", d->wire) ||
		  add_option(d->uri, size, "id", d->id) ||
		  add_option(d->uri, size, "mac", d->mac) ||
		  add_option(d->uri, size, "lenient", d->lenient);

	for (unsigned i = 0; i < d->faults.n && !bad; i++)
		bad = add_option(d->uri, size, "fault", d->faults.text[i]);
	return bad ? -1 : 0;
}

static void live_lines(void *arg)
{
	const struct model *x = arg;
	char line[2048] = "";

	for (unsigned i = 0; i < x->n; i++) {
		size_t at = strlen(line);

		if (x->json)
			model_report_json(x->servers[i], "stats", run_seconds(&x->run));
		if (i && at + 4 < sizeof(line))
			strcpy(line + at, " | ");
		at = strlen(line);
		model_report_short(x->servers[i], line + at, sizeof(line) - at);
	}
	if (!x->json)
		live_print("%s", line);
}

/* Report and end. Return: the exit code. */
static int finish(struct model *x)
{
	int code = EXIT_OK;

	for (unsigned i = 0; i < x->n; i++) {
		if (x->json)
			model_report_json(x->servers[i], "end", run_seconds(&x->run));
		else
			model_report(x->servers[i]);
		if (nic_server_violations(x->servers[i]))
			code = EXIT_FAILED;
	}
	return code;
}

static int serve(struct model *x)
{
	int err = 0;

	x->run.seconds = x->seconds;
	run_start(&x->run);
	live_begin(&x->run, x->json && x->stats < 0 ? 0 : x->stats, live_lines, x);
	while (!err && run_look(&x->run))
		err = nic_server_run_all(x->servers, x->n, ROUND_MS);
	live_end();
	run_end(&x->run);
	return finish(x);
}

/* One device's part of the command line. Return: as cli_parse. */
static int parse_device(const struct command *cmd, struct model *x, struct device *d, int argc,
			char **argv)
{
	int unused;
	const struct option_row rows[] = {
		{ "socket", 0, OPT_TEXT, &d->socket, "PATH", "UNIX socket to serve on (needed)" },
		{ "wire", 0, OPT_TEXT, &d->wire, "WIRE", "its cable, see nicety-uri(7)" },
		{ "id", 0, OPT_TEXT, &d->id, "ID", "PCI device id, e.g. 10f7" },
		{ "mac", 0, OPT_TEXT, &d->mac, "MAC", "its address" },
		{ "lenient", 0, OPT_TEXT, &d->lenient, "RULE,RULE", "rules not to report" },
		{ "fault", 0, OPT_TEXTS, &d->faults, "FAULT",
		  "fail on purpose: link-flap:100ms, remove@5s …" },
		{ "and", 0, OPT_FLAG, &unused, NULL, "another CHIP and its options follow" },
		{ "duration", 0, OPT_SECONDS, &x->seconds, "TIME",
		  "end after TIME (10, 500ms, 2m)" },
		{ "stats", 0, OPT_SECONDS, &x->stats, "TIME", "report on stderr every TIME" },
		{ "json", 0, OPT_FLAG, &x->json, NULL, "report as lines of JSON on stdout" },
		OPTION_END,
	};
	const char *chip;
	int n = cli_parse(cmd, rows, argc, argv, &chip, 1, 1);

	if (n < 0)
		return n;
	if (!d->socket) {
		cli_fail(cmd, "%s: --socket PATH is missing", chip);
		return -2;
	}
	if (make_uri(d, chip)) {
		cli_fail(cmd, "%s: the options are longer than %zu characters", chip,
			 sizeof(d->uri));
		return -2;
	}
	return n;
}

/* Return: 0, or an exit code that was explained. */
static int start_device(struct model *x, const struct device *d)
{
	int err = nic_server_new(&x->servers[x->n], d->uri, d->socket);

	if (err) {
		fprintf(stderr, "nicety: cannot serve %s: %s\n", d->uri, strerror(-err));
		return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	}
	x->n++;
	if (!x->json)
		fprintf(stderr, "model: %s serves %s; Ctrl-C ends it\n", d->socket, d->uri);
	return 0;
}

static int model(const struct command *cmd, int argc, char **argv)
{
	static struct device devices[MAX_DEVICES];
	static struct model x = { .stats = LIVE_AUTO };
	unsigned n = 0;
	int code = 0, from = 0;

	/* argv[from] stands for the command's name: a part's first word is not looked at. */
	for (int i = 1; i <= argc; i++) {
		int parsed;

		if (i < argc && strcmp(argv[i], "--and"))
			continue;
		if (n == MAX_DEVICES)
			return cli_fail(cmd, "more than %u devices", MAX_DEVICES);
		parsed = parse_device(cmd, &x, &devices[n++], i - from, argv + from);
		if (parsed < 0)
			return cli_exit(parsed);
		from = i;
	}
	for (unsigned i = 0; i < n && !code; i++)
		code = start_device(&x, &devices[i]);
	if (!code)
		code = serve(&x);
	while (x.n)
		nic_server_del(x.servers[--x.n]);
	return code;
}

const struct command command_model = {
	.name = "model",
	.args = "CHIP [--and CHIP ...]",
	.summary = "serve software NICs over sockets",
	.details =
		"Serves the model CHIP, e.g. 82599, to one client after the other by the "
		"vfio-user\n"
		"protocol. With QEMU 10.1 or later the client is a guest:\n"
		"  -device "
		"'{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\"PATH\"}"
		"}'\n"
		"--and begins another device, with options of its own; link:NAME wires join them.\n"
		"Rules of the datasheet that the driver breaks are reported; then the exit code "
		"is 1.",
	.run = model,
};
