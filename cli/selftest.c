/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety selftest: does this device do what its driver promises?
 */
#include <nicety/nic.h>

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "json.h"
#include "port.h"
#include "selftest.h"

static const struct selftest_case *const tables[] = { selftest_frames, selftest_offloads };
#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

static const char *const results[] = { "ok", "failed", "skipped" };

static void report(struct json *j, const struct selftest *t, const struct selftest_case *c,
		   enum selftest_result r)
{
	if (!j) {
		printf("%-8s %-11s %s: %s\n", r == SELFTEST_FAILED ? "FAILED" : results[r], c->name,
		       c->what, t->text);
		fflush(stdout);
		return;
	}
	json_open(j, NULL, '{');
	json_text(j, "name", c->name);
	json_text(j, "what", c->what);
	json_text(j, "result", results[r]);
	json_text(j, "detail", t->text);
	json_close(j, '}');
}

/* @only: the one case to run, or NULL. Return: how many ran. */
static unsigned run_all(struct selftest *t, struct json *j, const char *only, unsigned counts[3])
{
	unsigned n = 0;

	for (size_t i = 0; i < N_TABLES; i++)
		for (const struct selftest_case *c = tables[i]; c->name; c++) {
			enum selftest_result r;

			if (only && strcmp(only, c->name))
				continue;
			r = selftest_run(t, c);
			counts[r]++;
			n++;
			report(j, t, c, r);
			/* Without a device or a link nothing else can work. */
			if (c == selftest_frames && r == SELFTEST_FAILED)
				return n;
		}
	return n;
}

static int selftest(const struct command *cmd, int argc, char **argv)
{
	struct selftest t = { .link_wait_ms = 0 };
	struct json j = { .to = stdout };
	const char *only = NULL;
	unsigned counts[3] = { 0, 0, 0 };
	int json = 0, n;
	const struct option_row rows[] = {
		{ "case", 0, OPT_TEXT, &only, "NAME", "run only this case" },
		{ "loopback", 0, OPT_FLAG, &t.loopback, NULL,
		  "one device: frames come back inside the chip" },
		{ "json", 0, OPT_FLAG, &json, NULL, "print one JSON object on stdout" },
		OPTION_END,
	};

	n = cli_parse(cmd, rows, argc, argv, t.uris, 1, 2);
	if (n < 0)
		return cli_exit(n);
	if (t.loopback && n > 1)
		return cli_fail(cmd, "--loopback is for one device, not for two and a cable");
	port_mem_config(&t.memory, t.uris, (unsigned)n);
	if (json) {
		json_open(&j, NULL, '{');
		json_text(&j, "command", "selftest");
		json_open(&j, "uris", '[');
		for (int i = 0; i < n; i++)
			json_text(&j, NULL, t.uris[i]);
		json_close(&j, ']');
		json_open(&j, "cases", '[');
	}
	n = (int)run_all(&t, json ? &j : NULL, only, counts);
	if (json) {
		json_close(&j, ']');
		for (int r = 0; r < 3; r++)
			json_count(&j, results[r], counts[r]);
		json_close(&j, '}');
		putchar('\n');
	} else if (n) {
		printf("%u ok, %u failed, %u skipped\n", counts[SELFTEST_OK],
		       counts[SELFTEST_FAILED], counts[SELFTEST_SKIPPED]);
	}
	if (!n)
		return cli_fail(cmd, "--case %s: there is no such case", only);
	return counts[SELFTEST_FAILED] ? EXIT_FAILED : EXIT_OK;
}

const struct command command_selftest = {
	.name = "selftest",
	.args = "URI [URI]",
	.summary = "check that a device does what its driver promises",
	.details =
		"With one device its frames must come back (--loopback, a loop plug, "
		"wire=loop); with two, a\n"
		"cable joins them, and nobody else should be on it. Prints each case with what it "
		"tried, or\n"
		"what was expected and what was seen. Fails if a case fails.\n"
		"\n"
		"  nicety selftest 'model:82599?wire=link:x' "
		"'model:82599?wire=link:x&mac=02:00:00:00:00:02'",
	.run = selftest,
};
