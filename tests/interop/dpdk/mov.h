/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Decoding the x86-64 instruction of a register access that trapped.
 */
#ifndef MOV_H
#define MOV_H

#include <stdint.h>

struct mov {
	unsigned length; /* bytes of the instruction */
	int write;       /* 1: to memory */
	int sign;        /* 1: what is read is a signed number, extended to 64 bits */
	int reg;         /* 0 to 15 in the order of the encoding, -1: an immediate is written */
	uint32_t value;  /* the immediate */
};

/**
 * mov_decode - decode a 32-bit MOV between memory and a register, one from an immediate to memory,
 * or a MOVSXD from memory: what compilers make of a volatile 32-bit access.
 * @code: the instruction, at least 15 bytes or as many as it has.
 * Return: 0, -1: it is any other instruction, *@out is untouched.
 */
int mov_decode(const uint8_t *code, struct mov *out);

#endif
