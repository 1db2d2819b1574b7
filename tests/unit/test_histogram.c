/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The latency histogram of nicety/histogram.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "nicety/histogram.h"

static struct nic_hist h, other;

static void empty_histogram_says_zero(void **arg)
{
	(void)arg;
	nic_hist_reset(&h);
	assert_int_equal(h.count, 0);
	assert_int_equal(nic_hist_percentile(&h, 50), 0);
	assert_true(nic_hist_mean(&h) == 0);
}

static void buckets_are_without_gap_and_narrow(void **arg)
{
	(void)arg;
	for (unsigned i = 0; i + 1 < NIC_HIST_BUCKETS; i++) {
		uint64_t low = nic_hist_lowest(i), high = nic_hist_highest(i);

		assert_int_equal(nic_hist_index(low), i);
		assert_int_equal(nic_hist_index(high), i);
		assert_int_equal(nic_hist_index(high + 1), i + 1);
		assert_true(high - low <= low / 128);
	}
	assert_int_equal(nic_hist_index(((uint64_t)1 << NIC_HIST_MAX) - 1), NIC_HIST_BUCKETS - 1);
}

static void small_values_are_exact(void **arg)
{
	(void)arg;
	nic_hist_reset(&h);
	for (uint64_t v = 1; v <= 100; v++)
		nic_hist_record(&h, v, 1);
	for (unsigned p = 1; p <= 100; p++)
		assert_int_equal(nic_hist_percentile(&h, p), p);
	assert_int_equal(nic_hist_percentile(&h, 0), 1);
	assert_int_equal(nic_hist_percentile(&h, 98.5), 99);
	assert_int_equal(nic_hist_percentile(&h, 99.99), 100);
	assert_true(nic_hist_mean(&h) == 50.5);
}

static void percentiles_err_by_less_than_a_hundredth(void **arg)
{
	(void)arg;
	nic_hist_reset(&h);
	for (uint64_t v = 0; v < 1000000; v++)
		nic_hist_record(&h, v * 37 + 1000, 1);
	for (unsigned p = 1; p < 1000; p++) {
		uint64_t exact = (p * 1000 - 1) * 37 + 1000, got = nic_hist_percentile(&h, p / 10.);

		assert_true(got >= exact && got - exact <= exact / 100);
	}
}

static void extremes_are_exact_and_large_values_clamped(void **arg)
{
	(void)arg;
	nic_hist_reset(&h);
	nic_hist_record(&h, 12345, 1000);
	nic_hist_record(&h, (uint64_t)1 << 50, 1);
	assert_int_equal(h.clamped, 1);
	assert_int_equal(h.min, 12345);
	assert_true(nic_hist_percentile(&h, 100) == (uint64_t)1 << 50);
	assert_int_equal(nic_hist_percentile(&h, 0), 12345);
	assert_int_equal(nic_hist_percentile(&h, 50) / 100, 123);
	nic_hist_record(&h, 1, 0);
	assert_int_equal(h.min, 12345);
}

static void percentile_is_never_above_the_maximum(void **arg)
{
	(void)arg;
	nic_hist_reset(&h);
	nic_hist_record(&h, 1000001, 10);
	assert_int_equal(nic_hist_percentile(&h, 50), 1000001);
}

static void ten_thousandth_of_a_thousand_values(void **arg)
{
	(void)arg;
	nic_hist_reset(&h);
	nic_hist_record(&h, 10, 999);
	nic_hist_record(&h, 20, 1);
	assert_int_equal(nic_hist_percentile(&h, 99.9), 10);
	assert_int_equal(nic_hist_percentile(&h, 99.91), 20);
}

static void merged_histograms_equal_one(void **arg)
{
	(void)arg;
	nic_hist_reset(&h);
	nic_hist_reset(&other);
	for (uint64_t v = 1; v <= 50; v++) {
		nic_hist_record(&h, v, 1);
		nic_hist_record(&other, v + 50, 1);
	}
	nic_hist_merge(&h, &other);
	assert_int_equal(h.count, 100);
	assert_int_equal(h.min, 1);
	assert_int_equal(h.max, 100);
	assert_int_equal(nic_hist_percentile(&h, 75), 75);
	nic_hist_reset(&other);
	nic_hist_merge(&h, &other); /* an empty one changes nothing */
	assert_int_equal(h.min, 1);
	assert_int_equal(h.max, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_histogram_says_zero),
		cmocka_unit_test(buckets_are_without_gap_and_narrow),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(percentiles_err_by_less_than_a_hundredth),
		cmocka_unit_test(extremes_are_exact_and_large_values_clamped),
		cmocka_unit_test(percentile_is_never_above_the_maximum),
		cmocka_unit_test(ten_thousandth_of_a_thousand_values),
		cmocka_unit_test(merged_histograms_equal_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
