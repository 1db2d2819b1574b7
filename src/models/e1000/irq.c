/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts: 82540EM 13.4.17 to 13.4.21; the 82574L's MSI-X, 82574 7.4.
 */
#include "models/e1000/e1000.h"

#define UNIT_NS 256u

int e1k_irq_owns(uint32_t off)
{
	return off == ICR || off == ICS || off == IMS || off == IMC || off == ITR;
}

void e1k_irq_reset(struct model *m)
{
	m->icr = m->ims = m->signalled = 0;
	m->msi_sent = 0;
	memset(m->irq_after, 0, sizeof(m->irq_after));
	e1k_irq_update(m);
}

/*
 * 82540EM: reading clears all causes. 82574 10.2.4: only if nothing is enabled or this function
 * interrupts; with CTRL_EXT.IAME it masks, too.
 */
static uint32_t read_icr(struct model *m)
{
	uint32_t value = m->icr;
	int asserted = (m->icr & m->ims) != 0;

	if (!m->pcie) {
		m->icr = 0;
	} else {
		value |= field_of(ICR_INT_ASSERTED, (uint32_t)asserted);
		if (!m->ims || asserted)
			m->icr = 0;
		if (asserted && get_field(m, CTRL_EXT, CTRL_EXT_IAME))
			m->ims &= ~get(m, IAM);
	}
	m->signalled &= m->icr;
	m->msi_sent = 0;
	return value;
}

uint32_t e1k_irq_read(struct model *m, uint32_t off)
{
	switch (off) {
	case ICR:
		return read_icr(m);
	case IMS:
		return m->ims;
	case ITR:
		return get(m, ITR);
	}
	return 0;
}

void e1k_irq_cause(struct model *m, uint32_t causes)
{
	if (m->pcie && causes & (field_mask(ICR_LSC) | field_mask(ICR_RXO) | field_mask(ICR_MDAC)))
		causes |= field_mask(ICR_OTHER);
	m->icr |= causes;
	m->signalled &= ~causes;
	m->irq_dirty = 1;
}

void e1k_irq_write(struct model *m, uint32_t off, uint32_t value)
{
	switch (off) {
	case ICR: /* written ones clear */
		m->icr &= ~value;
		m->msi_sent = 0;
		break;
	case ICS:
		e1k_irq_cause(m, value & ~field_mask(ICR_INT_ASSERTED));
		break;
	case IMS:
		m->ims |= value;
		m->signalled &= ~value; /* what is pending fires */
		break;
	case IMC:
		m->ims &= ~value;
		break;
	case ITR:
		*reg(&m->regs, ITR) = value & field_mask(ITR_INTERVAL);
		break;
	}
	m->irq_dirty = 1;
}

/* 82574 7.4.1: one message for each of the five causes that IVAR maps. */
static void update_msix(struct model *m)
{
	static const unsigned causes[] = { ICR_RXQ0, ICR_RXQ1, ICR_TXQ0, ICR_TXQ1, ICR_OTHER };

	m->irq_dirty = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(causes); i++) {
		uint32_t bit = field_mask(causes[i]), entry = get(m, IVAR) >> 4 * i & 15;
		unsigned v = entry & 7;

		if (!(m->icr & m->ims & ~m->signalled & bit) || !(entry & 8) || v >= VECTORS)
			continue;
		if (m->irq_after[v] && now(m) < m->irq_after[v]) {
			m->irq_dirty = 1; /* throttled */
			continue;
		}
		m->irq_after[v] = now(m) + (uint64_t)(get(m, EITR + 4 * v) & 0xffff) * UNIT_NS;
		msix_message(&m->config, m->host, v);
		m->signalled |= bit;
		if (get(m, EIAC) & bit)
			m->icr &= ~bit;
		if (get_field(m, CTRL_EXT, CTRL_EXT_EIAME))
			m->ims &= ~(get(m, IAM) & bit);
	}
}

void e1k_irq_update(struct model *m)
{
	uint64_t interval = (uint64_t)get(m, ITR) * UNIT_NS, t;
	int on;

	if (config_msix_on(&m->config)) {
		update_msix(m);
		return;
	}
	m->irq_dirty = 0;
	on = (m->icr & m->ims) != 0;
	if (!on)
		m->msi_sent = 0;
	t = on && interval ? now(m) : 0;
	if (t && t < m->irq_after[0] && !m->intx_level && !m->msi_sent) {
		m->irq_dirty = 1;
		return;
	}
	if (config_msi_on(&m->config)) {
		if (on && !m->msi_sent && bus_master(m)) {
			m->irq_after[0] = t + interval;
			m->host->irq(m->host, MODEL_MSI, 0, 1);
		}
		m->msi_sent = on;
		return;
	}
	on = on && !config_intx_off(&m->config);
	if (on != m->intx_level) {
		m->intx_level = on;
		if (on)
			m->irq_after[0] = t + interval;
		m->host->irq(m->host, MODEL_INTX, 0, on);
	}
}
