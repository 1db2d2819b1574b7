/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The BAR of a model as memory that a driver reads and writes with plain instructions.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct pci_dev;

struct window {
	struct pci_dev *dev;
	int (*is_tail)(uint32_t off);
	size_t size;
	uint8_t *driver; /* trapping; what the driver gets */
	uint32_t *tails; /* the same memory, never trapping; what the model polls */

	pthread_mutex_t lock; /* taken by the fault handler only: no fault happens inside */
	int open;             /* atomic: the tails' pages do not trap */
	unsigned only_tails;  /* accesses to tails since the last other one */
	uint64_t other_at;    /* ns: that other one */
	uint64_t last_at;     /* ns: the last trap; for models without a thread */
	int follow_time;      /* such a model */
	uint64_t traps;       /* atomic */
	uint64_t opened;      /* atomic: how often */
	uint64_t missed;      /* atomic: writes to other registers while the tails were open */
	uint8_t *used;        /* a bit for each register: 1 read, 2 written */
};

/**
 * window_new - make the memory of @w. @dev, @is_tail, @size and @follow_time are set.
 * Return: 0 or -errno, logged.
 */
int window_new(struct window *w);
void window_del(struct window *w);

#endif
