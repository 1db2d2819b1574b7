/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Driving the 82599 model from unit tests: a bring-up that breaks no rule, rings, frames. Written
 * from the datasheet, not from the driver, so that the two are checked against each other.
 */
#ifndef TESTS_MODEL_82599_H
#define TESTS_MODEL_82599_H

#include "model_harness.h"
#include "regs/ixgbe.h"
#include "regs/ixgbe_desc.h"

struct rxring {
	uint32_t q, size, buffer; /* queue, descriptors, bytes of a buffer */
	uint32_t next;            /* the descriptor that is received into next */
	uint64_t ring, buffers;
	int legacy;
};
struct txring {
	uint32_t q, size, tail;
	uint64_t ring, buffers, head; /* a buffer of 16 KiB for each descriptor; head write-back */
};

static const uint8_t mac_model[6] = { 2, 0, 0, 0, 0, 1 };

static inline void set_bits(struct harness *h, uint32_t reg, uint32_t bits)
{
	wr(h, reg, rd(h, reg) | bits);
}
static inline void clear_bits(struct harness *h, uint32_t reg, uint32_t bits)
{
	wr(h, reg, rd(h, reg) & ~bits);
}

/* 82599 4.6.3: everything but queues and RXEN. */
static inline void bring_up(struct harness *h)
{
	config_wr(h, 4, 2, 6); /* memory, bus master */
	h->class->wire_link(h->m, 1);
	run_for(h, 2000);
	for (uint32_t i = 1; i < RAL_count; i++) {
		wr(h, RAL + 8 * i, 0);
		wr(h, RAH + 8 * i, 0);
	}
	for (uint32_t i = 0; i < 128; i++) {
		wr(h, MTA + 4 * i, 0);
		wr(h, VFTA + 4 * i, 0);
		wr(h, PFUTA + 4 * i, 0);
		wr(h, FTQF + 4 * i, 0);
		wr(h, MPSAR + 8 * i, 0);
		wr(h, MPSAR + 8 * i + 4, 0);
	}
	wr(h, FCTRL, field_mask(FCTRL_BAM));
	wr(h, RDRXCTL,
	   field_set(rd(h, RDRXCTL), RDRXCTL_RSCFRSTSIZE, 0) | field_mask(RDRXCTL_CRCSTRIP) |
		   field_mask(RDRXCTL_RSCACKC) | field_mask(RDRXCTL_FCOE_WRFIX));
	wr(h, RXCSUM, field_mask(RXCSUM_PCSD));
	set_bits(h, RTTDCS, field_mask(RTTDCS_ARBDIS));
	wr(h, DTXMXSZRQ, 0xfff);
	wr(h, MTQC, 0);
	clear_bits(h, RTTDCS, field_mask(RTTDCS_ARBDIS));
	set_bits(h, DMATXCTL, field_mask(DMATXCTL_TE));
}

static inline void open_82599(struct harness *h)
{
	harness_open(h, &model_82599, NULL);
	bring_up(h);
}

static inline void receiver(struct harness *h, int on)
{
	wr(h, RXCTRL, on ? field_mask(RXCTRL_RXEN) : 0);
}

/* ---- receive ---- */

static inline union ixgbe_rx_desc *rx_desc(struct harness *h, const struct rxring *r, uint32_t i)
{
	return (union ixgbe_rx_desc *)(void *)ram_at(h, r->ring + 16 * (i % r->size));
}
static inline uint8_t *rx_buffer(struct harness *h, const struct rxring *r, uint32_t i)
{
	return ram_at(h, r->buffers + (uint64_t)r->buffer * (i % r->size));
}
static inline void rx_post(struct harness *h, const struct rxring *r, uint32_t i)
{
	union ixgbe_rx_desc *d = rx_desc(h, r, i);

	d->read.addr = to_le64(r->buffers + (uint64_t)r->buffer * (i % r->size));
	d->read.header = to_le64(0);
}
/** rx_tail - hand descriptors up to @i (not included) to the model. */
static inline void rx_tail(struct harness *h, const struct rxring *r, uint32_t i)
{
	wr(h, ixgbe_rxq(RDT, r->q), i % r->size);
}

/** rx_prepare - memory and registers of a queue, up to but without ENABLE. */
static inline void rx_prepare(struct harness *h, struct rxring *r, uint32_t q, uint32_t size,
			      uint32_t kib, uint32_t srrctl)
{
	memset(r, 0, sizeof(*r));
	r->q = q;
	r->size = size;
	r->buffer = kib * 1024;
	r->legacy = field_get(srrctl, SRRCTL_DESCTYPE) == SRRCTL_DESCTYPE_LEGACY;
	r->ring = ram_alloc(h, size * 16, 128);
	r->buffers = ram_alloc(h, size * r->buffer, 64);
	wr(h, ixgbe_rxq(RDBAL, q), (uint32_t)r->ring);
	wr(h, ixgbe_rxq(RDBAH, q), (uint32_t)(r->ring >> 32));
	wr(h, ixgbe_rxq(RDLEN, q), size * 16);
	wr(h, ixgbe_rxq(SRRCTL, q),
	   srrctl | field_of(SRRCTL_BSIZEPACKET, kib) | field_of(SRRCTL_BSIZEHEADER, 4));
	clear_bits(h, ixgbe_rxq(DCA_RXCTRL, q), field_mask(DCA_RXCTRL_MUST_BE_0));
	wr(h, ixgbe_rxq(RDH, q), 0);
	wr(h, ixgbe_rxq(RDT, q), 0);
	for (uint32_t i = 0; i < size; i++)
		rx_post(h, r, i);
}

#define ADVANCED field_of(SRRCTL_DESCTYPE, SRRCTL_DESCTYPE_ADV_ONE_BUFFER)
#define LEGACY   field_of(SRRCTL_DESCTYPE, SRRCTL_DESCTYPE_LEGACY)

/** rx_start - a queue with @posted descriptors handed over. @srrctl: ADVANCED or LEGACY and more.
 */
static inline void rx_start(struct harness *h, struct rxring *r, uint32_t q, uint32_t size,
			    uint32_t kib, uint32_t srrctl, uint32_t posted)
{
	rx_prepare(h, r, q, size, kib, srrctl);
	set_bits(h, ixgbe_rxq(RXDCTL, q), field_mask(RXDCTL_ENABLE));
	assert_true(rd(h, ixgbe_rxq(RXDCTL, q)) & field_mask(RXDCTL_ENABLE));
	rx_tail(h, r, posted);
}

static inline int rx_done(struct harness *h, const struct rxring *r, uint32_t i)
{
	return from_le64(rx_desc(h, r, i)->read.header) & 1;
}
/* Legacy descriptors have DD in bit 32. */
static inline int rx_done_legacy(struct harness *h, const struct rxring *r, uint32_t i)
{
	return (from_le64(rx_desc(h, r, i)->legacy.word) & RXD_LEGACY_DD) != 0;
}

/** from_wire - a good frame arrives; the model then runs. */
static inline enum model_rx from_wire(struct harness *h, const void *frame, size_t len)
{
	enum model_rx got = h->class->wire_rx(h->m, frame, len, 0, MODEL_FRAME_GOOD);

	run_idle(h);
	return got;
}

/* What an advanced descriptor says. */
struct received {
	uint32_t type, hash, status, len, vlan;
	const uint8_t *data;
};
static inline struct received rx_result(struct harness *h, const struct rxring *r, uint32_t i)
{
	const union ixgbe_rx_desc *d = rx_desc(h, r, i);
	uint32_t lv = from_le32(d->wb.length_vlan);

	assert_true(rx_done(h, r, i));
	return (struct received) { from_le32(d->wb.type),
				   from_le32(d->wb.hash),
				   from_le32(d->wb.status),
				   lv & 0xffff,
				   lv >> 16,
				   rx_buffer(h, r, i) };
}

/** rx_one - @frame is received into exactly one descriptor, the next. */
static inline struct received rx_one(struct harness *h, struct rxring *r, const void *frame,
				     size_t len)
{
	assert_int_equal(from_wire(h, frame, len), MODEL_RX_TAKEN);
	return rx_result(h, r, r->next++);
}

/* ---- transmit ---- */

#define TX_BUFFER 16384u

static inline union ixgbe_tx_desc *tx_desc(struct harness *h, const struct txring *t, uint32_t i)
{
	return (union ixgbe_tx_desc *)(void *)ram_at(h, t->ring + 16 * (i % t->size));
}
static inline uint8_t *tx_buffer(struct harness *h, const struct txring *t, uint32_t i)
{
	return ram_at(h, t->buffers + (uint64_t)TX_BUFFER * (i % t->size));
}

static inline void tx_prepare(struct harness *h, struct txring *t, uint32_t q, uint32_t size,
			      int head_wb)
{
	memset(t, 0, sizeof(*t));
	t->q = q;
	t->size = size;
	t->ring = ram_alloc(h, size * 16, 128);
	t->buffers = ram_alloc(h, size * TX_BUFFER, 64);
	t->head = ram_alloc(h, 64, 64);
	wr(h, ixgbe_txq(TDBAL, q), (uint32_t)t->ring);
	wr(h, ixgbe_txq(TDBAH, q), (uint32_t)(t->ring >> 32));
	wr(h, ixgbe_txq(TDLEN, q), size * 16);
	wr(h, ixgbe_txq(TDWBAH, q), (uint32_t)(t->head >> 32));
	wr(h, ixgbe_txq(TDWBAL, q), head_wb ? (uint32_t)t->head | 1 : 0);
	clear_bits(h, ixgbe_txq(DCA_TXCTRL, q), field_mask(DCA_TXCTRL_DESC_WRO_EN));
	wr(h, ixgbe_txq(TDH, q), 0);
	wr(h, ixgbe_txq(TDT, q), 0);
}

static inline void tx_start(struct harness *h, struct txring *t, uint32_t q, uint32_t size,
			    int head_wb)
{
	tx_prepare(h, t, q, size, head_wb);
	wr(h, ixgbe_txq(TXDCTL, q),
	   field_of(TXDCTL_PTHRESH, 32) | field_of(TXDCTL_HTHRESH, 1) | field_mask(TXDCTL_ENABLE));
	assert_true(rd(h, ixgbe_txq(TXDCTL, q)) & field_mask(TXDCTL_ENABLE));
}

#define TX_DATA  (field_of(TXD_DTYP, TXD_DTYP_DATA) | field_mask(TXD_DEXT) | field_mask(TXD_IFCS))
#define TX_WHOLE (TX_DATA | field_mask(TXD_EOP) | field_mask(TXD_RS))

/** tx_put - an advanced data descriptor for the tail; @frame is copied to its buffer. */
static inline void tx_put(struct harness *h, struct txring *t, const void *frame, uint32_t len,
			  uint32_t cmd, uint32_t status)
{
	union ixgbe_tx_desc *d = tx_desc(h, t, t->tail);

	assert_true(len <= TX_BUFFER);
	if (frame)
		memcpy(tx_buffer(h, t, t->tail), frame, len);
	d->data.addr = to_le64(t->buffers + (uint64_t)TX_BUFFER * (t->tail % t->size));
	d->data.cmd = to_le32(cmd | len);
	d->data.status = to_le32(status);
	t->tail++;
}
static inline void tx_put_context(struct harness *h, struct txring *t, uint32_t lengths,
				  uint32_t type, uint32_t segment)
{
	union ixgbe_tx_desc *d = tx_desc(h, t, t->tail++);

	d->context.lengths = to_le32(lengths);
	d->context.tunnel = to_le32(0);
	d->context.type =
		to_le32(type | field_of(TXD_DTYP, TXD_DTYP_CONTEXT) | field_mask(TXD_DEXT));
	d->context.segment = to_le32(segment);
}
static inline void tx_put_legacy(struct harness *h, struct txring *t, const void *frame,
				 uint32_t len, uint64_t word)
{
	union ixgbe_tx_desc *d = tx_desc(h, t, t->tail);

	if (frame)
		memcpy(tx_buffer(h, t, t->tail), frame, len);
	d->legacy.addr = to_le64(t->buffers + (uint64_t)TX_BUFFER * (t->tail % t->size));
	d->legacy.word = to_le64(word | len);
	t->tail++;
}
/** tx_go - ring the doorbell and let the model run. */
static inline void tx_go(struct harness *h, const struct txring *t)
{
	wr(h, ixgbe_txq(TDT, t->q), t->tail % t->size);
	run_idle(h);
}
/** tx_one - send one plain frame. */
static inline void tx_one(struct harness *h, struct txring *t, const void *frame, uint32_t len)
{
	tx_put(h, t, frame, len, TX_WHOLE, field_of(TXD_PAYLEN, len));
	tx_go(h, t);
}

/* ---- frames ---- */

/** plain - @len bytes to the model, of an experimental EtherType, that depend on @seed. */
static inline void plain(uint8_t *f, uint32_t len, unsigned seed)
{
	memcpy(f, mac_model, 6);
	memcpy(f + 6, "\x02\x00\x00\x00\x00\x02\x88\xb5", 8);
	for (uint32_t i = 14; i < len; i++)
		f[i] = (uint8_t)(seed * 37 + i * 11 + (i >> 8));
}

static inline void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static inline uint32_t get16(const uint8_t *p)
{
	return (uint32_t)(p[0] << 8 | p[1]);
}
static inline uint32_t get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

/** sum - RFC 1071 as the RFC says it, 16 bits at a time; not folded into its complement. */
static inline uint32_t sum(const uint8_t *p, uint32_t len, uint32_t start)
{
	uint32_t s = start;

	for (uint32_t i = 0; i < len; i++)
		s += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

enum { TCP = 6, UDP = 17, SCTP = 132 };

/** pseudo - sum of the pseudo header of the IP packet at @ip; @len 0 for segmentation. */
static inline uint32_t pseudo(const uint8_t *ip, uint32_t proto, uint32_t len)
{
	return ip[0] >> 4 == 4 ? sum(ip + 12, 8, proto + len) : sum(ip + 8, 32, proto + len);
}

/**
 * ip_frame - an IPv4 (@v4) or IPv6 frame with a TCP or UDP header (ports 0x1234, 0x5678) and
 * @payload bytes, all checksums right. Return: its length.
 */
static inline uint32_t ip_frame(uint8_t *f, int v4, uint32_t proto, uint32_t payload)
{
	uint32_t header = v4 ? 20 : 40, l4 = proto == TCP ? 20 : 8, l4_len = l4 + payload;
	uint8_t *ip = f + 14, *t = ip + header;

	plain(f, 14 + header + l4_len, payload);
	put16(f + 12, v4 ? 0x0800 : 0x86dd);
	memset(ip, 0, header + l4);
	if (v4) {
		ip[0] = 0x45;
		put16(ip + 2, header + l4_len);
		put16(ip + 4, 0xabcd);
		ip[8] = 64;
		ip[9] = (uint8_t)proto;
		memcpy(ip + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
		put16(ip + 10, ~sum(ip, 20, 0));
	} else {
		ip[0] = 0x60;
		put16(ip + 4, l4_len);
		ip[6] = (uint8_t)proto;
		ip[7] = 64;
		memcpy(ip + 8, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
		memcpy(ip + 24, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	}
	put16(t, 0x1234);
	put16(t + 2, 0x5678);
	if (proto == TCP) {
		put16(t + 4, 0x1000); /* sequence number 0x10000000 */
		t[12] = 0x50;
		t[13] = 0x18; /* PSH, ACK */
		put16(t + 14, 0xffff);
		put16(t + 16, ~sum(t, l4_len, pseudo(ip, proto, l4_len)));
	} else {
		put16(t + 4, l4_len);
		put16(t + 6, ~sum(t, l4_len, pseudo(ip, proto, l4_len)));
	}
	return 14 + header + l4_len;
}

/** sums_right - are the checksums of the IP packet behind @l2 header bytes right? */
static inline int sums_right(const uint8_t *f, uint32_t l2)
{
	const uint8_t *ip = f + l2;
	uint32_t v4 = ip[0] >> 4 == 4, header = v4 ? (ip[0] & 15) * 4u : 40;
	uint32_t len = v4 ? get16(ip + 2) - header : get16(ip + 4), proto = v4 ? ip[9] : ip[6];

	return (!v4 || sum(ip, header, 0) == 0xffff) &&
	       sum(ip + header, len, pseudo(ip, proto, len)) == 0xffff;
}

/** with_tag - @f with a VLAN tag inserted, into @out. Return: its length. */
static inline uint32_t with_tag(uint8_t *out, const uint8_t *f, uint32_t len, uint32_t tci)
{
	memcpy(out, f, 12);
	put16(out + 12, 0x8100);
	put16(out + 14, tci);
	memcpy(out + 16, f + 12, len - 12);
	return len + 4;
}

#endif
