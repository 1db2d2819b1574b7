/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Register and field constants of the 82540EM and the 82574L, made from e1000.def and e1000e.def:
 * RDT is the offset of RDT[0], RDT_stride and RDT_count belong to it, RCTL_EN is a field for
 * field_get.
 */
#ifndef REGS_E1000_H
#define REGS_E1000_H

#include "regs/regs.h"

enum {
#define REG(name, offset, stride, count, access, reset, section, title) \
	name = (offset), name##_stride = (stride), name##_count = (count),
#define ALIAS(name, offset, stride, count, section)
#define FIELD(reg, name, hi, lo, meaning) reg##_##name = FIELD_BITS(hi, lo),
#include "regs/e1000.def"
#include "regs/e1000e.def"
#undef REG
#undef ALIAS
#undef FIELD
};

/* EERD has two layouts, which overlap (82540EM 13.4.4, 82574 10.2.2). */
enum {
	EERD_DONE_82540 = FIELD_BITS(4, 4),
	EERD_ADDR_82540 = FIELD_BITS(15, 8),
	EERD_DONE_82574 = FIELD_BITS(1, 1),
	EERD_ADDR_82574 = FIELD_BITS(15, 2),
};
/* Values of fields. */
enum {
	CTRL_SPEED_1000 = 2, /* 82540EM 13.4.1 */
	MDIC_OP_WRITE = 1,   /* 82540EM 13.4.7 */
	MDIC_OP_READ = 2,
	MRQC_MRQE_RSS = 1, /* 82574 10.2.5 */
	RCTL_LBM_PHY = 3,
	RCTL_DTYP_SPLIT = 1, /* 82574L */
};
/* Registers of the PHY (IEEE 802.3 22.2.4) and their bits. */
enum {
	PHY_BMCR = 0,
	BMCR_SPEED_1000 = 1 << 6,
	BMCR_FULL_DUPLEX = 1 << 8,
	BMCR_RESTART_AN = 1 << 9,
	BMCR_ISOLATE = 1 << 10,
	BMCR_POWER_DOWN = 1 << 11,
	BMCR_AN_ENABLE = 1 << 12,
	BMCR_LOOPBACK = 1 << 14,
	BMCR_RESET = 1 << 15,
	PHY_BMSR = 1,
	BMSR_LINK = 1 << 2,
	BMSR_AN_COMPLETE = 1 << 5,
	PHY_ID1 = 2,
	PHY_ID2 = 3,
	PHY_ANAR = 4,
	PHY_ANLPAR = 5,
	PHY_1000T_CTRL = 9,
	PHY_1000T_STATUS = 10,
	PHY_M88_STATUS = 17, /* Marvell: speed, duplex, resolved, link */
	PHY_ADDRESS = 1,     /* the internal PHY's */
};

/* The register of queue @n; @reg is that of queue 0. */
static inline uint32_t e1000_queue(uint32_t reg, uint32_t n)
{
	return reg + 0x100 * n;
}

extern const struct reg_table regs_e1000;  /* 82540EM and its like: one queue */
extern const struct reg_table regs_e1000e; /* 82574L */

#endif
