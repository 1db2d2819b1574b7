/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A folder like /sys/bus/pci/devices with our functions only. DPDK scans the one that the
 * environment variable SYSFS_PCI_DEVICES names.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "bus.h"

enum { CONFIG_CLASS = 0x08, CONFIG_SUBSYSTEM = 0x2c };

#define BAR_FLAGS 0x40200 /* memory, 32 bits: include/linux/ioport.h of Linux */

static char root[64];

static int put(const struct fakepci *f, const char *file, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int put(const struct fakepci *f, const char *file, const char *format, ...)
{
	char path[128];
	va_list args;
	FILE *to;
	int ok;

	snprintf(path, sizeof(path), "%s/%s/%s", root, f->name, file);
	to = fopen(path, "w");
	if (!to)
		return -errno;
	va_start(args, format);
	ok = vfprintf(to, format, args) > 0;
	va_end(args);
	return fclose(to) || !ok ? -EIO : 0;
}

static uint32_t config32(struct fakepci *f, unsigned off)
{
	le32 v = { 0 };

	f->dev->ops->config_read(f->dev, off, &v, sizeof(v));
	return from_le32(v);
}

static int write_files(struct fakepci *f)
{
	uint32_t class = config32(f, CONFIG_CLASS) >> 8, sub = config32(f, CONFIG_SUBSYSTEM);
	char path[128];
	int err = 0;

	snprintf(path, sizeof(path), "%s/%s", root, f->name);
	if (mkdir(path, 0700))
		return -errno;
	err |= put(f, "vendor", "0x%04x\n", f->dev->vendor);
	err |= put(f, "device", "0x%04x\n", f->dev->device);
	err |= put(f, "subsystem_vendor", "0x%04x\n", sub & 0xffff);
	err |= put(f, "subsystem_device", "0x%04x\n", sub >> 16);
	err |= put(f, "class", "0x%06x\n", class);
	err |= put(f, "numa_node", "0\n");
	err |= put(f, "resource", "0x%016x 0x%016zx 0x%016x\n%s%s%s%s%s", 0, f->window.size - 1,
		   BAR_FLAGS, "0x0 0x0 0x0\n", "0x0 0x0 0x0\n", "0x0 0x0 0x0\n", "0x0 0x0 0x0\n",
		   "0x0 0x0 0x0\n");
	/* Without a driver the bus passes over a function. With a name that it does not know it
	 * neither maps the BAR itself nor insists on physical addresses. */
	snprintf(path, sizeof(path), "%s/%s/driver", root, f->name);
	if (symlink("../drivers/nicety", path))
		err = -errno;
	return err ? -EIO : 0;
}

int sysfs_add(struct fakepci *f)
{
	const char *tmp = getenv("TMPDIR");
	int err;

	if (!root[0]) {
		snprintf(root, sizeof(root), "%s/nicety-pci.XXXXXX", tmp && *tmp ? tmp : P_tmpdir);
		if (!mkdtemp(root)) {
			err = -errno;
			log_error("cannot make %s: %s; name a folder in TMPDIR", root,
				  strerror(-err));
			root[0] = 0;
			return err;
		}
		setenv("SYSFS_PCI_DEVICES", root, 1);
	}
	err = write_files(f);
	if (err) {
		log_error("cannot write below %s: is the disk full?", root);
		sysfs_del(f);
	}
	return err;
}

void sysfs_del(struct fakepci *f)
{
	static const char *const files[] = { "vendor", "device",    "subsystem_vendor",
					     "class",  "numa_node", "subsystem_device",
					     "driver", "resource",  "" };
	char path[128];

	for (unsigned i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", root, f->name, files[i]);
		if (remove(path) && errno != ENOENT)
			log_warn("cannot remove %s: %s", path, strerror(errno));
	}
	if (!rmdir(root)) { /* it was the last one */
		root[0] = 0;
		unsetenv("SYSFS_PCI_DEVICES");
	}
}
