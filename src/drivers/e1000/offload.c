/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sending what needs more than one plain descriptor: frames of several buffers, VLAN tags,
 * checksums, segmentation (82540EM 3.3.5 to 3.6), and what software must do for the hardware:
 * padding, and cutting buffers that it cannot take in one piece.
 */
#include "drivers/e1000/e1000.h"

#define L4           (NIC_TX_TCP | NIC_TX_UDP)
#define MAX_TX_PARTS 40u
#define MAX_TSO      (256u * 1024 - 1)
#define MAX_PIECE    4096u /* bytes of one descriptor on the PCI chips (Linux) */
#define SENTINEL     4u    /* README.md: bytes of the last descriptor around segmentation */

/* A frame to send: what was found out about it before anything is written to the ring. */
struct frame {
	unsigned parts;
	uint32_t len;
	uint32_t pad, tag; /* bytes that software adds at the end, behind the addresses */
	uint32_t most;     /* bytes of a descriptor */
	int sentinel;      /* the last bytes in a descriptor of their own */
	uint32_t flags;    /* the last part's: they speak for the frame */
	const struct nic_pkt *last;
};

/* Is one of the one-bit flags in @set, and only one? */
static int at_most_one(uint32_t set)
{
	return !(set & (set - 1));
}

/* Find the frame's end. Return: 0, or -1: nothing that can be sent. */
static int measure(const struct e1000_txq *q, struct frame *f, const struct nic_pkt *pkts,
		   unsigned n)
{
	uint32_t headers, most = q->dev->max_frame + 4;
	const struct nic_pkt *last;

	do {
		last = f->last = &pkts[f->parts++];
		f->len += last->len;
		if (!last->len)
			f->len = UINT16_MAX << 4; /* an empty part: too long for any frame */
	} while (last->flags & NIC_MORE && f->parts < n);
	f->flags = last->flags;
	headers = (uint32_t)last->u.tx.l2_len + last->u.tx.l3_len;
	if (f->flags & (NIC_MORE | NIC_TX_SCTP) || f->parts > MAX_TX_PARTS ||
	    !at_most_one(f->flags & L4))
		return -1;
	if (f->flags & NIC_TX_SEGMENT) {
		headers += last->u.tx.l4_len;
		if (!(f->flags & NIC_TX_TCP) || !last->u.tx.mss || last->u.tx.l4_len < 20)
			return -1;
		most = MAX_TSO;
	}
	if (f->flags & (NIC_TX_IP | L4) && (last->u.tx.l2_len < 14 || last->u.tx.l3_len < 20))
		return -1;
	/* Offsets in a context have eight bits. */
	if (f->flags & (NIC_TX_IP | L4) && (headers >= f->len || headers + 4 + 16 > 255))
		return -1;
	return f->len < MIN_FRAME || f->len > most ? -1 : 0;
}

/* The end of the slot in which @p lies: a buffer may be used up to there. */
static uintptr_t slot_end(const void *p)
{
	uint32_t shift = mem_region(p)->pool->shift;

	return (((uintptr_t)p >> shift) + 1) << shift;
}

/* What software must do for the hardware. Return: 0, -1: the buffer has no room for it. */
static int prepare(const struct e1000_txq *q, struct frame *f, const struct nic_pkt *pkts)
{
	int pci_chip = q->dev->mac == MAC_82540;
	uintptr_t slot = slot_end(pkts[0].data);

	/* CTRL.VME is for both directions: without it no tag is inserted. */
	if (f->flags & NIC_VLAN && q->dev->nic.cfg.no_vlan_strip) {
		uintptr_t start = slot - ((uintptr_t)1 << mem_region(pkts[0].data)->pool->shift);

		if ((uintptr_t)pkts[0].data - 4 < start || pkts[0].len < 14)
			return -1;
		f->tag = 4;
	}
	/* The PCI chips may corrupt frames that they pad themselves (Linux). */
	if (pci_chip && f->len + f->tag < SHORT_FRAME)
		f->pad = SHORT_FRAME - f->len - f->tag;
	if ((uintptr_t)f->last->data + f->last->len + f->pad > slot_end(f->last->data))
		return -1;
	f->most = UINT32_MAX;
	if (pci_chip) {
		f->most = MAX_PIECE;
		if (f->flags & NIC_TX_SEGMENT && f->last->u.tx.mss * 4u < f->most)
			f->most = f->last->u.tx.mss * 4u;
		f->sentinel = f->parts == 1 && (f->flags & NIC_TX_SEGMENT || q->after_tso);
	}
	return 0;
}

/* Bytes of the next descriptor, when @left bytes of a part are left. */
static uint32_t piece(const struct frame *f, uint32_t left)
{
	if (left > f->most)
		return f->most;
	return f->sentinel && left > 2 * SENTINEL ? left - SENTINEL : left;
}

static uint32_t part_length(const struct frame *f, const struct nic_pkt *pkts, unsigned i)
{
	return pkts[i].len + (i == 0 ? f->tag : 0) + (i == f->parts - 1 ? f->pad : 0);
}

static uint32_t descriptors(const struct frame *f, const struct nic_pkt *pkts)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < f->parts; i++)
		for (uint32_t left = part_length(f, pkts, i); left; left -= piece(f, left))
			n++;
	return n;
}

/* 82540EM 3.3.6: the four dwords of the context descriptor that the flags need. */
static void make_context(const struct frame *f, uint32_t c[4])
{
	const struct nic_pkt *p = f->last;
	uint32_t ip = p->u.tx.l2_len + f->tag, l4 = ip + p->u.tx.l3_len;
	int tcp = (f->flags & NIC_TX_TCP) != 0, v4 = !(f->flags & NIC_TX_IPV6);
	uint32_t headers = l4 + p->u.tx.l4_len;

	c[0] = field_of(TXC_START, ip) | field_of(TXC_OFFSET, ip + 10) |
	       field_of(TXC_END, v4 ? l4 - 1 : 0);
	c[1] = field_of(TXC_START, l4) | field_of(TXC_OFFSET, l4 + (tcp ? 16 : 6));
	c[2] = field_of(TXD_DTYP, TXD_DTYP_CONTEXT) | field_mask(TXD_DEXT) |
	       field_of(TXD_CONTEXT_TCP, (uint32_t)tcp) | field_of(TXD_CONTEXT_IPV4, (uint32_t)v4);
	c[3] = 0;
	if (f->flags & NIC_TX_SEGMENT) {
		c[2] |= field_mask(TXD_TSE) | field_of(TXD_DATA_LENGTH, f->len + f->tag - headers);
		c[3] = field_of(TXD_HDRLEN, headers) | field_of(TXD_MSS, p->u.tx.mss);
	}
}

static void put(struct e1000_txq *q, uint64_t first, uint32_t low, uint32_t high, void *buf)
{
	uint32_t slot = ring_slot(q->tail++, q->size);

	q->buf[slot] = buf;
	q->ring[slot].addr = to_le64(first);
	q->ring[slot].word = to_le64(low | (uint64_t)high << 32);
}

/* Room for the tag behind the addresses, and zeros behind a short frame's end. */
static void edit(const struct frame *f, const struct nic_pkt *pkts)
{
	uint8_t *start = pkts[0].data, *end = (uint8_t *)f->last->data + f->last->len;

	memset(end, 0, f->pad);
	if (!f->tag)
		return;
	memmove(start - 4, start, 12);
	start[8] = 0x81;
	start[9] = 0x00;
	start[10] = (uint8_t)(f->last->vlan >> 8);
	start[11] = (uint8_t)f->last->vlan;
}

static void put_frame(struct e1000_txq *q, const struct frame *f, const struct nic_pkt *pkts)
{
	uint32_t tag = f->flags & NIC_VLAN && !f->tag;
	uint32_t cmd = field_of(TXD_DTYP, TXD_DTYP_DATA) | field_mask(TXD_DEXT) |
		       field_mask(TXD_IFCS) | field_of(TXD_VLE, tag) |
		       field_of(TXD_TSE, (f->flags & NIC_TX_SEGMENT) != 0);
	uint32_t high = field_of(TXD_IXSM, (f->flags & NIC_TX_IP) != 0) |
			field_of(TXD_TXSM, (f->flags & L4) != 0) |
			field_of(TXD_VLAN, tag ? f->last->vlan : 0);

	edit(f, pkts);
	for (unsigned i = 0; i < f->parts; i++) {
		uint64_t at = mem_iova(pkts[i].data) - (i == 0 ? f->tag : 0);
		uint32_t left = part_length(f, pkts, i), n;

		for (; left; left -= n, at += n) {
			n = piece(f, left);
			put(q, at, cmd | n | field_of(TXD_EOP, i == f->parts - 1 && n == left),
			    high, n == left ? pkts[i].data : NULL);
		}
	}
}

/*
 * Take one frame from @pkts. Return: its elements; also when it was refused, then it is freed and
 * counted; 0 = the ring has no room for it now.
 */
__attribute__((cold)) unsigned e1000_tx_odd(struct e1000_txq *q, const struct nic_pkt *pkts,
					    unsigned n)
{
	struct frame f = { .parts = 0 };
	uint32_t c[4], changed = 0;

	if (measure(q, &f, pkts, n) || prepare(q, &f, pkts)) {
		nic_free(pkts, f.parts);
		q->bad++;
		return f.parts;
	}
	if (f.flags & (NIC_TX_IP | L4)) {
		make_context(&f, c);
		for (int i = 0; i < 4; i++)
			changed |= c[i] ^ q->context[i];
	}
	if (ring_room(q->tail, q->clean, q->size) < descriptors(&f, pkts) + (changed != 0))
		return 0;
	if (changed) {
		put(q, c[0] | (uint64_t)c[1] << 32, c[2], c[3], NULL);
		for (int i = 0; i < 4; i++)
			q->context[i] = c[i];
	}
	put_frame(q, &f, pkts);
	q->after_tso = q->dev->mac == MAC_82540 && f.flags & NIC_TX_SEGMENT;
	return f.parts;
}
