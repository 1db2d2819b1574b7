/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet buffer's ring.
 */
#include "models/intel/fifo.h"

static uint32_t need(uint32_t len)
{
	return (len + 4 + 3) & ~3u;
}

/* Copy to or from the ring at position @at, which may wrap. */
static void ring_copy(const struct fifo *f, uint32_t at, void *buf, uint32_t len, int in)
{
	uint32_t first = f->capacity - at % f->capacity;
	uint8_t *p = f->bytes + at % f->capacity, *b = buf;

	if (first > len)
		first = len;
	memcpy(in ? p : b, in ? b : p, first);
	memcpy(in ? f->bytes : b + first, in ? b + first : f->bytes, len - first);
}

int fifo_put(struct fifo *f, const uint8_t *frame, uint32_t len, uint32_t flags, uint32_t room)
{
	uint32_t word = len | flags;

	if (room > f->capacity)
		room = f->capacity;
	if (f->in - f->out + need(len) > room)
		return 0;
	ring_copy(f, f->in, &word, 4, 1);
	ring_copy(f, f->in + 4, (void *)(uintptr_t)frame, len, 1);
	f->in += need(len);
	return 1;
}

uint32_t fifo_peek(const struct fifo *f, uint8_t *frame, uint32_t *flags)
{
	uint32_t word;

	ring_copy(f, f->out, &word, 4, 0);
	*flags = word & 0xffff0000;
	ring_copy(f, f->out + 4, frame, word & 0xffff, 0);
	return word & 0xffff;
}

void fifo_drop(struct fifo *f, uint32_t len)
{
	f->out += need(len);
}
