/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety doctor: what keeps devices from working, or packets from being fast, with the command
 * that mends it. Reads only.
 */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "json.h"
#include "sysfs.h"

static struct doctor_finding *next(struct doctor *d, const char *fix)
{
	struct doctor_finding *f = &d->found[d->n_found];

	if (d->n_found < DOCTOR_FINDINGS - 1)
		d->n_found++;
	*f = (struct doctor_finding) { .check = d->check };
	snprintf(f->fix, sizeof(f->fix), "%s", fix);
	return f;
}

void doctor_find(struct doctor *d, const char *cause, const char *fix)
{
	struct doctor_finding *f = next(d, fix);

	snprintf(f->cause, sizeof(f->cause), "%s", cause);
}

void doctor_findf(struct doctor *d, const char *fix, const char *cause, ...)
{
	struct doctor_finding *f = next(d, fix);
	va_list args;

	va_start(args, cause);
	vsnprintf(f->cause, sizeof(f->cause), cause, args);
	va_end(args);
}

void doctor_note(struct doctor *d, const char *cause, const char *fix)
{
	struct doctor_finding *f = next(d, fix);

	f->note = 1;
	snprintf(f->cause, sizeof(f->cause), "%s", cause);
}

int doctor_cmdline(const char *word)
{
	char line[4096], *save;
	size_t n = strlen(word);

	if (sys_word(line, sizeof(line), "p:cmdline"))
		return 0;
	for (char *w = strtok_r(line, " ", &save); w; w = strtok_r(NULL, " ", &save))
		if (!strncmp(w, word, n) && (!w[n] || w[n] == '='))
			return 1;
	return 0;
}

int doctor_in_list(const char *list, unsigned n)
{
	while (*list) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			return 0;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (n >= first && n <= last)
			return 1;
		list = *end == ',' ? end + 1 : "";
	}
	return 0;
}

int doctor_capable(unsigned capability)
{
	char path[SYS_PATH], line[256];
	unsigned long long set = 0;
	FILE *f = sys_path(path, "p:self/status") ? NULL : fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "CapEff:", 7))
			set = strtoull(line + 7, NULL, 16);
	if (f)
		fclose(f);
	return set >> capability & 1;
}

static void run_checks(struct doctor *d, const struct doctor_check *checks)
{
	for (; checks->name; checks++) {
		unsigned before = d->n_found;

		d->check = checks->name;
		checks->run(d);
		if (d->n_found == before)
			d->good[d->n_good++] = checks->name;
	}
}

static unsigned count(const struct doctor *d)
{
	unsigned n = 0;

	for (unsigned i = 0; i < d->n_found; i++)
		n += !d->found[i].note;
	return n;
}

static void print_json(const struct doctor *d, int latency)
{
	struct json j = { .to = stdout };

	json_open(&j, NULL, '{');
	json_text(&j, "command", "doctor");
	json_text(&j, "address", *d->address ? d->address : NULL);
	if (latency)
		json_count(&j, "core", d->core);
	for (int notes = 0; notes < 2; notes++) {
		json_open(&j, notes ? "notes" : "findings", '[');
		for (unsigned i = 0; i < d->n_found; i++) {
			if (d->found[i].note != notes)
				continue;
			json_open(&j, NULL, '{');
			json_text(&j, "check", d->found[i].check);
			json_text(&j, "cause", d->found[i].cause);
			json_text(&j, "fix", d->found[i].fix);
			json_close(&j, '}');
		}
		json_close(&j, ']');
	}
	json_open(&j, "ok", '[');
	for (unsigned i = 0; i < d->n_good; i++)
		json_text(&j, NULL, d->good[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	putchar('\n');
}

static void print_text(const struct doctor *d, int latency)
{
	if (latency)
		printf("for a packet loop on core %u (--core chooses another)\n", d->core);
	for (unsigned i = 0; i < d->n_found; i++)
		printf("%-12s %s%s\n%12s fix: %s\n", d->found[i].check,
		       d->found[i].note ? "note: " : "", d->found[i].cause, "", d->found[i].fix);
	if (d->n_good) {
		printf("in order:");
		for (unsigned i = 0; i < d->n_good; i++)
			printf(" %s", d->good[i]);
		putchar('\n');
	}
	if (count(d))
		printf("%u finding%s\n", count(d), count(d) == 1 ? "" : "s");
	else
		printf("nothing is wrong\n");
}

/* The first isolated core, else the last there is: core 0 has the machine's chores. */
static unsigned default_core(void)
{
	char list[256];
	const char *last;

	if (!sys_word(list, sizeof(list), "s:devices/system/cpu/isolated") && *list)
		return (unsigned)strtoul(list, NULL, 10);
	sys_word(list, sizeof(list), "s:devices/system/cpu/online");
	last = list + strlen(list);
	while (last > list && last[-1] >= '0' && last[-1] <= '9')
		last--;
	return (unsigned)strtoul(last, NULL, 10);
}

static int doctor(const struct command *cmd, int argc, char **argv)
{
	static struct doctor d;
	unsigned core = UINT32_MAX;
	int latency = 0, json = 0, n;
	const struct option_row rows[] = {
		{ "latency", 0, OPT_FLAG, &latency, NULL, "what costs latency, and jitter" },
		{ "core", 0, OPT_UINT, &core, "N", "the packet loop's core, for --latency" },
		{ "json", 0, OPT_FLAG, &json, NULL, "print one JSON object on stdout" },
		OPTION_END,
	};
	const char *arg = NULL;

	n = cli_parse(cmd, rows, argc, argv, &arg, 0, 1);
	if (n < 0)
		return cli_exit(n);
	if (n == 1 && sys_address(d.address, arg))
		return cli_fail(cmd,
				"'%s': want a PCI address such as 0000:03:00.0; `nicety list` "
				"prints them",
				arg);
	d.core = core == UINT32_MAX ? default_core() : core;
	if (latency && !sys_exists("s:devices/system/cpu/cpu%u", d.core))
		return cli_fail(cmd, "--core %u: there is no such core", d.core);
	if (latency)
		run_checks(&d, doctor_latency);
	else
		run_checks(&d, doctor_machine);
	if (*d.address && !latency)
		run_checks(&d, doctor_device);
	if (json)
		print_json(&d, latency);
	else
		print_text(&d, latency);
	return count(&d) ? EXIT_FAILED : EXIT_OK;
}

const struct command command_doctor = {
	.name = "doctor",
	.args = "[ADDRESS]",
	.summary = "find out why a device does not work, or is slow",
	.details =
		"Looks at hugepages, memory limits, IOMMU, modules, rights and, with an address, "
		"at that\n"
		"device; with --latency at what makes packets late. Prints for each finding the "
		"cause and the\n"
		"command that mends it. Changes nothing. Exit code 1: there are findings.",
	.run = doctor,
};
