/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The log sink: the library's one global, set once by the application before it opens devices.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "nicety/nic.h"

static void (*sink)(void *, enum nic_log_level, const char *);
static void *sink_arg;
static enum nic_log_level sink_max = NIC_LOG_WARN;

void nic_log_set(void (*fn)(void *, enum nic_log_level, const char *), void *arg,
		 enum nic_log_level max)
{
	sink = fn;
	sink_arg = arg;
	sink_max = max;
}

void log_write(int level, const char *format, ...)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	char line[512];
	va_list args;

	if (level > (int)sink_max)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (sink)
		sink(sink_arg, (enum nic_log_level)level, line);
	else
		fprintf(stderr, "nicety: %s: %s\n", names[level], line);
}
