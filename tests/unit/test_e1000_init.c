/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The conversation of the e1000 drivers with registers, on a scripted device that is nothing but an
 * array: order of the initialisation, every timeout, and a device that vanishes at every single
 * register access; as an 82540EM and as an 82574L. What a correct device does is in the conformance
 * suite.
 */
#define FAKE_E1000
#include "init_script.h"

static int pcie(void)
{
	return fake_id == 0x10d3;
}

static void initialisation_follows_the_manuals_order(void **state)
{
	int reset, pba, rx, tx, mta;

	(void)state;
	assert_int_equal(try_open(NULL), 0);
	reset = set_at(CTRL, CTRL_RST);
	pba = write_at(PBA, 0);
	mta = write_at(MTA + 4 * 127, 0);
	rx = set_at(RCTL, RCTL_EN);
	tx = set_at(TCTL, TCTL_EN);
	assert_in_range(write_at(IMC, 0), 0, reset); /* interrupts off, reset, ... */
	assert_true(write_at(IMC, 1) > reset);       /* ... and off again */
	assert_true(pba >= 0 && pba < reset);        /* counts from the reset on */
	assert_true(reset < mta && mta < rx);        /* tables before the receiver */
	assert_true(write_at(RDLEN, 0) < rx);        /* ring before EN, tail after it */
	assert_true(write_at(RDT, 1) > rx);
	assert_true(write_at(TDLEN, 0) < tx && write_at(TIPG, 0) < tx);
	assert_true(set_at(CTRL, CTRL_SLU) > reset);
	assert_true(fake->waited_us >= 15000); /* 10 ms to end what goes on, 5 ms to reset */
	assert_int_equal(set_at(CTRL_EXT, CTRL_EXT_DRV_LOAD) > reset, pcie());
}

static void closing_quiesces_before_the_last_reset(void **state)
{
	int last_reset = -1, rx_off = -1, tx_off = -1;

	(void)state;
	assert_int_equal(try_open(NULL), 0);
	for (unsigned i = 0; i < fake->n_writes; i++)
		if (fake->writes[i].off == CTRL && fake->writes[i].value & field_mask(CTRL_RST))
			last_reset = (int)i;
	for (int i = 0; i < last_reset; i++) {
		if (fake->writes[i].off == RCTL && !(fake->writes[i].value & field_mask(RCTL_EN)))
			rx_off = i;
		if (fake->writes[i].off == TCTL && !(fake->writes[i].value & field_mask(TCTL_EN)))
			tx_off = i;
	}
	assert_true(rx_off > set_at(RCTL, RCTL_EN) && tx_off > set_at(TCTL, TCTL_EN));
	assert_int_equal(fake->regs[CTRL_EXT / 4] & field_mask(CTRL_EXT_DRV_LOAD), 0);
}

static void every_timeout_ends_and_is_an_error(void **state)
{
	static const struct {
		uint32_t reg, mask, value;
		int err, only_pcie;
	} stuck[] = {
		{ CTRL, FIELD_MASK(CTRL_RST), FIELD_MASK(CTRL_RST), -ETIMEDOUT, 0 },
		{ EECD, FIELD_MASK(EECD_AUTO_RD), 0, -ETIMEDOUT, 1 },
		{ EECD, FIELD_MASK(EECD_PRES), 0, -EIO, 0 },
		{ RAL, 0xff, 0x01, -EIO, 0 }, /* a multicast address in the EEPROM */
		{ EXTCNF_CTRL, FIELD_MASK(EXTCNF_CTRL_MDIO_SW_OWNERSHIP), 0, -ETIMEDOUT, 1 },
		{ MDIC, FIELD_MASK(MDIC_R), 0, -ETIMEDOUT, 0 },
		{ MDIC, FIELD_MASK(MDIC_E), FIELD_MASK(MDIC_E), -EIO, 0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(stuck); i++) {
		int err = stuck[i].only_pcie && !pcie() ? 0 : stuck[i].err;

		fake->stuck = stuck[i].reg;
		fake->stuck_mask = stuck[i].mask;
		fake->stuck_value = stuck[i].value;
		assert_int_equal(try_open(NULL), err);
		del_fake(state);
		new_fake(state);
	}
}

static void requests_that_never_end_are_reset_away(void **state)
{
	(void)state;
	fake->stuck = STATUS;
	fake->stuck_mask = fake->stuck_value = field_mask(STATUS_GIO_MASTER_ENABLE);
	assert_int_equal(try_open(NULL), 0);
}

static void a_phy_that_was_switched_off_is_started(void **state)
{
	(void)state;
	fake_bmcr = BMCR_POWER_DOWN | BMCR_ISOLATE;
	assert_int_equal(try_open(NULL), 0);
	assert_int_equal(fake_bmcr, BMCR_AN_ENABLE | BMCR_RESTART_AN);
	del_fake(state);
	new_fake(state);
	assert_int_equal(try_open(NULL), 0);
	assert_int_equal(fake_bmcr, BMCR_AN_ENABLE); /* one that negotiates is left alone */
}

static void a_link_that_stays_down_is_no_error(void **state)
{
	struct nic_config cfg = { .link_wait_ms = 50 };

	(void)state;
	fake->regs[STATUS / 4] &= ~field_mask(STATUS_LU);
	assert_int_equal(try_open(&cfg), 0);
	assert_true(fake->waited_us >= 50000);
}

static void jumbo_frames_get_a_larger_send_buffer(void **state)
{
	struct nic_config cfg = { .mtu = 9000 };
	uint32_t all = pcie() ? 40 : 64, rx;

	(void)state;
	assert_int_equal(try_open(&cfg), 0);
	rx = fake->regs[PBA / 4];
	assert_true(rx * 1024 >= 9018 && (all - rx) * 1024 >= 2 * 9018);
	assert_int_equal(pcie() ? 0 : rx % 8, 0);
	assert_true(set_at(RCTL, RCTL_LPE) >= 0);
}

/* Surprise removal at access 1, 2, 3, ... until opening and closing need no more accesses. */
static void a_device_may_vanish_at_any_register_access(void **state)
{
	struct nic_config cfg = { .interrupts = 1 };
	unsigned failed = 0, at = 1;

	cfg.rx_queues = cfg.tx_queues = pcie() ? 2 : 1;
	for (;;) {
		unsigned needed;
		int err;

		fake->gone_at = at;
		err = try_open(&cfg);
		needed = fake->accesses;
		assert_true(err == 0 || err == -ENODEV);
		failed += err != 0;
		del_fake(state);
		new_fake(state);
		if (needed < at)
			break;
		at += at < 64 ? 1 : 7; /* clearing tables has hundreds of like accesses */
	}
	assert_true(failed > 50);
}

static void vanishing_at_run_time_is_enodev(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 }, group[6] = { 1 };
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
	assert_int_equal(nic_set_mac(nic, mac), -ENODEV);
	assert_int_equal(nic_add_multicast(nic, group), -ENODEV);
	assert_int_equal(nic_filter_vlan(nic, 1), -ENODEV);
	assert_int_equal(nic_rx_arm(nic, 0), -ENODEV);
	assert_int_equal(nic_rx_wait(nic, 0, 1000), -ENODEV);
	assert_int_equal(nic_rx(nic_rxq(nic, 0), &pkt, 1), 0);
	nic_close(nic);
	nic_mem_del(mem);
}

static int as_82540em(void **state)
{
	(void)state;
	fake_id = 0x100e;
	return 0;
}
static int as_82574l(void **state)
{
	(void)state;
	fake_id = 0x10d3;
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, new_fake, del_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(initialisation_follows_the_manuals_order),
		T(closing_quiesces_before_the_last_reset),
		T(every_timeout_ends_and_is_an_error),
		T(requests_that_never_end_are_reset_away),
		T(a_phy_that_was_switched_off_is_started),
		T(a_link_that_stays_down_is_no_error),
		T(jumbo_frames_get_a_larger_send_buffer),
		T(a_device_may_vanish_at_any_register_access),
		T(vanishing_at_run_time_is_enodev),
	};

	return cmocka_run_group_tests_name("82540em", tests, as_82540em, NULL) +
	       cmocka_run_group_tests_name("82574l", tests, as_82574l, NULL);
}
