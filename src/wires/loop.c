/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `loop`: a loopback plug. What leaves comes back, in order.
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/types.h"
#include "wires/frames.h"
#include "wires/kinds.h"

#include <stdlib.h>

struct loop {
	struct wire wire;
	struct frames *frames;
	uint64_t counts[2];
};
enum { IN, OUT };

static struct loop *of_wire(struct wire *w)
{
	return container_of(w, struct loop, wire);
}

static int loop_peek(struct wire *w, struct wire_frame *frame)
{
	frame->data = frames_peek(of_wire(w)->frames, &frame->len);
	frame->bad = WIRE_GOOD;
	return frame->data != NULL;
}

static void loop_take(struct wire *w)
{
	frames_pop(of_wire(w)->frames);
	of_wire(w)->counts[IN]++;
}

static int loop_tx(struct wire *w, const void *frame, size_t len)
{
	int err = frames_push(of_wire(w)->frames, frame, len);

	if (!err)
		of_wire(w)->counts[OUT]++;
	return err;
}

static int loop_link(struct wire *w)
{
	(void)w;
	return 1;
}

static int loop_ended(struct wire *w)
{
	(void)w;
	return 0;
}

static int loop_fd(struct wire *w)
{
	(void)w;
	return -1;
}

static int loop_counter(struct wire *w, unsigned i, const char **name, uint64_t *value)
{
	static const char *const names[] = { "wire_in", "wire_out" };

	return counter_at(names, of_wire(w)->counts, 2, i, name, value);
}

static void loop_close(struct wire *w)
{
	frames_del(of_wire(w)->frames);
	free(of_wire(w));
}

static const struct wire_ops loop_ops = {
	.peek = loop_peek,
	.take = loop_take,
	.tx = loop_tx,
	.link = loop_link,
	.ended = loop_ended,
	.fd = loop_fd,
	.counter = loop_counter,
	.close = loop_close,
};

static int loop_open(struct wire **out, const char *rest)
{
	struct loop *l;

	if (*rest) {
		log_error("wire loop:%s: loop has no options; want just loop", rest);
		return -EINVAL;
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->frames = frames_new();
	if (!l->frames) {
		free(l);
		return -ENOMEM;
	}
	l->wire.ops = &loop_ops;
	l->wire.patient = 1;
	*out = &l->wire;
	return 0;
}

const struct wire_kind wire_loop = { "loop", "loop", loop_open };
