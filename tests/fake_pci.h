/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A scripted PCI device that is nothing but an array of registers: tests decide what it answers,
 * and see every write. It does no DMA by itself; tests may, through fake_memory.
 */
#ifndef TESTS_FAKE_PCI_H
#define TESTS_FAKE_PCI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first */
#include <cmocka.h>

#include "drivers/driver.h"

#define MAX_LOG   20000
#define FAKE_MAPS 256

struct fake {
	struct pci_dev dev;
	uint32_t regs[(128 << 10) / 4];
	unsigned accesses, gone_at; /* every read is all ones from this access on; 0 = never */
	uint32_t stuck;             /* this register ... */
	uint32_t stuck_mask, stuck_value; /* ... always reads so in these bits */
	uint64_t waited_us;
	struct {
		uint32_t off, value;
	} writes[MAX_LOG];
	unsigned n_writes;
	int mapped, closed;
	struct {
		char *va;
		uint64_t iova;
	} maps[FAKE_MAPS];
	uint8_t config[256];
};

static struct fake *fake; /* made anew for every test */

static int fake_config_read(struct pci_dev *dev, unsigned off, void *buf, size_t len)
{
	(void)dev;
	memcpy(buf, fake->config + off, len);
	return 0;
}

static int fake_config_write(struct pci_dev *dev, unsigned off, const void *buf, size_t len)
{
	(void)dev;
	memcpy(fake->config + off, buf, len);
	return 0;
}

static void *fake_bar_map(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	(void)dev;
	(void)bar;
	(void)off;
	return NULL;
}

static int is_gone(void)
{
	return fake->gone_at && ++fake->accesses >= fake->gone_at;
}

static uint32_t fake_bar_read(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	uint32_t value = fake->regs[off / 4];

	(void)dev;
	(void)bar;
	if (is_gone())
		return UINT32_MAX;
	if (off == fake->stuck)
		value = (value & ~fake->stuck_mask) | fake->stuck_value;
	return value;
}

/* fake_ixgbe.h, fake_igb.h, fake_e1000.h: the least that a working device does by itself, its id
 * and the registers that it begins with. */
static void fake_written(uint32_t off, uint32_t *value);
static uint16_t fake_defaults(void);

static void fake_bar_write(struct pci_dev *dev, unsigned bar, uint32_t off, uint32_t value)
{
	(void)dev;
	(void)bar;
	if (is_gone())
		return;
	if (fake->n_writes < MAX_LOG) {
		fake->writes[fake->n_writes].off = off;
		fake->writes[fake->n_writes++].value = value;
	}
	fake_written(off, &value);
	fake->regs[off / 4] = value;
}

static int fake_dma_map(struct pci_dev *dev, void *va, size_t len, uint64_t iova)
{
	unsigned i = 0;

	(void)dev;
	assert_int_equal(len, REGION_SIZE);
	while (fake->maps[i].va)
		assert_true(++i < FAKE_MAPS);
	fake->maps[i].va = va;
	fake->maps[i].iova = iova;
	fake->mapped++;
	return 0;
}

static int fake_dma_unmap(struct pci_dev *dev, uint64_t iova, size_t len)
{
	(void)dev;
	(void)len;
	for (unsigned i = 0; i < FAKE_MAPS; i++)
		if (fake->maps[i].va && fake->maps[i].iova == iova) {
			fake->maps[i].va = NULL;
			fake->mapped--;
		}
	return 0;
}

static int fake_irq_set(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
			const int *fds)
{
	(void)dev;
	(void)type;
	(void)first;
	(void)n;
	(void)fds;
	return 0;
}

static void fake_delay(struct pci_dev *dev, unsigned us)
{
	(void)dev;
	fake->waited_us += us;
}

static void fake_close(struct pci_dev *dev)
{
	(void)dev;
	fake->closed++;
}

static const struct pci_ops fake_ops = {
	.config_read = fake_config_read,
	.config_write = fake_config_write,
	.bar_map = fake_bar_map,
	.bar_read = fake_bar_read,
	.bar_write = fake_bar_write,
	.dma_map = fake_dma_map,
	.dma_unmap = fake_dma_unmap,
	.irq_set = fake_irq_set,
	.delay = fake_delay,
	.close = fake_close,
};

static int new_fake(void **state)
{
	(void)state;
	fake = calloc(1, sizeof(*fake));
	fake->dev = (struct pci_dev) { .ops = &fake_ops, .vendor = 0x8086, .name = "fake" };
	fake->stuck = UINT32_MAX;
	fake->dev.device = fake_defaults();
	return 0;
}

static int del_fake(void **state)
{
	(void)state;
	free(fake);
	return 0;
}

/* Where the driver's memory lies that the device knows as @iova. */
static inline void *fake_memory(uint64_t iova)
{
	for (unsigned i = 0; i < FAKE_MAPS; i++)
		if (fake->maps[i].va && iova - fake->maps[i].iova < REGION_SIZE)
			return fake->maps[i].va + (iova - fake->maps[i].iova);
	fail_msg("0x%llx is not mapped", (unsigned long long)iova);
	return NULL;
}

#ifdef FAKE_IGB
#include "fake_igb.h"
#elif defined(FAKE_E1000)
#include "fake_e1000.h"
#else
#include "fake_ixgbe.h"
#endif
#endif
