/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The frames of the traffic generator, between its source (gen_source.c), its checking sink
 * (gen_check.c) and the wire that holds both (gen.c).
 *
 * Every frame is Ethernet, IPv4, UDP with all checksums right, and carries this from the start of
 * the UDP payload on:
 *
 *   0  check word   of flow, flows, number and length: gen_check_word
 *   4  flow         0 to flows - 1; also added to the UDP source port
 *   6  flows        how many the source has
 *   8  number       of the frame within its flow, from 0
 *   16 pattern      to the end: byte i is gen_pattern(i), the same in all frames
 *
 * Flows take turns, so frame number n of flow f is number n * flows + f of all.
 */
#ifndef WIRES_GEN_H
#define WIRES_GEN_H

#include <stddef.h>
#include <stdint.h>

enum {
	GEN_FLOWS = 16384, /* at most: UDP source ports 49152 to 65535 (RFC 6335) */
	GEN_FIRST_PORT = 49152,
	GEN_PORT = 9,         /* UDP destination: discard (RFC 863) */
	GEN_SIZE_MIN = 64,    /* frame sizes as the field counts them, with CRC */
	GEN_SIZE_MAX = 15872, /* 15.5 KiB: the longest of the NICs modelled here */
	GEN_L3 = 14,          /* offsets in a frame without VLAN tag */
	GEN_L4 = GEN_L3 + 20,
	GEN_PAYLOAD = GEN_L4 + 8,
	GEN_PATTERN = 16,  /* offset in the payload */
	GEN_WINDOW = 1024, /* numbers per flow that the sink remembers, 2^n */
};

/** gen_check_word - spreads every bit of what it covers over 32. @len: bytes without CRC. */
static inline uint32_t gen_check_word(uint64_t number, unsigned flow, unsigned flows, unsigned len)
{
	uint64_t x = number ^ (uint64_t)flow << 48 ^ (uint64_t)flows << 32 ^ (uint64_t)len << 18;

	x *= 0x9e3779b97f4a7c15;
	x ^= x >> 29;
	return (uint32_t)(x * 0xbf58476d1ce4e5b9 >> 32);
}

static inline uint8_t gen_pattern(unsigned i)
{
	return (uint8_t)(i * 167 + (i >> 8) * 29 + 0x5a);
}

/* ---- the source ---- */

struct gen_config {
	uint64_t count;              /* good frames to send, 0 = for ever */
	uint64_t flows;              /* 1 to GEN_FLOWS */
	uint64_t bad;                /* every bad-th frame has a wrong CRC, 0 = none */
	unsigned size_min, size_max; /* with CRC; sizes take turns */
	int imix;                    /* 7 x 64, 4 x 594, 1 x 1518 instead */
	uint8_t dst[6], src[6];
	/* Time on the line in 2^-20 ps: of each frame, and of each of its bytes. 0, 0: no pause. */
	uint64_t frame_time, byte_time;
};

struct gen_source;

int gen_source_new(struct gen_source **out, const struct gen_config *config);
void gen_source_del(struct gen_source *s);
/**
 * gen_source_peek - the next frame, if it is due: its bytes, NULL = none now. It stays the same
 * until gen_source_take. @bad: 1 = send it with a wrong CRC.
 */
const void *gen_source_peek(struct gen_source *s, size_t *len, unsigned *bad);
void gen_source_take(struct gen_source *s);
/** gen_source_ended - all of `count` were taken. */
int gen_source_ended(const struct gen_source *s);
enum { GEN_SENT, GEN_SENT_BYTES, GEN_SENT_BAD, GEN_LATE, GEN_SOURCE_COUNTS };
const uint64_t *gen_source_counts(const struct gen_source *s);

/* ---- the sink ---- */

struct gen_sink;

struct gen_sink *gen_sink_new(void);
void gen_sink_del(struct gen_sink *s);
void gen_sink_frame(struct gen_sink *s, const void *frame, size_t len);
enum {
	GEN_RECEIVED,
	GEN_RECEIVED_BYTES,
	GEN_LOST,
	GEN_DUPLICATED,
	GEN_REORDERED,
	GEN_CORRUPTED,
	GEN_STALE,
	GEN_FOREIGN,
	GEN_SINK_COUNTS
};
/** gen_sink_counts - brings GEN_LOST up to date. */
const uint64_t *gen_sink_counts(struct gen_sink *s);

#endif
