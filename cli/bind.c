/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety bind, nicety unbind: take a device from the kernel's driver, give it back.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "rebind.h"
#include "sysfs.h"

#define DEVICE "s:bus/pci/devices/%s/"

static int is_ours(const char *driver)
{
	return !strcmp(driver, "vfio-pci") || !strcmp(driver, "uio_pci_generic");
}

/* The address, if there is such a device. An exit code. */
static int find(const struct command *cmd, const char *text, char address[16])
{
	if (sys_address(address, text))
		return cli_fail(cmd,
				"'%s': want a PCI address such as 0000:03:00.0; `nicety list` "
				"prints them",
				text);
	if (sys_exists(DEVICE "vendor", address))
		return EXIT_OK;
	fprintf(stderr, "nicety: there is no PCI device %s; `nicety list` prints those there are\n",
		address);
	return EXIT_FAILED;
}

/* The IOMMU group and who else is in it: it changes hands as a whole. */
static void print_group(const char *address)
{
	char group[16], other[16], driver[64];

	if (sys_link(group, sizeof(group), DEVICE "iommu_group", address))
		return;
	printf("IOMMU group %s\n", group);
	for (unsigned i = 0;
	     !sys_entry(other, sizeof(other), i, "s:kernel/iommu_groups/%s/devices", group); i++) {
		if (!strcmp(other, address))
			continue;
		sys_link(driver, sizeof(driver), DEVICE "driver", other);
		printf("  also in it: %s (%s)%s%s\n", other, *driver ? driver : "no driver",
		       !*driver || is_ours(driver) || !strcmp(driver, "pcieport")
			       ? ""
			       : "; bind it too, or VFIO refuses the group: nicety bind ",
		       !*driver || is_ours(driver) || !strcmp(driver, "pcieport") ? "" : other);
	}
}

/* Would the driver be of use? 0, or -1, said. */
static int check_iommu(const char *address, const char *driver)
{
	char group[16], type[32], unsafe[8];
	int none =
		sys_link(group, sizeof(group), DEVICE "iommu_group", address) || sys_made_up(group);

	sys_word(unsafe, sizeof(unsafe), "s:module/vfio/parameters/enable_unsafe_noiommu_mode");
	if (!strcmp(driver, "vfio-pci") && none && *unsafe != 'Y') {
		fprintf(stderr,
			"nicety: %s is behind no IOMMU, which vfio-pci wants. Turn it on in the "
			"firmware (VT-d, AMD-Vi) and boot with intel_iommu=on; or take\n"
			"  nicety bind %s uio_pci_generic\n"
			"which lets the device write to all memory\n",
			address, address);
		return -1;
	}
	sys_word(type, sizeof(type), "s:kernel/iommu_groups/%s/type", group);
	if (!strcmp(driver, "uio_pci_generic") && !none && strcmp(type, "identity")) {
		fprintf(stderr,
			"nicety: an IOMMU translates for %s, so that physical addresses mean "
			"nothing to it: nicety bind %s vfio-pci\n",
			address, address);
		return -1;
	}
	return 0;
}

static void print_rights(const char *address, const char *driver)
{
	char group[16], unsafe[8];

	if (strcmp(driver, "vfio-pci") ||
	    sys_link(group, sizeof(group), DEVICE "iommu_group", address))
		return;
	sys_word(unsafe, sizeof(unsafe), "s:module/vfio/parameters/enable_unsafe_noiommu_mode");
	if (sys_exists("d:vfio/noiommu-%s", group))
		printf("no IOMMU: open it as root, as pci:%s?noiommu\n", address);
	else
		printf("for use without root: sudo chown $USER /dev/vfio/%s\n", group);
}

static int do_bind(const char *address, const char *driver, int force, int persist)
{
	char now[64], why[256], how[SYS_PATH + 32];

	sys_link(now, sizeof(now), DEVICE "driver", address);
	if (!strcmp(now, driver)) {
		printf("%s has %s already\n", address, driver);
	} else {
		if (check_iommu(address, driver))
			return EXIT_FAILED;
		if (!force && rebind_in_use(address, why, sizeof(why))) {
			fprintf(stderr, "nicety: %s is in use: %s; or --force\n", address, why);
			return EXIT_FAILED;
		}
		if (rebind(address, driver))
			return EXIT_FAILED;
		printf("%s: %s -> %s\n", address, *now ? now : "no driver", driver);
	}
	print_group(address);
	print_rights(address, driver);
	if (persist) {
		if (rebind_persist(address, driver, how, sizeof(how)))
			return EXIT_FAILED;
		printf("%s\n", how);
	}
	return EXIT_OK;
}

static int bind_run(const struct command *cmd, int argc, char **argv)
{
	int force = 0, persist = 0, n;
	const struct option_row rows[] = {
		{ "force", 0, OPT_FLAG, &force, NULL, "also a device that is in use" },
		{ "persist", 0, OPT_FLAG, &persist, NULL, "after every boot and hotplug" },
		OPTION_END,
	};
	const char *args[2], *driver;
	char address[16];

	n = cli_parse(cmd, rows, argc, argv, args, 1, 2);
	if (n < 0)
		return cli_exit(n);
	driver = n == 2 ? args[1] : "vfio-pci";
	if (!is_ours(driver))
		return cli_fail(cmd, "driver %s: want vfio-pci or uio_pci_generic", driver);
	n = find(cmd, args[0], address);
	return n ? n : do_bind(address, driver, force, persist);
}

static int unbind_run(const struct command *cmd, int argc, char **argv)
{
	const struct option_row rows[] = { OPTION_END };
	char address[16], was[64], now[64];
	const char *args[1];
	int n = cli_parse(cmd, rows, argc, argv, args, 1, 1), forgot;

	if (n < 0)
		return cli_exit(n);
	n = find(cmd, args[0], address);
	if (n)
		return n;
	forgot = rebind_forget(address);
	if (forgot < 0)
		return EXIT_FAILED;
	if (forgot)
		printf("%s: not kept for the next boot any more\n", address);
	sys_link(was, sizeof(was), DEVICE "driver", address);
	if (*was && !is_ours(was)) {
		printf("%s belongs to the kernel's %s\n", address, was);
		return EXIT_OK;
	}
	if (rebind(address, NULL))
		return EXIT_FAILED;
	sys_link(now, sizeof(now), DEVICE "driver", address);
	printf("%s: %s -> %s\n", address, *was ? was : "no driver",
	       *now ? now : "no driver: no module of this kernel claims it");
	return EXIT_OK;
}

const struct command command_bind = {
	.name = "bind",
	.args = "ADDRESS [vfio-pci|uio_pci_generic]",
	.summary = "take a device from the kernel's driver",
	.details = "Gives a PCI function to vfio-pci (default) or uio_pci_generic, so that "
		   "nicety can open it.\n"
		   "Shows its IOMMU group and what else is in it. Refuses an interface that has "
		   "an address, a\n"
		   "route, a bridge or your ssh session on it. If something fails, the device goes "
		   "back to the\n"
		   "driver it had.",
	.run = bind_run,
};

const struct command command_unbind = {
	.name = "unbind",
	.args = "ADDRESS",
	.summary = "give a device back to the kernel's driver",
	.details = "Undoes `nicety bind`, with --persist too. A program that has the device open "
		   "is asked to\n"
		   "let go of it; the command waits until it has.",
	.run = unbind_run,
};
