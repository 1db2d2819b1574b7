/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82599 model: register dispatch, reset, link, DMA, and its operations table.
 */
#include "models/82599/82599.h"

#define RESET_NS 1000000u /* 82599 8.2.3.1.1: not to be touched for 1 ms */
#define LINK_NS  500000u  /* negotiation of a cable that is in */

void violate(struct model *m, const char *rule, const char *section, const char *text)
{
	if (!config_listed(m->opt.lenient, rule))
		m->host->violation(m->host, rule, section, text);
}

void dma_failed(struct model *m, const char *what)
{
	if (bus_master(m))
		violate(m, "dma-unmapped", "82599 5.2.5.3", what);
	else
		violate(m, "no-bus-master", "82599 9.3.3",
			"DMA is wanted while PCI command bit 2 is 0");
	irq_other(m, field_mask(EICR_PCI_EXCEPTION));
}

/* ---- link ---- */

static void link_start(struct model *m)
{
	m->link_at = now(m) + LINK_NS;
}

static void link_update(struct model *m)
{
	/* 82599 8.2.3.22.19: FLU forces the link, with a partner or without */
	int wanted = m->wire_up || get_field(m, AUTOC, AUTOC_FLU), up;

	if (wanted == m->link_up) /* nothing is on its way; spares reading the clock */
		return;
	up = wanted && now(m) >= m->link_at;
	if (up == m->link_up)
		return;
	m->link_up = up;
	irq_other(m, field_mask(EICR_LSC));
}

static void wire_link(struct model *m, int up)
{
	m->wire_up = up;
	link_start(m);
	link_update(m);
}

static int is_fibre(const struct model *m)
{
	return m->device == 0x10fb;
}

static uint32_t read_links(struct model *m)
{
	link_update(m);
	if (!m->link_up)
		return 0;
	return field_mask(LINKS_UP) | field_of(LINKS_SPEED, 3) |
	       (is_fibre(m) ? 0 : field_mask(LINKS_KX_AN_COMP));
}

/* ---- reset ---- */

static uint64_t mac_low_first(const struct model *m)
{
	uint64_t mac = 0;

	for (int i = 5; i >= 0; i--)
		mac = mac << 8 | m->opt.mac[i];
	return mac;
}

/* 82599 4.2.1.6.1, 4.6.3.2: what a software reset leaves behind, after the EEPROM was loaded. */
void device_reset(struct model *m)
{
	uint32_t keep_sync = get(m, SW_FW_SYNC), keep_swsm = get(m, SWSM), keep_esdp = get(m, ESDP);
	uint64_t mac = mac_low_first(m);

	regfile_reset(&m->regs);
	for (uint32_t i = 1; i < 8; i++) { /* the table gives all elements the first one's value */
		*reg(&m->regs, RXPBSIZE + 4 * i) = 0;
		*reg(&m->regs, TXPBSIZE + 4 * i) = 0;
		*reg(&m->regs, TXPBTHRESH + 4 * i) = 0;
	}
	*reg(&m->regs, SW_FW_SYNC) = keep_sync;
	*reg(&m->regs, SWSM) = keep_swsm;
	*reg(&m->regs, ESDP) = keep_esdp;
	*reg(&m->regs, RAL) = (uint32_t)mac;
	*reg(&m->regs, RAH) = (uint32_t)(mac >> 32) | field_mask(RAH_AV);
	*reg(&m->regs, AUTOC) = is_fibre(m) ? 0xc0006000 : 0xc0018080;
	*reg(&m->regs, AUTOC2) = is_fibre(m) ? 0x00020000 : 0;
	memset(m->written, 0, sizeof(m->written));
	m->toeplitz.valid = m->addresses_valid = 0;
	m->fifo.in = m->fifo.out = 0;
	queue_reset(m);
	irq_reset(m);
	link_start(m);
	m->link_up = 0;
}

static void function_reset(struct model *m)
{
	function_init(m);
	*reg(&m->regs, SW_FW_SYNC) = *reg(&m->regs, SWSM) = *reg(&m->regs, ESDP) = 0;
	device_reset(m);
	m->reset_until = 0;
}

static void init(struct model *m, struct model_host *host, const struct model_options *opt)
{
	static const uint8_t none[6], def[6] = { 0x02, 0x82, 0x59, 0x90, 0x00, 0x01 };

	m->host = m->dma.host = host;
	m->dma.command = &m->config.bytes[4];
	m->adv.m = m;
	m->adv.chip = &adv_82599;
	m->adv.dma = &m->dma;
	m->fifo.bytes = m->packet_buffer;
	m->fifo.capacity = PACKET_BUFFER;
	m->opt = *opt;
	if (!memcmp(opt->mac, none, 6))
		memcpy(m->opt.mac, def, 6);
	m->device = opt->device ? opt->device : 0x10fb;
	regfile_init(&m->regs, &regs_ixgbe);
	nvm_init(m);
	function_reset(m);
}

/* ---- registers ---- */

static int nvm_owns(uint32_t off)
{
	return off == EEC || off == EERD || off == SWSM || off == I2CCTL || off == MSCA ||
	       off == MSRWD;
}

static uint32_t reg_get(struct model *m, uint32_t off)
{
	if (queue_owns(off))
		return queue_read(m, off);
	if (irq_owns(off))
		return irq_read(m, off);
	if (nvm_owns(off))
		return nvm_read(m, off);
	switch (off) {
	case STATUS:
		return (get_field(m, CTRL, CTRL_GIO_MASTER_DISABLE)
				? 0
				: field_mask(STATUS_GIO_MASTER_ENABLE)) |
		       (m->link_up ? field_mask(STATUS_LINK_UP) : 0);
	case ESDP: /* the cage is full if a cable is in */
		return field_set(get(m, ESDP), ESDP_SDP2_DATA, is_fibre(m) && m->wire_up);
	case FRTIMER:
		return (uint32_t)(now(m) / 1000);
	case LINKS:
		return read_links(m);
	case ANLP1:
		return field_of(ANLP1_AN_STATE, 6);
	case RDRXCTL:
		return get(m, RDRXCTL) | field_mask(RDRXCTL_DMAIDONE);
	case FDIRCTRL:
		return get(m, FDIRCTRL) | field_mask(FDIRCTRL_INIT_DONE);
	case GORCH: /* Interpretation(missing): a pair is read low, then high; high clears both */
	case GOTCH:
	case TORH:
		return regfile_high(&m->regs, off - 4);
	case GORCL:
	case GOTCL:
	case TORL:
		return regfile_low(&m->regs, off);
	}
	return regfile_read(&m->regs, off);
}

static void write_ctrl(struct model *m, uint32_t value)
{
	uint32_t resets = field_mask(CTRL_RST) | field_mask(CTRL_LRST);

	if (value & resets) {
		device_reset(m);
		m->reset_until = now(m) + RESET_NS;
		return;
	}
	*reg(&m->regs, CTRL) = value;
}

static void write_autoc(struct model *m, uint32_t off, uint32_t value)
{
	uint32_t restart = field_mask(AUTOC_RESTART_AN);

	*reg(&m->regs, off) = off == AUTOC ? value & ~restart : value;
	if (off == AUTOC && value & restart) {
		m->link_up = 0;
		link_start(m);
	}
}

static void reg_set(struct model *m, uint32_t off, uint32_t value)
{
	check_write(m, off, value);
	m->written[off / 4 / 32] |= 1u << (off / 4 % 32);
	if (queue_owns(off)) {
		queue_write(m, off, value);
		return;
	}
	if (irq_owns(off)) {
		irq_write(m, off, value);
		return;
	}
	if (nvm_owns(off)) {
		nvm_write(m, off, value);
		return;
	}
	if ((off >= RSSRK && off < RSSRK + 4 * RSSRK_count))
		m->toeplitz.valid = 0;
	if (off >= RAL && off < RAL + RAL_stride * RAL_count) {
		m->addresses_valid = 0;
		if ((off - RAL) % RAL_stride) /* 82599 8.2.3.7.9: the other bits of RAH read 0 */
			value &= field_mask(RAH_AV) | field_mask(RAH_RAH);
	}
	switch (off) {
	case CTRL:
		write_ctrl(m, value);
		return;
	case STATUS:
	case FRTIMER:
	case LINKS:
	case ANLP1:
		return; /* read only, by their nature */
	case AUTOC:
	case AUTOC2:
		write_autoc(m, off, value);
		return;
	}
	regfile_write(&m->regs, off, value);
}

/* 82599 8.1: CSRs are 32 bits wide and accessed so. */
static int check_access(struct model *m, uint32_t off, unsigned size)
{
	if (!memory_on(m))
		return 0;
	if (size != 4 || off % 4)
		violate(m, "access-width", "82599 8.1", "a register was not accessed as 32 bits");
	if (m->reset_until && now(m) < m->reset_until)
		violate(m, "touched-in-reset", "82599 8.2.3.1.1",
			"a register was accessed within 1 ms after CTRL.RST");
	m->reset_until = m->reset_until && now(m) < m->reset_until ? m->reset_until : 0;
	if (off / 4 >= REGFILE_WORDS)
		return 0;
	if (m->regs.access[off / 4] == REG_UNKNOWN)
		m->adv.unmodelled++;
	return 1;
}

static uint64_t model_read(struct model *m, unsigned bar, uint32_t off, unsigned size)
{
	uint64_t all = size < 8 ? ((uint64_t)1 << size * 8) - 1 : UINT64_MAX, value;

	if (bar == 4)
		return memory_on(m) ? msix_table_read(&m->config, off, size) : all;
	if (bar != 0 || !check_access(m, off, size))
		return all;
	value = reg_get(m, regfile_home(&m->regs, off));
	if (size == 8)
		value |= (uint64_t)reg_get(m, regfile_home(&m->regs, off + 4)) << 32;
	irq_update(m);
	return value >> off % 4 * 8 & all;
}

static void model_write(struct model *m, unsigned bar, uint32_t off, uint64_t value, unsigned size)
{
	uint32_t home;

	if (bar == 4 && memory_on(m))
		msix_bar_write(m, off, value, size);
	if (bar != 0 || !check_access(m, off, size))
		return;
	home = regfile_home(&m->regs, off);
	if (size < 4)
		value = regfile_merge(&m->regs, home, off, (uint32_t)value, size);
	reg_set(m, home, (uint32_t)value);
	if (size == 8)
		reg_set(m, regfile_home(&m->regs, off + 4), (uint32_t)(value >> 32));
	irq_update(m);
}

/* ---- running ---- */

static void dma_changed(struct model *m)
{
	dma_forget(&m->dma);
}

static unsigned run(struct model *m)
{
	unsigned work = 0;

	link_update(m);
	if (fifo_used(&m->fifo))
		work += fifo_drain(m);
	if (m->tx_on[0] | m->tx_on[1])
		work += tx_run(m);
	if (m->irq_dirty)
		irq_update(m);
	return work;
}

static int drained(struct model *m)
{
	return !fifo_used(&m->fifo);
}

static unsigned bits(const uint64_t set[2])
{
	unsigned n = 0;

	for (unsigned half = 0; half < 2; half++)
		for (uint64_t s = set[half]; s; s &= s - 1)
			n++;
	return n;
}

static void status(struct model *m, struct model_status *st)
{
	link_update(m);
	*st = (struct model_status) { m->link_up ? 10000 : 0, bits(m->rx_on), bits(m->tx_on) };
}

static int counter(struct model *m, unsigned i, const char **name, uint64_t *value)
{
	return adv_counter(&m->adv, i, name, value);
}

static const struct model_id ids[] = {
	{ 0x8086, 0x10fb, "82599ES 10-Gigabit SFI/SFP+" },
	{ 0x8086, 0x10f7, "82599EB 10-Gigabit KX4" },
	{ 0, 0, NULL },
};

const struct model_class model_82599 = {
	.name = "82599",
	.ids = ids,
	.regs = &regs_ixgbe,
	.size = sizeof(struct model),
	.bar_size = { 128 << 10, 0, 32, 0, 16 << 10, 0 },
	.init = init,
	.reset = function_reset,
	.config_read = function_read,
	.config_write = function_write,
	.read = model_read,
	.write = model_write,
	.is_doorbell = is_tail,
	.wire_rx = frame_in,
	.wire_link = wire_link,
	.run = run,
	.dma_changed = dma_changed,
	.drained = drained,
	.counter = counter,
	.status = status,
};
