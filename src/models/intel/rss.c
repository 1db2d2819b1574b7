/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RSS: Toeplitz hash over addresses and ports (82599 7.1.2.8, 82576 7.1.1.7).
 */
#include "models/intel/packet.h"

/* RSS types of the write-back descriptor: 82599 7.1.6.2. */
enum { TYPE_TCP4 = 1, TYPE_IP4, TYPE_TCP6, TYPE_IP6 = 5, TYPE_UDP4 = 7, TYPE_UDP6 = 8 };

static uint32_t key_bits(const uint32_t key[10], unsigned bit)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 5; i++) {
		unsigned byte = bit / 8 + i;

		v = v << 8 | (byte < 40 ? key[byte / 4] >> byte % 4 * 8 & 0xff : 0);
	}
	return (uint32_t)(v >> (8 - bit % 8));
}

static void toeplitz_init(struct toeplitz *t, const uint32_t key[10])
{
	for (unsigned pos = 0; pos < 36; pos++)
		for (unsigned byte = 0; byte < 256; byte++) {
			uint32_t h = 0;

			for (unsigned bit = 0; bit < 8; bit++)
				if (byte & 0x80u >> bit)
					h ^= key_bits(key, pos * 8 + bit);
			t->table[pos][byte] = h;
		}
	t->valid = 1;
}

static uint32_t toeplitz(const struct toeplitz *t, const uint8_t *a, unsigned na, const uint8_t *b,
			 unsigned nb)
{
	uint32_t h = 0;
	unsigned pos = 0;

	for (unsigned i = 0; i < na; i++)
		h ^= t->table[pos++][a[i]];
	for (unsigned i = 0; i < nb; i++)
		h ^= t->table[pos++][b[i]];
	return h;
}

void rss_hash(struct toeplitz *t, const uint32_t key[10], uint32_t mrqc, struct parsed *p)
{
	int v6 = !(p->type & PACKET_IPV4), ports = 4;

	if (!p->addresses)
		return;
	if (p->ports && p->type & PACKET_TCP &&
	    field_get(mrqc, v6 ? (unsigned)HASH_TCPIPV6 : (unsigned)HASH_TCPIPV4)) {
		p->hash_type = v6 ? TYPE_TCP6 : TYPE_TCP4;
	} else if (p->ports && p->type & PACKET_UDP &&
		   field_get(mrqc, v6 ? (unsigned)HASH_UDPIPV6 : (unsigned)HASH_UDPIPV4)) {
		p->hash_type = v6 ? TYPE_UDP6 : TYPE_UDP4;
	} else if (field_get(mrqc, v6 ? (unsigned)HASH_IPV6 : (unsigned)HASH_IPV4)) {
		p->hash_type = v6 ? TYPE_IP6 : TYPE_IP4;
		ports = 0;
	} else {
		return;
	}
	if (!t->valid)
		toeplitz_init(t, key);
	p->hash = toeplitz(t, p->addresses, v6 ? 32 : 8, p->ports, (unsigned)ports);
}
