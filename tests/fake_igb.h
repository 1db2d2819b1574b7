/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The scripted device as an 82576, with a PHY of which only BMCR and BMSR exist.
 */
#ifndef TESTS_FAKE_IGB_H
#define TESTS_FAKE_IGB_H

#include "fake_pci.h"
#include "regs/igb.h"

static uint32_t fake_bmcr, fake_bmsr;

static void fake_written(uint32_t off, uint32_t *value)
{
	uint32_t master = field_mask(STATUS_GIO_MASTER_ENABLE);
	uint32_t *phy = field_get(*value, MDIC_REGADD) ? &fake_bmsr : &fake_bmcr;

	if (off == CTRL) {
		int off_bus = *value & field_mask(CTRL_GIO_MASTER_DISABLE) &&
			      !(*value & field_mask(CTRL_RST));

		fake->regs[STATUS / 4] =
			(fake->regs[STATUS / 4] & ~master) | (off_bus ? 0 : master);
		*value &= ~field_mask(CTRL_RST);
	}
	if (off == MDIC) {
		if (field_get(*value, MDIC_OP) == MDIC_OP_READ)
			*value = field_set(*value, MDIC_DATA, *phy);
		else
			*phy = field_get(*value, MDIC_DATA);
		*value |= field_mask(MDIC_READY);
	}
}

static uint16_t fake_defaults(void)
{
	fake_bmcr = field_mask(PHY_BMCR_AN);
	fake_bmsr = field_mask(PHY_BMSR_AN_DONE) | field_mask(PHY_BMSR_LINK);
	fake->regs[STATUS / 4] = field_mask(STATUS_GIO_MASTER_ENABLE) | field_mask(STATUS_LU) |
				 field_of(STATUS_SPEED, 2);
	fake->regs[EECD / 4] = field_mask(EECD_AUTO_RD) | field_mask(EECD_EE_PRES);
	fake->regs[RXDCTL / 4] = field_mask(RXDCTL_ENABLE);
	fake->regs[TXDCTL / 4] = field_mask(TXDCTL_ENABLE);
	fake->regs[RAL / 4] = 0x33221102;
	fake->regs[RAH / 4] = 0x80005544;
	return 0x10c9;
}

#endif
