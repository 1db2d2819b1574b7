/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Driving the 82599 model from unit tests: a bring-up that breaks no rule. Written from the
 * datasheet, not from the driver, so that the two are checked against each other.
 */
#ifndef TESTS_MODEL_82599_H
#define TESTS_MODEL_82599_H

#include "model_harness.h"
#include "regs/ixgbe.h"

#define adv_rxq    ixgbe_rxq
#define adv_txq    ixgbe_txq
#define ADV_SRRCTL field_of(SRRCTL_BSIZEHEADER, 4)
#define ADV_TXDCTL field_of(TXDCTL_PTHRESH, 32)
static inline void adv_rx_extra(struct harness *h, uint32_t q)
{
	uint32_t reg = ixgbe_rxq(DCA_RXCTRL, q);

	wr(h, reg, rd(h, reg) & ~field_mask(DCA_RXCTRL_MUST_BE_0));
}
static inline void adv_tx_extra(struct harness *h, uint32_t q)
{
	uint32_t reg = ixgbe_txq(DCA_TXCTRL, q);

	wr(h, reg, rd(h, reg) & ~field_mask(DCA_TXCTRL_DESC_WRO_EN));
}
#include "model_adv.h"

/* 82599 4.6.3: everything but queues and RXEN. */
static inline void bring_up(struct harness *h)
{
	config_wr(h, 4, 2, 6); /* memory, bus master */
	h->class->wire_link(h->m, 1);
	run_for(h, 2000);
	for (uint32_t i = 1; i < RAL_count; i++) {
		wr(h, RAL + 8 * i, 0);
		wr(h, RAH + 8 * i, 0);
	}
	for (uint32_t i = 0; i < 128; i++) {
		wr(h, MTA + 4 * i, 0);
		wr(h, VFTA + 4 * i, 0);
		wr(h, PFUTA + 4 * i, 0);
		wr(h, FTQF + 4 * i, 0);
		wr(h, MPSAR + 8 * i, 0);
		wr(h, MPSAR + 8 * i + 4, 0);
	}
	wr(h, FCTRL, field_mask(FCTRL_BAM));
	wr(h, RDRXCTL,
	   field_set(rd(h, RDRXCTL), RDRXCTL_RSCFRSTSIZE, 0) | field_mask(RDRXCTL_CRCSTRIP) |
		   field_mask(RDRXCTL_RSCACKC) | field_mask(RDRXCTL_FCOE_WRFIX));
	wr(h, RXCSUM, field_mask(RXCSUM_PCSD));
	set_bits(h, RTTDCS, field_mask(RTTDCS_ARBDIS));
	wr(h, DTXMXSZRQ, 0xfff);
	wr(h, MTQC, 0);
	clear_bits(h, RTTDCS, field_mask(RTTDCS_ARBDIS));
	set_bits(h, DMATXCTL, field_mask(DMATXCTL_TE));
}

static inline void open_82599(struct harness *h)
{
	harness_open(h, &model_82599, NULL);
	bring_up(h);
}

static inline void receiver(struct harness *h, int on)
{
	wr(h, RXCTRL, on ? field_mask(RXCTRL_RXEN) : 0);
}

#endif
