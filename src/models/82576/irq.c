/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts: 82576 7.3, 8.8. Two kinds of causes: ICR with its mask IMS, as all e1000 have them,
 * and EICR with EIMS, into which IVAR sorts the queues' events: one bit for each MSI-X vector with
 * GPIE.MULTIPLE_MSIX, else one of 16.
 */
#include "models/82576/82576.h"

#define VALID   0x80u
#define US      1000u
#define LEGACY  0xffffu
#define VECTOR_ 0x1fu

int m76_irq_owns(uint32_t off)
{
	return off == ICR || off == ICS || off == IMS || off == IMC || off == GPIE ||
	       (off >= EICS && off <= EIAM) || off == EICR ||
	       (off >= EITR && off < EITR + EITR_stride * EITR_count);
}

void m76_irq_reset(struct model *m)
{
	m->icr = m->ims = m->icr_seen = 0;
	m->pending = m->mask = m->signalled = 0;
	m->msi_sent = 0;
	memset(m->irq_after, 0, sizeof(m->irq_after));
	m76_irq_update(m);
}

static int multiple(struct model *m)
{
	return get_field(m, GPIE, GPIE_MULTIPLE_MSIX) != 0;
}

static uint32_t bits(struct model *m)
{
	return multiple(m) ? field_mask(EICR_VECTORS) : LEGACY;
}

/* 82576 8.8.7: reading clears ICR, and masks what IAM says, if nothing is enabled, if an interrupt
 * was asserted, or with GPIE.NSICR. */
static uint32_t read_icr(struct model *m)
{
	uint32_t asserted = m->icr & m->ims;
	uint32_t value = m->icr | (asserted ? field_mask(ICR_INTA) : 0);
	int always = get_field(m, GPIE, GPIE_NSICR) != 0;

	if (always || asserted || !m->ims)
		m->icr = 0;
	if (always || asserted)
		m->ims &= ~get(m, IAM);
	return value;
}

/* 82576 8.8.6, GPIE.EIAME: access to EICR masks, unless messages do. */
static void touch_eicr(struct model *m)
{
	if (!get_field(m, GPIE, GPIE_EIAME))
		m->mask &= ~get(m, EIAM);
}

static uint32_t read_eicr(struct model *m)
{
	uint32_t value = m->pending & bits(m);

	if (multiple(m) && get(m, EIAC))
		m76_violate(m, "eicr-read-with-eiac", "82576 8.8.5",
			    "EICR was read while EIAC has bits set");
	if (!multiple(m) && m->icr & m->ims)
		value |= field_mask(EICR_OTHER);
	m->pending = 0;
	touch_eicr(m);
	return value;
}

uint32_t m76_irq_read(struct model *m, uint32_t off)
{
	switch (off) {
	case ICR:
		return read_icr(m);
	case ICS:
	case EICS:
		return 0;
	case IMS:
	case IMC:
		return m->ims;
	case EIMS:
	case EIMC:
		return m->mask;
	case EICR:
		return read_eicr(m);
	}
	return get(m, off);
}

static void set_pending(struct model *m, uint32_t causes)
{
	m->pending |= causes;
	m->signalled &= ~causes;
	m->irq_dirty = 1;
}

/* 82576 8.8.12: without CNT_INGR the counter is written as well, and starts anew. */
static void write_eitr(struct model *m, uint32_t off, uint32_t value)
{
	*reg(&m->regs, off) = value & ~field_mask(EITR_CNT_INGR);
	if (!(value & field_mask(EITR_CNT_INGR)))
		m->irq_after[(off - EITR) / EITR_stride] = 0;
}

void m76_irq_write(struct model *m, uint32_t off, uint32_t value)
{
	switch (off) {
	case ICR:
		m->icr &= ~value;
		break;
	case ICS:
		m->icr |= value & ~field_mask(ICR_INTA);
		m->icr_seen &= ~value; /* set anew: interrupts again */
		break;
	case IMS:
		m->ims |= value & ~field_mask(ICR_INTA);
		break;
	case IMC:
		m->ims &= ~value;
		break;
	case EICR:
		m->pending &= ~value;
		m->signalled &= ~value;
		touch_eicr(m);
		break;
	case EICS:
		set_pending(m, value & bits(m));
		break;
	case EIMS:
		m->mask |= value & (bits(m) | field_mask(EICR_OTHER));
		m->signalled &= ~value; /* what is pending fires again */
		break;
	case EIMC:
		m->mask &= ~value;
		break;
	case EIAC:
	case EIAM:
		*reg(&m->regs, off) = value & bits(m);
		break;
	case GPIE:
		*reg(&m->regs, off) = value;
		break;
	default:
		write_eitr(m, off, value);
	}
	m->irq_dirty = 1;
}

/* 82576 8.8.13: where a queue's events go. */
void m76_irq_queue(struct model *m, unsigned queue, int tx)
{
	uint32_t ivar = get(m, IVAR + queue % 8 * IVAR_stride);
	uint32_t entry = ivar >> (queue / 8 * 16 + (unsigned)tx * 8) & 0xff;

	if (entry & VALID)
		set_pending(m, 1u << (entry & VECTOR_) & bits(m));
	m76_irq_cause(m, field_mask(tx ? (unsigned)ICR_TXDW : (unsigned)ICR_RXDW));
}

void m76_irq_cause(struct model *m, uint32_t causes)
{
	m->icr |= causes;
	m->irq_dirty = 1;
}

static uint64_t interval(struct model *m, unsigned vector)
{
	return (uint64_t)get_field(m, EITR + vector * EITR_stride, EITR_INTERVAL) * US;
}

/* Throttled? Else this is the moment that the interval is counted from. */
static int too_early(struct model *m, unsigned vector)
{
	uint64_t us = interval(m, vector), t;

	if (!us)
		return 0;
	t = now(m);
	if (t < m->irq_after[vector])
		return 1;
	m->irq_after[vector] = t + us;
	return 0;
}

static void message(struct model *m, unsigned vector)
{
	count(m, IAC, 1);
	if (vector < VECTORS)
		msix_message(&m->config, m->host, vector);
	else
		m76_violate(m, "ivar-vector", "82576 8.8.13",
			    "an interrupt goes to a vector that the MSI-X table does not have");
}

static void update_msix(struct model *m)
{
	uint32_t due = m->pending & m->mask & ~m->signalled & field_mask(EICR_VECTORS);

	for (unsigned v = 0; due && v < CAUSES; v++) {
		uint32_t bit = 1u << v;

		if (!(due & bit))
			continue;
		if (too_early(m, v)) {
			m->irq_dirty = 1;
			continue;
		}
		message(m, v);
		m->signalled |= bit;
		m->pending &= ~(bit & get(m, EIAC));
		if (get_field(m, GPIE, GPIE_EIAME))
			m->mask &= ~(bit & get(m, EIAM));
	}
}

/* One line or one message for everything: 82576 7.3.1. */
static void update_single(struct model *m)
{
	int msi = config_msix_on(&m->config) || config_msi_on(&m->config);
	int on = (m->icr & m->ims) || (m->pending & m->mask & LEGACY);

	if (!on)
		m->msi_sent = 0;
	if (on && !m->msi_sent && !m->intx_level && too_early(m, 0)) {
		m->irq_dirty = 1;
		return;
	}
	if (msi) {
		if (on && !m->msi_sent && config_msix_on(&m->config))
			message(m, 0);
		else if (on && !m->msi_sent && bus_master(m))
			m->host->irq(m->host, MODEL_MSI, 0, 1);
		m->msi_sent = on;
	}
	on = on && !msi && !config_intx_off(&m->config);
	if (on != m->intx_level) {
		m->intx_level = on;
		m->host->irq(m->host, MODEL_INTX, 0, on);
	}
}

void m76_irq_update(struct model *m)
{
	uint32_t other = m->icr & m->ims, new = other & ~m->icr_seen;
	uint32_t misc = get_field(m, IVAR_MISC, IVAR_MISC_OTHER);

	m->irq_dirty = 0;
	m->icr_seen = other;
	if (!multiple(m) || !config_msix_on(&m->config)) {
		update_single(m);
		return;
	}
	if (new &&misc & VALID) /* 82576 8.8.14 */
		set_pending(m, 1u << (misc & VECTOR_) & bits(m));
	m->irq_dirty = 0;
	update_msix(m);
}
