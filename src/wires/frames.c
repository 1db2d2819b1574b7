/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The queue of wires/frames.h.
 */
#include "wires/frames.h"

#include "base/errno.h"

#include <stdlib.h>
#include <string.h>

enum { WORD = 8 };      /* the length word; records are multiples of it */
#define WRAP UINT32_MAX /* instead of a length: the next record is at the start */

static uint32_t record_size(uint32_t len)
{
	return WORD + ((len + WORD - 1) & ~(uint32_t)(WORD - 1));
}

static uint32_t offset(uint32_t position)
{
	return position & (FRAMES_BYTES - 1);
}

struct frames *frames_new(void)
{
	struct frames *f = aligned_alloc(64, sizeof(*f));

	if (f)
		f->head = f->tail = f->head_copy = f->tail_copy = 0;
	return f;
}

void frames_del(struct frames *f)
{
	free(f);
}

int frames_push(struct frames *f, const void *frame, size_t len)
{
	uint32_t n = (uint32_t)len, head = f->head, at = offset(head), size, skip;

	if (len > FRAMES_LONGEST)
		return -EMSGSIZE;
	size = record_size(n);
	skip = at + size > FRAMES_BYTES ? FRAMES_BYTES - at : 0;
	if (FRAMES_BYTES - (head - f->tail_copy) < size + skip) {
		/* Acquire: the consumer has read what the new frame overwrites. */
		f->tail_copy = __atomic_load_n(&f->tail, __ATOMIC_ACQUIRE);
		if (FRAMES_BYTES - (head - f->tail_copy) < size + skip)
			return -EAGAIN;
	}
	if (skip) {
		uint32_t wrap = WRAP;

		memcpy(f->bytes + at, &wrap, 4);
		at = 0;
	}
	memcpy(f->bytes + at, &n, 4);
	memcpy(f->bytes + at + WORD, frame, n);
	/* Release: the consumer sees the record when it sees the position. */
	__atomic_store_n(&f->head, head + skip + size, __ATOMIC_RELEASE);
	return 0;
}

const void *frames_peek(struct frames *f, size_t *len)
{
	uint32_t n;

	if (f->head_copy == f->tail) {
		/* Acquire: pairs with the release in frames_push. */
		f->head_copy = __atomic_load_n(&f->head, __ATOMIC_ACQUIRE);
		if (f->head_copy == f->tail)
			return NULL;
	}
	memcpy(&n, f->bytes + offset(f->tail), 4);
	if (n == WRAP) {
		uint32_t skip = FRAMES_BYTES - offset(f->tail);

		__atomic_store_n(&f->tail, f->tail + skip, __ATOMIC_RELEASE);
		memcpy(&n, f->bytes, 4);
	}
	*len = n;
	return f->bytes + offset(f->tail) + WORD;
}

void frames_pop(struct frames *f)
{
	uint32_t n;

	memcpy(&n, f->bytes + offset(f->tail), 4);
	__atomic_store_n(&f->tail, f->tail + record_size(n), __ATOMIC_RELEASE);
}

void frames_drain(struct frames *f)
{
	f->head_copy = __atomic_load_n(&f->head, __ATOMIC_ACQUIRE);
	__atomic_store_n(&f->tail, f->head_copy, __ATOMIC_RELEASE);
}
