/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The self-test's cases about what NICs do to frames: tags, checksums, long frames; the in-place
 * path; and a million frames of which none may vanish.
 */
#include "selftest.h"

#include <errno.h>
#include <nicety/net.h>
#include <string.h>

#include "tsc.h"

static enum selftest_result receive_one(struct selftest *t, struct nic_pkt *got)
{
	if (selftest_receive(t, got, 1) == 1)
		return SELFTEST_OK;
	return selftest_fail(t, "expected a frame; seen: nothing within %g s", selftest_seconds(t));
}

static int offloads(const struct selftest *t)
{
	struct nic_info info;

	nic_get_info(t->nic[0], &info);
	return info.offloads;
}

/* ---- tags ---- */

static enum selftest_result tagged(struct selftest *t, unsigned tag, const uint8_t mac[6])
{
	struct nic_pkt pkt, got;
	enum selftest_result r;
	int right;

	if (selftest_alloc(t, &pkt, 1))
		return SELFTEST_FAILED;
	pkt.len = 100;
	selftest_fill(t, pkt.data, 100, tag, mac);
	pkt.flags = NIC_VLAN;
	pkt.vlan = (uint16_t)tag;
	if (selftest_send(t, 0, &pkt, 1))
		return SELFTEST_FAILED;
	r = receive_one(t, &got);
	if (r)
		return r;
	right = got.len == 100 && selftest_same(t, &got, 100, tag, mac) && got.flags & NIC_VLAN &&
		got.vlan == tag;
	if (!right)
		selftest_fail(t, "expected 100 bytes and the tag 0x%04x beside; seen: %u bytes, %s",
			      tag, got.len,
			      !(got.flags & NIC_VLAN) ? "no tag"
			      : got.vlan == tag       ? "the tag"
						      : "another tag");
	nic_free(&got, 1);
	return right ? SELFTEST_OK : SELFTEST_FAILED;
}

static enum selftest_result vlan(struct selftest *t)
{
	static const unsigned tags[] = { 1, 77, 0x6ffe, 0xe001 };
	enum selftest_result r = selftest_open(t, NULL);
	uint8_t mac[6];

	if (!r && !(offloads(t) & NIC_VLAN))
		return selftest_skip(t, "the driver inserts no tags");
	if (r)
		return r;
	selftest_peer(t, mac);
	for (unsigned i = 0; i < sizeof(tags) / sizeof(tags[0]) && !r; i++)
		r = tagged(t, tags[i], mac);
	return r ? r : selftest_done(t, "inserted and stripped");
}

/* ---- checksums ---- */

#define L4_AT 34u /* Ethernet and IPv4 without options */

/* An IPv4 frame whose checksum fields are as the offload wants them. */
static void make_ipv4(struct selftest *t, uint8_t *f, uint8_t proto, unsigned l4_len,
		      const uint8_t mac[6])
{
	static const uint8_t addresses[8] = { 10, 0, 0, 1, 10, 0, 0, 2 };
	uint8_t *ip = f + 14, *l4 = f + L4_AT;
	uint64_t sum = net_pseudo4(addresses, addresses + 4, proto, (uint16_t)l4_len);

	selftest_fill(t, f, L4_AT + l4_len, l4_len, mac);
	net_put16(f + 12, 0x0800);
	memset(ip, 0, 20);
	ip[0] = 0x45;
	net_put16(ip + 2, (uint16_t)(20 + l4_len));
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, addresses, 8);
	if (proto == 17) {
		net_put16(l4 + 4, (uint16_t)l4_len);
		net_put16(l4 + 6, net_sum_fold(sum));
	} else {
		l4[12] = 0x50;
		l4[13] = 0x18;
		net_put16(l4 + 16, net_sum_fold(sum));
	}
}

static const char *wrong_sums(const struct nic_pkt *got, uint8_t proto, unsigned l4_len)
{
	const uint8_t *ip = (const uint8_t *)got->data + 14;
	uint64_t sum = net_pseudo4(ip + 12, ip + 16, proto, (uint16_t)l4_len);

	if (got->len < L4_AT + l4_len)
		return "a shorter frame";
	if (net_sum_fold(net_sum_add(0, ip, 20)) != 0xffff)
		return "a wrong IPv4 checksum";
	if (net_sum_fold(net_sum_add(sum, ip + 20, l4_len)) != 0xffff)
		return "a wrong TCP or UDP checksum";
	if (got->flags & NIC_RX_IP_BAD || got->flags & NIC_RX_L4_BAD)
		return "right checksums that the receiver calls wrong";
	return NULL;
}

static enum selftest_result summed(struct selftest *t, uint8_t proto, unsigned l4_len,
				   const uint8_t mac[6])
{
	struct nic_pkt pkt, got;
	enum selftest_result r;
	const char *wrong;

	if (selftest_alloc(t, &pkt, 1))
		return SELFTEST_FAILED;
	make_ipv4(t, pkt.data, proto, l4_len, mac);
	pkt.len = (uint16_t)(L4_AT + l4_len);
	pkt.flags = NIC_TX_IP | (proto == 17 ? NIC_TX_UDP : NIC_TX_TCP);
	pkt.u.tx.l2_len = 14;
	pkt.u.tx.l3_len = 20;
	if (selftest_send(t, 0, &pkt, 1))
		return SELFTEST_FAILED;
	r = receive_one(t, &got);
	if (r)
		return r;
	wrong = wrong_sums(&got, proto, l4_len);
	t->unchecked += !(got.flags & NIC_RX_IP_OK) || !(got.flags & NIC_RX_L4_OK);
	nic_free(&got, 1);
	return wrong ? selftest_fail(t, "expected right checksums with %u bytes of %s; seen: %s",
				     l4_len, proto == 17 ? "UDP" : "TCP", wrong)
		     : SELFTEST_OK;
}

static enum selftest_result checksums(struct selftest *t)
{
	const int want = NIC_TX_IP | NIC_TX_TCP | NIC_TX_UDP;
	enum selftest_result r = selftest_open(t, NULL);
	unsigned n = 0;
	uint8_t mac[6];

	if (!r && (offloads(t) & want) != want)
		return selftest_skip(t, "the driver fills in no checksums");
	if (r)
		return r;
	selftest_peer(t, mac);
	for (unsigned len = 26; len < 1400 && !r; len += 17, n += 2) {
		r = summed(t, 17, len, mac);
		if (!r)
			r = summed(t, 6, len, mac);
	}
	return r ? r
		 : selftest_done(t, "%u frames of TCP and UDP%s", n,
				 t->unchecked ? ", not all checked by the receiver" : "");
}

/* ---- long frames ---- */

#define JUMBO 9014u
#define PARTS 16u

/* All parts of one frame. Return: how many there were within a second. */
static unsigned receive_parts(struct selftest *t, struct nic_pkt *parts, unsigned room)
{
	uint64_t end = selftest_deadline(t);
	unsigned n = 0;

	while ((!n || parts[n - 1].flags & NIC_MORE) && n < room && tsc_ns() < end) {
		n += nic_rx(nic_rxq(t->nic[1], 0), parts + n, room - n);
		nic_tx_clean(nic_txq(t->nic[0], 0));
	}
	return n;
}

static enum selftest_result long_frame(struct selftest *t, unsigned len, const uint8_t mac[6])
{
	uint8_t frame[JUMBO], back[PARTS * 2048];
	unsigned parts = (len + 1999) / 2000, at = 0, n;
	struct nic_pkt pkts[PARTS];

	selftest_fill(t, frame, len, len, mac);
	if (selftest_alloc(t, pkts, parts))
		return SELFTEST_FAILED;
	for (unsigned k = 0; k < parts; k++) { /* sent in other pieces than received */
		pkts[k].len = (uint16_t)(k < parts - 1 ? 2000 : len - 2000 * k);
		pkts[k].flags = k < parts - 1 ? NIC_MORE : 0;
		memcpy(pkts[k].data, frame + 2000 * (size_t)k, pkts[k].len);
	}
	if (selftest_send(t, 0, pkts, parts))
		return SELFTEST_FAILED;
	n = receive_parts(t, pkts, PARTS);
	for (unsigned k = 0; k < n; at += pkts[k++].len)
		if (at + pkts[k].len <= sizeof(back))
			memcpy(back + at, pkts[k].data, pkts[k].len);
	nic_free(pkts, n);
	if (at == len && !memcmp(frame, back, len))
		return SELFTEST_OK;
	return selftest_fail(t,
			     "expected a frame of %u bytes as sent; seen: %u bytes within %g s%s",
			     len, at, selftest_seconds(t), at == len ? ", others than sent" : "");
}

static enum selftest_result jumbo(struct selftest *t)
{
	static const unsigned lengths[] = { 1514, 2048, 2049, 4096, 4097, 6000, 9000, JUMBO };
	const struct nic_config cfg = { .mtu = 9000 };
	enum selftest_result r = selftest_open(t, &cfg);
	uint8_t mac[6];

	if (t->err == -EINVAL)
		return selftest_skip(t, "the driver takes no MTU of 9000");
	if (r)
		return r;
	selftest_peer(t, mac);
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]) && !r; i++)
		r = long_frame(t, lengths[i], mac);
	return r ? r : selftest_done(t, "1514 to 9014 bytes");
}

/* ---- the in-place path ---- */

/* The second device sends every frame back from where it lies, addresses swapped. */
static unsigned turn_round(struct nic_path *path)
{
	struct nic_slot slots[32];
	unsigned n = nic_path_rx(path, slots, 32);

	for (unsigned i = 0; i < n; i++) {
		uint8_t *f = slots[i].data, mac[6];

		slots[i].out = 0;
		if (slots[i].len < 14)
			continue;
		memcpy(mac, f, 6);
		memcpy(f, f + 6, 6);
		memcpy(f + 6, mac, 6);
	}
	nic_path_tx(path, slots, n);
	return n;
}

static enum selftest_result echo_one(struct selftest *t, struct nic_path *path, unsigned len,
				     const uint8_t mac[6])
{
	uint64_t end = selftest_deadline(t);
	struct nic_info info;
	struct nic_pkt got;
	uint8_t want[1514];
	int same = 0;

	nic_get_info(t->nic[0], &info);
	selftest_fill(t, want, len, len, mac);
	memcpy(want, info.mac, 6);
	memcpy(want + 6, mac, 6);
	if (selftest_send_frame(t, 0, len, len, mac))
		return SELFTEST_FAILED;
	while (!same && tsc_ns() < end) {
		turn_round(path);
		if (!nic_rx(nic_rxq(t->nic[0], 0), &got, 1))
			continue;
		same = got.len == len && !memcmp(got.data, want, len);
		nic_free(&got, 1);
	}
	return same ? SELFTEST_OK
		    : selftest_fail(t, "expected %u bytes back within %g s; seen: not them", len,
				    selftest_seconds(t));
}

static enum selftest_result path(struct selftest *t)
{
	enum selftest_result r;
	struct nic_path *p;
	uint8_t mac[6];
	int err;

	if (!t->uris[1])
		return selftest_skip(t, "needs a second device");
	r = selftest_open(t, NULL);
	if (r)
		return r;
	err = nic_path_new(&p, t->nic[1], &t->nic[1], 1, 0);
	if (err)
		return selftest_skip(t, "the driver has none: %s", strerror(-err));
	selftest_peer(t, mac);
	for (unsigned len = 60; len <= 1514 && !r; len++)
		r = echo_one(t, p, len, mac);
	nic_path_del(p);
	return r ? r : selftest_done(t, "60 to 1514 bytes there and back");
}

/* ---- many frames ---- */

#define MANY      200000u
#define IN_FLIGHT 256u

/* With no more under way than the rings hold nothing may be lost. */
static enum selftest_result many(struct selftest *t)
{
	enum selftest_result r = selftest_open(t, NULL);
	unsigned sent = 0, got = 0, all = t->many ? t->many : MANY;
	uint64_t start = tsc_ns();
	uint8_t mac[6];

	if (r)
		return r;
	selftest_peer(t, mac);
	while (got < all) {
		struct nic_pkt pkts[32];
		unsigned n;

		for (n = 0; n < 32 && sent - got < IN_FLIGHT && sent < all; n++, sent++)
			if (selftest_send_frame(t, 0, 60, sent, mac))
				return SELFTEST_FAILED;
		n = selftest_receive(t, pkts, sent - got < 32 ? sent - got : 32);
		if (!n)
			return selftest_fail(t, "expected %u frames; seen: %u, then none for %g s",
					     sent, got, selftest_seconds(t));
		for (unsigned i = 0; i < n; i++, got++)
			if (!selftest_same(t, &pkts[i], 60, got, mac)) {
				nic_free(pkts + i, n - i);
				return selftest_fail(t, "expected frame %u; seen: another", got);
			} else
				nic_free(&pkts[i], 1);
	}
	return selftest_done(t, "%u frames in %.1f s", all, (double)(tsc_ns() - start) / 1e9);
}

const struct selftest_case selftest_offloads[] = {
	{ "vlan", "tags are inserted and stripped", vlan },
	{ "checksums", "checksums are filled in and checked", checksums },
	{ "jumbo", "long frames span buffers", jumbo },
	{ "path", "the in-place path sends frames back", path },
	{ "many", "of many frames none is lost or changed", many },
	{ NULL, NULL, NULL },
};
