/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bugs that can be planted into both e1000 drivers.
 */
#ifndef TESTS_MUTANTS_E1000_H
#define TESTS_MUTANTS_E1000_H

#include "mutant.h"

/* Change a field of a TX descriptor in memory: of the word's low half, of its high half. */
static inline void tx_low(uint32_t slot, unsigned field, uint32_t value)
{
	struct e1000_desc *d = (struct e1000_desc *)memory(tx_ring) + slot;
	uint64_t word = from_le64(d->word);

	d->word = to_le64((word & ~0xffffffffull) | field_set((uint32_t)word, field, value));
}
static inline void tx_high(uint32_t slot, unsigned field, uint32_t value)
{
	struct e1000_desc *d = (struct e1000_desc *)memory(tx_ring) + slot;
	uint64_t word = from_le64(d->word);

	d->word = to_le64((word & 0xffffffff) |
			  (uint64_t)field_set((uint32_t)(word >> 32), field, value) << 32);
}

static int multicast_table_not_cleared(uint32_t off, uint32_t *v)
{
	(void)v;
	return off < MTA || off >= MTA + 4 * MTA_count;
}

static int vlan_table_not_cleared(uint32_t off, uint32_t *v)
{
	if (off == RCTL)
		*v |= fv(RCTL_VFE);
	return off < VFTA || off >= VFTA + 4 * VFTA_count;
}

static int gap_forgotten(uint32_t off, uint32_t *v)
{
	if (off == TIPG)
		*v = 0;
	return 1;
}

static int collisions_forgotten(uint32_t off, uint32_t *v)
{
	if (off == TCTL)
		*v &= ~(fv(TCTL_CT) | fv(TCTL_COLD));
	return 1;
}

static int odd_ring_length(uint32_t off, uint32_t *v)
{
	if (off == RDLEN)
		*v -= 16;
	return 1;
}

static int ring_length_forgotten(uint32_t off, uint32_t *v)
{
	(void)v;
	return off != TDLEN;
}

static int unaligned_ring(uint32_t off, uint32_t *v)
{
	if (off == TDBAL)
		*v += 8;
	return 1;
}

static int ring_changed_while_receiving(uint32_t off, uint32_t *v)
{
	if (off == RDT && *v)
		put(RDBAL, (uint32_t)rx_ring);
	return 1;
}

static int all_descriptors_given(uint32_t off, uint32_t *v)
{
	if (off == RDT && *v) {
		put(RDT, *v);
		*v = get_reg(RDH);
	}
	return 1;
}

static int descriptors_given_twice(uint32_t off, uint32_t *v)
{
	if (off == RDT && *v) {
		put(RDT, *v);
		*v = get_reg(RDH) + 5;
	}
	return 1;
}

static int tail_in_bytes(uint32_t off, uint32_t *v)
{
	if (off == RDT)
		*v *= 16;
	return 1;
}

static int dd_left_in_a_posted_descriptor(uint32_t off, uint32_t *v)
{
	struct e1000_desc *d;

	if (off != RDT || !*v)
		return 1;
	d = memory(rx_ring);
	d->word = to_le64(1ull << 32 | 1); /* DD of both formats */
	return 1;
}

static int dd_left_in_tx_descriptors(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		tx_high(*v - 1, TXD_DD, 1);
	return 1;
}

static int crc_forgotten(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		tx_low(*v - 1, TXD_IFCS, 0);
	return 1;
}

static int tag_without_vlan_mode(uint32_t off, uint32_t *v)
{
	if (off == CTRL)
		*v &= ~fv(CTRL_VME);
	if (off == TDT && *v)
		tx_low(*v - 1, TXD_VLE, 1);
	return 1;
}

static int unknown_descriptor_type(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v) {
		tx_low(*v - 1, TXD_DEXT, 1);
		tx_low(*v - 1, TXD_DTYP, 3);
	}
	return 1;
}

static int checksum_without_context(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v) {
		tx_low(*v - 1, TXD_DEXT, 1);
		tx_low(*v - 1, TXD_DTYP, TXD_DTYP_DATA);
		tx_high(*v - 1, TXD_TXSM, 1);
	}
	return 1;
}

static int checksum_outside_the_frame(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v) {
		tx_low(*v - 1, TXD_IC, 1);
		tx_low(*v - 1, TXD_CSO, 255);
	}
	return 1;
}

static int empty_data_descriptor(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v) {
		tx_low(*v - 1, TXD_DEXT, 1);
		tx_low(*v - 1, TXD_DTYP, TXD_DTYP_DATA);
		tx_low(*v - 1, TXD_LENGTH, 0);
	}
	return 1;
}

static int buffer_size_changed_while_receiving(uint32_t off, uint32_t *v)
{
	if (off == RDT && *v)
		put(RCTL, get_reg(RCTL) | field_of(RCTL_BSIZE, 1));
	return 1;
}

static int packet_memory_divided_too_late(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == RCTL && *v & fv(RCTL_EN))
		put(PBA, 16);
	return 1;
}

static int itr_reserved_bits(uint32_t off, uint32_t *v)
{
	if (off == ITR)
		*v = UINT32_MAX;
	return 1;
}

static int statistics_written(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == RDTR)
		put(GPRC, 0);
	return 1;
}

static int head_beyond_the_ring(uint32_t off, uint32_t *v)
{
	if (off == RDH)
		*v = 4096;
	return 1;
}

#define M(bug, rule)                     \
	{                                \
#bug, rule, bug, 0, 0, 0 \
	}
/* clang-format off */
#define COMMON_MUTANTS                                                              \
	{ "the_driver_as_it_is", NULL, unchanged, 0, 0, 0 },                        \
	{ "reset_without_waiting", "touched-in-reset", unchanged, 1, 0, 0 },        \
	{ "memory_not_mapped", "dma-unmapped", unchanged, 0, 1, 0 },                \
	{ "bus_master_forgotten", "no-bus-master", unchanged, 0, 0, 1 },            \
	M(multicast_table_not_cleared, "mta-not-cleared"),                          \
	M(vlan_table_not_cleared, "vfta-not-cleared"),                              \
	M(gap_forgotten, "tipg-zero"),                                              \
	M(collisions_forgotten, "tctl-collision"),                                  \
	M(odd_ring_length, "ring-length"),                                          \
	M(ring_length_forgotten, "ring-length"),                                    \
	M(unaligned_ring, "ring-alignment"),                                        \
	M(ring_changed_while_receiving, "ring-while-enabled"),                      \
	M(all_descriptors_given, "ring-full"),                                      \
	M(descriptors_given_twice, "tail-passes-head"),                             \
	M(tail_in_bytes, "tail-outside"),                                           \
	M(head_beyond_the_ring, "head-outside"),                                    \
	M(dd_left_in_a_posted_descriptor, "rx-descriptor-dd"),                       \
	M(dd_left_in_tx_descriptors, "tx-descriptor-dd"),                           \
	M(crc_forgotten, "tx-ifcs"),                                                \
	M(tag_without_vlan_mode, "tx-vle-without-vme"),                             \
	M(unknown_descriptor_type, "tx-dtyp"),                                      \
	M(checksum_without_context, "tx-context-unset"),                            \
	M(checksum_outside_the_frame, "tx-checksum-offsets"),                       \
	M(empty_data_descriptor, "tx-length-zero"),                                 \
	M(buffer_size_changed_while_receiving, "rctl-while-rx"),                    \
	M(packet_memory_divided_too_late, "pba-not-reset"),                         \
	M(itr_reserved_bits, "itr-reserved"),                                       \
	M(statistics_written, "write-read-only")
/* clang-format on */

#endif
