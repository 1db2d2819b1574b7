/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A device that no kernel driver has, or uio_pci_generic: registers by mapping its resource files,
 * memory by physical address. Nothing but the driver keeps such a device inside its memory, and a
 * process that is killed leaves it running: whoever opens it next first takes bus mastering away.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "bus/real.h"
#include "mem/phys.h"

#define BARS 6u

struct sysfs {
	struct pci_dev dev;
	struct kernel k;
	char address[16];
	int config;
	int lock; /* resource0, locked against other processes */
	struct {
		char *va;
		size_t size;
	} bars[BARS];
	/* INTx by /dev/uioN: its reads block, so a thread turns them into eventfd signals. */
	int uio, stop; /* -1: none */
	int irq_fd;    /* (atomic) */
	int threaded;
	pthread_t thread;
};

static struct sysfs *sysfs_of(struct pci_dev *dev)
{
	return container_of(dev, struct sysfs, dev);
}

static int sysfs_config_read(struct pci_dev *dev, unsigned off, void *buf, size_t len)
{
	struct sysfs *d = sysfs_of(dev);

	return d->k.pread(d->config, buf, len, off) == (ssize_t)len ? 0 : -EIO;
}

static int sysfs_config_write(struct pci_dev *dev, unsigned off, const void *buf, size_t len)
{
	struct sysfs *d = sysfs_of(dev);

	return d->k.pwrite(d->config, buf, len, off) == (ssize_t)len ? 0 : -EIO;
}

static void *sysfs_bar_map(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	struct sysfs *d = sysfs_of(dev);

	if (bar >= BARS || off % 4 || d->bars[bar].size < 4 || off > d->bars[bar].size - 4)
		return NULL;
	return d->bars[bar].va + off;
}

static uint32_t sysfs_bar_read(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	const void *at = sysfs_bar_map(dev, bar, off);

	return at ? mmio_read32(at) : UINT32_MAX;
}

static void sysfs_bar_write(struct pci_dev *dev, unsigned bar, uint32_t off, uint32_t value)
{
	void *at = sysfs_bar_map(dev, bar, off);

	if (at)
		mmio_write32(at, value);
}

/* ---- memory: the device sees physical addresses, all of them, always ---- */

static int sysfs_dma_place(struct pci_dev *dev, const void *va, size_t len, uint64_t *iova)
{
	(void)dev;
	return va ? mem_phys(va, len, iova) : 0;
}

static int sysfs_dma_map(struct pci_dev *dev, void *va, size_t len, uint64_t iova)
{
	(void)dev;
	(void)va;
	(void)len;
	(void)iova;
	return 0;
}

static int sysfs_dma_unmap(struct pci_dev *dev, uint64_t iova, size_t len)
{
	(void)dev;
	(void)iova;
	(void)len;
	return 0;
}

/* ---- interrupts ---- */

static void *sysfs_irq_thread(void *arg)
{
	struct sysfs *d = arg;
	struct pollfd fds[2] = { { d->uio, POLLIN, 0 }, { d->stop, POLLIN, 0 } };
	const uint64_t one = 1;
	uint32_t count;

	for (;;) {
		int fd;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (fds[1].revents || fds[0].revents & (POLLERR | POLLHUP | POLLNVAL))
			return NULL;
		if (!(fds[0].revents & POLLIN) ||
		    read(d->uio, &count, sizeof(count)) != sizeof(count))
			continue;
		fd = __atomic_load_n(&d->irq_fd, __ATOMIC_ACQUIRE);
		if (fd >= 0 && write(fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
			return NULL;
	}
}

static void irq_thread_end(struct sysfs *d)
{
	const uint64_t one = 1;

	if (!d->threaded)
		return;
	if (write(d->stop, &one, sizeof(one)) < 0)
		log_error("%s: eventfd: %s", d->dev.name, strerror(errno));
	pthread_join(d->thread, NULL);
	close(d->stop);
	d->k.close(d->uio);
	d->threaded = 0;
}

static int irq_thread_start(struct sysfs *d)
{
	char node[32];
	int err = kernel_entry(node, sizeof(node), 0, "%s/bus/pci/devices/%s/uio", d->k.sys,
			       d->address);

	if (err) {
		log_error("%s: without a kernel driver there are no interrupts: nicety bind %s "
			  "vfio-pci (or uio_pci_generic, for INTx)",
			  d->dev.name, d->address);
		return -ENOTSUP;
	}
	d->uio = kernel_open(&d->k, O_RDONLY, "%s/%s", d->k.dev, node);
	if (d->uio < 0) {
		log_error("%s: %s/%s cannot be opened: %s", d->dev.name, d->k.dev, node,
			  strerror(-d->uio));
		return d->uio;
	}
	d->stop = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	err = d->stop < 0 ? errno : pthread_create(&d->thread, NULL, sysfs_irq_thread, d);
	if (!err) {
		d->threaded = 1;
		return 0;
	}
	log_error("%s: no thread for interrupts: %s", d->dev.name, strerror(err));
	if (d->stop >= 0)
		close(d->stop);
	d->k.close(d->uio);
	return -err;
}

/* The kernel turns the line off (bit 10 of the command register) when it fires. */
static int sysfs_irq_unmask(struct pci_dev *dev)
{
	struct sysfs *d = sysfs_of(dev);
	uint8_t command[2];
	int err = d->threaded ? sysfs_config_read(dev, PCI_COMMAND, command, sizeof(command)) : 0;

	if (err || !d->threaded)
		return err;
	command[1] &= (uint8_t) ~(PCI_COMMAND_INTX_OFF >> 8);
	return sysfs_config_write(dev, PCI_COMMAND, command, sizeof(command));
}

static int sysfs_irq_set(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
			 const int *fds)
{
	struct sysfs *d = sysfs_of(dev);
	int fd = fds && n ? fds[0] : -1, err = 0;

	if (type != PCI_IRQ_INTX && fd >= 0) {
		log_error("%s: MSI and MSI-X need vfio: nicety bind %s vfio-pci", dev->name,
			  d->address);
		return -ENOTSUP;
	}
	if (type == PCI_IRQ_INTX && first + n > 1)
		return -EINVAL;
	if (fd < 0)
		irq_thread_end(d);
	__atomic_store_n(&d->irq_fd, fd, __ATOMIC_RELEASE);
	if (fd >= 0 && !d->threaded)
		err = irq_thread_start(d);
	return err || fd < 0 ? err : sysfs_irq_unmask(dev);
}

/* ---- life ---- */

/* Write a number to one of the device's files. */
static int poke(struct sysfs *d, const char *file, const char *text)
{
	int fd = kernel_open(&d->k, O_WRONLY, "%s/bus/pci/devices/%s/%s", d->k.sys, d->address,
			     file);
	int err;

	if (fd < 0)
		return fd;
	err = d->k.pwrite(fd, text, strlen(text), 0) < 0 ? -errno : 0;
	d->k.close(fd);
	return err;
}

/* Let the device decode its addresses. A driver (uio_pci_generic) has seen to it, and then the
 * kernel refuses the file with EBUSY. */
static int enable(struct sysfs *d, const char *on)
{
	char driver[64];

	if (!kernel_link(driver, sizeof(driver), "%s/bus/pci/devices/%s/driver", d->k.sys,
			 d->address))
		return 0;
	return poke(d, "enable", on);
}

static int sysfs_reset(struct pci_dev *dev)
{
	int err = poke(sysfs_of(dev), "reset", "1");

	return err == -ENOENT ? -ENOTSUP : err;
}

static void sysfs_free(struct sysfs *d)
{
	for (unsigned i = 0; i < BARS; i++)
		if (d->bars[i].va)
			d->k.munmap(d->bars[i].va, d->bars[i].size);
	if (d->config >= 0)
		d->k.close(d->config);
	if (d->lock >= 0)
		d->k.close(d->lock);
	free(d);
}

static void sysfs_close(struct pci_dev *dev)
{
	struct sysfs *d = sysfs_of(dev);

	irq_thread_end(d);
	pci_bus_master(dev, 0);
	enable(d, "0");
	sysfs_free(d);
}

static const struct pci_ops sysfs_ops = {
	.config_read = sysfs_config_read,
	.config_write = sysfs_config_write,
	.bar_map = sysfs_bar_map,
	.bar_read = sysfs_bar_read,
	.bar_write = sysfs_bar_write,
	.dma_place = sysfs_dma_place,
	.dma_map = sysfs_dma_map,
	.dma_unmap = sysfs_dma_unmap,
	.irq_set = sysfs_irq_set,
	.irq_unmask = sysfs_irq_unmask,
	.reset = sysfs_reset,
	.delay = real_delay,
	.close = sysfs_close,
};

/* Physical addresses mean something to the device only if nobody translates them. */
static int check_iommu(const struct sysfs *d)
{
	char group[16], type[32];

	if (kernel_link(group, sizeof(group), "%s/bus/pci/devices/%s/iommu_group", d->k.sys,
			d->address))
		return 0;
	if (kernel_word(&d->k, type, sizeof(type), "%s/kernel/iommu_groups/%s/type", d->k.sys,
			group))
		strcpy(type, "unknown");
	if (!strcmp(type, "identity"))
		return 0;
	log_error("%s: an IOMMU translates this device's addresses (group %s, type %s), which this "
		  "way of access cannot serve: nicety bind %s vfio-pci (or boot with iommu=pt)",
		  d->dev.name, group, type, d->address);
	return -ENOTSUP;
}

static int say_file_error(const struct sysfs *d, const char *file, int err)
{
	log_error("%s: %s/bus/pci/devices/%s/%s: %s%s", d->dev.name, d->k.sys, d->address, file,
		  strerror(-err),
		  err == -EACCES  ? "; run as root, or use vfio-pci, which works without"
		  : err == -EPERM ? "; kernel lockdown (Secure Boot) forbids it: use vfio-pci"
				  : "");
	return err;
}

static int open_file(const struct sysfs *d, const char *file, int *out)
{
	int fd = kernel_open(&d->k, O_RDWR, "%s/bus/pci/devices/%s/%s", d->k.sys, d->address, file);

	if (fd < 0)
		return say_file_error(d, file, fd);
	*out = fd;
	return 0;
}

/* Memory BARs; files of I/O BARs cannot be mapped, and no driver here wants them. */
static int map_bars(struct sysfs *d)
{
	char file[16] = "resource0";

	for (unsigned i = 0; i < BARS; i++) {
		struct stat st;
		int fd;
		void *va;

		file[8] = (char)('0' + i);
		fd = i ? kernel_open(&d->k, O_RDWR, "%s/bus/pci/devices/%s/%s", d->k.sys,
				     d->address, file)
		       : d->lock;
		if (fd < 0)
			continue;
		va = fstat(fd, &st) || !st.st_size
			     ? MAP_FAILED
			     : d->k.mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
					 MAP_SHARED, fd, 0);
		if (va != MAP_FAILED) {
			d->bars[i].va = va;
			d->bars[i].size = (size_t)st.st_size;
		} else if (!i) {
			return say_file_error(d, file, errno ? -errno : -ENODEV);
		}
		if (i)
			d->k.close(fd);
	}
	return 0;
}

static int start(struct sysfs *d)
{
	le16 ids[2];
	int err = check_iommu(d);

	if (!err)
		err = open_file(d, "resource0", &d->lock);
	if (!err && flock(d->lock, LOCK_EX | LOCK_NB)) {
		log_error("%s: another process has the device open", d->dev.name);
		err = -EBUSY;
	}
	if (!err)
		err = open_file(d, "config", &d->config);
	if (err)
		return err;
	err = enable(d, "1");
	if (err)
		return say_file_error(d, "enable", err);
	/* What a killed process left behind must not write to memory that is ours now. */
	err = pci_bus_master(&d->dev, 0);
	if (!err)
		err = sysfs_config_read(&d->dev, 0, ids, sizeof(ids));
	if (err)
		say_file_error(d, "config", err);
	else
		err = map_bars(d);
	if (err) {
		enable(d, "0");
		return err;
	}
	d->dev.vendor = from_le16(ids[0]);
	d->dev.device = from_le16(ids[1]);
	return 0;
}

int sysfs_open(struct pci_dev **out, const struct kernel *k, const struct real_uri *uri,
	       const char *name)
{
	struct sysfs *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->dev = (struct pci_dev) { .ops = &sysfs_ops, .name = name };
	d->k = *k;
	memcpy(d->address, uri->address, sizeof(d->address));
	d->config = d->lock = d->irq_fd = -1;
	err = start(d);
	if (err) {
		sysfs_free(d);
		return err;
	}
	*out = &d->dev;
	return 0;
}
