/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Register and field constants of the 82599 family, made from ixgbe.def: RDT is the offset of
 * RDT[0], RDT_stride and RDT_count belong to it, RXDCTL_ENABLE is a field for field_get.
 */
#ifndef REGS_IXGBE_H
#define REGS_IXGBE_H

#include "regs/regs.h"

enum {
#define REG(name, offset, stride, count, access, reset, section, title) \
	name = (offset), name##_stride = (stride), name##_count = (count),
#define MORE(name, offset, stride, count, first, access, reset, section, title)
#define ALIAS(name, offset, stride, count, section)
#define FIELD(reg, name, hi, lo, meaning) reg##_##name = FIELD_BITS(hi, lo),
#include "regs/ixgbe.def"
#undef REG
#undef MORE
#undef ALIAS
#undef FIELD
};

/* Values of fields. */
enum {
	AUTOC_LMS_10G_NO_AN = 1, /* 82599 8.2.3.22.19 */
	AUTOC_LMS_10G_SERIAL = 3,
	AUTOC2_PMA_SFI = 2,         /* 82599 8.2.3.22.22 */
	SRRCTL_DESCTYPE_LEGACY = 0, /* 82599 8.2.3.8.7 */
	SRRCTL_DESCTYPE_ADV_ONE_BUFFER = 1,
	MRQC_MRQE_RSS = 1, /* 82599 8.2.3.7.12 */
};

/* Queues 64 to 127 lie elsewhere (82599 8.2.3.8.1); @reg is the register of queue 0. */
static inline uint32_t ixgbe_rxq(uint32_t reg, uint32_t n)
{
	return n < 64 ? reg + 0x40 * n : reg + 0xc000 + 0x40 * (n - 64);
}
static inline uint32_t ixgbe_txq(uint32_t reg, uint32_t n)
{
	return reg + 0x40 * n;
}
/* EITR 24 to 128 lie elsewhere (82599 8.2.3.5.12). */
static inline uint32_t ixgbe_eitr(uint32_t n)
{
	return n < 24 ? EITR + 4 * n : 0x12300 + 4 * (n - 24);
}

extern const struct reg_table regs_ixgbe;

#endif
