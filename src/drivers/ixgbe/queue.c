/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One queue at a time: memory, and the enable and disable sequences.
 */
#include "drivers/ixgbe/ixgbe.h"

#define MS 1000u

static uint32_t low(uint64_t iova)
{
	return (uint32_t)iova;
}
static uint32_t high(uint64_t iova)
{
	return (uint32_t)(iova >> 32);
}

/* Give every posted buffer back; the device is off. */
static void rxq_empty(struct ixgbe_rxq *q)
{
	for (; ring_used(q->fill, q->next); q->next++)
		pool_return(&q->buf[ring_slot(q->next, q->size)], 1);
}

static void txq_empty(struct ixgbe_txq *q)
{
	for (; ring_used(q->tail, q->clean); q->clean++)
		pool_return(&q->buf[ring_slot(q->clean, q->size)], 1);
}

/* 82599 4.6.7.1.1: base, length, control, pointers, enable, then the tail. */
int ixgbe_rxq_start(struct ixgbe_rxq *q)
{
	struct pci_dev *pci = q->dev->nic.pci;
	uint32_t r = q->index, enable = field_mask(RXDCTL_ENABLE), drop = 0;
	union ixgbe_rx_desc *ring = q->path ? ixgbe_path_rx_ring(q->path) : q->ring;
	uint32_t size = q->path ? ixgbe_path_buffer(q->path) : q->pool->size;
	uint32_t type = q->path ? SRRCTL_DESCTYPE_LEGACY : SRRCTL_DESCTYPE_ADV_ONE_BUFFER;
	uint32_t vme = q->path || q->dev->nic.cfg.no_vlan_strip ? 0 : field_mask(RXDCTL_VME);
	int err;

	if (q->dev->nic.cfg.rx_queues > 1) /* a queue that nobody serves must not stop the others */
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
		log_error("%s: RX queue %u does not start", q->dev->nic.name, r);
		return err;
	}
	q->doorbell = pci->ops->bar_map(pci, 0, ixgbe_rxq(RDT, r));
	q->next = q->fill = 0;
	if (!q->path)
		ixgbe_rx_fill(q);
	return 0;
}

/* 82599 4.6.7.1.2. Afterwards no descriptor or buffer of the queue is written. */
int ixgbe_rxq_stop(struct ixgbe_rxq *q)
{
	struct pci_dev *pci = q->dev->nic.pci;
	uint32_t reg = ixgbe_rxq(RXDCTL, q->index), enable = field_mask(RXDCTL_ENABLE);
	int err;

	bar_write(pci, reg, bar_read(pci, reg) & ~enable);
	err = bar_wait(pci, reg, enable, 0, 10 * MS);
	if (err && err != -ENODEV) {
		log_error("%s: RX queue %u does not stop", q->dev->nic.name, q->index);
		return err;
	}
	pci->ops->delay(pci, 100); /* write-backs under way; the datasheet's 100 µs */
	if (!q->path)
		rxq_empty(q);
	return 0;
}

/* 82599 4.6.8.1. */
int ixgbe_txq_start(struct ixgbe_txq *q)
{
	struct pci_dev *pci = q->dev->nic.pci;
	uint32_t r = q->index, enable = field_mask(TXDCTL_ENABLE);
	union ixgbe_tx_desc *ring = q->path ? ixgbe_path_tx_ring(q->path, q) : q->ring;
	int err;

	*q->head = to_le32(0);
	q->tail = q->clean = 0;
	for (int i = 0; i < 3; i++)
		q->context[i] = UINT32_MAX; /* matches nothing: the first use writes it */
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
		log_error("%s: TX queue %u does not start", q->dev->nic.name, r);
	q->doorbell = pci->ops->bar_map(pci, 0, ixgbe_txq(TDT, r));
	return err;
}

/* 82599 4.6.8.2: wait until all was sent, at most 10 ms (the link may be down), then flush. */
int ixgbe_txq_stop(struct ixgbe_txq *q)
{
	struct pci_dev *pci = q->dev->nic.pci;
	uint32_t reg = ixgbe_txq(TXDCTL, q->index), enable = field_mask(TXDCTL_ENABLE);
	uint32_t tail = bar_read(pci, ixgbe_txq(TDT, q->index));
	int err = bar_wait(pci, ixgbe_txq(TDH, q->index), UINT32_MAX, tail, 10 * MS);

	if (err != -ENODEV) {
		bar_write(pci, reg, field_mask(TXDCTL_SWFLSH));
		err = bar_wait(pci, reg, enable, 0, 10 * MS);
	}
	if (err && err != -ENODEV) {
		log_error("%s: TX queue %u does not stop", q->dev->nic.name, q->index);
		return err;
	}
	if (!q->path)
		txq_empty(q);
	return 0;
}

static int rxq_new(struct ixgbe *dev, unsigned i)
{
	struct ixgbe_rxq *q = &dev->rx[i];

	q->q.burst = ixgbe_rx;
	q->dev = dev;
	q->index = i;
	q->size = dev->nic.cfg.rx_ring;
	q->pool = dev->nic.pools[i];
	q->ring = mem_alloc(dev->nic.mem, q->size * sizeof(*q->ring), 128);
	q->buf = mem_alloc(dev->nic.mem, q->size * sizeof(*q->buf), 128);
	dev->nic.rxq[i] = &q->q;
	return q->ring && q->buf ? 0 : -ENOMEM;
}

static int txq_new(struct ixgbe *dev, unsigned i)
{
	struct ixgbe_txq *q = &dev->tx[i];

	q->q.burst = ixgbe_tx;
	q->q.clean = ixgbe_tx_clean;
	q->dev = dev;
	q->index = i;
	q->size = dev->nic.cfg.tx_ring;
	q->pool = dev->nic.cfg.pool;
	q->ring = mem_alloc(dev->nic.mem, q->size * sizeof(*q->ring), 128);
	q->buf = mem_alloc(dev->nic.mem, q->size * sizeof(*q->buf), 128);
	q->head = mem_alloc(dev->nic.mem, 64, 64);
	dev->nic.txq[i] = &q->q;
	return q->ring && q->buf && q->head ? 0 : -ENOMEM;
}

int ixgbe_queues_new(struct ixgbe *dev)
{
	int err = 0;

	for (unsigned i = 0; i < dev->nic.cfg.rx_queues && !err; i++)
		err = rxq_new(dev, i);
	for (unsigned i = 0; i < dev->nic.cfg.tx_queues && !err; i++)
		err = txq_new(dev, i);
	if (err) {
		log_error("%s: no DMA memory for %u RX and %u TX rings", dev->nic.name,
			  dev->nic.cfg.rx_queues, dev->nic.cfg.tx_queues);
		ixgbe_queues_del(dev);
	}
	return err;
}

/* The device was reset: nothing is written any more. */
void ixgbe_queues_del(struct ixgbe *dev)
{
	for (unsigned i = 0; i < dev->nic.cfg.rx_queues; i++) {
		if (dev->rx[i].buf)
			rxq_empty(&dev->rx[i]);
		mem_free(dev->nic.mem, dev->rx[i].ring);
		mem_free(dev->nic.mem, dev->rx[i].buf);
	}
	for (unsigned i = 0; i < dev->nic.cfg.tx_queues; i++) {
		if (dev->tx[i].buf)
			txq_empty(&dev->tx[i]);
		mem_free(dev->nic.mem, dev->tx[i].ring);
		mem_free(dev->nic.mem, dev->tx[i].buf);
		mem_free(dev->nic.mem, dev->tx[i].head);
	}
}
