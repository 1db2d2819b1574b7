/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The ixgbe driver's conversation with registers, on a scripted device that is nothing but an
 * array: order of the initialisation, every timeout, and a device that vanishes at every single
 * register access. What a correct device does is in the conformance suite.
 */
#include "fake_pci.h"
#include "init_script.h"

static void initialisation_follows_the_datasheets_order(void **state)
{
	int reset, rxen, te, rxq, txq, fctrl, drv_load;

	(void)state;
	assert_int_equal(try_open(NULL), 0);
	reset = set_at(CTRL, CTRL_RST);
	fctrl = write_at(FCTRL, 0);
	rxq = set_at(RXDCTL, RXDCTL_ENABLE);
	rxen = set_at(RXCTRL, RXCTRL_RXEN);
	te = set_at(DMATXCTL, DMATXCTL_TE);
	txq = set_at(TXDCTL, TXDCTL_ENABLE);
	drv_load = set_at(CTRL_EXT, CTRL_EXT_DRV_LOAD);
	assert_in_range(write_at(EIMC, 0), 0, reset); /* interrupts off, reset, ... */
	assert_true(write_at(EIMC, 1) > reset);       /* ... and off again */
	assert_true(reset < fctrl && fctrl < rxq);    /* filters before queues */
	assert_true(write_at(RDLEN, 0) < rxq);        /* ring before enable, tail after it */
	assert_true(write_at(RDT, 1) > rxq);
	assert_true(rxq < rxen && rxen < te && te < txq && txq < drv_load);
	assert_true(fake->waited_us >= 11000); /* 1 ms untouched, 10 ms to initialise */
	for (unsigned i = 0; i < fake->n_writes; i++)
		if (fake->writes[i].off == EIMC)
			assert_int_equal(fake->writes[i].value >> 31, 0); /* reserved */
}

static void closing_quiesces_before_the_last_reset(void **state)
{
	int rxen_off, last_reset = -1;

	(void)state;
	assert_int_equal(try_open(NULL), 0);
	for (unsigned i = 0; i < fake->n_writes; i++)
		if (fake->writes[i].off == CTRL && fake->writes[i].value & field_mask(CTRL_RST))
			last_reset = (int)i;
	rxen_off = -1;
	for (int i = 0; i < last_reset; i++)
		if (fake->writes[i].off == RXCTRL && !fake->writes[i].value)
			rxen_off = i;
	assert_true(rxen_off > set_at(RXCTRL, RXCTRL_RXEN) && rxen_off < last_reset);
	assert_int_equal(fake->regs[CTRL_EXT / 4] & field_mask(CTRL_EXT_DRV_LOAD), 0);
}

static void a_master_disable_that_never_ends_costs_a_second_reset(void **state)
{
	unsigned resets = 0;

	(void)state;
	fake->stuck = STATUS;
	fake->stuck_mask = fake->stuck_value = field_mask(STATUS_GIO_MASTER_ENABLE);
	assert_int_equal(try_open(NULL), 0);
	for (unsigned i = 0; i < fake->n_writes; i++)
		resets +=
			fake->writes[i].off == CTRL && fake->writes[i].value & field_mask(CTRL_RST);
	assert_int_equal(resets, 4); /* two at open, two at close */
	assert_true(set_at(GCR_EXT, GCR_EXT_BUFFERS_CLEAR) >= 0);
	assert_true(set_at(HLREG0, HLREG0_LPBK) >= 0);
}

static void every_timeout_ends_and_is_an_error(void **state)
{
	static const struct {
		uint32_t reg, mask, value;
		int err;
	} stuck[] = {
		{ CTRL, FIELD_MASK(CTRL_RST), FIELD_MASK(CTRL_RST), -ETIMEDOUT },
		{ EEC, FIELD_MASK(EEC_AUTO_RD), 0, -ETIMEDOUT },
		{ EEC, FIELD_MASK(EEC_EE_PRES), 0, -EIO },
		{ FWSM, FIELD_MASK(FWSM_EXT_ERR_IND), FIELD_MASK(FWSM_EXT_ERR_IND), -EIO },
		{ RDRXCTL, FIELD_MASK(RDRXCTL_DMAIDONE), 0, -ETIMEDOUT },
		{ RAL, 0xff, 0x01, -EIO }, /* a multicast address in the EEPROM */
		{ SW_FW_SYNC, FIELD_MASK(SW_FW_SYNC_FW_MAC_CSR), FIELD_MASK(SW_FW_SYNC_FW_MAC_CSR),
		  -ETIMEDOUT },
		{ RXDCTL, FIELD_MASK(RXDCTL_ENABLE), 0, -ETIMEDOUT },
		{ TXDCTL, FIELD_MASK(TXDCTL_ENABLE), 0, -ETIMEDOUT },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(stuck); i++) {
		fake->stuck = stuck[i].reg;
		fake->stuck_mask = stuck[i].mask;
		fake->stuck_value = stuck[i].value;
		assert_int_equal(try_open(NULL), stuck[i].err);
		del_fake(state);
		new_fake(state);
	}
}

static void a_semaphore_left_by_a_killed_program_is_taken_over(void **state)
{
	(void)state;
	fake->stuck = SWSM;
	fake->stuck_mask = fake->stuck_value = field_mask(SWSM_SMBI);
	fake->regs[SW_FW_SYNC / 4] = field_mask(SW_FW_SYNC_SW_MAC_CSR);
	assert_int_equal(try_open(NULL), 0);
}

static void a_link_that_stays_down_is_no_error(void **state)
{
	struct nic_config cfg = { .link_wait_ms = 50 };

	(void)state;
	fake->regs[LINKS / 4] = 0;
	assert_int_equal(try_open(&cfg), 0);
	assert_true(fake->waited_us >= 50000);
}

/* Surprise removal at access 1, 2, 3, ... until opening and closing need no more accesses. */
static void a_device_may_vanish_at_any_register_access(void **state)
{
	struct nic_config cfg = { .rx_queues = 2, .tx_queues = 2, .interrupts = 1 };
	unsigned step = 1, failed = 0, at = 1;

	for (;;) {
		int err;
		unsigned needed;

		fake->gone_at = at;
		err = try_open(&cfg);
		needed = fake->accesses;
		assert_true(err == 0 || err == -ENODEV);
		failed += err != 0;
		del_fake(state);
		new_fake(state);
		if (needed < at)
			break;
		step = at < 64 ? 1 : 7; /* clearing tables has thousands of like accesses */
		at += step;
	}
	assert_true(failed > 50);
}

static void vanishing_at_run_time_is_enodev(void **state)
{
	struct nic_config cfg = { .interrupts = 1 };
	struct nic_stats stats;
	struct nic_pkt pkt;
	struct nic_mem *mem;
	struct nic *nic;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, &little), 0);
	assert_int_equal(nic_open_pci(&nic, mem, &fake->dev, strdup("fake"), &cfg), 0);
	fake->gone_at = 1;
	assert_int_equal(nic_link(nic), -ENODEV);
	assert_int_equal(nic_get_stats(nic, &stats), -ENODEV);
	assert_int_equal(nic_set_promisc(nic, 1), -ENODEV);
	assert_int_equal(nic_filter_vlan(nic, 1), -ENODEV);
	assert_int_equal(nic_rx_arm(nic, 0), -ENODEV);
	assert_int_equal(nic_rx_wait(nic, 0, 1000), -ENODEV);
	assert_int_equal(nic_rx(nic_rxq(nic, 0), &pkt, 1), 0);
	nic_close(nic);
	nic_mem_del(mem);
}

#define T(name) cmocka_unit_test_setup_teardown(name, new_fake, del_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(initialisation_follows_the_datasheets_order),
		T(closing_quiesces_before_the_last_reset),
		T(a_master_disable_that_never_ends_costs_a_second_reset),
		T(every_timeout_ends_and_is_an_error),
		T(a_semaphore_left_by_a_killed_program_is_taken_over),
		T(a_link_that_stays_down_is_no_error),
		T(a_device_may_vanish_at_any_register_access),
		T(vanishing_at_run_time_is_enodev),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
