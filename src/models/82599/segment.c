/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Offloads of advanced descriptors: tag insertion, IPv4, TCP, UDP and SCTP checksums, TCP
 * segmentation (82599 7.2.4, 7.2.5).
 */
#include "models/82599/82599.h"

struct work {
	uint32_t mac, ip, l4, mss; /* header lengths */
	uint32_t l4t;
	int v4, tag, ip_sum, l4_sum;
	uint16_t vlan;
};

/* CRC32c, RFC 9260 appendix B, a bit at a time: SCTP is rare here. */
uint32_t crc32c(const uint8_t *p, uint32_t len)
{
	uint32_t crc = UINT32_MAX;

	while (len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* Store a sum that is in memory order; a result of 0 is sent as 0xffff for UDP. */
static void store_sum(uint8_t *at, uint32_t folded, int udp)
{
	uint16_t v = (uint16_t)~folded;

	if (udp && !v)
		v = 0xffff;
	memcpy(at, &v, 2);
}

static void fill_checksums(const struct work *w, uint8_t *f, uint32_t len)
{
	uint8_t *ip = f + w->mac, *l4 = ip + w->ip;
	uint32_t l4_len = len - w->mac - w->ip;

	if (w->ip_sum && w->v4 && w->ip >= 12)
		store_sum(ip + 10, sum16(ip, w->ip, 0), 0);
	if (!w->l4_sum)
		return;
	if (w->l4t == TXD_L4T_SCTP) {
		uint32_t crc;

		if (l4_len < 12)
			return;
		memset(l4 + 8, 0, 4);
		crc = crc32c(l4, l4_len);
		for (int i = 0; i < 4; i++)
			l4[8 + i] = (uint8_t)(crc >> 8 * i);
		return;
	}
	/* Software left the pseudo header's sum in the field, so it takes part. */
	if (w->l4t == TXD_L4T_TCP && l4_len >= 20)
		store_sum(l4 + 16, sum16(l4, l4_len, 0), 0);
	else if (w->l4t == TXD_L4T_UDP && l4_len >= 8)
		store_sum(l4 + 6, sum16(l4, l4_len, 0), 1);
}

/* Insert the tag, if there is one, and send. @f has room for it. */
static int finish(struct model *m, unsigned q, const struct work *w, uint8_t *f, uint32_t len)
{
	if (w->tag) {
		memmove(f + 16, f + 12, len - 12);
		put_be16(f + 12, get_field(m, VLNCTRL, VLNCTRL_VET));
		put_be16(f + 14, w->vlan);
		len += 4;
	}
	return frame_out(m, q, f, len);
}

static uint32_t be32_at(const uint8_t *p)
{
	return (uint32_t)be16_at(p) << 16 | be16_at(p + 2);
}

/* The headers of segment @n, which carries @payload bytes: 82599 7.2.4.7. */
static void segment_headers(struct model *m, const struct work *w, uint8_t *f, uint32_t n,
			    uint32_t payload, int last)
{
	uint8_t *ip = f + w->mac, *tcp = ip + w->ip;
	uint32_t len = w->l4 + payload, seq = be32_at(tcp + 4) + n * w->mss;
	uint32_t flags = (uint32_t)(be16_at(tcp + 12) & 0xfff), keep;
	uint16_t sum;

	if (w->v4) {
		put_be16(ip + 2, w->ip + len);
		put_be16(ip + 4, be16_at(ip + 4) + n);
		memset(ip + 10, 0, 2);
	} else {
		put_be16(ip + 4, w->ip - 40 + len);
	}
	put_be16(tcp + 4, seq >> 16);
	put_be16(tcp + 6, seq);
	keep = last ? get_field(m, DTXTCPFLGH, DTXTCPFLGH_LAST)
	       : n  ? get_field(m, DTXTCPFLGL, DTXTCPFLGL_MIDDLE)
		    : get_field(m, DTXTCPFLGL, DTXTCPFLGL_FIRST);
	put_be16(tcp + 12, (be16_at(tcp + 12) & 0xf000) | (flags & keep));
	/* The pseudo header's sum came without the length, which differs in each segment. */
	memcpy(&sum, tcp + 16, 2);
	{
		uint8_t l[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
				 (uint8_t)len };

		sum = (uint16_t)sum16(l, 4, sum);
	}
	memcpy(tcp + 16, &sum, 2);
}

static int send_segments(struct model *m, unsigned q, const struct work *w, uint32_t len)
{
	uint32_t headers = w->mac + w->ip + w->l4, total = len - headers;
	struct tx_queue *t = &m->tx[q];

	for (uint32_t n = t->segments_sent; n * w->mss < total; n++) {
		uint32_t left = total - n * w->mss, payload = left < w->mss ? left : w->mss;
		int err;

		memcpy(m->frame, m->data, headers);
		memcpy(m->frame + headers, m->data + headers + n * w->mss, payload);
		segment_headers(m, w, m->frame, n, payload, left <= w->mss);
		fill_checksums(w, m->frame, headers + payload);
		err = finish(m, q, w, m->frame, headers + payload);
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
	struct work w = {
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
			fill_checksums(&w, m->data, len);
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
