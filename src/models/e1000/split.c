/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Packet split of the 82574L (82574 7.1): descriptors of 32 bytes with four buffers. The headers of
 * IP, TCP and UDP go to the first buffer alone if they fit; other frames fill all buffers in turn.
 * Where the datasheet could not be read, QEMU's e1000e and Linux's say how it is.
 */
#include "models/e1000/e1000.h"

void e1k_split_on(struct model *m)
{
	uint32_t sizes;

	memset(m->split, 0, sizeof(m->split));
	if (!m->pcie || get_field(m, RCTL, RCTL_DTYP) != RCTL_DTYP_SPLIT)
		return;
	sizes = get(m, PSRCTL);
	m->split[0] = 128 * field_get(sizes, PSRCTL_BSIZE0);
	m->split[1] = 1024 * field_get(sizes, PSRCTL_BSIZE1);
	m->split[2] = 1024 * field_get(sizes, PSRCTL_BSIZE2);
	m->split[3] = m->split[2] ? 1024 * field_get(sizes, PSRCTL_BSIZE3) : 0;
	if (!m->split[0]) /* broken rules, reported; frames need room somewhere */
		m->split[0] = 256;
	if (!m->split[1])
		m->split[1] = 4096;
}

uint32_t e1k_split_headers(struct model *m, const struct parsed *p, uint32_t cut)
{
	uint32_t n = p->headers;

	if (!n || (p->fragment && get_field(m, RFCTL, RFCTL_IPFRSP_DIS)))
		return 0;
	n -= cut;
	return n > m->split[0] || n > RXS_HEADER_MASK ? 0 : n;
}

/* Bytes for what is not in the first buffer. */
static uint32_t pages(const struct model *m)
{
	return m->split[1] + m->split[2] + m->split[3];
}

uint32_t e1k_split_need(const struct model *m, uint32_t headers, uint32_t len)
{
	uint32_t room = headers ? pages(m) : m->split[0] + pages(m), rest = len - headers;

	return rest ? (rest + room - 1) / room : 1;
}

/* Rules about what was posted. DD is where bit 0 of the second address is. */
static void check_posted(struct model *m, const le64 d[4])
{
	if (from_le64(d[1]) & field_mask(RXD_DD))
		e1k_violate(m, "rx-descriptor-dd", "82574 7.1",
			    "a descriptor was given to hardware with DD, bit 0 of address 1, set");
	for (unsigned i = 0; i < 4; i++)
		if (i != 1 && m->split[i] && from_le64(d[i]) & 1)
			e1k_violate(m, "split-buffer-alignment", "82574 7.1",
				    "a buffer of a split descriptor has an odd address");
}

/*
 * Fill the buffers @d from @f, the first with @first bytes at most. @lengths: of each. Return:
 * bytes, 0 = DMA error.
 */
static uint32_t fill_one(struct model *m, const le64 d[4], uint32_t first, const uint8_t *f,
			 uint32_t len, uint32_t lengths[4])
{
	uint32_t done = 0;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t room = i ? m->split[i] : first, left = len - done;

		lengths[i] = left < room ? left : room;
		if (lengths[i] && dma_copy(&m->dma, from_le64(d[i]), (void *)(uintptr_t)(f + done),
					   lengths[i], 1))
			return 0;
		done += lengths[i];
	}
	return done;
}

/* The third quadword and the reserved one go before the one with DD. */
static int write_back(struct model *m, const struct stored *s, uint64_t at,
		      const uint32_t lengths[4], uint32_t headers, int last)
{
	uint32_t status = field_mask(RXD_DD) | (last ? field_mask(RXD_EOP) | s->status : 0);
	uint64_t vlan = status & field_mask(RXD_VP) ? s->p->tag : 0, q0 = e1k_rx_first(m, s, last);
	uint64_t q2 = headers | (headers ? RXS_SPLIT : 0);

	for (unsigned i = 1; i < 4; i++)
		q2 |= (uint64_t)lengths[i] << (RXS_LENGTH_SHIFT * i);
	if (desc_write(&m->dma, at + 16, &q2, 0))
		return -EFAULT;
	return desc_write(&m->dma, at, &q0,
			  status | (last ? (uint64_t)s->errors << 24 : 0) |
				  (uint64_t)lengths[0] << RXX_LENGTH_SHIFT |
				  vlan << RXX_VLAN_SHIFT);
}

uint32_t e1k_split_fill(struct model *m, const struct stored *s)
{
	const struct ring *r = &m->rx[s->queue];
	uint32_t slot = r->head, n = 0, at = 0, first = s->headers ? s->headers : m->split[0];

	do {
		uint64_t desc = r->base + slot * 16u;
		uint32_t lengths[4], part;
		le64 d[4];

		if (desc_read(&m->dma, desc, d) || desc_read(&m->dma, desc + 16, d + 2))
			return 0;
		check_posted(m, d);
		part = fill_one(m, d, first, s->bytes + at, s->len - at, lengths);
		at += part;
		if (!part || write_back(m, s, desc, lengths, n ? 0 : s->headers, at == s->len))
			return 0;
		/* 82574 7.1: of a split frame the first buffers of further descriptors stay empty
		 */
		first = s->headers ? 0 : m->split[0];
		slot = slot + 2 >= r->size ? 0 : slot + 2;
		n++;
	} while (at < s->len);
	return n;
}
