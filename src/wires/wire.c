/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Opens wires by their specification; and the wire that is plugged in nowhere.
 */
#include "wires/wire.h"

#include "base/errno.h"
#include "base/log.h"
#include "base/types.h"
#include "wires/kinds.h"

#include <stdlib.h>
#include <string.h>

struct unplugged {
	struct wire wire;
	uint64_t lost;
};

static int unplugged_peek(struct wire *w, struct wire_frame *frame)
{
	(void)w;
	(void)frame;
	return 0;
}

static void unplugged_take(struct wire *w)
{
	(void)w;
}

static int unplugged_tx(struct wire *w, const void *frame, size_t len)
{
	(void)frame;
	(void)len;
	container_of(w, struct unplugged, wire)->lost++;
	return -ENOLINK;
}

static int unplugged_link(struct wire *w)
{
	(void)w;
	return 0;
}

static int unplugged_ended(struct wire *w)
{
	(void)w;
	return 1;
}

static int unplugged_fd(struct wire *w)
{
	(void)w;
	return -1;
}

static int unplugged_counter(struct wire *w, unsigned i, const char **name, uint64_t *value)
{
	static const char *const names[] = { "wire_lost_unplugged" };

	return counter_at(names, &container_of(w, struct unplugged, wire)->lost, 1, i, name, value);
}

static void unplugged_close(struct wire *w)
{
	free(container_of(w, struct unplugged, wire));
}

static const struct wire_ops unplugged_ops = {
	.peek = unplugged_peek,
	.take = unplugged_take,
	.tx = unplugged_tx,
	.link = unplugged_link,
	.ended = unplugged_ended,
	.fd = unplugged_fd,
	.counter = unplugged_counter,
	.close = unplugged_close,
};

static int unplugged_open(struct wire **out)
{
	struct unplugged *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->wire.ops = &unplugged_ops;
	*out = &u->wire;
	return 0;
}

int wire_open(struct wire **out, const char *spec)
{
	static const struct wire_kind *const kinds[] = { &wire_tap, &wire_pcap, &wire_loop,
							 &wire_link, &wire_gen };
	size_t name = spec ? strcspn(spec, ":") : 0;

	if (!spec || !*spec)
		return unplugged_open(out);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i]->name) == name && memcmp(kinds[i]->name, spec, name) == 0)
			return kinds[i]->open(out, spec + name + (spec[name] == ':'));
	log_error("unknown wire '%s'; known: %s, %s, %s, %s, %s", spec, wire_tap.form,
		  wire_pcap.form, wire_loop.form, wire_link.form, wire_gen.form);
	return -EINVAL;
}
