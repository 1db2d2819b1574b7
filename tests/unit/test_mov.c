/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The decoder behind trapped register accesses (tests/interop/dpdk/mov.c). Expected lengths and
 * registers are those that GNU as and objdump give for the same instructions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "interop/dpdk/mov.h"

#define BYTES(...)          \
	(const uint8_t[16]) \
	{                   \
		__VA_ARGS__ \
	}

static void decodes(const uint8_t *code, unsigned length, int write, int reg)
{
	struct mov m = { 0 };

	assert_int_equal(mov_decode(code, &m), 0);
	assert_int_equal(m.length, length);
	assert_int_equal(m.write, write);
	assert_int_equal(m.reg, reg);
}

static void reads_are_decoded(void **state)
{
	(void)state;
	decodes(BYTES(0x8b, 0x00), 2, 0, 0);                               /* (%rax),%eax */
	decodes(BYTES(0x8b, 0x50, 0x08), 3, 0, 2);                         /* 8(%rax),%edx */
	decodes(BYTES(0x8b, 0x88, 0x10, 0, 1, 0), 6, 0, 1);                /* 0x10010(%rax),%ecx */
	decodes(BYTES(0x44, 0x8b, 0x3c, 0x30), 4, 0, 15);                  /* (%rax,%rsi),%r15d */
	decodes(BYTES(0x8b, 0x04, 0x25, 0, 0, 0, 1), 7, 0, 0);             /* 0x1000000,%eax */
	decodes(BYTES(0x8b, 0x05, 0, 0, 0, 1), 6, 0, 0);                   /* …(%rip),%eax */
	decodes(BYTES(0x41, 0x8b, 0x44, 0x24, 0x08), 5, 0, 0);             /* 8(%r12),%eax */
	decodes(BYTES(0x47, 0x8b, 0x84, 0xbd, 0x14, 0x10, 0, 0), 8, 0, 8); /* …(%r13,%r15,4),%r8d */
}

static void signed_reads_are_decoded(void **state)
{
	struct mov m = { 0 };

	(void)state;
	/* movslq 0x4050(%rcx),%rcx */
	assert_int_equal(mov_decode(BYTES(0x48, 0x63, 0x89, 0x50, 0x40, 0, 0), &m), 0);
	assert_int_equal(m.length, 7);
	assert_int_equal(m.reg, 1);
	assert_int_equal(m.write, 0);
	assert_int_equal(m.sign, 1);
	assert_int_equal(mov_decode(BYTES(0x8b, 0x00), &m), 0);
	assert_int_equal(m.sign, 0);
}

static void writes_are_decoded(void **state)
{
	(void)state;
	decodes(BYTES(0x89, 0x02), 2, 1, 0);                          /* %eax,(%rdx) */
	decodes(BYTES(0x89, 0x6a, 0x18), 3, 1, 5);                    /* %ebp,0x18(%rdx) */
	decodes(BYTES(0x41, 0x89, 0x55, 0x00), 4, 1, 2);              /* %edx,0(%r13) */
	decodes(BYTES(0x44, 0x89, 0xb4, 0x08, 0x28, 0x60), 8, 1, 14); /* %r14d,0x6028(%rax,%rcx) */
}

static void immediates_are_decoded(void **state)
{
	struct mov m = { 0 };

	(void)state;
	/* movl $0x89abcdef,0x800(%rax) */
	assert_int_equal(
		mov_decode(BYTES(0xc7, 0x80, 0x00, 0x08, 0, 0, 0xef, 0xcd, 0xab, 0x89), &m), 0);
	assert_int_equal(m.length, 10);
	assert_int_equal(m.reg, -1);
	assert_int_equal(m.write, 1);
	assert_int_equal(m.value, 0x89abcdef);
}

static void refuses(const uint8_t *code)
{
	struct mov m = { .length = 99 };

	assert_int_equal(mov_decode(code, &m), -1);
	assert_int_equal(m.length, 99);
}

static void others_are_refused(void **state)
{
	(void)state;
	refuses(BYTES(0x48, 0x8b, 0x00));       /* 64 bits */
	refuses(BYTES(0x63, 0x00));             /* MOVSXD without a sign: no compiler does it */
	refuses(BYTES(0x48, 0x63, 0xc1));       /* register to register */
	refuses(BYTES(0x66, 0x89, 0x02));       /* 16 bits */
	refuses(BYTES(0x88, 0x02));             /* 8 bits */
	refuses(BYTES(0x0f, 0xb6, 0x00));       /* movzbl */
	refuses(BYTES(0x09, 0x02));             /* or %eax,(%rdx) */
	refuses(BYTES(0x8b, 0xc1));             /* register to register: no memory */
	refuses(BYTES(0xc7, 0xf8, 0, 0, 0, 0)); /* xbegin */
	refuses(BYTES(0xf3, 0xa5));             /* rep movsl */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_are_decoded),  cmocka_unit_test(signed_reads_are_decoded),
		cmocka_unit_test(writes_are_decoded), cmocka_unit_test(immediates_are_decoded),
		cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
