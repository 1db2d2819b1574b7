/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Who would miss a network device: addresses, routes, bridges and bonds, ssh sessions, functions
 * of its own (SR-IOV).
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "rebind.h"
#include "sysfs.h"

#define NAME 32

/* The address that an ssh session came in by: the third word of SSH_CONNECTION. */
static int ssh_address(char *text, size_t room)
{
	const char *ssh = getenv("SSH_CONNECTION");
	char format[32];

	snprintf(format, sizeof(format), "%%*s %%*s %%%zus", room - 1);
	return ssh && sscanf(ssh, format, text) == 1;
}

static int address_of(const struct ifaddrs *a, char *text, size_t room)
{
	const void *bytes;

	if (!a->ifa_addr)
		return 0;
	if (a->ifa_addr->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)a->ifa_addr)->sin_addr;
	else if (a->ifa_addr->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)(const void *)a->ifa_addr)->sin6_addr;
	else
		return 0;
	return inet_ntop(a->ifa_addr->sa_family, bytes, text, (socklen_t)room) != NULL;
}

/* Link-local IPv6 addresses come by themselves: nobody chose them. */
static int has_address(const char *interface, char *why, size_t room)
{
	char text[64], ssh[64];
	struct ifaddrs *all, *a;
	int found = 0;

	if (getifaddrs(&all))
		return 0;
	for (a = all; a && found < 2; a = a->ifa_next) {
		if (strcmp(a->ifa_name, interface) || !address_of(a, text, sizeof(text)))
			continue;
		if (ssh_address(ssh, sizeof(ssh)) && !strcmp(ssh, text)) {
			snprintf(why, room, "your ssh session comes in by %s", interface);
			found = 2;
		} else if (!found && strncmp(text, "fe80:", 5)) {
			snprintf(why, room, "%s has the address %s: ip address flush dev %s",
				 interface, text, interface);
			found = 1;
		}
	}
	freeifaddrs(all);
	return found;
}

/* Does a line of a table have the interface as its word number @word (-1: the last)? */
static int in_table(const char *table, int word, const char *interface)
{
	char path[SYS_PATH], line[256];
	int found = 0;
	FILE *f;

	if (sys_path(path, "p:net/%s", table))
		return 0;
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		char *save, *last = NULL;
		int n = 0;

		/* Routes of multicast and link-local prefixes belong to every IPv6 interface. */
		if (word < 0 && (!strncmp(line, "ff", 2) || !strncmp(line, "fe80", 4)))
			continue;
		for (char *w = strtok_r(line, " \t\n", &save); w;
		     w = strtok_r(NULL, " \t\n", &save)) {
			last = w;
			if (n++ == word)
				break;
		}
		found = last && !strcmp(last, interface);
	}
	if (f)
		fclose(f);
	return found;
}

static int interface_in_use(const char *address, const char *interface, char *why, size_t room)
{
	char master[NAME];

	if (has_address(interface, why, room))
		return 1;
	if (!sys_link(master, sizeof(master), "s:bus/pci/devices/%s/net/%s/master", address,
		      interface)) {
		snprintf(why, room, "%s is a port of %s: ip link set %s nomaster", interface,
			 master, interface);
		return 1;
	}
	if (in_table("route", 0, interface) || in_table("ipv6_route", -1, interface)) {
		snprintf(why, room, "routes lead through %s: ip route show dev %s", interface,
			 interface);
		return 1;
	}
	return 0;
}

int rebind_in_use(const char *address, char *why, size_t room)
{
	char interface[NAME];

	for (unsigned i = 0;
	     !sys_entry(interface, sizeof(interface), i, "s:bus/pci/devices/%s/net", address); i++)
		if (interface_in_use(address, interface, why, room))
			return 1;
	if (sys_number("s:bus/pci/devices/%s/sriov_numvfs", address)) {
		snprintf(why, room,
			 "it has virtual functions: echo 0 > /sys/bus/pci/devices/%s/sriov_numvfs",
			 address);
		return 1;
	}
	return 0;
}
