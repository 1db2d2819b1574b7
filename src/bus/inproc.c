/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `model:CHIP?…`: a NIC model in this process, as a PCI device.
 *
 * Synchronous (default): the model runs only inside the calls that the application makes, its
 * clock stands still but for delay() and a tick for each round: deterministic, and the fastest
 * way for generators and on machines with few cores. Threaded (host=thread): it runs on a thread
 * of its own, like silicon, and doorbells are plain shared memory. In both, one lock makes model
 * operations one at a time.
 */
#include "bus/inproc.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define SYNC_TICK 1000 /* ns that a synchronous model's clock moves in a round */

static int inproc_config_read(struct pci_dev *dev, unsigned off, void *buf, size_t len)
{
	struct inproc *p = inproc_of(dev);

	inproc_enter(p);
	p->class->config_read(p->model, off, buf, len);
	inproc_leave(p);
	return 0;
}

static int inproc_config_write(struct pci_dev *dev, unsigned off, const void *buf, size_t len)
{
	struct inproc *p = inproc_of(dev);

	inproc_enter(p);
	p->class->config_write(p->model, off, buf, len);
	inproc_leave(p);
	return 0;
}

static void *inproc_bar_map(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	struct inproc *p = inproc_of(dev);

	if (!p->threaded || bar || !p->class->is_doorbell(off))
		return NULL;
	return &p->host.doorbells[off / 4];
}

static uint32_t inproc_bar_read(struct pci_dev *dev, unsigned bar, uint32_t off)
{
	struct inproc *p = inproc_of(dev);
	uint32_t value;

	inproc_enter(p);
	value = (uint32_t)p->class->read(p->model, bar, off, 4);
	inproc_leave(p);
	return value;
}

static void inproc_bar_write(struct pci_dev *dev, unsigned bar, uint32_t off, uint32_t value)
{
	struct inproc *p = inproc_of(dev);

	inproc_enter(p);
	p->class->write(p->model, bar, off, value, 4);
	if (!p->threaded)
		p->class->run(p->model);
	inproc_leave(p);
}

static int inproc_dma_map(struct pci_dev *dev, void *va, size_t len, uint64_t iova)
{
	struct inproc *p = inproc_of(dev);
	int err = 0;

	inproc_enter(p);
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
	inproc_leave(p);
	return err;
}

static int inproc_dma_unmap(struct pci_dev *dev, uint64_t iova, size_t len)
{
	struct inproc *p = inproc_of(dev);
	int err = -EINVAL;

	inproc_enter(p);
	for (unsigned i = 0; i < p->n_maps; i++)
		if (p->maps[i].iova == iova && p->maps[i].len == len) {
			p->maps[i] = p->maps[--p->n_maps];
			err = 0;
			break;
		}
	p->class->dma_changed(p->model);
	inproc_leave(p);
	return err;
}

static int inproc_irq_set(struct pci_dev *dev, enum pci_irq type, unsigned first, unsigned n,
			  const int *fds)
{
	struct inproc *p = inproc_of(dev);

	if (first > MODEL_VECTORS || n > MODEL_VECTORS - first ||
	    (type != PCI_IRQ_MSIX && first + n > 1))
		return -EINVAL;
	inproc_enter(p);
	p->irq_type = type;
	for (unsigned i = 0; i < n; i++)
		p->irq_fds[first + i] = fds ? fds[i] : -1;
	model_irq_route(p->class, p->model, type, first, n, p->irq_fds);
	inproc_leave(p);
	return 0;
}

static int inproc_reset(struct pci_dev *dev)
{
	struct inproc *p = inproc_of(dev);

	inproc_enter(p);
	p->class->reset(p->model);
	inproc_leave(p);
	return 0;
}

/* A synchronous model's round, @ns of its time later. */
static void round_later(struct inproc *p, uint64_t ns)
{
	inproc_enter(p);
	p->clock += ns;
	inproc_step(p);
	inproc_leave(p);
}

static void inproc_delay(struct pci_dev *dev, unsigned us)
{
	struct inproc *p = inproc_of(dev);
	struct timespec t = { us / 1000000, (long)(us % 1000000) * 1000 };

	if (p->threaded)
		nanosleep(&t, NULL);
	else
		round_later(p, (uint64_t)us * 1000);
}

static void inproc_pump(struct pci_dev *dev)
{
	round_later(inproc_of(dev), SYNC_TICK);
}

static void inproc_pump_wait(struct pci_dev *dev, int irq_fd, int timeout_ms)
{
	struct inproc *p = inproc_of(dev);
	struct pollfd fds[2] = { { irq_fd, POLLIN, 0 }, { p->wire_fd, POLLIN, 0 } };
	uint64_t start = inproc_monotonic_ns();

	/* A wire without a descriptor must be polled; a moderated interrupt needs the clock. */
	if (timeout_ms < 0 || timeout_ms > 1)
		timeout_ms = 1;
	poll(fds, p->wire_fd >= 0 ? 2 : 1, timeout_ms);
	round_later(p, inproc_monotonic_ns() - start);
}

static int inproc_counter(struct pci_dev *dev, unsigned i, const char **name, uint64_t *value)
{
	struct inproc *p = inproc_of(dev);
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
	inproc_enter(p);
	if (!p->class->counter(p->model, i, name, value)) {
		while (p->class->counter(p->model, n, name, value))
			n++;
		found = p->wire->ops->counter(p->wire, i - n, name, value);
	}
	inproc_leave(p);
	return found ? 0 : -ENOENT;
}

static int inproc_ended(struct pci_dev *dev)
{
	struct inproc *p = inproc_of(dev);
	int ended;

	inproc_enter(p);
	ended = p->wire->ops->ended(p->wire) && p->class->drained(p->model);
	inproc_leave(p);
	return ended;
}

static uint64_t inproc_ticks(struct pci_dev *dev)
{
	return __atomic_load_n(&inproc_of(dev)->ticks, __ATOMIC_RELAXED);
}

static uint64_t inproc_violations(struct pci_dev *dev)
{
	return __atomic_load_n(&inproc_of(dev)->violations, __ATOMIC_RELAXED);
}

static void inproc_close(struct pci_dev *dev)
{
	struct inproc *p = inproc_of(dev);

	if (p->threaded) {
		__atomic_store_n(&p->stop, 1, __ATOMIC_RELEASE);
		inproc_signal(p->kick);
		pthread_join(p->thread, NULL);
	} else {
		inproc_step(p); /* what was sent last still leaves */
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

/* clang-format off */
#define COMMON_OPS                                                                                \
	.config_read = inproc_config_read, .config_write = inproc_config_write,                   \
	.bar_map = inproc_bar_map, .bar_read = inproc_bar_read, .bar_write = inproc_bar_write,    \
	.dma_map = inproc_dma_map, .dma_unmap = inproc_dma_unmap, .irq_set = inproc_irq_set,      \
	.reset = inproc_reset, .delay = inproc_delay, .close = inproc_close,                      \
	.counter = inproc_counter, .ended = inproc_ended, .ticks = inproc_ticks,                  \
	.violations = inproc_violations
/* clang-format on */

static const struct pci_ops threaded_ops = { COMMON_OPS };
static const struct pci_ops sync_ops = {
	COMMON_OPS,
	.pump = inproc_pump,
	.pump_wait = inproc_pump_wait,
};

/* ---- open ---- */

/* Memory, model and machine; everything but wire and thread. */
static int assemble(struct inproc *p, const char *name)
{
	const struct model_id *id = model_uri_id(&p->uri, p->class);

	if (!id)
		return -EINVAL;
	p->dev = (struct pci_dev) { .ops = p->threaded ? &threaded_ops : &sync_ops,
				    .vendor = id->vendor,
				    .device = id->device,
				    .name = name };
	p->host = inproc_host;
	p->host.doorbells = calloc(1, p->class->bar_size[0]);
	p->model = calloc(1, p->class->size);
	if (!p->host.doorbells || !p->model)
		return -ENOMEM;
	for (unsigned i = 0; i < MODEL_VECTORS; i++)
		p->irq_fds[i] = -1;
	p->class->init(p->model, &p->host, &p->uri.options);
	return 0;
}

static int start(struct inproc *p)
{
	int err;

	p->wire_fd = p->wire->ops->fd(p->wire);
	inproc_step(p);
	p->kick = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->kick < 0)
		return -errno;
	pthread_mutex_init(&p->lock, NULL);
	err = p->threaded ? pthread_create(&p->thread, NULL, inproc_thread, p) : 0;
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
	p->threaded = p->uri.threaded;
	p->class = model_uri_class(&p->uri);
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
