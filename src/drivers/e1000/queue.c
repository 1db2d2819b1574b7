/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Rings: their memory, and their registers, which are written while the unit is off (82540EM 14.4,
 * 14.5).
 */
#include "drivers/e1000/e1000.h"

static void write_ring(struct pci_dev *pci, uint32_t first, const struct e1000_desc *ring,
		       uint32_t size)
{
	bar_write(pci, first, (uint32_t)mem_iova(ring));
	bar_write(pci, first + (RDBAH - RDBAL), (uint32_t)(mem_iova(ring) >> 32));
	bar_write(pci, first + (RDLEN - RDBAL), size * (uint32_t)sizeof(*ring));
	bar_write(pci, first + (RDH - RDBAL), 0);
	bar_write(pci, first + (RDT - RDBAL), 0);
}

void e1000_rxq_setup(struct e1000_rxq *q)
{
	struct pci_dev *pci = q->dev->nic.pci;

	write_ring(pci, e1000_queue(RDBAL, q->index),
		   q->path ? e1000_path_rx_ring(q->path) : q->ring, q->size);
	q->doorbell = pci->ops->bar_map(pci, 0, e1000_queue(RDT, q->index));
	q->next = q->fill = 0;
}

void e1000_txq_setup(struct e1000_txq *q)
{
	struct pci_dev *pci = q->dev->nic.pci;

	q->tail = q->clean = q->marked = q->reported = 0;
	q->last_mark = UINT32_MAX;
	q->context[2] = 0;
	q->after_tso = 0;
	write_ring(pci, e1000_queue(TDBAL, q->index),
		   q->path ? e1000_path_tx_ring(q->path, q) : q->ring, q->size);
	q->doorbell = pci->ops->bar_map(pci, 0, e1000_queue(TDT, q->index));
}

/* Give every posted buffer back; the receiver is off. */
void e1000_rxq_empty(struct e1000_rxq *q)
{
	for (; ring_used(q->fill, q->next); q->next++)
		pool_return(&q->buf[ring_slot(q->next, q->size)], 1);
}

void e1000_txq_empty(struct e1000_txq *q)
{
	for (; ring_used(q->tail, q->clean); q->clean++)
		pool_return(&q->buf[ring_slot(q->clean, q->size)], 1);
}

/* 82540EM 13.4.22: RCTL without EN. One buffer size serves all queues. */
uint32_t e1000_rctl(const struct e1000 *dev)
{
	uint32_t size =
		dev->rx[0].path ? e1000_path_buffer(dev->rx[0].path) : dev->nic.pools[0]->size;
	uint32_t large = size > 2048, shift = 0;

	while ((large ? 32768u : 2048u) >> shift > size)
		shift++;
	return field_mask(RCTL_BAM) | field_mask(RCTL_SECRC) |
	       field_of(RCTL_UPE, dev->promisc != 0) | field_of(RCTL_MPE, dev->promisc != 0) |
	       field_of(RCTL_LPE, dev->max_frame > 1514) | field_of(RCTL_BSIZE, shift) |
	       field_of(RCTL_BSEX, large) | field_of(RCTL_VFE, dev->vlan_filter != 0);
}

static int rxq_new(struct e1000 *dev, unsigned i)
{
	struct e1000_rxq *q = &dev->rx[i];

	q->q.burst = e1000_rx;
	q->dev = dev;
	q->index = i;
	q->size = dev->nic.cfg.rx_ring;
	q->pool = dev->nic.pools[i];
	q->ring = mem_alloc(dev->nic.mem, q->size * sizeof(*q->ring), 128);
	q->buf = mem_alloc(dev->nic.mem, q->size * sizeof(*q->buf), 128);
	dev->nic.rxq[i] = &q->q;
	return q->ring && q->buf ? 0 : -ENOMEM;
}

static int txq_new(struct e1000 *dev, unsigned i)
{
	struct e1000_txq *q = &dev->tx[i];

	q->q.burst = e1000_tx;
	q->q.clean = e1000_tx_clean;
	q->dev = dev;
	q->index = i;
	q->size = dev->nic.cfg.tx_ring;
	q->pool = dev->nic.cfg.pool;
	q->ring = mem_alloc(dev->nic.mem, q->size * sizeof(*q->ring), 128);
	q->buf = mem_alloc(dev->nic.mem, q->size * sizeof(*q->buf), 128);
	q->marks = mem_alloc(dev->nic.mem, q->size * sizeof(*q->marks), 128);
	dev->nic.txq[i] = &q->q;
	return q->ring && q->buf && q->marks ? 0 : -ENOMEM;
}

int e1000_queues_new(struct e1000 *dev)
{
	int err = 0;

	for (unsigned i = 0; i < dev->nic.cfg.rx_queues && !err; i++)
		err = rxq_new(dev, i);
	for (unsigned i = 0; i < dev->nic.cfg.tx_queues && !err; i++)
		err = txq_new(dev, i);
	if (err) {
		log_error("%s: no DMA memory for %u RX and %u TX rings", dev->nic.name,
			  dev->nic.cfg.rx_queues, dev->nic.cfg.tx_queues);
		e1000_queues_del(dev);
	}
	return err;
}

/* The device was reset: nothing is written any more. */
void e1000_queues_del(struct e1000 *dev)
{
	for (unsigned i = 0; i < dev->nic.cfg.rx_queues; i++) {
		if (dev->rx[i].buf)
			e1000_rxq_empty(&dev->rx[i]);
		mem_free(dev->nic.mem, dev->rx[i].ring);
		mem_free(dev->nic.mem, dev->rx[i].buf);
	}
	for (unsigned i = 0; i < dev->nic.cfg.tx_queues; i++) {
		if (dev->tx[i].buf)
			e1000_txq_empty(&dev->tx[i]);
		mem_free(dev->nic.mem, dev->tx[i].ring);
		mem_free(dev->nic.mem, dev->tx[i].buf);
		mem_free(dev->nic.mem, dev->tx[i].marks);
	}
}
