/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model's own named counters. README.md states the identity that they obey.
 */
#include "models/82576/82576.h"

int m76_counter(struct model *m, unsigned i, const char **name, uint64_t *value)
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
		{ "model_wire_in", m->wire_in },
		{ "model_delivered", m->delivered },
		{ "model_wire_out", m->wire_out },
		{ "model_null_descriptors", m->adv.null_descriptors },
		{ "model_tx_refused", m->adv.tx_refused },
		{ "model_tx_checksums", m->adv.tx_checksums },
		{ "model_tx_segmented", m->adv.tx_segmented },
		{ "model_tx_segments", m->adv.tx_segments },
		{ "model_rx_checksums_good", m->adv.rx_checksums },
		{ "model_unmodelled_register_accesses", m->unmodelled },
	};

	if (i < DROPS) {
		*name = drop_names[i];
		*value = m->drops[i];
		return 1;
	}
	if (i - DROPS >= ARRAY_SIZE(rest))
		return 0;
	*name = rest[i - DROPS].name;
	*value = rest[i - DROPS].value;
	return 1;
}
