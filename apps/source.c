/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Made-up frames: Ethernet, IPv4, UDP to port 9 (discard). The payload is that of the `gen` wire,
 * whose checking sink (`gen:check`) can thus be at the other end:
 *
 *   0  check word  over flow, flows, number and length, see check_word
 *   4  flow        0 to flows - 1; also added to the UDP source port
 *   6  flows       how many there are
 *   8  number      of the frame within its flow, from 0
 *   16 pattern     to the end, see pattern
 */
#include "source.h"

#include <nicety/net.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ETH       14u
#define IP        20u
#define PAYLOAD   (ETH + IP + 8u)
#define PORT_BASE 49152u /* RFC 6335: dynamic ports; 16,384 of them */

static uint32_t check_word(uint64_t number, unsigned flow, unsigned flows, unsigned len)
{
	uint64_t x = number ^ (uint64_t)flow << 48 ^ (uint64_t)flows << 32 ^ (uint64_t)len << 18;

	x *= 0x9e3779b97f4a7c15;
	x ^= x >> 29;
	return (uint32_t)(x * 0xbf58476d1ce4e5b9 >> 32);
}

static uint8_t pattern(unsigned i)
{
	return (uint8_t)(i * 167 + (i >> 8) * 29 + 0x5a);
}

/* All but what put_number writes, which stays zero. Return: the UDP sum so far, not complemented.
 */
static uint16_t make_frame(uint8_t *f, unsigned len, const struct source_config *cfg)
{
	/* 198.18.0.0/15 is set aside for benchmarks (RFC 2544). */
	static const uint8_t client[4] = { 198, 18, 0, 1 }, server[4] = { 198, 19, 0, 1 };
	struct net_eth *eth = (struct net_eth *)f;
	struct net_ipv4 *ip = (struct net_ipv4 *)(f + ETH);
	struct net_udp *udp = (struct net_udp *)(f + ETH + IP);
	uint16_t udp_len = (uint16_t)(len - ETH - IP);

	memset(f, 0, len);
	memcpy(eth->dst, cfg->dst, 6);
	memcpy(eth->src, cfg->src, 6);
	net_put16(eth->type, NET_ETH_IPV4);
	ip->ver_ihl = 0x45;
	net_put16(ip->len, (uint16_t)(len - ETH));
	net_put16(ip->frag, NET_IPV4_DF);
	ip->ttl = 64;
	ip->proto = NET_IP_UDP;
	memcpy(ip->src, client, 4);
	memcpy(ip->dst, server, 4);
	net_put16(ip->sum, net_checksum(ip, IP));
	net_put16(udp->dst, 9);
	net_put16(udp->len, udp_len);
	net_put16(f + PAYLOAD + 6, (uint16_t)cfg->flows);
	for (unsigned i = PAYLOAD + 16; i < len; i++)
		f[i] = pattern(i - PAYLOAD - 16);
	return net_sum_fold(
		net_sum_add(net_pseudo4(client, server, NET_IP_UDP, udp_len), udp, udp_len));
}

static void put_number(const struct source *s, const struct source_frame *f, uint8_t *to)
{
	uint64_t number = s->sent / s->flows, sum;
	unsigned flow = (unsigned)(s->sent % s->flows);
	uint32_t check = check_word(number, flow, s->flows, f->len);
	uint16_t port = (uint16_t)(PORT_BASE + flow);

	net_put16(to + ETH + IP, port);
	net_put32(to + PAYLOAD, check);
	net_put16(to + PAYLOAD + 4, (uint16_t)flow);
	net_put64(to + PAYLOAD + 8, number);
	/* 2^16 is 1 in this arithmetic, so wider numbers may be added whole. */
	sum = (uint64_t)f->udp_sum + port + check + flow + (number >> 32) + (number & 0xffffffff);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	net_put16(to + ETH + IP + 6, (uint16_t)(sum == 0xffff ? sum : ~sum));
}

int source_make(struct source *s, const struct source_config *cfg)
{
	/* Simple IMIX, long frames spread out so that the load is even. */
	static const uint16_t imix[SOURCE_PATTERN] = { 64,   594, 64,  64, 594, 64,
						       1518, 64,  594, 64, 64,  594 };

	memset(s, 0, sizeof(*s));
	s->n = cfg->size ? 1 : SOURCE_PATTERN;
	s->flows = cfg->flows;
	s->frames = calloc(s->n, sizeof(*s->frames));
	if (!s->frames)
		return -ENOMEM;
	for (unsigned i = 0; i < s->n; i++) {
		unsigned size = cfg->size ? cfg->size : imix[i];

		s->frames[i].len = size - NET_ETH_CRC;
		s->frames[i].data = malloc(size);
		if (!s->frames[i].data) {
			source_free(s);
			return -ENOMEM;
		}
		s->frames[i].udp_sum = make_frame(s->frames[i].data, size - NET_ETH_CRC, cfg);
		if (s->longest < size - NET_ETH_CRC)
			s->longest = size - NET_ETH_CRC;
	}
	return 0;
}

void source_free(struct source *s)
{
	for (unsigned i = 0; i < s->n; i++)
		free(s->frames[i].data);
	free(s->frames);
	memset(s, 0, sizeof(*s));
}

unsigned source_put(struct source *s, void *buf)
{
	const struct source_frame *f = &s->frames[s->next];
	uint8_t *to = buf;

	memcpy(to, f->data, f->len);
	if (!s->captured) {
		put_number(s, f, to);
		s->sent++;
	}
	s->next = s->next + 1 == s->n ? 0 : s->next + 1;
	return f->len;
}

#ifdef HAVE_LIBPCAP
#include <pcap/pcap.h>

/* A file is read whole, so that no disk stands between two frames. */
#define FILE_LIMIT ((size_t)1 << 30)

static int add_frame(struct source *s, unsigned *room, const struct pcap_pkthdr *h,
		     const uint8_t *data, uint64_t at_ns)
{
	struct source_frame *f;

	if (s->n == *room) {
		unsigned more = *room ? 2 * *room : 256;

		f = realloc(s->frames, more * sizeof(*f));
		if (!f)
			return -ENOMEM;
		s->frames = f;
		*room = more;
	}
	f = &s->frames[s->n];
	*f = (struct source_frame) { malloc(h->caplen), h->caplen, 0, at_ns };
	if (!f->data)
		return -ENOMEM;
	memcpy(f->data, data, h->caplen);
	s->n++;
	if (s->longest < h->caplen)
		s->longest = h->caplen;
	return 0;
}

static int read_frames(struct source *s, pcap_t *pcap, const char *path)
{
	struct pcap_pkthdr *h;
	const uint8_t *data;
	uint64_t first = 0;
	unsigned room = 0;
	size_t total = 0;
	int more, err = 0;

	while (!err && (more = pcap_next_ex(pcap, &h, &data)) == 1) {
		uint64_t ns = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec;

		if (!s->n)
			first = ns;
		total += h->caplen;
		if (h->caplen < 14 || h->caplen > SOURCE_SIZE_MAX - NET_ETH_CRC ||
		    total > FILE_LIMIT) {
			fprintf(stderr, "nicety: %s: frame %u: %s\n", path, s->n + 1,
				total > FILE_LIMIT
					? "the file holds more than 1 GiB; cut it with editcap"
					: "14 to 9212 bytes can be sent; filter the file first");
			return -EINVAL;
		}
		err = add_frame(s, &room, h, data, ns > first ? ns - first : 0);
	}
	if (err)
		return err;
	if (more != PCAP_ERROR_BREAK) {
		fprintf(stderr,
			"nicety: %s: broken after frame %u: %s; `editcap IN OUT` saves the good "
			"part\n",
			path, s->n, pcap_geterr(pcap));
		return -EINVAL;
	}
	if (!s->n) {
		fprintf(stderr, "nicety: %s holds no frame\n", path);
		return -EINVAL;
	}
	return 0;
}

int source_read(struct source *s, const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap;
	int err;

	memset(s, 0, sizeof(*s));
	s->captured = 1;
	pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!pcap) {
		/* libpcap names the file for some errors and not for others. */
		fprintf(stderr, "nicety: %s%s%s\n", strstr(why, path) ? "" : path,
			strstr(why, path) ? "" : ": ", why);
		return -EINVAL;
	}
	if (pcap_datalink(pcap) == DLT_EN10MB) {
		err = read_frames(s, pcap, path);
	} else {
		fprintf(stderr, "nicety: %s: the frames are not Ethernet but %s\n", path,
			pcap_datalink_val_to_description_or_dlt(pcap_datalink(pcap)));
		err = -EINVAL;
	}
	pcap_close(pcap);
	if (err)
		source_free(s);
	return err;
}
#else
int source_read(struct source *s, const char *path)
{
	(void)s;
	fprintf(stderr,
		"nicety: %s: built without libpcap; install it and build again: "
		"apt-get install libpcap-dev\n",
		path);
	return -ENOTSUP;
}
#endif
