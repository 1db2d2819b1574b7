/* SPDX-License-Identifier: BSD-2-Clause
 *
 * PCI configuration space (82599 9.3) and the MSI-X BAR.
 */
#include "models/82599/82599.h"

void function_init(struct model *m)
{
	struct config *c = &m->config;

	config_express_init(c, &(struct config_express) {
				       .device = m->device,
				       .subsystem = m->device == 0x10fb ? 0x0003 : 0x0001,
				       .vectors = m->opt.vectors && m->opt.vectors < VECTORS
							  ? m->opt.vectors
							  : VECTORS,
				       .msix_bar = 4,
				       .link = 0x00027482, /* 5 GT/s x8 */
				       .link_now = 0x1082,
			       });
	config_put(c, 0x10, 4, 0x4, 0xfffe0000); /* BAR0: 128 KiB, 64-bit */
	config_put(c, 0x14, 4, 0, 0xffffffff);
	config_put(c, 0x18, 4, 0x1, 0xffffffe0); /* BAR2: 32 bytes of I/O */
	config_put(c, 0x20, 4, 0x4, 0xffffc000); /* BAR4: 16 KiB, 64-bit: MSI-X */
	config_put(c, 0x24, 4, 0, 0xffffffff);
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
