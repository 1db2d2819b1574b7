/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receive interrupts: one MSI-X vector for each RX queue, which masks itself when it fires
 * (82576 7.3, 8.8). Nothing else interrupts.
 */
#include "drivers/igb/igb.h"

void igb_irq_off(struct igb *dev)
{
	struct pci_dev *pci = dev->nic.pci;

	bar_write(pci, dev->chip->imc, UINT32_MAX);
	bar_write(pci, EIMC, UINT32_MAX);
	/* 8.8.5: EICR is written, not read. */
	bar_write(pci, EICR, UINT32_MAX);
	bar_read(pci, dev->chip->icr);
}

/* The vector of RX queue @q: 8.8.13, and its other layout from the 82580 on. */
static void write_ivar(struct igb *dev, uint32_t q)
{
	uint32_t n = dev->chip->ivar_pairs ? q / 2 : q % 8;
	uint32_t shift = (dev->chip->ivar_pairs ? q % 2 : q / 8) * 16, reg = IVAR + n * IVAR_stride;
	uint32_t ivar = bar_read(dev->nic.pci, reg) & ~(0xffu << shift);

	bar_write(dev->nic.pci, reg, ivar | (0x80 | q) << shift);
}

int igb_irq_init(struct igb *dev)
{
	struct pci_dev *pci = dev->nic.pci;
	unsigned n = dev->nic.cfg.rx_queues;
	int err;

	if (!dev->nic.cfg.interrupts)
		return 0;
	if (dev->chip->no_ivar || n > dev->chip->vectors) {
		log_error("%s: %s has interrupts for %u RX queues here; open fewer, or poll",
			  dev->nic.name, dev->nic.id->chip,
			  dev->chip->no_ivar ? 0 : dev->chip->vectors);
		return -EINVAL;
	}
	err = pci->ops->irq_set(pci, PCI_IRQ_MSIX, 0, n, dev->nic.irq_fds);
	if (err) {
		log_error("%s: %u MSI-X interrupts cannot be set up", dev->nic.name, n);
		return err;
	}
	/* A vector for each queue; vectors clear their cause and mask themselves. */
	bar_write(pci, GPIE,
		  field_mask(GPIE_NSICR) | field_mask(GPIE_MULTIPLE_MSIX) | field_mask(GPIE_EIAME) |
			  field_mask(GPIE_PBA));
	bar_write(pci, EIAC, (1u << n) - 1);
	bar_write(pci, EIAM, (1u << n) - 1);
	for (uint32_t q = 0; q < n; q++) {
		write_ivar(dev, q);
		bar_write(pci, EITR + q * EITR_stride,
			  field_mask(EITR_CNT_INGR)); /* no moderation */
	}
	return 0;
}

/* Unmask first, look second: a frame that comes in between interrupts, one before is seen. */
int igb_rx_arm(struct nic *nic, unsigned queue)
{
	bar_write(nic->pci, EIMS, 1u << queue);
	if (bar_read(nic->pci, STATUS) == UINT32_MAX)
		return -ENODEV;
	return intel_rx_waiting(&igb_of(nic)->rx[queue]);
}
