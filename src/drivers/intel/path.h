/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Queues as an in-place path: what a chip's driver supplies, and what it must know.
 */
#ifndef DRIVERS_INTEL_PATH_H
#define DRIVERS_INTEL_PATH_H

#include "drivers/intel/ring.h"

struct intel_path_chip { /* what the chip's driver does; 0 or -errno */
	int split;       /* it has no legacy descriptors */
	int (*rxq_start)(struct intel_rxq *q);
	int (*rxq_stop)(struct intel_rxq *q);
	int (*txq_start)(struct intel_txq *q);
	int (*txq_stop)(struct intel_txq *q);
	void (*receive)(struct nic *nic, int on);
	struct intel_rxq *(*rxq)(struct nic *nic, unsigned q);
	struct intel_txq *(*txq)(struct nic *nic, unsigned q);
};
int intel_path_new(struct nic_path **out, const struct intel_path_chip *chip, struct nic *in,
		   struct nic *const *outs, unsigned n, unsigned q);
void intel_path_del(struct nic_path *path);
int intel_path_waiting(const struct intel_path *path);
/** intel_path_buffer - bytes of a slot's buffer. */
uint32_t intel_path_buffer(const struct intel_path *path);
const union intel_rx_desc *intel_path_rx_ring(const struct intel_path *path);
const union intel_tx_desc *intel_path_tx_ring(const struct intel_path *path,
					      const struct intel_txq *q);

#endif
