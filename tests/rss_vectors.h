/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The test vectors of Microsoft's RSS specification, and frames that carry them.
 */
#ifndef TESTS_RSS_VECTORS_H
#define TESTS_RSS_VECTORS_H

#include "frames.h"

static const uint8_t key[40] = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
				 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
				 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
				 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa };

static const struct {
	int v4;
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
	uint32_t hash, hash_ports;
} vectors[] = {
	{ 1, { 66, 9, 149, 187 }, { 161, 142, 100, 80 }, 2794, 1766, 0x323e8fc2, 0x51ccc178 },
	{ 1, { 199, 92, 111, 2 }, { 65, 69, 140, 83 }, 14230, 4739, 0xd718262a, 0xc626b0ea },
	{ 0,
	  { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7 },
	  { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03, 0, 0, 0, 0, 0, 0, 0, 1 },
	  2794,
	  1766,
	  0x2cc18cd5,
	  0x40207d3d },
	{ 0,
	  { 0x3f, 0xfe, 5, 1, 0, 8, 0, 0, 2, 0x60, 0x97, 0xff, 0xfe, 0x40, 0xef, 0xab },
	  { 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
	  14230,
	  4739,
	  0x0f0c461c,
	  0xdde51bbf },
};

static uint32_t vector_frame(uint8_t *f, unsigned i, uint32_t proto)
{
	uint32_t len = ip_frame(f, vectors[i].v4, proto, 20), n = vectors[i].v4 ? 4 : 16;
	uint8_t *addrs = f + 14 + (vectors[i].v4 ? 12 : 8);

	memcpy(addrs, vectors[i].src, n);
	memcpy(addrs + n, vectors[i].dst, n);
	put16(addrs + 2 * n, vectors[i].sport); /* the frame has no options or extensions */
	put16(addrs + 2 * n + 2, vectors[i].dport);
	return len;
}

#endif
