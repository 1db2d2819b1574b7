/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A device that lies, as an 82599 or, with FAKE_IGB, as an 82576: in received descriptors and in
 * the head that it writes back.
 */
#include "hostile.h"
#include "regs/intel_desc.h"

static void write_lies(void)
{
	union intel_rx_desc *rx = fake_memory(reg64(RDBAL));
	le32 *head = fake_memory(reg64(TDWBAL) & ~3ull);

	for (unsigned i = rnd() % 40; i; i--) {
		union intel_rx_desc *d = &rx[rnd() % RING];

		d->wb.type = to_le32(lie());
		d->wb.hash = to_le32(lie());
		d->wb.length_vlan = to_le32(lie());
		d->wb.status = to_le32(lie());
	}
	*head = to_le32(rnd() % 3 ? rnd() % RING : lie());
}

int main(void)
{
	return cmocka_run_group_tests(hostile_tests, NULL, NULL);
}
