/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Headers of the protocols that small network programs meet, and the Internet checksum.
 *
 * Header structs consist of bytes only: they have no padding and no alignment, so a pointer to any
 * byte of a frame may be turned into one. Multi-byte fields are byte arrays in network order; read
 * and write them with net_get16/32/64 and net_put16/32/64, which also work at any address. Numbers
 * in arguments and results are in the machine's order. Header-only, depends on nothing, C and C++.
 *
 * Checksums: a running sum is a uint64_t that means nothing by itself (it is in the byte order of
 * memory, RFC 1071 section 2 (B)): start at 0 or with net_pseudo4/6, add pieces with net_sum_add,
 * end with net_sum_finish.
 */
#ifndef NICETY_NET_H
#define NICETY_NET_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- numbers in network order ---------------------------------------------------------- */

static inline uint16_t net_get16(const void *p)
{
	const uint8_t *b = (const uint8_t *)p;

	return (uint16_t)(b[0] << 8 | b[1]);
}
static inline uint32_t net_get32(const void *p)
{
	return (uint32_t)net_get16(p) << 16 | net_get16((const uint8_t *)p + 2);
}
static inline uint64_t net_get64(const void *p)
{
	return (uint64_t)net_get32(p) << 32 | net_get32((const uint8_t *)p + 4);
}
static inline void net_put16(void *p, uint16_t v)
{
	uint8_t *b = (uint8_t *)p;

	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}
static inline void net_put32(void *p, uint32_t v)
{
	net_put16(p, (uint16_t)(v >> 16));
	net_put16((uint8_t *)p + 2, (uint16_t)v);
}
static inline void net_put64(void *p, uint64_t v)
{
	net_put32(p, (uint32_t)(v >> 32));
	net_put32((uint8_t *)p + 4, (uint32_t)v);
}

/* ---- Ethernet (IEEE 802.3), VLAN tag (802.1Q) -------------------------------------------- */

struct net_eth {
	uint8_t dst[6], src[6];
	uint8_t type[2]; /* NET_ETH_*; up to 1500 it is an 802.3 length */
};
/* Follows the Ethernet header whose type is NET_ETH_VLAN or NET_ETH_QINQ. */
struct net_vlan {
	uint8_t tci[2]; /* priority (3 bits), drop eligible (1), VLAN identifier (12) */
	uint8_t type[2];
};

enum {
	NET_ETH_IPV4 = 0x0800,
	NET_ETH_ARP = 0x0806,
	NET_ETH_VLAN = 0x8100,
	NET_ETH_IPV6 = 0x86dd,
	NET_ETH_QINQ = 0x88a8,
	NET_ETH_MIN = 60,      /* bytes of the shortest frame, without CRC */
	NET_ETH_CRC = 4,       /* bytes of the frame check sequence */
	NET_ETH_OVERHEAD = 20, /* bytes of time on the line: preamble 8, gap 12 */
};

/** net_mac_group - 1 for multicast and broadcast addresses (802.3 3.2.3: the I/G bit). */
static inline int net_mac_group(const uint8_t mac[6])
{
	return mac[0] & 1;
}
/** net_mac_zero - 1 for 00:00:00:00:00:00, which no station has. */
static inline int net_mac_zero(const uint8_t mac[6])
{
	return (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) == 0;
}

/* ---- ARP for Ethernet and IPv4 (RFC 826) ------------------------------------------------- */

struct net_arp {
	uint8_t hw[2];     /* NET_ARP_ETHER */
	uint8_t proto[2];  /* NET_ETH_IPV4 */
	uint8_t hw_len;    /* 6 */
	uint8_t proto_len; /* 4 */
	uint8_t op[2];     /* NET_ARP_* */
	uint8_t sender_mac[6], sender_ip[4];
	uint8_t target_mac[6], target_ip[4];
};

enum { NET_ARP_ETHER = 1, NET_ARP_REQUEST = 1, NET_ARP_REPLY = 2 };

/* ---- IPv4 (RFC 791), IPv6 (RFC 8200) ------------------------------------------------------ */

struct net_ipv4 {
	uint8_t ver_ihl; /* version 4; header length in units of 4 bytes, 5 to 15 */
	uint8_t tos;     /* DSCP (6 bits), ECN (2) */
	uint8_t len[2];  /* bytes of header and payload */
	uint8_t id[2];
	uint8_t frag[2]; /* NET_IPV4_DF, NET_IPV4_MF, offset in units of 8 bytes (13 bits) */
	uint8_t ttl;
	uint8_t proto;  /* NET_IP_* */
	uint8_t sum[2]; /* Internet checksum over the header */
	uint8_t src[4], dst[4];
};
struct net_ipv6 {
	uint8_t ver_class_flow[4]; /* version 6 (4 bits), traffic class (8), flow label (20) */
	uint8_t len[2];            /* bytes after this header */
	uint8_t next;              /* NET_IP_* */
	uint8_t hops;
	uint8_t src[16], dst[16];
};

enum {
	NET_IP_HOPOPT = 0,
	NET_IP_ICMP = 1,
	NET_IP_TCP = 6,
	NET_IP_UDP = 17,
	NET_IP_FRAGMENT = 44,
	NET_IP_ICMPV6 = 58,
};
enum { NET_IPV4_DF = 0x4000, NET_IPV4_MF = 0x2000, NET_IPV4_OFFSET = 0x1fff };

/** net_ipv4_hlen - bytes of an IPv4 header as it claims itself; less than 20 is malformed. */
static inline unsigned net_ipv4_hlen(const struct net_ipv4 *ip)
{
	return (ip->ver_ihl & 15u) * 4;
}
/**
 * net_ipv4_group - 1 if no single host has this address: multicast (224/4, RFC 5771), reserved
 * (240/4) and limited broadcast. A subnet's own broadcast address cannot be told without its mask.
 */
static inline int net_ipv4_group(const uint8_t ip[4])
{
	return ip[0] >= 224;
}
static inline int net_ipv6_group(const uint8_t ip[16])
{
	return ip[0] == 0xff;
}
static inline int net_ipv4_zero(const uint8_t ip[4])
{
	return (ip[0] | ip[1] | ip[2] | ip[3]) == 0;
}
/** net_ipv6_zero - 1 for ::, the unspecified address (RFC 4291 2.5.2). */
static inline int net_ipv6_zero(const uint8_t ip[16])
{
	return (net_get64(ip) | net_get64(ip + 8)) == 0;
}

/* ---- ICMP (RFC 792), ICMPv6 (RFC 4443), neighbour discovery (RFC 4861) --------------------- */

/* Echo request and reply; the first four bytes are common to all messages. */
struct net_icmp {
	uint8_t type, code;
	uint8_t sum[2]; /* ICMP: over the message; ICMPv6: and over the pseudo-header */
	uint8_t id[2], seq[2];
};
/* Neighbour solicitation and advertisement; options follow. */
struct net_nd {
	uint8_t type, code;
	uint8_t sum[2];
	uint8_t flags[4]; /* advertisement: NET_ND_*; solicitation: zero */
	uint8_t target[16];
};
/* The link-layer address options of Ethernet. */
struct net_nd_lladdr {
	uint8_t type; /* NET_ND_OPT_* */
	uint8_t len;  /* of the option, in units of 8 bytes: 1 */
	uint8_t mac[6];
};

enum {
	NET_ICMP_ECHO_REPLY = 0,
	NET_ICMP_ECHO = 8,
	NET_ICMPV6_ECHO = 128,
	NET_ICMPV6_ECHO_REPLY = 129,
	NET_ICMPV6_SOLICIT = 135,
	NET_ICMPV6_ADVERT = 136,
	NET_ND_OPT_SOURCE = 1,
	NET_ND_OPT_TARGET = 2,
	NET_ND_HOPS = 255, /* hop limit of every ND message; less: it was forwarded, drop it */
};
/* Flags of an advertisement, of the first flag byte. */
enum { NET_ND_ROUTER = 0x80, NET_ND_SOLICITED = 0x40, NET_ND_OVERRIDE = 0x20 };

/* ---- UDP (RFC 768), TCP (RFC 9293) --------------------------------------------------------- */

struct net_udp {
	uint8_t src[2], dst[2];
	uint8_t len[2]; /* bytes of header and payload */
	uint8_t sum[2]; /* 0: none (IPv4 only); a sum of 0 is sent as 0xffff */
};
struct net_tcp {
	uint8_t src[2], dst[2];
	uint8_t seq[4], ack[4];
	uint8_t offset; /* upper 4 bits: bytes of the header / 4 */
	uint8_t flags;
	uint8_t window[2];
	uint8_t sum[2];
	uint8_t urgent[2];
};

/* ---- Internet checksum (RFC 1071, RFC 1624) ------------------------------------------------- */

/**
 * net_sum_add - add bytes to a running sum.
 * @sum: of the pieces so far, which all had an even length. @p: at any address. @len: bytes, less
 * than 2^32; odd only in the last piece, which then counts as if a zero byte followed.
 */
static inline uint64_t net_sum_add(uint64_t sum, const void *p, size_t len)
{
	const uint8_t *b = (const uint8_t *)p;
	uint64_t other = 0, w[2];
	uint32_t half = 0;
	uint16_t tail = 0;

	/* Halves of 32 bits into 64: no carry can be lost before 2^32 of them were added. */
	for (; len >= 16; len -= 16, b += 16) {
		memcpy(w, b, 16);
		sum += (w[0] & 0xffffffff) + (w[0] >> 32);
		other += (w[1] & 0xffffffff) + (w[1] >> 32);
	}
	sum += other;
	for (; len >= 4; len -= 4, b += 4) {
		memcpy(&half, b, 4);
		sum += half;
	}
	if (len >= 2) {
		memcpy(&tail, b, 2);
		sum += tail;
		b += 2;
		len -= 2;
	}
	if (len) {
		tail = 0;
		memcpy(&tail, b, 1); /* the first byte in memory, in either byte order */
		sum += tail;
	}
	/* Back below 2^33, so that the sums of many calls cannot overflow either. */
	return (sum & 0xffffffff) + (sum >> 32);
}

/** net_sum_fold - the one's complement sum (not its complement) as a number, 0 to 0xffff. */
static inline uint16_t net_sum_fold(uint64_t sum)
{
	uint8_t b[2];
	uint16_t s;

	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	s = (uint16_t)sum;
	memcpy(b, &s, 2); /* what lies in memory, read in network order */
	return net_get16(b);
}

/** net_sum_finish - the checksum to store: the complement of the sum. */
static inline uint16_t net_sum_finish(uint64_t sum)
{
	return (uint16_t)~net_sum_fold(sum);
}

/**
 * net_checksum - Internet checksum over one piece of memory. Over data that already contains its
 * checksum the result is 0 if that is right.
 */
static inline uint16_t net_checksum(const void *p, size_t len)
{
	return net_sum_finish(net_sum_add(0, p, len));
}

/** net_pseudo4 - running sum of the pseudo-header of TCP and UDP over IPv4 (RFC 9293 3.1). */
static inline uint64_t net_pseudo4(const uint8_t src[4], const uint8_t dst[4], uint8_t proto,
				   uint16_t len)
{
	uint8_t rest[4] = { 0, proto, (uint8_t)(len >> 8), (uint8_t)len };

	return net_sum_add(net_sum_add(net_sum_add(0, src, 4), dst, 4), rest, 4);
}
/**
 * net_pseudo6 - the same for everything over IPv6, ICMPv6 included (RFC 8200 8.1).
 * @next: protocol of the upper layer, not of an extension header. @len: bytes of its message.
 */
static inline uint64_t net_pseudo6(const uint8_t src[16], const uint8_t dst[16], uint8_t next,
				   uint32_t len)
{
	uint8_t rest[8] = { 0, 0, 0, 0, 0, 0, 0, next };

	net_put32(rest, len);
	return net_sum_add(net_sum_add(net_sum_add(0, src, 16), dst, 16), rest, 8);
}
/** net_udp_finish - a UDP checksum: 0 means "none" there, so 0xffff is sent for it (RFC 768). */
static inline uint16_t net_udp_finish(uint64_t sum)
{
	uint16_t s = net_sum_finish(sum);

	return s ? s : 0xffff;
}

/**
 * net_sum_update16 - the checksum after one 16-bit word of the data changed: RFC 1624 equation 3,
 * HC' = ~(~HC + ~m + m').
 * @sum: the old checksum. @from, @to: the word before and after.
 *
 * Equation 3 gives 0x0000 where RFC 1141's form gives 0xffff. That is what a full computation
 * gives too, with one exception no incremental form can see: if *all* of the new data is zero
 * bytes, the full computation gives 0xffff (the sum is +0, not -0), and a receiver would take
 * 0x0000 for wrong. A caller whose data can be all zero checks for it when the result is 0x0000;
 * TCP, UDP and everything over IPv6 cannot be, their pseudo-header is not.
 */
static inline uint16_t net_sum_update16(uint16_t sum, uint16_t from, uint16_t to)
{
	uint32_t s = (uint16_t)~sum + (uint32_t)(uint16_t)~from + to;

	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}
/** net_sum_update32 - the same for two neighbouring words, such as an IPv4 address. */
static inline uint16_t net_sum_update32(uint16_t sum, uint32_t from, uint32_t to)
{
	sum = net_sum_update16(sum, (uint16_t)(from >> 16), (uint16_t)(to >> 16));
	return net_sum_update16(sum, (uint16_t)from, (uint16_t)to);
}

#ifdef __cplusplus
}
#endif
#endif
