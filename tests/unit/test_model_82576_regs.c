/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82576 model: registers, reset, PCI configuration, EEPROM, semaphores, PHY, link.
 */
#include "../model_82576.h"

static int setup(void **state)
{
	struct harness *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	harness_open(h, &model_82576, NULL);
	config_wr(h, 4, 2, 6);
	*state = h;
	return 0;
}
static int teardown(void **state)
{
	harness_close(*state);
	free(*state);
	return 0;
}

static uint32_t element(const struct reg_row *row, uint32_t i)
{
	return row->offset + i * row->stride;
}

/* Made from the table: plain registers have their reset value and keep what is written. */
static void plain_registers_read_their_reset_value_then_what_was_written(void **state)
{
	struct harness *h = *state;

	for (unsigned r = 0; r < regs_igb.n_rows; r++) {
		const struct reg_row *row = &regs_igb.rows[r];
		int is_address = !strcmp(row->name, "RAL") || !strcmp(row->name, "RAH");

		if (row->kind == REG_ALIAS || row->access != REG_RW)
			continue;
		for (uint32_t i = 0; i < row->count; i++) {
			if (i || !is_address)
				assert_int_equal(rd(h, element(row, i)), row->reset);
			wr(h, element(row, i), 0x05a5a5a0 + i);
			assert_int_equal(rd(h, element(row, i)), 0x05a5a5a0 + i);
		}
	}
}

static void read_only_registers_ignore_writes(void **state)
{
	struct harness *h = *state;

	for (unsigned r = 0; r < regs_igb.n_rows; r++) {
		const struct reg_row *row = &regs_igb.rows[r];

		for (uint32_t i = 0; i < row->count && row->access == REG_RO; i++) {
			uint32_t was = rd(h, element(row, i));

			if (row->kind == REG_ALIAS)
				continue;
			wr(h, element(row, i), ~was);
			assert_int_equal(rd(h, element(row, i)), was);
			only_rule_broken(h, "write-read-only");
		}
	}
}

/* Linux reaches queues 0 to 3 at the 82575's addresses, and interrupts at the e1000's. */
static void aliases_are_the_same_register(void **state)
{
	struct harness *h = *state;

	for (uint32_t q = 1; q < 4; q++) {
		wr(h, 0x2804 + 0x100 * q, 0x1111 * q);
		assert_int_equal(rd(h, igb_queue(RDBAH, q)), 0x1111 * q);
		wr(h, 0x280c + 0x100 * q, 0x402 + q);
		assert_int_equal(rd(h, igb_queue(SRRCTL, q)), 0x402 + q);
		wr(h, 0x383c + 0x100 * q, 0x2222 * q);
		assert_int_equal(rd(h, igb_queue(TDWBAH, q)), 0x2222 * q);
	}
	wr(h, 0x1508, 0x84);
	assert_int_equal(rd(h, IMS), 0x84);
	wr(h, IMC, 4);
	assert_int_equal(rd(h, 0x1508), 0x80);
	no_rule_broken(h);
}

static void a_register_outside_the_table_keeps_its_value_and_is_counted(void **state)
{
	struct harness *h = *state;

	wr(h, 0x1ff00, 0x12345678);
	assert_int_equal(rd(h, 0x1ff00), 0x12345678);
	assert_int_equal(named(h, "model_unmodelled_register_accesses"), 2);
	no_rule_broken(h);
}

static void registers_are_32_bits_wide(void **state)
{
	struct harness *h = *state;

	wr(h, MTA, 0x11223344);
	h->class->write(h->m, 0, MTA + 1, 0xee, 1);
	assert_int_equal(h->class->read(h->m, 0, MTA, 8), 0x1122ee44);
	only_rule_broken(h, "access-width");
}

static void nothing_answers_while_memory_decoding_is_off(void **state)
{
	struct harness *h = *state;

	config_wr(h, 4, 2, 4);
	assert_int_equal(rd(h, STATUS), UINT32_MAX);
	assert_int_equal(h->class->read(h->m, 3, 0, 4), UINT32_MAX);
}

static void bars_and_capabilities_lie_where_drivers_expect_them(void **state)
{
	struct harness *h = *state;

	assert_int_equal(config_rd(h, 0, 4), 0x10c98086);
	config_wr(h, 0x10, 4, UINT32_MAX);
	config_wr(h, 0x18, 4, UINT32_MAX);
	config_wr(h, 0x1c, 4, UINT32_MAX);
	assert_int_equal(config_rd(h, 0x10, 4), 0xfffe0000);
	assert_int_equal(config_rd(h, 0x18, 4), 0xffffffe1);
	assert_int_equal(config_rd(h, 0x1c, 4), 0xffffc000);
	assert_int_equal(config_rd(h, 0x34, 1), 0x40);
	assert_int_equal(config_rd(h, 0x40, 2), 0x5001);
	assert_int_equal(config_rd(h, 0x50, 2), 0x7005);
	assert_int_equal(config_rd(h, 0x70, 2), 0xa011);
	assert_int_equal(config_rd(h, 0x72, 2) & 0x7ff, 9); /* ten vectors, in BAR 3 */
	assert_int_equal(config_rd(h, 0x74, 4) & 7, 3);
	assert_int_equal(config_rd(h, 0xa0, 2), 0x0010);
}

static void the_eeprom_is_read_through_eerd(void **state)
{
	struct harness *h = *state;
	uint32_t total = 0;

	assert_true(rd(h, EECD) & field_mask(EECD_AUTO_RD));
	wr(h, EECD, field_mask(EECD_REQ));
	assert_true(rd(h, EECD) & field_mask(EECD_GNT));
	for (uint32_t i = 0; i < 0x40; i++) {
		uint32_t eerd;

		wr(h, EERD, field_mask(EERD_START) | field_of(EERD_ADDR, i));
		eerd = rd(h, EERD);
		assert_true(eerd & field_mask(EERD_DONE));
		if (i == 2)
			assert_int_equal(field_get(eerd, EERD_DATA), 0x0100); /* 00:01 of the MAC */
		total += field_get(eerd, EERD_DATA);
	}
	assert_int_equal(total & 0xffff, 0xbaba);
	no_rule_broken(h);
}

static void semaphores_guard_the_phy(void **state)
{
	struct harness *h = *state;

	assert_int_equal(rd(h, SWSM), 0);
	assert_int_equal(rd(h, SWSM), 1); /* reading took it */
	wr(h, MDIC, field_of(MDIC_OP, MDIC_OP_READ) | field_of(MDIC_PHYADD, 1));
	only_rule_broken(h, "mdic-unlocked");
	wr(h, SWSM, 0);
	wr(h, SW_FW_SYNC, 2);
	only_rule_broken(h, "sync-unlocked");
	wr(h, SW_FW_SYNC, 0);
	h->n_rules = 0;
	assert_int_equal(phy_rd(h, 2), 0x02a8);
	no_rule_broken(h);
}

static void the_phy_answers_at_its_address_only(void **state)
{
	struct harness *h = *state;

	assert_int_equal(phy_rd(h, 3) & 0xfff0, 0x0390);
	phy_wr(h, 3, 0); /* read only */
	assert_int_equal(phy_rd(h, 3) & 0xfff0, 0x0390);
	phy_wr(h, 4, 0x0101);
	assert_int_equal(phy_rd(h, 4), 0x0101);
	wr(h, MDIC, field_of(MDIC_OP, MDIC_OP_READ) | field_of(MDIC_PHYADD, 2));
	assert_true(rd(h, MDIC) & field_mask(MDIC_E));
	phy_wr(h, PHY_BMCR, field_mask(PHY_BMCR_RESET));
	assert_int_equal(phy_rd(h, 4), 0x01e1);
	assert_false(phy_rd(h, PHY_BMCR) & field_mask(PHY_BMCR_RESET));
}

static int link_is_up(struct harness *h)
{
	return (rd(h, STATUS) & field_mask(STATUS_LU)) != 0;
}

static void the_link_needs_slu_a_cable_and_negotiation(void **state)
{
	struct harness *h = *state;

	h->class->wire_link(h->m, 1);
	run_for(h, 600);
	assert_false(link_is_up(h)); /* CTRL.SLU is missing: 82576 8.2.1 */
	set_bits(h, CTRL, field_mask(CTRL_SLU));
	assert_true(link_is_up(h));
	assert_int_equal(field_get(rd(h, STATUS), STATUS_SPEED), 2);
	assert_true(rd(h, STATUS) & field_mask(STATUS_FD));
	assert_true(phy_rd(h, PHY_BMSR) & field_mask(PHY_BMSR_AN_DONE));
	phy_wr(h, PHY_BMCR, 0x1340);
	assert_false(link_is_up(h));
	assert_false(phy_rd(h, PHY_BMSR) & field_mask(PHY_BMSR_LINK));
	run_for(h, 400);
	assert_false(link_is_up(h));
	run_for(h, 200);
	assert_true(link_is_up(h));
	h->class->wire_link(h->m, 0);
	assert_false(link_is_up(h));
	no_rule_broken(h);
}

static void a_phy_that_is_powered_down_has_no_link(void **state)
{
	struct harness *h = *state;

	bring_up(h);
	phy_wr(h, PHY_BMCR, 0x1140 | field_mask(PHY_BMCR_POWER_DOWN));
	assert_false(link_is_up(h));
	phy_wr(h, PHY_BMCR, 0x1140);
	assert_true(link_is_up(h));
}

static void reset_ends_by_itself_and_restores_what_the_eeprom_holds(void **state)
{
	struct harness *h = *state;

	bring_up(h);
	wr(h, RAL, 0);
	wr(h, RLPML, 99);
	wr(h, RXPBS, 32);
	wr(h, EITR, field_of(EITR_INTERVAL, 5));
	wr(h, CTRL, rd(h, CTRL) | field_mask(CTRL_RST));
	assert_false(rd(h, EECD) & field_mask(EECD_AUTO_RD)); /* it is being read */
	only_rule_broken(h, "touched-in-reset");
	run_for(h, 1000);
	assert_true(rd(h, EECD) & field_mask(EECD_AUTO_RD));
	assert_false(rd(h, CTRL) & field_mask(CTRL_RST));
	assert_int_equal(rd(h, RAL), 0x00000002);
	assert_int_equal(rd(h, RAH), 0x80000100);
	assert_int_equal(rd(h, RLPML), 0x2600);
	assert_int_equal(rd(h, RXPBS), 32); /* these two stay */
	assert_int_equal(field_get(rd(h, EITR), EITR_INTERVAL), 5);
	assert_false(link_is_up(h)); /* SLU is gone */
	no_rule_broken(h);
}

/* The trap of this family: 82576 8.10.10, 8.12.13. */
static void queue_0_is_on_after_a_reset(void **state)
{
	struct harness *h = *state;

	wr(h, RDBAL, 0);
	only_rule_broken(h, "ring-while-enabled");
	wr(h, TDLEN, 0);
	only_rule_broken(h, "ring-while-enabled");
	assert_false(rd(h, RXDCTL) & field_mask(RXDCTL_ENABLE)); /* reads 0 until RXEN */
	for (uint32_t i = 0; i < 128; i++) {
		wr(h, MTA + 4 * i, 0);
		wr(h, VFTA + 4 * i, 0);
	}
	for (uint32_t i = 1; i < IGB_RA_COUNT; i++)
		wr(h, igb_ra(RAH, i), 0);
	no_rule_broken(h);
	wr(h, RCTL, RCTL_ON);
	only_rule_broken(h, "ring-length");
	assert_true(rd(h, RXDCTL) & field_mask(RXDCTL_ENABLE));
	assert_false(rd(h, igb_queue(RXDCTL, 1)) & field_mask(RXDCTL_ENABLE));
}

static void master_disable_shows_in_status_and_stops_dma(void **state)
{
	struct harness *h = *state;
	struct txring t;
	uint8_t f[64];

	bring_up(h);
	set_bits(h, TCTL, field_mask(TCTL_EN));
	tx_start(h, &t, 0, 64, 0);
	assert_true(rd(h, STATUS) & field_mask(STATUS_GIO_MASTER_ENABLE));
	set_bits(h, CTRL, field_mask(CTRL_GIO_MASTER_DISABLE));
	assert_false(rd(h, STATUS) & field_mask(STATUS_GIO_MASTER_ENABLE));
	plain(f, 64, 1);
	tx_one(h, &t, f, 64);
	assert_int_equal(h->n_sent, 0);
	clear_bits(h, CTRL, field_mask(CTRL_GIO_MASTER_DISABLE));
	run_idle(h);
	assert_int_equal(h->n_sent, 1);
}

static void statistics_clear_when_read(void **state)
{
	struct harness *h = *state;
	struct rxring r;
	struct txring t;
	uint8_t f[64];

	bring_up(h);
	wr(h, RCTL, RCTL_ON);
	set_bits(h, TCTL, field_mask(TCTL_EN));
	rx_start(h, &r, 0, 64, 2, ADVANCED, 63);
	tx_start(h, &t, 0, 64, 0);
	plain(f, 64, 1);
	rx_one(h, &r, f, 64);
	tx_one(h, &t, f, 64);
	assert_int_equal(rd(h, GPRC), 1);
	assert_int_equal(rd(h, GPTC), 1);
	assert_int_equal(rd(h, GORCL), 68);
	assert_int_equal(rd(h, GORCL), 68); /* a pair clears with its high half */
	assert_int_equal(rd(h, GORCH), 0);
	assert_int_equal(rd(h, GORCL), 0);
	for (int pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < regs_igb.n_rows; i++) {
			const struct reg_row *row = &regs_igb.rows[i];

			for (uint32_t n = 0; n < row->count && row->access == REG_RC; n++) {
				uint32_t v = rd(h, element(row, n));

				if (pass)
					assert_int_equal(v, 0);
			}
		}
	no_rule_broken(h);
}

static void function_level_reset_forgets_everything(void **state)
{
	struct harness *h = *state;

	bring_up(h);
	wr(h, RXPBS, 32);
	config_wr(h, 0xa8, 2, 0xa810);
	assert_int_equal(config_rd(h, 4, 2) & 4, 0);
	assert_int_equal(rd(h, RXPBS), 64);
	no_rule_broken(h);
}

static void the_state_is_told(void **state)
{
	struct harness *h = *state;
	struct model_status st;
	struct rxring r;

	bring_up(h);
	wr(h, RCTL, RCTL_ON);
	rx_start(h, &r, 0, 64, 2, ADVANCED, 63);
	rx_start(h, &r, 5, 64, 2, ADVANCED, 63);
	h->class->status(h->m, &st);
	assert_int_equal(st.link_mbps, 1000);
	assert_int_equal(st.rx_queues, 2);
	assert_int_equal(st.tx_queues, 0);
	wr(h, RCTL, 0);
	clear_bits(h, CTRL, field_mask(CTRL_SLU));
	h->class->status(h->m, &st);
	assert_int_equal(st.link_mbps, 0);
	assert_int_equal(st.rx_queues, 0);
}

static void read_only_fields_of_status_stay(void **state)
{
	struct harness *h = *state;

	wr(h, CTRL, rd(h, CTRL) | field_mask(CTRL_PHY_RST));
	assert_true(rd(h, STATUS) & field_mask(STATUS_PHYRA));
	wr(h, STATUS, 0);
	assert_int_equal(rd(h, STATUS), field_mask(STATUS_GIO_MASTER_ENABLE));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(plain_registers_read_their_reset_value_then_what_was_written),
		T(read_only_registers_ignore_writes),
		T(aliases_are_the_same_register),
		T(a_register_outside_the_table_keeps_its_value_and_is_counted),
		T(registers_are_32_bits_wide),
		T(nothing_answers_while_memory_decoding_is_off),
		T(bars_and_capabilities_lie_where_drivers_expect_them),
		T(the_eeprom_is_read_through_eerd),
		T(semaphores_guard_the_phy),
		T(the_phy_answers_at_its_address_only),
		T(the_link_needs_slu_a_cable_and_negotiation),
		T(a_phy_that_is_powered_down_has_no_link),
		T(reset_ends_by_itself_and_restores_what_the_eeprom_holds),
		T(queue_0_is_on_after_a_reset),
		T(master_disable_shows_in_status_and_stops_dma),
		T(statistics_clear_when_read),
		T(function_level_reset_forgets_everything),
		T(the_state_is_told),
		T(read_only_fields_of_status_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
