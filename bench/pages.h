/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Hugepages for all drivers alike: reserved for the run if the system lets us.
 */
#ifndef BENCH_PAGES_H
#define BENCH_PAGES_H

#include <stddef.h>

/** pages_reserve - have @bytes of free 2 MiB pages, if possible; pages_restore - as it was. */
void pages_reserve(size_t bytes);
void pages_restore(void);

/** pages_free - bytes of free 2 MiB pages. */
size_t pages_free(void);

#endif
