/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `link:NAME`: a cable between two models of this process. The two that name the same cable are
 * joined; each end may be driven by its own thread.
 *
 * The list of cables is global, because opening by name is all that the two ends have in common;
 * only opening and closing touch it, under its lock.
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/types.h"
#include "wires/frames.h"
#include "wires/kinds.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct cable;

struct end {
	struct wire wire;
	struct cable *cable;
	struct frames *in; /* frames to this end; the other end's out */
	struct frames *out;
	int plugged; /* atomic: in use */
	uint64_t counts[3];
};
enum { IN, OUT, LOST_UNPLUGGED };

struct cable {
	struct cable *next;
	struct end ends[2];
	char name[64];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cable *cables; /* (lock) those with an end plugged in */

static struct end *of_wire(struct wire *w)
{
	return container_of(w, struct end, wire);
}

static struct end *other_end(struct end *e)
{
	return &e->cable->ends[e == &e->cable->ends[0]];
}

static int link_link(struct wire *w)
{
	return __atomic_load_n(&other_end(of_wire(w))->plugged, __ATOMIC_ACQUIRE);
}

static int link_peek(struct wire *w, struct wire_frame *frame)
{
	frame->data = frames_peek(of_wire(w)->in, &frame->len);
	frame->bad = WIRE_GOOD;
	return frame->data != NULL;
}

static void link_take(struct wire *w)
{
	frames_pop(of_wire(w)->in);
	of_wire(w)->counts[IN]++;
}

static int link_tx(struct wire *w, const void *frame, size_t len)
{
	struct end *e = of_wire(w);
	int err;

	if (!link_link(w)) {
		e->counts[LOST_UNPLUGGED]++;
		return -ENOLINK;
	}
	err = frames_push(e->out, frame, len);
	if (!err)
		e->counts[OUT]++;
	return err;
}

static int link_ended(struct wire *w)
{
	(void)w; /* the other end may be plugged in again */
	return 0;
}

static int link_fd(struct wire *w)
{
	(void)w;
	return -1;
}

static int link_counter(struct wire *w, unsigned i, const char **name, uint64_t *value)
{
	static const char *const names[] = { "wire_in", "wire_out", "wire_lost_unplugged" };

	return counter_at(names, of_wire(w)->counts, ARRAY_SIZE(names), i, name, value);
}

static void cable_del(struct cable *c)
{
	for (int i = 0; i < 2; i++)
		frames_del(c->ends[i].in);
	free(c);
}

static void link_close(struct wire *w)
{
	struct end *e = of_wire(w);
	struct cable *c = e->cable, **p;

	pthread_mutex_lock(&lock);
	__atomic_store_n(&e->plugged, 0, __ATOMIC_RELEASE);
	if (!c->ends[0].plugged && !c->ends[1].plugged) {
		for (p = &cables; *p != c; p = &(*p)->next)
			;
		*p = c->next;
		cable_del(c);
	}
	pthread_mutex_unlock(&lock);
}

static const struct wire_ops link_ops = {
	.peek = link_peek,
	.take = link_take,
	.tx = link_tx,
	.link = link_link,
	.ended = link_ended,
	.fd = link_fd,
	.counter = link_counter,
	.close = link_close,
};

static struct cable *cable_new(const char *name)
{
	struct cable *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	strcpy(c->name, name); /* its length was checked */
	for (int i = 0; i < 2; i++) {
		c->ends[i].cable = c;
		c->ends[i].wire.ops = &link_ops;
		c->ends[i].wire.patient = 1;
		c->ends[i].in = frames_new();
		c->ends[!i].out = c->ends[i].in;
	}
	if (!c->ends[0].in || !c->ends[1].in) {
		cable_del(c);
		return NULL;
	}
	return c;
}

/* With the lock held: the end to plug into. */
static int find_end(struct end **out, const char *name)
{
	struct cable *c = cables;

	while (c && strcmp(c->name, name))
		c = c->next;
	if (!c) {
		c = cable_new(name);
		if (!c)
			return -ENOMEM;
		c->next = cables;
		cables = c;
	}
	*out = &c->ends[c->ends[0].plugged];
	return (*out)->plugged ? -EBUSY : 0;
}

static int link_open(struct wire **out, const char *rest)
{
	struct end *e = NULL;
	int err;

	if (!*rest || strlen(rest) >= sizeof(e->cable->name)) {
		log_error("wire link:%s: want link:NAME with a name of 1 to %zu characters, the "
			  "same for both ends",
			  rest, sizeof(e->cable->name) - 1);
		return -EINVAL;
	}
	pthread_mutex_lock(&lock);
	err = find_end(&e, rest);
	if (!err) {
		/* What was sent to a former owner of this end is not for the new one. */
		frames_drain(e->in);
		memset(e->counts, 0, sizeof(e->counts));
		__atomic_store_n(&e->plugged, 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&lock);
	if (err == -EBUSY)
		log_error("wire link:%s: both ends are in use already; close one device or choose "
			  "another name",
			  rest);
	if (err)
		return err;
	*out = &e->wire;
	return 0;
}

const struct wire_kind wire_link = { "link", "link:NAME", link_open };
