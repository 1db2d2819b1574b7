/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82540EM and 82574L models: configuration space, reset, EEPROM, PHY, link, statistics, and
 * rules about registers.
 */
#include "../model_e1000.h"

static void the_function_is_what_its_bars_and_capabilities_say(void **state)
{
	struct harness *h = *state;
	uint32_t at, found = 0;

	assert_int_equal(config_rd(h, 0, 4), pcie() ? 0x10d38086 : 0x100e8086);
	assert_int_equal(config_rd(h, 8, 4), pcie() ? 0x02000000 : 0x02000003);
	config_wr(h, 0x10, 4, UINT32_MAX);
	assert_int_equal(config_rd(h, 0x10, 4), 0xfffe0000); /* 128 KiB of memory */
	for (at = config_rd(h, 0x34, 1); at; at = config_rd(h, at + 1, 1))
		found |= 1u << config_rd(h, at, 1);
	/* power management; MSI, PCIe, MSI-X */
	assert_int_equal(found, pcie() ? 1u << 1 | 1u << 5 | 1u << 16 | 1u << 17 : 1u << 1);
}

static void memory_off_reads_all_ones(void **state)
{
	struct harness *h = *state;

	config_wr(h, 4, 2, 0);
	assert_int_equal(rd(h, STATUS), UINT32_MAX);
	config_wr(h, 4, 2, 2);
	assert_int_not_equal(rd(h, STATUS), UINT32_MAX);
}

static uint32_t eerd(struct harness *h, uint32_t word)
{
	unsigned addr = pcie() ? (unsigned)EERD_ADDR_82574 : (unsigned)EERD_ADDR_82540;
	uint32_t v;

	wr(h, EERD, field_of(addr, word) | fm(EERD_START));
	v = rd(h, EERD);
	assert_true(v & fm(pcie() ? (unsigned)EERD_DONE_82574 : (unsigned)EERD_DONE_82540));
	return v >> 16;
}

static void the_eeprom_has_address_and_checksum(void **state)
{
	struct harness *h = *state;
	uint32_t all = 0;

	assert_int_equal(eerd(h, 0), 0x0002);
	assert_int_equal(eerd(h, 2), 0x0100);
	assert_int_equal(eerd(h, 0x0e), 0x8086);
	for (uint32_t i = 0; i < 64; i++)
		all += eerd(h, i);
	assert_int_equal(all & 0xffff, 0xbaba);
	assert_true(rd(h, EECD) & fm(EECD_PRES));
	no_rule_broken(h);
}

/* One clock of the Microwire bus; the output is read while SK is high, as drivers do. */
static uint32_t wire_clock(struct harness *h, uint32_t di)
{
	uint32_t eecd = fm(EECD_REQ) | fm(EECD_CS) | field_of(EECD_DI, di), out;

	wr(h, EECD, eecd);
	wr(h, EECD, eecd | fm(EECD_SK));
	out = field_get(rd(h, EECD), EECD_DO);
	wr(h, EECD, eecd);
	return out;
}

static void the_eeprom_is_read_bit_by_bit(void **state)
{
	struct harness *h = *state;

	wr(h, EECD, fm(EECD_REQ));
	assert_true(rd(h, EECD) & fm(EECD_GNT));
	for (uint32_t word = 0; word < 64; word++) {
		uint32_t command = 6 << 6 | word, got = 0;

		wr(h, EECD, fm(EECD_REQ)); /* chip select off: a new command */
		for (int i = 8; i >= 0; i--)
			wire_clock(h, command >> i & 1);
		for (int i = 0; i < 16; i++)
			got = got << 1 | wire_clock(h, 0);
		assert_int_equal(got, eerd(h, word));
	}
	wr(h, EECD, 0);
	assert_false(rd(h, EECD) & fm(EECD_GNT));
	no_rule_broken(h);
}

static uint32_t mdic(struct harness *h, uint32_t phy, uint32_t op, uint32_t r, uint32_t data)
{
	wr(h, MDIC,
	   field_of(MDIC_PHYADD, phy) | field_of(MDIC_OP, op) | field_of(MDIC_REGADD, r) | data);
	assert_true(rd(h, MDIC) & fm(MDIC_R));
	return rd(h, MDIC);
}
static uint32_t phy_rd(struct harness *h, uint32_t r)
{
	uint32_t v = mdic(h, 1, MDIC_OP_READ, r, 0);

	assert_false(v & fm(MDIC_E));
	return v & 0xffff;
}
static void phy_lock(struct harness *h)
{
	if (pcie())
		wr(h, EXTCNF_CTRL, fm(EXTCNF_CTRL_MDIO_SW_OWNERSHIP));
}

static void the_phy_answers_at_address_1(void **state)
{
	struct harness *h = *state;

	phy_lock(h);
	assert_int_equal(phy_rd(h, PHY_ID1), 0x0141);
	assert_int_equal(phy_rd(h, PHY_ID2), pcie() ? 0x0cb1 : 0x0c20);
	assert_int_equal(phy_rd(h, PHY_BMSR) & (BMSR_LINK | BMSR_AN_COMPLETE), 0x24);
	mdic(h, 1, MDIC_OP_WRITE, PHY_ANAR, 0x01e1);
	assert_int_equal(phy_rd(h, PHY_ANAR), 0x01e1);
	mdic(h, 1, MDIC_OP_WRITE, PHY_ID1, 0); /* read only */
	assert_int_equal(phy_rd(h, PHY_ID1), 0x0141);
	assert_true(mdic(h, 2, MDIC_OP_READ, PHY_ID1, 0) & fm(MDIC_E));
	assert_true(mdic(h, 1, 0, PHY_ID1, 0) & fm(MDIC_E));
	mdic(h, 1, MDIC_OP_WRITE, PHY_BMCR, BMCR_RESET);
	assert_int_equal(phy_rd(h, PHY_ANAR), 0x0de1);
	assert_int_equal(phy_rd(h, PHY_BMCR) & (BMCR_RESET | BMCR_AN_ENABLE), BMCR_AN_ENABLE);
	no_rule_broken(h);
}

static void the_phys_bus_must_be_owned(void **state)
{
	struct harness *h = *state;

	mdic(h, 1, MDIC_OP_READ, PHY_ID1, 0);
	only_rule_broken(h, "mdic-unlocked");
}

static void the_link_needs_cable_phy_and_slu(void **state)
{
	struct harness *h = *state;

	phy_lock(h);
	assert_int_equal(rd(h, STATUS) & 0xc3, 0x83); /* up, 1000, full duplex */
	h->class->wire_link(h->m, 0);
	run_for(h, 1);
	assert_false(rd(h, STATUS) & fm(STATUS_LU));
	h->class->wire_link(h->m, 1);
	run_for(h, 400);
	assert_false(rd(h, STATUS) & fm(STATUS_LU)); /* negotiates */
	run_for(h, 200);
	assert_true(rd(h, STATUS) & fm(STATUS_LU));
	clear_bits(h, CTRL, fm(CTRL_SLU));
	assert_false(rd(h, STATUS) & fm(STATUS_LU));
	set_bits(h, CTRL, fm(CTRL_SLU));
	mdic(h, 1, MDIC_OP_WRITE, PHY_BMCR, BMCR_AN_ENABLE | BMCR_POWER_DOWN);
	run_for(h, 1000);
	assert_false(rd(h, STATUS) & fm(STATUS_LU));
	mdic(h, 1, MDIC_OP_WRITE, PHY_BMCR, BMCR_AN_ENABLE | BMCR_RESTART_AN);
	run_for(h, 600);
	assert_true(rd(h, STATUS) & fm(STATUS_LU));
	assert_true(rd(h, ICR) & fm(ICR_LSC));
	no_rule_broken(h);
}

static void a_reset_restores_what_the_eeprom_says(void **state)
{
	struct harness *h = *state;

	wr(h, RAL, 0x11111111);
	wr(h, RAH, 0);
	wr(h, RCTL, fm(RCTL_UPE));
	wr(h, PBA, pcie() ? 10 : 40);
	set_bits(h, CTRL, fm(CTRL_RST));
	run_for(h, 2);
	assert_int_equal(rd(h, RAL), 0x00000002);
	assert_int_equal(rd(h, RAH), 0x80000100);
	assert_int_equal(rd(h, RCTL), 0);
	assert_false(rd(h, CTRL) & fm(CTRL_RST));
	assert_int_equal(rd(h, PBA), pcie() ? 10 | 30 << 16 : 40 | 24 << 16); /* stays */
	no_rule_broken(h);
	h->class->reset(h->m); /* power */
	config_wr(h, 4, 2, 2);
	assert_int_equal(rd(h, PBA), pcie() ? 0x00140014 : 0x00100030);
}

static void a_device_in_reset_must_not_be_touched(void **state)
{
	struct harness *h = *state;

	set_bits(h, CTRL, fm(CTRL_RST));
	rd(h, STATUS);
	only_rule_broken(h, "touched-in-reset");
	run_for(h, 2);
	rd(h, STATUS);
	no_rule_broken(h);
}

static void registers_are_reached_through_the_io_bar(void **state)
{
	struct harness *h = *state;
	unsigned bar = pcie() ? 2 : 1;

	h->class->write(h->m, bar, 0, VET, 4);
	assert_int_equal(h->class->read(h->m, bar, 0, 4), VET);
	assert_int_equal(h->class->read(h->m, bar, 4, 4), 0x8100);
	h->class->write(h->m, bar, 4, 0x88a8, 4);
	assert_int_equal(rd(h, VET), 0x88a8);
	h->class->write(h->m, bar, 0, CTRL, 4);
	h->class->write(h->m, bar, 4, fm(CTRL_RST), 4); /* as Linux resets the PCI chips */
	run_for(h, 2);
	assert_int_equal(rd(h, VET), 0x8100);
	config_wr(h, 4, 2, 6); /* I/O decode off */
	assert_int_equal(h->class->read(h->m, bar, 4, 4), UINT32_MAX);
	no_rule_broken(h);
}

static void registers_are_32_bits_wide(void **state)
{
	struct harness *h = *state;

	assert_int_equal(h->class->read(h->m, 0, VET, 2), 0x8100);
	only_rule_broken(h, "access-width");
	h->class->write(h->m, 0, VET + 1, 0x88, 1);
	only_rule_broken(h, "access-width");
	assert_int_equal(rd(h, VET), 0x8800);
	/* a pair of neighbours is allowed */
	h->class->write(h->m, 0, RAL + 8, 0x80000605ull << 32 | 0x04030201, 8);
	assert_int_equal(rd(h, RAL + 8), 0x04030201);
	assert_int_equal(rd(h, RAH + 8), 0x80000605);
	no_rule_broken(h);
	wr(h, GPRC, 1);
	only_rule_broken(h, "write-read-only");
	wr(h, ITR, 0x10000);
	only_rule_broken(h, "itr-reserved");
}

static void unknown_registers_are_memory_and_counted(void **state)
{
	struct harness *h = *state;

	wr(h, 0x5f00, 0x1234);
	assert_int_equal(rd(h, 0x5f00), 0x1234);
	assert_int_equal(named(h, "model_unmodelled_register_accesses"), 2);
	assert_int_equal(h->class->read(h->m, 0, 1 << 20, 4), UINT32_MAX);
}

static void bits_that_are_not_there_read_as_zero(void **state)
{
	static const struct {
		uint32_t reg, bits;
	} narrow[] = { { FCAH, 0xffff },
		       { FCT, 0xffff },
		       { VET, 0xffff },
		       { RDTR, 0xffff },
		       { RAH + 8 * 15, 0x8003ffff } };
	struct harness *h = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(narrow); i++) {
		wr(h, narrow[i].reg, UINT32_MAX);
		assert_int_equal(rd(h, narrow[i].reg), narrow[i].bits);
	}
	wr(h, RAL, UINT32_MAX);
	assert_int_equal(rd(h, RAL), UINT32_MAX);
	no_rule_broken(h);
}

static void ctrl_is_decoded_twice(void **state)
{
	struct harness *h = *state;

	wr(h, CTRL + 4, fm(CTRL_SLU) | fm(CTRL_VME));
	assert_int_equal(rd(h, CTRL), fm(CTRL_SLU) | fm(CTRL_VME));
}

static void master_disable_shows_in_status(void **state)
{
	struct harness *h = *state;

	assert_true(rd(h, STATUS) & fm(STATUS_GIO_MASTER_ENABLE));
	set_bits(h, CTRL, fm(CTRL_GIO_MASTER_DISABLE));
	assert_false(rd(h, STATUS) & fm(STATUS_GIO_MASTER_ENABLE));
}

static void the_packet_buffer_counts_after_a_reset(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;

	rx_ring(h, &x->r, 0, 2048);
	wr(h, PBA, pcie() ? 12 : 32);
	receiver(h, &x->r, RCTL_TEST);
	only_rule_broken(h, "pba-not-reset");
	wr(h, PBA, 0);
	wr(h, CTRL, fm(CTRL_RST));
	run_for(h, 2);
	bring_up(h);
	rx_ring(h, &x->r, 0, 2048);
	receiver(h, &x->r, RCTL_TEST);
	only_rule_broken(h, "pba-size");
}

static void statistics_clear_when_read(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[100];

	plain(f, 100, 1);
	rx_one(h, &x->r, f, 100);
	tx_one(h, &x->t, f, 100);
	assert_int_equal(rd(h, GPRC), 1);
	assert_int_equal(rd(h, GPRC), 0);
	assert_int_equal(rd(h, GPTC), 1);
	assert_int_equal(rd(h, GORCL), 104); /* low first: it stays until high is read */
	assert_int_equal(rd(h, GORCL), 104);
	assert_int_equal(rd(h, GORCH), 0);
	assert_int_equal(rd(h, GORCL), 0);
	assert_int_equal(rd(h, TOTL), 104);
	assert_int_equal(rd(h, PRC127), 1);
	assert_int_equal(rd(h, PTC127), 1);
	assert_int_equal(rd(h, TPR), 1);
	assert_int_equal(rd(h, TPT), 1);
	no_rule_broken(h);
}

static void the_state_is_told(void **state)
{
	struct fixture *x = *state;
	struct model_status st;

	x->h.class->status(x->h.m, &st);
	assert_int_equal(st.link_mbps, 1000);
	assert_int_equal(st.rx_queues, 1);
	assert_int_equal(st.tx_queues, 1);
	clear_bits(&x->h, RCTL, fm(RCTL_EN));
	clear_bits(&x->h, CTRL, fm(CTRL_SLU));
	x->h.class->status(x->h.m, &st);
	assert_int_equal(st.link_mbps, 0);
	assert_int_equal(st.rx_queues, 0);
}

static void what_must_be_set_up_before_the_units_go_on(void **state)
{
	static const struct {
		const char *rule;
		uint32_t reg, value;
		int only_82574l;
	} faults[] = {
		{ "tipg-zero", TIPG, 0, 0 },
		{ "ring-length", TDLEN, 0, 0 },
		{ "txdctl-count-desc", TXDCTL + 0x100, 0, 1 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(faults); i++) {
		struct fixture *x = *state;

		if (faults[i].only_82574l && !pcie())
			continue;
		tx_ring(&x->h, &x->t, 0);
		wr(&x->h, faults[i].reg, faults[i].value);
		wr(&x->h, TCTL, TCTL_TEST);
		only_rule_broken(&x->h, faults[i].rule);
		teardown(state);
		setup_idle(state);
	}
}

static void collisions_must_be_set_up(void **state)
{
	struct fixture *x = *state;

	tx_ring(&x->h, &x->t, 0);
	wr(&x->h, TCTL, fm(TCTL_EN) | fm(TCTL_PSP));
	only_rule_broken(&x->h, "tctl-collision");
}

static void units_without_bus_master_are_named(void **state)
{
	struct fixture *x = *state;

	tx_ring(&x->h, &x->t, 0);
	config_wr(&x->h, 4, 2, 2);
	wr(&x->h, TCTL, TCTL_TEST);
	only_rule_broken(&x->h, "no-bus-master");
}

static int setup_off(void **state) /* fresh from power-on: tables were not written */
{
	struct fixture *x = calloc(1, sizeof(*x));

	harness_open(&x->h, chip, NULL);
	config_wr(&x->h, 4, 2, 6);
	*state = x;
	return 0;
}

static void tables_must_be_cleared(void **state)
{
	struct fixture *x = *state;

	rx_ring(&x->h, &x->r, 0, 2048);
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN));
	only_rule_broken(&x->h, "mta-not-cleared");
	wr(&x->h, RCTL, 0);
	for (uint32_t i = 0; i < 128; i++)
		wr(&x->h, MTA + 4 * i, 0);
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN) | fm(RCTL_VFE));
	only_rule_broken(&x->h, "vfta-not-cleared");
}

static void rules_are_silenced_by_name(void **state)
{
	struct model_options opt = { .mac = { 2, 0, 0, 0, 0, 1 },
				     .lenient = "x,mta-not-cleared,tipg-zero" };
	struct fixture *x = calloc(1, sizeof(*x));

	(void)state;
	harness_open(&x->h, chip, &opt);
	config_wr(&x->h, 4, 2, 6);
	rx_ring(&x->h, &x->r, 0, 2048);
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN));
	no_rule_broken(&x->h);
	harness_close(&x->h);
	free(x);
}

int main(void)
{
	const struct CMUnitTest both[] = {
		IDLE(the_function_is_what_its_bars_and_capabilities_say),
		IDLE(memory_off_reads_all_ones),
		IDLE(the_eeprom_has_address_and_checksum),
		IDLE(the_phy_answers_at_address_1),
		IDLE(the_link_needs_cable_phy_and_slu),
		IDLE(a_reset_restores_what_the_eeprom_says),
		IDLE(a_device_in_reset_must_not_be_touched),
		IDLE(registers_are_reached_through_the_io_bar),
		IDLE(registers_are_32_bits_wide),
		IDLE(unknown_registers_are_memory_and_counted),
		IDLE(bits_that_are_not_there_read_as_zero),
		IDLE(ctrl_is_decoded_twice),
		IDLE(the_packet_buffer_counts_after_a_reset),
		ON(statistics_clear_when_read),
		ON(the_state_is_told),
		IDLE(what_must_be_set_up_before_the_units_go_on),
		IDLE(collisions_must_be_set_up),
		IDLE(units_without_bus_master_are_named),
		cmocka_unit_test_setup_teardown(tables_must_be_cleared, setup_off, teardown),
		cmocka_unit_test(rules_are_silenced_by_name),
	};
	const struct CMUnitTest only_82540em[] = {
		IDLE(the_eeprom_is_read_bit_by_bit),
	};
	const struct CMUnitTest only_82574l[] = {
		IDLE(the_phys_bus_must_be_owned),
		IDLE(master_disable_shows_in_status),
	};

	return RUN(82540em, both) + RUN(82540em, only_82540em) + RUN(82574l, both) +
	       RUN(82574l, only_82574l);
}
