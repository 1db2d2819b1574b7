/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which frames pass: address and VLAN filters (82599 7.1.1), flow control frames (3.7.7), length
 * (8.2.3.22.13).
 */
#include "models/82599/82599.h"

/* The valid receive addresses, without gaps: looking through 128 registers takes too long. */
static void collect_addresses(struct model *m)
{
	m->n_addresses = 0;
	for (uint32_t i = 0; i < RAL_count; i++) {
		uint32_t high = get(m, RAH + 8 * i);

		if (high & field_mask(RAH_AV))
			m->addresses[m->n_addresses++] =
				get(m, RAL + 8 * i) | (uint64_t)(high & 0xffff) << 32;
	}
	m->addresses_valid = 1;
}

static int exact_match(struct model *m, uint64_t mac)
{
	if (!m->addresses_valid)
		collect_addresses(m);
	for (uint32_t i = 0; i < m->n_addresses; i++)
		if (m->addresses[i] == mac)
			return 1;
	return 0;
}

/* 82599 7.1.1.1.2: 12 of the address bits 47:32 select a bit of the table. */
static int hash_match(struct model *m, uint64_t mac)
{
	static const uint8_t shift[4] = { 4, 3, 2, 0 };
	uint32_t mo = get_field(m, MCSTCTRL, MCSTCTRL_MO);
	uint32_t v = (uint32_t)(mac >> 32) >> shift[mo] & 0xfff;

	return get_field(m, MCSTCTRL, MCSTCTRL_MFE) && get(m, MTA + v / 32 * 4) >> v % 32 & 1;
}

enum l2 filter_address(struct model *m, const uint8_t *f)
{
	uint32_t fctrl = get(m, FCTRL);
	uint64_t mac = mac_at(f);

	if (!(f[0] & 1)) {
		if (exact_match(m, mac))
			return L2_MINE;
		return field_get(fctrl, FCTRL_UPE) ? L2_OTHERS : L2_REJECT;
	}
	if (field_get(fctrl, FCTRL_MPE))
		return L2_OTHERS;
	if (mac == MAC_BROADCAST)
		return field_get(fctrl, FCTRL_BAM) ? L2_OTHERS : L2_REJECT;
	return exact_match(m, mac) || hash_match(m, mac) ? L2_OTHERS : L2_REJECT;
}

/* A tagged frame: 82599 7.1.1.2. */
int filter_vlan(struct model *m, const struct parsed *p)
{
	uint32_t vid = p->tag & 0xfff, control = get(m, VLNCTRL);

	if (field_get(control, VLNCTRL_CFIEN) &&
	    field_get(control, VLNCTRL_CFI) != (p->tag >> 12 & 1u))
		return 0;
	return !field_get(control, VLNCTRL_VFE) || (get(m, VFTA + vid / 32 * 4) >> vid % 32 & 1);
}

/*
 * A MAC control frame: a pause that the MAC keeps for itself? Counted here.
 * Interpretation(missing): with RFCE it is taken, DPF or not. That the transmitter really pauses is
 * not modelled.
 */
int flow_control_frame(struct model *m, const uint8_t *f, uint32_t len)
{
	uint32_t mflcn = get(m, MFLCN);

	if (mac_at(f) != MAC_PAUSE || len < 18 || be16_at(f + 14) != 1)
		return 0;
	count(m, be16_at(f + 16) ? LXOFFRXCNT : LXONRXCNT, 1);
	return field_get(mflcn, MFLCN_RFCE) || field_get(mflcn, MFLCN_DPF);
}

/* Frame bytes with CRC that may pass: 82599 8.2.3.22.13, a tag comes on top. */
uint32_t size_limit(struct model *m, const struct parsed *p)
{
	uint32_t limit =
		get_field(m, HLREG0, HLREG0_JUMBOEN) ? get_field(m, MAXFRS, MAXFRS_MFS) : 1518;

	return limit + (p->tagged ? 4 : 0);
}
