/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A log-linear histogram for latencies: constant time to record, constant memory, bounded error.
 *
 * Values below 128 have a bucket each; above, every power of two is cut into 128 equal buckets, so
 * a bucket is never wider than 1/128 (0.8 %) of its values. Values of 2^40 and more (18 minutes in
 * ns) go to the last bucket and are counted in `clamped`. The unit is the caller's. Not
 * thread-safe: one histogram per thread, then nic_hist_merge. Header-only, C and C++.
 */
#ifndef NICETY_HISTOGRAM_H
#define NICETY_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NIC_HIST_BITS    7  /* log2 of the buckets per power of two */
#define NIC_HIST_MAX     40 /* log2 of the first value that is too large */
#define NIC_HIST_BUCKETS ((NIC_HIST_MAX - NIC_HIST_BITS + 1) << NIC_HIST_BITS)

struct nic_hist {
	uint64_t count, clamped, min, max, sum;
	uint64_t bucket[NIC_HIST_BUCKETS]; /* 34 KiB; only lines that are hit get into caches */
};

/** nic_hist_reset - forget everything; also makes a new histogram usable. */
static inline void nic_hist_reset(struct nic_hist *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

/** nic_hist_index - the bucket of a value below 2^NIC_HIST_MAX. */
static inline unsigned nic_hist_index(uint64_t value)
{
	unsigned shift;

	if (value < 1u << NIC_HIST_BITS)
		return (unsigned)value;
	/* The leading NIC_HIST_BITS + 1 bits of the value remain; the first of them is 1. */
	shift = 63 - NIC_HIST_BITS - (unsigned)__builtin_clzll(value);
	return (shift << NIC_HIST_BITS) + (unsigned)(value >> shift);
}

/** nic_hist_lowest, nic_hist_highest - the values that share bucket @index. */
static inline uint64_t nic_hist_lowest(unsigned index)
{
	unsigned shift;

	if (index < 2u << NIC_HIST_BITS)
		return index;
	shift = (index >> NIC_HIST_BITS) - 1;
	return (uint64_t)(index - (shift << NIC_HIST_BITS)) << shift;
}
static inline uint64_t nic_hist_highest(unsigned index)
{
	return nic_hist_lowest(index + 1) - 1;
}

/** nic_hist_record - add a value @times times. */
static inline void nic_hist_record(struct nic_hist *h, uint64_t value, uint64_t times)
{
	uint64_t top = ((uint64_t)1 << NIC_HIST_MAX) - 1;

	if (!times)
		return;
	h->count += times;
	h->sum += value * times;
	if (value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	if (value > top) {
		h->clamped += times;
		value = top;
	}
	h->bucket[nic_hist_index(value)] += times;
}

/** nic_hist_merge - add all values of @from, with the precision of the buckets. */
static inline void nic_hist_merge(struct nic_hist *h, const struct nic_hist *from)
{
	unsigned i;

	h->count += from->count;
	h->clamped += from->clamped;
	h->sum += from->sum;
	if (from->min < h->min)
		h->min = from->min;
	if (from->max > h->max)
		h->max = from->max;
	for (i = 0; i < NIC_HIST_BUCKETS; i++)
		h->bucket[i] += from->bucket[i];
}

/** nic_hist_mean - exact (until the sum passes 2^64); 0 of nothing. */
static inline double nic_hist_mean(const struct nic_hist *h)
{
	return h->count ? (double)h->sum / (double)h->count : 0;
}

/**
 * nic_hist_percentile - the smallest value so that @percent % of all are not larger.
 * @percent: 0 (the minimum) to 100 (the maximum), both exact; 99.9 is fine.
 *
 * In between, the highest value of the bucket: never too small, at most 0.8 % too large, never
 * more than the maximum. Return: 0 of nothing.
 */
static inline uint64_t nic_hist_percentile(const struct nic_hist *h, double percent)
{
	uint64_t want, seen = 0;
	double exact = (double)h->count * percent / 100;
	unsigned i;

	if (!h->count)
		return 0;
	if (percent <= 0)
		return h->min;
	want = (uint64_t)exact;
	/* Round up, but not for what binary fractions add to 99.9 % of 1000. */
	if (exact - (double)want > 1e-6)
		want++;
	if (want >= h->count)
		return h->max;
	for (i = 0; i < NIC_HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= want && seen)
			break;
	}
	return i + 1 < NIC_HIST_BUCKETS && nic_hist_highest(i) < h->max ? nic_hist_highest(i)
									: h->max;
}

#ifdef __cplusplus
}
#endif
#endif
