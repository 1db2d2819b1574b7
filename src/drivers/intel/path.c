/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The in-place path: slot i of the RX ring and of every TX ring owns buffer i for life.
 *
 * With legacy descriptors (82599 7.1.5, 7.2.3.2.2) the RX ring and the first TX ring are the same
 * memory: both formats begin with the buffer address, which neither side changes, and the TX word
 * that the driver writes over a received descriptor clears its DD bit. Completion is by head
 * write-back, so the device does not write into sent descriptors. A slot's way:
 *
 *   posted (RX owns) -> received (DD set) -> seen (nic_path_rx) -> queued (TX word written, TDT
 *   behind it) -> sent (head written back) -> posted again (RDT behind it)
 *
 * Forbidden: received -> posted, since only the TX word clears DD; dropped frames therefore go
 * through TX as null descriptors of length 0. Further outputs have rings of their own, in which
 * the slots for other outputs are such null descriptors too, so all indices stay equal and RDT
 * follows the slowest output.
 */
#include "drivers/intel/ring.h"

#define MAX_OUTS 8

struct intel_path {
	struct nic_path path; /* must be first */
	struct intel_rxq *rx;
	struct intel_txq *tx[MAX_OUTS];
	const struct intel_path_chip *chip;
	union intel_rx_desc *ring;            /* shared with tx[0] */
	union intel_tx_desc *rings[MAX_OUTS]; /* rings[0] = ring */
	uint32_t sent[MAX_OUTS];              /* free running: what each output has sent */
	void **buf;                           /* (host) buffer of each slot, for ever */
	uint32_t size, buf_size;
	uint32_t next; /* the slot that is received into next */
	uint32_t seen; /* behind the last slot that nic_path_rx returned */
	uint32_t done; /* what all outputs have sent */
	int split;     /* in the middle of a frame longer than a buffer */
	unsigned n_outs;
	struct nic_pool *pool;
};

const union intel_rx_desc *intel_path_rx_ring(const struct intel_path *p)
{
	return p->ring;
}

uint32_t intel_path_buffer(const struct intel_path *p)
{
	return p->buf_size;
}

const union intel_tx_desc *intel_path_tx_ring(const struct intel_path *p, const struct intel_txq *q)
{
	unsigned i = 0;

	while (p->tx[i] != q)
		i++;
	return p->rings[i];
}

int intel_path_waiting(const struct intel_path *p)
{
	const union intel_rx_desc *d = &p->ring[ring_slot(p->next, p->size)];

	return (dma_load_acquire64(&d->legacy.word) & RXD_LEGACY_DD) != 0;
}

/* A legacy word as the 82599 writes it; igb has its errors one bit lower, and RXE above them
 * (82576 7.1.4). */
static inline uint64_t legacy(const struct intel_path *p, uint64_t word)
{
	uint64_t errors = word >> 40 & 0xff;

	if (!p->rx->gigabit)
		return word;
	return (word & ~((uint64_t)0xff << 40)) | (errors << 1 & 0xc0) << 40 |
	       (errors >> 7 ? RXD_LEGACY_RXE : 0);
}

/*
 * A part of a frame that cannot be handed over; it is shown with length 0. The parts of a frame
 * longer than a buffer come in a row, and p->split remembers the beginning until the end.
 */
static __attribute__((noinline, cold)) uint16_t refuse(struct intel_path *p, uint64_t word)
{
	int end = (word & RXD_LEGACY_EOP) != 0;

	if (end && (p->split || (uint16_t)word) && !(word & RXD_LEGACY_RXE))
		p->rx->too_long++;
	else if (end)
		p->rx->bad++;
	p->split = !end;
	return 0;
}

static unsigned path_rx(struct nic_path *path, struct nic_slot *slots, unsigned n)
{
	struct intel_path *p = container_of(path, struct intel_path, path);
	uint32_t i = p->next;
	unsigned k;

	for (k = 0; k < n; k++, i++) {
		uint32_t slot = ring_slot(i, p->size);
		/* acquire: the frame was written before DD */
		uint64_t word = legacy(p, dma_load_acquire64(&p->ring[slot].legacy.word));
		uint32_t status = (uint32_t)(word >> 32);

		if (!(word & RXD_LEGACY_DD))
			break;
		slots[k].data = p->buf[slot];
		slots[k].len = (uint16_t)word;
		slots[k].out = 0;
		slots[k].flags = (status & (NIC_RX_L4_OK | NIC_RX_IP_OK | NIC_RX_OTHERS)) |
				 ((status >> 14 & 3) << 30);
		if (unlikely((word & (RXD_LEGACY_EOP | RXD_LEGACY_RXE)) != RXD_LEGACY_EOP ||
			     p->split || slots[k].len - 1u >= p->buf_size))
			slots[k].len = refuse(p, word);
	}
	p->seen = i;
	return k;
}

/* Turn the seen slots into TX descriptors of output @out; the last asks for head write-back. */
static inline void send(struct intel_path *p, const struct nic_slot *slots, unsigned out)
{
	const uint64_t cmd = TXD_LEGACY_EOP | TXD_LEGACY_IFCS;
	union intel_tx_desc *ring = p->rings[out];
	uint64_t word = 0;
	uint32_t i;

	for (i = p->next; i != p->seen; i++, slots++) {
		uint32_t len = slots->len;

		if (unlikely(len - INTEL_MIN_FRAME > p->buf_size - INTEL_MIN_FRAME)) {
			p->tx[out]->bad += len && slots->out == out;
			len = 0;
		}
		word = (slots->out == out ? len : 0) | cmd;
		ring[ring_slot(i, p->size)].legacy.word = to_le64(word);
	}
	ring[ring_slot(i - 1, p->size)].legacy.word = to_le64(word | TXD_LEGACY_RS);
	intel_tail(p->tx[out]->nic, p->tx[out]->doorbell, p->tx[out]->tail_reg,
		   ring_slot(i, p->size));
}

static void path_tx(struct nic_path *path, const struct nic_slot *slots, unsigned n)
{
	struct intel_path *p = container_of(path, struct intel_path, path);
	uint32_t old = p->done, done = 0;

	if (n) {
		for (unsigned out = 0; out < p->n_outs; out++)
			send(p, slots, out);
		p->next = p->seen;
	}
	for (unsigned out = 0; out < p->n_outs; out++) {
		/* acquire: the device has read the frames before it wrote that it is past them */
		uint32_t head = dma_load_acquire32(p->tx[out]->head), waiting;
		uint32_t sent = ring_advance(p->sent[out], head, p->size);

		if (likely(head < p->size &&
			   ring_used(sent, p->sent[out]) <= ring_used(p->next, p->sent[out])))
			p->sent[out] = sent;
		waiting = ring_used(p->next, p->sent[out]);
		if (waiting > done)
			done = waiting; /* of the slowest output */
	}
	p->done = p->next - done;
	if (p->done != old) /* one slot stays out of hardware's hands: RDT = RDH would mean none */
		intel_tail(p->rx->nic, p->rx->doorbell, p->rx->tail_reg,
			   ring_slot(p->done - 1, p->size));
}

static const struct nic_path_ops path_ops = { .rx = path_rx, .tx = path_tx };

/* A buffer for every slot, and its address in every ring. */
static int path_memory(struct intel_path *p, struct nic_mem *mem)
{
	int err = nic_pool_new(&p->pool, mem, p->size, p->buf_size);

	if (err)
		return err;
	p->buf = mem_alloc(mem, p->size * sizeof(*p->buf), 128);
	for (unsigned out = 0; out < p->n_outs; out++) {
		p->rings[out] = mem_alloc(mem, p->size * sizeof(**p->rings), 128);
		if (!p->rings[out] || !p->buf)
			return -ENOMEM;
	}
	/* The same memory seen as RX descriptors. */
	p->ring = (union intel_rx_desc *)(void *)p->rings[0];
	for (uint32_t i = 0; i < p->size; i++) {
		p->buf[i] = p->pool->stack[--p->pool->n];
		for (unsigned out = 0; out < p->n_outs; out++)
			p->rings[out][i].legacy.addr = to_le64(mem_iova(p->buf[i]));
	}
	return 0;
}

static void path_free(struct intel_path *p)
{
	struct nic_mem *mem = p->rx->nic->mem;

	for (unsigned out = 0; out < p->n_outs; out++)
		mem_free(mem, p->rings[out]);
	if (p->pool) {
		if (p->buf)
			pool_return(p->buf, p->size);
		nic_pool_del(p->pool);
	}
	mem_free(mem, p->buf);
	mem_free(mem, p);
}

/* Hand the queues to the path (@p), or back to nic_rx and nic_tx (NULL). */
static int path_switch(struct intel_path *p, struct intel_path *owner)
{
	const struct intel_path_chip *chip = p->chip;
	int err;

	/* Frames that come meanwhile wait for a receiver; a queue that is off would lose them. */
	chip->receive(p->rx->nic, 0);
	err = chip->rxq_stop(p->rx);
	for (unsigned out = 0; out < p->n_outs && !err; out++)
		err = chip->txq_stop(p->tx[out]);
	p->rx->path = owner;
	for (unsigned out = 0; out < p->n_outs; out++) {
		p->tx[out]->path = owner;
		if (!err)
			err = chip->txq_start(p->tx[out]);
	}
	if (!err)
		err = chip->rxq_start(p->rx);
	if (!err && owner)
		intel_tail(p->rx->nic, p->rx->doorbell, p->rx->tail_reg, p->size - 1);
	chip->receive(p->rx->nic, 1);
	return err;
}

/* Which queues, and whether they fit each other. */
static int path_queues(struct intel_path *p, struct nic *const *outs, unsigned n)
{
	for (; p->n_outs < n; p->n_outs++) {
		struct intel_txq *tx = p->chip->txq(outs[p->n_outs], p->rx->index);

		if (tx->path || p->rx->path) {
			log_error("%s: queue %u is in a path already", outs[p->n_outs]->name,
				  p->rx->index);
			return -EBUSY;
		}
		if (tx->size != p->size) {
			log_error("%s: a path needs rings of one size, not %u and %u",
				  outs[p->n_outs]->name, p->size, tx->size);
			return -EINVAL;
		}
		p->tx[p->n_outs] = tx;
	}
	return 0;
}

int intel_path_new(struct nic_path **out, const struct intel_path_chip *chip, struct nic *in,
		   struct nic *const *outs, unsigned n, unsigned q)
{
	struct intel_path *p;
	int err;

	if (n > MAX_OUTS) {
		log_error("%s: a path has at most %d outputs", in->name, MAX_OUTS);
		return -EINVAL;
	}
	p = mem_alloc(in->mem, sizeof(*p), 128);
	if (!p)
		return -ENOMEM;
	p->path.ops = &path_ops;
	p->chip = chip;
	p->rx = chip->rxq(in, q);
	p->size = p->rx->size;
	p->buf_size = 2048;
	while (p->buf_size < in->cfg.mtu + 14 + 4) /* and a VLAN tag */
		p->buf_size *= 2;
	err = path_queues(p, outs, n);
	if (!err)
		err = path_memory(p, in->mem);
	if (!err) {
		err = path_switch(p, p);
		if (err)
			path_switch(p, NULL);
	}
	if (err) {
		path_free(p);
		return err;
	}
	*out = &p->path;
	return 0;
}

void intel_path_del(struct nic_path *path)
{
	struct intel_path *p = container_of(path, struct intel_path, path);

	path_switch(p, NULL); /* an error was logged; the device is reset at close in any case */
	path_free(p);
}
