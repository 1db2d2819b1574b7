/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The layer of faults: a model that passes everything on to another one, and sometimes does not.
 * Its instance holds the other's state behind its own.
 */
#include "models/faults.h"

#include "base/errno.h"
#include "base/memory.h"

#define VECTORS 64u

struct model {
	struct model_host host; /* what the inner model gets */
	struct model_host *outer;
	const struct model_faults *faults;
	const struct model_class *inner;
	int started;    /* a register was accessed since the last reset */
	uint64_t start; /* ns: when */
	uint64_t storm_at;
	int wire_up, told_up; /* the cable; what the inner model was told of it */
	int intx_level;
	int injected; /* a DMA error in this very operation */
	int gone;
	uint64_t flaps, dma_errors, dma_accesses, lost_doorbells, storms, removals, lost_frames;
	_Alignas(64) uint8_t state[];
};

static struct model *inner_of(struct model *m)
{
	return (struct model *)(void *)m->state;
}

static struct model *of_host(struct model_host *host)
{
	return container_of(host, struct model, host);
}

static uint64_t now(struct model *m)
{
	return m->outer->now_ns(m->outer);
}

/* ---- when ---- */

static const struct fault *find(const struct model *m, enum fault_kind kind)
{
	for (unsigned i = 0; i < m->faults->n; i++)
		if (m->faults->list[i].kind == kind)
			return &m->faults->list[i];
	return NULL;
}

/* ns since the fault began; -1: it has not. */
static int64_t since(struct model *m, const struct fault *f)
{
	uint64_t t = now(m);

	return f && m->started && t >= m->start + f->after_ns
		       ? (int64_t)(t - m->start - f->after_ns)
		       : -1;
}

/* The cable as it shall seem: out in the second half of each period. */
static void update_link(struct model *m)
{
	const struct fault *f = find(m, FAULT_LINK_FLAP);
	int64_t t = since(m, f);
	int up = m->wire_up && !(t >= 0 && (uint64_t)t % f->period_ns >= f->period_ns / 2);

	if (up == m->told_up)
		return;
	if (m->wire_up && !up)
		m->flaps++;
	m->told_up = up;
	m->inner->wire_link(inner_of(m), up);
}

/* At the beginning of every operation. Return: 0, the device is gone. */
static int alive(struct model *m)
{
	m->host.doorbells = m->outer->doorbells;
	m->injected = 0;
	if (!m->gone && since(m, find(m, FAULT_REMOVE)) >= 0) {
		m->gone = 1;
		m->removals++;
	}
	if (!m->gone)
		update_link(m);
	return !m->gone;
}

static void touched(struct model *m)
{
	if (m->started)
		return;
	m->started = 1;
	m->start = m->storm_at = now(m);
}

/* ---- what the inner model asks of its host ---- */

/* With DMA errors no access may go past us, so there are no pointers. */
static void *host_dma_ptr(struct model_host *host, uint64_t iova, size_t len, size_t *left)
{
	struct model *m = of_host(host);

	return find(m, FAULT_DMA_ERROR) ? NULL : m->outer->dma_ptr(m->outer, iova, len, left);
}

static int dma_fails(struct model *m)
{
	const struct fault *f = find(m, FAULT_DMA_ERROR);

	if (since(m, f) < 0 || ++m->dma_accesses % f->nth)
		return 0;
	m->dma_errors++;
	m->injected = 1;
	return 1;
}

static int host_dma_read(struct model_host *host, uint64_t iova, void *buf, size_t len)
{
	struct model *m = of_host(host);

	return dma_fails(m) ? -EFAULT : m->outer->dma_read(m->outer, iova, buf, len);
}

static int host_dma_write(struct model_host *host, uint64_t iova, const void *buf, size_t len)
{
	struct model *m = of_host(host);

	return dma_fails(m) ? -EFAULT : m->outer->dma_write(m->outer, iova, buf, len);
}

static void host_irq(struct model_host *host, enum model_irq type, unsigned vector, int level)
{
	struct model *m = of_host(host);

	if (type == MODEL_INTX)
		m->intx_level = level;
	m->outer->irq(m->outer, type, vector, level);
}

static int host_wire_tx(struct model_host *host, const void *frame, size_t len)
{
	struct model *m = of_host(host);

	return m->outer->wire_tx(m->outer, frame, len);
}

static uint64_t host_now(struct model_host *host)
{
	return now(of_host(host));
}

/* An error that we made is not the driver's. */
static void host_violation(struct model_host *host, const char *rule, const char *section,
			   const char *text)
{
	struct model *m = of_host(host);

	if (!m->injected || memcmp(rule, "dma-", 4))
		m->outer->violation(m->outer, rule, section, text);
}

static const struct model_host inner_host = {
	.dma_ptr = host_dma_ptr,
	.dma_read = host_dma_read,
	.dma_write = host_dma_write,
	.irq = host_irq,
	.wire_tx = host_wire_tx,
	.now_ns = host_now,
	.violation = host_violation,
};

/* ---- what our host asks of us ---- */

static void init(struct model *m, struct model_host *host, const struct model_options *opt)
{
	m->host = inner_host;
	m->outer = host;
	m->host.doorbells = host->doorbells;
	m->faults = opt->faults;
	m->inner = opt->faults->inner;
	m->inner->init(inner_of(m), &m->host, opt);
}

/* As if the function were plugged in anew: a removed one is back, faults begin again. */
static void reset(struct model *m)
{
	m->started = m->gone = 0;
	alive(m);
	m->inner->reset(inner_of(m));
}

static void config_read(struct model *m, unsigned off, void *buf, size_t len)
{
	if (alive(m))
		m->inner->config_read(inner_of(m), off, buf, len);
	else
		memset(buf, 0xff, len);
}

static void config_write(struct model *m, unsigned off, const void *buf, size_t len)
{
	if (alive(m))
		m->inner->config_write(inner_of(m), off, buf, len);
}

static uint64_t bar_read(struct model *m, unsigned bar, uint32_t off, unsigned size)
{
	touched(m);
	if (alive(m))
		return m->inner->read(inner_of(m), bar, off, size);
	return size < 8 ? ((uint64_t)1 << size * 8) - 1 : UINT64_MAX;
}

static int is_stuck(struct model *m, unsigned bar, uint32_t off)
{
	for (unsigned i = 0; i < m->faults->n; i++) {
		const struct fault *f = &m->faults->list[i];

		if (f->kind == FAULT_STUCK_QUEUE && !bar && off == f->tail && since(m, f) >= 0)
			return 1;
	}
	return 0;
}

static void bar_write(struct model *m, unsigned bar, uint32_t off, uint64_t value, unsigned size)
{
	touched(m);
	if (!alive(m))
		return;
	/* 0 is what drivers write while they set the queue up: nothing gets stuck by that. */
	if (value && is_stuck(m, bar, off))
		m->lost_doorbells++;
	else
		m->inner->write(inner_of(m), bar, off, value, size);
}

/* Tails that can get stuck are written by call, so that we see them. */
static int no_doorbell(uint32_t off)
{
	(void)off;
	return 0;
}

static enum model_rx wire_rx(struct model *m, const void *frame, size_t len, int may_wait,
			     unsigned bad)
{
	if (alive(m))
		return m->inner->wire_rx(inner_of(m), frame, len, may_wait, bad);
	m->lost_frames++;
	return MODEL_RX_DROPPED;
}

static void wire_link(struct model *m, int up)
{
	m->wire_up = up;
	alive(m);
}

/* Signals for which there is no reason. */
static void storm(struct model *m)
{
	const struct fault *f = find(m, FAULT_IRQ_STORM);

	if (since(m, f) < 0 || now(m) < m->storm_at)
		return;
	m->storm_at = now(m) + f->period_ns;
	m->storms++;
	for (unsigned v = 0; v < VECTORS; v++)
		m->outer->irq(m->outer, MODEL_MSIX, v, 1);
	m->outer->irq(m->outer, MODEL_MSI, 0, 1);
	m->outer->irq(m->outer, MODEL_INTX, 0, 1);
	m->outer->irq(m->outer, MODEL_INTX, 0, m->intx_level);
}

static unsigned run(struct model *m)
{
	if (!alive(m))
		return 0;
	storm(m);
	return m->inner->run(inner_of(m));
}

static void dma_changed(struct model *m)
{
	m->inner->dma_changed(inner_of(m));
}

static int drained(struct model *m)
{
	return m->gone || m->inner->drained(inner_of(m));
}

static int gone(struct model *m)
{
	return !alive(m);
}

static void status(struct model *m, struct model_status *st)
{
	if (alive(m))
		m->inner->status(inner_of(m), st);
	else
		*st = (struct model_status) { 0 };
}

static int counter(struct model *m, unsigned i, const char **name, uint64_t *value)
{
	const struct {
		const char *name;
		uint64_t value;
	} own[] = {
		{ "fault_link_flaps", m->flaps },
		{ "fault_dma_errors", m->dma_errors },
		{ "fault_lost_doorbells", m->lost_doorbells },
		{ "fault_removals", m->removals },
		{ "fault_lost_frames", m->lost_frames },
		{ "fault_irq_storms", m->storms },
	};

	if (i >= ARRAY_SIZE(own))
		return m->inner->counter(inner_of(m), i - (unsigned)ARRAY_SIZE(own), name, value);
	*name = own[i].name;
	*value = own[i].value;
	return 1;
}

void faults_class(struct model_class *out, const struct model_faults *faults)
{
	*out = *faults->inner;
	out->size = sizeof(struct model) + faults->inner->size;
	out->init = init;
	out->reset = reset;
	out->config_read = config_read;
	out->config_write = config_write;
	out->read = bar_read;
	out->write = bar_write;
	out->wire_rx = wire_rx;
	out->wire_link = wire_link;
	out->run = run;
	out->dma_changed = dma_changed;
	out->drained = drained;
	out->counter = counter;
	out->gone = gone;
	if (out->status)
		out->status = status;
	for (unsigned i = 0; i < faults->n; i++)
		if (faults->list[i].kind == FAULT_STUCK_QUEUE)
			out->is_doorbell = no_doorbell;
}
