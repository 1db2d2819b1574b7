/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What every driver does to a PCI function, whatever the backend. Freestanding.
 */
#include "bus/pci.h"

int bar_wait(struct pci_dev *dev, uint32_t off, uint32_t mask, uint32_t want, unsigned timeout_us)
{
	/* Ever longer pauses: quick things stay quick, slow ones cost few register reads. */
	for (unsigned pause = 1, waited = 0;;
	     waited += pause, pause = pause < 1000 ? pause * 2 : pause) {
		uint32_t value = bar_read(dev, off);

		if (value == UINT32_MAX)
			return -ENODEV;
		if ((value & mask) == want)
			return 0;
		if (waited >= timeout_us)
			return -ETIMEDOUT;
		dev->ops->delay(dev, pause);
	}
}

int pci_bus_master(struct pci_dev *dev, int on)
{
	uint8_t command[2];
	int err = dev->ops->config_read(dev, PCI_COMMAND, command, sizeof(command));

	if (err)
		return err;
	command[0] &= (uint8_t)~PCI_COMMAND_MASTER;
	if (on)
		command[0] |= PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY;
	return dev->ops->config_write(dev, PCI_COMMAND, command, sizeof(command));
}
