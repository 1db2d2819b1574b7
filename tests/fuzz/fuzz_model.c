/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Any model alone against anything: register and configuration accesses of all sizes, descriptors
 * and buffers full of nonsense in memory that is mapped in pieces or not, frames, time, resets,
 * faults. Must not crash, hang, or touch memory outside what the host gave.
 */
#include <stdlib.h>

#include "base/errno.h"
#include "base/types.h"
#include "fuzz.h"
#include "models/faults.h"

#define RAM      (256u << 10)
#define BASE     0x100000u
#define HOLE     0x18000u /* [BASE + HOLE, BASE + HOLE + 4096) is not mapped */
#define MAX_OPS  400u
#define MAX_RUNS 8u

static const struct model_class *const classes[] = { &model_82599, &model_82576, &model_82540em,
						     &model_82574l };

struct machine {
	struct model_host host;
	uint8_t *ram;
	uint64_t clock;
	int no_pointers, busy;
	uint32_t piece;
	uint64_t frames, bytes;
};

static struct machine *of(struct model_host *host)
{
	return container_of(host, struct machine, host);
}

/* How much lies in one piece at @iova; 0: nothing. */
static size_t reach(uint64_t iova)
{
	uint64_t at = iova - BASE;

	if (iova < BASE || at >= RAM || (at >= HOLE && at < HOLE + 4096))
		return 0;
	return (size_t)(at < HOLE ? HOLE - at : RAM - at);
}

static void *dma_ptr(struct model_host *host, uint64_t iova, size_t len, size_t *room)
{
	size_t n = reach(iova);

	if (of(host)->no_pointers || len > n)
		return NULL;
	*room = n;
	return of(host)->ram + (iova - BASE);
}

static int dma_read(struct model_host *host, uint64_t iova, void *buf, size_t len)
{
	if (len > reach(iova))
		return -EFAULT;
	memcpy(buf, of(host)->ram + (iova - BASE), len);
	return 0;
}

static int dma_write(struct model_host *host, uint64_t iova, const void *buf, size_t len)
{
	if (len > reach(iova))
		return -EFAULT;
	memcpy(of(host)->ram + (iova - BASE), buf, len);
	return 0;
}

static void irq(struct model_host *host, enum model_irq type, unsigned vector, int level)
{
	(void)host;
	(void)level;
	if (type > MODEL_MSIX || vector >= 2048)
		__builtin_trap();
}

/* Reads all of the frame: the sanitizer finds what is not there. */
static int wire_tx(struct model_host *host, const void *frame, size_t len)
{
	struct machine *m = of(host);
	const uint8_t *p = frame;

	if (m->busy && m->frames % 3 == 2) {
		m->frames++;
		return -EAGAIN;
	}
	for (size_t i = 0; i < len; i++)
		m->bytes += p[i];
	m->frames++;
	return 0;
}

static uint64_t now_ns(struct model_host *host)
{
	return of(host)->clock;
}

static void violation(struct model_host *host, const char *rule, const char *section,
		      const char *text)
{
	(void)host;
	if (!*rule || !*section || !*text)
		__builtin_trap();
}

static const struct model_host machine_host = {
	.dma_ptr = dma_ptr,
	.dma_read = dma_read,
	.dma_write = dma_write,
	.irq = irq,
	.wire_tx = wire_tx,
	.now_ns = now_ns,
	.violation = violation,
};

/* An offset that means something: an element of a row of the chip's table. */
static uint32_t known_register(const struct model_class *class, struct input *in)
{
	const struct reg_row *r = &class->regs->rows[take(in, 2) % class->regs->n_rows];

	return r->offset + (uint32_t)(take(in, 1) % r->count) * r->stride;
}

static uint32_t by_name(const struct model_class *class, const char *name)
{
	for (unsigned i = 0; i < class->regs->n_rows; i++)
		if (!strcmp(class->regs->rows[i].name, name))
			return class->regs->rows[i].offset;
	return UINT32_MAX;
}

/* Queues that are on, with rings where the input likes them. */
static void set_up_queues(const struct model_class *class, struct model *m, struct input *in)
{
	uint32_t rx = BASE + (uint32_t)take(in, 2) * 128, tx = BASE + (uint32_t)take(in, 2) * 128;
	uint32_t size = (uint32_t)(take(in, 1) % 64 + 1) * 128, bits = (uint32_t)take(in, 4);
	const struct {
		const char *name;
		uint32_t value;
	} writes[] = {
		{ "DMATXCTL", 1 },
		{ "RXCTRL", 1 },
		{ "RDBAL", rx },
		{ "RDLEN", size },
		{ "SRRCTL", (bits & 0xff0000ff) | 0x402 },
		{ "RXDCTL", 1u << 25 },
		{ "TDBAL", tx },
		{ "TDLEN", size },
		{ "TXDCTL", 1u << 25 | (bits & 0x7f7f7f) },
		{ "RCTL", 0x8002 | bits },
		{ "TCTL", 0x2 | bits },
		{ "RXCSUM", bits },
		{ "FCTRL", bits },
		{ "CTRL", 0x41 },
		{ "RDT", size / 16 - 1 },
	};

	class->config_write(m, 4, "\x06\x00", 2);
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		uint32_t off = by_name(class, writes[i].name);

		if (off != UINT32_MAX)
			class->write(m, 0, off, writes[i].value, 4);
	}
}

static void access_bar(const struct model_class *class, struct model *m, struct input *in,
		       int write)
{
	unsigned bar = (unsigned)take(in, 1) % 6, size = 1u << take(in, 1) % 4;
	uint32_t off;

	if (!class->bar_size[bar])
		return;
	off = (uint32_t)take(in, 3) % class->bar_size[bar] / size * size;
	if (write)
		class->write(m, bar, off, take(in, size), size);
	else
		class->read(m, bar, off, size);
}

static void access_config(const struct model_class *class, struct model *m, struct input *in)
{
	unsigned len = (unsigned)take(in, 1) % 8 + 1, off = (unsigned)take(in, 1) % (256 - len);
	uint64_t v = take(in, len);
	uint8_t buf[8];

	memcpy(buf, &v, len);
	if (take(in, 1) & 1)
		class->config_write(m, off, buf, len);
	else
		class->config_read(m, off, buf, len);
}

static void frame(const struct model_class *class, struct model *m, struct input *in)
{
	size_t n = take(in, 1), len = take(in, 2) % 16384;
	const uint8_t *p = take_bytes(in, &n);
	uint8_t *f;

	len = len < 14 ? 14 : len;
	f = calloc(1, len);
	if (!f)
		return;
	memcpy(f, p, n < len ? n : len);
	class->wire_rx(m, f, len, (int)(len & 1), (unsigned)(n & 1));
	free(f);
}

static void poke(struct machine *x, struct input *in)
{
	uint32_t at = (uint32_t)take(in, 2) * 16 % RAM;
	size_t n = take(in, 1);
	const uint8_t *p = take_bytes(in, &n);

	memcpy(x->ram + at, p, n < RAM - at ? n : RAM - at);
}

static void step(struct machine *x, const struct model_class *class, struct model *m,
		 struct input *in)
{
	uint32_t off;

	switch (take(in, 1) % 14) {
	case 0:
	case 1:
		off = known_register(class, in);
		class->write(m, 0, off, take(in, 4), 4);
		break;
	case 2:
		class->read(m, 0, known_register(class, in), 4);
		break;
	case 3:
		access_bar(class, m, in, 1);
		break;
	case 4:
		access_bar(class, m, in, 0);
		break;
	case 5:
		access_config(class, m, in);
		break;
	case 6:
		frame(class, m, in);
		break;
	case 7:
		for (unsigned i = 0; i < MAX_RUNS && class->run(m); i++)
			;
		break;
	case 8:
		x->clock += take(in, 3) * 1000;
		break;
	case 9:
		poke(x, in);
		break;
	case 10:
		set_up_queues(class, m, in);
		break;
	case 11:
		class->wire_link(m, (int)take(in, 1) & 1);
		break;
	case 12: /* a doorbell in memory: any value at all */
		off = by_name(class, take(in, 1) & 1 ? "TDT" : "RDT");
		if (class->is_doorbell(off))
			x->host.doorbells[off / 4] = (uint32_t)take(in, 2);
		break;
	default:
		x->no_pointers = (int)take(in, 1) & 1;
		x->busy = (int)take(in, 1) & 1;
		class->dma_changed(m);
		if (take(in, 1) % 16 == 0)
			class->reset(m);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	const uint8_t choice = (uint8_t)take(&in, 1);
	struct model_faults faults = {
		.inner = classes[choice % ARRAY_SIZE(classes)],
		.list = { { .kind = FAULT_DMA_ERROR, .nth = 7 },
			  { .kind = FAULT_IRQ_STORM, .period_ns = 1000 },
			  { .kind = FAULT_LINK_FLAP, .period_ns = 100000 } },
		.n = choice & 0x80 ? 3 : 0,
	};
	const struct model_options opt = { .lenient = choice & 0x40 ? "ring-full" : NULL,
					   .faults = faults.n ? &faults : NULL };
	struct machine x = { .host = machine_host };
	struct model_class faulty;
	const struct model_class *class = faults.inner;
	struct model *m;

	if (faults.n) {
		faults_class(&faulty, &faults);
		class = &faulty;
	}
	x.ram = calloc(1, RAM);
	x.host.doorbells = calloc(1, class->bar_size[0]);
	m = calloc(1, class->size);
	if (x.ram && x.host.doorbells && m) {
		const char *name;
		uint64_t v;

		class->init(m, &x.host, &opt);
		for (unsigned i = 0; i < MAX_OPS && left(&in); i++)
			step(&x, class, m, &in);
		class->run(m);
		for (unsigned i = 0; class->counter(m, i, &name, &v); i++)
			;
	}
	free(x.ram);
	free(x.host.doorbells);
	free(m);
	return 0;
}
