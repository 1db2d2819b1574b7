/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The echo of apps/echo.h: IPv6 - what it answers, and what it must not answer.
 */
#include "echo_requests.h"

/* ---- IPv6 ---- */

static void answers_ping6_with_right_sums_and_addresses(void **arg)
{
	(void)arg;
	for (unsigned payload = 0; payload <= 1452; payload++)
		for (int vlan = -1; vlan <= 0; vlan++) {
			unsigned len = ping6(vlan, payload), at = vlan < 0 ? 14 : 18;

			assert_int_equal(run(len, 0), len);
			assert_memory_equal(frame, peer, 6);
			assert_memory_equal(frame + 6, mine, 6);
			assert_memory_equal(frame + at + 8, ip6_mine, 16);
			assert_memory_equal(frame + at + 24, ip6_peer, 16);
			assert_int_equal(frame[at + 40], NET_ICMPV6_ECHO_REPLY);
			assert_sums_right(frame, at);
		}
	assert_int_equal(e.count[ECHO_ICMPV6], 2 * 1453);
}

static void ping6_sum_is_right_for_all_identifiers(void **arg)
{
	(void)arg;
	for (unsigned id = 0; id <= 0xffff; id++) {
		unsigned len = ping6(-1, 0);

		net_put16(frame + 14 + 44, (uint16_t)id);
		fix_icmpv6(14);
		assert_int_equal(run(len, 0), len);
		assert_sums_right(frame, 14);
	}
}

static void answers_solicitation_with_its_mac(void **arg)
{
	(void)arg;
	for (int group = 0; group < 2; group++)
		for (int vlan = -1; vlan <= 0; vlan++)
			for (int extra = 0; extra <= 16; extra += 8) {
				unsigned len = solicit(vlan, group, extra), at = vlan < 0 ? 14 : 18;
				struct net_ipv6 *ip = (void *)(frame + at);
				struct net_nd *nd = (void *)(ip + 1);

				assert_int_equal(run(len, 0), at + 72);
				assert_memory_equal(frame, peer, 6);
				assert_memory_equal(frame + 6, mine, 6);
				assert_memory_equal(ip->src, ip6_mine, 16);
				assert_memory_equal(ip->dst, ip6_peer, 16);
				assert_int_equal(ip->hops, 255);
				assert_int_equal(net_get16(ip->len), 32);
				assert_int_equal(nd->type, NET_ICMPV6_ADVERT);
				assert_int_equal(net_get32(nd->flags), 0x60000000);
				assert_memory_equal(nd->target, ip6_mine, 16);
				assert_int_equal(frame[at + 64], NET_ND_OPT_TARGET);
				assert_int_equal(frame[at + 65], 1);
				assert_memory_equal(frame + at + 66, mine, 6);
				assert_sums_right(frame, at);
			}
}

static void answers_unicast_solicitation_without_option(void **arg)
{
	unsigned len = solicit(-1, 0, -8);

	(void)arg;
	assert_int_equal(run(len, 0), 14 + 64);
	assert_int_equal(net_get16(frame + 18), 24);
	assert_sums_right(frame, 14);
}

static void leaves_other_ipv6_alone(void **arg)
{
	struct net_ipv6 *ip = (void *)(frame + 14);
	struct net_nd *nd = (void *)(ip + 1);
	unsigned len;

	(void)arg;
	len = solicit(-1, 1, 0);
	memset(ip->src, 0, 16);
	assert_dropped(len, ECHO_DROP_ND_PROBE);
	len = solicit(-1, 1, 0);
	ip->hops = 254;
	assert_dropped(len, ECHO_DROP_ND_FORMAT);
	len = solicit(-1, 1, 0);
	nd->code = 1;
	assert_dropped(len, ECHO_DROP_ND_FORMAT);
	len = solicit(-1, 1, 0);
	nd->target[0] = 0xff;
	assert_dropped(len, ECHO_DROP_ND_FORMAT);
	len = solicit(-1, 1, 0);
	memset(nd->target, 0, 16);
	assert_dropped(len, ECHO_DROP_ND_FORMAT);
	len = solicit(-1, 1, -8);
	assert_dropped(len, ECHO_DROP_ND_FORMAT);
	len = solicit(-1, 0, 0);
	net_put16(ip->len, 23);
	assert_dropped(len, ECHO_DROP_ND_FORMAT);
	len = solicit(-1, 0, 0);
	net_put16(ip->len, 33);
	assert_dropped(len, ECHO_DROP_TRUNCATED);
	len = ping6(-1, 56);
	memcpy(ip->dst, ip6_solicited, 16);
	assert_dropped(len, ECHO_DROP_GROUP_DEST);
	len = ping6(-1, 56);
	memset(ip->dst, 0, 16);
	assert_dropped(len, ECHO_DROP_GROUP_DEST);
	len = ping6(-1, 56);
	ip->src[0] = 0xff;
	assert_dropped(len, ECHO_DROP_GROUP_SOURCE);
	len = ping6(-1, 56);
	memset(ip->src, 0, 16);
	assert_dropped(len, ECHO_DROP_ZERO_SOURCE);
	len = ping6(-1, 56);
	ip->next = NET_IP_FRAGMENT;
	assert_dropped(len, ECHO_DROP_FRAGMENT);
	len = ping6(-1, 56);
	ip->next = NET_IP_HOPOPT;
	assert_dropped(len, ECHO_DROP_NOT_ECHO);
	len = ping6(-1, 56);
	ip->ver_class_flow[0] = 0x40;
	assert_dropped(len, ECHO_DROP_BAD_HEADER);
	for (unsigned type = 0; type < 256; type++) {
		len = ping6(-1, 56);
		nd->type = (uint8_t)type;
		if (type != NET_ICMPV6_ECHO && type != NET_ICMPV6_SOLICIT)
			assert_dropped(len, ECHO_DROP_NOT_ECHO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(answers_ping6_with_right_sums_and_addresses, setup),
		cmocka_unit_test_setup(ping6_sum_is_right_for_all_identifiers, setup),
		cmocka_unit_test_setup(answers_solicitation_with_its_mac, setup),
		cmocka_unit_test_setup(answers_unicast_solicitation_without_option, setup),
		cmocka_unit_test_setup(leaves_other_ipv6_alone, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
