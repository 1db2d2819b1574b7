/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A model as a PCI device that runs only when the benchmark says so: no model work happens inside
 * a driver's calls, tail registers are plain memory.
 */
#ifndef BENCH_DEVICE_H
#define BENCH_DEVICE_H

#include "bench/cable.h"
#include "bus/pci.h"
#include "models/model.h"

/* One model and its machine, however it was made: by device_new, or by DPDK's fake bus. */
struct port {
	const struct model_class *class;
	struct model *model;
	struct model_host *host;
};

/**
 * device_new - an 82599 with address device_mac(@number), its cable plugged in.
 * @pci: the device for nic_open_pci, which closes it. @cable: what leaves goes there.
 * Return: 0 or -ENOMEM.
 */
int device_new(struct pci_dev **pci, struct port *port, unsigned number, struct cable *cable);

/** device_mac - the station address of a device. */
void device_mac(uint8_t mac[6], unsigned number);

/** device_violations - rules of the datasheet broken since the program started, all devices. */
uint64_t device_violations(void);

/** device_violation - struct model_host.violation that counts, and prints the first ones. */
void device_violation(struct model_host *host, const char *rule, const char *section,
		      const char *text);

#endif
