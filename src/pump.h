/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Devices that run only when called (a synchronous model): the queue and path handles that the
 * application gets are wrapped, and each use lets the device do one round of work. Real devices
 * and threaded models are never wrapped, so their packet path pays nothing.
 */
#ifndef PUMP_H
#define PUMP_H

#include "drivers/driver.h"

/** pump_wrap - replace nic->rxq and nic->txq. 0 or -ENOMEM. pump_unwrap frees the wrappers. */
int pump_wrap(struct nic *nic);
void pump_unwrap(struct nic *nic);

/** pump_wrap_path - the same for a path between these devices; pump_unwrap_path gives @p's inner.
 */
struct nic_path *pump_wrap_path(struct nic_path *p, struct nic *in, struct nic *const *outs,
				unsigned n);
struct nic_path *pump_unwrap_path(struct nic_path *p);

#endif
