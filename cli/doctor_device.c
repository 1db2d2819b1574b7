/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety doctor: one device. Who has it, who may open it, how it is plugged in.
 */
#include <nicety/nic.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor.h"
#include "rebind.h"
#include "sysfs.h"

#define DEVICE           "s:bus/pci/devices/%s/"
#define CAP_DAC_OVERRIDE 1

static int exists(const struct doctor *d)
{
	return sys_exists(DEVICE "vendor", d->address);
}

static int has_driver(const struct doctor *d, const char *name)
{
	char driver[64];

	sys_link(driver, sizeof(driver), DEVICE "driver", d->address);
	return !strcmp(driver, name);
}

static void device(struct doctor *d)
{
	unsigned long vendor = sys_number(DEVICE "vendor", d->address);
	unsigned long id = sys_number(DEVICE "device", d->address);

	if (!exists(d))
		doctor_findf(
			d, "nicety list; after plugging in: echo 1 | sudo tee /sys/bus/pci/rescan",
			"there is no %s", d->address);
	else if (!nic_supported((uint16_t)vendor, (uint16_t)id, NULL, NULL))
		doctor_findf(d, "choose another device: nicety list",
			     "nicety has no driver for the PCI id %04lx:%04lx", vendor, id);
}

static void driver(struct doctor *d)
{
	char name[64], why[256], fix[320];

	if (!exists(d))
		return;
	sys_link(name, sizeof(name), DEVICE "driver", d->address);
	snprintf(fix, sizeof(fix), "sudo nicety bind %s", d->address);
	if (!*name)
		doctor_find(d,
			    "no kernel driver has the device: it works as root only, without "
			    "interrupts, and unprotected",
			    fix);
	else if (strcmp(name, "vfio-pci") && strcmp(name, "uio_pci_generic")) {
		if (rebind_in_use(d->address, why, sizeof(why))) {
			snprintf(fix, sizeof(fix), "%.200s; then sudo nicety bind %s", why,
				 d->address);
			doctor_findf(d, fix, "the kernel's %s has the device, and it is in use",
				     name);
		} else {
			doctor_findf(d, fix, "the kernel's %s has the device", name);
		}
	}
}

/* A group changes hands as a whole; bridges may keep their driver. */
static void group(struct doctor *d)
{
	char group_name[16], other[16], name[64], fix[64];

	if (!exists(d))
		return;
	if (sys_link(group_name, sizeof(group_name), DEVICE "iommu_group", d->address)) {
		if (has_driver(d, "vfio-pci"))
			doctor_find(d, "the device is behind no IOMMU, so VFIO will not open it",
				    "nicety doctor says under iommu how to turn it on");
		return;
	}
	for (unsigned i = 0;
	     !sys_entry(other, sizeof(other), i, "s:kernel/iommu_groups/%s/devices", group_name);
	     i++) {
		sys_link(name, sizeof(name), DEVICE "driver", other);
		if (!strcmp(other, d->address) || !*name || !strncmp(name, "vfio", 4) ||
		    !strcmp(name, "pcieport"))
			continue;
		snprintf(fix, sizeof(fix), "sudo nicety bind %s", other);
		doctor_findf(d, fix,
			     "%s is in the same IOMMU group %s and belongs to the kernel's %s",
			     other, group_name, name);
	}
}

/* The numbers behind a word of /proc/self/status. Return: how many. */
static unsigned status_ids(const char *word, unsigned long *ids, unsigned room)
{
	char path[SYS_PATH], line[1024], *save;
	unsigned n = 0;
	FILE *f = sys_path(path, "p:self/status") ? NULL : fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, word, strlen(word)))
			for (char *w = strtok_r(line + strlen(word), " \t\n", &save); w && n < room;
			     w = strtok_r(NULL, " \t\n", &save))
				ids[n++] = strtoul(w, NULL, 10);
	if (f)
		fclose(f);
	return n;
}

static int may_open(const char *path)
{
	unsigned long ids[64];
	struct stat st;

	if (stat(path, &st) || doctor_capable(CAP_DAC_OVERRIDE) || (st.st_mode & 06) == 06)
		return 1;
	if (status_ids("Uid:", ids, 2) == 2 && ids[1] == st.st_uid)
		return (st.st_mode & 0600) == 0600;
	for (unsigned i = status_ids("Groups:", ids, 64); i-- > 0;)
		if (ids[i] == st.st_gid && (st.st_mode & 060) == 060)
			return 1;
	return 0;
}

static void rights(struct doctor *d)
{
	char group_name[16], path[SYS_PATH], fix[320];

	if (!exists(d) || !has_driver(d, "vfio-pci") ||
	    sys_link(group_name, sizeof(group_name), DEVICE "iommu_group", d->address) ||
	    sys_path(path, "d:vfio/%s", group_name) || may_open(path))
		return;
	snprintf(fix, sizeof(fix), "sudo chown $USER /dev/vfio/%s", group_name);
	doctor_findf(d, fix, "this user may not open /dev/vfio/%s", group_name);
}

static void addresses(struct doctor *d)
{
	char group_name[16], type[32], fix[64];

	if (!exists(d) || has_driver(d, "vfio-pci") ||
	    (sys_exists(DEVICE "driver", d->address) && !has_driver(d, "uio_pci_generic")) ||
	    sys_link(group_name, sizeof(group_name), DEVICE "iommu_group", d->address))
		return;
	sys_word(type, sizeof(type), "s:kernel/iommu_groups/%s/type", group_name);
	snprintf(fix, sizeof(fix), "sudo nicety bind %s vfio-pci", d->address);
	if (strcmp(type, "identity"))
		doctor_find(d,
			    "an IOMMU translates the device's addresses, so it must be opened "
			    "through VFIO",
			    fix);
}

static void slot(struct doctor *d)
{
	unsigned long width = sys_number(DEVICE "current_link_width", d->address);
	unsigned long most = sys_number(DEVICE "max_link_width", d->address);
	char speed[32], best[32];

	if (width && most && width < most)
		doctor_findf(d, "use a slot with more lanes, or reseat the card",
			     "its PCIe link has %lu of %lu lanes", width, most);
	sys_word(speed, sizeof(speed), DEVICE "current_link_speed", d->address);
	sys_word(best, sizeof(best), DEVICE "max_link_speed", d->address);
	if (*speed && strtod(speed, NULL) < strtod(best, NULL))
		doctor_findf(d, "use a faster slot; look for a limit in the firmware",
			     "its PCIe link runs at %s of %s", speed, best);
}

const struct doctor_check doctor_device[] = {
	{ "device", device },       { "driver", driver }, { "group", group }, { "rights", rights },
	{ "addresses", addresses }, { "slot", slot },     { NULL, NULL },
};
