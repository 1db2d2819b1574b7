/* SPDX-License-Identifier: BSD-2-Clause
 *
 * PCI configuration space (82599 9.3) and the MSI-X BAR.
 */
#include "models/82599/82599.h"

enum { CAP_PM = 0x40, CAP_MSI = 0x50, CAP_MSIX = 0x70, CAP_PCIE = 0xa0 };

void function_init(struct model *m)
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
	config_put(c, 0x08, 4, 0x02000001, 0);   /* Ethernet controller, revision 1 */
	config_put(c, 0x0c, 1, 0, 0xff);         /* cache line size */
	config_put(c, 0x10, 4, 0x4, 0xfffe0000); /* BAR0: 128 KiB, 64-bit */
	config_put(c, 0x14, 4, 0, 0xffffffff);
	config_put(c, 0x18, 4, 0x1, 0xffffffe0); /* BAR2: 32 bytes of I/O */
	config_put(c, 0x20, 4, 0x4, 0xffffc000); /* BAR4: 16 KiB, 64-bit: MSI-X */
	config_put(c, 0x24, 4, 0, 0xffffffff);
	config_put(c, 0x2c, 2, 0x8086, 0);
	config_put(c, 0x2e, 2, m->device == 0x10fb ? 0x0003 : 0x0001, 0);
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
	config_put(c, CAP_MSIX + 4, 4, 4, 0);                   /* table: BAR4 + 0 */
	config_put(c, CAP_MSIX + 8, 4, MSIX_PBA_OFFSET | 4, 0); /* PBA: BAR4 + 0x2000 */
	config_put(c, CAP_PCIE, 4, 0x00020010, 0);              /* version 2 endpoint */
	config_put(c, CAP_PCIE + 4, 4, 0x10008cc2, 0);          /* device capabilities, FLR */
	config_put(c, CAP_PCIE + 8, 2, 0x2810, 0x7fff);
	config_put(c, CAP_PCIE + 12, 4, 0x00027482, 0); /* link capabilities: 5 GT/s x8 */
	config_put(c, CAP_PCIE + 16, 2, 0, 0x01fb);
	config_put(c, CAP_PCIE + 18, 2, 0x1082, 0); /* link status: 5 GT/s x8 */
	config_put(c, CAP_PCIE + 36, 4, 0x0000001f, 0);
	config_put(c, CAP_PCIE + 40, 2, 0, 0x001f);
}

void function_read(struct model *m, unsigned off, void *buf, size_t len)
{
	config_get(&m->config, off, buf, len);
}

void msix_bar_write(struct model *m, uint32_t off, uint64_t value, unsigned size)
{
	msix_table_write(&m->config, off, value, size);
	msix_unmasked(&m->config, m->host);
	irq_update(m);
}

void function_write(struct model *m, unsigned off, const void *buf, size_t len)
{
	int was_msix = msix_on(m);

	if (config_set(&m->config, off, buf, len)) {
		model_82599.reset(m);
		return;
	}
	dma_forget(&m->dma); /* bus master may have changed */
	msix_unmasked(&m->config, m->host);
	if (msix_on(m) && !was_msix)
		m->signalled = 0; /* what is pending is due as messages now */
	irq_update(m);
}
