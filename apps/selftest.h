/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The cases of `nicety selftest`, which the conformance suite runs as well: what every device with
 * a driver must do, tried through the public header on a device whose frames come back, or on two
 * that are joined by a cable.
 */
#ifndef APPS_SELFTEST_H
#define APPS_SELFTEST_H

#include <nicety/nic.h>

enum selftest_result { SELFTEST_OK, SELFTEST_FAILED, SELFTEST_SKIPPED };

struct selftest {
	const char *uris[2]; /* the second is NULL: frames come back to the first */
	/* Instead of nic_open and nic_close, for suites with devices of their own; NULL: these. */
	int (*open)(struct nic **nic, struct nic_mem *mem, const char *uri,
		    const struct nic_config *cfg);
	void (*close)(struct nic *nic);
	uint64_t (*count_violations)(struct nic *nic); /* NULL: nic_violations */
	struct nic_mem_config memory;
	int loopback;     /* with one device: frames come back inside it */
	int link_wait_ms; /* 0 = 5000 */
	int wait_ms;      /* for a frame; 0 = 3000: some chips take a second to receive again */
	unsigned many;    /* frames of the last case; 0 = 200000 */

	/* What a case says: how much it tried, or what it expected and saw, or why it was skipped.
	 */
	char text[256];

	/* the case's own */
	struct nic_mem *mem;
	struct nic_pool *pool;
	struct nic *nic[2]; /* sends, receives; the same if there is one */
	uint64_t violations;
	uint64_t foreign;   /* frames of others, ignored */
	int err;            /* of opening */
	unsigned unchecked; /* checksums that the receiver did not look at */
};

struct selftest_case {
	const char *name, *what;
	enum selftest_result (*run)(struct selftest *t);
};

/** selftest_cases - in the order in which they make sense; ends with a NULL name. */
extern const struct selftest_case selftest_cases[];

/** selftest_run - one case: opens the devices as it wants them, and closes them. */
enum selftest_result selftest_run(struct selftest *t, const struct selftest_case *c);

/* ---- for the cases ---- */

extern const struct selftest_case selftest_frames[], selftest_offloads[];

/** selftest_open - the devices, with link; again, if they are open. OK, or FAILED with its text. */
enum selftest_result selftest_open(struct selftest *t, const struct nic_config *cfg);

/** selftest_fail, selftest_skip, selftest_done - set the text. Return: that result. */
enum selftest_result selftest_fail(struct selftest *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum selftest_result selftest_skip(struct selftest *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum selftest_result selftest_done(struct selftest *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** selftest_fill - a frame of @len bytes to @dst that only @seed makes. */
void selftest_fill(const struct selftest *t, uint8_t *frame, unsigned len, unsigned seed,
		   const uint8_t dst[6]);
/** selftest_peer - the receiving device's address. */
void selftest_peer(const struct selftest *t, uint8_t mac[6]);

/** selftest_send - @n elements into queue @q, waiting for room. 0, or -1: text is set. */
int selftest_send(struct selftest *t, unsigned q, struct nic_pkt *pkts, unsigned n);
/** selftest_send_frame - one that selftest_fill makes. */
int selftest_send_frame(struct selftest *t, unsigned q, unsigned len, unsigned seed,
			const uint8_t dst[6]);
/** selftest_deadline - tsc_ns when waiting has to end; selftest_seconds - how long that is. */
uint64_t selftest_deadline(const struct selftest *t);
double selftest_seconds(const struct selftest *t);
/** selftest_alloc - @n buffers, waiting for them. 0, or -1: text is set. */
int selftest_alloc(struct selftest *t, struct nic_pkt *pkts, unsigned n);
/**
 * selftest_receive - exactly @n of our frames, of any RX queue; those of others are freed. Return:
 * how many elements there were in time.
 */
unsigned selftest_receive(struct selftest *t, struct nic_pkt *pkts, unsigned n);
/** selftest_same - is this the frame that selftest_fill made? */
int selftest_same(const struct selftest *t, const struct nic_pkt *pkt, unsigned len, unsigned seed,
		  const uint8_t dst[6]);

#endif
