/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which frames are received, and by which queue: 82576 7.1.1, 8.10.
 */
#include "drivers/igb/igb.h"

/* 82576 8.10.1: the receiver as a whole. RCTL may change while frames come. */
static void write_rctl(struct igb *dev, int on)
{
	bar_write(dev->nic.pci, RCTL,
		  field_of(RCTL_RXEN, on != 0) | field_mask(RCTL_BAM) | field_mask(RCTL_SECRC) |
			  field_of(RCTL_LPE, dev->max_frame > 1514) |
			  field_of(RCTL_UPE, dev->promisc != 0) |
			  field_of(RCTL_MPE, dev->promisc != 0) |
			  field_of(RCTL_VFE, dev->vlan_filter != 0));
}

void igb_receive(struct igb *dev, int on)
{
	write_rctl(dev, on);
}

/* 82576 4.5.9: tables that a reset leaves undefined, then the defaults. */
void igb_filters_init(struct igb *dev)
{
	struct pci_dev *pci = dev->nic.pci;

	for (uint32_t i = 1; i < dev->chip->addresses; i++) {
		bar_write(pci, igb_ra(RAL, i), 0);
		bar_write(pci, igb_ra(RAH, i), 0);
	}
	for (uint32_t i = 0; i < MTA_count; i++) {
		bar_write(pci, MTA + i * MTA_stride, 0);
		bar_write(pci, VFTA + i * VFTA_stride, 0);
	}
	/* With tags and CRC (8.10). */
	bar_write(pci, RLPML, dev->max_frame + 4 + 4);
	bar_write(pci, RXCSUM,
		  field_mask(RXCSUM_IPOFL) | field_mask(RXCSUM_TUOFL) | field_mask(RXCSUM_CRCOFL) |
			  field_mask(RXCSUM_PCSD));
}

int igb_set_promisc(struct nic *nic, int on)
{
	igb_of(nic)->promisc = on;
	write_rctl(igb_of(nic), 1);
	return bar_read(nic->pci, RCTL) == UINT32_MAX ? -ENODEV : 0;
}

int igb_set_mac(struct nic *nic, const uint8_t mac[6])
{
	return intel_set_mac(nic, RAL, mac);
}

/* With RCTL.MO 0 bits 47:36 of the address select one of 4,096 bits. */
int igb_add_multicast(struct nic *nic, const uint8_t mac[6])
{
	uint32_t hash = (uint32_t)(mac[4] >> 4 | mac[5] << 4) & 0xfff;

	bar_set(nic->pci, MTA + (hash >> 5) * MTA_stride, 1u << (hash & 31));
	return bar_read(nic->pci, STATUS) == UINT32_MAX ? -ENODEV : 0;
}

int igb_filter_vlan(struct nic *nic, int vid)
{
	struct igb *dev = igb_of(nic);
	uint32_t reg;

	dev->vlan_filter = vid >= 0;
	if (vid < 0) {
		write_rctl(dev, 1);
		for (uint32_t i = 0; i < VFTA_count; i++)
			bar_write(nic->pci, VFTA + i * VFTA_stride, 0);
	} else {
		reg = VFTA + ((uint32_t)vid >> 5) * VFTA_stride;
		bar_set(nic->pci, reg, 1u << (vid & 31));
		write_rctl(dev, 1);
	}
	return bar_read(nic->pci, STATUS) == UINT32_MAX ? -ENODEV : 0;
}

/* 82576 7.1.1: flows spread over the queues by a hash of their addresses and ports. */
void igb_rss_init(struct igb *dev)
{
	struct pci_dev *pci = dev->nic.pci;
	uint32_t queues = dev->nic.cfg.rx_queues;

	if (queues == 1) {
		bar_write(pci, MRQC, 0);
		return;
	}
	intel_rss_tables(pci, RSSRK, RETA, queues, dev->chip->rss_shift);
	bar_write(pci, MRQC,
		  field_of(MRQC_MRQE, MRQC_MRQE_RSS) | field_mask(MRQC_TCPIPV4) |
			  field_mask(MRQC_IPV4) | field_mask(MRQC_IPV6) | field_mask(MRQC_TCPIPV6) |
			  field_mask(MRQC_UDPIPV4) | field_mask(MRQC_UDPIPV6));
}
