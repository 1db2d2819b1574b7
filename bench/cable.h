/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The cables of a measurement: numbered frames go into one model, and what comes out of a model is
 * checked, so that a driver that loses, repeats, reorders or damages frames does not look fast.
 */
#ifndef BENCH_CABLE_H
#define BENCH_CABLE_H

#include <stddef.h>
#include <stdint.h>

#define CABLE_LONGEST 1536u
#define CABLE_FLOWS   256u

struct cable {
	uint8_t frame[CABLE_LONGEST]; /* the next one to receive, but for its number */
	unsigned len;                 /* without CRC */
	unsigned flows;               /* UDP source ports, in turn */
	int touched;                  /* addresses must come back swapped */
	uint64_t next;                /* number of the next frame */
	uint64_t back;                /* frames that came back */
	uint64_t reordered;           /* number not expected: lost, repeated or overtaken */
	uint64_t damaged;             /* length or addresses wrong */
	uint64_t expected[CABLE_FLOWS];
};

/**
 * cable_init - IPv4 UDP frames of @size bytes, CRC included (64 to 1518), to address @to, of
 * @flows UDP source ports, a power of two up to CABLE_FLOWS.
 */
void cable_init(struct cable *c, const uint8_t to[6], unsigned size, unsigned flows);

/** cable_number - give the frame the next number. Count it with cable->next++ once it is taken. */
void cable_number(struct cable *c);

/** cable_back - a frame left the other model. */
void cable_back(struct cable *c, const uint8_t *frame, size_t len);

/** cable_faults - frames that are missing or wrong, with nothing on its way; then forget them. */
uint64_t cable_faults(struct cable *c);

#endif
