/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82574L model: packet split. What goes to which of the four buffers, what the write-back
 * says, and the rules about both. After each test frames must be conserved.
 */
#include "../model_e1000.h"

#define SPLIT_RCTL (RCTL_TEST | FIELD_MASK(RCTL_LPE) | 1u << 10)
#define SIZES      (2u | 4u << 8 | 4u << 16 | 4u << 24) /* 256 bytes, three times 4 KiB */

struct split {
	uint32_t status, errors, vlan, header, length[4];
	int split;
	uint64_t hash;
};

static void post_all(struct fixture *x)
{
	for (uint32_t i = 0; i < SPLIT_RING; i++)
		split_post(&x->h, &x->r, i);
}

/* All descriptors but one belong to hardware. Indices count 16 bytes: two for each. */
static void split_on(struct fixture *x, uint32_t sizes)
{
	post_all(x);
	wr(&x->h, PSRCTL, sizes);
	wr(&x->h, RCTL, SPLIT_RCTL | fm(RCTL_EN));
	rx_tail(&x->h, &x->r, RING - 2);
}

static int setup_split(void **state)
{
	struct fixture *x;

	setup_idle(state);
	x = *state;
	wr(&x->h, RFCTL, fm(RFCTL_EXTEN));
	rx_ring(&x->h, &x->r, 0, 16384);
	return 0;
}

static struct split result(struct fixture *x, uint32_t i)
{
	const struct e1000_split_desc *d = split_desc(&x->h, &x->r, i);
	uint64_t q1 = from_le64(d->q[1]), q2 = from_le64(d->q[2]);
	struct split got = { .status = q1 & 0xff, .errors = (uint32_t)q1 >> 24 };

	got.length[0] = q1 >> 32 & 0xffff;
	got.vlan = (uint32_t)(q1 >> 48);
	got.header = q2 & 0x3ff;
	got.split = q2 >> 15 & 1;
	for (unsigned n = 1; n < 4; n++)
		got.length[n] = q2 >> 16 * n & 0xffff;
	got.hash = from_le64(d->q[0]) >> 32;
	assert_int_equal(from_le64(d->q[3]), 0);
	return got;
}

/* What lies in the buffers of descriptor @i, one after the other. Return: bytes. */
static uint32_t collect(struct fixture *x, uint32_t i, uint8_t *to)
{
	struct split got = result(x, i);
	uint32_t len = 0;

	for (unsigned n = 0; n < 4; n++) {
		memcpy(to + len, ram_at(&x->h, split_buffer(&x->r, i, n)), got.length[n]);
		len += got.length[n];
	}
	return len;
}

/* @f arrives in descriptor @i, whole, with @header bytes split off (0: not split). */
static struct split arrives(struct fixture *x, uint32_t i, const uint8_t *f, uint32_t len,
			    uint32_t header)
{
	static uint8_t back[16384];
	struct split got;

	assert_int_equal(from_wire(&x->h, f, len), MODEL_RX_TAKEN);
	got = result(x, i);
	assert_int_equal(got.status & 3, 3); /* DD, EOP */
	assert_int_equal(got.split, header != 0);
	assert_int_equal(got.header, header);
	if (header)
		assert_int_equal(got.length[0], header);
	assert_int_equal(collect(x, i, back), len);
	assert_memory_equal(back, f, len);
	return got;
}

static void headers_go_to_the_first_buffer(void **state)
{
	struct fixture *x = *state;
	uint8_t f[2048];
	uint32_t len, i = 0;

	split_on(x, SIZES);
	for (int v4 = 0; v4 < 2; v4++) {
		uint32_t ip = 14 + (v4 ? 20 : 40);

		len = ip_frame(f, v4, TCP, 1000);
		assert_int_equal(arrives(x, i++, f, len, ip + 20).length[1], 1000);
		len = ip_frame(f, v4, UDP, 1000);
		assert_int_equal(arrives(x, i++, f, len, ip + 8).length[1], 1000);
		f[v4 ? 23 : 20] = v4 ? 1 : 58; /* ICMP */
		assert_int_equal(arrives(x, i++, f, len, ip).length[1], 1008);
	}
	no_rule_broken(&x->h);
}

static void tcp_options_are_headers(void **state)
{
	struct fixture *x = *state;
	uint8_t f[300];
	uint32_t len = ip_frame(f, 1, TCP, 100);

	split_on(x, SIZES);
	f[46] = 8 << 4; /* data offset: 32 bytes */
	arrives(x, 0, f, len, 14 + 20 + 32);
	for (uint32_t i = 1; i < 5; i++) {
		f[46] = (uint8_t)((i - 1) << 4); /* below 20 */
		arrives(x, i, f, len, 0);
	}
	len = ip_frame(f, 1, TCP, 20);
	f[46] = 15 << 4; /* longer than the packet */
	arrives(x, 5, f, len, 0);
	no_rule_broken(&x->h);
}

static void without_ip_nothing_is_split(void **state)
{
	struct fixture *x = *state;
	struct split got;
	uint8_t f[1000];

	plain(f, sizeof(f), 1);
	split_on(x, SIZES);
	got = arrives(x, 0, f, sizeof(f), 0);
	assert_int_equal(got.length[0], 256); /* all buffers in turn */
	assert_int_equal(got.length[1], 744);
	no_rule_broken(&x->h);
}

static void headers_longer_than_the_first_buffer_are_not_split(void **state)
{
	struct fixture *x = *state;
	uint8_t f[2048];
	uint32_t len = ip_frame(f, 1, TCP, 1000);

	f[46] = 15 << 4;                   /* 60 bytes of TCP: 94 together, 1 fits */
	split_on(x, (SIZES & ~0x7fu) | 1); /* 128 bytes */
	arrives(x, 0, f, len, 94);
	len = ip_frame(f, 0, TCP, 1000);
	f[14 + 40 + 12] = 15 << 4;
	arrives(x, 1, f, len, 114);
	memmove(f + 14 + 40 + 16, f + 14 + 40, len - 54); /* a destination options header */
	f[20] = 60;
	f[54] = TCP;
	f[55] = 1;
	put16(f + 18, get16(f + 18) + 16);
	arrives(x, 2, f, len + 16, 0); /* 130 bytes */
	assert_int_equal(result(x, 2).length[0], 128);
}

static void fragments_are_split_after_ip(void **state)
{
	struct fixture *x = *state;
	uint8_t f[2048];
	uint32_t len = ip_frame(f, 1, UDP, 1000);

	split_on(x, SIZES);
	f[20] = 0x20; /* more fragments */
	arrives(x, 0, f, len, 34);
	set_bits(&x->h, RFCTL, fm(RFCTL_IPFRSP_DIS));
	arrives(x, 1, f, len, 0);
	no_rule_broken(&x->h);
}

static void a_jumbo_frame_fills_all_four(void **state)
{
	struct fixture *x = *state;
	static uint8_t f[9014];
	struct split got;

	plain(f, sizeof(f), 5);
	ip_frame(f, 1, UDP, 9014 - 42);
	split_on(x, SIZES);
	got = arrives(x, 0, f, sizeof(f), 42);
	assert_int_equal(got.length[1], 4096);
	assert_int_equal(got.length[2], 4096);
	assert_int_equal(got.length[3], 9014 - 42 - 8192);
	no_rule_broken(&x->h);
}

static void a_frame_may_span_descriptors(void **state)
{
	struct fixture *x = *state;
	static uint8_t f[9014], back[16384];
	uint32_t at = 0;

	ip_frame(f, 1, UDP, 9014 - 42);
	split_on(x, 2 | 4 << 8); /* only two buffers: 256 bytes, 4 KiB */
	assert_int_equal(from_wire(&x->h, f, sizeof(f)), MODEL_RX_TAKEN);
	for (uint32_t i = 0; i < 3; i++) {
		struct split got = result(x, i);

		assert_int_equal(got.status & 3, i < 2 ? 1 : 3);
		assert_int_equal(got.split, !i);
		assert_int_equal(got.length[0], i ? 0 : 42); /* stays empty behind the first */
		assert_int_equal(got.length[2] | got.length[3], 0);
		at += collect(x, i, back + at);
	}
	assert_int_equal(at, sizeof(f));
	assert_memory_equal(back, f, sizeof(f));
	plain(f, sizeof(f), 5); /* not split: 4352 bytes of each */
	assert_int_equal(from_wire(&x->h, f, sizeof(f)), MODEL_RX_TAKEN);
	assert_int_equal(result(x, 4).length[0], 256);
	assert_int_equal(result(x, 5).length[0] + result(x, 5).length[1], 9014 - 2 * 4352);
	no_rule_broken(&x->h);
}

static void status_tag_and_checksums_are_as_extended(void **state)
{
	struct fixture *x = *state;
	uint8_t f[300], tagged[304], back[300];
	uint32_t len = ip_frame(f, 1, TCP, 100);
	struct split got;

	clear_bits(&x->h, RFCTL, fm(RFCTL_EXTEN)); /* split descriptors are extended anyway */
	wr(&x->h, RXCSUM, fm(RXCSUM_IPOFL) | fm(RXCSUM_TUOFL) | fm(RXCSUM_PCSD));
	set_bits(&x->h, CTRL, fm(CTRL_VME));
	split_on(x, SIZES);
	f[len - 1] ^= 1;
	with_tag(tagged, f, len, 0x2003);
	assert_int_equal(from_wire(&x->h, tagged, len + 4), MODEL_RX_TAKEN);
	got = result(x, 0);
	assert_int_equal(got.status,
			 fm(RXD_DD) | fm(RXD_EOP) | fm(RXD_VP) | fm(RXD_TCPCS) | fm(RXD_IPCS));
	assert_int_equal(got.errors, fm(RXD_TCPE) >> 8);
	assert_int_equal(got.vlan, 0x2003);
	assert_int_equal(got.header, 54); /* without the tag */
	assert_int_equal(collect(x, 0, back), len);
	assert_memory_equal(back, f, len);
	no_rule_broken(&x->h);
}

static void the_ring_wraps_and_indices_count_two(void **state)
{
	struct fixture *x = *state;
	uint8_t f[1514];

	split_on(x, SIZES);
	for (uint32_t i = 0; i < 5 * SPLIT_RING; i++) {
		ip_frame(f, 1, UDP, 1000 + i);
		arrives(x, i, f, 1042 + i, 42);
		assert_int_equal(rd(&x->h, RDH), 2 * (i + 1) % RING);
		split_post(&x->h, &x->r, i);
		rx_tail(&x->h, &x->r, 2 * i);
	}
	no_rule_broken(&x->h);
}

static void frames_wait_for_whole_descriptors(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];

	ip_frame(f, 1, UDP, 58);
	split_on(x, SIZES);
	for (uint32_t i = 0; i < SPLIT_RING - 1; i++)
		arrives(x, i, f, 100, 42);
	assert_int_equal(x->h.class->wire_rx(x->h.m, f, 100, 1, MODEL_FRAME_GOOD), MODEL_RX_WAIT);
	from_wire(&x->h, f, 100);
	assert_false(x->h.class->drained(x->h.m));
	split_post(&x->h, &x->r, 0);
	rx_tail(&x->h, &x->r, RING); /* = 0: the last descriptor */
	run_idle(&x->h);
	assert_true(x->h.class->drained(x->h.m));
	assert_int_equal(result(x, SPLIT_RING - 1).header, 42);
	no_rule_broken(&x->h);
}

static void sizes_are_judged(void **state)
{
	static const uint32_t wrong[] = {
		4 << 8 | 4 << 16,      /* no first buffer */
		2 | 4 << 16,           /* no second */
		2 | 4 << 8 | 4u << 24, /* no third, but a fourth */
	};
	struct fixture *x = *state;
	uint8_t f[100];

	ip_frame(f, 1, UDP, 58);
	post_all(x);
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		wr(&x->h, RCTL, 0);
		wr(&x->h, PSRCTL, wrong[i]);
		wr(&x->h, RCTL, SPLIT_RCTL | fm(RCTL_EN));
		only_rule_broken(&x->h, "split-buffer-size");
	}
	rx_tail(&x->h, &x->r, RING - 2);
	assert_int_equal(from_wire(&x->h, f, 100), MODEL_RX_TAKEN); /* and goes on */
	wr(&x->h, PSRCTL, SIZES);
	only_rule_broken(&x->h, "psrctl-while-rx");
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_LPE) | fm(RCTL_EN));
	only_rule_broken(&x->h, "rctl-while-rx");
	wr(&x->h, RCTL, 0);
	wr(&x->h, RCTL, RCTL_TEST | fm(RCTL_EN) | field_of(RCTL_DTYP, 2));
	only_rule_broken(&x->h, "packet-split");
}

static void sizes_do_not_matter_without_packet_split(void **state)
{
	struct fixture *x = *state;

	wr(&x->h, PSRCTL, 0);
	receiver(&x->h, &x->r, RCTL_TEST);
	wr(&x->h, PSRCTL, SIZES);
	no_rule_broken(&x->h);
}

static void addresses_are_judged(void **state)
{
	struct fixture *x = *state;
	uint8_t f[100];

	ip_frame(f, 1, UDP, 58);
	split_on(x, 2 | 4 << 8);
	split_desc(&x->h, &x->r, 0)->q[2] = to_le64(UINT64_MAX); /* no such buffer */
	split_desc(&x->h, &x->r, 0)->q[3] = to_le64(UINT64_MAX);
	arrives(x, 0, f, 100, 42);
	no_rule_broken(&x->h);
	split_desc(&x->h, &x->r, 1)->q[0] = to_le64(split_buffer(&x->r, 1, 0) | 1);
	from_wire(&x->h, f, 100);
	only_rule_broken(&x->h, "split-buffer-alignment");
	split_desc(&x->h, &x->r, 2)->q[1] = to_le64(split_buffer(&x->r, 2, 1) | 1);
	from_wire(&x->h, f, 100);
	only_rule_broken(&x->h, "rx-descriptor-dd");
	split_desc(&x->h, &x->r, 3)->q[1] = to_le64(0x1000);
	assert_int_equal(from_wire(&x->h, f, 100), MODEL_RX_DROPPED);
	only_rule_broken(&x->h, "dma-unmapped");
	assert_int_equal(named(&x->h, "model_rx_dma_failed"), 1);
}

static void odd_indices_are_named(void **state)
{
	struct fixture *x = *state;

	post_all(x);
	wr(&x->h, PSRCTL, SIZES);
	wr(&x->h, RDH, 1);
	wr(&x->h, RCTL, SPLIT_RCTL | fm(RCTL_EN));
	only_rule_broken(&x->h, "split-odd-index");
	assert_int_equal(rd(&x->h, RDH), 0);
	rx_tail(&x->h, &x->r, 3);
	only_rule_broken(&x->h, "split-odd-index");
	rx_tail(&x->h, &x->r, 4);
	no_rule_broken(&x->h);
}

#define SPLIT(name) cmocka_unit_test_setup_teardown(name, setup_split, teardown)

int main(void)
{
	const struct CMUnitTest split[] = {
		SPLIT(headers_go_to_the_first_buffer),
		SPLIT(tcp_options_are_headers),
		SPLIT(without_ip_nothing_is_split),
		SPLIT(headers_longer_than_the_first_buffer_are_not_split),
		SPLIT(fragments_are_split_after_ip),
		SPLIT(a_jumbo_frame_fills_all_four),
		SPLIT(a_frame_may_span_descriptors),
		SPLIT(status_tag_and_checksums_are_as_extended),
		SPLIT(the_ring_wraps_and_indices_count_two),
		SPLIT(frames_wait_for_whole_descriptors),
		SPLIT(sizes_are_judged),
		SPLIT(sizes_do_not_matter_without_packet_split),
		SPLIT(addresses_are_judged),
		SPLIT(odd_indices_are_named),
	};

	return RUN(82574l, split);
}
