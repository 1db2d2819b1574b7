/* SPDX-License-Identifier: BSD-2-Clause
 *
 * PCI configuration space of a model: bytes with a mask of what can be written, and the MSI-X
 * table and pending bits. The chip's model says what is in it. Freestanding.
 */
#ifndef MODELS_INTEL_CONFIG_H
#define MODELS_INTEL_CONFIG_H

#include "base/memory.h"
#include "models/model.h"

#define MAX_VECTORS     64u
#define MSIX_PBA_OFFSET 0x2000u

struct config {
	uint8_t bytes[256], mask[256];
	unsigned msi, msix, pcie; /* offsets of the capabilities, 0: there is none */
	unsigned vectors;         /* of MSI-X */
	uint8_t table[MAX_VECTORS * 16];
	uint64_t pending;
};

/** config_put - set @size bytes at @off; ones in @writable can be written. */
void config_put(struct config *c, unsigned off, unsigned size, uint32_t value, uint32_t writable);
/** config_clear - everything zero, all vectors masked (PCI 3.0 6.8.2.9). */
void config_clear(struct config *c);
void config_get(const struct config *c, unsigned off, void *buf, size_t len);
/** config_set - Return: 1 if a function level reset was asked for, which the caller does. */
int config_set(struct config *c, unsigned off, const void *buf, size_t len);

uint64_t msix_table_read(const struct config *c, uint32_t off, unsigned size);
void msix_table_write(struct config *c, uint32_t off, uint64_t value, unsigned size);
/** msix_message - send vector @v, or remember that it is due if it is masked. */
void msix_message(struct config *c, struct model_host *host, unsigned v);
/** msix_unmasked - send what was due and is not masked any more. */
void msix_unmasked(struct config *c, struct model_host *host);

/** config_listed - is @rule in the comma-separated @list (NULL: none)? */
int config_listed(const char *list, const char *rule);

/* What differs between the PCI Express chips that have MSI and MSI-X. */
struct config_express {
	uint16_t device, subsystem;
	unsigned vectors;        /* of MSI-X */
	unsigned msix_bar;       /* table at 0, pending bits at MSIX_PBA_OFFSET */
	uint32_t link, link_now; /* link capabilities and status */
};
/**
 * config_express_init - all but the BARs' own registers; those decode at once, as firmware leaves
 * them. Where the capabilities lie: 82599 9.3; for the 82576 QEMU's igb and lspci of an I350.
 */
void config_express_init(struct config *c, const struct config_express *f);

static inline int config_memory_on(const struct config *c)
{
	return c->bytes[4] & 2;
}
static inline int config_bus_master(const struct config *c)
{
	return c->bytes[4] & 4;
}
static inline int config_intx_off(const struct config *c)
{
	return c->bytes[5] & 4;
}
static inline int config_msi_on(const struct config *c)
{
	return c->msi && c->bytes[c->msi + 2] & 1;
}
static inline int config_msix_on(const struct config *c)
{
	return c->msix && c->bytes[c->msix + 3] & 0x80;
}

#endif
