/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A register file made from a register table: storage, access modes, aliases. What a register
 * *does* is the model's business (access SP and everything with effects). Freestanding.
 */
#ifndef MODELS_REGFILE_H
#define MODELS_REGFILE_H

#include "regs/regs.h"

#define REGFILE_WORDS (128u * 1024 / 4)

struct regfile {
	uint32_t value[REGFILE_WORDS];
	uint32_t reset[REGFILE_WORDS];
	uint16_t home[REGFILE_WORDS];  /* word that an alias stands for, else itself */
	uint8_t access[REGFILE_WORDS]; /* enum reg_access; REG_UNKNOWN: no row */
	uint32_t pair;                 /* the low half that was read last, 0: none since */
	uint64_t pair_value;           /* what the pair held then */
};
enum { REG_UNKNOWN = 0xff };

/** regfile_init - lay out @table and set the reset values. */
void regfile_init(struct regfile *f, const struct reg_table *table);
/** regfile_reset - back to the reset values. */
void regfile_reset(struct regfile *f);

/** regfile_home - the offset under which a register is kept. */
static inline uint32_t regfile_home(const struct regfile *f, uint32_t off)
{
	return f->home[off / 4 % REGFILE_WORDS] * 4u;
}
/** reg - the stored value, by home offset. */
static inline uint32_t *reg(struct regfile *f, uint32_t off)
{
	return &f->value[off / 4 % REGFILE_WORDS];
}
/**
 * regfile_low, regfile_high - read the halves of a counter at @low and @low + 4, in this order. The
 * high half clears the counter by what both gave: what is counted in between is not lost.
 */
uint32_t regfile_low(struct regfile *f, uint32_t low);
uint32_t regfile_high(struct regfile *f, uint32_t low);
/** regfile_merge - byte enables: @size bytes of @value at @off, the rest as it is stored. */
static inline uint32_t regfile_merge(const struct regfile *f, uint32_t home, uint32_t off,
				     uint32_t value, unsigned size)
{
	uint32_t shift = off % 4 * 8, bytes = (1u << size * 8) - 1;

	return (f->value[home / 4 % REGFILE_WORDS] & ~(bytes << shift)) | (value & bytes) << shift;
}
/** regfile_read, regfile_write - as the access mode says. */
uint32_t regfile_read(struct regfile *f, uint32_t home);
void regfile_write(struct regfile *f, uint32_t home, uint32_t value);

#endif
