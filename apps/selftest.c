/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the cases of the self-test stand on: devices, frames, waiting.
 */
#include "selftest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tsc.h"

#define ETHERTYPE 0x88b5 /* local experimental (IEEE 802) */
#define WAIT_MS   3000
#define BUFFERS   2048u

static uint64_t wait_ms(const struct selftest *t)
{
	return (uint64_t)(t->wait_ms ? t->wait_ms : WAIT_MS);
}

uint64_t selftest_deadline(const struct selftest *t)
{
	return tsc_ns() + wait_ms(t) * 1000000;
}

double selftest_seconds(const struct selftest *t)
{
	return (double)wait_ms(t) / 1000;
}

static void set_text(struct selftest *t, const char *format, va_list args)
{
	vsnprintf(t->text, sizeof(t->text), format, args);
}

enum selftest_result selftest_fail(struct selftest *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(t, format, args);
	va_end(args);
	return SELFTEST_FAILED;
}

enum selftest_result selftest_skip(struct selftest *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(t, format, args);
	va_end(args);
	return SELFTEST_SKIPPED;
}

enum selftest_result selftest_done(struct selftest *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(t, format, args);
	va_end(args);
	return SELFTEST_OK;
}

static enum selftest_result open_one(struct selftest *t, unsigned i, const struct nic_config *cfg)
{
	t->err = (t->open ? t->open : nic_open)(&t->nic[i], t->mem, t->uris[i], cfg);
	if (!t->err)
		return SELFTEST_OK;
	return selftest_fail(t, "%s cannot be opened: %s", t->uris[i], strerror(-t->err));
}

/* Both ends, since one comes up only with the other. */
static enum selftest_result wait_link(struct selftest *t)
{
	uint64_t wait = t->link_wait_ms ? (uint64_t)t->link_wait_ms : 5000;
	uint64_t end = tsc_ns() + wait * 1000000;

	while (nic_link(t->nic[0]) <= 0 || nic_link(t->nic[1]) <= 0) {
		if (tsc_ns() > end)
			return selftest_fail(t, "expected a link within %u s; seen: %s is down",
					     (unsigned)(wait / 1000),
					     nic_link(t->nic[0]) > 0 ? t->uris[1] : t->uris[0]);
		nic_tx_clean(nic_txq(t->nic[0], 0)); /* lets a synchronous model run */
		nic_tx_clean(nic_txq(t->nic[1], 0));
	}
	return SELFTEST_OK;
}

static void close_all(struct selftest *t)
{
	uint64_t (*violations)(struct nic *) =
		t->count_violations ? t->count_violations : nic_violations;
	void (*end)(struct nic *) = t->close ? t->close : nic_close;

	for (int i = 1; i >= 0; i--) {
		if (!t->nic[i] || (i && t->nic[1] == t->nic[0]))
			continue;
		t->violations += violations(t->nic[i]);
		end(t->nic[i]);
	}
	t->nic[0] = t->nic[1] = NULL;
}

enum selftest_result selftest_open(struct selftest *t, const struct nic_config *cfg)
{
	struct nic_config c = cfg ? *cfg : (struct nic_config) { 0 };
	enum selftest_result r;

	c.link_wait_ms = -1;
	c.loopback = t->loopback;
	close_all(t);
	if (!t->mem &&
	    (nic_mem_new(&t->mem, &t->memory) || nic_pool_new(&t->pool, t->mem, BUFFERS, 2048)))
		return selftest_fail(t, "no memory for %u buffers", BUFFERS);
	r = open_one(t, 0, &c);
	if (r)
		return r;
	if (t->uris[1])
		r = open_one(t, 1, &c);
	else
		t->nic[1] = t->nic[0];
	return r ? r : wait_link(t);
}

enum selftest_result selftest_run(struct selftest *t, const struct selftest_case *c)
{
	enum selftest_result r;
	unsigned missing;

	t->text[0] = 0;
	t->mem = NULL;
	t->pool = NULL;
	t->nic[0] = t->nic[1] = NULL;
	t->err = 0;
	t->unchecked = 0;
	t->violations = t->foreign = 0;
	r = c->run(t);
	close_all(t);
	missing = t->pool ? nic_pool_count(t->pool) - nic_pool_free(t->pool) : 0;
	if (t->pool && nic_pool_del(t->pool) == 0)
		nic_mem_del(t->mem);
	else if (!t->pool)
		nic_mem_del(t->mem);
	if (r == SELFTEST_OK && missing)
		return selftest_fail(t, "expected all buffers back; seen: %u missing", missing);
	if (r == SELFTEST_OK && t->violations)
		return selftest_fail(t, "expected no rule of the datasheet broken; seen: %llu",
				     (unsigned long long)t->violations);
	return r;
}

void selftest_peer(const struct selftest *t, uint8_t mac[6])
{
	struct nic_info info;

	nic_get_info(t->nic[1], &info);
	memcpy(mac, info.mac, 6);
}

void selftest_fill(const struct selftest *t, uint8_t *frame, unsigned len, unsigned seed,
		   const uint8_t dst[6])
{
	struct nic_info info;

	nic_get_info(t->nic[0], &info);
	memcpy(frame, dst, 6);
	memcpy(frame + 6, info.mac, 6);
	frame[12] = ETHERTYPE >> 8;
	frame[13] = ETHERTYPE & 0xff;
	for (unsigned i = 14; i < len; i++)
		frame[i] = (uint8_t)(seed * 31 + i * 7 + (i >> 8));
}

int selftest_same(const struct selftest *t, const struct nic_pkt *pkt, unsigned len, unsigned seed,
		  const uint8_t dst[6])
{
	uint8_t want[2048];

	if (len > sizeof(want))
		return 0;
	selftest_fill(t, want, len, seed, dst);
	return !memcmp(pkt->data, want, len);
}

int selftest_alloc(struct selftest *t, struct nic_pkt *pkts, unsigned n)
{
	uint64_t end = selftest_deadline(t);

	while (nic_pool_free(t->pool) < n) {
		for (unsigned q = 0; nic_txq(t->nic[0], q); q++)
			nic_tx_clean(nic_txq(t->nic[0], q));
		if (tsc_ns() > end) {
			selftest_fail(t, "expected buffers back from sending within %g s; seen: %u",
				      selftest_seconds(t), nic_pool_free(t->pool));
			return -1;
		}
	}
	nic_alloc(t->pool, pkts, n);
	return 0;
}

int selftest_send(struct selftest *t, unsigned q, struct nic_pkt *pkts, unsigned n)
{
	uint64_t end = selftest_deadline(t);
	unsigned sent = 0;

	while (sent < n) {
		sent += nic_tx(nic_txq(t->nic[0], q), pkts + sent, n - sent);
		if (sent < n && tsc_ns() > end) {
			selftest_fail(t,
				      "expected %u elements to be taken for sending within %g s; "
				      "seen: %u",
				      n, selftest_seconds(t), sent);
			nic_free(pkts + sent, n - sent);
			return -1;
		}
	}
	return 0;
}

int selftest_send_frame(struct selftest *t, unsigned q, unsigned len, unsigned seed,
			const uint8_t dst[6])
{
	struct nic_pkt pkt;

	if (selftest_alloc(t, &pkt, 1))
		return -1;
	pkt.len = (uint16_t)len;
	selftest_fill(t, pkt.data, len, seed, dst);
	return selftest_send(t, q, &pkt, 1);
}

/* A cable may carry what neither of us sent: by the Ethernet type, or by the source. */
static int is_ours(const struct selftest *t, const struct nic_pkt *pkt, int inside)
{
	const uint8_t *f = pkt->data;
	struct nic_info info;

	if (inside) /* of a frame whose first element was ours */
		return 1;
	nic_get_info(t->nic[0], &info);
	return pkt->len >= 14 && !memcmp(f + 6, info.mac, 6);
}

unsigned selftest_receive(struct selftest *t, struct nic_pkt *pkts, unsigned n)
{
	uint64_t end = selftest_deadline(t);
	unsigned got = 0, q = 0;
	struct nic_info info;
	int inside = 0;

	nic_get_info(t->nic[1], &info);
	while (got < n && tsc_ns() < end) {
		unsigned k = nic_rx(nic_rxq(t->nic[1], q), pkts + got, n - got), kept = got;

		for (unsigned i = got; i < got + k; i++) {
			int ours = is_ours(t, &pkts[i], inside);

			inside = ours && (pkts[i].flags & NIC_MORE);
			if (ours) {
				pkts[kept++] = pkts[i];
				continue;
			}
			nic_free(&pkts[i], 1);
			t->foreign++;
		}
		got = kept;
		if (!k) /* a frame's parts come from one queue */
			q = inside ? q : (q + 1) % info.rx_queues;
		if (!k && t->nic[0] != t->nic[1])
			nic_tx_clean(nic_txq(t->nic[0], 0));
	}
	return got;
}
