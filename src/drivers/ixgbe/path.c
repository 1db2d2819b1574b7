/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the in-place path (drivers/intel/path.c) needs of this chip.
 */
#include "drivers/ixgbe/ixgbe.h"

static struct intel_rxq *path_rxq(struct nic *nic, unsigned q)
{
	return &ixgbe_of(nic)->rx[q];
}
static struct intel_txq *path_txq(struct nic *nic, unsigned q)
{
	return &ixgbe_of(nic)->tx[q];
}
static void path_receive(struct nic *nic, int on)
{
	ixgbe_receive(ixgbe_of(nic), on);
}

static const struct intel_path_chip path_chip = {
	.rxq = path_rxq,
	.txq = path_txq,
	.rxq_start = ixgbe_rxq_start,
	.rxq_stop = ixgbe_rxq_stop,
	.txq_start = ixgbe_txq_start,
	.txq_stop = ixgbe_txq_stop,
	.receive = path_receive,
};

int ixgbe_path_new(struct nic_path **out, struct nic *in, struct nic *const *outs, unsigned n,
		   unsigned q)
{
	return intel_path_new(out, &path_chip, in, outs, n, q);
}
