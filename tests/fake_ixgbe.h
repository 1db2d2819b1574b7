/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The scripted device as an 82599.
 */
#ifndef TESTS_FAKE_IXGBE_H
#define TESTS_FAKE_IXGBE_H

#include "fake_pci.h"
#include "regs/ixgbe.h"

static void fake_written(uint32_t off, uint32_t *value)
{
	if (off != CTRL)
		return;
	fake->regs[STATUS / 4] =
		*value & field_mask(CTRL_GIO_MASTER_DISABLE) && !(*value & field_mask(CTRL_RST))
			? 0
			: field_mask(STATUS_GIO_MASTER_ENABLE);
	*value &= ~(field_mask(CTRL_RST) | field_mask(CTRL_LRST));
}

static uint16_t fake_defaults(void)
{
	fake->regs[STATUS / 4] = field_mask(STATUS_GIO_MASTER_ENABLE);
	fake->regs[EEC / 4] = field_mask(EEC_AUTO_RD) | field_mask(EEC_EE_PRES);
	fake->regs[RDRXCTL / 4] = field_mask(RDRXCTL_DMAIDONE);
	fake->regs[SECRXSTAT / 4] = field_mask(SECRXSTAT_SECRX_RDY);
	fake->regs[LINKS / 4] = field_mask(LINKS_UP) | field_of(LINKS_SPEED, 3);
	fake->regs[RAL / 4] = 0x33221102;
	fake->regs[RAH / 4] = 0x80005544;
	return 0x10fb;
}

#endif
