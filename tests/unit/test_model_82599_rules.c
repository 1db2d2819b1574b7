/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82599 model: rules that strictness/test_mutants.c does not plant in a driver, each broken
 * alone; that the right sequence breaks none; that a rule can be switched off by name.
 */
#include "../model_82599.h"

struct fixture {
	struct harness h; /* must be first */
	struct txring t;
	uint8_t f[1600];
};

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	open_82599(&x->h);
	tx_start(&x->h, &x->t, 0, 64, 0);
	no_rule_broken(&x->h);
	plain(x->f, 1600, 1);
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

static void the_right_sequence_breaks_no_rule(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	struct rxring r;

	rx_start(h, &r, 0, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	rx_one(h, &r, x->f, 1000);
	tx_one(h, &x->t, x->f, 1000);
	receiver(h, 0);
	wr(h, FCTRL, field_mask(FCTRL_UPE));
	clear_bits(h, RXDCTL, field_mask(RXDCTL_ENABLE));
	wr(h, TXDCTL, field_mask(TXDCTL_SWFLSH));
	wr(h, EIMC, 0x7fffffff);
	set_bits(h, CTRL, field_mask(CTRL_RST));
	run_for(h, 1100);
	assert_int_equal(rd(h, CTRL) & field_mask(CTRL_RST), 0);
	no_rule_broken(h);
}

static void a_lenient_rule_is_not_reported(void **state)
{
	struct model_options opt = { .mac = { 2, 0, 0, 0, 0, 1 },
				     .lenient = "fctrl-while-rx,eimc-reserved" };
	struct harness h;

	(void)state;
	harness_open(&h, &model_82599, &opt);
	bring_up(&h);
	wr(&h, EIMC, 0xffffffff);
	receiver(&h, 1);
	wr(&h, FCTRL, field_mask(FCTRL_UPE));
	no_rule_broken(&h);
	wr(&h, RXCSUM, 0);
	only_rule_broken(&h, "rxcsum-while-rx");
	harness_close(&h);
}

static void registers_are_32_bits_wide(void **state)
{
	struct fixture *x = *state;

	x->h.class->read(x->h.m, 0, TQSM, 1);
	only_rule_broken(&x->h, "access-width");
	x->h.class->write(x->h.m, 0, TQSM, 0x1122334455667788, 8);
	only_rule_broken(&x->h, "access-width");
	assert_int_equal(rd(&x->h, TQSM), 0x55667788); /* and yet it works */
	assert_int_equal(rd(&x->h, TQSM + 4), 0x11223344);
}

static void autoc_belongs_to_the_firmware_too(void **state)
{
	struct fixture *x = *state;
	uint32_t autoc = rd(&x->h, AUTOC);

	wr(&x->h, AUTOC, autoc | field_mask(AUTOC_RESTART_AN));
	only_rule_broken(&x->h, "autoc-unlocked");
	rd(&x->h, SWSM);
	wr(&x->h, SWSM, 3);
	wr(&x->h, SW_FW_SYNC, field_mask(SW_FW_SYNC_SW_MAC_CSR));
	wr(&x->h, AUTOC, autoc | field_mask(AUTOC_RESTART_AN));
	assert_int_equal(rd(&x->h, AUTOC), autoc); /* the restart bit clears itself */
	no_rule_broken(&x->h);
}

static void srrctl_is_for_queues_that_are_off(void **state)
{
	struct fixture *x = *state;
	struct rxring r;

	rx_start(&x->h, &r, 0, 64, 2, ADVANCED, 63);
	wr(&x->h, SRRCTL, rd(&x->h, SRRCTL) | field_mask(SRRCTL_DROP_EN)); /* but for this bit */
	no_rule_broken(&x->h);
	wr(&x->h, SRRCTL, rd(&x->h, SRRCTL) ^ 1);
	only_rule_broken(&x->h, "srrctl-while-enabled");
}

static void head_write_back_must_stay_in_order(void **state)
{
	struct fixture *x = *state;
	struct txring t;

	tx_prepare(&x->h, &t, 1, 64, 1);
	set_bits(&x->h, ixgbe_txq(DCA_TXCTRL, 1), field_mask(DCA_TXCTRL_DESC_WRO_EN));
	wr(&x->h, ixgbe_txq(TXDCTL, 1), field_mask(TXDCTL_ENABLE));
	only_rule_broken(&x->h, "head-wb-reordered");
}

static void moderation_of_a_live_vector_keeps_its_counter(void **state)
{
	struct fixture *x = *state;

	wr(&x->h, EITR + 4, field_of(EITR_INTERVAL, 9));
	no_rule_broken(&x->h);
	wr(&x->h, EIMS_EX, 2);
	wr(&x->h, EITR + 4, field_of(EITR_INTERVAL, 9) | field_mask(EITR_CNT_WDIS));
	no_rule_broken(&x->h);
	wr(&x->h, EITR + 4, field_of(EITR_INTERVAL, 9));
	only_rule_broken(&x->h, "eitr-counter");
}

static void vectors_end_at_63(void **state)
{
	struct fixture *x = *state;

	wr(&x->h, IVAR + 4 * 63, 0xbfbf8180);
	no_rule_broken(&x->h);
	wr(&x->h, IVAR, 0xc0);
	only_rule_broken(&x->h, "ivar-vector");
	wr(&x->h, IVAR_MISC, 0xff00);
	only_rule_broken(&x->h, "ivar-vector");
}

/* ---- transmit descriptors ---- */

static void context_indices_are_0_and_1(void **state)
{
	struct fixture *x = *state;

	tx_put_context(&x->h, &x->t, 14 << 9, 0, field_of(TXD_IDX, 2));
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-context-index");
}

static void header_lengths_must_fit_the_frame(void **state)
{
	struct fixture *x = *state;
	uint32_t sums = field_mask(TXD_CC) | field_mask(TXD_IXSM);

	tx_put_context(&x->h, &x->t, field_of(TXD_MACLEN, 14) | field_of(TXD_IPLEN, 100),
		       field_mask(TXD_IPV4), 0);
	tx_put(&x->h, &x->t, x->f, 80, TX_WHOLE, field_of(TXD_PAYLEN, 80) | sums);
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-header-lengths");
	assert_int_equal(x->h.n_sent, 0);
	assert_int_equal(named(&x->h, "model_tx_refused"), 1);
	assert_int_equal(rd(&x->h, TDH), 2); /* the queue goes on */
}

static void tso(struct fixture *x, uint32_t mss, uint32_t paylen, uint32_t cmd, uint32_t popts)
{
	uint32_t len = ip_frame(x->f, 1, TCP, 1000);

	tx_put_context(&x->h, &x->t, field_of(TXD_MACLEN, 14) | field_of(TXD_IPLEN, 20),
		       field_mask(TXD_IPV4) | field_of(TXD_L4T, TXD_L4T_TCP),
		       field_of(TXD_MSS, mss) | field_of(TXD_L4LEN, 20));
	tx_put(&x->h, &x->t, x->f, len, cmd | field_mask(TXD_TSE),
	       field_of(TXD_PAYLEN, paylen) | field_mask(TXD_CC) | popts);
	x->h.n_sent = 0;
	tx_go(&x->h, &x->t);
}

static void segmentation_must_make_sense(void **state)
{
	struct fixture *x = *state;
	const uint32_t sums = field_mask(TXD_IXSM) | field_mask(TXD_TXSM);

	tso(x, 500, 1000, TX_WHOLE, sums);
	no_rule_broken(&x->h);
	assert_int_equal(x->h.n_sent, 2);
	tso(x, 0, 1000, TX_WHOLE, sums);
	only_rule_broken(&x->h, "tx-segmentation");
	tso(x, 500, 1054, TX_WHOLE, sums); /* PAYLEN with the headers */
	only_rule_broken(&x->h, "tx-segmentation");
	assert_int_equal(x->h.n_sent, 0);
	tso(x, 500, 1000, TX_WHOLE & ~field_mask(TXD_IFCS), sums);
	only_rule_broken(&x->h, "tx-tso-ifcs");
	tso(x, 500, 1000, TX_WHOLE, field_mask(TXD_IXSM));
	only_rule_broken(&x->h, "tx-tso-sums");
}

static void frames_end_at_16_kib(void **state)
{
	struct fixture *x = *state;

	tx_put(&x->h, &x->t, NULL, 16384, TX_DATA, field_of(TXD_PAYLEN, 16385));
	tx_put(&x->h, &x->t, NULL, 1, TX_WHOLE, field_of(TXD_PAYLEN, 16385));
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-too-long");
	assert_int_equal(x->h.n_sent, 0);
	assert_int_equal(named(&x->h, "model_tx_refused"), 1);
}

static void a_frame_has_40_descriptors_at_most(void **state)
{
	struct fixture *x = *state;

	for (int i = 0; i < 40; i++)
		tx_put(&x->h, &x->t, x->f, 20, i < 39 ? TX_DATA : TX_WHOLE,
		       field_of(TXD_PAYLEN, 800));
	tx_go(&x->h, &x->t);
	no_rule_broken(&x->h);
	assert_int_equal(x->h.n_sent, 1);
	for (int i = 0; i < 41; i++)
		tx_put(&x->h, &x->t, x->f, 20, i < 40 ? TX_DATA : TX_WHOLE,
		       field_of(TXD_PAYLEN, 820));
	tx_go(&x->h, &x->t);
	assert_int_equal(broken(&x->h, "tx-too-many-parts"), 1);
	assert_int_equal(x->h.n_sent, 1);
}

static void contexts_stand_between_frames(void **state)
{
	struct fixture *x = *state;

	tx_put(&x->h, &x->t, x->f, 50, TX_DATA, field_of(TXD_PAYLEN, 100));
	tx_put_context(&x->h, &x->t, field_of(TXD_MACLEN, 14), 0, 0);
	tx_put(&x->h, &x->t, x->f, 50, TX_WHOLE, field_of(TXD_PAYLEN, 100));
	tx_go(&x->h, &x->t);
	assert_int_equal(broken(&x->h, "tx-context-in-frame"), 1);
}

static void null_descriptors_stand_between_frames(void **state)
{
	struct fixture *x = *state;

	tx_put_legacy(&x->h, &x->t, x->f, 60, TXD_LEGACY_IFCS);
	tx_put_legacy(&x->h, &x->t, NULL, 0, TXD_LEGACY_IFCS | TXD_LEGACY_EOP);
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-null-in-frame");
}

static void the_vlan_bit_needs_a_context(void **state)
{
	struct fixture *x = *state;

	tx_put(&x->h, &x->t, x->f, 64, TX_WHOLE | field_mask(TXD_VLE), field_of(TXD_PAYLEN, 64));
	tx_go(&x->h, &x->t);
	assert_int_equal(broken(&x->h, "tx-context-unset"), 1);
}

static void a_queue_forgets_its_contexts_when_it_is_off(void **state)
{
	struct fixture *x = *state;

	tx_put_context(&x->h, &x->t, field_of(TXD_MACLEN, 14) | field_of(TXD_VLAN, 5), 0, 0);
	tx_go(&x->h, &x->t);
	wr(&x->h, TXDCTL, field_mask(TXDCTL_SWFLSH));
	tx_start(&x->h, &x->t, 0, 64, 0);
	tx_put(&x->h, &x->t, x->f, 64, TX_WHOLE | field_mask(TXD_VLE),
	       field_of(TXD_PAYLEN, 64) | field_mask(TXD_CC));
	tx_go(&x->h, &x->t);
	assert_int_equal(broken(&x->h, "tx-context-unset"), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_right_sequence_breaks_no_rule),
		cmocka_unit_test(a_lenient_rule_is_not_reported),
		T(registers_are_32_bits_wide),
		T(autoc_belongs_to_the_firmware_too),
		T(srrctl_is_for_queues_that_are_off),
		T(head_write_back_must_stay_in_order),
		T(moderation_of_a_live_vector_keeps_its_counter),
		T(vectors_end_at_63),
		T(context_indices_are_0_and_1),
		T(header_lengths_must_fit_the_frame),
		T(segmentation_must_make_sense),
		T(frames_end_at_16_kib),
		T(a_frame_has_40_descriptors_at_most),
		T(contexts_stand_between_frames),
		T(null_descriptors_stand_between_frames),
		T(the_vlan_bit_needs_a_context),
		T(a_queue_forgets_its_contexts_when_it_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
