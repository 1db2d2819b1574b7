/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The in-place path: slot i of the RX ring and of every TX ring owns buffer i for life. Here it is
 * made and taken down; the packets' way is in nicety/inline.h.
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
 *
 * A chip without legacy descriptors gets split rings: the receive ring lies apart, its descriptors
 * are written anew when their frame was taken, and only the tail tells the device much later.
 */
#include "drivers/intel/path.h"
#include "nicety/inline.h"

struct intel_path {
	struct nic_path path; /* must be first */
	struct nic_rings rings;
	struct intel_rxq *rx;
	struct intel_txq *tx[NIC_PATH_OUTS];
	const struct intel_path_chip *chip;
	struct nic_pool *pool;
	uint32_t buf_size;
};

_Static_assert(sizeof(struct nic_ring_slot) == sizeof(union intel_rx_desc) &&
		       offsetof(union intel_rx_desc, legacy.word) == 8 &&
		       offsetof(union intel_rx_desc, wb.status) == 8,
	       "both kinds of receive descriptors have their word behind the address");

/* ---- what the rings say of themselves ---- */

const union intel_rx_desc *intel_path_rx_ring(const struct intel_path *p)
{
	return (const union intel_rx_desc *)(const void *)p->rings.rx;
}

const union intel_tx_desc *intel_path_tx_ring(const struct intel_path *p, const struct intel_txq *q)
{
	unsigned i = 0;

	while (p->tx[i] != q)
		i++;
	return (const union intel_tx_desc *)(const void *)p->rings.tx[i];
}

uint32_t intel_path_buffer(const struct intel_path *p)
{
	return p->buf_size;
}

int intel_path_waiting(const struct intel_path *p)
{
	const struct nic_rings *r = &p->rings;

	return (nic_rings_load(&r->rx[r->next & r->mask], r->split) & NIC_RINGS_DD) != 0;
}

/* ---- what the loop calls when things are rare ---- */

/*
 * A part of a frame that cannot be handed over. The parts of a frame longer than a buffer come in
 * a row, and in_frame remembers the beginning until the end.
 */
static __attribute__((cold)) void refuse(struct nic_rings *r, uint64_t word)
{
	struct intel_path *p = container_of(r, struct intel_path, rings);
	uint64_t errors = r->judged & ~r->good;
	int end = (word & r->good) == r->good;

	if (end && (r->in_frame || (uint16_t)word) && !(word & errors))
		p->rx->too_long++;
	else if (end)
		p->rx->bad++;
	r->in_frame = !end;
}

static __attribute__((cold)) void write_tail(struct nic_rings *r, uint32_t out, uint32_t slot)
{
	struct intel_path *p = container_of(r, struct intel_path, rings);

	if (out == r->outs)
		bar_write(p->rx->nic->pci, p->rx->tail_reg, slot);
	else
		bar_write(p->tx[out]->nic->pci, p->tx[out]->tail_reg, slot);
}

static __attribute__((noinline)) void reclaim(struct nic_rings *r)
{
	nic_rings_reclaim(r, r->outs);
}

/*
 * Many at a time lie apart, so that one is served without its preparations. With AVX2 the
 * compiler needs no copies for SSE's instructions of two operands.
 */
#define PATH_OPS(name, split, target)                                                             \
	target static __attribute__((noinline)) unsigned rx_many_##name(                          \
		struct nic_rings *r, struct nic_slot *slots, unsigned n)                          \
	{                                                                                         \
		return nic_rings_rx_many(r, slots, nic_rings_owned(r, n), split);                 \
	}                                                                                         \
	target static unsigned rx_##name(struct nic_path *path, struct nic_slot *slots,           \
					 unsigned n)                                              \
	{                                                                                         \
		struct nic_rings *r = path->rings;                                                \
		uint64_t word = 0;                                                                \
		uint32_t there = nic_rings_there(r, n, &word, split);                             \
                                                                                                  \
		if (!there)                                                                       \
			r->seen = r->next;                                                        \
		else if (there > 1 || !nic_rings_rx_one(r, slots, word, split))                   \
			return rx_many_##name(r, slots, n);                                       \
		return there;                                                                     \
	}                                                                                         \
	target static __attribute__((noinline)) void tx_many_##name(struct nic_rings *r,          \
								    const struct nic_slot *slots) \
	{                                                                                         \
		nic_rings_tx_many(r, slots, split);                                               \
	}                                                                                         \
	target static void tx_##name(struct nic_path *path, const struct nic_slot *slots,         \
				     unsigned n)                                                  \
	{                                                                                         \
		struct nic_rings *r = path->rings;                                                \
		uint32_t seen = r->seen - r->next;                                                \
                                                                                                  \
		(void)n;                                                                          \
		if (seen > 1 || r->outs > 1 || (seen && !nic_rings_tx_one(r, slots, split)))      \
			tx_many_##name(r, slots);                                                 \
		else if (nic_rings_reclaims(r))                                                   \
			reclaim(r);                                                               \
	}                                                                                         \
	static const struct nic_path_ops ops_##name = { rx_##name, tx_##name };
PATH_OPS(shared, 0, )
PATH_OPS(split, 1, )
#if defined(__x86_64__)
PATH_OPS(shared_avx, 0, __attribute__((target("avx2"))))
PATH_OPS(split_avx, 1, __attribute__((target("avx2"))))
#endif

static const struct nic_path_ops *path_ops(enum isa isa, int split)
{
#if defined(__x86_64__)
	if (isa == ISA_AVX2 || isa == ISA_AVX512)
		return split ? &ops_split_avx : &ops_shared_avx;
#endif
	(void)isa;
	return split ? &ops_split : &ops_shared;
}

/* ---- making and taking down ---- */

/* The bits of words, as nic_rings sees them: split rings' halves are exchanged. */
static void path_words(struct nic_rings *r, int split, int gigabit)
{
	r->split = split;
	r->null = TXD_LEGACY_EOP | TXD_LEGACY_IFCS;
	r->error_shift = 0;
	if (split) {
		r->good = (uint64_t)INTEL_RX_GOOD << 32;
		r->judged = (uint64_t)INTEL_RX_JUDGED << 32;
		if (gigabit) { /* 82576 7.1.5.2: bits 31:29 of the status are RXE, IPE, L4E */
			r->error_shift = 1;
			r->judged = r->good | (uint64_t)1 << 63;
		}
		r->cmd = INTEL_TX_CMD;
		r->report = field_mask(TXD_RS);
	} else {
		r->good = RXD_LEGACY_DD | RXD_LEGACY_EOP;
		r->judged = r->good | RXD_LEGACY_RXE;
		r->cmd = r->null;
		r->report = TXD_LEGACY_RS;
	}
}

/* A buffer for every slot, and its address in every ring. */
static int path_memory(struct intel_path *p, struct nic_mem *mem)
{
	struct nic_rings *r = &p->rings;
	const uint32_t size = r->mask + 1;
	size_t len = size * sizeof(*r->rx);
	int err = nic_pool_new(&p->pool, mem, size, p->buf_size);

	if (err)
		return err;
	r->buf = mem_alloc(mem, size * sizeof(*r->buf), 128);
	for (unsigned out = 0; out < r->outs; out++) {
		r->tx[out] = mem_alloc(mem, len, 128);
		if (!r->tx[out] || !r->buf)
			return -ENOMEM;
	}
	r->rx = r->split ? mem_alloc(mem, len, 128) : r->tx[0];
	if (!r->rx)
		return -ENOMEM;
	for (uint32_t i = 0; i < size; i++) {
		uint64_t addr;

		r->buf[i] = p->pool->stack[--p->pool->n];
		addr = nic_rings_le64(mem_iova(r->buf[i]));
		r->rx[i].addr = addr;
		for (unsigned out = 0; out < r->outs; out++)
			r->tx[out][i].addr = addr;
	}
	return 0;
}

static void path_free(struct intel_path *p)
{
	struct nic_mem *mem = p->rx->nic->mem;
	struct nic_rings *r = &p->rings;

	if (r->split)
		mem_free(mem, r->rx);
	for (unsigned out = 0; out < r->outs; out++)
		mem_free(mem, r->tx[out]);
	if (p->pool) {
		if (r->buf)
			pool_return(r->buf, r->mask + 1);
		nic_pool_del(p->pool);
	}
	mem_free(mem, r->buf);
	mem_free(mem, p);
}

/* Hand the queues to the path (@p), or back to nic_rx and nic_tx (NULL). */
static int path_switch(struct intel_path *p, struct intel_path *owner)
{
	const struct intel_path_chip *chip = p->chip;
	struct nic_rings *r = &p->rings;
	int err;

	/* Frames that come meanwhile wait for a receiver; a queue that is off would lose them. */
	chip->receive(p->rx->nic, 0);
	err = chip->rxq_stop(p->rx);
	for (unsigned out = 0; out < r->outs && !err; out++)
		err = chip->txq_stop(p->tx[out]);
	p->rx->path = owner;
	for (unsigned out = 0; out < r->outs; out++) {
		p->tx[out]->path = owner;
		if (!err)
			err = chip->txq_start(p->tx[out]);
		r->tx_tail[out] = p->tx[out]->doorbell;
		r->head[out] = &p->tx[out]->head->raw;
		r->tx_bad[out] = &p->tx[out]->bad;
	}
	if (!err)
		err = chip->rxq_start(p->rx);
	r->rx_tail = p->rx->doorbell;
	if (!err && owner)
		nic_rings_tail(r, r->rx_tail, r->outs, r->end);
	chip->receive(p->rx->nic, 1);
	return err;
}

/* Which queues, and whether they fit each other. */
static int path_queues(struct intel_path *p, struct nic *const *outs, unsigned n)
{
	for (uint32_t *i = &p->rings.outs; *i < n; ++*i) {
		struct intel_txq *tx = p->chip->txq(outs[*i], p->rx->index);

		if (tx->path || p->rx->path) {
			log_error("%s: queue %u is in a path already", outs[*i]->name,
				  p->rx->index);
			return -EBUSY;
		}
		if (tx->size != p->rx->size) {
			log_error("%s: a path needs rings of one size, not %u and %u",
				  outs[*i]->name, p->rx->size, tx->size);
			return -EINVAL;
		}
		p->tx[*i] = tx;
	}
	return 0;
}

int intel_path_new(struct nic_path **out, const struct intel_path_chip *chip, struct nic *in,
		   struct nic *const *outs, unsigned n, unsigned q)
{
	struct intel_path *p;
	int err;

	if (n > NIC_PATH_OUTS) {
		log_error("%s: a path has at most %u outputs", in->name, NIC_PATH_OUTS);
		return -EINVAL;
	}
	p = mem_alloc(in->mem, sizeof(*p), 128);
	if (!p)
		return -ENOMEM;
	p->path.ops = path_ops(in->isa, chip->split);
	p->path.rings = &p->rings;
	p->chip = chip;
	p->rx = chip->rxq(in, q);
	p->buf_size = 2048;
	while (p->buf_size < in->cfg.mtu + 14 + 4) /* and a VLAN tag */
		p->buf_size *= 2;
	path_words(&p->rings, chip->split, p->rx->gigabit);
	p->rings.mask = p->rings.end = p->rx->size - 1;
	p->rings.shortest = INTEL_MIN_FRAME;
	p->rings.longest = p->buf_size;
	p->rings.iova_offset = mem_iova_offset(in->mem);
	p->rings.refuse = refuse;
	p->rings.tail = write_tail;
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
