/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A thread on another core that does single errands while the caller spins, and the probe that
 * tells how far away that core is.
 */
#ifndef BENCH_HELPER_H
#define BENCH_HELPER_H

/** cpus_init - find the cores that this process may use. Return: how many. */
unsigned cpus_init(void);
/** cpu_pin - stay on the @i-th of them. Return: 0 or -errno. cpu_number - its number. */
int cpu_pin(unsigned i);
unsigned cpu_number(unsigned i);

/** helper_start - a thread, pinned to the second core, that spins until helper_stop. */
int helper_start(void);
void helper_stop(void);
/** helper_call - let it run @errand(@arg), wait for the end. helper_begin - do not wait. */
void helper_call(void (*errand)(void *), void *arg);
void helper_begin(void (*errand)(void *), void *arg);
/** helper_done - has the errand of helper_begin ended? */
int helper_done(void);

/**
 * helper_probe - ticks of the shortest round trip of one cache line to the other core and back.
 * It jumps by factors when the host of a virtual machine moves one of its processors.
 */
double helper_probe(void);
/** probe_moved - are two probes too different for what was measured between them to count? */
int probe_moved(double before, double after);

#endif
