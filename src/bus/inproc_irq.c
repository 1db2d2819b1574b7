/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts of an in-process model: what a kernel would do in the function's configuration space
 * and MSI-X table to enable them.
 */
#include "bus/inproc.h"

/* Find a capability in configuration space; 0 = none. */
static unsigned find_cap(struct inproc *p, uint8_t id)
{
	uint8_t at[2] = { 0, 0 };

	p->class->config_read(p->model, 0x34, &at[1], 1);
	for (int hops = 0; at[1] >= 0x40 && hops < 48; hops++) {
		unsigned here = at[1];

		p->class->config_read(p->model, here, at, 2);
		if (at[0] == id)
			return here;
	}
	return 0;
}

static void config_bits(struct inproc *p, unsigned off, uint16_t clear, uint16_t set)
{
	uint8_t b[2];
	unsigned v;

	p->class->config_read(p->model, off, b, 2);
	v = (unsigned)(b[0] | b[1] << 8);
	v = (v & ~(unsigned)clear) | set;
	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
	p->class->config_write(p->model, off, b, 2);
}

/* What a kernel does in the function to enable one kind of interrupt, or none (@on 0). */
static void program_irqs(struct inproc *p, enum pci_irq type, unsigned first, unsigned n, int on)
{
	unsigned cap = type == PCI_IRQ_MSIX ? find_cap(p, 0x11) : find_cap(p, 0x05);
	uint8_t table[4];
	uint32_t where;

	if (type == PCI_IRQ_INTX) {
		config_bits(p, PCI_COMMAND, PCI_COMMAND_INTX_OFF, on ? 0 : PCI_COMMAND_INTX_OFF);
		return;
	}
	if (!cap)
		return;
	if (type == PCI_IRQ_MSI) {
		config_bits(p, cap + 2, 1, on ? 1 : 0);
		return;
	}
	p->class->config_read(p->model, cap + 4, table, 4);
	where = (uint32_t)(table[0] | table[1] << 8) | (uint32_t)table[2] << 16 |
		(uint32_t)table[3] << 24;
	for (unsigned v = first; v < first + n; v++) {
		uint32_t entry = (where & ~7u) + 16 * v;

		p->class->write(p->model, where & 7, entry, 0xfee00000, 4);
		p->class->write(p->model, where & 7, entry + 4, 0, 4);
		p->class->write(p->model, where & 7, entry + 8, v, 4);
		p->class->write(p->model, where & 7, entry + 12, p->irq_fds[v] < 0, 4);
	}
	config_bits(p, cap + 2, 0xc000, on ? 0x8000 : 0);
}

int inproc_irq_set(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
		   const int *fds)
{
	struct inproc *p = inproc_of(dev);
	int on = 0;

	if (first > MAX_IRQS || n > MAX_IRQS - first || (type != PCI_IRQ_MSIX && first + n > 1))
		return -EINVAL;
	inproc_enter(p);
	p->irq_type = type;
	for (unsigned i = 0; i < n; i++)
		p->irq_fds[first + i] = fds ? fds[i] : -1;
	for (unsigned i = 0; i < MAX_IRQS; i++)
		on |= p->irq_fds[i] >= 0;
	program_irqs(p, type, first, n, on);
	inproc_leave(p);
	return 0;
}
