/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receiving: filters (82599 7.1.1), choice of the queue (7.1.2), descriptors (7.1.5, 7.1.6), the
 * packet buffer in between (7.1.3).
 */
#include "models/82599/82599.h"

enum l2 { L2_REJECT, L2_MINE, L2_OTHERS };

static enum model_rx drop(struct model *m, enum named_drop why)
{
	m->wire_in++;
	m->drops[why]++;
	return MODEL_RX_DROPPED;
}

/* ---- filters ---- */

static int exact_match(struct model *m, const uint8_t *f)
{
	uint32_t low = (uint32_t)(f[0] | f[1] << 8 | f[2] << 16) | (uint32_t)f[3] << 24;
	uint32_t high = (uint32_t)(f[4] | f[5] << 8) | field_mask(RAH_AV);

	for (uint32_t i = 0; i < RAL_count; i++)
		if (get(m, RAL + 8 * i) == low && (get(m, RAH + 8 * i) & 0x8000ffff) == high)
			return 1;
	return 0;
}

/* 82599 7.1.1.1.2: 12 of the address bits 47:32 select a bit of the table. */
static int hash_match(struct model *m, const uint8_t *f)
{
	static const uint8_t shift[4] = { 4, 3, 2, 0 };
	uint32_t mo = get_field(m, MCSTCTRL, MCSTCTRL_MO);
	uint32_t v = (uint32_t)(f[4] | f[5] << 8) >> shift[mo] & 0xfff;

	return get_field(m, MCSTCTRL, MCSTCTRL_MFE) && get(m, MTA + v / 32 * 4) >> v % 32 & 1;
}

static enum l2 filter_address(struct model *m, const uint8_t *f)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint32_t fctrl = get(m, FCTRL);

	if (!memcmp(f, broadcast, 6))
		return fctrl & (field_mask(FCTRL_BAM) | field_mask(FCTRL_MPE)) ? L2_OTHERS
									       : L2_REJECT;
	if (exact_match(m, f))
		return f[0] & 1 ? L2_OTHERS : L2_MINE;
	if (f[0] & 1)
		return field_get(fctrl, FCTRL_MPE) || hash_match(m, f) ? L2_OTHERS : L2_REJECT;
	return field_get(fctrl, FCTRL_UPE) ? L2_OTHERS : L2_REJECT;
}

static int filter_vlan(struct model *m, const struct parsed *p)
{
	uint32_t vid = p->tag & 0xfff, control = get(m, VLNCTRL);

	if (!p->tagged)
		return 1;
	if (field_get(control, VLNCTRL_CFIEN) &&
	    field_get(control, VLNCTRL_CFI) != (p->tag >> 12 & 1))
		return 0;
	return !field_get(control, VLNCTRL_VFE) || (get(m, VFTA + vid / 32 * 4) >> vid % 32 & 1);
}

/* Frame bytes with CRC that may pass: 82599 8.2.3.22.13. */
static uint32_t size_limit(struct model *m, const struct parsed *p)
{
	uint32_t limit =
		get_field(m, HLREG0, HLREG0_JUMBOEN) ? get_field(m, MAXFRS, MAXFRS_MFS) : 1518;

	return limit + (p->tagged ? 4 : 0);
}

/* ---- delivery ---- */

static uint32_t choose_queue(struct model *m, const struct parsed *p)
{
	uint32_t entry = p->hash & 127;

	if (!p->hash_type)
		return 0;
	return get(m, RETA + entry / 4 * 4) >> entry % 4 * 8 & 15;
}

static uint32_t counter_index(struct model *m, uint32_t q)
{
	return get(m, RQSMR + q / 4 * 4) >> q % 4 * 8 & 15;
}

/* Write back one descriptor; the quadword with DD goes last. */
static int write_back(struct model *m, const struct rx_queue *r, uint32_t slot, uint32_t len,
		      uint32_t status, const struct parsed *p)
{
	uint64_t at = r->base + slot * 16u;
	union ixgbe_rx_desc *d = (union ixgbe_rx_desc *)(void *)dma(m, at, 16);
	uint32_t vlan = (uint32_t)p->tag << 16;

	if (!d)
		return -EFAULT;
	if (r->legacy) {
		uint64_t errors = (status >> 30) << 6 | (status >> 29 & 1);

		dma_store_release64(&d->legacy.word, len | (uint64_t)vlan << 32 | errors << 40 |
							     (uint64_t)(status & 0xff) << 32);
		return 0;
	}
	d->wb.type = to_le32(p->type | p->hash_type);
	d->wb.hash = to_le32(p->hash);
	/* One quadword, so that status and length appear at once. */
	dma_store_release64(&d->read.header, status | (uint64_t)(len | vlan) << 32);
	return 0;
}

/* The buffer address of a descriptor; checks that software gave it in good order. */
static uint64_t buffer_address(struct model *m, const struct rx_queue *r, uint32_t slot)
{
	const union ixgbe_rx_desc *d =
		(const union ixgbe_rx_desc *)(const void *)dma(m, r->base + slot * 16u, 16);

	if (!d)
		return 0;
	if (!r->legacy &&
	    from_le64((le64) { __atomic_load_n(&d->read.header.raw, __ATOMIC_RELAXED) }) & 1)
		violate(m, "rx-descriptor-dd", "82599 7.1.6.1",
			"a descriptor was given to hardware with DD (bit 0 of quadword 1) set");
	return from_le64(d->read.addr);
}

/* Copy @len bytes to the buffers from the queue's head on. Return: descriptors, 0 = DMA error. */
static uint32_t fill_buffers(struct model *m, struct rx_queue *r, const uint8_t *f, uint32_t len,
			     uint32_t status, const struct parsed *p)
{
	uint32_t slot = r->head, n = 0;

	while (len) {
		uint32_t part = len < r->buffer ? len : r->buffer;
		uint64_t to = buffer_address(m, r, slot);
		uint32_t end = part == len ? field_mask(RXD_STAT_EOP) : 0;

		if (dma_copy(m, to, (void *)(uintptr_t)f, part, 1))
			return 0;
		if (write_back(m, r, slot, part, field_mask(RXD_STAT_DD) | end | (end ? status : 0),
			       p))
			return 0;
		f += part;
		len -= part;
		slot = slot + 1 == r->size ? 0 : slot + 1;
		n++;
	}
	return n;
}

static uint32_t free_descriptors(struct model *m, const struct rx_queue *r, uint32_t q)
{
	int64_t tail = rx_watch(m, q);

	if (tail < 0)
		return 0;
	return tail >= r->head ? (uint32_t)tail - r->head : (uint32_t)tail + r->size - r->head;
}

/* The frame as it is stored: without the tag if the queue strips, padded, maybe with a CRC. */
static const uint8_t *stored_form(struct model *m, const struct rx_queue *r, const uint8_t *f,
				  uint32_t *len, const struct parsed *p)
{
	uint32_t cut = p->tagged && r->strip ? 4 : 0;
	uint32_t crc = get_field(m, HLREG0, HLREG0_RXCRCSTRP) ? 0 : 4;

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

static void count_good(struct model *m, const uint8_t *f, uint32_t bytes)
{
	count(m, GPRC, 1);
	count_wide(m, GORCL, bytes);
	count_rx_size(m, bytes);
	count(m, RXNFGPC, 1);
	count_wide(m, RXNFGBCL, bytes);
	if (!(f[0] & 1))
		return;
	count(m, (f[0] & f[1] & f[2] & f[3] & f[4] & f[5]) == 0xff ? BPRC : MPRC, 1);
}

/*
 * A frame that passed all filters, to queue @q. MODEL_RX_WAIT: it needs descriptors that are not
 * there; nothing was done.
 */
static enum model_rx deliver(struct model *m, uint32_t q, const uint8_t *f, uint32_t len,
			     uint32_t status, const struct parsed *p)
{
	struct rx_queue *r = &m->rx[q];
	uint32_t stored = len, bytes = (len < 60 ? 60 : len) + 4, n;
	const uint8_t *s = stored_form(m, r, f, &stored, p);

	if ((uint64_t)free_descriptors(m, r, q) * r->buffer < stored)
		return MODEL_RX_WAIT;
	if (p->tagged && r->strip)
		status |= field_mask(RXD_STAT_VP);
	n = fill_buffers(m, r, s, stored, status | p->status | p->errors, p);
	if (!n) {
		dma_failed(m, "a received frame or its descriptor lies outside mapped memory");
		r->on = 0;
		m->drops[DROP_DMA]++;
		return MODEL_RX_DROPPED;
	}
	r->head = (r->head + n) % r->size;
	m->delivered++;
	count(m, RXDGPC, 1);
	count_wide(m, RXDGBCL, bytes);
	count(m, QPRC + 0x40 * counter_index(m, q), 1);
	count_wide(m, QBRC_L + 0x40 * counter_index(m, q), bytes);
	if (p->errors)
		count(m, XEC, 1);
	irq_queue(m, q, 0);
	return MODEL_RX_TAKEN;
}

/* ---- the packet buffer: frames that wait for descriptors ---- */

static int fifo_put(struct model *m, const uint8_t *f, uint32_t len)
{
	uint32_t need = (len + 4 + 3) & ~3u, used = m->fifo_in - m->fifo_out, i;

	if (need > PACKET_BUFFER - used)
		return 0;
	for (i = 0; i < 4; i++)
		m->fifo[(m->fifo_in + i) % PACKET_BUFFER] = (uint8_t)(len >> 8 * i);
	for (i = 0; i < len; i++)
		m->fifo[(m->fifo_in + 4 + i) % PACKET_BUFFER] = f[i];
	m->fifo_in += need;
	return 1;
}

static uint32_t fifo_peek(struct model *m, uint8_t *f)
{
	uint32_t len = 0, i;

	for (i = 0; i < 4; i++)
		len |= (uint32_t)m->fifo[(m->fifo_out + i) % PACKET_BUFFER] << 8 * i;
	for (i = 0; i < len; i++)
		f[i] = m->fifo[(m->fifo_out + 4 + i) % PACKET_BUFFER];
	return len;
}

/* Decide about a good frame that was counted: deliver, drop, or say that it must wait. */
static enum model_rx place(struct model *m, const uint8_t *f, uint32_t len, const struct parsed *p)
{
	uint32_t q = choose_queue(m, p);
	uint32_t status = filter_address(m, f) == L2_MINE ? 0 : field_mask(RXD_STAT_PIF);
	enum model_rx r;

	if (!m->rx[q].on) {
		m->drops[DROP_NO_QUEUE]++;
		return MODEL_RX_DROPPED;
	}
	r = deliver(m, q, f, len, status, p);
	if (r == MODEL_RX_WAIT && m->rx[q].drop) {
		count(m, QPRDC + 0x40 * counter_index(m, q), 1);
		m->drops[DROP_NO_DESC]++;
		return MODEL_RX_DROPPED;
	}
	return r;
}

unsigned fifo_drain(struct model *m)
{
	unsigned n = 0;

	while (m->fifo_in != m->fifo_out && n < 64) {
		struct parsed p;
		uint32_t len = fifo_peek(m, m->data);

		parse_frame(m, m->data, len, &p);
		if (!get_field(m, RXCTRL, RXCTRL_RXEN)) { /* 82599 4.6.7.1.2: off empties it */
			m->drops[DROP_OFF]++;
		} else if (place(m, m->data, len, &p) == MODEL_RX_WAIT) {
			break;
		}
		m->fifo_out += (len + 4 + 3) & ~3u;
		n++;
	}
	return n;
}

/* Would this frame have to be lost because nothing has room? Then a patient wire keeps it. */
static int must_wait(struct model *m, const struct parsed *p, uint32_t len)
{
	uint32_t q = choose_queue(m, p);

	if (m->fifo_in != m->fifo_out)
		return 1;
	return m->rx[q].on &&
	       (uint64_t)free_descriptors(m, &m->rx[q], q) * m->rx[q].buffer < len + 8;
}

enum model_rx frame_in(struct model *m, const void *frame, size_t size, int may_wait, unsigned bad)
{
	const uint8_t *f = frame;
	uint32_t len = (uint32_t)size, bytes = (len < 60 ? 60 : len) + 4;
	struct parsed p;
	enum model_rx r;

	if (size < 14)
		return drop(m, DROP_SHORT);
	if (!m->link_up || !bus_master(m) || !get_field(m, RXCTRL, RXCTRL_RXEN))
		return drop(m, DROP_OFF);
	if (size > MAX_FRAME - 8) {
		count(m, ROC, 1);
		return drop(m, DROP_OVERSIZE);
	}
	parse_frame(m, f, len, &p);
	if (may_wait && bad == MODEL_FRAME_GOOD && must_wait(m, &p, len))
		return MODEL_RX_WAIT;
	count(m, TPR, 1);
	count_wide(m, TORL, bytes);
	if (bad == MODEL_FRAME_CRC) {
		count(m, CRCERRS, 1);
		return drop(m, DROP_CRC);
	}
	if (bytes > size_limit(m, &p)) {
		count(m, ROC, 1);
		return drop(m, DROP_OVERSIZE);
	}
	if (filter_address(m, f) == L2_REJECT || !filter_vlan(m, &p))
		return drop(m, DROP_FILTER);
	count_good(m, f, bytes);
	m->wire_in++;
	r = m->fifo_in == m->fifo_out ? place(m, f, len, &p) : MODEL_RX_WAIT;
	if (r != MODEL_RX_WAIT)
		return r;
	if (fifo_put(m, f, len))
		return MODEL_RX_TAKEN;
	count(m, RXMPC, 1);
	m->drops[DROP_BUFFER]++;
	irq_other(m, field_mask(EICR_RX_MISS));
	return MODEL_RX_DROPPED;
}
