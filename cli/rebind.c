/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Moving a PCI function from one kernel driver to another: driver_override, unbind, drivers_probe
 * (kernel: ABI/testing/sysfs-bus-pci).
 */
#include "rebind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sysfs.h"

#define DEVICE "s:bus/pci/devices/%s/"
#define RULE   "e:udev/rules.d/10-nicety-%s.rules"

static int say(const char *what, const char *address, int err)
{
	fprintf(stderr, "nicety: %s of %s: %s%s\n", what, address, strerror(-err),
		err == -EACCES || err == -EPERM ? "; run it as root" : "");
	return -1;
}

static void bound_to(const char *address, char *driver, size_t room)
{
	sys_link(driver, room, DEVICE "driver", address);
}

/* An empty line clears an override; "(null)" is how the kernel writes none. */
static int override(const char *address, const char *driver)
{
	char text[80];

	snprintf(text, sizeof(text), "%s\n", strcmp(driver, "(null)") ? driver : "");
	return sys_write(text, DEVICE "driver_override", address);
}

/* Take the device from its driver, if it has one, and let the drivers that may have it look. */
static int move(const char *address)
{
	int err = 0;

	if (sys_exists(DEVICE "driver", address))
		err = sys_write(address, DEVICE "driver/unbind", address);
	if (err)
		return say("unbinding", address, err);
	err = sys_write(address, "s:bus/pci/drivers_probe");
	return err ? say("looking for a driver", address, err) : 0;
}

/* driverctl and many a recipe add the device's id to @driver, which then competes with its own. */
static void forget_id(const char *address, const char *driver)
{
	char vendor[16], device[16], text[40];

	if (sys_word(vendor, sizeof(vendor), DEVICE "vendor", address) ||
	    sys_word(device, sizeof(device), DEVICE "device", address))
		return;
	snprintf(text, sizeof(text), "%s %s", vendor, device);
	sys_write(text, "s:bus/pci/drivers/%s/remove_id", driver); /* ENODEV: it was not there */
}

/* Its own driver may be a module that is not loaded. */
static void load_own_driver(const char *address)
{
	char alias[256];

	if (!sys_word(alias, sizeof(alias), DEVICE "modalias", address) && *alias)
		sys_run((const char *const[]) { "modprobe", "-q", alias, NULL });
}

static int load(const char *driver)
{
	const char *const argv[] = { "modprobe", driver, NULL };

	if (sys_exists("s:bus/pci/drivers/%s", driver))
		return 0;
	sys_run(argv);
	if (sys_exists("s:bus/pci/drivers/%s", driver))
		return 0;
	fprintf(stderr, "nicety: this kernel has no driver %s: `modprobe %s` did not help%s\n",
		driver, driver,
		strcmp(driver, "vfio-pci") ? "" : "; it must be built with CONFIG_VFIO_PCI");
	return -1;
}

int rebind(const char *address, const char *driver)
{
	char was[64], old[64], now[64];
	int err;

	if (driver && load(driver))
		return -1;
	bound_to(address, was, sizeof(was));
	sys_word(old, sizeof(old), DEVICE "driver_override", address);
	if (!driver && *was)
		forget_id(address, was);
	err = override(address, driver ? driver : "");
	if (err)
		return say("the driver_override", address, err);
	err = move(address);
	bound_to(address, now, sizeof(now));
	if (!err && !driver && !*now) {
		load_own_driver(address);
		sys_write(address, "s:bus/pci/drivers_probe");
		return 0;
	}
	if (!err && (!driver || !strcmp(now, driver)))
		return 0;
	if (!err)
		fprintf(stderr,
			"nicety: %s does not take %s; the kernel's log says why: dmesg | tail\n",
			driver, address);
	/* As it was: a driver that had the device gets it back by name. */
	override(address, *was ? was : old);
	if (strcmp(now, was))
		move(address);
	override(address, old);
	bound_to(address, now, sizeof(now));
	if (strcmp(now, was))
		fprintf(stderr, "nicety: and %s did not take it back either; now it has %s\n", was,
			*now ? now : "no driver");
	return -1;
}

/* ---- after a reboot ---- */

static int write_rule(const char *address, const char *driver, const char *path)
{
	FILE *f;

	f = fopen(path, "we");
	if (!f) {
		fprintf(stderr, "nicety: %s: %s\n", path, strerror(errno));
		return -1;
	}
	/* ATTR is written while udev reads its rules, RUN comes after all of them, in their order:
	 * so the override is there before 80-drivers.rules loads what the device's id asks for. A
	 * driver that was loaded before has the device already, and is made to let go of it. */
	fprintf(f,
		"# Written by `nicety bind --persist`, removed by `nicety unbind`.\n"
		"ACTION==\"add\", SUBSYSTEM==\"pci\", KERNEL==\"%s\", "
		"ATTR{driver_override}=\"%s\", RUN{builtin}+=\"kmod load %s\", "
		"RUN+=\"/bin/sh -c 'cd /sys/bus/pci; [ -e drivers/%s/%s ] || "
		"{ echo %s >devices/%s/driver/unbind; echo %s >drivers_probe; }'\"\n",
		address, driver, driver, driver, address, address, address, address);
	if (fclose(f)) {
		fprintf(stderr, "nicety: %s: %s\n", path, strerror(errno));
		unlink(path);
		return -1;
	}
	return 0;
}

/* udev looks for changed rules every three seconds only. */
static void reload_rules(void)
{
	if (!access("/run/udev/control", F_OK))
		sys_run((const char *const[]) { "udevadm", "control", "--reload", NULL });
}

int rebind_persist(const char *address, const char *driver, char *how, size_t room)
{
	const char *const argv[] = { "driverctl", "set-override", address, driver, NULL };
	char path[SYS_PATH];
	int code = sys_run(argv);

	if (code == 0) {
		snprintf(how, room, "driverctl remembers it");
		return 0;
	}
	if (code != 127) {
		fprintf(stderr, "nicety: driverctl set-override %s %s failed\n", address, driver);
		return -1;
	}
	if (sys_path(path, RULE, address) || write_rule(address, driver, path))
		return -1;
	reload_rules();
	snprintf(how, room, "%s remembers it", path);
	return 0;
}

int rebind_forget(const char *address)
{
	const char *const argv[] = { "driverctl", "unset-override", address, NULL };
	char path[SYS_PATH];
	int done = 0;

	if (sys_exists("e:driverctl.d/pci-%s", address)) {
		if (sys_run(argv)) {
			fprintf(stderr, "nicety: driverctl unset-override %s failed\n", address);
			return -1;
		}
		done = 1;
	}
	if (!sys_path(path, RULE, address) && !access(path, F_OK)) {
		if (unlink(path)) {
			fprintf(stderr, "nicety: %s: %s\n", path, strerror(errno));
			return -1;
		}
		reload_rules();
		done = 1;
	}
	return done;
}
