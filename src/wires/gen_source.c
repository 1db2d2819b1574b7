/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The generator's source. A frame is made from a template that lies ready in memory: only what
 * differs from the frame before is written, and checksums are the template's plus those words.
 */
#include "wires/gen.h"

#include "base/errno.h"
#include "base/types.h"
#include "nicety/net.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A frame stays valid while the next is made, so that a caller may still be copying it. */
#define SLOTS      4
/* A schedule that the consumer cannot follow is moved, or it would answer with one long burst. */
#define MAX_LAG_PS 10000000000ull /* 10 ms */
#define FRACTION   20             /* bits of a ps that times have */

/* What depends on a frame's size only. */
struct gen_size {
	uint16_t len;      /* without CRC */
	uint16_t ip_sum;   /* checksum of the IPv4 header */
	uint16_t udp_base; /* sum over pseudo-header and datagram while variable fields are 0 */
	uint64_t time;     /* on the line, 2^-20 ps */
};

struct gen_source {
	uint8_t *slots; /* SLOTS frames, `stride` bytes apart */
	size_t stride;
	struct gen_size *sizes;
	unsigned n_sizes, size; /* index of the next */
	unsigned slot, flow, flows;
	int ready;    /* the frame in `slot` is made */
	int next_bad; /* it gets a wrong CRC */
	uint64_t number, left, until_bad, bad;
	int paced;
	uint64_t due_ps, due_fraction, now_ps;
	uint64_t counts[GEN_SOURCE_COUNTS];
};

static uint64_t clock_ps(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec) * 1000;
}

static struct net_ipv4 *ip_of(uint8_t *frame)
{
	return (struct net_ipv4 *)(void *)(frame + GEN_L3);
}

static struct net_udp *udp_of(uint8_t *frame)
{
	return (struct net_udp *)(void *)(frame + GEN_L4);
}

/* The template: variable fields, lengths and checksums are zero. */
static void fill_slot(uint8_t *frame, size_t len, const struct gen_config *c)
{
	static const uint8_t src_ip[4] = { 198, 18, 0, 1 }, dst_ip[4] = { 198, 19, 0, 1 };
	struct net_eth *eth = (void *)frame;
	struct net_ipv4 *ip = ip_of(frame);

	memcpy(eth->dst, c->dst, 6);
	memcpy(eth->src, c->src, 6);
	net_put16(eth->type, NET_ETH_IPV4);
	ip->ver_ihl = 0x45;
	net_put16(ip->frag, NET_IPV4_DF);
	ip->ttl = 64;
	ip->proto = NET_IP_UDP;
	memcpy(ip->src, src_ip, 4); /* RFC 2544 C.2.2: addresses for benchmarks */
	memcpy(ip->dst, dst_ip, 4);
	net_put16(udp_of(frame)->dst, GEN_PORT);
	net_put16(frame + GEN_PAYLOAD + 6, (uint16_t)c->flows);
	for (size_t i = GEN_PAYLOAD + GEN_PATTERN; i < len; i++)
		frame[i] = gen_pattern((unsigned)(i - GEN_PAYLOAD - GEN_PATTERN));
}

/* Lengths and checksum of the IP header into a frame. */
static void put_lengths(uint8_t *frame, const struct gen_size *size)
{
	net_put16(ip_of(frame)->len, (uint16_t)(size->len - GEN_L3));
	net_put16(ip_of(frame)->sum, size->ip_sum);
	net_put16(udp_of(frame)->len, (uint16_t)(size->len - GEN_L4));
}

/* Sums are taken over slot 0, whose variable fields are still zero. */
static void fill_size(struct gen_source *s, struct gen_size *size, unsigned bytes,
		      const struct gen_config *c)
{
	struct net_ipv4 *ip = ip_of(s->slots);
	uint16_t udp_len;

	size->len = (uint16_t)(bytes - NET_ETH_CRC);
	size->time = c->frame_time + c->byte_time * (bytes + NET_ETH_OVERHEAD);
	udp_len = (uint16_t)(size->len - GEN_L4);
	put_lengths(s->slots, size);
	net_put16(ip->sum, 0);
	size->ip_sum = net_checksum(ip, sizeof(*ip));
	size->udp_base = net_sum_fold(net_sum_add(net_pseudo4(ip->src, ip->dst, ip->proto, udp_len),
						  udp_of(s->slots), udp_len));
}

static void fill_sizes(struct gen_source *s, const struct gen_config *c)
{
	/* The simple IMIX, 7:4:1, spread out. */
	static const uint16_t imix[] = { 64, 594, 64, 64, 594, 64, 1518, 64, 594, 64, 64, 594 };

	for (unsigned i = 0; i < s->n_sizes; i++)
		fill_size(s, &s->sizes[i], c->imix ? imix[i] : c->size_min + i, c);
	_Static_assert(ARRAY_SIZE(imix) == 12, "gen_source_new counts on it");
}

int gen_source_new(struct gen_source **out, const struct gen_config *c)
{
	struct gen_source *s = calloc(1, sizeof(*s));
	unsigned longest = c->imix ? 1518 : c->size_max;

	if (!s)
		return -ENOMEM;
	s->n_sizes = c->imix ? 12 : c->size_max - c->size_min + 1;
	/* One line more than whole lines: slots do not meet in one cache set. */
	s->stride = (longest + 63u) / 64 * 64 + 64;
	s->sizes = calloc(s->n_sizes, sizeof(*s->sizes));
	s->slots = aligned_alloc(64, s->stride * SLOTS);
	if (!s->sizes || !s->slots) {
		gen_source_del(s);
		return -ENOMEM;
	}
	memset(s->slots, 0, s->stride * SLOTS);
	for (unsigned i = 0; i < SLOTS; i++)
		fill_slot(s->slots + i * s->stride, longest - NET_ETH_CRC, c);
	fill_sizes(s, c);
	for (unsigned i = 0; i < SLOTS; i++)
		put_lengths(s->slots + i * s->stride, &s->sizes[0]);
	s->flows = (unsigned)c->flows;
	s->left = c->count ? c->count : UINT64_MAX;
	s->bad = s->until_bad = c->bad;
	s->paced = c->frame_time || c->byte_time;
	*out = s;
	return 0;
}

void gen_source_del(struct gen_source *s)
{
	if (!s)
		return;
	free(s->slots);
	free(s->sizes);
	free(s);
}

/* Is the next frame due? The clock is read only when the time read last does not say yes. */
static int is_due(struct gen_source *s)
{
	if (s->due_ps <= s->now_ps && s->due_ps)
		return 1;
	s->now_ps = clock_ps();
	if (!s->due_ps) {
		s->due_ps = s->now_ps; /* the first frame starts the clock */
	} else if (s->now_ps > s->due_ps + MAX_LAG_PS) {
		s->due_ps = s->now_ps - MAX_LAG_PS;
		s->counts[GEN_LATE]++;
	}
	return s->due_ps <= s->now_ps;
}

static void make_frame(struct gen_source *s)
{
	uint8_t *frame = s->slots + s->slot * s->stride, *payload = frame + GEN_PAYLOAD;
	const struct gen_size *size = &s->sizes[s->size];
	uint32_t check = gen_check_word(s->number, s->flow, s->flows, size->len);
	uint16_t port = (uint16_t)(GEN_FIRST_PORT + s->flow);
	uint64_t sum;

	s->next_bad = s->bad && s->until_bad == 1;
	if (s->next_bad)
		check = ~check; /* should it be delivered after all, it counts as corrupted */
	if (s->n_sizes > 1)
		put_lengths(frame, size);
	net_put16(udp_of(frame)->src, port);
	net_put32(payload, check);
	net_put16(payload + 4, (uint16_t)s->flow);
	net_put64(payload + 8, s->number);
	/* 2^16 is 1 in this arithmetic, so wider numbers may be added whole. */
	sum = (uint64_t)size->udp_base + port + check + s->flow + (s->number >> 32) +
	      (s->number & 0xffffffff);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	net_put16(udp_of(frame)->sum, (uint16_t)(sum ? sum : 0xffff));
}

const void *gen_source_peek(struct gen_source *s, size_t *len, unsigned *bad)
{
	if (!s->ready) {
		if (!s->left || (s->paced && !is_due(s)))
			return NULL;
		make_frame(s);
		s->ready = 1;
	}
	*len = s->sizes[s->size].len;
	*bad = (unsigned)s->next_bad;
	return s->slots + s->slot * s->stride;
}

void gen_source_take(struct gen_source *s)
{
	const struct gen_size *size = &s->sizes[s->size];

	s->ready = 0;
	s->slot = (s->slot + 1) % SLOTS;
	if (s->paced) {
		s->due_fraction += size->time & ((1u << FRACTION) - 1);
		s->due_ps += (size->time >> FRACTION) + (s->due_fraction >> FRACTION);
		s->due_fraction &= (1u << FRACTION) - 1;
	}
	if (s->bad && --s->until_bad == 0)
		s->until_bad = s->bad;
	if (++s->size == s->n_sizes)
		s->size = 0;
	/* A bad frame is one more; its number is the next good frame's. */
	if (s->next_bad) {
		s->counts[GEN_SENT_BAD]++;
		return;
	}
	s->counts[GEN_SENT]++;
	s->counts[GEN_SENT_BYTES] += size->len;
	s->left--;
	if (++s->flow == s->flows) {
		s->flow = 0;
		s->number++;
	}
}

int gen_source_ended(const struct gen_source *s)
{
	return !s->left;
}

const uint64_t *gen_source_counts(const struct gen_source *s)
{
	return s->counts;
}
