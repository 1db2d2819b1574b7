/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A core for the packet loop.
 */
#ifndef CLI_PIN_H
#define CLI_PIN_H

/** PIN_NONE - the value of --core when it was not given. */
#define PIN_NONE 0xffffffffu

/**
 * pin_core - let this thread run on @core only. Before memory is made, so that it comes from the
 * core's NUMA node. 0; -1, said.
 */
int pin_core(unsigned core);

#endif
