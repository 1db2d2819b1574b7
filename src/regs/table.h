/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Rows of struct reg_table from the macros of a register table: define REG as TABLE_REG and so on,
 * then include the table.
 */
#ifndef REGS_TABLE_H
#define REGS_TABLE_H

#include "regs/regs.h"

#define TABLE_REG(n, off, str, cnt, acc, rst, sec, ttl) \
	{ .name = #n,                                   \
	  .offset = (off),                              \
	  .stride = (str),                              \
	  .count = (cnt),                               \
	  .primary = (off),                             \
	  .primary_stride = (str),                      \
	  .reset = (rst),                               \
	  .access = REG_##acc,                          \
	  .kind = REG_PRIMARY,                          \
	  .section = (sec),                             \
	  .title = (ttl) },
#define TABLE_MORE(n, off, str, cnt, frst, acc, rst, sec, ttl) \
	{ .name = #n,                                          \
	  .offset = (off),                                     \
	  .stride = (str),                                     \
	  .count = (cnt),                                      \
	  .primary = (off),                                    \
	  .primary_stride = (str),                             \
	  .first = (frst),                                     \
	  .reset = (rst),                                      \
	  .access = REG_##acc,                                 \
	  .kind = REG_MORE,                                    \
	  .section = (sec),                                    \
	  .title = (ttl) },
#define TABLE_ALIAS(n, off, str, cnt, sec) \
	{ .name = #n,                      \
	  .offset = (off),                 \
	  .stride = (str),                 \
	  .count = (cnt),                  \
	  .primary = (n),                  \
	  .primary_stride = n##_stride,    \
	  .kind = REG_ALIAS,               \
	  .section = (sec) },
#define TABLE_FIELD(r, n, hi, lo, mean) { #r, #n, FIELD_BITS(hi, lo) },
#define TABLE_NONE(...)

#endif
