/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82599 model: registers, reset, PCI configuration, EEPROM, semaphores, link.
 */
#include "../model_82599.h"

static void open_up(void **state)
{
	struct harness *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	harness_open(h, &model_82599, NULL);
	config_wr(h, 4, 2, 6);
	*state = h;
}
static int setup(void **state)
{
	open_up(state);
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

/* Bits that a register has, where the model knows. */
static uint32_t bits_of(const char *name)
{
	if (!strcmp(name, "RAH"))
		return 0x8000ffff;
	return !strcmp(name, "RDLEN") || !strcmp(name, "TDLEN") ? 0xfff80 : UINT32_MAX;
}

/* Made from the table: plain registers have their reset value and keep what is written. */
static void plain_registers_read_their_reset_value_then_what_was_written(void **state)
{
	struct harness *h = *state;

	for (unsigned r = 0; r < regs_ixgbe.n_rows; r++) {
		const struct reg_row *row = &regs_ixgbe.rows[r];

		if (row->kind == REG_ALIAS || row->access != REG_RW)
			continue;
		for (uint32_t i = 0; i < row->count; i++) {
			int is_address = !strcmp(row->name, "RAL") || !strcmp(row->name, "RAH");

			if (i || !is_address)
				assert_int_equal(rd(h, element(row, i)), row->reset);
			wr(h, element(row, i), 0x05a5a5a0 + i);
			assert_int_equal(rd(h, element(row, i)),
					 (0x05a5a5a0 + i) & bits_of(row->name));
		}
	}
}

static void read_only_registers_ignore_writes(void **state)
{
	struct harness *h = *state;

	for (unsigned r = 0; r < regs_ixgbe.n_rows; r++) {
		const struct reg_row *row = &regs_ixgbe.rows[r];

		if (row->kind == REG_ALIAS || row->access != REG_RO)
			continue;
		for (uint32_t i = 0; i < row->count; i++) {
			uint32_t was = rd(h, element(row, i));

			wr(h, element(row, i), ~was);
			assert_int_equal(rd(h, element(row, i)), was);
			only_rule_broken(h, "write-read-only");
		}
	}
}

static void aliases_are_the_same_register(void **state)
{
	struct harness *h = *state;

	assert_int_equal(rd(h, 0x5400), 0x00000002); /* RAL[0]: the address, byte 0 first */
	assert_int_equal(rd(h, 0x5404), 0x80000100);
	for (unsigned r = 0; r < regs_ixgbe.n_rows; r++) {
		const struct reg_row *row = &regs_ixgbe.rows[r];

		if (row->kind != REG_ALIAS || row->access != REG_RW || !row->stride)
			continue;
		for (uint32_t i = 0; i < row->count; i++) {
			uint32_t primary = row->primary + i * row->primary_stride;

			if (row->primary == CTRL || row->primary == QPTC)
				continue;
			wr(h, element(row, i), 0x01010101 * (i % 8 + 1));
			if (rd(h, primary) != rd(h, element(row, i)))
				fail_msg("%s at 0x%x is not an alias", row->name, element(row, i));
		}
	}
	wr(h, 0x5c00, 0x01020304); /* RETA at the 82598's address */
	assert_int_equal(rd(h, RETA), 0x01020304);
	wr(h, 0x2100 + 4 * 15, 0x00000804);
	assert_int_equal(rd(h, ixgbe_rxq(SRRCTL, 15)), 0x00000804);
}

static void a_register_outside_the_table_keeps_its_value_and_is_counted(void **state)
{
	struct harness *h = *state;

	wr(h, 0x1ff00, 0x12345678);
	assert_int_equal(rd(h, 0x1ff00), 0x12345678);
	assert_int_equal(named(h, "model_unmodelled_register_accesses"), 2);
	no_rule_broken(h);
}

static void statistics_clear_when_read(void **state)
{
	struct harness *h = *state;
	struct rxring r;
	struct txring t;
	uint8_t f[64];

	bring_up(h);
	rx_start(h, &r, 0, 64, 2, ADVANCED, 63);
	tx_start(h, &t, 0, 64, 0);
	receiver(h, 1);
	plain(f, 64, 1);
	rx_one(h, &r, f, 64);
	tx_one(h, &t, f, 64);
	assert_int_equal(rd(h, GPRC), 1);
	assert_int_equal(rd(h, GPTC), 1);
	for (int pass = 0; pass < 2; pass++) /* pairs clear with their high half */
		for (unsigned i = 0; i < regs_ixgbe.n_rows; i++) {
			const struct reg_row *row = &regs_ixgbe.rows[i];

			for (uint32_t n = 0; n < row->count && row->kind != REG_ALIAS; n++) {
				if (row->access != REG_RC)
					continue;
				if (pass)
					assert_int_equal(rd(h, element(row, n)), 0);
				else
					rd(h, element(row, n));
			}
		}
	no_rule_broken(h);
}

static void nothing_answers_while_memory_decoding_is_off(void **state)
{
	struct harness *h = *state;

	wr(h, TQSM, 7);
	config_wr(h, 4, 2, 0);
	assert_int_equal(rd(h, TQSM), 0xffffffff);
	wr(h, TQSM, 8);
	config_wr(h, 4, 2, 2);
	assert_int_equal(rd(h, TQSM), 7);
}

static void bars_tell_their_size_and_type(void **state)
{
	struct harness *h = *state;

	config_wr(h, 0x10, 4, 0xffffffff);
	assert_int_equal(config_rd(h, 0x10, 4) & 0xfffffff7, 0xfffe0004);
	config_wr(h, 0x20, 4, 0xffffffff);
	assert_int_equal(config_rd(h, 0x20, 4) & 0xfffffff7, 0xffffc004);
	assert_int_equal(config_rd(h, 0, 4), 0x10fb8086);
	assert_int_equal(config_rd(h, 9, 3), 0x020000);
}

static void capabilities_lie_where_drivers_expect_them(void **state)
{
	struct harness *h = *state;
	static const struct {
		unsigned at, id;
	} want[] = { { 0x40, 0x01 }, { 0x50, 0x05 }, { 0x70, 0x11 }, { 0xa0, 0x10 } };
	unsigned at = config_rd(h, 0x34, 1);

	for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(at, want[i].at);
		assert_int_equal(config_rd(h, at, 1), want[i].id);
		at = config_rd(h, at + 1, 1);
	}
	assert_int_equal(at, 0);
	assert_int_equal(config_rd(h, 0x72, 2) & 0x7ff, 63);
}

/* Linux's self-test writes patterns and wants these bits to read as 0. */
static void what_a_register_does_not_have_reads_as_zero(void **state)
{
	struct harness *h = *state;

	for (unsigned q = 0; q < 128; q += 127) {
		wr(h, ixgbe_rxq(RDLEN, q), 0xffffffff);
		assert_int_equal(rd(h, ixgbe_rxq(RDLEN, q)), 0xfff80);
		wr(h, ixgbe_txq(TDLEN, q), 0xffffffff);
		assert_int_equal(rd(h, ixgbe_txq(TDLEN, q)), 0xfff80);
		wr(h, RAL + 8 * q, 0xffffffff);
		assert_int_equal(rd(h, RAL + 8 * q), 0xffffffff);
		wr(h, RAH + 8 * q, 0xffffffff);
		assert_int_equal(rd(h, RAH + 8 * q), 0x8000ffff);
	}
}

static void a_board_may_offer_fewer_vectors(void **state)
{
	static const struct {
		uint16_t asked;
		uint32_t field;
	} cases[] = { { 1, 0 }, { 5, 4 }, { 64, 63 }, { 65, 63 } };
	struct harness h;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model_options opt = { .vectors = cases[i].asked };

		harness_open(&h, &model_82599, &opt);
		assert_int_equal(config_rd(&h, 0x72, 2) & 0x7ff, cases[i].field);
		harness_close(&h);
	}
}

static uint32_t eerd(struct harness *h, uint32_t word)
{
	wr(h, EERD, word << 2 | 1);
	assert_true(rd(h, EERD) & field_mask(EERD_DONE));
	return field_get(rd(h, EERD), EERD_DATA);
}

static void the_eeprom_checksum_is_right(void **state)
{
	struct harness *h = *state;
	uint32_t total = 0;

	for (uint32_t w = 0; w < 0x40; w++)
		total += eerd(h, w);
	for (uint32_t p = 3; p < 0x0f; p++) { /* sections that pointers lead to, 82599 6.2 */
		uint32_t at = eerd(h, p), len = at && at != 0xffff ? eerd(h, at) : 0;

		for (uint32_t i = 1; i <= len && len != 0xffff; i++)
			total += eerd(h, at + i);
	}
	assert_int_equal(total & 0xffff, 0xbaba);
	no_rule_broken(h);
}

/* The bit-banged path: the EEPROM takes DI on the rising edge of SK and shifts DO on the falling.
 */
static uint32_t spi_exchange(struct harness *h, uint32_t out, unsigned bits)
{
	uint32_t in = 0, pins = field_mask(EEC_REQ); /* CS low: selected */

	while (bits--) {
		uint32_t di = out >> bits & 1 ? field_mask(EEC_DI) : 0;

		wr(h, EEC, pins | di);
		wr(h, EEC, pins | di | field_mask(EEC_SK));
		in = in << 1 | field_get(rd(h, EEC), EEC_DO);
		wr(h, EEC, pins | di);
	}
	return in;
}

static void spi_select(struct harness *h)
{
	wr(h, EEC, field_mask(EEC_REQ) | field_mask(EEC_CS));
	wr(h, EEC, field_mask(EEC_REQ));
}

static void both_ways_into_the_eeprom_read_the_same_words(void **state)
{
	struct harness *h = *state;

	wr(h, EEC, field_mask(EEC_REQ) | field_mask(EEC_CS));
	assert_true(rd(h, EEC) & field_mask(EEC_GNT));
	for (uint32_t w = 0; w < 0x40; w++) {
		uint32_t low, high;

		spi_select(h);
		spi_exchange(h, 0x05, 8); /* RDSR: ready? */
		assert_int_equal(spi_exchange(h, 0, 8) & 1, 0);
		spi_select(h);
		spi_exchange(h, 0x03, 8); /* READ */
		spi_exchange(h, 2 * w, 16);
		low = spi_exchange(h, 0, 8);
		high = spi_exchange(h, 0, 8);
		assert_int_equal(low | high << 8, eerd(h, w));
	}
	wr(h, EEC, 0);
	assert_false(rd(h, EEC) & field_mask(EEC_GNT));
	no_rule_broken(h);
}

static void semaphores_follow_10_5_4(void **state)
{
	struct harness *h = *state;

	assert_int_equal(rd(h, SWSM) & 1, 0); /* ours: reading took it */
	assert_int_equal(rd(h, SWSM) & 1, 1);
	wr(h, SWSM, field_mask(SWSM_SMBI) | field_mask(SWSM_SWESMBI));
	assert_int_equal(rd(h, SWSM), 3);
	wr(h, SW_FW_SYNC, field_mask(SW_FW_SYNC_SW_MAC_CSR));
	assert_int_equal(rd(h, SW_FW_SYNC), field_mask(SW_FW_SYNC_SW_MAC_CSR));
	wr(h, SW_FW_SYNC, 0);
	wr(h, SWSM, 0);
	assert_int_equal(rd(h, SWSM), 0);
	no_rule_broken(h);
}

static void nobody_is_on_mdio_and_i2c(void **state)
{
	struct harness *h = *state;

	wr(h, MSCA, 8 | 1 << 16 | 1u << 30);
	assert_int_equal(rd(h, MSCA) >> 30 & 1, 0);
	wr(h, MSCA, 8 | 1 << 16 | 3u << 26 | 1u << 30);
	assert_int_equal(rd(h, MSCA) >> 30 & 1, 0);
	assert_int_equal(rd(h, MSRWD) >> 16, 0xffff);
	for (uint32_t out = 0; out < 4;
	     out++) { /* the lines follow what the device itself drives */
		wr(h, I2CCTL,
		   field_of(I2CCTL_CLK_OUT, out & 1) | field_of(I2CCTL_DATA_OUT, out >> 1));
		assert_int_equal(field_get(rd(h, I2CCTL), I2CCTL_CLK_IN), out & 1);
		assert_int_equal(field_get(rd(h, I2CCTL), I2CCTL_DATA_IN), out >> 1);
	}
}

static void reset_ends_by_itself_and_restores_what_the_eeprom_holds(void **state)
{
	struct harness *h = *state;
	uint32_t autoc = rd(h, AUTOC);
	struct rxring r;

	bring_up(h);
	rx_start(h, &r, 3, 64, 2, ADVANCED, 63);
	receiver(h, 1);
	wr(h, RAL, 0x11111111);
	wr(h, 0x5404, 0);
	set_bits(h, CTRL, field_mask(CTRL_RST));
	run_for(h, 1100);
	assert_int_equal(rd(h, CTRL) & (field_mask(CTRL_RST) | field_mask(CTRL_LRST)), 0);
	assert_int_equal(rd(h, RAL), 0x00000002);
	assert_int_equal(rd(h, RAH), 0x80000100);
	assert_int_equal(rd(h, AUTOC), autoc);
	assert_int_equal(rd(h, RXCTRL) & 1, 0);
	assert_int_equal(rd(h, ixgbe_rxq(RXDCTL, 3)) & field_mask(RXDCTL_ENABLE), 0);
	assert_int_equal(rd(h, ixgbe_rxq(RDT, 3)), 0);
	assert_int_equal(config_rd(h, 4, 2) & 6, 6); /* the configuration space stays */
	assert_true(rd(h, EEC) & field_mask(EEC_AUTO_RD));
	assert_true(rd(h, RDRXCTL) & field_mask(RDRXCTL_DMAIDONE));
	no_rule_broken(h);
}

static void master_disable_shows_in_status_and_stops_dma(void **state)
{
	struct harness *h = *state;
	struct txring t;
	uint8_t f[64];

	bring_up(h);
	tx_start(h, &t, 0, 64, 0);
	assert_true(rd(h, STATUS) & field_mask(STATUS_GIO_MASTER_ENABLE));
	set_bits(h, CTRL, field_mask(CTRL_GIO_MASTER_DISABLE));
	assert_false(rd(h, STATUS) & field_mask(STATUS_GIO_MASTER_ENABLE));
	plain(f, 64, 1);
	tx_one(h, &t, f, 64);
	assert_int_equal(h->n_sent, 0);
}

static void the_link_follows_the_wire(void **state)
{
	struct harness *h = *state;

	run_for(h, 2000);
	assert_int_equal(rd(h, LINKS) & field_mask(LINKS_UP), 0);
	h->class->wire_link(h->m, 1);
	run_for(h, 2000);
	assert_true(rd(h, LINKS) & field_mask(LINKS_UP));
	assert_int_equal(field_get(rd(h, LINKS), LINKS_SPEED), 3);
	assert_true(rd(h, ESDP) & field_mask(ESDP_SDP2_DATA)); /* Linux: the cage is occupied */
	assert_true(field_get(rd(h, ANLP1), ANLP1_AN_STATE) != 0);
	h->class->wire_link(h->m, 0);
	run_for(h, 10);
	assert_int_equal(rd(h, LINKS) & field_mask(LINKS_UP), 0);
}

static void the_kx4_board_comes_up_as_well(void **state)
{
	struct model_options opt = { .mac = { 2, 0, 0, 0, 0, 9 }, .device = 0x10f7 };
	struct harness h;

	(void)state;
	harness_open(&h, &model_82599, &opt);
	config_wr(&h, 4, 2, 6);
	assert_int_equal(config_rd(&h, 2, 2), 0x10f7);
	assert_int_equal(field_get(rd(&h, AUTOC), AUTOC_LMS), 4);
	h.class->wire_link(h.m, 1);
	run_for(&h, 2000);
	assert_true(rd(&h, LINKS) & field_mask(LINKS_UP));
	assert_true(field_get(rd(&h, ANLP1), ANLP1_AN_STATE) != 0);
	harness_close(&h);
}

static void function_level_reset_forgets_everything(void **state)
{
	struct harness *h = *state;

	wr(h, TQSM, 7);
	h->class->reset(h->m);
	config_wr(h, 4, 2, 6);
	assert_int_equal(rd(h, TQSM), 0);
	assert_int_equal(rd(h, RAL), 0x00000002);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(plain_registers_read_their_reset_value_then_what_was_written),
		T(read_only_registers_ignore_writes),
		T(aliases_are_the_same_register),
		T(a_register_outside_the_table_keeps_its_value_and_is_counted),
		T(statistics_clear_when_read),
		T(nothing_answers_while_memory_decoding_is_off),
		T(bars_tell_their_size_and_type),
		T(capabilities_lie_where_drivers_expect_them),
		T(what_a_register_does_not_have_reads_as_zero),
		T(a_board_may_offer_fewer_vectors),
		T(the_eeprom_checksum_is_right),
		T(both_ways_into_the_eeprom_read_the_same_words),
		T(semaphores_follow_10_5_4),
		T(nobody_is_on_mdio_and_i2c),
		T(reset_ends_by_itself_and_restores_what_the_eeprom_holds),
		T(master_disable_shows_in_status_and_stops_dma),
		T(the_link_follows_the_wire),
		T(the_kx4_board_comes_up_as_well),
		T(function_level_reset_forgets_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
