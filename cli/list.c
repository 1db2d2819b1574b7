/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety list: the network functions on this machine's PCI bus, from sysfs. Reads only.
 */
#include <nicety/nic.h>

#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "commands.h"
#include "json.h"
#include "sysfs.h"

#define MAX_NICS 256u
#define DEVICE   "s:bus/pci/devices/%s/"

struct pci_nic {
	char address[16];
	char kernel_driver[32];
	char group[16];
	char interface[IFNAMSIZ];
	unsigned long vendor, device;
	int up, addresses;
	const char *driver, *chip; /* nicety's; NULL: not supported */
};

static int has_address(const char *interface)
{
	struct ifaddrs *all, *a;
	int found = 0;

	if (getifaddrs(&all))
		return 0;
	for (a = all; a && !found; a = a->ifa_next)
		found = a->ifa_addr && !strcmp(a->ifa_name, interface) &&
			(a->ifa_addr->sa_family == AF_INET || a->ifa_addr->sa_family == AF_INET6);
	freeifaddrs(all);
	return found;
}

static void read_interface(const char *address, struct pci_nic *nic)
{
	if (sys_entry(nic->interface, sizeof(nic->interface), 0, DEVICE "net", address))
		return;
	nic->up = (sys_number(DEVICE "net/%s/flags", address, nic->interface) & IFF_UP) != 0;
	nic->addresses = has_address(nic->interface);
}

static int by_address(const void *a, const void *b)
{
	const struct pci_nic *x = a, *y = b;

	return strcmp(x->address, y->address);
}

/* Return: how many, or -1, said. */
static int scan(struct pci_nic *nics)
{
	char path[SYS_PATH];
	struct dirent *e;
	int n = 0;
	DIR *d;

	d = sys_path(path, "s:bus/pci/devices") ? NULL : opendir(path);
	if (!d) {
		fprintf(stderr, "nicety list: cannot read %s: %s%s\n", path, strerror(errno),
			errno == ENOENT ? "; this machine has no PCI bus, or sysfs is not mounted"
					: "");
		return -1;
	}
	while ((e = readdir(d)) && n < (int)MAX_NICS) {
		struct pci_nic *nic = &nics[n];

		if (e->d_name[0] == '.' || strlen(e->d_name) >= sizeof(nic->address))
			continue;
		/* Base class 2: network controller. */
		if (sys_number(DEVICE "class", e->d_name) >> 16 != 2)
			continue;
		memset(nic, 0, sizeof(*nic));
		memcpy(nic->address, e->d_name, strlen(e->d_name) + 1);
		nic->vendor = sys_number(DEVICE "vendor", e->d_name);
		nic->device = sys_number(DEVICE "device", e->d_name);
		sys_link(nic->kernel_driver, sizeof(nic->kernel_driver), DEVICE "driver",
			 e->d_name);
		sys_link(nic->group, sizeof(nic->group), DEVICE "iommu_group", e->d_name);
		read_interface(e->d_name, nic);
		nic_supported((uint16_t)nic->vendor, (uint16_t)nic->device, &nic->driver,
			      &nic->chip);
		n++;
	}
	closedir(d);
	qsort(nics, (size_t)n, sizeof(*nics), by_address);
	return n;
}

static const char *or_none(const char *text)
{
	return *text ? text : "-";
}

static const char *use(const struct pci_nic *nic)
{
	if (!*nic->interface)
		return "no";
	return nic->up ? (nic->addresses ? "up, has addresses" : "up") : "down";
}

static void print_text(const struct pci_nic *nics, int n)
{
	if (!n) {
		printf("no network controller on the PCI bus; every command also takes a NIC in "
		       "software, e.g. model:82599 (nicety-uri(7))\n");
		return;
	}
	printf("%-13s %-10s %-12s %-6s %-16s %-18s %s\n", "ADDRESS", "ID", "KERNEL", "GROUP",
	       "INTERFACE", "IN USE", "NICETY");
	for (int i = 0; i < n; i++) {
		const struct pci_nic *x = &nics[i];

		printf("%-13s %04lx:%04lx  %-12s %-6s %-16s %-18s %s%s%s%s\n", x->address,
		       x->vendor, x->device, or_none(x->kernel_driver), or_none(x->group),
		       or_none(x->interface), use(x), x->driver ? x->driver : "-",
		       x->chip ? " (" : "", x->chip ? x->chip : "", x->chip ? ")" : "");
	}
}

static void text_or_null(struct json *j, const char *name, const char *text)
{
	json_text(j, name, text && *text ? text : NULL);
}

static void print_json(const struct pci_nic *nics, int n)
{
	struct json j = { .to = stdout };
	char id[12];

	json_open(&j, NULL, '{');
	json_text(&j, "command", "list");
	json_open(&j, "nics", '[');
	for (int i = 0; i < n; i++) {
		const struct pci_nic *x = &nics[i];

		json_open(&j, NULL, '{');
		json_text(&j, "address", x->address);
		snprintf(id, sizeof(id), "%04lx", x->vendor & 0xffff);
		json_text(&j, "vendor", id);
		snprintf(id, sizeof(id), "%04lx", x->device & 0xffff);
		json_text(&j, "device", id);
		text_or_null(&j, "kernel_driver", x->kernel_driver);
		text_or_null(&j, "iommu_group", x->group);
		text_or_null(&j, "interface", x->interface);
		json_bool(&j, "up", x->up);
		json_bool(&j, "addresses", x->addresses);
		json_bool(&j, "in_use", x->up || x->addresses);
		text_or_null(&j, "driver", x->driver);
		text_or_null(&j, "chip", x->chip);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	putchar('\n');
}

static int list(const struct command *cmd, int argc, char **argv)
{
	static struct pci_nic nics[MAX_NICS];
	int json = 0, n;
	const struct option_row rows[] = {
		{ "json", 0, OPT_FLAG, &json, NULL, "print one JSON object on stdout" },
		OPTION_END,
	};

	n = cli_parse(cmd, rows, argc, argv, NULL, 0, 0);
	if (n < 0)
		return cli_exit(n);
	n = scan(nics);
	if (n < 0)
		return EXIT_FAILED;
	if (json)
		print_json(nics, n);
	else
		print_text(nics, n);
	return EXIT_OK;
}

const struct command command_list = {
	.name = "list",
	.args = "",
	.summary = "list the network controllers on the PCI bus",
	.details = "Address, PCI id, the kernel's driver, IOMMU group, network interface and "
		   "whether it is\n"
		   "in use (up or with addresses), and nicety's driver for it, if there is one.",
	.run = list,
};
