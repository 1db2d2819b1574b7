/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The qtest backend on a made-up machine: what it does as firmware and processor, and what becomes
 * of it when the machine answers nonsense or dies. QEMU itself: tests/interop/qtest.sh.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first */
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bus/bus.h"
#include "bus/qtest.h"
#include "mem/mem.h"
#include "nicety/nic.h"

#define LOW  (64u << 20)
#define HIGH (16u << 20)
#define GIB4 ((uint64_t)4 << 30)
#define NIC  (4u << 3)                     /* device 04.0 of bus 0 */
#define PORT (5u << 3)                     /* a bridge */
#define FAR  ((uint32_t)(6 << 8 | 0 << 3)) /* behind it */

enum fault { NONE, CLOSE, SILENT, FAIL, NOISE, NO_NUMBER, LONG_LINE, NEWS };

struct machine {
	char path[64], ram_path[64];
	int listener, client, ram;
	pthread_t thread;
	uint32_t address; /* of configuration space, last written */
	uint8_t cmos, nic[256], port[256], far[256];
	uint32_t regs[(128 << 10) / 4]; /* of both NICs */
	uint64_t clock;
	unsigned connections, commands; /* atomic */
	enum fault fault;
	unsigned at;
};

static struct machine m;

static uint8_t *function(void)
{
	uint32_t bdf = m.address >> 8 & 0xffff;

	return bdf == NIC                        ? m.nic
	       : bdf == PORT                     ? m.port
	       : bdf == FAR && m.port[0x19] == 6 ? m.far
						 : NULL;
}

/* Configuration space is little endian, whatever runs this. */
static uint32_t get(const uint8_t *config, unsigned at, unsigned size)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < size; i++)
		v |= (uint32_t)config[at + i] << 8 * i;
	return v;
}

static void put(uint8_t *config, unsigned at, unsigned size, uint32_t v)
{
	for (unsigned i = 0; i < size; i++)
		config[at + i] = (uint8_t)(v >> 8 * i);
}

static uint64_t in(unsigned port, unsigned size)
{
	uint8_t *config = function();
	uint32_t v = UINT32_MAX;

	if (port == 0x71)
		return m.cmos == 0x35 ? (LOW - (16u << 20)) >> 24 : m.cmos == 0x5c ? HIGH >> 24 : 0;
	if (config)
		v = get(config, (m.address & 0xfc) + (port - 0xcfc), size);
	return size == 4 ? v : v & ((1u << 8 * size) - 1);
}

/* BAR 0 of 128 KiB, BAR 3 of 16 KiB, in 32 bits. */
static uint32_t bar_value(unsigned at, uint32_t v)
{
	return at == 0x10 ? v & ~0x1ffffu : at == 0x1c ? v & ~0x3fffu : 0;
}

static void out(unsigned port, unsigned size, uint32_t v)
{
	uint8_t *config = function();
	unsigned at = (m.address & 0xfc) + (port - 0xcfc);

	if (port == 0xcf8) {
		m.address = v;
	} else if (port == 0x70) {
		m.cmos = (uint8_t)v;
	} else if (config) {
		if (at >= 0x10 && at < 0x28 && config != m.port)
			v = bar_value(at, v);
		put(config, at, size, v);
	}
}

static uint32_t *reg(uint64_t address)
{
	uint32_t near = get(m.nic, 0x10, 4), far = get(m.far, 0x10, 4);

	if (address - near < sizeof(m.regs))
		return &m.regs[(address - near) / 4];
	near = get(m.nic, 0x1c, 4);
	if (address - near < 0x1000) /* the MSI-X table: in the end of the registers */
		return &m.regs[(0x1f000 + address - near) / 4];
	return far && address - far < sizeof(m.regs) ? &m.regs[(address - far) / 4] : NULL;
}

static uint64_t peek(uint64_t address, size_t size)
{
	le64 v = { 0 };
	uint32_t *r = size == 4 ? reg(address) : NULL;

	if (r)
		return *r;
	if (pread(m.ram, &v, size, (off_t)(address < GIB4 ? address : address - GIB4 + LOW)) < 0)
		return UINT64_MAX;
	return from_le64(v);
}

static void poke(uint64_t address, uint32_t v)
{
	uint32_t *r = reg(address);
	le32 bytes = to_le32(v);

	if (r)
		*r = v;
	else if (pwrite(m.ram, &bytes, 4, (off_t)(address - GIB4 + LOW)) < 0)
		m.regs[0] = 0;
}

static void answer(const char *command, char *to, size_t room)
{
	uint64_t a = 0, b = 0;
	char word[16];
	int n = sscanf(command, "%15s %" SCNi64 " %" SCNi64, word, (int64_t *)&a, (int64_t *)&b);

	if (n >= 2 && !strncmp(word, "in", 2))
		snprintf(to, room, "OK 0x%04" PRIx64,
			 in((unsigned)a, word[2] == 'l'   ? 4
					 : word[2] == 'w' ? 2
							  : 1));
	else if (n == 3 && !strncmp(word, "out", 3))
		out((unsigned)a, word[3] == 'l' ? 4 : word[3] == 'w' ? 2 : 1, (uint32_t)b);
	else if (n == 2 && !strcmp(word, "readl"))
		snprintf(to, room, "OK 0x%016" PRIx64, peek(a, 4));
	else if (n == 2 && !strcmp(word, "readq"))
		snprintf(to, room, "OK 0x%016" PRIx64, peek(a, 8));
	else if (n == 3 && !strcmp(word, "writel"))
		poke(a, (uint32_t)b);
	else if (n == 2 && !strcmp(word, "clock_step"))
		snprintf(to, room, "OK %" PRIu64, m.clock += a);
	else
		snprintf(to, room, "FAIL Unknown command");
}

/* 0: answered; -1: the connection ends. */
static int spoil(FILE *f)
{
	char byte;

	switch (m.fault) {
	case CLOSE:
		return -1;
	case SILENT:
		while (recv(m.client, &byte, 1, 0) > 0)
			;
		return -1;
	case FAIL:
		fputs("FAIL no\n", f);
		break;
	case NOISE:
		fwrite("\0\1\2OK 0x\n\n\n", 1, 12, f);
		break;
	case NO_NUMBER:
		fputs("OK x\n", f);
		break;
	case LONG_LINE:
		for (int i = 0; i < 1000; i++)
			fputs("OK 0x1", f);
		break;
	default:
		break;
	}
	return 0;
}

static void converse(void)
{
	FILE *f = fdopen(dup(m.client), "r+");
	char command[256], text[64];

	while (fgets(command, sizeof(command), f)) {
		unsigned n = __atomic_fetch_add(&m.commands, 1, __ATOMIC_RELAXED);

		fseek(f, 0, SEEK_CUR);
		if (n == m.at && m.fault != NONE && m.fault != NEWS) {
			if (spoil(f))
				break;
		} else {
			if (n == m.at && m.fault == NEWS)
				fputs("IRQ raise 3\nIRQ lower 3\n", f);
			strcpy(text, "OK");
			answer(command, text, sizeof(text));
			fprintf(f, "%s\n", text);
		}
		fflush(f);
		fseek(f, 0, SEEK_CUR);
	}
	fclose(f);
}

static void *run(void *arg)
{
	for (;;) {
		m.client = accept4(m.listener, NULL, NULL, SOCK_CLOEXEC);
		if (m.client < 0)
			return arg; /* tear_down */
		__atomic_fetch_add(&m.connections, 1, __ATOMIC_RELAXED);
		converse();
		close(m.client);
	}
}

static int set_up(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)state;
	memset(&m, 0, sizeof(m));
	snprintf(m.path, sizeof(m.path), "/tmp/nicety-qtest-%d.sock", (int)getpid());
	snprintf(m.ram_path, sizeof(m.ram_path), "/tmp/nicety-qtest-%d.ram", (int)getpid());
	m.ram = open(m.ram_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(m.ram, LOW + HIGH), 0);
	put(m.nic, 0, 4, 0x10d38086);
	put(m.far, 0, 4, 0x10c98086);
	put(m.port, 0, 4, 0x000c1b36);
	put(m.port, 0x0c, 4, 1 << 16);
	put(m.nic, 0x34, 4, 0xa0);
	put(m.nic, 0xa0, 4, 4u << 16 | 0x11); /* MSI-X, 5 vectors ... */
	put(m.nic, 0xa4, 4, 3);               /* ... their table at the start of BAR 3 */
	unlink(m.path);
	memcpy(a.sun_path, m.path, strlen(m.path) + 1);
	m.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(m.listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(m.listener, 4), 0);
	return pthread_create(&m.thread, NULL, run, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	shutdown(m.listener, SHUT_RDWR);
	shutdown(m.client, SHUT_RDWR); /* a test that failed has left its device open */
	pthread_join(m.thread, NULL);
	close(m.listener);
	close(m.ram);
	unlink(m.path);
	unlink(m.ram_path);
	return 0;
}

static int open_at(struct pci_dev **dev, const char *addr)
{
	char uri[192];

	snprintf(uri, sizeof(uri), "%s?addr=%s&ram=%s&timeout=100", m.path, addr, m.ram_path);
	return bus_qtest.open(dev, uri, "test");
}

static void registers_get_a_place_and_answer(void **state)
{
	struct pci_dev *dev;
	uint32_t bar0, bar3;
	uint8_t command[2];

	(void)state;
	assert_int_equal(open_at(&dev, "04.0"), 0);
	assert_int_equal(dev->vendor, 0x8086);
	assert_int_equal(dev->device, 0x10d3);
	bar0 = get(m.nic, 0x10, 4);
	bar3 = get(m.nic, 0x1c, 4);
	assert_true(bar0 >= 0xc0000000 && bar3 >= bar0 + 0x20000 && bar3 % 0x4000 == 0);
	bar_write(dev, 0x100, 0x11223344);
	assert_int_equal(m.regs[0x100 / 4], 0x11223344);
	assert_int_equal(bar_read(dev, 0x100), 0x11223344);
	assert_int_equal(pci_bus_master(dev, 1), 0);
	assert_int_equal(dev->ops->config_read(dev, PCI_COMMAND, command, 2), 0);
	assert_int_equal(command[0], PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	assert_null(dev->ops->bar_map(dev, 0, 0x3818));
	dev->ops->close(dev);
}

static void devices_behind_a_port_are_reached_and_share_the_connection(void **state)
{
	struct pci_dev *near, *far;

	(void)state;
	assert_int_equal(open_at(&near, "04.0"), 0);
	assert_int_equal(open_at(&far, "05.0/00.0"), 0);
	assert_int_equal(far->device, 0x10c9);
	assert_int_equal(m.port[0x19], 6);
	assert_int_equal(m.connections, 1);
	near->ops->close(near);
	bar_write(far, 8, 5);
	assert_int_equal(bar_read(far, 8), 5);
	far->ops->close(far);
	assert_int_equal(open_at(&near, "04.0"), 0);
	assert_int_equal(__atomic_load_n(&m.connections, __ATOMIC_RELAXED), 2);
	near->ops->close(near);
}

static void time_passes_only_when_we_say_so(void **state)
{
	struct pci_dev *dev;
	uint64_t before;

	(void)state;
	assert_int_equal(open_at(&dev, "04.0"), 0);
	before = m.clock;
	bar_read(dev, 8);
	assert_int_equal(m.clock, before);
	dev->ops->delay(dev, 5);
	assert_int_equal(m.clock, before + 5000);
	dev->ops->pump(dev);
	assert_true(m.clock >= before + 6000);
	dev->ops->close(dev);
}

static int fired(struct pci_dev *dev, int fd)
{
	uint64_t n;

	dev->ops->pump(dev);
	return read(fd, &n, sizeof(n)) == sizeof(n) ? (int)n : 0;
}

static void messages_become_interrupts(void **state)
{
	int fds[3] = { eventfd(0, EFD_NONBLOCK), -1, eventfd(0, EFD_NONBLOCK) };
	uint32_t *table = &m.regs[0x1f000 / 4];
	struct pci_dev *dev;

	(void)state;
	assert_int_equal(open_at(&dev, "04.0"), 0);
	assert_int_equal(dev->ops->irq_set(dev, PCI_IRQ_MSIX, 3, 3, fds), -EINVAL);
	assert_int_equal(dev->ops->irq_set(dev, PCI_IRQ_MSI, 0, 1, fds), -ENOTSUP);
	assert_int_equal(dev->ops->irq_set(dev, PCI_IRQ_MSIX, 0, 3, fds), 0);
	assert_int_equal(m.nic[0xa3], 0x80); /* enabled */
	assert_int_equal(table[3] & 1, 0);
	assert_int_equal(table[7] & 1, 1); /* masked: it has no eventfd */
	assert_int_equal(fired(dev, fds[2]), 0);
	assert_int_equal(pwrite(m.ram, &table[10], 4, table[8]), 4); /* what the device would do */
	assert_int_equal(fired(dev, fds[0]), 0);
	assert_int_equal(fired(dev, fds[2]), 1);
	assert_int_equal(fired(dev, fds[2]), 0);
	assert_int_equal(dev->ops->irq_set(dev, PCI_IRQ_MSIX, 0, 3, NULL), 0);
	assert_int_equal(m.nic[0xa3], 0);
	dev->ops->close(dev);
	close(fds[0]);
	close(fds[2]);
}

static void a_level_interrupts_once_until_it_is_unmasked(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK);
	struct pci_dev *dev;

	(void)state;
	assert_int_equal(open_at(&dev, "04.0"), 0);
	assert_int_equal(dev->ops->irq_set(dev, PCI_IRQ_INTX, 0, 1, &fd), 0);
	assert_int_equal(fired(dev, fd), 0);
	m.nic[6] |= 8;
	assert_int_equal(fired(dev, fd), 1);
	assert_int_equal(fired(dev, fd), 0);
	assert_int_equal(dev->ops->irq_unmask(dev), 0);
	assert_int_equal(fired(dev, fd), 1);
	m.nic[6] &= (uint8_t)~8;
	dev->ops->irq_unmask(dev);
	assert_int_equal(fired(dev, fd), 0);
	dev->ops->close(dev);
	close(fd);
}

static void memory_moves_to_the_machines_ram(void **state)
{
	struct pci_dev *near, *far;
	struct nic_mem *mem;
	struct nic_pool *pool;
	le32 *p, *late;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	p = mem_alloc(mem, 64, 128);
	p[3] = to_le32(77);
	assert_int_equal(open_at(&near, "04.0"), 0);
	assert_int_equal(open_at(&far, "05.0/00.0"), 0);
	assert_int_equal(mem_attach(mem, near), 0);
	assert_int_equal(mem_attach(mem, far), 0);
	assert_int_equal(from_le32(p[3]), 77);
	assert_int_equal(peek(mem_iova(&p[3]), 4), 77);
	late = mem_alloc(mem, 1 << 20, 128);
	late[1000] = to_le32(78);
	assert_int_equal(peek(mem_iova(&late[1000]), 4), 78);
	poke(mem_iova(&late[1001]), 79);
	assert_int_equal(from_le32(late[1001]), 79);
	/* 16 MiB of RAM do not hold that */
	assert_int_equal(nic_pool_new(&pool, mem, 8192, 2048), -ENOMEM);
	mem_free(mem, late);
	mem_detach(mem, near);
	mem_detach(mem, far);
	near->ops->close(near);
	far->ops->close(far);
	mem_free(mem, p);
	nic_mem_del(mem);
}

static void memory_in_use_elsewhere_is_not_moved(void **state)
{
	struct pci_dev *dev;
	struct nic_mem *mem;
	struct nic *nic;

	(void)state;
	assert_int_equal(nic_mem_new(&mem, NULL), 0);
	assert_int_equal(nic_open(&nic, mem, "model:82599?wire=loop", NULL), 0);
	assert_int_equal(open_at(&dev, "04.0"), 0);
	assert_int_equal(mem_attach(mem, dev), -EBUSY);
	dev->ops->close(dev);
	nic_close(nic);
	nic_mem_del(mem);
}

static void nonsense_and_death_are_a_lost_device(void **state)
{
	struct pci_dev *dev;
	unsigned n;
	int err;

	(void)state;
	assert_int_equal(open_at(&dev, "04.0"), 0);
	n = m.commands;
	dev->ops->close(dev);
	assert_true(n > 20);
	for (m.fault = CLOSE; m.fault <= LONG_LINE; m.fault++)
		for (m.at = 0; m.at < n; m.at += m.fault == CLOSE ? 1 : 7) {
			m.commands = 0;
			err = open_at(&dev, "04.0");
			if (m.fault == NO_NUMBER) { /* it did not do what it says */
				if (!err)
					dev->ops->close(dev);
				continue;
			}
			assert_int_equal(err, -ENODEV);
		}
	m.fault = CLOSE;
	m.commands = 0;
	m.at = n;
	assert_int_equal(open_at(&dev, "04.0"), 0);
	assert_int_equal(bar_read(dev, 8), UINT32_MAX);
	bar_write(dev, 8, 1);
	dev->ops->delay(dev, 10);
	dev->ops->pump(dev);
	assert_int_equal(pci_bus_master(dev, 0), -ENODEV);
	dev->ops->close(dev);
	m.fault = NEWS;
	m.commands = 0;
	m.at = 15;
	assert_int_equal(open_at(&dev, "04.0"), 0);
	dev->ops->close(dev);
}

static void wrong_uris_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"/x",
		"/x?addr=04.0",
		"/x?ram=/y",
		"/x?addr=4&ram=/y",
		"/x?addr=20.0&ram=/y",
		"/x?addr=04.8&ram=/y",
		"/x?addr=04.0/&ram=/y",
		"/x?addr=04.0&ram=/y&colour=1",
		"/x?addr=04.0&ram=/y&timeout=0",
	};
	struct pci_dev *dev;
	char uri[192];

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bus_qtest.open(&dev, bad[i], "test"), -EINVAL);
	assert_int_equal(bus_qtest.open(&dev, "/x?addr=04.0&ram=/y", "test"), -ENOENT);
	snprintf(uri, sizeof(uri), "%s?addr=04.0&ram=/nowhere", m.path);
	assert_int_equal(bus_qtest.open(&dev, uri, "test"), -ENOENT);
	snprintf(uri, sizeof(uri), "%s?addr=04.0&ram=/dev/null", m.path);
	assert_int_equal(bus_qtest.open(&dev, uri, "test"), -EINVAL);
	assert_int_equal(open_at(&dev, "07.0"), -ENODEV);
	assert_int_equal(open_at(&dev, "04.0/00.0"), -ENODEV); /* no bridge */
}

int main(void)
{
#define on_machine(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		on_machine(registers_get_a_place_and_answer),
		on_machine(devices_behind_a_port_are_reached_and_share_the_connection),
		on_machine(time_passes_only_when_we_say_so),
		on_machine(messages_become_interrupts),
		on_machine(a_level_interrupts_once_until_it_is_unmasked),
		on_machine(memory_moves_to_the_machines_ram),
		on_machine(memory_in_use_elsewhere_is_not_moved),
		on_machine(nonsense_and_death_are_a_lost_device),
		on_machine(wrong_uris_are_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
