/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The echo of apps/echo.h: ARP and IPv4 - what it answers, and what it must not answer.
 */
#include "echo_requests.h"

/* ---- ARP ---- */

static void answers_arp_with_its_mac(void **arg)
{
	(void)arg;
	for (int vlan = -1; vlan < 4096; vlan += 4096) {
		unsigned len = arp_request(vlan), at = vlan < 0 ? 14 : 18;
		struct net_arp *a = (void *)(frame + at);

		assert_int_equal(run(len, 0), len);
		assert_memory_equal(frame, peer, 6);
		assert_memory_equal(frame + 6, mine, 6);
		assert_int_equal(net_get16(a->op), NET_ARP_REPLY);
		assert_memory_equal(a->sender_mac, mine, 6);
		assert_memory_equal(a->sender_ip, ip4_mine, 4);
		assert_memory_equal(a->target_mac, peer, 6);
		assert_memory_equal(a->target_ip, ip4_peer, 4);
	}
	assert_int_equal(e.count[ECHO_ARP], 2);
}

static void leaves_arp_that_is_no_question_alone(void **arg)
{
	struct net_arp *a = (void *)(frame + 14);
	unsigned len = arp_request(-1);

	(void)arg;
	net_put16(a->op, NET_ARP_REPLY);
	assert_dropped(len, ECHO_DROP_ARP_NOT_REQUEST);
	len = arp_request(-1);
	memset(a->sender_ip, 0, 4);
	assert_dropped(len, ECHO_DROP_ARP_PROBE);
	len = arp_request(-1);
	memcpy(a->target_ip, a->sender_ip, 4);
	assert_dropped(len, ECHO_DROP_ARP_GRATUITOUS);
	len = arp_request(-1);
	a->target_ip[0] = 239;
	assert_dropped(len, ECHO_DROP_GROUP_DEST);
	len = arp_request(-1);
	memset(a->target_ip, 0, 4);
	assert_dropped(len, ECHO_DROP_GROUP_DEST);
	len = arp_request(-1);
	memset(a->sender_ip, 255, 4);
	assert_dropped(len, ECHO_DROP_GROUP_SOURCE);
	len = arp_request(-1);
	a->sender_mac[0] |= 1;
	assert_dropped(len, ECHO_DROP_GROUP_SOURCE);
	len = arp_request(-1);
	memset(a->sender_mac, 0, 6);
	assert_dropped(len, ECHO_DROP_ZERO_SOURCE);
	for (int i = 0; i < 6; i++) { /* hardware, protocol, lengths */
		len = arp_request(-1);
		frame[14 + i] ^= 0x40;
		assert_dropped(len, ECHO_DROP_BAD_HEADER);
	}
	arp_request(-1);
	assert_dropped(14 + 27, ECHO_DROP_TRUNCATED);
}

/* ---- ICMP ---- */

static void answers_ping_with_right_sums_and_addresses(void **arg)
{
	(void)arg;
	for (unsigned payload = 0; payload <= 1472; payload++)
		for (int vlan = -1; vlan <= 0; vlan++) {
			unsigned len = ping4(vlan, 0, payload), at = vlan < 0 ? 14 : 18;
			struct net_ipv4 *ip = (void *)(frame + at);

			assert_int_equal(run(len, 0), len);
			assert_memory_equal(frame, peer, 6);
			assert_memory_equal(frame + 6, mine, 6);
			assert_memory_equal(ip->src, ip4_mine, 4);
			assert_memory_equal(ip->dst, ip4_peer, 4);
			assert_int_equal(frame[at + 20], NET_ICMP_ECHO_REPLY);
			assert_int_equal(net_get16(frame + at + 24), 0x1234);
			assert_int_equal(ip->ttl, 64);
			assert_sums_right(frame, at);
		}
	assert_int_equal(e.count[ECHO_ICMP], 2 * 1473);
}

static void answers_ping_with_ip_options(void **arg)
{
	(void)arg;
	for (unsigned options = 4; options <= 40; options += 4) {
		unsigned len = ping4(-1, options, 56);

		assert_int_equal(run(len, 0), len);
		assert_sums_right(frame, 14);
	}
}

/* Every value that the checksum can have, so both corners of RFC 1624. */
static void sum_is_right_for_all_identifiers(void **arg)
{
	(void)arg;
	for (unsigned id = 0; id <= 0xffff; id++) {
		unsigned len = ping4(-1, 0, 0);

		net_put16(frame + 14 + 24, (uint16_t)id);
		fix_ipv4(14);
		assert_int_equal(run(len, 0), len);
		assert_sums_right(frame, 14);
		assert_int_equal(
			net_get16(frame + 14 + 22),
			(uint16_t)~plain_add(
				0, (uint8_t[]) { (uint8_t)(id >> 8), (uint8_t)id, 0, 1 }, 4));
	}
}

/* The answer has nothing but zero bytes: its checksum must be 0xffff, garbage padding or not. */
static void sum_of_an_all_zero_answer_is_ffff(void **arg)
{
	(void)arg;
	for (unsigned payload = 0; payload < 64; payload++)
		for (int total = 0; total < 3; total++) {
			unsigned len = ping4(-1, 0, payload);

			memset(frame + 14 + 24, 0, 4 + payload);
			fix_ipv4(14);
			if (14 + 28 + payload < len)
				frame[len - 1] = 0x55; /* padding */
			assert_int_equal(run(len, 0), len);
			assert_int_equal(net_get16(frame + 14 + 22), 0xffff);
			assert_sums_right(frame, 14);
		}
}

static void corrupt_request_gives_an_equally_corrupt_answer(void **arg)
{
	unsigned len = ping4(-1, 0, 100);

	(void)arg;
	frame[14 + 50] ^= 0x10;
	assert_int_equal(run(len, 0), len);
	assert_int_not_equal(plain_add(0, frame + 34, 108), 0xffff);
}

static void answers_from_its_own_mac_if_sent_to_many(void **arg)
{
	unsigned len = ping4(-1, 0, 56);

	(void)arg;
	memcpy(frame, broadcast, 6);
	assert_int_equal(run(len, 0), len);
	assert_memory_equal(frame + 6, mine, 6);
	/* and from the address that was written to, if that is one station's */
	len = ping4(-1, 0, 56);
	frame[5] = 0x77;
	assert_int_equal(run(len, 0), len);
	assert_int_equal(frame[11], 0x77);
}

static void does_not_answer_to_or_from_groups(void **arg)
{
	struct net_ipv4 *ip = (void *)(frame + 14);
	unsigned len;

	(void)arg;
	len = ping4(-1, 0, 56);
	frame[6] |= 1;
	assert_dropped(len, ECHO_DROP_GROUP_SOURCE);
	len = ping4(-1, 0, 56);
	memset(frame + 6, 0, 6);
	assert_dropped(len, ECHO_DROP_ZERO_SOURCE);
	len = ping4(-1, 0, 56);
	ip->src[0] = 224;
	assert_dropped(len, ECHO_DROP_GROUP_SOURCE);
	len = ping4(-1, 0, 56);
	memset(ip->src, 255, 4);
	assert_dropped(len, ECHO_DROP_GROUP_SOURCE);
	len = ping4(-1, 0, 56);
	memset(ip->src, 0, 4);
	assert_dropped(len, ECHO_DROP_ZERO_SOURCE);
	len = ping4(-1, 0, 56);
	memset(ip->dst, 255, 4);
	assert_dropped(len, ECHO_DROP_GROUP_DEST);
	len = ping4(-1, 0, 56);
	memset(ip->dst, 0, 4);
	assert_dropped(len, ECHO_DROP_GROUP_DEST);
	len = ping4(-1, 0, 56);
	ip->dst[0] = 239;
	assert_dropped(len, ECHO_DROP_GROUP_DEST);
}

static void does_not_answer_other_ipv4(void **arg)
{
	struct net_ipv4 *ip = (void *)(frame + 14);
	unsigned len;

	(void)arg;
	for (unsigned type = 0; type < 256; type++) {
		len = ping4(-1, 0, 56);
		frame[34] = (uint8_t)type;
		if (type != NET_ICMP_ECHO)
			assert_dropped(len, ECHO_DROP_NOT_ECHO);
	}
	len = ping4(-1, 0, 56);
	frame[35] = 1; /* code */
	assert_dropped(len, ECHO_DROP_NOT_ECHO);
	len = ping4(-1, 0, 56);
	ip->proto = NET_IP_UDP;
	assert_dropped(len, ECHO_DROP_NOT_ECHO);
	len = ping4(-1, 0, 56);
	net_put16(ip->frag, NET_IPV4_MF);
	assert_dropped(len, ECHO_DROP_FRAGMENT);
	len = ping4(-1, 0, 56);
	net_put16(ip->frag, 1);
	assert_dropped(len, ECHO_DROP_FRAGMENT);
	len = ping4(-1, 0, 56);
	ip->ver_ihl = 0x44;
	assert_dropped(len, ECHO_DROP_BAD_HEADER);
	len = ping4(-1, 0, 56);
	ip->ver_ihl = 0x65;
	assert_dropped(len, ECHO_DROP_BAD_HEADER);
}

static void every_truncation_is_dropped(void **arg)
{
	(void)arg;
	ping4(-1, 0, 0);
	for (unsigned len = 0; len < 14 + 28; len++)
		assert_dropped(len, ECHO_DROP_TRUNCATED);
	ping4(5, 0, 0);
	for (unsigned len = 0; len < 18 + 28; len++)
		assert_dropped(len, ECHO_DROP_TRUNCATED);
	ping4(-1, 40, 0);
	for (unsigned len = 34; len < 14 + 68; len++)
		assert_dropped(len, ECHO_DROP_TRUNCATED);
	ping6(-1, 0);
	for (unsigned len = 0; len < 14 + 48; len++)
		assert_dropped(len, ECHO_DROP_TRUNCATED);
	solicit(-1, 1, 0);
	for (unsigned len = 0; len < 14 + 72; len++)
		assert_dropped(len, ECHO_DROP_TRUNCATED);
}

/* ---- other frames ---- */

static void drops_other_types_and_what_the_nic_changed(void **arg)
{
	unsigned len = put_eth(mine, 0x88cc, -1);

	(void)arg;
	assert_dropped(60, ECHO_DROP_OTHER_TYPE);
	put_eth(mine, NET_ETH_QINQ, 5);
	assert_dropped(60, ECHO_DROP_OTHER_TYPE);
	put_eth(mine, 46, -1);
	assert_dropped(60, ECHO_DROP_OTHER_TYPE);
	len = ping4(-1, 0, 56);
	assert_int_equal(run(len, NIC_VLAN), 0);
	assert_int_equal(e.count[ECHO_DROP_VLAN_STRIPPED], 1);
	assert_int_equal(run(len, NIC_MORE), 0);
	assert_int_equal(e.count[ECHO_DROP_TRUNCATED], 1);
}

static void counters_have_names_and_end(void **arg)
{
	const char *name = NULL;
	uint64_t value;
	unsigned i;

	(void)arg;
	assert_answered(ping4(-1, 0, 56), ECHO_ICMP);
	for (i = 0; echo_counter(&e, i, &name, &value) == 0; i++) {
		assert_non_null(name);
		assert_int_equal(value, strcmp(name, "icmp_replies") == 0);
		assert_int_equal(strncmp(name, "drop_", 5) == 0, i >= ECHO_DROP_TRUNCATED);
	}
	assert_int_equal(i, ECHO_COUNTS);
	assert_int_equal(echo_counter(&e, i, &name, &value), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(answers_arp_with_its_mac, setup),
		cmocka_unit_test_setup(leaves_arp_that_is_no_question_alone, setup),
		cmocka_unit_test_setup(answers_ping_with_right_sums_and_addresses, setup),
		cmocka_unit_test_setup(answers_ping_with_ip_options, setup),
		cmocka_unit_test_setup(sum_is_right_for_all_identifiers, setup),
		cmocka_unit_test_setup(sum_of_an_all_zero_answer_is_ffff, setup),
		cmocka_unit_test_setup(corrupt_request_gives_an_equally_corrupt_answer, setup),
		cmocka_unit_test_setup(answers_from_its_own_mac_if_sent_to_many, setup),
		cmocka_unit_test_setup(does_not_answer_to_or_from_groups, setup),
		cmocka_unit_test_setup(does_not_answer_other_ipv4, setup),
		cmocka_unit_test_setup(every_truncation_is_dropped, setup),
		cmocka_unit_test_setup(drops_other_types_and_what_the_nic_changed, setup),
		cmocka_unit_test_setup(counters_have_names_and_end, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
