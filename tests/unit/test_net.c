/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Headers and checksums of nicety/net.h, against byte-wise brute force.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "nicety/net.h"

/* RFC 1071 as it reads: 16-bit words in network order, end-around carry one by one. */
static uint16_t slow_sum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return (uint16_t)sum;
}

static uint32_t state = 1;

static uint8_t next_random(void)
{
	state = state * 1664525 + 1013904223;
	return (uint8_t)(state >> 24);
}

static void headers_have_their_sizes(void **arg)
{
	(void)arg;
	assert_int_equal(sizeof(struct net_eth), 14);
	assert_int_equal(sizeof(struct net_vlan), 4);
	assert_int_equal(sizeof(struct net_arp), 28);
	assert_int_equal(sizeof(struct net_ipv4), 20);
	assert_int_equal(sizeof(struct net_ipv6), 40);
	assert_int_equal(sizeof(struct net_icmp), 8);
	assert_int_equal(sizeof(struct net_nd), 24);
	assert_int_equal(sizeof(struct net_nd_lladdr), 8);
	assert_int_equal(sizeof(struct net_udp), 8);
	assert_int_equal(sizeof(struct net_tcp), 20);
	assert_int_equal(offsetof(struct net_ipv4, src), 12);
	assert_int_equal(offsetof(struct net_ipv6, src), 8);
	assert_int_equal(offsetof(struct net_arp, target_ip), 24);
}

static void numbers_are_in_network_order_at_any_address(void **arg)
{
	uint8_t b[16] = { 0 };

	(void)arg;
	for (int at = 0; at < 8; at++) {
		net_put64(b + at, 0x0102030405060708);
		for (int i = 0; i < 8; i++)
			assert_int_equal(b[at + i], i + 1);
		assert_int_equal(net_get16(b + at), 0x0102);
		assert_int_equal(net_get32(b + at), 0x01020304);
		assert_true(net_get64(b + at) == 0x0102030405060708);
		net_put16(b + at, 0xfffe);
		net_put32(b + at + 2, 0xfdfcfbfa);
		assert_true(net_get64(b + at) == 0xfffefdfcfbfa0708);
	}
}

static void addresses_are_classified(void **arg)
{
	static const uint8_t unicast[6] = { 2, 0, 0, 0, 0, 1 }, multicast[6] = { 1, 0, 0x5e },
			     zero[16] = { 0 }, ip4[4] = { 10, 0, 0, 0 }, ip4m[4] = { 224, 0, 0, 1 },
			     ip4r[4] = { 255, 255, 255, 255 }, ip4h[4] = { 223, 255, 255, 255 },
			     ip6[16] = { 0xfe, 0x80 }, ip6m[16] = { 0xff, 2 },
			     one[16] = { [15] = 1 };

	(void)arg;
	assert_false(net_mac_group(unicast));
	assert_true(net_mac_group(multicast));
	assert_true(net_mac_zero(zero));
	assert_false(net_mac_zero(unicast));
	assert_false(net_ipv4_group(ip4) || net_ipv4_group(ip4h));
	assert_true(net_ipv4_group(ip4m) && net_ipv4_group(ip4r));
	assert_true(net_ipv4_zero(zero));
	assert_false(net_ipv4_zero(ip4));
	assert_false(net_ipv6_group(ip6));
	assert_true(net_ipv6_group(ip6m));
	assert_true(net_ipv6_zero(zero));
	assert_false(net_ipv6_zero(one));
}

static void checksum_equals_brute_force_for_all_lengths_and_alignments(void **arg)
{
	uint8_t b[1600];

	(void)arg;
	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = next_random();
	for (size_t at = 0; at < 9; at++)
		for (size_t len = 0; len < sizeof(b) - 9; len++)
			assert_int_equal(net_checksum(b + at, len),
					 (uint16_t)~slow_sum(b + at, len));
}

static void checksum_of_extreme_data(void **arg)
{
	static uint8_t b[65536];

	(void)arg;
	assert_int_equal(net_checksum(b, sizeof(b)), 0xffff); /* +0 */
	memset(b, 0xff, sizeof(b));
	assert_int_equal(net_checksum(b, sizeof(b)), 0); /* -0: carries everywhere */
	assert_int_equal(net_checksum(b, 1), 0x00ff);
	assert_int_equal(net_checksum(b, 0), 0xffff);
	b[sizeof(b) - 1] = 0xfe;
	assert_int_equal(net_checksum(b, sizeof(b)), 1);
}

static void pieces_sum_like_the_whole(void **arg)
{
	uint8_t b[200];

	(void)arg;
	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = next_random() | 0x80;
	for (size_t cut = 0; cut < sizeof(b); cut += 2)
		for (size_t end = cut; end < sizeof(b); end++) {
			uint64_t sum = net_sum_add(net_sum_add(0, b, cut), b + cut, end - cut);

			assert_int_equal(net_sum_finish(sum), net_checksum(b, end));
		}
}

static void sum_survives_many_pieces_of_ones(void **arg)
{
	static uint8_t ones[64 << 10];
	uint64_t sum = 0;

	(void)arg;
	memset(ones, 0xff, sizeof(ones));
	for (int i = 0; i < 4096; i++)
		sum = net_sum_add(sum, ones, sizeof(ones));
	assert_int_equal(net_sum_fold(sum), 0xffff);
	ones[1] = 0;
	sum = net_sum_add(sum, ones, 2);
	assert_int_equal(net_sum_fold(sum), 0xff00);
}

static void pseudo_headers_equal_their_bytes(void **arg)
{
	uint8_t h4[12], h6[40];

	(void)arg;
	for (int round = 0; round < 1000; round++) {
		for (size_t i = 0; i < sizeof(h6); i++)
			h6[i] = next_random();
		memcpy(h4, h6, sizeof(h4));
		h4[8] = 0;
		h6[36] = h6[37] = h6[38] = 0;
		assert_int_equal(net_sum_fold(net_pseudo4(h4, h4 + 4, h4[9], net_get16(h4 + 10))),
				 slow_sum(h4, 12));
		assert_int_equal(net_sum_fold(net_pseudo6(h6, h6 + 16, h6[39], net_get32(h6 + 32))),
				 slow_sum(h6, 40));
	}
}

static void udp_checksum_is_never_zero(void **arg)
{
	static const uint8_t ones[2] = { 0xff, 0xff }, some[2] = { 0xff, 0xfe };

	(void)arg;
	assert_int_equal(net_udp_finish(net_sum_add(0, ones, 2)), 0xffff);
	assert_int_equal(net_udp_finish(net_sum_add(0, some, 2)), 1);
	assert_int_equal(net_udp_finish(0), 0xffff);
}

static void update_gives_the_example_of_rfc1624(void **arg)
{
	(void)arg;
	assert_int_equal(net_sum_update16(0xdd2f, 0x5555, 0x3285), 0x0000);
}

/* All pairs of a changed word, for checksums over every possible remaining sum near the corners. */
static void update_equals_recomputation_in_every_corner(void **arg)
{
	static const uint16_t rests[] = { 0x0001, 0x0002, 0x00ff, 0x0100, 0x7fff,
					  0x8000, 0xf7ff, 0xfffe, 0xffff };
	uint8_t b[4];

	(void)arg;
	for (size_t r = 0; r < sizeof(rests) / sizeof(rests[0]); r++)
		for (uint32_t m = 0; m <= 0xffff; m++)
			for (uint32_t step = 0; step < 9; step++) {
				/* m' near 0, near m, and near their complements */
				uint32_t to = (step / 3 == 0   ? 0
					       : step / 3 == 1 ? m
							       : ~m) +
					      step % 3 - 1;
				uint16_t old;

				net_put16(b, rests[r]);
				net_put16(b + 2, (uint16_t)m);
				old = (uint16_t)~slow_sum(b, 4);
				net_put16(b + 2, (uint16_t)to);
				assert_int_equal(net_sum_update16(old, (uint16_t)m, (uint16_t)to),
						 (uint16_t)~slow_sum(b, 4));
			}
}

/* What the documentation of net_sum_update16 says of the only exception. */
static void update_to_all_zero_data_gives_zero(void **arg)
{
	static const uint8_t before[8] = { 8 }, after[8] = { 0 };

	(void)arg;
	assert_int_equal(net_checksum(before, 8), 0xf7ff);
	assert_int_equal(net_checksum(after, 8), 0xffff);
	assert_int_equal(net_sum_update16(0xf7ff, 0x0800, 0), 0x0000);
}

static void update_of_32_bits_equals_recomputation(void **arg)
{
	uint8_t b[20];

	(void)arg;
	for (int round = 0; round < 100000; round++) {
		uint16_t old;
		uint32_t from, to;

		for (size_t i = 0; i < sizeof(b); i++)
			b[i] = next_random();
		b[0] = 0x45;
		old = net_checksum(b, sizeof(b));
		from = net_get32(b + 12);
		to = (uint32_t)round * 2654435761u;
		net_put32(b + 12, to);
		assert_int_equal(net_sum_update32(old, from, to), net_checksum(b, sizeof(b)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_have_their_sizes),
		cmocka_unit_test(numbers_are_in_network_order_at_any_address),
		cmocka_unit_test(addresses_are_classified),
		cmocka_unit_test(checksum_equals_brute_force_for_all_lengths_and_alignments),
		cmocka_unit_test(checksum_of_extreme_data),
		cmocka_unit_test(pieces_sum_like_the_whole),
		cmocka_unit_test(sum_survives_many_pieces_of_ones),
		cmocka_unit_test(pseudo_headers_equal_their_bytes),
		cmocka_unit_test(udp_checksum_is_never_zero),
		cmocka_unit_test(update_gives_the_example_of_rfc1624),
		cmocka_unit_test(update_equals_recomputation_in_every_corner),
		cmocka_unit_test(update_to_all_zero_data_gives_zero),
		cmocka_unit_test(update_of_32_bits_equals_recomputation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
