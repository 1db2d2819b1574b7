/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bringing an 82576 or one of its relatives up and down, in the order of 82576 4.5. Documents
 * where they are silent or wrong: see README.md in this folder.
 */
#include "drivers/igb/igb.h"

static struct pci_dev *pci(struct igb *dev)
{
	return dev->nic.pci;
}

/* 82576 4.2.1.6.1, 5.2: nothing is received, sent or written to memory any more. */
static int master_disable(struct igb *dev)
{
	int err;

	/* No interrupts, and forget those that wait. */
	igb_irq_off(dev);
	bar_write(pci(dev), RCTL, 0);
	bar_clear(pci(dev), TCTL, field_mask(TCTL_EN));
	for (unsigned i = 0; i < dev->chip->queues; i++) {
		bar_write(pci(dev), igb_tx_reg(dev, TXDCTL, i), field_mask(TXDCTL_SWFLUSH));
		bar_clear(pci(dev), igb_rx_reg(dev, RXDCTL, i), field_mask(RXDCTL_ENABLE));
	}
	pci(dev)->ops->delay(pci(dev), 10 * MS);
	/* No new requests on the bus; wait for the outstanding ones to end. */
	bar_set(pci(dev), CTRL, field_mask(CTRL_GIO_MASTER_DISABLE));
	err = bar_wait(pci(dev), STATUS, field_mask(STATUS_GIO_MASTER_ENABLE), 0, 80 * MS);
	if (err == -ETIMEDOUT) {
		log_warn("%s: requests on the bus do not end; it is reset in any case",
			 dev->nic.name);
		err = 0;
	}
	return err;
}

/* 82576 4.2.1.6.1: port reset between two times of disabled interrupts. */
static int reset(struct igb *dev)
{
	int err = master_disable(dev);

	if (!err) {
		bar_set(pci(dev), CTRL, field_mask(CTRL_RST));
		/* The device must not be touched for 1 ms. */
		pci(dev)->ops->delay(pci(dev), 1 * MS + 100);
		err = bar_wait(pci(dev), CTRL, field_mask(CTRL_RST), 0, 50 * MS);
	}
	if (err)
		return intel_reset_failed(&dev->nic, err);
	/* The EEPROM is read again. Without one, and in QEMU's igb, AUTO_RD never comes; what
	 * counts is the address that was loaded. */
	err = bar_wait(pci(dev), EECD, field_mask(EECD_AUTO_RD), field_mask(EECD_AUTO_RD), 20 * MS);
	if (err == -ETIMEDOUT)
		log_debug("%s: EECD.AUTO_RD stays clear", dev->nic.name);
	igb_irq_off(dev);
	return err == -ENODEV ? err : 0;
}

/* 82576 4.5.9: receive initialisation. */
static int init_rx(struct igb *dev)
{
	int err = 0;

	/* Queue 0 is on after a reset, before anybody told it where its ring is (8.10.10). */
	bar_write(pci(dev), igb_rx_reg(dev, RXDCTL, 0), 0);
	igb_filters_init(dev);
	igb_rss_init(dev);
	/* No flow control. */
	bar_write(pci(dev), FCTTV, 0);
	bar_write(pci(dev), FCRTL, 0);
	bar_write(pci(dev), FCRTH, 0);
	for (unsigned i = 0; i < dev->nic.cfg.rx_queues; i++)
		igb_rxq_program(&dev->rx[i]);
	igb_receive(dev, 1);
	for (unsigned i = 0; i < dev->nic.cfg.rx_queues && !err; i++)
		err = igb_rxq_go(&dev->rx[i]);
	return err;
}

/* 82576 4.5.10: transmit initialisation. */
static int init_tx(struct igb *dev)
{
	int err = 0;

	bar_write(pci(dev), igb_tx_reg(dev, TXDCTL, 0), 0); /* on after a reset, too (8.12.13) */
	bar_set(pci(dev), TCTL, field_mask(TCTL_EN) | field_mask(TCTL_PSP));
	for (unsigned i = 0; i < dev->nic.cfg.tx_queues && !err; i++)
		err = igb_txq_start(&dev->tx[i]);
	return err;
}

/* 82576 4.5: everything behind the reset. */
static int bring_up(struct igb *dev)
{
	int err = intel_read_mac(&dev->nic, RAL);

	if (!err)
		err = igb_link_start(dev);
	if (err)
		return err;
	igb_stats_clear(dev);
	err = init_rx(dev);
	if (!err)
		err = init_tx(dev);
	if (!err)
		err = igb_irq_init(dev);
	if (!err) /* tell the firmware that a driver runs the port */
		bar_set(pci(dev), CTRL_EXT, field_mask(CTRL_EXT_DRV_LOAD));
	return err;
}

static int igb_loops(const struct driver_id *id)
{
	/* The I225's PHY has other registers for it. */
	return !((const struct igb_chip *)id->variant)->speed_2500;
}

static void igb_close(struct nic *nic)
{
	struct igb *dev = igb_of(nic);

	bar_clear(pci(dev), CTRL_EXT, field_mask(CTRL_EXT_DRV_LOAD));
	reset(dev); /* -ENODEV: gone, and so is its DMA */
	pci_bus_master(nic->pci, 0);
	igb_queues_del(dev);
}

static int check_queues(const struct igb *dev)
{
	const struct nic_config *cfg = &dev->nic.cfg;

	if (cfg->rx_queues <= dev->chip->queues && cfg->tx_queues <= dev->chip->queues)
		return 0;
	log_error("%s: %u RX and %u TX queues; %s has %u of each", dev->nic.name, cfg->rx_queues,
		  cfg->tx_queues, dev->nic.id->chip, dev->chip->queues);
	return -EINVAL;
}

static int igb_open(struct nic *nic, const struct driver_id *id)
{
	struct igb *dev = igb_of(nic);
	int err;

	dev->chip = (const struct igb_chip *)id->variant;
	dev->max_frame = nic->cfg.mtu + 14;
	dev->promisc = nic->cfg.promisc;
	err = check_queues(dev);
	if (!err)
		err = igb_queues_new(dev);
	if (err)
		return err;
	err = pci_bus_master(nic->pci, 1);
	if (!err)
		err = reset(dev);
	if (!err)
		err = bring_up(dev);
	if (err)
		igb_close(nic);
	return err;
}

const struct driver driver_igb = {
	.name = "igb",
	.ids = igb_ids,
	.regs = &regs_igb,
	.size = sizeof(struct igb),
	.max_queues = MOST_QUEUES,
	.max_mtu = 9216, /* jumbo frames of 9.5 KB with everything around them */
	.tx_offloads = NIC_VLAN | NIC_TX_IP | NIC_TX_TCP | NIC_TX_UDP | NIC_TX_SCTP |
		       NIC_TX_SEGMENT | NIC_TX_IPV6,
	.rx_types = NIC_TYPE_HASH | NIC_TYPE_IPV4 | NIC_TYPE_IPV4_OPT | NIC_TYPE_IPV6 |
		    NIC_TYPE_IPV6_EXT | NIC_TYPE_TCP | NIC_TYPE_UDP | NIC_TYPE_SCTP,
	.loops = igb_loops,
	.open = igb_open,
	.close = igb_close,
	.link = igb_link,
	.set_promisc = igb_set_promisc,
	.set_mac = igb_set_mac,
	.add_multicast = igb_add_multicast,
	.filter_vlan = igb_filter_vlan,
	.stats = igb_stats,
	.rx_arm = igb_rx_arm,
	.path_new = igb_path_new,
	.path_del = intel_path_del,
};
