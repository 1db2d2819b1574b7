/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One queue at a time: memory, and the enable and disable sequences.
 */
#include "drivers/ixgbe/ixgbe.h"

static uint32_t low(uint64_t iova)
{
	return (uint32_t)iova;
}
static uint32_t high(uint64_t iova)
{
	return (uint32_t)(iova >> 32);
}

/* 82599 4.6.7.1.1: base, length, control, pointers, enable, then the tail. */
int ixgbe_rxq_start(struct intel_rxq *q)
{
	struct pci_dev *pci = q->nic->pci;
	uint32_t r = q->index, enable = field_mask(RXDCTL_ENABLE), drop = 0;
	const union intel_rx_desc *ring = intel_rxq_ring(q);
	uint32_t size = q->path ? intel_path_buffer(q->path) : q->pool->size;
	uint32_t type = q->path ? SRRCTL_DESCTYPE_LEGACY : SRRCTL_DESCTYPE_ADV_ONE_BUFFER;
	uint32_t vme = q->path || q->nic->cfg.no_vlan_strip ? 0 : field_mask(RXDCTL_VME);
	int err;

	if (q->nic->cfg.rx_queues > 1) /* a queue that nobody serves must not stop the others */
		drop = field_mask(SRRCTL_DROP_EN);
	bar_write(pci, ixgbe_rxq(RDBAL, r), low(mem_iova(ring)));
	bar_write(pci, ixgbe_rxq(RDBAH, r), high(mem_iova(ring)));
	bar_write(pci, ixgbe_rxq(RDLEN, r), q->size * (uint32_t)sizeof(*ring));
	bar_write(pci, ixgbe_rxq(SRRCTL, r),
		  field_of(SRRCTL_BSIZEPACKET, size / 1024) | field_of(SRRCTL_BSIZEHEADER, 4) |
			  field_of(SRRCTL_DESCTYPE, type) | drop);
	bar_write(pci, ixgbe_rxq(DCA_RXCTRL, r),
		  bar_read(pci, ixgbe_rxq(DCA_RXCTRL, r)) & ~field_mask(DCA_RXCTRL_MUST_BE_0));
	bar_write(pci, ixgbe_rxq(RDH, r), 0);
	bar_write(pci, ixgbe_rxq(RDT, r), 0);
	bar_write(pci, ixgbe_rxq(RXDCTL, r), enable | vme);
	err = bar_wait(pci, ixgbe_rxq(RXDCTL, r), enable, enable, 10 * MS);
	if (err) {
		log_error("%s: RX queue %u does not start", q->nic->name, r);
		return err;
	}
	intel_rxq_begin(q);
	return 0;
}

/* 82599 4.6.7.1.2. Afterwards no descriptor or buffer of the queue is written. */
int ixgbe_rxq_stop(struct intel_rxq *q)
{
	struct pci_dev *pci = q->nic->pci;
	uint32_t reg = ixgbe_rxq(RXDCTL, q->index), enable = field_mask(RXDCTL_ENABLE);
	int err;

	bar_write(pci, reg, bar_read(pci, reg) & ~enable);
	err = bar_wait(pci, reg, enable, 0, 10 * MS);
	if (err && err != -ENODEV) {
		log_error("%s: RX queue %u does not stop", q->nic->name, q->index);
		return err;
	}
	pci->ops->delay(pci, 100); /* write-backs under way; the datasheet's 100 µs */
	intel_rxq_end(q);
	return 0;
}

/* 82599 4.6.8.1. */
int ixgbe_txq_start(struct intel_txq *q)
{
	struct pci_dev *pci = q->nic->pci;
	uint32_t r = q->index, enable = field_mask(TXDCTL_ENABLE);
	const union intel_tx_desc *ring = intel_txq_ring(q);
	int err;

	intel_txq_begin(q);
	bar_write(pci, ixgbe_txq(TDBAL, r), low(mem_iova(ring)));
	bar_write(pci, ixgbe_txq(TDBAH, r), high(mem_iova(ring)));
	bar_write(pci, ixgbe_txq(TDLEN, r), q->size * (uint32_t)sizeof(*ring));
	/* The head pointer is written back to memory, so that no register is read and no descriptor
	 * touched to know what was sent (7.2.3.5.2). */
	bar_write(pci, ixgbe_txq(TDWBAH, r), high(mem_iova(q->head)));
	bar_write(pci, ixgbe_txq(TDWBAL, r),
		  low(mem_iova(q->head)) | field_mask(TDWBAL_HEAD_WB_EN));
	bar_write(pci, ixgbe_txq(DCA_TXCTRL, r),
		  bar_read(pci, ixgbe_txq(DCA_TXCTRL, r)) & ~field_mask(DCA_TXCTRL_DESC_WRO_EN));
	bar_write(pci, ixgbe_txq(TDH, r), 0);
	bar_write(pci, ixgbe_txq(TDT, r), 0);
	/* Prefetch below 32; WTHRESH must be 0 with head write-back (7.2.3.5.2). */
	bar_write(pci, ixgbe_txq(TXDCTL, r),
		  field_of(TXDCTL_PTHRESH, 32) | field_of(TXDCTL_HTHRESH, 1) | enable);
	err = bar_wait(pci, ixgbe_txq(TXDCTL, r), enable, enable, 10 * MS);
	if (err)
		log_error("%s: TX queue %u does not start", q->nic->name, r);
	return err;
}

/* 82599 4.6.8.2: wait until all was sent, at most 10 ms (the link may be down), then flush. */
int ixgbe_txq_stop(struct intel_txq *q)
{
	struct pci_dev *pci = q->nic->pci;
	uint32_t reg = ixgbe_txq(TXDCTL, q->index), enable = field_mask(TXDCTL_ENABLE);
	uint32_t tail = bar_read(pci, ixgbe_txq(TDT, q->index));
	int err = bar_wait(pci, ixgbe_txq(TDH, q->index), UINT32_MAX, tail, 10 * MS);

	if (err != -ENODEV) {
		bar_write(pci, reg, field_mask(TXDCTL_SWFLSH));
		err = bar_wait(pci, reg, enable, 0, 10 * MS);
	}
	if (err && err != -ENODEV) {
		log_error("%s: TX queue %u does not stop", q->nic->name, q->index);
		return err;
	}
	intel_txq_end(q);
	return 0;
}

int ixgbe_queues_new(struct ixgbe *dev)
{
	struct nic *nic = &dev->nic;
	int err = 0;

	for (unsigned i = 0; i < nic->cfg.rx_queues && !err; i++)
		err = intel_rxq_new(&dev->rx[i], nic, i, ixgbe_rxq(RDT, i));
	for (unsigned i = 0; i < nic->cfg.tx_queues && !err; i++)
		err = intel_txq_new(&dev->tx[i], nic, i, ixgbe_txq(TDT, i), dev->max_frame);
	if (err) {
		log_error("%s: no DMA memory for %u RX and %u TX rings", nic->name,
			  nic->cfg.rx_queues, nic->cfg.tx_queues);
		ixgbe_queues_del(dev);
	}
	return err;
}

/* The device was reset: nothing is written any more. */
void ixgbe_queues_del(struct ixgbe *dev)
{
	for (unsigned i = 0; i < dev->nic.cfg.rx_queues; i++)
		intel_rxq_del(&dev->rx[i]);
	for (unsigned i = 0; i < dev->nic.cfg.tx_queues; i++)
		intel_txq_del(&dev->tx[i]);
}
