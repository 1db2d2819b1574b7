/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bringing an 82540EM, an 82574L or one of their kin up and down: 82540EM 14, 82574 4.6. Documents
 * where they are silent or wrong: see README.md in this folder.
 */
#include "drivers/e1000/e1000.h"

static struct pci_dev *pci(struct e1000 *dev)
{
	return dev->nic.pci;
}

/* 82540EM 13.4.16: how the packet memory is divided. It counts from the next reset on. */
static void divide_memory(struct e1000 *dev)
{
	uint32_t all = dev->mac == MAC_82540 ? 64 : 40, rx = dev->mac == MAC_82540 ? 48 : 20;
	/* Linux: room to send two frames, each with its descriptor. */
	uint32_t tx = (2 * (dev->max_frame + 4 + 16) + 1023) / 1024;

	if (rx > all - tx)
		rx = all - tx;
	if (dev->mac == MAC_82540)
		rx &= ~7u; /* the PCI chips want multiples of 8 KiB (Linux) */
	bar_write(pci(dev), PBA, field_of(PBA_RXA, rx));
}

/* Nothing is received, sent or written to memory any more. */
static int quiesce(struct e1000 *dev)
{
	int err;

	e1000_irq_off(dev);
	bar_write(pci(dev), RCTL, 0);
	bar_write(pci(dev), TCTL, field_mask(TCTL_PSP));
	if (bar_read(pci(dev), STATUS) == UINT32_MAX)
		return -ENODEV;
	/* What is under way ends (Linux waits as long). */
	pci(dev)->ops->delay(pci(dev), 10 * MS);
	if (dev->mac == MAC_82540)
		return 0;
	/* 82574 5.2: no new requests on the bus; wait for the outstanding ones to end. */
	bar_set(pci(dev), CTRL, field_mask(CTRL_GIO_MASTER_DISABLE));
	err = bar_wait(pci(dev), STATUS, field_mask(STATUS_GIO_MASTER_ENABLE), 0, 80 * MS);
	if (err == -ETIMEDOUT) /* the reset that follows ends them */
		log_debug("%s: requests on the bus do not end", dev->nic.name);
	return err == -ETIMEDOUT ? 0 : err;
}

/* 82540EM 14.3, 13.4.1: interrupts off, reset, interrupts off. */
static int reset(struct e1000 *dev)
{
	int err = quiesce(dev);

	if (!err) {
		divide_memory(dev);
		bar_set(pci(dev), CTRL, field_mask(CTRL_RST));
		/* The EEPROM is read again: 5 ms on PCI, 10 ms on PCIe (Linux). */
		pci(dev)->ops->delay(pci(dev), dev->mac == MAC_82540 ? 5 * MS : 10 * MS);
		err = bar_wait(pci(dev), CTRL, field_mask(CTRL_RST), 0, 50 * MS);
	}
	if (err)
		return intel_reset_failed(&dev->nic, err);
	e1000_irq_off(dev);
	return 0;
}

/* The EEPROM was loaded, and there is one. */
static int wait_ready(struct e1000 *dev)
{
	uint32_t done = field_mask(EECD_AUTO_RD);
	int err = dev->mac == MAC_82540 ? 0 : bar_wait(pci(dev), EECD, done, done, 500 * MS);

	if (err) {
		log_error("%s: the EEPROM was not read (EECD.AUTO_RD); is it programmed?",
			  dev->nic.name);
		return err;
	}
	if (!(bar_read(pci(dev), EECD) & field_mask(EECD_PRES))) {
		log_error("%s: there is no EEPROM (EECD.PRES)", dev->nic.name);
		return -EIO;
	}
	return 0;
}

/* 82540EM 14.3: the MAC follows the PHY, no flow control. */
static int start_link(struct e1000 *dev)
{
	uint32_t ctrl = bar_read(pci(dev), CTRL);

	ctrl &= ~(field_mask(CTRL_LRST) | field_mask(CTRL_ASDE) | field_mask(CTRL_ILOS) |
		  field_mask(CTRL_FRCSPD) | field_mask(CTRL_FRCDPLX) | field_mask(CTRL_RFCE) |
		  field_mask(CTRL_TFCE) | field_mask(CTRL_VME) |
		  field_mask(CTRL_GIO_MASTER_DISABLE));
	ctrl |= field_mask(CTRL_SLU) | field_of(CTRL_VME, !dev->nic.cfg.no_vlan_strip);
	if (dev->nic.cfg.loopback) /* a PHY in loopback tells the MAC nothing */
		ctrl = field_set(ctrl, CTRL_SPEED, CTRL_SPEED_1000) | field_mask(CTRL_FD) |
		       field_mask(CTRL_FRCSPD) | field_mask(CTRL_FRCDPLX);
	bar_write(pci(dev), CTRL, ctrl);
	bar_write(pci(dev), FCTTV, 0);
	bar_write(pci(dev), FCRTL, 0);
	bar_write(pci(dev), FCRTH, 0);
	return e1000_phy_start(dev);
}

/* 82574: bits that Linux and DPDK set, which the datasheet wants or errata need. */
static void init_pcie(struct e1000 *dev)
{
	bar_set(pci(dev), GCR, field_mask(GCR_L1_ACT_WITHOUT_L0S_RX));
	/* Without ACK_DIS there are interrupts for nothing with MSI-X. */
	bar_write(pci(dev), RFCTL,
		  field_mask(RFCTL_NFSW_DIS) | field_mask(RFCTL_NFSR_DIS) |
			  field_mask(RFCTL_ACK_DIS) | field_of(RFCTL_EXTEN, dev->extended != 0));
}

/* 82540EM 14.4: receive initialisation. */
static void init_rx(struct e1000 *dev)
{
	uint32_t hash = dev->mac == MAC_82574 && dev->nic.cfg.rx_queues > 1;

	e1000_filters_init(dev);
	/* Interrupt at once: the application asks for each interrupt. */
	bar_write(pci(dev), RDTR, 0);
	bar_write(pci(dev), RADV, 0);
	bar_write(pci(dev), ITR, 0);
	bar_write(pci(dev), RXCSUM,
		  field_mask(RXCSUM_IPOFL) | field_mask(RXCSUM_TUOFL) |
			  field_of(RXCSUM_IPV6OFL, dev->mac == MAC_82540) |
			  field_of(RXCSUM_PCSD, hash));
	if (dev->mac == MAC_82574)
		e1000_rss_init(dev);
	for (unsigned i = 0; i < dev->nic.cfg.rx_queues; i++)
		e1000_rxq_setup(&dev->rx[i]);
	e1000_receive(dev, 1);
}

/* RCTL.EN is the one switch for all queues; then they get their buffers. */
void e1000_receive(struct e1000 *dev, int on)
{
	if (!on) {
		bar_clear(pci(dev), RCTL, field_mask(RCTL_EN));
		bar_read(pci(dev), STATUS); /* the write has arrived */
		pci(dev)->ops->delay(pci(dev), 10 * MS);
		return;
	}
	bar_write(pci(dev), RCTL, e1000_rctl(dev) | field_mask(RCTL_EN));
	for (unsigned i = 0; i < dev->nic.cfg.rx_queues; i++)
		if (!dev->rx[i].path)
			e1000_rx_fill(&dev->rx[i]);
}

/* 82540EM 14.5: transmit initialisation. */
static void init_tx(struct e1000 *dev)
{
	/* Interpretation(wrong), README.md: 10 on the PCI chips, which Linux sets to 8. */
	bar_write(pci(dev), TIPG,
		  field_of(TIPG_IPGT, dev->mac == MAC_82540 ? 10 : 8) | field_of(TIPG_IPGR1, 8) |
			  field_of(TIPG_IPGR2, 6));
	bar_write(pci(dev), TIDV, 0);
	bar_write(pci(dev), TADV, 0);
	/* Each descriptor is written back by itself. 82574L: both queues, also if one is used. */
	for (unsigned i = 0; i < (dev->mac == MAC_82540 ? 1 : QUEUES); i++)
		bar_write(pci(dev), e1000_queue(TXDCTL, i),
			  field_of(TXDCTL_WTHRESH, 1) | field_mask(TXDCTL_GRAN) |
				  field_of(TXDCTL_COUNT_DESC, dev->mac == MAC_82574));
	for (unsigned i = 0; i < dev->nic.cfg.tx_queues; i++)
		e1000_txq_setup(&dev->tx[i]);
	e1000_transmit(dev, 1);
}

void e1000_transmit(struct e1000 *dev, int on)
{
	bar_write(pci(dev), TCTL,
		  field_of(TCTL_EN, on != 0) | field_mask(TCTL_PSP) | field_of(TCTL_CT, 15) |
			  field_of(TCTL_COLD, 64) | field_mask(TCTL_RTLC));
	if (!on) {
		bar_read(pci(dev), STATUS); /* the write has arrived */
		pci(dev)->ops->delay(pci(dev), 10 * MS);
	}
}

static int e1000_link(struct nic *nic)
{
	static const int mbps[] = { 10, 100, 1000, 1000 };
	uint32_t status = bar_read(nic->pci, STATUS);

	if (status == UINT32_MAX)
		return -ENODEV;
	return status & field_mask(STATUS_LU) ? mbps[field_get(status, STATUS_SPEED)] : 0;
}

/* Everything behind the reset. */
static int bring_up(struct e1000 *dev)
{
	int err = wait_ready(dev);

	if (!err)
		err = intel_read_mac(&dev->nic, RAL);
	if (!err)
		err = start_link(dev);
	if (err)
		return err;
	if (dev->mac == MAC_82574) {
		init_pcie(dev);
		/* Tell the firmware that a driver runs the port. */
		bar_set(pci(dev), CTRL_EXT, field_mask(CTRL_EXT_DRV_LOAD));
	} else { /* the firmware must not answer ARP for us */
		bar_clear(pci(dev), MANC, field_mask(MANC_ARP_EN));
	}
	e1000_stats_clear(dev);
	init_rx(dev);
	init_tx(dev);
	err = e1000_irq_init(dev);
	if (!err && bar_read(pci(dev), STATUS) == UINT32_MAX) {
		log_error("%s: the device is gone (its registers read all ones)", dev->nic.name);
		err = -ENODEV;
	}
	return err;
}

static int e1000_loops(const struct driver_id *id)
{
	(void)id;
	return 1;
}

static void e1000_close(struct nic *nic)
{
	struct e1000 *dev = e1000_of(nic);

	if (dev->mac == MAC_82574)
		bar_clear(pci(dev), CTRL_EXT, field_mask(CTRL_EXT_DRV_LOAD));
	reset(dev); /* -ENODEV: gone, and so is its DMA */
	pci_bus_master(nic->pci, 0);
	e1000_queues_del(dev);
}

static int e1000_open(struct nic *nic, const struct driver_id *id)
{
	struct e1000 *dev = e1000_of(nic);
	int err;

	dev->mac = (enum e1000_mac)id->variant;
	dev->extended = dev->mac == MAC_82574;
	dev->plain_min = dev->mac == MAC_82540 ? SHORT_FRAME : MIN_FRAME;
	dev->max_frame = nic->cfg.mtu + 14;
	dev->promisc = nic->cfg.promisc;
	err = e1000_queues_new(dev);
	if (err)
		return err;
	err = pci_bus_master(nic->pci, 1);
	if (!err)
		err = reset(dev);
	if (!err)
		err = bring_up(dev);
	if (err)
		e1000_close(nic);
	return err;
}

static const struct driver_id ids_e1000[] = {
	{ 0x8086, 0x100e, "82540EM Gigabit", MAC_82540 },
	{ 0x8086, 0x1015, "82540EM Gigabit LOM", MAC_82540 },
	{ 0x8086, 0x1016, "82540EP Gigabit LOM", MAC_82540 },
	{ 0x8086, 0x1017, "82540EP Gigabit", MAC_82540 },
	{ 0x8086, 0x101e, "82540EP Gigabit LP", MAC_82540 },
	{ 0x8086, 0x100f, "82545EM Gigabit", MAC_82540 },
	{ 0x8086, 0x1026, "82545GM Gigabit", MAC_82540 },
	{ 0, 0, NULL, 0 },
};
static const struct driver_id ids_e1000e[] = {
	{ 0x8086, 0x10d3, "82574L Gigabit", MAC_82574 },
	{ 0x8086, 0x10f6, "82574LA Gigabit", MAC_82574 },
	{ 0, 0, NULL, 0 },
};

/* clang-format off */
#define OPERATIONS                                                                          \
	.size = sizeof(struct e1000),                                                       \
	.tx_offloads = NIC_VLAN | NIC_TX_IP | NIC_TX_TCP | NIC_TX_UDP | NIC_TX_SEGMENT |    \
		       NIC_TX_IPV6,                                                         \
	.loops = e1000_loops,                                                               \
	.open = e1000_open, .close = e1000_close, .link = e1000_link,                       \
	.set_promisc = e1000_set_promisc, .set_mac = e1000_set_mac,                         \
	.add_multicast = e1000_add_multicast, .filter_vlan = e1000_filter_vlan,             \
	.stats = e1000_stats, .rx_arm = e1000_rx_arm, .path_new = e1000_path_new,           \
	.path_del = e1000_path_del
/* clang-format on */

const struct driver driver_e1000 = {
	.name = "e1000",
	.ids = ids_e1000,
	.regs = &regs_e1000,
	.max_queues = 1,
	.max_mtu = 16110, /* frames of 16,128 bytes with CRC (Linux) */
	OPERATIONS,
};

const struct driver driver_e1000e = {
	.name = "e1000e",
	.ids = ids_e1000e,
	.regs = &regs_e1000e,
	.max_queues = QUEUES,
	.rx_types = NIC_TYPE_HASH,
	.max_mtu = 9212, /* frames of 9,234 bytes with tag and CRC (Linux) */
	OPERATIONS,
};
