/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The devices' turn, in each cache regime.
 */
#include "bench/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench/helper.h"
#include "regs/ixgbe.h"
#include "regs/intel_desc.h"

#define LINE 64u

const char *const regime_names[REGIMES] = { "warm", "other_core", "l3", "dram" };

void rig_size(struct rig *rig, unsigned size)
{
	uint8_t mac[6];

	rig->setup.size = size;
	device_mac(mac, 0);
	cable_init(&rig->cable, mac, size, rig->setup.queues > 1 ? 64 : 1);
}

int rig_open(struct rig **out, const struct subject *subject, const struct setup *setup)
{
	struct rig *rig = aligned_alloc(LINE, (sizeof(*rig) + LINE - 1) & ~(size_t)(LINE - 1));
	int err;

	if (!rig)
		return -ENOMEM;
	memset(rig, 0, sizeof(*rig));
	rig->subject = subject;
	rig->setup = *setup;
	rig_size(rig, setup->size);
	if (subject->isa)
		setenv("NICETY_ISA", subject->isa, 1);
	err = subject->open(rig);
	if (subject->isa)
		unsetenv("NICETY_ISA");
	if (err) {
		fprintf(stderr, "bench: %s cannot be opened: %s\n", subject->name, strerror(-err));
		free(rig);
		return err;
	}
	*out = rig;
	return 0;
}

void rig_close(struct rig *rig)
{
	if (!rig)
		return;
	rig->subject->close(rig);
	free(rig);
}

unsigned rig_window(const struct rig *rig)
{
	unsigned most = rig->setup.ring / (rig->subject->in_place ? 4 : 2);

	return most < RIG_BURST ? most : RIG_BURST;
}

/* ---- the turn itself ---- */

static void send_all(struct rig *rig)
{
	while (rig->out.class->run(rig->out.model))
		;
}

static unsigned receive(struct rig *rig, unsigned n)
{
	struct cable *c = &rig->cable;
	unsigned i;

	for (i = 0; i < n; i++) {
		cable_number(c);
		if (rig->in.class->wire_rx(rig->in.model, c->frame, c->len, 1, MODEL_FRAME_GOOD) !=
		    MODEL_RX_TAKEN)
			break;
		c->next++;
	}
	return i;
}

static unsigned turn(struct rig *rig, unsigned n)
{
	send_all(rig);
	return receive(rig, n);
}

/* ---- DRAM: the lines that the device wrote are flushed ---- */

static uint32_t reg_of(const struct port *p, uint32_t off)
{
	return (uint32_t)p->class->read(p->model, 0, off, 4);
}

static void *memory(const struct port *p, uint64_t iova, size_t len)
{
	size_t left;

	return p->host->dma_ptr(p->host, iova, len, &left);
}

static void flush(const void *p, size_t len)
{
	uintptr_t at = (uintptr_t)p & ~(uintptr_t)(LINE - 1);

	for (; p && at < (uintptr_t)p + len; at += LINE)
		_mm_clflush((const void *)at);
}

/* Descriptor at @slot of the ring whose base register is @base. */
static le64 *descriptor(const struct port *p, uint32_t base, uint32_t slot)
{
	uint64_t ring = reg_of(p, base) | (uint64_t)reg_of(p, base + 4) << 32;

	return memory(p, ring + slot * 16u, 16);
}

static void walk_sent(struct rig *rig, uint32_t from)
{
	const struct port *p = &rig->out;
	uint32_t size = reg_of(p, TDLEN) / 16, end = reg_of(p, TDH), wb = reg_of(p, TDWBAL);

	rig->dma.head = (int)(wb & 1);
	for (uint32_t i = from; i != end; i = (i + 1) % size) {
		const le64 *d = descriptor(p, TDBAL, i);

		rig->dma.frames++;
		if (!(from_le64(d[1]) & field_mask(TXD_RS)))
			continue;
		rig->dma.reports++;
		if (!rig->dma.head)
			flush(d, 16);
	}
	if (rig->dma.head)
		flush(memory(p, (wb & ~3u) | (uint64_t)reg_of(p, TDWBAL + 4) << 32, 4), 4);
}

static unsigned cold_turn(struct rig *rig, unsigned n)
{
	static void *buffers[RIG_BURST];
	const struct port *p = &rig->in;
	uint32_t size = reg_of(p, RDLEN) / 16, from, sent = reg_of(&rig->out, TDH);
	unsigned got;

	send_all(rig);
	walk_sent(rig, sent);
	from = reg_of(p, RDH);
	for (unsigned i = 0; i < n; i++) /* write-back overwrites the addresses */
		buffers[i] = memory(p, from_le64(descriptor(p, RDBAL, (from + i) % size)[0]),
				    rig->cable.len);
	got = receive(rig, n);
	for (unsigned i = 0; i < got; i++) {
		flush(buffers[i], rig->cable.len);
		flush(descriptor(p, RDBAL, (from + i) % size), 16);
	}
	_mm_mfence();
	return got;
}

/* ---- on the other core ---- */

struct errand {
	struct rig *rig;
	unsigned n, got;
	int sweep;
};

/* Push what this core's L2 holds out into the L3: read more than it can hold. */
static void sweep(void)
{
	static uint8_t *buffer;
	static size_t size;
	uint64_t sum = 0;

	if (!buffer) {
		long l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);

		size = (l2 > 0 ? (size_t)l2 : 1u << 20) * 5 / 2;
		buffer = malloc(size);
		if (!buffer)
			return;
		memset(buffer, 1, size);
	}
	for (size_t i = 0; i < size; i += LINE)
		sum += buffer[i];
	__asm__ volatile("" ::"r"(sum));
}

static void run_errand(void *arg)
{
	struct errand *e = arg;

	e->got = turn(e->rig, e->n);
	if (e->sweep)
		sweep();
}

unsigned rig_device(struct rig *rig, enum regime regime, unsigned n)
{
	struct errand e = { rig, n, 0, regime == L3 };

	if (regime == WARM)
		e.got = turn(rig, n);
	else if (regime == DRAM)
		e.got = cold_turn(rig, n);
	else
		helper_call(run_errand, &e);
	rig->short_turns += e.got != n;
	return e.got;
}

uint64_t rig_settle(struct rig *rig, int touched)
{
	uint64_t faults;

	for (unsigned i = 0; i < 4; i++) {
		for (unsigned q = 0; q < rig->setup.queues; q++) {
			unsigned n;

			do
				n = rig->cable.touched
					    ? rig->subject->touch(rig->queue[q], RIG_BURST)
					    : rig->subject->forward(rig->queue[q], RIG_BURST);
			while (n);
		}
		turn(rig, 0);
	}
	faults = cable_faults(&rig->cable) + rig->short_turns;
	rig->short_turns = 0;
	rig->cable.touched = touched;
	return faults;
}
