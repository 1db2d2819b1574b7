/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The four functions of <string.h> that freestanding code may use; compilers want them anyway.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#if __STDC_HOSTED__
#include <string.h>
#else
#include <stddef.h>
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#endif
#endif
