/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One queue at a time: memory, and the enable and disable sequences (82576 4.5.9, 4.5.10).
 */
#include "drivers/igb/igb.h"

static uint32_t low(uint64_t iova)
{
	return (uint32_t)iova;
}
static uint32_t high(uint64_t iova)
{
	return (uint32_t)(iova >> 32);
}

/* 82576 8.2.1: stripping tags is one switch for the port, and an in-place path wants the frames as
 * they are on the wire. */
static void write_strip(struct igb *dev)
{
	int strip = !dev->nic.cfg.no_vlan_strip;

	for (unsigned i = 0; i < dev->nic.cfg.rx_queues; i++)
		strip &= !dev->rx[i].path;
	bar_write(dev->nic.pci, CTRL,
		  field_set(bar_read(dev->nic.pci, CTRL), CTRL_VME, (uint32_t)strip));
}

/* Base, length, control, pointers, enable. The queue goes on with the receiver (8.10.10). */
void igb_rxq_program(struct intel_rxq *q)
{
	struct igb *dev = igb_of(q->nic);
	struct pci_dev *pci = q->nic->pci;
	uint32_t r = q->index, drop = 0;
	const union intel_rx_desc *ring = intel_rxq_ring(q);
	uint32_t size = q->path ? intel_path_buffer(q->path) : q->pool->size;

	if (q->nic->cfg.rx_queues > 1) /* a queue that nobody serves must not stop the others */
		drop = field_mask(SRRCTL_DROP_EN);
	write_strip(dev);
	bar_write(pci, igb_rx_reg(dev, RDBAL, r), low(mem_iova(ring)));
	bar_write(pci, igb_rx_reg(dev, RDBAH, r), high(mem_iova(ring)));
	bar_write(pci, igb_rx_reg(dev, RDLEN, r), q->size * (uint32_t)sizeof(*ring));
	bar_write(pci, igb_rx_reg(dev, SRRCTL, r),
		  field_of(SRRCTL_BSIZEPACKET, size / 1024) |
			  field_of(SRRCTL_DESCTYPE, SRRCTL_DESCTYPE_ADV_ONE_BUFFER) | drop);
	bar_write(pci, igb_rx_reg(dev, RDH, r), 0);
	bar_write(pci, igb_rx_reg(dev, RDT, r), 0);
	bar_write(pci, igb_rx_reg(dev, RXDCTL, r),
		  field_of(RXDCTL_PTHRESH, 8) | field_of(RXDCTL_HTHRESH, 8) |
			  field_of(RXDCTL_WTHRESH, 1) | field_mask(RXDCTL_ENABLE));
}

/* The receiver is on: wait for the queue, then the tail, which it would have ignored before. */
int igb_rxq_go(struct intel_rxq *q)
{
	uint32_t reg = igb_rx_reg(igb_of(q->nic), RXDCTL, q->index);
	uint32_t enable = field_mask(RXDCTL_ENABLE);
	int err = bar_wait(q->nic->pci, reg, enable, enable, 10 * MS);

	if (err) {
		log_error("%s: RX queue %u does not start", q->nic->name, q->index);
		return err;
	}
	intel_rxq_begin(q);
	return 0;
}

/* Afterwards no descriptor or buffer of the queue is written. */
static int rxq_stop(struct intel_rxq *q)
{
	struct pci_dev *pci = q->nic->pci;
	uint32_t reg = igb_rx_reg(igb_of(q->nic), RXDCTL, q->index);
	uint32_t enable = field_mask(RXDCTL_ENABLE);
	int err;

	bar_write(pci, reg, bar_read(pci, reg) & ~enable);
	err = bar_wait(pci, reg, enable, 0, 10 * MS);
	if (err && err != -ENODEV) {
		log_error("%s: RX queue %u does not stop", q->nic->name, q->index);
		return err;
	}
	pci->ops->delay(pci, 100); /* write-backs under way */
	intel_rxq_end(q);
	return 0;
}

/* TCTL.EN is set already: without it ENABLE reads 0 (8.12.13). */
int igb_txq_start(struct intel_txq *q)
{
	struct igb *dev = igb_of(q->nic);
	struct pci_dev *pci = q->nic->pci;
	uint32_t r = q->index, enable = field_mask(TXDCTL_ENABLE);
	const union intel_tx_desc *ring = intel_txq_ring(q);
	int err;

	intel_txq_begin(q);
	bar_write(pci, igb_tx_reg(dev, TDBAL, r), low(mem_iova(ring)));
	bar_write(pci, igb_tx_reg(dev, TDBAH, r), high(mem_iova(ring)));
	bar_write(pci, igb_tx_reg(dev, TDLEN, r), q->size * (uint32_t)sizeof(*ring));
	/* The head pointer is written back to memory, so that no register is read and no descriptor
	 * touched to know what was sent (7.2.3); write-backs must not overtake each other. */
	bar_write(pci, igb_tx_reg(dev, TDWBAH, r), high(mem_iova(q->head)));
	bar_write(pci, igb_tx_reg(dev, TDWBAL, r),
		  low(mem_iova(q->head)) | field_mask(TDWBAL_HEAD_WB_EN));
	bar_clear(dev->nic.pci, igb_tx_reg(dev, TXCTL, r), field_mask(TXCTL_DESC_WRO_EN));
	bar_write(pci, igb_tx_reg(dev, TDH, r), 0);
	bar_write(pci, igb_tx_reg(dev, TDT, r), 0);
	/* WTHRESH must be 0 with head write-back. */
	bar_write(pci, igb_tx_reg(dev, TXDCTL, r),
		  field_of(TXDCTL_PTHRESH, 8) | field_of(TXDCTL_HTHRESH, 1) | enable);
	err = bar_wait(pci, igb_tx_reg(dev, TXDCTL, r), enable, enable, 10 * MS);
	if (err)
		log_error("%s: TX queue %u does not start", q->nic->name, r);
	return err;
}

/* Wait until all was sent, at most 10 ms (the link may be down), then flush. */
static int txq_stop(struct intel_txq *q)
{
	struct igb *dev = igb_of(q->nic);
	struct pci_dev *pci = q->nic->pci;
	uint32_t reg = igb_tx_reg(dev, TXDCTL, q->index), enable = field_mask(TXDCTL_ENABLE);
	uint32_t tail = bar_read(pci, igb_tx_reg(dev, TDT, q->index));
	int err = bar_wait(pci, igb_tx_reg(dev, TDH, q->index), UINT32_MAX, tail, 10 * MS);

	if (err != -ENODEV) {
		bar_write(pci, reg, field_mask(TXDCTL_SWFLUSH));
		err = bar_wait(pci, reg, enable, 0, 10 * MS);
	}
	if (err && err != -ENODEV) {
		log_error("%s: TX queue %u does not stop", q->nic->name, q->index);
		return err;
	}
	intel_txq_end(q);
	return 0;
}

int igb_queues_new(struct igb *dev)
{
	struct nic *nic = &dev->nic;
	int err = 0;

	for (unsigned i = 0; i < nic->cfg.rx_queues && !err; i++) {
		err = intel_rxq_new(&dev->rx[i], nic, i, igb_rx_reg(dev, RDT, i));
		dev->rx[i].gigabit = 1;
	}
	for (unsigned i = 0; i < nic->cfg.tx_queues && !err; i++) {
		err = intel_txq_new(&dev->tx[i], nic, i, igb_tx_reg(dev, TDT, i), dev->max_frame);
		dev->tx[i].context_slot = dev->chip->contexts_shared ? i : 0;
	}
	if (err) {
		log_error("%s: no DMA memory for %u RX and %u TX rings", nic->name,
			  nic->cfg.rx_queues, nic->cfg.tx_queues);
		igb_queues_del(dev);
	}
	return err;
}

/* The device was reset: nothing is written any more. */
void igb_queues_del(struct igb *dev)
{
	for (unsigned i = 0; i < dev->nic.cfg.rx_queues; i++)
		intel_rxq_del(&dev->rx[i]);
	for (unsigned i = 0; i < dev->nic.cfg.tx_queues; i++)
		intel_txq_del(&dev->tx[i]);
}

/* ---- for the in-place path ---- */

static struct intel_rxq *path_rxq(struct nic *nic, unsigned q)
{
	return &igb_of(nic)->rx[q];
}
static struct intel_txq *path_txq(struct nic *nic, unsigned q)
{
	return &igb_of(nic)->tx[q];
}
static void path_receive(struct nic *nic, int on)
{
	igb_receive(igb_of(nic), on);
}
/* A path stops the receiver first; the queue needs it before its tail moves. */
static int path_rxq_start(struct intel_rxq *q)
{
	igb_rxq_program(q);
	igb_receive(igb_of(q->nic), 1);
	return igb_rxq_go(q);
}

/* Received frames in advanced descriptors: the 82576 has legacy ones, too, but others of the family
 * (and QEMU's device) are not known to. */
static const struct intel_path_chip path_chip = {
	.split = 1,
	.rxq = path_rxq,
	.txq = path_txq,
	.rxq_start = path_rxq_start,
	.rxq_stop = rxq_stop,
	.txq_start = igb_txq_start,
	.txq_stop = txq_stop,
	.receive = path_receive,
};

int igb_path_new(struct nic_path **out, struct nic *in, struct nic *const *outs, unsigned n,
		 unsigned q)
{
	return intel_path_new(out, &path_chip, in, outs, n, q);
}
