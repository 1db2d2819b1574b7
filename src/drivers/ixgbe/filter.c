/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which frames are received, and by which queue: 82599 7.1.1, 7.1.2.8.
 */
#include "drivers/ixgbe/ixgbe.h"

static void write_fctrl(struct ixgbe *dev)
{
	bar_write(dev->nic.pci, FCTRL,
		  field_mask(FCTRL_BAM) | field_of(FCTRL_UPE, dev->promisc != 0) |
			  field_of(FCTRL_MPE, dev->promisc != 0));
}

/* 82599 4.6.3 and 4.6.7: tables that a reset leaves undefined, then the defaults. */
void ixgbe_filters_init(struct ixgbe *dev)
{
	struct pci_dev *pci = dev->nic.pci;

	for (uint32_t i = 1; i < RAL_count; i++) {
		bar_write(pci, RAL + i * RAL_stride, 0);
		bar_write(pci, RAH + i * RAH_stride, 0);
	}
	for (uint32_t i = 0; i < MTA_count; i++) {
		bar_write(pci, MTA + i * MTA_stride, 0);
		bar_write(pci, VFTA + i * VFTA_stride, 0);
		bar_write(pci, PFUTA + i * PFUTA_stride, 0);
		bar_write(pci, FTQF + i * FTQF_stride, 0);
	}
	for (uint32_t i = 0; i < MPSAR_count; i++)
		bar_write(pci, MPSAR + i * MPSAR_stride, 0);
	write_fctrl(dev);
	bar_write(pci, MCSTCTRL, 0);
}

int ixgbe_set_promisc(struct nic *nic, int on)
{
	struct ixgbe *dev = ixgbe_of(nic);

	dev->promisc = on;
	/* 82599 8.2.3.7.1: FCTRL must not change while the receiver is on. */
	ixgbe_receive(dev, 0);
	write_fctrl(dev);
	ixgbe_receive(dev, 1);
	return bar_read(nic->pci, FCTRL) == UINT32_MAX ? -ENODEV : 0;
}

int ixgbe_set_mac(struct nic *nic, const uint8_t mac[6])
{
	return intel_set_mac(nic, RAL, mac);
}

/* 82599 8.2.3.7.7: bits 47:36 of the address select one of 4,096 bits. */
int ixgbe_add_multicast(struct nic *nic, const uint8_t mac[6])
{
	uint32_t hash = (uint32_t)(mac[4] >> 4 | mac[5] << 4) & 0xfff;

	bar_set(nic->pci, MTA + (hash >> 5) * MTA_stride, 1u << (hash & 31));
	bar_write(nic->pci, MCSTCTRL, field_mask(MCSTCTRL_MFE));
	return bar_read(nic->pci, MCSTCTRL) == UINT32_MAX ? -ENODEV : 0;
}

/* 82599 7.4.4, 8.2.3.7.11. */
int ixgbe_filter_vlan(struct nic *nic, int vid)
{
	uint32_t control = bar_read(nic->pci, VLNCTRL), reg;

	if (control == UINT32_MAX)
		return -ENODEV;
	if (vid < 0) {
		bar_write(nic->pci, VLNCTRL, control & ~field_mask(VLNCTRL_VFE));
		for (uint32_t i = 0; i < VFTA_count; i++)
			bar_write(nic->pci, VFTA + i * VFTA_stride, 0);
		return 0;
	}
	reg = VFTA + ((uint32_t)vid >> 5) * VFTA_stride;
	bar_set(nic->pci, reg, 1u << (vid & 31));
	bar_write(nic->pci, VLNCTRL, control | field_mask(VLNCTRL_VFE));
	return 0;
}

/* 82599 7.1.2.8: flows spread over the queues by a hash of their addresses and ports. */
void ixgbe_rss_init(struct ixgbe *dev)
{
	struct pci_dev *pci = dev->nic.pci;
	uint32_t queues = dev->nic.cfg.rx_queues < 16 ? dev->nic.cfg.rx_queues : 16;

	if (queues == 1) {
		bar_write(pci, MRQC, 0);
		return;
	}
	/* Entries have 4 bits: RSS on this chip reaches queues 0 to 15. */
	intel_rss_tables(pci, RSSRK, RETA, queues, 0);
	bar_write(pci, MRQC,
		  field_of(MRQC_MRQE, MRQC_MRQE_RSS) | field_mask(MRQC_TCPIPV4) |
			  field_mask(MRQC_IPV4) | field_mask(MRQC_IPV6) | field_mask(MRQC_TCPIPV6) |
			  field_mask(MRQC_UDPIPV4) | field_mask(MRQC_UDPIPV6));
}
