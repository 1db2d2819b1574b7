/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts: 82599 7.3. Causes are kept in two parts: `pending` has a bit for each MSI-X vector
 * (its low 16 are EICR 15:0), `other` is EICR 30:16.
 */
#include "models/82599/82599.h"

#define LOW         0xffffu
#define OTHER       0x7fff0000u
#define OTHER_29_16 0x3fff0000u
#define UNIT_NS     2048u

int irq_owns(uint32_t off)
{
	return off == EICR || off == EICS || off == EIMS || off == EIMC ||
	       (off >= EICS_EX && off < EICS_EX + 8) || (off >= EIMS_EX && off < EIMS_EX + 8) ||
	       (off >= EIMC_EX && off < EIMC_EX + 8) || (off >= EITR && off < EITR + 4 * 24) ||
	       (off >= 0x12300 && off < 0x12300 + 4 * 105);
}

void irq_reset(struct model *m)
{
	m->pending = m->mask = m->signalled = 0;
	m->other = m->other_mask = 0;
	m->other_signalled = m->msi_sent = 0;
	memset(m->irq_after, 0, sizeof(m->irq_after));
	memset(m->irq_interval, 0, sizeof(m->irq_interval));
	irq_update(m);
}

static unsigned eitr_vector(uint32_t off)
{
	return off < 0x12300 ? (off - EITR) / 4 : 24 + (off - 0x12300) / 4;
}

static uint32_t eicr(const struct model *m)
{
	return (uint32_t)(m->pending & LOW) | m->other |
	       (m->other & OTHER_29_16 ? field_mask(EICR_OTHER) : 0);
}

uint32_t irq_read(struct model *m, uint32_t off)
{
	uint32_t value;

	switch (off) {
	case EICR:
		value = eicr(m);
		/* 82599 8.2.3.5.18: reading clears, with OCD only bits 29:16. */
		m->other &= ~OTHER_29_16;
		if (!get_field(m, GPIE, GPIE_OCD)) {
			m->pending &= ~(uint64_t)LOW;
			m->other = 0;
		}
		m->other_signalled = 0;
		if (!msix_on(m)) { /* 82599 8.2.3.5.6: auto mask on read */
			m->mask &= ~(uint64_t)(get(m, EIAM) & LOW);
			m->other_mask &= ~(get(m, EIAM) & OTHER);
		}
		m->msi_sent = 0;
		return value;
	case EICS: /* Linux reads the causes here, without clearing them */
		return eicr(m);
	case EIMS:
	case EIMC:
		return (uint32_t)(m->mask & LOW) | m->other_mask;
	case EIMS_EX:
		return (uint32_t)m->mask;
	case EIMS_EX + 4:
		return (uint32_t)(m->mask >> 32);
	}
	if ((off >= EITR && off < EITR + 96) || off >= 0x12300)
		return get(m, off);
	return 0;
}

static void set_mask(struct model *m, uint64_t vectors)
{
	m->mask |= vectors;
	m->signalled &= ~vectors; /* what is pending fires again */
	m->irq_dirty = 1;
}

static void set_pending(struct model *m, uint64_t vectors)
{
	m->pending |= vectors;
	m->signalled &= ~vectors;
	m->irq_dirty = 1;
}

static void write_eitr(struct model *m, uint32_t off, uint32_t value)
{
	unsigned v = eitr_vector(off);

	*reg(&m->regs, off) = value & ~field_mask(EITR_CNT_WDIS);
	if (v >= VECTORS)
		return;
	if (!(value & field_mask(EITR_CNT_WDIS)) && m->mask >> v & 1)
		violate(m, "eitr-counter", "82599 8.2.3.5.12",
			"EITR of an unmasked vector written without CNT_WDIS: its counter restarts "
			"and "
			"it may fire at once");
	m->irq_interval[v] = field_get(value, EITR_INTERVAL) * UNIT_NS;
	if (!(value & field_mask(EITR_CNT_WDIS)))
		m->irq_after[v] = 0; /* 82599 8.2.3.5.12: the counter was written as well */
}

void irq_write(struct model *m, uint32_t off, uint32_t value)
{
	switch (off) {
	case EICR:
		m->pending &= ~(uint64_t)(value & LOW);
		m->signalled &= ~(uint64_t)(value & LOW);
		m->other &= ~value;
		m->other_signalled = 0;
		m->msi_sent = 0;
		break;
	case EICS:
		m->other |= value & OTHER;
		m->other_signalled = 0;
		set_pending(m, value & LOW);
		break;
	case EIMS:
		m->other_mask |= value & OTHER;
		m->other_signalled = 0;
		set_mask(m, value & LOW);
		break;
	case EIMC:
		if (value >> 31)
			violate(m, "eimc-reserved", "82599 8.2.3.5.4",
				"reserved bit 31 written as 1");
		m->mask &= ~(uint64_t)(value & LOW);
		m->other_mask &= ~value;
		break;
	case EICS_EX:
	case EICS_EX + 4:
		set_pending(m, (uint64_t)value << (off - EICS_EX) * 8);
		break;
	case EIMS_EX:
	case EIMS_EX + 4:
		set_mask(m, (uint64_t)value << (off - EIMS_EX) * 8);
		break;
	case EIMC_EX:
	case EIMC_EX + 4:
		m->mask &= ~((uint64_t)value << (off - EIMC_EX) * 8);
		break;
	default:
		write_eitr(m, off, value);
	}
	m->irq_dirty = 1;
}

/* 82599 7.3.4: IVAR says which cause bit (vector) a queue's event sets. */
void irq_queue(struct model *m, unsigned queue, int tx)
{
	uint32_t ivar = get(m, IVAR + queue / 2 * 4);
	uint32_t entry = ivar >> ((queue % 2 * 2 + (unsigned)tx) * 8) & 0xff;

	if (entry & 0x80)
		set_pending(m, (uint64_t)1 << (entry & 63));
}

void irq_other(struct model *m, uint32_t causes)
{
	m->other |= causes;
	m->other_signalled = 0;
	m->irq_dirty = 1;
}

/* Send one MSI-X message, or remember that it is due. */
static void message(struct model *m, unsigned vector)
{
	m->irq_after[vector] = now(m) + m->irq_interval[vector];
	msix_message(&m->config, m->host, vector);
}

static void update_msix(struct model *m)
{
	uint64_t due = m->pending & m->mask & ~m->signalled;
	uint32_t misc = get(m, IVAR_MISC) >> 8 & 0xff;
	uint64_t auto_mask = get(m, EIAM_EX) | (uint64_t)get(m, EIAM_EX + 4) << 32;

	m->irq_dirty = 0;
	for (unsigned v = 0; due && v < VECTORS; v++) {
		uint64_t bit = (uint64_t)1 << v;

		if (!(due & bit))
			continue;
		due &= ~bit;
		if (m->irq_after[v] && now(m) < m->irq_after[v]) {
			m->irq_dirty = 1; /* throttled: 82599 7.3.2.1 */
			continue;
		}
		message(m, v);
		m->signalled |= bit;
		if (v >= 16 || get(m, EIAC) & bit) /* Interpretation(missing): 16 and up always */
			m->pending &= ~bit;
		if (get_field(m, GPIE, GPIE_EIAME))
			m->mask &= ~(bit & auto_mask);
	}
	if (m->other & m->other_mask && !m->other_signalled && misc & 0x80) {
		message(m, misc & 63);
		m->other_signalled = 1;
		m->other &= ~(get(m, EIAC) & OTHER);
	}
}

void irq_update(struct model *m)
{
	uint64_t t;
	int on;

	if (msix_on(m) && get_field(m, GPIE, GPIE_MULTIPLE_MSIX)) {
		update_msix(m);
		return;
	}
	m->irq_dirty = 0;
	on = (m->pending & m->mask & LOW) || (m->other & m->other_mask);
	if (!on)
		m->msi_sent = 0;
	t = on && m->irq_interval[0] ? now(m) : 0;
	if (on && t && t < m->irq_after[0] && !m->intx_level) {
		m->irq_dirty = 1;
		return;
	}
	if (on && m->irq_interval[0])
		m->irq_after[0] = t + m->irq_interval[0];
	if (msix_on(m) ||
	    config_msi_on(&m->config)) { /* one message for all causes: 82599 7.3.1.2 */
		if (on && !m->msi_sent && msix_on(m))
			message(m, 0);
		else if (on && !m->msi_sent && bus_master(m))
			m->host->irq(m->host, MODEL_MSI, 0, 1);
		m->msi_sent = on;
		return;
	}
	on = on && !config_intx_off(&m->config);
	if (on != m->intx_level) {
		m->intx_level = on;
		m->host->irq(m->host, MODEL_INTX, 0, on);
	}
}
