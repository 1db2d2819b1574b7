/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Statistics: 82540EM 13.7. Reading clears the registers, so what they gave is added up here and
 * only grows. 32-bit counters stick at their maximum, after 48 minutes of 64-byte frames at line
 * rate: read them more often than that.
 */
#include "drivers/e1000/e1000.h"

#define INTO(field) offsetof(struct nic_stats, field)
static const struct intel_counter counters[] = {
	INTEL_COUNTERS(UINT32_MAX),
	INTEL_COUNTER(MPC, rx_missed, 0, 0, 0),
};

static void read_all(struct e1000 *dev)
{
	intel_counters_read(dev->nic.pci, counters, ARRAY_SIZE(counters), &dev->total);
}

void e1000_stats_clear(struct e1000 *dev)
{
	read_all(dev);
	dev->total = (struct nic_stats) { 0 };
}

int e1000_stats(struct nic *nic, struct nic_stats *stats)
{
	struct e1000 *dev = e1000_of(nic);

	if (bar_read(nic->pci, STATUS) == UINT32_MAX)
		return -ENODEV;
	read_all(dev);
	*stats = dev->total;
	stats->rx_bytes = stats_without_crc(stats->rx_bytes, stats->rx_packets);
	stats->tx_bytes = stats_without_crc(stats->tx_bytes, stats->tx_packets);
	for (unsigned i = 0; i < nic->cfg.rx_queues; i++) {
		stats->rx_bad += dev->rx[i].bad;
		stats->rx_too_long += dev->rx[i].too_long;
		stats->rx_no_buffer += dev->rx[i].no_buffer;
	}
	for (unsigned i = 0; i < nic->cfg.tx_queues; i++)
		stats->tx_bad += dev->tx[i].bad;
	return 0;
}
