/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How a register table is written and what is made of it. Data only, depends on base.
 *
 * A family's table (ixgbe.def) is included several times with different macros:
 *
 *   REG(name, offset, stride, count, access, reset, section, title)
 *       `count` registers, `stride` bytes apart, from `offset`. count 1: stride is 0.
 *   MORE(name, offset, stride, count, first, access, reset, section, title)
 *       registers `first`... of the array `name` continue at another place.
 *   ALIAS(name, offset, stride, count, section)
 *       the first `count` registers of `name` are decoded here too.
 *   FIELD(register, name, hi, lo, meaning)
 *
 * access: RW read/write; RO writes are ignored; WO reads zero; RC cleared by reading; W1C written
 * ones clear; W1S written ones set;
 * SP special: the model's code decides.
 *
 * `regs/ixgbe.h` makes enumerators: RDT = offset, RDT_stride, RDT_count, RXDCTL_ENABLE = field
 * (base/field.h). `regs/ixgbe.c` makes one const struct reg_table for model, tracer and tools.
 */
#ifndef REGS_REGS_H
#define REGS_REGS_H

#include "base/field.h"
#include "base/types.h"

enum reg_access { REG_RW, REG_RO, REG_WO, REG_RC, REG_W1C, REG_W1S, REG_SP };
enum reg_kind { REG_PRIMARY, REG_MORE, REG_ALIAS };

struct reg_row {
	const char *name;
	uint32_t offset, stride, count;
	uint32_t primary; /* offset of the register that row element 0 stands for */
	uint32_t primary_stride;
	uint32_t first; /* array index of row element 0 */
	uint32_t reset;
	uint8_t access; /* enum reg_access */
	uint8_t kind;   /* enum reg_kind */
	const char *section, *title;
};
struct reg_field {
	const char *reg, *name;
	uint16_t bits; /* FIELD_BITS */
};
struct reg_table {
	const struct reg_row *rows;
	const struct reg_field *fields;
	unsigned n_rows, n_fields;
	uint32_t size; /* bytes of the BAR */
};

#endif
