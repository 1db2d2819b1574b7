/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety COMMAND …: the table of subcommands.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "tsc.h"

#ifndef NICETY_VERSION
#define NICETY_VERSION "0.1.0"
#endif

static const struct command *const commands[] = {
	&command_demo,   &command_echo,   &command_fwd,      &command_gen,   &command_dump,
	&command_info,   &command_regs,   &command_list,     &command_model, &command_bind,
	&command_unbind, &command_doctor, &command_selftest,
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_usage(FILE *to)
{
	fprintf(to, "usage: nicety COMMAND [OPTION]... [URI]...\n\n"
		    "User-space network drivers, and the NICs in software to run them on.\n\n"
		    "commands:\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(to, "\n`nicety help COMMAND` explains one; nicety-uri(7) explains URIs.\n"
		    "No hardware and no privileges at hand? Try: nicety demo\n"
		    "Exit codes: 0 done, 1 failed, 2 wrong usage.\n");
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	fprintf(stderr, "nicety: there is no command '%s'; `nicety help` lists them\n", name);
	return NULL;
}

static int help(int argc, char **argv)
{
	char flag[] = "--help";
	const struct command *cmd;

	if (argc < 3) {
		print_usage(stdout);
		return EXIT_OK;
	}
	cmd = find(argv[2]);
	return cmd ? cmd->run(cmd, 2, (char *[]) { argv[2], flag, NULL }) : EXIT_USAGE;
}

/* A full disk or a closed pipe must not look like success. */
static int finish(int code)
{
	if (fflush(stdout) || ferror(stdout)) {
		perror("nicety: cannot write to stdout");
		return code ? code : EXIT_FAILED;
	}
	return code;
}

int main(int argc, char **argv)
{
	const struct command *cmd;

	tsc_start();
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return finish(help(argc, argv));
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("nicety " NICETY_VERSION "\n");
		return finish(EXIT_OK);
	}
	cmd = find(argv[1]);
	if (!cmd)
		return EXIT_USAGE;
	return finish(cmd->run(cmd, argc - 1, argv + 1));
}
