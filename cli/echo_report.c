/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Answers, drops by name, cost and latency of an echo.
 */
#include "echo_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "port.h"
#include "tsc.h"

#define BAR 40u

static const double percents[] = { 50, 90, 99, 99.9 };
#define N_PERCENTS (sizeof(percents) / sizeof(percents[0]))

#define SCOPE      "receive, answer, send, without the model's work"

static int is_drop(const char *name)
{
	return !strncmp(name, "drop_", 5);
}

static void print_counts(const struct echo_loop *l, int drops)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !echo_counter(&l->echo, i, &name, &value); i++) {
		if (value && is_drop(name) == drops)
			printf("  %-28s %" PRIu64 "\n", drops ? name + 5 : name, value);
	}
}

/* One row per power of two of ticks: enough to see a shape. */
static void print_histogram(const struct nic_hist *h, double hz)
{
	uint64_t row[64] = { 0 }, most = 1;
	unsigned first = 64, last = 0;

	for (unsigned i = 0; i < NIC_HIST_BUCKETS; i++) {
		uint64_t low = nic_hist_lowest(i);
		unsigned r = low ? 63 - (unsigned)__builtin_clzll(low) : 0;

		if (!h->bucket[i])
			continue;
		row[r] += h->bucket[i];
		most = row[r] > most ? row[r] : most;
		first = r < first ? r : first;
		last = r > last ? r : last;
	}
	for (unsigned r = first; r <= last && r < 64; r++) {
		printf("  %9.2f us  %-12" PRIu64 " ", (double)((uint64_t)1 << r) / hz * 1e6,
		       row[r]);
		for (uint64_t i = 0; i < (row[r] * BAR + most - 1) / most; i++)
			putchar('#');
		putchar('\n');
	}
}

static void print_latency(const struct echo_loop *l)
{
	const struct nic_hist *h = l->hist;
	double hz = tsc_hz(), us = 1e6 / hz;

	printf("latency from the receive of a burst to its doorbell (%s):\n  min %.2f us",
	       tsc_name(), (double)h->min * us);
	for (size_t i = 0; i < N_PERCENTS; i++)
		printf(", p%g %.2f us", percents[i],
		       (double)nic_hist_percentile(h, percents[i]) * us);
	printf(", max %.2f us\n", (double)h->max * us);
	print_histogram(h, hz);
}

void echo_report_text(const struct echo_loop *l)
{
	port_text(l->nic, "port");
	printf("%" PRIu64 " frames in %.3f s: answered %" PRIu64 "\n", l->frames,
	       run_seconds(&l->run), echo_replies(&l->echo));
	print_counts(l, 0);
	printf("dropped %" PRIu64 "\n", echo_drops(&l->echo) + l->others + l->bad);
	print_counts(l, 1);
	if (l->others)
		printf("  %-28s %" PRIu64 "\n", "for_others", l->others);
	if (l->bad)
		printf("  %-28s %" PRIu64 "\n", "bad", l->bad);
	if (l->rounds) {
		printf("cost: %.0f cycles/frame (%s; %s at %.2f GHz; bursts of %.1f)\n",
		       (double)l->ticks / (double)l->frames, SCOPE, tsc_name(), tsc_hz() / 1e9,
		       (double)l->frames / (double)l->rounds);
		if (l->hist)
			print_latency(l);
	}
	printf("violations: %" PRIu64 "\n", nic_violations(l->nic));
}

static void json_latency(struct json *j, const struct nic_hist *h)
{
	double ns = 1e9 / tsc_hz();
	char name[16];

	json_open(j, "latency_ns", '{');
	json_text(j, "clock", tsc_name());
	json_count(j, "count", h->count);
	if (h->count) {
		json_number(j, "min", (double)h->min * ns, 1);
		json_number(j, "mean", nic_hist_mean(h) * ns, 1);
		for (size_t i = 0; i < N_PERCENTS; i++) {
			snprintf(name, sizeof(name), "p%g", percents[i]);
			json_number(j, name, (double)nic_hist_percentile(h, percents[i]) * ns, 1);
		}
		json_number(j, "max", (double)h->max * ns, 1);
	}
	json_close(j, '}');
}

void echo_report_json(const struct echo_loop *l)
{
	struct json j = { .to = stdout };
	const char *name;
	uint64_t value;

	json_open(&j, NULL, '{');
	json_text(&j, "command", "echo");
	json_count(&j, "received", l->frames);
	json_count(&j, "answered", echo_replies(&l->echo));
	json_count(&j, "dropped", echo_drops(&l->echo) + l->others + l->bad);
	json_open(&j, "counters", '{');
	for (unsigned i = 0; !echo_counter(&l->echo, i, &name, &value); i++)
		json_count(&j, name, value);
	json_count(&j, "drop_for_others", l->others);
	json_count(&j, "drop_bad", l->bad);
	json_close(&j, '}');
	json_number(&j, "seconds", run_seconds(&l->run), 6);
	/* Not measured: 0 / 0 is null. */
	json_number(&j, "cycles_per_packet", (double)l->ticks / (l->rounds ? (double)l->frames : 0),
		    1);
	json_text(&j, "cycles_of", SCOPE);
	json_text(&j, "clock", tsc_name());
	json_number(&j, "clock_hz", tsc_hz(), 0);
	if (l->hist)
		json_latency(&j, l->hist);
	json_count(&j, "violations", nic_violations(l->nic));
	port_json(&j, "port", l->nic);
	json_close(&j, '}');
	putchar('\n');
}
