/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A wire around a wire; see cable.h. The file is looked for once a millisecond.
 */
#include "cable.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/types.h"

struct cable {
	struct wire wire;
	struct wire *inner;
	const char *path;
	uint64_t looked_ms;
	int in;
};

static struct cable *of(struct wire *w)
{
	return container_of(w, struct cable, wire);
}

static int plugged_in(struct cable *c)
{
	struct timespec t;
	uint64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ms = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
	if (ms != c->looked_ms) {
		c->looked_ms = ms;
		c->in = !access(c->path, F_OK);
	}
	return c->in;
}

static int cable_peek(struct wire *w, struct wire_frame *frame)
{
	struct cable *c = of(w);

	return plugged_in(c) ? c->inner->ops->peek(c->inner, frame) : 0;
}

static void cable_take(struct wire *w)
{
	of(w)->inner->ops->take(of(w)->inner);
}

static int cable_tx(struct wire *w, const void *frame, size_t len)
{
	return of(w)->inner->ops->tx(of(w)->inner, frame, len);
}

static int cable_link(struct wire *w)
{
	struct cable *c = of(w);

	return plugged_in(c) && c->inner->ops->link(c->inner);
}

static int cable_ended(struct wire *w)
{
	return of(w)->inner->ops->ended(of(w)->inner);
}

static int cable_fd(struct wire *w)
{
	return of(w)->inner->ops->fd(of(w)->inner);
}

static int cable_counter(struct wire *w, unsigned i, const char **name, uint64_t *value)
{
	return of(w)->inner->ops->counter(of(w)->inner, i, name, value);
}

static void cable_close(struct wire *w)
{
	of(w)->inner->ops->close(of(w)->inner);
	free(of(w));
}

static const struct wire_ops cable_ops = {
	.peek = cable_peek,
	.take = cable_take,
	.tx = cable_tx,
	.link = cable_link,
	.ended = cable_ended,
	.fd = cable_fd,
	.counter = cable_counter,
	.close = cable_close,
};

struct wire *cable_new(struct wire *inner, const char *path)
{
	struct cable *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct cable) { .wire = { .ops = &cable_ops, .patient = inner->patient },
			      .inner = inner,
			      .path = path };
	return &c->wire;
}
