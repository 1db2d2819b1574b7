/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Real devices: `pci:0000:03:00.0`, what may follow the address, and the backends that serve it.
 */
#ifndef BUS_REAL_H
#define BUS_REAL_H

#include "bus/kernel.h"
#include "bus/pci.h"

struct real_uri {
	char address[16]; /* "0000:03:00.0" */
	int sysfs, noiommu;
};

/** real_parse - what stands behind "pci:". 0; -EINVAL, logged with what is allowed. */
int real_parse(struct real_uri *uri, const char *rest);

/**
 * real_open - look who has the device, open it through vfio or sysfs. 0 or -errno, logged: -ENOENT
 * (no such device), -EBUSY (a kernel driver has it), and those of the two below.
 */
int real_open(struct pci_dev **out, const struct kernel *k, const char *rest, const char *name);

/**
 * vfio_open - a device that is bound to vfio-pci: by its group, or where the kernel has them by
 * device node and iommufd. 0; logged: -EACCES, -EBUSY, -EPERM (no-IOMMU), -ENOTSUP, -errno.
 */
int vfio_open(struct pci_dev **out, const struct kernel *k, const struct real_uri *uri,
	      const char *name);

/**
 * sysfs_open - a device without a kernel driver, or with uio_pci_generic; memory by physical
 * address. 0; logged: -EBUSY, -EACCES, -EPERM (kernel lockdown), -ENOTSUP (an IOMMU translates).
 */
int sysfs_open(struct pci_dev **out, const struct kernel *k, const struct real_uri *uri,
	       const char *name);

/** real_delay - struct pci_ops.delay of silicon, which goes on by itself. */
void real_delay(struct pci_dev *dev, unsigned us);

#endif
