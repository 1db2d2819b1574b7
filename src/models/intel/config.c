/* SPDX-License-Identifier: BSD-2-Clause
 *
 * PCI configuration space and MSI-X table of a model.
 */
#include "models/intel/config.h"

void config_put(struct config *c, unsigned off, unsigned size, uint32_t value, uint32_t writable)
{
	for (unsigned i = 0; i < size; i++) {
		c->bytes[off + i] = (uint8_t)(value >> 8 * i);
		c->mask[off + i] = (uint8_t)(writable >> 8 * i);
	}
}

void config_clear(struct config *c)
{
	memset(c, 0, sizeof(*c));
	for (unsigned v = 0; v < MAX_VECTORS; v++)
		c->table[v * 16 + 12] = 1;
}

void config_get(const struct config *c, unsigned off, void *buf, size_t len)
{
	uint8_t *b = buf;

	for (size_t i = 0; i < len; i++)
		b[i] = off + i < sizeof(c->bytes) ? c->bytes[off + i] : 0;
}

int config_set(struct config *c, unsigned off, const void *buf, size_t len)
{
	const uint8_t *b = buf;

	for (size_t i = 0; i < len && off + i < sizeof(c->bytes); i++) {
		uint8_t mask = c->mask[off + i];

		c->bytes[off + i] = (uint8_t)((c->bytes[off + i] & ~mask) | (b[i] & mask));
		if (c->pcie && off + i == c->pcie + 9 && b[i] & 0x80)
			return 1;
	}
	return 0;
}

static int masked(const struct config *c, unsigned v)
{
	return c->bytes[c->msix + 3] & 0x40 || c->table[v * 16 + 12] & 1;
}

void msix_message(struct config *c, struct model_host *host, unsigned v)
{
	if (masked(c, v))
		c->pending |= (uint64_t)1 << v;
	else if (config_bus_master(c))
		host->irq(host, MODEL_MSIX, v, 1);
}

void msix_unmasked(struct config *c, struct model_host *host)
{
	for (unsigned v = 0; v < c->vectors && c->pending && config_msix_on(c); v++)
		if (c->pending >> v & 1 && !masked(c, v)) {
			c->pending &= ~((uint64_t)1 << v);
			host->irq(host, MODEL_MSIX, v, 1);
		}
}

static uint8_t msix_byte(const struct config *c, uint32_t off)
{
	if (off < c->vectors * 16)
		return c->table[off];
	if (off >= MSIX_PBA_OFFSET && off < MSIX_PBA_OFFSET + 8)
		return (uint8_t)(c->pending >> 8 * (off - MSIX_PBA_OFFSET));
	return 0;
}

uint64_t msix_table_read(const struct config *c, uint32_t off, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)msix_byte(c, off + i) << 8 * i;
	return value;
}

void msix_table_write(struct config *c, uint32_t off, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size && off + i < c->vectors * 16; i++)
		c->table[off + i] = (uint8_t)(value >> 8 * i);
}

int config_listed(const char *list, const char *rule)
{
	while (list && *list) {
		size_t i = 0;

		while (rule[i] && list[i] == rule[i])
			i++;
		if (!rule[i] && (!list[i] || list[i] == ','))
			return 1;
		while (*list && *list++ != ',')
			;
	}
	return 0;
}

enum { CAP_PM = 0x40, CAP_MSI = 0x50, CAP_MSIX = 0x70, CAP_PCIE = 0xa0 };

void config_express_init(struct config *c, const struct config_express *f)
{
	config_clear(c);
	c->msi = CAP_MSI;
	c->msix = CAP_MSIX;
	c->pcie = CAP_PCIE;
	c->vectors = f->vectors;
	config_put(c, 0x00, 2, 0x8086, 0);
	config_put(c, 0x02, 2, f->device, 0);
	config_put(c, 0x04, 2, 2, 0x0547); /* command; memory decode on, as firmware leaves it */
	config_put(c, 0x06, 2, 0x0010, 0); /* status: capability list */
	config_put(c, 0x08, 4, 0x02000001, 0); /* Ethernet controller, revision 1 */
	config_put(c, 0x0c, 1, 0, 0xff);       /* cache line size */
	config_put(c, 0x2c, 2, 0x8086, 0);
	config_put(c, 0x2e, 2, f->subsystem, 0);
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
	config_put(c, CAP_MSIX + 4, 4, f->msix_bar, 0);
	config_put(c, CAP_MSIX + 8, 4, MSIX_PBA_OFFSET | f->msix_bar, 0);
	config_put(c, CAP_PCIE, 4, 0x00020010, 0);     /* version 2 endpoint */
	config_put(c, CAP_PCIE + 4, 4, 0x10008cc2, 0); /* device capabilities, FLR */
	config_put(c, CAP_PCIE + 8, 2, 0x2810, 0x7fff);
	config_put(c, CAP_PCIE + 12, 4, f->link, 0);
	config_put(c, CAP_PCIE + 16, 2, 0, 0x01fb);
	config_put(c, CAP_PCIE + 18, 2, f->link_now, 0);
	config_put(c, CAP_PCIE + 36, 4, 0x0000001f, 0);
	config_put(c, CAP_PCIE + 40, 2, 0, 0x001f);
}
