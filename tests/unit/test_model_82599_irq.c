/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82599 model: interrupts in all three kinds, masks, moderation. 82599 7.3.
 */
#include "../model_82599.h"

struct fixture {
	struct harness h; /* must be first */
	struct rxring r;
	struct txring t;
	uint8_t f[64];
};

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	open_82599(&x->h);
	rx_start(&x->h, &x->r, 0, 64, 2, ADVANCED, 63);
	tx_start(&x->h, &x->t, 0, 64, 0);
	receiver(&x->h, 1);
	plain(x->f, 64, 1);
	wr(&x->h, EICR, 0x7fffffff); /* the link came up */
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

static void msix_on(struct harness *h)
{
	for (uint32_t v = 0; v < 64; v++) {
		h->class->write(h->m, 4, 16 * v, 0xfee00000, 4);
		h->class->write(h->m, 4, 16 * v + 8, v, 4);
		h->class->write(h->m, 4, 16 * v + 12, 0, 4);
	}
	config_wr(h, 0x72, 2, 0x8000);
	wr(h, GPIE,
	   field_mask(GPIE_MULTIPLE_MSIX) | field_mask(GPIE_EIAME) | field_mask(GPIE_PBA_SUPPORT) |
		   field_mask(GPIE_OCD));
	wr(h, EIAC, 0xffff);
}

static void frame(struct fixture *x)
{
	from_wire(&x->h, x->f, 64);
	rx_post(&x->h, &x->r, x->r.next++);
	rx_tail(&x->h, &x->r, x->r.next + 63);
	run_idle(&x->h);
}

static void intx_is_a_level_that_reading_eicr_takes_down(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, IVAR, 0x80 | 3); /* RX queue 0: EICR bit 3 */
	frame(x);
	assert_int_equal(h->line, 0); /* masked */
	wr(h, EIMS, 1 << 3);
	assert_int_equal(h->line, 1);
	frame(x);
	assert_int_equal(h->irqs[MODEL_INTX][0], 1);
	assert_int_equal(rd(h, EICS) & 0xffff, 1 << 3); /* looking does not clear */
	assert_int_equal(rd(h, EICR) & 0xffff, 1 << 3);
	assert_int_equal(h->line, 0);
	assert_int_equal(rd(h, EICR), 0);
	frame(x);
	assert_int_equal(h->line, 1);
	config_wr(h, 4, 2, 6 | 1 << 10);
	assert_int_equal(h->line, 0);
	config_wr(h, 4, 2, 6);
	assert_int_equal(h->line, 1);
	wr(h, EICR, 1 << 3); /* writing 1 clears as well */
	assert_int_equal(h->line, 0);
	no_rule_broken(h);
}

static void an_invalid_ivar_entry_interrupts_nobody(void **state)
{
	struct fixture *x = *state;

	wr(&x->h, EIMS, 0xffff);
	wr(&x->h, IVAR, 3);
	frame(x);
	assert_int_equal(rd(&x->h, EICR), 0);
}

static void tx_completion_has_a_cause_of_its_own(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, IVAR, (0x80 | 5) << 8);
	tx_put(h, &x->t, x->f, 64, TX_WHOLE & ~field_mask(TXD_RS), field_of(TXD_PAYLEN, 64));
	tx_go(h, &x->t);
	assert_int_equal(rd(h, EICR), 0); /* no report, no interrupt */
	tx_one(h, &x->t, x->f, 64);
	assert_int_equal(rd(h, EICR), 1 << 5);
}

static void a_link_change_is_a_cause(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, EIMS, field_mask(EICR_LSC));
	h->class->wire_link(h->m, 0);
	run_for(h, 2000);
	assert_int_equal(h->line, 1);
	assert_true(rd(h, EICR) & field_mask(EICR_LSC));
	h->class->wire_link(h->m, 1);
	run_for(h, 2000);
	assert_true(rd(h, EICR) & field_mask(EICR_LSC));
}

static void msi_sends_one_message_until_the_cause_is_read(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	config_wr(h, 0x52, 2, 1);
	wr(h, IVAR, 0x80);
	wr(h, EIMS, 1);
	frame(x);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSI][0], 1);
	assert_int_equal(h->line, 0);
	rd(h, EICR);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSI][0], 2);
}

static void msix_vectors_clear_and_mask_themselves(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h);
	wr(h, IVAR, 0x80 | 7);
	wr(h, EIAM_EX, 0xffffffff);
	wr(h, EIMS_EX, 1 << 7);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][7], 1);
	assert_int_equal(rd(h, EIMS_EX) & 1 << 7, 0); /* EIAM */
	assert_int_equal(rd(h, EICS) & 1 << 7, 0);    /* EIAC */
	frame(x);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][7], 1);
	wr(h, EIMS_EX, 1 << 7); /* what came in between is pending and fires */
	assert_int_equal(h->irqs[MODEL_MSIX][7], 2);
	wr(h, EIMS_EX, 1 << 7);
	assert_int_equal(h->irqs[MODEL_MSIX][7], 2);
	no_rule_broken(h);
}

static void without_auto_clear_a_vector_fires_once(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h);
	wr(h, EIAC, 0);
	wr(h, IVAR, 0x80 | 2);
	wr(h, EIMS, 1 << 2); /* the low 16 bits are those of EIMS_EX[0] */
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][2], 1);
	assert_int_equal(rd(h, EICS) & 0xffff, 1 << 2);
	assert_int_equal(rd(h, EICR) & 0xffff, 1 << 2); /* OCD: not cleared by reading */
	assert_int_equal(rd(h, EICS) & 0xffff, 1 << 2);
	wr(h, EICR, 1 << 2);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][2], 2);
}

static void vectors_above_31_use_the_second_registers(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h);
	wr(h, IVAR, 0x80 | 63);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][63], 0);
	wr(h, EIMS_EX + 4, 1u << 31);
	assert_int_equal(h->irqs[MODEL_MSIX][63], 1);
	wr(h, EIMC_EX + 4, 1u << 31);
	assert_int_equal(rd(h, EIMS_EX + 4), 0);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][63], 1);
}

static void other_causes_have_their_vector(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h);
	wr(h, IVAR_MISC, (0x80 | 9) << 8);
	wr(h, EIMS, field_mask(EICR_LSC));
	h->class->wire_link(h->m, 0);
	run_for(h, 10);
	assert_int_equal(h->irqs[MODEL_MSIX][9], 1);
	assert_true(rd(h, EICS) & field_mask(EICR_LSC)); /* as Linux reads it */
	wr(h, EICR, field_mask(EICR_LSC));
	assert_false(rd(h, EICS) & field_mask(EICR_LSC));
	run_for(h, 100);
	assert_int_equal(h->irqs[MODEL_MSIX][9], 1); /* no storm */
}

static void software_can_raise_causes(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h);
	wr(h, EIMS_EX, 3);
	wr(h, EICS_EX, 2);
	assert_int_equal(h->irqs[MODEL_MSIX][1], 1);
	wr(h, EICS, 1);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 1);
	wr(h, EICS_EX + 4, 1); /* vector 32 is masked */
	assert_int_equal(h->irqs[MODEL_MSIX][32], 0);
}

static void a_masked_table_entry_is_remembered_in_the_pba(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h);
	wr(h, EIMS_EX, 1 << 4);
	h->class->write(h->m, 4, 16 * 4 + 12, 1, 4);
	wr(h, EICS_EX, 1 << 4);
	assert_int_equal(h->irqs[MODEL_MSIX][4], 0);
	assert_int_equal(h->class->read(h->m, 4, 0x2000, 4), 1 << 4);
	h->class->write(h->m, 4, 16 * 4 + 12, 0, 4);
	assert_int_equal(h->irqs[MODEL_MSIX][4], 1);
	assert_int_equal(h->class->read(h->m, 4, 0x2000, 8), 0);

	config_wr(h, 0x72, 2, 0xc000); /* all of them */
	wr(h, EIMS_EX, 1 << 5);
	wr(h, EICS_EX, 1 << 5);
	assert_int_equal(h->irqs[MODEL_MSIX][5], 0);
	config_wr(h, 0x72, 2, 0x8000);
	assert_int_equal(h->irqs[MODEL_MSIX][5], 1);
	assert_int_equal(h->class->read(h->m, 4, 0x2000, 8), 0);
}

static void the_msix_table_keeps_what_is_written(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	h->class->write(h->m, 4, 16 * 63, 0x12345678abcdef00, 8);
	assert_int_equal(h->class->read(h->m, 4, 16 * 63 + 4, 4), 0x12345678);
	assert_int_equal(h->class->read(h->m, 4, 16 * 63, 8), 0x12345678abcdef00);
	assert_int_equal(h->class->read(h->m, 4, 16 * 62 + 12, 4), 1); /* masked after reset */
}

static void moderation_spaces_interrupts_out(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h);
	wr(h, IVAR, 0x80 | 1);
	wr(h, EITR + 4, field_of(EITR_INTERVAL, 100) | field_mask(EITR_CNT_WDIS)); /* 204.8 us */
	wr(h, EIMS_EX, 2);
	for (unsigned us = 0; us < 2048; us++) {
		if (us % 10 == 0)
			frame(x);
		run_for(h, 1);
	}
	assert_in_range(h->irqs[MODEL_MSIX][1], 9, 11);
	assert_in_range(x->r.next, 200, 210);
	run_for(h, 300);
	assert_in_range(h->irqs[MODEL_MSIX][1], 10, 11); /* the last frame was not forgotten */
	no_rule_broken(h);
}

static void moderation_works_for_msi_too(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	config_wr(h, 0x52, 2, 1);
	wr(h, IVAR, 0x80);
	wr(h, EITR, field_of(EITR_INTERVAL, 100) | field_mask(EITR_CNT_WDIS));
	wr(h, EIMS, 1);
	for (unsigned us = 0; us < 2048; us++) {
		if (us % 10 == 0) {
			frame(x);
			rd(h, EICR);
		}
		run_for(h, 1);
	}
	assert_in_range(h->irqs[MODEL_MSI][0], 1, 11);
}

static void a_legacy_driver_is_masked_by_eiam_when_it_reads_eicr(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, EIAM, 0xffff);
	wr(h, IVAR, 0x80);
	wr(h, EIMS, 1);
	frame(x);
	assert_int_equal(h->line, 1);
	rd(h, EICR);
	assert_int_equal(rd(h, EIMS) & 0xffff, 0);
	frame(x);
	assert_int_equal(h->line, 0);
	wr(h, EIMS, 1);
	assert_int_equal(h->line, 1);
}

static void one_vector_serves_all_causes_without_multiple_msix(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h);
	wr(h, GPIE, 0);
	wr(h, IVAR, 0x80 | 3);
	wr(h, EIMS, 1 << 3);
	frame(x);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 1);
	assert_int_equal(h->irqs[MODEL_MSIX][3], 0);
	assert_int_equal(rd(h, EICR) & 0xffff, 1 << 3);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 2);
}

static void other_clear_disable_keeps_queue_causes(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, GPIE, field_mask(GPIE_OCD));
	wr(h, EICS, field_mask(EICR_LSC) | 2);
	assert_int_equal(rd(h, EICR) & 0x7fffffff, field_mask(EICR_LSC) | 2);
	assert_int_equal(rd(h, EICR) & 0x7fffffff, 2);
}

static void nothing_is_sent_without_bus_master(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h);
	wr(h, EIMS_EX, 1);
	config_wr(h, 4, 2, 2);
	wr(h, EICS_EX, 1);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(intx_is_a_level_that_reading_eicr_takes_down),
		T(an_invalid_ivar_entry_interrupts_nobody),
		T(tx_completion_has_a_cause_of_its_own),
		T(a_link_change_is_a_cause),
		T(msi_sends_one_message_until_the_cause_is_read),
		T(msix_vectors_clear_and_mask_themselves),
		T(without_auto_clear_a_vector_fires_once),
		T(vectors_above_31_use_the_second_registers),
		T(other_causes_have_their_vector),
		T(software_can_raise_causes),
		T(a_masked_table_entry_is_remembered_in_the_pba),
		T(the_msix_table_keeps_what_is_written),
		T(moderation_spaces_interrupts_out),
		T(moderation_works_for_msi_too),
		T(a_legacy_driver_is_masked_by_eiam_when_it_reads_eicr),
		T(one_vector_serves_all_causes_without_multiple_msix),
		T(other_clear_disable_keeps_queue_causes),
		T(nothing_is_sent_without_bus_master),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
