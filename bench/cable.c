/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Numbered frames and their check.
 */
#include "bench/cable.h"

#include <string.h>

#define ETHERNET 14u
#define IPV4     20u
#define UDP_PORT (ETHERNET + IPV4)
#define NUMBER   48u /* of 60 bytes: behind the UDP header, aligned */

static const uint8_t from[6] = { 0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee };

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static unsigned header_sum(const uint8_t *ip)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < IPV4; i += 2)
		sum += (unsigned)(ip[i] << 8 | ip[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

void cable_init(struct cable *c, const uint8_t to[6], unsigned size, unsigned flows)
{
	uint8_t *ip = c->frame + ETHERNET;

	memset(c, 0, sizeof(*c));
	c->len = size - 4;
	c->flows = flows;
	for (unsigned i = 0; i < flows; i++)
		c->expected[i] = i;
	memset(c->frame, 0xab, c->len);
	memcpy(c->frame, to, 6);
	memcpy(c->frame + 6, from, 6);
	put16(c->frame + 12, 0x0800);
	memcpy(ip, "\x45\0\0\0\0\1\0\0\x40\x11\0\0\x0a\0\0\1\x0a\0\0\2", IPV4);
	put16(ip + 2, c->len - ETHERNET);
	put16(ip + 10, header_sum(ip));
	put16(c->frame + UDP_PORT + 2, 7);
	put16(c->frame + UDP_PORT + 4, c->len - ETHERNET - IPV4);
	put16(c->frame + UDP_PORT + 6, 0); /* no checksum: RFC 768 */
}

void cable_number(struct cable *c)
{
	put16(c->frame + UDP_PORT, 1024 + (unsigned)((c->next & (c->flows - 1))));
	memcpy(c->frame + NUMBER, &c->next, sizeof(c->next));
}

void cable_back(struct cable *c, const uint8_t *frame, size_t len)
{
	const uint8_t *to = c->touched ? from : c->frame;
	const uint8_t *by = c->touched ? c->frame : from;
	uint64_t number, *expected;

	c->back++;
	if (len != c->len || memcmp(frame, to, 6) || memcmp(frame + 6, by, 6)) {
		c->damaged++;
		return;
	}
	memcpy(&number, frame + NUMBER, sizeof(number));
	expected = &c->expected[number & (c->flows - 1)];
	c->reordered += number != *expected;
	*expected = number + c->flows;
}

uint64_t cable_faults(struct cable *c)
{
	uint64_t missing = c->next > c->back ? c->next - c->back : c->back - c->next;
	uint64_t faults = missing + c->reordered + c->damaged;

	c->back = c->next;
	c->reordered = c->damaged = 0;
	for (unsigned i = 0; i < c->flows; i++) /* the first number of each flow from next on */
		c->expected[(c->next + i) & (c->flows - 1)] = c->next + i;
	return faults;
}
