/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The traffic generator: what its source sends, and that its sink recognises every fault.
 */
#include "wire_helpers.h"

#include <time.h>

#include "nicety/net.h"
#include "wires/gen.h"

#define LONGEST 15872

/* Frames of a source, kept to be handed to a sink in any order. */
static uint8_t kept[64][LONGEST];
static size_t kept_len[64];

static void keep(const char *spec, unsigned n)
{
	struct wire *w = must_open(spec);
	struct wire_frame f;

	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(w->ops->peek(w, &f), 1);
		memcpy(kept[i], f.data, f.len);
		kept_len[i] = f.len;
		w->ops->take(w);
	}
	w->ops->close(w);
}

static void give(struct wire *sink, unsigned i)
{
	assert_int_equal(sink->ops->tx(sink, kept[i], kept_len[i]), 0);
}

static void assert_counts(struct wire *sink, unsigned received, unsigned lost, unsigned duplicated,
			  unsigned reordered, unsigned corrupted)
{
	assert_int_equal(counter(sink, "wire_received"), received);
	assert_int_equal(counter(sink, "wire_lost"), lost);
	assert_int_equal(counter(sink, "wire_duplicated"), duplicated);
	assert_int_equal(counter(sink, "wire_reordered"), reordered);
	assert_int_equal(counter(sink, "wire_corrupted"), corrupted);
}

/* Source straight into sink. Return: frames. */
static unsigned pump(struct wire *source, struct wire *sink, unsigned limit)
{
	struct wire_frame f;
	unsigned n = 0;

	while (n < limit && source->ops->peek(source, &f) > 0) {
		assert_int_equal(sink->ops->tx(sink, f.data, f.len), 0);
		source->ops->take(source);
		n++;
	}
	return n;
}

static void count_frames_arrive_unharmed(void **arg)
{
	static const char *const specs[] = {
		"gen:count=100000",
		"gen:count=100k,flows=7",
		"gen:count=100000,flows=16384",
		"gen:count=24000,size=imix,flows=3",
		"gen:count=15809,size=64-15872",
		"gen:count=1000,size=9018,dst=02:00:00:00:00:99,src=02:00:00:00:00:98",
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct wire *source = must_open(specs[i]), *sink = must_open("gen:check");
		unsigned n;

		assert_int_equal(source->ops->ended(source), 0);
		assert_int_equal(source->patient, 1);
		assert_int_equal(sink->ops->ended(sink), 1);
		assert_nothing(sink);
		n = pump(source, sink, UINT32_MAX);
		assert_int_equal(counter(source, "wire_sent"), n);
		assert_int_equal(source->ops->ended(source), 1);
		assert_counts(sink, n, 0, 0, 0, 0);
		assert_int_equal(counter(sink, "wire_received_bytes"),
				 counter(source, "wire_sent_bytes"));
		assert_int_equal(counter(sink, "wire_foreign"), 0);
		source->ops->close(source);
		sink->ops->close(sink);
	}
}

static uint16_t slow_sum(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void frames_are_what_other_programs_understand(void **arg)
{
	static const uint8_t dst[6] = { 2, 0, 0, 0, 0, 0x99 };
	struct wire *w = must_open("gen:size=64-1518,flows=5,dst=02:00:00:00:00:99");
	struct wire_frame f;

	(void)arg;
	for (unsigned i = 0; i < 10000; i++) {
		const uint8_t *p;
		uint16_t udp_len;

		assert_int_equal(w->ops->peek(w, &f), 1);
		p = f.data;
		assert_int_equal(f.len, 60 + i % 1455);
		assert_memory_equal(p, dst, 6);
		assert_int_equal(net_get16(p + 12), NET_ETH_IPV4);
		assert_int_equal(net_get16(p + 16), f.len - 14);
		assert_int_equal(slow_sum(0, p + 14, 20), 0xffff);
		udp_len = net_get16(p + 38);
		assert_int_equal(udp_len, f.len - 34);
		assert_int_equal(net_get16(p + 34), 49152 + i % 5);
		assert_int_not_equal(net_get16(p + 40), 0);
		assert_int_equal(slow_sum(slow_sum(17u + udp_len, p + 26, 8), p + 34, udp_len),
				 0xffff);
		w->ops->take(w);
	}
	w->ops->close(w);
}

static void sizes_take_turns_and_imix_has_its_shares(void **arg)
{
	struct wire *w = must_open("gen:size=imix");
	struct wire_frame f;
	unsigned small = 0, medium = 0, large = 0;

	(void)arg;
	for (unsigned i = 0; i < 1200; i++) {
		assert_int_equal(w->ops->peek(w, &f), 1);
		small += f.len == 60;
		medium += f.len == 590;
		large += f.len == 1514;
		w->ops->take(w);
	}
	assert_int_equal(small, 700);
	assert_int_equal(medium, 400);
	assert_int_equal(large, 100);
	w->ops->close(w);
}

static void frame_stays_until_the_next_but_one(void **arg)
{
	struct wire *w = must_open("gen:");
	struct wire_frame a, b;
	uint8_t copy[60];

	(void)arg;
	assert_int_equal(w->ops->peek(w, &a), 1);
	memcpy(copy, a.data, 60);
	w->ops->take(w);
	assert_int_equal(w->ops->peek(w, &b), 1);
	assert_memory_equal(a.data, copy, 60);
	assert_memory_not_equal(a.data, b.data, 60);
	w->ops->close(w);
}

static void sink_counts_lost_frames(void **arg)
{
	struct wire *sink = must_open("gen:check");

	(void)arg;
	keep("gen:", 10);
	for (unsigned i = 2; i < 10; i++)
		if (i != 5 && i != 6)
			give(sink, i);
	assert_counts(sink, 6, 4, 0, 0, 0); /* 0, 1, 5, 6 */
	sink->ops->close(sink);
}

static void sink_tells_duplicates_from_late_frames(void **arg)
{
	static const unsigned order[] = { 0, 1, 1, 3, 2, 2, 5, 4, 0, 6, 6 };
	struct wire *sink = must_open("gen:check");

	(void)arg;
	keep("gen:", 7);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		give(sink, order[i]);
	assert_counts(sink, 11, 0, 4, 2, 0);
	sink->ops->close(sink);
}

/* Flows may overtake each other: RSS spreads them over queues. */
static void order_between_flows_does_not_matter(void **arg)
{
	struct wire *sink = must_open("gen:check");

	(void)arg;
	keep("gen:flows=4", 40);
	for (unsigned flow = 4; flow-- > 0;)
		for (unsigned i = flow; i < 40; i += 4)
			give(sink, i);
	assert_counts(sink, 40, 0, 0, 0, 0);
	give(sink, 8);
	assert_counts(sink, 41, 0, 1, 0, 0);
	sink->ops->close(sink);
	/* A flow that is missing altogether is lost. */
	sink = must_open("gen:check");
	for (unsigned i = 0; i < 40; i++)
		if (i % 4 != 1)
			give(sink, i);
	assert_counts(sink, 30, 10, 0, 0, 0);
	sink->ops->close(sink);
}

static void window_forgets_after_1024_numbers(void **arg)
{
	struct wire *source = must_open("gen:count=2000"), *sink = must_open("gen:check");
	struct wire_frame f;

	(void)arg;
	keep("gen:", 2);
	pump(source, sink, 1);
	assert_int_equal(source->ops->peek(source, &f), 1);
	source->ops->take(source); /* number 1 is late */
	pump(source, sink, 1023);  /* highest is 1024 */
	give(sink, 1);             /* 1024 - 1 = 1023 behind: still known */
	assert_counts(sink, 1025, 0, 0, 1, 0);
	give(sink, 1);
	assert_counts(sink, 1026, 0, 1, 1, 0);
	give(sink, 0); /* 1024 behind */
	assert_counts(sink, 1027, 0, 1, 1, 0);
	assert_int_equal(counter(sink, "wire_stale"), 1);
	pump(source, sink, 1);
	give(sink, 1);
	assert_int_equal(counter(sink, "wire_stale"), 2);
	assert_int_equal(counter(sink, "wire_lost"), 0);
	source->ops->close(source);
	sink->ops->close(sink);
}

static void gap_wider_than_the_window_leaves_no_old_marks(void **arg)
{
	struct wire *source = must_open("gen:"), *sink = must_open("gen:check");
	struct wire_frame f;

	(void)arg;
	pump(source, sink, 1500);
	for (unsigned i = 0; i < 3000; i++) {
		assert_int_equal(source->ops->peek(source, &f), 1);
		if (i == 2500) {
			memcpy(kept[0], f.data, f.len);
			kept_len[0] = f.len;
		}
		source->ops->take(source);
	}
	pump(source, sink, 1);
	assert_counts(sink, 1501, 3000, 0, 0, 0);
	give(sink, 0); /* its bit was set by a number 2,048 lower */
	assert_counts(sink, 1502, 2999, 0, 1, 0);
	source->ops->close(source);
	sink->ops->close(sink);
}

static void every_damaged_byte_is_noticed(void **arg)
{
	(void)arg;
	keep("gen:size=128,flows=3", 2);
	for (unsigned i = 12; i < 124; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct wire *sink = must_open("gen:check");
			uint64_t strange;

			kept[1][i] ^= (uint8_t)(1 << bit);
			give(sink, 0);
			give(sink, 1);
			kept[1][i] ^= (uint8_t)(1 << bit);
			strange = counter(sink, "wire_corrupted") + counter(sink, "wire_foreign");
			assert_int_equal(counter(sink, "wire_received"), 1);
			assert_int_equal(strange, 1);
			if (i >= GEN_PAYLOAD)
				assert_int_equal(counter(sink, "wire_corrupted"), 1);
			sink->ops->close(sink);
		}
}

static void cut_frames_are_corrupted_or_foreign(void **arg)
{
	struct wire *sink = must_open("gen:check");

	(void)arg;
	keep("gen:size=128", 1);
	for (unsigned len = 0; len < 124; len++) {
		uint8_t *exact = malloc(len ? len : 1);

		assert_non_null(exact);
		memcpy(exact, kept[0], len);
		sink->ops->tx(sink, exact, len);
		free(exact);
	}
	assert_int_equal(counter(sink, "wire_received"), 0);
	assert_int_equal(counter(sink, "wire_corrupted") + counter(sink, "wire_foreign"), 124);
	sink->ops->close(sink);
}

static void new_macs_a_tag_and_padding_are_no_damage(void **arg)
{
	struct wire *sink = must_open("gen:check");

	(void)arg;
	keep("gen:", 3);
	memset(kept[0], 0x22, 12);
	memmove(kept[1] + 16, kept[1] + 12, 48);
	net_put16(kept[1] + 12, NET_ETH_VLAN);
	net_put16(kept[1] + 14, 5);
	kept_len[1] += 4;
	kept_len[2] += 10;
	for (unsigned i = 0; i < 3; i++)
		give(sink, i);
	assert_counts(sink, 3, 0, 0, 0, 0);
	sink->ops->close(sink);
}

static void other_traffic_is_foreign(void **arg)
{
	struct wire *sink = must_open("gen:check");

	(void)arg;
	keep("gen:", 1);
	net_put16(kept[0] + 36, 53);
	give(sink, 0);
	net_put16(kept[0] + 12, NET_ETH_ARP);
	give(sink, 0);
	assert_int_equal(counter(sink, "wire_foreign"), 2);
	keep("gen:flows=2", 1);
	give(sink, 0);
	keep("gen:flows=3", 1); /* a second generator */
	give(sink, 0);
	assert_int_equal(counter(sink, "wire_foreign"), 3);
	assert_counts(sink, 1, 0, 0, 0, 0);
	sink->ops->close(sink);
}

static void bad_frames_are_extra_and_recognised(void **arg)
{
	struct wire *source = must_open("gen:count=9,bad=4"), *sink = must_open("gen:check");
	struct wire_frame f;
	unsigned n = 0, bad = 0;

	(void)arg;
	for (; source->ops->peek(source, &f) > 0; n++) {
		assert_int_equal(f.bad, n % 4 == 3 ? WIRE_CRC : WIRE_GOOD);
		bad += f.bad;
		sink->ops->tx(sink, f.data, f.len); /* a NIC would not let the bad ones pass */
		source->ops->take(source);
	}
	assert_int_equal(n, 11);
	assert_int_equal(bad, 2);
	assert_int_equal(counter(source, "wire_sent"), 9);
	assert_int_equal(counter(source, "wire_sent_bad"), 2);
	assert_counts(sink, 9, 0, 0, 0, 2);
	source->ops->close(source);
	sink->ops->close(sink);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/*
 * Never faster than asked for. How much slower a busy machine makes it says nothing about the
 * source, so there is no upper bound on the time but the test's own.
 */
static void rates_are_never_exceeded(void **arg)
{
	static const struct {
		const char *spec;
		double pps;
	} cases[] = {
		{ "gen:rate=100kpps", 100e3 },
		{ "gen:rate=0.5Mpps", 500e3 },
		{ "gen:size=1518,rate=1Gbps", 1e9 / (1538 * 8) },
		{ "gen:rate=1%", 1e8 / (84 * 8) },
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wire *w = must_open(cases[i].spec);
		unsigned n = 0, want = (unsigned)(cases[i].pps * 0.04);
		uint64_t start = now_ns();
		struct wire_frame f;

		assert_int_equal(w->patient, 0);
		while (n < want)
			if (w->ops->peek(w, &f) > 0) {
				w->ops->take(w);
				n++;
			}
		/* The first frame is due at once; times are cut to 2^-20 ps. */
		assert_true((double)(now_ns() - start) * 1.000001 >= (n - 1) / cases[i].pps * 1e9);
		w->ops->close(w);
	}
}

static void a_schedule_that_was_missed_is_not_made_up_in_one_burst(void **arg)
{
	struct wire *w = must_open("gen:rate=10kpps");
	struct timespec pause = { 0, 50000000 };
	struct wire_frame f;
	uint64_t start;
	unsigned n = 0;

	(void)arg;
	assert_int_equal(w->ops->peek(w, &f), 1);
	w->ops->take(w);
	nanosleep(&pause, NULL);
	start = now_ns();
	while (w->ops->peek(w, &f) > 0) {
		w->ops->take(w);
		n++;
	}
	/* 10 ms of arrears, not 50, and what became due while they were sent. */
	assert_true(n >= 100);
	assert_true(n <= 102 + (now_ns() - start) / 100000);
	assert_true(counter(w, "wire_late") >= 1);
	w->ops->close(w);
}

static void wrong_options_are_refused(void **arg)
{
	static const char *const wrong[] = {
		"gen:size=63",     "gen:size=15873",        "gen:size=100-99",
		"gen:size=64-",    "gen:size=big",          "gen:rate=fast",
		"gen:rate=0pps",   "gen:rate=101%",         "gen:rate=10kbps",
		"gen:rate=nan%",   "gen:rate=-1pps",        "gen:rate=1Mppsx",
		"gen:rate=5",      "gen:rate=1e99pps",      "gen:flows=0",
		"gen:flows=16385", "gen:dst=02:00:00",      "gen:src=zz:00:00:00:00:00",
		"gen:bad=1",       "gen:dst=1:2:3:4:5:6:7",
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_refused(wrong[i], -EINVAL, "want ");
}

static void source_and_sink_can_share_a_wire(void **arg)
{
	struct wire *w = must_open("gen:count=1000,flows=10,check");

	(void)arg;
	assert_int_equal(pump(w, w, UINT32_MAX), 1000);
	assert_counts(w, 1000, 0, 0, 0, 0);
	assert_int_equal(counter(w, "wire_sent"), 1000);
	w->ops->close(w);
	w = must_open("gen:count=5"); /* without check frames are only counted */
	pump(w, w, UINT32_MAX);
	assert_int_equal(counter(w, "wire_unchecked"), 5);
	w->ops->close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(count_frames_arrive_unharmed),
		cmocka_unit_test(frames_are_what_other_programs_understand),
		cmocka_unit_test(sizes_take_turns_and_imix_has_its_shares),
		cmocka_unit_test(frame_stays_until_the_next_but_one),
		cmocka_unit_test(sink_counts_lost_frames),
		cmocka_unit_test(sink_tells_duplicates_from_late_frames),
		cmocka_unit_test(order_between_flows_does_not_matter),
		cmocka_unit_test(window_forgets_after_1024_numbers),
		cmocka_unit_test(gap_wider_than_the_window_leaves_no_old_marks),
		cmocka_unit_test(every_damaged_byte_is_noticed),
		cmocka_unit_test(cut_frames_are_corrupted_or_foreign),
		cmocka_unit_test(new_macs_a_tag_and_padding_are_no_damage),
		cmocka_unit_test(other_traffic_is_foreign),
		cmocka_unit_test(bad_frames_are_extra_and_recognised),
		cmocka_unit_test(rates_are_never_exceeded),
		cmocka_unit_test(a_schedule_that_was_missed_is_not_made_up_in_one_burst),
		cmocka_unit_test(wrong_options_are_refused),
		cmocka_unit_test(source_and_sink_can_share_a_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
