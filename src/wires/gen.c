/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `gen:…`: a traffic source and a checking sink at the end of the cable. README.md has the options.
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/types.h"
#include "nicety/net.h"
#include "wires/gen.h"
#include "wires/kinds.h"
#include "wires/options.h"

#include <stdlib.h>
#include <string.h>

#define LINE_RATE 10e9 /* bits per second that `%` refers to */

struct gen {
	struct wire wire;
	struct gen_source *source; /* NULL: none */
	struct gen_sink *sink;     /* NULL: what arrives is only counted */
	uint64_t unchecked;
};

static struct gen *of_wire(struct wire *w)
{
	return container_of(w, struct gen, wire);
}

static int gen_peek(struct wire *w, struct wire_frame *frame)
{
	struct gen *g = of_wire(w);

	if (!g->source)
		return 0;
	frame->data = gen_source_peek(g->source, &frame->len, &frame->bad);
	return frame->data != NULL;
}

static void gen_take(struct wire *w)
{
	gen_source_take(of_wire(w)->source);
}

static int gen_tx(struct wire *w, const void *frame, size_t len)
{
	struct gen *g = of_wire(w);

	if (g->sink)
		gen_sink_frame(g->sink, frame, len);
	else
		g->unchecked++;
	return 0;
}

static int gen_link(struct wire *w)
{
	(void)w;
	return 1;
}

static int gen_ended(struct wire *w)
{
	return !of_wire(w)->source || gen_source_ended(of_wire(w)->source);
}

static int gen_fd(struct wire *w)
{
	(void)w;
	return -1;
}

static int gen_counter(struct wire *w, unsigned i, const char **name, uint64_t *value)
{
	static const char *const source[GEN_SOURCE_COUNTS] = {
		[GEN_SENT] = "wire_sent",
		[GEN_SENT_BYTES] = "wire_sent_bytes",
		[GEN_SENT_BAD] = "wire_sent_bad",
		[GEN_LATE] = "wire_late",
	};
	static const char *const sink[GEN_SINK_COUNTS] = {
		[GEN_RECEIVED] = "wire_received",   [GEN_RECEIVED_BYTES] = "wire_received_bytes",
		[GEN_LOST] = "wire_lost",           [GEN_DUPLICATED] = "wire_duplicated",
		[GEN_REORDERED] = "wire_reordered", [GEN_CORRUPTED] = "wire_corrupted",
		[GEN_STALE] = "wire_stale",         [GEN_FOREIGN] = "wire_foreign",
	};
	static const char *const none[] = { "wire_unchecked" };
	struct gen *g = of_wire(w);

	if (g->source) {
		if (i < GEN_SOURCE_COUNTS)
			return counter_at(source, gen_source_counts(g->source), GEN_SOURCE_COUNTS,
					  i, name, value);
		i -= GEN_SOURCE_COUNTS;
	}
	if (g->sink)
		return counter_at(sink, gen_sink_counts(g->sink), GEN_SINK_COUNTS, i, name, value);
	return counter_at(none, &g->unchecked, 1, i, name, value);
}

static void gen_close(struct wire *w)
{
	struct gen *g = of_wire(w);

	gen_source_del(g->source);
	gen_sink_del(g->sink);
	free(g);
}

static const struct wire_ops gen_ops = {
	.peek = gen_peek,
	.take = gen_take,
	.tx = gen_tx,
	.link = gen_link,
	.ended = gen_ended,
	.fd = gen_fd,
	.counter = gen_counter,
	.close = gen_close,
};

/* size=64, size=64-1518, size=imix */
static int option_size(const struct wire_option *o, const char *value)
{
	struct gen_config *c = o->to;
	uint64_t from, to;

	c->imix = strcmp(value, "imix") == 0;
	if (c->imix)
		return 0;
	if (parse_number(value, &value, &from))
		return -EINVAL;
	to = from;
	if (*value == '-' && parse_number(value + 1, &value, &to))
		return -EINVAL;
	if (*value || from < o->min || from > to || to > o->max)
		return -EINVAL;
	c->size_min = (unsigned)from;
	c->size_max = (unsigned)to;
	return 0;
}

/* rate=unlimited, 14.88Mpps, 2.5Gbps, 50% */
static int option_rate(const struct wire_option *o, const char *value)
{
	static const double fraction = 1 << 20; /* times are in 2^-20 ps */
	struct gen_config *c = o->to;
	char *unit;
	double rate;

	c->frame_time = c->byte_time = 0;
	if (strcmp(value, "unlimited") == 0)
		return 0;
	if (*value < '0' || *value > '9')
		return -EINVAL; /* strtod would take inf and nan as well */
	rate = strtod(value, &unit);
	if (strcmp(unit, "%") == 0) {
		if (rate > 100)
			return -EINVAL;
		rate *= LINE_RATE / 100;
		unit += 1;
	} else {
		if (*unit == 'k')
			rate *= 1e3;
		else if (*unit == 'M')
			rate *= 1e6;
		else if (*unit == 'G')
			rate *= 1e9;
		unit += *unit && strchr("kMG", *unit) ? 1 : 0;
		if (strcmp(unit, "pps") == 0) {
			if (!(rate >= 1 && rate <= 1e9))
				return -EINVAL;
			c->frame_time = (uint64_t)(1e12 / rate * fraction);
			return 0;
		}
		if (strcmp(unit, "bps"))
			return -EINVAL;
		unit += 3;
	}
	if (*unit || !(rate >= 1e6 && rate <= 1e12))
		return -EINVAL;
	c->byte_time = (uint64_t)(8e12 / rate * fraction);
	return 0;
}

static int gen_open(struct wire **out, const char *rest)
{
	struct gen_config c = { .flows = 1,
				.size_min = 64,
				.size_max = 64,
				.dst = { 0x02, 0, 0, 0, 0, 2 },
				.src = { 0x02, 0, 0, 0, 0, 1 } };
	int check = 0, options, err = 0;
	const struct wire_option known[] = {
		{ "count", option_number, &c.count, "N frames, 0 = endless", 0, INT64_MAX },
		{ "size", option_size, &c, "N, A-B or imix: frame bytes with CRC, 64 to 15872",
		  GEN_SIZE_MIN, GEN_SIZE_MAX },
		{ "rate", option_rate, &c,
		  "unlimited, 14.88Mpps (1pps to 1Gpps), 2.5Gbps (from 1Mbps, with preamble and "
		  "gap) or 50% of 10 Gb/s",
		  0, 0 },
		{ "flows", option_number, &c.flows, "N, 1 to 16384", 1, GEN_FLOWS },
		{ "dst", option_mac, c.dst, "MAC address like 02:00:00:00:00:02", 0, 0 },
		{ "src", option_mac, c.src, "MAC address like 02:00:00:00:00:01", 0, 0 },
		{ "bad", option_number, &c.bad, "N: every N-th frame has a wrong CRC; N from 2", 2,
		  INT64_MAX },
		{ "check", NULL, &check, NULL, 0, 0 },
	};
	struct gen *g;

	options = options_parse("gen", rest, known, ARRAY_SIZE(known));
	if (options < 0)
		return options;
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	g->wire.ops = &gen_ops;
	/* At full speed frames wait for room; at a given rate they come when they come. */
	g->wire.patient = !c.frame_time && !c.byte_time;
	if (!check || options > 1)
		err = gen_source_new(&g->source, &c);
	if (!err && check && !(g->sink = gen_sink_new()))
		err = -ENOMEM;
	if (err) {
		gen_close(&g->wire);
		return err;
	}
	*out = &g->wire;
	return 0;
}

const struct wire_kind wire_gen = { "gen", "gen:OPTIONS", gen_open };
