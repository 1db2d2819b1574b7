/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory access of the 82599 model: through pointers that a small TLB remembers, or by copies
 * where the host cannot give pointers.
 */
#include "models/82599/82599.h"

uint8_t *dma_slow(struct model *m, uint64_t iova, size_t len)
{
	struct tlb *t = &m->tlb[iova / TLB_BLOCK % TLB_SLOTS];
	uint64_t start = iova / TLB_BLOCK * TLB_BLOCK;
	size_t left = 0;
	uint8_t *va;

	if (!bus_master(m))
		return NULL;
	/* The whole block, if it is mapped from its start on; else what lies behind @iova. */
	va = m->host->dma_ptr(m->host, start, 1, &left);
	if (!va || iova + len > start + left) {
		start = iova;
		va = m->host->dma_ptr(m->host, start, len, &left);
	}
	if (!va)
		return NULL;
	*t = (struct tlb) { start, start + left, va };
	return va + (iova - start);
}

int dma_copy_slow(struct model *m, uint64_t iova, void *buf, size_t len, int to_memory)
{
	if (!bus_master(m))
		return -EFAULT;
	return to_memory ? m->host->dma_write(m->host, iova, buf, len)
			 : m->host->dma_read(m->host, iova, buf, len);
}

int desc_write_slow(struct model *m, uint64_t iova, const uint64_t *q0, uint64_t q1)
{
	le64 first = to_le64(q0 ? *q0 : 0), last = to_le64(q1);

	if (q0 && dma_copy(m, iova, &first, 8, 1))
		return -EFAULT;
	return dma_copy(m, iova + 8, &last, 8, 1);
}

int word_write(struct model *m, uint64_t iova, uint32_t value)
{
	le32 *p = (le32 *)(void *)dma(m, iova, 4), copy = to_le32(value);

	if (!p)
		return dma_copy(m, iova, &copy, 4, 1);
	dma_store_release32(p, value);
	return 0;
}

void dma_failed(struct model *m, const char *what)
{
	if (bus_master(m))
		violate(m, "dma-unmapped", "82599 5.2.5.3", what);
	else
		violate(m, "no-bus-master", "82599 9.3.3",
			"DMA is wanted while PCI command bit 2 is 0");
	irq_other(m, field_mask(EICR_PCI_EXCEPTION));
}

void dma_changed(struct model *m)
{
	memset(m->tlb, 0, sizeof(m->tlb));
}
