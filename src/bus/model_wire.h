/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One round of a model on its cable, the same for every host.
 */
#ifndef BUS_MODEL_WIRE_H
#define BUS_MODEL_WIRE_H

#include "models/model.h"
#include "wires/wire.h"

/**
 * model_wire_round - tell the model of link changes (@link: its state so far), give it frames that
 * have arrived, let it do what is due. Return: work done, 0 = idle.
 */
unsigned model_wire_round(const struct model_class *class, struct model *m, struct wire *wire,
			  int *link);

#endif
