/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `model:CHIP?…`: a NIC model in this process, as a PCI device. It plays the machine around the
 * model: the cable, DMA through an IOMMU in software, interrupts as eventfds.
 *
 * Threaded (default): the model runs on a thread of its own, like silicon. One lock makes model
 * operations one at a time; doorbells are plain shared memory and take no lock.
 * Synchronous (host=sync): the model runs only inside bar_write and pump, its clock stands still
 * but for delay(): deterministic, for tests, generators and single-core machines.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "bus/bus.h"
#include "bus/model_uri.h"
#include "models/model.h"
#include "wires/wire.h"

#define BURST     64 /* frames from the wire in one round */
#define MAX_IRQS  64
#define NOISY     20      /* violations logged in full; all are counted */
#define SPIN_NS   2000000 /* idle for so long: sleep on the wire instead of spinning */
#define SYNC_TICK 1000    /* ns that a synchronous model's clock moves in a round */

struct mapping {
	uint64_t iova;
	size_t len;
	char *va;
};

struct inproc {
	struct pci_dev dev;
	struct model_host host;
	const struct model_class *class;
	struct model *model;
	struct wire *wire;
	struct model_uri uri;
	int link;
	int wire_fd;

	struct mapping *maps;
	unsigned n_maps, room_maps;

	enum pci_irq irq_type;
	int irq_fds[MAX_IRQS];

	int threaded;
	uint64_t clock; /* synchronous: ns */
	pthread_t thread;
	pthread_mutex_t lock;
	int stop;                       /* atomic */
	int waiting;                    /* atomic: drivers that want the lock */
	int kick;                       /* eventfd: wakes a sleeping model */
	int asleep;                     /* atomic */
	uint64_t violations, wire_lost; /* atomic */
};

static struct inproc *of_dev(struct pci_dev *dev)
{
	return container_of(dev, struct inproc, dev);
}
static struct inproc *of_host(struct model_host *host)
{
	return container_of(host, struct inproc, host);
}

/* ---- the machine, as the model sees it ---- */

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t host_now(struct model_host *host)
{
	struct inproc *p = of_host(host);

	return p->threaded ? monotonic_ns() : p->clock;
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
		memcpy(write ? va : b, write ? b : va, n);
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

static void signal_fd(int fd)
{
	uint64_t one = 1;

	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return; /* EAGAIN: the counter is full, the reader will wake anyway */
}

static void host_irq(struct model_host *host, enum model_irq type, unsigned vector, int level)
{
	struct inproc *p = of_host(host);

	if ((int)type == (int)p->irq_type && vector < MAX_IRQS && level)
		signal_fd(p->irq_fds[vector]);
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

/* ---- running the model ---- */

/* One round: link changes, frames from the wire, what is due. Return: work done. */
static unsigned step(struct inproc *p)
{
	int link = p->wire->ops->link(p->wire);
	struct wire_frame f;
	unsigned n = 0;

	if (link != p->link) {
		p->link = link;
		p->class->wire_link(p->model, link);
	}
	while (n < BURST && p->wire->ops->peek(p->wire, &f) > 0) {
		if (p->class->wire_rx(p->model, f.data, f.len, p->wire->patient, f.bad) ==
		    MODEL_RX_WAIT)
			break;
		p->wire->ops->take(p->wire);
		n++;
	}
	return n + p->class->run(p->model);
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

static void *model_thread(void *arg)
{
	struct inproc *p = arg;
	uint64_t idle_since = 0;
	unsigned idle = 0;

	while (!__atomic_load_n(&p->stop, __ATOMIC_ACQUIRE)) {
		unsigned work;

		while (__atomic_load_n(&p->waiting, __ATOMIC_ACQUIRE))
			sched_yield(); /* glibc's mutex is not fair; registers go first */
		pthread_mutex_lock(&p->lock);
		work = step(p);
		pthread_mutex_unlock(&p->lock);
		if (work) {
			idle = 0;
			continue;
		}
		if (++idle < 32)
			continue;
		if (idle == 32)
			idle_since = monotonic_ns();
		if (idle % 32 == 0 && monotonic_ns() - idle_since > SPIN_NS)
			rest(p);
		else
			sched_yield();
	}
	return NULL;
}

static void enter(struct inproc *p)
{
	__atomic_fetch_add(&p->waiting, 1, __ATOMIC_ACQ_REL);
	pthread_mutex_lock(&p->lock);
	__atomic_fetch_sub(&p->waiting, 1, __ATOMIC_ACQ_REL);
}

static void leave(struct inproc *p)
{
	pthread_mutex_unlock(&p->lock);
	if (__atomic_load_n(&p->asleep, __ATOMIC_SEQ_CST))
		signal_fd(p->kick);
}

/* ---- struct pci_ops ---- */

static int inproc_config_read(struct pci_dev *dev, unsigned off, void *buf, size_t len)
{
	struct inproc *p = of_dev(dev);

	enter(p);
	p->class->config_read(p->model, off, buf, len);
	leave(p);
	return 0;
}

static int inproc_config_write(struct pci_dev *dev, unsigned off, const void *buf, size_t len)
{
	struct inproc *p = of_dev(dev);

	enter(p);
	p->class->config_write(p->model, off, buf, len);
	leave(p);
	return 0;
}

static void *inproc_bar_map(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	struct inproc *p = of_dev(dev);

	if (!p->threaded || bar || !p->class->is_doorbell(off))
		return NULL;
	return &p->host.doorbells[off / 4];
}

static uint32_t inproc_bar_read(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	struct inproc *p = of_dev(dev);
	uint32_t value;

	enter(p);
	value = (uint32_t)p->class->read(p->model, bar, off, 4);
	leave(p);
	return value;
}

static void inproc_bar_write(struct pci_dev *dev, unsigned bar, uint32_t off, uint32_t value)
{
	struct inproc *p = of_dev(dev);

	enter(p);
	p->class->write(p->model, bar, off, value, 4);
	if (!p->threaded)
		p->class->run(p->model);
	leave(p);
}

static int inproc_dma_map(struct pci_dev *dev, void *va, size_t len, uint64_t iova)
{
	struct inproc *p = of_dev(dev);
	int err = 0;

	enter(p);
	if (p->n_maps == p->room_maps) {
		unsigned room = p->room_maps ? p->room_maps * 2 : 16;
		struct mapping *maps = realloc(p->maps, room * sizeof(*maps));

		if (maps) {
			p->maps = maps;
			p->room_maps = room;
		} else {
			err = -ENOMEM;
		}
	}
	if (!err)
		p->maps[p->n_maps++] = (struct mapping) { iova, len, va };
	p->class->dma_changed(p->model);
	leave(p);
	return err;
}

static int inproc_dma_unmap(struct pci_dev *dev, uint64_t iova, size_t len)
{
	struct inproc *p = of_dev(dev);
	int err = -EINVAL;

	enter(p);
	for (unsigned i = 0; i < p->n_maps; i++)
		if (p->maps[i].iova == iova && p->maps[i].len == len) {
			p->maps[i] = p->maps[--p->n_maps];
			err = 0;
			break;
		}
	p->class->dma_changed(p->model);
	leave(p);
	return err;
}

/* Find a capability in configuration space; 0 = none. */
static unsigned find_cap(struct inproc *p, uint8_t id)
{
	uint8_t at[2] = { 0, 0 };

	p->class->config_read(p->model, 0x34, &at[1], 1);
	for (int hops = 0; at[1] >= 0x40 && hops < 48; hops++) {
		unsigned here = at[1];

		p->class->config_read(p->model, here, at, 2);
		if (at[0] == id)
			return here;
	}
	return 0;
}

static void config_bits(struct inproc *p, unsigned off, uint16_t clear, uint16_t set)
{
	uint8_t b[2];
	unsigned v;

	p->class->config_read(p->model, off, b, 2);
	v = (unsigned)(b[0] | b[1] << 8);
	v = (v & ~(unsigned)clear) | set;
	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
	p->class->config_write(p->model, off, b, 2);
}

/* What a kernel does in the function to enable one kind of interrupt, or none (@on 0). */
static void program_irqs(struct inproc *p, enum pci_irq type, unsigned first, unsigned n, int on)
{
	unsigned cap = type == PCI_IRQ_MSIX ? find_cap(p, 0x11) : find_cap(p, 0x05);
	uint8_t table[4];
	uint32_t where;

	if (type == PCI_IRQ_INTX) {
		config_bits(p, PCI_COMMAND, PCI_COMMAND_INTX_OFF, on ? 0 : PCI_COMMAND_INTX_OFF);
		return;
	}
	if (!cap)
		return;
	if (type == PCI_IRQ_MSI) {
		config_bits(p, cap + 2, 1, on ? 1 : 0);
		return;
	}
	p->class->config_read(p->model, cap + 4, table, 4);
	where = (uint32_t)(table[0] | table[1] << 8) | (uint32_t)table[2] << 16 |
		(uint32_t)table[3] << 24;
	for (unsigned v = first; v < first + n; v++) {
		uint32_t entry = (where & ~7u) + 16 * v;

		p->class->write(p->model, where & 7, entry, 0xfee00000, 4);
		p->class->write(p->model, where & 7, entry + 4, 0, 4);
		p->class->write(p->model, where & 7, entry + 8, v, 4);
		p->class->write(p->model, where & 7, entry + 12, p->irq_fds[v] < 0, 4);
	}
	config_bits(p, cap + 2, 0xc000, on ? 0x8000 : 0);
}

static int inproc_irq_set(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
			  const int *fds)
{
	struct inproc *p = of_dev(dev);
	int on = 0;

	if (first > MAX_IRQS || n > MAX_IRQS - first || (type != PCI_IRQ_MSIX && first + n > 1))
		return -EINVAL;
	enter(p);
	p->irq_type = type;
	for (unsigned i = 0; i < n; i++)
		p->irq_fds[first + i] = fds ? fds[i] : -1;
	for (unsigned i = 0; i < MAX_IRQS; i++)
		on |= p->irq_fds[i] >= 0;
	program_irqs(p, type, first, n, on);
	leave(p);
	return 0;
}

static int inproc_reset(struct pci_dev *dev)
{
	struct inproc *p = of_dev(dev);

	enter(p);
	p->class->reset(p->model);
	leave(p);
	return 0;
}

static void inproc_delay(struct pci_dev *dev, unsigned us)
{
	struct inproc *p = of_dev(dev);
	struct timespec t = { us / 1000000, (long)(us % 1000000) * 1000 };

	if (p->threaded) {
		nanosleep(&t, NULL);
	} else {
		p->clock += (uint64_t)us * 1000;
		step(p);
	}
}

static void inproc_pump(struct pci_dev *dev)
{
	struct inproc *p = of_dev(dev);

	p->clock += SYNC_TICK;
	step(p);
}

static void inproc_pump_wait(struct pci_dev *dev, int irq_fd, int timeout_ms)
{
	struct inproc *p = of_dev(dev);
	struct pollfd fds[2] = { { irq_fd, POLLIN, 0 }, { p->wire_fd, POLLIN, 0 } };
	uint64_t start = monotonic_ns();

	/* A wire without a descriptor must be polled; a moderated interrupt needs the clock. */
	if (timeout_ms < 0 || timeout_ms > 1)
		timeout_ms = 1;
	poll(fds, p->wire_fd >= 0 ? 2 : 1, timeout_ms);
	p->clock += monotonic_ns() - start;
	step(p);
}

static int inproc_counter(struct pci_dev *dev, unsigned i, const char **name, uint64_t *value)
{
	struct inproc *p = of_dev(dev);
	unsigned n = 0;
	int found = 1;

	if (i == 0) {
		*name = "model_violations";
		*value = __atomic_load_n(&p->violations, __ATOMIC_RELAXED);
		return 0;
	}
	if (i == 1) {
		*name = "model_wire_lost";
		*value = __atomic_load_n(&p->wire_lost, __ATOMIC_RELAXED);
		return 0;
	}
	i -= 2;
	enter(p);
	if (!p->class->counter(p->model, i, name, value)) {
		while (p->class->counter(p->model, n, name, value))
			n++;
		found = p->wire->ops->counter(p->wire, i - n, name, value);
	}
	leave(p);
	return found ? 0 : -ENOENT;
}

static int inproc_ended(struct pci_dev *dev)
{
	struct inproc *p = of_dev(dev);
	int ended;

	enter(p);
	ended = p->wire->ops->ended(p->wire) && p->class->drained(p->model);
	leave(p);
	return ended;
}

static uint64_t inproc_violations(struct pci_dev *dev)
{
	return __atomic_load_n(&of_dev(dev)->violations, __ATOMIC_RELAXED);
}

static void inproc_close(struct pci_dev *dev)
{
	struct inproc *p = of_dev(dev);

	if (p->threaded) {
		__atomic_store_n(&p->stop, 1, __ATOMIC_RELEASE);
		signal_fd(p->kick);
		pthread_join(p->thread, NULL);
	} else {
		step(p); /* what was sent last still leaves */
	}
	p->wire->ops->close(p->wire);
	pthread_mutex_destroy(&p->lock);
	close(p->kick);
	model_uri_free(&p->uri);
	free(p->host.doorbells);
	free(p->model);
	free(p->maps);
	free(p);
}

static const struct pci_ops threaded_ops = {
	.config_read = inproc_config_read,
	.config_write = inproc_config_write,
	.bar_map = inproc_bar_map,
	.bar_read = inproc_bar_read,
	.bar_write = inproc_bar_write,
	.dma_map = inproc_dma_map,
	.dma_unmap = inproc_dma_unmap,
	.irq_set = inproc_irq_set,
	.reset = inproc_reset,
	.delay = inproc_delay,
	.close = inproc_close,
	.counter = inproc_counter,
	.ended = inproc_ended,
	.violations = inproc_violations,
};

static const struct pci_ops sync_ops = {
	.config_read = inproc_config_read,
	.config_write = inproc_config_write,
	.bar_map = inproc_bar_map,
	.bar_read = inproc_bar_read,
	.bar_write = inproc_bar_write,
	.dma_map = inproc_dma_map,
	.dma_unmap = inproc_dma_unmap,
	.irq_set = inproc_irq_set,
	.reset = inproc_reset,
	.delay = inproc_delay,
	.close = inproc_close,
	.pump = inproc_pump,
	.pump_wait = inproc_pump_wait,
	.counter = inproc_counter,
	.ended = inproc_ended,
	.violations = inproc_violations,
};

/* ---- open ---- */

static const struct model_class *const models[] = { &model_82599 };

static const struct model_class *find_model(const char *chip)
{
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (!strcmp(models[i]->name, chip))
			return models[i];
	log_error("there is no model '%s'; there is: 82599", chip);
	return NULL;
}

/* Memory, model and machine; everything but wire and thread. */
static int assemble(struct inproc *p, const char *name)
{
	const struct model_id *id = p->class->ids;

	while (p->uri.options.device && id->vendor && id->device != p->uri.options.device)
		id++;
	if (!id->vendor) {
		log_error("%s: the model has no PCI id %04x", name, p->uri.options.device);
		return -EINVAL;
	}
	p->uri.options.device = id->device;
	p->dev = (struct pci_dev) { .ops = p->threaded ? &threaded_ops : &sync_ops,
				    .vendor = id->vendor,
				    .device = id->device,
				    .name = name };
	p->host = (struct model_host) { .dma_ptr = host_dma_ptr,
					.dma_read = host_dma_read,
					.dma_write = host_dma_write,
					.irq = host_irq,
					.wire_tx = host_wire_tx,
					.now_ns = host_now,
					.violation = host_violation };
	p->host.doorbells = calloc(1, p->class->bar_size[0]);
	p->model = calloc(1, p->class->size);
	if (!p->host.doorbells || !p->model)
		return -ENOMEM;
	for (unsigned i = 0; i < MAX_IRQS; i++)
		p->irq_fds[i] = -1;
	p->class->init(p->model, &p->host, &p->uri.options);
	return 0;
}

static int start(struct inproc *p)
{
	int err;

	p->wire_fd = p->wire->ops->fd(p->wire);
	step(p);
	p->kick = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->kick < 0)
		return -errno;
	pthread_mutex_init(&p->lock, NULL);
	err = p->threaded ? pthread_create(&p->thread, NULL, model_thread, p) : 0;
	if (err) {
		close(p->kick);
		pthread_mutex_destroy(&p->lock);
		log_error("%s: no thread for the model: %s", p->dev.name, strerror(err));
	}
	return -err;
}

static int inproc_open(struct pci_dev **out, const char *rest, const char *name)
{
	struct inproc *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	err = model_uri_parse(&p->uri, rest);
	if (err)
		goto free_p;
	p->threaded = !p->uri.sync;
	p->class = find_model(p->uri.chip);
	err = p->class ? 0 : -ENOENT;
	if (err)
		goto free_uri;
	err = assemble(p, name);
	if (err)
		goto free_model;
	err = wire_open(&p->wire, p->uri.wire);
	if (err)
		goto free_model;
	err = start(p);
	if (err)
		goto close_wire;
	*out = &p->dev;
	return 0;

close_wire:
	p->wire->ops->close(p->wire);
free_model:
	free(p->host.doorbells);
	free(p->model);
free_uri:
	model_uri_free(&p->uri);
free_p:
	free(p);
	return err;
}

const struct bus bus_model = { .scheme = "model", .open = inproc_open };
