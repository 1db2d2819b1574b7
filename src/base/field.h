/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bit fields of 32-bit registers and descriptor words. A field constant is lo + 256 * width, so it
 * fits an enum and the compiler folds everything. Made by the register tables (regs/regs.h).
 */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include <stdint.h>

#define FIELD_BITS(hi, lo) ((lo) + 256 * ((hi) - (lo) + 1))

/* The same as field_mask, as a constant expression. */
#define FIELD_MASK(field)  ((uint32_t)(((1ull << ((field) >> 8)) - 1) << ((field)&255)))

static inline uint32_t field_mask(unsigned field)
{
	return FIELD_MASK(field);
}
/** field_get - the field's value, shifted down. */
static inline uint32_t field_get(uint32_t word, unsigned field)
{
	return (word & field_mask(field)) >> (field & 255);
}
/** field_of - a word in which only this field is set to @value (excess bits are cut off). */
static inline uint32_t field_of(unsigned field, uint32_t value)
{
	return value << (field & 255) & field_mask(field);
}
/** field_set - @word with the field replaced. */
static inline uint32_t field_set(uint32_t word, unsigned field, uint32_t value)
{
	return (word & ~field_mask(field)) | field_of(field, value);
}

#endif
