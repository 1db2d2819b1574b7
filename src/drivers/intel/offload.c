/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sending what needs more than one plain descriptor: frames of several buffers, VLAN tags,
 * checksums, segmentation. Context and data descriptors: 82599 7.2.3.2.3, 7.2.3.2.4.
 */
#include "drivers/intel/ring.h"

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
