/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The echo of apps/echo.h: one function per protocol; each returns the answer's length or counts
 * why there is none. They see the frame behind a possible VLAN tag: `l3` is its offset.
 */
#include "echo.h"

#include "nicety/net.h"
#include "nicety/nic.h"

#include <errno.h>
#include <string.h>

static const char *const names[ECHO_COUNTS] = {
	[ECHO_ARP] = "arp_replies",
	[ECHO_ICMP] = "icmp_replies",
	[ECHO_ND] = "nd_replies",
	[ECHO_ICMPV6] = "icmpv6_replies",
	[ECHO_DROP_TRUNCATED] = "drop_truncated",
	[ECHO_DROP_OTHER_TYPE] = "drop_other_type",
	[ECHO_DROP_NOT_ECHO] = "drop_not_echo",
	[ECHO_DROP_FRAGMENT] = "drop_fragment",
	[ECHO_DROP_GROUP_SOURCE] = "drop_group_source",
	[ECHO_DROP_GROUP_DEST] = "drop_group_dest",
	[ECHO_DROP_ZERO_SOURCE] = "drop_zero_source",
	[ECHO_DROP_BAD_HEADER] = "drop_bad_header",
	[ECHO_DROP_VLAN_STRIPPED] = "drop_vlan_stripped",
	[ECHO_DROP_ARP_NOT_REQUEST] = "drop_arp_not_request",
	[ECHO_DROP_ARP_PROBE] = "drop_arp_probe",
	[ECHO_DROP_ARP_GRATUITOUS] = "drop_arp_gratuitous",
	[ECHO_DROP_ND_PROBE] = "drop_nd_probe",
	[ECHO_DROP_ND_FORMAT] = "drop_nd_format",
	[ECHO_DROP_BAD_LENGTH] = "drop_bad_length",
	[ECHO_DROP_BAD_OPTIONS] = "drop_bad_options",
	[ECHO_DROP_SOURCE_ROUTE] = "drop_source_route",
	[ECHO_DROP_BAD_IP_SUM] = "drop_bad_ip_sum",
	[ECHO_DROP_BAD_ICMP_SUM] = "drop_bad_icmp_sum",
};

struct request {
	struct echo *echo;
	uint8_t *frame;
	unsigned len, l3;
	uint32_t nic_flags;
};

static unsigned drop(const struct request *r, enum echo_count why)
{
	r->echo->count[why]++;
	return 0;
}

/* Bytes that the frame has from its network header on. */
static unsigned l3_len(const struct request *r)
{
	return r->len - r->l3;
}

static void swap_ipv4(struct net_ipv4 *ip)
{
	uint32_t src, dst;

	memcpy(&src, ip->src, 4);
	memcpy(&dst, ip->dst, 4);
	memcpy(ip->src, &dst, 4);
	memcpy(ip->dst, &src, 4);
}

static void swap_ipv6(struct net_ipv6 *ip)
{
	uint64_t src[2], dst[2];

	memcpy(src, ip->src, 16);
	memcpy(dst, ip->dst, 16);
	memcpy(ip->src, dst, 16);
	memcpy(ip->dst, src, 16);
}

/* Back to the sender; from the address it wrote to, or from the device's own if it wrote to many.
 */
static void turn_eth(const struct request *r)
{
	struct net_eth *eth = (void *)r->frame;
	uint8_t src[6];

	memcpy(src, eth->src, 6);
	memcpy(eth->src, net_mac_group(eth->dst) ? r->echo->mac : eth->dst, 6);
	memcpy(eth->dst, src, 6);
}

static unsigned answer_arp(const struct request *r)
{
	struct net_arp *arp = (void *)(r->frame + r->l3);
	struct net_eth *eth = (void *)r->frame;
	uint8_t ip[4];

	if (l3_len(r) < sizeof(*arp))
		return drop(r, ECHO_DROP_TRUNCATED);
	if (net_get16(arp->hw) != NET_ARP_ETHER || net_get16(arp->proto) != NET_ETH_IPV4 ||
	    arp->hw_len != 6 || arp->proto_len != 4)
		return drop(r, ECHO_DROP_BAD_HEADER);
	if (net_get16(arp->op) != NET_ARP_REQUEST)
		return drop(r, ECHO_DROP_ARP_NOT_REQUEST);
	/* RFC 5227: an answer would tell the prober that the address it wants is taken. */
	if (net_ipv4_zero(arp->sender_ip))
		return drop(r, ECHO_DROP_ARP_PROBE);
	if (memcmp(arp->sender_ip, arp->target_ip, 4) == 0)
		return drop(r, ECHO_DROP_ARP_GRATUITOUS);
	if (net_ipv4_group(arp->sender_ip) || net_mac_group(arp->sender_mac))
		return drop(r, ECHO_DROP_GROUP_SOURCE);
	if (net_mac_zero(arp->sender_mac))
		return drop(r, ECHO_DROP_ZERO_SOURCE);
	if (net_ipv4_group(arp->target_ip) || net_ipv4_zero(arp->target_ip))
		return drop(r, ECHO_DROP_GROUP_DEST);
	net_put16(arp->op, NET_ARP_REPLY);
	memcpy(ip, arp->target_ip, 4);
	memcpy(arp->target_mac, arp->sender_mac, 6);
	memcpy(arp->target_ip, arp->sender_ip, 4);
	memcpy(arp->sender_mac, r->echo->mac, 6);
	memcpy(arp->sender_ip, ip, 4);
	memcpy(eth->dst, eth->src, 6);
	memcpy(eth->src, r->echo->mac, 6);
	r->echo->count[ECHO_ARP]++;
	return r->len;
}

/* RFC 791 3.1: walk the options. Return: ECHO_COUNTS if they are fine. */
static enum echo_count check_options(const uint8_t *opt, unsigned len)
{
	enum { END = 0, NOP = 1, LOOSE_ROUTE = 131, STRICT_ROUTE = 137 };

	while (len && *opt != END) {
		unsigned size = 1;

		if (*opt != NOP) {
			if (len < 2 || opt[1] < 2 || opt[1] > len)
				return ECHO_DROP_BAD_OPTIONS;
			/* An answer would have to travel the route backwards; nobody wants that. */
			if (*opt == LOOSE_ROUTE || *opt == STRICT_ROUTE)
				return ECHO_DROP_SOURCE_ROUTE;
			size = opt[1];
		}
		opt += size;
		len -= size;
	}
	return ECHO_COUNTS;
}

/* What the fast path takes on trust. Return: ECHO_COUNTS if all is well. */
static enum echo_count validate_ipv4(const struct request *r, unsigned hlen)
{
	const struct net_ipv4 *ip = (const void *)(r->frame + r->l3);
	unsigned total = net_get16(ip->len);
	enum echo_count why =
		check_options((const uint8_t *)(ip + 1), hlen - (unsigned)sizeof(*ip));

	if (total > l3_len(r))
		return ECHO_DROP_TRUNCATED;
	if (total < hlen + sizeof(struct net_icmp))
		return ECHO_DROP_BAD_LENGTH;
	/* RFC 1122 3.3.6: a unicast packet in a broadcast frame is discarded. */
	if (net_mac_group(r->frame))
		return ECHO_DROP_GROUP_DEST;
	if (r->nic_flags & NIC_RX_IP_OK ? r->nic_flags & NIC_RX_IP_BAD : net_checksum(ip, hlen))
		return ECHO_DROP_BAD_IP_SUM;
	if (why == ECHO_COUNTS && net_checksum(r->frame + r->l3 + hlen, total - hlen))
		return ECHO_DROP_BAD_ICMP_SUM;
	return why;
}

/*
 * The corner of RFC 1624: an answer with checksum 0x0000 is right unless all of it is zero bytes
 * (id 0, sequence 0, no or zero payload); then it is 0xffff. One in 65536 answers comes here.
 */
static uint16_t zero_sum(const struct request *r, unsigned hlen)
{
	const struct net_ipv4 *ip = (const void *)(r->frame + r->l3);
	unsigned end = net_get16(ip->len);

	if (end > l3_len(r) || end < hlen)
		end = l3_len(r);
	return net_sum_fold(net_sum_add(0, r->frame + r->l3 + hlen, end - hlen)) ? 0 : 0xffff;
}

static unsigned answer_icmp(const struct request *r)
{
	struct net_ipv4 *ip = (void *)(r->frame + r->l3);
	unsigned hlen;
	struct net_icmp *icmp;
	uint16_t sum;

	if (l3_len(r) < sizeof(*ip))
		return drop(r, ECHO_DROP_TRUNCATED);
	hlen = net_ipv4_hlen(ip);
	if (ip->ver_ihl >> 4 != 4 || hlen < sizeof(*ip))
		return drop(r, ECHO_DROP_BAD_HEADER);
	if (ip->proto != NET_IP_ICMP)
		return drop(r, ECHO_DROP_NOT_ECHO);
	if (net_get16(ip->frag) & (NET_IPV4_MF | NET_IPV4_OFFSET))
		return drop(r, ECHO_DROP_FRAGMENT);
	if (l3_len(r) < hlen + sizeof(*icmp))
		return drop(r, ECHO_DROP_TRUNCATED);
	icmp = (void *)(r->frame + r->l3 + hlen);
	if (net_get16(&icmp->type) != NET_ICMP_ECHO << 8)
		return drop(r, ECHO_DROP_NOT_ECHO);
	if (net_ipv4_group(ip->src))
		return drop(r, ECHO_DROP_GROUP_SOURCE);
	if (net_ipv4_zero(ip->src))
		return drop(r, ECHO_DROP_ZERO_SOURCE);
	/* The answer would come from there. 0.0.0.0 is an old form of broadcast (RFC 1122 3.3.6).
	 */
	if (net_ipv4_group(ip->dst) || net_ipv4_zero(ip->dst))
		return drop(r, ECHO_DROP_GROUP_DEST);
	if (r->echo->validate) {
		enum echo_count why = validate_ipv4(r, hlen);

		if (why != ECHO_COUNTS)
			return drop(r, why);
	}
	icmp->type = NET_ICMP_ECHO_REPLY;
	sum = net_sum_update16(net_get16(icmp->sum), NET_ICMP_ECHO << 8, NET_ICMP_ECHO_REPLY << 8);
	net_put16(icmp->sum, sum);
	if (!sum)
		net_put16(icmp->sum, zero_sum(r, hlen));
	swap_ipv4(ip);
	turn_eth(r);
	r->echo->count[ECHO_ICMP]++;
	return r->len;
}

/* A neighbour solicitation becomes the advertisement of RFC 4861 7.2.4. @room: payload bytes. */
static unsigned answer_nd(const struct request *r, unsigned room)
{
	struct net_ipv6 *ip = (void *)(r->frame + r->l3);
	struct net_nd *nd = (void *)(ip + 1);
	struct net_nd_lladdr *option = (void *)(nd + 1);
	unsigned size = sizeof(*nd);

	/* RFC 4861 7.1.1: hop limit 255 proves that the sender is on this link. */
	if (ip->hops != NET_ND_HOPS || nd->code || room < sizeof(*nd) ||
	    net_ipv6_group(nd->target) || net_ipv6_zero(nd->target))
		return drop(r, ECHO_DROP_ND_FORMAT);
	if (room >= sizeof(*nd) + sizeof(*option))
		size += sizeof(*option);
	else if (net_ipv6_group(ip->dst))
		return drop(r, ECHO_DROP_ND_FORMAT); /* must name its sender's MAC (7.2.2) */

	nd->type = NET_ICMPV6_ADVERT;
	memset(nd->flags, 0, sizeof(nd->flags));
	nd->flags[0] = NET_ND_SOLICITED | NET_ND_OVERRIDE;
	if (size > sizeof(*nd)) {
		option->type = NET_ND_OPT_TARGET;
		option->len = sizeof(*option) / 8;
		memcpy(option->mac, r->echo->mac, 6);
	}
	memcpy(ip->dst, ip->src, 16);
	memcpy(ip->src, nd->target, 16);
	net_put16(ip->len, (uint16_t)size);
	net_put16(nd->sum, 0);
	net_put16(nd->sum, net_sum_finish(net_sum_add(
				   net_pseudo6(ip->src, ip->dst, NET_IP_ICMPV6, size), nd, size)));
	turn_eth(r);
	memcpy(((struct net_eth *)(void *)r->frame)->src, r->echo->mac, 6);
	r->echo->count[ECHO_ND]++;
	return r->l3 + (unsigned)sizeof(*ip) + size;
}

/* RFC 4861 4.6: options of ND messages; each has a length in units of 8 bytes, not zero. */
static int nd_options_ok(const uint8_t *opt, unsigned len)
{
	while (len) {
		unsigned size = len < 2 ? 0 : opt[1] * 8u;

		if (!size || size > len)
			return 0;
		opt += size;
		len -= size;
	}
	return 1;
}

static enum echo_count validate_ipv6(const struct request *r, unsigned payload)
{
	const struct net_ipv6 *ip = (const void *)(r->frame + r->l3);
	const struct net_nd *nd = (const void *)(ip + 1);
	uint64_t sum;

	if (payload > l3_len(r) - sizeof(*ip))
		return ECHO_DROP_TRUNCATED;
	if (payload < sizeof(struct net_icmp))
		return ECHO_DROP_BAD_LENGTH;
	sum = net_pseudo6(ip->src, ip->dst, NET_IP_ICMPV6, payload);
	if (net_sum_finish(net_sum_add(sum, nd, payload)))
		return ECHO_DROP_BAD_ICMP_SUM;
	if (nd->type == NET_ICMPV6_SOLICIT && payload >= sizeof(*nd) &&
	    !nd_options_ok((const uint8_t *)(nd + 1), payload - (unsigned)sizeof(*nd)))
		return ECHO_DROP_BAD_OPTIONS;
	return ECHO_COUNTS;
}

static unsigned answer_ipv6(const struct request *r)
{
	struct net_ipv6 *ip = (void *)(r->frame + r->l3);
	struct net_icmp *icmp = (void *)(ip + 1);
	unsigned payload, room;

	if (l3_len(r) < sizeof(*ip))
		return drop(r, ECHO_DROP_TRUNCATED);
	if (ip->ver_class_flow[0] >> 4 != 6)
		return drop(r, ECHO_DROP_BAD_HEADER);
	if (ip->next != NET_IP_ICMPV6)
		return drop(r,
			    ip->next == NET_IP_FRAGMENT ? ECHO_DROP_FRAGMENT : ECHO_DROP_NOT_ECHO);
	room = l3_len(r) - (unsigned)sizeof(*ip);
	if (room < sizeof(*icmp))
		return drop(r, ECHO_DROP_TRUNCATED);
	if (icmp->type != NET_ICMPV6_SOLICIT && net_get16(&icmp->type) != NET_ICMPV6_ECHO << 8)
		return drop(r, ECHO_DROP_NOT_ECHO);
	if (net_ipv6_group(ip->src))
		return drop(r, ECHO_DROP_GROUP_SOURCE);
	if (net_ipv6_zero(ip->src))
		return drop(r, icmp->type == NET_ICMPV6_SOLICIT ? ECHO_DROP_ND_PROBE
								: ECHO_DROP_ZERO_SOURCE);
	payload = net_get16(ip->len);
	if (r->echo->validate) {
		enum echo_count why = validate_ipv6(r, payload);

		if (why != ECHO_COUNTS)
			return drop(r, why);
	}
	if (icmp->type == NET_ICMPV6_SOLICIT) {
		if (payload > room)
			return drop(r, ECHO_DROP_TRUNCATED);
		return answer_nd(r, payload);
	}
	if (net_ipv6_group(ip->dst) || net_ipv6_zero(ip->dst))
		return drop(r, ECHO_DROP_GROUP_DEST);
	icmp->type = NET_ICMPV6_ECHO_REPLY;
	/* The pseudo-header is not zero and its sum is the same after the swap. */
	net_put16(icmp->sum, net_sum_update16(net_get16(icmp->sum), NET_ICMPV6_ECHO << 8,
					      NET_ICMPV6_ECHO_REPLY << 8));
	swap_ipv6(ip);
	turn_eth(r);
	r->echo->count[ECHO_ICMPV6]++;
	return r->len;
}

unsigned echo_frame(struct echo *e, void *frame, unsigned len, uint32_t nic_flags)
{
	struct request r = { e, frame, len, sizeof(struct net_eth), nic_flags };
	const struct net_eth *eth = frame;
	uint16_t type;

	if (len < sizeof(*eth) || nic_flags & NIC_MORE)
		return drop(&r, ECHO_DROP_TRUNCATED);
	if (nic_flags & NIC_VLAN)
		return drop(&r, ECHO_DROP_VLAN_STRIPPED);
	if (net_mac_group(eth->src))
		return drop(&r, ECHO_DROP_GROUP_SOURCE);
	if (net_mac_zero(eth->src))
		return drop(&r, ECHO_DROP_ZERO_SOURCE);
	type = net_get16(eth->type);
	if (type == NET_ETH_VLAN) {
		if (len < sizeof(*eth) + sizeof(struct net_vlan))
			return drop(&r, ECHO_DROP_TRUNCATED);
		type = net_get16(r.frame + r.l3 + 2);
		r.l3 += sizeof(struct net_vlan);
	}
	if (type == NET_ETH_IPV4)
		return answer_icmp(&r);
	if (type == NET_ETH_ARP)
		return answer_arp(&r);
	if (type == NET_ETH_IPV6)
		return answer_ipv6(&r);
	return drop(&r, ECHO_DROP_OTHER_TYPE);
}

void echo_init(struct echo *e, const uint8_t mac[6], int validate)
{
	memset(e, 0, sizeof(*e));
	memcpy(e->mac, mac, 6);
	e->validate = validate;
}

int echo_counter(const struct echo *e, unsigned i, const char **name, uint64_t *value)
{
	if (i >= ECHO_COUNTS)
		return -ENOENT;
	*name = names[i];
	*value = e->count[i];
	return 0;
}

static uint64_t total(const struct echo *e, unsigned from, unsigned to)
{
	uint64_t sum = 0;

	while (from < to)
		sum += e->count[from++];
	return sum;
}

uint64_t echo_replies(const struct echo *e)
{
	return total(e, 0, ECHO_DROP_TRUNCATED);
}

uint64_t echo_drops(const struct echo *e)
{
	return total(e, ECHO_DROP_TRUNCATED, ECHO_COUNTS);
}
