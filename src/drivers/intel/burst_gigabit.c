/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receiving in plain C on igb and igc, whose descriptors have the error bits elsewhere. They get
 * 1.5 or 3.7 million packets a second at most: no vector variant is worth its lines.
 */
#define TARGET
#define BURST          intel_burst_gigabit
#define STATUS(status) intel_gigabit(status)
#include "drivers/intel/burst.h"
