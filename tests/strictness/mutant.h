/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Known driver bugs, planted: each mutant is a real driver with its register writes, its
 * descriptors or its waiting changed on the way to the model. The strict model must name the rule
 * that the mutant breaks; the unchanged driver must break none.
 *
 * A test includes its chip's registers first and defines MUTANT_MODEL, the model's name.
 */
#ifndef TESTS_MUTANT_H
#define TESTS_MUTANT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first */
#include <cmocka.h>

#include "bus/bus.h"
#include "drivers/driver.h"

struct mutant {
	const char *name, *rule;
	/* Change a write, or add others through put(). Return 0: it does not reach the model. */
	int (*write)(uint32_t off, uint32_t *value);
	int no_delay;   /* the driver does not wait */
	int no_dma_map; /* memory is never mapped */
	int no_master;  /* bus mastering is never enabled */
};

static const struct mutant *mutant;
static struct pci_dev *inner, dev;
static struct {
	char *va;
	uint64_t iova;
} maps[64];
static unsigned n_maps;
static uint64_t rx_ring, tx_ring;
static char reported[4096]; /* rules named by the model */

static inline void put(uint32_t off, uint32_t value)
{
	inner->ops->bar_write(inner, 0, off, value);
}

static inline uint32_t get_reg(uint32_t off)
{
	return inner->ops->bar_read(inner, 0, off);
}

static inline void *memory(uint64_t iova)
{
	for (unsigned i = 0; i < n_maps; i++)
		if (iova - maps[i].iova < REGION_SIZE)
			return maps[i].va + (iova - maps[i].iova);
	fail_msg("0x%llx is not mapped", (unsigned long long)iova);
	return NULL;
}

static inline uint32_t fv(unsigned field)
{
	return field_mask(field);
}

static int unchanged(uint32_t off, uint32_t *v)
{
	(void)off;
	(void)v;
	return 1;
}

/* ---- the bus in between ---- */

static int m_config_read(struct pci_dev *d, unsigned off, void *buf, size_t len)
{
	(void)d;
	return inner->ops->config_read(inner, off, buf, len);
}

static int m_config_write(struct pci_dev *d, unsigned off, const void *buf, size_t len)
{
	uint8_t b[4];

	(void)d;
	assert_true(len <= sizeof(b));
	memcpy(b, buf, len);
	if (off == PCI_COMMAND && mutant->no_master)
		b[0] &= (uint8_t)~PCI_COMMAND_MASTER;
	return inner->ops->config_write(inner, off, b, len);
}

static void *m_bar_map(struct pci_dev *d, unsigned bar, uint32_t off)
{
	(void)d;
	(void)bar;
	(void)off;
	return NULL;
}

static uint32_t m_bar_read(struct pci_dev *d, unsigned bar, uint32_t off)
{
	(void)d;
	return inner->ops->bar_read(inner, bar, off);
}

static void m_bar_write(struct pci_dev *d, unsigned bar, uint32_t off, uint32_t value)
{
	(void)d;
	if (off == RDBAL)
		rx_ring = value | 1ull << 32; /* IOVAs start at 4 GiB */
	if (off == TDBAL)
		tx_ring = value | 1ull << 32;
	if (mutant->write(off, &value))
		inner->ops->bar_write(inner, bar, off, value);
}

static int m_dma_map(struct pci_dev *d, void *va, size_t len, uint64_t iova)
{
	(void)d;
	maps[n_maps].va = va;
	maps[n_maps++].iova = iova;
	return mutant->no_dma_map ? 0 : inner->ops->dma_map(inner, va, len, iova);
}

static int m_dma_unmap(struct pci_dev *d, uint64_t iova, size_t len)
{
	(void)d;
	return mutant->no_dma_map ? 0 : inner->ops->dma_unmap(inner, iova, len);
}

static void m_delay(struct pci_dev *d, unsigned us)
{
	(void)d;
	inner->ops->delay(inner, mutant->no_delay ? 0 : us);
}

static void m_pump(struct pci_dev *d)
{
	(void)d;
	inner->ops->pump(inner);
}

static uint64_t m_violations(struct pci_dev *d)
{
	(void)d;
	return inner->ops->violations(inner);
}

static void m_close(struct pci_dev *d)
{
	(void)d;
	inner->ops->close(inner);
}

static const struct pci_ops m_ops = {
	.config_read = m_config_read,
	.config_write = m_config_write,
	.bar_map = m_bar_map,
	.bar_read = m_bar_read,
	.bar_write = m_bar_write,
	.dma_map = m_dma_map,
	.dma_unmap = m_dma_unmap,
	.delay = m_delay,
	.close = m_close,
	.pump = m_pump,
	.violations = m_violations,
};

static void sink(void *arg, enum nic_log_level level, const char *line)
{
	size_t at = strlen(reported);

	(void)arg;
	(void)level;
	snprintf(reported + at, sizeof(reported) - at, "%s\n", line);
}

/* A little traffic through a loop: short, long, enough to see every descriptor rule. */
static void exercise(struct nic *nic, struct nic_mem *mem)
{
	struct nic_pool *pool;
	struct nic_pkt pkts[8];

	assert_int_equal(nic_pool_new(&pool, mem, 64, 2048), 0);
	assert_int_equal(nic_alloc(pool, pkts, 4), 4);
	for (unsigned i = 0; i < 4; i++) {
		memset(pkts[i].data, 0xff, 12);
		memset((char *)pkts[i].data + 12, 0x11, 200);
		pkts[i].len = (uint16_t)(i ? 60 * i : 40);
		nic_free(&pkts[i], 1 - nic_tx(nic_txq(nic, 0), &pkts[i], 1));
	}
	for (unsigned i = 0; i < 8; i++)
		nic_free(pkts, nic_rx(nic_rxq(nic, 0), pkts, 8));
	nic_close(nic);
	nic_pool_del(pool);
}

static void run_mutant(void **state)
{
	struct nic_config cfg = { .link_wait_ms = 10 };
	struct nic_mem *mem;
	struct nic *nic;
	char rule[64];

	mutant = *state;
	reported[0] = 0;
	n_maps = 0;
	nic_log_set(sink, NULL, NIC_LOG_ERROR);
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	assert_int_equal(bus_model.open(&inner, MUTANT_MODEL "?wire=loop&host=sync", "mutant"), 0);
	dev = *inner;
	dev.ops = &m_ops;
	if (nic_open_pci(&nic, mem, &dev, strdup("mutant"), &cfg) == 0)
		exercise(nic, mem);
	nic_mem_del(mem);
	nic_log_set(NULL, NULL, NIC_LOG_WARN);
	if (!mutant->rule) {
		assert_string_equal(reported, "");
		return;
	}
	snprintf(rule, sizeof(rule), "mutant: %s: ", mutant->rule);
	if (!strstr(reported, rule))
		fail_msg("%s: rule %s was not reported, but:\n%s", mutant->name, mutant->rule,
			 reported);
}

/** run_mutants - a cmocka test for each. */
static int run_mutants(const struct mutant *mutants, size_t n)
{
	struct CMUnitTest *tests = calloc(n, sizeof(*tests));
	int failed;

	for (size_t i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest) { .name = mutants[i].name,
						 .test_func = run_mutant,
						 .initial_state = (void *)(uintptr_t)&mutants[i] };
	failed = _cmocka_run_group_tests(MUTANT_MODEL, tests, n, NULL, NULL);
	free(tests);
	return failed;
}

#endif
