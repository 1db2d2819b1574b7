/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Register dispatch, reset and link of the 82540EM and 82574L models, and their operations tables.
 */
#include "models/e1000/e1000.h"

#define RESET_NS 1000u   /* 82540EM 13.4.1: not to be touched for 1 us */
#define LINK_NS  500000u /* negotiation of a cable that is in */

void e1k_violate(struct model *m, const char *rule, const char *section, const char *text)
{
	if (!config_listed(m->opt.lenient, rule))
		m->host->violation(m->host, rule, section, text);
}

void e1k_dma_failed(struct model *m, const char *what)
{
	if (bus_master(m))
		e1k_violate(m, "dma-unmapped", "82540EM 4.2", what);
	else
		e1k_violate(m, "no-bus-master", "82540EM 4.1",
			    "DMA is wanted while PCI command bit 2 is 0");
}

/* ---- link ---- */

void e1k_link_restart(struct model *m)
{
	m->link_at = now(m) + LINK_NS;
	m->phy_up = 0;
	e1k_link_update(m);
}

/* 82540EM 13.4.22: with the internal PHY by its own bit; RCTL.LBM does it, too. */
int e1k_loops(struct model *m)
{
	return m->phy[PHY_BMCR] & BMCR_LOOPBACK || get_field(m, RCTL, RCTL_LBM) == RCTL_LBM_PHY;
}

/*
 * The PHY has a link when the cable is in, or it is its own partner, and it is not switched off;
 * the MAC, if SLU says so.
 */
void e1k_link_update(struct model *m)
{
	int other = m->wire_up || m->phy[PHY_BMCR] & BMCR_LOOPBACK, up;

	if (other != m->phy_up) /* else nothing is on its way; spares reading the clock */
		m->phy_up = other && now(m) >= m->link_at &&
			    !(m->phy[PHY_BMCR] & (BMCR_POWER_DOWN | BMCR_ISOLATE));
	up = m->phy_up && get_field(m, CTRL, CTRL_SLU);
	if (up == m->link_up)
		return;
	m->link_up = up;
	e1k_irq_cause(m, field_mask(ICR_LSC));
}

static void wire_link(struct model *m, int up)
{
	m->wire_up = up;
	e1k_link_restart(m);
}

static uint32_t read_status(struct model *m)
{
	uint32_t value = field_mask(STATUS_FD) | field_of(STATUS_SPEED, 2);

	e1k_link_update(m);
	if (m->link_up)
		value |= field_mask(STATUS_LU);
	if (m->pcie && !get_field(m, CTRL, CTRL_GIO_MASTER_DISABLE))
		value |= field_mask(STATUS_GIO_MASTER_ENABLE);
	return value;
}

/* ---- reset ---- */

/* 82540EM 13.4.1 and 13.4.16: a reset of the MAC; PHY and PBA stay, and PBA counts from now on. */
static void device_reset(struct model *m)
{
	uint32_t pba = get(m, PBA);
	const uint16_t *w = m->eeprom;

	regfile_reset(&m->regs);
	*reg(&m->regs, PBA) = m->pba = pba;
	*reg(&m->regs, RAL) = w[0] | (uint32_t)w[1] << 16;
	*reg(&m->regs, RAH) = w[2] | field_mask(RAH_AV);
	*reg(&m->regs, EECD) = field_mask(EECD_DO);
	if (m->pcie) /* 82574 10.2.6: unlike the 82540EM's it has a value */
		*reg(&m->regs, TIPG) =
			field_of(TIPG_IPGT, 8) | field_of(TIPG_IPGR1, 8) | field_of(TIPG_IPGR2, 6);
	memset(m->written, 0, sizeof(m->written));
	m->toeplitz.valid = 0;
	m->fifo.in = m->fifo.out = 0;
	m->link_up = 0;
	m->wire.bits = 0;
	e1k_queue_reset(m);
	e1k_irq_reset(m);
}

static void function_reset(struct model *m)
{
	e1k_config_init(m);
	*reg(&m->regs, PBA) = m->pcie ? 0x00140014 : 0x00100030;
	device_reset(m);
	m->reset_until = 0;
	e1k_phy_reset(m);
}

static void init(struct model *m, struct model_host *host, const struct model_options *opt,
		 const struct model_class *class)
{
	static const uint8_t none[6], def[6] = { 0x02, 0x10, 0x00, 0x00, 0x00, 0x01 };

	m->class = class;
	m->pcie = class == &model_82574l;
	m->host = m->dma.host = host;
	m->dma.command = &m->config.bytes[4];
	m->fifo.bytes = m->fifo_bytes;
	m->fifo.capacity = PACKET_BUFFER;
	m->opt = *opt;
	if (!memcmp(opt->mac, none, 6))
		memcpy(m->opt.mac, def, 6);
	m->device = opt->device ? opt->device : class->ids->device;
	regfile_init(&m->regs, class->regs);
	e1k_nvm_init(m);
	function_reset(m);
}

static void init_82540em(struct model *m, struct model_host *host, const struct model_options *opt)
{
	init(m, host, opt, &model_82540em);
}

static void init_82574l(struct model *m, struct model_host *host, const struct model_options *opt)
{
	init(m, host, opt, &model_82574l);
}

/* ---- registers ---- */

static uint32_t reg_get(struct model *m, uint32_t off)
{
	if (e1k_queue_owns(m, off))
		return e1k_queue_read(m, off);
	if (e1k_irq_owns(off))
		return e1k_irq_read(m, off);
	if (e1k_nvm_owns(off))
		return e1k_nvm_read(m, off);
	switch (off) {
	case STATUS:
		return read_status(m);
	case GORCL:
	case GOTCL:
	case TORL:
	case TOTL:
		return regfile_low(&m->regs, off);
	case GORCH: /* 82540EM 13.7: a pair is read low, then high; high clears both */
	case GOTCH:
	case TORH:
	case TOTH:
		return regfile_high(&m->regs, off - 4);
	}
	return regfile_read(&m->regs, off);
}

static void write_ctrl(struct model *m, uint32_t value)
{
	if (field_get(value, CTRL_PHY_RST))
		e1k_phy_reset(m);
	if (field_get(value, CTRL_RST)) {
		device_reset(m);
		m->reset_until = now(m) + RESET_NS;
		return;
	}
	*reg(&m->regs, CTRL) = value & ~(field_mask(CTRL_RST) | field_mask(CTRL_PHY_RST));
	e1k_link_update(m);
}

/* 82540EM 13.4.16: what is not for receiving is for sending. */
static void write_pba(struct model *m, uint32_t value)
{
	uint32_t all = m->pcie ? 40 : 64, rx = field_get(value, PBA_RXA);

	*reg(&m->regs, PBA) = field_of(PBA_RXA, rx) | field_of(PBA_TXA, rx < all ? all - rx : 0);
}

static void reg_set(struct model *m, uint32_t off, uint32_t value)
{
	if (off / 4 >= REGFILE_WORDS)
		return;
	e1k_check_write(m, off, value);
	value &= e1k_bits(off);
	m->written[off / 4 / 32] |= 1u << (off / 4 % 32);
	if (e1k_queue_owns(m, off)) {
		e1k_queue_write(m, off, value);
		return;
	}
	if (e1k_irq_owns(off)) {
		e1k_irq_write(m, off, value);
		return;
	}
	if (e1k_nvm_owns(off)) {
		e1k_nvm_write(m, off, value);
		return;
	}
	if (m->pcie && off >= RSSRK && off < RSSRK + 4 * RSSRK_count)
		m->toeplitz.valid = 0;
	switch (off) {
	case CTRL:
		write_ctrl(m, value);
		return;
	case STATUS: /* read only, by its nature */
		return;
	case PBA:
		write_pba(m, value);
		return;
	}
	if (m->regs.access[off / 4] == REG_SP)
		*reg(&m->regs, off) = value;
	else
		regfile_write(&m->regs, off, value);
	if (off == RCTL || off == TCTL || (m->pcie && off == RFCTL))
		e1k_control(m);
	if (m->pcie && off == CTRL_EXT && field_get(value, CTRL_EXT_PBA_CLR))
		m->config.pending = 0;
}

/* 82540EM 13.1: registers are 32 bits wide; two neighbours may be accessed as 64 bits. */
static int check_access(struct model *m, uint32_t off, unsigned size)
{
	if (!config_memory_on(&m->config))
		return 0;
	if (size < 4 || off % size)
		e1k_violate(m, "access-width", "82540EM 13.1",
			    "a register was not accessed as 32 or 64 bits");
	if (m->reset_until && now(m) < m->reset_until)
		e1k_violate(m, "touched-in-reset", "82540EM 13.4.1",
			    "a register was accessed within 1 us after CTRL.RST");
	else
		m->reset_until = 0;
	if (off / 4 >= REGFILE_WORDS)
		return 0;
	if (m->regs.access[off / 4] == REG_UNKNOWN)
		m->unmodelled++;
	return 1;
}

static uint64_t read_memory(struct model *m, uint32_t off, unsigned size)
{
	uint64_t all = size < 8 ? ((uint64_t)1 << size * 8) - 1 : UINT64_MAX, value;

	if (!check_access(m, off, size))
		return all;
	value = reg_get(m, regfile_home(&m->regs, off));
	if (size == 8)
		value |= (uint64_t)reg_get(m, regfile_home(&m->regs, off + 4)) << 32;
	e1k_irq_update(m);
	return value >> off % 4 * 8 & all;
}

static void write_memory(struct model *m, uint32_t off, uint64_t value, unsigned size)
{
	uint32_t home;

	if (!check_access(m, off, size))
		return;
	home = regfile_home(&m->regs, off);
	if (size < 4)
		value = regfile_merge(&m->regs, home, off, (uint32_t)value, size);
	reg_set(m, home, (uint32_t)value);
	if (size == 8)
		reg_set(m, regfile_home(&m->regs, off + 4), (uint32_t)(value >> 32));
	e1k_irq_update(m);
}

static int is_io(const struct model *m, unsigned bar)
{
	return bar == (m->pcie ? 2 : 1) && m->config.bytes[4] & 1;
}

static uint64_t model_read(struct model *m, unsigned bar, uint32_t off, unsigned size)
{
	uint64_t all = size < 8 ? ((uint64_t)1 << size * 8) - 1 : UINT64_MAX;

	if (bar == 0)
		return read_memory(m, off, size);
	if (is_io(m, bar)) /* 82540EM 13.2: an address, and a window to the register there */
		return off == 0 ? m->io_address : off == 4 ? read_memory(m, m->io_address, 4) : 0;
	if (bar == 3 && m->pcie && config_memory_on(&m->config))
		return msix_table_read(&m->config, off, size);
	return all;
}

static void model_write(struct model *m, unsigned bar, uint32_t off, uint64_t value, unsigned size)
{
	if (bar == 0)
		write_memory(m, off, value, size);
	else if (is_io(m, bar) && off == 0)
		m->io_address = (uint32_t)value & 0x1fffc;
	else if (is_io(m, bar) && off == 4)
		write_memory(m, m->io_address, (uint32_t)value, 4);
	if (bar == 3 && m->pcie && config_memory_on(&m->config)) {
		msix_table_write(&m->config, off, value, size);
		msix_unmasked(&m->config, m->host);
		e1k_irq_update(m);
	}
}

static int tail_82540em(uint32_t off)
{
	return off == RDT || off == TDT;
}

static int tail_82574l(uint32_t off)
{
	return tail_82540em(off) || tail_82540em(off - RDT_stride);
}

/* ---- running ---- */

static unsigned run(struct model *m)
{
	unsigned work = 0;

	if (m->wire_up != m->link_up)
		e1k_link_update(m);
	if (fifo_used(&m->fifo))
		work += e1k_fifo_drain(m);
	if (m->tx_on)
		work += e1k_tx_run(m);
	if (m->irq_dirty)
		e1k_irq_update(m);
	return work;
}

static int drained(struct model *m)
{
	return !fifo_used(&m->fifo);
}

static void dma_changed(struct model *m)
{
	dma_forget(&m->dma);
}

static void status(struct model *m, struct model_status *st)
{
	e1k_link_update(m);
	*st = (struct model_status) { .link_mbps = m->link_up ? 1000 : 0 };
	for (uint32_t q = 0; q < queues(m); q++) {
		st->rx_queues += m->rx_on && m->rx[q].size;
		st->tx_queues += m->tx_on && m->tx[q].ring.size;
	}
}

static const struct model_id ids_82540em[] = {
	{ 0x8086, 0x100e, "82540EM Gigabit" },
	{ 0x8086, 0x100f, "82545EM Gigabit" },
	{ 0, 0, NULL },
};
static const struct model_id ids_82574l[] = {
	{ 0x8086, 0x10d3, "82574L Gigabit" },
	{ 0, 0, NULL },
};

/* clang-format off */
#define OPERATIONS                                                                               \
	.size = sizeof(struct model), .reset = function_reset, .config_read = e1k_config_read,   \
	.config_write = e1k_config_write, .read = model_read, .write = model_write,              \
	.wire_rx = e1k_wire_in, .wire_link = wire_link, .run = run, .dma_changed = dma_changed, \
	.drained = drained, .counter = e1k_counter, .status = status
/* clang-format on */

const struct model_class model_82540em = {
	.name = "82540em",
	.ids = ids_82540em,
	.regs = &regs_e1000,
	.bar_size = { 128 << 10, 64, 0, 0, 0, 0 },
	.init = init_82540em,
	.is_doorbell = tail_82540em,
	OPERATIONS,
};

const struct model_class model_82574l = {
	.name = "82574l",
	.ids = ids_82574l,
	.regs = &regs_e1000e,
	.bar_size = { 128 << 10, 128 << 10, 32, 16 << 10, 0, 0 },
	.init = init_82574l,
	.is_doorbell = tail_82574l,
	OPERATIONS,
};
