/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The frames a sender sends: made up (UDP in IPv4, a size or a mix of sizes, a number of flows)
 * or read from a capture file.
 */
#ifndef APPS_SOURCE_H
#define APPS_SOURCE_H

#include <stdint.h>

#define SOURCE_SIZE_MIN 64u /* sizes include the CRC, as everybody states them */
#define SOURCE_SIZE_MAX 9216u
#define SOURCE_PATTERN  12u

struct source_frame {
	uint8_t *data;
	unsigned len;     /* without CRC */
	uint16_t udp_sum; /* made-up frame: of all but port, check word, flow and number */
	uint64_t at_ns;   /* capture file: since its first frame */
};

struct source {
	struct source_frame *frames; /* sent in turn, for ever */
	unsigned n, next;
	unsigned longest; /* bytes without CRC */
	unsigned flows;   /* made-up frames: their UDP source ports */
	uint64_t sent;    /* made-up frames: so many */
	int captured;     /* frames come from a file and stay as they are */
};

struct source_config {
	unsigned size;  /* 64 to 9216; 0 = IMIX: 7 of 64, 4 of 594, 1 of 1518 bytes */
	unsigned flows; /* 1 to 16384 */
	uint8_t dst[6], src[6];
};

/** source_make - made-up frames. source_read - from a pcap or pcapng file. 0 or -errno, said. */
int source_make(struct source *s, const struct source_config *cfg);
int source_read(struct source *s, const char *path);
void source_free(struct source *s);

/** source_put - write the next frame to @buf, where s->longest bytes fit. Return: its length. */
unsigned source_put(struct source *s, void *buf);

#endif
