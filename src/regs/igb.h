/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Register and field constants of the 82576 family, made from igb.def: RDT is the offset of
 * RDT[0], RDT_stride and RDT_count belong to it, RXDCTL_ENABLE is a field for field_get.
 */
#ifndef REGS_IGB_H
#define REGS_IGB_H

#include "regs/regs.h"

enum {
#define REG(name, offset, stride, count, access, reset, section, title) \
	name = (offset), name##_stride = (stride), name##_count = (count),
#define MORE(name, offset, stride, count, first, access, reset, section, title)
#define ALIAS(name, offset, stride, count, section)
#define FIELD(reg, name, hi, lo, meaning) reg##_##name = FIELD_BITS(hi, lo),
#include "regs/igb.def"
#undef REG
#undef MORE
#undef ALIAS
#undef FIELD
};

/* Values of fields. */
enum {
	CTRL_SPEED_1000 = 2,        /* 82576 8.2.1 */
	SRRCTL_DESCTYPE_LEGACY = 0, /* 82576 8.10.2 */
	SRRCTL_DESCTYPE_ADV_ONE_BUFFER = 1,
	MRQC_MRQE_RSS = 2, /* 82576 8.10 */
	MDIC_OP_WRITE = 1, /* 82576 8.2.4 */
	MDIC_OP_READ = 2,
};

/* I225 decodes the interrupt registers of the e1000 kind only where the others have an alias. */
enum { IGC_ICR = 0x1500, IGC_IMC = 0x150c };

/* The PHY behind MDIC: address, registers and bits that IEEE 802.3 clause 22 defines. */
enum {
	PHY_ADDRESS = 1,
	PHY_BMCR = 0,
	PHY_BMCR_SPEED_1000 = FIELD_BITS(6, 6),
	PHY_BMCR_FULL_DUPLEX = FIELD_BITS(8, 8),
	PHY_BMCR_RESTART = FIELD_BITS(9, 9),
	PHY_BMCR_POWER_DOWN = FIELD_BITS(11, 11),
	PHY_BMCR_AN = FIELD_BITS(12, 12),
	PHY_BMCR_LOOPBACK = FIELD_BITS(14, 14),
	PHY_BMCR_RESET = FIELD_BITS(15, 15),
	PHY_BMSR = 1,
	PHY_BMSR_LINK = FIELD_BITS(2, 2),
	PHY_BMSR_AN_DONE = FIELD_BITS(5, 5),
};

/* @reg is the register of queue 0. */
static inline uint32_t igb_queue(uint32_t reg, uint32_t n)
{
	return reg + 0x40 * n;
}
/* Receive addresses 16 to 23 lie elsewhere; @reg is RAL or RAH. */
static inline uint32_t igb_ra(uint32_t reg, uint32_t n)
{
	return n < 16 ? reg + 8 * n : reg + 0xe0 + 8 * (n - 16);
}
enum { IGB_RA_COUNT = 24 }; /* 82576 and 82580; 82575 and I210 have 16, I350 32 */

extern const struct reg_table regs_igb;

#endif
