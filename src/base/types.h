/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Little-endian integers as struct types: a forgotten byte swap does not compile.
 * Depends on nothing; freestanding.
 */
#ifndef BASE_TYPES_H
#define BASE_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint16_t raw;
} le16;
typedef struct {
	uint32_t raw;
} le32;
typedef struct {
	uint64_t raw;
} le64;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BASE_LE(bits, v) (v)
#else
#define BASE_LE(bits, v) __builtin_bswap##bits(v)
#endif

static inline le16 to_le16(uint16_t v)
{
	return (le16) { BASE_LE(16, v) };
}
static inline uint16_t from_le16(le16 v)
{
	return BASE_LE(16, v.raw);
}
static inline le32 to_le32(uint32_t v)
{
	return (le32) { BASE_LE(32, v) };
}
static inline uint32_t from_le32(le32 v)
{
	return BASE_LE(32, v.raw);
}
static inline le64 to_le64(uint64_t v)
{
	return (le64) { BASE_LE(64, v) };
}
static inline uint64_t from_le64(le64 v)
{
	return BASE_LE(64, v.raw);
}

#define ARRAY_SIZE(a)                 (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))
#define likely(x)                     __builtin_expect(!!(x), 1)
#define unlikely(x)                   __builtin_expect(!!(x), 0)
/* So rare that even the jump's target shall lie apart: what follows calls a cold function. */
#define never(x)                      __builtin_expect_with_probability(!!(x), 0, 1.0)

#endif
