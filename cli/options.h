/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Command line options of the subcommands: one table makes parser and help.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdint.h>

/* Exit codes of every command. */
enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

enum option_kind {
	OPT_FLAG,    /* int: set to 1 */
	OPT_UINT,    /* unsigned */
	OPT_COUNT,   /* uint64_t; also 10k, 5M, 1G */
	OPT_SECONDS, /* double; also 500ms, 2s, 1m */
	OPT_TEXT,    /* const char * */
	OPT_TEXTS    /* struct option_texts: may be given several times */
};

#define OPTION_TEXTS 8
struct option_texts {
	const char *text[OPTION_TEXTS];
	unsigned n;
};

struct option_row {
	const char *name; /* "count" for --count; NULL ends the table */
	char letter;      /* 'w' for -w; 0 = none */
	enum option_kind kind;
	void *value;
	const char *arg; /* how help calls the argument */
	const char *help;
};

#define OPTION_END                                  \
	{                                           \
		NULL, 0, OPT_FLAG, NULL, NULL, NULL \
	}

struct command {
	const char *name;
	const char *args;    /* "URI URI" */
	const char *summary; /* one line, no full stop */
	const char *details; /* paragraphs for help, may be NULL */
	int (*run)(const struct command *cmd, int argc, char **argv);
};

/**
 * cli_parse - fill in the table's values from argv[1]…; options and arguments may mix.
 * @args: receives the arguments, at least @min and at most @max.
 * Return: how many arguments; -1: help was asked for and printed, exit with EXIT_OK; -2: something
 * is wrong and was said, exit with EXIT_USAGE.
 */
int cli_parse(const struct command *cmd, const struct option_row *rows, int argc, char **argv,
	      const char **args, int min, int max);

/** cli_exit - the exit code for a negative return of cli_parse. */
static inline int cli_exit(int parsed)
{
	return parsed == -1 ? EXIT_OK : EXIT_USAGE;
}

/** cli_fail - one line about a wrong value, and how to get help. Return: EXIT_USAGE. */
int cli_fail(const struct command *cmd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** cli_scaled - a number with an optional suffix k, M, G. 0 or -1. @rest: what follows. */
int cli_scaled(const char *text, double *value, const char **rest);

#endif
