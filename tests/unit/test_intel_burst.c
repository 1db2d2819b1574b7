/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Every variant of the packet path does what the plain one does, bit for bit: two worlds with the
 * same random device behaviour and the same random application, one running plain C, the other
 * the variant. The seed is printed; NICETY_SEED repeats a run, NICETY_ROUNDS makes it longer.
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

#include "drivers/intel/ring.h"

#define RING  128u
#define MOST  80u /* packets a call */
#define SPARE 64u /* packets that the application keeps */

static uint64_t random_state;

static uint32_t rnd(void) /* xorshift64* */
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dull) >> 32);
}

/* ---- a world ---- */

struct world {
	struct pci_dev pci;
	struct nic nic;
	struct nic_pool *own, *other;
	struct intel_rxq rx;
	struct intel_txq tx;
	le32 doorbells[2];
	uint32_t written; /* RX descriptors that the device has written back */
	struct nic_pkt kept[SPARE + MOST];
	unsigned n_kept;
};

static void *bar_map(struct pci_dev *pci, unsigned bar, uint32_t off)
{
	struct world *w = container_of(pci, struct world, pci);

	(void)bar;
	return &w->doorbells[off];
}

static const struct pci_ops ops = { .bar_map = bar_map };

static void world_new(struct world *w, enum isa isa)
{
	memset(w, 0, sizeof(*w));
	w->pci.ops = &ops;
	assert_int_equal(nic_mem_new(&w->nic.mem, &(struct nic_mem_config) { .page_size = 4096 }),
			 0);
	/* large enough for several regions, and one of another pool between them */
	assert_int_equal(nic_pool_new(&w->own, w->nic.mem, 600, 2048), 0);
	assert_int_equal(nic_pool_new(&w->other, w->nic.mem, 100, 2048), 0);
	assert_int_equal(nic_pool_resize(w->own, 1200), 1200);
	w->nic.pci = &w->pci;
	w->nic.cfg = (struct nic_config) { .rx_ring = RING, .tx_ring = RING, .pool = w->own };
	w->nic.pools[0] = w->own;
	w->nic.isa = isa;
	assert_int_equal(intel_rxq_new(&w->rx, &w->nic, 0, 0), 0);
	assert_int_equal(intel_txq_new(&w->tx, &w->nic, 0, 1, 1514), 0);
	intel_rxq_begin(&w->rx);
	intel_txq_begin(&w->tx);
}

static void world_del(struct world *w)
{
	nic_free(w->kept, w->n_kept);
	intel_rxq_del(&w->rx);
	intel_txq_del(&w->tx);
	assert_int_equal(nic_pool_del(w->own), 0);
	assert_int_equal(nic_pool_del(w->other), 0);
	nic_mem_del(w->nic.mem);
}

/* ---- what happens to it, decided by the random numbers from the same seed ---- */

static uint32_t random_status(void)
{
	static const uint32_t odd[] = { 0x1, 0x20000003, 0x2, 0x0, 0x20000001, 0x3 };

	if (rnd() % 32)
		return 3 | (rnd() & 0xc00100f8); /* one good frame */
	return odd[rnd() % ARRAY_SIZE(odd)];
}

static uint32_t random_length(void)
{
	static const uint32_t odd[] = { 0, 1, 16, 17, 1514, 1515, 2047, 2048, 2049, 0xffff };

	return rnd() % 32 ? 60 + rnd() % 1454 : odd[rnd() % ARRAY_SIZE(odd)];
}

static void device_receives(struct world *w)
{
	/* what the device left out is done late */
	for (uint32_t i = w->rx.next; ring_used(w->written, i); i++) {
		union intel_rx_desc *d = &w->rx.ring[ring_slot(i, RING)];

		if (!(from_le32(d->wb.status) & 1))
			d->wb.status = to_le32(3);
	}
	for (unsigned n = rnd() % 48; n && ring_used(w->rx.fill, w->written); n--) {
		union intel_rx_desc *d = &w->rx.ring[ring_slot(w->written++, RING)];

		d->wb.type = to_le32(rnd());
		d->wb.hash = to_le32(rnd());
		d->wb.length_vlan = to_le32(rnd() << 16 | random_length());
		d->wb.status = to_le32(random_status());
	}
}

static void device_sends(struct world *w)
{
	uint32_t on_way = ring_used(w->tx.tail, w->tx.clean);

	if (rnd() % 16)
		*w->tx.head = to_le32(ring_slot(w->tx.clean + rnd() % (on_way + 1), RING));
	else
		*w->tx.head = to_le32(rnd() % 2 ? rnd() % RING : rnd()); /* a lie */
}

/* Return: what nic_rx returned. A device that lied is overtaken: what it wrote counts. */
static unsigned receive(struct world *w, struct nic_pkt *pkts, unsigned n)
{
	unsigned got = w->rx.q.burst(&w->rx.q, pkts, n);

	if (ring_used(w->written, w->rx.next) > RING)
		w->written = w->rx.next;
	for (unsigned i = 0; i < got; i++)
		w->kept[w->n_kept++] = pkts[i];
	return got;
}

static void random_packet(struct nic_pkt *p)
{
	static const uint32_t odd[] = { NIC_MORE, NIC_VLAN, NIC_TX_IP, NIC_TX_TCP | NIC_TX_SEGMENT,
					NIC_TX_UDP | NIC_TX_TCP };

	p->len = (uint16_t)random_length();
	p->flags = rnd() & (NIC_RX_L4_OK | NIC_RX_IP_OK | NIC_RX_OTHERS | NIC_TX_IPV6);
	memset(&p->u, 0, sizeof(p->u));
	if (rnd() % 16)
		return;
	p->flags |= odd[rnd() % ARRAY_SIZE(odd)];
	p->u.tx.l2_len = 14;
	p->u.tx.l3_len = 20;
	p->u.tx.l4_len = 20;
	p->u.tx.mss = 100;
}

static unsigned send(struct world *w)
{
	unsigned n = rnd() % (w->n_kept + 1), done;
	struct nic_pkt foreign;

	for (unsigned i = 0; i < n; i++) {
		if (rnd() % 24 == 0 && nic_alloc(w->other, &foreign, 1)) { /* another's buffer */
			nic_free(&w->kept[i], 1);
			w->kept[i].data = foreign.data;
		}
		if (rnd() % 4 == 0)
			w->kept[i].data = (char *)w->kept[i].data + rnd() % 32;
		random_packet(&w->kept[i]);
	}
	done = w->tx.q.burst(&w->tx.q, w->kept, n);
	w->n_kept -= done;
	memmove(w->kept, w->kept + done, w->n_kept * sizeof(w->kept[0]));
	while (w->n_kept > SPARE)
		nic_free(&w->kept[--w->n_kept], 1);
	return done;
}

/* ---- comparing ---- */

static uint64_t iova(const struct world *w, const void *p)
{
	return (uintptr_t)p + mem_iova_offset(w->nic.mem);
}

static void same_packets(const struct world *a, const struct nic_pkt *pa, const struct world *b,
			 const struct nic_pkt *pb, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(iova(a, pa[i].data), iova(b, pb[i].data));
		assert_memory_equal(&pa[i].len, &pb[i].len, offsetof(struct nic_pkt, u) - 8);
	}
}

static void same_worlds(const struct world *a, const struct world *b)
{
	assert_int_equal(a->rx.next, b->rx.next);
	assert_int_equal(a->rx.fill, b->rx.fill);
	assert_int_equal(a->rx.bad, b->rx.bad);
	assert_int_equal(a->rx.too_long, b->rx.too_long);
	assert_int_equal(a->rx.no_buffer, b->rx.no_buffer);
	assert_int_equal(a->tx.tail, b->tx.tail);
	assert_int_equal(a->tx.clean, b->tx.clean);
	assert_int_equal(a->tx.bad, b->tx.bad);
	assert_memory_equal(a->doorbells, b->doorbells, sizeof(a->doorbells));
	/* descriptors hold IOVAs, which are the same in both */
	assert_memory_equal(a->rx.ring, b->rx.ring, RING * sizeof(a->rx.ring[0]));
	for (uint32_t i = a->tx.clean; i != a->tx.tail; i++)
		assert_memory_equal(&a->tx.ring[ring_slot(i, RING)],
				    &b->tx.ring[ring_slot(i, RING)], sizeof(a->tx.ring[0]));
	assert_int_equal(a->own->n, b->own->n);
	assert_int_equal(a->other->n, b->other->n);
	for (uint32_t i = 0; i < a->own->n; i++)
		assert_int_equal(iova(a, a->own->stack[i]), iova(b, b->own->stack[i]));
}

static void compare(enum isa isa, const char *name)
{
	const char *seed = getenv("NICETY_SEED"), *rounds = getenv("NICETY_ROUNDS");
	struct world *w = calloc(2, sizeof(*w));
	uint64_t next = seed ? strtoull(seed, NULL, 0) | 1 : 0x10fb;
	uint64_t received = 0, sent = 0;

	assert_non_null(w);
	print_message("%s: NICETY_SEED=%#llx\n", name, (unsigned long long)next);
	world_new(&w[0], ISA_C);
	world_new(&w[1], isa);
	assert_true(isa == ISA_C || w[0].rx.q.burst != w[1].rx.q.burst);
	for (unsigned i = rounds ? (unsigned)strtoul(rounds, NULL, 0) : 20000; i; i--) {
		static struct nic_pkt pkts[2][MOST];
		unsigned got[2], done[2];

		for (int k = 0; k < 2; k++) {
			random_state = next;
			device_receives(&w[k]);
			got[k] = receive(&w[k], pkts[k], rnd() % 8 ? rnd() % MOST : rnd() % 5);
			done[k] = send(&w[k]);
			device_sends(&w[k]);
			if (rnd() % 8 == 0)
				w[k].tx.q.clean(&w[k].tx.q);
		}
		next = random_state;
		assert_int_equal(got[0], got[1]);
		assert_int_equal(done[0], done[1]);
		same_packets(&w[0], pkts[0], &w[1], pkts[1], got[0]);
		same_packets(&w[0], w[0].kept, &w[1], w[1].kept, w[0].n_kept);
		same_worlds(&w[0], &w[1]);
		received += got[0];
		sent += done[0];
	}
	assert_true(received > 1000 && sent > 1000);
	world_del(&w[0]);
	world_del(&w[1]);
	free(w);
}

#if defined(__x86_64__)
static void sse_is_plain(void **state)
{
	(void)state;
	compare(ISA_SSE, "sse");
}
static void avx2_is_plain(void **state)
{
	(void)state;
	if (!__builtin_cpu_supports("avx2"))
		skip();
	compare(ISA_AVX2, "avx2");
}
static void avx512_is_plain(void **state)
{
	(void)state;
	if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl"))
		skip();
	compare(ISA_AVX512, "avx512");
}
#elif defined(__aarch64__)
static void neon_is_plain(void **state)
{
	(void)state;
	compare(ISA_NEON, "neon");
}
#endif

static void plain_is_plain(void **state)
{
	(void)state;
	compare(ISA_C, "c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_is_plain),
#if defined(__x86_64__)
		cmocka_unit_test(sse_is_plain),
		cmocka_unit_test(avx2_is_plain),
		cmocka_unit_test(avx512_is_plain),
#elif defined(__aarch64__)
		cmocka_unit_test(neon_is_plain),
#endif
	};

	nic_log_set(NULL, NULL, NIC_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
