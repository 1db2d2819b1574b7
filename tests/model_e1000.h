/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Driving the 82540EM and 82574L models from unit tests: a bring-up that breaks no rule, rings,
 * frames. Written from the manual, not from the driver, so that the two are checked against each
 * other. Every program runs its tests on both chips, or says which one a test is about.
 */
#ifndef TESTS_MODEL_E1000_H
#define TESTS_MODEL_E1000_H

#include "frames.h"
#include "model_harness.h"
#include "regs/e1000.h"
#include "regs/e1000_desc.h"

#define RING      32u
#define TX_BUFFER 16384u

struct rxring {
	uint32_t q, buffer; /* queue, bytes of a buffer */
	uint32_t next;      /* the descriptor that is received into next */
	uint64_t ring, buffers;
};
struct txring {
	uint32_t q, tail;
	uint64_t ring, buffers; /* a buffer for each descriptor */
};
struct fixture {
	struct harness h; /* must be first */
	struct rxring r;
	struct txring t;
};

static const struct model_class *chip; /* what the tests run on */

static inline int pcie(void)
{
	return chip == &model_82574l;
}
static inline uint32_t fm(unsigned field)
{
	return field_mask(field);
}
static inline void set_bits(struct harness *h, uint32_t reg, uint32_t bits)
{
	wr(h, reg, rd(h, reg) | bits);
}
static inline void clear_bits(struct harness *h, uint32_t reg, uint32_t bits)
{
	wr(h, reg, rd(h, reg) & ~bits);
}

/* 82540EM 14: everything but rings, RCTL.EN and TCTL.EN. */
static inline void bring_up(struct harness *h)
{
	config_wr(h, 4, 2, 7); /* I/O, memory, bus master */
	h->class->wire_link(h->m, 1);
	run_for(h, 600);
	set_bits(h, CTRL, fm(CTRL_SLU));
	run_for(h, 2);
	for (uint32_t i = 0; i < 128; i++) {
		wr(h, MTA + 4 * i, 0);
		wr(h, VFTA + 4 * i, 0);
	}
	wr(h, TIPG, 0x0060200a);
	for (uint32_t i = 0; pcie() && i < 2; i++)
		wr(h, e1000_queue(TXDCTL, i), fm(TXDCTL_COUNT_DESC));
}

/* ---- receive ---- */

static inline struct e1000_desc *rx_desc(struct harness *h, const struct rxring *r, uint32_t i)
{
	return (struct e1000_desc *)(void *)ram_at(h, r->ring + 16 * (i % RING));
}
static inline uint8_t *rx_buffer(struct harness *h, const struct rxring *r, uint32_t i)
{
	return ram_at(h, r->buffers + (uint64_t)r->buffer * (i % RING));
}
static inline void rx_post(struct harness *h, const struct rxring *r, uint32_t i)
{
	struct e1000_desc *d = rx_desc(h, r, i);

	d->addr = to_le64(r->buffers + (uint64_t)r->buffer * (i % RING));
	d->word = to_le64(0);
}
static inline void rx_tail(struct harness *h, const struct rxring *r, uint32_t i)
{
	wr(h, e1000_queue(RDT, r->q), i % RING);
}
/** rx_ring - memory and registers of a ring of RING descriptors, all posted but one. */
static inline void rx_ring(struct harness *h, struct rxring *r, uint32_t q, uint32_t buffer)
{
	*r = (struct rxring) { .q = q, .buffer = buffer };
	r->ring = ram_alloc(h, RING * 16, 16);
	r->buffers = ram_alloc(h, RING * buffer, 64);
	for (uint32_t i = 0; i < RING; i++)
		rx_post(h, r, i);
	wr(h, e1000_queue(RDBAL, q), (uint32_t)r->ring);
	wr(h, e1000_queue(RDBAH, q), (uint32_t)(r->ring >> 32));
	wr(h, e1000_queue(RDLEN, q), RING * 16);
	wr(h, e1000_queue(RDH, q), 0);
	wr(h, e1000_queue(RDT, q), 0);
}
#define RCTL_TEST (FIELD_MASK(RCTL_BAM) | FIELD_MASK(RCTL_SECRC))
/** receiver - @bits of RCTL beside EN; all descriptors of @r but one belong to hardware then. */
static inline void receiver(struct harness *h, struct rxring *r, uint32_t bits)
{
	wr(h, RCTL, bits | fm(RCTL_EN));
	rx_tail(h, r, RING - 1);
}
/** extended - does the receiver write extended descriptors? */
static inline int extended(struct harness *h)
{
	return pcie() && rd(h, RFCTL) & fm(RFCTL_EXTEN);
}

/* Packet split: rings of half as many descriptors, of 32 bytes, in the same memory. */
#define SPLIT_RING (RING / 2)

static inline struct e1000_split_desc *split_desc(struct harness *h, const struct rxring *r,
						  uint32_t i)
{
	return (struct e1000_split_desc *)(void *)ram_at(h, r->ring + 32 * (i % SPLIT_RING));
}
/** split_buffer - address of buffer @n of four; @r has a buffer of 16 KiB for each descriptor. */
static inline uint64_t split_buffer(const struct rxring *r, uint32_t i, unsigned n)
{
	return r->buffers + (uint64_t)r->buffer * (i % SPLIT_RING) + 4096 * n;
}
static inline void split_post(struct harness *h, const struct rxring *r, uint32_t i)
{
	for (unsigned n = 0; n < 4; n++)
		split_desc(h, r, i)->q[n] = to_le64(split_buffer(r, i, n));
}

struct received { /* a write-back descriptor, whatever its format */
	uint32_t len, status, errors, vlan, checksum, hash, type, queue;
	const uint8_t *data;
};
static inline struct received rx_result(struct harness *h, const struct rxring *r, uint32_t i)
{
	uint64_t first = from_le64(rx_desc(h, r, i)->addr), w = from_le64(rx_desc(h, r, i)->word);
	struct received got = { .vlan = (uint32_t)(w >> 48), .data = rx_buffer(h, r, i) };

	if (extended(h)) {
		got.len = (uint32_t)(w >> 32) & 0xffff;
		got.status = (uint32_t)w & 0xff;
		got.errors = (uint32_t)w >> 24;
		got.hash = (uint32_t)(first >> 32);
		got.type = first & 15;
		got.queue = (uint32_t)first >> 8 & 31;
	} else {
		got.len = (uint32_t)w & 0xffff;
		got.checksum = (uint32_t)w >> 16;
		got.status = (uint32_t)(w >> 32) & 0xff;
		got.errors = (uint32_t)(w >> 40) & 0xff;
	}
	return got;
}
static inline enum model_rx from_wire(struct harness *h, const void *frame, size_t len)
{
	enum model_rx got = h->class->wire_rx(h->m, frame, len, 0, MODEL_FRAME_GOOD);

	run_idle(h);
	return got;
}
/** rx_one - a frame from the wire that is received into one buffer; that is posted again. */
static inline struct received rx_one(struct harness *h, struct rxring *r, const void *frame,
				     size_t len)
{
	static uint8_t copy[16384];
	struct received got;

	assert_int_equal(from_wire(h, frame, len), MODEL_RX_TAKEN);
	got = rx_result(h, r, r->next);
	assert_int_equal(got.status & 3, 3); /* DD, EOP */
	memcpy(copy, got.data, got.len);
	got.data = copy;
	rx_post(h, r, r->next++);
	rx_tail(h, r, r->next + RING - 1);
	return got;
}

/* ---- send ---- */

static inline struct e1000_desc *tx_desc(struct harness *h, const struct txring *t, uint32_t i)
{
	return (struct e1000_desc *)(void *)ram_at(h, t->ring + 16 * (i % RING));
}
static inline void tx_ring(struct harness *h, struct txring *t, uint32_t q)
{
	*t = (struct txring) { .q = q };
	t->ring = ram_alloc(h, RING * 16, 16);
	t->buffers = ram_alloc(h, RING * TX_BUFFER, 64);
	wr(h, e1000_queue(TDBAL, q), (uint32_t)t->ring);
	wr(h, e1000_queue(TDBAH, q), (uint32_t)(t->ring >> 32));
	wr(h, e1000_queue(TDLEN, q), RING * 16);
	wr(h, e1000_queue(TDH, q), 0);
	wr(h, e1000_queue(TDT, q), 0);
}
#define TCTL_TEST                                                                       \
	(FIELD_MASK(TCTL_PSP) | FIELD_MASK(TCTL_EN) | 15u << 4 | 64u << 12) /* CT, COLD \
									     */

#define WHOLE (FIELD_MASK(TXD_EOP) | FIELD_MASK(TXD_IFCS) | FIELD_MASK(TXD_RS))
#define DATA  (FIELD_MASK(TXD_DEXT) | 1u << 20) /* DTYP 1 */

/** tx_word - the next descriptor, as it is; the length is part of @low. */
static inline void tx_word(struct harness *h, struct txring *t, uint64_t first, uint32_t low,
			   uint32_t high)
{
	struct e1000_desc *d = tx_desc(h, t, t->tail++);

	d->addr = to_le64(first);
	d->word = to_le64(low | (uint64_t)high << 32);
}
/** tx_put - the next descriptor, with a copy of @len bytes. */
static inline void tx_put(struct harness *h, struct txring *t, const void *frame, uint32_t len,
			  uint32_t low, uint32_t high)
{
	uint64_t at = t->buffers + (uint64_t)TX_BUFFER * (t->tail % RING);

	memcpy(ram_at(h, at), frame, len);
	tx_word(h, t, at, low | len, high);
}
/** tx_context - offsets for IP at 14 of @ip_len bytes; @low adds TSE, PAYLEN and so on. */
static inline void tx_context(struct harness *h, struct txring *t, uint32_t ip_len, int tcp,
			      uint32_t low, uint32_t high)
{
	uint32_t l4 = 14 + ip_len, v4 = ip_len == 20;
	uint32_t ip = 14 | 24 << 8 | (v4 ? l4 - 1 : 0) << 16;
	uint32_t tu = l4 | (l4 + (tcp ? 16 : 6)) << 8;

	tx_word(h, t, ip | (uint64_t)tu << 32,
		low | fm(TXD_DEXT) | field_of(TXD_CONTEXT_TCP, tcp != 0) |
			field_of(TXD_CONTEXT_IPV4, v4),
		high);
}
static inline void tx_go(struct harness *h, const struct txring *t)
{
	wr(h, e1000_queue(TDT, t->q), t->tail % RING);
	run_idle(h);
}
static inline void tx_one(struct harness *h, struct txring *t, const void *frame, uint32_t len)
{
	tx_put(h, t, frame, len, WHOLE, 0);
	tx_go(h, t);
}
static inline int tx_done(struct harness *h, const struct txring *t, uint32_t i)
{
	return from_le64(tx_desc(h, t, i)->word) >> 32 & 1;
}

/* ---- fixtures ---- */

/** setup_idle - brought up, nothing on. setup_on - receiver and transmitter on queue 0. */
static inline int setup_idle(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	harness_open(&x->h, chip, NULL);
	bring_up(&x->h);
	no_rule_broken(&x->h);
	*state = x;
	return 0;
}
static inline int setup_on(void **state)
{
	struct fixture *x;

	setup_idle(state);
	x = *state;
	rx_ring(&x->h, &x->r, 0, 2048);
	tx_ring(&x->h, &x->t, 0);
	receiver(&x->h, &x->r, RCTL_TEST);
	wr(&x->h, TCTL, TCTL_TEST);
	no_rule_broken(&x->h);
	return 0;
}

/* Whatever a test did: frames are conserved, see models/e1000/README.md. */
static inline int teardown(void **state)
{
	static const char *const drops[] = {
		"model_rx_off",          "model_rx_short",      "model_rx_filtered",
		"model_rx_flow_control", "model_rx_crc",        "model_rx_oversize",
		"model_rx_queue_off",    "model_rx_dma_failed", "model_rx_packet_buffer_full",
	};
	struct fixture *x = *state;
	uint64_t total = named(&x->h, "model_delivered");

	for (unsigned i = 0; i < ARRAY_SIZE(drops); i++)
		total += named(&x->h, drops[i]);
	if (x->h.class->drained(x->h.m))
		assert_int_equal(named(&x->h, "model_wire_in"), total);
	else
		assert_true(named(&x->h, "model_wire_in") > total);
	harness_close(&x->h);
	free(x);
	return 0;
}

#define IDLE(name) cmocka_unit_test_setup_teardown(name, setup_idle, teardown)
#define ON(name)   cmocka_unit_test_setup_teardown(name, setup_on, teardown)

static inline int on_82540em(void **state)
{
	(void)state;
	chip = &model_82540em;
	return 0;
}
static inline int on_82574l(void **state)
{
	(void)state;
	chip = &model_82574l;
	return 0;
}
/** RUN - a group of tests on a chip. */
#define RUN(name, tests) cmocka_run_group_tests_name(#name " " #tests, tests, on_##name, NULL)

#endif
