/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The echo of apps/echo.h: validation, and that no frame of any content and length makes it touch
 * memory beyond the frame.
 */
#include "echo_requests.h"

/* ---- validate ---- */

static void validate_answers_what_is_right(void **arg)
{
	unsigned len;

	(void)arg;
	assert_answered(arp_request(-1), ECHO_ARP);
	for (unsigned payload = 0; payload < 100; payload++) {
		assert_answered(ping4(-1, 0, payload), ECHO_ICMP);
		assert_sums_right(frame, 14);
		assert_answered(ping6(5, payload), ECHO_ICMPV6);
		assert_sums_right(frame, 18);
	}
	assert_answered(ping4(-1, 8, 56), ECHO_ICMP);
	assert_answered(solicit(-1, 1, 8), ECHO_ND);
	/* The NIC's verdict on the IP header is believed. */
	len = ping4(-1, 0, 56);
	assert_int_equal(run(len, NIC_RX_IP_OK), len);
	ping4(-1, 0, 56);
	assert_int_equal(run(len, NIC_RX_IP_OK | NIC_RX_IP_BAD), 0);
	assert_int_equal(e.count[ECHO_DROP_BAD_IP_SUM], 1);
}

static void validate_finds_every_flipped_bit_under_a_checksum(void **arg)
{
	unsigned len = ping4(-1, 0, 56);

	(void)arg;
	for (unsigned bit = 14 * 8; bit < len * 8; bit++) {
		ping4(-1, 0, 56);
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(run(len, 0), 0);
	}
	len = ping6(-1, 56);
	for (unsigned bit = 22 * 8; bit < len * 8; bit++) {
		ping6(-1, 56);
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(run(len, 0), 0);
	}
}

static void validate_checks_lengths_and_options(void **arg)
{
	struct net_ipv4 *ip = (void *)(frame + 14);
	uint8_t *option = (uint8_t *)(ip + 1);
	unsigned len;

	(void)arg;
	len = ping4(-1, 0, 56);
	net_put16(ip->len, 85);
	assert_dropped(len, ECHO_DROP_TRUNCATED);
	len = ping4(-1, 0, 56);
	net_put16(ip->len, 27);
	assert_dropped(len, ECHO_DROP_BAD_LENGTH);
	len = ping4(-1, 0, 56);
	memcpy(frame, broadcast, 6);
	assert_dropped(len, ECHO_DROP_GROUP_DEST);
	len = ping4(-1, 8, 56);
	option[0] = 68; /* timestamp */
	option[1] = 9;  /* longer than the header */
	fix_ipv4(14);
	assert_dropped(len, ECHO_DROP_BAD_OPTIONS);
	option[1] = 1;
	fix_ipv4(14);
	assert_dropped(len, ECHO_DROP_BAD_OPTIONS);
	option[0] = 131;
	option[1] = 7;
	fix_ipv4(14);
	assert_dropped(len, ECHO_DROP_SOURCE_ROUTE);
	option[0] = 0; /* end: the rest does not matter */
	fix_ipv4(14);
	assert_answered(len, ECHO_ICMP);
	len = ping6(-1, 56);
	net_put16(frame + 18, 65);
	assert_dropped(len, ECHO_DROP_TRUNCATED);
	net_put16(frame + 18, 7);
	assert_dropped(len, ECHO_DROP_BAD_LENGTH);
	len = solicit(-1, 1, 8);
	frame[14 + 73] = 0; /* an option without length would never end */
	fix_icmpv6(14);
	assert_dropped(len, ECHO_DROP_BAD_OPTIONS);
	frame[14 + 73] = 2;
	fix_icmpv6(14);
	assert_dropped(len, ECHO_DROP_BAD_OPTIONS);
}

/* ---- anything at all ---- */

static uint64_t state = 88172645463325252u;

static uint32_t next_random(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 32) * below >> 32);
}

static unsigned any_request(void)
{
	switch (next_random(6)) {
	case 0:
		return arp_request(next_random(2) ? -1 : 9);
	case 1:
		return ping4(next_random(2) ? -1 : 9, next_random(11) * 4, next_random(100));
	case 2:
		return ping6(next_random(2) ? -1 : 9, next_random(100));
	case 3:
		return solicit(next_random(2) ? -1 : 9, (int)next_random(2), 8);
	case 4:
		return solicit(-1, (int)next_random(2), -8);
	default:
		return ping4(-1, 0, 0);
	}
}

/* Whatever was answered: to one station, from one station, never from or to a group. */
static void assert_decent(unsigned len)
{
	unsigned at = 14;

	assert_true(len >= 14);
	assert_false(net_mac_group(frame) || net_mac_group(frame + 6));
	if (net_get16(frame + 12) == NET_ETH_VLAN)
		at = 18;
	if (net_get16(frame + at - 2) == NET_ETH_IPV4)
		assert_false(net_ipv4_group(frame + at + 16) || net_ipv4_group(frame + at + 12));
	if (net_get16(frame + at - 2) == NET_ETH_IPV6)
		assert_false(net_ipv6_group(frame + at + 24) || net_ipv6_group(frame + at + 8));
	if (e.validate)
		assert_sums_right(frame, at);
}

static void mutated_frames_touch_nothing_beyond(void **arg)
{
	const uint32_t flag_ok = NIC_RX_IP_OK; /* would be believed */
	unsigned answered = 0, rounds = 400000;

	(void)arg;
	for (unsigned i = 0; i < rounds; i++) {
		unsigned len = any_request();
		unsigned flips = next_random(4), reply;

		e.validate = (int)next_random(2);
		while (flips--)
			frame[next_random(len)] =
				(uint8_t)(next_random(2) ? next_random(256) : 255);
		if (next_random(3) == 0)
			len = next_random(len + 1);
		reply = run(len, next_random(8) ? 0 : next_random(UINT32_MAX) & ~flag_ok);
		if (reply) {
			assert_decent(reply);
			answered++;
		}
	}
	assert_true(answered > rounds / 10);
	assert_int_equal(echo_replies(&e), answered);
	assert_int_equal(echo_drops(&e), rounds - answered);
}

static void random_frames_touch_nothing_beyond(void **arg)
{
	(void)arg;
	for (unsigned i = 0; i < 200000; i++) {
		unsigned len = next_random(128);

		for (unsigned b = 0; b < len; b++)
			frame[b] = (uint8_t)next_random(256);
		if (len >= 14)
			net_put16(frame + 12,
				  (uint16_t[]) { NET_ETH_IPV4, NET_ETH_IPV6, NET_ETH_ARP,
						 NET_ETH_VLAN }[next_random(4)]);
		run(len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(validate_answers_what_is_right, setup_validate),
		cmocka_unit_test_setup(validate_finds_every_flipped_bit_under_a_checksum,
				       setup_validate),
		cmocka_unit_test_setup(validate_checks_lengths_and_options, setup_validate),
		cmocka_unit_test_setup(mutated_frames_touch_nothing_beyond, setup),
		cmocka_unit_test_setup(random_frames_touch_nothing_beyond, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
