/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: filters, tags, checksums, segmentation, jumbo frames, hashing, interrupts.
 * Checksums are recomputed here byte by byte, by none of the code under test.
 */
#include <pthread.h>
#include <unistd.h>

#include "pair.h"

#include <poll.h>

/* RFC 1071, the slow and obvious way. */
static uint16_t sum16(const uint8_t *p, unsigned len, uint32_t sum)
{
	for (unsigned i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	if (len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static unsigned get16(const uint8_t *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

static uint32_t pseudo(const uint8_t *ip, uint8_t proto, unsigned len)
{
	return sum16(ip + 12, 8, proto + len);
}

/* An IPv4 frame with @l4_len bytes of UDP (17) or TCP (6), checksum fields as NIC offload wants. */
static void ipv4_frame(uint8_t *f, uint8_t proto, unsigned l4_len, unsigned port, int tso)
{
	uint8_t *ip = f + 14, *l4 = ip + 20;

	frame_fill(f, 14 + 20 + l4_len, port);
	put16(f + 12, 0x0800);
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, 20 + l4_len);
	put16(ip + 4, 0x1234);
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
	put16(l4, port);
	put16(l4 + 2, 7777);
	if (proto == 17) {
		put16(l4 + 4, l4_len);
		put16(l4 + 6, sum16(NULL, 0, pseudo(ip, proto, l4_len)));
	} else {
		put16(l4 + 4, 0);
		put16(l4 + 6, 1000); /* sequence number */
		l4[12] = 0x50;
		l4[13] = 0x18; /* PSH ACK */
		put16(l4 + 16, sum16(NULL, 0, pseudo(ip, proto, tso ? 0 : l4_len)));
	}
}

static void assert_sums_right(const uint8_t *f)
{
	const uint8_t *ip = f + 14;
	unsigned l4_len = get16(ip + 2) - 20u;

	assert_int_equal(sum16(ip, 20, 0), 0xffff);
	assert_int_equal(sum16(ip + 20, l4_len, pseudo(ip, ip[9], l4_len)), 0xffff);
}

static void send_pkt(struct pair *p, struct nic_pkt *pkt)
{
	uint64_t end = now_ms() + 10000;

	while (nic_tx(nic_txq(p->a, 0), pkt, 1) != 1)
		assert_true(now_ms() < end);
}

static void only_frames_for_this_address_are_received(void **state)
{
	static const uint8_t other[6] = { 2, 0, 0, 0, 0, 0x77 };
	struct nic_pkt got;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	for (int promisc = 0; promisc < 2; promisc++) {
		assert_int_equal(nic_set_promisc(p.b, promisc), 0);
		send_frame_to(&p, p.a, 0, 60, 1, other);
		if (promisc) {
			receive(p.b, &got, 1);
			nic_free(&got, 1);
		} else {
			nothing_came(&p);
		}
	}
	assert_int_equal(nic_set_promisc(p.b, 0), 0);
	send_frame_to(&p, p.a, 0, 60, 1, everybody);
	receive(p.b, &got, 1);
	assert_true(got.flags & NIC_RX_OTHERS || on_qemu(NULL));
	nic_free(&got, 1);
	pair_close(&p);
}

static void the_address_can_be_changed(void **state)
{
	static const uint8_t other[6] = { 2, 0, 0, 0, 0, 0x77 }, multi[6] = { 1 }, zero[6];
	struct nic_pkt got;
	struct nic_info info;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	assert_int_equal(nic_set_mac(p.b, multi), -22);
	assert_int_equal(nic_set_mac(p.b, zero), -22);
	assert_int_equal(nic_set_mac(p.b, other), 0);
	nic_get_info(p.b, &info);
	assert_memory_equal(info.mac, other, 6);
	send_frame_to(&p, p.a, 0, 60, 1, other);
	receive(p.b, &got, 1);
	nic_free(&got, 1);
	send_frame(&p, p.a, 0, 60, 2); /* to the old address */
	nothing_came(&p);
	/* for the next test: the reset of QEMU's 82540EM does not bring it back */
	assert_int_equal(nic_set_mac(p.b, mac_b), 0);
	pair_close(&p);
}

static void multicast_groups_are_joined(void **state)
{
	static const uint8_t group[6] = { 0x33, 0x33, 0, 0, 0, 1 }, unicast[6] = { 2 };
	struct nic_pkt got;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	assert_int_equal(nic_add_multicast(p.b, unicast), -22);
	for (int joined = 0; joined < 2; joined++) {
		if (joined)
			assert_int_equal(nic_add_multicast(p.b, group), 0);
		send_frame_to(&p, p.a, 0, 60, 1, group);
		if (!joined) {
			nothing_came(&p);
			continue;
		}
		receive(p.b, &got, 1);
		nic_free(&got, 1);
	}
	pair_close(&p);
}

static void tags_are_inserted_stripped_and_filtered(void **state)
{
	struct nic_pkt pkt, got;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	for (int filter = 0; filter < 3; filter++) {
		if (filter)
			assert_int_equal(nic_filter_vlan(p.b, filter == 1 ? 7 : 100), 0);
		assert_int_equal(nic_alloc(p.pool, &pkt, 1), 1);
		pkt.len = 100;
		pkt.flags = NIC_VLAN;
		pkt.vlan = 0x6064; /* priority 3, VLAN 100 */
		frame_fill(pkt.data, 100, 5);
		send_pkt(&p, &pkt);
		if (filter == 1) { /* only VLAN 7 */
			nothing_came(&p);
			continue;
		}
		receive(p.b, &got, 1);
		assert_true(got.flags & NIC_VLAN);
		assert_int_equal(got.vlan, 0x6064);
		assert_int_equal(got.len, 100);
		frame_check(got.data, 100, 5);
		nic_free(&got, 1);
	}
	assert_int_equal(nic_filter_vlan(p.b, 4095), -22);
	assert_int_equal(nic_filter_vlan(p.b, -1), 0);
	pair_close(&p);
}

static void tags_stay_in_the_frame_when_asked_for(void **state)
{
	struct nic_config cfg = { .no_vlan_strip = 1 };
	struct nic_pkt pkt, got;
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	assert_int_equal(nic_alloc(p.pool, &pkt, 1), 1);
	pkt.len = 1514;
	pkt.flags = NIC_VLAN;
	pkt.vlan = 0x0123;
	frame_fill(pkt.data, 1514, 5);
	send_pkt(&p, &pkt);
	receive(p.b, &got, 1);
	assert_int_equal(got.len, 1518);
	assert_memory_equal((uint8_t *)got.data + 12, "\x81\x00\x01\x23\x88\xb5", 6);
	nic_free(&got, 1);
	pair_close(&p);
}

static void checksums_are_filled_in_and_checked(void **state)
{
	static const uint8_t protos[] = { 17, 6 };
	const uint32_t ipv4 = NIC_TYPE_IPV4;
	struct nic_pkt pkt, got;
	struct nic_info info;
	uint32_t types;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	nic_get_info(p.b, &info);
	for (unsigned i = 0; i < 2; i++)
		for (unsigned len = 21; len < 1400; len += 17) {
			assert_int_equal(nic_alloc(p.pool, &pkt, 1), 1);
			ipv4_frame(pkt.data, protos[i], len, 1024 + len, 0);
			pkt.len = (uint16_t)(34 + len);
			pkt.flags = NIC_TX_IP | (i ? (uint32_t)NIC_TX_TCP : (uint32_t)NIC_TX_UDP);
			pkt.u.tx.l2_len = 14;
			pkt.u.tx.l3_len = 20;
			send_pkt(&p, &pkt);
			receive(p.b, &got, 1);
			assert_sums_right(got.data);
			assert_true((got.flags & NIC_RX_IP_OK && got.flags & NIC_RX_L4_OK) ||
				    on_qemu("82540em")); /* it checks none */
			assert_false(got.flags & NIC_RX_IP_BAD || got.flags & NIC_RX_L4_BAD);
			types = (uint32_t)info.rx_types &
				(i ? ipv4 | NIC_TYPE_TCP : ipv4 | NIC_TYPE_UDP);
			assert_int_equal(got.type, types);
			nic_free(&got, 1);
		}
	pair_close(&p);
}

static void wrong_checksums_are_reported(void **state)
{
	struct nic_pkt pkt, got;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	for (int which = 0; which < 2; which++) {
		uint8_t *f;

		assert_int_equal(nic_alloc(p.pool, &pkt, 1), 1);
		f = pkt.data;
		ipv4_frame(f, 17, 100, 99, 0);
		put16(f + 24, 0xffffu ^ sum16(f + 14, 20, 0));
		put16(f + 40, 0xffffu ^ sum16(f + 34, 100, 0));
		put16(f + 40, get16(f + 40) ? get16(f + 40) : 0xffff);
		/* The pseudo header sum was in the field, so the sum is right now. Break one. */
		f[which ? 60 : 22] ^= 1;
		pkt.len = 134;
		send_pkt(&p, &pkt);
		receive(p.b, &got, 1);
		assert_int_equal((got.flags & NIC_RX_IP_BAD) != 0, which == 0);
		assert_int_equal((got.flags & NIC_RX_L4_BAD) != 0, which == 1);
		nic_free(&got, 1);
	}
	pair_close(&p);
}

static void tcp_is_cut_into_segments(void **state)
{
	enum { PAYLOAD = 1400, MSS = 500 };
	struct nic_pkt pkt, got[3];
	uint8_t *sent, all[PAYLOAD];
	unsigned at = 0;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	assert_int_equal(nic_alloc(p.pool, &pkt, 1), 1);
	sent = pkt.data;
	ipv4_frame(sent, 6, 20 + PAYLOAD, 3333, 1);
	memcpy(all, sent + 54, PAYLOAD);
	pkt.len = 54 + PAYLOAD;
	pkt.flags = NIC_TX_IP | NIC_TX_TCP | NIC_TX_SEGMENT;
	pkt.u.tx.l2_len = 14;
	pkt.u.tx.l3_len = 20;
	pkt.u.tx.l4_len = 20;
	pkt.u.tx.mss = MSS;
	send_pkt(&p, &pkt);
	receive(p.b, got, 3);
	for (unsigned i = 0; i < 3; i++) {
		const uint8_t *f = got[i].data;
		unsigned n = i < 2 ? MSS : PAYLOAD - 2 * MSS;

		assert_int_equal(got[i].len, 54 + n);
		assert_sums_right(f);
		assert_int_equal(get16(f + 18), 0x1234 + i); /* IP ID */
		assert_int_equal(get16(f + 40), 1000 + at);  /* sequence number, low half */
		/* PSH in the last only; where QEMU itself cuts for the newer chips in none */
		if (i < 2 || !on_qemu(NULL) || on_qemu("82540em"))
			assert_int_equal(f[47], i == 2 ? 0x18 : 0x10);
		assert_memory_equal(f + 54, all + at, n);
		at += n;
	}
	nic_free(got, 3);
	pair_close(&p);
}

static void senseless_offloads_are_refused(void **state)
{
	static const struct nic_pkt bad[] = {
		{ .flags = NIC_TX_TCP | NIC_TX_UDP, .u.tx = { 0, 14, 20, 20 } },
		{ .flags = NIC_TX_SEGMENT | NIC_TX_TCP, .u.tx = { 0, 14, 20, 20 } },
		{ .flags = NIC_TX_SEGMENT, .u.tx = { 500, 14, 20, 20 } },
		{ .flags = NIC_TX_IP, .u.tx = { 0, 14, 0, 0 } },
		{ .flags = NIC_TX_IP, .u.tx = { 0, 14, 200, 0 } },
		{ .flags = NIC_TX_UDP, .u.tx = { 0, 0, 20, 0 } },
	};
	struct nic_stats s;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct nic_pkt pkt, want = bad[i];

		assert_int_equal(nic_alloc(p.pool, &pkt, 1), 1);
		want.data = pkt.data;
		want.len = 100;
		send_pkt(&p, &want);
	}
	nothing_came(&p);
	assert_int_equal(nic_get_stats(p.a, &s), 0);
	assert_int_equal(s.tx_bad, sizeof(bad) / sizeof(bad[0]));
	pair_close(&p);
}

static void jumbo_frames_span_buffers(void **state)
{
	struct nic_config cfg = { .mtu = 9000 };
	static const unsigned sizes[] = { 1514, 2048, 2049, 4096, 4097, 6000, 9000, 9014 };
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct nic_pkt out[8], in[8];
		uint8_t frame[9014], back[9014];
		unsigned parts = (sizes[i] + 1999) / 2000, n = (sizes[i] + 2047) / 2048, at = 0;
		uint64_t end = now_ms() + 10000;

		frame_fill(frame, sizes[i], i);
		assert_int_equal(nic_alloc(p.pool, out, parts), parts);
		for (unsigned k = 0; k < parts; k++) { /* sent in other pieces than received */
			out[k].len = (uint16_t)(k < parts - 1 ? 2000 : sizes[i] - 2000 * k);
			out[k].flags = k < parts - 1 ? NIC_MORE : 0;
			memcpy(out[k].data, frame + 2000 * (size_t)k, out[k].len);
		}
		while (nic_tx(nic_txq(p.a, 0), out, parts) != parts)
			assert_true(now_ms() < end);
		receive(p.b, in, n);
		for (unsigned k = 0; k < n; k++) {
			assert_int_equal((in[k].flags & NIC_MORE) != 0, k < n - 1);
			memcpy(back + at, in[k].data, in[k].len);
			at += in[k].len;
		}
		assert_int_equal(at, sizes[i]);
		assert_memory_equal(frame, back, at);
		nic_free(in, n);
	}
	pair_close(&p);
}

static void a_frame_with_more_parts_than_the_caller_takes_is_dropped(void **state)
{
	struct nic_config cfg = { .mtu = 9000 };
	struct nic_pkt out[3], in;
	struct nic_stats s;
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	assert_int_equal(nic_alloc(p.pool, out, 3), 3);
	for (unsigned k = 0; k < 3; k++) {
		out[k].len = 2000;
		out[k].flags = k < 2 ? NIC_MORE : 0;
		memset(out[k].data, 0xff, 2000);
	}
	assert_int_equal(nic_tx(nic_txq(p.a, 0), out, 3), 3);
	silence(p.b); /* asks for one element at a time */
	send_frame(&p, p.a, 0, 60, 9);
	receive(p.b, &in, 1);
	frame_check(in.data, 60, 9);
	nic_free(&in, 1);
	assert_int_equal(nic_get_stats(p.b, &s), 0);
	assert_int_equal(s.rx_too_long, 1);
	pair_close(&p);
}

static void oversize_frames_are_counted_by_name(void **state)
{
	struct nic_config big = { .mtu = 3000 };
	uint64_t end = now_ms() + 20000;
	struct nic_pkt out[2];
	struct nic_stats s;
	struct pair p;
	char wire[64];

	(void)state;
	pair_open(&p, &big);
	host_close(p.b);
	p.cfg.mtu = 1500;
	snprintf(wire, sizeof(wire), "%s", "link:oversize");
	host_close(p.a);
	p.cfg.mtu = 3000;
	p.a = open_one(&p, wire, MAC_A);
	p.cfg.mtu = 1500;
	p.b = open_one(&p, wire, MAC_B);
	while (nic_link(p.a) <= 0 || nic_link(p.b) <= 0) {
		nic_tx_clean(nic_txq(p.a, 0));
		nic_tx_clean(nic_txq(p.b, 0));
	}
	assert_int_equal(nic_alloc(p.pool, out, 2), 2);
	out[0].len = out[1].len = 1000;
	out[0].flags = NIC_MORE;
	memset(out[0].data, 0xff, 1000);
	memset(out[1].data, 0xff, 1000);
	assert_int_equal(nic_tx(nic_txq(p.a, 0), out, 2), 2);
	do { /* a model on a thread may take its time */
		assert_true(now_ms() < end);
		silence(p.b);
		assert_int_equal(nic_get_stats(p.b, &s), 0);
	} while (!s.rx_length);
	assert_int_equal(s.rx_length, 1);
	assert_int_equal(s.rx_packets, 0);
	pair_close(&p);
}

static void flows_spread_over_the_queues(void **state)
{
	struct nic_config cfg = { .tx_queues = 1 };
	unsigned per_queue[4] = { 0 }, n = 0, queues;
	uint64_t end = now_ms() + 10000;
	struct nic_info info;
	struct pair p;

	(void)state;
	chip_info(&info);
	too_many_queues_are_refused(&info);
	queues = cfg.rx_queues = info.max_queues < 4 ? info.max_queues : 4;
	pair_open(&p, &cfg);
	for (unsigned i = 0; i < 400; i++) {
		struct nic_pkt pkt, got[32];

		while (!nic_alloc(p.pool, &pkt, 1))
			nic_tx_clean(nic_txq(p.a, 0));
		ipv4_frame(pkt.data, 6, 40, 1000 + i, 0);
		pkt.len = 74;
		pkt.flags = NIC_TX_TCP | NIC_TX_IP;
		pkt.u.tx.l2_len = 14;
		pkt.u.tx.l3_len = 20;
		send_pkt(&p, &pkt);
		for (unsigned q = 0; q < queues || (i == 399 && n < 400); q++) {
			unsigned k = nic_rx(nic_rxq(p.b, q % queues), got, 32);

			for (unsigned j = 0; j < k; j++) {
				assert_int_equal(got[j].type & NIC_TYPE_HASH,
						 queues > 1); /* 1: IPv4 TCP */
				assert_int_equal(got[j].hash % 128 % queues, q % queues);
			}
			nic_free(got, k);
			per_queue[q % queues] += k;
			n += k;
			assert_true(now_ms() < end);
		}
	}
	assert_int_equal(n, 400);
	for (unsigned q = 0; q < queues; q++)
		assert_in_range(per_queue[q], 200 / queues, 600 / queues);
	pair_close(&p);
}

static void waiting_times_out(void **state)
{
	struct nic_config cfg = { .interrupts = 1 };
	struct nic_info info;
	uint64_t start;
	struct pair p;

	(void)state;
	chip_info(&info);
	cfg.rx_queues = info.max_queues < 2 ? 1 : 2;
	pair_open(&p, &cfg);
	start = now_ms();
	assert_int_equal(nic_rx_wait(p.b, cfg.rx_queues - 1, 50), 0);
	assert_in_range(now_ms() - start, 49, 5000);
	assert_int_equal(nic_rx_wait(p.b, 0, 0), 0);
	assert_int_equal(nic_rx_wait(p.b, cfg.rx_queues, 0), -95);
	pair_close(&p);
}

static void *send_later(void *arg)
{
	struct pair *p = arg;

	usleep(30000);
	send_frame(p, p->a, 0, 60, 1);
	return NULL;
}

static void a_frame_wakes_the_waiter(void **state)
{
	struct nic_config cfg = { .interrupts = 1 };
	struct nic_pkt got;
	pthread_t thread;
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	for (int i = 0; i < 10; i++) {
		uint64_t start = now_ms();

		if (strcmp(host_mode(), "sync")) {
			assert_int_equal(pthread_create(&thread, NULL, send_later, &p), 0);
			assert_int_equal(nic_rx_wait(p.b, 0, 10000), 1);
			pthread_join(thread, NULL);
		} else { /* one thread drives both models */
			send_frame(&p, p.a, 0, 60, 1);
			assert_int_equal(nic_rx_wait(p.b, 0, 10000), 1);
		}
		assert_true(now_ms() - start < 5000);
		receive(p.b, &got, 1);
		nic_free(&got, 1);
	}
	send_frame(&p, p.a, 0, 60, 1);
	receive(p.b, &got, 1); /* polled: its interrupt must not count for the next wait */
	nic_free(&got, 1);
	assert_int_equal(nic_rx_wait(p.b, 0, 50), 0);
	pair_close(&p);
}

/* Not only the first: a line that was masked when it fired is let through again. */
static void every_frame_interrupts(void **state)
{
	struct nic_config cfg = { .interrupts = 1 };
	uint64_t end = now_ms() + 20000;
	struct nic_pkt got;
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	for (unsigned i = 0; i < 4; i++) {
		struct pollfd fd = { nic_rx_fd(p.b, 0), POLLIN, 0 };

		assert_int_equal(nic_rx_arm(p.b, 0), 0);
		send_frame(&p, p.a, 0, 60, i);
		while (!poll(&fd, 1, 0)) {
			assert_true(now_ms() < end);
			nic_tx_clean(nic_txq(p.a, 0)); /* lets what must be pumped run */
			nic_tx_clean(nic_txq(p.b, 0));
		}
		receive(p.b, &got, 1);
		frame_check(got.data, 60, i);
		nic_free(&got, 1);
	}
	pair_close(&p);
}

static void without_interrupts_waiting_is_refused(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	assert_int_equal(nic_rx_fd(p.b, 0), -95);
	assert_int_equal(nic_rx_wait(p.b, 0, 10), -95);
	pair_close(&p);
}

static void registers_can_be_walked(void **state)
{
	unsigned n = 0, status = 0;
	struct nic_reg reg;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	for (; nic_reg(p.a, n, 0, &reg) == 0; n++) {
		assert_true(reg.clears_on_read ? !reg.was_read : 1);
		assert_non_null(reg.section);
		if (!strcmp(reg.name, "STATUS")) {
			assert_non_null(strstr(reg.text, "STATUS"));
			status++;
		}
	}
	assert_int_equal(status, 1);
	assert_true(n > 300);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_frames_for_this_address_are_received),
		cmocka_unit_test(the_address_can_be_changed),
		cmocka_unit_test(multicast_groups_are_joined),
		cmocka_unit_test(tags_are_inserted_stripped_and_filtered),
		cmocka_unit_test(tags_stay_in_the_frame_when_asked_for),
		cmocka_unit_test(checksums_are_filled_in_and_checked),
		cmocka_unit_test(wrong_checksums_are_reported),
		cmocka_unit_test(tcp_is_cut_into_segments),
		cmocka_unit_test(senseless_offloads_are_refused),
		cmocka_unit_test(jumbo_frames_span_buffers),
		cmocka_unit_test(a_frame_with_more_parts_than_the_caller_takes_is_dropped),
		cmocka_unit_test(oversize_frames_are_counted_by_name),
		cmocka_unit_test(flows_spread_over_the_queues),
		cmocka_unit_test(waiting_times_out),
		cmocka_unit_test(a_frame_wakes_the_waiter),
		cmocka_unit_test(every_frame_interrupts),
		cmocka_unit_test(without_interrupts_waiting_is_refused),
		cmocka_unit_test(registers_can_be_walked),
	};

	return host_run(tests, sizeof(tests) / sizeof(tests[0]));
}
