/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The memory of a queue, and its state when the device starts and stops to use it.
 */
#include "drivers/intel/path.h"

/* Of queues whose buffers come from anywhere. */
static struct nic_pool no_pool;

/* A queue that an in-place path has taken. */
static unsigned taken_rx(struct nic_rxq *q, struct nic_pkt *pkts, unsigned n)
{
	(void)q, (void)pkts, (void)n;
	return 0;
}
static unsigned taken_tx(struct nic_txq *q, const struct nic_pkt *pkts, unsigned n)
{
	(void)q, (void)pkts, (void)n;
	return 0;
}
static unsigned taken_clean(struct nic_txq *q)
{
	(void)q;
	return 0;
}

int intel_rxq_new(struct intel_rxq *q, struct nic *nic, unsigned index, uint32_t tail_reg)
{
	q->nic = nic;
	q->index = index;
	q->tail_reg = tail_reg;
	q->size = nic->cfg.rx_ring;
	q->pool = nic->pools[index];
	q->iova_offset = mem_iova_offset(nic->mem);
	q->ring = mem_alloc(nic->mem, q->size * sizeof(*q->ring), 128);
	q->buf = mem_alloc(nic->mem, q->size * sizeof(*q->buf), 128);
	q->q.burst = taken_rx;
	nic->rxq[index] = &q->q;
	return q->ring && q->buf ? 0 : -ENOMEM;
}

int intel_txq_new(struct intel_txq *q, struct nic *nic, unsigned index, uint32_t tail_reg,
		  uint32_t max_frame)
{
	q->nic = nic;
	q->index = index;
	q->tail_reg = tail_reg;
	q->size = nic->cfg.tx_ring;
	q->max_frame = max_frame;
	q->pool = nic->cfg.pool ? nic->cfg.pool : &no_pool;
	q->iova_offset = mem_iova_offset(nic->mem);
	q->ring = mem_alloc(nic->mem, q->size * sizeof(*q->ring), 128);
	q->buf = mem_alloc(nic->mem, q->size * sizeof(*q->buf), 128);
	q->head = mem_alloc(nic->mem, 64, 64);
	q->q = (struct nic_txq) { taken_tx, taken_clean };
	nic->txq[index] = &q->q;
	return q->ring && q->buf && q->head ? 0 : -ENOMEM;
}

/* Give every posted buffer back; the device is off. */
static void rxq_empty(struct intel_rxq *q)
{
	for (; ring_used(q->fill, q->next); q->next++)
		pool_return(&q->buf[ring_slot(q->next, q->size)], 1);
}

static void txq_empty(struct intel_txq *q)
{
	for (; ring_used(q->tail, q->clean); q->clean++)
		pool_return(&q->buf[ring_slot(q->clean, q->size)], 1);
}

void intel_rxq_del(struct intel_rxq *q)
{
	if (!q->nic)
		return;
	if (q->buf)
		rxq_empty(q);
	mem_free(q->nic->mem, q->ring);
	mem_free(q->nic->mem, q->buf);
}

void intel_txq_del(struct intel_txq *q)
{
	if (!q->nic)
		return;
	if (q->buf)
		txq_empty(q);
	mem_free(q->nic->mem, q->ring);
	mem_free(q->nic->mem, q->buf);
	mem_free(q->nic->mem, q->head);
}

void intel_rxq_begin(struct intel_rxq *q)
{
	struct pci_dev *pci = q->nic->pci;
	const struct intel_burst *burst =
		q->gigabit ? &intel_burst_gigabit : intel_burst(q->nic->isa);

	q->doorbell = pci->ops->bar_map(pci, 0, q->tail_reg);
	q->next = q->fill = 0;
	q->q.burst = q->path ? taken_rx : burst->rx;
	if (!q->path)
		burst->fill(q);
}

void intel_txq_begin(struct intel_txq *q)
{
	struct pci_dev *pci = q->nic->pci;
	const struct intel_burst *burst = intel_burst(q->nic->isa);

	*q->head = to_le32(0);
	q->tail = q->clean = 0;
	q->look = 2 * INTEL_BATCH;
	for (int i = 0; i < 3; i++)
		q->context[i] = UINT32_MAX; /* matches nothing: the first use writes it */
	q->doorbell = pci->ops->bar_map(pci, 0, q->tail_reg);
	q->q.burst = q->path ? taken_tx : burst->tx;
	q->q.clean = q->path ? taken_clean : burst->clean;
}

void intel_rxq_end(struct intel_rxq *q)
{
	if (!q->path)
		rxq_empty(q);
}

void intel_txq_end(struct intel_txq *q)
{
	if (!q->path)
		txq_empty(q);
}

const union intel_rx_desc *intel_rxq_ring(const struct intel_rxq *q)
{
	return q->path ? intel_path_rx_ring(q->path) : q->ring;
}

const union intel_tx_desc *intel_txq_ring(const struct intel_txq *q)
{
	return q->path ? intel_path_tx_ring(q->path, q) : q->ring;
}

int intel_rx_waiting(const struct intel_rxq *q)
{
	const union intel_rx_desc *d = &q->ring[ring_slot(q->next, q->size)];

	if (q->path)
		return intel_path_waiting(q->path);
	return ring_used(q->fill, q->next) &&
	       dma_load_acquire32(&d->wb.status) & field_mask(RXD_STAT_DD);
}
