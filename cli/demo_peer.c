/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A peer without the kernel: asks as ping does, through a driver and a model of its own, and
 * checks every byte of the answers.
 */
#include "demo.h"

#include <nicety/net.h>

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tsc.h"

#define PAYLOAD     56u /* as ping sends */
#define IDENT       0x6e63
#define WAIT_NS     1000000000u
#define INTERVAL_NS 200000000

static const uint8_t my_ip[4] = { 10, 0, 0, 1 }, echo_ip[4] = { 10, 0, 0, 2 };

struct arp_frame {
	struct net_eth eth;
	struct net_arp arp;
};
struct ping_frame {
	struct net_eth eth;
	struct net_ipv4 ip;
	struct net_icmp icmp;
	uint8_t payload[PAYLOAD];
};

struct peer {
	struct nic *nic;
	struct nic_pool *pool;
	uint8_t my_mac[6], echo_mac[6];
};

static int send_frame(struct peer *p, const void *frame, size_t len)
{
	struct nic_pkt pkt;
	uint64_t until = tsc_ns() + WAIT_NS;

	if (!nic_alloc(p->pool, &pkt, 1))
		return -1;
	memcpy(pkt.data, frame, len);
	pkt.len = (uint16_t)len;
	while (!nic_tx(nic_txq(p->nic, 0), &pkt, 1)) {
		if (tsc_ns() > until) {
			nic_free(&pkt, 1);
			return -1;
		}
	}
	return 0;
}

/* Wait for the first frame that @is_answer does not take for something else (-1). */
static int await(struct peer *p,
		 int (*is_answer)(struct peer *p, const void *frame, size_t len, const void *asked),
		 const void *asked)
{
	uint64_t until = tsc_ns() + WAIT_NS;
	struct nic_pkt pkt;
	int answer = -1;

	while (answer < 0 && tsc_ns() < until) {
		if (!nic_rx(nic_rxq(p->nic, 0), &pkt, 1)) {
			sched_yield(); /* two models and the echo want to run too */
			continue;
		}
		answer = is_answer(p, pkt.data, pkt.len, asked);
		nic_free(&pkt, 1);
	}
	return answer;
}

/* 1: right, 0: an answer that is wrong, -1: something else. */
static int is_arp_answer(struct peer *p, const void *frame, size_t len, const void *asked)
{
	const struct arp_frame *f = frame;

	(void)asked;
	if (len < sizeof(*f) || net_get16(f->eth.type) != NET_ETH_ARP ||
	    net_get16(f->arp.op) != NET_ARP_REPLY)
		return -1;
	memcpy(p->echo_mac, f->arp.sender_mac, 6);
	return net_get16(f->arp.hw) == NET_ARP_ETHER && net_get16(f->arp.proto) == NET_ETH_IPV4 &&
	       f->arp.hw_len == 6 && f->arp.proto_len == 4 && !net_mac_group(p->echo_mac) &&
	       !memcmp(f->eth.src, p->echo_mac, 6) && !memcmp(f->eth.dst, p->my_mac, 6) &&
	       !memcmp(f->arp.target_mac, p->my_mac, 6) && !memcmp(f->arp.sender_ip, echo_ip, 4) &&
	       !memcmp(f->arp.target_ip, my_ip, 4);
}

static int is_ping_answer(struct peer *p, const void *frame, size_t len, const void *asked)
{
	const struct ping_frame *f = frame, *q = asked;

	if (len < sizeof(*f) || net_get16(f->eth.type) != NET_ETH_IPV4 ||
	    f->ip.proto != NET_IP_ICMP || f->icmp.type != NET_ICMP_ECHO_REPLY ||
	    memcmp(f->icmp.seq, q->icmp.seq, 2))
		return -1;
	return len == sizeof(*f) && !memcmp(f->eth.dst, p->my_mac, 6) &&
	       !memcmp(f->eth.src, p->echo_mac, 6) && f->ip.ver_ihl == 0x45 &&
	       !memcmp(f->ip.len, q->ip.len, 2) && !memcmp(f->ip.src, echo_ip, 4) &&
	       !memcmp(f->ip.dst, my_ip, 4) && !net_checksum(&f->ip, sizeof(f->ip)) &&
	       !f->icmp.code && !memcmp(f->icmp.id, q->icmp.id, 2) &&
	       !net_checksum(&f->icmp, sizeof(f->icmp) + PAYLOAD) &&
	       !memcmp(f->payload, q->payload, PAYLOAD);
}

static int resolve(struct peer *p)
{
	struct arp_frame f = { 0 };
	int answer;

	memset(f.eth.dst, 0xff, 6);
	memcpy(f.eth.src, p->my_mac, 6);
	net_put16(f.eth.type, NET_ETH_ARP);
	net_put16(f.arp.hw, NET_ARP_ETHER);
	net_put16(f.arp.proto, NET_ETH_IPV4);
	f.arp.hw_len = 6;
	f.arp.proto_len = 4;
	net_put16(f.arp.op, NET_ARP_REQUEST);
	memcpy(f.arp.sender_mac, p->my_mac, 6);
	memcpy(f.arp.sender_ip, my_ip, 4);
	memcpy(f.arp.target_ip, echo_ip, 4);
	if (send_frame(p, &f, sizeof(f))) {
		fprintf(stderr, "nicety demo: the peer cannot send\n");
		return -1;
	}
	answer = await(p, is_arp_answer, NULL);
	if (answer != 1) {
		fprintf(stderr, "nicety demo: %s ARP answer\n", answer ? "no" : "wrong");
		return -1;
	}
	printf("10.0.0.2 is at %02x:%02x:%02x:%02x:%02x:%02x\n", p->echo_mac[0], p->echo_mac[1],
	       p->echo_mac[2], p->echo_mac[3], p->echo_mac[4], p->echo_mac[5]);
	return 0;
}

static void make_ping(struct peer *p, struct ping_frame *f, unsigned seq)
{
	memset(f, 0, sizeof(*f));
	memcpy(f->eth.dst, p->echo_mac, 6);
	memcpy(f->eth.src, p->my_mac, 6);
	net_put16(f->eth.type, NET_ETH_IPV4);
	f->ip.ver_ihl = 0x45;
	net_put16(f->ip.len, (uint16_t)(sizeof(*f) - sizeof(f->eth)));
	net_put16(f->ip.id, (uint16_t)seq);
	f->ip.ttl = 64;
	f->ip.proto = NET_IP_ICMP;
	memcpy(f->ip.src, my_ip, 4);
	memcpy(f->ip.dst, echo_ip, 4);
	net_put16(f->ip.sum, net_checksum(&f->ip, sizeof(f->ip)));
	f->icmp.type = NET_ICMP_ECHO;
	net_put16(f->icmp.id, IDENT);
	net_put16(f->icmp.seq, (uint16_t)seq);
	for (unsigned i = 0; i < PAYLOAD; i++)
		f->payload[i] = (uint8_t)(i + seq);
	net_put16(f->icmp.sum, net_checksum(&f->icmp, sizeof(f->icmp) + PAYLOAD));
}

/* One request. Return: 1 answered. */
static int ping(struct peer *p, unsigned seq)
{
	struct ping_frame f;
	uint64_t start = tsc_ns();
	int answer;

	make_ping(p, &f, seq);
	answer = send_frame(p, &f, sizeof(f)) ? -1 : await(p, is_ping_answer, &f);
	if (answer == 1)
		printf("%zu bytes from 10.0.0.2: icmp_seq=%u ttl=%u time=%.3f ms\n",
		       sizeof(f.icmp) + PAYLOAD, seq, f.ip.ttl, (double)(tsc_ns() - start) / 1e6);
	else
		printf("icmp_seq=%u: %s\n", seq, answer ? "no answer within 1 s" : "wrong answer");
	fflush(stdout);
	return answer == 1;
}

int demo_peer_ping(struct nic *nic, struct nic_pool *pool, unsigned count, const _Atomic int *stop,
		   struct demo_pings *out)
{
	const struct timespec interval = { 0, INTERVAL_NS };
	struct peer p = { .nic = nic, .pool = pool };
	struct nic_info info;

	nic_get_info(nic, &info);
	memcpy(p.my_mac, info.mac, 6);
	*out = (struct demo_pings) { 0, 0 };
	if (resolve(&p))
		return -1;
	for (unsigned seq = 1; seq <= count && !*stop; seq++) {
		if (seq > 1)
			nanosleep(&interval, NULL);
		out->sent++;
		out->received += (unsigned)ping(&p, seq);
	}
	printf("\n--- 10.0.0.2 ping statistics ---\n%u packets transmitted, %u received\n\n",
	       out->sent, out->received);
	return 0;
}
