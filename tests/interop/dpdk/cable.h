/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A cable that somebody plugs in and out while a program runs.
 */
#ifndef CABLE_H
#define CABLE_H

#include "wires/wire.h"

/**
 * cable_new - the wire @inner, plugged in as long as the file @path exists: else the link is down
 * and no frame arrives. Takes @inner over. @path lives as long as the wire. Return: the wire, NULL:
 * no memory, @inner is the caller's.
 */
struct wire *cable_new(struct wire *inner, const char *path);

#endif
