/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One-line decoding: Ethernet, VLAN, ARP, IPv4, IPv6, UDP, TCP, ICMP, ICMPv6. Frames are hostile:
 * every header is looked at only if it is there whole.
 */
#include "decode.h"

#include <nicety/net.h>

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

struct text {
	char *buf;
	size_t room, used;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->buf + t->used, t->room - t->used, format, ap);
	va_end(ap);
	if (n > 0)
		t->used += (size_t)n;
	if (t->used >= t->room)
		t->used = t->room - 1;
}

static void say_mac(struct text *t, const uint8_t m[6])
{
	say(t, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

static void say_ip(struct text *t, int family, const void *address)
{
	char s[INET6_ADDRSTRLEN];

	say(t, "%s", inet_ntop(family, address, s, sizeof(s)) ? s : "?");
}

static void decode_arp(struct text *t, const uint8_t *p, size_t len)
{
	const struct net_arp *arp = (const struct net_arp *)p;
	unsigned op;

	if (len < sizeof(*arp)) {
		say(t, ", ARP, truncated");
		return;
	}
	op = net_get16(arp->op);
	if (op == NET_ARP_REQUEST) {
		say(t, ", ARP who has ");
		say_ip(t, AF_INET, arp->target_ip);
		say(t, "? tell ");
		say_ip(t, AF_INET, arp->sender_ip);
	} else if (op == NET_ARP_REPLY) {
		say(t, ", ARP ");
		say_ip(t, AF_INET, arp->sender_ip);
		say(t, " is at ");
		say_mac(t, arp->sender_mac);
	} else {
		say(t, ", ARP operation %u", op);
	}
}

static void decode_icmp(struct text *t, const uint8_t *p, size_t len, int v6)
{
	const struct net_icmp *icmp = (const struct net_icmp *)p;
	const char *name = v6 ? "ICMPv6" : "ICMP";

	if (len < sizeof(*icmp)) {
		say(t, ", %s, truncated", name);
		return;
	}
	if (icmp->type == (v6 ? NET_ICMPV6_ECHO : NET_ICMP_ECHO) ||
	    icmp->type == (v6 ? NET_ICMPV6_ECHO_REPLY : NET_ICMP_ECHO_REPLY))
		say(t, ", %s echo %s, id %u, seq %u", name,
		    icmp->type == (v6 ? NET_ICMPV6_ECHO : NET_ICMP_ECHO) ? "request" : "reply",
		    net_get16(icmp->id), net_get16(icmp->seq));
	else if (v6 && icmp->type == NET_ICMPV6_SOLICIT)
		say(t, ", ICMPv6 neighbour solicitation");
	else if (v6 && icmp->type == NET_ICMPV6_ADVERT)
		say(t, ", ICMPv6 neighbour advertisement");
	else
		say(t, ", %s type %u code %u", name, icmp->type, icmp->code);
}

static void decode_l4(struct text *t, unsigned proto, const uint8_t *p, size_t len, int v6)
{
	if (proto == (v6 ? NET_IP_ICMPV6 : NET_IP_ICMP))
		decode_icmp(t, p, len, v6);
	else if ((proto == NET_IP_UDP || proto == NET_IP_TCP) && len >= 4)
		say(t, ", %s %u > %u", proto == NET_IP_UDP ? "UDP" : "TCP", net_get16(p),
		    net_get16(p + 2));
	else
		say(t, ", protocol %u", proto);
}

static void decode_ipv4(struct text *t, const uint8_t *p, size_t len)
{
	const struct net_ipv4 *ip = (const struct net_ipv4 *)p;

	if (len < sizeof(*ip) || net_ipv4_hlen(ip) < sizeof(*ip) || len < net_ipv4_hlen(ip)) {
		say(t, ", IPv4, truncated or malformed");
		return;
	}
	say(t, ", IPv4 ");
	say_ip(t, AF_INET, ip->src);
	say(t, " > ");
	say_ip(t, AF_INET, ip->dst);
	if (net_get16(ip->frag) & NET_IPV4_OFFSET)
		say(t, ", fragment at %u", (net_get16(ip->frag) & NET_IPV4_OFFSET) * 8u);
	else
		decode_l4(t, ip->proto, p + net_ipv4_hlen(ip), len - net_ipv4_hlen(ip), 0);
}

static void decode_ipv6(struct text *t, const uint8_t *p, size_t len)
{
	const struct net_ipv6 *ip = (const struct net_ipv6 *)p;

	if (len < sizeof(*ip)) {
		say(t, ", IPv6, truncated");
		return;
	}
	say(t, ", IPv6 ");
	say_ip(t, AF_INET6, ip->src);
	say(t, " > ");
	say_ip(t, AF_INET6, ip->dst);
	decode_l4(t, ip->next, p + sizeof(*ip), len - sizeof(*ip), 1);
}

int decode_frame(char *buf, size_t room, const uint8_t *frame, size_t len)
{
	const struct net_eth *eth = (const struct net_eth *)frame;
	struct text t = { buf, room, 0 };
	size_t at = sizeof(*eth);
	unsigned type;

	if (len < sizeof(*eth)) {
		say(&t, "%zu bytes, too short for Ethernet", len);
		return (int)t.used;
	}
	say_mac(&t, eth->src);
	say(&t, " > ");
	say_mac(&t, eth->dst);
	type = net_get16(eth->type);
	while ((type == NET_ETH_VLAN || type == NET_ETH_QINQ) && len >= at + 4) {
		say(&t, ", VLAN %u", net_get16(frame + at) & 0xfffu);
		type = net_get16(frame + at + 2);
		at += 4;
	}
	if (type == NET_ETH_ARP)
		decode_arp(&t, frame + at, len - at);
	else if (type == NET_ETH_IPV4)
		decode_ipv4(&t, frame + at, len - at);
	else if (type == NET_ETH_IPV6)
		decode_ipv6(&t, frame + at, len - at);
	else
		say(&t, type <= 1500 ? ", 802.3 length %u" : ", type 0x%04x", type);
	return (int)t.used;
}
