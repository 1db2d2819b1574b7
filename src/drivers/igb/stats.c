/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Statistics: 82576 8.18. Reading clears the registers, so what they gave is added up here and only
 * grows. RQDPC has 12 bits and sticks: a queue that drops more between two calls loses count.
 */
#include "drivers/igb/igb.h"

static const struct intel_counter counters[] = {
	INTEL_COUNTERS(UINT32_MAX),
	INTEL_COUNTER(MPC, rx_missed, 0, 0, 0),
};

static void read_all(struct igb *dev)
{
	struct pci_dev *pci = dev->nic.pci;

	intel_counters_read(pci, counters, ARRAY_SIZE(counters), &dev->total);
	for (uint32_t q = 0; q < dev->nic.cfg.rx_queues && !dev->chip->no_rqdpc; q++) {
		dev->queue_drops += bar_read(pci, igb_rx_reg(dev, RQDPC, q)) & 0xfff;
		if (dev->chip->rqdpc_written)
			bar_write(pci, igb_rx_reg(dev, RQDPC, q), 0);
	}
}

void igb_stats_clear(struct igb *dev)
{
	read_all(dev);
	dev->total = (struct nic_stats) { 0 };
	dev->queue_drops = 0;
}

int igb_stats(struct nic *nic, struct nic_stats *stats)
{
	struct igb *dev = igb_of(nic);

	if (bar_read(nic->pci, STATUS) == UINT32_MAX)
		return -ENODEV;
	read_all(dev);
	*stats = dev->total;
	stats->rx_bytes = stats_without_crc(stats->rx_bytes, stats->rx_packets);
	stats->tx_bytes = stats_without_crc(stats->tx_bytes, stats->tx_packets);
	stats->rx_missed += dev->queue_drops;
	stats->rx_packets -= dev->queue_drops; /* GPRC counts frames that a queue dropped, too */
	for (unsigned i = 0; i < nic->cfg.rx_queues; i++) {
		stats->rx_bad += dev->rx[i].bad;
		stats->rx_too_long += dev->rx[i].too_long;
		stats->rx_no_buffer += dev->rx[i].no_buffer;
	}
	for (unsigned i = 0; i < nic->cfg.tx_queues; i++)
		stats->tx_bad += dev->tx[i].bad;
	return 0;
}
