/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Wrappers around the queues and paths of devices that must be pumped.
 */
#include "pump.h"

#include <stdlib.h>

struct pumped_rxq {
	struct nic_rxq q;
	struct nic_rxq *inner;
	struct pci_dev *pci;
};
struct pumped_txq {
	struct nic_txq q;
	struct nic_txq *inner;
	struct pci_dev *pci;
};
struct pumped {
	struct pumped_rxq rx[MAX_QUEUES];
	struct pumped_txq tx[MAX_QUEUES];
};

struct pumped_path {
	struct nic_path path;
	struct nic_path *inner;
	unsigned n;
	struct pci_dev *pci[]; /* without repeats, only those to be pumped */
};

static unsigned pumped_rx(struct nic_rxq *q, struct nic_pkt *pkts, unsigned n)
{
	struct pumped_rxq *p = container_of(q, struct pumped_rxq, q);
	unsigned got = p->inner->burst(p->inner, pkts, n);

	if (got)
		return got; /* work off what is there before more arrives */
	p->pci->ops->pump(p->pci);
	return p->inner->burst(p->inner, pkts, n);
}

static unsigned pumped_tx(struct nic_txq *q, const struct nic_pkt *pkts, unsigned n)
{
	struct pumped_txq *p = container_of(q, struct pumped_txq, q);
	unsigned done = p->inner->burst(p->inner, pkts, n);

	if (done < n)
		p->pci->ops->pump(p->pci);
	return done;
}

static unsigned pumped_clean(struct nic_txq *q)
{
	struct pumped_txq *p = container_of(q, struct pumped_txq, q);

	p->pci->ops->pump(p->pci);
	return p->inner->clean(p->inner);
}

int pump_wrap(struct nic *nic)
{
	struct pumped *p;

	if (!nic->pci->ops->pump)
		return 0;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	for (unsigned i = 0; i < nic->cfg.rx_queues; i++) {
		p->rx[i] = (struct pumped_rxq) { { pumped_rx }, nic->rxq[i], nic->pci };
		nic->rxq[i] = &p->rx[i].q;
	}
	for (unsigned i = 0; i < nic->cfg.tx_queues; i++) {
		p->tx[i] =
			(struct pumped_txq) { { pumped_tx, pumped_clean }, nic->txq[i], nic->pci };
		nic->txq[i] = &p->tx[i].q;
	}
	nic->pumped = p;
	return 0;
}

void pump_unwrap(struct nic *nic)
{
	free(nic->pumped);
	nic->pumped = NULL;
}

static void pumped_path_pump(struct nic_path *path)
{
	struct pumped_path *p = container_of(path, struct pumped_path, path);

	for (unsigned i = 0; i < p->n; i++)
		p->pci[i]->ops->pump(p->pci[i]);
}

static unsigned pumped_path_rx(struct nic_path *path, struct nic_slot *slots, unsigned n)
{
	struct pumped_path *p = container_of(path, struct pumped_path, path);

	pumped_path_pump(path);
	return p->inner->ops->rx(p->inner, slots, n);
}

static void pumped_path_tx(struct nic_path *path, const struct nic_slot *slots, unsigned n)
{
	struct pumped_path *p = container_of(path, struct pumped_path, path);

	p->inner->ops->tx(p->inner, slots, n);
}

static const struct nic_path_ops pumped_path_ops = { .rx = pumped_path_rx, .tx = pumped_path_tx };

static void add_device(struct pumped_path *p, struct pci_dev *pci)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->pci[i] == pci)
			return;
	if (pci->ops->pump)
		p->pci[p->n++] = pci;
}

struct nic_path *pump_wrap_path(struct nic_path *inner, struct nic *in, struct nic *const *outs,
				unsigned n)
{
	struct pumped_path *p = calloc(1, sizeof(*p) + (n + 1) * sizeof(p->pci[0]));

	if (!p)
		return NULL;
	p->path.ops = &pumped_path_ops;
	p->path.pump = pumped_path_pump;
	p->path.rings = inner->rings;
	p->inner = inner;
	add_device(p, in->pci);
	for (unsigned i = 0; i < n; i++)
		add_device(p, outs[i]->pci);
	if (p->n)
		return &p->path;
	free(p);
	return inner;
}

struct nic_path *pump_unwrap_path(struct nic_path *path)
{
	struct pumped_path *p = container_of(path, struct pumped_path, path);
	struct nic_path *inner;

	if (path->ops != &pumped_path_ops)
		return path;
	inner = p->inner;
	free(p);
	return inner;
}
