/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Binding and unbinding on a made-up kernel: a tree of files, and a few rules of what happens when
 * one is written to. Every failure leaves the device with the driver it had.
 */
#define _GNU_SOURCE
#include "fake_tree.h"

#include <errno.h>

#include "rebind.h"
#include "sysfs.h"

#define ADDR "0000:03:00.0"
#define DEV  "sys/bus/pci/devices/" ADDR "/"

static struct {
	const char *refuses;  /* this driver's probe fails */
	const char *no_write; /* writing to what ends with it fails */
	unsigned unbinds;
} kernel;

static int ends_with(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

static int loaded(const char *driver)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/bus/pci/drivers/%s", driver);
	return access(tree_path(path), F_OK) == 0;
}

/* The driver that an override names, or the one made for the device. */
static void probe(void)
{
	char override[64], target[128];

	if (access(tree_path(DEV "driver"), F_OK) == 0)
		return;
	snprintf(override, sizeof(override), "%.63s", tree_read(DEV "driver_override"));
	override[strcspn(override, "\n")] = 0;
	if (!*override || !strcmp(override, "(null)"))
		strcpy(override, "ixgbe");
	if (!loaded(override) || (kernel.refuses && !strcmp(kernel.refuses, override)))
		return;
	snprintf(target, sizeof(target), "%s", tree_path("sys/bus/pci/drivers/"));
	strcat(target, override);
	tree_link(DEV "driver", target);
}

static int fake_write(const char *path, const char *text)
{
	FILE *f;

	if (kernel.no_write && ends_with(path, kernel.no_write))
		return -EACCES;
	if (ends_with(path, "driver/unbind")) {
		assert_string_equal(text, ADDR);
		kernel.unbinds++;
		unlink(tree_path(DEV "driver"));
		return 0;
	}
	if (ends_with(path, "drivers_probe")) {
		assert_string_equal(text, ADDR);
		probe();
		return 0;
	}
	if (ends_with(path, "remove_id") && access(path, F_OK))
		return -ENOENT;
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return 0;
}

static const char *driver(void)
{
	static char now[64];

	sys_link(now, sizeof(now), "s:bus/pci/devices/%s/driver", ADDR);
	return now;
}

static void program(const char *name, const char *script)
{
	tree_text(name, script);
	chmod(tree_path(name), 0700);
}

static int new_kernel(void **state)
{
	if (tree_new(state))
		return -1;
	memset(&kernel, 0, sizeof(kernel));
	sys_write_file = fake_write;
	setenv("NICETY_SYSFS", tree_path("sys"), 1);
	setenv("NICETY_PROC", tree_path("proc"), 1);
	setenv("NICETY_ETC", tree_path("etc"), 1);
	setenv("PATH", tree_path("bin"), 1);
	tree_text(DEV "vendor", "0x8086\n");
	tree_text(DEV "device", "0x10fb\n");
	tree_text(DEV "modalias", "pci:v00008086d000010FB\n");
	tree_text(DEV "driver_override", "(null)\n");
	tree_text("sys/bus/pci/drivers/ixgbe/unbind", "");
	tree_text("sys/bus/pci/drivers/vfio-pci/unbind", "");
	tree_text("etc/udev/rules.d/x", "");
	tree_text("bin/x", "");
	probe();
	assert_string_equal(driver(), "ixgbe");
	return 0;
}

static void there_and_back(void **state)
{
	(void)state;
	assert_int_equal(rebind(ADDR, "vfio-pci"), 0);
	assert_string_equal(driver(), "vfio-pci");
	assert_string_equal(tree_read(DEV "driver_override"), "vfio-pci\n");
	assert_int_equal(rebind(ADDR, NULL), 0);
	assert_string_equal(driver(), "ixgbe");
	assert_string_equal(tree_read(DEV "driver_override"), "\n");
}

static void refusal_puts_everything_back(void **state)
{
	(void)state;
	kernel.refuses = "vfio-pci";
	assert_int_equal(rebind(ADDR, "vfio-pci"), -1);
	assert_string_equal(driver(), "ixgbe");
	assert_string_equal(tree_read(DEV "driver_override"), "\n");
}

static void no_rights_changes_nothing(void **state)
{
	static const char *const files[] = { "driver_override", "driver/unbind", "drivers_probe" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		kernel.no_write = files[i];
		assert_int_equal(rebind(ADDR, "vfio-pci"), -1);
		assert_string_equal(driver(), "ixgbe");
		assert_true(strstr(tree_read(DEV "driver_override"), "vfio") == NULL);
	}
	assert_int_equal(kernel.unbinds, 0);
}

static void its_id_is_taken_from_a_driver_that_got_it(void **state)
{
	static const char remove_id[] = "sys/bus/pci/drivers/vfio-pci/remove_id";

	(void)state;
	tree_text(remove_id, "");
	assert_int_equal(rebind(ADDR, "vfio-pci"), 0);
	assert_string_equal(tree_read(remove_id), "");
	assert_int_equal(rebind(ADDR, NULL), 0);
	assert_string_equal(driver(), "ixgbe");
	assert_string_equal(tree_read(remove_id), "0x8086 0x10fb");
}

static void device_without_driver_stays_without(void **state)
{
	(void)state;
	unlink(tree_path(DEV "driver"));
	kernel.refuses = "vfio-pci";
	assert_int_equal(rebind(ADDR, "vfio-pci"), -1);
	assert_string_equal(driver(), "");
}

static void module_is_loaded_when_missing(void **state)
{
	char script[512];

	(void)state;
	assert_int_equal(rebind(ADDR, "uio_pci_generic"), -1); /* no modprobe at all */
	assert_string_equal(driver(), "ixgbe");
	program("bin/modprobe", "#!/bin/sh\nexit 1\n");
	assert_int_equal(rebind(ADDR, "uio_pci_generic"), -1);
	assert_string_equal(driver(), "ixgbe");
	snprintf(script, sizeof(script), "#!/bin/sh\n/bin/mkdir -p %s/sys/bus/pci/drivers/$1\n",
		 tree);
	program("bin/modprobe", script);
	assert_int_equal(rebind(ADDR, "uio_pci_generic"), 0);
	assert_string_equal(driver(), "uio_pci_generic");
}

static void own_driver_is_loaded_by_its_alias(void **state)
{
	char script[512];

	(void)state;
	assert_int_equal(rebind(ADDR, "vfio-pci"), 0);
	unlink(tree_path("sys/bus/pci/drivers/ixgbe/unbind"));
	rmdir(tree_path("sys/bus/pci/drivers/ixgbe"));
	snprintf(script, sizeof(script),
		 "#!/bin/sh\n[ $2 = pci:v00008086d000010FB ] && /bin/mkdir -p "
		 "%s/sys/bus/pci/drivers/ixgbe\n",
		 tree);
	program("bin/modprobe", script);
	assert_int_equal(rebind(ADDR, NULL), 0);
	assert_string_equal(driver(), "ixgbe");
}

static void rule_is_written_and_removed(void **state)
{
	static const char rule[] = "etc/udev/rules.d/10-nicety-" ADDR ".rules";
	char how[600];

	(void)state;
	assert_int_equal(rebind_persist(ADDR, "vfio-pci", how, sizeof(how)), 0);
	assert_non_null(strstr(how, rule));
	assert_non_null(strstr(tree_read(rule), "KERNEL==\"" ADDR "\""));
	assert_non_null(strstr(tree_read(rule) + 60, "ATTR{driver_override}=\"vfio-pci\""));
	/* What a driver that was there first is made to do; udev itself reads it in make interop.
	 */
	assert_non_null(
		strstr(tree_read(rule) + 60, "echo " ADDR " >devices/" ADDR "/driver/unbind"));
	assert_int_equal(rebind_forget(ADDR), 1);
	assert_int_equal(access(tree_path(rule), F_OK), -1);
	assert_int_equal(rebind_forget(ADDR), 0);
}

static void driverctl_is_used_where_it_is(void **state)
{
	char how[600], script[512];

	(void)state;
	snprintf(script, sizeof(script), "#!/bin/sh\necho \"$@\" >>%s/calls\n", tree);
	program("bin/driverctl", script);
	assert_int_equal(rebind_persist(ADDR, "vfio-pci", how, sizeof(how)), 0);
	assert_string_equal(tree_read("calls"), "set-override " ADDR " vfio-pci\n");
	tree_text("etc/driverctl.d/pci-" ADDR, "vfio-pci");
	unlink(tree_path("calls"));
	assert_int_equal(rebind_forget(ADDR), 1);
	assert_string_equal(tree_read("calls"), "unset-override " ADDR "\n");
	program("bin/driverctl", "#!/bin/sh\nexit 1\n");
	assert_int_equal(rebind_persist(ADDR, "vfio-pci", how, sizeof(how)), -1);
	assert_int_equal(rebind_forget(ADDR), -1);
}

/* ---- in use ---- */

static int used(const char *text)
{
	char why[256] = "";
	int in_use = rebind_in_use(ADDR, why, sizeof(why));

	if (in_use && text && !strstr(why, text))
		fail_msg("'%s' does not say: %s", why, text);
	return in_use;
}

static void addresses_bridges_and_sessions(void **state)
{
	(void)state;
	assert_false(used(NULL));
	tree_text(DEV "net/nosuchif/flags", "0x1003");
	assert_false(used(NULL));
	tree_link(DEV "net/nosuchif/master", "../../br0");
	assert_true(used("a port of br0"));
	unlink(tree_path(DEV "net/nosuchif/master"));
	/* The one interface that every machine has an address on. */
	tree_text(DEV "net/lo/flags", "0x9");
	unsetenv("SSH_CONNECTION");
	assert_true(used("lo has the address"));
	setenv("SSH_CONNECTION", "192.0.2.9 5555 127.0.0.1 22", 1);
	assert_true(used("your ssh session comes in by lo"));
	unsetenv("SSH_CONNECTION");
}

static void routes(void **state)
{
	(void)state;
	tree_text(DEV "net/nosuchif/flags", "0x1003");
	tree_text("proc/net/route", "Iface\tDestination\nother\t00000000\t0\n");
	tree_text("proc/net/ipv6_route", "ff000000000000000000000000000000 08 00 nosuchif\n"
					 "fe800000000000000000000000000000 40 00 nosuchif\n");
	assert_false(used(NULL));
	tree_text("proc/net/route", "Iface\tDestination\nnosuchif\t00000000\t0\n");
	assert_true(used("routes lead through nosuchif"));
	tree_text("proc/net/route", "");
	tree_text("proc/net/ipv6_route", "20010db8000000000000000000000000 40 00 nosuchif\n");
	assert_true(used("routes lead through nosuchif"));
}

static void virtual_functions(void **state)
{
	(void)state;
	tree_text(DEV "sriov_numvfs", "2\n");
	assert_true(used("virtual functions"));
	tree_text(DEV "sriov_numvfs", "0\n");
	assert_false(used(NULL));
}

static void addresses_are_parsed(void **state)
{
	static const char *const bad[] = {
		"",        "03:00",     "03:00.8",           "0000:03:00.00",
		"x0:00.0", "0003:00.0", "0000:03:00.0?sysfs"
	};
	char full[16];

	(void)state;
	assert_int_equal(sys_address(full, "0A:1f.7"), 0);
	assert_string_equal(full, "0000:0a:1f.7");
	assert_int_equal(sys_address(full, "pci:0001:03:00.0"), 0);
	assert_string_equal(full, "0001:03:00.0");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sys_address(full, bad[i]), -1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, new_kernel, tree_del)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(there_and_back),
		T(refusal_puts_everything_back),
		T(no_rights_changes_nothing),
		T(its_id_is_taken_from_a_driver_that_got_it),
		T(device_without_driver_stays_without),
		T(module_is_loaded_when_missing),
		T(own_driver_is_loaded_by_its_alias),
		T(rule_is_written_and_removed),
		T(driverctl_is_used_where_it_is),
		T(addresses_bridges_and_sessions),
		T(routes),
		T(virtual_functions),
		T(addresses_are_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
