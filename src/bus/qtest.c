/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `qtest:PATH?addr=04.0&ram=FILE`: a NIC of a running QEMU that has no guest. We do what firmware
 * would (bridge, BARs), and what the processor would. The device's memory is the machine's RAM, a
 * file that is mapped here; its time passes only when we say so; interrupts are messages to memory,
 * or a bit in the configuration space, looked at when the application calls.
 */
#include "bus/qtest.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "bus/bus.h"

#define TIMEOUT_MS      10000 /* QEMU is busy, or in a debugger, for no longer than that */
#define PCI_HEADER_TYPE 0x0e
#define PCI_BAR0        0x10
#define BRIDGE_BUSES    0x18
#define BRIDGE_MEMORY   0x20
/* Each device number of bus 0 has its share of the addresses: nobody needs to coordinate. */
#define WINDOWS         0xc0000000u
#define WINDOW_SHIFT    24

static struct qtest_dev *of(struct pci_dev *dev)
{
	return container_of(dev, struct qtest_dev, dev);
}

static int config_read(struct pci_dev *dev, unsigned off, void *buf, size_t len)
{
	uint8_t *to = buf;
	int err = 0;

	if (off > 256 || len > 256 - off)
		return -EINVAL;
	for (size_t i = 0; i < len && !err; i++) {
		uint32_t v = 0;

		err = qtest_config_read(of(dev)->q, of(dev)->bdf, off + (unsigned)i, 1, &v);
		to[i] = (uint8_t)v;
	}
	return err;
}

static int config_write(struct pci_dev *dev, unsigned off, const void *buf, size_t len)
{
	struct qtest_dev *d = of(dev);
	const uint8_t *b = buf;

	if (off > 256 || len > 256 - off)
		return -EINVAL;
	if (len == 2 && off % 2 == 0)
		return qtest_config_write(d->q, d->bdf, off, 2, b[0] | (uint32_t)b[1] << 8);
	if (len == 4 && off % 4 == 0)
		return qtest_config_write(d->q, d->bdf, off, 4,
					  b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
						  (uint32_t)b[3] << 24);
	for (size_t i = 0; i < len; i++) {
		int err = qtest_config_write(d->q, d->bdf, off + (unsigned)i, 1, b[i]);

		if (err)
			return err;
	}
	return 0;
}

static void *bar_map(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	(void)dev;
	(void)bar;
	(void)off;
	return NULL;
}

static uint32_t bar_read_32(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	uint32_t value;

	return qtest_read(of(dev)->q, (uint64_t)of(dev)->bars[bar] + off, &value) ? UINT32_MAX
										  : value;
}

static void bar_write_32(struct pci_dev *dev, unsigned bar, uint32_t off, uint32_t value)
{
	qtest_write(of(dev)->q, (uint64_t)of(dev)->bars[bar] + off, value);
}

/* Physical addresses: those of the RAM above 4 GiB. */
static int dma_place(struct pci_dev *dev, const void *va, size_t len, uint64_t *iova)
{
	const struct pci_dma_file *f = dev->dma_file;

	(void)va;
	if (*iova < f->iova)
		*iova = f->iova;
	if (*iova - f->iova <= f->len && len <= f->len - (*iova - f->iova))
		return 0;
	log_error("%s: its RAM ends: give the machine more, -m and size= of memory-backend-file",
		  dev->name);
	return -ENOMEM;
}

/* No IOMMU: it reaches all that is in the file. */
static int dma_map(struct pci_dev *dev, void *va, size_t len, uint64_t iova)
{
	return dma_place(dev, va, len, &iova);
}

static int dma_unmap(struct pci_dev *dev, uint64_t iova, size_t len)
{
	(void)dev;
	(void)iova;
	(void)len;
	return 0;
}

static int irq_set(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
		   const int *fds)
{
	return qtest_irq_set(of(dev), type, first, n, fds);
}

static int irq_unmask(struct pci_dev *dev)
{
	of(dev)->intx_masked = 0;
	return 0;
}

/* ---- time ---- */

static void delay(struct pci_dev *dev, unsigned us)
{
	qtest_step(of(dev)->q, (uint64_t)us * 1000);
	qtest_irq_collect(of(dev));
}

static void pump(struct pci_dev *dev)
{
	qtest_catch_up(of(dev)->q);
	qtest_irq_collect(of(dev));
}

static void pump_wait(struct pci_dev *dev, int irq_fd, int timeout_ms)
{
	struct pollfd p = { irq_fd, POLLIN, 0 };

	pump(dev);
	poll(&p, 1, timeout_ms < 0 || timeout_ms > 1 ? 1 : timeout_ms);
}

static int no_reset(struct pci_dev *dev)
{
	(void)dev;
	return -ENOTSUP;
}

static void close_device(struct pci_dev *dev)
{
	struct qtest_dev *d = of(dev);
	unsigned n = 0;

	while (n < QTEST_VECTORS && d->irq_fds[n] >= 0)
		n++;
	if (n)
		irq_set(dev, d->irq_type, 0, n, NULL);
	qtest_close(d->q);
	free(d);
}

static const struct pci_ops ops = {
	.config_read = config_read,
	.config_write = config_write,
	.bar_map = bar_map,
	.bar_read = bar_read_32,
	.bar_write = bar_write_32,
	.dma_place = dma_place,
	.dma_map = dma_map,
	.dma_unmap = dma_unmap,
	.irq_set = irq_set,
	.irq_unmask = irq_unmask,
	.reset = no_reset,
	.delay = delay,
	.pump = pump,
	.pump_wait = pump_wait,
	.close = close_device,
};

/* ---- open: what firmware does ---- */

/* A bridge's bus behind it, and the window of addresses that it passes on. */
static int set_up_port(struct qtest_dev *d)
{
	uint32_t bus = d->bdf >> 8, type = 0, base = d->window >> 16;
	int err = qtest_config_read(d->q, d->port, PCI_HEADER_TYPE, 1, &type);

	if (!err && (type & 0x7f) != 1) {
		log_error("%s: there is no bridge at %02x.%x", d->dev.name, d->port >> 3,
			  d->port & 7);
		return -ENODEV;
	}
	if (!err)
		err = qtest_config_write(d->q, d->port, BRIDGE_BUSES, 4, bus << 16 | bus << 8);
	if (!err)
		err = qtest_config_write(d->q, d->port, BRIDGE_MEMORY, 4,
					 (base + 0xf0) << 16 | base);
	if (!err)
		err = qtest_config_write(d->q, d->port, PCI_COMMAND, 2,
					 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	return err;
}

static int assign_bars(struct qtest_dev *d)
{
	uint32_t next = d->window, value = 0;

	for (unsigned i = 0; i < 6; i++) {
		unsigned at = PCI_BAR0 + 4 * i;
		uint32_t size;
		int err = qtest_config_write(d->q, d->bdf, at, 4, UINT32_MAX);

		if (!err)
			err = qtest_config_read(d->q, d->bdf, at, 4, &value);
		if (err)
			return err;
		size = ~(value & ~0xfu) + 1;
		if (!value || value & 1 || !size) /* none, or ports: not used */
			continue;
		if (size > 1u << WINDOW_SHIFT || next - d->window > (1u << WINDOW_SHIFT) - size)
			return -ENOSPC;
		next = (next + size - 1) & ~(size - 1);
		d->bars[i] = next;
		err = qtest_config_write(d->q, d->bdf, at, 4, next);
		next += size;
		if (!err && (value & 6) == 4) /* 64 bits wide */
			err = qtest_config_write(d->q, d->bdf, PCI_BAR0 + 4 * ++i, 4, 0);
		if (err)
			return err;
	}
	return d->bars[0] ? qtest_config_write(d->q, d->bdf, PCI_COMMAND, 2, PCI_COMMAND_MEMORY)
			  : -ENODEV;
}

static int set_up(struct qtest_dev *d)
{
	uint32_t id = 0;
	int err = d->port ? set_up_port(d) : 0;

	if (!err)
		err = qtest_config_read(d->q, d->bdf, 0, 4, &id);
	if (err)
		return err;
	if (id == UINT32_MAX || !id) {
		log_error("%s: there is no device; see addr= of QEMU's -device", d->dev.name);
		return -ENODEV;
	}
	d->dev.vendor = (uint16_t)id;
	d->dev.device = (uint16_t)(id >> 16);
	err = assign_bars(d);
	if (err && err != -ENODEV)
		log_error("%s: its registers find no place", d->dev.name);
	return err;
}

/* "04.0" on bus 0, or "04.0/00.0" behind the port 04.0. */
static int parse_addr(struct qtest_dev *d, const char *text)
{
	unsigned slot, function, inner = 0, inner_function = 0;
	int n = 0, behind = 0;

	if (sscanf(text, "%2x.%1x%n/%2x.%1x%n", &slot, &function, &n, &inner, &inner_function,
		   &behind) < 2 ||
	    text[behind ? behind : n] || slot > 31 || function > 7 || inner > 31 ||
	    inner_function > 7)
		return -EINVAL;
	d->window = WINDOWS + (slot << WINDOW_SHIFT);
	d->bdf = slot << 3 | function;
	if (behind) {
		d->port = d->bdf;
		d->bdf = (slot + 1) % 32 << 8 | inner << 3 | inner_function;
	}
	return 0;
}

static int parse_timeout(const char *text, int *ms)
{
	char *end;
	long n = strtol(text, &end, 10);

	*ms = (int)n;
	return n < 1 || n > 60000 || *end ? -EINVAL : 0;
}

struct where {
	const char *ram, *addr;
	int timeout_ms;
};

/* PATH?addr=…&ram=…&timeout=…; @text is cut up. */
static int parse(struct qtest_dev *d, char *text, struct where *w)
{
	char *option = strchr(text, '?'), *next;
	int err = 0;

	*w = (struct where) { .timeout_ms = TIMEOUT_MS };
	for (; option && !err; option = next) {
		*option++ = 0;
		next = strchr(option, '&');
		if (next)
			*next = 0;
		if (!strncmp(option, "ram=", 4))
			w->ram = option + 4;
		else if (!strncmp(option, "addr=", 5))
			w->addr = option + 5;
		else
			err = strncmp(option, "timeout=", 8)
				      ? -EINVAL
				      : parse_timeout(option + 8, &w->timeout_ms);
	}
	if (err || !w->ram || !w->addr)
		return -EINVAL;
	return parse_addr(d, w->addr);
}

static int open_device(struct pci_dev **out, const char *rest, const char *name)
{
	struct qtest_dev *d = calloc(1, sizeof(*d));
	char *text = strdup(rest);
	struct where w;
	int err = d && text ? 0 : -ENOMEM;

	if (!err) {
		d->dev = (struct pci_dev) { .ops = &ops, .name = name };
		memset(d->irq_fds, 0xff, sizeof(d->irq_fds));
		err = parse(d, text, &w);
		if (err)
			log_error("%s: want qtest:SOCKET?addr=04.0&ram=FILE", name);
	}
	if (!err)
		err = qtest_open(&d->q, text, w.ram, w.timeout_ms);
	free(text);
	if (err) {
		free(d);
		return err;
	}
	d->dev.dma_file = &d->q->file;
	err = set_up(d);
	if (err) {
		close_device(&d->dev);
		return err;
	}
	*out = &d->dev;
	return 0;
}

const struct bus bus_qtest = { .scheme = "qtest", .open = open_device };
