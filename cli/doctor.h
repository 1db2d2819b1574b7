/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What nicety doctor looks at, and what it found. A check is a function that reads sysfs, procfs
 * and /dev and reports with doctor_find; one that reports nothing is in order.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#define DOCTOR_FINDINGS 64

struct doctor_finding {
	const char *check;
	int note; /* 1: worth knowing, not wrong */
	char cause[320], fix[320];
};

struct doctor {
	char address[16];  /* "": no device in particular */
	unsigned core;     /* of the packet loop, for the latency checks */
	const char *check; /* that runs now */
	struct doctor_finding found[DOCTOR_FINDINGS];
	unsigned n_found;
	const char *good[DOCTOR_FINDINGS];
	unsigned n_good;
};

struct doctor_check {
	const char *name; /* NULL ends a table */
	void (*run)(struct doctor *d);
};

/* The tables: of the machine, of one device, of a machine for low latency. */
extern const struct doctor_check doctor_machine[], doctor_device[], doctor_latency[];

/** doctor_find - something is wrong. @fix: the command that mends it, or what to do. */
void doctor_find(struct doctor *d, const char *cause, const char *fix);
/** doctor_findf - the same with a printf-like cause; @fix is made before. */
void doctor_findf(struct doctor *d, const char *fix, const char *cause, ...)
	__attribute__((format(printf, 3, 4)));
/** doctor_note - worth knowing, but nothing to mend. */
void doctor_note(struct doctor *d, const char *cause, const char *fix);

/** doctor_cmdline - does the kernel's command line have this word, or one that starts so with =? */
int doctor_cmdline(const char *word);
/** doctor_in_list - is @n in a list such as "0-3,8"? */
int doctor_in_list(const char *list, unsigned n);
/** doctor_capable - does this process have the capability (its number)? */
int doctor_capable(unsigned capability);

#endif
