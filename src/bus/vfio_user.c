/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `vfio-user:PATH`: a PCI function that another process serves over a UNIX socket, ours (nicety
 * model) or anybody's.
 *
 * Registers are messages. Memory is passed by descriptor: the server maps it and does its DMA
 * there. Doorbells are memory as well, if the server knows our extension; else messages that
 * nobody waits for. A server that dies is a device that was pulled out: registers read all ones.
 */
#define _GNU_SOURCE
#include "bus/vfio_user.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "bus/bus.h"
#include "mem/mem.h"

#define TIMEOUT_MS  5000
#define MAX_TIMEOUT 60000
#define MAX_CONFIG  4096u

static struct vfio_user *of(struct pci_dev *dev)
{
	return container_of(dev, struct vfio_user, dev);
}

/* ---- struct pci_ops ---- */

static int access_read(struct vfio_user *v, uint32_t region, uint64_t off, void *buf, size_t len)
{
	struct vfu_access a = { to_le64(off), to_le32(region), to_le32((uint32_t)len) };
	uint8_t reply[sizeof(a) + MAX_CONFIG];
	struct vfio_user_call x = { .command = VFU_REGION_READ,
				    .request = &a,
				    .len = sizeof(a),
				    .reply = reply,
				    .room = sizeof(a) + len };
	int err = len > MAX_CONFIG ? -EINVAL : vfio_user_call(&v->channel, &x);

	if (err)
		return err;
	if (x.got != sizeof(a) + len) {
		vfio_user_end(&v->channel, "a read returned the wrong number of bytes");
		return -ENODEV;
	}
	memcpy(buf, reply + sizeof(a), len);
	return 0;
}

static int access_write(struct vfio_user *v, uint32_t region, uint64_t off, const void *buf,
			size_t len, int posted)
{
	struct vfu_access a = { to_le64(off), to_le32(region), to_le32((uint32_t)len) };
	uint8_t request[sizeof(a) + MAX_CONFIG], reply[sizeof(a)];
	struct vfio_user_call x = { .command = VFU_REGION_WRITE,
				    .posted = posted,
				    .request = request,
				    .len = sizeof(a) + len,
				    .reply = reply,
				    .room = sizeof(reply) };

	if (len > MAX_CONFIG)
		return -EINVAL;
	memcpy(request, &a, sizeof(a));
	memcpy(request + sizeof(a), buf, len);
	return vfio_user_call(&v->channel, &x);
}

static int config_read(struct pci_dev *dev, unsigned off, void *buf, size_t len)
{
	return access_read(of(dev), VFU_CONFIG, off, buf, len);
}

static int config_write(struct pci_dev *dev, unsigned off, const void *buf, size_t len)
{
	return access_write(of(dev), VFU_CONFIG, off, buf, len, 0);
}

static void *bar_map(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	struct vfio_user *v = of(dev);

	for (unsigned i = 0; i < v->n_ranges && bar == 0; i++) {
		uint32_t first = from_le32(v->ranges[i].offset), in = off - first;
		uint32_t stride = from_le32(v->ranges[i].stride);

		if (off < first || off % 4 || off + UINT64_C(4) > v->window_len)
			continue;
		if (stride ? in % stride == 0 && in / stride < from_le32(v->ranges[i].count) : !in)
			return v->window + off;
	}
	return NULL;
}

static uint32_t bar_read_32(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	le32 value;

	return access_read(of(dev), bar, off, &value, sizeof(value)) ? UINT32_MAX
								     : from_le32(value);
}

/*
 * Nobody waits for a register write, just as on a bus: the server carries messages out in order.
 * Doorbells in memory would overtake it, so then every write is waited for.
 */
static void bar_write_32(struct pci_dev *dev, unsigned bar, uint32_t off, uint32_t value)
{
	le32 v = to_le32(value);

	access_write(of(dev), bar, off, &v, sizeof(v), !of(dev)->window);
}

static int dma_map(struct pci_dev *dev, void *va, size_t len, uint64_t iova)
{
	const struct mem_region *r = mem_region(va);
	uint64_t offset = r->fd_offset + ((uintptr_t)va - (uintptr_t)r);
	struct vfu_dma_map map = { to_le32(sizeof(map)), to_le32(VFU_MAP_READ | VFU_MAP_WRITE),
				   to_le64(offset), to_le64(iova), to_le64(len) };
	struct vfio_user_call x = { .command = VFU_DMA_MAP,
				    .request = &map,
				    .len = sizeof(map),
				    .fds = &r->fd,
				    .n_fds = 1 };

	if (r->fd < 0)
		return -EINVAL; /* our bug: mem_attach sees to it */
	return vfio_user_call(&of(dev)->channel, &x);
}

static int dma_unmap(struct pci_dev *dev, uint64_t iova, size_t len)
{
	struct vfu_dma_unmap unmap = { to_le32(sizeof(unmap)), to_le32(0), to_le64(iova),
				       to_le64(len) };
	uint8_t reply[sizeof(unmap)];
	struct vfio_user_call x = { .command = VFU_DMA_UNMAP,
				    .request = &unmap,
				    .len = sizeof(unmap),
				    .reply = reply,
				    .room = sizeof(reply) };

	return vfio_user_call(&of(dev)->channel, &x);
}

/* Vectors with descriptors and vectors without need messages of their own. */
static unsigned run_length(const int *fds, unsigned n, unsigned most)
{
	unsigned k = 1;

	if (!fds)
		return n;
	while (k < n && (fds[k] < 0) == (fds[0] < 0) && (fds[0] < 0 || k < most))
		k++;
	return k;
}

static int irq_set(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
		   const int *fds)
{
	struct vfio_user *v = of(dev);
	int err = 0;

	for (unsigned i = 0, k; i < n && !err; i += k) {
		const int *at = fds ? fds + i : NULL;
		struct vfu_irq_set set;
		struct vfio_user_call x = { .command = VFU_SET_IRQS,
					    .request = &set,
					    .len = sizeof(set) };

		k = run_length(at, n - i, v->channel.max_fds);
		set = (struct vfu_irq_set) { to_le32(sizeof(set)),
					     to_le32(VFU_DATA_EVENTFD | VFU_ACTION_TRIGGER),
					     to_le32(type), to_le32(first + i), to_le32(k) };
		if (at && at[0] >= 0) {
			x.fds = at;
			x.n_fds = k;
		}
		err = vfio_user_call(&v->channel, &x);
	}
	v->has_intx = !err && type == PCI_IRQ_INTX;
	return err;
}

/* Nobody waits for it: the server carries messages out in order. */
static int irq_unmask(struct pci_dev *dev)
{
	struct vfu_irq_set set = { to_le32(sizeof(set)), to_le32(VFU_DATA_NONE | VFU_ACTION_UNMASK),
				   to_le32(PCI_IRQ_INTX), to_le32(0), to_le32(1) };
	struct vfio_user_call x = {
		.command = VFU_SET_IRQS, .posted = 1, .request = &set, .len = sizeof(set)
	};

	return of(dev)->has_intx ? vfio_user_call(&of(dev)->channel, &x) : 0;
}

static int reset(struct pci_dev *dev)
{
	struct vfio_user_call x = { .command = VFU_RESET };

	return of(dev)->can_reset ? vfio_user_call(&of(dev)->channel, &x) : -ENOTSUP;
}

static void delay(struct pci_dev *dev, unsigned us)
{
	struct timespec t = { us / 1000000, (long)(us % 1000000) * 1000 };

	if (!__atomic_load_n(&of(dev)->channel.gone, __ATOMIC_ACQUIRE))
		nanosleep(&t, NULL);
}

static void close_device(struct pci_dev *dev)
{
	struct vfio_user *v = of(dev);

	if (v->window)
		munmap(v->window, v->window_len);
	vfio_user_disconnect(&v->channel);
	free(v->path);
	free(v);
}

static const struct pci_ops ops = {
	.config_read = config_read,
	.config_write = config_write,
	.bar_map = bar_map,
	.bar_read = bar_read_32,
	.bar_write = bar_write_32,
	.dma_map = dma_map,
	.dma_unmap = dma_unmap,
	.irq_set = irq_set,
	.irq_unmask = irq_unmask,
	.reset = reset,
	.delay = delay,
	.close = close_device,
};

/* ---- open ---- */

/* PATH[?timeout=MS] */
static int parse(struct vfio_user *v, const char *rest, int *timeout_ms)
{
	char *option, *end;
	long ms;

	v->path = strdup(rest);
	if (!v->path)
		return -ENOMEM;
	*timeout_ms = TIMEOUT_MS;
	option = strchr(v->path, '?');
	if (!option)
		return 0;
	*option++ = 0;
	ms = strncmp(option, "timeout=", 8) ? 0 : strtol(option + 8, &end, 10);
	if (ms < 1 || ms > MAX_TIMEOUT || *end) {
		log_error("'%s' in vfio-user:%s: want PATH?timeout=MS with 1 to %d ms", option,
			  rest, MAX_TIMEOUT);
		return -EINVAL;
	}
	*timeout_ms = (int)ms;
	return 0;
}

static int open_device(struct pci_dev **out, const char *rest, const char *name)
{
	struct vfio_user *v = calloc(1, sizeof(*v));
	int err, timeout_ms;

	if (!v)
		return -ENOMEM;
	v->dev = (struct pci_dev) { .ops = &ops, .name = name, .dma_by_fd = 1 };
	err = parse(v, rest, &timeout_ms);
	if (!err)
		err = vfio_user_connect(&v->channel, v->path, name, timeout_ms);
	if (err) {
		free(v->path);
		free(v);
		return err;
	}
	err = vfio_user_negotiate(v);
	if (err) {
		close_device(&v->dev);
		return err;
	}
	*out = &v->dev;
	return 0;
}

const struct bus bus_vfio_user = { .scheme = "vfio-user", .open = open_device };
