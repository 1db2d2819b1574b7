/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Keeps log lines, so that tests can say which cause and which fix a message must name.
 */
#ifndef TESTS_LOG_CATCHER_H
#define TESTS_LOG_CATCHER_H

#include <nicety/nic.h>
#include <stdio.h>
#include <string.h>

static char caught[4096];

static inline void catch_line(void *arg, enum nic_log_level level, const char *line)
{
	size_t n = strlen(caught);

	(void)arg;
	(void)level;
	snprintf(caught + n, sizeof(caught) - n, "%s\n", line);
}

static inline void catch_log(void)
{
	caught[0] = 0;
	nic_log_set(catch_line, NULL, NIC_LOG_WARN);
}

/* Was @text logged since? Shows what was, if not. */
static inline int was_logged(const char *text)
{
	if (strstr(caught, text))
		return 1;
	fprintf(stderr, "'%s' is not in the log, which is:\n%s", text, caught);
	return 0;
}

#endif
