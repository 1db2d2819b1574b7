/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A queue of frames between one producing and one consuming thread, without locks.
 *
 * A ring of bytes: each frame is a length word and its bytes in one piece, so small frames queue
 * by the thousand and jumbo frames fit. Positions run freely; the producer publishes with release,
 * the consumer gives room back with release. Each side keeps a copy of the other's position and
 * looks at the real one only when the copy says full (or empty): a cache line per burst, not per
 * frame, travels between the cores.
 */
#ifndef WIRES_FRAMES_H
#define WIRES_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define FRAMES_BYTES   (256u << 10)
#define FRAMES_LONGEST (64u << 10)

struct frames {
	uint32_t head __attribute__((aligned(64))); /* (producer) */
	uint32_t tail_copy;                         /* (producer) */
	uint32_t tail __attribute__((aligned(64))); /* (consumer) */
	uint32_t head_copy;                         /* (consumer) */
	uint8_t bytes[FRAMES_BYTES] __attribute__((aligned(64)));
};

/** frames_new, frames_del - an empty queue, NULL without memory. */
struct frames *frames_new(void);
void frames_del(struct frames *f);

/** frames_push - add a copy of a frame. 0, -EAGAIN = full, -EMSGSIZE. Producer only. */
int frames_push(struct frames *f, const void *frame, size_t len);

/** frames_peek - the oldest frame, valid until frames_pop; NULL = none. Consumer only. */
const void *frames_peek(struct frames *f, size_t *len);
/** frames_pop - forget the frame that frames_peek showed. Consumer only. */
void frames_pop(struct frames *f);
/** frames_drain - forget all. Consumer only. */
void frames_drain(struct frames *f);

#endif
