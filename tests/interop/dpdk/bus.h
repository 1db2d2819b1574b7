/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of fakepci: fakepci.c (model and its memory), bus.c (DPDK's PCI bus), sysfs.c (what
 * the bus scans).
 */
#ifndef BUS_H
#define BUS_H

#include "bus/inproc.h"
#include "fakepci.h"
#include "window.h"

struct rule {
	const char *name, *section, *text;
	uint64_t count;
};

#define RULES 64

struct fakepci {
	struct fakepci *next;
	char name[16]; /* 0000:5e:00.0 */
	struct pci_dev *dev;
	struct inproc *machine; /* the same */
	uint32_t *old_doorbells;
	struct window window;
	struct rule rules[RULES]; /* under the machine's lock */
	unsigned n_rules;
	int irq_fd;
	int probed;
};

extern struct fakepci *fakepci_all;

/* sysfs.c */
/** sysfs_add - what the bus reads of @f, in a folder of its own. 0 or -errno, logged. */
int sysfs_add(struct fakepci *f);
void sysfs_del(struct fakepci *f);

/* bus.c */
/** hook_drivers - enter the probe functions of all drivers for @f. 0 or -errno, logged. */
int hook_drivers(struct fakepci *f);
/** unhook_drivers - leave all. */
void unhook_drivers(void);

#endif
