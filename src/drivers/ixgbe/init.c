/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bringing an 82599 up and down, in the order of 82599 4.6.3. The numbered functions are the
 * steps. Documents where they are silent or wrong: see README.md in this folder.
 */
#include "drivers/ixgbe/ixgbe.h"

static struct pci_dev *pci(struct ixgbe *dev)
{
	return dev->nic.pci;
}

/* Writing the same value to a whole array of registers. */
static void write_all(struct ixgbe *dev, uint32_t reg, uint32_t stride, uint32_t count, uint32_t v)
{
	for (uint32_t i = 0; i < count; i++)
		bar_write(pci(dev), reg + i * stride, v);
}

/* 82599 4.2.1.6.1, 5.2.5.3.2: nothing is received, sent or written to memory any more. */
static int master_disable(struct ixgbe *dev)
{
	int err;

	/* No interrupts, and forget those that wait. */
	ixgbe_irq_off(dev);
	ixgbe_receive(dev, 0);
	/* A queue that is switched off takes no more descriptors; flushing drops what it has. */
	for (unsigned i = 0; i < 128; i++) {
		bar_write(pci(dev), ixgbe_txq(TXDCTL, i), field_mask(TXDCTL_SWFLSH));
		bar_clear(pci(dev), ixgbe_rxq(RXDCTL, i), field_mask(RXDCTL_ENABLE));
	}
	pci(dev)->ops->delay(pci(dev), 2 * MS);
	/* No new requests on the bus; wait for the outstanding ones to end. */
	bar_set(pci(dev), CTRL, field_mask(CTRL_GIO_MASTER_DISABLE));
	err = bar_wait(pci(dev), STATUS, field_mask(STATUS_GIO_MASTER_ENABLE), 0, 80 * MS);
	if (err != -ETIMEDOUT)
		return err;
	/* The bit may stay set when the link is down (82599 specification clarification 9): empty
	 * the data path by looping it back, then two resets are needed. */
	bar_set(pci(dev), HLREG0, field_mask(HLREG0_LPBK));
	pci(dev)->ops->delay(pci(dev), 3 * MS);
	bar_set(pci(dev), GCR_EXT, field_mask(GCR_EXT_BUFFERS_CLEAR));
	pci(dev)->ops->delay(pci(dev), 20);
	bar_clear(pci(dev), GCR_EXT, field_mask(GCR_EXT_BUFFERS_CLEAR));
	bar_clear(pci(dev), HLREG0, field_mask(HLREG0_LPBK));
	return 1;
}

/* 82599 4.6.3.2, 8.2.3.1.1: software reset. */
static int reset_once(struct ixgbe *dev)
{
	int err;

	bar_set(pci(dev), CTRL, field_mask(CTRL_RST));
	/* The device must not be touched for 1 ms. */
	pci(dev)->ops->delay(pci(dev), 1 * MS + 100);
	err = bar_wait(pci(dev), CTRL, field_mask(CTRL_RST) | field_mask(CTRL_LRST), 0, 50 * MS);
	/* And it needs 10 ms until it is initialised from the EEPROM. */
	pci(dev)->ops->delay(pci(dev), 10 * MS);
	return err;
}

/* 82599 4.6.3, steps 1 and 2: disable interrupts, reset, disable interrupts. */
static int reset(struct ixgbe *dev)
{
	int again = master_disable(dev);
	int err = again < 0 ? again : reset_once(dev);

	if (!err && again)
		err = reset_once(dev);
	if (err)
		return intel_reset_failed(&dev->nic, err);
	ixgbe_irq_off(dev);
	return 0;
}

/* 82599 4.6.3, steps 3 and 4: what the hardware loads and clears by itself after a reset. */
static int wait_ready(struct ixgbe *dev)
{
	int err =
		bar_wait(pci(dev), EEC, field_mask(EEC_AUTO_RD), field_mask(EEC_AUTO_RD), 500 * MS);

	if (err) {
		log_error("%s: the EEPROM was not read (EEC.AUTO_RD); is it programmed?",
			  dev->nic.name);
		return err;
	}
	/* AUTO_RD is also set when there is no EEPROM or a bad one. */
	if (!(bar_read(pci(dev), EEC) & field_mask(EEC_EE_PRES)) ||
	    field_get(bar_read(pci(dev), FWSM), FWSM_EXT_ERR_IND)) {
		log_error("%s: no valid EEPROM (EEC.EE_PRES, FWSM.EXT_ERR_IND)", dev->nic.name);
		return -EIO;
	}
	err = bar_wait(pci(dev), RDRXCTL, field_mask(RDRXCTL_DMAIDONE),
		       field_mask(RDRXCTL_DMAIDONE), 100 * MS);
	if (err)
		log_error("%s: DMA initialisation does not end (RDRXCTL.DMAIDONE)", dev->nic.name);
	return err;
}

/* 82599 4.6.4.2, 4.6.4.3: start the link; it comes up later. */
static int start_link(struct ixgbe *dev)
{
	/* 82599 10.5.4, 3.7.4.2: AUTOC is shared with the firmware. */
	const struct intel_sync sync = { SWSM, SW_FW_SYNC, field_mask(SW_FW_SYNC_SW_MAC_CSR),
					 field_mask(SW_FW_SYNC_FW_MAC_CSR), "the link registers" };
	uint32_t autoc;
	int err;

	if (dev->media == MEDIA_COPPER)
		return 0; /* the PHY starts by itself and the MAC follows it (X540 4.6.4) */
	err = intel_sync_lock(&dev->nic, &sync);
	if (err)
		return err;
	autoc = bar_read(pci(dev), AUTOC) & ~field_mask(AUTOC_FLU);
	if (dev->nic.cfg.loopback) { /* 82599 3.7.6.4.1: the MAC's, with a link that is forced */
		autoc = field_set(autoc, AUTOC_LMS, AUTOC_LMS_10G_NO_AN) | field_mask(AUTOC_FLU);
	} else if (dev->media == MEDIA_FIBRE) {
		/* 10G serial without auto-negotiation through the SFI pins, laser on. */
		autoc = field_set(autoc, AUTOC_LMS, AUTOC_LMS_10G_SERIAL);
		bar_write(pci(dev), AUTOC2,
			  field_set(bar_read(pci(dev), AUTOC2), AUTOC2_PMA_10G_SERIAL,
				    AUTOC2_PMA_SFI));
		bar_clear(pci(dev), ESDP, field_mask(ESDP_SDP3_DATA));
	}
	bar_write(pci(dev), AUTOC, autoc | field_mask(AUTOC_RESTART_AN));
	intel_sync_unlock(&dev->nic, &sync);
	return 0;
}

/* 82599 4.6.7: receive initialisation. */
static int init_rx(struct ixgbe *dev)
{
	uint32_t crc = field_mask(HLREG0_RXCRCSTRP);
	uint32_t jumbo = dev->max_frame > 1514 ? field_mask(HLREG0_JUMBOEN) : 0;
	unsigned size = dev->mac == MAC_82599 ? 512 : 384; /* KiB of packet buffer */
	int err;

	ixgbe_filters_init(dev);
	/* Strip the CRC, in both places that must agree (8.2.3.8.8). */
	bar_write(pci(dev), HLREG0,
		  (bar_read(pci(dev), HLREG0) &
		   ~(field_mask(HLREG0_JUMBOEN) | field_mask(HLREG0_LPBK))) |
			  crc | jumbo | field_of(HLREG0_LPBK, dev->nic.cfg.loopback != 0));
	bar_write(pci(dev), MAXFRS, field_of(MAXFRS_MFS, dev->max_frame + 4));
	bar_write(pci(dev), RDRXCTL,
		  field_set(bar_read(pci(dev), RDRXCTL), RDRXCTL_RSCFRSTSIZE, 0) |
			  field_mask(RDRXCTL_CRCSTRIP) | field_mask(RDRXCTL_RSCACKC) |
			  field_mask(RDRXCTL_FCOE_WRFIX));
	/* No coalescing; report the RSS hash instead of a fragment checksum. */
	bar_set(pci(dev), RFCTL, field_mask(RFCTL_RSC_DIS));
	bar_set(pci(dev), RXCSUM, field_mask(RXCSUM_PCSD));
	ixgbe_rss_init(dev);
	/* No flow control (4.6.3.2). */
	write_all(dev, FCTTV, FCTTV_stride, FCTTV_count, 0);
	write_all(dev, FCRTL, FCRTL_stride, FCRTL_count, 0);
	bar_write(pci(dev), FCRTV, 0);
	bar_write(pci(dev), FCCFG, 0);
	/* All memory to packet buffer 0; the threshold is needed even without flow control
	 * (4.6.3.2). */
	bar_write(pci(dev), RXPBSIZE, field_of(RXPBSIZE_SIZE, size));
	write_all(dev, RXPBSIZE + RXPBSIZE_stride, RXPBSIZE_stride, 7, 0);
	bar_write(pci(dev), FCRTH, field_mask(FCRTH_RTH) & ((size << 10) - 0x6000));
	/* 4.6.7: no snoop off, relaxed-order bit 12 off, before the queues go on. */
	bar_set(pci(dev), CTRL_EXT, field_mask(CTRL_EXT_NS_DIS));
	for (unsigned i = 0; i < dev->nic.cfg.rx_queues; i++) {
		err = ixgbe_rxq_start(&dev->rx[i]);
		if (err)
			return err;
	}
	ixgbe_receive(dev, 1);
	return 0;
}

/* 82599 8.2.3.7.5 and 4.6.7: the receiver as a whole. The security block in front of it must be
 * halted, or frames that arrive in this moment hang the DMA engine (Linux and DPDK do the same). */
void ixgbe_receive(struct ixgbe *dev, int on)
{
	uint32_t ready = field_mask(SECRXSTAT_SECRX_RDY);

	bar_set(pci(dev), SECRXCTRL, field_mask(SECRXCTRL_RX_DIS));
	if (bar_wait(pci(dev), SECRXSTAT, ready, ready, 1 * MS) == -ETIMEDOUT)
		log_debug("%s: SECRX_RDY stays clear", dev->nic.name);
	bar_write(pci(dev), RXCTRL, on ? field_mask(RXCTRL_RXEN) : 0);
	bar_clear(pci(dev), SECRXCTRL, field_mask(SECRXCTRL_RX_DIS));
}

/* 82599 4.6.8, 4.6.11.3.4: transmit initialisation, no DCB, no virtualisation. */
static int init_tx(struct ixgbe *dev)
{
	unsigned kib = (dev->max_frame + 1023) / 1024;
	int err;

	bar_set(pci(dev), HLREG0, field_mask(HLREG0_TXCRCEN) | field_mask(HLREG0_TXPADEN));
	bar_set(pci(dev), RTTDCS, field_mask(RTTDCS_ARBDIS));
	bar_write(pci(dev), DTXMXSZRQ, field_mask(DTXMXSZRQ_MAX_BYTES_NUM_REQ));
	bar_write(pci(dev), TXPBSIZE, field_of(TXPBSIZE_SIZE, 160));
	write_all(dev, TXPBSIZE + TXPBSIZE_stride, TXPBSIZE_stride, 7, 0);
	bar_write(pci(dev), TXPBTHRESH, field_of(TXPBTHRESH_THRESH, 160 - kib));
	bar_write(pci(dev), MTQC, 0);
	bar_clear(pci(dev), RTTDCS, field_mask(RTTDCS_ARBDIS));
	bar_set(pci(dev), DMATXCTL, field_mask(DMATXCTL_TE));
	for (unsigned i = 0; i < dev->nic.cfg.tx_queues; i++) {
		err = ixgbe_txq_start(&dev->tx[i]);
		if (err)
			return err;
	}
	return 0;
}

static int ixgbe_link(struct nic *nic)
{
	static const int mbps[] = { 0, 100, 1000, 10000 };
	uint32_t links = bar_read(nic->pci, LINKS);

	if (links == UINT32_MAX)
		return -ENODEV;
	return links & field_mask(LINKS_UP) ? mbps[field_get(links, LINKS_SPEED)] : 0;
}

/* 82599 4.6.3: everything behind the reset. */
static int bring_up(struct ixgbe *dev)
{
	int err = wait_ready(dev);

	if (!err)
		err = intel_read_mac(&dev->nic, RAL);
	if (!err)
		err = start_link(dev);
	if (err)
		return err;
	ixgbe_stats_clear(dev);
	err = init_rx(dev);
	if (!err)
		err = init_tx(dev);
	if (!err)
		err = ixgbe_irq_init(dev);
	if (!err) /* tell the firmware that a driver runs the port */
		bar_set(pci(dev), CTRL_EXT, field_mask(CTRL_EXT_DRV_LOAD));
	return err;
}

static int ixgbe_loops(const struct driver_id *id)
{
	return id->variant >> 4 != MEDIA_COPPER; /* X540, X550: other registers */
}

static void ixgbe_close(struct nic *nic)
{
	struct ixgbe *dev = ixgbe_of(nic);

	bar_clear(pci(dev), CTRL_EXT, field_mask(CTRL_EXT_DRV_LOAD));
	reset(dev); /* -ENODEV: gone, and so is its DMA */
	pci_bus_master(nic->pci, 0);
	ixgbe_queues_del(dev);
}

static int ixgbe_open(struct nic *nic, const struct driver_id *id)
{
	struct ixgbe *dev = ixgbe_of(nic);
	int err;

	dev->mac = (enum ixgbe_mac)(id->variant & 15);
	dev->media = (enum ixgbe_media)(id->variant >> 4);
	dev->max_frame = nic->cfg.mtu + 14;
	dev->promisc = nic->cfg.promisc;
	err = ixgbe_queues_new(dev);
	if (err)
		return err;
	err = pci_bus_master(nic->pci, 1);
	if (!err)
		err = reset(dev);
	if (!err)
		err = bring_up(dev);
	if (err)
		ixgbe_close(nic);
	return err;
}

#define ID(device, mac, media, chip)                                    \
	{                                                               \
		0x8086, device, chip, VARIANT(MAC_##mac, MEDIA_##media) \
	}
static const struct driver_id ids[] = {
	ID(0x10fb, 82599, FIBRE, "82599ES 10-Gigabit SFI/SFP+"),
	ID(0x10f7, 82599, BACKPLANE, "82599EB 10-Gigabit KX4"),
	ID(0x1514, 82599, BACKPLANE, "82599 10-Gigabit KX4 mezzanine"),
	ID(0x10f8, 82599, BACKPLANE, "82599 10-Gigabit combined backplane"),
	ID(0x1517, 82599, BACKPLANE, "82599 10-Gigabit KR"),
	ID(0x10fc, 82599, BACKPLANE, "82599 10-Gigabit XAUI"),
	ID(0x1507, 82599, FIBRE, "82599 10-Gigabit SFP EM"),
	ID(0x154d, 82599, FIBRE, "82599 10-Gigabit SFP+ dual port"),
	ID(0x154a, 82599, FIBRE, "82599 10-Gigabit SFP+ quad port"),
	ID(0x1557, 82599, FIBRE, "82599 10-Gigabit SFP+ single port"),
	ID(0x1528, X540, COPPER, "X540-AT2 10GBASE-T"),
	ID(0x1560, X540, COPPER, "X540 10GBASE-T single port"),
	ID(0x1563, X550, COPPER, "X550-T2 10GBASE-T"),
	ID(0x15d1, X550, COPPER, "X550-T1 10GBASE-T"),
	{ 0, 0, NULL, 0 },
};

const struct driver driver_ixgbe = {
	.name = "ixgbe",
	.ids = ids,
	.regs = &regs_ixgbe,
	.size = sizeof(struct ixgbe),
	.max_queues = MAX_QUEUES,
	.max_mtu =
		9710, /* 82599 1.4: jumbo frames of up to 9.5 KB are supported with all features */
	.tx_offloads = NIC_VLAN | NIC_TX_IP | NIC_TX_TCP | NIC_TX_UDP | NIC_TX_SCTP |
		       NIC_TX_SEGMENT | NIC_TX_IPV6,
	.rx_types = NIC_TYPE_HASH | NIC_TYPE_IPV4 | NIC_TYPE_IPV4_OPT | NIC_TYPE_IPV6 |
		    NIC_TYPE_IPV6_EXT | NIC_TYPE_TCP | NIC_TYPE_UDP | NIC_TYPE_SCTP,
	.loops = ixgbe_loops,
	.open = ixgbe_open,
	.close = ixgbe_close,
	.link = ixgbe_link,
	.set_promisc = ixgbe_set_promisc,
	.set_mac = ixgbe_set_mac,
	.add_multicast = ixgbe_add_multicast,
	.filter_vlan = ixgbe_filter_vlan,
	.stats = ixgbe_stats,
	.rx_arm = ixgbe_rx_arm,
	.path_new = ixgbe_path_new,
	.path_del = intel_path_del,
};
