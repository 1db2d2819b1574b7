/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What every command that opens devices shares: common options, opening, reporting.
 */
#ifndef CLI_PORT_H
#define CLI_PORT_H

#include <nicety/nic.h>

#include "json.h"
#include "live.h"
#include "options.h"
#include "pin.h"

/* Values of the options that most commands have. */
struct common {
	int json;
	uint64_t count;
	double seconds, stats;
	unsigned burst, ring, mtu;
	int latency;
	unsigned core;
};
#define BURST_AUTO UINT32_MAX /* not given */
#define COMMON_DEFAULTS                                                   \
	{                                                                 \
		.stats = LIVE_AUTO, .burst = BURST_AUTO, .core = PIN_NONE \
	}

#define OPTION_JSON(c)                                                                   \
	{                                                                                \
		"json", 0, OPT_FLAG, &(c)->json, NULL, "print one JSON object on stdout" \
	}
#define OPTION_COUNT(c)                                                         \
	{                                                                       \
		"count", 'n', OPT_COUNT, &(c)->count, "N", "end after N frames" \
	}
#define OPTION_DURATION(c)                                         \
	{                                                          \
		"duration", 0, OPT_SECONDS, &(c)->seconds, "TIME", \
			"end after TIME (10, 500ms, 2m)"           \
	}
#define OPTION_STATS(c)                                                                            \
	{                                                                                          \
		"stats", 0, OPT_SECONDS, &(c)->stats, "TIME",                                      \
			"a line on stderr every TIME; 0 = none (default: 1 s if it is a terminal)" \
	}
#define OPTION_BURST(c)                                                                          \
	{                                                                                        \
		"burst", 0, OPT_UINT, &(c)->burst, "N", "frames per call, 1 to 256 (default 32)" \
	}
#define OPTION_RING(c)                                                        \
	{                                                                     \
		"ring", 0, OPT_UINT, &(c)->ring, "N",                         \
			"descriptors per ring, 64 to 4096, 2^n (default 512)" \
	}
#define OPTION_MTU(c)                                                                           \
	{                                                                                       \
		"mtu", 0, OPT_UINT, &(c)->mtu, "N", "largest payload of a frame (default 1500)" \
	}

#define OPTION_LATENCY(c)                                              \
	{                                                              \
		"latency", 0, OPT_FLAG, &(c)->latency, NULL,           \
			"answer first: nothing is measured or batched" \
	}
#define OPTION_CORE(c)                                                                          \
	{                                                                                       \
		"core", 0, OPT_UINT, &(c)->core, "N", "run on this core only (docs/latency.md)" \
	}

/** common_check - fill in defaults, go to the core. 0, or an exit code, said. */
int common_check(const struct command *cmd, struct common *c);
/** common_limits - copy count and seconds into a run. */
void common_limits(const struct common *c, struct run *run);

/**
 * port_mem - nic_mem_new for the devices @uris, whichever is opened first: shareable if one is in
 * another process, by physical address if no IOMMU translates for one.
 */
int port_mem(struct nic_mem **out, const char *const *uris, unsigned n);
/** port_mem_config - what port_mem asks for. */
void port_mem_config(struct nic_mem_config *cfg, const char *const *uris, unsigned n);
/**
 * port_open - nic_open; the library has said what is wrong.
 * Return: EXIT_OK; EXIT_USAGE (URI or configuration make no sense); EXIT_FAILED.
 */
int port_open(struct nic **out, struct nic_mem *mem, const char *uri, const struct nic_config *cfg);
/** port_is_software - 1: the NIC is a thread of this process, which needs a CPU now and then. */
int port_is_software(const char *uri);
/** port_say - one line on stderr about an open device. */
void port_say(struct nic *nic, const char *role);

/** port_counter - look a counter up by name. Return: 1 found, 0 not. */
int port_counter(struct nic *nic, const char *name, uint64_t *value);

/** port_text - all counters that are not zero. port_json - an object with all of them. */
void port_text(struct nic *nic, const char *role);
void port_json(struct json *j, const char *name, struct nic *nic);

#endif
