/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The RSS key and the redirection table, whose layout all chips share: 82599 7.1.2.8, 82576 7.1.1.
 */
#include "drivers/intel/chip.h"

/* The key of Microsoft's RSS specification, for which published test vectors exist; its bytes
 * begin with the lowest of each register. */
static const uint32_t key[10] = { 0xda565a6d, 0xc20e5b25, 0x3d256741, 0xb08fa343, 0xcb2bcad0,
				  0xb4307bae, 0xa32dcb77, 0x0cf23080, 0x3bb7426a, 0xfa01acbe };

void intel_rss_tables(struct pci_dev *pci, uint32_t rssrk, uint32_t reta, uint32_t queues,
		      unsigned shift)
{
	for (uint32_t i = 0; i < 10; i++)
		bar_write(pci, rssrk + 4 * i, key[i]);
	/* Four entries a register. */
	for (uint32_t i = 0; i < 32; i++) {
		uint32_t e = 4 * i, entries = e % queues | (e + 1) % queues << 8 |
					      (e + 2) % queues << 16 | (e + 3) % queues << 24;

		bar_write(pci, reta + e, entries << shift);
	}
}
