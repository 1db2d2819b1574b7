/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82540EM and 82574L models: interrupts.
 */
#include "../model_e1000.h"

static uint32_t icr(struct harness *h)
{
	return rd(h, ICR) & ~fm(ICR_INT_ASSERTED);
}

static void the_line_follows_causes_and_mask(void **state)
{
	struct harness *h = *state;

	rd(h, ICR);
	wr(h, ICS, fm(ICR_RXT0));
	assert_int_equal(h->line, 0); /* masked */
	wr(h, IMS, fm(ICR_RXT0));
	assert_int_equal(h->line, 1);
	assert_int_equal(rd(h, IMS), fm(ICR_RXT0));
	wr(h, IMC, fm(ICR_RXT0));
	assert_int_equal(h->line, 0);
	wr(h, IMS, fm(ICR_RXT0) | fm(ICR_TXDW));
	assert_int_equal(h->line, 1);
	assert_int_equal(icr(h), fm(ICR_RXT0)); /* reading clears */
	assert_int_equal(h->line, 0);
	assert_int_equal(icr(h), 0);
	wr(h, ICS, fm(ICR_TXDW) | fm(ICR_RXT0));
	wr(h, ICR, fm(ICR_TXDW)); /* written ones clear */
	assert_int_equal(h->line, 1);
	wr(h, ICR, fm(ICR_RXT0));
	assert_int_equal(h->line, 0);
	config_wr(h, 4, 2, 0x406); /* INTx disable */
	wr(h, ICS, fm(ICR_RXT0));
	assert_int_equal(h->line, 0);
	no_rule_broken(h);
}

static void itr_spaces_interrupts(void **state)
{
	struct harness *h = *state;

	rd(h, ICR);
	wr(h, ITR, 400); /* 102.4 us */
	wr(h, IMS, fm(ICR_RXT0));
	wr(h, ICS, fm(ICR_RXT0));
	assert_int_equal(h->irqs[MODEL_INTX][0], 1);
	rd(h, ICR);
	wr(h, ICS, fm(ICR_RXT0));
	run_for(h, 90);
	assert_int_equal(h->irqs[MODEL_INTX][0], 1);
	run_for(h, 20);
	assert_int_equal(h->irqs[MODEL_INTX][0], 2);
	no_rule_broken(h);
}

static void frames_are_causes(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint32_t queue0 = pcie() ? fm(ICR_RXQ0) : 0, tx0 = pcie() ? fm(ICR_TXQ0) : 0;
	uint8_t f[60];

	plain(f, 60, 1);
	icr(h);
	rx_one(h, &x->r, f, 60);
	assert_int_equal(icr(h), fm(ICR_RXT0) | queue0);
	tx_one(h, &x->t, f, 60);
	assert_int_equal(icr(h), fm(ICR_TXDW) | fm(ICR_TXQE) | tx0);
	tx_put(h, &x->t, f, 60, WHOLE & ~fm(TXD_RS), 0);
	tx_go(h, &x->t);
	assert_int_equal(icr(h), fm(ICR_TXQE)); /* no report, no TXDW */
	h->class->wire_link(h->m, 0);
	assert_int_equal(icr(h), fm(ICR_LSC) | (pcie() ? fm(ICR_OTHER) : 0));
	no_rule_broken(h);
}

static void few_descriptors_are_a_cause(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[60];

	plain(f, 60, 1);
	for (uint32_t i = 1; i <= RING - 1; i++) { /* RDMTS 0: half of the ring */
		icr(h);
		from_wire(h, f, 60);
		assert_int_equal((icr(h) & fm(ICR_RXDMT0)) != 0, RING - 1 - i == RING / 2 - 1);
	}
	icr(h);
	from_wire(h, f, 60); /* waits */
	assert_int_equal(icr(h), 0);
	assert_int_equal(rd(h, RNBC), 1);
}

static void a_phy_command_interrupts_if_asked(void **state)
{
	struct harness *h = *state;

	if (pcie())
		wr(h, EXTCNF_CTRL, fm(EXTCNF_CTRL_MDIO_SW_OWNERSHIP));
	icr(h);
	wr(h, MDIC, field_of(MDIC_PHYADD, 1) | field_of(MDIC_OP, MDIC_OP_READ) | fm(MDIC_I));
	assert_true(icr(h) & fm(ICR_MDAC));
}

/* ---- 82574L ---- */

static void icr_clears_only_what_this_function_asserted(void **state)
{
	struct harness *h = *state;

	rd(h, ICR);
	wr(h, ICS, fm(ICR_RXT0));
	wr(h, IMS, fm(ICR_LSC)); /* something else is enabled, nothing asserted */
	assert_int_equal(rd(h, ICR), fm(ICR_RXT0));
	assert_int_equal(rd(h, ICR), fm(ICR_RXT0));
	wr(h, IMS, fm(ICR_RXT0));
	assert_int_equal(rd(h, ICR), fm(ICR_RXT0) | fm(ICR_INT_ASSERTED));
	assert_int_equal(rd(h, ICR), 0);
	wr(h, IMC, UINT32_MAX);
	wr(h, ICS, fm(ICR_RXT0));
	assert_int_equal(rd(h, ICR), fm(ICR_RXT0)); /* nothing enabled: clears */
	assert_int_equal(rd(h, ICR), 0);
}

static void reading_icr_masks_with_iame(void **state)
{
	struct harness *h = *state;

	rd(h, ICR);
	set_bits(h, CTRL_EXT, fm(CTRL_EXT_IAME));
	wr(h, IAM, fm(ICR_RXT0));
	wr(h, IMS, fm(ICR_RXT0) | fm(ICR_LSC));
	wr(h, ICS, fm(ICR_RXT0));
	rd(h, ICR);
	assert_int_equal(rd(h, IMS), fm(ICR_LSC));
}

static void msi_sends_one_message(void **state)
{
	struct harness *h = *state;

	rd(h, ICR);
	config_wr(h, 0xd2, 2, 1);
	wr(h, IMS, fm(ICR_RXT0));
	wr(h, ICS, fm(ICR_RXT0));
	wr(h, ICS, fm(ICR_RXT0));
	assert_int_equal(h->irqs[MODEL_MSI][0], 1);
	rd(h, ICR);
	wr(h, ICS, fm(ICR_RXT0));
	assert_int_equal(h->irqs[MODEL_MSI][0], 2);
	assert_int_equal(h->line, 0);
}

/* MSI-X on, all five vectors open, causes mapped to their own. */
static void msix(struct harness *h)
{
	for (uint32_t v = 0; v < 5; v++)
		h->class->write(h->m, 3, 16 * v + 12, 0, 4);
	config_wr(h, 0xa2, 2, 0x8000);
	rd(h, ICR);
	wr(h, IVAR, 0x000cba98);
}

static void msix_maps_causes_to_vectors(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[60];

	msix(h);
	plain(f, 60, 1);
	wr(h, EIAC, fm(ICR_RXQ0) | fm(ICR_TXQ0) | fm(ICR_OTHER));
	wr(h, IMS, fm(ICR_RXQ0) | fm(ICR_TXQ0) | fm(ICR_OTHER));
	rx_one(h, &x->r, f, 60);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 1);
	rx_one(h, &x->r, f, 60); /* EIAC cleared it: again */
	assert_int_equal(h->irqs[MODEL_MSIX][0], 2);
	tx_one(h, &x->t, f, 60);
	assert_int_equal(h->irqs[MODEL_MSIX][2], 1);
	h->class->wire_link(h->m, 0);
	run_for(h, 1);
	assert_int_equal(h->irqs[MODEL_MSIX][4], 1);
	assert_int_equal(h->irqs[MODEL_MSIX][1] + h->irqs[MODEL_MSIX][3], 0);
	assert_int_equal(h->irqs[MODEL_INTX][0] + h->irqs[MODEL_MSI][0], 0);
	no_rule_broken(h);
	wr(h, IVAR, 0xd);
	only_rule_broken(h, "ivar-vector");
}

static void messages_mask_themselves(void **state)
{
	struct harness *h = *state;
	uint32_t q0 = fm(ICR_RXQ0);

	msix(h);
	wr(h, EIAC, q0);
	wr(h, IAM, q0);
	set_bits(h, CTRL_EXT, fm(CTRL_EXT_EIAME));
	wr(h, IMS, q0);
	wr(h, ICS, q0);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 1);
	assert_int_equal(rd(h, IMS), 0);
	wr(h, ICS, q0);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 1);
	wr(h, IMS, q0); /* what is pending fires */
	assert_int_equal(h->irqs[MODEL_MSIX][0], 2);
}

static void a_masked_vector_remembers_its_message(void **state)
{
	struct harness *h = *state;
	uint32_t q0 = fm(ICR_RXQ0);

	msix(h);
	h->class->write(h->m, 3, 12, 1, 4);
	wr(h, IMS, q0);
	wr(h, ICS, q0);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 0);
	assert_int_equal(h->class->read(h->m, 3, 0x2000, 4), 1);
	h->class->write(h->m, 3, 12, 0, 4);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 1);
	assert_int_equal(h->class->read(h->m, 3, 0x2000, 4), 0);
	h->class->write(h->m, 3, 12, 1, 4);
	wr(h, ICS, q0);
	assert_int_equal(h->class->read(h->m, 3, 0x2000, 4), 1);
	set_bits(h, CTRL_EXT, fm(CTRL_EXT_PBA_CLR));
	assert_int_equal(h->class->read(h->m, 3, 0x2000, 4), 0);
}

static void eitr_spaces_a_vectors_messages(void **state)
{
	struct harness *h = *state;
	uint32_t q0 = fm(ICR_RXQ0), q1 = fm(ICR_RXQ1);

	msix(h);
	wr(h, EIAC, q0 | q1);
	wr(h, EITR, 400); /* vector 0: 102.4 us */
	wr(h, IMS, q0 | q1);
	wr(h, ICS, q0 | q1);
	wr(h, ICS, q0 | q1);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 1);
	assert_int_equal(h->irqs[MODEL_MSIX][1], 2);
	run_for(h, 110);
	assert_int_equal(h->irqs[MODEL_MSIX][0], 2);
}

int main(void)
{
	const struct CMUnitTest both[] = {
		IDLE(the_line_follows_causes_and_mask),
		IDLE(itr_spaces_interrupts),
		ON(frames_are_causes),
		ON(few_descriptors_are_a_cause),
		IDLE(a_phy_command_interrupts_if_asked),
	};
	const struct CMUnitTest only_82574l[] = {
		IDLE(icr_clears_only_what_this_function_asserted),
		IDLE(reading_icr_masks_with_iame),
		IDLE(msi_sends_one_message),
		ON(msix_maps_causes_to_vectors),
		IDLE(messages_mask_themselves),
		IDLE(a_masked_vector_remembers_its_message),
		IDLE(eitr_spaces_a_vectors_messages),
	};

	return RUN(82540em, both) + RUN(82574l, both) + RUN(82574l, only_82574l);
}
