/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RX rings of advanced and legacy descriptors (82599 7.1.5, 7.1.6; 82576 7.1.4, 7.1.5), and tails.
 */
#include "models/intel/adv.h"

/* ---- tails ---- */

static int64_t watch(struct adv *a, uint32_t off, uint32_t *seen, uint32_t head, uint32_t size)
{
	enum tail_move move = tail_watch(a->dma, off, seen, head, size);

	if (unlikely(move))
		a->chip->violate(a->m, tail_faults[move].rule,
				 move == TAIL_OUTSIDE ? a->chip->section.tail
						      : a->chip->section.ring,
				 tail_faults[move].text);
	return move == TAIL_OUTSIDE ? -1 : (int64_t)*seen;
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

int adv_rx_room_slow(struct adv *a, struct adv_rx *r, uint32_t len)
{
	uint32_t need = len <= r->buffer ? 1 : (len + r->buffer - 1) / r->buffer;
	int64_t tail;

	if (likely(free_descriptors(r, r->seen) >= need))
		return 1;
	tail = adv_rx_watch(a, r);
	return tail >= 0 && free_descriptors(r, (uint32_t)tail) >= need;
}

const uint8_t *adv_rx_edited(struct adv *a, const uint8_t *f, uint32_t *len, uint32_t cut,
			     uint32_t crc)
{
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

/* What is written back of a part of @len bytes. Return: quadword 1; 0 into @q0, if it is written.
 */
static uint64_t write_back(const struct adv *a, const struct adv_rx *r, uint32_t len,
			   uint32_t status, const struct parsed *p, uint64_t *q0)
{
	uint64_t vlan = (uint64_t)p->tag << 48;

	if (r->legacy) { /* the error byte has the MAC's bit at a place of its own */
		uint64_t errors = (status & ~(1u << a->chip->rxe)) >> 24;

		errors = (errors & 0xe0) | (status >> a->chip->rxe & 1) << a->chip->rxe_legacy;
		return len | vlan | errors << 40 | (uint64_t)(status & 0xff) << 32;
	}
	*q0 = p->type | p->hash_type | (uint64_t)p->hash << 32;
	return status | (uint64_t)len << 32 | vlan;
}

/* @len bytes into the buffer of the descriptor at @at, and that written back. 0, -EFAULT. */
static int fill_one(struct adv *a, const struct adv_rx *r, uint64_t at, const uint8_t *f,
		    uint32_t len, uint32_t status, const struct parsed *p)
{
	le64 copy[2], *d = (le64 *)(void *)dma_at(a->dma, at, 16);
	uint64_t type, word, *q0 = r->legacy ? NULL : &type;
	uint8_t *buffer;

	if (unlikely(!d)) {
		if (desc_read(a->dma, at, copy))
			return -EFAULT;
		d = copy;
	}
	/* A driver polls this one while we look: relaxed, so that it is one access. */
	word = from_le64((le64) { __atomic_load_n(&d[1].raw, __ATOMIC_RELAXED) });
	if (!r->legacy && unlikely(word & 1))
		a->chip->violate(a->m, "rx-descriptor-dd", a->chip->section.rx_read,
				 "a descriptor was given to hardware with DD (bit 0 of quadword 1) "
				 "set");
	buffer = dma_at(a->dma, from_le64(d[0]), len);
	word = write_back(a, r, len, status, p, &type);
	if (likely(buffer && d != copy)) {
		memcpy(buffer, f, len);
		desc_put(d, q0, word);
		return 0;
	}
	if (dma_copy(a->dma, from_le64(d[0]), (void *)(uintptr_t)f, len, 1))
		return -EFAULT;
	return desc_write(a->dma, at, q0, word);
}

uint32_t adv_rx_fill(struct adv *a, struct adv_rx *r, const uint8_t *f, uint32_t len,
		     uint32_t status, const struct parsed *p)
{
	uint32_t slot = r->head, n = 0;

	while (len) {
		uint32_t part = len < r->buffer ? len : r->buffer;
		uint32_t last = part == len ? field_mask(RXD_STAT_EOP) | status : 0;

		if (fill_one(a, r, r->base + slot * 16u, f, part, field_mask(RXD_STAT_DD) | last,
			     p))
			return 0;
		f += part;
		len -= part;
		slot = slot + 1 == r->size ? 0 : slot + 1;
		n++;
	}
	r->head = slot;
	if (p->status & field_mask(RXD_STAT_L4CS) &&
	    !(p->errors & (field_mask(RXD_ERR_IPE) | field_mask(RXD_ERR_TCPE))))
		a->rx_checksums++;
	return n;
}
