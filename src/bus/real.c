/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `pci:ADDRESS`: which backend serves a real device depends on the kernel driver it is bound to.
 */
#include "bus/real.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "bus/bus.h"

/* @n hexadecimal digits, then @end. */
static int hex(const char *text, unsigned n, char end)
{
	for (unsigned i = 0; i < n; i++)
		if (!isxdigit((unsigned char)text[i]))
			return 0;
	return text[n] == end;
}

/* Characters of the address that @text begins with; 0: none. */
static size_t address_len(const char *text)
{
	size_t domain = hex(text, 4, ':') ? 5 : 0;
	const char *p = text + domain;

	if (!hex(p, 2, ':') || !hex(p + 3, 2, '.') || p[6] < '0' || p[6] > '7')
		return 0;
	return domain + 7;
}

int bus_is_address(const char *uri)
{
	size_t n = address_len(uri);

	return n && (!uri[n] || uri[n] == '?');
}

int real_parse(struct real_uri *uri, const char *rest)
{
	size_t n = address_len(rest);
	struct real_uri u = { .sysfs = 0 };
	const char *p;

	if (!n || (rest[n] && rest[n] != '?')) {
		log_error("'pci:%s': want an address such as pci:0000:03:00.0, with ?sysfs or "
			  "?noiommu; `nicety list` prints them",
			  rest);
		return -EINVAL;
	}
	snprintf(u.address, sizeof(u.address), "%s%.*s", n == 7 ? "0000:" : "", (int)n, rest);
	for (char *c = u.address; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	for (p = rest + n; *p; p += n) {
		p++; /* ? or & */
		n = strcspn(p, "&");
		if (n == 5 && !memcmp(p, "sysfs", n)) {
			u.sysfs = 1;
		} else if (n == 7 && !memcmp(p, "noiommu", n)) {
			u.noiommu = 1;
		} else {
			log_error("'pci:%s': option '%.*s' is neither 'sysfs' nor 'noiommu'", rest,
				  (int)n, p);
			return -EINVAL;
		}
	}
	if (u.sysfs && u.noiommu) {
		log_error("'pci:%s': 'noiommu' is a mode of vfio, it excludes 'sysfs'", rest);
		return -EINVAL;
	}
	*uri = u;
	return 0;
}

/* A kernel driver has the device: say which, and how to get it. */
static int taken(const struct kernel *k, const char *address, const char *driver)
{
	char interface[32];

	if (kernel_entry(interface, sizeof(interface), 0, "%s/bus/pci/devices/%s/net", k->sys,
			 address))
		log_error("%s belongs to the kernel's %s; take it over: nicety bind %s", address,
			  driver, address);
	else
		log_error("%s belongs to the kernel's %s, as interface %s; take it over: nicety "
			  "bind %s",
			  address, driver, interface, address);
	return -EBUSY;
}

static int no_driver(const char *address)
{
	log_error("%s has no kernel driver, and ?noiommu is a mode of vfio: nicety bind %s",
		  address, address);
	return -ENODEV;
}

int real_open(struct pci_dev **out, const struct kernel *k, const char *rest, const char *name)
{
	struct real_uri uri;
	char driver[64], class[16];
	int err = real_parse(&uri, rest);

	if (err)
		return err;
	err = kernel_word(k, class, sizeof(class), "%s/bus/pci/devices/%s/class", k->sys,
			  uri.address);
	if (err) {
		log_error("no PCI device %s: %s; `nicety list` prints those there are", uri.address,
			  strerror(-err));
		return err;
	}
	if (kernel_link(driver, sizeof(driver), "%s/bus/pci/devices/%s/driver", k->sys,
			uri.address))
		*driver = 0;
	if (!strcmp(driver, "vfio-pci")) {
		if (!uri.sysfs)
			return vfio_open(out, k, &uri, name);
		log_error("%s is bound to vfio-pci: open it without ?sysfs, or free it first: "
			  "nicety unbind %s",
			  uri.address, uri.address);
		return -EBUSY;
	}
	if (*driver && strcmp(driver, "uio_pci_generic"))
		return taken(k, uri.address, driver);
	return uri.noiommu ? no_driver(uri.address) : sysfs_open(out, k, &uri, name);
}

void real_delay(struct pci_dev *dev, unsigned us)
{
	struct timespec t = { us / 1000000, (long)(us % 1000000) * 1000 };

	(void)dev;
	while (nanosleep(&t, &t) && errno == EINTR)
		continue;
}

static int bus_pci_open(struct pci_dev **out, const char *rest, const char *name)
{
	struct kernel k = kernel_linux();

	return real_open(out, &k, rest, name);
}

int bus_is_physical(const char *rest)
{
	const struct kernel k = kernel_linux();
	struct real_uri uri;
	char driver[64], class[16];

	/* What is not there, or makes no sense, is for nic_open to say. */
	if (!address_len(rest) || real_parse(&uri, rest) ||
	    kernel_word(&k, class, sizeof(class), "%s/bus/pci/devices/%s/class", k.sys,
			uri.address))
		return 0;
	if (kernel_link(driver, sizeof(driver), "%s/bus/pci/devices/%s/driver", k.sys, uri.address))
		return 1;
	return uri.noiommu || !strcmp(driver, "uio_pci_generic");
}

const struct bus bus_pci = { .scheme = "pci", .open = bus_pci_open };
