/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a receiver finds out about a frame: tag, packet type, checksums (82599 7.1.6.2, 7.1.11).
 */
#include "models/intel/packet.h"

#define MAX_FRAME 16384u

enum { IPPROTO_TCP_ = 6, IPPROTO_UDP_ = 17, IPPROTO_SCTP_ = 132 };

/* One's complement addition of 64 bits: it keeps the sum of their 16-bit numbers (RFC 1071 2). */
static inline uint64_t add(uint64_t sum, uint64_t v)
{
	sum += v;
	return sum + (sum < v);
}

static inline uint64_t sum64(const uint8_t *p, size_t len, uint64_t sum)
{
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&eight, p, 8);
		sum = add(sum, eight);
	}
	if (len & 4) {
		memcpy(&four, p, 4);
		sum = add(sum, four);
		p += 4;
	}
	if (len & 2) {
		memcpy(&two, p, 2);
		sum = add(sum, two);
		p += 2;
	}
	if (len & 1) { /* padded with a zero behind, in both byte orders */
		two = 0;
		memcpy(&two, p, 1);
		sum = add(sum, two);
	}
	return sum;
}

static inline uint32_t fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	return (uint32_t)((sum & 0xffff) + (sum >> 16));
}

uint32_t sum16(const uint8_t *p, size_t len, uint32_t start)
{
	return fold(sum64(p, len, start));
}

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

/* ---- layer 4 ---- */

static void check_l4(struct parsed *p, const uint8_t *l4, uint32_t len, uint64_t pseudo)
{
	uint32_t checksum_at = p->type & PACKET_TCP ? 16 : 6;

	if (len < checksum_at + 2)
		return;
	if (p->type & PACKET_UDP) {
		uint32_t udp_len = be16_at(l4 + 4);

		if (udp_len < 8 || udp_len > len || !(l4[6] | l4[7]))
			return; /* no checksum was sent: nothing was checked */
		p->status |= PACKET_UDPCS;
	}
	p->status |= PACKET_L4CS;
	if (fold(sum64(l4, len, pseudo)) != 0xffff)
		p->errors |= PACKET_TCPE;
}

/* SCTP's CRC32c lies in its third dword, which counts as zero in it. */
static void check_sctp(struct parsed *p, const uint8_t *l4, uint32_t len)
{
	uint8_t packet[MAX_FRAME];
	uint32_t crc;

	if (len > sizeof(packet))
		return;
	memcpy(packet, l4, len);
	memset(packet + 8, 0, 4);
	crc = crc32c(packet, len);
	p->status |= PACKET_L4CS;
	for (int i = 0; i < 4; i++)
		if (l4[8 + i] != (crc >> 8 * i & 0xff))
			p->errors |= PACKET_TCPE;
}

/* Headers of @ip bytes of IP and what is at @l4. 0: they make no sense. */
static uint32_t header_bytes(const struct parsed *p, uint32_t ip, const uint8_t *l4, uint32_t len)
{
	uint32_t n = p->type & PACKET_UDP ? 8 : 0;

	if (p->type & PACKET_TCP) {
		n = (l4[12] >> 4) * 4u;
		if (n < 20 || n > len)
			return 0;
	}
	return ip + n;
}

/* TCP, UDP or SCTP at @l4? Return: their ports, NULL if too short or another protocol. */
static const uint8_t *l4_type(struct parsed *p, uint8_t proto, const uint8_t *l4, uint32_t len)
{
	uint32_t least = proto == IPPROTO_TCP_ ? 20 : proto == IPPROTO_UDP_ ? 8 : 12;

	if (proto == IPPROTO_TCP_ && len >= least)
		p->type |= PACKET_TCP;
	else if (proto == IPPROTO_UDP_ && len >= least)
		p->type |= PACKET_UDP;
	else if (proto == IPPROTO_SCTP_ && len >= least)
		p->type |= PACKET_SCTP;
	else
		return NULL;
	if (p->type & PACKET_SCTP) {
		check_sctp(p, l4, len);
		return NULL;
	}
	return l4;
}

/* A big-endian number as a machine of this byte order reads it. */
static uint16_t in_memory(uint16_t v)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap16(v) : v;
}

static uint64_t pseudo_sum(const uint8_t *addrs, uint32_t n, uint8_t proto, uint32_t len)
{
	/* length and protocol as 16-bit numbers, summed as they would lie in memory */
	uint32_t rest = (uint32_t)in_memory((uint16_t)len) + in_memory(proto);

	return sum64(addrs, n, rest);
}

static void parse_ipv4(const uint8_t *ip, uint32_t len, struct parsed *p)
{
	uint32_t header, total;
	const uint8_t *ports = NULL;

	if (len < 20 || ip[0] >> 4 != 4)
		return;
	header = (ip[0] & 15) * 4u;
	total = be16_at(ip + 2);
	if (header < 20 || total < header || total > len)
		return;
	p->type |= PACKET_IPV4 | (header > 20 ? PACKET_IPV4_OPT : 0);
	p->status |= PACKET_IPCS;
	if (fold(sum64(ip, header, 0)) != 0xffff)
		p->errors |= PACKET_IPE;
	p->fragment = (be16_at(ip + 6) & 0x3fff) != 0;
	if (!p->fragment)
		ports = l4_type(p, ip[9], ip + header, total - header);
	p->headers = header_bytes(p, header, ip + header, total - header);
	if (ports)
		check_l4(p, ip + header, total - header,
			 pseudo_sum(ip + 12, 8, ip[9], total - header));
	p->addresses = ip + 12;
	p->ports = ports;
}

static void parse_ipv6(const uint8_t *ip, uint32_t len, struct parsed *p)
{
	uint32_t at = 40, end;
	const uint8_t *ports = NULL;
	uint8_t next;

	if (len < 40 || ip[0] >> 4 != 6)
		return;
	end = 40u + be16_at(ip + 4);
	if (end > len)
		return;
	p->type |= PACKET_IPV6;
	next = ip[6];
	/* hop-by-hop, routing, fragment (of fixed size), destination options */
	while ((next == 0 || next == 43 || next == 44 || next == 60) && at + 8 <= end) {
		uint32_t size = next == 44 ? 8 : 8u + ip[at + 1] * 8u;

		p->type |= PACKET_IPV6_EXT;
		p->fragment |= next == 44;
		next = ip[at];
		at += size;
	}
	if (at > end)
		return;
	if (!p->fragment)
		ports = l4_type(p, next, ip + at, end - at);
	p->headers = header_bytes(p, at, ip + at, end - at);
	if (ports)
		check_l4(p, ip + at, end - at, pseudo_sum(ip + 8, 32, next, end - at));
	p->addresses = ip + 8;
	p->ports = ports;
}

void packet_parse(const uint8_t *f, uint32_t len, uint32_t vlan_type, struct parsed *p)
{
	uint32_t at = 12, ethertype;

	memset(p, 0, sizeof(*p));
	ethertype = be16_at(f + 12);
	if (ethertype == vlan_type && len >= 18) {
		p->tagged = 1;
		p->tag = be16_at(f + 14);
		at = 16;
		ethertype = be16_at(f + 16);
	}
	at += 2;
	if (ethertype == 0x0800)
		parse_ipv4(f + at, len - at, p);
	else if (ethertype == 0x86dd)
		parse_ipv6(f + at, len - at, p);
	p->headers += p->headers ? at : 0;
}
