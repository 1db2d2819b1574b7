/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Frames for tests of models: to the address that model_harness.h gives them, with right checksums.
 */
#ifndef TESTS_FRAMES_H
#define TESTS_FRAMES_H

#include <stdint.h>
#include <string.h>

static const uint8_t mac_model[6] = { 2, 0, 0, 0, 0, 1 };

/** plain - @len bytes to the model, of an experimental EtherType, that depend on @seed. */
static inline void plain(uint8_t *f, uint32_t len, unsigned seed)
{
	memcpy(f, mac_model, 6);
	memcpy(f + 6, "\x02\x00\x00\x00\x00\x02\x88\xb5", 8);
	for (uint32_t i = 14; i < len; i++)
		f[i] = (uint8_t)(seed * 37 + i * 11 + (i >> 8));
}

static inline void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static inline uint32_t get16(const uint8_t *p)
{
	return (uint32_t)(p[0] << 8 | p[1]);
}
static inline uint32_t get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

/** sum - RFC 1071 as the RFC says it, 16 bits at a time; not folded into its complement. */
static inline uint32_t sum(const uint8_t *p, uint32_t len, uint32_t start)
{
	uint32_t s = start;

	for (uint32_t i = 0; i < len; i++)
		s += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

enum { TCP = 6, UDP = 17, SCTP = 132 };

/** pseudo - sum of the pseudo header of the IP packet at @ip; @len 0 for segmentation. */
static inline uint32_t pseudo(const uint8_t *ip, uint32_t proto, uint32_t len)
{
	return ip[0] >> 4 == 4 ? sum(ip + 12, 8, proto + len) : sum(ip + 8, 32, proto + len);
}

/**
 * ip_frame - an IPv4 (@v4) or IPv6 frame with a TCP or UDP header (ports 0x1234, 0x5678) and
 * @payload bytes, all checksums right. Return: its length.
 */
static inline uint32_t ip_frame(uint8_t *f, int v4, uint32_t proto, uint32_t payload)
{
	uint32_t header = v4 ? 20 : 40, l4 = proto == TCP ? 20 : 8, l4_len = l4 + payload;
	uint8_t *ip = f + 14, *t = ip + header;

	plain(f, 14 + header + l4_len, payload);
	put16(f + 12, v4 ? 0x0800 : 0x86dd);
	memset(ip, 0, header + l4);
	if (v4) {
		ip[0] = 0x45;
		put16(ip + 2, header + l4_len);
		put16(ip + 4, 0xabcd);
		ip[8] = 64;
		ip[9] = (uint8_t)proto;
		memcpy(ip + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
		put16(ip + 10, ~sum(ip, 20, 0));
	} else {
		ip[0] = 0x60;
		put16(ip + 4, l4_len);
		ip[6] = (uint8_t)proto;
		ip[7] = 64;
		memcpy(ip + 8, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
		memcpy(ip + 24, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2", 16);
	}
	put16(t, 0x1234);
	put16(t + 2, 0x5678);
	if (proto == TCP) {
		put16(t + 4, 0x1000); /* sequence number 0x10000000 */
		t[12] = 0x50;
		t[13] = 0x18; /* PSH, ACK */
		put16(t + 14, 0xffff);
		put16(t + 16, ~sum(t, l4_len, pseudo(ip, proto, l4_len)));
	} else {
		put16(t + 4, l4_len);
		put16(t + 6, ~sum(t, l4_len, pseudo(ip, proto, l4_len)));
	}
	return 14 + header + l4_len;
}

/** sums_right - are the checksums of the IP packet behind @l2 header bytes right? */
static inline int sums_right(const uint8_t *f, uint32_t l2)
{
	const uint8_t *ip = f + l2;
	uint32_t v4 = ip[0] >> 4 == 4, header = v4 ? (ip[0] & 15) * 4u : 40;
	uint32_t len = v4 ? get16(ip + 2) - header : get16(ip + 4), proto = v4 ? ip[9] : ip[6];

	return (!v4 || sum(ip, header, 0) == 0xffff) &&
	       sum(ip + header, len, pseudo(ip, proto, len)) == 0xffff;
}

/** with_tag - @f with a VLAN tag inserted, into @out. Return: its length. */
static inline uint32_t with_tag(uint8_t *out, const uint8_t *f, uint32_t len, uint32_t tci)
{
	memcpy(out, f, 12);
	put16(out + 12, 0x8100);
	put16(out + 14, tci);
	memcpy(out + 16, f + 12, len - 12);
	return len + 4;
}

#endif
