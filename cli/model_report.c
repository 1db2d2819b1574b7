/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Link, queues, counters and broken rules of a served NIC.
 */
#include "model_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

static uint64_t counter(struct nic_server *server, const char *want)
{
	const char *name;
	uint64_t v;

	for (unsigned i = 0; !nic_server_counter(server, i, &name, &v); i++)
		if (!strcmp(name, want))
			return v;
	return 0;
}

static const char *link_text(const struct nic_server_status *st, char buf[32])
{
	if (!st->known)
		return st->cable ? "cable in" : "no cable";
	if (!st->link_mbps)
		return st->cable ? "link down" : "no cable";
	snprintf(buf, 32, "link %u Mb/s", st->link_mbps);
	return buf;
}

void model_report_short(struct nic_server *server, char *buf, size_t size)
{
	struct nic_server_status st;
	char link[32];

	nic_server_get_status(server, &st);
	snprintf(buf, size,
		 "%s: %s, %s, queues %u/%u, messages %" PRIu64 ", in %" PRIu64 ", out %" PRIu64
		 ", violations %" PRIu64,
		 st.socket, st.connected ? "client" : "waiting", link_text(&st, link), st.rx_queues,
		 st.tx_queues, counter(server, "server_messages"), counter(server, "model_wire_in"),
		 counter(server, "model_wire_out"), nic_server_violations(server));
}

void model_report(struct nic_server *server)
{
	struct nic_server_status st;
	const char *name, *section;
	char link[32];
	uint64_t v;

	nic_server_get_status(server, &st);
	printf("%s (%s): %s", st.socket, st.chip, link_text(&st, link));
	if (st.known)
		printf(", queues on: %u RX, %u TX", st.rx_queues, st.tx_queues);
	putchar('\n');
	for (unsigned i = 0; !nic_server_counter(server, i, &name, &v); i++)
		if (v)
			printf("  %-28s %" PRIu64 "\n", name, v);
	printf("violations: %" PRIu64 "\n", nic_server_violations(server));
	for (unsigned i = 0; !nic_server_rule(server, i, &name, &section, &v); i++)
		printf("  %-28s %" PRIu64 " (%s)\n", name, v, section);
}

void model_report_json(struct nic_server *server, const char *event, double seconds)
{
	struct json j = { .to = stdout };
	struct nic_server_status st;
	const char *name, *section;
	uint64_t v;

	nic_server_get_status(server, &st);
	json_open(&j, NULL, '{');
	json_text(&j, "command", "model");
	json_text(&j, "event", event);
	json_number(&j, "seconds", seconds, 3);
	json_text(&j, "socket", st.socket);
	json_text(&j, "chip", st.chip);
	json_bool(&j, "connected", st.connected);
	json_bool(&j, "cable", st.cable);
	if (st.known) {
		json_count(&j, "link_mbps", st.link_mbps);
		json_count(&j, "rx_queues", st.rx_queues);
		json_count(&j, "tx_queues", st.tx_queues);
	}
	json_count(&j, "violations", nic_server_violations(server));
	json_open(&j, "rules", '[');
	for (unsigned i = 0; !nic_server_rule(server, i, &name, &section, &v); i++) {
		json_open(&j, NULL, '{');
		json_text(&j, "rule", name);
		json_text(&j, "section", section);
		json_count(&j, "count", v);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_open(&j, "counters", '{');
	for (unsigned i = 0; !nic_server_counter(server, i, &name, &v); i++)
		json_count(&j, name, v);
	json_close(&j, '}');
	if (!strcmp(event, "end")) {
		json_open(&j, "registers", '[');
		for (unsigned i = 0; !nic_server_register(server, i, &name); i++)
			json_text(&j, NULL, name);
		json_close(&j, ']');
	}
	json_close(&j, '}');
	putchar('\n');
	fflush(stdout);
}
