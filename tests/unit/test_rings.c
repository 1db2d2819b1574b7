/* SPDX-License-Identifier: BSD-2-Clause
 *
 * All forms of the in-place path do the same: in two halves (nic_path_rx, nic_path_tx) or as one
 * loop around a handler (nic_path_run), four slots at a time or in plain C, rings shared or split,
 * with one output or three. Worlds with the same random device are compared after every round. The
 * seed is printed; NICETY_SEED repeats a run, NICETY_ROUNDS makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first */
#include <cmocka.h>

#include "rings_forms.h"

#define RING 64u
#define OUTS 3u

FORM(shared, 0)
FORM(split, 1)

static const struct form fast_shared = { "fast", run_shared, rx_shared, tx_shared };
static const struct form fast_split = { "fast", run_split, rx_split, tx_split };

static uint64_t random_state;

static uint32_t rnd(void) /* xorshift64* */
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dull) >> 32);
}

struct world {
	struct nic_rings r;
	struct nic_ring_slot rx[RING] __attribute__((aligned(16)));
	struct nic_ring_slot tx[OUTS][RING] __attribute__((aligned(16)));
	uint8_t frames[RING][2];
	void *buf[RING];
	uint32_t heads[OUTS], tails[OUTS + 1], written;
	uint64_t bad[OUTS], refused, handled;
};

static void refuse(struct nic_rings *r, uint64_t word)
{
	struct world *w = (struct world *)r;

	w->refused++;
	r->in_frame = !(word & (uint64_t)1 << 33);
}

static void tail(struct nic_rings *r, uint32_t out, uint32_t slot)
{
	((struct world *)r)->tails[out] = slot;
}

static uint32_t progress(struct nic_rings *r, uint32_t out)
{
	return ((struct world *)r)->heads[out];
}

static void world_new(struct world *w, uint32_t outs, int split)
{
	memset(w, 0, sizeof(*w));
	for (uint32_t i = 0; i < RING; i++) {
		w->buf[i] = w->frames[i];
		w->rx[i].addr = i + 1000;
	}
	w->r = (struct nic_rings) { .rx = split ? w->rx : w->tx[0],
				    .buf = w->buf,
				    .mask = RING - 1,
				    .end = RING - 1,
				    .outs = outs,
				    .shortest = 17,
				    .longest = 2048,
				    .good = (uint64_t)3 << 32,
				    .judged = (uint64_t)3 << 32 | (uint64_t)1 << (split ? 61 : 40),
				    .cmd = split ? 0x23300000 : 0x03000000,
				    .null = 0x03000000,
				    .report = 1u << 27,
				    .iova_offset = 0,
				    .error_shift = split ? 0 : 16,
				    .split = split,
				    .refuse = refuse,
				    .tail = tail,
				    .progress = progress };
	for (uint32_t k = 0; k < outs; k++) {
		w->r.tx[k] = w->tx[k];
		w->r.tx_bad[k] = &w->bad[k];
		/* doorbell and head as memory or by call, both ways */
		w->r.tx_tail[k] = k % 2 ? NULL : &w->tails[k];
		w->r.head[k] = k % 2 ? NULL : &w->heads[k];
	}
}

/* A received word, legacy: mostly one good frame. */
static uint64_t random_word(int split)
{
	static const uint32_t lengths[] = { 0, 1, 16, 17, 2047, 2048, 2049, 0xffff };
	uint64_t len = rnd() % 24 ? 60 + rnd() % 1454 : lengths[rnd() % 8], word;

	word = (uint64_t)(rnd() & 0xf8) << 32 | (uint64_t)3 << 32 |
	       (uint64_t)(rnd() & 0xffff) << 16;
	word |= (uint64_t)(rnd() & 3) << (split ? 62 : 46) | len;
	if (rnd() % 24 == 0)
		word ^= (uint64_t)1 << (rnd() % 2 ? 33 : split ? 61 : 40);
	return word;
}

static void device(struct world *w)
{
	const uint32_t mask = RING - 1;

	for (uint32_t n = rnd() % 40; n && w->written != w->r.end; n--, w->written++) {
		uint64_t word = random_word(w->r.split);
		uint32_t i = w->written & mask;

		w->frames[i][0] = (uint8_t)word;
		w->r.rx[i].word = nic_rings_le64(w->r.split ? word << 32 | word >> 32 : word);
		if (w->r.split)
			w->r.rx[i].addr = rnd();
	}
	for (uint32_t k = 0; k < w->r.outs; k++) {
		uint32_t on_way = w->r.next - w->r.sent[k];
		uint32_t head = (w->r.sent[k] + rnd() % (on_way + 1)) & mask;

		if (rnd() % 32 == 0)
			head = rnd() % 2 ? rnd() & mask : rnd(); /* a lie */
		w->heads[k] = k % 2 ? head : nic_rings_le32(head);
	}
}

/* What becomes of a frame depends on its bytes alone. */
static void handle(void *arg, struct nic_slot *slot)
{
	struct world *w = arg;
	uint8_t *frame = slot->data;

	w->handled += slot->len + ((uint64_t)slot->flags << 16);
	frame[1]++;
	if (frame[0] % 8 == 0)
		slot->len = 0;
	else if (frame[0] % 8 == 1)
		slot->len = (uint16_t)(frame[0] * 257u); /* sometimes nothing that can be sent */
	else if (frame[0] % 8 == 2)
		slot->len++;
	slot->out = (uint16_t)(frame[0] % 16 == 7 ? frame[0] / 16 % 5 : 0);
}

static uint32_t halves(struct world *w, const struct form *form, uint32_t n)
{
	struct nic_slot slots[80];
	uint32_t got = form->rx(&w->r, slots, n);

	for (uint32_t i = 0; i < got; i++)
		if (slots[i].len)
			handle(w, &slots[i]);
	form->tx(&w->r, slots);
	return got;
}

static void same(const struct world *a, const struct world *b)
{
	assert_int_equal(a->r.next, b->r.next);
	assert_int_equal(a->r.end, b->r.end);
	assert_int_equal(a->r.in_frame, b->r.in_frame);
	assert_int_equal(a->refused, b->refused);
	assert_int_equal(a->handled, b->handled);
	assert_memory_equal(a->r.sent, b->r.sent, sizeof(a->r.sent));
	assert_memory_equal(a->bad, b->bad, sizeof(a->bad));
	assert_memory_equal(a->tails, b->tails, sizeof(a->tails));
	assert_memory_equal(a->tx, b->tx, sizeof(a->tx));
	assert_memory_equal(a->frames, b->frames, sizeof(a->frames));
	for (uint32_t i = 0; i < RING; i++) {
		/* repaired descriptors hold each world's own address */
		int repaired = a->rx[i].addr == nic_rings_le64((uintptr_t)a->buf[i]);

		assert_int_equal(a->rx[i].word, b->rx[i].word);
		assert_int_equal(repaired, b->rx[i].addr == nic_rings_le64((uintptr_t)b->buf[i]));
		assert_true(repaired || a->rx[i].addr == b->rx[i].addr);
	}
}

static void compare(uint32_t outs, int split)
{
	const struct form *plain = split ? &plain_split : &plain_shared;
	const struct form *fast = split ? &fast_split : &fast_shared;
	const char *seed = getenv("NICETY_SEED"), *rounds = getenv("NICETY_ROUNDS");
	unsigned n_worlds = outs == 1 ? 4 : 2; /* the loop around a handler has one output */
	uint64_t next = seed ? strtoull(seed, NULL, 0) | 1 : 0x82599, total = 0;
	struct world *w = aligned_alloc(16, 4 * sizeof(*w));

	assert_non_null(w);
	print_message("NICETY_SEED=%#llx\n", (unsigned long long)next);
	for (unsigned k = 0; k < n_worlds; k++)
		world_new(&w[k], outs, split);
	for (unsigned i = rounds ? (unsigned)strtoul(rounds, NULL, 0) : 20000; i; i--) {
		uint32_t got[4];

		for (unsigned k = 0; k < n_worlds; k++) {
			const struct form *form = k % 2 ? fast : plain;
			uint32_t n;

			random_state = next;
			device(&w[k]);
			n = rnd() % 4 ? rnd() % 80 : rnd() % 4;
			got[k] = k < 2 ? halves(&w[k], form, n)
				       : form->run(&w[k].r, n, handle, &w[k]);
			assert_int_equal(got[0], got[k]);
			same(&w[0], &w[k]);
		}
		next = random_state;
		total += got[0];
	}
	assert_true(total > 10000);
	assert_true(w[0].refused > 100 && w[0].bad[0] > 100);
	free(w);
}

static void shared_rings_are_the_same_in_all_forms(void **state)
{
	(void)state;
	compare(1, 0);
}
static void split_rings_are_the_same_in_all_forms(void **state)
{
	(void)state;
	compare(1, 1);
}
static void several_outputs_are_the_same_in_all_forms(void **state)
{
	(void)state;
	compare(OUTS, 0);
	compare(OUTS, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_rings_are_the_same_in_all_forms),
		cmocka_unit_test(split_rings_are_the_same_in_all_forms),
		cmocka_unit_test(several_outputs_are_the_same_in_all_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
