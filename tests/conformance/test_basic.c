/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: opening and closing, link, addresses, plain frames, rings, statistics.
 */
#include "pair.h"

static void link_and_mac_are_reported(void **state)
{
	static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 0x0a };
	struct nic_info info;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	nic_get_info(p.a, &info);
	assert_memory_equal(info.mac, mac_a, 6);
	assert_int_equal(info.link_mbps, chip()->mbps);
	assert_string_equal(info.driver, chip()->driver);
	assert_int_equal(info.rx_ring, 512);
	pair_close(&p);
}

static void every_frame_size_arrives_intact_and_in_order(void **state)
{
	struct nic_pkt got;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	for (unsigned len = 60; len <= 1514; len++) {
		send_frame(&p, p.a, 0, len, len);
		receive(p.b, &got, 1);
		assert_int_equal(got.len, len);
		assert_int_equal(got.flags & NIC_MORE, 0);
		frame_check(got.data, len, len);
		nic_free(&got, 1);
	}
	pair_close(&p);
}

static void short_frames_are_padded_to_60_bytes(void **state)
{
	struct nic_pkt got;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	for (unsigned len = 17; len < 60; len++) {
		send_frame(&p, p.a, 0, len, len);
		receive(p.b, &got, 1);
		assert_int_equal(got.len, 60);
		frame_check(got.data, len, len);
		nic_free(&got, 1);
	}
	pair_close(&p);
}

static void bursts_of_every_size_wrap_from_every_ring_index(void **state)
{
	struct nic_config cfg = { .rx_ring = 64, .tx_ring = 64 };
	struct nic_pkt out[48], in[48];
	unsigned seed = 0;
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	for (unsigned round = 0; round < 64 * 3; round++)
		for (unsigned n = 1; n <= 31; n += 6) {
			uint64_t end = now_ms() + 10000;
			unsigned sent = 0;

			while (nic_pool_free(p.pool) < n)
				nic_tx_clean(nic_txq(p.a, 0));
			assert_int_equal(nic_alloc(p.pool, out, n), n);
			for (unsigned i = 0; i < n; i++) {
				out[i].len = 60;
				frame_fill(out[i].data, 60, seed + i);
			}
			while (sent < n) {
				sent += nic_tx(nic_txq(p.a, 0), out + sent, n - sent);
				assert_true(now_ms() < end);
			}
			receive(p.b, in, n);
			for (unsigned i = 0; i < n; i++)
				frame_check(in[i].data, 60, seed + i);
			nic_free(in, n);
			seed += n;
		}
	pair_close(&p);
}

static void rx_returns_fewer_than_asked_for(void **state)
{
	struct nic_pkt got[32];
	struct pair p;
	unsigned n = 0;
	uint64_t end = now_ms() + 10000;

	(void)state;
	pair_open(&p, NULL);
	for (unsigned i = 0; i < 5; i++)
		send_frame(&p, p.a, 0, 100, i);
	while (n < 5) {
		n += nic_rx(nic_rxq(p.b, 0), got + n, 32 - n);
		assert_true(now_ms() < end);
	}
	assert_int_equal(n, 5);
	nic_free(got, n);
	pair_close(&p);
}

/* More than the receiver can hold: frames wait or are dropped, and every one of them is counted. */
static void what_the_receiver_cannot_take_is_counted(void **state)
{
	struct nic_config cfg = { .rx_ring = 64, .tx_ring = 64 };
	unsigned received = 0, sent = 0, full = 0, n;
	struct nic_pkt got[64], pkt;
	struct nic_stats a, b;
	struct pair p;
	uint64_t end;

	(void)state;
	pair_open(&p, &cfg);
	for (end = now_ms() + 20000; sent < 3000 && now_ms() < end;) {
		if (nic_alloc(p.pool, &pkt, 1)) {
			pkt.len = 1514;
			frame_fill(pkt.data, 1514, sent);
			if (nic_tx(nic_txq(p.a, 0), &pkt, 1)) {
				sent++;
				continue;
			}
			nic_free(&pkt, 1);
		}
		/* Nothing moves any more: cable and rings are full. Take a little. */
		full++;
		n = nic_rx(nic_rxq(p.b, 0), got, 7);
		nic_free(got, n);
		received += n;
		nic_tx_clean(nic_txq(p.a, 0));
	}
	assert_int_equal(sent, 3000);
	assert_true(full > 0);
	do { /* a model on a thread may take its time */
		assert_true(now_ms() < end);
		n = nic_rx(nic_rxq(p.b, 0), got, 64);
		nic_free(got, n);
		received += n;
		nic_tx_clean(nic_txq(p.a, 0));
		assert_int_equal(nic_get_stats(p.a, &a), 0);
		assert_int_equal(nic_get_stats(p.b, &b), 0);
	} while (n || received + b.rx_missed + host_counter(p.a, "model_wire_lost") < 3000);
	assert_int_equal(a.tx_packets, 3000);
	assert_int_equal(a.tx_bytes, 3000 * 1514);
	assert_int_equal(b.rx_packets, received);
	assert_int_equal(received + b.rx_missed + host_counter(p.a, "model_wire_lost"), 3000);
	pair_close(&p);
}

static void an_empty_pool_is_counted_and_recovers(void **state)
{
	struct nic_config cfg = { .rx_ring = 64, .tx_ring = 64, .buffers = 64 };
	struct nic_pkt held[256], got;
	unsigned n = 0;
	struct nic_stats s;
	struct pair p;
	uint64_t end = now_ms() + 10000;

	(void)state;
	pair_open(&p, &cfg);
	for (unsigned i = 0; i < 64; i++)
		send_frame(&p, p.a, 0, 60, i);
	do { /* a model on a thread may take its time */
		assert_true(now_ms() < end);
		n += nic_rx(nic_rxq(p.b, 0), held + n, 256 - n);
		assert_int_equal(nic_get_stats(p.b, &s), 0);
	} while (!s.rx_no_buffer);
	assert_true(n <= 64);
	nic_free(held, n);
	for (; n < 64; n++) { /* those that waited outside */
		receive(p.b, &got, 1);
		nic_free(&got, 1);
	}
	send_frame(&p, p.a, 0, 77, 1234);
	receive(p.b, &got, 1);
	frame_check(got.data, 77, 1234);
	nic_free(&got, 1);
	pair_close(&p);
}

static void frames_that_no_nic_can_send_are_refused_and_freed(void **state)
{
	static const uint16_t bad[] = { 0, 1, 16, 1519, 2048, 65535 };
	struct nic_stats s;
	struct nic_pkt pkt;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(nic_alloc(p.pool, &pkt, 1), 1);
		pkt.len = bad[i];
		assert_int_equal(nic_tx(nic_txq(p.a, 0), &pkt, 1), 1);
	}
	assert_int_equal(nic_alloc(p.pool, &pkt, 1), 1);
	pkt.len = 100;
	pkt.flags = NIC_MORE; /* and nothing follows */
	assert_int_equal(nic_tx(nic_txq(p.a, 0), &pkt, 1), 1);
	nothing_came(&p);
	assert_int_equal(nic_get_stats(p.a, &s), 0);
	assert_int_equal(s.tx_bad, 7);
	assert_int_equal(s.tx_packets, 1); /* nothing_came's own */
	pair_close(&p);
}

static void two_queues_send_and_receive(void **state)
{
	struct nic_config cfg = { .rx_queues = 2, .tx_queues = 2 };
	struct nic_pkt got[64];
	struct nic_info info;
	unsigned n = 0;
	struct pair p;
	uint64_t end = now_ms() + 10000;

	(void)state;
	chip_info(&info);
	too_many_queues_are_refused(&info);
	if (info.max_queues < 2)
		return;
	pair_open(&p, &cfg);
	for (unsigned i = 0; i < 40; i++)
		send_frame(&p, p.a, i % 2, 60 + i, i);
	while (n < 40) {
		n += nic_rx(nic_rxq(p.b, 0), got + n, 64 - n);
		n += nic_rx(nic_rxq(p.b, 1), got + n, 64 - n);
		assert_true(now_ms() < end);
	}
	assert_int_equal(n, 40);
	nic_free(got, n);
	assert_null(nic_rxq(p.b, 2));
	assert_null(nic_txq(p.b, 2));
	pair_close(&p);
}

static void reopening_leaks_nothing(void **state)
{
	unsigned rounds = strcmp(host_mode(), "sync") ? 30 : 1000;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	host_close(p.b);
	for (unsigned i = 0; i < rounds; i++) {
		p.b = open_one(&p, "loop", MAC_B);
		host_close(p.b);
	}
	p.b = NULL;
	pair_close(&p);
}

static void closing_under_traffic_is_clean(void **state)
{
	struct pair p;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		pair_open(&p, NULL);
		for (unsigned k = 0; k < 300; k++)
			send_frame(&p, p.a, 0, 1000, k);
		pair_close(&p);
	}
}

static void the_link_follows_the_cable(void **state)
{
	uint64_t end = now_ms() + 5000;
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	host_close(p.b);
	p.b = NULL;
	while (nic_link(p.a) != 0) {
		nic_tx_clean(nic_txq(p.a, 0));
		assert_true(now_ms() < end);
	}
	pair_close(&p);
}

static void bad_configurations_are_refused(void **state)
{
	static const struct nic_config bad[] = {
		{ .rx_ring = 100 },  { .tx_ring = 32 }, { .rx_ring = 8192 },
		{ .rx_queues = 65 }, { .mtu = 67 },     { .mtu = 20000 },
	};
	struct nic_mem_config odd_page = { .page_size = 8192 };
	struct nic *nic = (struct nic *)&bad;
	struct nic_pool *pool;
	struct nic_mem *mem;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, &odd_page), -22);
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(nic_open(&nic, mem, chip_uri("?wire=loop"), &bad[i]), -22);
	assert_ptr_equal(nic, (struct nic *)&bad); /* out-arguments are untouched on failure */
	assert_int_equal(nic_open(&nic, mem, "modl:82599", NULL), -2);
	assert_int_equal(nic_open(&nic, mem, "model:12345", NULL), -2);
	assert_int_equal(nic_open(&nic, mem, chip_uri("?wire=bogus:x"), NULL), -22);
	assert_int_equal(nic_open(&nic, mem, chip_uri("?colour=blue"), NULL), -22);
	assert_int_equal(nic_open(&nic, mem, chip_uri("?mac=01:00:00:00:00:00"), NULL), -22);
	assert_int_equal(nic_open(&nic, mem, chip_uri("?id=1234"), NULL), -22);
	assert_int_equal(nic_open(&nic, NULL, chip_uri(""), NULL), -22);
	assert_int_equal(nic_pool_new(&pool, mem, 10, 1000), -22);
	assert_int_equal(nic_pool_new(&pool, mem, 0, 2048), -22);
	nic_mem_del(mem);
}

static void every_id_comes_up(void **state)
{
	struct nic_mem *mem;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	for (unsigned i = 0; chip()->ids[i]; i++) {
		struct nic *nic;
		char rest[80];

		snprintf(rest, sizeof(rest), "?wire=loop&id=%s", chip()->ids[i]);
		assert_int_equal(host_open(&nic, mem, chip_uri(rest), NULL), 0);
		assert_int_equal((unsigned)nic_link(nic), chip()->mbps);
		assert_int_equal(host_violations(nic), 0);
		host_close(nic);
	}
	nic_mem_del(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_and_mac_are_reported),
		cmocka_unit_test(every_frame_size_arrives_intact_and_in_order),
		cmocka_unit_test(short_frames_are_padded_to_60_bytes),
		cmocka_unit_test(bursts_of_every_size_wrap_from_every_ring_index),
		cmocka_unit_test(rx_returns_fewer_than_asked_for),
		cmocka_unit_test(what_the_receiver_cannot_take_is_counted),
		cmocka_unit_test(an_empty_pool_is_counted_and_recovers),
		cmocka_unit_test(frames_that_no_nic_can_send_are_refused_and_freed),
		cmocka_unit_test(two_queues_send_and_receive),
		cmocka_unit_test(reopening_leaks_nothing),
		cmocka_unit_test(closing_under_traffic_is_clean),
		cmocka_unit_test(the_link_follows_the_cable),
		cmocka_unit_test(bad_configurations_are_refused),
		cmocka_unit_test(every_id_comes_up),
	};

	return host_run(tests, sizeof(tests) / sizeof(tests[0]));
}
