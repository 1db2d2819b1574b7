/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82599 model: receive rings, packet buffer, drops, RSS, queue statistics, long frames.
 */
#include "../model_82599.h"
#include "../rss_vectors.h"

struct fixture {
	struct harness h; /* must be first */
	struct rxring r;
};

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	open_82599(&x->h);
	*state = x;
	return 0;
}
static int teardown(void **state)
{
	struct fixture *x = *state;

	harness_close(&x->h);
	free(x);
	return 0;
}

static void a_ring_wraps_from_every_index(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[64];

	rx_start(h, &x->r, 0, 8, 1, ADVANCED, 7);
	receiver(h, 1);
	for (uint32_t i = 0; i < 100; i++) {
		struct received got;

		plain(f, 64, i);
		got = rx_one(h, &x->r, f, 64);
		assert_memory_equal(got.data, f, 64);
		assert_int_equal(rd(h, RDH), (i + 1) % 8);
		rx_post(h, &x->r, i);
		rx_tail(h, &x->r, i + 8);
	}
	no_rule_broken(h);
}

static void queues_above_63_work_the_same(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[64];

	/* all hash values lead to queue 15 in RSS: reach queue 127 only by registers */
	rx_start(h, &x->r, 127, 64, 2, ADVANCED, 63);
	assert_int_equal(rd(h, 0xdfd8), 63); /* RDT[127] */
	assert_int_equal(rd(h, 0xdfe8) & field_mask(RXDCTL_ENABLE), field_mask(RXDCTL_ENABLE));
	receiver(h, 1);
	plain(f, 64, 1);
	assert_int_equal(from_wire(h, f, 64), MODEL_RX_DROPPED); /* queue 0 is off */
	assert_int_equal(named(h, "model_rx_queue_off"), 1);
	no_rule_broken(h);
}

static void without_descriptors_frames_wait_in_the_packet_buffer(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[1500];
	unsigned taken = 0;

	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 0);
	receiver(h, 1);
	for (unsigned i = 0; i < 400; i++) {
		plain(f, 1500, i);
		taken += h->class->wire_rx(h->m, f, 1500, 0, MODEL_FRAME_GOOD) == MODEL_RX_TAKEN;
	}
	assert_in_range(taken, 300, 349); /* 512 KiB */
	assert_int_equal(rd(h, RXMPC), 400 - taken);
	assert_int_equal(named(h, "model_rx_packet_buffer_full"), 400 - taken);
	assert_false(h->class->drained(h->m));
	for (unsigned i = 0; i < taken; i++) {
		struct received got;

		rx_tail(h, &x->r, i + 1);
		run_idle(h);
		plain(f, 1500, i);
		got = rx_result(h, &x->r, i);
		assert_int_equal(got.len, 1500);
		assert_memory_equal(got.data, f, 1500);
		rx_post(h, &x->r, i);
	}
	assert_true(h->class->drained(h->m));
	assert_int_equal(named(h, "model_delivered"), taken);
	no_rule_broken(h);
}

static void a_patient_wire_is_asked_to_wait(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[64];

	plain(f, 64, 1);
	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 2);
	/* before the receiver is on, too: the frame must not be lost */
	assert_int_equal(h->class->wire_rx(h->m, f, 64, 1, MODEL_FRAME_GOOD), MODEL_RX_WAIT);
	receiver(h, 1);
	assert_int_equal(h->class->wire_rx(h->m, f, 64, 1, MODEL_FRAME_GOOD), MODEL_RX_TAKEN);
	assert_int_equal(h->class->wire_rx(h->m, f, 64, 1, MODEL_FRAME_GOOD), MODEL_RX_TAKEN);
	assert_int_equal(h->class->wire_rx(h->m, f, 64, 1, MODEL_FRAME_GOOD), MODEL_RX_WAIT);
	rx_tail(h, &x->r, 3);
	assert_int_equal(h->class->wire_rx(h->m, f, 64, 1, MODEL_FRAME_GOOD), MODEL_RX_TAKEN);
	assert_int_equal(rd(h, TPR), 3);
	assert_int_equal(named(h, "model_wire_in"), 3);
	no_rule_broken(h);
}

static void drop_en_drops_at_once_and_counts_by_queue(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[64];

	wr(h, RQSMR, 5); /* queue 0 counts in counter 5 */
	rx_start(h, &x->r, 0, 64, 2, ADVANCED | field_mask(SRRCTL_DROP_EN), 1);
	receiver(h, 1);
	plain(f, 64, 1);
	assert_int_equal(from_wire(h, f, 64), MODEL_RX_TAKEN);
	assert_int_equal(from_wire(h, f, 64), MODEL_RX_DROPPED);
	assert_int_equal(from_wire(h, f, 64), MODEL_RX_DROPPED);
	assert_int_equal(named(h, "model_rx_no_descriptor"), 2);
	assert_int_equal(rd(h, QPRDC + 5 * 0x40), 2);
	assert_int_equal(rd(h, QPRC + 5 * 0x40), 1);
	assert_int_equal(rd(h, QBRC_L + 5 * 0x40), 64); /* posted: without CRC */
	assert_int_equal(rd(h, QPRC), 0);
	assert_int_equal(rd(h, GPRC), 3); /* good frames, whatever became of them */
}

/* DPDK's driver takes the CRC off QBRC only where it was not stripped. */
static void queue_bytes_are_those_posted_before_tags_are_stripped(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[68];

	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	plain(f, 64, 1);
	from_wire(h, f, 64);
	assert_int_equal(rd(h, QBRC_L), 64);
	assert_int_equal(rd(h, RXDGBCL), 64);
	assert_int_equal(rd(h, GORCL), 68);

	set_bits(h, RXDCTL, field_mask(RXDCTL_VME));
	memmove(f + 16, f + 12, 52);
	memcpy(f + 12, "\x81\x00\x00\x05", 4);
	from_wire(h, f, 68);
	assert_int_equal(rx_result(h, &x->r, 1).len, 64);
	assert_int_equal(rd(h, QBRC_L), 68);

	clear_bits(h, RDRXCTL, field_mask(RDRXCTL_CRCSTRIP));
	clear_bits(h, HLREG0, field_mask(HLREG0_RXCRCSTRP));
	from_wire(h, f, 68);
	assert_int_equal(rd(h, QBRC_L), 72);
	no_rule_broken(h);
}

static void a_long_frame_takes_several_buffers(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[9000];

	set_bits(h, HLREG0, field_mask(HLREG0_JUMBOEN));
	wr(h, MAXFRS, field_of(MAXFRS_MFS, 9004));
	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	plain(f, 9000, 1);
	assert_int_equal(from_wire(h, f, 9000), MODEL_RX_TAKEN);
	for (uint32_t i = 0; i < 5; i++) {
		struct received got = rx_result(h, &x->r, i);

		assert_int_equal(got.len, i < 4 ? 2048 : 808);
		assert_int_equal(field_get(got.status, RXD_STAT_EOP), i == 4);
		assert_memory_equal(got.data, f + 2048 * i, got.len);
	}
	assert_false(rx_done(h, &x->r, 5));
	assert_int_equal(from_wire(h, f, 9001), MODEL_RX_DROPPED);
	assert_int_equal(rd(h, ROC), 1);
	assert_int_equal(named(h, "model_rx_oversize"), 1);
	assert_int_equal(rd(h, PRC1522), 1);
	no_rule_broken(h);
}

static void a_long_frame_is_taken_whole_or_not_at_all(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[9000];

	set_bits(h, HLREG0, field_mask(HLREG0_JUMBOEN));
	wr(h, MAXFRS, field_of(MAXFRS_MFS, 9004));
	rx_start(h, &x->r, 0, 64, 2, ADVANCED | field_mask(SRRCTL_DROP_EN), 4);
	receiver(h, 1);
	plain(f, 9000, 1);
	assert_int_equal(from_wire(h, f, 9000), MODEL_RX_DROPPED); /* needs 5 */
	assert_false(rx_done(h, &x->r, 0));
	assert_int_equal(rd(h, RDH), 0);
}

static void without_jumbo_1518_bytes_and_a_tag_pass(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[1519], t[1523];

	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	plain(f, 1515, 1);
	rx_one(h, &x->r, f, 1514);
	assert_int_equal(from_wire(h, f, 1515), MODEL_RX_DROPPED);
	with_tag(t, f, 1514, 5);
	rx_one(h, &x->r, t, 1518);
	with_tag(t, f, 1515, 5);
	assert_int_equal(from_wire(h, t, 1519), MODEL_RX_DROPPED);
	assert_int_equal(rd(h, ROC), 2);
}

static void frames_are_counted_by_size_and_kind(void **state)
{
	static const uint32_t sizes[] = { 60, 61, 123, 124, 251, 252, 507, 508, 1019, 1020, 1514 };
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint32_t bytes = 0;
	uint8_t f[1514];

	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		plain(f, sizes[i], i);
		memcpy(f, "\xff\xff\xff\xff\xff\xff", i == 3 ? 6 : 0);
		rx_one(h, &x->r, f, sizes[i]);
		bytes += sizes[i] + 4;
	}
	assert_int_equal(rd(h, PRC64), 1);
	assert_int_equal(rd(h, PRC127), 2);
	assert_int_equal(rd(h, PRC255), 2);
	assert_int_equal(rd(h, PRC511), 2);
	assert_int_equal(rd(h, PRC1023), 2);
	assert_int_equal(rd(h, PRC1522), 2);
	assert_int_equal(rd(h, BPRC), 1);
	assert_int_equal(rd(h, MPRC), 0);
	assert_int_equal(rd(h, GPRC), 11);
	assert_int_equal(rd(h, GORCL), bytes);
	assert_int_equal(rd(h, GORCH), 0);
	assert_int_equal(rd(h, TPR), 11);
	assert_int_equal(rd(h, TORL), bytes);
}

static void byte_counters_have_36_bits(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint64_t total = 0;
	static uint8_t f[15000];

	set_bits(h, HLREG0, field_mask(HLREG0_JUMBOEN));
	wr(h, MAXFRS, field_of(MAXFRS_MFS, 16000));
	rx_start(h, &x->r, 0, 64, 16, ADVANCED, 63);
	receiver(h, 1);
	plain(f, 15000, 1);
	for (uint32_t i = 0; total < (1ull << 32) + 100000; i++) {
		h->class->wire_rx(h->m, f, 15000, 0, MODEL_FRAME_GOOD);
		total += 15004;
		rx_post(h, &x->r, i);
		rx_tail(h, &x->r, i + 64);
	}
	total -= rd(h, GORCL);
	assert_int_equal(total, (uint64_t)rd(h, GORCH) << 32);
	assert_int_equal(rd(h, GORCL) | rd(h, GORCH), 0);

	/* Nothing is lost that comes between the two reads; nor is it read twice. */
	h->class->wire_rx(h->m, f, 15000, 0, MODEL_FRAME_GOOD);
	assert_int_equal(rd(h, GORCL), 15004);
	h->class->wire_rx(h->m, f, 15000, 0, MODEL_FRAME_GOOD);
	assert_int_equal(rd(h, GORCH), 0);
	assert_int_equal(rd(h, GORCL), 15004);
	assert_int_equal(rd(h, GORCH), 0);
	assert_int_equal(rd(h, GORCL), 0);
	no_rule_broken(h);
}

/* ---- RSS: the vectors of Microsoft's specification ---- */

static void rss_on(struct harness *h, uint32_t types)
{
	for (uint32_t i = 0; i < 10; i++)
		wr(h, RSSRK + 4 * i,
		   (uint32_t)(key[4 * i] | key[4 * i + 1] << 8 | key[4 * i + 2] << 16) |
			   (uint32_t)key[4 * i + 3] << 24);
	for (uint32_t i = 0; i < 32; i++) /* entry n: queue n % 4 */
		wr(h, RETA + 4 * i, 0x03020100);
	wr(h, MRQC, field_of(MRQC_MRQE, MRQC_MRQE_RSS) | types);
}

#define ALL_TYPES                                                                   \
	(field_mask(MRQC_TCPIPV4) | field_mask(MRQC_IPV4) | field_mask(MRQC_IPV6) | \
	 field_mask(MRQC_TCPIPV6) | field_mask(MRQC_UDPIPV4) | field_mask(MRQC_UDPIPV6))

static void known_hashes_choose_the_queue_and_are_reported(void **state)
{
	static const uint32_t tcp_type[] = { 3, 1 }, udp_type[] = { 8, 7 }, ip_type[] = { 5, 2 };
	struct fixture *x = *state;
	struct harness *h = &x->h;
	struct rxring r[4];
	uint8_t f[200];

	rss_on(h, ALL_TYPES);
	for (uint32_t q = 0; q < 4; q++)
		rx_start(h, &r[q], q, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++)
		for (unsigned kind = 0; kind < 3; kind++) {
			uint32_t hash = kind == 2 ? vectors[i].hash : vectors[i].hash_ports;
			uint32_t len = vector_frame(f, i, kind == 1 ? UDP : TCP);
			struct received got;

			if (kind == 2) /* ICMP: addresses only */
				f[vectors[i].v4 ? 23 : 20] = vectors[i].v4 ? 1 : 58;
			got = rx_one(h, &r[hash & 3], f, len);
			assert_int_equal(got.hash, hash);
			assert_int_equal(got.type & 15, (kind == 0   ? tcp_type
							 : kind == 1 ? udp_type
								     : ip_type)[vectors[i].v4]);
		}
	no_rule_broken(h);
}

static void a_type_that_is_off_falls_back_to_addresses(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[200];
	struct received got;
	uint32_t len;

	rss_on(h, field_mask(MRQC_IPV4));
	wr(h, RETA, 0);
	for (uint32_t i = 1; i < 32; i++)
		wr(h, RETA + 4 * i, 0);
	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	len = vector_frame(f, 0, TCP);
	got = rx_one(h, &x->r, f, len);
	assert_int_equal(got.hash, vectors[0].hash);
	assert_int_equal(got.type & 15, 2);
	len = vector_frame(f, 2, TCP); /* IPv6: no hash at all, queue 0 */
	got = rx_one(h, &x->r, f, len);
	assert_int_equal(got.type & 15, 0);
	plain(f, 64, 1);
	got = rx_one(h, &x->r, f, 64);
	assert_int_equal(got.type & 15, 0);
}

static void fragments_are_hashed_by_address(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[200];
	struct received got;
	uint32_t len;

	rss_on(h, ALL_TYPES);
	for (uint32_t i = 0; i < 32; i++)
		wr(h, RETA + 4 * i, 0);
	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	len = vector_frame(f, 0, TCP);
	put16(f + 20, 0x2000);
	got = rx_one(h, &x->r, f, len);
	assert_int_equal(got.hash, vectors[0].hash);
}

/* ---- memory ---- */

static void a_buffer_outside_mapped_memory_stops_the_queue(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[64];

	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	rx_desc(h, &x->r, 0)->read.addr = to_le64(0xdead0000);
	plain(f, 64, 1);
	assert_int_equal(from_wire(h, f, 64), MODEL_RX_DROPPED);
	assert_int_equal(named(h, "model_rx_dma_failed"), 1);
	assert_true(rd(h, EICS) & field_mask(EICR_PCI_EXCEPTION));
	assert_false(rx_done(h, &x->r, 0));
	only_rule_broken(h, "dma-unmapped");
	assert_int_equal(from_wire(h, f, 64), MODEL_RX_DROPPED); /* and no storm of reports */
	no_rule_broken(h);
}

static void hosts_without_pointers_are_served_by_copies(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[64];
	struct received got;

	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	h->no_pointers = 1;
	h->class->dma_changed(h->m);
	plain(f, 64, 1);
	got = rx_one(h, &x->r, f, 64);
	assert_int_equal(got.len, 64);
	assert_memory_equal(got.data, f, 64);
	no_rule_broken(h);
}

static void mappings_may_be_small(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	struct received got;
	uint8_t f[1500];

	h->piece = 1024; /* frames cross pieces */
	rx_start(h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	plain(f, 1500, 1);
	got = rx_one(h, &x->r, f, 1500);
	assert_memory_equal(got.data, f, 1500);
	no_rule_broken(h);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_ring_wraps_from_every_index),
		T(queues_above_63_work_the_same),
		T(without_descriptors_frames_wait_in_the_packet_buffer),
		T(a_patient_wire_is_asked_to_wait),
		T(drop_en_drops_at_once_and_counts_by_queue),
		T(queue_bytes_are_those_posted_before_tags_are_stripped),
		T(a_long_frame_takes_several_buffers),
		T(a_long_frame_is_taken_whole_or_not_at_all),
		T(without_jumbo_1518_bytes_and_a_tag_pass),
		T(frames_are_counted_by_size_and_kind),
		T(byte_counters_have_36_bits),
		T(known_hashes_choose_the_queue_and_are_reported),
		T(a_type_that_is_off_falls_back_to_addresses),
		T(fragments_are_hashed_by_address),
		T(a_buffer_outside_mapped_memory_stops_the_queue),
		T(hosts_without_pointers_are_served_by_copies),
		T(mappings_may_be_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
