/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Devices without vfio: which backend a URI gets, the sysfs backend on a tree of files, physical
 * addresses from a made-up pagemap, also for VFIO's no-IOMMU mode.
 */
#define _GNU_SOURCE
#include "fake_vfio.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>

#include "bus/bus.h"
#include "mem/phys.h"
#include "mem/region.h"

#define PAGE  4096u
#define FRAME UINT64_C(0x1234) /* of the first page that a test makes up */

static struct kernel k;

/* The same machine with the device as firmware left it: no driver, no IOMMU, mastering on. */
static int new_bare(void **state)
{
	static const char config[64] = { '\x86', '\x80', '\xfb', '\x10', 6 };
	static const char bar[8192];

	if (new_machine(state))
		return -1;
	k = fake_kernel();
	unlink(tree_path(DEV "driver"));
	unlink(tree_path(DEV "iommu_group"));
	tree_file(DEV "config", config, sizeof(config));
	tree_file(DEV "resource0", bar, sizeof(bar));
	tree_file(DEV "resource3", bar, 4096);
	tree_text(DEV "enable", "0");
	tree_text(DEV "reset", "");
	return 0;
}

static struct pci_dev *opened(const char *rest)
{
	struct pci_dev *pci = NULL;

	assert_int_equal(real_open(&pci, &k, rest, "pci:test"), 0);
	return pci;
}

static int refused(const char *rest)
{
	struct pci_dev *pci = NULL;
	int err = real_open(&pci, &k, rest, "pci:test");

	assert_true(err < 0);
	assert_null(pci);
	return err;
}

/* ---- URIs and owners ---- */

static void addresses_are_told_from_other_names(void **state)
{
	static const char *const good[] = { "0000:03:00.0", "03:00.7", "FFFF:ff:1f.0",
					    "03:00.0?sysfs" };
	static const char *const bad[] = { "",        "03:00",        "03:00.8", "03:00.0x",
					   "3:00.0",  "000:03:00.0",  "model:x", "03:00.00",
					   "03:0g.0", "00000:03:00.0" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(bus_is_address(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(bus_is_address(bad[i]));
}

static void uri_options(void **state)
{
	static const char *const bad[] = { "nonsense",        "03:00.0?",
					   "03:00.0?uio",     "03:00.0?sysfs&",
					   "03:00.0?sysfs=1", "03:00.0?sysfs&noiommu",
					   "03:00.0/../../x" };
	struct real_uri uri;

	(void)state;
	assert_int_equal(real_parse(&uri, "0A:1F.7"), 0);
	assert_string_equal(uri.address, "0000:0a:1f.7");
	assert_int_equal(real_parse(&uri, "0001:03:00.0?noiommu"), 0);
	assert_string_equal(uri.address, "0001:03:00.0");
	assert_true(uri.noiommu);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		catch_log();
		assert_int_equal(real_parse(&uri, bad[i]), -EINVAL);
		assert_true(was_logged("sysfs"));
	}
}

static void absent_device(void **state)
{
	(void)state;
	assert_int_equal(refused("0000:04:00.0"), -ENOENT);
	assert_true(was_logged("nicety list"));
}

static void kernel_drivers_keep_their_device(void **state)
{
	(void)state;
	tree_link(DEV "driver", "../drivers/ixgbe");
	assert_int_equal(refused("0000:03:00.0"), -EBUSY);
	assert_true(was_logged("belongs to the kernel's ixgbe; take it over: nicety bind"));
	tree_text(DEV "net/eth7/mtu", "1500");
	assert_int_equal(refused("0000:03:00.0?sysfs"), -EBUSY);
	assert_true(was_logged("as interface eth7"));
	assert_int_equal(refused("0000:03:00.0?noiommu"), -EBUSY);
}

static void backend_follows_the_driver(void **state)
{
	struct pci_dev *pci;

	(void)state;
	tree_link(DEV "driver", "../drivers/vfio-pci");
	assert_int_equal(refused("0000:03:00.0?sysfs"), -EBUSY);
	assert_true(was_logged("bound to vfio-pci"));
	/* A driver has enabled the device, and the kernel lets nobody else. */
	tree_link(DEV "driver", "../drivers/uio_pci_generic");
	vfio.deny_path = "/enable";
	vfio.deny_errno = EBUSY;
	pci = opened("0000:03:00.0");
	pci->ops->close(pci);
	vfio.deny_path = NULL;
	unlink(tree_path(DEV "driver"));
	assert_int_equal(refused("0000:03:00.0?noiommu"), -ENODEV);
}

/* ---- the device ---- */

static void life_of_a_device(void **state)
{
	struct pci_dev *pci = opened("03:00.0");

	(void)state;
	assert_int_equal(pci->vendor, 0x8086);
	assert_int_equal(pci->device, 0x10fb);
	assert_string_equal(tree_read(DEV "enable"), "1");
	/* What a killed process left on is off until the driver asks. */
	assert_int_equal(tree_read(DEV "config")[PCI_COMMAND], PCI_COMMAND_MEMORY);
	assert_int_equal(pci_bus_master(pci, 1), 0);
	assert_int_equal(tree_read(DEV "config")[PCI_COMMAND], 6);
	bar_write(pci, 16, 0x11223344);
	assert_int_equal(bar_read(pci, 16), 0x11223344);
	assert_memory_equal(pci->ops->bar_map(pci, 0, 16), "\x44\x33\x22\x11", 4);
	pci->ops->bar_write(pci, 3, 0, 7);
	assert_int_equal(pci->ops->bar_read(pci, 3, 0), 7);
	assert_int_equal(bar_read(pci, 8192), UINT32_MAX);
	assert_int_equal(pci->ops->bar_read(pci, 1, 0), UINT32_MAX);
	assert_int_equal(pci->ops->reset(pci), 0);
	assert_string_equal(tree_read(DEV "reset"), "1");
	unlink(tree_path(DEV "reset"));
	assert_int_equal(pci->ops->reset(pci), -ENOTSUP);
	pci->ops->close(pci);
	assert_int_equal(tree_read(DEV "config")[PCI_COMMAND], PCI_COMMAND_MEMORY);
	assert_string_equal(tree_read(DEV "enable"), "0");
}

static void one_process_at_a_time(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");

	(void)state;
	assert_int_equal(refused("0000:03:00.0"), -EBUSY);
	assert_true(was_logged("another process"));
	/* The refused one has not touched the device. */
	assert_string_equal(tree_read(DEV "enable"), "1");
	pci->ops->close(pci);
	pci = opened("0000:03:00.0");
	pci->ops->close(pci);
}

static void translated_devices_are_refused(void **state)
{
	struct pci_dev *pci;

	(void)state;
	tree_link(DEV "iommu_group", "../../../kernel/iommu_groups/7");
	assert_int_equal(refused("0000:03:00.0"), -ENOTSUP);
	assert_true(was_logged("type DMA"));
	assert_true(was_logged("nicety bind 0000:03:00.0 vfio-pci"));
	unlink(tree_path("sys/kernel/iommu_groups/7/type"));
	assert_int_equal(refused("0000:03:00.0"), -ENOTSUP);
	tree_text("sys/kernel/iommu_groups/7/type", "identity\n");
	pci = opened("0000:03:00.0");
	pci->ops->close(pci);
}

static void file_errors_name_the_fix(void **state)
{
	static const struct {
		const char *file;
		int error;
		const char *text;
	} cases[] = {
		{ "/resource0", EACCES, "run as root" },
		{ "/resource0", EPERM, "lockdown" },
		{ "/config", EACCES, "run as root" },
		{ "/enable", EACCES, "run as root" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		catch_log();
		vfio.deny_path = cases[i].file;
		vfio.deny_errno = cases[i].error;
		assert_int_equal(refused("0000:03:00.0"), -cases[i].error);
		assert_true(was_logged(cases[i].file));
		assert_true(was_logged(cases[i].text));
	}
	vfio.deny_path = NULL;
	tree_file(DEV "resource0", "", 0);
	assert_true(refused("0000:03:00.0") < 0);
	assert_string_equal(tree_read(DEV "enable"), "0");
}

/* ---- interrupts ---- */

static void interrupts_need_a_kernel_driver(void **state)
{
	struct pci_dev *pci = opened("0000:03:00.0");
	int fd = eventfd(0, EFD_NONBLOCK);

	(void)state;
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_MSIX, 0, 1, &fd), -ENOTSUP);
	assert_true(was_logged("MSI and MSI-X need vfio"));
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_INTX, 0, 1, &fd), -ENOTSUP);
	assert_true(was_logged("uio_pci_generic, for INTx"));
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_INTX, 0, 1, NULL), 0);
	pci->ops->close(pci);
	close(fd);
}

static void intx_comes_through_uio(void **state)
{
	static const char off[2] = { 2, PCI_COMMAND_INTX_OFF >> 8 };
	struct pollfd pfd = { .fd = eventfd(0, EFD_NONBLOCK), .events = POLLIN };
	const uint32_t count = 1;
	struct pci_dev *pci;
	uint64_t signals;
	int uio;

	(void)state;
	tree_text(DEV "uio/uio0/name", "uio_pci_generic");
	tree_text("dev/x", "");
	assert_int_equal(mkfifo(tree_path("dev/uio0"), 0600), 0);
	uio = open(tree_path("dev/uio0"), O_RDWR);
	assert_true(uio >= 0);
	pci = opened("0000:03:00.0");
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_INTX, 0, 1, &pfd.fd), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(write(uio, &count, 4), 4);
		assert_int_equal(poll(&pfd, 1, 10000), 1);
		assert_int_equal(read(pfd.fd, &signals, 8), 8);
		/* The kernel masked the line; the driver cleared the cause and lets it through. */
		assert_int_equal(pci->ops->config_write(pci, PCI_COMMAND, off, 2), 0);
		assert_int_equal(pci->ops->irq_unmask(pci), 0);
		assert_memory_equal(tree_read(DEV "config") + PCI_COMMAND, "\2\0", 2);
	}
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_INTX, 0, 1, NULL), 0);
	assert_int_equal(pci->ops->irq_set(pci, PCI_IRQ_INTX, 0, 1, &pfd.fd), 0);
	pci->ops->close(pci); /* with the thread at work */
	close(uio);
	close(pfd.fd);
}

/* ---- physical addresses ---- */

static void put_word(const char *file, off_t at, uint64_t word)
{
	int fd;

	tree_parents(file);
	fd = open(tree_path(file), O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, &word, 8, at), 8);
	close(fd);
}

/* Page @i of @va lies in frame @pfn. */
static void put_page(const void *va, unsigned i, uint64_t pfn)
{
	put_word("proc/self/pagemap", (off_t)(((uintptr_t)va / PAGE + i) * 8),
		 UINT64_C(1) << 63 | pfn);
}

static void put_pages(const void *va, unsigned n, uint64_t pfn)
{
	for (unsigned i = 0; i < n; i++)
		put_page(va, i, pfn + i);
	put_word("proc/kpageflags", (off_t)(pfn * 8), UINT64_C(1) << 17);
}

static void physical_addresses(void **state)
{
	static const char *const va = (char *)(uintptr_t)0x7f1234600000;
	uint64_t phys = 0;

	(void)state;
	assert_int_equal(mem_phys(va, 8 * PAGE, &phys), -ENOENT);
	put_pages(va, 1100, FRAME);
	assert_int_equal(mem_phys(va, 1100 * PAGE, &phys), 0);
	assert_int_equal(phys, FRAME * PAGE);
	/* In pieces */
	put_page(va, 1050, 99);
	assert_int_equal(mem_phys(va, 1100 * PAGE, &phys), -ENOTSUP);
	assert_true(was_logged("not contiguous; reserve hugepages: echo"));
	/* Never touched, or swapped out */
	put_word("proc/self/pagemap", (off_t)((uintptr_t)va / PAGE * 8), 0);
	assert_int_equal(mem_phys(va, 8 * PAGE, &phys), -ENOTSUP);
	/* Without the right to know */
	put_page(va, 0, 0);
	assert_int_equal(mem_phys(va, PAGE, &phys), -EPERM);
	assert_true(was_logged("run as root"));
	/* Ordinary pages that happen to lie in a row */
	put_pages(va, 8, FRAME);
	put_word("proc/kpageflags", FRAME * 8, 0);
	assert_int_equal(mem_phys(va, 8 * PAGE, &phys), -ENOTSUP);
	assert_true(was_logged("which the kernel moves"));
	assert_int_equal(phys, FRAME * PAGE);
}

static struct nic_mem *new_memory(void)
{
	struct nic_mem_config cfg = { .page_size = 4096 };
	struct nic_mem *mem;

	assert_int_equal(nic_mem_new(&mem, &cfg), 0);
	return mem;
}

/* A made-up machine: pages come from everywhere in 16 GiB, as scattered as they are. */
static unsigned n_pages;
static uint64_t scattered[8];

static int scatter(const void *va, size_t len, uint64_t *phys)
{
	(void)va;
	assert_int_equal(len, REGION_SIZE);
	*phys = scattered[n_pages++ % 8];
	return 0;
}

static int where_it_is(struct pci_dev *dev, const void *va, size_t len, uint64_t *iova);

static int nothing(struct pci_dev *dev, void *va, size_t len, uint64_t iova)
{
	(void)dev;
	(void)va;
	(void)len;
	(void)iova;
	return 0;
}

static int nothing_at_all(struct pci_dev *dev, uint64_t iova, size_t len)
{
	(void)dev;
	(void)iova;
	(void)len;
	return 0;
}

static const struct pci_ops plain_ops = { .dma_map = nothing, .dma_unmap = nothing_at_all };
static const struct pci_ops physical_ops = { .dma_map = nothing,
					     .dma_unmap = nothing_at_all,
					     .dma_place = where_it_is };

static struct nic_mem *by_phys;
static uint64_t by_phys_base;

/* What a device without an IOMMU asks for. */
static int where_it_is(struct pci_dev *dev, const void *va, size_t len, uint64_t *iova)
{
	(void)dev;
	(void)len;
	if (va)
		*iova = (uintptr_t)va - (uintptr_t)by_phys->arena.base + by_phys_base;
	return 0;
}

static void memory_by_physical_address(void **state)
{
	static const uint64_t at[] = { 900, 3, 904, 902, 7000, 8, 6, 4 };
	struct pci_dev first = { .ops = &physical_ops, .name = "pci:first" };
	struct pci_dev second = { .ops = &physical_ops, .name = "pci:second" };
	struct pci_dev model = { .ops = &plain_ops, .name = "model:x" };
	char *pieces[8];

	(void)state;
	n_pages = 0;
	for (int i = 0; i < 8; i++)
		scattered[i] = at[i] * REGION_SIZE;
	by_phys = new_memory();
	mem_by_phys(by_phys, scatter);
	by_phys_base = 0;
	/* Pools may be there before the devices. */
	for (int i = 0; i < 4; i++)
		pieces[i] = mem_alloc(by_phys, REGION_SIZE - 4096, 128);
	assert_int_equal(mem_attach(by_phys, &first), 0);
	assert_int_equal(mem_attach(by_phys, &model), 0);
	assert_int_equal(mem_attach(by_phys, &second), 0);
	for (int i = 4; i < 8; i++)
		pieces[i] = mem_alloc(by_phys, REGION_SIZE - 4096, 128);
	for (int i = 0; i < 8; i++) {
		assert_non_null(pieces[i]);
		assert_int_equal(mem_iova(mem_region(pieces[i])), scattered[i]);
		assert_int_equal((uintptr_t)pieces[i] + mem_iova_offset(by_phys),
				 mem_iova(pieces[i]));
		memset(pieces[i], i, REGION_SIZE - 4096);
	}
	for (int i = 0; i < 8; i++)
		assert_int_equal(pieces[i][REGION_SIZE - 4097], i);
	/* A page that is where another is already is no page. */
	assert_null(mem_alloc(by_phys, REGION_SIZE - 4096, 128));
	assert_true(was_logged("out of reach"));
	mem_detach(by_phys, &first);
	mem_detach(by_phys, &second);
	mem_detach(by_phys, &model);
	for (int i = 0; i < 8; i++)
		mem_free(by_phys, pieces[i]);
	nic_mem_del(by_phys);
}

static void memory_far_up_gets_a_window(void **state)
{
	struct pci_dev dev = { .ops = &physical_ops, .name = "pci:first" };
	const uint64_t far = UINT64_C(3) << 40;
	void *p, *q;

	(void)state;
	n_pages = 0;
	scattered[0] = far + REGION_SIZE;
	scattered[1] = far - (UINT64_C(100) << 30);
	scattered[2] = far + (UINT64_C(130) << 30);
	by_phys = new_memory();
	mem_by_phys(by_phys, scatter);
	by_phys_base = far - (UINT64_C(128) << 30);
	p = mem_alloc(by_phys, REGION_SIZE - 4096, 128);
	assert_int_equal(mem_attach(by_phys, &dev), 0);
	q = mem_alloc(by_phys, REGION_SIZE - 4096, 128);
	assert_int_equal(mem_iova(mem_region(q)), scattered[1]);
	assert_null(mem_alloc(by_phys, REGION_SIZE - 4096, 128));
	assert_true(was_logged("one NUMA node"));
	mem_detach(by_phys, &dev);
	mem_free(by_phys, p);
	mem_free(by_phys, q);
	nic_mem_del(by_phys);
}

static void physical_memory_wants_hugepages(void **state)
{
	static const struct nic_mem_config bad[] = { { .physical = 1, .page_size = 4096 },
						     { .physical = 1, .shared = 1 } };
	struct nic_mem *mem = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		catch_log();
		assert_int_equal(nic_mem_new(&mem, &bad[i]), -EINVAL);
		assert_true(was_logged("wants hugepages"));
		assert_null(mem);
	}
}

static void ordinary_memory_of_one_piece_will_do(void **state)
{
	struct nic_mem *mem = new_memory();
	void *p = mem_alloc(mem, 4096, 4096);
	struct pci_dev *pci;

	(void)state;
	put_pages(mem_region(p), REGION_SIZE / PAGE, FRAME);
	for (int i = 0; i < 2; i++) {
		if (i) { /* and the same with VFIO, by name */
			tree_link(DEV "driver", "../drivers/vfio-pci");
			tree_link(DEV "iommu_group", "../../../kernel/iommu_groups/7");
		}
		pci = opened(i ? "03:00.0?noiommu" : "03:00.0");
		assert_int_equal(mem_attach(mem, pci), 0);
		assert_int_equal(mem_iova(mem_region(p)), FRAME * PAGE);
		/* Of more memory nothing is known: it cannot be used, and nothing leaks. */
		assert_null(mem_alloc(mem, REGION_SIZE - 4096, 128));
		mem_detach(mem, pci);
		pci->ops->close(pci);
	}
	assert_int_equal(vfio.set_iommu, VFIO_NOIOMMU_IOMMU);
	assert_int_equal(vfio.n_map_calls, 0);
	mem_free(mem, p);
	nic_mem_del(mem);
}

static void ordinary_memory_in_pieces_names_the_flag(void **state)
{
	struct nic_mem *mem = new_memory();
	void *p = mem_alloc(mem, REGION_SIZE - 4096, 128);
	void *q = mem_alloc(mem, REGION_SIZE - 4096, 128);
	struct pci_dev *pci = opened("03:00.0");

	(void)state;
	put_pages(mem_region(p), REGION_SIZE / PAGE, FRAME);
	put_pages(mem_region(q), REGION_SIZE / PAGE, 5 * FRAME);
	assert_int_equal(mem_attach(mem, pci), -EADDRNOTAVAIL);
	assert_true(was_logged("set nic_mem_config.physical"));
	pci->ops->close(pci);
	mem_free(mem, p);
	mem_free(mem, q);
	nic_mem_del(mem);
}

static void uris_tell_who_wants_physical_addresses(void **state)
{
	(void)state;
	setenv("NICETY_SYSFS", vfio.tree_sys, 1);
	assert_true(nic_wants_physical("03:00.0"));
	assert_true(nic_wants_physical("trace+pci:0000:03:00.0?sysfs"));
	tree_link(DEV "driver", "../drivers/vfio-pci");
	assert_false(nic_wants_physical("03:00.0"));
	assert_true(nic_wants_physical("03:00.0?noiommu"));
	tree_link(DEV "driver", "../drivers/uio_pci_generic");
	assert_true(nic_wants_physical("03:00.0"));
	assert_false(nic_wants_physical("model:82599"));
	assert_false(nic_wants_physical("pci:nonsense"));
	assert_false(nic_wants_physical("04:00.0"));
	unsetenv("NICETY_SYSFS");
}

static void memory_of_other_devices_does_not_move(void **state)
{
	struct pci_dev other = { .ops = &plain_ops, .name = "model:first" };
	struct nic_mem *mem = new_memory();
	void *p = mem_alloc(mem, 4096, 4096);
	struct pci_dev *pci = opened("03:00.0");
	uint64_t iova = mem_iova(p);

	(void)state;
	put_pages(mem_region(p), REGION_SIZE / PAGE, FRAME);
	assert_int_equal(mem_attach(mem, &other), 0);
	assert_int_equal(mem_attach(mem, pci), -EADDRNOTAVAIL);
	assert_true(was_logged("where model:first has it: open it first"));
	assert_int_equal(mem_iova(p), iova);
	mem_detach(mem, &other);
	/* In the other order it works. */
	assert_int_equal(mem_attach(mem, pci), 0);
	assert_int_equal(mem_attach(mem, &other), 0);
	assert_int_equal(mem_iova(mem_region(p)), FRAME * PAGE);
	mem_detach(mem, pci);
	mem_detach(mem, &other);
	pci->ops->close(pci);
	mem_free(mem, p);
	nic_mem_del(mem);
}

static void noiommu_wants_its_node_and_its_right(void **state)
{
	(void)state;
	tree_link(DEV "driver", "../drivers/vfio-pci");
	tree_link(DEV "iommu_group", "../../../kernel/iommu_groups/7");
	vfio.deny_path = "/vfio/noiommu-7";
	vfio.deny_errno = ENOENT;
	assert_int_equal(refused("03:00.0?noiommu"), -ENOENT);
	assert_true(was_logged("enable_unsafe_noiommu_mode"));
	vfio.deny_errno = EPERM;
	assert_int_equal(refused("03:00.0?noiommu"), -EPERM);
	assert_true(was_logged("CAP_SYS_RAWIO"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, new_bare, del_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(addresses_are_told_from_other_names),
		T(uri_options),
		T(absent_device),
		T(kernel_drivers_keep_their_device),
		T(backend_follows_the_driver),
		T(life_of_a_device),
		T(one_process_at_a_time),
		T(translated_devices_are_refused),
		T(file_errors_name_the_fix),
		T(interrupts_need_a_kernel_driver),
		T(intx_comes_through_uio),
		T(physical_addresses),
		T(memory_by_physical_address),
		T(memory_far_up_gets_a_window),
		T(physical_memory_wants_hugepages),
		T(ordinary_memory_of_one_piece_will_do),
		T(ordinary_memory_in_pieces_names_the_flag),
		T(uris_tell_who_wants_physical_addresses),
		T(memory_of_other_devices_does_not_move),
		T(noiommu_wants_its_node_and_its_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
