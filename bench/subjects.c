/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The table of drivers.
 */
#include "bench/subjects.h"

int subject_runs(const struct subject *s, const char **why)
{
	(void)s;
	(void)why;
	return 1;
}

const struct subject subjects[] = {
	{ "burst_c", "nicety burst, C", "c", 1, 1, burst_open, burst_close, burst_forward,
	  burst_touch },
	{ "inplace", "nicety in-place", NULL, 1, 1, path_open, path_close, path_forward,
	  path_touch },
	{ .name = NULL },
};
