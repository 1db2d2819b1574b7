/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The qtest backend on QEMU's own NICs, below every driver: configuration space, registers, the
 * address in the receive filter, interrupts by MSI-X, MSI and INTx, memory as the machine sees it.
 * tests/interop/qtest.sh starts the machine.
 *
 *   NICETY_QTEST_B=URI qtest_raw e1000|e1000e|igb
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

#include <sys/eventfd.h>
#include <unistd.h>

#include "bus/bus.h"
#include "bus/qtest.h"
#include "mem/mem.h"
#include "mem/region.h"

/* Of all Intel's gigabit NICs; the drivers' tables cite them. */
enum { CTRL = 0, STATUS = 8, ICR = 0xc0, ICS = 0xc8, IMS = 0xd0, IMC = 0xd8, IVAR_82574 = 0xe4 };
enum { RAL = 0x5400, RAH = 0x5404, CTRL_RST = 1 << 26, LSC = 1 << 2, OTHER_82574 = 1 << 24 };

static const char *chip, *uri, *const mac = "02:00:00:00:00:0b";
static struct pci_dev *dev;

static int set_up(void **state)
{
	(void)state;
	return bus_qtest.open(&dev, uri + strlen("qtest:"), uri);
}

static int tear_down(void **state)
{
	(void)state;
	dev->ops->close(dev);
	return 0;
}

static void the_device_is_what_was_asked_for(void **state)
{
	uint16_t id = !strcmp(chip, "e1000") ? 0x100e : !strcmp(chip, "e1000e") ? 0x10d3 : 0x10c9;
	uint8_t config[4];

	(void)state;
	assert_int_equal(dev->vendor, 0x8086);
	assert_int_equal(dev->device, id);
	assert_int_equal(dev->ops->config_read(dev, 0, config, 4), 0);
	assert_int_equal(config[0] | config[1] << 8, 0x8086);
	assert_int_equal(config[2] | config[3] << 8, id);
}

static void registers_answer_and_reset_gives_the_address(void **state)
{
	char text[32];
	uint32_t low, high;

	(void)state;
	bar_write(dev, CTRL, CTRL_RST);
	dev->ops->delay(dev, 20000);
	assert_int_not_equal(bar_read(dev, STATUS), UINT32_MAX);
	low = bar_read(dev, RAL);
	high = bar_read(dev, RAH);
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", low & 0xff, low >> 8 & 0xff,
		 low >> 16 & 0xff, low >> 24, high & 0xff, high >> 8 & 0xff);
	assert_string_equal(text, mac);
	bar_write(dev, RAL, 0x04030201);
	assert_int_equal(bar_read(dev, RAL), 0x04030201);
	bar_write(dev, RAL, low);
}

/* What we store, the machine reads at the address that the device would use. */
static void memory_is_the_machines_ram(void **state)
{
	struct qtest *q = container_of(dev->dma_file, struct qtest, file);
	struct nic_mem *mem;
	uint32_t *p, seen = 0;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	p = mem_alloc(mem, 4096, 128); /* made before the device came, then moved */
	p[7] = 0x600df00d;
	assert_int_equal(mem_attach(mem, dev), 0);
	assert_int_equal(p[7], 0x600df00d);
	assert_int_equal(qtest_read(q, mem_iova(&p[7]), &seen), 0);
	assert_int_equal(seen, from_le32((le32) { 0x600df00d }));
	assert_int_equal(qtest_write(q, mem_iova(&p[9]), 0x12345678), 0);
	assert_int_equal(from_le32((le32) { p[9] }), 0x12345678);
	mem_detach(mem, dev);
	mem_free(mem, p);
	nic_mem_del(mem);
}

static int fired(int fd)
{
	uint64_t count;

	dev->ops->delay(dev, 1000);
	return read(fd, &count, sizeof(count)) == sizeof(count);
}

static void interrupts_arrive(enum pci_irq type, unsigned vector)
{
	int fds[2] = { eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK) };

	assert_int_equal(pci_bus_master(dev, 1), 0);
	bar_write(dev, IMC, UINT32_MAX);
	bar_read(dev, ICR);
	assert_int_equal(dev->ops->irq_set(dev, type, 0, type == PCI_IRQ_MSIX ? 2 : 1, fds), 0);
	assert_int_equal(fired(fds[vector]), 0);
	if (!strcmp(chip, "e1000e")) /* the other causes: vector 1 */
		bar_write(dev, IVAR_82574, 1u << 19 | 1u << 16);
	bar_write(dev, IMS, LSC | OTHER_82574);
	bar_write(dev, ICS, LSC | OTHER_82574);
	assert_int_equal(fired(fds[vector]), 1);
	bar_write(dev, IMC, UINT32_MAX);
	bar_read(dev, ICR);
	dev->ops->irq_unmask(dev);
	fired(fds[vector]); /* what came meanwhile */
	assert_int_equal(fired(fds[vector]), 0);
	assert_int_equal(dev->ops->irq_set(dev, type, 0, type == PCI_IRQ_MSIX ? 2 : 1, NULL), 0);
	close(fds[0]);
	close(fds[1]);
}

static void msix_interrupts_arrive(void **state)
{
	(void)state;
	interrupts_arrive(PCI_IRQ_MSIX, 1);
}

static void msi_interrupts_arrive(void **state)
{
	(void)state;
	interrupts_arrive(PCI_IRQ_MSI, 0);
}

static void intx_interrupts_arrive(void **state)
{
	(void)state;
	interrupts_arrive(PCI_IRQ_INTX, 0);
}

#define on_device(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	on_device(the_device_is_what_was_asked_for),
	on_device(registers_answer_and_reset_gives_the_address),
	on_device(memory_is_the_machines_ram),
	on_device(intx_interrupts_arrive),
	on_device(msi_interrupts_arrive),
	on_device(msix_interrupts_arrive),
};

int main(int argc, char **argv)
{
	/* QEMU's 82540EM has neither MSI nor MSI-X; igb routes MSI-X in its own way, its driver's
	 * tests use it. */
	const struct CMUnitTest most[] = { tests[0], tests[1], tests[2], tests[3], tests[4] };
	const struct CMUnitTest least[] = { tests[0], tests[1], tests[2], tests[3] };

	uri = getenv("NICETY_QTEST_B");
	if (argc != 2 || !uri)
		return 2;
	chip = argv[1];
	if (!strcmp(chip, "e1000"))
		return cmocka_run_group_tests(least, NULL, NULL);
	if (!strcmp(chip, "igb"))
		return cmocka_run_group_tests(most, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
