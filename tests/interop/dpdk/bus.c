/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Entering DPDK's PCI bus: the probe functions of the drivers are replaced by one that gives our
 * functions their BAR, memory and interrupt, as the bus does for real ones, and calls the
 * driver's own.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include <bus_pci_driver.h>
#include <rte_errno.h>
#include <rte_interrupts.h>
#include <rte_memory.h>
#include <rte_version.h>

#undef container_of /* the same; ours follows */

#include "base/log.h"
#include "bus.h"

/* The layout of struct rte_pci_driver is private to a release. */
#if RTE_VER_YEAR != 22 || RTE_VER_MONTH != 11
#warning "tried with DPDK 22.11 only"
#endif

#define DRIVERS 16

static struct hooked {
	struct rte_pci_driver *driver;
	rte_pci_probe_t *probe;
	uint32_t flags;
} hooked[DRIVERS];

/* ---- memory: mapped as the IOMMU would, so that a wrong address is found ---- */

static int map(struct fakepci *f, void *at, size_t len)
{
	return f->dev->ops->dma_map(f->dev, at, len, (uint64_t)(uintptr_t)at);
}

static int map_segment(const struct rte_memseg_list *list, const struct rte_memseg *segment,
		       void *f)
{
	(void)list;
	return map(f, segment->addr, segment->len);
}

static int map_run(const struct rte_memseg_list *list, const struct rte_memseg *first, size_t len,
		   void *f)
{
	(void)list;
	return map(f, first->addr, len);
}

/* Memory comes and goes in hugepages. */
static void memory_changed(enum rte_mem_event event, const void *at, size_t len, void *unused)
{
	const struct rte_memseg_list *list = rte_mem_virt2memseg_list(at);
	size_t page = list ? list->page_sz : len;

	(void)unused;
	for (struct fakepci *f = fakepci_all; f; f = f->next)
		for (size_t off = 0; f->probed && off < len; off += page) {
			char *p = (char *)(uintptr_t)at + off;

			if (event == RTE_MEM_EVENT_ALLOC)
				map(f, p, page);
			else
				f->dev->ops->dma_unmap(f->dev, (uint64_t)(uintptr_t)p, page);
		}
}

static int map_memory(struct fakepci *f)
{
	int err;

	if (rte_eal_iova_mode() != RTE_IOVA_VA) {
		log_error("%s: descriptors would carry physical addresses: add --iova-mode=va",
			  f->name);
		return -EINVAL;
	}
	/* Small pages never come or go; one by one they would be too many. */
	if (!rte_eal_has_hugepages())
		return rte_memseg_contig_walk(map_run, f) ? -ENOMEM : 0;
	/* -EEXIST: an earlier function did it. ENOTSUP: --legacy-mem, nothing comes or goes. */
	err = rte_mem_event_callback_register("nicety", memory_changed, NULL);
	if (err && rte_errno != EEXIST && rte_errno != ENOTSUP) {
		log_error("%s: cannot watch DPDK's memory: %s", f->name, rte_strerror(rte_errno));
		return -rte_errno;
	}
	return rte_memseg_walk(map_segment, f) ? -ENOMEM : 0;
}

/* ---- probing ---- */

/* As EAL does for VFIO: MSI-X, else MSI, else the line. */
static int attach_irq(struct fakepci *f, struct rte_intr_handle *handle)
{
	static const struct {
		enum pci_irq type;
		enum rte_intr_handle_type theirs;
	} kinds[] = {
		{ PCI_IRQ_MSIX, RTE_INTR_HANDLE_VFIO_MSIX },
		{ PCI_IRQ_MSI, RTE_INTR_HANDLE_VFIO_MSI },
		{ PCI_IRQ_INTX, RTE_INTR_HANDLE_VFIO_LEGACY },
	};
	unsigned i = 0;

	while (!model_irq_count(f->machine->class, f->machine->model, kinds[i].type))
		i++; /* there is always a line */
	f->irq_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (f->irq_fd < 0)
		return -errno;
	f->dev->ops->irq_set(f->dev, kinds[i].type, 0, 1, &f->irq_fd);
	/* The interrupt thread reads eight bytes of these types. */
	rte_intr_type_set(handle, kinds[i].theirs);
	rte_intr_fd_set(handle, f->irq_fd);
	return 0;
}

static int attach(struct fakepci *f, struct rte_pci_device *pci)
{
	int err;

	/* What VFIO does when the function is opened. */
	f->dev->ops->reset(f->dev);
	err = pci_bus_master(f->dev, 1);
	if (!err)
		err = map_memory(f);
	if (err)
		return err;
	err = attach_irq(f, pci->intr_handle);
	if (err)
		return err;
	pci->mem_resource[0].addr = f->window.driver;
	pci->mem_resource[0].len = f->window.size;
	f->probed = 1;
	return 0;
}

static const struct hooked *hook_of(const struct rte_pci_driver *driver)
{
	for (unsigned i = 0; i < DRIVERS; i++)
		if (hooked[i].driver == driver)
			return &hooked[i];
	return NULL;
}

static int probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	struct fakepci *f = fakepci_all;
	int err;

	while (f && strcmp(f->name, pci->name))
		f = f->next;
	if (!f)
		return 1; /* not ours: cannot be, the bus sees no other folder */
	err = attach(f, pci);
	if (!err)
		err = hook_of(driver)->probe(driver, pci);
	log_info("%s: %s says %d after %llu register accesses", f->name, driver->driver.name, err,
		 (unsigned long long)fakepci_traps(f));
	return err;
}

static int knows(const struct rte_pci_driver *driver, const struct pci_dev *dev)
{
	const struct rte_pci_id *id = driver->id_table;

	while (id && id->vendor_id &&
	       (id->vendor_id != dev->vendor || id->device_id != dev->device))
		id++;
	return id && id->vendor_id;
}

static int hook(struct rte_pci_driver *driver)
{
	for (unsigned i = 0; i < DRIVERS; i++) {
		if (hooked[i].driver == driver)
			return 0;
		if (hooked[i].driver)
			continue;
		hooked[i] = (struct hooked) { driver, driver->probe, driver->drv_flags };
		driver->probe = probe;
		driver->drv_flags &= ~(uint32_t)RTE_PCI_DRV_NEED_MAPPING; /* we did */
		driver->drv_flags |= RTE_PCI_DRV_NEED_IOVA_AS_VA;
		return 0;
	}
	return -ENOSPC;
}

/* The list of drivers is private to the bus: register one more, and look what stands before it. */
int hook_drivers(struct fakepci *f)
{
	static const struct rte_pci_id nothing[] = { { .vendor_id = 0 } };
	struct rte_pci_driver anchor = { .driver.name = "nicety", .id_table = nothing }, *d;
	RTE_TAILQ_HEAD(list, rte_pci_driver);
	int err = -ENODEV;

	rte_pci_register(&anchor);
	for (d = &anchor; d; d = TAILQ_PREV(d, list, next))
		if (knows(d, f->dev))
			err = hook(d);
	rte_pci_unregister(&anchor);
	if (err)
		log_error("%s: no DPDK driver here knows %04x:%04x; is it linked in?", f->name,
			  f->dev->vendor, f->dev->device);
	return err;
}

void unhook_drivers(void)
{
	for (unsigned i = 0; i < DRIVERS; i++)
		if (hooked[i].driver) {
			hooked[i].driver->probe = hooked[i].probe;
			hooked[i].driver->drv_flags = hooked[i].flags;
			hooked[i].driver = NULL;
		}
}
