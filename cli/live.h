/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a running command shows on stderr, and how Ctrl-C ends it.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "run.h"

/* For --stats: not given. */
#define LIVE_AUTO (-1.0)

/**
 * live_begin - end @run on SIGINT, SIGTERM and SIGHUP (a second one kills), and call @line(@arg)
 * every @seconds on the loop's thread; LIVE_AUTO: every second if stderr is a terminal, 0: never.
 * One run at a time.
 */
void live_begin(struct run *run, double seconds, void (*line)(void *arg), void *arg);
/** live_end - signals do what they did before; the live line is finished. */
void live_end(void);
/** live_stop - end the run as Ctrl-C would. */
void live_stop(void);

/** live_print - show a line; on a terminal it replaces the one before. */
void live_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** live_rate - "14.88 M" for 14880952.4, in @buf of 16 bytes. Return: @buf. */
const char *live_rate(char *buf, double value);

#endif
