/* SPDX-License-Identifier: BSD-2-Clause
 *
 * PCI configuration space: 82540EM 4.1, 82574 9.1. Capabilities lie where QEMU has them.
 */
#include "models/e1000/e1000.h"

enum { PM_82540EM = 0xdc, PM_82574L = 0xc8, MSI = 0xd0, PCIE = 0xe0, MSIX = 0xa0 };

static void init_82540em(struct config *c)
{
	config_put(c, 0x04, 2, 2, 0x0557); /* memory decode on, as firmware leaves it */
	config_put(c, 0x08, 4, 0x02000003, 0);
	config_put(c, 0x14, 4, 0x1, 0xffffffc0); /* BAR1: 64 bytes of I/O */
	config_put(c, 0x34, 1, PM_82540EM, 0);
	config_put(c, PM_82540EM, 4, 0x00220001, 0);
	config_put(c, PM_82540EM + 4, 2, 0, 0x8103);
}

static void init_82574l(struct model *m, struct config *c)
{
	c->msi = MSI;
	c->msix = MSIX;
	c->pcie = PCIE;
	c->vectors = m->opt.vectors && m->opt.vectors < VECTORS ? m->opt.vectors : VECTORS;
	config_put(c, 0x04, 2, 2, 0x0547);
	config_put(c, 0x08, 4, 0x02000000, 0);
	config_put(c, 0x14, 4, 0x0, 0xfffe0000); /* BAR1: 128 KiB, flash */
	config_put(c, 0x18, 4, 0x1, 0xffffffe0); /* BAR2: 32 bytes of I/O */
	config_put(c, 0x1c, 4, 0x0, 0xffffc000); /* BAR3: 16 KiB, MSI-X */
	config_put(c, 0x34, 1, PM_82574L, 0);
	config_put(c, PM_82574L, 4, 0x00220001 | MSI << 8, 0);
	config_put(c, PM_82574L + 4, 2, 0, 0x8103);
	config_put(c, MSI, 4, 0x00800005 | PCIE << 8, 0x00010000); /* 64-bit */
	config_put(c, MSI + 4, 4, 0, 0xfffffffc);
	config_put(c, MSI + 8, 4, 0, 0xffffffff);
	config_put(c, MSI + 12, 2, 0, 0xffff);
	config_put(c, PCIE, 4, 0x00010010 | MSIX << 8, 0); /* version 1 endpoint */
	config_put(c, PCIE + 4, 4, 0x00008cc1, 0);         /* no function level reset */
	config_put(c, PCIE + 8, 2, 0x2810, 0x7fff);
	config_put(c, PCIE + 12, 4, 0x00021c11, 0); /* link: 2.5 GT/s x1 */
	config_put(c, PCIE + 16, 2, 0, 0x01fb);
	config_put(c, PCIE + 18, 2, 0x1011, 0);
	config_put(c, MSIX, 4, (c->vectors - 1) << 16 | 0x11, 0xc0000000);
	config_put(c, MSIX + 4, 4, 3, 0); /* table: BAR3 + 0 */
	config_put(c, MSIX + 8, 4, MSIX_PBA_OFFSET | 3, 0);
}

void e1k_config_init(struct model *m)
{
	struct config *c = &m->config;

	config_clear(c);
	config_put(c, 0x00, 2, 0x8086, 0);
	config_put(c, 0x02, 2, m->device, 0);
	config_put(c, 0x06, 2, 0x0010, 0);       /* status: capability list */
	config_put(c, 0x0c, 1, 0, 0xff);         /* cache line size */
	config_put(c, 0x10, 4, 0x0, 0xfffe0000); /* BAR0: 128 KiB */
	config_put(c, 0x2c, 2, 0x8086, 0);
	config_put(c, 0x2e, 2, m->pcie ? 0x0000 : 0x001e, 0);
	config_put(c, 0x3c, 1, 0, 0xff);
	config_put(c, 0x3d, 1, 1, 0);
	if (m->pcie)
		init_82574l(m, c);
	else
		init_82540em(c);
}

void e1k_config_read(struct model *m, unsigned off, void *buf, size_t len)
{
	config_get(&m->config, off, buf, len);
}

void e1k_config_write(struct model *m, unsigned off, const void *buf, size_t len)
{
	int was_msix = config_msix_on(&m->config);

	config_set(&m->config, off, buf, len); /* neither chip has a function level reset */
	dma_forget(&m->dma);                   /* bus master may have changed */
	msix_unmasked(&m->config, m->host);
	if (config_msix_on(&m->config) && !was_msix)
		m->signalled = 0; /* what is pending is due as messages now */
	e1k_irq_update(m);
}
