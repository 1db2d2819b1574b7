/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts of a QEMU without a guest. MSI and MSI-X messages are stores to an address of our
 * choice: a place in the RAM that we look at. INTx is a bit in the configuration space.
 */
#include <string.h>
#include <unistd.h>

#include "bus/qtest.h"

#define PCI_STATUS_IRQ   (1u << 3)
#define PCI_CAPABILITIES 0x34
#define PCI_CAP_MSI      0x05
#define PCI_CAP_MSIX     0x11

/* Where a capability is; 0: there is none. */
static unsigned capability(struct qtest_dev *d, unsigned id)
{
	uint32_t at = 0, head;

	if (qtest_config_read(d->q, d->bdf, PCI_CAPABILITIES, 1, &at))
		return 0;
	for (unsigned i = 0; i < 48 && at >= 0x40; i++) {
		if (qtest_config_read(d->q, d->bdf, at & 0xfc, 4, &head))
			return 0;
		if ((head & 0xff) == id)
			return at & 0xfc;
		at = head >> 8 & 0xff;
	}
	return 0;
}

static int any_fd(const struct qtest_dev *d)
{
	for (unsigned v = 0; v < QTEST_VECTORS; v++)
		if (d->irq_fds[v] >= 0)
			return 1;
	return 0;
}

static int set_msix(struct qtest_dev *d, unsigned first, unsigned n)
{
	unsigned cap = capability(d, PCI_CAP_MSIX);
	uint32_t control = 0, table = 0;
	int err = cap ? 0 : -ENOTSUP;

	if (!err)
		err = qtest_config_read(d->q, d->bdf, cap + 2, 2, &control);
	if (!err)
		err = qtest_config_read(d->q, d->bdf, cap + 4, 4, &table);
	if (!err && (first + n > (control & 0x7ff) + 1 || (table & 7) > 5 || !d->bars[table & 7]))
		err = -EINVAL;
	for (unsigned v = first; v < first + n && !err; v++) {
		uint64_t entry = (uint64_t)d->bars[table & 7] + (table & ~7u) + UINT64_C(16) * v;

		*qtest_mail(d->q, d->bdf, v) = to_le32(0);
		err = qtest_write(d->q, entry, (uint32_t)qtest_mail_address(d->bdf, v));
		if (!err)
			err = qtest_write(d->q, entry + 4, 0);
		if (!err)
			err = qtest_write(d->q, entry + 8, 1); /* the message: not 0 */
		if (!err)
			err = qtest_write(d->q, entry + 12, d->irq_fds[v] < 0); /* masked */
	}
	control = (control & 0x3fff) | (any_fd(d) ? 1u << 15 : 0); /* on, none masked; or off */
	return err ? err : qtest_config_write(d->q, d->bdf, cap + 2, 2, control);
}

static int set_msi(struct qtest_dev *d)
{
	unsigned cap = capability(d, PCI_CAP_MSI), data;
	uint32_t control = 0;
	int err = cap ? qtest_config_read(d->q, d->bdf, cap + 2, 2, &control) : -ENOTSUP;

	if (err)
		return err;
	data = cap + (control & 1u << 7 ? 12 : 8); /* 64-bit addresses */
	*qtest_mail(d->q, d->bdf, 0) = to_le32(0);
	err = qtest_config_write(d->q, d->bdf, cap + 4, 4, (uint32_t)qtest_mail_address(d->bdf, 0));
	if (!err && data == cap + 12)
		err = qtest_config_write(d->q, d->bdf, cap + 8, 4, 0);
	if (!err)
		err = qtest_config_write(d->q, d->bdf, data, 2, 1);
	control = (control & ~0x71u) | (d->irq_fds[0] >= 0); /* one message; on or off */
	return err ? err : qtest_config_write(d->q, d->bdf, cap + 2, 2, control);
}

int qtest_irq_set(struct qtest_dev *d, enum pci_irq type, unsigned first, unsigned n,
		  const int *fds)
{
	int err;

	if (first > QTEST_VECTORS || n > QTEST_VECTORS - first ||
	    (type != PCI_IRQ_MSIX && first + n > 1))
		return -EINVAL;
	d->irq_type = type;
	d->intx_masked = 0;
	for (unsigned i = 0; i < n; i++)
		d->irq_fds[first + i] = fds ? fds[i] : -1;
	err = type == PCI_IRQ_MSIX ? set_msix(d, first, n) : type == PCI_IRQ_MSI ? set_msi(d) : 0;
	for (unsigned i = 0; i < n && err; i++)
		d->irq_fds[first + i] = -1;
	return err;
}

static void raise_fd(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return; /* its counter is full: the reader will wake anyway */
}

void qtest_irq_collect(struct qtest_dev *d)
{
	uint32_t status = 0;

	if (d->irq_type != PCI_IRQ_INTX) {
		for (unsigned v = 0; v < QTEST_VECTORS; v++)
			if (d->irq_fds[v] >= 0 &&
			    __atomic_exchange_n(&qtest_mail(d->q, d->bdf, v)->raw, 0,
						__ATOMIC_ACQ_REL))
				raise_fd(d->irq_fds[v]);
		return;
	}
	if (d->irq_fds[0] < 0 || d->intx_masked ||
	    qtest_config_read(d->q, d->bdf, PCI_COMMAND + 2, 2, &status) ||
	    !(status & PCI_STATUS_IRQ))
		return;
	d->intx_masked = 1;
	raise_fd(d->irq_fds[0]);
}
