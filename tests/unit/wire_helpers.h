/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What tests of wires share: the last error line, counters by name, opening. Depends on cmocka.
 */
#ifndef TESTS_WIRE_HELPERS_H
#define TESTS_WIRE_HELPERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nicety/nic.h"
#include "wires/wire.h"

static char last_error[512];

static inline void keep_error(void *arg, enum nic_log_level level, const char *line)
{
	(void)arg;
	(void)level;
	snprintf(last_error, sizeof(last_error), "%s", line);
}

static inline struct wire *must_open(const char *spec)
{
	struct wire *w = NULL;

	nic_log_set(keep_error, NULL, NIC_LOG_WARN);
	last_error[0] = 0;
	if (wire_open(&w, spec))
		print_message("%s: %s\n", spec, last_error);
	assert_non_null(w);
	return w;
}

/* Opening fails with @err, touches nothing, and the message contains @text. */
static inline void assert_refused(const char *spec, int err, const char *text)
{
	struct wire *w = NULL;
	int got;

	nic_log_set(keep_error, NULL, NIC_LOG_WARN);
	last_error[0] = 0;
	got = wire_open(&w, spec);
	if (got != err || !strstr(last_error, text))
		print_message("%s: %d, '%s', not '%s'\n", spec, got, last_error, text);
	assert_int_equal(got, err);
	assert_null(w);
	assert_non_null(strstr(last_error, text));
}

static inline uint64_t counter(struct wire *w, const char *name)
{
	const char *found;
	uint64_t value;

	for (unsigned i = 0; w->ops->counter(w, i, &found, &value); i++)
		if (!strcmp(found, name))
			return value;
	print_message("no counter %s\n", name);
	fail();
	return 0;
}

/* A frame of @len bytes that can be told from others by @tag. */
static inline void fill_frame(uint8_t *f, size_t len, unsigned tag)
{
	for (size_t i = 0; i < len; i++)
		f[i] = (uint8_t)(i * 7 + tag * 31 + (tag >> 8));
}

static inline void assert_next(struct wire *w, const uint8_t *want, size_t len)
{
	struct wire_frame f = { NULL, 0, 7 };

	assert_int_equal(w->ops->peek(w, &f), 1);
	assert_int_equal(f.len, len);
	assert_int_equal(f.bad, WIRE_GOOD);
	assert_memory_equal(f.data, want, len);
	assert_int_equal(w->ops->peek(w, &f), 1); /* looking does not take */
	assert_int_equal(f.len, len);
	w->ops->take(w);
}

static inline void assert_nothing(struct wire *w)
{
	struct wire_frame f;

	assert_int_equal(w->ops->peek(w, &f), 0);
}

#endif
