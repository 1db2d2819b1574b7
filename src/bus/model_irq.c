/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Routing a model's interrupts.
 */
#include "bus/model_irq.h"

enum { CAP_MSI = 0x05, CAP_MSIX = 0x11 };

/* Find a capability in configuration space; 0 = none. */
static unsigned find_cap(const struct model_class *class, struct model *m, uint8_t id)
{
	uint8_t at[2] = { 0, 0 };

	class->config_read(m, 0x34, &at[1], 1);
	for (int hops = 0; at[1] >= 0x40 && hops < 48; hops++) {
		unsigned here = at[1];

		class->config_read(m, here, at, 2);
		if (at[0] == id)
			return here;
	}
	return 0;
}

static uint32_t config32(const struct model_class *class, struct model *m, unsigned off)
{
	le32 v;

	class->config_read(m, off, &v, sizeof(v));
	return from_le32(v);
}

static void config_bits(const struct model_class *class, struct model *m, unsigned off,
			unsigned clear, unsigned set)
{
	le16 v;

	class->config_read(m, off, &v, sizeof(v));
	v = to_le16((uint16_t)((from_le16(v) & ~clear) | set));
	class->config_write(m, off, &v, sizeof(v));
}

unsigned model_irq_count(const struct model_class *class, struct model *m, enum pci_irq type)
{
	unsigned cap = find_cap(class, m, CAP_MSIX);

	if (type == PCI_IRQ_INTX)
		return 1;
	if (type == PCI_IRQ_MSI)
		return find_cap(class, m, CAP_MSI) != 0;
	return cap ? (config32(class, m, cap) >> 16 & 0x7ff) + 1 : 0;
}

void model_irq_route(const struct model_class *class, struct model *m, enum pci_irq type,
		     unsigned first, unsigned n, const int *fds)
{
	unsigned cap = find_cap(class, m, type == PCI_IRQ_MSIX ? CAP_MSIX : CAP_MSI);
	uint32_t table;
	int on = 0;

	for (unsigned v = 0; v < MODEL_VECTORS; v++)
		on |= fds[v] >= 0;
	if (type == PCI_IRQ_INTX) {
		config_bits(class, m, PCI_COMMAND, PCI_COMMAND_INTX_OFF,
			    on ? 0 : PCI_COMMAND_INTX_OFF);
		return;
	}
	if (!cap)
		return;
	if (type == PCI_IRQ_MSI) {
		config_bits(class, m, cap + 2, 1, on ? 1 : 0);
		return;
	}
	table = config32(class, m, cap + 4);
	for (unsigned v = first; v < first + n; v++) {
		uint32_t entry = (table & ~7u) + 16 * v;

		class->write(m, table & 7, entry, 0xfee00000, 4);
		class->write(m, table & 7, entry + 4, 0, 4);
		class->write(m, table & 7, entry + 8, v, 4);
		class->write(m, table & 7, entry + 12, fds[v] < 0, 4);
	}
	config_bits(class, m, cap + 2, 0xc000, on ? 0x8000 : 0);
}
