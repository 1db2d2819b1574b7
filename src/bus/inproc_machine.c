/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The machine around an in-process model: DMA through an IOMMU in software, interrupts as
 * eventfds, the cable, and the thread if it has one.
 */
#define _GNU_SOURCE
#include "bus/inproc.h"

#include <poll.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "bus/model_wire.h"
#include "nicety/ticks.h"

#define NOISY   20      /* violations logged in full; all are counted */
#define SPIN_NS 2000000 /* idle for so long: sleep on the wire instead of spinning */

static struct inproc *of_host(struct model_host *host)
{
	return container_of(host, struct inproc, host);
}

/* ---- the machine, as the model sees it ---- */

uint64_t inproc_monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t host_now(struct model_host *host)
{
	struct inproc *p = of_host(host);

	return p->threaded ? inproc_monotonic_ns() : p->clock;
}

static void *host_dma_ptr(struct model_host *host, uint64_t iova, size_t len, size_t *left)
{
	struct inproc *p = of_host(host);

	for (unsigned i = 0; i < p->n_maps; i++) {
		const struct mapping *m = &p->maps[i];

		if (iova >= m->iova && iova - m->iova < m->len &&
		    len <= m->len - (iova - m->iova)) {
			*left = m->len - (size_t)(iova - m->iova);
			return m->va + (iova - m->iova);
		}
	}
	return NULL;
}

/* A transfer that crosses mappings: piece by piece. */
static int host_dma_copy(struct model_host *host, uint64_t iova, void *buf, size_t len, int write)
{
	char *b = buf;

	while (len) {
		size_t left, n;
		char *va = host_dma_ptr(host, iova, 1, &left);

		if (!va)
			return -EFAULT;
		n = len < left ? len : left;
		if (write)
			dma_store_bytes(va, b, n);
		else
			memcpy(b, va, n);
		b += n;
		iova += n;
		len -= n;
	}
	return 0;
}

static int host_dma_read(struct model_host *host, uint64_t iova, void *buf, size_t len)
{
	return host_dma_copy(host, iova, buf, len, 0);
}

static int host_dma_write(struct model_host *host, uint64_t iova, const void *buf, size_t len)
{
	return host_dma_copy(host, iova, (void *)(uintptr_t)buf, len, 1);
}

void inproc_signal(int fd)
{
	uint64_t one = 1;

	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: the counter is full, the reader will wake anyway */
}

static void host_irq(struct model_host *host, enum model_irq type, unsigned vector, int level)
{
	struct inproc *p = of_host(host);

	if ((int)type == (int)p->irq_type && vector < MODEL_VECTORS && level)
		inproc_signal(p->irq_fds[vector]);
}

static int host_wire_tx(struct model_host *host, const void *frame, size_t len)
{
	struct inproc *p = of_host(host);
	int err = p->wire->ops->tx(p->wire, frame, len);

	if (err && err != -EAGAIN) { /* the cable lost it; the NIC cannot know */
		__atomic_fetch_add(&p->wire_lost, 1, __ATOMIC_RELAXED);
		return 0;
	}
	return err;
}

static void host_violation(struct model_host *host, const char *rule, const char *section,
			   const char *text)
{
	struct inproc *p = of_host(host);
	uint64_t n = __atomic_add_fetch(&p->violations, 1, __ATOMIC_RELAXED);

	if (n <= NOISY)
		log_error("%s: %s: %s (%s)%s", p->dev.name, rule, text, section,
			  n == NOISY ? "; further violations are only counted" : "");
}

const struct model_host inproc_host = {
	.dma_ptr = host_dma_ptr,
	.dma_read = host_dma_read,
	.dma_write = host_dma_write,
	.irq = host_irq,
	.wire_tx = host_wire_tx,
	.now_ns = host_now,
	.violation = host_violation,
};

/* ---- running the model ---- */

unsigned inproc_step(struct inproc *p)
{
	return model_wire_round(p->class, p->model, p->wire, &p->link);
}

static void rest(struct inproc *p)
{
	struct pollfd fds[2] = { { p->kick, POLLIN, 0 }, { p->wire_fd, POLLIN, 0 } };
	uint64_t count;

	__atomic_store_n(&p->asleep, 1, __ATOMIC_SEQ_CST);
	/* A doorbell in shared memory wakes nobody: look again after 1 ms at the latest. */
	poll(fds, p->wire_fd >= 0 ? 2 : 1, 1);
	__atomic_store_n(&p->asleep, 0, __ATOMIC_SEQ_CST);
	if (fds[0].revents & POLLIN && read(p->kick, &count, sizeof(count)) < 0)
		return;
}

void *inproc_thread(void *arg)
{
	struct inproc *p = arg;
	uint64_t idle_since = 0;
	unsigned idle = 0;

	while (!__atomic_load_n(&p->stop, __ATOMIC_ACQUIRE)) {
		unsigned work;

		while (__atomic_load_n(&p->waiting, __ATOMIC_ACQUIRE))
			sched_yield(); /* glibc's mutex is not fair; registers go first */
		pthread_mutex_lock(&p->lock);
		work = inproc_step(p);
		pthread_mutex_unlock(&p->lock);
		if (work) {
			idle = 0;
			continue;
		}
		if (++idle < 32)
			continue;
		if (idle == 32)
			idle_since = inproc_monotonic_ns();
		if (idle % 32 == 0 && inproc_monotonic_ns() - idle_since > SPIN_NS)
			rest(p);
		else
			sched_yield();
	}
	return NULL;
}

void inproc_enter(struct inproc *p)
{
	__atomic_fetch_add(&p->waiting, 1, __ATOMIC_ACQ_REL);
	pthread_mutex_lock(&p->lock);
	__atomic_fetch_sub(&p->waiting, 1, __ATOMIC_ACQ_REL);
	if (!p->threaded)
		p->entered = nic_ticks();
}

void inproc_leave(struct inproc *p)
{
	if (!p->threaded)
		__atomic_fetch_add(&p->ticks, nic_ticks() - p->entered, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&p->lock);
	if (__atomic_load_n(&p->asleep, __ATOMIC_SEQ_CST))
		inproc_signal(p->kick);
}
