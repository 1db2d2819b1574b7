/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The table of drivers.
 */
#include "bench/subjects.h"

#include <stdlib.h>

#include "isa.h"

#ifdef HAVE_DPDK
#define DPDK dpdk_open, dpdk_close, dpdk_forward, dpdk_touch, dpdk_thread
#else
#define DPDK NULL, NULL, NULL, NULL, NULL /* subject_runs says so */
#endif

const struct subject subjects[] = {
	{ "burst_c", "c", 1, 0, 1, burst_open, burst_close, burst_forward, burst_touch, NULL },
	{ "burst_sse", "sse", 1, 0, 1, burst_open, burst_close, burst_forward, burst_touch, NULL },
	{ "burst_avx2", "avx2", 1, 0, 1, burst_open, burst_close, burst_forward, burst_touch,
	  NULL },
	{ "burst_avx512", "avx512", 1, 0, 1, burst_open, burst_close, burst_forward, burst_touch,
	  NULL },
	{ "inplace", NULL, 1, 1, 1, path_open, path_close, path_forward, path_touch, NULL },
	{ "inlined", NULL, 1, 1, 1, path_open, path_close, inlined_forward, inlined_touch, NULL },
	{ "dpdk_scalar", NULL, 1, 0, 0, DPDK },
	{ "dpdk_vector", NULL, 4, 0, 0, DPDK },
	{ .name = NULL },
};

static void ignore(void *arg, enum nic_log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

int subject_runs(const struct subject *s, const char **why)
{
	enum isa isa;
	int err;

	if (!s->open) {
		*why = "this program was built without DPDK";
		return 0;
	}
	if (!s->isa)
		return 1;
	setenv("NICETY_ISA", s->isa, 1);
	nic_log_set(ignore, NULL, NIC_LOG_ERROR); /* it is no error here */
	err = isa_pick(&isa);
	nic_log_set(NULL, NULL, NIC_LOG_WARN);
	unsetenv("NICETY_ISA");
	*why = "this processor lacks the instructions";
	return !err;
}
