/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The igb driver's conversation with registers, on a scripted device that is nothing but an array
 * (and a PHY of two registers): order of the initialisation, every timeout, the chips' differences,
 * and a device that vanishes at every single register access. What a correct device does is in the
 * conformance suite.
 */
#define FAKE_IGB
#include "fake_pci.h"
#include "init_script.h"

static void initialisation_follows_the_datasheets_order(void **state)
{
	int reset, rxen, en, rxq, txq, drv_load;

	(void)state;
	assert_int_equal(try_open(NULL), 0);
	reset = set_at(CTRL, CTRL_RST);
	rxq = set_at(RXDCTL, RXDCTL_ENABLE);
	rxen = set_at(RCTL, RCTL_RXEN);
	en = set_at(TCTL, TCTL_EN);
	txq = set_at(TXDCTL, TXDCTL_ENABLE);
	drv_load = set_at(CTRL_EXT, CTRL_EXT_DRV_LOAD);
	assert_in_range(write_at(EIMC, 0), 0, reset); /* interrupts off, reset, ... */
	assert_true(write_at(EIMC, 1) > reset);       /* ... and off again */
	assert_true(write_at(IMC, 0) < reset && write_at(IMC, 1) > reset);
	assert_true(set_at(CTRL, CTRL_SLU) > reset);
	assert_true(write_at(RDLEN, 0) < rxq); /* ring before enable ... */
	assert_true(rxq < rxen);
	assert_true(write_at(RDT, 1) > rxen); /* ... and the tail when the receiver is on */
	assert_true(write_at(MTA, 0) < rxen && write_at(VFTA, 0) < rxen);
	assert_true(en < txq && txq < drv_load);
	assert_true(fake->waited_us >= 11000); /* 10 ms to calm down, 1 ms untouched */
}

/* RXDCTL 0 and TXDCTL 0 are on after a reset: off before the ring registers are written. */
static void queue_0_is_switched_off_before_it_is_set_up(void **state)
{
	int reset, rdbal, tdbal, rx_off = -1, tx_off = -1;

	(void)state;
	assert_int_equal(try_open(NULL), 0);
	reset = set_at(CTRL, CTRL_RST);
	rdbal = write_at(RDBAL, 0);
	tdbal = write_at(TDBAL, 0);
	for (int i = reset; i < (int)fake->n_writes; i++) {
		if (fake->writes[i].off == RXDCTL && !fake->writes[i].value && i < rdbal)
			rx_off = i;
		if (fake->writes[i].off == TXDCTL && !fake->writes[i].value && i < tdbal)
			tx_off = i;
	}
	assert_true(rx_off > reset && tx_off > reset);
}

static void closing_quiesces_before_the_last_reset(void **state)
{
	int rx_off = -1, last_reset = -1;

	(void)state;
	assert_int_equal(try_open(NULL), 0);
	for (unsigned i = 0; i < fake->n_writes; i++)
		if (fake->writes[i].off == CTRL && fake->writes[i].value & field_mask(CTRL_RST))
			last_reset = (int)i;
	for (int i = 0; i < last_reset; i++)
		if (fake->writes[i].off == RCTL && !fake->writes[i].value)
			rx_off = i;
	assert_true(rx_off > set_at(RCTL, RCTL_RXEN) && rx_off < last_reset);
	assert_int_equal(fake->regs[CTRL_EXT / 4] & field_mask(CTRL_EXT_DRV_LOAD), 0);
}

/* MDIC writes to BMCR. */
static unsigned restarts(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < fake->n_writes; i++)
		n += fake->writes[i].off == MDIC &&
		     field_get(fake->writes[i].value, MDIC_OP) == MDIC_OP_WRITE &&
		     field_get(fake->writes[i].value, MDIC_REGADD) == PHY_BMCR &&
		     fake->writes[i].value & field_mask(PHY_BMCR_RESTART);
	return n;
}

static void a_link_that_is_there_is_not_negotiated_again(void **state)
{
	(void)state;
	assert_int_equal(try_open(NULL), 0);
	assert_int_equal(restarts(), 0);
}

static void a_phy_that_was_left_off_is_started(void **state)
{
	(void)state;
	fake_bmcr = field_mask(PHY_BMCR_POWER_DOWN);
	fake_bmsr = field_mask(PHY_BMSR_LINK); /* as QEMU's igb: a link without negotiation */
	assert_int_equal(try_open(NULL), 0);
	assert_int_equal(restarts(), 1);
	assert_int_equal(fake_bmcr, field_mask(PHY_BMCR_AN) | field_mask(PHY_BMCR_RESTART));
	assert_int_equal(fake->regs[SW_FW_SYNC / 4], 0); /* released */
}

static void a_serdes_port_has_no_phy(void **state)
{
	(void)state;
	fake->regs[CTRL_EXT / 4] = field_of(CTRL_EXT_LINK_MODE, 3);
	assert_int_equal(try_open(NULL), 0);
	assert_int_equal(write_at(MDIC, 0), -1);
	assert_true(set_at(CTRL, CTRL_SLU) >= 0);
}

static void every_port_has_its_semaphore(void **state)
{
	static const uint32_t bits[] = { 1 << 1, 1 << 2, 1 << 5, 1 << 6 };

	for (uint32_t port = 0; port < 4; port++) {
		fake->regs[STATUS / 4] |= field_of(STATUS_LAN_ID, port);
		assert_int_equal(try_open(NULL), 0);
		assert_int_equal(fake->writes[write_at(SW_FW_SYNC, 0)].value, bits[port]);
		del_fake(state);
		new_fake(state);
	}
}

static void every_timeout_ends(void **state)
{
	static const struct {
		uint32_t reg, mask, value;
		int err;
	} stuck[] = {
		{ CTRL, FIELD_MASK(CTRL_RST), FIELD_MASK(CTRL_RST), -ETIMEDOUT },
		{ STATUS, FIELD_MASK(STATUS_GIO_MASTER_ENABLE),
		  FIELD_MASK(STATUS_GIO_MASTER_ENABLE), 0 },  /* a warning; reset in any case */
		{ EECD, FIELD_MASK(EECD_AUTO_RD), 0, 0 },     /* no EEPROM; the address counts */
		{ RAL, 0xff, 0x01, -EIO },                    /* a multicast address in it */
		{ SW_FW_SYNC, 1 << 17, 1 << 17, -ETIMEDOUT }, /* the firmware keeps the PHY */
		{ MDIC, FIELD_MASK(MDIC_READY), 0, -ETIMEDOUT },
		{ MDIC, FIELD_MASK(MDIC_E), FIELD_MASK(MDIC_E), -EIO },
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
	fake->regs[SW_FW_SYNC / 4] = 1 << 1;
	assert_int_equal(try_open(NULL), 0);
}

static void a_link_that_stays_down_is_no_error(void **state)
{
	struct nic_config cfg = { .link_wait_ms = 50 };

	(void)state;
	fake->regs[STATUS / 4] &= ~field_mask(STATUS_LU);
	assert_int_equal(try_open(&cfg), 0);
	assert_true(fake->waited_us >= 50000);
}

static int open_chip(uint16_t device, const struct nic_config *cfg)
{
	fake->dev.device = device;
	return try_open(cfg);
}

/* Every id of the table opens. */
static void every_chip_is_brought_up(void **state)
{
	for (const struct driver_id *id = driver_igb.ids; id->vendor; id++) {
		if (id->device == 0x10a7 || id->device == 0x10a9 || id->device == 0x10d6) {
			/* 82575: the lower addresses */
			fake->regs[0x2828 / 4] = field_mask(RXDCTL_ENABLE);
		}
		assert_int_equal(open_chip(id->device, NULL), 0);
		del_fake(state);
		new_fake(state);
	}
}

static void the_82575_has_its_queues_elsewhere(void **state)
{
	struct nic_config cfg = { .rx_queues = 4, .tx_queues = 4 };

	(void)state;
	assert_int_equal(open_chip(0x10a7, &cfg), 0);
	assert_true(write_at(0x2818 + 0x300, 0) >= 0); /* RDT 3 */
	assert_true(write_at(0x3818 + 0x300, 0) >= 0);
	assert_int_equal(write_at(RDT, 0), -1);
	assert_int_equal(write_at(TDT, 0), -1);
	/* its redirection table has the queue in bits 7:6 */
	assert_int_equal(fake->regs[RETA / 4], 0xc0804000);
}

static void every_chip_has_its_number_of_queues(void **state)
{
	static const struct {
		uint16_t device;
		unsigned queues;
	} chips[] = { { 0x10a7, 4 }, { 0x10c9, 16 }, { 0x150e, 8 }, { 0x1521, 8 },
		      { 0x1533, 4 }, { 0x1539, 2 },  { 0x15f3, 4 } };

	for (unsigned i = 0; i < ARRAY_SIZE(chips); i++) {
		struct nic_config cfg = { .rx_queues = chips[i].queues,
					  .tx_queues = chips[i].queues };

		assert_int_equal(open_chip(chips[i].device, &cfg), 0);
		del_fake(state);
		new_fake(state);
		cfg.tx_queues++;
		assert_int_equal(open_chip(chips[i].device, &cfg), -EINVAL);
		del_fake(state);
		new_fake(state);
	}
}

static void interrupt_vectors_are_where_the_chip_has_them(void **state)
{
	struct nic_config cfg = { .rx_queues = 4, .interrupts = 1 };

	assert_int_equal(open_chip(0x10c9, &cfg), 0);
	assert_int_equal(fake->regs[IVAR / 4] & 0xff, 0x80); /* 82576: a register each */
	assert_int_equal(fake->regs[IVAR / 4 + 3] & 0xff, 0x83);
	del_fake(state);
	new_fake(state);
	assert_int_equal(open_chip(0x1521, &cfg), 0);
	assert_int_equal(fake->regs[IVAR / 4], 0x00810080); /* I350: two share one */
	assert_int_equal(fake->regs[IVAR / 4 + 1], 0x00830082);
	del_fake(state);
	new_fake(state);
	assert_int_equal(open_chip(0x15f3, &cfg), 0);
	assert_int_equal(fake->writes[write_at(IGC_IMC, 0)].value, UINT32_MAX);
	assert_int_equal(write_at(IMC, 0), -1);
}

static void interrupts_that_a_chip_lacks_are_refused(void **state)
{
	struct nic_config cfg = { .rx_queues = 11, .interrupts = 1 };

	assert_int_equal(open_chip(0x10c9, &cfg), -EINVAL);
	del_fake(state);
	new_fake(state);
	cfg.rx_queues = 1;
	assert_int_equal(open_chip(0x10a7, &cfg), -EINVAL);
}

/* Made of advanced descriptors, which all have. */
static void every_chip_has_in_place_paths(void **state)
{
	static const uint16_t ids[] = { 0x10a7, 0x10c9, 0x1533, 0x15f3 };

	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++) {
		struct nic_path *path;
		struct nic_mem *mem;
		struct nic *nic;

		fake->dev.device = ids[i];
		assert_int_equal(nic_mem_new(&mem, &little), 0);
		assert_int_equal(nic_open_pci(&nic, mem, &fake->dev, strdup("fake"), NULL), 0);
		assert_int_equal(nic_path_new(&path, nic, &nic, 1, 0), 0);
		nic_path_del(path);
		nic_close(nic);
		nic_mem_del(mem);
		del_fake(state);
		new_fake(state);
	}
}

static void an_i225_tells_2500(void **state)
{
	struct nic_mem *mem;
	struct nic *nic;

	(void)state;
	fake->dev.device = 0x15f3;
	fake->regs[STATUS / 4] |= field_mask(STATUS_SPEED_2500);
	assert_int_equal(nic_mem_new(&mem, &little), 0);
	assert_int_equal(nic_open_pci(&nic, mem, &fake->dev, strdup("fake"), NULL), 0);
	assert_int_equal(nic_link(nic), 2500);
	nic_close(nic);
	nic_mem_del(mem);
}

/* 82576 7.4: tags are stripped for the whole port, or for nobody: a path wants them in place. */
static void a_path_switches_tag_stripping_off(void **state)
{
	struct nic_path *path;
	struct nic_mem *mem;
	struct nic *nic;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, &little), 0);
	assert_int_equal(nic_open_pci(&nic, mem, &fake->dev, strdup("fake"), NULL), 0);
	assert_true(fake->regs[CTRL / 4] & field_mask(CTRL_VME));
	assert_int_equal(nic_path_new(&path, nic, &nic, 1, 0), 0);
	assert_false(fake->regs[CTRL / 4] & field_mask(CTRL_VME));
	nic_path_del(path);
	assert_true(fake->regs[CTRL / 4] & field_mask(CTRL_VME));
	nic_close(nic);
	nic_mem_del(mem);
}

/* Surprise removal at access 1, 2, 3, ... until opening and closing need no more accesses. */
static void a_device_may_vanish_at_any_register_access(void **state)
{
	struct nic_config cfg = { .rx_queues = 2, .tx_queues = 2, .interrupts = 1 };
	unsigned failed = 0, at = 1;

	fake_bmsr = 0; /* negotiation, too */
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
		fake_bmsr = 0;
		if (needed < at)
			break;
		at += at < 128 ? 1 : 5; /* clearing tables has hundreds of like accesses */
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
	assert_int_equal(nic_add_multicast(nic, (const uint8_t *)"\x01\0\0\0\0\1"), -ENODEV);
	assert_int_equal(nic_rx_arm(nic, 0), -ENODEV);
	assert_int_equal(nic_rx_wait(nic, 0, 1000), -ENODEV);
	assert_int_equal(nic_rx(nic_rxq(nic, 0), &pkt, 1), 0);
	nic_close(nic);
	nic_mem_del(mem);
}

/* 12 bits a queue; the I210 clears RQDPC by a written 0. */
static void dropped_frames_are_missed_not_received(void **state)
{
	struct nic_config cfg = { .rx_queues = 2 };
	struct nic_stats stats;
	struct nic_mem *mem;
	struct nic *nic;

	(void)state;
	fake->dev.device = 0x1533;
	assert_int_equal(nic_mem_new(&mem, &little), 0);
	assert_int_equal(nic_open_pci(&nic, mem, &fake->dev, strdup("fake"), &cfg), 0);
	fake->regs[GPRC / 4] = 100;
	fake->regs[GORCL / 4] = 6400;
	fake->regs[RQDPC / 4] = 0xf000 | 7;
	fake->regs[igb_queue(RQDPC, 1) / 4] = 3;
	fake->regs[MPC / 4] = 5;
	assert_int_equal(nic_get_stats(nic, &stats), 0);
	assert_int_equal(stats.rx_packets, 90);
	assert_int_equal(stats.rx_missed, 15);
	assert_int_equal(stats.rx_bytes, 6000);
	assert_int_equal(fake->regs[RQDPC / 4], 0);
	nic_close(nic);
	nic_mem_del(mem);
}

#define T(name) cmocka_unit_test_setup_teardown(name, new_fake, del_fake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(initialisation_follows_the_datasheets_order),
		T(queue_0_is_switched_off_before_it_is_set_up),
		T(closing_quiesces_before_the_last_reset),
		T(a_link_that_is_there_is_not_negotiated_again),
		T(a_phy_that_was_left_off_is_started),
		T(a_serdes_port_has_no_phy),
		T(every_port_has_its_semaphore),
		T(every_timeout_ends),
		T(a_semaphore_left_by_a_killed_program_is_taken_over),
		T(a_link_that_stays_down_is_no_error),
		T(every_chip_is_brought_up),
		T(the_82575_has_its_queues_elsewhere),
		T(every_chip_has_its_number_of_queues),
		T(interrupt_vectors_are_where_the_chip_has_them),
		T(interrupts_that_a_chip_lacks_are_refused),
		T(every_chip_has_in_place_paths),
		T(an_i225_tells_2500),
		T(a_path_switches_tag_stripping_off),
		T(a_device_may_vanish_at_any_register_access),
		T(vanishing_at_run_time_is_enodev),
		T(dropped_frames_are_missed_not_received),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
