/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding and printing registers of a table, for the tracer and the tools. Hosted.
 */
#ifndef REGS_LOOKUP_H
#define REGS_LOOKUP_H

#include "regs/regs.h"

/**
 * reg_find - the row that decodes BAR offset @off; @index: which register of the array (in terms
 * of the whole array, also for MORE and ALIAS rows). NULL: none.
 */
const struct reg_row *reg_find(const struct reg_table *table, uint32_t off, uint32_t *index);

/**
 * reg_format - "RXDCTL[3] = 0x02000000 ENABLE" into @buf; fields that are zero are left out,
 * those wider than a bit have their value. An unknown offset: "0x01234 = 0x…".
 */
void reg_format(const struct reg_table *table, uint32_t off, uint32_t value, char *buf,
		size_t size);

#endif
