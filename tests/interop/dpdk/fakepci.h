/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A model as a function on DPDK's PCI bus, for unmodified drivers in this process.
 * README.md tells how. x86-64 only; needs DPDK's driver headers of exactly the version it runs on.
 *
 *   fakepci_new(&f, "82599?wire=gen:count=1000");    before rte_eal_init
 *   rte_eal_init(...);                                finds and probes it; want --iova-mode=va
 *   rte_eth_dev_get_port_by_name(fakepci_name(f), &port);
 *   ...
 *   rte_eal_cleanup(); fakepci_del(f);
 *
 * Register accesses of the driver trap (a page fault each, about 3 us) and reach the model one by
 * one, with all side effects. Once a driver does nothing but move tails, the pages of the tails
 * are plain memory that the model polls, until it touches any other register: see fakepci.c.
 */
#ifndef FAKEPCI_H
#define FAKEPCI_H

#include <stdint.h>
#include <stdio.h>

struct fakepci;
struct pci_dev;

/**
 * fakepci_new - open a model and put it on the bus. Before rte_eal_init, from one thread.
 * @uri: what stands behind "model:". With host=thread the model runs on its own. With host=sync
 * it runs only in the caller's fakepci_pump and in trapped register accesses, before each of which
 * as much time passes for it as really did since the last.
 * Return: 0 and a function in *@out that fakepci_del ends, or -errno, logged.
 */
int fakepci_new(struct fakepci **out, const char *uri);

/** fakepci_del - take it off and close the model. After rte_eal_cleanup: memory is unmapped. */
void fakepci_del(struct fakepci *f);

/** fakepci_name - its name for rte_eth_dev_get_port_by_name. Lives as long as @f. */
const char *fakepci_name(const struct fakepci *f);

/** fakepci_dev - the model as the bus backend has it: counters, ticks, violations, ended. */
struct pci_dev *fakepci_dev(struct fakepci *f);

/** fakepci_pump - one round of a model with host=sync. Nothing with host=thread. */
void fakepci_pump(struct fakepci *f);

/** fakepci_tails_open - 1: the tails are plain memory now, moving one does not trap. */
int fakepci_tails_open(const struct fakepci *f);

/** fakepci_traps - accesses that trapped so far. */
uint64_t fakepci_traps(const struct fakepci *f);

/**
 * fakepci_report - print what is known about @f, one JSON object in one line: counters of model
 * and wire, broken rules with section and count, registers used by name.
 */
void fakepci_report(struct fakepci *f, FILE *to);

#endif
