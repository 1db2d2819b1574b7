/* SPDX-License-Identifier: BSD-2-Clause
 *
 * EEPROM, read through EERD, and the semaphores: 82576 8.4, 8.7.
 */
#include "models/82576/82576.h"

/* Contents: 82576 6; what Linux and DPDK look at is there. */
void m76_nvm_init(struct model *m)
{
	uint16_t *w = m->eeprom;
	uint32_t sum = 0;

	for (unsigned i = 0; i < EEPROM_WORDS; i++)
		w[i] = i < 0x40 ? 0 : 0xffff;
	for (unsigned i = 0; i < 3; i++)
		w[i] = (uint16_t)(m->opt.mac[2 * i] | m->opt.mac[2 * i + 1] << 8);
	w[0x05] = 0x1000; /* image version */
	w[0x0b] = 0xa03c; /* subsystem id, vendor */
	w[0x0c] = 0x8086;
	w[0x0d] = m->device;
	w[0x0e] = 0x8086;
	w[0x37] = 0xffff; /* no alternate address */
	for (unsigned i = 0; i < 0x3f; i++)
		sum += w[i];
	w[0x3f] = (uint16_t)(0xbaba - sum);
}

uint32_t m76_nvm_read(struct model *m, uint32_t off)
{
	uint32_t value = get(m, off);

	if (off == EECD) /* a reset reads the EEPROM again: drivers wait for AUTO_RD */
		return field_set(value | field_mask(EECD_EE_PRES), EECD_AUTO_RD,
				 now(m) >= m->reset_until);
	if (off == SWSM) /* reading takes the semaphore: 82576 8.7 */
		*reg(&m->regs, SWSM) = value | field_mask(SWSM_SMBI);
	return value;
}

void m76_nvm_write(struct model *m, uint32_t off, uint32_t value)
{
	uint32_t addr = field_get(value, EERD_ADDR);

	if (off == EECD)
		value = field_set(field_set(value, EECD_GNT, field_get(value, EECD_REQ)),
				  EECD_EE_SIZE, 4); /* 64 << 4 words */
	if (off == EERD && field_get(value, EERD_START))
		value = field_of(EERD_ADDR, addr) | field_mask(EERD_DONE) |
			field_of(EERD_DATA, m->eeprom[addr % EEPROM_WORDS]);
	*reg(&m->regs, off) = value;
}
