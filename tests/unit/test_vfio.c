/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The vfio backend against a scripted kernel: the conversation, every refusal with its fix, where
 * memory lies, interrupts, devices that are asked back, and that nothing stays open.
 */
#define _GNU_SOURCE
#include "fake_vfio.h"

#include "base/types.h"
#include "mem/mem.h"

#define MASTER 4

static struct pci_dev *opened(const char *rest)
{
	struct kernel k = fake_kernel();
	struct pci_dev *pci = NULL;

	assert_int_equal(real_open(&pci, &k, rest, "pci:test"), 0);
	return pci;
}

static int refused(const char *rest)
{
	struct kernel k = fake_kernel();
	struct pci_dev *pci = NULL;
	int err = real_open(&pci, &k, rest, "pci:test");

	assert_true(err < 0);
	assert_null(pci);
	return err;
}

static void opens_by_group_and_finds_ids(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");

	(void)state;
	assert_int_equal(pci->vendor, 0x8086);
	assert_int_equal(pci->device, 0x10fb);
	assert_int_equal(vfio.set_iommu, VFIO_TYPE1v2_IOMMU);
	pci->ops->close(pci);
}

static void address_needs_no_domain(void **state)
{
	struct pci_dev *pci = opened("03:00.0");

	(void)state;
	pci->ops->close(pci);
}

static void opens_by_node_where_there_is_one(void **state)
{
	struct pci_dev *pci;

	(void)state;
	tree_text(DEV "vfio-dev/vfio0/dev", "");
	pci = opened("0000:03:00.0");
	assert_true(vfio.attached);
	assert_int_equal(vfio.open[CONTAINER - CONTAINER], 0);
	pci->ops->close(pci);
}

static void node_without_rights_falls_back_to_the_group(void **state)
{
	static const char *const denied[] = { "/dev/iommu", "/vfio0" };

	(void)state;
	tree_text(DEV "vfio-dev/vfio0/dev", "");
	for (size_t i = 0; i < ARRAY_SIZE(denied); i++) {
		struct pci_dev *pci;

		vfio.deny_path = denied[i];
		vfio.deny_errno = EACCES;
		pci = opened("0000:03:00.0");
		assert_int_equal(vfio.set_iommu, VFIO_TYPE1v2_IOMMU);
		pci->ops->close(pci);
	}
}

static void bus_master_only_between_driver_and_close(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");

	(void)state;
	assert_int_equal(vfio.config[PCI_COMMAND] & MASTER, 0);
	assert_int_equal(pci_bus_master(pci, 1), 0);
	assert_int_equal(vfio.config[PCI_COMMAND] & MASTER, MASTER);
	pci->ops->close(pci);
	assert_int_equal(vfio.config[PCI_COMMAND] & MASTER, 0);
}

static void registers_are_little_endian_words(void **state)
{
	struct pci_dev *pci;

	(void)state;
	for (int how = 0; how < 3; how++) { /* mapped, half mapped, by system calls */
		vfio.sparse = how == 1;
		vfio.no_mmap = how == 2;
		pci = opened("0000:03:00.0");
		bar_write(pci, 0x18, 0x11223344);
		bar_write(pci, 4096 + 8, 0x55667788);
		assert_memory_equal((char *)vfio.bar + 0x18, "\x44\x33\x22\x11", 4);
		assert_int_equal(bar_read(pci, 0x18), 0x11223344);
		assert_int_equal(bar_read(pci, 4096 + 8), 0x55667788);
		assert_true(pci->ops->bar_map(pci, 0, 0x18) ==
			    (how ? NULL : (char *)vfio.bar + 0x18));
		assert_true(pci->ops->bar_map(pci, 0, 4096 + 8) ==
			    (how == 2 ? NULL : (char *)vfio.bar + 4096 + 8));
		pci->ops->close(pci);
	}
}

static void outside_of_a_bar_reads_all_ones(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");

	(void)state;
	assert_int_equal(bar_read(pci, BAR_SIZE), UINT32_MAX);
	assert_int_equal(bar_read(pci, UINT32_MAX - 3), UINT32_MAX);
	assert_int_equal(pci->ops->bar_read(pci, 2, 0), UINT32_MAX);
	assert_int_equal(pci->ops->bar_read(pci, 9, 0), UINT32_MAX);
	bar_write(pci, BAR_SIZE, 1);
	assert_null(pci->ops->bar_map(pci, 0, BAR_SIZE));
	pci->ops->close(pci);
}

/* ---- refusals: each with its cause and its fix ---- */

static void refusals_name_cause_and_fix(void **state)
{
	static const struct {
		const char *deny_path;
		int deny_errno;
		unsigned long request;
		int request_errno, expect;
		const char *text;
	} cases[] = {
		{ "/vfio/7", EACCES, 0, 0, -EACCES, "sudo chown $USER" },
		{ "/vfio/7", EBUSY, 0, 0, -EBUSY, "fuser -v" },
		{ "/vfio/7", ENOENT, 0, 0, -ENOENT, "modprobe vfio-pci" },
		{ "/vfio/vfio", EACCES, 0, 0, -EACCES, "sudo chown $USER" },
		{ NULL, 0, VFIO_CHECK_EXTENSION, EINVAL, -ENOTSUP, "modprobe vfio_iommu_type1" },
		{ NULL, 0, VFIO_GROUP_GET_STATUS, EIO, -EIO, "group 7 cannot be used" },
		{ NULL, 0, VFIO_GROUP_SET_CONTAINER, EINVAL, -EINVAL, "group 7 cannot be used" },
		{ NULL, 0, VFIO_SET_IOMMU, EPERM, -EPERM, "group 7 cannot be used" },
		{ NULL, 0, VFIO_GROUP_GET_DEVICE_FD, EBUSY, -EBUSY, "open already" },
		{ NULL, 0, VFIO_DEVICE_GET_INFO, EIO, -EIO, "does not describe" },
		{ NULL, 0, VFIO_DEVICE_GET_REGION_INFO, EIO, -EIO, "does not describe" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		catch_log();
		vfio.deny_path = cases[i].deny_path;
		vfio.deny_errno = cases[i].deny_errno;
		vfio.fail_request = cases[i].request;
		vfio.fail_errno = cases[i].request_errno;
		assert_int_equal(refused("0000:03:00.0"), cases[i].expect);
		assert_true(was_logged(cases[i].text));
		for (int fd = 0; fd < N_FDS; fd++)
			assert_int_equal(vfio.open[fd], 0);
	}
}

static void node_refusals_close_what_was_opened(void **state)
{
	static const unsigned long requests[] = { IOMMUFD_DEVICE_BIND, IOMMUFD_IOAS_ALLOC,
						  IOMMUFD_DEVICE_ATTACH };

	(void)state;
	tree_text(DEV "vfio-dev/vfio0/dev", "");
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		catch_log();
		vfio.fail_request = requests[i];
		vfio.fail_errno = EBUSY;
		assert_int_equal(refused("0000:03:00.0"), -EBUSY);
		assert_true(was_logged("the device cannot be"));
		for (int fd = 0; fd < N_FDS; fd++)
			assert_int_equal(vfio.open[fd], 0);
	}
}

static void group_with_kernel_drivers_names_them(void **state)
{
	(void)state;
	vfio.not_viable = 1;
	tree_link("sys/kernel/iommu_groups/7/devices/0000:03:00.1", "../x");
	tree_link("sys/bus/pci/devices/0000:03:00.1/driver", "../drivers/ixgbe");
	assert_int_equal(refused("0000:03:00.0"), -EBUSY);
	assert_true(was_logged("0000:03:00.1 is in the same IOMMU group 7"));
	assert_true(was_logged("nicety bind 0000:03:00.1"));
}

static void device_without_group_is_told_about_iommus(void **state)
{
	(void)state;
	unlink(tree_path(DEV "iommu_group"));
	assert_int_equal(refused("0000:03:00.0"), -ENOTSUP);
	assert_true(was_logged("intel_iommu=on"));
}

static void made_up_group_wants_to_be_asked_for(void **state)
{
	(void)state;
	tree_text("sys/kernel/iommu_groups/7/name", "vfio-noiommu\n");
	assert_int_equal(refused("0000:03:00.0"), -ENOTSUP);
	assert_true(was_logged("open it as pci:0000:03:00.0?noiommu"));
}

/* ---- memory ---- */

static struct nic_mem *new_memory(void)
{
	struct nic_mem_config cfg = { .page_size = 4096 };
	struct nic_mem *mem;

	assert_int_equal(nic_mem_new(&mem, &cfg), 0);
	return mem;
}

static void memory_is_mapped_at_its_iova_and_unmapped(void **state)
{
	struct nic_mem *mem = new_memory();
	void *before = mem_alloc(mem, 4096, 4096), *after;
	struct pci_dev *pci;

	(void)state;
	for (int node = 0; node < 2; node++) {
		if (node)
			tree_text(DEV "vfio-dev/vfio0/dev", "");
		pci = opened("0000:03:00.0");
		assert_int_equal(mem_attach(mem, pci), 0);
		assert_int_equal(vfio.n_maps, 1);
		assert_int_equal(vfio.maps[0].len, REGION_SIZE);
		assert_int_equal(vfio.maps[0].va + (mem_iova(before) - vfio.maps[0].iova),
				 (uintptr_t)before);
		after = mem_alloc(mem, REGION_SIZE - 4096, 128);
		assert_int_equal(vfio.n_maps, 2);
		mem_free(mem, after);
		assert_int_equal(vfio.n_maps, 1);
		mem_detach(mem, pci);
		assert_int_equal(vfio.n_maps, 0);
		pci->ops->close(pci);
	}
	mem_free(mem, before);
	nic_mem_del(mem);
}

static void iovas_stay_inside_the_reported_ranges(void **state)
{
	struct nic_mem *mem = new_memory();
	void *p = mem_alloc(mem, 4096, 4096), *more[3];
	struct pci_dev *pci;

	(void)state;
	/* Made before the device: at 4 GiB. A machine whose first hole is just there. */
	vfio.ranges[0] = (struct iommufd_range) { 0x140001000, 0x1406fffff };
	vfio.ranges[1] = (struct iommufd_range) { 0x150000000, 0x1505fffff };
	pci = opened("0000:03:00.0");
	assert_int_equal(mem_attach(mem, pci), 0);
	assert_int_equal(mem_iova(p) & ~(REGION_SIZE - 1), 0x140200000);
	for (int i = 0; i < 3; i++) {
		more[i] = mem_alloc(mem, REGION_SIZE - 4096, 128);
		assert_non_null(more[i]);
	}
	assert_int_equal(vfio.maps[1].iova, 0x140400000);
	assert_int_equal(vfio.maps[2].iova, 0x150000000);
	assert_int_equal(vfio.maps[3].iova, 0x150200000);
	for (int i = 0; i < 3; i++)
		assert_int_equal((uintptr_t)more[i] + mem_iova_offset(mem), mem_iova(more[i]));
	for (int i = 0; i < 3; i++)
		mem_free(mem, more[i]);
	mem_detach(mem, pci);
	pci->ops->close(pci);
	mem_free(mem, p);
	nic_mem_del(mem);
}

static void narrow_iommu_gets_low_addresses(void **state)
{
	struct nic_mem *mem = new_memory();
	void *p = mem_alloc(mem, 4096, 4096);
	struct pci_dev *pci;

	(void)state;
	vfio.ranges[1] = vfio.ranges[0];
	pci = opened("0000:03:00.0");
	assert_int_equal(mem_attach(mem, pci), 0);
	assert_int_equal(mem_iova(mem_region(p)), REGION_SIZE);
	mem_detach(mem, pci);
	pci->ops->close(pci);
	mem_free(mem, p);
	nic_mem_del(mem);
}

static void no_room_for_an_iova_is_an_error(void **state)
{
	struct nic_mem *mem = new_memory();
	void *p = mem_alloc(mem, 4096, 4096);
	struct pci_dev *pci;

	(void)state;
	vfio.ranges[0] = (struct iommufd_range) { 0x1000, 0x2fffff };
	vfio.ranges[1] = (struct iommufd_range) { UINT64_MAX - 4096, UINT64_MAX };
	pci = opened("0000:03:00.0");
	assert_int_equal(mem_attach(mem, pci), -ERANGE);
	assert_true(was_logged("no 2 MiB free of holes"));
	pci->ops->close(pci);
	mem_free(mem, p);
	nic_mem_del(mem);
}

static void kernel_without_ranges_gets_39_bits(void **state)
{
	uint64_t iova = (UINT64_C(1) << 39) - 2 * REGION_SIZE + 1;
	struct pci_dev *pci;

	(void)state;
	vfio.no_ranges = 1;
	pci = opened("0000:03:00.0");
	assert_int_equal(pci->ops->dma_place(pci, NULL, REGION_SIZE, &iova), 0);
	assert_int_equal(iova, (UINT64_C(1) << 39) - REGION_SIZE);
	iova++;
	assert_int_equal(pci->ops->dma_place(pci, NULL, REGION_SIZE, &iova), -ERANGE);
	pci->ops->close(pci);
}

static void map_errors_name_the_fix(void **state)
{
	static const struct {
		int error;
		const char *text;
	} cases[] = { { ENOMEM, "ulimit -l unlimited" },
		      { ENOSPC, "dma_entry_limit" },
		      { EEXIST, "same nic_mem" },
		      { EINVAL, "does not map 2048 KiB at IOVA 0x100000000" } };
	struct nic_mem *mem = new_memory();
	void *p = mem_alloc(mem, 4096, 4096);
	struct pci_dev *pci = opened("0000:03:00.0");

	(void)state;
	vfio.fail_request = VFIO_IOMMU_MAP_DMA;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		catch_log();
		vfio.fail_errno = cases[i].error;
		assert_int_equal(mem_attach(mem, pci), -cases[i].error);
		assert_true(was_logged(cases[i].text));
		assert_int_equal(vfio.n_maps, 0);
	}
	pci->ops->close(pci);
	mem_free(mem, p);
	nic_mem_del(mem);
}

/* Two ports of a card without ACS: the kernel hands their group out once. */
static void devices_of_a_group_share_its_space(void **state)
{
	struct nic_mem *mem = new_memory(), *other = new_memory();
	void *p = mem_alloc(mem, 4096, 4096), *q = mem_alloc(other, 4096, 4096);
	struct pci_dev *a, *b;

	(void)state;
	tree_text("sys/bus/pci/devices/0000:03:00.1/class", "0x020000\n");
	tree_link("sys/bus/pci/devices/0000:03:00.1/driver", "../x/vfio-pci");
	tree_link("sys/bus/pci/devices/0000:03:00.1/iommu_group", "../x/7");
	a = opened("0000:03:00.0");
	b = opened("0000:03:00.1");
	assert_int_equal(vfio.open[GROUP - CONTAINER], 1);
	assert_int_equal(mem_attach(mem, a), 0);
	assert_int_equal(mem_attach(mem, b), 0);
	assert_int_equal(vfio.n_map_calls, 1);
	mem_detach(mem, a);
	assert_int_equal(vfio.n_maps, 1);
	a->ops->close(a);
	assert_int_equal(vfio.open[GROUP - CONTAINER], 1);
	/* One space has one memory. */
	a = opened("0000:03:00.0");
	assert_int_equal(mem_attach(other, a), -EEXIST);
	assert_true(was_logged("open the devices of one group on the same nic_mem"));
	a->ops->close(a);
	mem_detach(mem, b);
	assert_int_equal(vfio.n_maps, 0);
	b->ops->close(b);
	mem_free(mem, p);
	mem_free(other, q);
	nic_mem_del(mem);
	nic_mem_del(other);
}

/* ---- interrupts ---- */

static void msix_vectors_grow_and_go(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");
	int fds[4] = { 21, 22, 23, 24 };

	(void)state;
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_MSIX, 0, 2, fds), 0);
	assert_int_equal(vfio.n_irqs[VFIO_PCI_MSIX_IRQ_INDEX], 2);
	assert_int_equal(vfio.irq_offs, 0);
	/* Two more: the kernel adds none to those that are on. */
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_MSIX, 2, 2, fds + 2), 0);
	assert_int_equal(vfio.n_irqs[VFIO_PCI_MSIX_IRQ_INDEX], 4);
	assert_int_equal(vfio.irq_offs, 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(vfio.irq_fds[VFIO_PCI_MSIX_IRQ_INDEX][i], 21 + i);
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_MSIX, 1, 1, NULL), 0);
	assert_int_equal(vfio.irq_fds[VFIO_PCI_MSIX_IRQ_INDEX][1], -1);
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_MSIX, 0, 4, NULL), 0);
	assert_int_equal(vfio.n_irqs[VFIO_PCI_MSIX_IRQ_INDEX], 0);
	pci->ops->close(pci);
}

static void one_type_of_interrupt_at_a_time(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");
	int fd = 21;

	(void)state;
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_INTX, 0, 1, &fd), 0);
	assert_int_equal(pci->ops->irq_unmask(pci), 0);
	assert_int_equal(vfio.unmasks, 1);
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_MSI, 0, 1, &fd), 0);
	assert_int_equal(vfio.n_irqs[VFIO_PCI_INTX_IRQ_INDEX], 0);
	assert_int_equal(vfio.n_irqs[VFIO_PCI_MSI_IRQ_INDEX], 1);
	assert_int_equal(pci->ops->irq_unmask(pci), 0); /* MSI is never masked */
	assert_int_equal(vfio.unmasks, 1);
	pci->ops->close(pci);
	assert_int_equal(vfio.n_irqs[VFIO_PCI_MSI_IRQ_INDEX], 0);
}

static void too_many_vectors_are_refused(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");
	int fds[4] = { 21, 22, 23, 24 };

	(void)state;
	vfio.vectors = 3;
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_MSIX, 0, 4, fds), -ENOSPC);
	assert_true(was_logged("3 are possible"));
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_INTX, 0, 2, fds), -EINVAL);
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_MSIX, 255, 4, fds), -EINVAL);
	pci->ops->close(pci);
}

/* ---- the end ---- */

static void device_asked_back_reads_as_gone(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");
	uint64_t one = 1;

	(void)state;
	memcpy(&vfio.bar[2], "\5\0\0\0", 4);
	assert_int_equal(bar_read(pci, 8), 5);
	assert_int_equal(pci_bus_master(pci, 1), 0);
	assert_int_equal(write(vfio.irq_fds[VFIO_PCI_REQ_IRQ_INDEX][0], &one, 8), 8);
	assert_int_equal(bar_read(pci, 8), UINT32_MAX);
	assert_int_equal(bar_wait(pci, 8, 1, 0, 1000), -ENODEV);
	assert_true(was_logged("wants the device back"));
	/* It does no DMA any more, and its driver's farewell does not reach it half. */
	assert_int_equal(vfio.config[PCI_COMMAND] & MASTER, 0);
	bar_write(pci, 8, 6);
	assert_memory_equal(&vfio.bar[2], "\5\0\0\0", 4);
	pci->ops->close(pci);
}

static void kernel_without_request_interrupt_will_do(void **state)
{
	struct pci_dev *pci;

	(void)state;
	vfio.no_request = 1;
	pci = opened("0000:03:00.0");
	assert_int_equal(bar_read(pci, 8), 0);
	pci->ops->close(pci);
}

static void reset_where_the_function_has_one(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");

	(void)state;
	assert_int_equal(pci->ops->reset(pci), 0);
	assert_int_equal(vfio.resets, 1);
	vfio.fail_request = VFIO_DEVICE_RESET;
	vfio.fail_errno = EINVAL;
	assert_int_equal(pci->ops->reset(pci), -ENOTSUP);
	pci->ops->close(pci);
}

#define T(test) cmocka_unit_test_setup_teardown(test, new_machine, del_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(opens_by_group_and_finds_ids),
		T(address_needs_no_domain),
		T(opens_by_node_where_there_is_one),
		T(node_without_rights_falls_back_to_the_group),
		T(bus_master_only_between_driver_and_close),
		T(registers_are_little_endian_words),
		T(outside_of_a_bar_reads_all_ones),
		T(refusals_name_cause_and_fix),
		T(node_refusals_close_what_was_opened),
		T(group_with_kernel_drivers_names_them),
		T(device_without_group_is_told_about_iommus),
		T(made_up_group_wants_to_be_asked_for),
		T(memory_is_mapped_at_its_iova_and_unmapped),
		T(iovas_stay_inside_the_reported_ranges),
		T(narrow_iommu_gets_low_addresses),
		T(no_room_for_an_iova_is_an_error),
		T(kernel_without_ranges_gets_39_bits),
		T(map_errors_name_the_fix),
		T(devices_of_a_group_share_its_space),
		T(msix_vectors_grow_and_go),
		T(one_type_of_interrupt_at_a_time),
		T(too_many_vectors_are_refused),
		T(device_asked_back_reads_as_gone),
		T(kernel_without_request_interrupt_will_do),
		T(reset_where_the_function_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
