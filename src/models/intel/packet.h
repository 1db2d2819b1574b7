/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the receivers of Intel's chips find out about a frame, and what their senders fill in:
 * headers, checksums, RSS hash, tags, segments. Knows no register; the chip's model says what is
 * switched on. Freestanding.
 */
#ifndef MODELS_INTEL_PACKET_H
#define MODELS_INTEL_PACKET_H

#include "base/field.h"
#include "base/memory.h"
#include "base/types.h"

/* parsed.type: bits of the packet type where advanced descriptors have them (82599 7.1.6.2,
 * 82576 7.1.5.2: dword 0 bits 16:4). */
enum {
	PACKET_IPV4 = 1 << 4,
	PACKET_IPV4_OPT = 1 << 5,
	PACKET_IPV6 = 1 << 6,
	PACKET_IPV6_EXT = 1 << 7,
	PACKET_TCP = 1 << 8,
	PACKET_UDP = 1 << 9,
	PACKET_SCTP = 1 << 10,
};
/* parsed.status and parsed.errors: bits of the status dword of advanced descriptors. Legacy and
 * extended ones have the same status bits, and the errors one position lower. */
#define PACKET_UDPCS (1u << 4)  /* the UDP checksum was checked */
#define PACKET_L4CS  (1u << 5)  /* the TCP, UDP or SCTP checksum was checked */
#define PACKET_IPCS  (1u << 6)  /* the IPv4 header checksum was checked */
#define PACKET_TCPE  (1u << 30) /* the TCP, UDP or SCTP checksum is wrong */
#define PACKET_IPE   (1u << 31) /* the IPv4 header checksum is wrong */

/* What is known of a frame, in host order. */
struct parsed {
	uint32_t type;            /* PACKET_IPV4 … */
	uint32_t status;          /* PACKET_UDPCS, PACKET_L4CS, PACKET_IPCS */
	uint32_t errors;          /* PACKET_TCPE, PACKET_IPE, and what the chip's model adds */
	uint32_t hash, hash_type; /* by rss_hash; type as in the descriptor, 0 = none */
	int tagged, others;       /* others: for the chip's model */
	int fragment;             /* of IP */
	/* bytes up to the end of TCP or UDP, else of IP; 0: no IP, or one that makes no sense */
	uint32_t headers;
	uint16_t tag;
	const uint8_t *addresses; /* source and destination IP, NULL: no IP */
	const uint8_t *ports;     /* NULL: no whole TCP or UDP header */
};

/** packet_parse - headers and checksums of @f; @vlan_type: ethertype of tags. */
void packet_parse(const uint8_t *f, uint32_t len, uint32_t vlan_type, struct parsed *p);

/** sum16 - ones' complement sum in memory order, folded to 16 bits. */
uint32_t sum16(const uint8_t *p, size_t len, uint32_t sum);
/** crc32c - of SCTP packets, in their byte order when stored lowest byte first. */
uint32_t crc32c(const uint8_t *p, uint32_t len);

static inline uint16_t be16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}
static inline void put_be16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
/** mac_at - an address as receive address registers hold it: byte 0 lowest. Reads 8 bytes. */
static inline uint64_t mac_at(const uint8_t *f)
{
	le64 v;

	memcpy(&v, f, 8);
	return from_le64(v) & 0xffffffffffffull;
}
#define MAC_BROADCAST 0xffffffffffffull
#define MAC_PAUSE     0x010000c28001ull /* 01:80:c2:00:00:01 */

/* ---- RSS ---- */

/* MRQC bits that choose what is hashed: 82599 8.2.3.7.12, 82576 8.10.1. */
enum {
	HASH_TCPIPV4 = FIELD_BITS(16, 16),
	HASH_IPV4 = FIELD_BITS(17, 17),
	HASH_IPV6 = FIELD_BITS(20, 20),
	HASH_TCPIPV6 = FIELD_BITS(21, 21),
	HASH_UDPIPV4 = FIELD_BITS(22, 22),
	HASH_UDPIPV6 = FIELD_BITS(23, 23),
};
/* Toeplitz over a 320-bit key: a table for each byte of the input. */
struct toeplitz {
	uint32_t table[36][256];
	int valid; /* 0: the key changed */
};
/** rss_hash - fill in hash and hash_type as the HASH_ bits of @mrqc want; @key: RSSRK. */
void rss_hash(struct toeplitz *t, const uint32_t key[10], uint32_t mrqc, struct parsed *p);

/* ---- sending: advanced context and data descriptors, 82599 7.2.3.2, 82576 7.2.2 ---- */

enum { OFFLOAD_UDP = 0, OFFLOAD_TCP = 1, OFFLOAD_SCTP = 2 };

struct offload {
	uint32_t mac, ip, l4, mss; /* header lengths; bytes of a segment behind them */
	uint32_t l4t;              /* OFFLOAD_UDP … */
	int v4, tag, ip_sum, l4_sum;
	uint16_t vlan;
};

/** offload_checksums - IPv4 header and layer 4, whose field holds the pseudo header's sum. */
void offload_checksums(const struct offload *w, uint8_t *f, uint32_t len);
/**
 * offload_segment - make segment @n in @out from the frame @whole of @len bytes, without its
 * checksums. @keep: the TCP flags that stay in a first, middle and last segment. Return: its
 * length.
 */
uint32_t offload_segment(const struct offload *w, const uint8_t *whole, uint32_t len, uint32_t n,
			 const uint32_t keep[3], uint8_t *out);
/** offload_tag - insert a tag behind the addresses; @f has room. Return: the new length. */
uint32_t offload_tag(uint8_t *f, uint32_t len, uint32_t vlan_type, uint32_t tag);

#endif
