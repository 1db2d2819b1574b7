/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The register tables of the 82540EM and the 82574L as data. The 82540EM has one queue: what the
 * common table says of a second one is left out of its rows.
 */
#include "regs/e1000.h"
#include "regs/table.h"

/* Without the second element of what is there for each queue: those lie 0x100 apart. */
#define ONE_QUEUE(n, off, str, cnt, ...) \
	TABLE_REG(n, off, (str) == 0x100 ? 0 : (str), (str) == 0x100 ? 1 : (cnt), __VA_ARGS__)

static const struct reg_row rows_e1000[] = {
#define REG   ONE_QUEUE
#define ALIAS TABLE_ALIAS
#define FIELD TABLE_NONE
#include "regs/e1000.def"
#undef REG
#undef ALIAS
#undef FIELD
};

static const struct reg_row rows_e1000e[] = {
#define REG   TABLE_REG
#define ALIAS TABLE_ALIAS
#define FIELD TABLE_NONE
#include "regs/e1000.def"
#include "regs/e1000e.def"
#undef REG
#undef ALIAS
#undef FIELD
};

#define REG   TABLE_NONE
#define ALIAS TABLE_NONE
#define FIELD TABLE_FIELD
static const struct reg_field fields_e1000[] = {
#include "regs/e1000.def"
};
static const struct reg_field fields_e1000e[] = {
#include "regs/e1000.def"
#include "regs/e1000e.def"
};

const struct reg_table regs_e1000 = {
	.rows = rows_e1000,
	.fields = fields_e1000,
	.n_rows = ARRAY_SIZE(rows_e1000),
	.n_fields = ARRAY_SIZE(fields_e1000),
	.size = 128 << 10,
};

const struct reg_table regs_e1000e = {
	.rows = rows_e1000e,
	.fields = fields_e1000e,
	.n_rows = ARRAY_SIZE(rows_e1000e),
	.n_fields = ARRAY_SIZE(fields_e1000e),
	.size = 128 << 10,
};
