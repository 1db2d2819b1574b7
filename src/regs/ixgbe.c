/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The register table of the 82599 family as data, made from ixgbe.def.
 */
#include "regs/ixgbe.h"
#include "regs/table.h"

static const struct reg_row rows[] = {
#define REG   TABLE_REG
#define MORE  TABLE_MORE
#define ALIAS TABLE_ALIAS
#define FIELD TABLE_NONE
#include "regs/ixgbe.def"
#undef REG
#undef MORE
#undef ALIAS
#undef FIELD
};

static const struct reg_field fields[] = {
#define REG   TABLE_NONE
#define MORE  TABLE_NONE
#define ALIAS TABLE_NONE
#define FIELD TABLE_FIELD
#include "regs/ixgbe.def"
#undef REG
#undef MORE
#undef ALIAS
#undef FIELD
};

const struct reg_table regs_ixgbe = {
	.rows = rows,
	.fields = fields,
	.n_rows = ARRAY_SIZE(rows),
	.n_fields = ARRAY_SIZE(fields),
	.size = 128 << 10,
};
