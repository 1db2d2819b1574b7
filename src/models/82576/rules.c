/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Rules about register writes, judged before the write takes effect. Rules about queues and
 * descriptors stand where these are handled. README.md lists all of them.
 */
#include "models/82576/82576.h"

static int was_written(const struct model *m, uint32_t off, uint32_t stride, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t word = (off + i * stride) / 4;

		if (!(m->written[word / 32] >> word % 32 & 1))
			return 0;
	}
	return 1;
}

/* 82576 4.5.9: what must have been set up before the receiver goes on. */
static void receiver_goes_on(struct model *m)
{
	if (!was_written(m, MTA, MTA_stride, MTA_count))
		m76_violate(m, "mta-not-cleared", "82576 4.5.9", "the MTA was not initialised");
	if (!was_written(m, VFTA, VFTA_stride, VFTA_count))
		m76_violate(m, "vfta-not-cleared", "82576 4.5.9", "the VFTA was not initialised");
	if (!was_written(m, RAH + RAH_stride, RAH_stride, RAH_count - 1) ||
	    !was_written(m, igb_ra(RAH, 16), RAH_stride, IGB_RA_COUNT - 16))
		m76_violate(m, "rar-not-cleared", "82576 4.5.9",
			    "receive addresses 1 to 23 were not initialised");
}

static void check_rctl(struct model *m, uint32_t value)
{
	if (field_get(value, RCTL_RESERVED))
		m76_violate(m, "rctl-reserved", "82576 8.10.1", "reserved bits 11:10 written as 1");
	if (field_get(value, RCTL_LBM))
		m76_violate(m, "rctl-lbm", "82576 8.10.1",
			    "RCTL.LBM must be 0 with the internal PHY, which has a loopback");
	if (field_get(value, RCTL_RXEN) && !get_field(m, RCTL, RCTL_RXEN))
		receiver_goes_on(m);
}

/* 82576 8.2.1: a frame without its tag has a CRC that is wrong. */
static void check_strip(struct model *m, uint32_t ctrl, uint32_t rctl)
{
	if (field_get(ctrl, CTRL_VME) && field_get(rctl, RCTL_RXEN) && !field_get(rctl, RCTL_SECRC))
		m76_violate(m, "vme-without-secrc", "82576 8.2.1",
			    "tags are stripped (CTRL.VME), but not the CRC (RCTL.SECRC)");
}

/* IVAR entries: five bits of vector, 25 causes, bit 7 says valid. */
static void check_ivar(struct model *m, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++, value >>= 8)
		if (value & 0x60 || (value & 0x80 && (value & 31) >= CAUSES))
			m76_violate(m, "ivar-vector", "82576 8.8.13",
				    "an interrupt vector above 24, or reserved bits of an entry");
}

void m76_check_write(struct model *m, uint32_t off, uint32_t value)
{
	if (m->regs.access[off / 4] == REG_RO)
		m76_violate(m, "write-read-only", "82576 8.1", "a read-only register was written");
	if ((off >= IVAR && off < IVAR + IVAR_stride * IVAR_count) || off == IVAR_MISC)
		check_ivar(m, value);
	switch (off) {
	case RCTL:
		check_rctl(m, value);
		check_strip(m, get(m, CTRL), value);
		break;
	case CTRL:
		check_strip(m, value, get(m, RCTL));
		break;
	case MDIC:
		if (!get_field(m, SW_FW_SYNC, SW_FW_SYNC_SW_PHY))
			m76_violate(m, "mdic-unlocked", "82576 8.7",
				    "MDIC written without SW_FW_SYNC.SW_PHY: the firmware uses the "
				    "PHY, too");
		break;
	case SW_FW_SYNC:
		if (!get_field(m, SWSM, SWSM_SWESMBI))
			m76_violate(m, "sync-unlocked", "82576 8.7",
				    "SW_FW_SYNC written without holding SWSM.SWESMBI");
		break;
	}
}
