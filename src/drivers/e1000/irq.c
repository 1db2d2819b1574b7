/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receive interrupts. 82574L: an MSI-X vector for each RX queue, which masks itself when it fires
 * (82574 7.4). The others: one line for all (82540EM 13.4.17), asked for by each nic_rx_arm.
 */
#include "drivers/e1000/e1000.h"

void e1000_irq_off(struct e1000 *dev)
{
	bar_write(dev->nic.pci, IMC, UINT32_MAX);
	bar_read(dev->nic.pci, ICR);
}

static void init_msix(struct e1000 *dev)
{
	struct pci_dev *pci = dev->nic.pci;
	uint32_t ours = field_mask(ICR_RXQ0) | field_mask(ICR_RXQ1);

	bar_write(pci, IVAR,
		  field_of(IVAR_RXQ0, 0) | field_mask(IVAR_RXQ0_VALID) | field_of(IVAR_RXQ1, 1) |
			  field_mask(IVAR_RXQ1_VALID));
	/* Messages clear their cause and mask it. */
	bar_write(pci, EIAC, ours);
	bar_write(pci, IAM, ours);
	bar_write(pci, CTRL_EXT,
		  bar_read(pci, CTRL_EXT) | field_mask(CTRL_EXT_EIAME) |
			  field_mask(CTRL_EXT_PBA_CLR));
	for (uint32_t i = 0; i < EITR_count; i++)
		bar_write(pci, EITR + i * EITR_stride, 0); /* no moderation */
}

int e1000_irq_init(struct e1000 *dev)
{
	struct pci_dev *pci = dev->nic.pci;
	unsigned n = dev->nic.cfg.rx_queues;
	int err;

	if (!dev->nic.cfg.interrupts)
		return 0;
	dev->msix = dev->mac == MAC_82574;
	err = pci->ops->irq_set(pci, dev->msix ? PCI_IRQ_MSIX : PCI_IRQ_INTX, 0, n,
				dev->nic.irq_fds);
	if (err) {
		log_error("%s: %u %s interrupts cannot be set up", dev->nic.name, n,
			  dev->msix ? "MSI-X" : "INTx");
		return err;
	}
	if (dev->msix)
		init_msix(dev);
	return 0;
}

/* Unmask first, look second: a frame that comes in between interrupts, one before is seen. */
int e1000_rx_arm(struct nic *nic, unsigned queue)
{
	const struct e1000 *dev = e1000_of(nic);
	const struct e1000_rxq *q = &dev->rx[queue];
	uint64_t word;

	if (!dev->msix) { /* the causes of frames that were seen: let the line go */
		bar_read(nic->pci, ICR);
		bar_write(nic->pci, IMS, field_mask(ICR_RXT0));
	} else {
		bar_write(nic->pci, IMS, queue ? field_mask(ICR_RXQ1) : field_mask(ICR_RXQ0));
	}
	if (bar_read(nic->pci, STATUS) == UINT32_MAX)
		return -ENODEV;
	if (q->path)
		return e1000_path_waiting(q->path);
	word = dma_load_acquire64(&q->ring[ring_slot(q->next, q->size)].word);
	return ring_used(q->fill, q->next) &&
	       e1000_status(word, dev->extended) & field_mask(RXD_DD);
}
