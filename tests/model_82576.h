/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Driving the 82576 model from unit tests: a bring-up that breaks no rule, rings, frames. Written
 * from the datasheet, not from the driver, so that the two are checked against each other.
 */
#ifndef TESTS_MODEL_82576_H
#define TESTS_MODEL_82576_H

#include "frames.h"
#include "model_harness.h"
#include "regs/igb.h"
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

#define RCTL_ON (field_mask(RCTL_RXEN) | field_mask(RCTL_BAM) | field_mask(RCTL_SECRC))

/* 82576 4.5: everything but queues, RXEN and EN. */
static inline void bring_up(struct harness *h)
{
	config_wr(h, 4, 2, 6); /* memory, bus master */
	wr(h, RXDCTL, rd(h, RXDCTL) & ~field_mask(RXDCTL_ENABLE));
	wr(h, TXDCTL, 0);
	wr(h, RXDCTL, field_of(RXDCTL_WTHRESH, 1));
	set_bits(h, CTRL, field_mask(CTRL_SLU));
	h->class->wire_link(h->m, 1);
	run_for(h, 600);
	assert_true(rd(h, STATUS) & field_mask(STATUS_LU));
	for (uint32_t i = 1; i < IGB_RA_COUNT; i++) {
		wr(h, igb_ra(RAL, i), 0);
		wr(h, igb_ra(RAH, i), 0);
	}
	for (uint32_t i = 0; i < 128; i++) {
		wr(h, MTA + 4 * i, 0);
		wr(h, VFTA + 4 * i, 0);
	}
	set_bits(h, RXCSUM, field_mask(RXCSUM_PCSD) | field_mask(RXCSUM_CRCOFL));
}

static inline void open_82576(struct harness *h)
{
	harness_open(h, &model_82576, NULL);
	bring_up(h);
	wr(h, RCTL, RCTL_ON);
	set_bits(h, TCTL, field_mask(TCTL_EN));
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
	wr(h, igb_queue(RDBAL, q), (uint32_t)r->ring);
	wr(h, igb_queue(RDBAH, q), (uint32_t)(r->ring >> 32));
	wr(h, igb_queue(RDLEN, q), size * 16);
	wr(h, igb_queue(SRRCTL, q), srrctl | field_of(SRRCTL_BSIZEPACKET, kib));
	wr(h, igb_queue(RDH, q), 0);
	wr(h, igb_queue(RDT, q), 0);
	for (uint32_t i = 0; i < size; i++)
		rx_post(h, r, i);
}

#define ADVANCED field_of(SRRCTL_DESCTYPE, SRRCTL_DESCTYPE_ADV_ONE_BUFFER)
#define LEGACY   field_of(SRRCTL_DESCTYPE, SRRCTL_DESCTYPE_LEGACY)

/** rx_start - a queue with @posted descriptors handed over. */
static inline void rx_start(struct harness *h, struct rxring *r, uint32_t q, uint32_t size,
			    uint32_t kib, uint32_t srrctl, uint32_t posted)
{
	rx_prepare(h, r, q, size, kib, srrctl);
	set_bits(h, igb_queue(RXDCTL, q), field_mask(RXDCTL_ENABLE));
	assert_true(rd(h, igb_queue(RXDCTL, q)) & field_mask(RXDCTL_ENABLE));
	wr(h, igb_queue(RDT, q), posted % size);
}

static inline int rx_done(struct harness *h, const struct rxring *r, uint32_t i)
{
	return from_le64(rx_desc(h, r, i)->read.header) & 1;
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
	wr(h, igb_queue(TDBAL, q), (uint32_t)t->ring);
	wr(h, igb_queue(TDBAH, q), (uint32_t)(t->ring >> 32));
	wr(h, igb_queue(TDLEN, q), size * 16);
	wr(h, igb_queue(TDWBAH, q), (uint32_t)(t->head >> 32));
	wr(h, igb_queue(TDWBAL, q), head_wb ? (uint32_t)t->head | 1 : 0);
	clear_bits(h, igb_queue(TXCTL, q), field_mask(TXCTL_DESC_WRO_EN));
	wr(h, igb_queue(TDH, q), 0);
	wr(h, igb_queue(TDT, q), 0);
}

static inline void tx_start(struct harness *h, struct txring *t, uint32_t q, uint32_t size,
			    int head_wb)
{
	tx_prepare(h, t, q, size, head_wb);
	wr(h, igb_queue(TXDCTL, q),
	   field_of(TXDCTL_PTHRESH, 8) | field_of(TXDCTL_HTHRESH, 1) | field_mask(TXDCTL_ENABLE));
	assert_true(rd(h, igb_queue(TXDCTL, q)) & field_mask(TXDCTL_ENABLE));
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
/** tx_go - ring the doorbell and let the model run. */
static inline void tx_go(struct harness *h, const struct txring *t)
{
	wr(h, igb_queue(TDT, t->q), t->tail % t->size);
	run_idle(h);
}
/** tx_one - send one plain frame. */
static inline void tx_one(struct harness *h, struct txring *t, const void *frame, uint32_t len)
{
	tx_put(h, t, frame, len, TX_WHOLE, field_of(TXD_PAYLEN, len));
	tx_go(h, t);
}

/* ---- PHY ---- */

/** phy_rd, phy_wr - through MDIC, holding the semaphore. */
static inline uint32_t phy_access(struct harness *h, uint32_t command)
{
	rd(h, SWSM);
	wr(h, SWSM, field_mask(SWSM_SMBI) | field_mask(SWSM_SWESMBI));
	wr(h, SW_FW_SYNC, field_of(SW_FW_SYNC_SW_PHY, 1));
	wr(h, MDIC, command | field_of(MDIC_PHYADD, PHY_ADDRESS));
	assert_true(rd(h, MDIC) & field_mask(MDIC_READY));
	assert_false(rd(h, MDIC) & field_mask(MDIC_E));
	wr(h, SW_FW_SYNC, 0);
	wr(h, SWSM, 0);
	return field_get(rd(h, MDIC), MDIC_DATA);
}
static inline uint32_t phy_rd(struct harness *h, uint32_t no)
{
	return phy_access(h, field_of(MDIC_OP, MDIC_OP_READ) | field_of(MDIC_REGADD, no));
}
static inline void phy_wr(struct harness *h, uint32_t no, uint32_t value)
{
	phy_access(h, field_of(MDIC_OP, MDIC_OP_WRITE) | field_of(MDIC_REGADD, no) | value);
}

#endif
