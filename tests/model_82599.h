/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Driving the 82599 model from unit tests: a bring-up that breaks no rule, rings, frames. Written
 * from the datasheet, not from the driver, so that the two are checked against each other.
 */
#ifndef TESTS_MODEL_82599_H
#define TESTS_MODEL_82599_H

#include "frames.h"
#include "model_harness.h"
#include "regs/ixgbe.h"
#include "regs/intel_desc.h"

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

static inline union intel_rx_desc *rx_desc(struct harness *h, const struct rxring *r, uint32_t i)
{
	return (union intel_rx_desc *)(void *)ram_at(h, r->ring + 16 * (i % r->size));
}
static inline uint8_t *rx_buffer(struct harness *h, const struct rxring *r, uint32_t i)
{
	return ram_at(h, r->buffers + (uint64_t)r->buffer * (i % r->size));
}
static inline void rx_post(struct harness *h, const struct rxring *r, uint32_t i)
{
	union intel_rx_desc *d = rx_desc(h, r, i);

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
	const union intel_rx_desc *d = rx_desc(h, r, i);
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

static inline union intel_tx_desc *tx_desc(struct harness *h, const struct txring *t, uint32_t i)
{
	return (union intel_tx_desc *)(void *)ram_at(h, t->ring + 16 * (i % t->size));
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
	union intel_tx_desc *d = tx_desc(h, t, t->tail);

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
	union intel_tx_desc *d = tx_desc(h, t, t->tail++);

	d->context.lengths = to_le32(lengths);
	d->context.tunnel = to_le32(0);
	d->context.type =
		to_le32(type | field_of(TXD_DTYP, TXD_DTYP_CONTEXT) | field_mask(TXD_DEXT));
	d->context.segment = to_le32(segment);
}
static inline void tx_put_legacy(struct harness *h, struct txring *t, const void *frame,
				 uint32_t len, uint64_t word)
{
	union intel_tx_desc *d = tx_desc(h, t, t->tail);

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

#endif
