/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `link-flap:100ms`, `stuck-queue:tx0@1s`: how faults are written in URIs and on command lines.
 */
#ifndef BUS_MODEL_FAULT_H
#define BUS_MODEL_FAULT_H

#include "models/faults.h"

/**
 * model_fault_parse - add the faults of @text, a comma-separated list of NAME[:PARAM][@TIME], to
 * @faults, whose inner class is set. @text is changed. 0, -EINVAL (logged with what is allowed).
 */
int model_fault_parse(struct model_faults *faults, char *text);

#endif
