/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The register table of the 82599 family as data, made from ixgbe.def.
 */
#include "regs/ixgbe.h"

static const struct reg_row rows[] = {
#define REG(n, off, str, cnt, acc, rst, sec, ttl) \
	{ .name = #n,                             \
	  .offset = (off),                        \
	  .stride = (str),                        \
	  .count = (cnt),                         \
	  .primary = (off),                       \
	  .primary_stride = (str),                \
	  .reset = (rst),                         \
	  .access = REG_##acc,                    \
	  .kind = REG_PRIMARY,                    \
	  .section = (sec),                       \
	  .title = (ttl) },
#define MORE(n, off, str, cnt, frst, acc, rst, sec, ttl) \
	{ .name = #n,                                    \
	  .offset = (off),                               \
	  .stride = (str),                               \
	  .count = (cnt),                                \
	  .primary = (off),                              \
	  .primary_stride = (str),                       \
	  .first = (frst),                               \
	  .reset = (rst),                                \
	  .access = REG_##acc,                           \
	  .kind = REG_MORE,                              \
	  .section = (sec),                              \
	  .title = (ttl) },
#define ALIAS(n, off, str, cnt, sec)    \
	{ .name = #n,                   \
	  .offset = (off),              \
	  .stride = (str),              \
	  .count = (cnt),               \
	  .primary = (n),               \
	  .primary_stride = n##_stride, \
	  .kind = REG_ALIAS,            \
	  .section = (sec) },
#define FIELD(reg, name, hi, lo, meaning)
#include "regs/ixgbe.def"
#undef REG
#undef MORE
#undef ALIAS
#undef FIELD
};

static const struct reg_field fields[] = {
#define REG(n, off, str, cnt, acc, rst, sec, ttl)
#define MORE(n, off, str, cnt, frst, acc, rst, sec, ttl)
#define ALIAS(n, off, str, cnt, sec)
#define FIELD(r, n, hi, lo, mean) { #r, #n, FIELD_BITS(hi, lo), mean },
#include "regs/ixgbe.def"
#undef REG
#undef MORE
#undef ALIAS
#undef FIELD
};

const struct reg_table regs_ixgbe = {
	.family = "82599",
	.rows = rows,
	.fields = fields,
	.n_rows = ARRAY_SIZE(rows),
	.n_fields = ARRAY_SIZE(fields),
	.size = 128 << 10,
};
