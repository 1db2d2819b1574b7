/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The in-process backend's device, shared by its files: inproc.c (struct pci_ops, open),
 * inproc_machine.c (what a model sees of the machine, running it).
 */
#ifndef BUS_INPROC_H
#define BUS_INPROC_H

#include <pthread.h>

#include "bus/bus.h"
#include "bus/model_irq.h"
#include "bus/model_uri.h"
#include "models/model.h"
#include "wires/wire.h"

struct mapping {
	uint64_t iova;
	size_t len;
	char *va;
};

struct inproc {
	struct pci_dev dev;
	struct model_host host;
	const struct model_class *class;
	struct model *model;
	struct wire *wire;
	struct model_uri uri;
	int link;
	int wire_fd;

	struct mapping *maps;
	unsigned n_maps, room_maps;

	enum pci_irq irq_type;
	int irq_fds[MODEL_VECTORS];

	int threaded;
	uint64_t clock; /* synchronous: ns */
	uint64_t ticks; /* atomic; synchronous: nic_ticks used up in the model */
	uint64_t entered;
	pthread_t thread;
	pthread_mutex_t lock;
	int stop;                       /* atomic */
	int waiting;                    /* atomic: drivers that want the lock */
	int kick;                       /* eventfd: wakes a sleeping model */
	int asleep;                     /* atomic */
	uint64_t violations, wire_lost; /* atomic */
};

static inline struct inproc *inproc_of(struct pci_dev *dev)
{
	return container_of(dev, struct inproc, dev);
}

/* inproc_machine.c */
extern const struct model_host inproc_host;
uint64_t inproc_monotonic_ns(void);
void inproc_signal(int fd);
/** inproc_step - one round: link changes, frames from the wire, what is due. Return: work done. */
unsigned inproc_step(struct inproc *p);
void *inproc_thread(void *arg);
/** inproc_enter, inproc_leave - around every use of the model by a driver's thread. */
void inproc_enter(struct inproc *p);
void inproc_leave(struct inproc *p);

#endif
