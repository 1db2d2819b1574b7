/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What is rare on the packet path. Receiving: frames of several buffers, bad ones. Sending: what
 * needs more than one plain descriptor, namely frames of several buffers, VLAN tags, checksums,
 * segmentation. Context and data descriptors: 82599 7.2.3.2.3, 7.2.3.2.4.
 */
#include "drivers/intel/ring.h"

#define MAX_RX_PARTS 17 /* descriptors of one received frame: 16 KiB in 1 KiB buffers, and one */

int intel_pool_empty(struct intel_rxq *q)
{
	int empty = pool_collect(q->pool) < INTEL_BATCH;

	q->no_buffer += (uint64_t)empty;
	return empty;
}

void intel_tail_register(struct nic *nic, uint32_t reg, uint32_t slot)
{
	bar_write(nic->pci, reg, slot);
}

uint32_t intel_clean_odd(struct intel_txq *q, uint32_t i, uint32_t end)
{
	struct nic_pool *pool = q->pool;
	void *others[INTEL_BATCH];
	unsigned n = 0;

	for (; i != end; i++) {
		void *buf = q->buf[ring_slot(i, q->size)];

		if ((uintptr_t)buf - pool->start < pool->span)
			break;
		if (!buf)
			continue; /* a context descriptor */
		if (mem_region(buf)->pool == pool) {
			pool->stack[pool->n++] = pool_home(pool, buf);
			continue;
		}
		others[n++] = buf;
		if (n == INTEL_BATCH) {
			pool_return(others, n);
			n = 0;
		}
	}
	pool_return(others, n);
	return i;
}

/* Give the buffers of @n received descriptors back to the pool: a dropped frame. */
static void drop(struct intel_rxq *q, uint32_t n)
{
	for (; n; n--, q->next++)
		q->pool->stack[q->pool->n++] = q->buf[ring_slot(q->next, q->size)];
}

int intel_rx_odd(struct intel_rxq *q, struct nic_pkt *out, uint32_t room, uint32_t n)
{
	uint32_t parts = 0, status = 0, bad = 0;

	do {
		const union intel_rx_desc *d;
		uint32_t len;

		if (parts == ring_used(q->fill, q->next) || parts == MAX_RX_PARTS)
			break;
		d = &q->ring[ring_slot(q->next + parts, q->size)];
		status = dma_load_acquire32(&d->wb.status);
		status = q->gigabit ? intel_gigabit(status) : status;
		if (!(status & field_mask(RXD_STAT_DD)))
			return -1;
		len = from_le32(d->wb.length_vlan) & 0xffff;
		bad |= len - 1 >= q->pool->size;
		if (parts < room)
			intel_packet(&out[parts], d, q->buf[ring_slot(q->next + parts, q->size)],
				     status);
		parts++;
	} while (!(status & field_mask(RXD_STAT_EOP)));
	/* No end in sight: more parts than the longest frame has, or the ring is too small for it.
	 */
	bad |= !(status & field_mask(RXD_STAT_EOP));
	bad |= status & field_mask(RXD_ERR_RXE);
	if (!bad && parts > room && room < n)
		return -1;
	if (bad || parts > room) {
		q->bad += bad != 0;
		q->too_long += bad == 0;
		drop(q, parts);
		return 0;
	}
	q->next += parts;
	return (int)parts;
}

/* ---- sending ---- */

#define L4           (NIC_TX_TCP | NIC_TX_UDP | NIC_TX_SCTP)
#define OFFLOADS     (NIC_VLAN | NIC_TX_IP | L4 | NIC_TX_SEGMENT)
#define MAX_TX_PARTS 40u               /* 82599 7.2.3.2: descriptors of one packet */
#define MAX_TSO      (256u * 1024 - 1) /* PAYLEN has 18 bits */

struct frame {
	unsigned parts;
	uint32_t len;
	const struct nic_pkt *last; /* its flags speak for the frame */
};

/* Is one of the one-bit flags in @set, and only one? */
static int at_most_one(uint32_t set)
{
	return !(set & (set - 1));
}

/* Find the frame's end. Return: 0, or -1: nothing that can be sent. */
static int measure(const struct intel_txq *q, struct frame *f, const struct nic_pkt *pkts,
		   unsigned n)
{
	uint32_t flags, headers, most = q->max_frame + 4;

	do {
		f->last = &pkts[f->parts++];
		f->len += f->last->len;
		if (!f->last->len)
			f->len = UINT16_MAX << 4; /* an empty part: too long for any frame */
	} while (f->last->flags & NIC_MORE && f->parts < n);
	flags = f->last->flags;
	headers = (uint32_t)f->last->u.tx.l2_len + f->last->u.tx.l3_len;
	if (flags & NIC_MORE || f->parts > MAX_TX_PARTS || !at_most_one(flags & L4))
		return -1;
	if (flags & NIC_TX_SEGMENT) {
		headers += f->last->u.tx.l4_len;
		if (!(flags & NIC_TX_TCP) || !f->last->u.tx.mss || f->last->u.tx.l4_len < 20)
			return -1;
		most = MAX_TSO;
	}
	if (flags & (NIC_TX_IP | L4) && (f->last->u.tx.l2_len < 14 || f->last->u.tx.l3_len < 20))
		return -1;
	if (flags & (NIC_TX_IP | L4) && headers >= f->len)
		return -1;
	return f->len < INTEL_MIN_FRAME || f->len > most ? -1 : 0;
}

/* Dwords 0, 2, 3 of the context descriptor that the flags need. */
static void make_context(const struct nic_pkt *p, uint32_t slot, uint32_t c[3])
{
	uint32_t l4t = p->flags & NIC_TX_TCP    ? TXD_L4T_TCP
		       : p->flags & NIC_TX_SCTP ? TXD_L4T_SCTP
						: TXD_L4T_UDP;
	int sums = (p->flags & (NIC_TX_IP | L4)) != 0;

	c[0] = field_of(TXD_VLAN, p->flags & NIC_VLAN ? p->vlan : 0) |
	       field_of(TXD_MACLEN, sums ? p->u.tx.l2_len : 14) |
	       field_of(TXD_IPLEN, sums ? p->u.tx.l3_len : 0);
	c[1] = field_of(TXD_DTYP, TXD_DTYP_CONTEXT) | field_mask(TXD_DEXT) |
	       field_of(TXD_L4T, l4t) | field_of(TXD_IPV4, !(p->flags & NIC_TX_IPV6));
	c[2] = field_of(TXD_IDX, slot);
	if (p->flags & NIC_TX_SEGMENT)
		c[2] |= field_of(TXD_L4LEN, p->u.tx.l4_len) | field_of(TXD_MSS, p->u.tx.mss);
}

static void put_context(struct intel_txq *q, const uint32_t c[3])
{
	uint32_t slot = ring_slot(q->tail++, q->size);
	union intel_tx_desc *d = &q->ring[slot];

	q->buf[slot] = NULL;
	d->context.lengths = to_le32(c[0]);
	d->context.tunnel = to_le32(0);
	d->context.type = to_le32(c[1]);
	d->context.segment = to_le32(c[2]);
	for (int i = 0; i < 3; i++)
		q->context[i] = c[i];
}

unsigned intel_tx_odd(struct intel_txq *q, const struct nic_pkt *pkts, unsigned n)
{
	struct frame f = { 0, 0, NULL };
	uint32_t flags, c[3], cmd, status, paylen;
	int new_context = 0;

	if (measure(q, &f, pkts, n)) {
		nic_free(pkts, f.parts);
		q->bad++;
		return f.parts;
	}
	flags = f.last->flags;
	if (flags & OFFLOADS) {
		make_context(f.last, q->context_slot, c);
		new_context =
			c[0] != q->context[0] || c[1] != q->context[1] || c[2] != q->context[2];
	}
	if (ring_room(q->tail, q->clean, q->size) < f.parts + (unsigned)new_context)
		return 0;
	if (new_context)
		put_context(q, c);
	paylen = f.len;
	if (flags & NIC_TX_SEGMENT) /* what is cut up, without the headers that are repeated */
		paylen -= (uint32_t)f.last->u.tx.l2_len + f.last->u.tx.l3_len + f.last->u.tx.l4_len;
	cmd = field_of(TXD_DTYP, TXD_DTYP_DATA) | field_mask(TXD_DEXT) | field_mask(TXD_IFCS) |
	      field_of(TXD_VLE, (flags & NIC_VLAN) != 0) |
	      field_of(TXD_TSE, (flags & NIC_TX_SEGMENT) != 0);
	status = field_of(TXD_PAYLEN, paylen) | field_of(TXD_CC, (flags & OFFLOADS) != 0) |
		 field_of(TXD_IDX, q->context_slot) | field_of(TXD_IXSM, (flags & NIC_TX_IP) != 0) |
		 field_of(TXD_TXSM, (flags & L4) != 0);
	for (unsigned i = 0; i < f.parts; i++) {
		uint32_t slot = ring_slot(q->tail++, q->size);
		union intel_tx_desc *d = &q->ring[slot];

		q->buf[slot] = pkts[i].data;
		d->data.addr = to_le64(mem_iova(pkts[i].data));
		d->data.cmd = to_le32(cmd | pkts[i].len | field_of(TXD_EOP, i == f.parts - 1));
		d->data.status = to_le32(status);
	}
	return f.parts;
}
