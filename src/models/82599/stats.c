/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Statistics registers (82599 8.2.3.23) and the model's own named counters. README.md states the
 * identity that they obey.
 */
#include "models/82599/82599.h"

void count(struct model *m, uint32_t off, uint64_t n)
{
	*reg(&m->regs, off) += (uint32_t)n;
}

/* 36-bit pairs. */
void count_wide(struct model *m, uint32_t low, uint64_t n)
{
	uint64_t v = get(m, low) | (uint64_t)get(m, low + 4) << 32;

	v += n;
	*reg(&m->regs, low) = (uint32_t)v;
	*reg(&m->regs, low + 4) = (uint32_t)(v >> 32) & 15;
}

static uint32_t size_class(uint32_t bytes)
{
	return bytes <= 64    ? 0
	       : bytes < 128  ? 1
	       : bytes < 256  ? 2
	       : bytes < 512  ? 3
	       : bytes < 1024 ? 4
			      : 5;
}

void count_rx_size(struct model *m, uint32_t bytes)
{
	count(m, PRC64 + 4 * size_class(bytes), 1);
}

void count_tx_size(struct model *m, uint32_t bytes)
{
	count(m, PTC64 + 4 * size_class(bytes), 1);
}

int model_counter(struct model *m, unsigned i, const char **name, uint64_t *value)
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
		{ "model_null_descriptors", m->null_descriptors },
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
