/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RX rings of advanced and legacy descriptors (82599 7.1.5, 7.1.6; 82576 7.1.4, 7.1.5), tails,
 * and the packet buffer.
 */
#include "models/intel/adv.h"

/* ---- tails ---- */

/* acquire: pairs with the driver's doorbell; its descriptors are visible behind it */
uint32_t adv_tail(const struct adv *a, uint32_t off)
{
	return from_le32(
		(le32) { __atomic_load_n(&a->dma->host->doorbells[off / 4], __ATOMIC_ACQUIRE) });
}

void adv_set_tail(struct adv *a, uint32_t off, uint32_t value)
{
	if (a->dma->host->doorbells)
		__atomic_store_n(&a->dma->host->doorbells[off / 4], to_le32(value).raw,
				 __ATOMIC_RELEASE);
}

/*
 * Software may give hardware descriptors up to, but not including, the one at the head: equal
 * pointers mean that hardware has none (82599 7.1.9, 7.2.3.3). @seen: the tail before.
 */
static void judge(struct adv *a, uint32_t seen, uint32_t tail, uint32_t head, uint32_t size)
{
	uint32_t owned = (seen + size - head) % size, added = (tail + size - seen) % size;

	if (owned + added == size)
		a->chip->violate(a->m, "ring-full", a->chip->section.ring,
				 "a tail was moved onto the head: hardware takes the full ring for "
				 "an empty one");
	else if (owned + added > size)
		a->chip->violate(a->m, "tail-passes-head", a->chip->section.ring,
				 "a tail was moved past the head: hardware's own descriptors were "
				 "given again");
}

static int64_t watch(struct adv *a, uint32_t off, uint32_t *seen, uint32_t head, uint32_t size)
{
	uint32_t tail = adv_tail(a, off);

	if (tail == *seen)
		return tail;
	if (tail >= size) {
		a->chip->violate(a->m, "tail-outside", a->chip->section.tail,
				 "a tail lies outside its ring");
		return -1;
	}
	judge(a, *seen, tail, head, size);
	*seen = tail;
	return tail;
}

int64_t adv_rx_watch(struct adv *a, struct adv_rx *r)
{
	return watch(a, r->tail, &r->seen, r->head, r->size);
}

int64_t adv_tx_watch(struct adv *a, struct adv_tx *t)
{
	return watch(a, t->tail, &t->seen, t->head, t->size);
}

/* ---- delivery ---- */

static uint32_t free_descriptors(const struct adv_rx *r, uint32_t tail)
{
	return tail >= r->head ? tail - r->head : tail + r->size - r->head;
}

/* The tail is in the driver's cache: look only if the last look is used up. */
int adv_rx_room(struct adv *a, struct adv_rx *r, uint32_t len)
{
	uint32_t need = len <= r->buffer ? 1 : (len + r->buffer - 1) / r->buffer;
	int64_t tail;

	if (likely(free_descriptors(r, r->seen) >= need))
		return 1;
	tail = adv_rx_watch(a, r);
	return tail >= 0 && free_descriptors(r, (uint32_t)tail) >= need;
}

const uint8_t *adv_rx_stored(struct adv *a, const struct adv_rx *r, const uint8_t *f, uint32_t *len,
			     const struct parsed *p, uint32_t crc)
{
	uint32_t cut = p->tagged && r->strip ? 4 : 0;

	if (!cut && !crc && *len >= 60)
		return f;
	memmove(a->frame, f, 12); /* f may be there already: loopback */
	memmove(a->frame + 12, f + 12 + cut, *len - 12 - cut);
	*len -= cut;
	if (*len < 60 - cut) {
		memset(a->frame + *len, 0, 60 - cut - *len);
		*len = 60 - cut;
	}
	memset(a->frame + *len, 0, crc); /* a wire gives none; its value is not modelled */
	*len += crc;
	return a->frame;
}

/* Write back one descriptor. */
static int write_back(struct adv *a, const struct adv_rx *r, uint64_t at, uint32_t len,
		      uint32_t status, const struct parsed *p)
{
	uint64_t vlan = (uint64_t)p->tag << 48, type;

	if (r->legacy) { /* the error byte has the MAC's bit at a place of its own */
		uint64_t errors = (status & ~(1u << a->chip->rxe)) >> 24;

		errors = (errors & 0xe0) | (status >> a->chip->rxe & 1) << a->chip->rxe_legacy;
		return desc_write(a->dma, at, NULL,
				  len | vlan | errors << 40 | (uint64_t)(status & 0xff) << 32);
	}
	type = p->type | p->hash_type | (uint64_t)p->hash << 32;
	return desc_write(a->dma, at, &type, status | (uint64_t)len << 32 | vlan);
}

uint32_t adv_rx_fill(struct adv *a, struct adv_rx *r, const uint8_t *f, uint32_t len,
		     uint32_t status, const struct parsed *p)
{
	uint32_t slot = r->head, n = 0;

	while (len) {
		uint32_t part = len < r->buffer ? len : r->buffer;
		uint32_t last = part == len ? field_mask(RXD_STAT_EOP) | status : 0;
		uint64_t at = r->base + slot * 16u;
		le64 d[2];

		if (desc_read(a->dma, at, d))
			return 0;
		if (!r->legacy && from_le64(d[1]) & 1)
			a->chip->violate(a->m, "rx-descriptor-dd", a->chip->section.rx_read,
					 "a descriptor was given to hardware with DD (bit 0 of "
					 "quadword 1) set");
		if (dma_copy(a->dma, from_le64(d[0]), (void *)(uintptr_t)f, part, 1) ||
		    write_back(a, r, at, part, field_mask(RXD_STAT_DD) | last, p))
			return 0;
		f += part;
		len -= part;
		slot = slot + 1 == r->size ? 0 : slot + 1;
		n++;
	}
	r->head = slot;
	return n;
}

/* ---- the packet buffer ---- */

static uint32_t need(uint32_t len)
{
	return (len + 4 + 3) & ~3u;
}

/* Copy to or from the ring at position @at, which may wrap. */
static void ring_copy(const struct fifo *f, uint32_t at, void *buf, uint32_t len, int in)
{
	uint32_t first = f->capacity - at % f->capacity;
	uint8_t *p = f->bytes + at % f->capacity, *b = buf;

	if (first > len)
		first = len;
	memcpy(in ? p : b, in ? b : p, first);
	memcpy(in ? f->bytes : b + first, in ? b + first : f->bytes, len - first);
}

int fifo_put(struct fifo *f, const uint8_t *frame, uint32_t len, uint32_t flags, uint32_t room)
{
	uint32_t word = len | flags;

	if (room > f->capacity)
		room = f->capacity;
	if (f->in - f->out + need(len) > room)
		return 0;
	ring_copy(f, f->in, &word, 4, 1);
	ring_copy(f, f->in + 4, (void *)(uintptr_t)frame, len, 1);
	f->in += need(len);
	return 1;
}

uint32_t fifo_peek(const struct fifo *f, uint8_t *frame, uint32_t *flags)
{
	uint32_t word;

	ring_copy(f, f->out, &word, 4, 0);
	*flags = word & 0xffff0000;
	ring_copy(f, f->out + 4, frame, word & 0xffff, 0);
	return word & 0xffff;
}

void fifo_drop(struct fifo *f, uint32_t len)
{
	f->out += need(len);
}
