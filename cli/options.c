/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Parser and help of the subcommands' options: --name VALUE, --name=VALUE, -w VALUE, --.
 */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_fail(const struct command *cmd, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "nicety %s: ", cmd->name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "; see: nicety %s --help\n", cmd->name);
	return EXIT_USAGE;
}

static void print_help(const struct command *cmd, const struct option_row *rows)
{
	printf("usage: nicety %s [OPTION]...%s%s\n\n%s.\n", cmd->name, *cmd->args ? " " : "",
	       cmd->args, cmd->summary);
	if (cmd->details)
		printf("\n%s\n", cmd->details);
	printf("\noptions:\n");
	for (const struct option_row *r = rows; r->name; r++) {
		char left[64];

		snprintf(left, sizeof(left), "%s%c%s--%s%s%s", r->letter ? "-" : "",
			 r->letter ? r->letter : ' ', r->letter ? ", " : "   ", r->name,
			 r->kind == OPT_FLAG ? "" : " ", r->kind == OPT_FLAG ? "" : r->arg);
		printf("  %-26s %s\n", left, r->help);
	}
	printf("      %-22s %s\n", "--help", "this text");
}

/* Letters that differ if the shorter word is laid over the longer: enough to guess a typo. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[32], la = (unsigned)strlen(a), lb = (unsigned)strlen(b);

	if (la > 31 || lb > 31)
		return UINT_MAX;
	for (unsigned j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (best > row[j] + 1)
				best = row[j] + 1;
			if (best > row[j - 1] + 1)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

static void say_unknown(const struct command *cmd, const struct option_row *rows, const char *name)
{
	const char *nearest = NULL;
	unsigned best = 3;

	for (; rows->name; rows++) {
		unsigned d = distance(name, rows->name);

		if (d < best) {
			best = d;
			nearest = rows->name;
		}
	}
	if (nearest)
		cli_fail(cmd, "there is no option --%s; did you mean --%s", name, nearest);
	else
		cli_fail(cmd, "there is no option --%s", name);
}

int cli_scaled(const char *text, double *value, const char **rest)
{
	char *end;
	double v = strtod(text, &end);

	/* strtod also takes nan, inf and hexadecimal, which are not rates. */
	if (end == text || strspn(text, "0123456789.") != (size_t)(end - text) || v < 0)
		return -1;
	if (*end == 'k' || *end == 'K') {
		v *= 1e3;
		end++;
	} else if (*end == 'M') {
		v *= 1e6;
		end++;
	} else if (*end == 'G') {
		v *= 1e9;
		end++;
	}
	*value = v;
	*rest = end;
	return 0;
}

static int parse_seconds(const char *text, double *value)
{
	static const struct {
		const char *name;
		double factor;
	} units[] = { { "", 1 },      { "s", 1 },  { "ms", 1e-3 },
		      { "us", 1e-6 }, { "m", 60 }, { "h", 3600 } };
	char *end;
	double v = strtod(text, &end);

	if (end == text || strspn(text, "0123456789.") != (size_t)(end - text))
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(end, units[i].name)) {
			*value = v * units[i].factor;
			return 0;
		}
	}
	return -1;
}

static int add_text(const struct command *cmd, const struct option_row *r, const char *text)
{
	struct option_texts *t = r->value;

	if (t->n == OPTION_TEXTS) {
		cli_fail(cmd, "--%s more than %d times", r->name, OPTION_TEXTS);
		return -1;
	}
	t->text[t->n++] = text;
	return 0;
}

static int set_value(const struct command *cmd, const struct option_row *r, const char *text)
{
	const char *rest;
	char *end;
	double scaled;
	unsigned long plain;

	switch (r->kind) {
	case OPT_FLAG:
		*(int *)r->value = 1;
		return 0;
	case OPT_TEXT:
		*(const char **)r->value = text;
		return 0;
	case OPT_TEXTS:
		return add_text(cmd, r, text);
	case OPT_UINT:
		errno = 0;
		plain = strtoul(text, &end, 10);
		if (*text < '0' || *text > '9' || *end || errno || plain > UINT_MAX)
			break;
		*(unsigned *)r->value = (unsigned)plain;
		return 0;
	case OPT_COUNT:
		if (cli_scaled(text, &scaled, &rest) || *rest || scaled > 1e18)
			break;
		*(uint64_t *)r->value = (uint64_t)scaled;
		return 0;
	case OPT_SECONDS:
		if (parse_seconds(text, r->value))
			break;
		return 0;
	}
	cli_fail(cmd, "--%s %s: want %s", r->name, text,
		 r->kind == OPT_SECONDS ? "a time like 10, 500ms or 2m"
		 : r->kind == OPT_COUNT ? "a number like 1000, 10k or 5M"
					: "a number");
	return -1;
}

static const struct option_row *find_row(const struct option_row *rows, const char *arg,
					 const char **value)
{
	size_t len = strcspn(arg, "=");

	for (; rows->name; rows++) {
		if (arg[1] != '-') {
			if (rows->letter && arg[1] == rows->letter) {
				*value = arg[2] ? arg + 2 : NULL;
				return rows;
			}
		} else if (strlen(rows->name) == len - 2 &&
			   !strncmp(arg + 2, rows->name, len - 2)) {
			*value = arg[len] ? arg + len + 1 : NULL;
			return rows;
		}
	}
	return NULL;
}

/* One option at argv[*i]; moves *i over its value. Return: 0 or -1, said. */
static int parse_option(const struct command *cmd, const struct option_row *rows, int argc,
			char **argv, int *i)
{
	const char *value = NULL, *arg = argv[*i];
	const struct option_row *r = find_row(rows, arg, &value);
	char name[32];

	if (!r) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(arg, "="), arg);
		if (arg[1] == '-')
			say_unknown(cmd, rows, name + 2);
		else
			cli_fail(cmd, "there is no option %s", name);
		return -1;
	}
	if (r->kind == OPT_FLAG && value) {
		cli_fail(cmd, "--%s takes no value", r->name);
		return -1;
	}
	if (r->kind != OPT_FLAG && !value) {
		if (*i + 1 >= argc) {
			cli_fail(cmd, "--%s wants a value: --%s %s", r->name, r->name, r->arg);
			return -1;
		}
		value = argv[++*i];
	}
	return set_value(cmd, r, value);
}

int cli_parse(const struct command *cmd, const struct option_row *rows, int argc, char **argv,
	      const char **args, int min, int max)
{
	int n = 0, only_args = 0;

	for (int i = 1; i < argc; i++) {
		if (only_args || argv[i][0] != '-' || !argv[i][1]) {
			if (n == max) {
				cli_fail(cmd, "one argument too many: '%s'", argv[i]);
				return -2;
			}
			args[n++] = argv[i];
		} else if (!strcmp(argv[i], "--")) {
			only_args = 1;
		} else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			print_help(cmd, rows);
			return -1;
		} else if (parse_option(cmd, rows, argc, argv, &i)) {
			return -2;
		}
	}
	if (n < min) {
		cli_fail(cmd, "an argument is missing: nicety %s %s", cmd->name, cmd->args);
		return -2;
	}
	return n;
}
