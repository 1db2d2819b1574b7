/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Known driver bugs, planted into the ixgbe driver on the software 82599.
 */
#include "regs/intel_desc.h"
#include "regs/ixgbe.h"

#define MUTANT_MODEL "82599"
#include "mutant.h"

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

static int rx_tail_too_early(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == RDLEN)
		put(RDT, 32);
	return 1;
}

static int tx_tail_too_early(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == TDLEN)
		put(TDT, 1);
	return 1;
}

static int te_forgotten(uint32_t off, uint32_t *v)
{
	if (off == DMATXCTL)
		*v &= ~fv(DMATXCTL_TE);
	return 1;
}

static int hthresh_zero(uint32_t off, uint32_t *v)
{
	if (off == TXDCTL)
		*v = field_set(*v, TXDCTL_HTHRESH, 0);
	return 1;
}

static int wthresh_with_head_wb(uint32_t off, uint32_t *v)
{
	if (off == TXDCTL)
		*v = field_set(*v, TXDCTL_WTHRESH, 4);
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

static int header_split(uint32_t off, uint32_t *v)
{
	if (off == SRRCTL)
		*v = field_set(*v, SRRCTL_DESCTYPE, 2);
	return 1;
}

static int no_buffer_size(uint32_t off, uint32_t *v)
{
	if (off == SRRCTL)
		*v = field_set(*v, SRRCTL_BSIZEPACKET, 0);
	return 1;
}

static int odd_ring_length(uint32_t off, uint32_t *v)
{
	if (off == RDLEN)
		*v -= 16;
	return 1;
}

static int ring_misaligned(uint32_t off, uint32_t *v)
{
	if (off == RDBAL)
		*v += 64;
	return 1;
}

static int tail_outside_ring(uint32_t off, uint32_t *v)
{
	if (off == RDT && *v)
		*v = 512;
	return 1;
}

static int full_ring(uint32_t off, uint32_t *v)
{
	if (off == RDT && *v)
		put(RDT, 500);
	if (off == RDT && *v)
		*v = 0; /* 512 descriptors in a ring of 512: the tail is the head */
	return 1;
}

static int tail_runs_past_head(uint32_t off, uint32_t *v)
{
	if (off == RDT && *v) {
		put(RDT, 500);
		*v = 10; /* 22 more: hardware owned 500 of 512 */
	}
	return 1;
}

static int tables_not_cleared(uint32_t off, uint32_t *v)
{
	(void)v;
	return off < MTA || off >= MTA + 4 * MTA_count;
}

static int vlan_table_not_cleared(uint32_t off, uint32_t *v)
{
	(void)v;
	return off < VFTA || off >= VFTA + 4 * VFTA_count;
}

static int addresses_not_cleared(uint32_t off, uint32_t *v)
{
	(void)v;
	return off < RAL + 8 || off >= RAL + 8 * RAL_count;
}

static int read_only_written(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == CTRL_EXT)
		put(FWSM, 0);
	return 1;
}

static int ring_moved_while_on(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == CTRL_EXT && *v & fv(CTRL_EXT_DRV_LOAD))
		put(RDBAL, get_reg(RDBAL) + 128);
	return 1;
}

static int rx_descriptors_not_cleared(uint32_t off, uint32_t *v)
{
	union intel_rx_desc *d;

	if (off != RDT || !*v)
		return 1;
	d = memory(rx_ring);
	for (uint32_t i = 0; i < *v; i++)
		d[i].read.header = to_le64(from_le64(d[i].read.header) | 1);
	return 1;
}

static union intel_tx_desc *last_tx(uint32_t tail)
{
	return (union intel_tx_desc *)memory(tx_ring) + tail - 1;
}

static int paylen_wrong(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		last_tx(*v)->data.status = to_le32(0);
	return 1;
}

static int dtyp_wrong(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		last_tx(*v)->data.cmd =
			to_le32(field_set(from_le32(last_tx(*v)->data.cmd), TXD_DTYP, 1));
	return 1;
}

static int reserved_in_descriptor(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		last_tx(*v)->data.cmd = to_le32(from_le32(last_tx(*v)->data.cmd) | 1u << 16);
	return 1;
}

static int tag_without_context(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		last_tx(*v)->data.cmd = to_le32(from_le32(last_tx(*v)->data.cmd) | fv(TXD_VLE));
	return 1;
}

static int length_zero(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		last_tx(*v)->data.cmd =
			to_le32(field_set(from_le32(last_tx(*v)->data.cmd), TXD_DTALEN, 0));
	return 1;
}

static int iova_is_pointer(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v) { /* the classic: a pointer where the device's address belongs */
		uint64_t iova = from_le64(last_tx(*v)->data.addr);

		last_tx(*v)->data.addr = to_le64((uintptr_t)memory(iova));
	}
	return 1;
}

static int no_padding(uint32_t off, uint32_t *v)
{
	if (off == HLREG0)
		*v &= ~fv(HLREG0_TXPADEN);
	return 1;
}

static int semaphore_forgotten(uint32_t off, uint32_t *v)
{
	if (off == SWSM)
		*v &= ~fv(SWSM_SWESMBI);
	return 1;
}

static int link_without_lock(uint32_t off, uint32_t *v)
{
	(void)v;
	return off != SW_FW_SYNC;
}

static const struct mutant mutants[] = {
	{ "the real driver", NULL, unchanged, 0, 0, 0 },
	{ "EIMC written with bit 31", "eimc-reserved", eimc_bit_31, 0, 0, 0 },
	{ "DTXMXSZRQ with bits 15:12", "dtxmxszrq-reserved", dtxmxszrq_all_ones, 0, 0, 0 },
	{ "RSCFRSTSIZE left at 8", "rdrxctl-rscfrstsize", rscfrstsize_left, 0, 0, 0 },
	{ "RSCACKC not set", "rdrxctl-rscackc", rscackc_forgotten, 0, 0, 0 },
	{ "FCOE_WRFIX not set", "rdrxctl-fcoe-wrfix", fcoe_wrfix_forgotten, 0, 0, 0 },
	{ "CRC strip in one place only", "crc-strip-differs", crc_strip_in_one_place, 0, 0, 0 },
	{ "FCTRL while RXEN", "fctrl-while-rx", promiscuous_while_receiving, 0, 0, 0 },
	{ "DCA_RXCTRL bit 12 left", "dca-rxctrl-bit12", dca_bit_left, 0, 0, 0 },
	{ "no wait after the reset", "touched-in-reset", unchanged, 1, 0, 0 },
	{ "RDT before ENABLE", "tail-before-enable", rx_tail_too_early, 0, 0, 0 },
	{ "TDT before ENABLE", "tail-before-enable", tx_tail_too_early, 0, 0, 0 },
	{ "queues before DMATXCTL.TE", "te-before-queue", te_forgotten, 0, 0, 0 },
	{ "HTHRESH 0", "hthresh-zero", hthresh_zero, 0, 0, 0 },
	{ "WTHRESH with head write-back", "wthresh-with-head-wb", wthresh_with_head_wb, 0, 0, 0 },
	{ "PTHRESH 64", "thresholds", thresholds_too_large, 0, 0, 0 },
	{ "head write-back misaligned", "head-wb-alignment", head_wb_misaligned, 0, 0, 0 },
	{ "DTXMXSZRQ with the arbiter on", "arbiter-on", arbiter_left_on, 0, 0, 0 },
	{ "header split", "header-split", header_split, 0, 0, 0 },
	{ "BSIZEPACKET 0", "rx-buffer-size", no_buffer_size, 0, 0, 0 },
	{ "RDLEN no multiple of 128", "ring-length", odd_ring_length, 0, 0, 0 },
	{ "RDBAL not 128-byte aligned", "ring-alignment", ring_misaligned, 0, 0, 0 },
	{ "RDT outside the ring", "tail-outside", tail_outside_ring, 0, 0, 0 },
	{ "RDT equal to RDH on a full ring", "ring-full", full_ring, 0, 0, 0 },
	{ "RDT past RDH", "tail-passes-head", tail_runs_past_head, 0, 0, 0 },
	{ "MTA not cleared", "mta-not-cleared", tables_not_cleared, 0, 0, 0 },
	{ "VFTA not cleared", "vfta-not-cleared", vlan_table_not_cleared, 0, 0, 0 },
	{ "RAR not cleared", "rar-not-cleared", addresses_not_cleared, 0, 0, 0 },
	{ "a read-only register written", "write-read-only", read_only_written, 0, 0, 0 },
	{ "RDBAL changed while on", "ring-while-enabled", ring_moved_while_on, 0, 0, 0 },
	{ "RX descriptors with DD set", "rx-descriptor-dd", rx_descriptors_not_cleared, 0, 0, 0 },
	{ "PAYLEN 0", "tx-paylen", paylen_wrong, 0, 0, 0 },
	{ "DTYP 1", "tx-dtyp", dtyp_wrong, 0, 0, 0 },
	{ "reserved descriptor bit", "tx-reserved", reserved_in_descriptor, 0, 0, 0 },
	{ "VLE without a context", "tx-context-unset", tag_without_context, 0, 0, 0 },
	{ "data length 0", "tx-length-zero", length_zero, 0, 0, 0 },
	{ "pointer instead of IOVA", "dma-unmapped", iova_is_pointer, 0, 0, 0 },
	{ "short frames, no padding", "tx-short", no_padding, 0, 0, 0 },
	{ "SW_FW_SYNC without SWESMBI", "sync-unlocked", semaphore_forgotten, 0, 0, 0 },
	{ "AUTOC without SW_FW_SYNC", "autoc-unlocked", link_without_lock, 0, 0, 0 },
	{ "memory not mapped", "dma-unmapped", unchanged, 0, 1, 0 },
	{ "bus master never enabled", "no-bus-master", unchanged, 0, 0, 1 },
};

int main(void)
{
	return run_mutants(mutants, ARRAY_SIZE(mutants));
}
