/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Register storage with access modes.
 */
#include "models/regfile.h"

static const struct reg_row *primary_row(const struct reg_table *t, const struct reg_row *row)
{
	const struct reg_row *r = t->rows;

	while (r->kind != REG_PRIMARY || r->offset != row->primary)
		r++;
	return r;
}

void regfile_init(struct regfile *f, const struct reg_table *table)
{
	for (uint32_t i = 0; i < REGFILE_WORDS; i++) {
		f->home[i] = (uint16_t)i;
		f->access[i] = REG_UNKNOWN;
		f->reset[i] = 0;
	}
	for (const struct reg_row *r = table->rows; r < table->rows + table->n_rows; r++) {
		const struct reg_row *p = r->kind == REG_ALIAS ? primary_row(table, r) : r;

		for (uint32_t i = 0; i < r->count; i++) {
			uint32_t word = (r->offset + i * r->stride) / 4;

			f->home[word] = (uint16_t)((r->primary + i * r->primary_stride) / 4);
			f->access[word] = p->access;
			f->reset[word] = p->reset;
		}
	}
	regfile_reset(f);
}

void regfile_reset(struct regfile *f)
{
	for (uint32_t i = 0; i < REGFILE_WORDS; i++)
		f->value[i] = f->reset[i];
	f->pair = 0;
}

static uint64_t pair_value(struct regfile *f, uint32_t low)
{
	return *reg(f, low) | (uint64_t)*reg(f, low + 4) << 32;
}

uint32_t regfile_low(struct regfile *f, uint32_t low)
{
	f->pair = low;
	f->pair_value = pair_value(f, low);
	return (uint32_t)f->pair_value;
}

uint32_t regfile_high(struct regfile *f, uint32_t low)
{
	uint64_t value = pair_value(f, low), given = f->pair == low ? f->pair_value : value;

	/* Also where the counter wrapped in between: what came since is far from 32 bits. */
	*reg(f, low) = (uint32_t)(value - given);
	*reg(f, low + 4) = 0;
	f->pair = 0;
	return (uint32_t)(given >> 32);
}

uint32_t regfile_read(struct regfile *f, uint32_t home)
{
	uint32_t value = *reg(f, home);

	if (f->access[home / 4] == REG_WO)
		return 0;
	if (f->access[home / 4] == REG_RC)
		*reg(f, home) = 0;
	return value;
}

void regfile_write(struct regfile *f, uint32_t home, uint32_t value)
{
	uint32_t *v = reg(f, home);

	switch (f->access[home / 4]) {
	case REG_RO:
	case REG_RC:
		return;
	case REG_W1C:
		*v &= ~value;
		return;
	case REG_W1S:
		*v |= value;
		return;
	default:
		*v = value;
	}
}
