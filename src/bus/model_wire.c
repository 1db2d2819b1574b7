/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One round of a model on its cable.
 */
#include "bus/model_wire.h"

#define BURST 64 /* frames from the wire in one round */

unsigned model_wire_round(const struct model_class *class, struct model *m, struct wire *wire,
			  int *link)
{
	int up = wire->ops->link(wire);
	struct wire_frame f;
	unsigned n = 0;

	if (up != *link) {
		*link = up;
		class->wire_link(m, up);
	}
	while (n < BURST && wire->ops->peek(wire, &f) > 0) {
		if (class->wire_rx(m, f.data, f.len, wire->patient, f.bad) == MODEL_RX_WAIT)
			break;
		wire->ops->take(wire);
		n++;
	}
	return n + class->run(m);
}
