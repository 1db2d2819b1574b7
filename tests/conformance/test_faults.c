/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Devices that fail on purpose (nicety-uri(7), FAULTS): the driver survives each fault, says what
 * it can know, breaks no rule, and works again after it was closed and opened.
 */
#include "pair.h"

#include <errno.h>

#define PATIENCE_MS 30000
/* A fault that begins when the device has been open for some time. A synchronous model's time
 * passes only while it is called. */
#define LATER       (host_is("sync") ? "@100ms" : "@2s")

struct faulty {
	struct pair p;
	char uri[160];
};

/* Device a with @fault and @when, b without. */
static void quiet(void *arg, enum nic_log_level level, const char *line)
{
	(void)arg, (void)level, (void)line;
}

static void open_faulty(struct faulty *f, const char *fault, const char *when,
			const struct nic_config *cfg)
{
	static int serial;
	char wire[32];

	memset(f, 0, sizeof(*f));
	if (cfg)
		f->p.cfg = *cfg;
	f->p.cfg.link_wait_ms = -1;
	assert_int_equal(nic_mem_new(&f->p.mem, NULL), 0);
	assert_int_equal(nic_pool_new(&f->p.pool, f->p.mem, 4096, 2048), 0);
	snprintf(wire, sizeof(wire), "link:fault%d", serial++);
	snprintf(f->uri, sizeof(f->uri), "model:82599?wire=%s&mac=%s&fault=%s%s", wire, MAC_A,
		 fault, when);
	assert_int_equal(host_open(&f->p.a, f->p.mem, f->uri, &f->p.cfg), 0);
	f->p.b = open_one(&f->p, wire, MAC_B);
	assert_int_equal(nic_set_promisc(f->p.a, 1), 0); /* all test frames are addressed to b */
}

static void turn(struct faulty *f)
{
	for (unsigned q = 0; q < (f->p.cfg.tx_queues ? f->p.cfg.tx_queues : 1); q++)
		nic_tx_clean(nic_txq(f->p.a, q));
	nic_tx_clean(nic_txq(f->p.b, 0));
}

static void wait_link(struct faulty *f, int up)
{
	uint64_t end = now_ms() + PATIENCE_MS;

	while ((nic_link(f->p.a) > 0) != up) {
		assert_true(now_ms() < end);
		turn(f);
	}
}

static void both_up(struct faulty *f)
{
	wait_link(f, 1);
	while (nic_link(f->p.b) <= 0)
		turn(f);
}

static void one_frame(struct faulty *f, struct nic *from, struct nic *to, unsigned seed)
{
	uint64_t end = now_ms() + PATIENCE_MS;
	struct nic_pkt pkt;

	send_frame(&f->p, from, 0, 200, seed);
	for (;;) {
		assert_true(now_ms() < end);
		turn(f);
		if (nic_rx(nic_rxq(to, 0), &pkt, 1) != 1)
			continue;
		if (pkt.len == 200)
			break;
		nic_free(&pkt, 1); /* fill() sent it */
	}
	frame_check(pkt.data, 200, seed);
	nic_free(&pkt, 1);
}

static void reopen(struct faulty *f)
{
	assert_int_equal(host_violations(f->p.a), 0);
	host_close(f->p.a);
	f->p.a = NULL;
	assert_int_equal(host_open(&f->p.a, f->p.mem, f->uri, &f->p.cfg), 0);
	both_up(f);
}

/* Send from @q until nothing moves any more for some time. Return: frames that were taken. */
static unsigned fill(struct faulty *f, unsigned q)
{
	unsigned sent = 0, idle = 0;
	struct nic_pkt pkt;

	while (idle < 500) {
		if (nic_alloc(f->p.pool, &pkt, 1) == 1) {
			pkt.len = 64;
			frame_fill(pkt.data, 64, sent);
			if (nic_tx(nic_txq(f->p.a, q), &pkt, 1) == 1) {
				sent++;
				idle = 0;
			} else {
				nic_free(&pkt, 1);
				idle++;
			}
		} else {
			idle++;
		}
		turn(f);
		while (nic_rx(nic_rxq(f->p.b, 0), &pkt, 1) == 1)
			nic_free(&pkt, 1);
		assert_true(sent < 1000000);
	}
	return sent;
}

/* Send until the fault has struck. */
static void fill_until(struct faulty *f, const char *counter)
{
	uint64_t end = now_ms() + PATIENCE_MS;

	while (!host_counter(f->p.a, counter)) {
		assert_true(now_ms() < end);
		fill(f, 0);
	}
	fill(f, 0);
}

static void close_faulty(struct faulty *f)
{
	pair_close(&f->p);
}

static void a_flapping_link_loses_nothing(void **state)
{
	struct faulty f;

	(void)state;
	open_faulty(&f, "link-flap:20ms", "", NULL);
	both_up(&f);
	for (unsigned i = 0; i < 3; i++) {
		one_frame(&f, f.p.a, f.p.b, i);
		wait_link(&f, 0);
		one_frame(&f, f.p.a, f.p.b, i + 100); /* waits in the ring until it is up again */
		one_frame(&f, f.p.b, f.p.a, i + 200);
	}
	assert_true(host_counter(f.p.a, "fault_link_flaps") >= 3);
	close_faulty(&f);
}

static void a_dma_error_stops_a_queue_until_it_is_opened_again(void **state)
{
	struct faulty f;

	(void)state;
	open_faulty(&f, "dma-error:1", LATER, NULL);
	both_up(&f);
	fill_until(&f, "fault_dma_errors");
	assert_true(nic_link(f.p.a) > 0); /* the rest of the device lives */
	reopen(&f);
	one_frame(&f, f.p.a, f.p.b, 7);
	close_faulty(&f);
}

static void single_dma_errors_harm_no_memory(void **state)
{
	struct faulty f;

	(void)state;
	open_faulty(&f, "dma-error:997", "", NULL);
	both_up(&f);
	for (int i = 0; i < 5; i++) {
		fill_until(&f, "fault_dma_errors");
		reopen(&f);
	}
	close_faulty(&f);
}

static void a_stuck_queue_does_not_stop_the_other(void **state)
{
	const struct nic_config cfg = { .tx_queues = 2 };
	struct faulty f;
	unsigned n;

	(void)state;
	open_faulty(&f, "stuck-queue:tx1", "", &cfg);
	both_up(&f);
	n = fill(&f, 1);
	assert_in_range(n, 1, 4096); /* the ring is full, and says so */
	assert_true(nic_tx_clean(nic_txq(f.p.a, 1)) > 0);
	assert_true(host_counter(f.p.a, "fault_lost_doorbells") > 0);
	one_frame(&f, f.p.a, f.p.b, 1);
	close_faulty(&f);
}

static void a_stuck_queue_is_reset_by_opening_again(void **state)
{
	struct faulty f;

	(void)state;
	open_faulty(&f, "stuck-queue:tx0", LATER, NULL);
	both_up(&f);
	fill_until(&f, "fault_lost_doorbells");
	reopen(&f);
	one_frame(&f, f.p.a, f.p.b, 7);
	close_faulty(&f);
}

static void a_removed_device_is_no_device(void **state)
{
	uint64_t end = now_ms() + PATIENCE_MS;
	struct nic_stats stats;
	struct faulty f;
	struct nic_pkt pkt;

	(void)state;
	nic_log_set(quiet, NULL, NIC_LOG_ERROR); /* the client says that its peer went away */
	open_faulty(&f, "remove", LATER, NULL);
	both_up(&f);
	while (nic_link(f.p.a) != -ENODEV) {
		assert_true(now_ms() < end);
		turn(&f);
	}
	assert_int_equal(nic_get_stats(f.p.a, &stats), -ENODEV);
	assert_in_range(fill(&f, 0), 0, 4096);
	assert_int_equal(nic_rx(nic_rxq(f.p.a, 0), &pkt, 1), 0);
	if (served_by(
		    f.p.a)) /* a model in this process is asked through the device, which is gone */
		assert_int_equal(host_counter(f.p.a, "fault_removals"), 1);
	reopen(&f); /* a new one was plugged in */
	one_frame(&f, f.p.a, f.p.b, 7);
	nic_log_set(NULL, NULL, NIC_LOG_WARN);
	close_faulty(&f);
}

static void a_device_that_is_removed_at_once_cannot_be_opened(void **state)
{
	struct nic_mem *mem;
	struct nic *nic = NULL;

	(void)state;
	nic_log_set(quiet, NULL, NIC_LOG_ERROR);
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	assert_int_equal(host_open(&nic, mem, "model:82599?wire=loop&fault=remove@0", NULL),
			 -ENODEV);
	nic_mem_del(mem);
	nic_log_set(NULL, NULL, NIC_LOG_WARN);
}

static void an_interrupt_storm_is_survived(void **state)
{
	const struct nic_config cfg = { .interrupts = 1 };
	struct faulty f;
	struct nic_pkt pkt;

	(void)state;
	open_faulty(&f, "irq-storm:50k", "", &cfg);
	both_up(&f);
	for (unsigned i = 0; i < 200; i++) {
		uint64_t end = now_ms() + PATIENCE_MS;

		send_frame(&f.p, f.p.b, 0, 100, i);
		while (nic_rx(nic_rxq(f.p.a, 0), &pkt, 1) != 1) {
			assert_true(now_ms() < end);
			nic_tx_clean(nic_txq(f.p.b, 0));
			assert_in_range(nic_rx_wait(f.p.a, 0, 1), 0, 1);
		}
		frame_check(pkt.data, 100, i);
		nic_free(&pkt, 1);
	}
	assert_int_equal(nic_rx_wait(f.p.a, 0, 5), 0); /* nothing there: it says so */
	assert_true(host_counter(f.p.a, "fault_irq_storms") > 0);
	close_faulty(&f);
}

static void wrong_faults_are_refused(void **state)
{
	static const char *const wrong[] = {
		"flood",
		"link-flap:fast",
		"link-flap:0",
		"dma-error:0",
		"dma-error:-1",
		"stuck-queue:q1",
		"stuck-queue:tx",
		"stuck-queue:tx128",
		"remove:now",
		"remove@soon",
		"irq-storm:0",
		"remove,",
		"",
	};
	struct nic_mem *mem;
	struct nic *nic;
	char uri[128];

	(void)state;
	nic_log_set(quiet, NULL, NIC_LOG_ERROR);
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(uri, sizeof(uri), "model:82599?wire=loop&fault=%s", wrong[i]);
		assert_int_equal(nic_open(&nic, mem, uri, NULL), -EINVAL);
	}
	nic_mem_del(mem);
	nic_log_set(NULL, NULL, NIC_LOG_WARN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flapping_link_loses_nothing),
		cmocka_unit_test(a_dma_error_stops_a_queue_until_it_is_opened_again),
		cmocka_unit_test(single_dma_errors_harm_no_memory),
		cmocka_unit_test(a_stuck_queue_does_not_stop_the_other),
		cmocka_unit_test(a_stuck_queue_is_reset_by_opening_again),
		cmocka_unit_test(a_removed_device_is_no_device),
		cmocka_unit_test(a_device_that_is_removed_at_once_cannot_be_opened),
		cmocka_unit_test(an_interrupt_storm_is_survived),
		cmocka_unit_test(wrong_faults_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
