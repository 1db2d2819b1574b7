/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pinning the packet loop.
 */
#define _GNU_SOURCE
#include "pin.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

int pin_core(unsigned core)
{
	cpu_set_t set;
	int err = EINVAL;

	CPU_ZERO(&set);
	if (core < CPU_SETSIZE) {
		CPU_SET(core, &set);
		err = sched_setaffinity(0, sizeof(set), &set) ? errno : 0;
	}
	if (!err)
		return 0;
	fprintf(stderr, "nicety: cannot run on core %u: %s; taskset -p $$ prints those allowed\n",
		core, strerror(err));
	return -1;
}
