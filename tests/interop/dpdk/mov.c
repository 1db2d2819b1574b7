/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Decoding MOV. Intel's manual, volume 2: 2.1 (instruction format), 2.2.1 (REX), MOV, MOVSXD.
 */
#include "mov.h"

enum { REX_W = 8, REX_R = 4 };
enum { MOV_TO_MEMORY = 0x89, MOV_FROM_MEMORY = 0x8b, MOV_IMMEDIATE = 0xc7, MOVSXD = 0x63 };
enum { MOD_REGISTER = 3, RM_SIB = 4, RM_DISPLACEMENT = 5 };

/* Bytes of SIB and displacement behind ModRM; only how many there are matters: the fault told the
 * address. */
static unsigned address_bytes(uint8_t modrm, uint8_t sib)
{
	unsigned mod = modrm >> 6, rm = modrm & 7, n = rm == RM_SIB;

	if (mod == 1)
		return n + 1;
	if (mod == 2)
		return n + 4;
	return n +
	       (rm == RM_DISPLACEMENT || (rm == RM_SIB && (sib & 7) == RM_DISPLACEMENT) ? 4 : 0);
}

int mov_decode(const uint8_t *code, struct mov *out)
{
	const uint8_t *p = code;
	unsigned rex = 0, op, modrm;
	struct mov m = { 0 };

	if ((*p & 0xf0) == 0x40)
		rex = *p++;
	op = *p++;
	m.sign = op == MOVSXD && rex & REX_W;
	if ((rex & REX_W && !m.sign) ||
	    (!m.sign && op != MOV_TO_MEMORY && op != MOV_FROM_MEMORY && op != MOV_IMMEDIATE))
		return -1;
	modrm = *p++;
	if (modrm >> 6 == MOD_REGISTER || (op == MOV_IMMEDIATE && (modrm >> 3 & 7)))
		return -1;
	p += address_bytes((uint8_t)modrm, *p);
	m.write = op == MOV_TO_MEMORY || op == MOV_IMMEDIATE;
	m.reg = (int)(modrm >> 3 & 7) | (rex & REX_R ? 8 : 0);
	if (op == MOV_IMMEDIATE) {
		m.value = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		p += 4;
		m.reg = -1;
	}
	m.length = (unsigned)(p - code);
	*out = m;
	return 0;
}
