/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The drivers that are compared, a row each.
 */
#ifndef BENCH_SUBJECTS_H
#define BENCH_SUBJECTS_H

#include "bench/rig.h"

#define MAX_SUBJECTS 16u

/* All rows that this build has; ends with a NULL name. */
extern const struct subject subjects[];

/** subject_runs - can this machine run it? Return: 1, or 0 and why in @why. */
int subject_runs(const struct subject *s, const char **why);

/* drv_nicety.c */
int burst_open(struct rig *rig);
void burst_close(struct rig *rig);
unsigned burst_forward(void *queue, unsigned n);
unsigned burst_touch(void *queue, unsigned n);
int path_open(struct rig *rig);
unsigned path_forward(void *queue, unsigned n);
unsigned path_touch(void *queue, unsigned n);
void path_close(struct rig *rig);
unsigned inlined_forward(void *queue, unsigned n);
unsigned inlined_touch(void *queue, unsigned n);

/* drv_dpdk.c */
int dpdk_open(struct rig *rig);
void dpdk_close(struct rig *rig);
unsigned dpdk_forward(void *queue, unsigned n);
unsigned dpdk_touch(void *queue, unsigned n);
void dpdk_thread(int begin);

/** swap_addresses - what "touched" means: destination and source change places. */
static inline void swap_addresses(void *frame)
{
	uint64_t to, from;
	uint32_t low;
	uint16_t high;

	/* The first store also writes two bytes that the next ones put right. Little endian. */
	__builtin_memcpy(&to, frame, 8);
	__builtin_memcpy(&from, (char *)frame + 6, 8);
	low = (uint32_t)to;
	high = (uint16_t)(to >> 32);
	__builtin_memcpy(frame, &from, 8);
	__builtin_memcpy((char *)frame + 6, &low, 4);
	__builtin_memcpy((char *)frame + 10, &high, 2);
}

#endif
