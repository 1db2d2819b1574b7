/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The named counters of models with advanced descriptors. The models' README.md state the identity
 * that they obey.
 */
#include "models/intel/adv.h"

int adv_counter(const struct adv *a, unsigned i, const char **name, uint64_t *value)
{
	static const char *const drop_names[DROPS] = {
		"model_rx_off",          "model_rx_short",         "model_rx_filtered",
		"model_rx_flow_control", "model_rx_crc",           "model_rx_oversize",
		"model_rx_queue_off",    "model_rx_no_descriptor", "model_rx_packet_buffer_full",
		"model_rx_dma_failed",
	};
	const struct {
		const char *name;
		uint64_t value;
	} rest[] = {
		{ "model_wire_in", a->wire_in },
		{ "model_delivered", a->delivered },
		{ "model_wire_out", a->wire_out },
		{ "model_null_descriptors", a->null_descriptors },
		{ "model_tx_refused", a->tx_refused },
		{ "model_tx_checksums", a->tx_checksums },
		{ "model_tx_segmented", a->tx_segmented },
		{ "model_tx_segments", a->tx_segments },
		{ "model_rx_checksums_good", a->rx_checksums },
		{ "model_unmodelled_register_accesses", a->unmodelled },
	};

	if (i < DROPS) {
		*name = drop_names[i];
		*value = a->drops[i];
		return 1;
	}
	if (i - DROPS >= ARRAY_SIZE(rest))
		return 0;
	*name = rest[i - DROPS].name;
	*value = rest[i - DROPS].value;
	return 1;
}
