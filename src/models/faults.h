/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults on purpose: a layer between a model and its host, itself a model. What it does, any host
 * and any chip can have; no chip's code knows of it. Freestanding.
 */
#ifndef MODELS_FAULTS_H
#define MODELS_FAULTS_H

#include "models/model.h"

#define MAX_FAULTS 8u

enum fault_kind {
	FAULT_LINK_FLAP,   /* the cable is out for the second half of every @period_ns */
	FAULT_DMA_ERROR,   /* every @nth access of the device to memory fails */
	FAULT_STUCK_QUEUE, /* the tail register at @tail takes no writes */
	FAULT_REMOVE,      /* the function is gone: reads all ones, does nothing */
	FAULT_IRQ_STORM,   /* all vectors are signalled every @period_ns */
};

struct fault {
	enum fault_kind kind;
	uint64_t after_ns; /* begins so long after the first register access since reset */
	uint64_t period_ns;
	uint64_t nth;
	uint32_t tail; /* offset in BAR0 */
};

struct model_faults {
	const struct model_class *inner; /* the chip that has them */
	struct fault list[MAX_FAULTS];
	unsigned n;
};

/**
 * faults_class - make @out the class of a model that has @faults, which must outlive it. Its
 * instances need struct model_options.faults = @faults.
 */
void faults_class(struct model_class *out, const struct model_faults *faults);

#endif
