/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bugs that can be planted into both drivers with advanced descriptors, ixgbe and igb. The chip's
 * registers must be included before.
 */
#ifndef TESTS_MUTANTS_ADV_H
#define TESTS_MUTANTS_ADV_H

#include "mutant.h"
#include "regs/intel_desc.h"

/* The driver says that it is done. */
static int is_up(uint32_t off, uint32_t v)
{
	return off == CTRL_EXT && v & fv(CTRL_EXT_DRV_LOAD);
}

static int rx_tail_before_enable(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == RDLEN)
		put(RDT, 32);
	return 1;
}

static int tx_tail_before_enable(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == TDLEN)
		put(TDT, 1);
	return 1;
}

static int sync_untaken(uint32_t off, uint32_t *v)
{
	(void)v;
	return off != SW_FW_SYNC;
}

static int semaphore_forgotten(uint32_t off, uint32_t *v)
{
	if (off == SWSM)
		*v &= ~fv(SWSM_SWESMBI);
	return 1;
}

/* ---- queues ---- */

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

static int header_split(uint32_t off, uint32_t *v)
{
	if (off == SRRCTL)
		*v = field_set(*v, SRRCTL_DESCTYPE, 2);
	return 1;
}

static int odd_ring_length(uint32_t off, uint32_t *v)
{
	if (off == RDLEN)
		*v -= 16;
	return 1;
}

static int rx_ring_misaligned(uint32_t off, uint32_t *v)
{
	if (off == RDBAL)
		*v += 64;
	return 1;
}

static int tx_ring_misaligned(uint32_t off, uint32_t *v)
{
	if (off == TDBAL)
		*v += 64;
	return 1;
}

static int ring_moved_while_on(uint32_t off, uint32_t *v)
{
	if (is_up(off, *v))
		put(RDBAL, get_reg(RDBAL) + 128);
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
	if (off == RDT && *v) {
		put(RDT, 500);
		*v = 0; /* 512 descriptors in a ring of 512: the tail is the head */
	}
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

/* ---- set-up ---- */

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

static int read_only_written(uint32_t off, uint32_t *v)
{
	if (is_up(off, *v))
		put(FWSM, 0);
	return 1;
}

/* ---- descriptors ---- */

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

static void tx_cmd(uint32_t tail, uint32_t clear, uint32_t set)
{
	union intel_tx_desc *d = last_tx(tail);

	d->data.cmd = to_le32((from_le32(d->data.cmd) & ~clear) | set);
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
		tx_cmd(*v, fv(TXD_DTYP), field_of(TXD_DTYP, 1));
	return 1;
}

static int reserved_in_descriptor(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		tx_cmd(*v, 0, 1u << 16);
	return 1;
}

static int tag_without_context(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		tx_cmd(*v, 0, fv(TXD_VLE));
	return 1;
}

static int length_zero(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		tx_cmd(*v, fv(TXD_DTALEN), 0);
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

/* clang-format off */
#define COMMON_MUTANTS                                                                             \
	{ "the real driver", NULL, unchanged, 0, 0, 0 },                                           \
	{ "no wait after the reset", "touched-in-reset", unchanged, 1, 0, 0 },                     \
	{ "RDT before ENABLE", "tail-before-enable", rx_tail_before_enable, 0, 0, 0 },             \
	{ "TDT before ENABLE", "tail-before-enable", tx_tail_before_enable, 0, 0, 0 },             \
	{ "HTHRESH 0", "hthresh-zero", hthresh_zero, 0, 0, 0 },                                    \
	{ "WTHRESH with head write-back", "wthresh-with-head-wb", wthresh_with_head_wb, 0, 0, 0 }, \
	{ "header split", "header-split", header_split, 0, 0, 0 },                                 \
	{ "RDLEN no multiple of 128", "ring-length", odd_ring_length, 0, 0, 0 },                   \
	{ "RDT outside the ring", "tail-outside", tail_outside_ring, 0, 0, 0 },                    \
	{ "RDT equal to RDH on a full ring", "ring-full", full_ring, 0, 0, 0 },                    \
	{ "RDT past RDH", "tail-passes-head", tail_runs_past_head, 0, 0, 0 },                      \
	{ "MTA not cleared", "mta-not-cleared", tables_not_cleared, 0, 0, 0 },                     \
	{ "VFTA not cleared", "vfta-not-cleared", vlan_table_not_cleared, 0, 0, 0 },               \
	{ "a read-only register written", "write-read-only", read_only_written, 0, 0, 0 },         \
	{ "RDBAL changed while on", "ring-while-enabled", ring_moved_while_on, 0, 0, 0 },          \
	{ "RX descriptors with DD set", "rx-descriptor-dd", rx_descriptors_not_cleared, 0, 0, 0 }, \
	{ "PAYLEN 0", "tx-paylen", paylen_wrong, 0, 0, 0 },                                        \
	{ "DTYP 1", "tx-dtyp", dtyp_wrong, 0, 0, 0 },                                              \
	{ "reserved descriptor bit", "tx-reserved", reserved_in_descriptor, 0, 0, 0 },             \
	{ "VLE without a context", "tx-context-unset", tag_without_context, 0, 0, 0 },             \
	{ "data length 0", "tx-length-zero", length_zero, 0, 0, 0 },                               \
	{ "pointer instead of IOVA", "dma-unmapped", iova_is_pointer, 0, 0, 0 },                   \
	{ "SW_FW_SYNC without SWESMBI", "sync-unlocked", semaphore_forgotten, 0, 0, 0 },           \
	{ "memory not mapped", "dma-unmapped", unchanged, 0, 1, 0 },                               \
	{ "bus master never enabled", "no-bus-master", unchanged, 0, 0, 1 },                       \
	{ "RDBAL not 128-byte aligned", "ring-alignment", rx_ring_misaligned, 0, 0, 0 },           \
	{ "TDBAL not 128-byte aligned", "ring-alignment", tx_ring_misaligned, 0, 0, 0 }
/* clang-format on */

#endif
