/* SPDX-License-Identifier: BSD-2-Clause
 *
 * PCI configuration space (82576 9) and the MSI-X BAR. Where the capabilities lie: QEMU's igb and
 * lspci of an I350.
 */
#include "models/82576/82576.h"

enum { CAP_PM = 0x40, CAP_MSI = 0x50, CAP_MSIX = 0x70, CAP_PCIE = 0xa0 };

void m76_function_init(struct model *m)
{
	struct config *c = &m->config;

	config_clear(c);
	c->msi = CAP_MSI;
	c->msix = CAP_MSIX;
	c->pcie = CAP_PCIE;
	c->vectors = m->opt.vectors && m->opt.vectors < VECTORS ? m->opt.vectors : VECTORS;
	config_put(c, 0x00, 2, 0x8086, 0);
	config_put(c, 0x02, 2, m->device, 0);
	config_put(c, 0x04, 2, 2, 0x0547); /* command; memory decode on, as firmware leaves it */
	config_put(c, 0x06, 2, 0x0010, 0); /* status: capability list */
	config_put(c, 0x08, 4, 0x02000001, 0); /* Ethernet controller, revision 1 */
	config_put(c, 0x0c, 1, 0, 0xff);       /* cache line size */
	config_put(c, 0x10, 4, 0, 0xfffe0000); /* BAR0: 128 KiB */
	config_put(c, 0x18, 4, 1, 0xffffffe0); /* BAR2: 32 bytes of I/O */
	config_put(c, 0x1c, 4, 0, 0xffffc000); /* BAR3: 16 KiB: MSI-X */
	config_put(c, 0x2c, 2, 0x8086, 0);
	config_put(c, 0x2e, 2, 0xa03c, 0);
	config_put(c, 0x34, 1, CAP_PM, 0);
	config_put(c, 0x3c, 1, 0, 0xff);
	config_put(c, 0x3d, 1, 1, 0);
	config_put(c, CAP_PM, 4, 0x00030001 | CAP_MSI << 8, 0);
	config_put(c, CAP_PM + 4, 2, 0, 0x8103);
	config_put(c, CAP_MSI, 4, 0x01800005 | CAP_MSIX << 8, 0x00010000); /* 64-bit, maskable */
	config_put(c, CAP_MSI + 4, 4, 0, 0xfffffffc);
	config_put(c, CAP_MSI + 8, 4, 0, 0xffffffff);
	config_put(c, CAP_MSI + 12, 2, 0, 0xffff);
	config_put(c, CAP_MSI + 16, 4, 0, 1);
	config_put(c, CAP_MSIX, 4, (c->vectors - 1) << 16 | CAP_PCIE << 8 | 0x11, 0xc0000000);
	config_put(c, CAP_MSIX + 4, 4, 3, 0);                   /* table: BAR3 + 0 */
	config_put(c, CAP_MSIX + 8, 4, MSIX_PBA_OFFSET | 3, 0); /* PBA: BAR3 + 0x2000 */
	config_put(c, CAP_PCIE, 4, 0x00020010, 0);              /* version 2 endpoint */
	config_put(c, CAP_PCIE + 4, 4, 0x10008cc2, 0);          /* device capabilities, FLR */
	config_put(c, CAP_PCIE + 8, 2, 0x2810, 0x7fff);
	config_put(c, CAP_PCIE + 12, 4, 0x00027441, 0); /* link capabilities: 2.5 GT/s x4 */
	config_put(c, CAP_PCIE + 16, 2, 0, 0x01fb);
	config_put(c, CAP_PCIE + 18, 2, 0x1041, 0); /* link status: 2.5 GT/s x4 */
	config_put(c, CAP_PCIE + 36, 4, 0x0000001f, 0);
	config_put(c, CAP_PCIE + 40, 2, 0, 0x001f);
}

void m76_function_read(struct model *m, unsigned off, void *buf, size_t len)
{
	config_get(&m->config, off, buf, len);
}

void m76_msix_write(struct model *m, uint32_t off, uint64_t value, unsigned size)
{
	msix_table_write(&m->config, off, value, size);
	msix_unmasked(&m->config, m->host);
	m76_irq_update(m);
}

void m76_function_write(struct model *m, unsigned off, const void *buf, size_t len)
{
	int was_msix = config_msix_on(&m->config);

	if (config_set(&m->config, off, buf, len)) {
		model_82576.reset(m);
		return;
	}
	dma_forget(&m->dma); /* bus master may have changed */
	msix_unmasked(&m->config, m->host);
	if (config_msix_on(&m->config) && !was_msix)
		m->signalled = 0; /* what is pending is due as messages now */
	m76_irq_update(m);
}
