/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Opening devices and reporting their counters.
 */
#include "port.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BURST_MAX     256u

/* Latency: what queued up is sent in small bursts, so that its first frame does not wait long. */
#define BURST_LATENCY 8u
#define BURST_USUAL   32u

int common_check(const struct command *cmd, struct common *c)
{
	if (c->burst == BURST_AUTO)
		c->burst = c->latency ? BURST_LATENCY : BURST_USUAL;
	if (c->burst < 1 || c->burst > BURST_MAX)
		return cli_fail(cmd, "--burst %u: want 1 to %u", c->burst, BURST_MAX);
	return c->core != PIN_NONE && pin_core(c->core) ? EXIT_FAILED : EXIT_OK;
}

void common_limits(const struct common *c, struct run *run)
{
	run->count = c->count;
	run->seconds = c->seconds;
}

void port_mem_config(struct nic_mem_config *cfg, const char *const *uris, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const char *uri = strncmp(uris[i], "trace+", 6) ? uris[i] : uris[i] + 6;

		cfg->shared |= !strncmp(uri, "vfio-user:", 10);
		cfg->physical |= nic_wants_physical(uri);
	}
}

int port_mem(struct nic_mem **out, const char *const *uris, unsigned n)
{
	struct nic_mem_config cfg = { 0 };

	port_mem_config(&cfg, uris, n);
	return nic_mem_new(out, &cfg);
}

int port_open(struct nic **out, struct nic_mem *mem, const char *uri, const struct nic_config *cfg)
{
	int err = nic_open(out, mem, uri, cfg);

	if (!err)
		return EXIT_OK;
	fprintf(stderr, "nicety: cannot open %s: %s\n", uri, strerror(-err));
	return err == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

int port_is_software(const char *uri)
{
	return strstr(uri, "host=thread") != NULL;
}

void port_say(struct nic *nic, const char *role)
{
	struct nic_info info;

	nic_get_info(nic, &info);
	fprintf(stderr, "%s: %s, %s (%s), %02x:%02x:%02x:%02x:%02x:%02x, ", role, info.uri,
		info.chip, info.driver, info.mac[0], info.mac[1], info.mac[2], info.mac[3],
		info.mac[4], info.mac[5]);
	if (info.link_mbps)
		fprintf(stderr, "%u Mb/s\n", info.link_mbps);
	else
		fprintf(stderr, "link down\n");
}

int port_counter(struct nic *nic, const char *name, uint64_t *value)
{
	const char *at;
	uint64_t v;

	for (unsigned i = 0; !nic_counter(nic, i, &at, &v); i++) {
		if (!strcmp(at, name)) {
			*value = v;
			return 1;
		}
	}
	return 0;
}

void port_text(struct nic *nic, const char *role)
{
	const char *name;
	uint64_t value;

	printf("%s:\n", role);
	for (unsigned i = 0; !nic_counter(nic, i, &name, &value); i++) {
		if (value)
			printf("  %-28s %" PRIu64 "\n", name, value);
	}
}

void port_json(struct json *j, const char *name, struct nic *nic)
{
	struct nic_info info;
	const char *counter;
	uint64_t value;

	nic_get_info(nic, &info);
	json_open(j, name, '{');
	json_text(j, "uri", info.uri);
	json_text(j, "driver", info.driver);
	json_count(j, "link_mbps", info.link_mbps);
	json_count(j, "violations", nic_violations(nic));
	json_open(j, "counters", '{');
	for (unsigned i = 0; !nic_counter(nic, i, &counter, &value); i++)
		json_count(j, counter, value);
	json_close(j, '}');
	json_close(j, '}');
}
