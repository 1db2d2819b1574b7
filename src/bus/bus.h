/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The bus backends, as nic.c opens them.
 */
#ifndef BUS_BUS_H
#define BUS_BUS_H

#include "bus/pci.h"

struct bus {
	const char *scheme; /* of the URI, without colon */
	/* Open what stands behind "scheme:". 0 or -errno, logged. @name lives as long as the
	 * device. */
	int (*open)(struct pci_dev **out, const char *rest, const char *name);
};

/** bus_is_address - does @uri name a PCI device by its bare address? Then "pci:" is left out. */
int bus_is_address(const char *uri);
/** bus_is_physical - does nobody translate addresses for the device behind "pci:" @rest? */
int bus_is_physical(const char *rest);

extern const struct bus bus_model, bus_pci, bus_qtest, bus_vfio_user;

/** trace_wrap - print every register access of @inner by name, to stderr. NULL: no memory. */
struct pci_dev *trace_wrap(struct pci_dev *inner);

#endif
