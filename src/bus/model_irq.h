/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a kernel does in a function's configuration space and MSI-X table to route its interrupts,
 * done to a model by whoever hosts it.
 */
#ifndef BUS_MODEL_IRQ_H
#define BUS_MODEL_IRQ_H

#include "bus/pci.h"
#include "models/model.h"

#define MODEL_VECTORS 64

/**
 * model_irq_route - vectors @first to @first + @n - 1 of @type go to @fds[vector] (-1: masked), of
 * an array of MODEL_VECTORS. The type is on while any of its vectors has a descriptor.
 */
void model_irq_route(const struct model_class *class, struct model *m, enum pci_irq type,
		     unsigned first, unsigned n, const int *fds);

/** model_irq_count - how many vectors of @type the function has. */
unsigned model_irq_count(const struct model_class *class, struct model *m, enum pci_irq type);

#endif
