/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Driving the 82576 model from unit tests: a bring-up that breaks no rule. Written from the
 * datasheet, not from the driver, so that the two are checked against each other.
 */
#ifndef TESTS_MODEL_82576_H
#define TESTS_MODEL_82576_H

#include "model_harness.h"
#include "regs/igb.h"

#define adv_rxq    igb_queue
#define adv_txq    igb_queue
#define ADV_SRRCTL 0
#define ADV_TXDCTL field_of(TXDCTL_PTHRESH, 8)
static inline void adv_rx_extra(struct harness *h, uint32_t q)
{
	(void)h;
	(void)q;
}
static inline void adv_tx_extra(struct harness *h, uint32_t q)
{
	uint32_t reg = igb_queue(TXCTL, q);

	wr(h, reg, rd(h, reg) & ~field_mask(TXCTL_DESC_WRO_EN));
}
#include "model_adv.h"

#define RCTL_ON (field_mask(RCTL_RXEN) | field_mask(RCTL_BAM) | field_mask(RCTL_SECRC))

/* 82576 4.5: everything but queues, RXEN and EN. */
static inline void bring_up(struct harness *h)
{
	config_wr(h, 4, 2, 6); /* memory, bus master */
	wr(h, RXDCTL, rd(h, RXDCTL) & ~field_mask(RXDCTL_ENABLE));
	wr(h, TXDCTL, 0);
	wr(h, RXDCTL, field_of(RXDCTL_WTHRESH, 1));
	set_bits(h, CTRL, field_mask(CTRL_SLU));
	h->class->wire_link(h->m, 1);
	run_for(h, 600);
	assert_true(rd(h, STATUS) & field_mask(STATUS_LU));
	for (uint32_t i = 1; i < IGB_RA_COUNT; i++) {
		wr(h, igb_ra(RAL, i), 0);
		wr(h, igb_ra(RAH, i), 0);
	}
	for (uint32_t i = 0; i < 128; i++) {
		wr(h, MTA + 4 * i, 0);
		wr(h, VFTA + 4 * i, 0);
	}
	set_bits(h, RXCSUM, field_mask(RXCSUM_PCSD) | field_mask(RXCSUM_CRCOFL));
}

static inline void open_82576(struct harness *h)
{
	harness_open(h, &model_82576, NULL);
	bring_up(h);
	wr(h, RCTL, RCTL_ON);
	set_bits(h, TCTL, field_mask(TCTL_EN));
}

/* ---- PHY ---- */

/** phy_rd, phy_wr - through MDIC, holding the semaphore. */
static inline uint32_t phy_access(struct harness *h, uint32_t command)
{
	rd(h, SWSM);
	wr(h, SWSM, field_mask(SWSM_SMBI) | field_mask(SWSM_SWESMBI));
	wr(h, SW_FW_SYNC, field_of(SW_FW_SYNC_SW_PHY, 1));
	wr(h, MDIC, command | field_of(MDIC_PHYADD, PHY_ADDRESS));
	assert_true(rd(h, MDIC) & field_mask(MDIC_READY));
	assert_false(rd(h, MDIC) & field_mask(MDIC_E));
	wr(h, SW_FW_SYNC, 0);
	wr(h, SWSM, 0);
	return field_get(rd(h, MDIC), MDIC_DATA);
}
static inline uint32_t phy_rd(struct harness *h, uint32_t no)
{
	return phy_access(h, field_of(MDIC_OP, MDIC_OP_READ) | field_of(MDIC_REGADD, no));
}
static inline void phy_wr(struct harness *h, uint32_t no, uint32_t value)
{
	phy_access(h, field_of(MDIC_OP, MDIC_OP_WRITE) | field_of(MDIC_REGADD, no) | value);
}

#endif
