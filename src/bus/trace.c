/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `trace+URI`: a backend wrapped around another that prints every access by register name, one
 * line each, to stderr. Doorbell windows are withheld so that tail writes show as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "regs/lookup.h"

struct trace {
	struct pci_dev dev;
	struct pci_dev *inner;
	struct pci_ops ops; /* inner's optional operations stay optional */
	struct {
		char what;
		uint32_t off, value;
	} last; /* polling prints once, then a count */
	unsigned repeats;
};

static struct pci_dev *inner(struct pci_dev *dev)
{
	return container_of(dev, struct trace, dev)->inner;
}

static void end_repeats(struct trace *t)
{
	if (t->repeats)
		fprintf(stderr, "  … %u times more\n", t->repeats);
	t->repeats = 0;
}

static void print_access(struct pci_dev *dev, char what, unsigned bar, uint32_t off, uint32_t value)
{
	struct trace *t = container_of(dev, struct trace, dev);
	char text[512];

	if (t->last.what == what && t->last.off == off && t->last.value == value) {
		t->repeats++;
		return;
	}
	end_repeats(t);
	t->last.what = what;
	t->last.off = off;
	t->last.value = value;
	if (bar == 0 && dev->regs)
		reg_format(dev->regs, off, value, text, sizeof(text));
	else
		snprintf(text, sizeof(text), "BAR%u+0x%05x = 0x%08x", bar, off, value);
	fprintf(stderr, "%c %s\n", what, text);
}

static int trace_config_read(struct pci_dev *dev, unsigned off, void *buf, size_t len)
{
	return inner(dev)->ops->config_read(inner(dev), off, buf, len);
}

static int trace_config_write(struct pci_dev *dev, unsigned off, const void *buf, size_t len)
{
	const uint8_t *b = buf;

	end_repeats(container_of(dev, struct trace, dev));
	fprintf(stderr, "W config 0x%02x =", off);
	for (size_t i = 0; i < len; i++)
		fprintf(stderr, " %02x", b[i]);
	fprintf(stderr, "\n");
	return inner(dev)->ops->config_write(inner(dev), off, buf, len);
}

static void *trace_bar_map(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	(void)dev;
	(void)bar;
	(void)off;
	return NULL;
}

static uint32_t trace_bar_read(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	uint32_t value = inner(dev)->ops->bar_read(inner(dev), bar, off);

	print_access(dev, 'R', bar, off, value);
	return value;
}

static void trace_bar_write(struct pci_dev *dev, unsigned bar, uint32_t off, uint32_t value)
{
	print_access(dev, 'W', bar, off, value);
	inner(dev)->ops->bar_write(inner(dev), bar, off, value);
}

static int trace_dma_place(struct pci_dev *dev, const void *va, size_t len, uint64_t *iova)
{
	return inner(dev)->ops->dma_place(inner(dev), va, len, iova);
}

static int trace_dma_map(struct pci_dev *dev, void *va, size_t len, uint64_t iova)
{
	return inner(dev)->ops->dma_map(inner(dev), va, len, iova);
}

static int trace_dma_unmap(struct pci_dev *dev, uint64_t iova, size_t len)
{
	return inner(dev)->ops->dma_unmap(inner(dev), iova, len);
}

static int trace_irq_set(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
			 const int *fds)
{
	return inner(dev)->ops->irq_set(inner(dev), type, first, n, fds);
}

static int trace_irq_unmask(struct pci_dev *dev)
{
	return inner(dev)->ops->irq_unmask(inner(dev));
}

static int trace_reset(struct pci_dev *dev)
{
	return inner(dev)->ops->reset(inner(dev));
}

static void trace_delay(struct pci_dev *dev, unsigned us)
{
	inner(dev)->ops->delay(inner(dev), us);
}

static void trace_close(struct pci_dev *dev)
{
	struct trace *t = container_of(dev, struct trace, dev);

	end_repeats(t);
	t->inner->ops->close(t->inner);
	free(t);
}

static void trace_pump(struct pci_dev *dev)
{
	inner(dev)->ops->pump(inner(dev));
}

static void trace_pump_wait(struct pci_dev *dev, int irq_fd, int timeout_ms)
{
	inner(dev)->ops->pump_wait(inner(dev), irq_fd, timeout_ms);
}

static int trace_counter(struct pci_dev *dev, unsigned i, const char **name, uint64_t *value)
{
	return inner(dev)->ops->counter(inner(dev), i, name, value);
}

static int trace_ended(struct pci_dev *dev)
{
	return inner(dev)->ops->ended(inner(dev));
}

static uint64_t trace_ticks(struct pci_dev *dev)
{
	return inner(dev)->ops->ticks(inner(dev));
}

static uint64_t trace_violations(struct pci_dev *dev)
{
	return inner(dev)->ops->violations(inner(dev));
}

struct pci_dev *trace_wrap(struct pci_dev *dev)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->inner = dev;
	t->ops = (struct pci_ops) {
		.config_read = trace_config_read,
		.config_write = trace_config_write,
		.bar_map = trace_bar_map,
		.bar_read = trace_bar_read,
		.bar_write = trace_bar_write,
		.dma_place = dev->ops->dma_place ? trace_dma_place : NULL,
		.dma_map = trace_dma_map,
		.dma_unmap = trace_dma_unmap,
		.irq_set = trace_irq_set,
		.irq_unmask = dev->ops->irq_unmask ? trace_irq_unmask : NULL,
		.reset = trace_reset,
		.delay = trace_delay,
		.close = trace_close,
		.pump = dev->ops->pump ? trace_pump : NULL,
		.pump_wait = dev->ops->pump_wait ? trace_pump_wait : NULL,
		.counter = dev->ops->counter ? trace_counter : NULL,
		.ended = dev->ops->ended ? trace_ended : NULL,
		.ticks = dev->ops->ticks ? trace_ticks : NULL,
		.violations = dev->ops->violations ? trace_violations : NULL,
	};
	t->dev = *dev;
	t->dev.ops = &t->ops;
	return &t->dev;
}
