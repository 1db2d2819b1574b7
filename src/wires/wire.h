/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A model's cable. A wire is driven by one thread (the model host's). Frames are without CRC.
 */
#ifndef WIRES_WIRE_H
#define WIRES_WIRE_H

#include <stddef.h>
#include <stdint.h>

struct wire;

enum wire_error { WIRE_GOOD, WIRE_CRC }; /* = enum model_frame_error */

struct wire_frame {
	const void *data; /* valid until the next call of any function of this wire */
	size_t len;
	unsigned bad; /* enum wire_error: the generator can send bad frames */
};

struct wire_ops {
	/* The frame that arrives next, without taking it: 1, 0 = none now, -errno = broken. */
	int (*peek)(struct wire *w, struct wire_frame *frame);
	/* Take the frame that peek showed. */
	void (*take)(struct wire *w);
	/* A frame leaves: 0, -EAGAIN = busy, offer it again, other -errno = lost and counted. */
	int (*tx)(struct wire *w, const void *frame, size_t len);
	/* 1 = the other end is there. */
	int (*link)(struct wire *w);
	/* 1 = nothing will arrive any more. */
	int (*ended)(struct wire *w);
	/* A descriptor that becomes readable when a frame arrives, or -1 (then it is polled). */
	int (*fd)(struct wire *w);
	/* Named counters, index from 0; 1, 0 = no more. */
	int (*counter)(struct wire *w, unsigned i, const char **name, uint64_t *value);
	void (*close)(struct wire *w);
};

struct wire {
	const struct wire_ops *ops;
	int patient; /* frames wait here when the model has no room, instead of being lost */
};

/**
 * wire_open - connect a cable.
 * @spec: `tap:NAME`, `pcap:in=FILE,out=FILE`, `loop`, `link:NAME`, `gen:…`; NULL or "" = nothing
 * plugged in (link down). wires/README.md lists the options of each.
 * Return: 0 or -errno; the reason is logged with the fix.
 */
int wire_open(struct wire **out, const char *spec);

#endif
