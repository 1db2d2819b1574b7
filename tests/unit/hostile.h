/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A device that lies: random bits in what it writes to memory, at random times. The driver must not
 * crash, hang, read outside a buffer or lose one. NICETY_SEED repeats a run, NICETY_ROUNDS makes it
 * longer. Who includes this says with FAKE_… which device, and writes the lies.
 */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include "fake_pci.h"

#define RING 64u

static void write_lies(void);

static uint64_t random_state;

static uint32_t rnd(void) /* xorshift64* */
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dull) >> 32);
}

static uint64_t reg64(uint32_t low)
{
	return fake->regs[low / 4] | (uint64_t)fake->regs[low / 4 + 1] << 32;
}

/* Sometimes plausible, sometimes not. */
static uint32_t lie(void)
{
	static const uint32_t some[] = { 0,    1,    3,      0x20000003, 60,         1514,
					 2048, 2049, 0xffff, 0xffffffff, 0x40000063, 2 };

	return rnd() % 4 ? some[rnd() % ARRAY_SIZE(some)] : rnd();
}

/* Read what the driver says is there: the sanitizer finds what is not. */
static void touch(const struct nic_pkt *pkts, unsigned n)
{
	volatile uint8_t sink = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < pkts[i].len; k++)
			sink ^= ((const uint8_t *)pkts[i].data)[k];
	(void)sink;
}

static void packets_survive_a_lying_device(void **state)
{
	struct nic_config cfg = { .rx_ring = RING, .tx_ring = RING, .mtu = 9000 };
	const char *seed = getenv("NICETY_SEED"), *rounds = getenv("NICETY_ROUNDS");
	struct nic_pkt pkts[128];
	struct nic_pool *pool;
	struct nic_mem *mem;
	struct nic *nic;

	(void)state;
	random_state = seed ? strtoull(seed, NULL, 0) | 1 : 0x82599;
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	assert_int_equal(nic_pool_new(&pool, mem, 1024, 2048), 0);
	cfg.pool = pool;
	assert_int_equal(nic_open_pci(&nic, mem, &fake->dev, strdup("fake"), &cfg), 0);
	for (unsigned i = rounds ? (unsigned)strtoul(rounds, NULL, 0) : 20000; i; i--) {
		unsigned n, sent;

		write_lies();
		n = nic_rx(nic_rxq(nic, 0), pkts, 1 + rnd() % 128);
		touch(pkts, n);
		for (unsigned k = 0; k < n; k++) /* all ways to send, sensible or not */
			if (rnd() % 4 == 0) {
				pkts[k].flags ^= (rnd() & 0x3f) << 20;
				pkts[k].u.tx.mss = (uint16_t)(rnd() % 2000);
				pkts[k].u.tx.l2_len = rnd() % 4 ? 14 : (uint8_t)rnd();
				pkts[k].u.tx.l3_len = rnd() % 4 ? 20 : (uint8_t)rnd();
				pkts[k].u.tx.l4_len = rnd() % 4 ? 20 : (uint8_t)rnd();
			}
		sent = nic_tx(nic_txq(nic, 0), pkts, n);
		assert_true(sent <= n);
		nic_free(pkts + sent, n - sent);
		if (rnd() % 8 == 0)
			nic_tx_clean(nic_txq(nic, 0));
	}
	nic_close(nic);
	assert_int_equal(nic_pool_free(pool), 1024); /* none lost, none twice */
	assert_int_equal(nic_pool_del(pool), 0);
	nic_mem_del(mem);
}

static void a_path_survives_a_lying_device(void **state)
{
	struct nic_config cfg = { .rx_ring = RING, .tx_ring = RING };
	struct nic_slot slots[64];
	struct nic_path *path;
	struct nic_mem *mem;
	struct nic *nic;

	(void)state;
	random_state = 0x82599;
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	assert_int_equal(nic_open_pci(&nic, mem, &fake->dev, strdup("fake"), &cfg), 0);
	assert_int_equal(nic_path_new(&path, nic, &nic, 1, 0), 0);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned n;

		write_lies();
		n = nic_path_rx(path, slots, 1 + rnd() % 64);
		for (unsigned k = 0; k < n; k++)
			touch(&(struct nic_pkt) { .data = slots[k].data, .len = slots[k].len }, 1);
		nic_path_tx(path, slots, n);
		assert_true(fake->regs[RDT / 4] < RING && fake->regs[TDT / 4] < RING);
	}
	nic_path_del(path);
	nic_close(nic);
	nic_mem_del(mem);
}

#define T(name) cmocka_unit_test_setup_teardown(name, new_fake, del_fake)
static const struct CMUnitTest hostile_tests[] = {
	T(packets_survive_a_lying_device),
	T(a_path_survives_a_lying_device),
};

#endif
