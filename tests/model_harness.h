/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A machine around a model for unit tests: flat memory, a clock that only the test moves, a wire
 * that records, interrupts and broken rules that are counted. Synchronous and deterministic.
 * Knows models/model.h only, not a chip; per-chip helpers (bring-up, rings) are in its own header.
 */
#ifndef TESTS_MODEL_HARNESS_H
#define TESTS_MODEL_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first */
#include <cmocka.h>

#include "base/errno.h"
#include "models/model.h"

#define RAM_BASE  0x10000000ull
#define RAM_SIZE  (8u << 20)
#define MAX_SENT  64u
#define MAX_RULES 64u
#define FRAME_MAX 16384u

struct harness {
	struct model_host host; /* must be first */
	const struct model_class *class;
	struct model *m;
	uint8_t *ram;
	uint32_t used;   /* of ram, by ram_alloc */
	int no_pointers; /* dma_ptr refuses everything: hosts that only copy */
	uint32_t piece;  /* dma_ptr gives nothing that crosses a multiple of this; 0 = no limit */
	uint64_t clock;  /* ns */

	struct {
		uint32_t len;
		uint8_t data[FRAME_MAX];
	} * sent;
	unsigned n_sent;
	unsigned busy; /* the next so many frames are refused: the cable is busy */

	const char *rules[MAX_RULES]; /* names of broken rules, in order */
	unsigned n_rules;
	unsigned irqs[3][64]; /* messages by type and vector; INTx: times the line rose */
	int line;             /* INTx */
};

static inline struct harness *harness_of(struct model_host *host)
{
	return (struct harness *)(void *)host;
}

/* ---- struct model_host ---- */

static inline void *harness_dma_ptr(struct model_host *host, uint64_t iova, size_t len,
				    size_t *left)
{
	struct harness *h = harness_of(host);
	uint64_t at = iova - RAM_BASE, end = RAM_SIZE;

	if (h->no_pointers || iova < RAM_BASE || at > RAM_SIZE || len > RAM_SIZE - at)
		return NULL;
	if (h->piece)
		end = (at / h->piece + 1) * h->piece;
	if (at + len > end)
		return NULL;
	*left = (size_t)(end - at);
	return h->ram + at;
}

static inline int harness_dma_read(struct model_host *host, uint64_t iova, void *buf, size_t len)
{
	if (iova < RAM_BASE || iova - RAM_BASE > RAM_SIZE || len > RAM_SIZE - (iova - RAM_BASE))
		return -EFAULT;
	memcpy(buf, harness_of(host)->ram + (iova - RAM_BASE), len);
	return 0;
}

static inline int harness_dma_write(struct model_host *host, uint64_t iova, const void *buf,
				    size_t len)
{
	if (iova < RAM_BASE || iova - RAM_BASE > RAM_SIZE || len > RAM_SIZE - (iova - RAM_BASE))
		return -EFAULT;
	memcpy(harness_of(host)->ram + (iova - RAM_BASE), buf, len);
	return 0;
}

static inline void harness_irq(struct model_host *host, enum model_irq type, unsigned vector,
			       int level)
{
	struct harness *h = harness_of(host);

	assert_true(vector < 64);
	if (type == MODEL_INTX)
		h->line = level;
	if (level)
		h->irqs[type][vector]++;
}

static inline int harness_wire_tx(struct model_host *host, const void *frame, size_t len)
{
	struct harness *h = harness_of(host);

	if (h->busy) {
		h->busy--;
		return -EAGAIN;
	}
	assert_true(len <= FRAME_MAX);
	if (h->n_sent < MAX_SENT) { /* later ones are only counted */
		h->sent[h->n_sent].len = (uint32_t)len;
		memcpy(h->sent[h->n_sent].data, frame, len);
	}
	h->n_sent++;
	return 0;
}

static inline uint64_t harness_now(struct model_host *host)
{
	return harness_of(host)->clock;
}

static inline void harness_violation(struct model_host *host, const char *rule, const char *section,
				     const char *text)
{
	struct harness *h = harness_of(host);

	assert_true(rule && *rule && section && *section && text && *text);
	if (h->n_rules < MAX_RULES)
		h->rules[h->n_rules] = rule;
	h->n_rules++;
}

/* ---- for tests ---- */

static inline void harness_open(struct harness *h, const struct model_class *class,
				const struct model_options *opt)
{
	static const struct model_options def = { .mac = { 2, 0, 0, 0, 0, 1 } };

	memset(h, 0, sizeof(*h));
	h->host = (struct model_host) { .dma_ptr = harness_dma_ptr,
					.dma_read = harness_dma_read,
					.dma_write = harness_dma_write,
					.irq = harness_irq,
					.wire_tx = harness_wire_tx,
					.now_ns = harness_now,
					.violation = harness_violation };
	h->class = class;
	h->clock = 1000000000;
	h->ram = calloc(1, RAM_SIZE);
	h->sent = calloc(MAX_SENT, sizeof(*h->sent));
	h->m = calloc(1, class->size);
	h->host.doorbells = calloc(1, class->bar_size[0]);
	h->no_pointers = getenv("NICETY_MODEL_DMA") && !strcmp(getenv("NICETY_MODEL_DMA"), "copy");
	assert_true(h->ram && h->sent && h->m && h->host.doorbells);
	class->init(h->m, &h->host, opt ? opt : &def);
}

static inline void harness_close(struct harness *h)
{
	free(h->host.doorbells);
	free(h->m);
	free(h->sent);
	free(h->ram);
}

static inline uint64_t ram_alloc(struct harness *h, uint32_t size, uint32_t align)
{
	uint32_t at = (h->used + align - 1) / align * align;

	assert_true(at + size <= RAM_SIZE);
	h->used = at + size;
	return RAM_BASE + at;
}
static inline uint8_t *ram_at(struct harness *h, uint64_t iova)
{
	assert_true(iova >= RAM_BASE && iova < RAM_BASE + RAM_SIZE);
	return h->ram + (iova - RAM_BASE);
}

static inline uint32_t rd(struct harness *h, uint32_t off)
{
	return (uint32_t)h->class->read(h->m, 0, off, 4);
}
static inline void wr(struct harness *h, uint32_t off, uint32_t value)
{
	h->class->write(h->m, 0, off, value, 4);
}
static inline uint32_t config_rd(struct harness *h, unsigned off, unsigned size)
{
	uint8_t b[4] = { 0 };

	h->class->config_read(h->m, off, b, size);
	return (uint32_t)(b[0] | b[1] << 8 | b[2] << 16) | (uint32_t)b[3] << 24;
}
static inline void config_wr(struct harness *h, unsigned off, unsigned size, uint32_t value)
{
	uint8_t b[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			 (uint8_t)(value >> 24) };

	h->class->config_write(h->m, off, b, size);
}

/** run_for - let time pass in 1 us steps; the model runs in each. */
static inline void run_for(struct harness *h, unsigned us)
{
	for (; us; us--) {
		h->clock += 1000;
		h->class->run(h->m);
	}
}
/** run_idle - run until nothing is left to do. */
static inline void run_idle(struct harness *h)
{
	for (unsigned i = 0; i < 1000 && h->class->run(h->m); i++)
		;
}

static inline uint64_t named(struct harness *h, const char *want)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; h->class->counter(h->m, i, &name, &value); i++)
		if (!strcmp(name, want))
			return value;
	fail_msg("the model has no counter '%s'", want);
	return 0;
}

/** broken - how often a rule was reported. */
static inline unsigned broken(const struct harness *h, const char *rule)
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->n_rules && i < MAX_RULES; i++)
		n += !strcmp(h->rules[i], rule);
	return n;
}
static inline void no_rule_broken(const struct harness *h)
{
	if (h->n_rules)
		fail_msg("%u violations, the first: %s", h->n_rules, h->rules[0]);
}
/** only_rule_broken - this one fired, and no other; forgets it. */
static inline void only_rule_broken(struct harness *h, const char *rule)
{
	if (!broken(h, rule))
		fail_msg("rule '%s' was not reported", rule);
	for (unsigned i = 0; i < h->n_rules && i < MAX_RULES; i++)
		assert_string_equal(h->rules[i], rule);
	h->n_rules = 0;
}

#endif
