/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The packet path in plain C for igb and igc, whose descriptors have the error bits elsewhere. They
 * get 1.5 or 3.7 million packets a second at most: no vector variant is worth its lines.
 */
#define BURST               intel_burst_gigabit
#define INTEL_RX_WORD(word) intel_gigabit(word)
#include "drivers/intel/plain.h"
