/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The scripted device as an 82540EM or an 82574L (fake_id), with a PHY of which only BMCR exists.
 */
#ifndef TESTS_FAKE_E1000_H
#define TESTS_FAKE_E1000_H

#include "fake_pci.h"
#include "regs/e1000.h"
#include "regs/e1000_desc.h"

static uint16_t fake_id = 0x100e; /* what new_fake makes */
static uint32_t fake_bmcr;

static void fake_written(uint32_t off, uint32_t *value)
{
	uint32_t master = field_mask(STATUS_GIO_MASTER_ENABLE);

	if (off == CTRL) {
		int off_bus = *value & field_mask(CTRL_GIO_MASTER_DISABLE) &&
			      !(*value & field_mask(CTRL_RST));

		fake->regs[STATUS / 4] =
			(fake->regs[STATUS / 4] & ~master) | (off_bus ? 0 : master);
		*value &= ~field_mask(CTRL_RST);
	}
	if (off == MDIC) {
		if (field_get(*value, MDIC_OP) == MDIC_OP_READ)
			*value = field_set(*value, MDIC_DATA, fake_bmcr);
		else
			fake_bmcr = field_get(*value, MDIC_DATA);
		*value |= field_mask(MDIC_R);
	}
}

static uint16_t fake_defaults(void)
{
	fake_bmcr = BMCR_AN_ENABLE;
	fake->regs[STATUS / 4] = field_mask(STATUS_GIO_MASTER_ENABLE) | field_mask(STATUS_LU) |
				 field_of(STATUS_SPEED, 2);
	fake->regs[EECD / 4] = field_mask(EECD_AUTO_RD) | field_mask(EECD_PRES);
	fake->regs[RAL / 4] = 0x33221102;
	fake->regs[RAH / 4] = 0x80005544;
	return fake_id;
}

#endif
