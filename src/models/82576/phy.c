/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The copper PHY behind MDIC (82576 8.2.4; registers of IEEE 802.3 clause 22) and the link that it
 * negotiates with whoever holds the other end of the wire: 1000BASE-T, full duplex.
 */
#include "models/82576/82576.h"

#define LINK_NS 500000u /* negotiation of a cable that is in; seconds on silicon */

enum {
	ID1 = 2,
	ID2 = 3,
	ANAR = 4,
	ANLPAR = 5,
	ANER = 6,
	CTRL1000 = 9,
	STAT1000 = 10,
	EXTSTAT = 15
};
/* Registers that can be written: BMCR, ANAR, next page, CTRL1000, and the vendor's 16 and up. */
#define WRITABLE (1u << PHY_BMCR | 1u << ANAR | 1u << 7 | 1u << CTRL1000 | 0xffff0000u)

void m76_phy_reset(struct model *m)
{
	memset(m->phy, 0, sizeof(m->phy));
	m->phy[PHY_BMCR] = 0x1140; /* negotiate; 1000 full duplex */
	m->phy[PHY_BMSR] = 0x7949; /* what it can do; no link */
	m->phy[ID1] = 0x02a8;      /* the PHY inside the 82576 */
	m->phy[ID2] = 0x0391;
	m->phy[ANAR] = 0x01e1;
	m->phy[CTRL1000] = 0x0200;
	m->phy[EXTSTAT] = 0x3000;
	m76_link_start(m);
}

/* The partner's abilities show when negotiation is done. */
static void show(struct model *m, int done)
{
	uint32_t bmsr = m->phy[PHY_BMSR];

	bmsr = field_set(bmsr, PHY_BMSR_LINK, (uint32_t)done);
	m->phy[PHY_BMSR] = (uint16_t)field_set(bmsr, PHY_BMSR_AN_DONE, (uint32_t)done);
	m->phy[ANLPAR] = done ? 0x45e1 : 0;
	m->phy[ANER] = done ? 0x0001 : 0;
	m->phy[STAT1000] = done ? 0x7800 : 0;
}

static void set_link(struct model *m, int up)
{
	if (up == m->link_up)
		return;
	m->link_up = up;
	show(m, up);
	m76_irq_cause(m, field_mask(ICR_LSC));
}

void m76_link_start(struct model *m)
{
	m->link_at = now(m) + LINK_NS;
	set_link(m, 0);
}

/* 82576 8.2.1: the MAC follows the PHY only with CTRL.SLU. In loopback the PHY is its own partner
 * (82576 3.5.6.3). */
static int link_wanted(struct model *m)
{
	uint32_t bmcr = m->phy[PHY_BMCR];

	if (!get_field(m, CTRL, CTRL_SLU) || field_get(bmcr, PHY_BMCR_POWER_DOWN))
		return 0;
	return m->wire_up || field_get(bmcr, PHY_BMCR_LOOPBACK);
}

void m76_link_update(struct model *m)
{
	int wanted = link_wanted(m);

	if (wanted != m->link_up) /* spares reading the clock */
		set_link(m, wanted && now(m) >= m->link_at);
}

static void phy_write(struct model *m, uint32_t reg_no, uint32_t data)
{
	uint32_t once = field_mask(PHY_BMCR_RESET) | field_mask(PHY_BMCR_RESTART);

	if (!(WRITABLE >> reg_no & 1))
		return;
	if (reg_no != PHY_BMCR) {
		m->phy[reg_no] = (uint16_t)data;
		return;
	}
	if (data & field_mask(PHY_BMCR_RESET)) {
		m76_phy_reset(m);
		return;
	}
	m->phy[PHY_BMCR] = (uint16_t)(data & ~once);
	if (data & field_mask(PHY_BMCR_RESTART))
		m76_link_start(m);
	m76_link_update(m);
}

void m76_mdic_write(struct model *m, uint32_t value)
{
	uint32_t op = field_get(value, MDIC_OP), no = field_get(value, MDIC_REGADD);

	m76_link_update(m);
	value &= ~field_mask(MDIC_E);
	if (field_get(value, MDIC_PHYADD) != PHY_ADDRESS ||
	    (op != MDIC_OP_READ && op != MDIC_OP_WRITE))
		value |= field_mask(MDIC_E); /* nobody answers */
	else if (op == MDIC_OP_READ)
		value = field_set(value, MDIC_DATA, m->phy[no]);
	else
		phy_write(m, no, field_get(value, MDIC_DATA));
	*reg(&m->regs, MDIC) = value | field_mask(MDIC_READY);
	if (field_get(value, MDIC_I))
		m76_irq_cause(m, field_mask(ICR_MDAC));
}
