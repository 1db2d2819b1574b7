/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Offloads of advanced descriptors: tag insertion, IPv4, TCP, UDP and SCTP checksums, TCP
 * segmentation (82599 7.2.4, 7.2.5).
 */
#include "models/82599/82599.h"

/* Insert the tag, if there is one, and send. @f has room for it. */
static int finish(struct model *m, unsigned q, const struct offload *w, uint8_t *f, uint32_t len)
{
	if (w->tag)
		len = offload_tag(f, len, get_field(m, VLNCTRL, VLNCTRL_VET), w->vlan);
	return frame_out(m, q, f, len);
}

static int send_segments(struct model *m, unsigned q, const struct offload *w, uint32_t len)
{
	const uint32_t keep[3] = { get_field(m, DTXTCPFLGL, DTXTCPFLGL_FIRST),
				   get_field(m, DTXTCPFLGL, DTXTCPFLGL_MIDDLE),
				   get_field(m, DTXTCPFLGH, DTXTCPFLGH_LAST) };
	uint32_t total = len - (w->mac + w->ip + w->l4);
	struct tx_queue *t = &m->tx[q];

	for (uint32_t n = t->segments_sent; n * w->mss < total; n++) {
		uint32_t bytes = offload_segment(w, m->data, len, n, keep, m->frame);
		int err;

		offload_checksums(w, m->frame, bytes);
		err = finish(m, q, w, m->frame, bytes);
		if (err) {
			t->segments_sent = n;
			return err;
		}
	}
	t->segments_sent = 0;
	return 0;
}

int send_offloaded(struct model *m, unsigned q, uint32_t len, const uint32_t c[4], uint32_t cmd,
		   uint32_t status)
{
	struct offload w = {
		.mac = field_get(c[0], TXD_MACLEN),
		.ip = field_get(c[0], TXD_IPLEN),
		.l4 = field_get(c[3], TXD_L4LEN),
		.mss = field_get(c[3], TXD_MSS),
		.l4t = field_get(c[2], TXD_L4T),
		.v4 = (int)field_get(c[2], TXD_IPV4),
		.tag = (int)field_get(cmd, TXD_VLE),
		.ip_sum = (int)field_get(status, TXD_IXSM),
		.l4_sum = (int)field_get(status, TXD_TXSM),
		.vlan = (uint16_t)field_get(c[0], TXD_VLAN),
	};
	int sums = w.ip_sum || w.l4_sum;

	if (len < 14 || (sums && (w.mac < 14 || w.mac + w.ip >= len))) {
		violate(m, "tx-header-lengths", "82599 7.2.3.2.3",
			"MACLEN and IPLEN do not fit the frame");
		m->tx_refused++;
		return 0;
	}
	if (!field_get(cmd, TXD_TSE)) {
		if (sums)
			offload_checksums(&w, m->data, len);
		return finish(m, q, &w, m->data, len);
	}
	if (!w.mss || w.l4 < 20 || w.mac + w.ip + w.l4 >= len ||
	    w.mac + w.ip + w.l4 + w.mss > MAX_FRAME || w.ip < (w.v4 ? 20u : 40u) ||
	    field_get(status, TXD_PAYLEN) != len - (w.mac + w.ip + w.l4)) {
		violate(m, "tx-segmentation", "82599 7.2.4.2",
			"MSS, L4LEN, header lengths or PAYLEN make no sense for segmentation");
		m->tx_refused++;
		return 0;
	}
	return send_segments(m, q, &w, len);
}
