/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Requests for the echo, and what its answers must be like. Includes apps/echo.c itself, so each
 * test that includes this holds its own echo. Depends on cmocka.
 */
#ifndef TESTS_ECHO_REQUESTS_H
#define TESTS_ECHO_REQUESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../apps/echo.c"

static const uint8_t mine[6] = { 2, 0, 0, 0, 0, 0xaa }, peer[6] = { 2, 0, 0, 0, 0, 0xbb },
		     ip4_mine[4] = { 10, 0, 0, 2 }, ip4_peer[4] = { 10, 0, 0, 1 },
		     ip6_mine[16] = { 0xfd, 1, [15] = 2 }, ip6_peer[16] = { 0xfd, 1, [15] = 1 },
		     ip6_solicited[16] = { 0xff, 2, [11] = 1, [12] = 0xff, [15] = 2 },
		     mac_solicited[6] = { 0x33, 0x33, 0xff, 0, 0, 2 },
		     broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static struct echo e;
static uint8_t frame[2048];

/* ---- an independent check of checksums: word by word, as RFC 1071 says ---- */

static inline uint32_t plain_add(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* As receivers do it: everything with its checksum must be 0xffff (-0); 0 (+0) is wrong. */
static inline void assert_sum(uint32_t sum)
{
	assert_int_equal(sum, 0xffff);
}

static inline void assert_sums_right(const uint8_t *f, unsigned l3)
{
	const uint8_t *ip = f + l3;

	if (net_get16(ip - 2) == NET_ETH_IPV4) {
		unsigned hlen = (ip[0] & 15u) * 4, total = net_get16(ip + 2);

		assert_sum(plain_add(0, ip, hlen));
		assert_sum(plain_add(0, ip + hlen, total - hlen));
	} else if (net_get16(ip - 2) == NET_ETH_IPV6) {
		unsigned len = net_get16(ip + 4);

		assert_sum(plain_add(plain_add(len + 58, ip + 8, 32), ip + 40, len));
	}
}

/* ---- requests; each returns its length ---- */

static inline unsigned put_eth(const uint8_t *dst, uint16_t type, int vlan)
{
	memset(frame, 0, sizeof(frame));
	memcpy(frame, dst, 6);
	memcpy(frame + 6, peer, 6);
	if (vlan >= 0) {
		net_put16(frame + 12, NET_ETH_VLAN);
		net_put16(frame + 14, (uint16_t)vlan);
		net_put16(frame + 16, type);
		return 18;
	}
	net_put16(frame + 12, type);
	return 14;
}

static inline unsigned padded(unsigned len)
{
	return len < NET_ETH_MIN ? NET_ETH_MIN : len;
}

static inline unsigned arp_request(int vlan)
{
	unsigned at = put_eth(broadcast, NET_ETH_ARP, vlan);
	struct net_arp *a = (void *)(frame + at);

	net_put16(a->hw, 1);
	net_put16(a->proto, 0x800);
	a->hw_len = 6;
	a->proto_len = 4;
	net_put16(a->op, NET_ARP_REQUEST);
	memcpy(a->sender_mac, peer, 6);
	memcpy(a->sender_ip, ip4_peer, 4);
	memcpy(a->target_ip, ip4_mine, 4);
	return padded(at + (unsigned)sizeof(*a));
}

static inline void fix_ipv4(unsigned at)
{
	struct net_ipv4 *ip = (void *)(frame + at);
	unsigned hlen = net_ipv4_hlen(ip);
	uint8_t *icmp = frame + at + hlen;

	net_put16(ip->sum, 0);
	net_put16(ip->sum, (uint16_t)~plain_add(0, (uint8_t *)ip, hlen));
	net_put16(icmp + 2, 0);
	net_put16(icmp + 2, (uint16_t)~plain_add(0, icmp, net_get16(ip->len) - hlen));
}

static inline unsigned ping4(int vlan, unsigned options, unsigned payload)
{
	unsigned at = put_eth(mine, NET_ETH_IPV4, vlan), hlen = 20 + options;
	struct net_ipv4 *ip = (void *)(frame + at);
	uint8_t *icmp = frame + at + hlen;

	ip->ver_ihl = (uint8_t)(0x40 + hlen / 4);
	net_put16(ip->len, (uint16_t)(hlen + 8 + payload));
	net_put16(ip->frag, NET_IPV4_DF);
	ip->ttl = 64;
	ip->proto = NET_IP_ICMP;
	memcpy(ip->src, ip4_peer, 4);
	memcpy(ip->dst, ip4_mine, 4);
	memset(ip + 1, 1, options); /* no-operation */
	icmp[0] = NET_ICMP_ECHO;
	net_put16(icmp + 4, 0x1234);
	net_put16(icmp + 6, 1);
	for (unsigned i = 0; i < payload; i++)
		icmp[8 + i] = (uint8_t)(i * 3);
	fix_ipv4(at);
	return padded(at + hlen + 8 + payload);
}

static inline void fix_icmpv6(unsigned at)
{
	struct net_ipv6 *ip = (void *)(frame + at);
	uint8_t *icmp = frame + at + 40;
	unsigned len = net_get16(ip->len);

	net_put16(icmp + 2, 0);
	net_put16(icmp + 2, (uint16_t)~plain_add(plain_add(len + 58, ip->src, 32), icmp, len));
}

static inline struct net_ipv6 *put_ipv6(unsigned at, const uint8_t *dst, unsigned len)
{
	struct net_ipv6 *ip = (void *)(frame + at);

	ip->ver_class_flow[0] = 0x60;
	net_put16(ip->len, (uint16_t)len);
	ip->next = NET_IP_ICMPV6;
	ip->hops = 255;
	memcpy(ip->src, ip6_peer, 16);
	memcpy(ip->dst, dst, 16);
	return ip;
}

static inline unsigned ping6(int vlan, unsigned payload)
{
	unsigned at = put_eth(mine, NET_ETH_IPV6, vlan);
	uint8_t *icmp = frame + at + 40;

	put_ipv6(at, ip6_mine, 8 + payload);
	icmp[0] = NET_ICMPV6_ECHO;
	net_put16(icmp + 6, 7);
	for (unsigned i = 0; i < payload; i++)
		icmp[8 + i] = (uint8_t)(i * 5);
	fix_icmpv6(at);
	return padded(at + 48 + payload);
}

/* @extra: bytes of options behind the link-layer address; -8: not even that. */
static inline unsigned solicit(int vlan, int group, int extra)
{
	unsigned at = put_eth(group ? mac_solicited : mine, NET_ETH_IPV6, vlan);
	unsigned len = (unsigned)(32 + extra);
	struct net_nd *nd = (void *)(frame + at + 40);

	put_ipv6(at, group ? ip6_solicited : ip6_mine, len);
	nd->type = NET_ICMPV6_SOLICIT;
	memcpy(nd->target, ip6_mine, 16);
	if (extra >= 0) {
		frame[at + 64] = NET_ND_OPT_SOURCE;
		frame[at + 65] = 1;
		memcpy(frame + at + 66, peer, 6);
	}
	if (extra > 0) {
		frame[at + 72] = 14; /* nonce */
		frame[at + 73] = (uint8_t)(extra / 8);
	}
	fix_icmpv6(at);
	return at + 40 + len;
}

/* ---- running it ---- */

/* In a block of exactly its size, so that the address sanitizer sees every byte beyond. */
static inline unsigned run(unsigned len, uint32_t flags)
{
	uint8_t *copy = malloc(len ? len : 1);
	unsigned reply;

	assert_non_null(copy);
	memcpy(copy, frame, len);
	reply = echo_frame(&e, copy, len, flags);
	assert_true(reply <= len);
	memcpy(frame, copy, len);
	free(copy);
	return reply;
}

static inline void assert_dropped(unsigned len, enum echo_count why)
{
	uint8_t before[sizeof(frame)];
	uint64_t count = e.count[why], all = echo_drops(&e);

	memcpy(before, frame, sizeof(frame));
	assert_int_equal(run(len, 0), 0);
	if (e.count[why] != count + 1)
		for (unsigned i = 0; i < ECHO_COUNTS; i++)
			print_message("%s %llu\n", names[i], (unsigned long long)e.count[i]);
	assert_int_equal(e.count[why], count + 1);
	assert_int_equal(echo_drops(&e), all + 1);
	assert_memory_equal(before, frame, sizeof(frame));
}

static inline void assert_answered(unsigned len, enum echo_count what)
{
	uint64_t count = e.count[what], all = echo_replies(&e);

	assert_true(run(len, 0) > 0);
	assert_int_equal(e.count[what], count + 1);
	assert_int_equal(echo_replies(&e), all + 1);
}

static inline int setup(void **arg)
{
	(void)arg;
	echo_init(&e, mine, 0);
	return 0;
}

static inline int setup_validate(void **arg)
{
	(void)arg;
	echo_init(&e, mine, 1);
	return 0;
}

#endif
