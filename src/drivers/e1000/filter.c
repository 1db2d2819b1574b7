/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which frames are received: 82540EM 3.2.1, 13.5; and by which of the 82574L's two queues.
 */
#include "drivers/e1000/e1000.h"

/* 82540EM 14.4: tables that a reset leaves undefined, then the defaults. */
void e1000_filters_init(struct e1000 *dev)
{
	struct pci_dev *pci = dev->nic.pci;

	for (uint32_t i = 1; i < RAL_count; i++) { /* 82540EM 13.5.3: cleared high to low */
		bar_write(pci, RAH + i * RAH_stride, 0);
		bar_write(pci, RAL + i * RAL_stride, 0);
	}
	for (uint32_t i = 0; i < MTA_count; i++) {
		bar_write(pci, MTA + i * MTA_stride, 0);
		bar_write(pci, VFTA + i * VFTA_stride, 0);
	}
	bar_write(pci, VET, 0x8100);
}

static int write_rctl(struct e1000 *dev)
{
	bar_write(dev->nic.pci, RCTL, e1000_rctl(dev) | field_mask(RCTL_EN));
	return bar_read(dev->nic.pci, STATUS) == UINT32_MAX ? -ENODEV : 0;
}

int e1000_set_promisc(struct nic *nic, int on)
{
	e1000_of(nic)->promisc = on;
	return write_rctl(e1000_of(nic));
}

int e1000_set_mac(struct nic *nic, const uint8_t mac[6])
{
	return intel_set_mac(nic, RAL, mac);
}

/* 82540EM 13.5.1, RCTL.MO 0: bits 47:36 of the address select one of 4,096 bits. */
int e1000_add_multicast(struct nic *nic, const uint8_t mac[6])
{
	uint32_t hash = (uint32_t)(mac[4] >> 4 | mac[5] << 4) & 0xfff;

	bar_set(nic->pci, MTA + (hash >> 5) * MTA_stride, 1u << (hash & 31));
	return bar_read(nic->pci, STATUS) == UINT32_MAX ? -ENODEV : 0;
}

/* 82540EM 13.5.4. */
int e1000_filter_vlan(struct nic *nic, int vid)
{
	struct e1000 *dev = e1000_of(nic);
	uint32_t reg = VFTA + ((uint32_t)vid >> 5) * VFTA_stride;

	if (bar_read(nic->pci, STATUS) == UINT32_MAX)
		return -ENODEV;
	dev->vlan_filter = vid >= 0;
	if (vid >= 0)
		bar_set(nic->pci, reg, 1u << (vid & 31));
	for (uint32_t i = 0; i < VFTA_count && vid < 0; i++)
		bar_write(nic->pci, VFTA + i * VFTA_stride, 0);
	return write_rctl(dev);
}

/* 82574 7.1: flows spread over two queues by a hash of their addresses and ports. */
void e1000_rss_init(struct e1000 *dev)
{
	struct pci_dev *pci = dev->nic.pci;

	if (dev->nic.cfg.rx_queues == 1) {
		bar_write(pci, MRQC, 0);
		return;
	}
	/* Bit 7 of an entry is the queue. */
	intel_rss_tables(pci, RSSRK, RETA, 2, 7);
	bar_write(pci, MRQC,
		  field_of(MRQC_MRQE, MRQC_MRQE_RSS) | field_mask(MRQC_TCPIPV4) |
			  field_mask(MRQC_IPV4) | field_mask(MRQC_IPV6) | field_mask(MRQC_TCPIPV6));
}
