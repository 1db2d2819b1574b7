/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Live line and signals.
 */
#include "live.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
#define N_SIGNALS (sizeof(signals) / sizeof(signals[0]))

static struct run *running;
static struct sigaction before[N_SIGNALS];
static int line_open; /* a terminal's line awaits its newline */

static void on_signal(int signal)
{
	(void)signal;
	running->stop = 1; /* lock-free atomic: allowed in a handler */
}

void live_begin(struct run *run, double seconds, void (*line)(void *arg), void *arg)
{
	/* SA_RESETHAND: the second Ctrl-C kills, should the end hang. No SA_RESTART: it also ends
	 * a sleep. */
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	running = run;
	run->tick = line;
	run->tick_arg = arg;
	run->tick_seconds = seconds >= 0 ? seconds : isatty(STDERR_FILENO) ? 1 : 0;
	for (size_t i = 0; i < N_SIGNALS; i++)
		sigaction(signals[i], &sa, &before[i]);
}

void live_end(void)
{
	for (size_t i = 0; i < N_SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	if (line_open)
		putc('\n', stderr);
	line_open = 0;
	running = NULL;
}

void live_stop(void)
{
	if (running)
		running->stop = 1;
}

void live_print(const char *format, ...)
{
	int tty = isatty(STDERR_FILENO);
	va_list ap;

	if (tty)
		fputs("\r\033[K", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	if (!tty)
		putc('\n', stderr);
	fflush(stderr);
	line_open = tty;
}

const char *live_rate(char *buf, double value)
{
	static const char units[] = " kMG";
	unsigned u = 0;

	while (value >= 999.995 && u < 3) {
		value /= 1000;
		u++;
	}
	if (u)
		snprintf(buf, 16, "%.2f %c", value, units[u]);
	else
		snprintf(buf, 16, "%.0f ", value);
	return buf;
}
