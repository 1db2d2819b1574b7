/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The in-place path's loops in plain C, to compare the others with.
 */
#define NIC_RINGS_PLAIN
#include "rings_forms.h"

FORM(shared, 0)
FORM(split, 1)

const struct form plain_shared = { "plain", run_shared, rx_shared, tx_shared };
const struct form plain_split = { "plain", run_split, rx_split, tx_split };
