/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82599 model: sending. Descriptors, completion, offloads against sums computed here.
 */
#include "../model_82599.h"

struct fixture {
	struct harness h; /* must be first */
	struct txring t;
};

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	open_82599(&x->h);
	tx_start(&x->h, &x->t, 0, 64, 0);
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

static void was_sent(struct harness *h, unsigned i, const uint8_t *f, uint32_t len)
{
	assert_true(i < h->n_sent);
	assert_int_equal(h->sent[i].len, len);
	assert_memory_equal(h->sent[i].data, f, len);
}

#define LEGACY_WHOLE (TXD_LEGACY_EOP | TXD_LEGACY_IFCS | TXD_LEGACY_RS)

static void advanced_descriptors_send_and_report(void **state)
{
	struct fixture *x = *state;
	uint8_t f[1514];

	for (uint32_t len = 60; len <= 1514; len += 97) {
		x->h.n_sent = 0;
		plain(f, len, len);
		tx_one(&x->h, &x->t, f, len);
		was_sent(&x->h, 0, f, len);
		assert_int_equal(from_le32(tx_desc(&x->h, &x->t, x->t.tail - 1)->data.status) & 1,
				 1);
		assert_int_equal(rd(&x->h, TDH), x->t.tail % 64);
	}
	no_rule_broken(&x->h);
}

static void legacy_descriptors_send_and_report(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];

	plain(f, 100, 1);
	tx_put_legacy(&x->h, &x->t, f, 100, LEGACY_WHOLE);
	tx_put_legacy(&x->h, &x->t, f, 99, TXD_LEGACY_EOP | TXD_LEGACY_IFCS);
	tx_go(&x->h, &x->t);
	was_sent(&x->h, 0, f, 100);
	was_sent(&x->h, 1, f, 99);
	assert_true(from_le64(tx_desc(&x->h, &x->t, 0)->legacy.word) & TXD_LEGACY_DD);
	/* no RS, no report */
	assert_false(from_le64(tx_desc(&x->h, &x->t, 1)->legacy.word) & TXD_LEGACY_DD);
	no_rule_broken(&x->h);
}

static void short_frames_are_padded(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 20, 1);
	memset(f + 20, 0, 40);
	tx_one(&x->h, &x->t, f, 20);
	was_sent(&x->h, 0, f, 60);
	assert_int_equal(rd(&x->h, PTC64), 1);
	assert_int_equal(rd(&x->h, GOTCL), 64);
}

static void a_frame_in_parts_leaves_as_one(void **state)
{
	struct fixture *x = *state;
	const uint32_t parts[] = { 14, 1, 500, 985 };
	uint8_t f[1500];
	uint32_t at = 0;

	plain(f, 1500, 1);
	for (unsigned i = 0; i < 4; i++) {
		tx_put(&x->h, &x->t, f + at, parts[i], i < 3 ? TX_DATA : TX_WHOLE,
		       field_of(TXD_PAYLEN, 1500));
		at += parts[i];
		if (i == 2) { /* without its end it stays */
			tx_go(&x->h, &x->t);
			assert_int_equal(x->h.n_sent, 0);
			assert_int_equal(rd(&x->h, TDH), 0);
		}
	}
	tx_go(&x->h, &x->t);
	was_sent(&x->h, 0, f, 1500);
	assert_int_equal(rd(&x->h, TDH), 4);
	no_rule_broken(&x->h);
}

static void the_head_is_written_back_instead_of_descriptors(void **state)
{
	struct fixture *x = *state;
	struct txring t;
	uint8_t f[64];

	tx_start(&x->h, &t, 5, 64, 1);
	plain(f, 64, 1);
	for (uint32_t i = 1; i < 200; i++) {
		const le32 *head = (const le32 *)(void *)ram_at(&x->h, t.head);
		union intel_tx_desc was;

		tx_put(&x->h, &t, f, 64, TX_WHOLE, field_of(TXD_PAYLEN, 64));
		was = *tx_desc(&x->h, &t, t.tail - 1);
		tx_go(&x->h, &t);
		assert_int_equal(from_le32(*head), i % 64);
		assert_memory_equal(tx_desc(&x->h, &t, t.tail - 1), &was, 16);
	}
	no_rule_broken(&x->h);
}

static void a_busy_cable_delays_and_loses_nothing(void **state)
{
	struct fixture *x = *state;
	uint8_t f[10][64];

	for (unsigned i = 0; i < 10; i++) {
		plain(f[i], 64, i);
		tx_put(&x->h, &x->t, f[i], 64, TX_WHOLE, field_of(TXD_PAYLEN, 64));
	}
	x->h.busy = 3;
	wr(&x->h, TDT, 10);
	for (unsigned i = 0; i < 20; i++)
		x->h.class->run(x->h.m);
	assert_int_equal(x->h.n_sent, 10);
	for (unsigned i = 0; i < 10; i++)
		was_sent(&x->h, i, f[i], 64);
	assert_int_equal(rd(&x->h, GPTC), 10);
}

static void without_a_link_frames_stay_in_the_ring(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	x->h.class->wire_link(x->h.m, 0);
	run_for(&x->h, 10);
	plain(f, 64, 1);
	tx_one(&x->h, &x->t, f, 64);
	assert_int_equal(x->h.n_sent, 0);
	x->h.class->wire_link(x->h.m, 1);
	run_for(&x->h, 2000);
	assert_int_equal(x->h.n_sent, 1);
}

/* 82599 7.2.3.2.2: descriptors of length 0 transfer no data. The in-place path needs them. */
static void null_descriptors_send_nothing_and_move_the_head(void **state)
{
	struct fixture *x = *state;
	struct txring t;
	uint8_t f[64];

	tx_start(&x->h, &t, 1, 64, 1);
	plain(f, 64, 1);
	tx_put_legacy(&x->h, &t, NULL, 0, TXD_LEGACY_EOP | TXD_LEGACY_IFCS);
	tx_put_legacy(&x->h, &t, f, 64, TXD_LEGACY_EOP | TXD_LEGACY_IFCS);
	tx_put_legacy(&x->h, &t, NULL, 0, LEGACY_WHOLE);
	tx_go(&x->h, &t);
	assert_int_equal(x->h.n_sent, 1);
	assert_int_equal(from_le32(*(const le32 *)(void *)ram_at(&x->h, t.head)), 3);
	assert_int_equal(rd(&x->h, GPTC), 1);
	no_rule_broken(&x->h);
}

/* The in-place path: RX and TX ring are the same memory, the frame is sent from where it lies. */
static void one_ring_can_serve_both_directions(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	struct txring t;
	struct rxring r;
	uint8_t f[80];

	rx_start(h, &r, 0, 64, 2, LEGACY, 63);
	memset(&t, 0, sizeof(t));
	tx_prepare(h, &t, 1, 64, 1);
	wr(h, ixgbe_txq(TDBAL, 1), (uint32_t)r.ring);
	wr(h, ixgbe_txq(TXDCTL, 1), 32 | 1 << 8 | field_mask(TXDCTL_ENABLE));
	receiver(h, 1);
	for (uint32_t i = 0; i < 300; i++) {
		union intel_rx_desc *d = rx_desc(h, &r, i);
		uint64_t addr = from_le64(d->legacy.addr);

		plain(f, 80, i);
		assert_int_equal(from_wire(h, f, 80), MODEL_RX_TAKEN);
		assert_true(rx_done_legacy(h, &r, i));
		d->legacy.word = to_le64((from_le64(d->legacy.word) & 0xffff) | LEGACY_WHOLE);
		h->n_sent = 0;
		wr(h, ixgbe_txq(TDT, 1), (i + 1) % 64);
		run_idle(h);
		was_sent(h, 0, f, 80);
		assert_int_equal(from_le64(d->legacy.addr), addr);
		rx_tail(h, &r, i + 64); /* one more slot back */
	}
	no_rule_broken(h);
}

static void loopback_receives_what_is_sent(void **state)
{
	struct fixture *x = *state;
	struct rxring r;
	uint8_t f[64];

	rx_start(&x->h, &r, 0, 64, 2, ADVANCED, 63);
	receiver(&x->h, 1);
	set_bits(&x->h, HLREG0, field_mask(HLREG0_LPBK));
	plain(f, 64, 1);
	tx_one(&x->h, &x->t, f, 64);
	assert_int_equal(x->h.n_sent, 0);
	assert_memory_equal(rx_result(&x->h, &r, 0).data, f, 64);
	no_rule_broken(&x->h);
}

/* ---- tags ---- */

static void legacy_descriptors_insert_tags_and_sums(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100], t[104];

	plain(f, 100, 1);
	with_tag(t, f, 100, 0x2005);
	tx_put_legacy(&x->h, &x->t, f, 100, LEGACY_WHOLE | TXD_LEGACY_VLE | 0x2005ull << 48);
	tx_go(&x->h, &x->t);
	was_sent(&x->h, 0, t, 104);
	/* IC: the sum from byte 20 on goes to byte 30 */
	tx_put_legacy(&x->h, &x->t, f, 100, LEGACY_WHOLE | TXD_LEGACY_IC | 30 << 16 | 20ull << 40);
	tx_go(&x->h, &x->t);
	put16(f + 30, ~sum(f + 20, 80, 0));
	was_sent(&x->h, 1, f, 100);
	no_rule_broken(&x->h);
}

static void a_context_inserts_tags(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100], t[104];

	plain(f, 100, 1);
	with_tag(t, f, 100, 0xe123);
	tx_put_context(&x->h, &x->t, field_of(TXD_VLAN, 0xe123) | field_of(TXD_MACLEN, 14), 0,
		       field_of(TXD_IDX, 1));
	tx_put(&x->h, &x->t, f, 100, TX_WHOLE | field_mask(TXD_VLE),
	       field_of(TXD_PAYLEN, 100) | field_of(TXD_IDX, 1) | field_mask(TXD_CC));
	tx_go(&x->h, &x->t);
	was_sent(&x->h, 0, t, 104);
	assert_int_equal(rd(&x->h, GPTC), 1);
	no_rule_broken(&x->h);
}

/* ---- checksums: 82599 7.2.5 ---- */

/* A frame as a stack prepares it: sums zero, the pseudo header's in the layer 4 field. */
static uint32_t prepared(uint8_t *f, int v4, uint32_t proto, uint32_t payload, int segments)
{
	uint32_t len = ip_frame(f, v4, proto, payload), l4 = 14 + (v4 ? 20 : 40);

	if (v4)
		put16(f + 24, 0);
	put16(f + l4 + (proto == TCP ? 16 : 6), pseudo(f + 14, proto, segments ? 0 : len - l4));
	return len;
}

static void offload_context(struct fixture *x, int v4, uint32_t proto, uint32_t mss)
{
	uint32_t l4t = proto == TCP ? TXD_L4T_TCP : proto == UDP ? TXD_L4T_UDP : TXD_L4T_SCTP;

	tx_put_context(&x->h, &x->t, field_of(TXD_MACLEN, 14) | field_of(TXD_IPLEN, v4 ? 20 : 40),
		       field_of(TXD_L4T, l4t) | field_of(TXD_IPV4, (uint32_t)v4),
		       mss ? field_of(TXD_L4LEN, 20) | field_of(TXD_MSS, mss) : 0);
}

static void checksums_are_filled_in(void **state)
{
	struct fixture *x = *state;
	uint8_t f[1600], want[1600];

	for (int v4 = 0; v4 < 2; v4++)
		for (uint32_t proto = TCP; proto <= UDP; proto += UDP - TCP)
			for (uint32_t payload = 18; payload < 1400; payload += 333) {
				uint32_t len = prepared(f, v4, proto, payload, 0);

				ip_frame(want, v4, proto, payload);
				offload_context(x, v4, proto, 0);
				tx_put(&x->h, &x->t, f, len, TX_WHOLE,
				       field_of(TXD_PAYLEN, len) | field_mask(TXD_CC) |
					       field_mask(TXD_TXSM) |
					       (v4 ? field_mask(TXD_IXSM) : 0));
				x->h.n_sent = 0;
				tx_go(&x->h, &x->t);
				was_sent(&x->h, 0, want, len);
				assert_true(sums_right(x->h.sent[0].data, 14));
			}
	assert_int_equal(named(&x->h, "model_tx_checksums"), 2 * 2 * 5);
	assert_int_equal(named(&x->h, "model_tx_segmented"), 0);
	no_rule_broken(&x->h);
}

static void an_offloaded_frame_may_come_in_parts(void **state)
{
	struct fixture *x = *state;
	uint8_t f[600], want[600];
	uint32_t len = prepared(f, 1, UDP, 500, 0);
	uint32_t status = field_of(TXD_PAYLEN, len) | field_mask(TXD_CC) | field_mask(TXD_TXSM) |
			  field_mask(TXD_IXSM);

	ip_frame(want, 1, UDP, 500);
	offload_context(x, 1, UDP, 0);
	tx_put(&x->h, &x->t, f, 43, TX_DATA, status);
	tx_put(&x->h, &x->t, f + 43, len - 43, TX_WHOLE, status);
	tx_go(&x->h, &x->t);
	was_sent(&x->h, 0, want, len);
}

static void sctp_gets_its_crc(void **state)
{
	/* CRC32c of "123456789" is e3069283 (RFC 3720's polynomial) */
	struct fixture *x = *state;
	uint8_t f[100];
	uint32_t len = ip_frame(f, 1, UDP, 32), crc = UINT32_MAX; /* 40 bytes of SCTP */

	f[23] = SCTP;
	memset(f + 34 + 8, 0, 4);
	put16(f + 24, 0);
	for (uint32_t i = 34; i < len; i++)
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((f[i] >> bit & 1) ^ (crc & 1) ? 0x82f63b78 : 0);
	crc = ~crc;
	offload_context(x, 1, SCTP, 0);
	tx_put(&x->h, &x->t, f, len, TX_WHOLE,
	       field_of(TXD_PAYLEN, len) | field_mask(TXD_CC) | field_mask(TXD_TXSM) |
		       field_mask(TXD_IXSM));
	tx_go(&x->h, &x->t);
	for (int i = 0; i < 4; i++)
		assert_int_equal(x->h.sent[0].data[42 + i], crc >> 8 * i & 0xff);
	assert_int_equal(sum(x->h.sent[0].data + 14, 20, 0), 0xffff);
}

/* ---- segmentation: 82599 7.2.4 ---- */

static void check_segments(struct fixture *x, const uint8_t *f, int v4, uint32_t payload,
			   uint32_t mss)
{
	uint32_t l3 = v4 ? 20 : 40, headers = 14 + l3 + 20, at = 0;

	assert_int_equal(x->h.n_sent, (payload + mss - 1) / mss);
	for (unsigned n = 0; n < x->h.n_sent; n++) {
		const uint8_t *s = x->h.sent[n].data, *tcp = s + 14 + l3;
		uint32_t part = payload - at < mss ? payload - at : mss;

		assert_int_equal(x->h.sent[n].len, headers + part);
		assert_memory_equal(s + headers, f + headers + at, part);
		assert_true(sums_right(s, 14));
		assert_int_equal(get32(tcp + 4), 0x10000000 + at);
		assert_int_equal(tcp[13], at + part == payload ? 0x18 : 0x10); /* PSH in the last */
		if (v4) {
			assert_int_equal(get16(s + 16), headers - 14 + part);
			assert_int_equal(get16(s + 18), (0xabcd + n) & 0xffff);
		} else {
			assert_int_equal(get16(s + 18), 20 + part);
		}
		at += part;
	}
}

static void segment(struct fixture *x, uint8_t *f, int v4, uint32_t payload, uint32_t mss)
{
	uint32_t len = prepared(f, v4, TCP, payload, 1), at = 0;
	uint32_t status = field_of(TXD_PAYLEN, payload) | field_mask(TXD_CC) |
			  field_mask(TXD_TXSM) | (v4 ? field_mask(TXD_IXSM) : 0);

	offload_context(x, v4, TCP, mss);
	for (; len - at > TX_BUFFER; at += TX_BUFFER)
		tx_put(&x->h, &x->t, f + at, TX_BUFFER, TX_DATA | field_mask(TXD_TSE), status);
	tx_put(&x->h, &x->t, f + at, len - at, TX_WHOLE | field_mask(TXD_TSE), status);
	x->h.n_sent = 0;
	wr(&x->h, TDT, x->t.tail % 64);
}

static void tcp_is_segmented(void **state)
{
	static const uint32_t payloads[] = { 6, 1460, 1466, 14600, 60000 }; /* none is padded */
	struct fixture *x = *state;
	static uint8_t f[65000];

	for (int v4 = 0; v4 < 2; v4++)
		for (unsigned i = 0; i < ARRAY_SIZE(payloads); i++) {
			segment(x, f, v4, payloads[i], 1460);
			run_idle(&x->h);
			check_segments(x, f, v4, payloads[i], 1460);
		}
	assert_int_equal(named(&x->h, "model_tx_segmented"), 10);
	assert_int_equal(named(&x->h, "model_tx_segments"), 2 * (1 + 1 + 2 + 10 + 42));
	assert_int_equal(named(&x->h, "model_tx_checksums"), 10);
	assert_int_equal(rd(&x->h, TDH), x->t.tail % 64);
	no_rule_broken(&x->h);
}

static void a_busy_cable_does_not_repeat_segments(void **state)
{
	struct fixture *x = *state;
	static uint8_t f[20000];

	segment(x, f, 1, 10000, 500);
	for (unsigned i = 0; i < 100; i++) {
		x->h.busy = i % 3;
		x->h.class->run(x->h.m);
	}
	check_segments(x, f, 1, 10000, 500);
	assert_int_equal(rd(&x->h, GPTC), 20);
	assert_int_equal(named(&x->h, "model_tx_segmented"), 1);
	assert_int_equal(named(&x->h, "model_tx_segments"), 20);
}

/* ---- counters, queues ---- */

static void every_queue_sends_and_counts_where_it_is_mapped(void **state)
{
	struct fixture *x = *state;
	struct txring t[4];
	uint8_t f[64];

	plain(f, 64, 1);
	for (uint32_t i = 0; i < 32; i++)
		wr(&x->h, TQSM + 4 * i, 0x03020100 + 0x04040404 * (i % 4));
	for (uint32_t i = 0; i < 4; i++) {
		tx_start(&x->h, &t[i], 31 + 32 * i, 8, 0);
		for (uint32_t n = 0; n <= i; n++)
			tx_one(&x->h, &t[i], f, 64);
	}
	assert_int_equal(x->h.n_sent, 10);
	assert_int_equal(rd(&x->h, QPTC + 4 * 15), 10); /* queues 31, 63, 95 and 127 */
	assert_int_equal(rd(&x->h, QBTC_L + 8 * 15), 680);
	assert_int_equal(rd(&x->h, GPTC), 10);
	assert_int_equal(rd(&x->h, TPT), 10);
	no_rule_broken(&x->h);
}

static void sent_frames_are_counted_by_size_and_kind(void **state)
{
	static const uint32_t sizes[] = { 60, 61, 123, 124, 251, 252, 507, 508, 1019, 1020, 1514 };
	struct fixture *x = *state;
	uint8_t f[1514];

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		plain(f, sizes[i], i);
		memcpy(f, "\xff\xff\xff\xff\xff\xff", i == 3 ? 6 : i == 4 ? 1 : 0);
		tx_one(&x->h, &x->t, f, sizes[i]);
	}
	assert_int_equal(rd(&x->h, PTC64), 1);
	assert_int_equal(rd(&x->h, PTC127), 2);
	assert_int_equal(rd(&x->h, PTC255), 2);
	assert_int_equal(rd(&x->h, PTC511), 2);
	assert_int_equal(rd(&x->h, PTC1023), 2);
	assert_int_equal(rd(&x->h, PTC1522), 2);
	assert_int_equal(rd(&x->h, BPTC), 1);
	assert_int_equal(rd(&x->h, MPTC), 1);
}

static void hosts_without_pointers_are_served_by_copies(void **state)
{
	struct fixture *x = *state;
	struct txring t;
	uint8_t f[64];

	tx_start(&x->h, &t, 1, 64, 1);
	x->h.no_pointers = 1;
	x->h.class->dma_changed(x->h.m);
	plain(f, 64, 1);
	tx_one(&x->h, &x->t, f, 64);
	was_sent(&x->h, 0, f, 64);
	assert_int_equal(from_le32(tx_desc(&x->h, &x->t, 0)->data.status) & 1, 1);
	tx_one(&x->h, &t, f, 64);
	was_sent(&x->h, 1, f, 64);
	assert_int_equal(from_le32(*(const le32 *)(void *)ram_at(&x->h, t.head)), 1);
	no_rule_broken(&x->h);
}

static void a_buffer_outside_mapped_memory_stops_the_queue(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 1);
	tx_put(&x->h, &x->t, f, 64, TX_WHOLE, field_of(TXD_PAYLEN, 64));
	tx_desc(&x->h, &x->t, 0)->data.addr = to_le64(0xdead0000);
	tx_go(&x->h, &x->t);
	assert_int_equal(x->h.n_sent, 0);
	assert_true(rd(&x->h, EICS) & field_mask(EICR_PCI_EXCEPTION));
	only_rule_broken(&x->h, "dma-unmapped");
	run_idle(&x->h);
	no_rule_broken(&x->h);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(advanced_descriptors_send_and_report),
		T(legacy_descriptors_send_and_report),
		T(short_frames_are_padded),
		T(a_frame_in_parts_leaves_as_one),
		T(the_head_is_written_back_instead_of_descriptors),
		T(a_busy_cable_delays_and_loses_nothing),
		T(without_a_link_frames_stay_in_the_ring),
		T(null_descriptors_send_nothing_and_move_the_head),
		T(one_ring_can_serve_both_directions),
		T(loopback_receives_what_is_sent),
		T(legacy_descriptors_insert_tags_and_sums),
		T(a_context_inserts_tags),
		T(checksums_are_filled_in),
		T(an_offloaded_frame_may_come_in_parts),
		T(sctp_gets_its_crc),
		T(tcp_is_segmented),
		T(a_busy_cable_does_not_repeat_segments),
		T(every_queue_sends_and_counts_where_it_is_mapped),
		T(sent_frames_are_counted_by_size_and_kind),
		T(hosts_without_pointers_are_served_by_copies),
		T(a_buffer_outside_mapped_memory_stops_the_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
