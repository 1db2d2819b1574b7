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
