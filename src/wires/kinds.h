/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What wire.c knows of each kind of wire, and what their files share.
 */
#ifndef WIRES_KINDS_H
#define WIRES_KINDS_H

#include "wires/wire.h"

struct wire_kind {
	const char *name; /* before the colon */
	const char *form; /* for messages: "tap:NAME" */
	/* @rest: what follows the colon. 0 or -errno, logged. */
	int (*open)(struct wire **out, const char *rest);
};

extern const struct wire_kind wire_gen, wire_link, wire_loop, wire_pcap, wire_tap;

/** counter_at - wire_ops.counter of a wire that keeps its @n values in an array. */
static inline int counter_at(const char *const *names, const uint64_t *values, unsigned n,
			     unsigned i, const char **name, uint64_t *value)
{
	if (i >= n)
		return 0;
	*name = names[i];
	*value = values[i];
	return 1;
}

#endif
