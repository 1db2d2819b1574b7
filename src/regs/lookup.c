/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding and printing registers of a table.
 */
#include "regs/lookup.h"

#include <stdio.h>
#include <string.h>

const struct reg_row *reg_find(const struct reg_table *table, uint32_t off, uint32_t *index)
{
	for (const struct reg_row *r = table->rows; r < table->rows + table->n_rows; r++) {
		uint32_t i = r->stride ? (off - r->offset) / r->stride : 0;

		if (off < r->offset || i >= r->count || r->offset + i * r->stride != off)
			continue;
		*index = r->first + i;
		return r;
	}
	return NULL;
}

/* Where the next piece goes after snprintf wrote @written at @at, or would have. */
static size_t advance(size_t size, size_t at, int written)
{
	return written < 0 || at + (size_t)written >= size ? size - 1 : at + (size_t)written;
}

void reg_format(const struct reg_table *table, uint32_t off, uint32_t value, char *buf, size_t size)
{
	uint32_t index;
	const struct reg_row *row = reg_find(table, off, &index);
	size_t at = 0;

	if (!row) {
		snprintf(buf, size, "0x%05x = 0x%08x", off, value);
		return;
	}
	if (row->count > 1)
		at = advance(size, at,
			     snprintf(buf, size, "%s[%u] = 0x%08x", row->name, index, value));
	else
		at = advance(size, at, snprintf(buf, size, "%s = 0x%08x", row->name, value));
	for (const struct reg_field *f = table->fields; f < table->fields + table->n_fields; f++) {
		uint32_t v = field_get(value, f->bits);

		if (!v || strcmp(f->reg, row->name))
			continue;
		if (f->bits >> 8 == 1)
			at = advance(size, at, snprintf(buf + at, size - at, " %s", f->name));
		else
			at = advance(size, at, snprintf(buf + at, size - at, " %s=%u", f->name, v));
	}
}
