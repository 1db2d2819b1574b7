/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety doctor --latency: what makes a busy-polling core late. docs/latency.md explains each.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "sysfs.h"

#define CPU          "s:devices/system/cpu/cpu%u/"
#define WAKE_MOST_US 10 /* a state that takes longer to leave shows in the tail */

static void cstates(struct doctor *d)
{
	char name[32], fix[320], state[16];
	unsigned long worst = 0;

	for (unsigned i = 0; i < 16; i++) {
		unsigned long us = sys_number(CPU "cpuidle/state%u/latency", d->core, i);

		if (us <= WAKE_MOST_US || us <= worst ||
		    sys_number(CPU "cpuidle/state%u/disable", d->core, i))
			continue;
		worst = us;
		sys_word(state, sizeof(state), CPU "cpuidle/state%u/name", d->core, i);
		snprintf(name, sizeof(name), "%s", state);
	}
	snprintf(fix, sizeof(fix),
		 "sudo cpupower idle-set -D %d (all cores; or intel_idle.max_cstate=1 "
		 "processor.max_cstate=1 on the kernel's command line)",
		 WAKE_MOST_US);
	if (worst)
		doctor_findf(d, fix, "core %u may sleep in %s, which takes %lu us to leave",
			     d->core, name, worst);
}

static void governor(struct doctor *d)
{
	char value[32];

	sys_word(value, sizeof(value), CPU "cpufreq/scaling_governor", d->core);
	if (*value && strcmp(value, "performance"))
		doctor_findf(d, "sudo cpupower frequency-set -g performance",
			     "the frequency of core %u follows its load (governor %s)", d->core,
			     value);
}

static void isolated(struct doctor *d)
{
	char list[256], fix[320];

	sys_word(list, sizeof(list), "s:devices/system/cpu/isolated");
	snprintf(fix, sizeof(fix),
		 "add isolcpus=%u nohz_full=%u rcu_nocbs=%u to the kernel's command line", d->core,
		 d->core, d->core);
	if (!doctor_in_list(list, d->core))
		doctor_findf(d, fix, "the scheduler may put other work on core %u", d->core);
}

static void ticks(struct doctor *d)
{
	char list[256], fix[320];

	sys_word(list, sizeof(list), "s:devices/system/cpu/nohz_full");
	snprintf(fix, sizeof(fix), "add nohz_full=%u to the kernel's command line", d->core);
	if (!doctor_in_list(list, d->core))
		doctor_findf(d, fix, "a timer interrupts core %u up to 1000 times a second",
			     d->core);
}

/* nohz_full takes RCU's work away as well. */
static void rcu(struct doctor *d)
{
	char list[256], line[4096], fix[320];
	const char *at;

	sys_word(list, sizeof(list), "s:devices/system/cpu/nohz_full");
	sys_word(line, sizeof(line), "p:cmdline");
	at = strstr(line, "rcu_nocbs=");
	if (doctor_in_list(list, d->core) ||
	    (at && (doctor_in_list(at + 10, d->core) || !strncmp(at + 10, "all", 3))))
		return;
	snprintf(fix, sizeof(fix), "add rcu_nocbs=%u to the kernel's command line", d->core);
	doctor_findf(d, fix, "core %u runs clean-up work of the kernel (RCU callbacks)", d->core);
}

static void interrupts(struct doctor *d)
{
	char irq[32], list[256], fix[320];
	unsigned n = 0;

	for (unsigned i = 0; !sys_entry(irq, sizeof(irq), i, "p:irq"); i++) {
		if (!isdigit((unsigned char)*irq) ||
		    sys_word(list, sizeof(list), "p:irq/%s/effective_affinity_list", irq))
			continue;
		n += (unsigned)doctor_in_list(list, d->core);
	}
	snprintf(fix, sizeof(fix),
		 "for i in /proc/irq/*/smp_affinity_list; do echo 0 | sudo tee $i; done "
		 "(irqaffinity=0 on the kernel's command line)");
	if (n)
		doctor_findf(d, fix, "%u interrupts are delivered to core %u", n, d->core);
}

static void irqbalance(struct doctor *d)
{
	char pid[32], name[32];

	for (unsigned i = 0; !sys_entry(pid, sizeof(pid), i, "p:"); i++) {
		if (!isdigit((unsigned char)*pid) || sys_word(name, sizeof(name), "p:%s/comm", pid))
			continue;
		if (!strcmp(name, "irqbalance"))
			doctor_find(d, "irqbalance moves interrupts to any core",
				    "sudo systemctl disable --now irqbalance (or "
				    "IRQBALANCE_BANNED_CPULIST in /etc/default/irqbalance)");
	}
}

/* Which node a core belongs to; -1: unknown. */
static int node_of(unsigned core)
{
	char list[256];

	for (int node = 0; node < 64; node++)
		if (!sys_word(list, sizeof(list), "s:devices/system/node/node%d/cpulist", node) &&
		    doctor_in_list(list, core))
			return node;
	return -1;
}

static void numa(struct doctor *d)
{
	char word[16], fix[320];
	int core = node_of(d->core), device = -1;

	if (*d->address &&
	    !sys_word(word, sizeof(word), "s:bus/pci/devices/%s/numa_node", d->address))
		device = atoi(word);
	snprintf(fix, sizeof(fix), "--core with a core of /sys/devices/system/node/node%d/cpulist",
		 device);
	if (core >= 0 && device >= 0 && core != device)
		doctor_findf(d, fix, "core %u is on NUMA node %d, %s on node %d", d->core, core,
			     d->address, device);
}

static void hugepages(struct doctor *d)
{
	int node = node_of(d->core);
	char fix[320];

	node = node < 0 ? 0 : node;
	if (sys_number("s:devices/system/node/node%d/hugepages/hugepages-2048kB/free_hugepages",
		       node) ||
	    sys_number("s:devices/system/node/node%d/hugepages/hugepages-1048576kB/free_hugepages",
		       node))
		return;
	snprintf(fix, sizeof(fix),
		 "echo 256 | sudo tee "
		 "/sys/devices/system/node/node%d/hugepages/hugepages-2048kB/nr_hugepages",
		 node);
	doctor_findf(d, fix,
		     "none are free on the core's NUMA node %d: every buffer costs TLB misses",
		     node);
}

static void siblings(struct doctor *d)
{
	char list[64], fix[320];
	char *end;
	unsigned long first, other;

	sys_word(list, sizeof(list), CPU "topology/thread_siblings_list", d->core);
	first = strtoul(list, &end, 10);
	if (*end != ',' && *end != '-')
		return;
	other = first == d->core ? strtoul(end + 1, NULL, 10) : first;
	snprintf(fix, sizeof(fix), "echo 0 | sudo tee /sys/devices/system/cpu/cpu%lu/online",
		 other);
	doctor_findf(d, fix, "core %u shares its execution units with its hyper-thread %lu",
		     d->core, other);
}

static void swap(struct doctor *d)
{
	char path[SYS_PATH], line[256];
	int lines = 0;
	FILE *f = sys_path(path, "p:swaps") ? NULL : fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		lines++;
	if (f)
		fclose(f);
	if (lines > 1)
		doctor_find(d, "memory may be swapped out", "sudo swapoff -a");
}

static void thp(struct doctor *d)
{
	char value[64];

	sys_word(value, sizeof(value), "s:kernel/mm/transparent_hugepage/enabled");
	if (strstr(value, "[always]"))
		doctor_find(d,
			    "the kernel rearranges memory behind programs' backs (transparent "
			    "hugepages: always)",
			    "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
}

static void watchdog(struct doctor *d)
{
	if (sys_number("p:sys/kernel/nmi_watchdog"))
		doctor_find(d, "the NMI watchdog interrupts every core",
			    "sudo sysctl kernel.nmi_watchdog=0");
}

static void clock_source(struct doctor *d)
{
	char value[32];

	sys_word(value, sizeof(value),
		 "s:devices/system/clocksource/clocksource0/current_clocksource");
	if (*value && strcmp(value, "tsc") && strcmp(value, "kvm-clock") &&
	    strcmp(value, "arch_sys_counter"))
		doctor_findf(d,
			     "tsc=reliable on the kernel's command line, if dmesg | grep -i tsc "
			     "shows no hardware reason",
			     "reading the time is a system call (clocksource %s)", value);
}

static void mitigations(struct doctor *d)
{
	if (!doctor_cmdline("mitigations"))
		doctor_note(d,
			    "mitigations of processor bugs make system calls and interrupts dearer "
			    "(the packet loop makes none)",
			    "mitigations=off on the kernel's command line, where nobody else uses "
			    "the machine");
}

const struct doctor_check doctor_latency[] = {
	{ "cstates", cstates },
	{ "governor", governor },
	{ "isolated", isolated },
	{ "ticks", ticks },
	{ "rcu", rcu },
	{ "interrupts", interrupts },
	{ "irqbalance", irqbalance },
	{ "numa", numa },
	{ "hugepages", hugepages },
	{ "siblings", siblings },
	{ "swap", swap },
	{ "thp", thp },
	{ "watchdog", watchdog },
	{ "clocksource", clock_source },
	{ "mitigations", mitigations },
	{ NULL, NULL },
};
