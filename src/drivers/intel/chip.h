/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Beside the packet path: what the chips do alike with registers that lie at different places.
 */
#ifndef DRIVERS_INTEL_CHIP_H
#define DRIVERS_INTEL_CHIP_H

#include "drivers/driver.h"

#define MS 1000u /* bar_wait and delay count microseconds */

/** intel_reset_failed - say why. Return: @err. */
int intel_reset_failed(const struct nic *nic, int err);

/** intel_read_mac - take the address that the EEPROM left in receive address 0, or -EIO. */
int intel_read_mac(struct nic *nic, uint32_t ral);
/** intel_set_mac - put another there. Return: 0 or -ENODEV. */
int intel_set_mac(struct nic *nic, uint32_t ral, const uint8_t mac[6]);

/**
 * intel_rss_tables - the RSS key, and entries that deal the queues out in turn, each shifted up by
 * @shift; @rssrk, @reta: offsets of ten and 32 registers.
 */
void intel_rss_tables(struct pci_dev *pci, uint32_t rssrk, uint32_t reta, uint32_t queues,
		      unsigned shift);

/* What a bit in SW_FW_SYNC guards: registers that the firmware uses as well. */
struct intel_sync {
	uint32_t swsm, sw_fw_sync;
	uint32_t ours, theirs;
	const char *what;
};
int intel_sync_lock(struct nic *nic, const struct intel_sync *s);
void intel_sync_unlock(struct nic *nic, const struct intel_sync *s);

/* A statistic that reading clears, and where in struct nic_stats it is added. */
struct intel_counter {
	uint32_t reg;
	size_t into;
	uint32_t upper;         /* bits of the next register that belong to it */
	uint32_t stride, count; /* an array (0: a single one) */
};
/* clang-format off */
#define INTEL_COUNTER(reg, field, upper, stride, count) \
	{ reg, offsetof(struct nic_stats, field), upper, stride, count }
/* Those that all chips count alike; @bits: of the byte counters' upper registers. */
#define INTEL_COUNTERS(bits)                                                                  \
	INTEL_COUNTER(GPRC, rx_packets, 0, 0, 0), INTEL_COUNTER(GORCL, rx_bytes, bits, 0, 0), \
	INTEL_COUNTER(GPTC, tx_packets, 0, 0, 0), INTEL_COUNTER(GOTCL, tx_bytes, bits, 0, 0), \
	INTEL_COUNTER(CRCERRS, rx_crc, 0, 0, 0), INTEL_COUNTER(RLEC, rx_length, 0, 0, 0),     \
	INTEL_COUNTER(RUC, rx_length, 0, 0, 0), INTEL_COUNTER(RFC, rx_length, 0, 0, 0),       \
	INTEL_COUNTER(ROC, rx_length, 0, 0, 0), INTEL_COUNTER(RJC, rx_length, 0, 0, 0)
/* clang-format on */
void intel_counters_read(struct pci_dev *pci, const struct intel_counter *c, size_t n,
			 struct nic_stats *total);

#endif
