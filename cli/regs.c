/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety regs: registers by name, with fields and datasheet sections.
 */
#include <nicety/nic.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "port.h"

struct regs {
	int json, all;
	const char *args[2]; /* URI, NAME */
};

static int wanted(const struct regs *x, const struct nic_reg *r)
{
	return !x->args[1] || !strcasecmp(x->args[1], r->name);
}

static void print_text(const struct regs *x, const struct nic_reg *r)
{
	char head[48];

	snprintf(head, sizeof(head), "%s[%u]", r->name, r->index);
	if (r->count < 2)
		snprintf(head, sizeof(head), "%s", r->name);
	if (r->was_read)
		printf("%05x  %s", r->offset, r->text);
	else
		printf("%05x  %s not read: that would clear it (--all)", r->offset, head);
	/* The title once per array, always when it was asked for. */
	if (!r->index || x->args[1])
		printf("  -- %s (%s)", r->title, r->section);
	putchar('\n');
}

static void print_json(struct json *j, const struct nic_reg *r)
{
	json_open(j, NULL, '{');
	json_text(j, "name", r->name);
	json_count(j, "index", r->index);
	json_count(j, "count", r->count);
	json_count(j, "offset", r->offset);
	if (r->was_read)
		json_count(j, "value", r->value);
	else
		json_text(j, "value", NULL);
	json_bool(j, "clears_on_read", r->clears_on_read);
	json_text(j, "text", r->text);
	json_text(j, "section", r->section);
	json_text(j, "title", r->title);
	json_close(j, '}');
}

/* Return: EXIT_OK, EXIT_FAILED (said). */
static int walk(const struct regs *x, struct nic *nic)
{
	struct json j = { .to = stdout };
	struct nic_reg r;
	unsigned shown = 0;
	int err = 0;

	if (x->json) {
		json_open(&j, NULL, '{');
		json_text(&j, "command", "regs");
		json_text(&j, "uri", x->args[0]);
		json_open(&j, "registers", '[');
	}
	for (unsigned i = 0; !(err = nic_reg(nic, i, x->all, &r)); i++) {
		if (!wanted(x, &r))
			continue;
		shown++;
		if (x->json)
			print_json(&j, &r);
		else
			print_text(x, &r);
	}
	if (x->json) {
		json_close(&j, ']');
		json_close(&j, '}');
		putchar('\n');
	}
	if (err != -ENOENT) {
		fprintf(stderr, "nicety regs: %s: %s\n", x->args[0], strerror(-err));
		return EXIT_FAILED;
	}
	if (!shown) {
		fprintf(stderr,
			"nicety regs: there is no register '%s'; `nicety regs %s` lists all\n",
			x->args[1], x->args[0]);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int regs(const struct command *cmd, int argc, char **argv)
{
	struct regs x = { 0 };
	const struct option_row rows[] = {
		{ "all", 'a', OPT_FLAG, &x.all, NULL, "also read registers that reading clears" },
		{ "json", 0, OPT_FLAG, &x.json, NULL, "print one JSON object on stdout" },
		OPTION_END,
	};
	struct nic_config cfg = { .link_wait_ms = -1 };
	struct nic_mem *mem;
	struct nic *nic = NULL;
	int code, n = cli_parse(cmd, rows, argc, argv, x.args, 1, 2);

	if (n < 0)
		return cli_exit(n);
	if (port_mem(&mem, x.args, 1))
		return EXIT_FAILED;
	code = port_open(&nic, mem, x.args[0], &cfg);
	if (!code)
		code = walk(&x, nic);
	nic_close(nic);
	nic_mem_del(mem);
	return code;
}

const struct command command_regs = {
	.name = "regs",
	.args = "URI [NAME]",
	.summary = "show registers by name, with fields and datasheet sections",
	.details = "Opens the device (which resets and initialises it) and prints the registers "
		   "that the\n"
		   "driver knows, or only NAME. Statistics registers are cleared by reading, so "
		   "they are\n"
		   "left out unless --all is given.\n"
		   "\n"
		   "  nicety regs model:82599 RXDCTL",
	.run = regs,
};
