/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which instructions the steps were: counts by address.
 */
#ifndef BENCH_PROFILE_H
#define BENCH_PROFILE_H

#include <stdint.h>
#include <stdio.h>

/** profile_clear - forget all; profile_add - one instruction at @address was run. */
void profile_clear(void);
void profile_add(uint64_t address);

/**
 * profile_write - a line for each address: count by @packets, offset in this program's file. What
 * lies outside (shared libraries) is one line with the offset 0. For profile.py.
 */
void profile_write(FILE *to, double packets);

#endif
