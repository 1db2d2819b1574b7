/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Known driver bugs, planted into the ixgbe driver on the software 82599.
 */
#include "regs/ixgbe.h"

#define MUTANT_MODEL "82599"
#include "mutants_adv.h"

/* ---- the mutants ---- */

static int eimc_bit_31(uint32_t off, uint32_t *v)
{
	if (off == EIMC)
		*v = UINT32_MAX;
	return 1;
}

static int dtxmxszrq_all_ones(uint32_t off, uint32_t *v)
{
	if (off == DTXMXSZRQ)
		*v = 0xffff;
	return 1;
}

static int rscfrstsize_left(uint32_t off, uint32_t *v)
{
	if (off == RDRXCTL)
		*v |= field_of(RDRXCTL_RSCFRSTSIZE, 8);
	return 1;
}

static int rscackc_forgotten(uint32_t off, uint32_t *v)
{
	if (off == RDRXCTL)
		*v &= ~fv(RDRXCTL_RSCACKC);
	return 1;
}

static int fcoe_wrfix_forgotten(uint32_t off, uint32_t *v)
{
	if (off == RDRXCTL)
		*v &= ~fv(RDRXCTL_FCOE_WRFIX);
	return 1;
}

static int crc_strip_in_one_place(uint32_t off, uint32_t *v)
{
	if (off == RDRXCTL)
		*v &= ~fv(RDRXCTL_CRCSTRIP);
	return 1;
}

static int promiscuous_while_receiving(uint32_t off, uint32_t *v)
{
	if (off == CTRL_EXT && *v & fv(CTRL_EXT_DRV_LOAD))
		put(FCTRL, fv(FCTRL_UPE) | fv(FCTRL_MPE) | fv(FCTRL_BAM));
	return 1;
}

static int dca_bit_left(uint32_t off, uint32_t *v)
{
	if (off == DCA_RXCTRL)
		*v |= fv(DCA_RXCTRL_MUST_BE_0);
	return 1;
}

static int te_forgotten(uint32_t off, uint32_t *v)
{
	if (off == DMATXCTL)
		*v &= ~fv(DMATXCTL_TE);
	return 1;
}

static int thresholds_too_large(uint32_t off, uint32_t *v)
{
	if (off == TXDCTL)
		*v = field_set(*v, TXDCTL_PTHRESH, 64);
	return 1;
}

static int head_wb_misaligned(uint32_t off, uint32_t *v)
{
	if (off == TDWBAL)
		*v += 4;
	return 1;
}

static int arbiter_left_on(uint32_t off, uint32_t *v)
{
	(void)v;
	return off != RTTDCS || !(*v & fv(RTTDCS_ARBDIS));
}

static int no_buffer_size(uint32_t off, uint32_t *v)
{
	if (off == SRRCTL)
		*v = field_set(*v, SRRCTL_BSIZEPACKET, 0);
	return 1;
}

static int addresses_not_cleared(uint32_t off, uint32_t *v)
{
	(void)v;
	return off < RAL + 8 || off >= RAL + 8 * RAL_count;
}

static int no_padding(uint32_t off, uint32_t *v)
{
	if (off == HLREG0)
		*v &= ~fv(HLREG0_TXPADEN);
	return 1;
}

static const struct mutant mutants[] = {
	COMMON_MUTANTS,
	{ "short frames, no padding", "tx-short", no_padding, 0, 0, 0 },
	{ "EIMC written with bit 31", "eimc-reserved", eimc_bit_31, 0, 0, 0 },
	{ "DTXMXSZRQ with bits 15:12", "dtxmxszrq-reserved", dtxmxszrq_all_ones, 0, 0, 0 },
	{ "RSCFRSTSIZE left at 8", "rdrxctl-rscfrstsize", rscfrstsize_left, 0, 0, 0 },
	{ "RSCACKC not set", "rdrxctl-rscackc", rscackc_forgotten, 0, 0, 0 },
	{ "FCOE_WRFIX not set", "rdrxctl-fcoe-wrfix", fcoe_wrfix_forgotten, 0, 0, 0 },
	{ "CRC strip in one place only", "crc-strip-differs", crc_strip_in_one_place, 0, 0, 0 },
	{ "FCTRL while RXEN", "fctrl-while-rx", promiscuous_while_receiving, 0, 0, 0 },
	{ "DCA_RXCTRL bit 12 left", "dca-rxctrl-bit12", dca_bit_left, 0, 0, 0 },
	{ "queues before DMATXCTL.TE", "te-before-queue", te_forgotten, 0, 0, 0 },
	{ "PTHRESH 64", "thresholds", thresholds_too_large, 0, 0, 0 },
	{ "head write-back misaligned", "head-wb-alignment", head_wb_misaligned, 0, 0, 0 },
	{ "DTXMXSZRQ with the arbiter on", "arbiter-on", arbiter_left_on, 0, 0, 0 },
	{ "BSIZEPACKET 0", "rx-buffer-size", no_buffer_size, 0, 0, 0 },
	{ "RAR not cleared", "rar-not-cleared", addresses_not_cleared, 0, 0, 0 },
	{ "AUTOC without SW_FW_SYNC", "autoc-unlocked", sync_untaken, 0, 0, 0 },
};

int main(void)
{
	return run_mutants(mutants, ARRAY_SIZE(mutants));
}
