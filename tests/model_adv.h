/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Rings and frames for the models with advanced descriptors. A chip's header includes its
 * registers, supplies what follows, and then includes this:
 *
 *   adv_rxq(reg, q), adv_txq(reg, q)         a queue's register
 *   adv_rx_extra(h, q), adv_tx_extra(h, q)   what else it wants before a queue is switched on
 *   ADV_SRRCTL, ADV_TXDCTL                   what it wants there beside ours
 */
#ifndef TESTS_MODEL_ADV_H
#define TESTS_MODEL_ADV_H

#include "frames.h"
#include "model_harness.h"
#include "regs/intel_desc.h"

struct rxring {
	uint32_t q, size, buffer; /* queue, descriptors, bytes of a buffer */
	uint32_t next;            /* the descriptor that is received into next */
	uint64_t ring, buffers;
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
	wr(h, adv_rxq(RDT, r->q), i % r->size);
}

/** rx_prepare - memory and registers of a queue, up to but without ENABLE. */
static inline void rx_prepare(struct harness *h, struct rxring *r, uint32_t q, uint32_t size,
			      uint32_t kib, uint32_t srrctl)
{
	memset(r, 0, sizeof(*r));
	r->q = q;
	r->size = size;
	r->buffer = kib ? kib * 1024 : 2048;
	r->ring = ram_alloc(h, size * 16, 128);
	r->buffers = ram_alloc(h, size * r->buffer, 64);
	wr(h, adv_rxq(RDBAL, q), (uint32_t)r->ring);
	wr(h, adv_rxq(RDBAH, q), (uint32_t)(r->ring >> 32));
	wr(h, adv_rxq(RDLEN, q), size * 16);
	wr(h, adv_rxq(SRRCTL, q), srrctl | field_of(SRRCTL_BSIZEPACKET, kib) | ADV_SRRCTL);
	adv_rx_extra(h, q);
	wr(h, adv_rxq(RDH, q), 0);
	wr(h, adv_rxq(RDT, q), 0);
	for (uint32_t i = 0; i < size; i++)
		rx_post(h, r, i);
}

#define ADVANCED field_of(SRRCTL_DESCTYPE, SRRCTL_DESCTYPE_ADV_ONE_BUFFER)
#define LEGACY   field_of(SRRCTL_DESCTYPE, SRRCTL_DESCTYPE_LEGACY)

/** rx_start - a queue with @posted descriptors handed over. @srrctl: ADVANCED or LEGACY and
 * more. */
static inline void rx_start(struct harness *h, struct rxring *r, uint32_t q, uint32_t size,
			    uint32_t kib, uint32_t srrctl, uint32_t posted)
{
	rx_prepare(h, r, q, size, kib, srrctl);
	set_bits(h, adv_rxq(RXDCTL, q), field_mask(RXDCTL_ENABLE));
	assert_true(rd(h, adv_rxq(RXDCTL, q)) & field_mask(RXDCTL_ENABLE));
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
	wr(h, adv_txq(TDBAL, q), (uint32_t)t->ring);
	wr(h, adv_txq(TDBAH, q), (uint32_t)(t->ring >> 32));
	wr(h, adv_txq(TDLEN, q), size * 16);
	wr(h, adv_txq(TDWBAH, q), (uint32_t)(t->head >> 32));
	wr(h, adv_txq(TDWBAL, q), head_wb ? (uint32_t)t->head | 1 : 0);
	adv_tx_extra(h, q);
	wr(h, adv_txq(TDH, q), 0);
	wr(h, adv_txq(TDT, q), 0);
}

static inline void tx_start(struct harness *h, struct txring *t, uint32_t q, uint32_t size,
			    int head_wb)
{
	tx_prepare(h, t, q, size, head_wb);
	wr(h, adv_txq(TXDCTL, q),
	   ADV_TXDCTL | field_of(TXDCTL_HTHRESH, 1) | field_mask(TXDCTL_ENABLE));
	assert_true(rd(h, adv_txq(TXDCTL, q)) & field_mask(TXDCTL_ENABLE));
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
	wr(h, adv_txq(TDT, t->q), t->tail % t->size);
	run_idle(h);
}
/** tx_one - send one plain frame. */
static inline void tx_one(struct harness *h, struct txring *t, const void *frame, uint32_t len)
{
	tx_put(h, t, frame, len, TX_WHOLE, field_of(TXD_PAYLEN, len));
	tx_go(h, t);
}

#endif
