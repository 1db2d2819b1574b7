/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The table of drivers.
 */
#include "bench/subjects.h"

#ifdef HAVE_DPDK
#define DPDK dpdk_open, dpdk_close, dpdk_forward, dpdk_touch, dpdk_thread
#else
#define DPDK NULL, NULL, NULL, NULL, NULL /* subject_runs says so */
#endif

const struct subject subjects[] = {
	{ "burst_c", "c", 1, 1, burst_open, burst_close, burst_forward, burst_touch, NULL },
	{ "inplace", NULL, 1, 1, path_open, path_close, path_forward, path_touch, NULL },
	{ "dpdk_scalar", NULL, 1, 0, DPDK },
	{ "dpdk_vector", NULL, 4, 0, DPDK },
	{ .name = NULL },
};

int subject_runs(const struct subject *s, const char **why)
{
	if (!s->open)
		*why = "this program was built without DPDK";
	return s->open != NULL;
}
