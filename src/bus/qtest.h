/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A running QEMU as a machine whose processor we are: its qtest socket, shared by the devices that
 * are opened there. qtest_machine.c has the machine, qtest.c the devices (struct pci_ops),
 * qtest_irq.c their interrupts.
 */
#ifndef BUS_QTEST_H
#define BUS_QTEST_H

#include <pthread.h>

#include "bus/pci.h"

#define QTEST_VECTORS 64u /* of one function */

struct qtest {
	struct qtest *next; /* of all in this process; qtest_machine.c's lock */
	unsigned users;
	char *path;
	pthread_mutex_t lock; /* one command, or one sequence of them, at a time */
	int fd;
	int timeout_ms;
	int gone;         /* atomic */
	uint64_t stepped; /* ns of our time when the clock was moved last */
	char line[256];   /* received, not yet a whole line */
	size_t have;
	int ram_fd;
	uint64_t low,
		high; /* RAM below and above 4 GiB; they lie in the file one behind the other */
	le32 *mail;   /* where functions send their MSI messages: .. */
	struct pci_dma_file file;
};

/** qtest_open - the machine at socket @path with RAM in file @ram. 0; -errno, logged. */
int qtest_open(struct qtest **out, const char *path, const char *ram, int timeout_ms);
void qtest_close(struct qtest *q);

/** qtest_read, qtest_write - memory or registers at a physical address. -ENODEV: QEMU is gone. */
int qtest_read(struct qtest *q, uint64_t address, uint32_t *value);
int qtest_write(struct qtest *q, uint64_t address, uint32_t value);
/** qtest_config_read, _write - 1, 2 or 4 bytes, aligned, of bus (8 bits), device (5), function. */
int qtest_config_read(struct qtest *q, unsigned bdf, unsigned off, unsigned size, uint32_t *value);
int qtest_config_write(struct qtest *q, unsigned bdf, unsigned off, unsigned size, uint32_t value);
/** qtest_step - let @ns pass in the machine. */
void qtest_step(struct qtest *q, uint64_t ns);
/** qtest_catch_up - let its time pass as ours has, a hundred times as fast. */
void qtest_catch_up(struct qtest *q);

/* Each function has a place for each vector: QEMU stores a message there, we look and clear. */
uint64_t qtest_mail_address(unsigned bdf, unsigned vector);
le32 *qtest_mail(struct qtest *q, unsigned bdf, unsigned vector);

struct qtest_dev {
	struct pci_dev dev;
	struct qtest *q;
	unsigned bdf, port; /* port: of the bridge before it, 0: none */
	uint32_t window;
	uint32_t bars[6]; /* physical addresses, 0: none */
	enum pci_irq irq_type;
	int irq_fds[QTEST_VECTORS];
	int intx_masked; /* it fired, and was not unmasked yet */
};

/* qtest_irq.c */
int qtest_irq_set(struct qtest_dev *d, enum pci_irq type, unsigned first, unsigned n,
		  const int *fds);
/** qtest_irq_collect - signal what the device has sent since the last look. */
void qtest_irq_collect(struct qtest_dev *d);

#endif
