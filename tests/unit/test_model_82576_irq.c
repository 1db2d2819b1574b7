/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82576 model: interrupts of all kinds, their masks and moderation.
 */
#include "../model_82576.h"

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
	open_82576(&x->h);
	rx_start(&x->h, &x->r, 0, 64, 2, ADVANCED, 63);
	tx_start(&x->h, &x->t, 0, 64, 0);
	plain(x->f, 64, 1);
	rd(&x->h, ICR); /* the link came up */
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

static void frame(struct fixture *x)
{
	from_wire(&x->h, x->f, 64);
	rx_post(&x->h, &x->r, x->r.next++);
	wr(&x->h, RDT, (x->r.next + 63) % 64);
	run_idle(&x->h);
}

static void msix_on(struct harness *h, uint32_t gpie)
{
	for (uint32_t v = 0; v < 10; v++) {
		h->class->write(h->m, 3, 16 * v, 0xfee00000, 4);
		h->class->write(h->m, 3, 16 * v + 8, v, 4);
		h->class->write(h->m, 3, 16 * v + 12, 0, 4);
	}
	config_wr(h, 0x72, 2, 0x8000);
	wr(h, GPIE, gpie | field_mask(GPIE_MULTIPLE_MSIX) | field_mask(GPIE_PBA));
}

static void intx_is_a_level_that_reading_icr_takes_down(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	frame(x);
	assert_int_equal(h->line, 0); /* masked */
	wr(h, IMS, field_mask(ICR_RXDW));
	assert_int_equal(h->line, 1);
	assert_int_equal(rd(h, ICR) & ~field_mask(ICR_TXDW),
			 field_mask(ICR_INTA) | field_mask(ICR_RXDW));
	assert_int_equal(h->line, 0);
	assert_int_equal(rd(h, ICR), 0);
	frame(x);
	assert_int_equal(h->line, 1);
	config_wr(h, 4, 2, 0x406); /* INTx disable */
	assert_int_equal(h->line, 0);
	assert_int_equal(h->irqs[MODEL_INTX][0], 2);
}

static void iam_masks_when_icr_is_read(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, IAM, field_mask(ICR_RXDW));
	wr(h, IMS, field_mask(ICR_RXDW) | field_mask(ICR_LSC));
	rd(h, ICR); /* nothing was asserted: no masking */
	assert_int_equal(rd(h, IMS), field_mask(ICR_RXDW) | field_mask(ICR_LSC));
	frame(x);
	rd(h, ICR);
	assert_int_equal(rd(h, IMS), field_mask(ICR_LSC));
}

static void without_nsicr_a_read_leaves_causes_that_are_masked(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, IMS, field_mask(ICR_LSC));
	frame(x);
	assert_int_equal(rd(h, ICR), field_mask(ICR_RXDW)); /* not asserted: stays */
	assert_int_equal(rd(h, ICR), field_mask(ICR_RXDW));
	wr(h, GPIE, field_mask(GPIE_NSICR));
	assert_int_equal(rd(h, ICR), field_mask(ICR_RXDW));
	assert_int_equal(rd(h, ICR), 0);
}

static void writing_ones_clears_causes(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, ICS, field_mask(ICR_LSC) | field_mask(ICR_RXO));
	wr(h, ICR, field_mask(ICR_LSC));
	assert_int_equal(rd(h, ICR), field_mask(ICR_RXO));
}

static void msi_sends_one_message_until_the_cause_is_read(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	config_wr(h, 0x52, 2, 1);
	wr(h, IMS, field_mask(ICR_RXDW));
	frame(x);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSI][0], 1);
	rd(h, ICR);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSI][0], 2);
	assert_int_equal(h->irqs[MODEL_INTX][0], 0);
}

static void without_multiple_msix_queues_share_16_bits_of_eicr(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, IVAR, 0x8083); /* RX 0: bit 3; TX 0: bit 0 */
	wr(h, EIAM, 1u << 3);
	wr(h, EIMS, 1u << 3);
	frame(x);
	assert_int_equal(h->line, 1);
	assert_int_equal(rd(h, EICR), 1u << 3);
	assert_int_equal(rd(h, EIMS), 0); /* auto mask on read */
	assert_int_equal(h->line, 0);
	tx_one(h, &x->t, x->f, 64);
	assert_int_equal(rd(h, EICR), 1u << 0);
	wr(h, IMS, field_mask(ICR_LSC));
	wr(h, ICS, field_mask(ICR_LSC));
	assert_int_equal(rd(h, EICR), field_mask(EICR_OTHER));
}

static void msix_vectors_clear_and_mask_themselves(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h, field_mask(GPIE_EIAME));
	wr(h, EIAC, 0x1ff);
	wr(h, EIAM, 0x1ff);
	wr(h, IVAR, 0x81); /* RX 0: vector 1 */
	wr(h, EIMS, 1u << 1);
	frame(x);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][1], 1); /* masked itself */
	assert_int_equal(rd(h, EIMS), 0);
	wr(h, EIMS, 1u << 1); /* the second frame's */
	run_idle(h);
	assert_int_equal(h->irqs[MODEL_MSIX][1], 2);
	wr(h, EIMS, 1u << 1);
	run_idle(h);
	assert_int_equal(h->irqs[MODEL_MSIX][1], 2); /* cleared itself */
	no_rule_broken(h);
}

static void without_auto_clear_a_vector_fires_on_new_events(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h, 0);
	wr(h, IVAR, 0x82);
	wr(h, EIMS, 1u << 2);
	frame(x);
	run_idle(h);
	assert_int_equal(h->irqs[MODEL_MSIX][2], 1);
	frame(x);
	assert_int_equal(h->irqs[MODEL_MSIX][2], 2);
	assert_int_equal(rd(h, EICR), 1u << 2);
	assert_int_equal(rd(h, EICR), 0);
	no_rule_broken(h);
}

static void eicr_is_not_read_with_auto_clear(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h, 0);
	wr(h, EIAC, 1);
	rd(h, EICR);
	only_rule_broken(h, "eicr-read-with-eiac");
}

/* 82576 8.8.13: queues n and n + 8 share a register. */
static void every_queue_has_its_entry_in_ivar(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h, 0);
	for (uint32_t q = 1; q < 16; q++) {
		struct txring t;

		tx_start(h, &t, q, 8, 0);
		wr(h, IVAR + 4 * (q % 8),
		   0x80800000u >> (q < 8 ? 16 : 0) | 0x0503u << (q < 8 ? 0 : 16));
		wr(h, EIMS, 0x3ff);
		memset(h->irqs, 0, sizeof(h->irqs));
		tx_one(h, &t, x->f, 64); /* TX: the byte behind the one of RX */
		assert_int_equal(h->irqs[MODEL_MSIX][5], 1);
		assert_int_equal(h->irqs[MODEL_MSIX][3], 0);
		wr(h, EICR, UINT32_MAX);
	}
	no_rule_broken(h);
}

static void other_causes_have_their_vector(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h, 0);
	wr(h, IVAR_MISC, 0x8900);
	wr(h, EIMS, 1u << 9);
	h->class->wire_link(h->m, 0);
	run_idle(h);
	assert_int_equal(h->irqs[MODEL_MSIX][9], 0); /* IMS decides first */
	wr(h, IMS, field_mask(ICR_LSC));
	assert_int_equal(h->irqs[MODEL_MSIX][9], 1);
	assert_true(rd(h, ICR) & field_mask(ICR_LSC));
	h->class->wire_link(h->m, 1);
	run_for(h, 600);
	assert_int_equal(h->irqs[MODEL_MSIX][9], 2);
}

static void software_can_raise_causes(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h, 0);
	wr(h, EIMS, 1u << 4);
	wr(h, EICS, 1u << 4);
	assert_int_equal(h->irqs[MODEL_MSIX][4], 1);
	wr(h, EIMC, 1u << 4);
	wr(h, EICR, 1u << 4);
	wr(h, EICS, 1u << 4);
	assert_int_equal(h->irqs[MODEL_MSIX][4], 1);
}

static void a_masked_table_entry_is_remembered_in_the_pba(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h, 0);
	h->class->write(h->m, 3, 16 * 4 + 12, 1, 4);
	wr(h, EIMS, 1u << 4);
	wr(h, EICS, 1u << 4);
	assert_int_equal(h->irqs[MODEL_MSIX][4], 0);
	assert_int_equal(h->class->read(h->m, 3, 0x2000, 4), 1u << 4);
	h->class->write(h->m, 3, 16 * 4 + 12, 0, 4);
	assert_int_equal(h->irqs[MODEL_MSIX][4], 1);
}

static void vectors_end_with_the_table_and_with_24(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, IVAR, 0x99); /* 25 */
	only_rule_broken(h, "ivar-vector");
	wr(h, IVAR_MISC, 0xa000); /* reserved bit */
	only_rule_broken(h, "ivar-vector");
	msix_on(h, 0);
	wr(h, IVAR, 0x8a); /* 10: EICR has it, the table does not */
	wr(h, EIMS, 1u << 10);
	no_rule_broken(h);
	frame(x);
	only_rule_broken(h, "ivar-vector");
}

static void moderation_spaces_interrupts_out(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	msix_on(h, 0);
	wr(h, EIAC, 1);
	wr(h, IVAR, 0x80);
	wr(h, EITR, field_of(EITR_INTERVAL, 100));
	wr(h, EIMS, 1);
	for (int i = 0; i < 300; i++) { /* 300 us */
		frame(x);
		run_for(h, 1);
	}
	assert_in_range(h->irqs[MODEL_MSIX][0], 3, 4);
	run_for(h, 200);
	assert_in_range(h->irqs[MODEL_MSIX][0], 4, 5); /* the last is not lost */
}

static void moderation_works_for_a_line_too(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	wr(h, EITR, field_of(EITR_INTERVAL, 100));
	wr(h, IMS, field_mask(ICR_RXDW));
	frame(x);
	assert_int_equal(h->line, 1);
	rd(h, ICR);
	frame(x);
	assert_int_equal(h->line, 0);
	run_for(h, 101);
	assert_int_equal(h->line, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(intx_is_a_level_that_reading_icr_takes_down),
		T(iam_masks_when_icr_is_read),
		T(without_nsicr_a_read_leaves_causes_that_are_masked),
		T(writing_ones_clears_causes),
		T(msi_sends_one_message_until_the_cause_is_read),
		T(without_multiple_msix_queues_share_16_bits_of_eicr),
		T(msix_vectors_clear_and_mask_themselves),
		T(without_auto_clear_a_vector_fires_on_new_events),
		T(eicr_is_not_read_with_auto_clear),
		T(every_queue_has_its_entry_in_ivar),
		T(other_causes_have_their_vector),
		T(software_can_raise_causes),
		T(a_masked_table_entry_is_remembered_in_the_pba),
		T(vectors_end_with_the_table_and_with_24),
		T(moderation_spaces_interrupts_out),
		T(moderation_works_for_a_line_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
