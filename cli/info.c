/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety info: what a device is and what it has counted.
 */
#include <nicety/nic.h>

#include <stdio.h>

#include "commands.h"
#include "port.h"

static const struct {
	int flag;
	const char *name;
} offloads[] = {
	{ NIC_VLAN, "vlan" },    { NIC_TX_IP, "ip" },     { NIC_TX_TCP, "tcp" },
	{ NIC_TX_UDP, "udp" },   { NIC_TX_SCTP, "sctp" }, { NIC_TX_SEGMENT, "segment" },
	{ NIC_TX_IPV6, "ipv6" },
};
#define N_OFFLOADS (sizeof(offloads) / sizeof(offloads[0]))

static void mac_text(char buf[18], const uint8_t m[6])
{
	snprintf(buf, 18, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

static void print_text(struct nic *nic, const struct nic_info *i)
{
	char mac[18];

	mac_text(mac, i->mac);
	printf("uri       %s\nchip      %s\ndriver    %s\nPCI id    %04x:%04x\naddress   %s\n",
	       i->uri, i->chip, i->driver, i->vendor, i->device, mac);
	if (i->link_mbps)
		printf("link      %u Mb/s\n", i->link_mbps);
	else
		printf("link      down\n");
	printf("queues    %u receive, %u send\nrings     %u receive, %u send\nMTU       %u\nsend "
	       "offloads",
	       i->rx_queues, i->tx_queues, i->rx_ring, i->tx_ring, i->mtu);
	for (size_t k = 0; k < N_OFFLOADS; k++)
		if (i->offloads & offloads[k].flag)
			printf(" %s", offloads[k].name);
	putchar('\n');
	port_text(nic, "counters that are not zero");
}

static void print_json(struct nic *nic, const struct nic_info *i)
{
	struct json j = { .to = stdout };
	char text[18];

	json_open(&j, NULL, '{');
	json_text(&j, "command", "info");
	json_text(&j, "uri", i->uri);
	json_text(&j, "chip", i->chip);
	json_text(&j, "driver", i->driver);
	snprintf(text, sizeof(text), "%04x:%04x", i->vendor, i->device);
	json_text(&j, "pci_id", text);
	mac_text(text, i->mac);
	json_text(&j, "mac", text);
	json_count(&j, "link_mbps", i->link_mbps);
	json_count(&j, "rx_queues", i->rx_queues);
	json_count(&j, "tx_queues", i->tx_queues);
	json_count(&j, "rx_ring", i->rx_ring);
	json_count(&j, "tx_ring", i->tx_ring);
	json_count(&j, "mtu", i->mtu);
	json_open(&j, "offloads", '[');
	for (size_t k = 0; k < N_OFFLOADS; k++)
		if (i->offloads & offloads[k].flag)
			json_text(&j, NULL, offloads[k].name);
	json_close(&j, ']');
	port_json(&j, "port", nic);
	json_close(&j, '}');
	putchar('\n');
}

static int info(const struct command *cmd, int argc, char **argv)
{
	int json = 0;
	const struct option_row rows[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "print one JSON object on stdout" },
		OPTION_END,
	};
	struct nic_config cfg = { 0 };
	struct nic_info i;
	struct nic_mem *mem;
	struct nic *nic = NULL;
	const char *uri;
	int code, n = cli_parse(cmd, rows, argc, argv, &uri, 1, 1);

	if (n < 0)
		return cli_exit(n);
	if (port_mem(&mem, &uri, 1))
		return EXIT_FAILED;
	code = port_open(&nic, mem, uri, &cfg);
	if (!code) {
		nic_get_info(nic, &i);
		if (json)
			print_json(nic, &i);
		else
			print_text(nic, &i);
	}
	nic_close(nic);
	nic_mem_del(mem);
	return code;
}

const struct command command_info = {
	.name = "info",
	.args = "URI",
	.summary = "show what a device is",
	.details = "Opens the device (which resets it), prints chip, address, link, queues and "
		   "counters,\n"
		   "and closes it.",
	.run = info,
};
