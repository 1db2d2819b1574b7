/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What senders fill in: tags, IPv4, TCP, UDP and SCTP checksums, TCP segments (82599 7.2.4, 7.2.5).
 */
#include "models/intel/packet.h"

/* Store a sum that is in memory order; a result of 0 is sent as 0xffff for UDP. */
static void store_sum(uint8_t *at, uint32_t folded, int udp)
{
	uint16_t v = (uint16_t)~folded;

	if (udp && !v)
		v = 0xffff;
	memcpy(at, &v, 2);
}

void offload_checksums(const struct offload *w, uint8_t *f, uint32_t len)
{
	uint8_t *ip = f + w->mac, *l4 = ip + w->ip;
	uint32_t l4_len = len - w->mac - w->ip;

	if (w->ip_sum && w->v4 && w->ip >= 12)
		store_sum(ip + 10, sum16(ip, w->ip, 0), 0);
	if (!w->l4_sum)
		return;
	if (w->l4t == OFFLOAD_SCTP) {
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
	if (w->l4t == OFFLOAD_TCP && l4_len >= 20)
		store_sum(l4 + 16, sum16(l4, l4_len, 0), 0);
	else if (w->l4t == OFFLOAD_UDP && l4_len >= 8)
		store_sum(l4 + 6, sum16(l4, l4_len, 0), 1);
}

static uint32_t be32_at(const uint8_t *p)
{
	return (uint32_t)be16_at(p) << 16 | be16_at(p + 2);
}

/* The headers of segment @n, which carries @payload bytes: 82599 7.2.4.7. */
static void segment_headers(const struct offload *w, uint8_t *f, uint32_t n, uint32_t payload,
			    uint32_t keep)
{
	uint8_t *ip = f + w->mac, *tcp = ip + w->ip;
	uint32_t len = w->l4 + payload, seq = be32_at(tcp + 4) + n * w->mss;
	uint8_t l[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
			 (uint8_t)len };
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
	put_be16(tcp + 12, (be16_at(tcp + 12) & 0xf000) | (be16_at(tcp + 12) & 0xfff & keep));
	/* The pseudo header's sum came without the length, which differs in each segment. */
	memcpy(&sum, tcp + 16, 2);
	sum = (uint16_t)sum16(l, 4, sum);
	memcpy(tcp + 16, &sum, 2);
}

uint32_t offload_segment(const struct offload *w, const uint8_t *whole, uint32_t len, uint32_t n,
			 const uint32_t keep[3], uint8_t *out)
{
	uint32_t headers = w->mac + w->ip + w->l4, left = len - headers - n * w->mss;
	uint32_t payload = left < w->mss ? left : w->mss;

	memcpy(out, whole, headers);
	memcpy(out + headers, whole + headers + n * w->mss, payload);
	segment_headers(w, out, n, payload, keep[left <= w->mss ? 2 : n > 0]);
	return headers + payload;
}

uint32_t offload_tag(uint8_t *f, uint32_t len, uint32_t vlan_type, uint32_t tag)
{
	memmove(f + 16, f + 12, len - 12);
	put_be16(f + 12, vlan_type);
	put_be16(f + 14, tag);
	return len + 4;
}
