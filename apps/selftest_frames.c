/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The self-test's cases about plain frames: link, sizes, rings, queues, addresses, counters.
 */
#include "selftest.h"

#include <errno.h>
#include <string.h>

#include "tsc.h"

static const uint8_t broadcast[6] = { 255, 255, 255, 255, 255, 255 };

/* One frame there, intact. SELFTEST_OK, or FAILED with its text. */
static enum selftest_result one(struct selftest *t, unsigned len, unsigned seed,
				const uint8_t dst[6])
{
	unsigned expect = len < 60 ? 60 : len;
	struct nic_pkt got;
	int same;

	if (selftest_send_frame(t, 0, len, seed, dst))
		return SELFTEST_FAILED;
	if (selftest_receive(t, &got, 1) != 1)
		return selftest_fail(t, "expected a frame of %u bytes; seen: nothing within %g s%s",
				     len, selftest_seconds(t),
				     t->nic[0] == t->nic[1]
					     ? " (does the wire loop? if not, give two devices)"
					     : "");
	same = got.len == expect && selftest_same(t, &got, len, seed, dst);
	nic_free(&got, 1);
	if (same)
		return SELFTEST_OK;
	return selftest_fail(t, "expected a frame of %u bytes as sent; seen: %u bytes%s", expect,
			     got.len, got.len == expect ? ", others than sent" : "");
}

static enum selftest_result link_up(struct selftest *t)
{
	static const uint8_t zero[6];
	enum selftest_result r = selftest_open(t, NULL);
	struct nic_info info;

	if (r)
		return r;
	for (int i = 0; i < 2; i++) {
		nic_get_info(t->nic[i], &info);
		if (info.mac[0] & 1 || !memcmp(info.mac, zero, 6))
			return selftest_fail(t,
					     "expected an address of its own; seen: "
					     "%02x:%02x:%02x:%02x:%02x:%02x",
					     info.mac[0], info.mac[1], info.mac[2], info.mac[3],
					     info.mac[4], info.mac[5]);
	}
	return selftest_done(t, "%s (%s), %u Mb/s", info.chip, info.driver, info.link_mbps);
}

static enum selftest_result sizes(struct selftest *t)
{
	enum selftest_result r = selftest_open(t, NULL);
	uint8_t mac[6];

	if (r)
		return r;
	selftest_peer(t, mac);
	for (unsigned len = 60; len <= 1514 && !r; len++)
		r = one(t, len, len, mac);
	return r ? r : selftest_done(t, "60 to 1514 bytes");
}

static enum selftest_result padding(struct selftest *t)
{
	enum selftest_result r = selftest_open(t, NULL);
	uint8_t mac[6];

	if (r)
		return r;
	selftest_peer(t, mac);
	for (unsigned len = 17; len < 60 && !r; len++)
		r = one(t, len, len, mac);
	return r ? r : selftest_done(t, "17 to 59 bytes arrive as 60");
}

#define BURST_MOST 31u

static enum selftest_result burst(struct selftest *t, unsigned n, unsigned seed,
				  const uint8_t mac[6])
{
	struct nic_pkt pkts[BURST_MOST];
	unsigned got, wrong = 0;

	if (selftest_alloc(t, pkts, n))
		return SELFTEST_FAILED;
	for (unsigned i = 0; i < n; i++) {
		pkts[i].len = 60;
		selftest_fill(t, pkts[i].data, 60, seed + i, mac);
	}
	if (selftest_send(t, 0, pkts, n))
		return SELFTEST_FAILED;
	got = selftest_receive(t, pkts, n);
	while (wrong < got && selftest_same(t, &pkts[wrong], 60, seed + wrong, mac))
		wrong++;
	nic_free(pkts, got);
	if (got == n && wrong == n)
		return SELFTEST_OK;
	return selftest_fail(t, "expected %u frames in order; seen: %u, %u of them right", n, got,
			     wrong);
}

static enum selftest_result rings(struct selftest *t)
{
	const struct nic_config cfg = { .rx_ring = 64, .tx_ring = 64 };
	enum selftest_result r = selftest_open(t, &cfg);
	unsigned seed = 0;
	uint8_t mac[6];

	if (r)
		return r;
	selftest_peer(t, mac);
	for (unsigned round = 0; round < 64 * 3 && !r; round++)
		for (unsigned n = 1; n <= BURST_MOST && !r; n += 6, seed += n)
			r = burst(t, n, seed, mac);
	return r ? r : selftest_done(t, "%u frames in bursts of 1 to 31, rings of 64", seed);
}

static enum selftest_result queues(struct selftest *t)
{
	const struct nic_config cfg = { .rx_queues = 2, .tx_queues = 2 };
	enum selftest_result r = selftest_open(t, NULL);
	struct nic_pkt got[40];
	struct nic_info info;
	unsigned n;
	uint8_t mac[6];

	if (r)
		return r;
	nic_get_info(t->nic[0], &info);
	if (info.max_queues < 2)
		return selftest_skip(t, "the chip has one queue");
	r = selftest_open(t, &cfg);
	if (r)
		return r;
	selftest_peer(t, mac);
	for (unsigned i = 0; i < 40; i++)
		if (selftest_send_frame(t, i % 2, 60 + i, i, mac))
			return SELFTEST_FAILED;
	n = selftest_receive(t, got, 40);
	nic_free(got, n);
	return n == 40 ? selftest_done(t, "40 frames by two queues each way")
		       : selftest_fail(t, "expected 40 frames; seen: %u", n);
}

/*
 * No frame to @dst arrives: one to everybody follows it, and frames do not overtake each other, so
 * what comes first tells, however slow the device is.
 */
static enum selftest_result filtered(struct selftest *t, const uint8_t dst[6], const char *whose)
{
	struct nic_pkt got;
	int first;

	if (selftest_send_frame(t, 0, 100, 2, dst) || selftest_send_frame(t, 0, 100, 3, broadcast))
		return SELFTEST_FAILED;
	if (selftest_receive(t, &got, 1) != 1)
		return selftest_fail(t, "expected a frame to everybody; seen: nothing within %g s",
				     selftest_seconds(t));
	first = got.len == 100 && selftest_same(t, &got, 100, 3, broadcast);
	nic_free(&got, 1);
	return first ? SELFTEST_OK : selftest_fail(t, "expected no frame for %s; seen: one", whose);
}

/* Own, broadcast and joined group addresses are received; others not, unless promiscuous. */
static enum selftest_result addresses(struct selftest *t)
{
	static const uint8_t group[6] = { 0x33, 0x33, 0, 0, 0, 1 };
	enum selftest_result r = selftest_open(t, NULL);
	uint8_t other[6];

	if (r)
		return r;
	selftest_peer(t, other);
	other[5] ^= 0x55;
	r = one(t, 100, 1, broadcast);
	if (r)
		return r;
	r = filtered(t, other, "another station");
	if (!r)
		r = filtered(t, group, "a group that was not joined");
	if (r)
		return r;
	if (nic_add_multicast(t->nic[1], group))
		return selftest_fail(t, "expected to join a group; seen: an error");
	r = one(t, 100, 4, group);
	if (!r && nic_set_promisc(t->nic[1], 1))
		return selftest_fail(t, "expected promiscuous mode; seen: an error");
	if (!r)
		r = one(t, 100, 5, other);
	return r ? r : selftest_done(t, "own, broadcast, group, others', promiscuous");
}

static enum selftest_result counters(struct selftest *t)
{
	enum selftest_result r = selftest_open(t, NULL);
	struct nic_stats a, b;
	uint8_t mac[6];

	if (r)
		return r;
	selftest_peer(t, mac);
	for (unsigned i = 0; i < 100 && !r; i++)
		r = one(t, 60 + i, i, mac);
	if (r)
		return r;
	if (nic_get_stats(t->nic[0], &a) || nic_get_stats(t->nic[1], &b))
		return selftest_fail(t, "expected statistics; seen: the device is gone");
	if (a.tx_packets != 100 || a.tx_bytes != 10950)
		return selftest_fail(t, "expected 100 frames, 10950 bytes sent; seen: %llu, %llu",
				     (unsigned long long)a.tx_packets,
				     (unsigned long long)a.tx_bytes);
	if (b.rx_packets != 100 + t->foreign)
		return selftest_fail(t, "expected %llu frames received; seen: %llu",
				     100ull + t->foreign, (unsigned long long)b.rx_packets);
	return selftest_done(t, "100 frames, 10950 bytes");
}

static enum selftest_result interrupts(struct selftest *t)
{
	const struct nic_config cfg = { .interrupts = 1 };
	enum selftest_result r = selftest_open(t, &cfg);
	struct nic_pkt got;
	uint8_t mac[6];
	int n;

	if (t->err == -ENOTSUP)
		return selftest_skip(t, "this way to the device has no interrupts of that kind");
	if (r)
		return r;
	selftest_peer(t, mac);
	for (unsigned i = 0; i < 20; i++) {
		if (selftest_send_frame(t, 0, 60, i, mac))
			return SELFTEST_FAILED;
		do {
			n = nic_rx_wait(t->nic[1], 0, (int)(selftest_seconds(t) * 1000));
			if (n != 1)
				return selftest_fail(
					t,
					"expected to be woken by frame %u within %g s; "
					"seen: %s",
					i, selftest_seconds(t), n ? strerror(-n) : "nothing");
		} while (!nic_rx(nic_rxq(t->nic[1], 0), &got, 1));
		nic_free(&got, 1);
	}
	return selftest_done(t, "woken by 20 frames");
}

static enum selftest_result reopen(struct selftest *t)
{
	struct selftest again = *t;
	enum selftest_result r = SELFTEST_OK;
	uint8_t mac[6];

	for (unsigned i = 0; i < 10 && !r; i++) {
		static const struct selftest_case nothing = { "reopen", "", link_up };

		r = selftest_run(&again, &nothing);
	}
	memcpy(t->text, again.text, sizeof(t->text));
	if (!r)
		r = selftest_open(t, NULL);
	if (r)
		return r;
	selftest_peer(t, mac);
	r = one(t, 60, 7, mac);
	return r ? r : selftest_done(t, "opened and closed 10 times, then a frame");
}

const struct selftest_case selftest_frames[] = {
	{ "link", "opens, has an address and a link", link_up },
	{ "sizes", "frames of every size arrive intact and in order", sizes },
	{ "padding", "short frames are padded", padding },
	{ "rings", "bursts of every size wrap from every ring index", rings },
	{ "queues", "two queues send and receive", queues },
	{ "addresses", "filters let through what they should", addresses },
	{ "counters", "counters say what was sent and received", counters },
	{ "interrupts", "a frame wakes a waiter", interrupts },
	{ "reopen", "opening and closing leaves nothing behind", reopen },
	{ NULL, NULL, NULL },
};
