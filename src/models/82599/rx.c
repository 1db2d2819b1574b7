/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receiving what the filters let pass: choice of the queue (82599 7.1.2), descriptors (7.1.5,
 * 7.1.6), the packet buffer in between (7.1.3).
 */
#include "models/82599/82599.h"

static enum model_rx drop(struct model *m, enum named_drop why)
{
	m->wire_in++;
	m->drops[why]++;
	return MODEL_RX_DROPPED;
}

static void parse_frame(struct model *m, const uint8_t *f, uint32_t len, struct parsed *p)
{
	packet_parse(f, len, get_field(m, VLNCTRL, VLNCTRL_VET), p);
	if (get_field(m, MRQC, MRQC_MRQE) == MRQC_MRQE_RSS)
		rss_hash(&m->toeplitz, reg(&m->regs, RSSRK), get(m, MRQC), p);
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

/* Write back one descriptor. */
static int write_back(struct model *m, const struct rx_queue *r, uint64_t at, uint32_t len,
		      uint32_t status, const struct parsed *p)
{
	uint64_t vlan = (uint64_t)p->tag << 48, type;

	if (r->legacy) {
		uint64_t errors = (status >> 30) << 6 | (status >> 29 & 1);

		return desc_write(&m->dma, at, NULL,
				  len | vlan | errors << 40 | (uint64_t)(status & 0xff) << 32);
	}
	type = p->type | p->hash_type | (uint64_t)p->hash << 32;
	return desc_write(&m->dma, at, &type, status | (uint64_t)len << 32 | vlan);
}

/* Copy @len bytes to the buffers from the queue's head on. Return: descriptors, 0 = DMA error. */
static uint32_t fill_buffers(struct model *m, struct rx_queue *r, const uint8_t *f, uint32_t len,
			     uint32_t status, const struct parsed *p)
{
	uint32_t slot = r->head, n = 0;

	while (len) {
		uint32_t part = len < r->buffer ? len : r->buffer;
		uint32_t last = part == len ? field_mask(RXD_STAT_EOP) | status : 0;
		uint64_t at = r->base + slot * 16u;
		le64 d[2];

		if (desc_read(&m->dma, at, d))
			return 0;
		if (!r->legacy && from_le64(d[1]) & 1)
			violate(m, "rx-descriptor-dd", "82599 7.1.6.1",
				"a descriptor was given to hardware with DD (bit 0 of quadword 1) "
				"set");
		if (dma_copy(&m->dma, from_le64(d[0]), (void *)(uintptr_t)f, part, 1) ||
		    write_back(m, r, at, part, field_mask(RXD_STAT_DD) | last, p))
			return 0;
		f += part;
		len -= part;
		slot = slot + 1 == r->size ? 0 : slot + 1;
		n++;
	}
	return n;
}

static uint32_t free_descriptors(const struct rx_queue *r, uint32_t tail)
{
	return tail >= r->head ? tail - r->head : tail + r->size - r->head;
}

/* Room for @len bytes? The tail is in the driver's cache: look only if the last look is used up. */
static int has_room(struct model *m, struct rx_queue *r, uint32_t q, uint32_t len)
{
	uint32_t need = len <= r->buffer ? 1 : (len + r->buffer - 1) / r->buffer;
	int64_t tail;

	if (likely(free_descriptors(r, r->seen) >= need))
		return 1;
	tail = rx_watch(m, q);
	return tail >= 0 && free_descriptors(r, (uint32_t)tail) >= need;
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
	count_size(m, PRC64, bytes);
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
	uint32_t counter = counter_index(m, q);

	if (!has_room(m, r, q, stored))
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
	r->head = r->head + n < r->size ? r->head + n : r->head + n - r->size;
	m->delivered++;
	count(m, RXDGPC, 1);
	count_wide(m, RXDGBCL, bytes);
	count(m, QPRC + QPRC_stride * counter, 1);
	count_wide(m, QBRC_L + QBRC_L_stride * counter, bytes);
	if (p->errors & (field_mask(RXD_ERR_IPE) | field_mask(RXD_ERR_TCPE)))
		count(m, XEC, 1);
	irq_queue(m, q, 0);
	return MODEL_RX_TAKEN;
}

/* ---- the packet buffer: frames that wait for descriptors ---- */

static uint32_t fifo_need(uint32_t len)
{
	return (len + 4 + 3) & ~3u;
}

/* Copy to or from the ring at position @at, which may wrap. */
static void fifo_copy(struct model *m, uint32_t at, void *buf, uint32_t len, int in)
{
	uint32_t first = PACKET_BUFFER - at % PACKET_BUFFER;
	uint8_t *p = m->fifo + at % PACKET_BUFFER, *b = buf;

	if (first > len)
		first = len;
	memcpy(in ? p : b, in ? b : p, first);
	memcpy(in ? m->fifo : b + first, in ? b + first : m->fifo, len - first);
}

static int fifo_put(struct model *m, const uint8_t *f, uint32_t len, uint32_t errors)
{
	uint32_t size = get_field(m, RXPBSIZE, RXPBSIZE_SIZE) * 1024,
		 used = m->fifo_in - m->fifo_out;
	uint32_t word = len | (errors & field_mask(RXD_ERR_RXE));

	if (size > PACKET_BUFFER)
		size = PACKET_BUFFER;
	if (used + fifo_need(len) > size)
		return 0;
	fifo_copy(m, m->fifo_in, &word, 4, 1);
	fifo_copy(m, m->fifo_in + 4, (void *)(uintptr_t)f, len, 1);
	m->fifo_in += fifo_need(len);
	return 1;
}

static uint32_t fifo_peek(struct model *m, uint8_t *f, uint32_t *errors)
{
	uint32_t word;

	fifo_copy(m, m->fifo_out, &word, 4, 0);
	*errors = word & field_mask(RXD_ERR_RXE);
	word &= ~field_mask(RXD_ERR_RXE);
	fifo_copy(m, m->fifo_out + 4, f, word, 0);
	return word;
}

/* Decide about a good frame that was counted: deliver, drop, or say that it must wait. */
static enum model_rx place(struct model *m, const uint8_t *f, uint32_t len, const struct parsed *p)
{
	uint32_t q = choose_queue(m, p);
	uint32_t status = p->others ? field_mask(RXD_STAT_PIF) : 0;
	enum model_rx r;

	if (!m->rx[q].on) { /* 82599 8.2.3.23.75 counts these as well */
		count(m, QPRDC + 0x40 * counter_index(m, q), 1);
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
		uint32_t errors, len = fifo_peek(m, m->data, &errors);

		parse_frame(m, m->data, len, &p);
		p.errors |= errors;
		p.others = filter_address(m, m->data) != L2_MINE;
		if (!get_field(m, RXCTRL, RXCTRL_RXEN)) { /* 82599 4.6.7.1.2: off empties it */
			m->drops[DROP_OFF]++;
		} else if (place(m, m->data, len, &p) == MODEL_RX_WAIT) {
			break;
		}
		m->fifo_out += fifo_need(len);
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
	/* stored, it may be longer by its padding and its CRC */
	return m->rx[q].on && !has_room(m, &m->rx[q], q, (len < 60 ? 60 : len) + 4);
}

/* MAC errors: counted; dropped unless software wants bad frames. Return: whether it goes on. */
static int mac_accepts(struct model *m, struct parsed *p, uint32_t bytes, unsigned bad)
{
	if (bytes > size_limit(m, p)) {
		count(m, ROC, 1);
		drop(m, DROP_OVERSIZE);
		return 0;
	}
	if (bad != MODEL_FRAME_CRC)
		return 1;
	count(m, CRCERRS, 1);
	if (!get_field(m, FCTRL, FCTRL_SBP)) {
		drop(m, DROP_CRC);
		return 0;
	}
	p->errors |= field_mask(RXD_ERR_RXE); /* checksums of a broken frame mean nothing */
	p->status = 0;
	return 1;
}

enum model_rx frame_in(struct model *m, const void *frame, size_t size, int may_wait, unsigned bad)
{
	const uint8_t *f = frame;
	uint32_t len = (uint32_t)size, bytes = (len < 60 ? 60 : len) + 4;
	struct parsed p;
	enum model_rx r;
	enum l2 l2;

	if (size < 14)
		return drop(m, DROP_SHORT);
	if (!m->link_up || !bus_master(m) || !get_field(m, RXCTRL, RXCTRL_RXEN))
		return may_wait ? MODEL_RX_WAIT : drop(m, DROP_OFF);
	if (size > MAX_FRAME - 8) {
		count(m, ROC, 1);
		return drop(m, DROP_OVERSIZE);
	}
	parse_frame(m, f, len, &p);
	if (may_wait && bad == MODEL_FRAME_GOOD && must_wait(m, &p, len))
		return MODEL_RX_WAIT;
	count(m, TPR, 1);
	count_wide(m, TORL, bytes);
	if (!mac_accepts(m, &p, bytes, bad))
		return MODEL_RX_DROPPED;
	if (unlikely(be16_at(f + 12) == 0x8808) && flow_control_frame(m, f, len))
		return drop(m, DROP_CONTROL);
	l2 = filter_address(m, f);
	p.others = l2 != L2_MINE;
	if (l2 == L2_REJECT || (p.tagged && !filter_vlan(m, &p)))
		return drop(m, DROP_FILTER);
	if (likely(!(p.errors & field_mask(RXD_ERR_RXE))))
		count_good(m, f, bytes);
	m->wire_in++;
	r = m->fifo_in == m->fifo_out ? place(m, f, len, &p) : MODEL_RX_WAIT;
	if (r != MODEL_RX_WAIT)
		return r;
	if (fifo_put(m, f, len, p.errors))
		return MODEL_RX_TAKEN;
	count(m, RXMPC, 1);
	m->drops[DROP_BUFFER]++;
	irq_other(m, field_mask(EICR_RX_MISS));
	return MODEL_RX_DROPPED;
}
