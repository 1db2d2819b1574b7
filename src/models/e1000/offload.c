/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What descriptors ask for beside sending: tags, checksums, TCP segmentation (82540EM 3.3.3, 3.5,
 * 3.6).
 */
#include "models/e1000/e1000.h"

/* 82540EM 3.6: sum [start, end] of the frame, put it at @where; end 0: the frame's. */
static int insert_sum(uint8_t *f, uint32_t len, uint32_t start, uint32_t where, uint32_t end,
		      int udp)
{
	uint32_t stop = end ? end + 1 : len;
	uint16_t sum;

	if (start >= stop || stop > len || where + 2 > len)
		return -1;
	sum = (uint16_t)~sum16(f + start, stop - start, 0);
	if (udp && !sum)
		sum = 0xffff;
	memcpy(f + where, &sum, 2); /* in memory order already */
	return 0;
}

/* The tag that VLE inserts; @high: the word's half that holds it. */
static int finish(struct model *m, uint8_t *f, uint32_t len, const struct desc *last)
{
	if (field_get(last->low, TXD_VLE) && get_field(m, CTRL, CTRL_VME) && len >= 14)
		len = offload_tag(f, len, get(m, VET), field_get(last->high, TXD_VLAN));
	return e1k_frame_out(m, f, len);
}

int e1k_send_legacy(struct model *m, uint32_t len, const struct desc *last)
{
	if (field_get(last->low, TXD_IC) && insert_sum(m->data, len, field_get(last->high, TXD_CSS),
						       field_get(last->low, TXD_CSO), 0, 0))
		e1k_violate(m, "tx-checksum-offsets", "82540EM 3.3.3",
			    "CSS and CSO do not lie in the frame");
	return finish(m, m->data, len, last);
}

/* Checksums of a frame or a segment: @offset is added to a fixed end, 0 in a whole frame. */
static int fill_in(struct model *m, const struct context *c, const struct desc *first, uint8_t *f,
		   uint32_t len)
{
	int err = 0;

	if (field_get(first->high, TXD_IXSM))
		err = insert_sum(f, len, field_get(c->ip, TXC_START), field_get(c->ip, TXC_OFFSET),
				 field_get(c->ip, TXC_END), 0);
	if (field_get(first->high, TXD_TXSM) && !err)
		err = insert_sum(f, len, field_get(c->tu, TXC_START), field_get(c->tu, TXC_OFFSET),
				 field_get(c->tu, TXC_END), !field_get(c->cmd, TXD_CONTEXT_TCP));
	if (err)
		e1k_violate(m, "tx-checksum-offsets", "82540EM 3.3.6",
			    "a context's start, offset or end does not lie in the frame");
	return err;
}

/* 82540EM 3.5.5: FIN and PSH belong into the last segment. */
static int send_segments(struct model *m, struct tx_queue *t, const struct offload *w, uint32_t len,
			 const struct desc *first, const struct desc *last)
{
	static const uint32_t keep[3] = { 0xff6, 0xff6, 0xfff };
	uint32_t total = len - (w->mac + w->ip + w->l4);

	for (uint32_t n = t->segments_sent; n * w->mss < total; n++) {
		uint32_t bytes = offload_segment(w, m->data, len, n, keep, m->frame);
		int err;

		fill_in(m, &t->context[1], first, m->frame, bytes);
		err = finish(m, m->frame, bytes, last);
		if (err) {
			t->segments_sent = n;
			return err;
		}
		m->tx_segments++;
	}
	t->segments_sent = 0;
	m->tx_segmented++;
	m->tx_checksums += field_get(first->high, TXD_TXSM);
	count(m, TSCTC);
	return 0;
}

static int segment(struct model *m, struct tx_queue *t, uint32_t len, const struct desc *first,
		   const struct desc *last)
{
	const struct context *c = &t->context[1];
	uint32_t ip = field_get(c->ip, TXC_START), tcp = field_get(c->tu, TXC_START);
	uint32_t headers = field_get(c->high, TXD_HDRLEN);
	struct offload w = {
		.mac = ip,
		.ip = tcp - ip,
		.l4 = headers - tcp,
		.mss = field_get(c->high, TXD_MSS),
		.v4 = (int)field_get(c->cmd, TXD_CONTEXT_IPV4),
	};

	if (ip < 14 || tcp < ip + (w.v4 ? 20u : 40u) || headers < tcp + 20 || headers >= len ||
	    !w.mss || headers + w.mss > MAX_FRAME - 8 ||
	    field_get(c->cmd, TXD_DATA_LENGTH) != len - headers ||
	    !field_get(c->cmd, TXD_CONTEXT_TCP)) {
		e1k_violate(m, "tx-segmentation", "82540EM 3.5",
			    "offsets, HDRLEN, MSS, PAYLEN or TCP of the context make no sense for "
			    "segmentation");
		m->tx_refused++;
		return 0;
	}
	if (!t->segments_sent && !field_get(first->high, TXD_TXSM))
		e1k_violate(m, "tx-tso-sums", "82540EM 3.5",
			    "segmentation without TXSM: every segment needs a checksum of its own");
	return send_segments(m, t, &w, len, first, last);
}

int e1k_send_data(struct model *m, struct tx_queue *t, uint32_t len, const struct desc *first,
		  const struct desc *last)
{
	uint32_t tse = field_get(first->low, TXD_TSE);
	uint32_t sums = field_get(first->high, TXD_IXSM) | field_get(first->high, TXD_TXSM);
	const struct context *c = &t->context[tse];
	int err;

	if ((tse || sums) && !c->set) {
		e1k_violate(m, "tx-context-unset", "82540EM 3.3.6",
			    "a context is used that was never loaded");
		m->tx_refused++;
		return 0;
	}
	if (tse)
		return segment(m, t, len, first, last);
	if (sums)
		fill_in(m, c, first, m->data, len);
	err = finish(m, m->data, len, last);
	m->tx_checksums += !err && field_get(first->high, TXD_TXSM);
	return err;
}
