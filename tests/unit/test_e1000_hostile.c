/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A device that lies, as an 82540EM and as an 82574L: in received descriptors and in the reports of
 * sent ones.
 */
#define FAKE_E1000
#include "hostile.h"

static void write_lies(void)
{
	struct e1000_desc *rx = fake_memory(reg64(RDBAL)), *tx = fake_memory(reg64(TDBAL));

	for (unsigned i = rnd() % 40; i; i--) {
		struct e1000_desc *d = &rx[rnd() % RING];

		if (fake_id == 0x10d3) /* extended ones lose their address */
			d->addr = to_le64(lie() | (uint64_t)lie() << 32);
		d->word = to_le64(lie() | (uint64_t)lie() << 32);
	}
	for (unsigned i = rnd() % 8; i; i--)
		tx[rnd() % RING].word = to_le64(lie() | (uint64_t)lie() << 32);
}

static int as_82540em(void **state)
{
	(void)state;
	fake_id = 0x100e;
	return 0;
}
static int as_82574l(void **state)
{
	(void)state;
	fake_id = 0x10d3;
	return 0;
}

int main(void)
{
	return cmocka_run_group_tests_name("82540em", hostile_tests, as_82540em, NULL) +
	       cmocka_run_group_tests_name("82574l", hostile_tests, as_82574l, NULL);
}
