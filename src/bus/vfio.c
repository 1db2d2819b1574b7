/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A device that is bound to vfio-pci, as struct pci_ops. vfio-pci itself clears bus mastering and
 * resets the function when the device is opened and when its last descriptor is closed, however
 * the process ends; so a device does DMA only after its driver asked, and never after us.
 */
#include "bus/vfio.h"

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"

#define BARS    6u
#define WINDOWS 4u /* pieces of a BAR that may be mapped: usually one, or those around MSI-X */
#define VECTORS 256u

struct vfio_bar {
	uint64_t at, size; /* in the device's descriptor */
	struct {
		uint64_t off, len;
		char *va;
	} windows[WINDOWS];
	unsigned n_windows;
};

struct vfio {
	struct pci_dev dev;
	struct kernel k;
	struct vfio_space *space;
	int fd;
	int req; /* eventfd: the kernel wants the device back; -1: it cannot say so */
	int gone;
	uint64_t config;
	struct vfio_bar bars[BARS];
	enum pci_irq irq_type;
	unsigned n_irqs; /* vectors that the kernel has allocated */
	int irq_fds[VECTORS];
};

static struct vfio *vfio_of(struct pci_dev *dev)
{
	return container_of(dev, struct vfio, dev);
}

/* ---- configuration space and registers ---- */

static int vfio_config_read(struct pci_dev *dev, unsigned off, void *buf, size_t len)
{
	struct vfio *d = vfio_of(dev);

	return d->k.pread(d->fd, buf, len, (off_t)(d->config + off)) == (ssize_t)len ? 0 : -EIO;
}

static int vfio_config_write(struct pci_dev *dev, unsigned off, const void *buf, size_t len)
{
	struct vfio *d = vfio_of(dev);

	return d->k.pwrite(d->fd, buf, len, (off_t)(d->config + off)) == (ssize_t)len ? 0 : -EIO;
}

/* The kernel asks once; from then on the device is as if it were gone, so that its driver and the
 * application let go of it: it does no DMA any more, reads as all ones, and writes get nowhere.
 * Registers are never read on the packet path. */
static int is_gone(struct vfio *d)
{
	uint64_t count;

	if (!d->gone && d->req >= 0 && read(d->req, &count, sizeof(count)) == sizeof(count)) {
		log_error("%s: the kernel wants the device back (unbind or removal)", d->dev.name);
		pci_bus_master(&d->dev, 0);
		d->gone = 1;
	}
	return d->gone;
}

static void *window(struct vfio *d, unsigned bar, uint32_t off)
{
	const struct vfio_bar *b = &d->bars[bar];

	for (unsigned i = 0; i < b->n_windows; i++)
		if (off - b->windows[i].off < b->windows[i].len && off >= b->windows[i].off)
			return b->windows[i].va + (off - b->windows[i].off);
	return NULL;
}

static int is_register(const struct vfio *d, unsigned bar, uint32_t off)
{
	return bar < BARS && off % 4 == 0 && d->bars[bar].size >= 4 && off <= d->bars[bar].size - 4;
}

static void *vfio_bar_map(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	struct vfio *d = vfio_of(dev);

	return is_register(d, bar, off) ? window(d, bar, off) : NULL;
}

static uint32_t vfio_bar_read(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	struct vfio *d = vfio_of(dev);
	void *at = vfio_bar_map(dev, bar, off);
	le32 value;

	if (!is_register(d, bar, off) || is_gone(d))
		return UINT32_MAX;
	if (at)
		return mmio_read32(at);
	if (d->k.pread(d->fd, &value, 4, (off_t)(d->bars[bar].at + off)) != 4)
		return UINT32_MAX;
	return from_le32(value);
}

static void vfio_bar_write(struct pci_dev *dev, unsigned bar, uint32_t off, uint32_t value)
{
	struct vfio *d = vfio_of(dev);
	void *at = vfio_bar_map(dev, bar, off);
	le32 raw = to_le32(value);

	if (d->gone)
		return;
	if (at)
		mmio_write32(at, value);
	else if (is_register(d, bar, off) &&
		 d->k.pwrite(d->fd, &raw, 4, (off_t)(d->bars[bar].at + off)) != 4)
		log_debug("%s: write to BAR %u offset 0x%x failed", dev->name, bar, off);
}

/* ---- memory ---- */

static int vfio_dma_place(struct pci_dev *dev, const void *va, size_t len, uint64_t *iova)
{
	return vfio_space_place(vfio_of(dev)->space, va, len, iova);
}

static int vfio_dma_map(struct pci_dev *dev, void *va, size_t len, uint64_t iova)
{
	return vfio_space_map(vfio_of(dev)->space, dev->name, va, len, iova);
}

static int vfio_dma_unmap(struct pci_dev *dev, uint64_t iova, size_t len)
{
	return vfio_space_unmap(vfio_of(dev)->space, dev->name, iova, len);
}

/* ---- interrupts ---- */

static unsigned irq_index(enum pci_irq type)
{
	return type == PCI_IRQ_INTX  ? VFIO_PCI_INTX_IRQ_INDEX
	       : type == PCI_IRQ_MSI ? VFIO_PCI_MSI_IRQ_INDEX
				     : VFIO_PCI_MSIX_IRQ_INDEX;
}

/* 0, -errno, or how many vectors there are where @n are too many. */
static int set_irqs(struct vfio *d, unsigned index, uint32_t flags, unsigned first, unsigned n,
		    const int *fds)
{
	union {
		struct vfio_irq_set set;
		char room[sizeof(struct vfio_irq_set) + VECTORS * sizeof(int)];
	} u = { .set = { .flags = flags, .index = index, .start = first, .count = n } };
	size_t len = fds ? n * sizeof(*fds) : 0;
	int got;

	if (len)
		memcpy(u.room + sizeof(u.set), fds, len);
	u.set.argsz = (uint32_t)(sizeof(u.set) + len);
	got = d->k.ioctl(d->fd, VFIO_DEVICE_SET_IRQS, &u);
	return got < 0 ? -errno : got;
}

static void irqs_off(struct vfio *d)
{
	if (d->n_irqs)
		set_irqs(d, irq_index(d->irq_type),
			 VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 0, NULL);
	d->n_irqs = 0;
}

static int say_irq_error(const struct vfio *d, enum pci_irq type, unsigned n, int err)
{
	static const char *const names[] = { "INTx", "MSI", "MSI-X" };

	if (err > 0)
		log_error("%s: %u %s interrupts wanted, %d are possible: use fewer queues",
			  d->dev.name, n, names[type], err);
	else
		log_error("%s: %u %s interrupts cannot be set up: %s", d->dev.name, n, names[type],
			  strerror(-err));
	return err > 0 ? -ENOSPC : err;
}

static int vfio_irq_set(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
			const int *fds)
{
	const uint32_t flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	struct vfio *d = vfio_of(dev);
	unsigned used = 0;
	int err;

	if (first > VECTORS || n > VECTORS - first || (type == PCI_IRQ_INTX && first + n > 1))
		return -EINVAL;
	if (type != d->irq_type) {
		irqs_off(d);
		memset(d->irq_fds, 0xff, sizeof(d->irq_fds));
		d->irq_type = type;
	}
	for (unsigned i = 0; i < n; i++)
		d->irq_fds[first + i] = fds ? fds[i] : -1;
	for (unsigned i = 0; i < VECTORS; i++)
		if (d->irq_fds[i] >= 0)
			used = i + 1;
	if (!used) {
		irqs_off(d);
		return 0;
	}
	if (used <= d->n_irqs) {
		err = set_irqs(d, irq_index(type), flags, first, n, d->irq_fds + first);
	} else {
		irqs_off(d); /* most kernels add no vectors to those that are on */
		err = set_irqs(d, irq_index(type), flags, 0, used, d->irq_fds);
		d->n_irqs = err ? 0 : used;
	}
	return err ? say_irq_error(d, type, used, err) : 0;
}

static int vfio_irq_unmask(struct pci_dev *dev)
{
	struct vfio *d = vfio_of(dev);

	if (d->irq_type != PCI_IRQ_INTX || !d->n_irqs)
		return 0;
	return set_irqs(d, VFIO_PCI_INTX_IRQ_INDEX,
			VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK, 0, 1, NULL);
}

/* Not every kernel and device can ask for its device back: then @req stays -1. */
static void watch_request(struct vfio *d)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = VFIO_PCI_REQ_IRQ_INDEX };

	if (d->k.ioctl(d->fd, VFIO_DEVICE_GET_IRQ_INFO, &info) || !info.count)
		return;
	d->req = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (d->req >= 0 &&
	    set_irqs(d, VFIO_PCI_REQ_IRQ_INDEX,
		     VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1, &d->req)) {
		close(d->req);
		d->req = -1;
	}
}

/* ---- life ---- */

static int vfio_reset(struct pci_dev *dev)
{
	struct vfio *d = vfio_of(dev);

	if (!d->k.ioctl(d->fd, VFIO_DEVICE_RESET, NULL))
		return 0;
	return errno == EINVAL || errno == ENOTTY ? -ENOTSUP : -errno;
}

static void vfio_free(struct vfio *d)
{
	for (unsigned i = 0; i < BARS; i++)
		for (unsigned w = 0; w < d->bars[i].n_windows; w++)
			d->k.munmap(d->bars[i].windows[w].va, d->bars[i].windows[w].len);
	if (d->req >= 0)
		close(d->req);
	d->k.close(d->fd);
	vfio_space_put(d->space);
	free(d);
}

static void vfio_close(struct pci_dev *dev)
{
	struct vfio *d = vfio_of(dev);

	irqs_off(d);
	pci_bus_master(dev, 0);
	vfio_free(d);
}

static const struct pci_ops vfio_ops = {
	.config_read = vfio_config_read,
	.config_write = vfio_config_write,
	.bar_map = vfio_bar_map,
	.bar_read = vfio_bar_read,
	.bar_write = vfio_bar_write,
	.dma_place = vfio_dma_place,
	.dma_map = vfio_dma_map,
	.dma_unmap = vfio_dma_unmap,
	.irq_set = vfio_irq_set,
	.irq_unmask = vfio_irq_unmask,
	.reset = vfio_reset,
	.delay = real_delay,
	.close = vfio_close,
};

static void map_window(struct vfio *d, struct vfio_bar *b, uint64_t off, uint64_t len)
{
	void *va;

	if (b->n_windows == WINDOWS || !len || off > b->size || len > b->size - off)
		return;
	va = d->k.mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, (off_t)(b->at + off));
	if (va == MAP_FAILED)
		return; /* read and write calls do it too, slower */
	b->windows[b->n_windows].off = off;
	b->windows[b->n_windows].len = len;
	b->windows[b->n_windows++].va = va;
}

/* Map the pieces that a SPARSE_MMAP capability allows. Return: 0 if there is no such capability. */
static int map_sparse(struct vfio *d, struct vfio_bar *b, const char *info, size_t size)
{
	struct vfio_region_info head;
	struct vfio_info_cap_header cap;
	struct vfio_region_info_cap_sparse_mmap sparse;
	uint32_t at;

	memcpy(&head, info, sizeof(head));
	at = head.flags & VFIO_REGION_INFO_FLAG_CAPS ? head.cap_offset : 0;
	for (unsigned n = 0; n < 16 && at && at + sizeof(cap) <= size; n++, at = cap.next) {
		struct vfio_region_sparse_mmap_area area;
		size_t from = at + sizeof(sparse);

		memcpy(&cap, info + at, sizeof(cap));
		if (cap.id != VFIO_REGION_INFO_CAP_SPARSE_MMAP || from > size)
			continue;
		memcpy(&sparse, info + at, sizeof(sparse));
		for (uint32_t i = 0; i < sparse.nr_areas && size - from >= sizeof(area); i++) {
			memcpy(&area, info + from, sizeof(area));
			map_window(d, b, area.offset, area.size);
			from += sizeof(area);
		}
		return 1;
	}
	return 0;
}

static int find_bar(struct vfio *d, unsigned i)
{
	struct vfio_region_info head = { .argsz = sizeof(head), .index = i };
	struct vfio_bar *b = &d->bars[i];
	char info[1024] = { 0 };

	if (d->k.ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &head))
		return -errno;
	b->at = head.offset;
	b->size = head.size;
	if (!head.size || !(head.flags & VFIO_REGION_INFO_FLAG_MMAP))
		return 0;
	if (head.argsz > sizeof(head) && head.argsz <= sizeof(info)) {
		memcpy(info, &head, sizeof(head)); /* with room for the capabilities */
		if (!d->k.ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, info) &&
		    map_sparse(d, b, info, head.argsz))
			return 0;
	}
	map_window(d, b, 0, b->size);
	return 0;
}

static int find_regions(struct vfio *d)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_region_info config = { .argsz = sizeof(config),
					   .index = VFIO_PCI_CONFIG_REGION_INDEX };
	le16 ids[2];
	int err = d->k.ioctl(d->fd, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0;

	if (!err && !(info.flags & VFIO_DEVICE_FLAGS_PCI))
		err = -ENODEV;
	if (!err && d->k.ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &config))
		err = -errno;
	d->config = config.offset;
	for (unsigned i = 0; i < BARS && !err; i++)
		err = find_bar(d, i);
	if (!err)
		err = vfio_config_read(&d->dev, 0, ids, sizeof(ids));
	if (err) {
		log_error("%s: VFIO does not describe the device: %s", d->dev.name, strerror(-err));
		return err;
	}
	d->dev.vendor = from_le16(ids[0]);
	d->dev.device = from_le16(ids[1]);
	return 0;
}

int vfio_open(struct pci_dev **out, const struct kernel *k, const struct real_uri *uri,
	      const char *name)
{
	struct vfio *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->dev = (struct pci_dev) { .ops = &vfio_ops, .name = name };
	d->k = *k;
	d->req = -1;
	memset(d->irq_fds, 0xff, sizeof(d->irq_fds));
	err = vfio_space_get(&d->space, &d->fd, k, uri, name);
	if (err) {
		free(d);
		return err;
	}
	err = find_regions(d);
	if (err) {
		vfio_free(d);
		return err;
	}
	watch_request(d);
	*out = &d->dev;
	return 0;
}
