/* SPDX-License-Identifier: BSD-2-Clause
 *
 * PCI configuration space (82599 9.3) and the MSI-X BAR.
 */
#include "models/82599/82599.h"

enum { CAP_PM = 0x40, CAP_MSI = 0x50, CAP_MSIX = 0x70, CAP_PCIE = 0xa0 };
#define PBA_OFFSET 0x2000u

static void put(struct model *m, unsigned off, unsigned size, uint32_t value, uint32_t writable)
{
	for (unsigned i = 0; i < size; i++) {
		m->config[off + i] = (uint8_t)(value >> 8 * i);
		m->config_mask[off + i] = (uint8_t)(writable >> 8 * i);
	}
}

void config_init(struct model *m)
{
	memset(m->config, 0, sizeof(m->config));
	memset(m->config_mask, 0, sizeof(m->config_mask));
	put(m, 0x00, 2, 0x8086, 0);
	put(m, 0x02, 2, m->device, 0);
	put(m, 0x04, 2, 2, 0x0547);       /* command; memory decode on, as firmware leaves it */
	put(m, 0x06, 2, 0x0010, 0);       /* status: capability list */
	put(m, 0x08, 4, 0x02000001, 0);   /* Ethernet controller, revision 1 */
	put(m, 0x0c, 1, 0, 0xff);         /* cache line size */
	put(m, 0x10, 4, 0x4, 0xfffe0000); /* BAR0: 128 KiB, 64-bit */
	put(m, 0x14, 4, 0, 0xffffffff);
	put(m, 0x18, 4, 0x1, 0xffffffe0); /* BAR2: 32 bytes of I/O */
	put(m, 0x20, 4, 0x4, 0xffffc000); /* BAR4: 16 KiB, 64-bit: MSI-X */
	put(m, 0x24, 4, 0, 0xffffffff);
	put(m, 0x2c, 2, 0x8086, 0);
	put(m, 0x2e, 2, m->device == 0x10fb ? 0x0003 : 0x0001, 0);
	put(m, 0x34, 1, CAP_PM, 0);
	put(m, 0x3c, 1, 0, 0xff);
	put(m, 0x3d, 1, 1, 0);
	put(m, CAP_PM, 4, 0x00030001 | CAP_MSI << 8, 0);
	put(m, CAP_PM + 4, 2, 0, 0x8103);
	put(m, CAP_MSI, 4, 0x01800005 | CAP_MSIX << 8, 0x00010000); /* 64-bit, maskable */
	put(m, CAP_MSI + 4, 4, 0, 0xfffffffc);
	put(m, CAP_MSI + 8, 4, 0, 0xffffffff);
	put(m, CAP_MSI + 12, 2, 0, 0xffff);
	put(m, CAP_MSI + 16, 4, 0, 1);
	put(m, CAP_MSIX, 4, (VECTORS - 1) << 16 | CAP_PCIE << 8 | 0x11, 0xc0000000);
	put(m, CAP_MSIX + 4, 4, 4, 0);              /* table: BAR4 + 0 */
	put(m, CAP_MSIX + 8, 4, PBA_OFFSET | 4, 0); /* PBA: BAR4 + 0x2000 */
	put(m, CAP_PCIE, 4, 0x00020010, 0);         /* version 2 endpoint */
	put(m, CAP_PCIE + 4, 4, 0x10008cc2, 0);     /* device capabilities, FLR */
	put(m, CAP_PCIE + 8, 2, 0x2810, 0x7fff);
	put(m, CAP_PCIE + 12, 4, 0x00027482, 0); /* link capabilities: 5 GT/s x8 */
	put(m, CAP_PCIE + 16, 2, 0, 0x01fb);
	put(m, CAP_PCIE + 18, 2, 0x1082, 0); /* link status: 5 GT/s x8 */
	put(m, CAP_PCIE + 36, 4, 0x0000001f, 0);
	put(m, CAP_PCIE + 40, 2, 0, 0x001f);
}

void config_read(struct model *m, unsigned off, void *buf, size_t len)
{
	uint8_t *b = buf;

	for (size_t i = 0; i < len; i++)
		b[i] = off + i < sizeof(m->config) ? m->config[off + i] : 0;
}

int memory_on(const struct model *m)
{
	return m->config[4] & 2;
}
int bus_master(const struct model *m)
{
	return m->config[4] & 4;
}
int intx_off(const struct model *m)
{
	return m->config[5] & 4;
}
int msi_on(const struct model *m)
{
	return m->config[CAP_MSI + 2] & 1;
}
int msix_on(const struct model *m)
{
	return m->config[CAP_MSIX + 3] & 0x80;
}
int msix_masked(const struct model *m, unsigned vector)
{
	return m->config[CAP_MSIX + 3] & 0x40 || m->msix[vector * 16 + 12] & 1;
}

/* Messages that were due while the vector or the function was masked. */
static void msix_send_pending(struct model *m)
{
	for (unsigned v = 0; v < VECTORS && m->pba && msix_on(m); v++)
		if (m->pba >> v & 1 && !msix_masked(m, v)) {
			m->pba &= ~((uint64_t)1 << v);
			m->host->irq(m->host, MODEL_MSIX, v, 1);
		}
}

static uint8_t msix_byte(const struct model *m, uint32_t off)
{
	if (off < sizeof(m->msix))
		return m->msix[off];
	if (off >= PBA_OFFSET && off < PBA_OFFSET + 8)
		return (uint8_t)(m->pba >> 8 * (off - PBA_OFFSET));
	return 0;
}

uint64_t msix_bar_read(struct model *m, uint32_t off, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)msix_byte(m, off + i) << 8 * i;
	return value;
}

void msix_bar_write(struct model *m, uint32_t off, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size && off + i < sizeof(m->msix); i++)
		m->msix[off + i] = (uint8_t)(value >> 8 * i);
	msix_send_pending(m);
	irq_update(m);
}

void config_write(struct model *m, unsigned off, const void *buf, size_t len)
{
	const uint8_t *b = buf;
	int was_msix = msix_on(m);

	for (size_t i = 0; i < len && off + i < sizeof(m->config); i++) {
		uint8_t mask = m->config_mask[off + i];

		m->config[off + i] = (uint8_t)((m->config[off + i] & ~mask) | (b[i] & mask));
		if (off + i == CAP_PCIE + 9 && b[i] & 0x80) { /* initiate function level reset */
			model_82599.reset(m);
			return;
		}
	}
	memset(m->tlb, 0, sizeof(m->tlb)); /* bus master may have changed */
	msix_send_pending(m);
	if (msix_on(m) && !was_msix)
		m->signalled = 0; /* what is pending is due as messages now */
	irq_update(m);
}
