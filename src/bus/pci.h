/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How a PCI function is reached: the waist between drivers and vfio, sysfs, vfio-user, qtest and
 * in-process models. The operations are those of the VFIO device model. A driver cannot tell
 * which backend it runs on. Freestanding.
 *
 * Threads: config, BAR and IRQ operations of one device from one thread at a time; dma_map and
 * dma_unmap may come from another. A doorbell window may be written by any thread, each register
 * by one.
 */
#ifndef BUS_PCI_H
#define BUS_PCI_H

#include "base/errno.h"
#include "base/mmio.h"
#include "base/types.h"

struct pci_dev;

enum pci_irq { PCI_IRQ_INTX, PCI_IRQ_MSI, PCI_IRQ_MSIX };

struct pci_ops {
	/* Bytes of configuration space, little endian as on the bus. 0 or -errno. */
	int (*config_read)(struct pci_dev *dev, unsigned off, void *buf, size_t len);
	int (*config_write)(struct pci_dev *dev, unsigned off, const void *buf, size_t len);
	/* A window of plain memory for a doorbell register, or NULL: then use bar_write. */
	void *(*bar_map)(struct pci_dev *dev, unsigned bar, uint32_t off);
	/* One aligned 32-bit register. A device that is gone reads 0xffffffff. */
	uint32_t (*bar_read)(struct pci_dev *dev, unsigned bar, uint32_t off);
	void (*bar_write)(struct pci_dev *dev, unsigned bar, uint32_t off, uint32_t value);
	/* Where @len bytes at @va can lie in the device's address space: moves *@iova up to the
	 * next place it can reach, or sets the only one, a physical address. @va NULL: memory that
	 * is not there yet. 0; -ERANGE: none at *@iova or above; -errno, logged: this memory is of
	 * no use to it. The operation is NULL: anywhere. */
	int (*dma_place)(struct pci_dev *dev, const void *va, size_t len, uint64_t *iova);
	/* Let the device reach @len bytes at @va under the address @iova; forbid it again. They
	 * are whole regions of mem/mem.h; with dma_by_fd, mem_region(va)->fd is their file. */
	int (*dma_map)(struct pci_dev *dev, void *va, size_t len, uint64_t iova);
	int (*dma_unmap)(struct pci_dev *dev, uint64_t iova, size_t len);
	/* Signal vectors first..first+n-1 through eventfds (-1 or @fds NULL: none). */
	int (*irq_set)(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
		       const int *fds);
	/* INTx stays masked once it fired: let it through again, after its cause was cleared in
	 * the device. 0 or -errno. NULL: nothing to do. */
	int (*irq_unmask)(struct pci_dev *dev);
	/* Function level reset, where there is one; -ENOTSUP. */
	int (*reset)(struct pci_dev *dev);
	/* Let @us microseconds pass, for the device too. */
	void (*delay)(struct pci_dev *dev, unsigned us);
	void (*close)(struct pci_dev *dev);

	/* For devices that run only when called (a model without a thread): one round of work.
	 * NULL: the device runs by itself. */
	void (*pump)(struct pci_dev *dev);
	/* Sleep until the device may have something to do, at most @timeout_ms; NULL with pump. */
	void (*pump_wait)(struct pci_dev *dev, int irq_fd, int timeout_ms);
	/* Named counters of the device's surroundings (model, wire); -ENOENT ends. NULL: none. */
	int (*counter)(struct pci_dev *dev, unsigned i, const char **name, uint64_t *value);
	/* 1: no frame will ever arrive again. NULL: never. */
	int (*ended)(struct pci_dev *dev);
	/* nic_ticks spent inside calls, for a device that runs there. NULL: none. */
	uint64_t (*ticks)(struct pci_dev *dev);
	/* Model violations seen. NULL: none. */
	uint64_t (*violations)(struct pci_dev *dev);
};

/* The one file in which a device can reach memory: what it calls @iova is at @offset there. */
struct pci_dma_file {
	int fd;
	uint64_t iova, offset, len; /* bytes that are reachable from there on */
};

struct pci_dev {
	const struct pci_ops *ops;
	uint16_t vendor, device;             /* filled in by the backend's open */
	int dma_by_fd;                       /* (backend) memory must be in files, see mem_attach */
	const struct pci_dma_file *dma_file; /* (backend) NULL: any file, if any */
	const char *name;                    /* for messages: the URI or address */
	const struct reg_table *regs; /* for the tracer, may be NULL; filled in by the driver */
};

enum {
	PCI_COMMAND = 0x04,
	PCI_COMMAND_MEMORY = 1 << 1,
	PCI_COMMAND_MASTER = 1 << 2,
	PCI_COMMAND_INTX_OFF = 1 << 10,
};

static inline uint32_t bar_read(struct pci_dev *dev, uint32_t off)
{
	return dev->ops->bar_read(dev, 0, off);
}
static inline void bar_write(struct pci_dev *dev, uint32_t off, uint32_t value)
{
	dev->ops->bar_write(dev, 0, off, value);
}
static inline void bar_set(struct pci_dev *dev, uint32_t off, uint32_t bits)
{
	bar_write(dev, off, bar_read(dev, off) | bits);
}
static inline void bar_clear(struct pci_dev *dev, uint32_t off, uint32_t bits)
{
	bar_write(dev, off, bar_read(dev, off) & ~bits);
}

/**
 * bar_wait - read a register until (value & mask) == want.
 * Return: 0; -ETIMEDOUT after @timeout_us, logged by the caller who knows what it means; -ENODEV
 * if the register reads all ones, which no register that is waited for does.
 */
int bar_wait(struct pci_dev *dev, uint32_t off, uint32_t mask, uint32_t want, unsigned timeout_us);

/** pci_bus_master - allow or forbid the device to do DMA (bit 2 of the command register). */
int pci_bus_master(struct pci_dev *dev, int on);

#endif
