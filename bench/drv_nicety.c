/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety through its public interface: nic_rx and nic_tx, nic_path_rx and nic_path_tx,
 * nic_path_run.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/subjects.h"
#include "drivers/driver.h"
#include "nicety/inline.h"

struct burst_queue {
	struct nic_rxq *rx;
	struct nic_txq *tx;
};

struct nicety {
	struct nic_mem *mem;
	struct nic_pool *pool; /* of a forwarder: feeds one device, gets back from the other */
	struct nic *nic[2];
	struct burst_queue queue[RIG_QUEUES];
	struct nic_path *path[RIG_QUEUES];
};

static int open_nic(struct nicety *d, struct rig *rig, unsigned i)
{
	const struct nic_config cfg = { .rx_queues = rig->setup.queues,
					.tx_queues = rig->setup.queues,
					.rx_ring = rig->setup.ring,
					.tx_ring = rig->setup.ring,
					.pool = d->pool };
	struct pci_dev *pci;
	char *name = strdup("benchmark");
	int err = name ? device_new(&pci, i ? &rig->out : &rig->in, i, &rig->cable) : -ENOMEM;

	if (err) {
		free(name);
		return err;
	}
	return nic_open_pci(&d->nic[i], d->mem, pci, name, &cfg);
}

void burst_close(struct rig *rig)
{
	struct nicety *d = rig->driver;

	nic_close(d->nic[1]);
	nic_close(d->nic[0]);
	nic_pool_del(d->pool);
	nic_mem_del(d->mem);
	free(d);
}

int burst_open(struct rig *rig)
{
	struct nicety *d = calloc(1, sizeof(*d));
	struct nic *out;
	int err;

	if (!d)
		return -ENOMEM;
	rig->driver = d;
	err = nic_mem_new(&d->mem, NULL);
	if (!err && !rig->setup.echo)
		err = nic_pool_new(&d->pool, d->mem, 2 * rig->setup.ring + 512, 2048);
	if (!err)
		err = open_nic(d, rig, 0);
	if (!err && !rig->setup.echo)
		err = open_nic(d, rig, 1);
	if (err) {
		burst_close(rig);
		return err;
	}
	if (rig->setup.echo)
		rig->out = rig->in;
	out = d->nic[rig->setup.echo ? 0 : 1];
	for (unsigned q = 0; q < rig->setup.queues; q++) {
		d->queue[q].rx = nic_rxq(d->nic[0], q);
		d->queue[q].tx = nic_txq(out, q);
		rig->queue[q] = &d->queue[q];
	}
	return 0;
}

static inline __attribute__((always_inline)) unsigned burst(void *queue, unsigned n, int touch)
{
	struct burst_queue *q = queue;
	struct nic_pkt pkts[RIG_BURST];
	unsigned got = nic_rx(q->rx, pkts, n), sent;

	if (!got)
		return 0;
	for (unsigned i = 0; touch && i < got; i++)
		swap_addresses(pkts[i].data);
	sent = nic_tx(q->tx, pkts, got);
	if (__builtin_expect(sent < got, 0))
		nic_free(pkts + sent, got - sent);
	return got;
}

unsigned burst_forward(void *queue, unsigned n)
{
	return burst(queue, n, 0);
}
unsigned burst_touch(void *queue, unsigned n)
{
	return burst(queue, n, 1);
}

void path_close(struct rig *rig)
{
	struct nicety *d = rig->driver;

	for (unsigned q = 0; q < rig->setup.queues; q++)
		nic_path_del(d->path[q]);
	burst_close(rig);
}

int path_open(struct rig *rig)
{
	int err = burst_open(rig);
	struct nicety *d = rig->driver;

	for (unsigned q = 0; q < rig->setup.queues && !err; q++) {
		err = nic_path_new(&d->path[q], d->nic[0], &d->nic[rig->setup.echo ? 0 : 1], 1, q);
		rig->queue[q] = d->path[q];
		if (err)
			path_close(rig);
	}
	return err;
}

static inline __attribute__((always_inline)) unsigned path(void *queue, unsigned n, int touch)
{
	struct nic_path *p = queue;
	struct nic_slot slots[RIG_BURST];
	unsigned got = nic_path_rx(p, slots, n);

	for (unsigned i = 0; touch && i < got; i++)
		swap_addresses(slots[i].data);
	nic_path_tx(p, slots, got);
	return got;
}

unsigned path_forward(void *queue, unsigned n)
{
	return path(queue, n, 0);
}
unsigned path_touch(void *queue, unsigned n)
{
	return path(queue, n, 1);
}

static inline void leave(void *arg, struct nic_slot *slot)
{
	(void)arg;
	(void)slot;
}
static inline void swap(void *arg, struct nic_slot *slot)
{
	(void)arg;
	swap_addresses(slot->data);
}

unsigned inlined_forward(void *queue, unsigned n)
{
	return nic_path_run(queue, n, leave, NULL);
}
unsigned inlined_touch(void *queue, unsigned n)
{
	return nic_path_run(queue, n, swap, NULL);
}
