/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What fuzz targets share: reading an input as a list of small decisions, and the entry point,
 * which libFuzzer calls, or replay.c where there is no libFuzzer.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at, *end;
};

static inline size_t left(const struct input *in)
{
	return (size_t)(in->end - in->at);
}

/** take - @n bytes as a number, lowest first; what is missing is 0. */
static inline uint64_t take(struct input *in, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n && in->at < in->end; i++)
		v |= (uint64_t)*in->at++ << 8 * i;
	return v;
}

/** take_bytes - at most @n bytes where they lie. */
static inline const uint8_t *take_bytes(struct input *in, size_t *n)
{
	const uint8_t *p = in->at;

	if (*n > left(in))
		*n = left(in);
	in->at += *n;
	return p;
}

#endif
