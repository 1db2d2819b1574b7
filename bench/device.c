/* SPDX-License-Identifier: BSD-2-Clause
 *
 * struct pci_ops and struct model_host around one model. It has no thread and no clock: time
 * passes only in delay().
 */
#include "bench/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAPS 64

struct device {
	struct pci_dev pci;
	struct model_host host;
	const struct model_class *class;
	struct model *model;
	struct cable *cable;
	uint64_t clock; /* ns */
	struct {
		uint64_t iova;
		size_t len;
		char *va;
	} maps[MAPS];
	unsigned n_maps;
};

static uint64_t violations;

static struct device *of_pci(struct pci_dev *pci)
{
	return container_of(pci, struct device, pci);
}
static struct device *of_host(struct model_host *host)
{
	return container_of(host, struct device, host);
}

/* ---- the machine, as the model sees it ---- */

static void *host_dma_ptr(struct model_host *host, uint64_t iova, size_t len, size_t *left)
{
	struct device *d = of_host(host);

	for (unsigned i = 0; i < d->n_maps; i++) {
		uint64_t at = iova - d->maps[i].iova;

		if (iova >= d->maps[i].iova && at < d->maps[i].len && len <= d->maps[i].len - at) {
			*left = d->maps[i].len - (size_t)at;
			return d->maps[i].va + at;
		}
	}
	return NULL;
}

/* Nothing here crosses a mapping: rings and buffers lie inside one region each. */
static int host_dma_read(struct model_host *host, uint64_t iova, void *buf, size_t len)
{
	size_t left;
	const void *va = host_dma_ptr(host, iova, len, &left);

	if (!va)
		return -EFAULT;
	memcpy(buf, va, len);
	return 0;
}

static int host_dma_write(struct model_host *host, uint64_t iova, const void *buf, size_t len)
{
	size_t left;
	void *va = host_dma_ptr(host, iova, len, &left);

	if (!va)
		return -EFAULT;
	memcpy(va, buf, len);
	return 0;
}

static void host_irq(struct model_host *host, enum model_irq type, unsigned vector, int level)
{
	(void)host;
	(void)type;
	(void)vector;
	(void)level;
}

static int host_wire_tx(struct model_host *host, const void *frame, size_t len)
{
	cable_back(of_host(host)->cable, frame, len);
	return 0;
}

static uint64_t host_now(struct model_host *host)
{
	return of_host(host)->clock;
}

void device_violation(struct model_host *host, const char *rule, const char *section,
		      const char *text)
{
	(void)host;
	if (__atomic_fetch_add(&violations, 1, __ATOMIC_RELAXED) < 5)
		fprintf(stderr, "bench: violation %s: %s (%s)\n", rule, text, section);
}

uint64_t device_violations(void)
{
	return __atomic_load_n(&violations, __ATOMIC_RELAXED);
}

/* ---- the device, as the driver sees it ---- */

static int dev_config_read(struct pci_dev *pci, unsigned off, void *buf, size_t len)
{
	of_pci(pci)->class->config_read(of_pci(pci)->model, off, buf, len);
	return 0;
}

static int dev_config_write(struct pci_dev *pci, unsigned off, const void *buf, size_t len)
{
	of_pci(pci)->class->config_write(of_pci(pci)->model, off, buf, len);
	return 0;
}

static void *dev_bar_map(struct pci_dev *pci, unsigned bar, uint32_t off)
{
	struct device *d = of_pci(pci);

	return bar || !d->class->is_doorbell(off) ? NULL : &d->host.doorbells[off / 4];
}

static uint32_t dev_bar_read(struct pci_dev *pci, unsigned bar, uint32_t off)
{
	return (uint32_t)of_pci(pci)->class->read(of_pci(pci)->model, bar, off, 4);
}

static void dev_bar_write(struct pci_dev *pci, unsigned bar, uint32_t off, uint32_t value)
{
	of_pci(pci)->class->write(of_pci(pci)->model, bar, off, value, 4);
}

static int dev_dma_map(struct pci_dev *pci, void *va, size_t len, uint64_t iova)
{
	struct device *d = of_pci(pci);

	if (d->n_maps == MAPS)
		return -ENOMEM;
	d->maps[d->n_maps].va = va;
	d->maps[d->n_maps].len = len;
	d->maps[d->n_maps++].iova = iova;
	d->class->dma_changed(d->model);
	return 0;
}

static int dev_dma_unmap(struct pci_dev *pci, uint64_t iova, size_t len)
{
	struct device *d = of_pci(pci);

	(void)len;
	for (unsigned i = 0; i < d->n_maps; i++)
		if (d->maps[i].iova == iova)
			d->maps[i] = d->maps[--d->n_maps];
	d->class->dma_changed(d->model);
	return 0;
}

static int dev_irq_set(struct pci_dev *pci, enum pci_irq type, unsigned first, unsigned n,
		       const int *fds)
{
	(void)pci;
	(void)type;
	(void)first;
	(void)n;
	(void)fds;
	return -ENOTSUP;
}

static int dev_reset(struct pci_dev *pci)
{
	of_pci(pci)->class->reset(of_pci(pci)->model);
	return 0;
}

static void dev_delay(struct pci_dev *pci, unsigned us)
{
	of_pci(pci)->clock += (uint64_t)us * 1000;
	of_pci(pci)->class->run(of_pci(pci)->model);
}

static void dev_close(struct pci_dev *pci)
{
	struct device *d = of_pci(pci);

	free(d->host.doorbells);
	free(d->model);
	free(d);
}

static const struct pci_ops device_ops = {
	.config_read = dev_config_read,
	.config_write = dev_config_write,
	.bar_map = dev_bar_map,
	.bar_read = dev_bar_read,
	.bar_write = dev_bar_write,
	.dma_map = dev_dma_map,
	.dma_unmap = dev_dma_unmap,
	.irq_set = dev_irq_set,
	.reset = dev_reset,
	.delay = dev_delay,
	.close = dev_close,
};

void device_mac(uint8_t mac[6], unsigned number)
{
	memcpy(mac, "\x02\x82\x59\x90\x00\x00", 6);
	mac[5] = (uint8_t)(number + 1);
}

int device_new(struct pci_dev **pci, struct port *port, unsigned number, struct cable *cable)
{
	const struct model_class *class = &model_82599;
	struct device *d = calloc(1, sizeof(*d));
	struct model_options options = { 0 };

	if (!d)
		return -ENOMEM;
	device_mac(options.mac, number);
	d->class = class;
	d->cable = cable;
	d->pci = (struct pci_dev) { .ops = &device_ops,
				    .vendor = class->ids[0].vendor,
				    .device = class->ids[0].device,
				    .name = "benchmark" };
	d->host = (struct model_host) { .dma_ptr = host_dma_ptr,
					.dma_read = host_dma_read,
					.dma_write = host_dma_write,
					.irq = host_irq,
					.wire_tx = host_wire_tx,
					.now_ns = host_now,
					.violation = device_violation,
					.doorbells = aligned_alloc(4096, class->bar_size[0]) };
	d->model = calloc(1, class->size);
	if (!d->host.doorbells || !d->model) {
		dev_close(&d->pci);
		return -ENOMEM;
	}
	memset(d->host.doorbells, 0, class->bar_size[0]);
	class->init(d->model, &d->host, &options);
	class->wire_link(d->model, 1);
	*port = (struct port) { class, d->model, &d->host };
	*pci = &d->pci;
	return 0;
}
