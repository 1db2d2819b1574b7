/* SPDX-License-Identifier: BSD-2-Clause
 *
 * PCI configuration space (82576 9) and the MSI-X BAR. Where the capabilities lie: QEMU's igb and
 * lspci of an I350.
 */
#include "models/82576/82576.h"

void m76_function_init(struct model *m)
{
	struct config *c = &m->config;

	config_express_init(c, &(struct config_express) {
				       .device = m->device,
				       .subsystem = 0xa03c,
				       .vectors = m->opt.vectors && m->opt.vectors < VECTORS
							  ? m->opt.vectors
							  : VECTORS,
				       .msix_bar = 3,
				       .link = 0x00027441, /* 2.5 GT/s x4 */
				       .link_now = 0x1041,
			       });
	config_put(c, 0x10, 4, 0, 0xfffe0000); /* BAR0: 128 KiB */
	config_put(c, 0x18, 4, 1, 0xffffffe0); /* BAR2: 32 bytes of I/O */
	config_put(c, 0x1c, 4, 0, 0xffffc000); /* BAR3: 16 KiB: MSI-X */
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
