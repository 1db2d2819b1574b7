/* SPDX-License-Identifier: BSD-2-Clause
 *
 * EEPROM (through EERD; the 82540EM's also bit by bit, 82540EM 5.3) and PHY (through MDIC).
 */
#include "models/e1000/e1000.h"

#define SUM 0xbaba /* of all 64 words: 82540EM 5.6 */

/* 82540EM 5.6: words that software looks at. */
void e1k_nvm_init(struct model *m)
{
	uint16_t *w = m->eeprom;
	uint32_t sum = 0;

	for (unsigned i = 0; i < EEPROM_WORDS; i++)
		w[i] = 0;
	for (unsigned i = 0; i < 3; i++)
		w[i] = (uint16_t)(m->opt.mac[2 * i] | m->opt.mac[2 * i + 1] << 8);
	w[0x03] = m->pcie ? 0x0420 : 0x0210; /* compatibility: not a LAN on motherboard */
	w[0x05] = 0xf746;
	w[0x08] = w[0x09] = 0xffff; /* no board number */
	w[0x0b] = m->pcie ? 0x0000 : 0x001e;
	w[0x0c] = 0x8086;
	w[0x0d] = m->device;
	w[0x0e] = 0x8086;
	w[0x0f] = m->pcie ? 0x8058 : 0x3040; /* initialisation control 2 */
	for (unsigned i = 0; i < EEPROM_WORDS - 1; i++)
		sum += w[i];
	w[EEPROM_WORDS - 1] = (uint16_t)(SUM - sum);
}

int e1k_nvm_owns(uint32_t off)
{
	return off == EECD || off == EERD || off == MDIC;
}

/* ---- EEPROM ---- */

/*
 * Microwire: bits are taken with the rising edge of SK while CS is 1. After the start bit, opcode
 * 10 (read) and six address bits the output is 0, and each further edge shifts out a bit.
 */
static void wire_edge(struct model *m, int di)
{
	uint32_t n;

	if (!m->wire.bits && !di)
		return; /* before the start bit */
	m->wire.bits++;
	if (m->wire.bits <= 9) {
		m->wire.in = m->wire.in << 1 | (uint32_t)di;
		return;
	}
	if (m->wire.in >> 6 != 6) /* not a read */
		return;
	n = m->wire.bits - 10;
	m->wire.out = m->eeprom[((m->wire.in & 63) + n / 16) % EEPROM_WORDS];
	*reg(&m->regs, EECD) = field_set(get(m, EECD), EECD_DO, m->wire.out >> (15 - n % 16) & 1u);
}

static void write_eecd(struct model *m, uint32_t value)
{
	uint32_t old = get(m, EECD), sk = field_mask(EECD_SK);
	uint32_t ours = sk | field_mask(EECD_CS) | field_mask(EECD_DI) | field_mask(EECD_REQ);

	value = (old & ~ours) | (value & ours);
	value = field_set(value, EECD_GNT, field_get(value, EECD_REQ));
	*reg(&m->regs, EECD) = value;
	if (m->pcie || !field_get(value, EECD_REQ))
		return;
	if (!field_get(value, EECD_CS)) {
		m->wire.bits = m->wire.in = 0;
		*reg(&m->regs, EECD) = field_set(value, EECD_DO, 1); /* ready */
	} else if (value & ~old & sk) {
		wire_edge(m, (int)field_get(value, EECD_DI));
	}
}

static void write_eerd(struct model *m, uint32_t value)
{
	unsigned addr = m->pcie ? (unsigned)EERD_ADDR_82574 : (unsigned)EERD_ADDR_82540;
	unsigned done = m->pcie ? (unsigned)EERD_DONE_82574 : (unsigned)EERD_DONE_82540;
	uint32_t word = field_get(value, addr);

	if (value & field_mask(EERD_START))
		value = field_of(addr, word) | field_mask(done) |
			field_of(EERD_DATA, m->eeprom[word % EEPROM_WORDS]);
	*reg(&m->regs, EERD) = value;
}

/* ---- PHY ---- */

void e1k_phy_reset(struct model *m)
{
	memset(m->phy, 0, sizeof(m->phy));
	m->phy[PHY_BMCR] = BMCR_AN_ENABLE | 1 << 8 | 1 << 6; /* full duplex, 1000 */
	m->phy[PHY_BMSR] = 0x7949;
	m->phy[PHY_ID1] = 0x0141; /* Marvell */
	m->phy[PHY_ID2] = m->pcie ? 0x0cb1 : 0x0c20;
	m->phy[PHY_ANAR] = 0x0de1;
	m->phy[PHY_1000T_CTRL] = 0x0e00;
	e1k_link_restart(m);
}

static uint16_t phy_read(struct model *m, uint32_t r)
{
	uint16_t value = m->phy[r];

	e1k_link_update(m);
	switch (r) {
	case PHY_BMSR:
		return (uint16_t)(value | (m->phy_up ? BMSR_LINK | BMSR_AN_COMPLETE : 0));
	case PHY_ANLPAR:
		return m->phy_up ? 0x45e1 : 0;
	case PHY_1000T_STATUS:
		return m->phy_up ? 0x3c00 : 0;
	case PHY_M88_STATUS: /* 1000, full duplex, resolved, link */
		return m->phy_up ? 0xac00 : 0;
	}
	return value;
}

static void phy_write(struct model *m, uint32_t r, uint16_t value)
{
	switch (r) {
	case PHY_BMSR:
	case PHY_ID1:
	case PHY_ID2:
	case PHY_ANLPAR:
	case PHY_1000T_STATUS:
	case PHY_M88_STATUS:
		return; /* read only */
	case PHY_BMCR:
		if (value & BMCR_RESET) {
			e1k_phy_reset(m);
			return;
		}
		m->phy[r] = (uint16_t)(value & ~BMCR_RESTART_AN);
		if (value & (BMCR_RESTART_AN | BMCR_POWER_DOWN | BMCR_ISOLATE))
			e1k_link_restart(m);
		e1k_link_update(m);
		return;
	}
	m->phy[r] = value;
}

/* 82540EM 13.4.7. A command ends at once. */
static void write_mdic(struct model *m, uint32_t value)
{
	uint32_t op = field_get(value, MDIC_OP), r = field_get(value, MDIC_REGADD);

	if (m->pcie && !get_field(m, EXTCNF_CTRL, EXTCNF_CTRL_MDIO_SW_OWNERSHIP))
		e1k_violate(
			m, "mdic-unlocked", "82574 10.2.2",
			"MDIC used without EXTCNF_CTRL.MDIO_SW_OWNERSHIP: the firmware uses it, "
			"too");
	value |= field_mask(MDIC_R);
	if (field_get(value, MDIC_PHYADD) != PHY_ADDRESS ||
	    (op != MDIC_OP_READ && op != MDIC_OP_WRITE))
		value |= field_mask(MDIC_E);
	else if (op == MDIC_OP_READ)
		value = field_set(value, MDIC_DATA, phy_read(m, r));
	else
		phy_write(m, r, (uint16_t)field_get(value, MDIC_DATA));
	*reg(&m->regs, MDIC) = value;
	if (field_get(value, MDIC_I))
		e1k_irq_cause(m, field_mask(ICR_MDAC));
}

uint32_t e1k_nvm_read(struct model *m, uint32_t off)
{
	uint32_t value = get(m, off);

	if (off == EECD)
		value |= field_mask(EECD_PRES) | (m->pcie ? field_mask(EECD_AUTO_RD) : 0);
	return value;
}

void e1k_nvm_write(struct model *m, uint32_t off, uint32_t value)
{
	if (off == EECD)
		write_eecd(m, value);
	else if (off == EERD)
		write_eerd(m, value);
	else
		write_mdic(m, value);
}
