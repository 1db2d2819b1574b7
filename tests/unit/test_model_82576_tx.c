/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82576 model: sending. What it shares with the 82599 is tested there in depth.
 */
#include "../model_82576.h"

struct fixture {
	struct harness h; /* must be first */
	struct txring t;
};

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	open_82576(&x->h);
	wr(&x->h, RCTL, 0);
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

static void advanced_descriptors_send_and_report(void **state)
{
	struct fixture *x = *state;
	uint8_t f[1514];

	for (uint32_t len = 60; len <= 1514; len += 97) {
		plain(f, len, len);
		x->h.n_sent = 0;
		tx_one(&x->h, &x->t, f, len);
		was_sent(&x->h, 0, f, len);
		assert_true(from_le32(tx_desc(&x->h, &x->t, x->t.tail - 1)->data.status) & 1);
	}
	assert_int_equal(rd(&x->h, TDH), x->t.tail % 64);
	no_rule_broken(&x->h);
}

static void the_head_is_written_back_instead_of_descriptors(void **state)
{
	struct fixture *x = *state;
	struct txring t;
	uint8_t f[64];

	plain(f, 64, 1);
	tx_start(&x->h, &t, 3, 8, 1);
	for (uint32_t i = 1; i < 20; i++) {
		tx_one(&x->h, &t, f, 64);
		assert_int_equal(ram_at(&x->h, t.head)[0], i % 8);
		assert_false(from_le32(tx_desc(&x->h, &t, i - 1)->data.status) & 1);
	}
	no_rule_broken(&x->h);
}

static void short_frames_are_padded_by_tctl_psp(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	tx_one(&x->h, &x->t, f, 17);
	memset(f + 17, 0, 43);
	was_sent(&x->h, 0, f, 60);
	no_rule_broken(&x->h);
	tx_one(&x->h, &x->t, f, 16);
	only_rule_broken(&x->h, "tx-short");
	clear_bits(&x->h, TCTL, field_mask(TCTL_PSP));
	tx_one(&x->h, &x->t, f, 59);
	only_rule_broken(&x->h, "tx-short");
}

static void a_frame_may_come_in_more_than_40_parts(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];

	plain(f, 100, 1);
	for (uint32_t i = 0; i < 50; i++)
		tx_put(&x->h, &x->t, f + 2 * i, 2, i == 49 ? TX_WHOLE : TX_DATA,
		       field_of(TXD_PAYLEN, 100));
	tx_go(&x->h, &x->t);
	was_sent(&x->h, 0, f, 100);
	no_rule_broken(&x->h);
}

static void legacy_descriptors_send_and_insert_tags(void **state)
{
	struct fixture *x = *state;
	union intel_tx_desc *d = tx_desc(&x->h, &x->t, 0);
	uint8_t f[64], tagged[68];

	plain(f, 64, 1);
	memcpy(tx_buffer(&x->h, &x->t, 0), f, 64);
	d->legacy.addr = to_le64(x->t.buffers);
	d->legacy.word = to_le64(64 | TXD_LEGACY_EOP | TXD_LEGACY_IFCS | TXD_LEGACY_RS |
				 TXD_LEGACY_VLE | (uint64_t)0x2345 << 48);
	x->t.tail++;
	wr(&x->h, VET, 0x810088a8);
	tx_go(&x->h, &x->t);
	with_tag(tagged, f, 64, 0x2345);
	put16(tagged + 12, 0x88a8);
	was_sent(&x->h, 0, tagged, 68);
	assert_true(from_le64(d->legacy.word) & TXD_LEGACY_DD);
}

static void a_context_inserts_tags(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64], tagged[68];

	plain(f, 64, 1);
	tx_put_context(&x->h, &x->t, field_of(TXD_VLAN, 0x3456) | field_of(TXD_MACLEN, 14), 0, 0);
	tx_put(&x->h, &x->t, f, 64, TX_WHOLE | field_mask(TXD_VLE),
	       field_of(TXD_PAYLEN, 64) | field_mask(TXD_CC));
	tx_go(&x->h, &x->t);
	with_tag(tagged, f, 64, 0x3456);
	was_sent(&x->h, 0, tagged, 68);
	no_rule_broken(&x->h);
}

/* A TCP frame whose checksum fields hold what software puts there. */
static uint32_t prepared(uint8_t *f, int v4, uint32_t payload, int segmented)
{
	uint32_t len = ip_frame(f, v4, TCP, payload), l3 = v4 ? 20 : 40;

	if (v4)
		put16(f + 24, 0);
	put16(f + 14 + l3 + 16, pseudo(f + 14, TCP, segmented ? 0 : 20 + payload));
	return len;
}

static void context(struct fixture *x, int v4, uint32_t mss)
{
	tx_put_context(&x->h, &x->t, field_of(TXD_MACLEN, 14) | field_of(TXD_IPLEN, v4 ? 20 : 40),
		       field_of(TXD_L4T, TXD_L4T_TCP) | field_of(TXD_IPV4, (uint32_t)v4),
		       mss ? field_of(TXD_L4LEN, 20) | field_of(TXD_MSS, mss) : 0);
}

static void checksums_are_filled_in(void **state)
{
	struct fixture *x = *state;
	uint8_t f[600], want[600];

	for (int v4 = 0; v4 < 2; v4++) {
		uint32_t len = prepared(f, v4, 333, 0);

		ip_frame(want, v4, TCP, 333);
		context(x, v4, 0);
		tx_put(&x->h, &x->t, f, len, TX_WHOLE,
		       field_of(TXD_PAYLEN, len) | field_mask(TXD_CC) | field_mask(TXD_TXSM) |
			       (v4 ? field_mask(TXD_IXSM) : 0));
		x->h.n_sent = 0;
		tx_go(&x->h, &x->t);
		was_sent(&x->h, 0, want, len);
	}
	no_rule_broken(&x->h);
}

static void tcp_is_segmented(void **state)
{
	struct fixture *x = *state;
	static uint8_t f[9000];

	for (int v4 = 0; v4 < 2; v4++) {
		uint32_t len = prepared(f, v4, 5000, 1), headers = 14 + (v4 ? 20 : 40) + 20;

		context(x, v4, 1400);
		tx_put(&x->h, &x->t, f, len, TX_WHOLE | field_mask(TXD_TSE),
		       field_of(TXD_PAYLEN, 5000) | field_mask(TXD_CC) | field_mask(TXD_TXSM) |
			       (v4 ? field_mask(TXD_IXSM) : 0));
		x->h.n_sent = 0;
		tx_go(&x->h, &x->t);
		assert_int_equal(x->h.n_sent, 4);
		assert_int_equal(rd(&x->h, TSCTC), 1);
		for (unsigned i = 0; i < 4; i++) {
			const uint8_t *s = x->h.sent[i].data;

			assert_int_equal(x->h.sent[i].len, headers + (i < 3 ? 1400 : 800));
			assert_memory_equal(s + headers, f + headers + 1400 * i,
					    i < 3 ? 1400 : 800);
			assert_true(sums_right(s, 14));
			assert_int_equal(s[headers - 20 + 13], i < 3 ? 0x10 : 0x18);
		}
	}
	no_rule_broken(&x->h);
}

/* 82576 3.5.6.3.1: the PHY's loopback; the cable sees nothing and brings nothing. */
static void the_phy_loops_back_what_is_sent(void **state)
{
	struct fixture *x = *state;
	struct rxring r;
	uint8_t f[64];

	wr(&x->h, RCTL, RCTL_ON);
	rx_start(&x->h, &r, 0, 8, 2, ADVANCED, 7);
	x->h.class->wire_link(x->h.m, 0);
	phy_wr(&x->h, PHY_BMCR, field_mask(PHY_BMCR_LOOPBACK) | 0x0140);
	run_for(&x->h, 600);
	assert_true(rd(&x->h, STATUS) & field_mask(STATUS_LU));
	plain(f, 64, 5);
	tx_one(&x->h, &x->t, f, 64);
	assert_memory_equal(rx_result(&x->h, &r, 0).data, f, 64);
	assert_int_equal(x->h.n_sent, 0);
	assert_int_equal(from_wire(&x->h, f, 64), MODEL_RX_DROPPED);
	no_rule_broken(&x->h);
}

static void every_queue_sends(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 1);
	for (uint32_t q = 1; q < 16; q++) {
		struct txring t;

		tx_start(&x->h, &t, q, 8, 0);
		tx_one(&x->h, &t, f, 64);
	}
	assert_int_equal(x->h.n_sent, 15);
	no_rule_broken(&x->h);
}

static void without_a_link_frames_stay_in_the_ring(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 1);
	clear_bits(&x->h, CTRL, field_mask(CTRL_SLU));
	tx_one(&x->h, &x->t, f, 64);
	assert_int_equal(x->h.n_sent, 0);
	assert_int_equal(rd(&x->h, TDH), 0);
	set_bits(&x->h, CTRL, field_mask(CTRL_SLU));
	run_for(&x->h, 600);
	assert_int_equal(x->h.n_sent, 1);
}

static void a_queue_is_on_only_with_the_transmitter(void **state)
{
	struct fixture *x = *state;
	struct txring t;
	uint8_t f[64];

	plain(f, 64, 1);
	clear_bits(&x->h, TCTL, field_mask(TCTL_EN));
	tx_prepare(&x->h, &t, 1, 8, 0);
	wr(&x->h, igb_queue(TXDCTL, 1), field_mask(TXDCTL_ENABLE));
	assert_false(rd(&x->h, igb_queue(TXDCTL, 1)) & field_mask(TXDCTL_ENABLE));
	wr(&x->h, igb_queue(TDT, 1), 1);
	only_rule_broken(&x->h, "tail-before-enable");
	set_bits(&x->h, TCTL, field_mask(TCTL_EN));
	assert_true(rd(&x->h, igb_queue(TXDCTL, 1)) & field_mask(TXDCTL_ENABLE));
	tx_one(&x->h, &t, f, 64);
	assert_int_equal(x->h.n_sent, 1);
}

static void thresholds_follow_the_rules(void **state)
{
	struct fixture *x = *state;
	struct txring t;

	tx_prepare(&x->h, &t, 1, 8, 0);
	wr(&x->h, igb_queue(TXDCTL, 1), field_of(TXDCTL_PTHRESH, 8) | field_mask(TXDCTL_ENABLE));
	only_rule_broken(&x->h, "hthresh-zero");
	tx_prepare(&x->h, &t, 2, 8, 1);
	wr(&x->h, igb_queue(TXDCTL, 2), field_of(TXDCTL_WTHRESH, 1) | field_mask(TXDCTL_ENABLE));
	only_rule_broken(&x->h, "wthresh-with-head-wb");
	tx_prepare(&x->h, &t, 3, 8, 1);
	set_bits(&x->h, igb_queue(TXCTL, 3), field_mask(TXCTL_DESC_WRO_EN));
	wr(&x->h, igb_queue(TXDCTL, 3), field_mask(TXDCTL_ENABLE));
	only_rule_broken(&x->h, "head-wb-reordered");
}

static void descriptors_follow_the_rules(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 1);
	tx_put(&x->h, &x->t, f, 64, TX_WHOLE, field_of(TXD_PAYLEN, 63));
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-paylen");
	tx_put(&x->h, &x->t, f, 64, TX_WHOLE | field_mask(TXD_VLE), field_of(TXD_PAYLEN, 64));
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-context-unset");
	tx_put(&x->h, &x->t, f, 0, TX_WHOLE, 0);
	tx_go(&x->h, &x->t);
	assert_true(broken(&x->h, "tx-length-zero"));
}

static void a_lenient_rule_is_not_reported(void **state)
{
	struct fixture *x = *state;
	struct model_options opt = { .mac = { 2, 0, 0, 0, 0, 1 },
				     .lenient = "mta-not-cleared,ring-while-enabled" };

	harness_close(&x->h);
	harness_open(&x->h, &model_82576, &opt);
	wr(&x->h, RDBAL, 0);
	no_rule_broken(&x->h);
	wr(&x->h, RDBAL, 64);
	only_rule_broken(&x->h, "ring-alignment");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(advanced_descriptors_send_and_report),
		T(the_head_is_written_back_instead_of_descriptors),
		T(short_frames_are_padded_by_tctl_psp),
		T(a_frame_may_come_in_more_than_40_parts),
		T(legacy_descriptors_send_and_insert_tags),
		T(a_context_inserts_tags),
		T(checksums_are_filled_in),
		T(tcp_is_segmented),
		T(the_phy_loops_back_what_is_sent),
		T(every_queue_sends),
		T(without_a_link_frames_stay_in_the_ring),
		T(a_queue_is_on_only_with_the_transmitter),
		T(thresholds_follow_the_rules),
		T(descriptors_follow_the_rules),
		T(a_lenient_rule_is_not_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
