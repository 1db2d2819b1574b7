/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which frames pass: address and VLAN filters (82576 7.1.1), pause frames, length.
 */
#include "models/82576/82576.h"

static int exact_match(struct model *m, uint64_t mac)
{
	for (uint32_t i = 0; i < IGB_RA_COUNT; i++) {
		uint32_t high = get(m, igb_ra(RAH, i));

		if (high & field_mask(RAH_AV) &&
		    (get(m, igb_ra(RAL, i)) | (uint64_t)(high & 0xffff) << 32) == mac)
			return 1;
	}
	return 0;
}

/* 12 of the address bits 47:32 select a bit of the table. */
static int hash_match(struct model *m, uint64_t mac)
{
	static const uint8_t shift[4] = { 4, 3, 2, 0 };
	uint32_t v = (uint32_t)(mac >> 32) >> shift[get_field(m, RCTL, RCTL_MO)] & 0xfff;

	return get(m, MTA + v / 32 * 4) >> v % 32 & 1;
}

enum l2 m76_filter_address(struct model *m, const uint8_t *f)
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

/* A tagged frame. */
int m76_filter_vlan(struct model *m, const struct parsed *p)
{
	uint32_t vid = p->tag & 0xfff, rctl = get(m, RCTL);

	if (!field_get(rctl, RCTL_VFE))
		return 1;
	if (field_get(rctl, RCTL_CFIEN) && field_get(rctl, RCTL_CFI) != (p->tag >> 12 & 1u))
		return 0;
	return get(m, VFTA + vid / 32 * 4) >> vid % 32 & 1;
}

/*
 * A MAC control frame: a pause that the MAC keeps for itself? Counted here.
 * Interpretation(missing): with CTRL.RFCE it is taken, DPF or not. That the transmitter really
 * pauses is not modelled.
 */
int m76_flow_control(struct model *m, const uint8_t *f, uint32_t len)
{
	if (mac_at(f) != MAC_PAUSE || len < 18 || be16_at(f + 14) != 1)
		return 0;
	count(m, be16_at(f + 16) ? XOFFRXC : XONRXC, 1);
	return get_field(m, CTRL, CTRL_RFCE) || get_field(m, RCTL, RCTL_DPF);
}

/* Frame bytes with CRC that may pass. RLPML counts tags as well, the standard's 1518 do not. */
uint32_t m76_size_limit(struct model *m, const struct parsed *p)
{
	if (get_field(m, RCTL, RCTL_LPE))
		return get(m, RLPML);
	return p->tagged ? 1522 : 1518;
}
