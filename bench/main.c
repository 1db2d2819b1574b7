/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety-bench: run the parts, write what they found, one JSON object a line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/helper.h"
#include "bench/pages.h"
#include "bench/timing.h"

#define PAGES ((size_t)512 << 20)

static const struct plan full = { .rounds = 20,
				  .windows = 500,
				  .slow = 20,
				  .limit_ms = 30,
				  .sizes = 5,
				  .latency = 10,
				  .latency_ms = 300,
				  .model_ms = 1000,
				  .scaling = 10 };
static const struct plan quick = { .rounds = 3,
				   .windows = 100,
				   .slow = 4,
				   .limit_ms = 10,
				   .sizes = 1,
				   .latency = 4,
				   .latency_ms = 200,
				   .model_ms = 200,
				   .scaling = 2 };

static const struct part {
	const char *name;
	int (*run)(struct bench *b);
} parts[] = {
	/* First: its children must be made before DPDK has made threads. */
	{ "count", count_run },     { "cycles", cycles_run },   { "sizes", sizes_run },
	{ "latency", latency_run }, { "scaling", scaling_run }, { "model", model_run },
};

void bench_fault(struct bench *b, const char *subject, const char *what, uint64_t n)
{
	b->faults++;
	if (n)
		fprintf(stderr, "bench: FAULT: %s, %s: %llu\n", subject, what,
			(unsigned long long)n);
	else
		fprintf(stderr, "bench: FAULT: %s: %s failed\n", subject, what);
	fprintf(b->out, "{\"kind\": \"fault\", \"subject\": \"%s\", \"what\": \"%s\"}\n", subject,
		what);
}

void bench_open(struct bench *b, struct rig **rigs, const struct setup *setup)
{
	for (unsigned i = 0; i < b->n_subjects; i++)
		if (rig_open(&rigs[i], b->subjects[i], setup)) {
			rigs[i] = NULL;
			bench_fault(b, b->subjects[i]->name, "opening", 0);
		}
}

void bench_close(struct bench *b, struct rig **rigs)
{
	for (unsigned i = 0; i < b->n_subjects; i++)
		rig_close(rigs[i]);
}

/* @only: one by name; @gated: those whose instructions are held by the baseline. */
static void find_subjects(struct bench *b, const char *only, int gated)
{
	for (const struct subject *s = subjects; s->name; s++) {
		const char *why = NULL;

		if ((only && strcmp(only, s->name)) || (gated && !s->gated))
			continue;
		if (subject_runs(s, &why)) {
			b->subjects[b->n_subjects++] = s;
			continue;
		}
		fprintf(stderr, "bench: WITHOUT %s: %s\n", s->name, why);
		fprintf(b->out,
			"{\"kind\": \"missing\", \"subject\": \"%s\", \"gated\": %d, "
			"\"why\": \"%s\"}\n",
			s->name, s->gated, why);
	}
}

/* The first line of a file that holds @key, behind the colon; "?" if there is none. */
static void find_line(const char *path, const char *key, char *value, size_t size)
{
	FILE *f = fopen(path, "r");
	char line[512];

	snprintf(value, size, "?");
	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		line[strcspn(line, "\n\"\\")] = '\0';
		if (!strncmp(line, key, strlen(key))) {
			snprintf(value, size, "%.*s", (int)size - 1, colon ? colon + 2 : line);
			break;
		}
	}
	if (f)
		fclose(f);
}

static void put_machine(struct bench *b)
{
	double load[3] = { 0 };
	struct utsname u;
	char cpu[128];

	uname(&u);
	getloadavg(load, 3);
	find_line("/proc/cpuinfo", "model name", cpu, sizeof(cpu));
	fprintf(b->out,
		"{\"kind\": \"machine\", \"cpu\": \"%s\", \"cores\": %u, \"kernel\": \"%s\", "
		"\"compiler\": \"%s\", \"flags\": \"%s\", \"load\": %.2f, "
		"\"ticks_per_us\": %.1f, \"ticks_per_core_cycle\": %.3f, \"l2\": %ld, "
		"\"l3\": %ld, \"hugepages_mib\": %zu}\n",
		cpu, b->cpus, u.release, BENCH_COMPILER, BENCH_FLAGS, load[0], ticks_per_us(),
		ticks_per_core_cycle(), sysconf(_SC_LEVEL2_CACHE_SIZE),
		sysconf(_SC_LEVEL3_CACHE_SIZE), pages_free() >> 20);
}

static int usage(int code)
{
	fprintf(code ? stderr : stdout,
		"usage: nicety-bench [--quick] [--part NAME] [--subject NAME] [--gated]\n"
		"                    [--profile FILE] --out FILE\n"
		"Measure drivers on software NICs; results go to FILE, one JSON object a line.\n"
		"bench/README.md tells what is measured; `make bench` also makes tables of it.\n"
		"parts:");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		fprintf(code ? stderr : stdout, " %s", parts[i].name);
	fprintf(code ? stderr : stdout, "\nsubjects:");
	for (const struct subject *s = subjects; s->name; s++)
		fprintf(code ? stderr : stdout, " %s", s->name);
	fprintf(code ? stderr : stdout, "\n");
	return code;
}

static int run_parts(struct bench *b, const char *only)
{
	int ran = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (only && strcmp(only, parts[i].name))
			continue;
		ran++;
		if (parts[i].run(b))
			return 1;
	}
	if (device_violations())
		bench_fault(b, "model", "broken rules", device_violations());
	return ran ? b->faults != 0 : usage(2);
}

static FILE *open_output(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		fprintf(stderr, "bench: cannot write %s: %s\n", path, strerror(errno));
	return f;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "quick", no_argument, NULL, 'q' },
		{ "part", required_argument, NULL, 'p' },
		{ "subject", required_argument, NULL, 's' },
		{ "out", required_argument, NULL, 'o' },
		{ "profile", required_argument, NULL, 'r' },
		{ "gated", no_argument, NULL, 'g' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct bench b = { .plan = &full };
	const char *part = NULL, *subject = NULL, *out = NULL, *profile = NULL;
	int code, c, gated = 0;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0)
		switch (c) {
		case 'q':
			b.plan = &quick;
			break;
		case 'g':
			gated = 1;
			break;
		case 'p':
			part = optarg;
			break;
		case 's':
			subject = optarg;
			break;
		case 'o':
			out = optarg;
			break;
		case 'r':
			profile = optarg;
			break;
		default:
			return usage(c == 'h' ? 0 : 2);
		}
	if (!out || optind != argc)
		return usage(2);
	b.out = open_output(out);
	b.profile = profile ? open_output(profile) : NULL;
	if (!b.out || (profile && !b.profile))
		return 1;
	seconds();
	b.cpus = cpus_init();
	if (cpu_pin(0))
		fprintf(stderr, "bench: cannot stay on one core, numbers will be noisy\n");
	pages_reserve(PAGES);
	put_machine(&b);
	find_subjects(&b, subject, gated);
	code = b.n_subjects ? run_parts(&b, part) : usage(2);
	pages_restore();
	if (fclose(b.out) || (b.profile && fclose(b.profile)))
		code = 1;
	return code;
}
