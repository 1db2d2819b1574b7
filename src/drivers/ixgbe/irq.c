/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receive interrupts: one MSI-X vector for each RX queue, which masks itself when it fires
 * (82599 7.3.1.3, 7.3.4). Nothing else interrupts.
 */
#include "drivers/ixgbe/ixgbe.h"

void ixgbe_irq_off(struct ixgbe *dev)
{
	struct pci_dev *pci = dev->nic.pci;

	bar_write(pci, EIMC, 0x7fffffff); /* bit 31 is reserved */
	for (uint32_t i = 0; i < EIMC_EX_count; i++)
		bar_write(pci, EIMC_EX + i * EIMC_EX_stride, UINT32_MAX);
	bar_read(pci, EICR);
}

int ixgbe_irq_init(struct ixgbe *dev)
{
	struct pci_dev *pci = dev->nic.pci;
	unsigned n = dev->nic.cfg.rx_queues;
	int err;

	if (!dev->nic.cfg.interrupts)
		return 0;
	err = pci->ops->irq_set(pci, PCI_IRQ_MSIX, 0, n, dev->nic.irq_fds);
	if (err) {
		log_error("%s: %u MSI-X interrupts cannot be set up", dev->nic.name, n);
		return err;
	}
	/* A vector for each queue; vectors clear their cause and mask themselves. */
	bar_write(pci, GPIE,
		  field_mask(GPIE_MULTIPLE_MSIX) | field_mask(GPIE_EIAME) |
			  field_mask(GPIE_PBA_SUPPORT) | field_mask(GPIE_OCD));
	bar_write(pci, EIAC, 0xffff);
	for (uint32_t i = 0; i < EIAM_EX_count; i++)
		bar_write(pci, EIAM_EX + i * EIAM_EX_stride, UINT32_MAX);
	for (unsigned q = 0; q < n; q++) {
		uint32_t reg = IVAR + q / 2 * IVAR_stride, shift = q % 2 * 16;
		uint32_t entry = (0x80 | q) << shift; /* the RX half of the queue's 16 bits */

		bar_write(pci, reg, (bar_read(pci, reg) & ~(0xffu << shift)) | entry);
		/* No moderation; without CNT_WDIS the write itself would interrupt. */
		bar_write(pci, ixgbe_eitr(q), field_mask(EITR_CNT_WDIS));
	}
	return 0;
}

/* Unmask first, look second: a frame that comes in between interrupts, one before is seen. */
int ixgbe_rx_arm(struct nic *nic, unsigned queue)
{
	bar_write(nic->pci, EIMS_EX + queue / 32 * EIMS_EX_stride, 1u << queue % 32);
	if (bar_read(nic->pci, STATUS) == UINT32_MAX)
		return -ENODEV;
	return intel_rx_waiting(&ixgbe_of(nic)->rx[queue]);
}
