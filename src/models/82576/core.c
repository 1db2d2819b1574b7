/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82576 model: register dispatch, reset, and its operations table.
 */
#include "models/82576/82576.h"

#define RESET_NS 1000000u /* 82576 4.2.1.6.1: not to be touched for 1 ms */

void m76_violate(struct model *m, const char *rule, const char *section, const char *text)
{
	if (!config_listed(m->opt.lenient, rule))
		m->host->violation(m->host, rule, section, text);
}

void m76_unreachable(struct model *m, const char *what)
{
	if (bus_master(m))
		m76_violate(m, "dma-unmapped", "82576 5.2", what);
	else
		m76_violate(m, "no-bus-master", "82576 9",
			    "DMA is wanted while PCI command bit 2 is 0");
}

/* ---- reset ---- */

static uint64_t mac_low_first(const struct model *m)
{
	uint64_t mac = 0;

	for (int i = 5; i >= 0; i--)
		mac = mac << 8 | m->opt.mac[i];
	return mac;
}

/* 82576 4.2.1.6.1: what a port reset leaves behind, after the EEPROM was loaded. The packet buffer
 * sizes and EITR stay as they are (so in QEMU's igb, too). */
static void device_reset(struct model *m)
{
	const uint32_t kept[] = { SW_FW_SYNC, SWSM, RXPBS, TXPBS };
	uint32_t keep[ARRAY_SIZE(kept)], eitr[EITR_count];
	uint64_t mac = mac_low_first(m);

	for (unsigned i = 0; i < ARRAY_SIZE(kept); i++)
		keep[i] = get(m, kept[i]);
	for (uint32_t i = 0; i < EITR_count; i++)
		eitr[i] = get(m, EITR + i * EITR_stride);
	regfile_reset(&m->regs);
	for (unsigned i = 0; i < ARRAY_SIZE(kept); i++)
		*reg(&m->regs, kept[i]) = keep[i];
	for (uint32_t i = 0; i < EITR_count; i++)
		*reg(&m->regs, EITR + i * EITR_stride) = eitr[i];
	*reg(&m->regs, RAL) = (uint32_t)mac;
	*reg(&m->regs, RAH) = (uint32_t)(mac >> 32) | field_mask(RAH_AV);
	memset(m->written, 0, sizeof(m->written));
	m->toeplitz.valid = 0;
	m->fifo.in = m->fifo.out = 0;
	m76_queue_reset(m);
	m76_irq_reset(m);
	m76_link_start(m);
}

static void function_reset(struct model *m)
{
	m76_function_init(m);
	dma_forget(&m->dma);
	regfile_reset(&m->regs);
	device_reset(m);
	m76_phy_reset(m);
	m->icr = 0;
	m->reset_until = 0;
}

static void init(struct model *m, struct model_host *host, const struct model_options *opt)
{
	static const uint8_t none[6], def[6] = { 0x02, 0x82, 0x57, 0x60, 0x00, 0x01 };

	m->host = m->dma.host = host;
	m->dma.command = &m->config.bytes[4];
	m->adv.m = m;
	m->adv.chip = &m76_adv;
	m->adv.dma = &m->dma;
	m->fifo.bytes = m->packet_buffer;
	m->fifo.capacity = PACKET_BUFFER;
	m->opt = *opt;
	if (!memcmp(opt->mac, none, 6))
		memcpy(m->opt.mac, def, 6);
	m->device = opt->device ? opt->device : 0x10c9;
	regfile_init(&m->regs, &regs_igb);
	m76_nvm_init(m);
	function_reset(m);
}

/* ---- registers ---- */

static int nvm_owns(uint32_t off)
{
	return off == EECD || off == EERD || off == SWSM;
}

static uint32_t read_status(struct model *m)
{
	uint32_t value = get(m, STATUS) & field_mask(STATUS_PHYRA);

	m76_link_update(m);
	if (!get_field(m, CTRL, CTRL_GIO_MASTER_DISABLE))
		value |= field_mask(STATUS_GIO_MASTER_ENABLE);
	if (m->link_up)
		value |= field_mask(STATUS_LU) | field_mask(STATUS_FD) | field_of(STATUS_SPEED, 2);
	return value;
}

static uint32_t reg_get(struct model *m, uint32_t off)
{
	if (m76_queue_owns(off))
		return m76_queue_read(m, off);
	if (m76_irq_owns(off))
		return m76_irq_read(m, off);
	if (nvm_owns(off))
		return m76_nvm_read(m, off);
	switch (off) {
	case STATUS:
		return read_status(m);
	case GORCH: /* a pair is read low, then high; high clears both */
	case GOTCH:
	case TORH:
	case TOTH:
	case HGORCH:
	case HGOTCH:
		return regfile_high(&m->regs, off - 4);
	case GORCL:
	case GOTCL:
	case TORL:
	case TOTL:
	case HGORCL:
	case HGOTCL:
		return regfile_low(&m->regs, off);
	}
	return regfile_read(&m->regs, off);
}

static void write_ctrl(struct model *m, uint32_t value)
{
	if (value & field_mask(CTRL_RST)) {
		device_reset(m);
		m->reset_until = now(m) + RESET_NS;
		return;
	}
	if (value & field_mask(CTRL_PHY_RST) && !get_field(m, CTRL, CTRL_PHY_RST)) {
		m76_phy_reset(m);
		*reg(&m->regs, STATUS) |= field_mask(STATUS_PHYRA);
	}
	*reg(&m->regs, CTRL) = value;
	m76_link_update(m);
}

static void reg_set(struct model *m, uint32_t off, uint32_t value)
{
	m76_check_write(m, off, value);
	m->written[off / 4 / 32] |= 1u << (off / 4 % 32);
	if (m76_queue_owns(off)) {
		m76_queue_write(m, off, value);
		return;
	}
	if (m76_irq_owns(off)) {
		m76_irq_write(m, off, value);
		return;
	}
	if (nvm_owns(off)) {
		m76_nvm_write(m, off, value);
		return;
	}
	if (off >= RSSRK && off < RSSRK + RSSRK_stride * RSSRK_count)
		m->toeplitz.valid = 0;
	switch (off) {
	case CTRL:
		write_ctrl(m, value);
		return;
	case STATUS: /* only PHYRA can be written, to 0 */
		*reg(&m->regs, STATUS) &= value | ~field_mask(STATUS_PHYRA);
		return;
	case MDIC:
		m76_mdic_write(m, value);
		return;
	case RCTL:
	case TCTL:
		*reg(&m->regs, off) = value;
		m76_queues_update(m);
		return;
	}
	regfile_write(&m->regs, off, value);
}

/* 82576 8.1: CSRs are 32 bits wide and accessed so. */
static int check_access(struct model *m, uint32_t off, unsigned size)
{
	if (!config_memory_on(&m->config))
		return 0;
	if (size != 4 || off % 4)
		m76_violate(m, "access-width", "82576 8.1",
			    "a register was not accessed as 32 bits");
	if (m->reset_until && now(m) < m->reset_until)
		m76_violate(m, "touched-in-reset", "82576 4.2.1.6.1",
			    "a register was accessed within 1 ms after CTRL.RST");
	else
		m->reset_until = 0;
	if (off / 4 >= REGFILE_WORDS)
		return 0;
	if (m->regs.access[off / 4] == REG_UNKNOWN)
		m->adv.unmodelled++;
	return 1;
}

static uint64_t model_read(struct model *m, unsigned bar, uint32_t off, unsigned size)
{
	uint64_t all = size < 8 ? ((uint64_t)1 << size * 8) - 1 : UINT64_MAX, value;

	if (bar == 3)
		return config_memory_on(&m->config) ? msix_table_read(&m->config, off, size) : all;
	if (bar != 0 || !check_access(m, off, size))
		return all;
	value = reg_get(m, regfile_home(&m->regs, off));
	if (size == 8)
		value |= (uint64_t)reg_get(m, regfile_home(&m->regs, off + 4)) << 32;
	m76_irq_update(m);
	return value >> off % 4 * 8 & all;
}

static void model_write(struct model *m, unsigned bar, uint32_t off, uint64_t value, unsigned size)
{
	uint32_t home;

	if (bar == 3 && config_memory_on(&m->config))
		m76_msix_write(m, off, value, size);
	if (bar != 0 || !check_access(m, off, size))
		return;
	home = regfile_home(&m->regs, off);
	if (size < 4)
		value = regfile_merge(&m->regs, home, off, (uint32_t)value, size);
	reg_set(m, home, (uint32_t)value);
	if (size == 8)
		reg_set(m, regfile_home(&m->regs, off + 4), (uint32_t)(value >> 32));
	m76_irq_update(m);
}

/* ---- running ---- */

static void wire_link(struct model *m, int up)
{
	m->wire_up = up;
	m76_link_start(m);
	m76_link_update(m);
}

static unsigned run(struct model *m)
{
	unsigned work = 0;

	m76_link_update(m);
	if (fifo_used(&m->fifo))
		work += m76_fifo_drain(m);
	if (m->tx_on)
		work += m76_tx_run(m);
	if (m->irq_dirty)
		m76_irq_update(m);
	return work;
}

static void dma_changed(struct model *m)
{
	dma_forget(&m->dma);
}

static int drained(struct model *m)
{
	return !fifo_used(&m->fifo);
}

static void status(struct model *m, struct model_status *st)
{
	m76_link_update(m);
	*st = (struct model_status) { .link_mbps = m->link_up ? 1000 : 0 };
	for (uint32_t q = 0; q < QUEUES; q++) {
		st->rx_queues += m->rx[q].on != 0;
		st->tx_queues += m->tx[q].on != 0;
	}
}

static int counter(struct model *m, unsigned i, const char **name, uint64_t *value)
{
	return adv_counter(&m->adv, i, name, value);
}

static const struct model_id ids[] = {
	{ 0x8086, 0x10c9, "82576 Gigabit" },
	{ 0x8086, 0x10e8, "82576 Gigabit ET quad port" },
	{ 0, 0, NULL },
};

const struct model_class model_82576 = {
	.name = "82576",
	.ids = ids,
	.regs = &regs_igb,
	.size = sizeof(struct model),
	.bar_size = { 128 << 10, 0, 32, 16 << 10, 0, 0 },
	.init = init,
	.reset = function_reset,
	.config_read = m76_function_read,
	.config_write = m76_function_write,
	.read = model_read,
	.write = model_write,
	.is_doorbell = m76_is_tail,
	.wire_rx = m76_wire_in,
	.wire_link = wire_link,
	.run = run,
	.dma_changed = dma_changed,
	.drained = drained,
	.counter = counter,
	.status = status,
};
