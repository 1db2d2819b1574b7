/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82576 model: receiving. Filters, descriptors, checksums, hashes, rings, drops.
 */
#include "../model_82576.h"
#include "../rss_vectors.h"

#define RXE  (1u << 31) /* 82576 7.1.5.2: one bit lower than on the 82599, RXE highest */
#define IPE  (1u << 30)
#define TCPE (1u << 29)

struct fixture {
	struct harness h; /* must be first */
	struct rxring r;
};

/* A running receiver with queue 0 of 64 advanced descriptors of 2 KiB. */
static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	open_82576(&x->h);
	rx_start(&x->h, &x->r, 0, 64, 2, ADVANCED, 63);
	no_rule_broken(&x->h);
	*state = x;
	return 0;
}

/* Whatever a test did: frames are conserved, see models/82576/README.md. */
static void conserved(struct harness *h)
{
	static const char *const drops[] = {
		"model_rx_off",           "model_rx_short",
		"model_rx_filtered",      "model_rx_crc",
		"model_rx_oversize",      "model_rx_queue_off",
		"model_rx_no_descriptor", "model_rx_packet_buffer_full",
		"model_rx_dma_failed",    "model_rx_flow_control"
	};
	uint64_t total = named(h, "model_delivered");

	for (unsigned i = 0; i < ARRAY_SIZE(drops); i++)
		total += named(h, drops[i]);
	if (h->class->drained(h->m))
		assert_int_equal(named(h, "model_wire_in"), total);
	else
		assert_true(named(h, "model_wire_in") > total);
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	conserved(&x->h);
	harness_close(&x->h);
	free(x);
	return 0;
}

static int passes(struct fixture *x, const uint8_t *f, uint32_t len)
{
	if (from_wire(&x->h, f, len) != MODEL_RX_TAKEN)
		return 0;
	assert_true(rx_done(&x->h, &x->r, x->r.next));
	x->r.next++;
	return 1;
}

static void a_frame_of_every_size_arrives_whole(void **state)
{
	struct fixture *x = *state;
	uint8_t f[1600];

	for (uint32_t len = 60; len <= 1514; len++) {
		struct received got;

		plain(f, len, len);
		got = rx_one(&x->h, &x->r, f, len);
		assert_int_equal(got.len, len);
		assert_int_equal(got.status, field_mask(RXD_STAT_DD) | field_mask(RXD_STAT_EOP));
		assert_memory_equal(got.data, f, len);
		rx_post(&x->h, &x->r, x->r.next - 1);
		wr(&x->h, RDT, (x->r.next + 62) % 64);
	}
	no_rule_broken(&x->h);
}

static void legacy_write_back_has_the_errors_of_its_own_place(void **state)
{
	struct fixture *x = *state;
	struct rxring r;
	uint64_t word;
	uint8_t f[100];
	uint32_t len = ip_frame(f, 1, UDP, 30);

	rx_start(&x->h, &r, 1, 8, 2, LEGACY, 7);
	wr(&x->h, MRQC, field_of(MRQC_DEF_Q, 1));
	f[24] ^= 1; /* the IPv4 header's sum */
	assert_int_equal(from_wire(&x->h, f, len), MODEL_RX_TAKEN);
	word = from_le64(rx_desc(&x->h, &r, 0)->legacy.word);
	assert_int_equal(word & 0xffff, len);
	assert_int_equal(word >> 32 & 3, 3);       /* DD, EOP */
	assert_int_equal(word >> 40 & 0xff, 0x40); /* IPE: bit 6 */
	assert_int_equal(from_le64(rx_desc(&x->h, &r, 0)->legacy.addr), r.buffers);
	ip_frame(f, 1, UDP, 30);
	f[50] ^= 1;
	from_wire(&x->h, f, len);
	assert_int_equal(from_le64(rx_desc(&x->h, &r, 1)->legacy.word) >> 40 & 0xff, 0x20);
	wr(&x->h, RCTL, RCTL_ON | field_mask(RCTL_SBP));
	x->h.class->wire_rx(x->h.m, f, len, 0, MODEL_FRAME_CRC);
	assert_int_equal(from_le64(rx_desc(&x->h, &r, 2)->legacy.word) >> 40 & 0xff, 0x80);
}

static void checksums_are_verified_if_rxcsum_says_so(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint32_t ok = field_mask(RXD_STAT_IPCS) | field_mask(RXD_STAT_L4CS);
	uint32_t ends = field_mask(RXD_STAT_DD) | field_mask(RXD_STAT_EOP);
	uint8_t f[100];
	uint32_t len = ip_frame(f, 1, TCP, 30);

	assert_int_equal(rx_one(h, &x->r, f, len).status, ends | ok);
	f[60] ^= 1;
	assert_int_equal(rx_one(h, &x->r, f, len).status, ends | ok | TCPE);
	f[24] ^= 1;
	assert_int_equal(rx_one(h, &x->r, f, len).status, ends | ok | TCPE | IPE);
	clear_bits(h, RXCSUM, field_mask(RXCSUM_TUOFL));
	assert_int_equal(rx_one(h, &x->r, f, len).status, ends | field_mask(RXD_STAT_IPCS) | IPE);
	clear_bits(h, RXCSUM, field_mask(RXCSUM_IPOFL));
	assert_int_equal(rx_one(h, &x->r, f, len).status, ends);
	assert_int_equal(rx_result(h, &x->r, x->r.next - 1).type >> 4 & 0x1fff, 0x11);
}

static void unicast_passes_by_any_of_24_addresses_or_promiscuously(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[60];

	plain(f, 60, 1);
	assert_int_equal(passes(x, f, 60), 1);
	f[0] = 6;
	assert_int_equal(passes(x, f, 60), 0);
	for (uint32_t i = 1; i < IGB_RA_COUNT; i++) {
		f[5] = (uint8_t)i;
		assert_int_equal(passes(x, f, 60), 0);
		wr(h, igb_ra(RAL, i), 6);
		wr(h, igb_ra(RAH, i), i << 8);
		assert_int_equal(passes(x, f, 60), 0); /* not valid */
		wr(h, igb_ra(RAH, i), i << 8 | field_mask(RAH_AV));
		assert_int_equal(passes(x, f, 60), 1);
		assert_false(rx_result(h, &x->r, x->r.next - 1).status & field_mask(RXD_STAT_PIF));
	}
	f[5] = 99;
	wr(h, RCTL, RCTL_ON | field_mask(RCTL_UPE));
	assert_int_equal(passes(x, f, 60), 1);
	assert_true(rx_result(h, &x->r, x->r.next - 1).status & field_mask(RXD_STAT_PIF));
}

static void broadcast_and_multicast_have_bits_of_their_own(void **state)
{
	static const uint8_t shift[4] = { 4, 3, 2, 0 };
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[60];

	plain(f, 60, 1);
	memset(f, 0xff, 6);
	assert_int_equal(passes(x, f, 60), 1);
	wr(h, RCTL, RCTL_ON & ~field_mask(RCTL_BAM));
	assert_int_equal(passes(x, f, 60), 0);
	memcpy(f, "\x01\x00\x5e\x12\x34\x56", 6);
	assert_int_equal(passes(x, f, 60), 0);
	for (uint32_t mo = 0; mo < 4; mo++) {
		uint32_t v = 0x5634u >> shift[mo] & 0xfff;

		wr(h, RCTL, RCTL_ON | field_of(RCTL_MO, mo));
		wr(h, MTA + v / 32 * 4, 1u << v % 32);
		assert_int_equal(passes(x, f, 60), 1);
		wr(h, MTA + v / 32 * 4, 0);
		assert_int_equal(passes(x, f, 60), 0);
	}
	wr(h, RCTL, RCTL_ON | field_mask(RCTL_MPE));
	assert_int_equal(passes(x, f, 60), 1);
}

static void crc_errors_are_counted_and_dropped_or_marked(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[60];

	plain(f, 60, 1);
	assert_int_equal(h->class->wire_rx(h->m, f, 60, 0, MODEL_FRAME_CRC), MODEL_RX_DROPPED);
	assert_int_equal(rd(h, CRCERRS), 1);
	wr(h, RCTL, RCTL_ON | field_mask(RCTL_SBP));
	assert_int_equal(h->class->wire_rx(h->m, f, 60, 0, MODEL_FRAME_CRC), MODEL_RX_TAKEN);
	assert_int_equal(rx_result(h, &x->r, 0).status & 0xff000000, RXE);
	assert_int_equal(rd(h, GPRC), 0);
}

static void a_crc_that_is_not_stripped_is_part_of_the_length(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];

	plain(f, 100, 1);
	wr(&x->h, RCTL, RCTL_ON & ~field_mask(RCTL_SECRC));
	assert_int_equal(rx_one(&x->h, &x->r, f, 100).len, 104);
	set_bits(&x->h, CTRL, field_mask(CTRL_VME));
	only_rule_broken(&x->h, "vme-without-secrc");
}

static void tags_are_stripped_by_ctrl_vme(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100], tagged[104];
	struct received got;

	plain(f, 100, 1);
	with_tag(tagged, f, 100, 0x6123);
	got = rx_one(&x->h, &x->r, tagged, 104);
	assert_int_equal(got.len, 104);
	assert_false(got.status & field_mask(RXD_STAT_VP));
	set_bits(&x->h, CTRL, field_mask(CTRL_VME));
	got = rx_one(&x->h, &x->r, tagged, 104);
	assert_int_equal(got.len, 100);
	assert_memory_equal(got.data, f, 100);
	assert_true(got.status & field_mask(RXD_STAT_VP));
	assert_int_equal(got.vlan, 0x6123);
	no_rule_broken(&x->h);
}

static void the_vlan_table_filters_tagged_frames_only(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[60], tagged[64];

	plain(f, 60, 1);
	with_tag(tagged, f, 60, 0x1065); /* VLAN 101, CFI set */
	wr(h, RCTL, RCTL_ON | field_mask(RCTL_VFE));
	assert_int_equal(passes(x, f, 60), 1);
	assert_int_equal(passes(x, tagged, 64), 0);
	wr(h, VFTA + 4 * 3, 1u << 5);
	assert_int_equal(passes(x, tagged, 64), 1);
	wr(h, RCTL, RCTL_ON | field_mask(RCTL_VFE) | field_mask(RCTL_CFIEN));
	assert_int_equal(passes(x, tagged, 64), 0);
	wr(h, RCTL, RCTL_ON | field_mask(RCTL_VFE) | field_mask(RCTL_CFIEN) | field_mask(RCTL_CFI));
	assert_int_equal(passes(x, tagged, 64), 1);
}

static void pause_frames_end_in_the_mac_if_they_are_obeyed(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60] = { 1, 0x80, 0xc2, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 8, 0, 1, 0, 9 };

	wr(&x->h, RCTL, RCTL_ON | field_mask(RCTL_MPE));
	assert_int_equal(passes(x, f, 60), 1);
	set_bits(&x->h, CTRL, field_mask(CTRL_RFCE));
	assert_int_equal(passes(x, f, 60), 0);
	assert_int_equal(named(&x->h, "model_rx_flow_control"), 1);
	assert_int_equal(rd(&x->h, XOFFRXC), 2);
}

static void lengths_end_at_1518_or_at_rlpml(void **state)
{
	struct fixture *x = *state;
	static uint8_t f[9800], tagged[9800];

	plain(f, 9700, 1);
	with_tag(tagged, f, 1514, 5);
	assert_int_equal(passes(x, f, 1514), 1);
	assert_int_equal(passes(x, f, 1515), 0);
	assert_int_equal(passes(x, tagged, 1518), 1);
	assert_int_equal(rd(&x->h, ROC), 1);
	wr(&x->h, RLPML, 9000);
	wr(&x->h, RCTL, RCTL_ON | field_mask(RCTL_LPE));
	assert_int_equal(from_wire(&x->h, f, 8997), MODEL_RX_DROPPED);
	assert_int_equal(from_wire(&x->h, f, 8996), MODEL_RX_TAKEN);
	for (unsigned i = 0; i < 5; i++) { /* 2,048 bytes each, the rest in the last */
		struct received got = rx_result(&x->h, &x->r, x->r.next + i);

		assert_int_equal(got.len, i < 4 ? 2048 : 8996 - 4 * 2048);
		assert_memory_equal(got.data, f + 2048 * i, got.len);
		assert_int_equal((got.status & field_mask(RXD_STAT_EOP)) != 0, i == 4);
	}
	assert_int_equal(named(&x->h, "model_rx_oversize"), 2);
}

/* 82576 7.1.3.1: without a size of its own a queue has the one of RCTL. */
static void a_queue_without_buffer_size_uses_the_one_of_rctl(void **state)
{
	struct fixture *x = *state;
	struct rxring r;
	uint8_t f[1500];

	wr(&x->h, RCTL, RCTL_ON | field_of(RCTL_BSIZE, 1));
	wr(&x->h, MRQC, field_of(MRQC_DEF_Q, 1));
	rx_start(&x->h, &r, 1, 8, 0, ADVANCED, 7);
	plain(f, 1500, 1);
	from_wire(&x->h, f, 1500);
	assert_int_equal(rx_result(&x->h, &r, 0).len, 1024);
	assert_int_equal(rx_result(&x->h, &r, 1).len, 476);
}

static void without_descriptors_frames_wait_in_the_packet_buffer(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[1000];
	unsigned taken = 0;

	plain(f, 1000, 1);
	for (unsigned i = 0; i < 200; i++)
		taken += from_wire(h, f, 1000) == MODEL_RX_TAKEN;
	assert_int_equal(taken, 63 + (64 << 10) / 1004);
	assert_int_equal(rd(h, MPC), 200 - taken);
	assert_int_equal(rd(h, GPRC), taken);
	assert_true(rd(h, RNBC) >= 200 - 63);
	assert_int_equal(named(h, "model_rx_packet_buffer_full"), 200 - taken);
	assert_true(rd(h, ICR) & field_mask(ICR_RXO));
	for (uint32_t i = 0; i < 63; i++)
		rx_post(h, &x->r, i);
	wr(h, RDT, 62);
	run_idle(h);
	assert_int_equal(named(h, "model_delivered"), 63 + 63);
	assert_int_equal(h->class->drained(h->m), 0);
	wr(h, RCTL, 0); /* off empties it */
	run_idle(h);
	assert_int_equal(h->class->drained(h->m), 1);
}

static void a_patient_wire_is_asked_to_wait(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[60];

	plain(f, 60, 1);
	for (unsigned i = 0; i < 63; i++)
		assert_int_equal(h->class->wire_rx(h->m, f, 60, 1, 0), MODEL_RX_TAKEN);
	assert_int_equal(h->class->wire_rx(h->m, f, 60, 1, 0), MODEL_RX_WAIT);
	rx_post(h, &x->r, 63);
	wr(h, RDT, 0);
	assert_int_equal(h->class->wire_rx(h->m, f, 60, 1, 0), MODEL_RX_TAKEN);
	wr(h, RCTL, 0);
	assert_int_equal(h->class->wire_rx(h->m, f, 60, 1, 0), MODEL_RX_WAIT);
}

static void drop_en_drops_at_once_and_rqdpc_sticks(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[60];

	plain(f, 60, 1);
	wr(h, SRRCTL, rd(h, SRRCTL) | field_mask(SRRCTL_DROP_EN));
	for (unsigned i = 0; i < 63 + 7; i++)
		from_wire(h, f, 60);
	assert_int_equal(named(h, "model_rx_no_descriptor"), 7);
	assert_int_equal(rd(h, 0x2830), 7); /* RQDPC, at its other address */
	assert_int_equal(rd(h, RQDPC), 0);
	for (unsigned i = 0; i < 5000; i++)
		from_wire(h, f, 60);
	assert_int_equal(rd(h, RQDPC), 0xfff);
	no_rule_broken(h);
}

static void a_frame_for_a_queue_that_is_off_is_dropped(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	wr(&x->h, MRQC, field_of(MRQC_DEF_Q, 3));
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	assert_int_equal(named(&x->h, "model_rx_queue_off"), 1);
	assert_int_equal(rd(&x->h, igb_queue(RQDPC, 3)), 1);
}

/* ---- RSS ---- */

static void rss_on(struct harness *h, uint32_t types)
{
	for (uint32_t i = 0; i < 10; i++)
		wr(h, RSSRK + 4 * i,
		   (uint32_t)(key[4 * i] | key[4 * i + 1] << 8 | key[4 * i + 2] << 16) |
			   (uint32_t)key[4 * i + 3] << 24);
	for (uint32_t i = 0; i < 32; i++) /* entry n: queue n % 4 */
		wr(h, RETA + 4 * i, 0x03020100);
	wr(h, MRQC, field_of(MRQC_MRQE, MRQC_MRQE_RSS) | types);
}

#define ALL_TYPES                                                                   \
	(field_mask(MRQC_TCPIPV4) | field_mask(MRQC_IPV4) | field_mask(MRQC_IPV6) | \
	 field_mask(MRQC_TCPIPV6) | field_mask(MRQC_UDPIPV4) | field_mask(MRQC_UDPIPV6))

static void known_hashes_choose_the_queue_and_are_reported(void **state)
{
	static const uint32_t tcp_type[] = { 3, 1 }, udp_type[] = { 8, 7 };
	struct fixture *x = *state;
	struct harness *h = &x->h;
	struct rxring r[4];
	uint8_t f[200];

	rss_on(h, ALL_TYPES);
	r[0] = x->r;
	for (uint32_t q = 1; q < 4; q++)
		rx_start(h, &r[q], q, 64, 2, ADVANCED, 63);
	for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++)
		for (unsigned udp = 0; udp < 2; udp++) {
			uint32_t hash = vectors[i].hash_ports;
			uint32_t len = vector_frame(f, i, udp ? UDP : TCP);
			struct received got = rx_one(h, &r[hash & 3], f, len);

			assert_int_equal(got.hash, hash);
			assert_int_equal(got.type & 15, (udp ? udp_type : tcp_type)[vectors[i].v4]);
		}
	clear_bits(h, RXCSUM, field_mask(RXCSUM_PCSD)); /* still spread, not reported */
	vector_frame(f, 0, TCP);
	assert_int_equal(rx_one(h, &r[vectors[0].hash_ports & 3], f, 74).type & 15, 0);
	no_rule_broken(h);
}

static void all_sixteen_queues_receive(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[200];
	struct rxring r[16];

	r[0] = x->r;
	rss_on(h, ALL_TYPES);
	for (uint32_t q = 1; q < 16; q++)
		rx_start(h, &r[q], q, 8, 2, ADVANCED, 7);
	for (uint32_t q = 0; q < 16; q++) {
		for (uint32_t i = 0; i < 32; i++)
			wr(h, RETA + 4 * i, q * 0x01010101);
		vector_frame(f, 0, TCP);
		rx_one(h, &r[q], f, 74);
	}
	no_rule_broken(h);
}

/* ---- rings ---- */

static void a_ring_wraps_from_every_index(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	for (unsigned i = 0; i < 200; i++) {
		plain(f, 64, i);
		assert_memory_equal(rx_one(&x->h, &x->r, f, 64).data, f, 64);
		rx_post(&x->h, &x->r, i);
		wr(&x->h, RDT, i % 64);
		assert_int_equal(rd(&x->h, RDH), (i + 1) % 64);
	}
	no_rule_broken(&x->h);
}

static void tails_follow_the_rules(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	struct rxring r;

	rx_prepare(h, &r, 2, 8, 2, ADVANCED);
	wr(h, igb_queue(RDT, 2), 5);
	only_rule_broken(h, "tail-before-enable");
	assert_int_equal(rd(h, igb_queue(RDT, 2)), 0); /* ignored */
	set_bits(h, igb_queue(RXDCTL, 2), field_mask(RXDCTL_ENABLE));
	wr(h, igb_queue(RDT, 2), 8);
	only_rule_broken(h, "tail-outside");
	wr(h, igb_queue(RDT, 2), 7);
	no_rule_broken(h);
	wr(h, igb_queue(RDT, 2), 0);
	only_rule_broken(h, "ring-full");
	wr(h, igb_queue(RDBAL, 2), 0);
	only_rule_broken(h, "ring-while-enabled");
	wr(h, igb_queue(SRRCTL, 2), 0);
	only_rule_broken(h, "srrctl-while-enabled");
	wr(h, igb_queue(RDBAL, 3), 64);
	only_rule_broken(h, "ring-alignment");
	wr(h, igb_queue(RDLEN, 3), 100);
	set_bits(h, igb_queue(RXDCTL, 3), field_mask(RXDCTL_ENABLE));
	only_rule_broken(h, "ring-length");
	wr(h, igb_queue(SRRCTL, 4), field_of(SRRCTL_DESCTYPE, 2));
	wr(h, igb_queue(RDLEN, 4), 128);
	set_bits(h, igb_queue(RXDCTL, 4), field_mask(RXDCTL_ENABLE));
	only_rule_broken(h, "header-split");
}

/* As igb's self-test wants it, which then resets. */
static void a_tail_is_kept_while_only_the_receiver_is_off(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	struct rxring r;

	clear_bits(h, RCTL, field_mask(RCTL_RXEN));
	rx_prepare(h, &r, 2, 8, 2, ADVANCED);
	set_bits(h, igb_queue(RXDCTL, 2), field_mask(RXDCTL_ENABLE));
	wr(h, igb_queue(RDT, 2), 5);
	only_rule_broken(h, "tail-before-enable");
	assert_int_equal(rd(h, igb_queue(RDT, 2)), 5);
	set_bits(h, RCTL, field_mask(RCTL_RXEN));
	only_rule_broken(h, "tail-before-enable");
}

/* RCTL.RXEN off and on again: a queue goes on where it was. */
static void a_pause_of_the_receiver_keeps_the_rings(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 3);
	rx_one(&x->h, &x->r, f, 64);
	wr(&x->h, RCTL, RCTL_ON & ~field_mask(RCTL_RXEN));
	assert_false(rd(&x->h, RXDCTL) & field_mask(RXDCTL_ENABLE));
	rx_post(&x->h, &x->r, 0); /* a driver on its way down */
	wr(&x->h, RDT, 0);
	wr(&x->h, RCTL, RCTL_ON);
	assert_int_equal(rd(&x->h, RDT), 0);
	rx_one(&x->h, &x->r, f, 64);
	no_rule_broken(&x->h);
}

static void dd_must_be_clear_when_posted(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 3);
	rx_desc(&x->h, &x->r, 0)->read.header = to_le64(1);
	rx_one(&x->h, &x->r, f, 64);
	only_rule_broken(&x->h, "rx-descriptor-dd");
}

static void a_buffer_outside_mapped_memory_stops_the_queue(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 3);
	rx_desc(&x->h, &x->r, 0)->read.addr = to_le64(0x1000);
	assert_int_equal(from_wire(&x->h, f, 64), MODEL_RX_DROPPED);
	only_rule_broken(&x->h, "dma-unmapped");
	assert_int_equal(from_wire(&x->h, f, 64), MODEL_RX_DROPPED);
	assert_int_equal(named(&x->h, "model_rx_queue_off"), 1);
}

static void bus_mastering_is_needed(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 3);
	config_wr(&x->h, 4, 2, 2);
	assert_int_equal(from_wire(&x->h, f, 64), MODEL_RX_DROPPED);
	assert_int_equal(named(&x->h, "model_rx_off"), 1);
}

static void reserved_bits_of_rctl_are_reported(void **state)
{
	struct fixture *x = *state;

	wr(&x->h, RCTL, RCTL_ON | field_of(RCTL_RESERVED, 1));
	only_rule_broken(&x->h, "rctl-reserved");
	wr(&x->h, RCTL, RCTL_ON | field_of(RCTL_LBM, 1));
	only_rule_broken(&x->h, "rctl-lbm");
}

static void hosts_without_pointers_are_served_by_copies(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 3);
	x->h.no_pointers = 1;
	x->h.class->dma_changed(x->h.m);
	assert_memory_equal(rx_one(&x->h, &x->r, f, 64).data, f, 64);
	no_rule_broken(&x->h);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_frame_of_every_size_arrives_whole),
		T(legacy_write_back_has_the_errors_of_its_own_place),
		T(checksums_are_verified_if_rxcsum_says_so),
		T(unicast_passes_by_any_of_24_addresses_or_promiscuously),
		T(broadcast_and_multicast_have_bits_of_their_own),
		T(crc_errors_are_counted_and_dropped_or_marked),
		T(a_crc_that_is_not_stripped_is_part_of_the_length),
		T(tags_are_stripped_by_ctrl_vme),
		T(the_vlan_table_filters_tagged_frames_only),
		T(pause_frames_end_in_the_mac_if_they_are_obeyed),
		T(lengths_end_at_1518_or_at_rlpml),
		T(a_queue_without_buffer_size_uses_the_one_of_rctl),
		T(without_descriptors_frames_wait_in_the_packet_buffer),
		T(a_patient_wire_is_asked_to_wait),
		T(drop_en_drops_at_once_and_rqdpc_sticks),
		T(a_frame_for_a_queue_that_is_off_is_dropped),
		T(known_hashes_choose_the_queue_and_are_reported),
		T(all_sixteen_queues_receive),
		T(a_ring_wraps_from_every_index),
		T(tails_follow_the_rules),
		T(a_tail_is_kept_while_only_the_receiver_is_off),
		T(a_pause_of_the_receiver_keeps_the_rings),
		T(dd_must_be_clear_when_posted),
		T(a_buffer_outside_mapped_memory_stops_the_queue),
		T(bus_mastering_is_needed),
		T(reserved_bits_of_rctl_are_reported),
		T(hosts_without_pointers_are_served_by_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
