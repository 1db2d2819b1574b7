/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The in-place path: slot i of the RX ring and of every TX ring owns buffer i for life.
 *
 * With legacy descriptors (82540EM 3.2.3, 3.3.3) the RX ring and the first TX ring are the same
 * memory: both formats begin with the buffer address, which neither side changes, and the TX word
 * that the driver writes over a received descriptor clears its DD bit. These chips report what was
 * sent by DD in the TX descriptors that ask for it, which are few, and noted in `marks`. Their DD
 * lies where a received descriptor has it: it is cleared before the slot is posted again.
 * A slot's way:
 *
 *   posted (RX owns) -> received (DD set) -> seen (nic_path_rx) -> queued (TX word written, TDT
 *   behind it) -> sent (DD of a mark behind it) -> posted again (RDT behind it)
 *
 * Forbidden: received -> posted, since only the TX word clears DD; dropped frames therefore go
 * through TX as null descriptors of length 0. Further outputs have rings of their own, in which
 * the slots for other outputs are such null descriptors too, so all indices stay equal and RDT
 * follows the slowest output.
 *
 * Extended receive descriptors (82574L) lose their address when they are written back: then the RX
 * ring has memory of its own, and posting means writing address and DD again.
 */
#include "drivers/e1000/e1000.h"

#define MAX_OUTS 8

struct e1000_path {
	struct nic_path path; /* must be first */
	struct e1000_rxq *rx;
	struct e1000_txq *tx[MAX_OUTS];
	struct e1000_desc *ring;            /* shared with tx[0], unless extended */
	struct e1000_desc *rings[MAX_OUTS]; /* rings[0] = ring, unless extended */
	uint32_t sent[MAX_OUTS];            /* free running: what each output has sent */
	uint32_t reported[MAX_OUTS];        /* free running index of marks: what it has reported */
	uint32_t *marks;                    /* slots with RS, the same in all outputs */
	uint32_t marked, cleared;           /* free running indices of marks */
	void **buf;                         /* (host) buffer of each slot, for ever */
	uint32_t size, buf_size;
	uint32_t next; /* the slot that is received into next */
	uint32_t seen; /* behind the last slot that nic_path_rx returned */
	uint32_t done; /* what all outputs have sent */
	int split;     /* in the middle of a frame longer than a buffer */
	int extended;
	unsigned n_outs;
	struct nic_pool *pool;
};

struct e1000_desc *e1000_path_rx_ring(const struct e1000_path *p)
{
	return p->ring;
}

uint32_t e1000_path_buffer(const struct e1000_path *p)
{
	return p->buf_size;
}

struct e1000_desc *e1000_path_tx_ring(const struct e1000_path *p, const struct e1000_txq *q)
{
	unsigned i = 0;

	while (p->tx[i] != q)
		i++;
	return p->rings[i];
}

static uint64_t word_at(const struct e1000_desc *ring, const struct e1000_path *p, uint32_t index)
{
	return dma_load_acquire64(&ring[ring_slot(index, p->size)].word);
}

int e1000_path_waiting(const struct e1000_path *p)
{
	return (e1000_status(word_at(p->ring, p, p->next), p->extended) & field_mask(RXD_DD)) != 0;
}

/*
 * A part of a frame that cannot be handed over; it is shown with length 0. The parts of a frame
 * longer than a buffer come in a row, and p->split remembers the beginning until the end.
 */
static __attribute__((noinline, cold)) uint16_t refuse(struct e1000_path *p, uint32_t status,
						       uint32_t len)
{
	int end = (status & field_mask(RXD_EOP)) != 0;

	if (end && (p->split || len) && !(status & RX_ERRORS))
		p->rx->too_long++;
	else if (end)
		p->rx->bad++;
	p->split = !end;
	return 0;
}

static unsigned path_rx(struct nic_path *path, struct nic_slot *slots, unsigned n)
{
	struct e1000_path *p = container_of(path, struct e1000_path, path);
	uint32_t i = p->next;
	unsigned k;

	for (k = 0; k < n; k++, i++) {
		/* acquire: the frame was written before DD */
		uint64_t word = word_at(p->ring, p, i);
		uint32_t status = e1000_status(word, p->extended);

		if (!(status & field_mask(RXD_DD)) || ring_used(i, p->done) >= p->size - 1)
			break;
		slots[k].data = p->buf[ring_slot(i, p->size)];
		slots[k].len = e1000_length(word, p->extended);
		slots[k].out = 0;
		slots[k].flags = e1000_rx_flags(status) & ~(uint32_t)NIC_VLAN;
		if (unlikely((status & (field_mask(RXD_EOP) | RX_ERRORS)) != field_mask(RXD_EOP) ||
			     p->split || slots[k].len - 1u >= p->buf_size))
			slots[k].len = refuse(p, status, slots[k].len);
	}
	p->seen = i;
	return k;
}

static void ring_tail(const struct e1000_path *p, void *doorbell, struct pci_dev *pci, uint32_t reg,
		      uint32_t index)
{
	if (doorbell)
		doorbell_ring(doorbell, ring_slot(index, p->size));
	else
		bar_write(pci, reg, ring_slot(index, p->size));
}

/* Turn the seen slots into TX descriptors of output @out; the last asks for a report. */
static inline void send(struct e1000_path *p, const struct nic_slot *slots, unsigned out)
{
	const uint32_t cmd = field_mask(TXD_EOP) | field_mask(TXD_IFCS);
	struct e1000_desc *ring = p->rings[out];
	uint32_t word = 0, i;

	for (i = p->next; i != p->seen; i++, slots++) {
		uint32_t slot = ring_slot(i, p->size), len = slots->out == out ? slots->len : 0;

		if (unlikely(len - SHORT_FRAME > p->buf_size - SHORT_FRAME)) {
			int bad = len && (len < MIN_FRAME || len > p->buf_size);

			p->tx[out]->bad += (uint64_t)bad;
			len = bad ? 0 : len;
			if (len) { /* the PCI chips may corrupt frames that they pad themselves */
				memset((uint8_t *)p->buf[slot] + len, 0, SHORT_FRAME - len);
				len = SHORT_FRAME;
			}
		}
		word = len | cmd;
		ring[slot].word = to_le64(word);
	}
	ring[ring_slot(i - 1, p->size)].word = to_le64(word | field_mask(TXD_RS));
	ring_tail(p, p->tx[out]->doorbell, p->tx[out]->dev->nic.pci,
		  e1000_queue(TDT, p->tx[out]->index), i);
}

/* What output @out has sent: up to the newest mark with DD. */
static uint32_t look(struct e1000_path *p, unsigned out)
{
	while (ring_used(p->marked, p->reported[out])) {
		uint32_t mark = p->marks[ring_slot(p->reported[out], p->size)];

		/* acquire: the device has read the frames before it wrote DD */
		if (!(word_at(p->rings[out], p, mark) >> 32 & field_mask(TXD_DD)))
			break;
		p->sent[out] = mark + 1;
		p->reported[out]++;
	}
	return p->sent[out];
}

/* Slots from @old to p->done go back to the receiver. */
static void post(struct e1000_path *p, uint32_t old)
{
	for (; !p->extended && ring_used(p->marked, p->cleared); p->cleared++) {
		uint32_t mark = p->marks[ring_slot(p->cleared, p->size)];

		if (ring_used(p->done, old) <= ring_used(mark, old))
			break;
		p->ring[ring_slot(mark, p->size)].word = to_le64(0);
	}
	for (uint32_t i = old; p->extended && i != p->done; i++) {
		uint32_t slot = ring_slot(i, p->size);

		p->ring[slot].addr = to_le64(mem_iova(p->buf[slot]));
		p->ring[slot].word = to_le64(0);
	}
	/* one slot stays out of hardware's hands: RDT = RDH would mean none */
	ring_tail(p, p->rx->doorbell, p->rx->dev->nic.pci, e1000_queue(RDT, p->rx->index),
		  p->done - 1);
}

static void path_tx(struct nic_path *path, const struct nic_slot *slots, unsigned n)
{
	struct e1000_path *p = container_of(path, struct e1000_path, path);
	uint32_t old = p->done, waiting = 0;

	if (n) {
		for (unsigned out = 0; out < p->n_outs; out++)
			send(p, slots, out);
		p->next = p->seen;
		p->marks[ring_slot(p->marked++, p->size)] = p->next - 1;
	}
	for (unsigned out = 0; out < p->n_outs; out++) {
		uint32_t used = ring_used(p->next, look(p, out));

		if (used > waiting)
			waiting = used; /* of the slowest output */
	}
	p->done = p->next - waiting;
	if (p->done != old)
		post(p, old);
}

static const struct nic_path_ops path_ops = { .rx = path_rx, .tx = path_tx };

/* A buffer for every slot, and its address in every ring. */
static int path_memory(struct e1000_path *p, struct nic_mem *mem)
{
	int err = nic_pool_new(&p->pool, mem, p->size, p->buf_size);

	if (err)
		return err;
	p->buf = mem_alloc(mem, p->size * sizeof(*p->buf), 128);
	p->marks = mem_alloc(mem, p->size * sizeof(*p->marks), 128);
	for (unsigned out = 0; out < p->n_outs; out++) {
		p->rings[out] = mem_alloc(mem, p->size * sizeof(**p->rings), 128);
		if (!p->rings[out])
			return -ENOMEM;
	}
	p->ring = p->extended ? mem_alloc(mem, p->size * sizeof(*p->ring), 128) : p->rings[0];
	if (!p->ring || !p->buf || !p->marks)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->size; i++) {
		p->buf[i] = p->pool->stack[--p->pool->n];
		p->ring[i].addr = to_le64(mem_iova(p->buf[i]));
		for (unsigned out = 0; out < p->n_outs; out++)
			p->rings[out][i].addr = to_le64(mem_iova(p->buf[i]));
	}
	return 0;
}

static void path_free(struct e1000_path *p)
{
	struct nic_mem *mem = p->rx->dev->nic.mem;

	if (p->extended)
		mem_free(mem, p->ring);
	for (unsigned out = 0; out < p->n_outs; out++)
		mem_free(mem, p->rings[out]);
	if (p->pool) {
		if (p->buf && p->ring)
			pool_return(p->buf, p->size);
		nic_pool_del(p->pool);
	}
	mem_free(mem, p->marks);
	mem_free(mem, p->buf);
	mem_free(mem, p);
}

/* Wait until the queue has sent everything, at most 10 ms (the link may be down). */
static int drain(struct e1000_txq *q)
{
	struct pci_dev *pci = q->dev->nic.pci;
	uint32_t tail = bar_read(pci, e1000_queue(TDT, q->index));
	int err = bar_wait(pci, e1000_queue(TDH, q->index), UINT32_MAX, tail, 10 * MS);

	return err == -ETIMEDOUT ? 0 : err;
}

/* Hand the queues to the path (@p), or back to nic_rx and nic_tx (NULL). */
static int path_switch(struct e1000_path *p, struct e1000_path *owner)
{
	int err = 0;

	/* All queues of a device go on and off together; the others' rings just stand still. */
	e1000_receive(p->rx->dev, 0);
	for (unsigned out = 0; out < p->n_outs; out++) {
		struct e1000_txq *tx = p->tx[out];

		err = err ? err : drain(tx);
		e1000_transmit(tx->dev, 0);
		if (!tx->path)
			e1000_txq_empty(tx);
		tx->path = owner;
		e1000_txq_setup(tx);
		e1000_transmit(tx->dev, 1);
	}
	if (!p->rx->path)
		e1000_rxq_empty(p->rx);
	p->rx->path = owner;
	e1000_rxq_setup(p->rx);
	e1000_receive(p->rx->dev, 1);
	if (owner)
		ring_tail(p, p->rx->doorbell, p->rx->dev->nic.pci, e1000_queue(RDT, p->rx->index),
			  p->size - 1);
	return err;
}

/* Which queues, and whether they fit each other. */
static int path_queues(struct e1000_path *p, struct e1000_rxq *rx, struct nic *const *outs,
		       unsigned n, unsigned q)
{
	p->rx = rx;
	p->size = rx->size;
	for (; p->n_outs < n; p->n_outs++) {
		struct e1000_txq *tx = &e1000_of(outs[p->n_outs])->tx[q];

		if (tx->path || rx->path) {
			log_error("%s: queue %u is in a path already", outs[p->n_outs]->name, q);
			return -EBUSY;
		}
		if (tx->size != p->size) {
			log_error("%s: a path needs rings of one size, not %u and %u",
				  outs[p->n_outs]->name, p->size, tx->size);
			return -EINVAL;
		}
		p->tx[p->n_outs] = tx;
	}
	/* One buffer size serves all queues of a device. */
	if (rx->dev->nic.cfg.rx_queues > 1 && p->buf_size != rx->dev->nic.pools[0]->size) {
		log_error("%s: a path beside another queue has its buffers of %u bytes: MTU too "
			  "large",
			  rx->dev->nic.name, (unsigned)rx->dev->nic.pools[0]->size);
		return -EINVAL;
	}
	return 0;
}

int e1000_path_new(struct nic_path **out, struct nic *in, struct nic *const *outs, unsigned n,
		   unsigned q)
{
	struct e1000 *dev = e1000_of(in);
	struct e1000_path *p;
	int err;

	if (n > MAX_OUTS) {
		log_error("%s: a path has at most %d outputs", in->name, MAX_OUTS);
		return -EINVAL;
	}
	p = mem_alloc(in->mem, sizeof(*p), 128);
	if (!p)
		return -ENOMEM;
	p->path.ops = &path_ops;
	p->extended = dev->extended;
	p->buf_size = 2048;
	while (p->buf_size < dev->max_frame + 4) /* and a VLAN tag */
		p->buf_size *= 2;
	err = path_queues(p, &dev->rx[q], outs, n, q);
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

void e1000_path_del(struct nic_path *path)
{
	struct e1000_path *p = container_of(path, struct e1000_path, path);

	path_switch(p, NULL); /* an error was logged; the device is reset at close in any case */
	path_free(p);
}
