/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the receiver finds out about a frame: tag, packet type, checksums, RSS hash
 * (82599 7.1.2.8, 7.1.6.2, 7.1.11).
 */
#include "models/82599/82599.h"

enum { /* in place: dword 0 bits 16:4 */
       T_IPV4 = 1 << 4,
       T_IPV4_OPT = 1 << 5,
       T_IPV6 = 1 << 6,
       T_IPV6_EXT = 1 << 7,
       T_TCP = 1 << 8,
       T_UDP = 1 << 9,
       T_SCTP = 1 << 10,
};
enum { H_TCP4 = 1, H_IP4, H_TCP6, H_IP6 = 5, H_UDP4 = 7, H_UDP6 = 8 };
enum { IPPROTO_TCP_ = 6, IPPROTO_UDP_ = 17, IPPROTO_SCTP_ = 132 };

uint32_t sum16(const uint8_t *p, size_t len, uint32_t start)
{
	uint64_t sum = start, two;
	uint32_t w;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&two, p, 8);
		sum += (two & 0xffffffff) + (two >> 32);
	}
	if (len >= 4) {
		memcpy(&w, p, 4);
		sum += w;
		p += 4;
		len -= 4;
	}
	if (len) {
		w = 0;
		memcpy(&w, p, len); /* padded with zeros behind, in both byte orders */
		sum += w;
	}
	sum = (sum & 0xffffffff) + (sum >> 32);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)sum;
}

/* ---- RSS: Toeplitz over a 320-bit key, a table for each input byte ---- */

static uint32_t key_bits(struct model *m, unsigned bit)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 5; i++) {
		unsigned byte = bit / 8 + i;

		v = v << 8 | (byte < 40 ? get(m, RSSRK + byte / 4 * 4) >> byte % 4 * 8 & 0xff : 0);
	}
	return (uint32_t)(v >> (8 - bit % 8));
}

static void toeplitz_init(struct model *m)
{
	for (unsigned pos = 0; pos < 36; pos++)
		for (unsigned byte = 0; byte < 256; byte++) {
			uint32_t h = 0;

			for (unsigned bit = 0; bit < 8; bit++)
				if (byte & 0x80u >> bit)
					h ^= key_bits(m, pos * 8 + bit);
			m->toeplitz[pos][byte] = h;
		}
	m->toeplitz_valid = 1;
}

static uint32_t toeplitz(struct model *m, const uint8_t *a, unsigned na, const uint8_t *b,
			 unsigned nb)
{
	uint32_t h = 0;
	unsigned pos = 0;

	if (!m->toeplitz_valid)
		toeplitz_init(m);
	for (unsigned i = 0; i < na; i++)
		h ^= m->toeplitz[pos++][a[i]];
	for (unsigned i = 0; i < nb; i++)
		h ^= m->toeplitz[pos++][b[i]];
	return h;
}

static void rss(struct model *m, struct parsed *p, const uint8_t *addrs, unsigned n,
		const uint8_t *ports, int v6)
{
	uint32_t mrqc = get(m, MRQC);

	if (field_get(mrqc, MRQC_MRQE) != MRQC_MRQE_RSS)
		return;
	if (ports && p->type & T_TCP &&
	    field_get(mrqc, v6 ? (unsigned)MRQC_TCPIPV6 : (unsigned)MRQC_TCPIPV4))
		p->hash_type = v6 ? H_TCP6 : H_TCP4;
	else if (ports && p->type & T_UDP &&
		 field_get(mrqc, v6 ? (unsigned)MRQC_UDPIPV6 : (unsigned)MRQC_UDPIPV4))
		p->hash_type = v6 ? H_UDP6 : H_UDP4;
	else if (field_get(mrqc, v6 ? (unsigned)MRQC_IPV6 : (unsigned)MRQC_IPV4))
		p->hash_type = v6 ? H_IP6 : H_IP4;
	else
		return;
	n *= 2;
	p->hash = toeplitz(m, addrs, n, ports,
			   p->hash_type == H_IP4 || p->hash_type == H_IP6 ? 0 : 4);
}

/* ---- layer 4 ---- */

static void check_l4(struct parsed *p, const uint8_t *l4, uint32_t len, uint32_t pseudo)
{
	uint32_t checksum_at = p->type & T_TCP ? 16 : 6;

	if (len < checksum_at + 2)
		return;
	if (p->type & T_UDP) {
		uint32_t udp_len = be16_at(l4 + 4);

		if (udp_len < 8 || udp_len > len || !(l4[6] | l4[7]))
			return; /* no checksum was sent: nothing was checked */
		p->status |= field_mask(RXD_STAT_UDPCS);
	}
	p->status |= field_mask(RXD_STAT_L4CS);
	if (sum16(l4, len, pseudo) != 0xffff)
		p->errors |= field_mask(RXD_ERR_TCPE);
}

/* SCTP's CRC32c lies in its third dword, which counts as zero in it. */
static void check_sctp(struct parsed *p, const uint8_t *l4, uint32_t len)
{
	uint8_t packet[MAX_FRAME];
	uint32_t crc;

	memcpy(packet, l4, len);
	memset(packet + 8, 0, 4);
	crc = crc32c(packet, len);
	p->status |= field_mask(RXD_STAT_L4CS);
	for (int i = 0; i < 4; i++)
		if (l4[8 + i] != (crc >> 8 * i & 0xff))
			p->errors |= field_mask(RXD_ERR_TCPE);
}

/* TCP, UDP or SCTP at @l4? Return: their ports, NULL if too short or another protocol. */
static const uint8_t *l4_type(struct parsed *p, uint8_t proto, const uint8_t *l4, uint32_t len)
{
	uint32_t least = proto == IPPROTO_TCP_ ? 20 : proto == IPPROTO_UDP_ ? 8 : 12;

	if (proto == IPPROTO_TCP_ && len >= least)
		p->type |= T_TCP;
	else if (proto == IPPROTO_UDP_ && len >= least)
		p->type |= T_UDP;
	else if (proto == IPPROTO_SCTP_ && len >= least)
		p->type |= T_SCTP;
	else
		return NULL;
	if (p->type & T_SCTP) {
		check_sctp(p, l4, len);
		return NULL;
	}
	return l4;
}

static uint32_t pseudo_sum(const uint8_t *addrs, uint32_t n, uint8_t proto, uint32_t len)
{
	uint8_t tail[8] = { 0, 0, (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, proto };

	return sum16(tail, 8, sum16(addrs, n, 0));
}

static void parse_ipv4(struct model *m, const uint8_t *ip, uint32_t len, struct parsed *p)
{
	uint32_t header, total;
	const uint8_t *ports = NULL;
	int fragment;

	if (len < 20 || ip[0] >> 4 != 4)
		return;
	header = (ip[0] & 15) * 4u;
	total = be16_at(ip + 2);
	if (header < 20 || total < header || total > len)
		return;
	p->type |= T_IPV4 | (header > 20 ? T_IPV4_OPT : 0);
	p->status |= field_mask(RXD_STAT_IPCS);
	if (sum16(ip, header, 0) != 0xffff)
		p->errors |= field_mask(RXD_ERR_IPE);
	fragment = (be16_at(ip + 6) & 0x3fff) != 0;
	if (!fragment)
		ports = l4_type(p, ip[9], ip + header, total - header);
	if (ports)
		check_l4(p, ip + header, total - header,
			 pseudo_sum(ip + 12, 8, ip[9], total - header));
	rss(m, p, ip + 12, 4, ports, 0);
}

static void parse_ipv6(struct model *m, const uint8_t *ip, uint32_t len, struct parsed *p)
{
	uint32_t at = 40, end;
	const uint8_t *ports = NULL;
	uint8_t next;
	int fragment = 0;

	if (len < 40 || ip[0] >> 4 != 6)
		return;
	end = 40u + be16_at(ip + 4);
	if (end > len)
		return;
	p->type |= T_IPV6;
	next = ip[6];
	/* hop-by-hop, routing, fragment (of fixed size), destination options */
	while ((next == 0 || next == 43 || next == 44 || next == 60) && at + 8 <= end) {
		uint32_t size = next == 44 ? 8 : 8u + ip[at + 1] * 8u;

		p->type |= T_IPV6_EXT;
		fragment |= next == 44;
		next = ip[at];
		at += size;
	}
	if (at > end)
		return;
	if (!fragment)
		ports = l4_type(p, next, ip + at, end - at);
	if (ports)
		check_l4(p, ip + at, end - at, pseudo_sum(ip + 8, 32, next, end - at));
	rss(m, p, ip + 8, 16, ports, 1);
}

void parse_frame(struct model *m, const uint8_t *f, uint32_t len, struct parsed *p)
{
	uint32_t at = 12, ethertype;

	memset(p, 0, sizeof(*p));
	ethertype = be16_at(f + 12);
	if (ethertype == get_field(m, VLNCTRL, VLNCTRL_VET) && len >= 18) {
		p->tagged = 1;
		p->tag = be16_at(f + 14);
		at = 16;
		ethertype = be16_at(f + 16);
	}
	at += 2;
	if (ethertype == 0x0800)
		parse_ipv4(m, f + at, len - at, p);
	else if (ethertype == 0x86dd)
		parse_ipv6(m, f + at, len - at, p);
}
