/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82599 model: receiving. Filters, descriptors, checksums, hashes, rings, drops.
 */
#include "../model_82599.h"

struct fixture {
	struct harness h; /* must be first */
	struct rxring r;
};

/* A running receiver with queue 0 of 64 advanced descriptors of 2 KiB. */
static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	open_82599(&x->h);
	rx_start(&x->h, &x->r, 0, 64, 2, ADVANCED, 63);
	receiver(&x->h, 1);
	no_rule_broken(&x->h);
	*state = x;
	return 0;
}

/* Whatever a test did: frames are conserved, see models/82599/README.md. */
static void conserved(struct harness *h)
{
	static const char *const drops[] = {
		"model_rx_off",           "model_rx_short",
		"model_rx_filtered",      "model_rx_crc",
		"model_rx_oversize",      "model_rx_queue_off",
		"model_rx_no_descriptor", "model_rx_packet_buffer_full",
		"model_rx_dma_failed"
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

static void change_filter(struct harness *h, uint32_t fctrl)
{
	receiver(h, 0);
	wr(h, FCTRL, fctrl);
	receiver(h, 1);
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
		assert_int_equal(got.status, field_mask(RXD_STAT_DD) | field_mask(RXD_STAT_EOP));
		assert_memory_equal(got.data, f, len);
		rx_post(&x->h, &x->r, x->r.next - 1);
		rx_tail(&x->h, &x->r, x->r.next + 62);
	}
	no_rule_broken(&x->h);
}

static void the_sending_mac_padded_short_frames(void **state)
{
	struct fixture *x = *state;
	uint8_t f[60];
	struct received got;

	plain(f, 42, 1);
	memset(f + 42, 0, 18);
	got = rx_one(&x->h, &x->r, f, 42);
	assert_int_equal(got.len, 60);
	assert_memory_equal(got.data, f, 60);
	assert_int_equal(rd(&x->h, PRC64), 1);
}

static void legacy_write_back_keeps_the_address(void **state)
{
	struct fixture *x = *state;
	struct rxring r;
	uint8_t f[100];
	uint64_t addr;

	receiver(&x->h, 0);
	clear_bits(&x->h, RXDCTL, field_mask(RXDCTL_ENABLE));
	rx_start(&x->h, &r, 0, 64, 2, LEGACY, 63);
	receiver(&x->h, 1);
	addr = from_le64(rx_desc(&x->h, &r, 0)->legacy.addr);
	plain(f, 100, 1);
	assert_int_equal(from_wire(&x->h, f, 100), MODEL_RX_TAKEN);
	assert_int_equal(from_le64(rx_desc(&x->h, &r, 0)->legacy.addr), addr);
	assert_int_equal(from_le64(rx_desc(&x->h, &r, 0)->legacy.word),
			 100 | RXD_LEGACY_DD | RXD_LEGACY_EOP);
	assert_memory_equal(rx_buffer(&x->h, &r, 0), f, 100);
	no_rule_broken(&x->h);
}

static void legacy_write_back_reports_bad_checksums(void **state)
{
	struct fixture *x = *state;
	struct rxring r;
	uint8_t f[200];
	uint32_t len = ip_frame(f, 1, TCP, 20);
	uint64_t word;

	receiver(&x->h, 0);
	clear_bits(&x->h, RXDCTL, field_mask(RXDCTL_ENABLE));
	rx_start(&x->h, &r, 0, 64, 2, LEGACY, 63);
	receiver(&x->h, 1);
	f[24] ^= 1; /* IPv4 header checksum */
	f[50] ^= 1; /* TCP checksum */
	from_wire(&x->h, f, len);
	word = from_le64(rx_desc(&x->h, &r, 0)->legacy.word);
	assert_int_equal(word & 0xffff, len);
	assert_int_equal(word >> 32 & 0xff, 0x63); /* IPCS L4CS EOP DD */
	assert_int_equal(word >> 40 & 0xff, 0xc0); /* IPE TCPE */
}

/* ---- address filters: 82599 7.1.1.1 ---- */

static int accepted(struct fixture *x, const uint8_t dst[6])
{
	uint64_t before = named(&x->h, "model_rx_filtered");
	uint8_t f[64];

	plain(f, 64, 1);
	memcpy(f, dst, 6);
	if (from_wire(&x->h, f, 64) == MODEL_RX_TAKEN) {
		struct received got = rx_result(&x->h, &x->r, x->r.next++);

		/* of unicast to others the datasheet's wording leaves open what PIF says */
		if (dst[0] & 1 || !memcmp(dst, mac_model, 6))
			assert_int_equal(field_get(got.status, RXD_STAT_PIF), dst[0] & 1);
		return 1;
	}
	assert_int_equal(named(&x->h, "model_rx_filtered"), before + 1);
	return 0;
}

static const uint8_t other[6] = { 2, 0, 0, 0, 0, 7 };
static const uint8_t everyone[6] = { 255, 255, 255, 255, 255, 255 };
static const uint8_t group[6] = { 1, 0, 0x5e, 1, 2, 0x83 };

static void unicast_passes_by_exact_match_or_promiscuously(void **state)
{
	struct fixture *x = *state;

	assert_true(accepted(x, mac_model));
	assert_false(accepted(x, other));
	wr(&x->h, RAL + 8 * 77, 0x00000002); /* 02:00:00:00:00:07, but not valid */
	wr(&x->h, RAH + 8 * 77, 0x00000700);
	assert_false(accepted(x, other));
	wr(&x->h, RAH + 8 * 77, 0x80000700);
	assert_true(accepted(x, other));
	wr(&x->h, RAH + 8 * 77, 0);
	change_filter(&x->h, field_mask(FCTRL_UPE));
	assert_true(accepted(x, other));
	assert_false(accepted(x, everyone));
	assert_false(accepted(x, group));
	no_rule_broken(&x->h);
}

static void broadcast_and_multicast_have_bits_of_their_own(void **state)
{
	struct fixture *x = *state;

	assert_true(accepted(x, everyone)); /* BAM, from bring_up */
	assert_false(accepted(x, group));
	change_filter(&x->h, 0);
	assert_false(accepted(x, everyone));
	change_filter(&x->h, field_mask(FCTRL_MPE));
	assert_true(accepted(x, everyone));
	assert_true(accepted(x, group));
	assert_false(accepted(x, other));
}

static void the_multicast_table_is_indexed_by_any_of_four_offsets(void **state)
{
	static const unsigned shift[4] = { 4, 3, 2, 0 };
	struct fixture *x = *state;

	for (uint32_t mo = 0; mo < 4; mo++) {
		uint32_t hash = (uint32_t)(group[4] | group[5] << 8) >> shift[mo] & 0xfff;

		wr(&x->h, MCSTCTRL, mo | field_mask(MCSTCTRL_MFE));
		wr(&x->h, MTA + hash / 32 * 4, 1u << hash % 32);
		assert_true(accepted(x, group));
		wr(&x->h, MCSTCTRL, mo); /* the table is off */
		assert_false(accepted(x, group));
		wr(&x->h, MTA + hash / 32 * 4, ~(1u << hash % 32));
		wr(&x->h, MCSTCTRL, mo | field_mask(MCSTCTRL_MFE));
		assert_false(accepted(x, group));
		wr(&x->h, MTA + hash / 32 * 4, 0);
	}
}

static void crc_errors_are_counted_and_dropped(void **state)
{
	struct fixture *x = *state;
	uint8_t f[64];

	plain(f, 64, 1);
	assert_int_equal(x->h.class->wire_rx(x->h.m, f, 64, 0, MODEL_FRAME_CRC), MODEL_RX_DROPPED);
	assert_int_equal(named(&x->h, "model_rx_crc"), 1);
	assert_int_equal(rd(&x->h, CRCERRS), 1);
	assert_int_equal(rd(&x->h, GPRC), 0);
	assert_int_equal(rd(&x->h, TPR), 1);
}

static void store_bad_packets_hands_them_over_marked(void **state)
{
	struct fixture *x = *state;
	struct received got;
	uint8_t f[64];

	change_filter(&x->h, field_mask(FCTRL_SBP));
	plain(f, 64, 1);
	assert_int_equal(x->h.class->wire_rx(x->h.m, f, 64, 0, MODEL_FRAME_CRC), MODEL_RX_TAKEN);
	got = rx_result(&x->h, &x->r, 0);
	assert_true(got.status & field_mask(RXD_ERR_RXE));
	assert_int_equal(rd(&x->h, CRCERRS), 1);
	assert_int_equal(rd(&x->h, GPRC), 0);
}

/* ---- VLAN: 82599 7.4 ---- */

static void tags_are_stripped_into_the_descriptor(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100], t[104];
	struct received got;

	set_bits(&x->h, RXDCTL, field_mask(RXDCTL_VME));
	plain(f, 100, 1);
	with_tag(t, f, 100, 0x6123);
	got = rx_one(&x->h, &x->r, t, 104);
	assert_int_equal(got.len, 100);
	assert_int_equal(got.vlan, 0x6123);
	assert_true(got.status & field_mask(RXD_STAT_VP));
	assert_memory_equal(got.data, f, 100);
	clear_bits(&x->h, RXDCTL, field_mask(RXDCTL_VME));
	got = rx_one(&x->h, &x->r, t, 104);
	assert_int_equal(got.len, 104);
	assert_memory_equal(got.data, t, 104);
	got = rx_one(&x->h, &x->r, f, 100);
	assert_false(got.status & field_mask(RXD_STAT_VP));
	assert_int_equal(got.vlan, 0);
	no_rule_broken(&x->h);
}

static void the_vlan_table_filters_tagged_frames_only(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100], t[104];

	plain(f, 100, 1);
	with_tag(t, f, 100, 0x2065); /* id 0x65 */
	wr(&x->h, VLNCTRL, rd(&x->h, VLNCTRL) | field_mask(VLNCTRL_VFE));
	assert_int_equal(from_wire(&x->h, t, 104), MODEL_RX_DROPPED);
	assert_int_equal(named(&x->h, "model_rx_filtered"), 1);
	rx_one(&x->h, &x->r, f, 100);
	wr(&x->h, VFTA + 0x65 / 32 * 4, 1u << 0x65 % 32);
	rx_one(&x->h, &x->r, t, 104);
	put16(t + 14, 0x3065); /* the same id, CFI set */
	wr(&x->h, VLNCTRL, rd(&x->h, VLNCTRL) | field_mask(VLNCTRL_CFIEN));
	assert_int_equal(from_wire(&x->h, t, 104), MODEL_RX_DROPPED);
}

/* ---- checksums and types: 82599 7.1.6.2, 7.1.11 ---- */

enum { IPV4_TYPE = 1 << 4, OPTIONS = 1 << 5, IPV6_TYPE = 1 << 6, EXTENSION = 1 << 7 };
enum { TCP_TYPE = 1 << 8, UDP_TYPE = 1 << 9, SCTP_TYPE = 1 << 10, TYPES = 0x1fff0 };

static void checksums_of_all_kinds_are_verified(void **state)
{
	const uint32_t l4 = field_mask(RXD_STAT_L4CS), ip = field_mask(RXD_STAT_IPCS);
	struct fixture *x = *state;
	uint8_t f[1600];

	for (int v4 = 0; v4 < 2; v4++)
		for (int udp = 0; udp < 2; udp++)
			for (uint32_t payload = 0; payload < 40; payload += 13) {
				uint32_t len = ip_frame(f, v4, udp ? UDP : TCP, payload);
				struct received got = rx_one(&x->h, &x->r, f, len);

				assert_int_equal(got.status & (l4 | ip), v4 ? l4 | ip : l4);
				assert_int_equal(got.status >> 29, 0);
				assert_int_equal(got.type & TYPES,
						 (uint32_t)((v4 ? IPV4_TYPE : IPV6_TYPE) |
							    (udp ? UDP_TYPE : TCP_TYPE)));
				f[len - 1] ^= 0x10;
				got = rx_one(&x->h, &x->r, f, len);
				assert_int_equal(got.status >> 29, 2); /* TCPE */
				rx_post(&x->h, &x->r, x->r.next - 1);
				rx_post(&x->h, &x->r, x->r.next - 2);
				rx_tail(&x->h, &x->r, x->r.next + 63);
			}
	ip_frame(f, 1, TCP, 10);
	f[14 + 8]--;                                                   /* time to live */
	assert_int_equal(rx_one(&x->h, &x->r, f, 64).status >> 29, 4); /* IPE */
	assert_int_equal(rd(&x->h, XEC), 17);
	assert_int_equal(named(&x->h, "model_rx_checksums_good"), 16);
	no_rule_broken(&x->h);
}

static void a_udp_packet_without_checksum_was_not_checked(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];
	uint32_t len = ip_frame(f, 1, UDP, 20);
	struct received got;

	put16(f + 14 + 20 + 6, 0);
	got = rx_one(&x->h, &x->r, f, len);
	assert_int_equal(got.status & field_mask(RXD_STAT_L4CS), 0);
	assert_int_equal(got.status >> 29, 0);
}

static void options_extensions_and_fragments_are_recognised(void **state)
{
	struct fixture *x = *state;
	struct received got;
	uint8_t f[200], g[200];
	uint32_t len = ip_frame(f, 1, TCP, 20);

	memcpy(g, f, 34); /* four bytes of options */
	memset(g + 34, 1, 4);
	memcpy(g + 38, f + 34, len - 34);
	g[14] = 0x46;
	put16(g + 16, len - 14 + 4);
	put16(g + 24, 0);
	put16(g + 24, ~sum(g + 14, 24, 0));
	got = rx_one(&x->h, &x->r, g, len + 4);
	assert_int_equal(got.type & TYPES, IPV4_TYPE | OPTIONS | TCP_TYPE);
	assert_int_equal(got.status >> 29, 0);
	assert_true(got.status & field_mask(RXD_STAT_L4CS));

	put16(f + 20, 0x2000); /* more fragments: layer 4 is not looked at */
	put16(f + 24, 0);
	put16(f + 24, ~sum(f + 14, 20, 0));
	got = rx_one(&x->h, &x->r, f, len);
	assert_int_equal(got.type & TYPES, IPV4_TYPE);
	assert_int_equal(got.status & field_mask(RXD_STAT_L4CS), 0);

	len = ip_frame(f, 0, UDP, 20);
	memcpy(g, f, 54); /* an empty destination options header */
	memcpy(g + 54, "\x11\0\1\4\0\0\0\0", 8);
	memcpy(g + 62, f + 54, len - 54);
	g[20] = 60;
	put16(g + 18, len - 54 + 8);
	got = rx_one(&x->h, &x->r, g, len + 8);
	assert_int_equal(got.type & TYPES, IPV6_TYPE | EXTENSION | UDP_TYPE);
	assert_int_equal(got.status >> 29, 0);
	assert_true(got.status & field_mask(RXD_STAT_L4CS));
}

/* RFC 3720 B.4: the CRC32c of 32 bytes of 0x00 is 8a9136aa; here over an SCTP header and more. */
static uint32_t crc32c_bits(const uint8_t *p, uint32_t len)
{
	uint32_t crc = UINT32_MAX;

	for (uint32_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			uint32_t in = (p[i] >> bit & 1) ^ (crc & 1);

			crc = crc >> 1 ^ (in ? 0x82f63b78 : 0);
		}
	return ~crc;
}

static void sctp_has_a_crc(void **state)
{
	struct fixture *x = *state;
	uint8_t f[200], zeros[32] = { 0 };
	struct received got;
	uint32_t crc;

	assert_int_equal(crc32c_bits(zeros, 32), 0x8a9136aa);
	ip_frame(f, 1, UDP, 32); /* 40 bytes of SCTP instead */
	f[14 + 9] = SCTP;
	put16(f + 24, 0);
	put16(f + 24, ~sum(f + 14, 20, 0));
	memset(f + 34 + 8, 0, 4);
	crc = crc32c_bits(f + 34, 40);
	for (int i = 0; i < 4; i++)
		f[34 + 8 + i] = (uint8_t)(crc >> 8 * i);
	got = rx_one(&x->h, &x->r, f, 74);
	assert_int_equal(got.type & TYPES, IPV4_TYPE | SCTP_TYPE);
	assert_true(got.status & field_mask(RXD_STAT_L4CS));
	assert_int_equal(got.status >> 29, 0);
	f[73] ^= 1;
	got = rx_one(&x->h, &x->r, f, 74);
	assert_int_equal(got.status >> 29, 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_frame_of_every_size_arrives_whole),
		T(the_sending_mac_padded_short_frames),
		T(legacy_write_back_keeps_the_address),
		T(legacy_write_back_reports_bad_checksums),
		T(unicast_passes_by_exact_match_or_promiscuously),
		T(broadcast_and_multicast_have_bits_of_their_own),
		T(the_multicast_table_is_indexed_by_any_of_four_offsets),
		T(crc_errors_are_counted_and_dropped),
		T(store_bad_packets_hands_them_over_marked),
		T(tags_are_stripped_into_the_descriptor),
		T(the_vlan_table_filters_tagged_frames_only),
		T(checksums_of_all_kinds_are_verified),
		T(a_udp_packet_without_checksum_was_not_checked),
		T(options_extensions_and_fragments_are_recognised),
		T(sctp_has_a_crc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
