/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Known driver bugs, planted into the igb driver on the software 82576.
 */
#include "regs/igb.h"

#define MUTANT_MODEL "82576"
#include "mutants_adv.h"

/* ---- the traps of this family ---- */

static int rx_queue_0_left_on(uint32_t off, uint32_t *v)
{
	return off != RXDCTL || *v & fv(RXDCTL_ENABLE);
}

static int tx_queue_0_left_on(uint32_t off, uint32_t *v)
{
	return off != TXDCTL || *v & fv(TXDCTL_ENABLE);
}

/* The 82599's order: tail as soon as the queue is enabled. Here the receiver is still off. */
static int rx_tail_before_rxen(uint32_t off, uint32_t *v)
{
	if (off == RCTL && *v & fv(RCTL_RXEN))
		put(RDT, 32);
	return 1;
}

static int loopback_by_the_mac(uint32_t off, uint32_t *v)
{
	if (off == RCTL)
		*v = field_set(*v, RCTL_LBM, 1);
	return 1;
}

static int packet_split_of_the_e1000(uint32_t off, uint32_t *v)
{
	if (off == RCTL)
		*v = field_set(*v, RCTL_RESERVED, 1);
	return 1;
}

static int crc_left_tags_stripped(uint32_t off, uint32_t *v)
{
	if (off == RCTL)
		*v &= ~fv(RCTL_SECRC);
	return 1;
}

static int eicr_read_with_auto_clear(uint32_t off, uint32_t *v)
{
	if (is_up(off, *v)) {
		put(GPIE, fv(GPIE_MULTIPLE_MSIX));
		put(EIAC, 1);
		get_reg(EICR);
	}
	return 1;
}

static int vector_25(uint32_t off, uint32_t *v)
{
	if (is_up(off, *v))
		put(IVAR, 0x80 | 25);
	return 1;
}

/* ---- queues ---- */

static int head_wb_out_of_order(uint32_t off, uint32_t *v)
{
	if (off == TXCTL)
		*v |= fv(TXCTL_DESC_WRO_EN);
	return 1;
}

static int buffer_size_changed_while_on(uint32_t off, uint32_t *v)
{
	if (is_up(off, *v))
		put(SRRCTL, get_reg(SRRCTL) + 1);
	return 1;
}

/* ---- set-up ---- */

/* A driver that knows the 16 addresses of the 82575 only. */
static int eight_addresses_forgotten(uint32_t off, uint32_t *v)
{
	(void)v;
	return off < igb_ra(RAL, 16) || off > igb_ra(RAH, 23);
}

static int no_padding(uint32_t off, uint32_t *v)
{
	if (off == TCTL)
		*v &= ~fv(TCTL_PSP);
	return 1;
}

static const struct mutant mutants[] = {
	COMMON_MUTANTS,
	{ "short frames, no padding", "tx-short", no_padding, 0, 0, 0 },
	{ "RX queue 0 left on", "ring-while-enabled", rx_queue_0_left_on, 0, 0, 0 },
	{ "TX queue 0 left on", "ring-while-enabled", tx_queue_0_left_on, 0, 0, 0 },
	{ "RDT before RXEN", "tail-before-enable", rx_tail_before_rxen, 0, 0, 0 },
	{ "MAC loopback", "rctl-lbm", loopback_by_the_mac, 0, 0, 0 },
	{ "RCTL.DTYP of the e1000", "rctl-reserved", packet_split_of_the_e1000, 0, 0, 0 },
	{ "tags stripped, CRC left", "vme-without-secrc", crc_left_tags_stripped, 0, 0, 0 },
	{ "EICR read with EIAC", "eicr-read-with-eiac", eicr_read_with_auto_clear, 0, 0, 0 },
	{ "vector 25", "ivar-vector", vector_25, 0, 0, 0 },
	{ "MDIC without SW_FW_SYNC", "mdic-unlocked", sync_untaken, 0, 0, 0 },
	{ "head write-backs reordered", "head-wb-reordered", head_wb_out_of_order, 0, 0, 0 },
	{ "SRRCTL while on", "srrctl-while-enabled", buffer_size_changed_while_on, 0, 0, 0 },
	{ "16 of 24 addresses cleared", "rar-not-cleared", eight_addresses_forgotten, 0, 0, 0 },
};

int main(void)
{
	return run_mutants(mutants, ARRAY_SIZE(mutants));
}
