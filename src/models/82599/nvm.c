/* SPDX-License-Identifier: BSD-2-Clause
 *
 * EEPROM (by EERD and by bit-banged SPI), semaphores, an empty I2C bus, an MDIO bus with nobody on
 * it. 82599 6.0, 8.2.3.2, 10.5.4.
 */
#include "models/82599/82599.h"

enum { SPI_READ = 0x03 };

/* Contents: 82599 6.2; what Linux and DPDK look at is marked. */
void nvm_init(struct model *m)
{
	uint16_t *w = m->eeprom;
	uint32_t sum = 0;

	for (unsigned i = 0; i < EEPROM_WORDS; i++)
		w[i] = i < 0x40 ? 0 : 0xffff;
	w[0x0f] = 0x40;   /* pointer to the firmware module (both) */
	w[0x15] = 0x8259; /* part number */
	w[0x16] = 0x9001;
	w[0x27] = w[0x28] = w[0x37] = 0xffff; /* no alternate and SAN addresses (Linux) */
	w[0x2b] = 0xffff;                     /* no SFP init list: the cage is empty to I2C */
	w[0x2c] = 0x0001;                     /* any SFP module is accepted (both) */
	w[0x2d] = 0x0001;
	w[0x2e] = 0x8000; /* image id */
	w[0x44] = 0x50;   /* firmware module: pointer to its version block (both) */
	w[0x57] = 0x0006; /* version, must be above 5 (both) */
	for (unsigned i = 0; i < 3; i++)
		w[0x60 + i] = (uint16_t)(m->opt.mac[2 * i] | m->opt.mac[2 * i + 1] << 8);
	for (unsigned i = 0; i < 0x3f; i++)
		sum += w[i];
	w[0x3f] = (uint16_t)(0xbaba - sum);
}

static uint32_t word(const struct model *m, uint32_t addr)
{
	return m->eeprom[addr % EEPROM_WORDS];
}

/* The EEPROM shifts on the rising edge of SK and changes its output on the falling one. */
static void spi_edge(struct model *m, int rising, int di)
{
	if (!rising) {
		*reg(&m->regs, EEC) = field_set(get(m, EEC), EEC_DO, m->spi.out >> 31);
		return;
	}
	m->spi.out <<= 1;
	m->spi.in = m->spi.in << 1 | (uint32_t)di;
	m->spi.bits++;
	if (m->spi.bits == 8) {
		m->spi.op = (int)(m->spi.in & 0xff);
		m->spi.out = 0; /* RDSR: ready */
	}
	if (m->spi.op == SPI_READ && m->spi.bits >= 24 && m->spi.bits % 16 == 8) {
		uint32_t w;

		if (m->spi.bits == 24)
			m->spi.addr = (uint16_t)((m->spi.in & 0xffff) / 2);
		w = word(m, m->spi.addr++); /* low byte first */
		m->spi.out = (w & 0xff) << 24 | (w >> 8) << 16;
	}
}

static void write_eec(struct model *m, uint32_t value)
{
	uint32_t old = get(m, EEC), sk = field_mask(EEC_SK);
	uint32_t ours =
		field_mask(EEC_SK) | field_mask(EEC_CS) | field_mask(EEC_DI) | field_mask(EEC_REQ);

	value = (old & ~ours) | (value & ours);
	*reg(&m->regs, EEC) = field_set(value, EEC_GNT, field_get(value, EEC_REQ));
	if (!field_get(value, EEC_REQ))
		return;
	if (field_get(value, EEC_CS)) { /* active low */
		m->spi.bits = m->spi.in = m->spi.out = 0;
		m->spi.op = 0;
	} else if ((old ^ value) & sk) {
		spi_edge(m, (value & sk) != 0, (int)field_get(value, EEC_DI));
	}
}

uint32_t nvm_read(struct model *m, uint32_t off)
{
	uint32_t value = get(m, off);

	switch (off) {
	case SWSM: /* reading takes the semaphore: 82599 8.2.3.4.9 */
		*reg(&m->regs, SWSM) = value | field_mask(SWSM_SMBI);
		return value;
	case EEC:
		return value | field_mask(EEC_EE_PRES) | field_mask(EEC_AUTO_RD);
	case I2CCTL: /* nobody pulls the lines down */
		value = field_set(value, I2CCTL_CLK_IN, field_get(value, I2CCTL_CLK_OUT));
		return field_set(value, I2CCTL_DATA_IN, field_get(value, I2CCTL_DATA_OUT));
	case MSRWD: /* nobody answers */
		return (value & 0xffff) | 0xffff0000;
	}
	return value;
}

void nvm_write(struct model *m, uint32_t off, uint32_t value)
{
	switch (off) {
	case EEC:
		write_eec(m, value);
		return;
	case EERD:
		if (value & field_mask(EERD_START))
			value = field_of(EERD_ADDR, field_get(value, EERD_ADDR)) |
				field_mask(EERD_DONE) |
				field_of(EERD_DATA, word(m, field_get(value, EERD_ADDR)));
		break;
	case MSCA: /* the command ends at once */
		value &= ~field_mask(MSCA_MDI_COMMAND);
		break;
	}
	*reg(&m->regs, off) = value;
}
