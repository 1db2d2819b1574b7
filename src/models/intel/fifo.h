/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A receiver's packet buffer: a ring of {u32 length and flags, bytes}, in which frames wait for
 * descriptors. Freestanding.
 */
#ifndef MODELS_INTEL_FIFO_H
#define MODELS_INTEL_FIFO_H

#include "base/memory.h"
#include "base/types.h"

struct fifo {
	uint8_t *bytes;
	uint32_t capacity; /* a power of two */
	uint32_t in, out;  /* free running */
};

/** fifo_used - does a frame wait? */
static inline int fifo_used(const struct fifo *f)
{
	return f->in != f->out;
}
/** fifo_put - keep a frame; @flags: in bits 31:16. @room: bytes of the buffer in use. 1: kept. */
int fifo_put(struct fifo *f, const uint8_t *frame, uint32_t len, uint32_t flags, uint32_t room);
/** fifo_peek - the oldest frame to @frame. Return: its length. fifo_drop - forget it. */
uint32_t fifo_peek(const struct fifo *f, uint8_t *frame, uint32_t *flags);
void fifo_drop(struct fifo *f, uint32_t len);

#endif
