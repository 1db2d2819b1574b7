/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Trapping register accesses. The BAR's pages are PROT_NONE; the handler of SIGSEGV decodes the
 * access, carries it out on the model and goes on behind it. So each access has exactly its side
 * effects, in order, whatever the register.
 *
 * A page that holds tails opens (becomes plain memory, which the model polls) after OPEN_AFTER
 * accesses to nothing but tails and OPEN_QUIET_NS after the last other one: the driver is on its
 * data path. It closes with the next access to any other page. Drivers touch one before they look
 * at the rest of a tails' page: the interrupt mask before stopping queues, the error counters,
 * which come first, before the queues' own. What they do not is harmless or told:
 *
 *   - a read of another register in an open page gives 0. A counter that clears by reading stays.
 *   - a write to one is found when the page closes, because it holds zeros but for the tails; it
 *     is logged and counted in `missed`, and fails the tests.
 */
#define _GNU_SOURCE
#include "window.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/log.h"
#include "base/types.h"
#include "bus/pci.h"
#include "mov.h"

#define PAGE          4096u
#define OPEN_AFTER    64
#define OPEN_QUIET_NS 50000000u
#define WINDOWS       16

static struct window *windows[WINDOWS]; /* atomic */
static struct sigaction before;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- opening and closing the tails' pages ---- */

static int has_tails(const struct window *w, uint32_t page)
{
	for (uint32_t off = page; off < page + PAGE; off += 4)
		if (w->is_tail(off))
			return 1;
	return 0;
}

static void protect_tails(struct window *w, int protection)
{
	for (uint32_t page = 0; page < w->size; page += PAGE)
		if (has_tails(w, page))
			mprotect(w->driver + page, PAGE, protection);
}

static void close_tails(struct window *w)
{
	protect_tails(w, PROT_NONE);
	__atomic_store_n(&w->open, 0, __ATOMIC_RELEASE);
	for (uint32_t off = 0; off < w->size; off += 4)
		if (w->tails[off / 4] && !w->is_tail(off)) {
			log_error("%s: register 0x%05x was written while only tails were watched",
				  w->dev->name, off);
			__atomic_fetch_add(&w->missed, 1, __ATOMIC_RELAXED);
			w->tails[off / 4] = 0;
		}
}

/* Before each trapped access: what does it say about what the driver is doing? */
static void watch(struct window *w, uint32_t off)
{
	uint64_t now = now_ns();

	if (w->follow_time && now - w->last_at >= 1000)
		w->dev->ops->delay(w->dev, (unsigned)((now - w->last_at) / 1000));
	w->last_at = now;
	if (!w->is_tail(off)) {
		if (w->open)
			close_tails(w);
		w->only_tails = 0;
		w->other_at = now;
	} else if (!w->open && ++w->only_tails >= OPEN_AFTER && now - w->other_at > OPEN_QUIET_NS) {
		protect_tails(w, PROT_READ | PROT_WRITE);
		__atomic_store_n(&w->open, 1, __ATOMIC_RELEASE);
		__atomic_fetch_add(&w->opened, 1, __ATOMIC_RELAXED);
	}
}

/* ---- the fault ---- */

/* In the order of the encoding. */
static const int registers[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
				   REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
				   REG_R12, REG_R13, REG_R14, REG_R15 };

static int carry_out(struct window *w, uint32_t off, greg_t *regs)
{
	const uint8_t *code = (const uint8_t *)(uintptr_t)regs[REG_RIP];
	struct mov m;

	if (off % 4 || mov_decode(code, &m)) {
		log_error("%s: register 0x%05x is accessed by an instruction other than a 32-bit "
			  "MOV (%02x %02x %02x %02x): teach it to mov.c",
			  w->dev->name, off, code[0], code[1], code[2], code[3]);
		return -1;
	}
	watch(w, off);
	w->used[off / 4] |= m.write ? 2 : 1;
	if (m.write) {
		bar_write(w->dev, off, m.reg < 0 ? m.value : (uint32_t)regs[registers[m.reg]]);
	} else {
		uint32_t value = bar_read(w->dev, off);

		/* Without a sign the upper half becomes 0. */
		regs[registers[m.reg]] = m.sign ? (int32_t)value : (greg_t)value;
	}
	regs[REG_RIP] += m.length;
	__atomic_fetch_add(&w->traps, 1, __ATOMIC_RELAXED);
	return 0;
}

static struct window *find(const uint8_t *address)
{
	for (unsigned i = 0; i < WINDOWS; i++) {
		struct window *w = __atomic_load_n(&windows[i], __ATOMIC_ACQUIRE);

		if (w && address >= w->driver && address < w->driver + w->size)
			return w;
	}
	return NULL;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	uint8_t *address = info->si_addr;
	struct window *w = find(address);
	int failed = 1, saved = errno;

	(void)number;
	if (w) {
		pthread_mutex_lock(&w->lock);
		failed = carry_out(w, (uint32_t)(address - w->driver), u->uc_mcontext.gregs);
		pthread_mutex_unlock(&w->lock);
	}
	if (failed) /* a real fault: happens again, without us */
		sigaction(SIGSEGV, &before, NULL);
	errno = saved;
}

/* ---- life ---- */

static int enter(struct window *w)
{
	for (unsigned i = 0; i < WINDOWS; i++)
		if (!windows[i]) {
			__atomic_store_n(&windows[i], w, __ATOMIC_RELEASE);
			return 0;
		}
	log_error("%s: more than %d functions in one process", w->dev->name, WINDOWS);
	return -ENOSPC;
}

static int map(struct window *w)
{
	int fd = memfd_create("nicety-bar", MFD_CLOEXEC), err = 0;

	w->driver = MAP_FAILED;
	w->tails = MAP_FAILED;
	if (fd < 0 || ftruncate(fd, (off_t)w->size))
		err = -errno;
	if (!err)
		w->driver = mmap(NULL, w->size, PROT_NONE, MAP_SHARED, fd, 0);
	if (!err)
		w->tails = mmap(NULL, w->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!err && (w->driver == MAP_FAILED || w->tails == MAP_FAILED))
		err = -errno;
	if (err)
		log_error("%s: no memory for the BAR: %s", w->dev->name, strerror(-err));
	if (fd >= 0)
		close(fd);
	return err;
}

int window_new(struct window *w)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO }, old;
	int err = map(w);

	w->used = calloc(w->size / 4, 1);
	pthread_mutex_init(&w->lock, NULL);
	if (!err && !w->used)
		err = -ENOMEM;
	if (!err)
		err = enter(w);
	if (err) {
		window_del(w);
		return err;
	}
	/* A signal handler that touches registers must not interrupt this one. */
	sigfillset(&action.sa_mask);
	sigaction(SIGSEGV, &action, &old);
	if (old.sa_sigaction != on_fault)
		before = old;
	return 0;
}

void window_del(struct window *w)
{
	for (unsigned i = 0; i < WINDOWS; i++)
		if (windows[i] == w)
			__atomic_store_n(&windows[i], NULL, __ATOMIC_RELEASE);
	if (w->driver != MAP_FAILED)
		munmap(w->driver, w->size);
	if (w->tails != MAP_FAILED)
		munmap(w->tails, w->size);
	pthread_mutex_destroy(&w->lock);
	free(w->used);
}
