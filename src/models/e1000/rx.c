/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receiving what the filters let pass: legacy descriptors (82540EM 3.2.3), extended ones and the
 * choice between two queues (82574 7.1; packet split: split.c), the packet buffer in between.
 */
#include "models/e1000/e1000.h"

#define CRC_ERROR (1u << 16) /* in parsed.errors, and a flag in the packet buffer */

static enum model_rx drop(struct model *m, enum named_drop why)
{
	m->wire_in++;
	m->drops[why]++;
	return MODEL_RX_DROPPED;
}

static void parse(struct model *m, const uint8_t *f, uint32_t len, struct parsed *p)
{
	packet_parse(f, len, get(m, VET), p);
	if (m->pcie && get_field(m, MRQC, MRQC_MRQE) == MRQC_MRQE_RSS)
		rss_hash(&m->toeplitz, reg(&m->regs, RSSRK), get(m, MRQC), p);
}

/* 82574 7.1: bit 7 of an entry is the queue. */
static uint32_t choose_queue(struct model *m, const struct parsed *p)
{
	uint32_t entry = p->hash & 127;

	if (!p->hash_type)
		return 0;
	return get(m, RETA + entry / 4 * 4) >> (entry % 4 * 8 + 7) & 1;
}

/* ---- delivery ---- */

/* 82540EM 3.2.3.1, 3.2.9: which checksums count, as the status and error bytes say it. */
static void checksums(struct model *m, const struct parsed *p, uint32_t *status, uint32_t *errors)
{
	uint32_t rxcsum = get(m, RXCSUM), seen = 0;
	int v6 = (p->type & PACKET_IPV6) != 0;
	int v6_on = m->pcie ? !get_field(m, RFCTL, RFCTL_IPV6_XSUM_DIS)
			    : (int)field_get(rxcsum, RXCSUM_IPV6OFL);

	if (p->errors & CRC_ERROR) { /* checksums of a broken frame mean nothing */
		*errors |= field_mask(RXD_CE) >> 8;
		*status |= field_mask(RXD_IXSM);
		return;
	}
	if (field_get(rxcsum, RXCSUM_IPOFL))
		seen |= p->status & PACKET_IPCS;
	if (field_get(rxcsum, RXCSUM_TUOFL) && !(p->type & PACKET_SCTP) && (!v6 || v6_on))
		seen |= p->status & (PACKET_L4CS | PACKET_UDPCS);
	*status |= seen ? seen : field_mask(RXD_IXSM);
	if (seen & PACKET_IPCS && p->errors & PACKET_IPE)
		*errors |= field_mask(RXD_IPE) >> 8;
	if (seen & PACKET_L4CS && p->errors & PACKET_TCPE)
		*errors |= field_mask(RXD_TCPE) >> 8;
	else if (seen & PACKET_L4CS && !*errors)
		m->rx_checksums++;
}

/* The sum of the frame from RXCSUM.PCSS on, in the frame's byte order. */
static uint64_t packet_checksum(struct model *m, const uint8_t *f, uint32_t len)
{
	uint32_t start = get_field(m, RXCSUM, RXCSUM_PCSS);
	uint16_t sum = start < len ? (uint16_t)sum16(f + start, len - start, 0) : 0;

	return from_le16((le16) { sum });
}

uint64_t e1k_rx_first(struct model *m, const struct stored *s, int last)
{
	uint64_t first = s->p->hash_type | (uint64_t)s->queue << RXX_QUEUE_SHIFT;

	if (get_field(m, RXCSUM, RXCSUM_PCSD))
		return first | (uint64_t)s->p->hash << RXX_HASH_SHIFT;
	return first | (last ? s->sum << 48 : 0);
}

/* One descriptor of @s, for @len bytes of it. */
static int write_back(struct model *m, const struct stored *s, uint64_t at, uint32_t len, int last)
{
	uint32_t status = field_mask(RXD_DD) | (last ? field_mask(RXD_EOP) | s->status : 0);
	uint32_t errors = last ? s->errors : 0;
	uint64_t vlan = status & field_mask(RXD_VP) ? s->p->tag : 0, first;

	if (!m->extended)
		return desc_write(&m->dma, at, NULL,
				  len | (last ? s->sum << RXD_CHECKSUM_SHIFT : 0) |
					  (uint64_t)(status | errors << 8) << 32 | vlan << 48);
	first = e1k_rx_first(m, s, last);
	return desc_write(&m->dma, at, &first,
			  status | (uint64_t)errors << 24 | (uint64_t)len << RXX_LENGTH_SHIFT |
				  vlan << RXX_VLAN_SHIFT);
}

static uint64_t posted_done(const struct model *m, uint64_t word)
{
	return (m->extended ? word : word >> 32) & field_mask(RXD_DD);
}

/* Copy to the buffers from the queue's head on. Return: descriptors, 0 = DMA error. */
static uint32_t fill_buffers(struct model *m, const struct stored *s)
{
	const struct ring *r = &m->rx[s->queue];
	uint32_t slot = r->head, n = 0, len = s->len;
	const uint8_t *f = s->bytes;

	while (len) {
		uint32_t part = len < m->buffer ? len : m->buffer;
		uint64_t at = r->base + slot * 16u;
		le64 d[2];

		if (desc_read(&m->dma, at, d))
			return 0;
		if (posted_done(m, from_le64(d[1])))
			e1k_violate(m, "rx-descriptor-dd",
				    m->extended ? "82574 7.1" : "82540EM 3.2.3",
				    "a descriptor was given to hardware with DD set");
		if (dma_copy(&m->dma, from_le64(d[0]), (void *)(uintptr_t)f, part, 1) ||
		    write_back(m, s, at, part, part == len))
			return 0;
		f += part;
		len -= part;
		slot = slot + 1 == r->size ? 0 : slot + 1;
		n++;
	}
	return n;
}

/* In units of the ring's indices. */
static uint32_t free_descriptors(const struct ring *r)
{
	return r->seen >= r->head ? r->seen - r->head : r->seen + r->size - r->head;
}

/* Is a tag stripped? */
static int strips(struct model *m, const struct parsed *p)
{
	return p->tagged && get_field(m, CTRL, CTRL_VME);
}

/* Room for @len bytes? The tail is in the driver's cache: look only if the last look is used up. */
static int has_room(struct model *m, struct ring *r, const struct parsed *p, uint32_t len)
{
	uint32_t need = (len + m->buffer - 1) / m->buffer;

	if (m->split[0])
		need = 2 * e1k_split_need(m, e1k_split_headers(m, p, strips(m, p) ? 4 : 0), len);
	if (likely(free_descriptors(r) >= need))
		return 1;
	return e1k_watch(m, r) >= 0 && free_descriptors(r) >= need;
}

/* The frame as it is stored: without the tag if tags are stripped, padded, maybe with a CRC. */
static const uint8_t *stored_form(struct model *m, const uint8_t *f, uint32_t *len, int strip)
{
	uint32_t cut = strip ? 4 : 0, crc = get_field(m, RCTL, RCTL_SECRC) ? 0 : 4;

	if (!cut && !crc && *len >= 60)
		return f;
	memmove(m->frame, f, 12); /* f may be there already: loopback */
	memmove(m->frame + 12, f + 12 + cut, *len - 12 - cut);
	*len -= cut;
	if (*len < 60 - cut) {
		memset(m->frame + *len, 0, 60 - cut - *len);
		*len = 60 - cut;
	}
	memset(m->frame + *len, 0, crc); /* a wire gives none; its value is not modelled */
	*len += crc;
	return m->frame;
}

/* 82540EM 13.4.17, 82574 7.4: received; few descriptors left. */
static void interrupts(struct model *m, uint32_t q, uint32_t used)
{
	struct ring *r = &m->rx[q];
	uint32_t threshold = r->size >> (get_field(m, RCTL, RCTL_RDMTS) + 1), left;
	uint32_t causes = field_mask(ICR_RXT0);

	if (m->pcie)
		causes |= q ? field_mask(ICR_RXQ1) : field_mask(ICR_RXQ0);
	left = free_descriptors(r);
	if (left < threshold && left + used >= threshold) {
		e1k_watch(m, r);
		if (free_descriptors(r) < threshold)
			causes |= field_mask(ICR_RXDMT0);
	}
	e1k_irq_cause(m, causes);
}

/*
 * A frame that passed all filters. MODEL_RX_WAIT: it needs descriptors that are not there; nothing
 * was done.
 */
static enum model_rx deliver(struct model *m, const uint8_t *f, uint32_t len,
			     const struct parsed *p)
{
	struct stored s = { .len = len, .queue = choose_queue(m, p), .p = p };
	struct ring *r = &m->rx[s.queue];
	int strip = strips(m, p);
	uint32_t n;

	if (!r->size) {
		m->drops[DROP_NO_QUEUE]++;
		return MODEL_RX_DROPPED;
	}
	s.bytes = stored_form(m, f, &s.len, strip);
	if (!has_room(m, r, p, s.len))
		return MODEL_RX_WAIT;
	s.status = (p->others ? field_mask(RXD_PIF) : 0) | (strip ? field_mask(RXD_VP) : 0);
	s.sum = packet_checksum(m, s.bytes, s.len);
	checksums(m, p, &s.status, &s.errors);
	s.headers = m->split[0] ? e1k_split_headers(m, p, strip ? 4 : 0) : 0;
	n = units(m) * (m->split[0] ? e1k_split_fill(m, &s) : fill_buffers(m, &s));
	if (!n) {
		e1k_dma_failed(m, "a received frame or its descriptor lies outside mapped memory");
		r->size = 0;
		m->drops[DROP_DMA]++;
		return MODEL_RX_DROPPED;
	}
	r->head = r->head + n < r->size ? r->head + n : r->head + n - r->size;
	m->delivered++;
	interrupts(m, s.queue, n);
	return MODEL_RX_TAKEN;
}

unsigned e1k_fifo_drain(struct model *m)
{
	unsigned n = 0;

	while (fifo_used(&m->fifo) && n < 64) {
		struct parsed p;
		uint32_t flags, len = fifo_peek(&m->fifo, m->data, &flags);

		parse(m, m->data, len, &p);
		p.errors |= flags & CRC_ERROR;
		p.others = e1k_filter_address(m, m->data) != L2_MINE;
		if (!m->rx_on)
			m->drops[DROP_OFF]++;
		else if (deliver(m, m->data, len, &p) == MODEL_RX_WAIT)
			break;
		fifo_drop(&m->fifo, len);
		n++;
	}
	return n;
}

/* ---- the MAC ---- */

/* Would this frame have to be lost because nothing has room? Then a patient wire keeps it. */
static int must_wait(struct model *m, const struct parsed *p, uint32_t len)
{
	struct ring *r = &m->rx[choose_queue(m, p)];

	if (fifo_used(&m->fifo))
		return 1;
	/* stored, it may be longer by its padding and its CRC */
	return r->size && !has_room(m, r, p, (len < 60 ? 60 : len) + 4);
}

/* 82540EM 13.4.22, LPE: longest frame with CRC; a tag is within the 1522. */
static int too_long(struct model *m, uint32_t bytes, int tagged)
{
	if (get_field(m, RCTL, RCTL_LPE))
		return bytes > MAX_FRAME;
	return bytes > (tagged ? 1522u : 1518u);
}

/* MAC errors: counted; dropped unless software wants bad frames. Return: whether it goes on. */
static int mac_accepts(struct model *m, struct parsed *p, uint32_t bytes, unsigned bad)
{
	if (too_long(m, bytes, p->tagged)) {
		count(m, ROC);
		drop(m, DROP_OVERSIZE);
		return 0;
	}
	if (bad != MODEL_FRAME_CRC)
		return 1;
	count(m, CRCERRS);
	if (!get_field(m, RCTL, RCTL_SBP)) {
		drop(m, DROP_CRC);
		return 0;
	}
	p->errors |= CRC_ERROR;
	return 1;
}

static void count_good(struct model *m, const uint8_t *f, uint32_t bytes)
{
	count(m, GPRC);
	count_wide(m, GORCL, bytes);
	count_size(m, PRC64, bytes);
	if (f[0] & 1)
		count(m, is_broadcast(f) ? BPRC : MPRC);
}

/* Deliver, or keep in the packet buffer, or lose. GPRC counts what had room somewhere. */
static enum model_rx place(struct model *m, const uint8_t *f, uint32_t len, const struct parsed *p)
{
	uint32_t bytes = (len < 60 ? 60 : len) + 4;
	enum model_rx r = fifo_used(&m->fifo) ? MODEL_RX_WAIT : deliver(m, f, len, p);

	m->wire_in++;
	if (r == MODEL_RX_WAIT) {
		count(m, RNBC);
		if (!fifo_put(&m->fifo, f, len, p->errors & CRC_ERROR,
			      field_get(m->pba, PBA_RXA) * 1024)) {
			count(m, MPC);
			m->drops[DROP_BUFFER]++;
			e1k_irq_cause(m, field_mask(ICR_RXO));
			return MODEL_RX_DROPPED;
		}
		r = MODEL_RX_TAKEN;
	}
	if (r == MODEL_RX_TAKEN && !(p->errors & CRC_ERROR))
		count_good(m, f, bytes);
	return r;
}

enum model_rx e1k_wire_in(struct model *m, const void *frame, size_t size, int may_wait,
			  unsigned bad)
{
	if (unlikely(e1k_loops(m)))
		return may_wait ? MODEL_RX_WAIT : drop(m, DROP_OFF);
	return e1k_frame_in(m, frame, size, may_wait, bad);
}

enum model_rx e1k_frame_in(struct model *m, const void *frame, size_t size, int may_wait,
			   unsigned bad)
{
	const uint8_t *f = frame;
	uint32_t len = (uint32_t)size, bytes = (len < 60 ? 60 : len) + 4;
	struct parsed p;
	enum l2 l2;

	if (size < 14)
		return drop(m, DROP_SHORT);
	if (!m->link_up || !bus_master(m) || !m->rx_on)
		return may_wait ? MODEL_RX_WAIT : drop(m, DROP_OFF);
	if (size > MAX_FRAME - 4) {
		count(m, ROC);
		return drop(m, DROP_OVERSIZE);
	}
	parse(m, f, len, &p);
	if (may_wait && bad == MODEL_FRAME_GOOD && must_wait(m, &p, len))
		return MODEL_RX_WAIT;
	count(m, TPR);
	count_wide(m, TORL, bytes);
	if (!mac_accepts(m, &p, bytes, bad))
		return MODEL_RX_DROPPED;
	if (unlikely(be16_at(f + 12) == 0x8808) && e1k_pause_frame(m, f, len))
		return drop(m, DROP_CONTROL);
	l2 = e1k_filter_address(m, f);
	p.others = l2 != L2_MINE;
	if (l2 == L2_REJECT || (p.tagged && !e1k_filter_vlan(m, &p)))
		return drop(m, DROP_FILTER);
	return place(m, f, len, &p);
}
