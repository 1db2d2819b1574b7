/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which instruction set the packet path may use.
 */
#ifndef ISA_H
#define ISA_H

#include "drivers/driver.h"

/**
 * isa_pick - the best that this processor has, or what the environment's NICETY_ISA asks for
 * (c, sse, avx2, avx512, neon). Return: 0; -EINVAL (no such name), -ENOTSUP (not this processor's,
 * or a build with ThreadSanitizer, which sees plain C only), both logged with what there is.
 */
int isa_pick(enum isa *out);

#endif
