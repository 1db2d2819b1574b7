/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: the in-place path, and pools between threads.
 */
#include <pthread.h>

#include "nicety/inline.h"
#include "pair.h"

/* The same tests with nic_path_rx and nic_path_tx (0), and with nic_path_run (1). */
static int inlined;

struct round {
	int out;
	unsigned good;
};

static inline void count_and_send(void *arg, struct nic_slot *slot)
{
	struct round *round = arg;

	round->good++;
	if (round->out < 0)
		slot->len = 0;
	else
		slot->out = (uint16_t)round->out;
}

/* One round: what the path received is sent to output @out, or dropped (-1). Return: good frames.
 */
static unsigned path_round(struct nic_path *path, int out)
{
	struct round round = { out, 0 };
	struct nic_slot slots[32];
	unsigned n, good = 0;

	if (inlined) {
		nic_path_run(path, 32, count_and_send, &round);
		return round.good;
	}
	n = nic_path_rx(path, slots, 32);
	for (unsigned i = 0; i < n; i++) {
		good += slots[i].len != 0;
		if (out < 0)
			slots[i].len = 0;
		else
			slots[i].out = (uint16_t)out;
	}
	nic_path_tx(path, slots, n);
	return good;
}

static void run_path(struct nic_path *path, int out, unsigned n)
{
	uint64_t end = now_ms() + 10000;

	while (n) {
		unsigned k = path_round(path, out);

		assert_true(k <= n && now_ms() < end);
		n -= k;
	}
}

/* Receive on @nic while the path runs: it may still have to give slots back. */
static void expect(struct nic_path *path, struct nic *nic, unsigned len, unsigned seed)
{
	uint64_t end = now_ms() + 10000;
	struct nic_pkt got;

	while (nic_rx(nic_rxq(nic, 0), &got, 1) == 0) {
		assert_int_equal(path_round(path, -1), 0);
		assert_true(now_ms() < end);
	}
	assert_int_equal(got.len, len);
	frame_check(got.data, len, seed);
	nic_free(&got, 1);
}

static void echo_sends_every_frame_back_from_its_own_buffer(void **state)
{
	struct nic_config cfg = { .rx_ring = 64, .tx_ring = 64, .promisc = 1 };
	struct nic_path *path, *second;
	struct nic_pkt pkt;
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	assert_int_equal(nic_path_new(&path, p.b, &p.b, 1, 0), 0);
	assert_int_equal(nic_path_new(&second, p.b, &p.b, 1, 0), -16);
	assert_int_equal(nic_rx(nic_rxq(p.b, 0), &pkt, 1), 0); /* the queue is the path's now */
	for (unsigned len = 60; len <= 1514; len++) {
		send_frame(&p, p.a, 0, len, len);
		run_path(path, 0, 1);
		expect(path, p.a, len, len);
	}
	nic_path_del(path);
	send_frame(&p, p.a, 0, 60, 3); /* and back again */
	receive(p.b, &pkt, 1);
	frame_check(pkt.data, 60, 3);
	nic_free(&pkt, 1);
	pair_close(&p);
}

static void a_path_keeps_up_with_bursts_and_drops(void **state)
{
	struct nic_config cfg = { .rx_ring = 64, .tx_ring = 64, .promisc = 1 };
	struct nic_path *path;
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	assert_int_equal(nic_path_new(&path, p.b, &p.b, 1, 0), 0);
	for (unsigned round = 0; round < 200; round++) {
		unsigned n = 1 + round % 40;
		int out = round % 3 ? 0 : -1;

		for (unsigned i = 0; i < n; i++)
			send_frame(&p, p.a, 0, 60 + i, round + i);
		run_path(path, out, n);
		for (unsigned i = 0; i < n && !out; i++)
			expect(path, p.a, 60 + i, round + i);
	}
	silence(p.a);
	nic_path_del(path);
	pair_close(&p);
}

static void a_path_has_several_outputs(void **state)
{
	struct nic_config cfg = { .rx_ring = 64, .tx_ring = 64, .promisc = 1 };
	struct nic *c, *far, *outs[2];
	struct nic_path *path;
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	c = open_one(&p, "link:third", "02:00:00:00:00:0c");
	far = open_one(&p, "link:third", "02:00:00:00:00:0d");
	while (nic_link(c) <= 0 || nic_link(far) <= 0) {
		nic_tx_clean(nic_txq(c, 0));
		nic_tx_clean(nic_txq(far, 0));
	}
	outs[0] = p.b;
	outs[1] = c;
	assert_int_equal(nic_path_new(&path, p.b, outs, 2, 0), 0);
	for (unsigned i = 0; i < 500; i++) {
		send_frame(&p, p.a, 0, 60 + i, i);
		run_path(path, (int)(i % 2), 1);
		expect(path, i % 2 ? far : p.a, 60 + i, i);
	}
	nic_path_del(path);
	assert_int_equal(host_violations(c) + host_violations(far), 0);
	host_close(far);
	host_close(c);
	pair_close(&p);
}

static void jumbo_frames_stay_in_one_slot(void **state)
{
	struct nic_config cfg = { .mtu = 9000, .promisc = 1 };
	struct nic_path *path;
	struct nic_pkt out[5], in[5];
	struct pair p;

	(void)state;
	pair_open(&p, &cfg);
	assert_int_equal(nic_path_new(&path, p.b, &p.b, 1, 0), 0);
	assert_int_equal(nic_alloc(p.pool, out, 5), 5);
	for (unsigned k = 0; k < 5; k++) {
		out[k].len = (uint16_t)(k < 4 ? 2000 : 1014);
		out[k].flags = k < 4 ? NIC_MORE : 0;
		frame_fill(out[k].data, out[k].len, k);
	}
	assert_int_equal(nic_tx(nic_txq(p.a, 0), out, 5), 5);
	run_path(path, 0, 1);
	receive(p.a, in, 5);
	assert_int_equal(in[0].len + in[1].len + in[2].len + in[3].len + in[4].len, 9014);
	nic_free(in, 5);
	nic_path_del(path);
	pair_close(&p);
}

/* The generator is patient: it keeps its frames while the receiver is off, and none may be lost. */
static void a_path_that_takes_over_loses_no_frame(void **state)
{
	struct nic_config cfg = { .promisc = 1, .link_wait_ms = -1 };
	unsigned got = 0, before = 0;
	struct nic_path *path;
	struct nic_pkt pkts[32];
	struct nic_mem *mem;
	struct nic *nic;
	uint64_t end = now_ms() + 20000;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	assert_int_equal(host_open(&nic, mem, chip_uri("?wire=gen:count=3000,size=64"), &cfg), 0);
	for (unsigned i = 0; i < 10; i++) {
		unsigned n = nic_rx(nic_rxq(nic, 0), pkts, 32);

		nic_free(pkts, n);
		got += n;
	}
	/* What lies in the ring when the path takes over is the one thing that goes with it. */
	assert_int_equal(nic_path_new(&path, nic, &nic, 1, 0), 0);
	before = (unsigned)host_counter(nic, "model_delivered");
	while (now_ms() < end) {
		/* asked first: what came before is seen below */
		int ended = host_counter(nic, "model_delivered") == 3000;
		unsigned n = path_round(path, -1);

		got += n;
		if (ended && !n)
			break;
	}
	assert_int_equal(host_counter(nic, "model_delivered"), 3000);
	assert_int_equal(
		host_counter(nic, "model_rx_queue_off") + host_counter(nic, "model_rx_off"), 0);
	assert_in_range(got, 3000 - before, 3000);
	assert_int_equal(host_violations(nic), 0);
	nic_path_del(path);
	host_close(nic);
	nic_mem_del(mem);
}

static void paths_that_cannot_be_are_refused(void **state)
{
	struct nic_config other = { .rx_ring = 128 };
	struct nic_path *path;
	struct nic *c, *outs[9];
	struct pair p;

	(void)state;
	pair_open(&p, NULL);
	assert_int_equal(nic_path_new(&path, p.a, &p.b, 0, 0), -22);
	assert_int_equal(nic_path_new(&path, p.a, &p.b, 1, 1), -22);
	p.cfg.rx_ring = other.rx_ring;
	c = open_one(&p, "loop", "02:00:00:00:00:0c");
	assert_int_equal(nic_path_new(&path, c, &p.b, 1, 0), -22);
	host_close(c);
	outs[0] = outs[1] = p.b; /* one device twice */
	assert_int_equal(nic_path_new(&path, p.a, outs, 2, 0), -22);
	p.cfg.rx_ring = 0;
	for (int i = 0; i < 9; i++)
		outs[i] = open_one(&p, "loop", "02:00:00:00:00:0c");
	assert_int_equal(nic_path_new(&path, p.a, outs, 9, 0), -22);
	for (int i = 0; i < 9; i++)
		host_close(outs[i]);
	pair_close(&p);
}

/* ---- pools ---- */

struct returner {
	pthread_t thread;
	struct nic_pool *pool;
	struct nic_pkt *pkts;
	unsigned n;
};

static void *return_all(void *arg)
{
	struct returner *r = arg;

	for (unsigned i = 0; i < r->n;) {
		unsigned k = 1 + i % 7;

		k = k < r->n - i ? k : r->n - i;
		nic_free(r->pkts + i, k);
		i += k;
	}
	return NULL;
}

static void other_threads_give_buffers_back(void **state)
{
	enum { THREADS = 4, EACH = 1000 };
	static struct nic_pkt pkts[THREADS * EACH];
	struct returner r[THREADS];
	struct nic_pool *pool;
	struct nic_mem *mem;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	assert_int_equal(nic_pool_new(&pool, mem, THREADS * EACH, 2048), 0);
	for (int round = 0; round < 10; round++) {
		struct nic_pkt none;

		assert_int_equal(nic_alloc(pool, pkts, THREADS * EACH), THREADS * EACH);
		assert_int_equal(nic_alloc(pool, &none, 1), 0);
		for (int i = 0; i < THREADS; i++) {
			r[i] = (struct returner) { .pkts = pkts + i * EACH, .n = EACH };
			assert_int_equal(pthread_create(&r[i].thread, NULL, return_all, &r[i]), 0);
		}
		for (int i = 0; i < THREADS; i++)
			pthread_join(r[i].thread, NULL);
		assert_int_equal(nic_pool_free(pool), THREADS * EACH);
	}
	assert_int_equal(nic_pool_del(pool), 0);
	nic_mem_del(mem);
}

static void pools_grow_and_really_shrink(void **state)
{
	struct nic_mem_config cfg = { .page_size = 4096, .limit = 16 << 20 };
	struct nic_pool *pool;
	struct nic_mem *mem;
	struct nic_pkt held;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, &cfg), 0);
	assert_int_equal(nic_mem_page(mem), 4096);
	assert_int_equal(nic_pool_new(&pool, mem, 100, 2048), 0);
	assert_int_equal(nic_pool_resize(pool, 4000), 4000);
	assert_int_equal(nic_pool_resize(pool, 1 << 20), -12); /* the limit */
	assert_true(nic_pool_count(pool) >= 4000);
	assert_int_equal(nic_alloc(pool, &held, 1), 1);
	assert_int_equal(nic_pool_del(pool), -16);              /* one is out */
	assert_in_range(nic_pool_resize(pool, 100), 100, 1022); /* whole regions, one in use */
	nic_free(&held, 1);
	assert_int_equal(nic_pool_free(pool), nic_pool_count(pool));
	/* What was given back can be had again, under the same limit. */
	assert_int_equal(nic_pool_resize(pool, 4000), 4000);
	assert_int_equal(nic_pool_del(pool), 0);
	nic_mem_del(mem);
}

static void buffers_are_apart_and_aligned(void **state)
{
	static const size_t sizes[] = { 1024, 2048, 4096, 8192, 16384 };
	struct nic_mem *mem;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	for (unsigned s = 0; s < 5; s++) {
		static struct nic_pkt pkts[200];
		struct nic_pool *pool;

		assert_int_equal(nic_pool_new(&pool, mem, 200, sizes[s]), 0);
		assert_int_equal(nic_alloc(pool, pkts, 200), 200);
		for (unsigned i = 0; i < 200; i++) {
			assert_int_equal(pkts[i].len, sizes[s]);
			assert_int_equal((uintptr_t)pkts[i].data % 64, 0);
			memset(pkts[i].data, (int)i, sizes[s]);
		}
		for (unsigned i = 0; i < 200; i++)
			for (unsigned k = 0; k < sizes[s]; k += 97)
				assert_int_equal(((uint8_t *)pkts[i].data)[k], i);
		nic_free(pkts, 200);
		assert_int_equal(nic_pool_del(pool), 0);
	}
	nic_mem_del(mem);
}

static int in_halves(void **state)
{
	(void)state;
	inlined = 0;
	return 0;
}
static int as_one(void **state)
{
	(void)state;
	inlined = 1;
	return 0;
}

#define IN_BOTH_FORMS(test)                                 \
	cmocka_unit_test_setup(test, in_halves),            \
	{                                                   \
#test ", inlined", test, as_one, NULL, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_BOTH_FORMS(echo_sends_every_frame_back_from_its_own_buffer),
		IN_BOTH_FORMS(a_path_keeps_up_with_bursts_and_drops),
		IN_BOTH_FORMS(a_path_has_several_outputs),
		IN_BOTH_FORMS(jumbo_frames_stay_in_one_slot),
		IN_BOTH_FORMS(a_path_that_takes_over_loses_no_frame),
		cmocka_unit_test(paths_that_cannot_be_are_refused),
		cmocka_unit_test(other_threads_give_buffers_back),
		cmocka_unit_test(pools_grow_and_really_shrink),
		cmocka_unit_test(buffers_are_apart_and_aligned),
	};

	return host_run(tests, sizeof(tests) / sizeof(tests[0]));
}
