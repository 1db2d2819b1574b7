/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Makes a gigabit NIC read memory that was not mapped into it: the IOMMU must forbid it and the
 * kernel say so. Only what any 8254x or 8257x does: one ring, the transmitter on, its tail moved.
 *
 *   dma_outside 0000:03:00.0
 */
#include <stdio.h>

#include "bus/bus.h"
#include "regs/e1000.h"

#define OUTSIDE 0x7f000000u

int main(int argc, char **argv)
{
	struct pci_dev *dev = NULL;

	if (argc != 2) {
		fprintf(stderr, "usage: dma_outside ADDRESS\n");
		return 2;
	}
	if (bus_pci.open(&dev, argv[1], argv[1]) || pci_bus_master(dev, 1))
		return 1;
	bar_write(dev, CTRL, field_mask(CTRL_RST));
	dev->ops->delay(dev, 10000);
	bar_write(dev, CTRL, bar_read(dev, CTRL) | field_mask(CTRL_SLU));
	bar_write(dev, TDBAL, OUTSIDE);
	bar_write(dev, TDBAH, 0);
	bar_write(dev, TDLEN, 4096);
	bar_write(dev, TDH, 0);
	bar_write(dev, TDT, 0);
	bar_write(dev, TCTL, field_mask(TCTL_EN));
	bar_write(dev, TDT, 1);
	dev->ops->delay(dev, 200000);
	dev->ops->close(dev);
	return 0;
}
