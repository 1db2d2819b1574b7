/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety doctor: the machine. Whether user-space drivers can work here at all.
 */
#include <nicety/nic.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "rebind.h"
#include "sysfs.h"

#define CAP_IPC_LOCK 14
#define MEMLOCK_MIN  (UINT64_C(64) << 20) /* rings and buffers of two ports, generously */
#define POOL         "s:kernel/mm/hugepages/hugepages-%s/"

static void hugepages(struct doctor *d)
{
	unsigned long small = sys_number(POOL "nr_hugepages", "2048kB");
	unsigned long large = sys_number(POOL "nr_hugepages", "1048576kB");
	unsigned long free_pages = sys_number(POOL "free_hugepages", "2048kB") +
				   sys_number(POOL "free_hugepages", "1048576kB");
	const char *fix = "echo 256 | sudo tee "
			  "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

	if (!small && !large)
		doctor_find(d,
			    "none are reserved: memory comes in pages of 4 KiB, which costs speed, "
			    "and is of no use to devices without an IOMMU",
			    fix);
	else if (!free_pages)
		doctor_findf(d, fix, "all %lu are in use", small + large);
}

static void memlock(struct doctor *d)
{
	char path[SYS_PATH], line[256];
	uint64_t limit = UINT64_MAX;
	FILE *f = sys_path(path, "p:self/limits") ? NULL : fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "Max locked memory", 17) && !strstr(line, "unlimited"))
			limit = strtoull(line + 17, NULL, 10);
	if (f)
		fclose(f);
	if (limit < MEMLOCK_MIN && !doctor_capable(CAP_IPC_LOCK))
		doctor_findf(d,
			     "echo \"$USER - memlock unlimited\" | sudo tee "
			     "/etc/security/limits.d/nicety.conf, then log in again "
			     "(LimitMEMLOCK=infinity in a systemd unit)",
			     "VFIO may lock only %" PRIu64 " KiB of this user's memory",
			     limit >> 10);
}

static int is_amd(void)
{
	char path[SYS_PATH], line[256];
	int amd = 0;
	FILE *f = sys_path(path, "p:cpuinfo") ? NULL : fopen(path, "re");

	while (f && !amd && fgets(line, sizeof(line), f))
		amd = strstr(line, "AuthenticAMD") != NULL;
	if (f)
		fclose(f);
	return amd;
}

/* Is there a group of an IOMMU? VFIO's unsafe mode makes up others. */
static int has_groups(void)
{
	char group[16];

	for (unsigned i = 0; !sys_entry(group, sizeof(group), i, "s:kernel/iommu_groups"); i++)
		if (!sys_made_up(group))
			return 1;
	return 0;
}

static void iommu(struct doctor *d)
{
	char line[4096] = "";
	int amd = is_amd();

	if (has_groups())
		return;
	sys_word(line, sizeof(line), "p:cmdline");
	if (strstr(line, "iommu=off"))
		doctor_find(d, "the kernel's command line turns it off (iommu=off)",
			    "take the word out of GRUB_CMDLINE_LINUX in /etc/default/grub, sudo "
			    "update-grub, reboot");
	else if (!amd && !doctor_cmdline("intel_iommu"))
		doctor_find(d,
			    "there is none at work, and the kernel was not told to use one: no "
			    "device can be opened through VFIO",
			    "turn VT-d on in the firmware, add intel_iommu=on iommu=pt to "
			    "GRUB_CMDLINE_LINUX in /etc/default/grub, sudo update-grub, reboot");
	else
		doctor_find(d,
			    "there is none at work though the kernel would use it: no device can "
			    "be opened through VFIO",
			    amd ? "turn IOMMU (AMD-Vi) on in the firmware"
				: "turn VT-d on in the firmware");
}

static void modules(struct doctor *d)
{
	if (!sys_exists("s:bus/pci/drivers/vfio-pci"))
		doctor_find(d, "vfio-pci is not loaded",
			    "sudo modprobe vfio-pci; echo vfio-pci | sudo tee "
			    "/etc/modules-load.d/vfio-pci.conf");
	if (sys_exists("s:bus/pci/drivers/vfio-pci") && !sys_exists("s:module/vfio_iommu_type1") &&
	    !sys_exists("d:iommu"))
		doctor_find(d, "VFIO has no IOMMU driver: vfio_iommu_type1 is not loaded",
			    "sudo modprobe vfio_iommu_type1");
}

static void noiommu(struct doctor *d)
{
	char value[8];

	sys_word(value, sizeof(value), "s:module/vfio/parameters/enable_unsafe_noiommu_mode");
	if (*value == 'Y')
		doctor_note(d,
			    "VFIO's unsafe mode is on: devices opened with ?noiommu can write to "
			    "all memory",
			    "echo 0 | sudo tee "
			    "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
}

static void lockdown(struct doctor *d)
{
	char value[64];

	sys_word(value, sizeof(value), "s:kernel/security/lockdown");
	if (strstr(value, "[integrity]") || strstr(value, "[confidentiality]"))
		doctor_note(d,
			    "the kernel is locked down (Secure Boot): devices without an IOMMU "
			    "cannot be opened",
			    "use vfio-pci with an IOMMU, or turn Secure Boot off");
}

/* Every controller that could be opened, and what is in the way: with its address doctor says more.
 */
static void devices(struct doctor *d)
{
	char address[16], driver[64], why[256], cause[320], fix[320];

	for (unsigned i = 0; !sys_entry(address, sizeof(address), i, "s:bus/pci/devices"); i++) {
		unsigned long vendor = sys_number("s:bus/pci/devices/%s/vendor", address);
		unsigned long id = sys_number("s:bus/pci/devices/%s/device", address);

		if (*d->address || !nic_supported((uint16_t)vendor, (uint16_t)id, NULL, NULL))
			continue;
		sys_link(driver, sizeof(driver), "s:bus/pci/devices/%s/driver", address);
		if (!strcmp(driver, "vfio-pci") || !strcmp(driver, "uio_pci_generic"))
			snprintf(fix, sizeof(fix), "nothing; nicety doctor %s looks closer",
				 address);
		else if (rebind_in_use(address, why, sizeof(why)))
			snprintf(fix, sizeof(fix), "it is in use: %.200s", why);
		else
			snprintf(fix, sizeof(fix), "sudo nicety bind %s", address);
		snprintf(cause, sizeof(cause), "%s has %s", address,
			 *driver ? driver : "no driver");
		doctor_note(d, cause, fix);
	}
}

const struct doctor_check doctor_machine[] = {
	{ "hugepages", hugepages }, { "memlock", memlock }, { "iommu", iommu },
	{ "modules", modules },     { "noiommu", noiommu }, { "lockdown", lockdown },
	{ "devices", devices },     { NULL, NULL },
};
