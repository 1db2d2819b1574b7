/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Statistics: 82599 8.2.3.23. Reading clears the registers, so what they gave is added up here and
 * only grows. A 32-bit counter wraps after 288 s of 64-byte frames at line rate: read them more
 * often than that.
 */
#include "drivers/ixgbe/ixgbe.h"

static const struct intel_counter counters[] = {
	INTEL_COUNTERS(0xf),
	INTEL_COUNTER(RXMPC, rx_missed, 0, RXMPC_stride, RXMPC_count),
	INTEL_COUNTER(QPRDC, rx_missed, 0, QPRDC_stride, QPRDC_count),
};

static void read_all(struct ixgbe *dev)
{
	intel_counters_read(dev->nic.pci, counters, ARRAY_SIZE(counters), &dev->total);
}

void ixgbe_stats_clear(struct ixgbe *dev)
{
	read_all(dev);
	dev->total = (struct nic_stats) { 0 };
}

int ixgbe_stats(struct nic *nic, struct nic_stats *stats)
{
	struct ixgbe *dev = ixgbe_of(nic);

	if (bar_read(nic->pci, STATUS) == UINT32_MAX)
		return -ENODEV;
	read_all(dev);
	*stats = dev->total;
	stats->rx_bytes = stats_without_crc(stats->rx_bytes, stats->rx_packets);
	stats->tx_bytes = stats_without_crc(stats->tx_bytes, stats->tx_packets);
	stats->rx_packets -= stats->rx_missed; /* GPRC counts good frames that found no room, too */
	for (unsigned i = 0; i < nic->cfg.rx_queues; i++) {
		stats->rx_bad += dev->rx[i].bad;
		stats->rx_too_long += dev->rx[i].too_long;
		stats->rx_no_buffer += dev->rx[i].no_buffer;
	}
	for (unsigned i = 0; i < nic->cfg.tx_queues; i++)
		stats->tx_bad += dev->tx[i].bad;
	return 0;
}
