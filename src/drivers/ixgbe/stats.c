/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Statistics: 82599 8.2.3.23. Reading clears the registers, so what they gave is added up here and
 * only grows. A 32-bit counter wraps after 288 s of 64-byte frames at line rate: read them more
 * often than that.
 */
#include "drivers/ixgbe/ixgbe.h"

struct counter {
	uint32_t reg, stride, count;
	size_t into;
	int wide; /* a pair: the next register holds bits 35:32 */
};

#define INTO(field) offsetof(struct nic_stats, field)
static const struct counter counters[] = {
	{ GPRC, 0, 1, INTO(rx_packets), 0 },
	{ GORCL, 0, 1, INTO(rx_bytes), 1 },
	{ GPTC, 0, 1, INTO(tx_packets), 0 },
	{ GOTCL, 0, 1, INTO(tx_bytes), 1 },
	{ RXMPC, RXMPC_stride, RXMPC_count, INTO(rx_missed), 0 },
	{ QPRDC, QPRDC_stride, QPRDC_count, INTO(rx_missed), 0 },
	{ CRCERRS, 0, 1, INTO(rx_crc), 0 },
	{ RLEC, 0, 1, INTO(rx_length), 0 },
	{ RUC, 0, 1, INTO(rx_length), 0 },
	{ RFC, 0, 1, INTO(rx_length), 0 },
	{ ROC, 0, 1, INTO(rx_length), 0 },
	{ RJC, 0, 1, INTO(rx_length), 0 },
};

static void read_all(struct ixgbe *dev)
{
	for (const struct counter *c = counters; c < counters + ARRAY_SIZE(counters); c++) {
		uint64_t sum = 0;

		for (uint32_t i = 0; i < c->count; i++)
			sum += bar_read(dev->nic.pci, c->reg + i * c->stride);
		if (c->wide)
			sum |= (uint64_t)(bar_read(dev->nic.pci, c->reg + 4) & 15) << 32;
		*(uint64_t *)(void *)((char *)&dev->total + c->into) += sum;
	}
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
