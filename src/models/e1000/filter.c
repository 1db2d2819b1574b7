/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which frames pass: addresses (82540EM 3.2.1, 13.5), VLANs (9.3), pause frames.
 */
#include "models/e1000/e1000.h"

static int exact_match(struct model *m, uint64_t mac)
{
	for (uint32_t i = 0; i < RAL_count; i++) {
		uint32_t high = get(m, RAH + RAH_stride * i);

		if (field_get(high, RAH_AV) && !field_get(high, RAH_AS) &&
		    (get(m, RAL + RAL_stride * i) | (uint64_t)field_get(high, RAH_ADDR) << 32) ==
			    mac)
			return 1;
	}
	return 0;
}

/* 82540EM 13.5.1: 12 of the address bits 47:32 select a bit of the table. */
static int hash_match(struct model *m, uint64_t mac)
{
	static const uint8_t shift[4] = { 4, 3, 2, 0 };
	uint32_t v = (uint32_t)(mac >> 32) >> shift[get_field(m, RCTL, RCTL_MO)] & 0xfff;

	return (int)(get(m, MTA + v / 32 * 4) >> v % 32 & 1);
}

enum l2 e1k_filter_address(struct model *m, const uint8_t *f)
{
	uint32_t rctl = get(m, RCTL);
	uint64_t mac = mac_at(f);

	if (!(f[0] & 1)) {
		if (exact_match(m, mac))
			return L2_MINE;
		return field_get(rctl, RCTL_UPE) ? L2_OTHERS : L2_REJECT;
	}
	if (field_get(rctl, RCTL_MPE))
		return L2_OTHERS;
	if (mac == MAC_BROADCAST)
		return field_get(rctl, RCTL_BAM) ? L2_OTHERS : L2_REJECT;
	return exact_match(m, mac) || hash_match(m, mac) ? L2_OTHERS : L2_REJECT;
}

int e1k_filter_vlan(struct model *m, const struct parsed *p)
{
	uint32_t vid = p->tag & 0xfff, rctl = get(m, RCTL);

	if (!field_get(rctl, RCTL_VFE))
		return 1;
	if (field_get(rctl, RCTL_CFIEN) && field_get(rctl, RCTL_CFI) != (p->tag >> 12 & 1u))
		return 0;
	return (int)(get(m, VFTA + vid / 32 * 4) >> vid % 32 & 1);
}

/*
 * A pause frame that the MAC keeps for itself? Counted here.
 * Interpretation(missing): with CTRL.RFCE or RCTL.DPF it is taken; that the transmitter pauses is
 * not modelled.
 */
int e1k_pause_frame(struct model *m, const uint8_t *f, uint32_t len)
{
	if (mac_at(f) != MAC_PAUSE || len < 18 || be16_at(f + 12) != 0x8808 || be16_at(f + 14) != 1)
		return 0;
	count(m, be16_at(f + 16) ? XOFFRXC : XONRXC);
	return get_field(m, CTRL, CTRL_RFCE) || get_field(m, RCTL, RCTL_DPF);
}
