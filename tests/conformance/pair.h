/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Two devices joined by a cable, for the conformance suite: `a` sends, `b` receives, or the other
 * way round. The models run where NICETY_HOST says, see host.h.
 */
#ifndef TESTS_PAIR_H
#define TESTS_PAIR_H

#include <time.h>

#include "host.h"

struct pair {
	struct nic_mem *mem;
	struct nic_pool *pool; /* for frames to send */
	struct nic *a, *b;
	struct nic_config cfg;
};

static inline uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The chip under test: NICETY_CHIP, or the 82599. What it can do is asked of nic_get_info. */
struct chip {
	const char *name, *driver;
	unsigned mbps;
	const char *ids[3];
};
static inline const struct chip *chip(void)
{
	static const struct chip chips[] = {
		{ "82599", "ixgbe", 10000, { "10fb", "10f7" } },
		{ "82540em", "e1000", 1000, { "100e", "100f" } },
		{ "82574l", "e1000e", 1000, { "10d3" } },
		{ "82576", "igb", 1000, { "10c9", "10e8" } },
	};
	const char *want = getenv("NICETY_CHIP");

	for (unsigned i = 0; want && i < sizeof(chips) / sizeof(chips[0]); i++)
		if (!strcmp(want, chips[i].name))
			return &chips[i];
	if (want)
		fail_msg("NICETY_CHIP=%s is not in the table of pair.h", want);
	return &chips[0];
}

/** chip_uri - "model:CHIP" and what follows. The text is valid until the next call. */
static inline const char *chip_uri(const char *rest)
{
	static char uri[160];

	snprintf(uri, sizeof(uri), "model:%s%s", chip()->name, rest);
	return uri;
}

/** chip_info - what a device of this chip says about itself. */
static inline void chip_info(struct nic_info *info)
{
	struct nic_mem *mem;
	struct nic *nic;

	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	assert_int_equal(nic_open(&nic, mem, chip_uri("?wire=loop"), NULL), 0);
	nic_get_info(nic, info);
	nic_close(nic);
	nic_mem_del(mem);
}

/** too_many_queues_are_refused - one more than the chip has. */
static inline void too_many_queues_are_refused(const struct nic_info *info)
{
	struct nic_config cfg = { .rx_queues = info->max_queues + 1 };
	struct nic_mem *mem;
	struct nic *nic;

	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	assert_int_equal(nic_open(&nic, mem, chip_uri("?wire=loop"), &cfg), -22);
	nic_mem_del(mem);
}

static inline struct nic *open_one(struct pair *p, const char *wire, const char *mac)
{
	char rest[128];
	struct nic *nic = NULL;

	snprintf(rest, sizeof(rest), "?wire=%s&mac=%s", wire, mac);
	assert_int_equal(host_open(&nic, p->mem, chip_uri(rest), &p->cfg), 0);
	return nic;
}

#define MAC_A "02:00:00:00:00:0a"
#define MAC_B "02:00:00:00:00:0b"
static const uint8_t mac_b[6] = { 2, 0, 0, 0, 0, 0x0b };
static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/** pair_open - both devices with the same configuration, link up on both sides. */
static inline void pair_open(struct pair *p, const struct nic_config *cfg)
{
	static int serial;
	char wire[32];
	uint64_t end = now_ms() + 5000;
	struct nic_mem_config mem = { .physical = host_is_physical() };

	memset(p, 0, sizeof(*p));
	if (cfg)
		p->cfg = *cfg;
	p->cfg.link_wait_ms = -1;
	assert_int_equal(nic_mem_new(&p->mem, &mem), 0);
	assert_int_equal(nic_pool_new(&p->pool, p->mem, 2048, 2048), 0);
	snprintf(wire, sizeof(wire), "link:pair%d", serial++);
	p->a = open_one(p, wire, MAC_A);
	p->b = open_one(p, wire, MAC_B);
	while (!(nic_link(p->a) > 0 && nic_link(p->b) > 0)) {
		assert_true(now_ms() < end);
		nic_tx_clean(nic_txq(p->a, 0)); /* lets a synchronous model run */
		nic_tx_clean(nic_txq(p->b, 0));
	}
}

/** pair_close - nothing may be missing from the pool, no rule may have been broken. */
static inline void pair_close(struct pair *p)
{
	assert_int_equal(p->a ? host_violations(p->a) : 0, 0);
	assert_int_equal(p->b ? host_violations(p->b) : 0, 0);
	host_close(p->a);
	host_close(p->b);
	assert_int_equal(nic_pool_free(p->pool), nic_pool_count(p->pool));
	assert_int_equal(nic_pool_del(p->pool), 0);
	nic_mem_del(p->mem);
}

/** frame_fill - a frame from a to b whose bytes depend on @seed. */
static inline void frame_fill(uint8_t *f, unsigned len, unsigned seed)
{
	static const uint8_t head[14] = { 2, 0, 0, 0, 0, 0x0b, 2, 0, 0, 0, 0, 0x0a, 0x88, 0xb5 };

	memcpy(f, head, sizeof(head));
	for (unsigned i = sizeof(head); i < len; i++)
		f[i] = (uint8_t)(seed * 31 + i * 7 + (i >> 8));
}

static inline void frame_check(const uint8_t *f, unsigned len, unsigned seed)
{
	uint8_t want[16384];

	frame_fill(want, len, seed);
	assert_memory_equal(f, want, len);
}

/** send_frame_to - put one frame for @dst into queue @q, waiting for room. */
static inline void send_frame_to(struct pair *p, struct nic *nic, unsigned q, unsigned len,
				 unsigned seed, const uint8_t dst[6])
{
	struct nic_pkt pkt;
	uint64_t end = now_ms() + 10000;

	while (nic_alloc(p->pool, &pkt, 1) != 1) {
		assert_true(now_ms() < end);
		nic_tx_clean(nic_txq(nic, q));
	}
	pkt.len = (uint16_t)len;
	frame_fill(pkt.data, len, seed);
	memcpy(pkt.data, dst, 6);
	while (nic_tx(nic_txq(nic, q), &pkt, 1) != 1)
		assert_true(now_ms() < end);
}

/** send_frame - the same for b. */
static inline void send_frame(struct pair *p, struct nic *nic, unsigned q, unsigned len,
			      unsigned seed)
{
	send_frame_to(p, nic, q, len, seed, mac_b);
}

/** receive - exactly @n elements within a generous time, from queue 0. */
static inline void receive(struct nic *nic, struct nic_pkt *pkts, unsigned n)
{
	uint64_t end = now_ms() + 10000;
	unsigned got = 0;

	while (got < n) {
		got += nic_rx(nic_rxq(nic, 0), pkts + got, n - got);
		assert_true(now_ms() < end);
	}
}

/**
 * nothing_came - of what a has sent, b receives nothing: a frame to everybody follows, frames do
 * not overtake each other, and it is the first that comes.
 */
static inline void nothing_came(struct pair *p)
{
	struct nic_pkt got;
	uint8_t want[61];

	send_frame_to(p, p->a, 0, 61, 0x5eed, everybody);
	receive(p->b, &got, 1);
	frame_fill(want, 61, 0x5eed);
	assert_int_equal(got.len, 61);
	assert_memory_equal((uint8_t *)got.data + 6, want + 6, 55);
	nic_free(&got, 1);
}

/** silence - nothing arrives on queue 0 for a moment; see nothing_came. */
static inline void silence(struct nic *nic)
{
	uint64_t end = now_ms() + 20;
	struct nic_pkt pkt;

	while (now_ms() < end)
		assert_int_equal(nic_rx(nic_rxq(nic, 0), &pkt, 1), 0);
}

#endif
