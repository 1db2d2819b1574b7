/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The generator's checking sink. What each counter means, exactly:
 *
 *   foreign     not from a generator: no IPv4/UDP to its port, or another number of flows than
 *               the first frame had. Looked at no further. (A frame damaged in just those fields
 *               comes here; it then misses elsewhere.)
 *   corrupted   from a generator, but cut, or a checksum, the check word, a length or the pattern
 *               is wrong. Its number is not believed. MAC addresses and a VLAN tag may change on
 *               the way, and TTL with the IP checksum.
 *   received    all others, the next three kinds included.
 *   duplicated  of received: the number was received before and lies in the window.
 *   reordered   of received: came after a higher number of its flow, for the first time.
 *   stale       of received: so far behind the highest number of its flow (GEN_WINDOW or more)
 *               that nobody remembers if it came before. It is neither of the two above.
 *   lost        numbers up to the highest received, counted over all flows, that did not come (or
 *               came stale). Frames lost after the highest number cannot be known here: compare
 *               received with what the source sent.
 *
 * So: received - duplicated - stale + lost = the highest number + 1.
 */
#include "wires/gen.h"

#include "nicety/net.h"

#include <stdlib.h>
#include <string.h>

struct gen_flow {
	uint64_t next;                  /* highest number received + 1 */
	uint64_t seen[GEN_WINDOW / 64]; /* bit n % GEN_WINDOW: n was received */
};

struct gen_sink {
	uint64_t counts[GEN_SINK_COUNTS];
	uint64_t top; /* highest number over all flows + 1 */
	unsigned flows;
	uint8_t pattern[GEN_SIZE_MAX];
	struct gen_flow flow[GEN_FLOWS]; /* the system provides the pages that are used */
};

struct gen_sink *gen_sink_new(void)
{
	struct gen_sink *s = calloc(1, sizeof(*s));

	for (unsigned i = 0; s && i < GEN_SIZE_MAX; i++)
		s->pattern[i] = gen_pattern(i);
	return s;
}

void gen_sink_del(struct gen_sink *s)
{
	free(s);
}

static void set_seen(struct gen_flow *f, uint64_t number)
{
	f->seen[number % GEN_WINDOW / 64] |= (uint64_t)1 << number % 64;
}

/* The window moves on to a number that is not the next: those between were not seen yet. */
static void skip_to(struct gen_flow *f, uint64_t number)
{
	uint64_t n = f->next;

	if (number - n >= GEN_WINDOW)
		memset(f->seen, 0, sizeof(f->seen));
	else
		for (; n != number; n++)
			f->seen[n % GEN_WINDOW / 64] &= ~((uint64_t)1 << n % 64);
}

static void count_number(struct gen_sink *s, struct gen_flow *f, unsigned flow, uint64_t number)
{
	uint64_t above = number * s->flows + flow + 1;

	if (number >= f->next) {
		if (number != f->next)
			skip_to(f, number);
		f->next = number + 1;
		if (above > s->top)
			s->top = above;
	} else if (f->next - number > GEN_WINDOW) {
		s->counts[GEN_STALE]++;
		return;
	} else if (f->seen[number % GEN_WINDOW / 64] >> number % 64 & 1) {
		s->counts[GEN_DUPLICATED]++;
		return;
	} else {
		s->counts[GEN_REORDERED]++;
	}
	set_seen(f, number);
}

/* Everything behind the MAC addresses is as it was sent. @total: bytes of the IP packet. */
static int intact(const struct gen_sink *s, const uint8_t *l3, unsigned total)
{
	const struct net_ipv4 *ip = (const void *)l3;
	const struct net_udp *udp = (const void *)(ip + 1);
	const uint8_t *payload = (const uint8_t *)(udp + 1);
	unsigned udp_len = total - (unsigned)sizeof(*ip), flow = net_get16(payload + 4),
		 flows = net_get16(payload + 6), pattern;

	if (net_get16(udp->len) != udp_len || !net_get16(udp->sum) || flow >= flows ||
	    flows > GEN_FLOWS || net_get16(udp->src) != GEN_FIRST_PORT + flow)
		return 0;
	if (net_get32(payload) !=
	    gen_check_word(net_get64(payload + 8), flow, flows, total + GEN_L3))
		return 0;
	if (net_checksum(ip, sizeof(*ip)) ||
	    net_sum_finish(net_sum_add(net_pseudo4(ip->src, ip->dst, NET_IP_UDP, (uint16_t)udp_len),
				       udp, udp_len)))
		return 0;
	pattern = total - (GEN_PAYLOAD - GEN_L3) - GEN_PATTERN;
	return memcmp(payload + GEN_PATTERN, s->pattern, pattern) == 0;
}

void gen_sink_frame(struct gen_sink *s, const void *frame, size_t len)
{
	const uint8_t *l3 = (const uint8_t *)frame + GEN_L3, *payload;
	size_t room = len - GEN_L3;
	const struct net_ipv4 *ip;
	unsigned total, flows;

	if (len >= GEN_L3 + 4 && net_get16(l3 - 2) == NET_ETH_VLAN) {
		l3 += sizeof(struct net_vlan);
		room -= sizeof(struct net_vlan);
	}
	ip = (const void *)l3;
	if (len < GEN_PAYLOAD || room < GEN_PAYLOAD - GEN_L3 || net_get16(l3 - 2) != NET_ETH_IPV4 ||
	    ip->ver_ihl != 0x45 || ip->proto != NET_IP_UDP || net_get16(l3 + 22) != GEN_PORT) {
		s->counts[GEN_FOREIGN]++;
		return;
	}
	/* Frames may be padded behind the packet, but not be shorter than it. */
	total = net_get16(ip->len);
	if (total > room || total < GEN_SIZE_MIN - NET_ETH_CRC - GEN_L3 ||
	    total > GEN_SIZE_MAX - NET_ETH_CRC - GEN_L3 || !intact(s, l3, total)) {
		s->counts[GEN_CORRUPTED]++;
		return;
	}
	payload = l3 + (GEN_PAYLOAD - GEN_L3);
	flows = net_get16(payload + 6);
	if (!s->flows)
		s->flows = flows;
	if (s->flows != flows) {
		s->counts[GEN_FOREIGN]++;
		return;
	}
	s->counts[GEN_RECEIVED]++;
	s->counts[GEN_RECEIVED_BYTES] += len;
	count_number(s, &s->flow[net_get16(payload + 4)], net_get16(payload + 4),
		     net_get64(payload + 8));
}

const uint64_t *gen_sink_counts(struct gen_sink *s)
{
	s->counts[GEN_LOST] = s->top - (s->counts[GEN_RECEIVED] - s->counts[GEN_DUPLICATED] -
					s->counts[GEN_STALE]);
	return s->counts;
}
