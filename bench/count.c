/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Instructions and tail writes per packet, by single steps: exact, and the same however busy the
 * machine is.
 *
 * A child process opens the driver and marks the loop to count: a breakpoint instruction before,
 * after it a word in the page that it shares with its parent. The parent steps it from the one to
 * the other. Only the child's first thread is stepped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/profile.h"
#include "bench/timing.h"
#include "regs/ixgbe.h"

static const struct window counted[] = {
	{ 128, 32, WARM, 0 },
	{ 128, 32, WARM, 1 },
	{ 1, 32, WARM, 0 }, /* asked for 32: a vector driver may return nothing to less */
};

/* What parent and child tell each other; the child writes, the parent only reads. */
struct shared {
	unsigned cell;     /* of counted */
	uint64_t packets;  /* in the windows marked so far, of this cell */
	uint32_t counting; /* between the marks */
	uint32_t *tail[2]; /* the tail registers of RX and TX, in the child's memory */
	int failed;
};

struct count {
	uint64_t steps, packets, tails;
};

static inline void begin_counting(struct shared *s)
{
	s->counting = 1;
	__asm__ volatile("int3" ::: "memory");
}
static inline void end_counting(struct shared *s)
{
	__atomic_store_n(&s->counting, 0, __ATOMIC_RELEASE);
}

/* ---- the child ---- */

/* Count the driver's loop, or the same loop around nothing. */
static void child_windows(struct shared *s, struct rig *rig, const struct window *w, int nothing)
{
	forward_fn *f = nothing    ? empty_forward
			: w->touch ? rig->subject->touch
				   : rig->subject->forward;
	/* A multiple of every batch there is; of the big windows, a whole turn of the ring. */
	unsigned windows = nothing ? 4 : w->packets == 1 ? 128 : rig->setup.ring / w->packets;

	for (unsigned i = 0; i < 2 * windows; i++) {
		unsigned offered = nothing ? w->packets : rig_device(rig, WARM, w->packets), got;

		if (i < windows) { /* once round without counting: caches, lazy binding, pools */
			got = drive(f, rig->queue[0], w->packets, w->burst);
		} else {
			s->packets += w->packets;
			begin_counting(s);
			got = drive(f, rig->queue[0], w->packets, w->burst);
			end_counting(s);
		}
		s->failed |= !nothing && (got != w->packets || offered != w->packets);
	}
}

static void child(struct shared *s, const struct subject *subject)
{
	const struct setup setup = { .ring = 512, .queues = 1, .size = 64 };
	struct rig *rig;

	s->failed = 1;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL)) {
		fprintf(stderr,
			"bench: no process may be traced here: %s (in a container: allow "
			"SYS_PTRACE)\n",
			strerror(errno));
		return;
	}
	if (raise(SIGSTOP) || rig_open(&rig, subject, &setup))
		return;
	s->failed = 0;
	s->tail[0] = &rig->in.host->doorbells[RDT / 4];
	s->tail[1] = &rig->out.host->doorbells[TDT / 4];
	for (unsigned i = 0; i < ARRAY_SIZE(counted); i++) {
		for (int nothing = 0; nothing < 2; nothing++) {
			s->packets = 0;
			s->cell = 2 * i + (unsigned)nothing;
			rig_settle(rig, counted[i].touch);
			child_windows(s, rig, &counted[i], nothing);
		}
		s->failed |= rig_settle(rig, 0) != 0;
	}
	s->failed |= device_violations() != 0;
	rig_close(rig);
}

/* ---- the parent ---- */

static uint32_t peek(pid_t pid, const uint32_t *at)
{
	/* A word of eight bytes, of which the register is the lower half. */
	return (uint32_t)ptrace(PTRACE_PEEKDATA, pid, at, NULL);
}

/* From one mark to the next: one step at a time. Return: 0, or -1 if the child is gone. */
static int step_window(pid_t pid, const struct shared *s, struct count *c, int profile)
{
	uint32_t tail[2] = { peek(pid, s->tail[0]), peek(pid, s->tail[1]) };
	int status;

	while (__atomic_load_n(&s->counting, __ATOMIC_ACQUIRE)) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) || waitpid(pid, &status, 0) < 0 ||
		    !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
			return -1;
		c->steps++;
		if (profile && s->cell == 0)
			profile_add((uint64_t)ptrace(PTRACE_PEEKUSER, pid,
						     offsetof(struct user, regs.rip), NULL));
		for (unsigned i = 0; i < 2 && s->cell == 0; i++) {
			uint32_t now = peek(pid, s->tail[i]);

			c->tails += now != tail[i];
			tail[i] = now;
		}
	}
	return 0;
}

/* Follow the child to its end. Return: its status, -1: lost. */
static int follow(pid_t pid, const struct shared *s, struct count *counts, int profile)
{
	int status, signal = 0;

	for (;;) {
		siginfo_t info;

		if (waitpid(pid, &status, 0) < 0)
			return -1;
		if (!WIFSTOPPED(status))
			return status;
		signal = WSTOPSIG(status);
		if (signal == SIGSTOP)
			signal = 0;
		if (signal == SIGTRAP && !ptrace(PTRACE_GETSIGINFO, pid, NULL, &info) &&
		    info.si_code == SI_KERNEL) {
			struct count *c = &counts[s->cell];

			if (step_window(pid, s, c, profile))
				return -1;
			c->packets = s->packets;
			signal = 0;
		}
		/* Other signals are the child's own business: trapped registers, for one. */
		if (ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal))
			return -1;
	}
}

static void put(struct bench *b, const struct subject *subject, const struct count *counts)
{
	for (unsigned i = 0; i < ARRAY_SIZE(counted); i++) {
		const struct count *c = &counts[2 * i], *empty = &counts[2 * i + 1];
		double packets = (double)c->packets;
		char tails[48] = "";

		if (i == 0) /* looked at in the first cell only: it costs time */
			snprintf(tails, sizeof(tails), ", \"tail_writes\": %.5f",
				 (double)c->tails / packets);

		fprintf(b->out,
			"{\"kind\": \"instructions\", \"subject\": \"%s\", \"gated\": %d, "
			"\"packets\": %u, \"touch\": %d, \"instructions\": %.3f%s}\n",
			subject->name, subject->gated, counted[i].packets, counted[i].touch,
			(double)c->steps / packets - (double)empty->steps / (double)empty->packets,
			tails);
	}
}

static int count_subject(struct bench *b, const struct subject *subject)
{
	struct count counts[2 * ARRAY_SIZE(counted)] = { { 0 } };
	struct shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	if (s == MAP_FAILED)
		return -ENOMEM;
	profile_clear();
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		child(s, subject);
		_exit(s->failed);
	}
	status = pid < 0 ? -1 : follow(pid, s, counts, b->profile != NULL);
	if (status == -1 && pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (status)
		bench_fault(b, subject->name, "single-stepping", 0);
	else
		put(b, subject, counts);
	if (b->profile && !status)
		profile_write(b->profile, (double)counts[0].packets);
	munmap(s, sizeof(*s));
	return 0;
}

int count_run(struct bench *b)
{
	for (unsigned i = 0; i < b->n_subjects; i++) {
		fprintf(stderr, "bench: instructions of %s\n", b->subjects[i]->name);
		if (count_subject(b, b->subjects[i]))
			return -ENOMEM;
	}
	return 0;
}
