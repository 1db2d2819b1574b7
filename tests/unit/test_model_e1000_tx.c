/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82540EM and 82574L models: sending. Descriptors of all kinds, reports, tags, checksums,
 * segmentation, rules.
 */
#include "../model_e1000.h"

static void legacy_and_data_descriptors_send_frames(void **state)
{
	struct fixture *x = *state;
	uint8_t f[1514];

	for (uint32_t len = 60; len <= 1514; len += 7) {
		uint32_t at = x->t.tail;

		plain(f, len, len);
		tx_put(&x->h, &x->t, f, len, WHOLE | (len % 2 ? DATA : 0), 0);
		x->h.n_sent = 0;
		tx_go(&x->h, &x->t);
		assert_int_equal(x->h.n_sent, 1);
		assert_int_equal(x->h.sent[0].len, len);
		assert_memory_equal(x->h.sent[0].data, f, len);
		assert_true(tx_done(&x->h, &x->t, at));
		assert_int_equal(rd(&x->h, TDH), x->t.tail % RING);
	}
	no_rule_broken(&x->h);
}

static void frames_are_gathered(void **state)
{
	struct fixture *x = *state;
	uint8_t f[1000];

	plain(f, 1000, 4);
	for (uint32_t kind = 0; kind < 2; kind++) {
		uint32_t data = kind ? DATA : 0, first = x->t.tail;

		tx_put(&x->h, &x->t, f, 100, data | fm(TXD_IFCS), 0);
		tx_put(&x->h, &x->t, f + 100, 1, data | fm(TXD_IFCS) | fm(TXD_RS), 0);
		tx_go(&x->h, &x->t); /* the end is not there yet */
		assert_int_equal(x->h.n_sent, kind);
		tx_put(&x->h, &x->t, f + 101, 899, data | WHOLE, 0);
		tx_go(&x->h, &x->t);
		assert_int_equal(x->h.n_sent, kind + 1);
		assert_memory_equal(x->h.sent[kind].data, f, 1000);
		assert_false(tx_done(&x->h, &x->t, first)); /* only those with RS */
		assert_true(tx_done(&x->h, &x->t, first + 1));
		assert_true(tx_done(&x->h, &x->t, first + 2));
	}
	no_rule_broken(&x->h);
}

static void short_frames_are_padded(void **state)
{
	static const uint8_t zeros[43];
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 4);
	tx_one(&x->h, &x->t, f, 17);
	assert_int_equal(x->h.sent[0].len, 60);
	assert_memory_equal(x->h.sent[0].data, f, 17);
	assert_memory_equal(x->h.sent[0].data + 17, zeros, 43);
	if (!pcie())
		only_rule_broken(&x->h, "tx-short"); /* Linux: the PCI chips may corrupt them */
	no_rule_broken(&x->h);
	clear_bits(&x->h, TCTL, fm(TCTL_PSP));
	tx_one(&x->h, &x->t, f, 17);
	only_rule_broken(&x->h, "tx-short");
}

static void legacy_descriptors_insert_sums_and_tags(void **state)
{
	struct fixture *x = *state;
	uint8_t f[200];
	uint32_t len = ip_frame(f, 1, UDP, 50);

	put16(f + 40, pseudo(f + 14, UDP, 58)); /* the pseudo header's sum */
	set_bits(&x->h, CTRL, fm(CTRL_VME));
	tx_put(&x->h, &x->t, f, len, WHOLE | fm(TXD_IC) | fm(TXD_VLE) | field_of(TXD_CSO, 40),
	       field_of(TXD_CSS, 34) | field_of(TXD_VLAN, 0x3005));
	tx_go(&x->h, &x->t);
	assert_int_equal(x->h.sent[0].len, len + 4);
	assert_memory_equal(x->h.sent[0].data + 12, "\x81\x00\x30\x05\x08\x00", 6);
	assert_true(sums_right(x->h.sent[0].data, 18));
	no_rule_broken(&x->h);
	tx_put(&x->h, &x->t, f, len, WHOLE | fm(TXD_IC) | field_of(TXD_CSO, 200), 0);
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-checksum-offsets");
	clear_bits(&x->h, CTRL, fm(CTRL_VME));
	tx_put(&x->h, &x->t, f, len, WHOLE | fm(TXD_VLE), field_of(TXD_VLAN, 5));
	x->h.n_sent = 0;
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-vle-without-vme");
	assert_int_equal(x->h.sent[0].len, len);
}

static void data_descriptors_insert_checksums(void **state)
{
	struct fixture *x = *state;
	uint8_t f[300];

	for (int v4 = 0; v4 < 2; v4++)
		for (int tcp = 0; tcp < 2; tcp++) {
			uint32_t proto = tcp ? TCP : UDP, ip = v4 ? 20 : 40, l4 = 14 + ip;
			uint32_t len = ip_frame(f, v4, proto, 99);

			put16(f + l4 + (tcp ? 16 : 6), pseudo(f + 14, proto, len - l4));
			if (v4)
				put16(f + 24, 0);
			tx_context(&x->h, &x->t, ip, tcp, 0, 0);
			tx_put(&x->h, &x->t, f, len, WHOLE | DATA,
			       fm(TXD_TXSM) | field_of(TXD_IXSM, (uint32_t)v4));
			x->h.n_sent = 0;
			tx_go(&x->h, &x->t);
			assert_int_equal(x->h.n_sent, 1);
			assert_true(sums_right(x->h.sent[0].data, 14));
		}
	no_rule_broken(&x->h);
}

/* One TCP packet cut up: every byte of every segment. */
static void segments(struct fixture *x, int v4, uint32_t payload, uint32_t mss, unsigned busy_at)
{
	uint32_t ip = v4 ? 20 : 40, headers = 14 + ip + 20, at = 0;
	static uint8_t f[9000];
	uint32_t len = ip_frame(f, v4, TCP, payload);
	uint8_t *tcp = f + 14 + ip;

	if (v4)
		put16(f + 24, 0);
	tcp[13] = 0x19; /* FIN, PSH, ACK */
	put16(tcp + 16, pseudo(f + 14, TCP, 0));
	tx_context(&x->h, &x->t, ip, 1, fm(TXD_TSE) | payload,
		   field_of(TXD_HDRLEN, headers) | field_of(TXD_MSS, mss));
	tx_put(&x->h, &x->t, f, len, WHOLE | DATA | fm(TXD_TSE),
	       fm(TXD_TXSM) | field_of(TXD_IXSM, (uint32_t)v4));
	x->h.n_sent = 0;
	x->h.busy = busy_at;
	tx_go(&x->h, &x->t);
	run_for(&x->h, 10);
	assert_int_equal(x->h.n_sent, (payload + mss - 1) / mss);
	for (unsigned i = 0; at < payload; i++) {
		const uint8_t *s = x->h.sent[i].data, *t = s + 14 + ip;
		uint32_t n = payload - at < mss ? payload - at : mss;

		assert_int_equal(x->h.sent[i].len, headers + n < 60 ? 60 : headers + n);
		assert_true(sums_right(s, 14));
		assert_int_equal(get32(t + 4), 0x10000000 + at);
		assert_int_equal(t[13], at + n == payload ? 0x19 : 0x10);
		assert_int_equal(v4 ? get16(s + 18) : 0xabcd + i, 0xabcd + i);
		assert_memory_equal(t + 20, f + headers + at, n);
		at += n;
	}
}

static void tcp_is_segmented(void **state)
{
	struct fixture *x = *state;

	for (int v4 = 0; v4 < 2; v4++) {
		segments(x, v4, 4000, 1000, 0);
		segments(x, v4, 4001, 1000, 0);
		segments(x, v4, 100, 536, 0);
		segments(x, v4, 7000, 1460, 3); /* the cable is busy three times */
	}
	assert_int_equal(rd(&x->h, TSCTC), 8);
	no_rule_broken(&x->h);
}

static void null_descriptors_send_nothing(void **state)
{
	struct fixture *x = *state;

	tx_word(&x->h, &x->t, 0, WHOLE, 0);
	tx_go(&x->h, &x->t);
	assert_int_equal(x->h.n_sent, 0);
	assert_true(tx_done(&x->h, &x->t, 0));
	assert_int_equal(named(&x->h, "model_null_descriptors"), 1);
	no_rule_broken(&x->h);
}

static void a_busy_cable_delays(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	x->h.busy = 3;
	tx_one(&x->h, &x->t, f, 60);
	assert_int_equal(x->h.n_sent, 0);
	run_for(&x->h, 5);
	assert_int_equal(x->h.n_sent, 1);
	assert_int_equal(named(&x->h, "model_wire_out"), 1);
}

static void without_link_frames_stay(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	x->h.class->wire_link(x->h.m, 0);
	tx_one(&x->h, &x->t, f, 60);
	assert_int_equal(x->h.n_sent, 0);
	x->h.class->wire_link(x->h.m, 1);
	run_for(&x->h, 600);
	assert_int_equal(x->h.n_sent, 1);
}

static void loopback_receives_what_is_sent(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];

	plain(f, 100, 1);
	wr(&x->h, RCTL, rd(&x->h, RCTL) | field_of(RCTL_LBM, RCTL_LBM_PHY));
	tx_one(&x->h, &x->t, f, 100);
	assert_int_equal(x->h.n_sent, 0);
	assert_int_equal(rx_result(&x->h, &x->r, 0).len, 100);
	assert_memory_equal(rx_result(&x->h, &x->r, 0).data, f, 100);
}

/* As Linux's self-test sets it up. The cable neither sees nor brings anything. */
static void the_phy_sends_back_what_it_gets(void **state)
{
	const uint32_t loop = BMCR_LOOPBACK | 1 << 8 | 1 << 6; /* full duplex, 1000 */
	struct fixture *x = *state;
	uint8_t f[100];

	plain(f, 100, 1);
	for (int cable = 0; cable < 2; cable++) {
		x->h.class->wire_link(x->h.m, cable);
		if (pcie())
			wr(&x->h, EXTCNF_CTRL, fm(EXTCNF_CTRL_MDIO_SW_OWNERSHIP));
		wr(&x->h, MDIC, 1 << 21 | field_of(MDIC_OP, MDIC_OP_WRITE) | loop);
		run_for(&x->h, 600);
		assert_true(rd(&x->h, STATUS) & fm(STATUS_LU));
		assert_int_equal(from_wire(&x->h, f, 100), MODEL_RX_DROPPED);
		tx_one(&x->h, &x->t, f, 100);
		assert_int_equal(x->h.n_sent, 0);
		assert_int_equal(rx_result(&x->h, &x->r, (uint32_t)cable).len, 100);
		assert_memory_equal(rx_result(&x->h, &x->r, (uint32_t)cable).data, f, 100);
		wr(&x->h, MDIC, 1 << 21 | field_of(MDIC_OP, MDIC_OP_WRITE) | BMCR_AN_ENABLE);
		run_for(&x->h, 1);
		assert_int_equal(rd(&x->h, STATUS) & fm(STATUS_LU), cable ? fm(STATUS_LU) : 0);
	}
	assert_int_equal(from_wire(&x->h, f, 100), MODEL_RX_TAKEN);
	tx_one(&x->h, &x->t, f, 100);
	assert_int_equal(x->h.n_sent, 1);
	assert_int_equal(named(&x->h, "model_rx_off"), 2);
	no_rule_broken(&x->h);
}

/* Each breaks one rule, with what is put at @frame and @ctx. */
static const struct {
	const char *rule;
	uint32_t low, high; /* of a descriptor of 100 bytes */
	uint32_t before;    /* low half of one before it, 0: none */
} faults[] = {
	{ "tx-ifcs", FIELD_MASK(TXD_EOP), 0, 0 },
	{ "tx-descriptor-dd", WHOLE, 1, 0 },
	{ "tx-mixed", WHOLE, 0, DATA | 50 | FIELD_MASK(TXD_IFCS) },
	{ "tx-dtyp", WHOLE | FIELD_MASK(TXD_DEXT) | 2u << 20, 0, 0 },
	{ "tx-context-unset", WHOLE | DATA, FIELD_MASK(TXD_TXSM), 0 },
	{ "tx-tse-differs", WHOLE | DATA | FIELD_MASK(TXD_TSE), 0,
	  DATA | 50 | FIELD_MASK(TXD_IFCS) },
	{ "tx-length-zero", WHOLE | DATA, 0, DATA | FIELD_MASK(TXD_IFCS) },
	{ "tx-null-in-frame", WHOLE, 0, FIELD_MASK(TXD_IFCS) },
};

static void descriptors_that_make_no_sense_are_named(void **state)
{
	uint8_t f[100];

	plain(f, 100, 1);
	for (unsigned i = 0; i < ARRAY_SIZE(faults); i++) {
		struct fixture *x = *state;

		if (faults[i].before)
			tx_word(&x->h, &x->t, x->t.buffers, faults[i].before, 0);
		tx_put(&x->h, &x->t, f, 100, faults[i].low, faults[i].high);
		tx_go(&x->h, &x->t);
		only_rule_broken(&x->h, faults[i].rule);
		teardown(state);
		setup_on(state);
	}
}

static void contexts_that_make_no_sense_are_named(void **state)
{
	struct fixture *x = *state;
	uint8_t f[200];
	uint32_t len = ip_frame(f, 1, TCP, 100), headers = 54, tso = WHOLE | DATA | fm(TXD_TSE);

	tx_put(&x->h, &x->t, f, 50, DATA | fm(TXD_IFCS), 0);
	tx_context(&x->h, &x->t, 20, 1, fm(TXD_EOP), 0);
	tx_go(&x->h, &x->t);
	assert_true(broken(&x->h, "tx-context-in-frame") > 0);
	teardown(state);
	setup_on(state);
	x = *state;
	tx_context(&x->h, &x->t, 20, 1, 0, 0);
	tx_put(&x->h, &x->t, f, 20, WHOLE | DATA, fm(TXD_TXSM)); /* ends before TUCSS */
	set_bits(&x->h, TCTL, 0);
	tx_go(&x->h, &x->t);
	assert_true(broken(&x->h, "tx-checksum-offsets") > 0);
	x->h.n_rules = 0;
	tx_context(&x->h, &x->t, 20, 1, fm(TXD_TSE) | 99,
		   field_of(TXD_HDRLEN, headers) | field_of(TXD_MSS, 50));
	tx_put(&x->h, &x->t, f, len, tso, fm(TXD_TXSM) | fm(TXD_IXSM)); /* PAYLEN is 100 */
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-segmentation");
	assert_int_equal(named(&x->h, "model_tx_refused"), 1);
	tx_context(&x->h, &x->t, 20, 1, fm(TXD_TSE) | 100,
		   field_of(TXD_HDRLEN, headers) | field_of(TXD_MSS, 50));
	tx_put(&x->h, &x->t, f, len, tso, fm(TXD_IXSM));
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-tso-sums");
}

static void frames_have_a_longest_length(void **state)
{
	struct fixture *x = *state;
	static uint8_t f[16384];

	plain(f, sizeof(f), 1);
	tx_one(&x->h, &x->t, f, 16110);
	assert_int_equal(x->h.sent[0].len, 16110);
	no_rule_broken(&x->h);
	tx_put(&x->h, &x->t, f, 16384, WHOLE, 0);
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "tx-too-long");
}

static void dma_outside_memory_stops_the_queue(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	tx_word(&x->h, &x->t, 0x1000, WHOLE | 60, 0);
	tx_go(&x->h, &x->t);
	only_rule_broken(&x->h, "dma-unmapped");
	tx_one(&x->h, &x->t, f, 60);
	assert_int_equal(x->h.n_sent, 0);
	no_rule_broken(&x->h); /* said once */
}

static void tails_are_judged(void **state)
{
	struct fixture *x = *state;

	wr(&x->h, TDT, RING + 3);
	run_idle(&x->h);
	assert_true(broken(&x->h, "tail-outside") > 0);
}

static void two_queues_send(void **state)
{
	struct fixture *x = *state;
	struct txring second;
	uint8_t f[60];

	plain(f, 60, 1);
	clear_bits(&x->h, TCTL, fm(TCTL_EN));
	tx_ring(&x->h, &second, 1);
	wr(&x->h, TCTL, TCTL_TEST);
	rd(&x->h, ICR);
	tx_one(&x->h, &second, f, 60);
	tx_one(&x->h, &x->t, f, 60);
	assert_int_equal(x->h.n_sent, 2);
	assert_true(rd(&x->h, ICR) & fm(ICR_TXQ1));
	no_rule_broken(&x->h);
}

int main(void)
{
	const struct CMUnitTest both[] = {
		ON(legacy_and_data_descriptors_send_frames),
		ON(frames_are_gathered),
		ON(short_frames_are_padded),
		ON(legacy_descriptors_insert_sums_and_tags),
		ON(data_descriptors_insert_checksums),
		ON(tcp_is_segmented),
		ON(null_descriptors_send_nothing),
		ON(a_busy_cable_delays),
		ON(without_link_frames_stay),
		ON(loopback_receives_what_is_sent),
		ON(the_phy_sends_back_what_it_gets),
		ON(descriptors_that_make_no_sense_are_named),
		ON(contexts_that_make_no_sense_are_named),
		ON(frames_have_a_longest_length),
		ON(dma_outside_memory_stops_the_queue),
		ON(tails_are_judged),
	};
	const struct CMUnitTest two_queues[] = {
		ON(two_queues_send),
	};

	return RUN(82540em, both) + RUN(82574l, both) + RUN(82574l, two_queues);
}
