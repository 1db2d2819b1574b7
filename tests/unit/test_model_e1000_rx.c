/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82540EM and 82574L models: receiving. Filters, descriptors of both formats, checksums,
 * queues, rings, drops. After each test frames must be conserved.
 */
#include "../model_e1000.h"

#define L4_OK (FIELD_MASK(RXD_TCPCS))
#define IP_OK (FIELD_MASK(RXD_IPCS))

static void rctl(struct harness *h, uint32_t bits)
{
	wr(h, RCTL, RCTL_TEST | fm(RCTL_EN) | bits);
}

static void a_frame_of_every_size_arrives_whole(void **state)
{
	struct fixture *x = *state;
	uint8_t f[2048];

	for (uint32_t len = 60; len <= 1514; len++) {
		struct received got;

		plain(f, len, len);
		got = rx_one(&x->h, &x->r, f, len);
		assert_int_equal(got.len, len);
		assert_int_equal(got.errors, 0);
		assert_memory_equal(got.data, f, len);
	}
	no_rule_broken(&x->h);
}

static void every_buffer_size_is_filled(void **state)
{
	static const struct {
		uint32_t bytes, bits;
	} sizes[] = {
		{ 256, 3u << 16 },
		{ 512, 2u << 16 },
		{ 1024, 1u << 16 },
		{ 2048, 0 },
		{ 4096, 3u << 16 | 1u << 25 },
		{ 8192, 2u << 16 | 1u << 25 },
		{ 16384, 1u << 16 | 1u << 25 },
	};
	struct fixture *x = *state;
	uint8_t f[9014], back[9014];

	plain(f, sizeof(f), 3);
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint32_t at = 0, n = 0, len = sizes[i].bytes == 256 ? 6000 : sizeof(f);

		clear_bits(&x->h, RCTL, fm(RCTL_EN));
		rx_ring(&x->h, &x->r, 0, sizes[i].bytes);
		receiver(&x->h, &x->r, RCTL_TEST | fm(RCTL_LPE) | sizes[i].bits);
		assert_int_equal(from_wire(&x->h, f, len), MODEL_RX_TAKEN);
		for (; at < len; n++) {
			struct received got = rx_result(&x->h, &x->r, n);

			assert_true(got.status & fm(RXD_DD));
			assert_int_equal((got.status & fm(RXD_EOP)) != 0, at + got.len == len);
			assert_true(got.len <= sizes[i].bytes);
			memcpy(back + at, got.data, got.len);
			at += got.len;
		}
		assert_memory_equal(back, f, len);
		assert_int_equal(n, (len + sizes[i].bytes - 1) / sizes[i].bytes);
	}
	no_rule_broken(&x->h);
}

static void the_crc_is_there_unless_it_is_stripped(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];

	plain(f, 100, 1);
	wr(&x->h, RCTL, fm(RCTL_BAM) | fm(RCTL_EN));
	assert_int_equal(rx_one(&x->h, &x->r, f, 100).len, 104);
	assert_int_equal(rx_one(&x->h, &x->r, f, 40).len, 64); /* padded by its sender */
}

static void unicast_is_matched_exactly(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	assert_false(rx_one(&x->h, &x->r, f, 60).status & fm(RXD_PIF));
	f[5] = 0x77;
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	wr(&x->h, RAL + 8 * 15, 0x00000002);
	wr(&x->h, RAH + 8 * 15, 0x7700); /* without AV */
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	wr(&x->h, RAH + 8 * 15, 0x80007700);
	rx_one(&x->h, &x->r, f, 60);
	wr(&x->h, RAH + 8 * 15, 0x80017700); /* AS: source addresses */
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	rctl(&x->h, fm(RCTL_UPE));
	assert_true(rx_one(&x->h, &x->r, f, 60).status & fm(RXD_PIF));
	assert_int_equal(named(&x->h, "model_rx_filtered"), 3);
	no_rule_broken(&x->h);
}

static void broadcast_needs_bam(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	memset(f, 0xff, 6);
	rx_one(&x->h, &x->r, f, 60);
	assert_int_equal(rd(&x->h, BPRC), 1);
	wr(&x->h, RCTL, fm(RCTL_EN) | fm(RCTL_SECRC));
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	rctl(&x->h, fm(RCTL_MPE));
	rx_one(&x->h, &x->r, f, 60);
}

/* 82540EM 13.5.1: MO 0 to 3 choose bits 47:36, 46:35, 45:34, 43:32. */
static void multicast_is_hashed_with_each_offset(void **state)
{
	static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0x12, 0x34, 0xa6 };
	struct fixture *x = *state;
	uint32_t top = 0xa634; /* bits 47:32 */
	uint8_t f[60];

	plain(f, 60, 1);
	memcpy(f, group, 6);
	for (uint32_t mo = 0; mo < 4; mo++) {
		uint32_t hash = top >> (mo == 3 ? 0 : 4 - mo) & 0xfff;

		rctl(&x->h, field_of(RCTL_MO, mo));
		assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
		wr(&x->h, MTA + hash / 32 * 4, 1u << hash % 32);
		rx_one(&x->h, &x->r, f, 60);
		wr(&x->h, MTA + hash / 32 * 4, 0);
	}
	assert_int_equal(rd(&x->h, MPRC), 4);
	no_rule_broken(&x->h);
}

static void tags_are_filtered_and_stripped(void **state)
{
	struct fixture *x = *state;
	struct received got;
	uint8_t f[100], tagged[104];

	plain(f, 100, 1);
	with_tag(tagged, f, 100, 0x6064);
	got = rx_one(&x->h, &x->r, tagged, 104); /* VME is 0 */
	assert_int_equal(got.len, 104);
	assert_false(got.status & fm(RXD_VP));
	set_bits(&x->h, CTRL, fm(CTRL_VME));
	got = rx_one(&x->h, &x->r, tagged, 104);
	assert_int_equal(got.len, 100);
	assert_true(got.status & fm(RXD_VP));
	assert_int_equal(got.vlan, 0x6064);
	assert_memory_equal(got.data, f, 100);
	rctl(&x->h, fm(RCTL_VFE));
	assert_int_equal(from_wire(&x->h, tagged, 104), MODEL_RX_DROPPED);
	rx_one(&x->h, &x->r, f, 100); /* untagged frames pass */
	wr(&x->h, VFTA + 4 * (100 / 32), 1u << 100 % 32);
	rx_one(&x->h, &x->r, tagged, 104);
	rctl(&x->h, fm(RCTL_VFE) | fm(RCTL_CFIEN) | fm(RCTL_CFI));
	assert_int_equal(from_wire(&x->h, tagged, 104), MODEL_RX_DROPPED);
	no_rule_broken(&x->h);
}

static void checksums_are_checked(void **state)
{
	struct fixture *x = *state;
	struct received got;
	uint8_t f[300];

	wr(&x->h, RXCSUM, fm(RXCSUM_IPOFL) | fm(RXCSUM_TUOFL) | fm(RXCSUM_IPV6OFL));
	for (int v4 = 0; v4 < 2; v4++)
		for (unsigned i = 0; i < 2; i++) {
			uint32_t len = ip_frame(f, v4, i ? TCP : UDP, 100);
			uint32_t want = L4_OK | (v4 ? IP_OK : 0) | (i ? 0 : fm(RXD_UDPCS));

			got = rx_one(&x->h, &x->r, f, len);
			assert_int_equal(
				got.status & (L4_OK | IP_OK | fm(RXD_UDPCS) | fm(RXD_IXSM)), want);
			assert_int_equal(got.errors, 0);
			f[len - 1] ^= 1;
			got = rx_one(&x->h, &x->r, f, len);
			assert_int_equal(got.errors, fm(RXD_TCPE) >> 8);
			f[len - 1] ^= 1;
			if (!v4)
				continue;
			f[22] ^= 1; /* TTL */
			got = rx_one(&x->h, &x->r, f, len);
			assert_int_equal(got.errors, fm(RXD_IPE) >> 8);
		}
	no_rule_broken(&x->h);
}

static void checksums_that_are_not_asked_for_are_not_reported(void **state)
{
	struct fixture *x = *state;
	struct received got;
	uint8_t f[300];
	uint32_t len = ip_frame(f, 1, TCP, 100);

	got = rx_one(&x->h, &x->r, f, len);
	assert_int_equal(got.status & (L4_OK | IP_OK | fm(RXD_IXSM)), fm(RXD_IXSM));
	wr(&x->h, RXCSUM, fm(RXCSUM_IPOFL));
	assert_int_equal(rx_one(&x->h, &x->r, f, len).status & (L4_OK | IP_OK), IP_OK);
	wr(&x->h, RXCSUM, fm(RXCSUM_TUOFL));
	f[22] ^= 1;
	got = rx_one(&x->h, &x->r, f, len);
	assert_int_equal(got.status & (L4_OK | IP_OK), L4_OK);
	assert_int_equal(got.errors, 0);
	plain(f, 100, 1); /* no IP */
	assert_true(rx_one(&x->h, &x->r, f, 100).status & fm(RXD_IXSM));
	len = ip_frame(f, 0, TCP, 100);
	if (pcie())
		wr(&x->h, RFCTL, fm(RFCTL_IPV6_XSUM_DIS));
	assert_true(rx_one(&x->h, &x->r, f, len).status & fm(RXD_IXSM)); /* no IPV6OFL either */
}

static void the_packet_checksum_starts_at_pcss(void **state)
{
	struct fixture *x = *state;
	struct received got;
	uint8_t f[101];

	plain(f, 101, 9);
	for (uint32_t start = 0; start < 60; start += 13) {
		uint8_t sum_bytes[2];

		wr(&x->h, RXCSUM, start);
		got = rx_one(&x->h, &x->r, f, 101);
		put16(sum_bytes, sum(f + start, 101 - start, 0));
		/* in the frame's byte order */
		assert_int_equal(got.checksum, sum_bytes[0] | sum_bytes[1] << 8);
	}
}

static void bad_frames_are_dropped_or_marked(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];

	ip_frame(f, 1, UDP, 50);
	wr(&x->h, RXCSUM, fm(RXCSUM_IPOFL));
	x->h.class->wire_rx(x->h.m, f, 92, 0, MODEL_FRAME_CRC);
	assert_int_equal(named(&x->h, "model_rx_crc"), 1);
	assert_int_equal(rd(&x->h, CRCERRS), 1);
	rctl(&x->h, fm(RCTL_SBP));
	assert_int_equal(x->h.class->wire_rx(x->h.m, f, 92, 0, MODEL_FRAME_CRC), MODEL_RX_TAKEN);
	assert_int_equal(rx_result(&x->h, &x->r, 0).errors, fm(RXD_CE) >> 8);
	assert_true(rx_result(&x->h, &x->r, 0).status & fm(RXD_IXSM));
	assert_int_equal(rd(&x->h, GPRC), 0);
}

static void frames_have_a_longest_length(void **state)
{
	struct fixture *x = *state;
	static uint8_t f[16384];
	uint8_t tagged[1522];

	plain(f, sizeof(f), 1);
	rx_one(&x->h, &x->r, f, 1514);
	assert_int_equal(from_wire(&x->h, f, 1515), MODEL_RX_DROPPED);
	with_tag(tagged, f, 1514, 5);
	rx_one(&x->h, &x->r, tagged, 1518);
	rctl(&x->h, fm(RCTL_LPE));
	assert_int_equal(from_wire(&x->h, f, 16380), MODEL_RX_TAKEN);
	assert_int_equal(from_wire(&x->h, f, 16381), MODEL_RX_DROPPED);
	assert_int_equal(named(&x->h, "model_rx_oversize"), 2);
	assert_int_equal(rd(&x->h, ROC), 2);
	assert_int_equal(from_wire(&x->h, f, 13), MODEL_RX_DROPPED);
	assert_int_equal(named(&x->h, "model_rx_short"), 1);
}

static void pause_frames_end_in_the_mac(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60] = { 0x01, 0x80, 0xc2, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0x08, 0, 1, 0, 9 };

	set_bits(&x->h, CTRL, fm(CTRL_RFCE));
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	f[17] = 0;
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	assert_int_equal(rd(&x->h, XOFFRXC), 1);
	assert_int_equal(rd(&x->h, XONRXC), 1);
	assert_int_equal(named(&x->h, "model_rx_flow_control"), 2);
}

static void frames_wait_for_descriptors_then_are_missed(void **state)
{
	struct fixture *x = *state;
	uint32_t stored = 0, n = 0;
	uint8_t f[1514];

	for (uint32_t i = 0; i < RING - 1; i++) {
		plain(f, 1514, i);
		assert_int_equal(from_wire(&x->h, f, 1514), MODEL_RX_TAKEN);
	}
	/* a patient wire keeps what would have to wait */
	assert_int_equal(x->h.class->wire_rx(x->h.m, f, 1514, 1, MODEL_FRAME_GOOD), MODEL_RX_WAIT);
	for (;; stored++) {
		plain(f, 1514, RING - 1 + stored);
		if (from_wire(&x->h, f, 1514) != MODEL_RX_TAKEN)
			break;
	}
	assert_int_equal(stored, (pcie() ? 20 : 48) * 1024 / 1520);
	assert_int_equal(rd(&x->h, MPC), 1);
	assert_int_equal(named(&x->h, "model_rx_packet_buffer_full"), 1);
	assert_true(rd(&x->h, ICR) & fm(ICR_RXO));
	assert_false(x->h.class->drained(x->h.m));
	for (; n < RING - 1 + stored; n++) { /* what waited comes in order */
		plain(f, 1514, n);
		assert_memory_equal(rx_result(&x->h, &x->r, n).data, f, 1514);
		rx_post(&x->h, &x->r, n);
		rx_tail(&x->h, &x->r, n + RING);
		run_idle(&x->h);
	}
	assert_true(x->h.class->drained(x->h.m));
	no_rule_broken(&x->h);
}

static void off_means_off(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	clear_bits(&x->h, RCTL, fm(RCTL_EN));
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	assert_int_equal(x->h.class->wire_rx(x->h.m, f, 60, 1, MODEL_FRAME_GOOD), MODEL_RX_WAIT);
	rctl(&x->h, 0);
	config_wr(&x->h, 4, 2, 2);
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	assert_int_equal(named(&x->h, "model_rx_off"), 2);
	no_rule_broken(&x->h);
}

static void rings_are_judged(void **state)
{
	struct fixture *x = *state;
	struct harness *h = &x->h;
	uint8_t f[60];

	plain(f, 60, 1);
	rx_tail(h, &x->r, 0); /* one more than all but one */
	only_rule_broken(h, "ring-full");
	teardown(state);
	setup_on(state);
	x = *state;
	h = &x->h;
	rx_tail(h, &x->r, 5); /* hardware has 0 to 30 */
	only_rule_broken(h, "tail-passes-head");
	wr(h, RDT, RING);
	from_wire(h, f, 60);
	assert_true(broken(h, "tail-outside") > 0);
	h->n_rules = 0;
	wr(h, RDBAL, (uint32_t)x->r.ring);
	wr(h, RDH, 0);
	wr(h, RDLEN, RING * 16);
	assert_int_equal(broken(h, "ring-while-enabled"), 3);
}

static void ring_registers_are_judged(void **state)
{
	struct fixture *x = *state;

	wr(&x->h, RDBAL, 0x10000008);
	only_rule_broken(&x->h, "ring-alignment");
	wr(&x->h, RDLEN, 100);
	only_rule_broken(&x->h, "ring-length");
	wr(&x->h, RDLEN, 1 << 20);
	only_rule_broken(&x->h, "ring-length");
	rx_ring(&x->h, &x->r, 0, 2048);
	wr(&x->h, RDH, RING);
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN));
	only_rule_broken(&x->h, "head-outside");
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN) | 1u << 16);
	only_rule_broken(&x->h, "rctl-while-rx");
	wr(&x->h, RCTL, 0);
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN) | fm(RCTL_BSEX));
	only_rule_broken(&x->h, "rx-buffer-size");
	wr(&x->h, RCTL, 0);
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN) | field_of(RCTL_DTYP, pcie() ? 2 : 1));
	only_rule_broken(&x->h, "packet-split");
}

static void a_descriptor_with_dd_is_no_free_one(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	rx_desc(&x->h, &x->r, 0)->word = to_le64((uint64_t)1 << 32);
	from_wire(&x->h, f, 60);
	only_rule_broken(&x->h, "rx-descriptor-dd");
}

static void dma_outside_memory_is_refused(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	rx_desc(&x->h, &x->r, 0)->addr = to_le64(0x1000);
	assert_int_equal(from_wire(&x->h, f, 60), MODEL_RX_DROPPED);
	only_rule_broken(&x->h, "dma-unmapped");
	assert_int_equal(named(&x->h, "model_rx_dma_failed"), 1);
	from_wire(&x->h, f, 60); /* the queue is off */
	assert_int_equal(named(&x->h, "model_rx_queue_off"), 1);
}

/* ---- 82574L ---- */

static int setup_extended(void **state)
{
	struct fixture *x;

	setup_idle(state);
	x = *state;
	wr(&x->h, RFCTL, fm(RFCTL_EXTEN));
	rx_ring(&x->h, &x->r, 0, 2048);
	return 0;
}

static void extended_descriptors_tell_the_same(void **state)
{
	struct fixture *x = *state;
	struct received got;
	uint8_t f[300], tagged[304];
	uint32_t len = ip_frame(f, 1, TCP, 100);

	receiver(&x->h, &x->r, RCTL_TEST);
	wr(&x->h, RXCSUM, fm(RXCSUM_IPOFL) | fm(RXCSUM_TUOFL) | fm(RXCSUM_PCSD));
	set_bits(&x->h, CTRL, fm(CTRL_VME));
	f[len - 1] ^= 1;
	with_tag(tagged, f, len, 0x2003);
	got = rx_one(&x->h, &x->r, tagged, len + 4);
	assert_int_equal(got.len, len);
	assert_memory_equal(got.data, f, len);
	assert_int_equal(got.vlan, 0x2003);
	assert_int_equal(got.status, fm(RXD_DD) | fm(RXD_EOP) | fm(RXD_VP) | L4_OK | IP_OK);
	assert_int_equal(got.errors, fm(RXD_TCPE) >> 8);
	assert_int_equal(got.type, 0);
	no_rule_broken(&x->h);
	wr(&x->h, RFCTL, 0);
	only_rule_broken(&x->h, "rfctl-while-rx");
}

static void rss_chooses_between_two_queues(void **state)
{
	/* Microsoft's verification: 66.9.149.187:2794 to 161.142.100.80:1766 */
	static const uint8_t flow[12] = {
		66, 9, 149, 187, 161, 142, 100, 80, 0x0a, 0xea, 0x06, 0xe6
	};
	static const uint8_t key[40] = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
		0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
		0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa
	};
	struct fixture *x = *state;
	struct rxring second;
	struct received got;
	uint8_t f[300];
	uint32_t len = ip_frame(f, 1, TCP, 10), entry = 0x51ccc178 % 128;

	memcpy(f + 26, flow, 12);
	rx_ring(&x->h, &second, 1, 2048);
	for (uint32_t i = 0; i < 10; i++)
		wr(&x->h, RSSRK + 4 * i,
		   (uint32_t)(key[4 * i] | key[4 * i + 1] << 8 | key[4 * i + 2] << 16) |
			   (uint32_t)key[4 * i + 3] << 24);
	wr(&x->h, RXCSUM, fm(RXCSUM_PCSD));
	wr(&x->h, MRQC, 1 | fm(MRQC_TCPIPV4) | fm(MRQC_IPV4));
	receiver(&x->h, &x->r, RCTL_TEST);
	rx_tail(&x->h, &second, RING - 1);
	got = rx_one(&x->h, &x->r, f, len);
	assert_int_equal(got.hash, 0x51ccc178);
	assert_int_equal(got.type, 1);
	assert_int_equal(got.queue, 0);
	wr(&x->h, RETA + entry / 4 * 4, 0x80u << entry % 4 * 8);
	got = rx_one(&x->h, &second, f, len);
	assert_int_equal(got.queue, 1);
	assert_true(rd(&x->h, ICR) & fm(ICR_RXQ1));
	ip_frame(f, 1, UDP, 10); /* UDP is hashed by its addresses */
	memcpy(f + 26, flow, 12);
	wr(&x->h, RETA + 0x323e8fc2 % 128 / 4 * 4, 0);
	got = rx_one(&x->h, &x->r, f, 52);
	assert_int_equal(got.hash, 0x323e8fc2);
	assert_int_equal(got.type, 2);
	no_rule_broken(&x->h);
}

static void rss_has_conditions(void **state)
{
	struct fixture *x = *state;

	wr(&x->h, MRQC, 1 | fm(MRQC_IPV4));
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN));
	only_rule_broken(&x->h, "rss-without-pcsd");
	wr(&x->h, RCTL, 0);
	wr(&x->h, RXCSUM, fm(RXCSUM_PCSD));
	wr(&x->h, RFCTL, 0);
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN));
	only_rule_broken(&x->h, "rss-without-exten");
}

/* Against the manual, but Linux's e1000e does so with the 82574L. */
static void a_ring_set_up_while_the_receiver_is_on_is_followed(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];

	clear_bits(&x->h, RCTL, fm(RCTL_EN));
	wr(&x->h, RDLEN, 0);
	rctl(&x->h, 0);
	only_rule_broken(&x->h, "ring-length");
	rx_ring(&x->h, &x->r, 0, 2048);
	only_rule_broken(&x->h, "ring-while-enabled");
	rx_tail(&x->h, &x->r, RING - 1);
	plain(f, 100, 1);
	for (unsigned i = 0; i < 2 * RING; i++)
		assert_int_equal(rx_one(&x->h, &x->r, f, 100).len, 100);
	no_rule_broken(&x->h);
}

static void a_second_queue_without_a_ring_is_named(void **state)
{
	struct fixture *x = *state;

	receiver(&x->h, &x->r, RCTL_TEST);
	wr(&x->h, e1000_queue(RDT, 1), 5);
	only_rule_broken(&x->h, "tail-without-ring");
}

static void an_extended_descriptor_with_dd_is_no_free_one(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];

	plain(f, 60, 1);
	receiver(&x->h, &x->r, RCTL_TEST);
	rx_desc(&x->h, &x->r, 0)->word = to_le64(1);
	from_wire(&x->h, f, 60);
	only_rule_broken(&x->h, "rx-descriptor-dd");
}

#define EXTENDED(name) cmocka_unit_test_setup_teardown(name, setup_extended, teardown)

int main(void)
{
	const struct CMUnitTest both[] = {
		ON(a_frame_of_every_size_arrives_whole),
		ON(every_buffer_size_is_filled),
		ON(the_crc_is_there_unless_it_is_stripped),
		ON(unicast_is_matched_exactly),
		ON(broadcast_needs_bam),
		ON(multicast_is_hashed_with_each_offset),
		ON(tags_are_filtered_and_stripped),
		ON(checksums_are_checked),
		ON(checksums_that_are_not_asked_for_are_not_reported),
		ON(the_packet_checksum_starts_at_pcss),
		ON(bad_frames_are_dropped_or_marked),
		ON(frames_have_a_longest_length),
		ON(pause_frames_end_in_the_mac),
		ON(frames_wait_for_descriptors_then_are_missed),
		ON(off_means_off),
		ON(rings_are_judged),
		IDLE(ring_registers_are_judged),
		ON(a_descriptor_with_dd_is_no_free_one),
		ON(dma_outside_memory_is_refused),
	};
	const struct CMUnitTest extended_format[] = {
		EXTENDED(extended_descriptors_tell_the_same),
		EXTENDED(rss_chooses_between_two_queues),
		EXTENDED(rss_has_conditions),
		EXTENDED(a_ring_set_up_while_the_receiver_is_on_is_followed),
		EXTENDED(a_second_queue_without_a_ring_is_named),
		EXTENDED(an_extended_descriptor_with_dd_is_no_free_one),
	};

	return RUN(82540em, both) + RUN(82574l, both) + RUN(82574l, extended_format);
}
