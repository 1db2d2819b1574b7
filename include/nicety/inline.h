/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The in-place path, inlined: nic_path_run compiles the driver's loop into the application, with
 * the application's handler in the middle of it. A received frame is judged, edited and bumped to
 * the wire without a function call, an array of slots or a copy.
 *
 *	static inline void swap_macs(void *arg, struct nic_slot *slot) { ... }
 *	...
 *	for (;;)
 *		nic_path_run(path, 32, swap_macs, NULL);
 *
 * This is the same code as behind nic_path_rx and nic_path_tx (the library compiles it from here);
 * both may be used on one path in turn. What nic.h says of paths, slots and threads holds. An
 * application must be compiled against the version of the library that it is linked with: struct
 * nic_rings is seen by both and may change from one version to the next.
 */
#ifndef NICETY_INLINE_H
#define NICETY_INLINE_H

#include <nicety/nic.h>
#include <string.h>

/* x86-64 has SSE2 always; ThreadSanitizer understands plain atomic loads only. A test defines
 * NIC_RINGS_PLAIN to compare both. */
#if defined(__SSE2__) && !defined(__SANITIZE_THREAD__) && !defined(NIC_RINGS_PLAIN)
#include <emmintrin.h>
#define NIC_RINGS_GROUP 4u
#ifdef __clang__
#define NIC_RINGS_UNROLL _Pragma("clang loop unroll(full)")
#else
#define NIC_RINGS_UNROLL _Pragma("GCC unroll 4")
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define NIC_PATH_OUTS   8u
#define NIC_RINGS_BATCH 32u

/* A descriptor, little endian: a buffer's address, and a word with length and status or command. */
struct nic_ring_slot {
	uint64_t addr, word;
};

/*
 * The rings of a path. Private to this header and the drivers: applications only pass it on.
 *
 * Words are seen here as a legacy receive descriptor has them (82599 7.1.5): length in bits 15:0,
 * checksum in 31:16, status from 32 with DD and EOP lowest. With split rings the device writes
 * advanced descriptors, whose second word is the same with its halves exchanged (82599 7.1.6.2).
 */
struct nic_rings {
	struct nic_ring_slot *rx; /* (device) */
	struct nic_ring_slot
		*tx[NIC_PATH_OUTS]; /* (host); tx[0] is rx, unless the rings are split */
	void **buf;                 /* (host) of each slot, for ever */
	uint32_t mask;              /* slots of every ring, a power of two, less one */
	uint32_t next;              /* the slot that is received into next */
	uint32_t seen;              /* behind the last slot of nic_path_rx */
	uint32_t end; /* behind the receiver's last slot; slot end - mask is the first not sent */
	uint32_t outs;
	uint32_t shortest, longest; /* frames that may be sent, and so longest that are received */
	uint64_t judged, good;      /* the status bits that must be so, with RX errors, EOP, DD */
	uint64_t cmd, report;       /* of every TX word; of some bursts' last */
	uint64_t null;        /* word that sends nothing; legacy, as advanced ones have none */
	uint64_t iova_offset; /* split: of the buffers */
	uint32_t error_shift; /* split: that moves the checksums' error bits to 63:62 */
	int split;            /* RX and TX rings lie apart, with advanced descriptors */
	int in_frame;         /* in the middle of a frame longer than a buffer */
	uint32_t *rx_tail, *tx_tail[NIC_PATH_OUTS]; /* doorbells; NULL: call tail */
	const uint32_t *head[NIC_PATH_OUTS]; /* (device) head write-back; NULL: call progress */
	uint32_t sent[NIC_PATH_OUTS];        /* what each output has sent */
	uint64_t *tx_bad[NIC_PATH_OUTS];
	/* Judge a slot that is not one good frame; count it. */
	void (*refuse)(struct nic_rings *r, uint64_t word);
	/* Write a tail register: output @out's, or the receiver's (@out = outs). */
	void (*tail)(struct nic_rings *r, uint32_t out, uint32_t slot);
	/* The array position behind what output @out has sent. */
	uint32_t (*progress)(struct nic_rings *r, uint32_t out);
};

#define NIC_RINGS_INLINE static inline __attribute__((always_inline, unused))
/* What is rare: even the call lies outside the loop's code (docs/hot-path.md). */
#define NIC_RINGS_COLD   static __attribute__((noinline, cold, unused))
#define NIC_RINGS_DD     ((uint64_t)1 << 32)
/* Of a word: the bits of a slot's length and flags, and the errors once error_shift has moved them.
 */
#define NIC_RINGS_SHOWN  ((uint64_t)(NIC_RX_L4_OK | NIC_RX_IP_OK | NIC_RX_OTHERS) << 32 | 0xffff)
#define NIC_RINGS_ERRORS ((uint64_t)((uint32_t)NIC_RX_L4_BAD | NIC_RX_IP_BAD) << 32)

/* ---- words, doorbells, heads ---- */

NIC_RINGS_INLINE uint64_t nic_rings_le64(uint64_t v)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap64(v);
}
NIC_RINGS_INLINE uint32_t nic_rings_le32(uint32_t v)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v : __builtin_bswap32(v);
}

/* acquire: hardware writes this word last, the frame is read after it */
NIC_RINGS_INLINE uint64_t nic_rings_load(const struct nic_ring_slot *slot, int split)
{
	uint64_t word = nic_rings_le64(__atomic_load_n(&slot->word, __ATOMIC_ACQUIRE));

	return split ? word >> 32 | word << 32 : word;
}

NIC_RINGS_COLD void nic_rings_tail_register(struct nic_rings *r, uint32_t out, uint32_t slot)
{
	r->tail(r, out, slot);
}
NIC_RINGS_COLD uint32_t nic_rings_ask_progress(struct nic_rings *r, uint32_t out)
{
	return r->progress(r, out);
}
NIC_RINGS_COLD void nic_rings_bad_slot(struct nic_rings *r, uint64_t word)
{
	r->refuse(r, word);
}

/* Descriptors reach the device before the tail that covers them: base/mmio.h, doorbell_ring. */
NIC_RINGS_INLINE void nic_rings_tail(struct nic_rings *r, uint32_t *doorbell, uint32_t out,
				     uint32_t index)
{
	uint32_t slot = index & r->mask;

	if (__builtin_expect(!doorbell, 0)) {
		nic_rings_tail_register(r, out, slot);
		return;
	}
#if defined(__aarch64__)
	__asm__ volatile("dmb oshst" ::: "memory");
#elif defined(__riscv)
	__asm__ volatile("fence w, o" ::: "memory");
#endif
	__atomic_store_n(doorbell, nic_rings_le32(slot), __ATOMIC_RELEASE);
}

/* What the slot in nic.h says of a received word. */
NIC_RINGS_INLINE uint32_t nic_rings_flags(uint64_t word, uint32_t error_shift)
{
	return (uint32_t)(((word & NIC_RINGS_SHOWN) | (word << error_shift & NIC_RINGS_ERRORS)) >>
			  32);
}

/*
 * What the loops need of the rings, by value: they store through pointers, after which the
 * compiler would have to read every field of a struct in memory again.
 */
struct nic_rings_view {
	struct nic_ring_slot *rx, *tx;
	void **buf;
	uint64_t judged, good, cmd, null, iova_offset;
	uint32_t mask, shortest, range, longest, error_shift;
};

NIC_RINGS_INLINE struct nic_rings_view nic_rings_look(const struct nic_rings *r, int split)
{
	struct nic_rings_view v;

	v.rx = r->rx;
	v.tx = r->tx[0];
	v.buf = r->buf;
	v.judged = r->judged;
	v.good = r->good;
	v.cmd = r->cmd;
	v.null = r->null;
	v.iova_offset = r->iova_offset;
	v.mask = r->mask;
	v.shortest = r->shortest;
	v.longest = r->longest;
	v.range = r->longest - r->shortest;
	v.error_shift = split ? r->error_shift : 16; /* known to the compiler */
	return v;
}

/* ---- judging ---- */

NIC_RINGS_INLINE int nic_rings_good(const struct nic_rings *r, const struct nic_rings_view *v,
				    uint64_t word)
{
	return ((word ^ v->good) & v->judged) == 0 && !r->in_frame &&
	       (uint16_t)word - 1u < v->longest;
}

NIC_RINGS_INLINE int nic_rings_sendable(const struct nic_rings_view *v, uint32_t len)
{
	return __builtin_expect((len - v->shortest <= v->range), 1) != 0;
}

#ifdef NIC_RINGS_GROUP
/*
 * Are four slots one good, sendable frame each? Sixteen bytes are read at once, so with a slot's DD
 * bit comes what was written before it. The words are left in @words: a device that changes them
 * later changes nothing; in @lens what is left of good ones without the rest: length and v->good.
 */
NIC_RINGS_INLINE int nic_rings_judge(const struct nic_rings_view *v, const struct nic_ring_slot *s,
				     __m128i words[2], __m128i lens[2], int split)
{
	/* 16-bit lanes: length less the shortest; status less how it must be; then what is left
	 * above the length's range and above no status at all */
	const __m128i mask = _mm_set1_epi64x((long long)(v->judged | 0xffff));
	const __m128i less = _mm_set1_epi64x((long long)(v->good | v->shortest));
	const __m128i most = _mm_set1_epi64x((long long)v->range);
	__m128i left[2];

	words[0] = _mm_unpackhi_epi64(_mm_load_si128((const __m128i *)(const void *)s),
				      _mm_load_si128((const __m128i *)(const void *)(s + 1)));
	words[1] = _mm_unpackhi_epi64(_mm_load_si128((const __m128i *)(const void *)(s + 2)),
				      _mm_load_si128((const __m128i *)(const void *)(s + 3)));
	__asm__ volatile("" ::: "memory"); /* the frames are read after the descriptors */
	for (int i = 0; i < 2; i++) {
		if (split)
			words[i] = _mm_shuffle_epi32(words[i], 0xb1);
		lens[i] = _mm_and_si128(words[i], mask);
		left[i] = _mm_subs_epu16(_mm_sub_epi16(lens[i], less), most);
	}
	left[0] = _mm_cmpeq_epi8(_mm_or_si128(left[0], left[1]), _mm_setzero_si128());
	return __builtin_expect(_mm_movemask_epi8(left[0]) == 0xffff, 1) != 0;
}
#endif

/* ---- sending ---- */

NIC_RINGS_INLINE uint32_t nic_rings_least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Slots that the receiver owns from next on, at most @n. */
NIC_RINGS_INLINE uint32_t nic_rings_owned(const struct nic_rings *r, uint32_t n)
{
	return nic_rings_least(n, r->end - r->next);
}

/* How many of @n slots hold something: none, one (then @word is its), or more? One that comes alone
 * is served without the preparations for many. */
NIC_RINGS_INLINE uint32_t nic_rings_there(const struct nic_rings *r, uint32_t n, uint64_t *word,
					  int split)
{
	const uint32_t mask = r->mask, next = r->next;

	n = nic_rings_owned(r, n);
	if (!n)
		return 0;
	*word = nic_rings_load(&r->rx[next & mask], split);
	if (!(*word & NIC_RINGS_DD))
		return 0;
	if (n == 1)
		return 1;
	return nic_rings_load(&r->rx[(next + 1) & mask], split) & NIC_RINGS_DD ? 2 : 1;
}

/* The TX word of slot @i for the first output: @len bytes; 0 sends nothing. @report: 0, or what
 * nic_rings_report says. */
NIC_RINGS_INLINE void nic_rings_put_word(const struct nic_rings_view *v, size_t i, uint32_t len,
					 uint64_t report, int split)
{
	uint64_t word = len | v->cmd;

	if (split) /* PAYLEN from bit 46: 82599 7.2.3.2.4 */
		word = len ? word | (uint64_t)len << 46 : v->null;
	v->tx[i].word = nic_rings_le64(word | report);
}

/* Slot @i of a receive ring of its own for the next frame: write-back destroyed the address, and DD
 * must go. */
NIC_RINGS_INLINE void nic_rings_renew(const struct nic_rings_view *v, size_t i)
{
	v->rx[i].addr = nic_rings_le64((uint64_t)(uintptr_t)v->buf[i] + v->iova_offset);
	v->rx[i].word = 0;
}

/* Hand slot @i to the first output with @len bytes. */
NIC_RINGS_INLINE void nic_rings_put(const struct nic_rings_view *v, size_t i, uint32_t len,
				    uint64_t report, int split)
{
	nic_rings_put_word(v, i, len, report, split);
	if (split)
		nic_rings_renew(v, i);
}

#ifdef NIC_RINGS_GROUP
/* Hand four slots to the first output: @lens with @turned, by exclusive or, are length and command.
 */
NIC_RINGS_INLINE void nic_rings_put_four(const struct nic_rings_view *v, size_t i,
					 const __m128i lens[2], __m128i turned, int split)
{
	for (size_t j = 0; j < 2; j++) {
		struct nic_ring_slot *to = v->tx + i + 2 * j;
		__m128i words = _mm_xor_si128(lens[j], turned);

		if (split)
			words = _mm_or_si128(words, _mm_slli_epi64(lens[j], 46));
		_mm_storel_pd((double *)(void *)&to[0].word, _mm_castsi128_pd(words));
		_mm_storeh_pd((double *)(void *)&to[1].word, _mm_castsi128_pd(words));
	}
	for (size_t j = i; split && j < i + 4; j++)
		nic_rings_renew(v, j);
}
#endif

/* A length that the hardware must not be given: nothing is sent. */
NIC_RINGS_COLD uint32_t nic_rings_refuse(struct nic_rings *r, uint32_t len, uint32_t out)
{
	if (len && out < r->outs)
		++*r->tx_bad[out];
	return 0;
}

/* ---- flushing: all in one place, once a burst ---- */

/* What output @k has sent. */
NIC_RINGS_INLINE void nic_rings_look_sent(struct nic_rings *r, uint32_t k)
{
	/* acquire: the device has read the frames before it wrote that it is past them */
	uint32_t head = __builtin_expect(r->head[k] != NULL, 1)
				? nic_rings_le32(__atomic_load_n(r->head[k], __ATOMIC_ACQUIRE))
				: nic_rings_ask_progress(r, k);
	uint32_t sent = r->sent[k] + ((head - r->sent[k]) & r->mask);

	/* else the device talks nonsense: believe nothing */
	if (__builtin_expect(head <= r->mask && r->next - sent <= r->next - r->sent[k], 1))
		r->sent[k] = sent;
}

/* What the word before slot @next must ask for, if that is sent next: a report in each batch, not
 * in each burst, since it costs the device and the bus. */
NIC_RINGS_INLINE uint64_t nic_rings_report(const struct nic_rings *r, uint32_t next)
{
	return (next ^ r->next) & -NIC_RINGS_BATCH ? r->report : 0;
}

/* Everything before @next was put, and that is something: tell the @outs outputs. */
NIC_RINGS_INLINE void nic_rings_publish(struct nic_rings *r, uint32_t next, uint32_t outs)
{
	uint32_t k;

	for (k = 0; k < outs; k++)
		nic_rings_tail(r, r->tx_tail[k], k, next);
	r->next = next;
}

/* The same, and the last word does not ask for its report yet. */
NIC_RINGS_INLINE void nic_rings_publish_many(struct nic_rings *r, uint32_t next, uint32_t outs)
{
	uint64_t report = nic_rings_le64(nic_rings_report(r, next));
	uint32_t k;

	for (k = 0; k < outs; k++)
		r->tx[k][(next - 1) & r->mask].word |= report;
	nic_rings_publish(r, next, outs);
}

/* Is there a batch between the receiver's slots and what was sent? */
NIC_RINGS_INLINE int nic_rings_reclaims(const struct nic_rings *r)
{
	return r->next + r->mask - r->end >= NIC_RINGS_BATCH;
}

/* Give the receiver back what all @outs outputs have sent, in batches for the same reason. */
NIC_RINGS_INLINE void nic_rings_reclaim(struct nic_rings *r, uint32_t outs)
{
	uint32_t next = r->next, old = r->end, waiting = 0, k;

	if (!nic_rings_reclaims(r))
		return;
	for (k = 0; k < outs; k++) {
		nic_rings_look_sent(r, k);
		if (next - r->sent[k] > waiting)
			waiting = next - r->sent[k]; /* of the slowest output */
	}
	/* one slot stays out of hardware's hands: tail = head would mean none */
	r->end = next - waiting + r->mask;
	if (r->end != old)
		nic_rings_tail(r, r->rx_tail, r->outs, r->end);
}

/* ---- the loop with a handler in it ---- */

typedef void (*nic_path_handler)(void *arg, struct nic_slot *slot);

/* One good frame with its word: show it to the handler. Return: the length to send, 0: nothing. */
NIC_RINGS_INLINE uint32_t nic_rings_serve(const struct nic_rings_view *v, size_t i, uint64_t word,
					  nic_path_handler handle, void *arg)
{
	struct nic_slot slot;

	slot.data = v->buf[i];
	slot.len = (uint16_t)word;
	slot.out = 0;
	slot.flags = nic_rings_flags(word, v->error_shift);
	handle(arg, &slot);
	return slot.out ? 0 : slot.len;
}

/* Slot @i, which holds something: judge it, show it to the handler, send what the handler says. */
NIC_RINGS_INLINE void nic_rings_run_one(struct nic_rings *r, const struct nic_rings_view *v,
					uint32_t i, uint64_t word, nic_path_handler handle,
					void *arg, uint64_t report, int split)
{
	uint32_t len = 0;

	if (nic_rings_good(r, v, word)) {
		len = nic_rings_serve(v, i, word, handle, arg);
		if (!nic_rings_sendable(v, len))
			len = nic_rings_refuse(r, len, 0);
	} else {
		nic_rings_bad_slot(r, word);
	}
	nic_rings_put(v, i, len, report, split);
}

/* Slots one by one, at most @n, until there is none. Return: the slot behind them. */
NIC_RINGS_INLINE uint32_t nic_rings_run_few(struct nic_rings *r, const struct nic_rings_view *v,
					    uint32_t next, uint32_t n, nic_path_handler handle,
					    void *arg, int split)
{
	for (; n; n--, next++) {
		uint32_t i = next & v->mask;
		uint64_t word = nic_rings_load(v->rx + i, split);

		if (!(word & NIC_RINGS_DD))
			break;
		nic_rings_run_one(r, v, i, word, handle, arg, 0, split);
	}
	return next;
}

#ifdef NIC_RINGS_GROUP
/* The same, four at a time as long as four good ones come in a row. */
NIC_RINGS_INLINE uint32_t nic_rings_run_groups(struct nic_rings *r, const struct nic_rings_view *v,
					       uint32_t next, uint32_t n, nic_path_handler handle,
					       void *arg, int split)
{
	const __m128i turned = _mm_set1_epi64x((long long)(v->good ^ v->cmd));
	uint32_t i = next & v->mask, groups = nic_rings_least(n, v->mask + 1 - i) / 4,
		 left = groups;

	for (; left; left--, i += 4) {
		__m128i pairs[2], lens[2];
		uint64_t words[4];

		if (!nic_rings_judge(v, v->rx + i, pairs, lens, split))
			break;
		/* as if the handler left all lengths alone, then what it changed */
		nic_rings_put_four(v, i, lens, turned, split);
		_mm_storeu_si128((__m128i *)(void *)&words[0], pairs[0]);
		_mm_storeu_si128((__m128i *)(void *)&words[2], pairs[1]);
		/* the handler is inlined here once, then the compiler makes four of it */
		NIC_RINGS_UNROLL
		for (uint32_t k = 0; k < 4; k++) {
			size_t slot = (size_t)i + k;
			uint32_t len = nic_rings_serve(v, slot, words[k], handle, arg);

			if (len == (uint16_t)words[k])
				continue;
			if (!nic_rings_sendable(v, len))
				len = nic_rings_refuse(r, len, 0);
			nic_rings_put_word(v, slot, len, 0, split);
		}
	}
	return next + 4 * (groups - left);
}
#endif

/* Up to @n slots: by groups, and one by one what no group took, and the ring's end. */
NIC_RINGS_INLINE uint32_t nic_rings_run_many(struct nic_rings *r, const struct nic_rings_view *v,
					     uint32_t n, nic_path_handler handle, void *arg,
					     int split)
{
	uint32_t next = r->next, end = next + n;

#ifdef NIC_RINGS_GROUP
	while (end - next >= 4) {
		uint32_t before;

		if (!r->in_frame)
			next = nic_rings_run_groups(r, v, next, end - next, handle, arg, split);
		before = next;
		next = nic_rings_run_few(r, v, next, nic_rings_least(end - next, 4), handle, arg,
					 split);
		if (next - before < 4)
			return next;
	}
#endif
	return nic_rings_run_few(r, v, next, end - next, handle, arg, split);
}

NIC_RINGS_INLINE uint32_t nic_rings_run(struct nic_rings *r, uint32_t n, nic_path_handler handle,
					void *arg, int split)
{
	const uint32_t first = r->next;
	uint64_t word = 0;
	uint32_t there = nic_rings_there(r, n, &word, split);

	if (there) {
		/* not before: a poll that finds nothing needs none of it */
		const struct nic_rings_view v = nic_rings_look(r, split);

		if (there > 1) {
			n = nic_rings_owned(r, n);
			there = nic_rings_run_many(r, &v, n, handle, arg, split) - first;
			nic_rings_publish_many(r, first + there, 1);
		} else {
			uint64_t report = nic_rings_report(r, first + 1);

			nic_rings_run_one(r, &v, first & v.mask, word, handle, arg, report, split);
			nic_rings_publish(r, first + 1, 1);
		}
	}
	nic_rings_reclaim(r, 1);
	return there;
}

/* Paths with several outputs, and drivers whose paths have no such rings. */
static __attribute__((noinline, unused)) unsigned
nic_path_run_slots(struct nic_path *path, unsigned n, nic_path_handler handle, void *arg)
{
	struct nic_slot slots[64];
	unsigned got = nic_path_rx(path, slots, n < 64 ? n : 64), i;

	for (i = 0; i < got; i++)
		if (slots[i].len)
			handle(arg, &slots[i]);
	nic_path_tx(path, slots, got);
	return got;
}

/**
 * nic_path_run - one round of a path: every received frame, at most @n, through @handle and out.
 * @handle: gets a good frame in a slot, may edit the bytes and set .len (0 drops it) and .out, as
 * before nic_path_tx. Make it static inline and pass it by name, so that it is inlined. @arg: is
 * passed to it.
 *
 * With one output the loop is inlined; with several, the handler is called for each slot between
 * nic_path_rx and nic_path_tx. Never blocks. Call it again and again: it is also what gives sent
 * slots back to the receiver. Return: the number of slots received; bad ones count, but no handler
 * sees them.
 */
NIC_RINGS_INLINE unsigned nic_path_run(struct nic_path *path, unsigned n, nic_path_handler handle,
				       void *arg)
{
	struct nic_rings *r = path->rings;

	if (!r || r->outs != 1)
		return nic_path_run_slots(path, n, handle, arg);
	if (__builtin_expect(path->pump != NULL, 0))
		path->pump(path);
	return r->split ? nic_rings_run(r, n, handle, arg, 1) : nic_rings_run(r, n, handle, arg, 0);
}

/* ---- the same in two halves, for nic_path_rx and nic_path_tx ---- */

#ifdef NIC_RINGS_GROUP
/* Four judged words as slots: buffer; length, no output, flags as in nic_rings_flags. */
NIC_RINGS_INLINE void nic_rings_show(struct nic_slot *slots, void *const *buf,
				     const __m128i words[2], uint32_t error_shift)
{
	const __m128i low = _mm_set1_epi64x((long long)NIC_RINGS_SHOWN);
	const __m128i high = _mm_set1_epi64x((long long)NIC_RINGS_ERRORS);

	for (int k = 0; k < 2; k++) {
		__m128i *out = (__m128i *)(void *)(slots + 2 * k);
		__m128i bad = _mm_sll_epi64(words[k], _mm_cvtsi32_si128((int)error_shift));
		__m128i what = _mm_or_si128(_mm_and_si128(words[k], low), _mm_and_si128(bad, high));
		__m128i data = _mm_loadu_si128((const __m128i *)(const void *)(buf + 2 * k));

		_mm_storeu_si128(out, _mm_unpacklo_epi64(data, what));
		_mm_storeu_si128(out + 1, _mm_unpackhi_epi64(data, what));
	}
}

/* Four slots to output @k; 0 and no effect: not all are for it and of a length that can be sent. */
NIC_RINGS_INLINE int nic_rings_put_group(const struct nic_rings_view *v, uint32_t i,
					 const struct nic_slot *slots, uint32_t k, int split)
{
	const __m128i *in = (const __m128i *)(const void *)slots;
	const __m128i low = _mm_set1_epi64x(UINT32_MAX), out = _mm_set1_epi64x((long long)k << 16);
	const __m128i less = _mm_set1_epi64x(v->shortest), most = _mm_set1_epi64x(v->range);
	const __m128i cmd = _mm_set1_epi64x((long long)v->cmd);
	__m128i words[2], left = _mm_setzero_si128();

	for (int j = 0; j < 2; j++) {
		/* length and output of two slots; 0 in the output's place if it is ours */
		words[j] = _mm_unpackhi_epi64(_mm_loadu_si128(in + 2 * j),
					      _mm_loadu_si128(in + 2 * j + 1));
		words[j] = _mm_xor_si128(_mm_and_si128(words[j], low), out);
		left = _mm_or_si128(left, _mm_subs_epu16(_mm_sub_epi16(words[j], less), most));
	}
	if (_mm_movemask_epi8(_mm_cmpeq_epi8(left, _mm_setzero_si128())) != 0xffff)
		return 0;
	nic_rings_put_four(v, i, words, cmd, split);
	return 1;
}
#endif

/*
 * A slot for a received word. Written in two halves of eight bytes, since nic_path_tx may read it
 * before it has left the store buffer.
 */
NIC_RINGS_INLINE void nic_rings_show_one(const struct nic_rings_view *v, struct nic_slot *slot,
					 uint32_t i, uint64_t word)
{
	/* length and flags: the word's bits stand where the slot's do */
	uint64_t half = (word & NIC_RINGS_SHOWN) | (word << v->error_shift & NIC_RINGS_ERRORS);

	slot->data = v->buf[i];
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		half = half << 48 | half >> 32;
	memcpy(&slot->len, &half, sizeof(half)); /* and .out, .flags */
}

/* Up to @n slots one by one, until there is none; a bad one gets the length 0. Return: how many. */
NIC_RINGS_INLINE uint32_t nic_rings_rx_few(struct nic_rings *r, const struct nic_rings_view *v,
					   uint32_t next, struct nic_slot *slots, uint32_t n,
					   int split)
{
	uint32_t k;

	for (k = 0; k < n; k++, next++, slots++) {
		uint32_t i = next & v->mask;
		uint64_t word = nic_rings_load(v->rx + i, split);

		if (!(word & NIC_RINGS_DD))
			break;
		nic_rings_show_one(v, slots, i, word);
		if (!nic_rings_good(r, v, word)) {
			nic_rings_bad_slot(r, word);
			slots->len = 0;
		}
	}
	return k;
}

NIC_RINGS_INLINE uint32_t nic_rings_rx_many(struct nic_rings *r, struct nic_slot *slots, uint32_t n,
					    int split)
{
	const struct nic_rings_view v = nic_rings_look(r, split);
	const uint32_t first = r->next;
	uint32_t k = 0;

#ifdef NIC_RINGS_GROUP
	while (n - k >= 4) {
		uint32_t i = (first + k) & v.mask, few;
		const struct nic_ring_slot *s = v.rx + i, *begin = s;
		const struct nic_ring_slot *end =
			s + (nic_rings_least(n - k, v.mask + 1 - i) & ~3u);
		struct nic_slot *out = slots + k;
		void *const *buf = v.buf + i;

		for (end = r->in_frame ? s : end; s != end; s += 4, buf += 4, out += 4) {
			__m128i words[2], lens[2];

			if (!nic_rings_judge(&v, s, words, lens, split))
				break;
			nic_rings_show(out, buf, words, v.error_shift);
		}
		k += (uint32_t)(s - begin);
		/* what no group took, and the ring's end */
		few = nic_rings_least(n - k, 4);
		few = nic_rings_rx_few(r, &v, first + k, slots + k, few, split);
		k += few;
		if (few < 4)
			goto done;
	}
#endif
	k += nic_rings_rx_few(r, &v, first + k, slots + k, n - k, split);
#ifdef NIC_RINGS_GROUP
done:
#endif
	r->seen = first + k;
	return k;
}

/*
 * A good one that comes alone, its word as nic_rings_there gave it; 0 and no effect: it is bad.
 * Nothing is called here, and in nic_rings_tx_one: who calls nothing saves no registers.
 */
NIC_RINGS_INLINE int nic_rings_rx_one(struct nic_rings *r, struct nic_slot *slot, uint64_t word,
				      int split)
{
	const struct nic_rings_view v = nic_rings_look(r, split);
	const uint32_t next = r->next;

	if (__builtin_expect(!nic_rings_good(r, &v, word), 0))
		return 0;
	nic_rings_show_one(&v, slot, next & v.mask, word);
	r->seen = next + 1;
	return 1;
}

/* Length in the lower, output in the upper half: for both in one comparison. */
NIC_RINGS_INLINE uint32_t nic_rings_len_out(const struct nic_slot *slot)
{
	return slot->len | (uint32_t)slot->out << 16;
}

/* The slots of output @k; those of others are sent empty there. */
NIC_RINGS_INLINE void nic_rings_send(struct nic_rings *r, const struct nic_rings_view *v,
				     const struct nic_slot *slots, uint32_t k, int split)
{
	for (uint32_t next = r->next; next != r->seen;) {
		uint32_t i = next & v->mask, row = nic_rings_least(r->seen - next, v->mask + 1 - i);
		uint32_t end = i + row;

		next += row;
#ifdef NIC_RINGS_GROUP
		for (; end - i >= 4 && nic_rings_put_group(v, i, slots, k, split); i += 4)
			slots += 4;
#endif
		for (; i != end; i++, slots++) {
			uint32_t len = nic_rings_len_out(slots) ^ k << 16;

			if (!nic_rings_sendable(v, len))
				len = nic_rings_refuse(r, len > UINT16_MAX ? 0 : len, k);
			nic_rings_put(v, i, len, 0, split);
		}
	}
}

/* Any number of slots, for any number of outputs. */
NIC_RINGS_INLINE void nic_rings_tx_many(struct nic_rings *r, const struct nic_slot *slots,
					int split)
{
	struct nic_rings_view v = nic_rings_look(r, split);

	if (__builtin_expect(r->outs == 1, 1)) {
		nic_rings_send(r, &v, slots, 0, split);
		nic_rings_publish_many(r, r->seen, 1);
		nic_rings_reclaim(r, 1);
		return;
	}
	for (uint32_t k = 0; k < r->outs; k++) {
		v.tx = r->tx[k];
		nic_rings_send(r, &v, slots, k, split);
	}
	if (r->seen != r->next)
		nic_rings_publish_many(r, r->seen, r->outs);
	nic_rings_reclaim(r, r->outs);
}

/* One slot, for one output, all but reclaiming; 0 and no effect: it is not sent, or its tail needs
 * a call. */
NIC_RINGS_INLINE int nic_rings_tx_one(struct nic_rings *r, const struct nic_slot *slot, int split)
{
	const struct nic_rings_view v = nic_rings_look(r, split);
	const uint32_t next = r->next;
	uint32_t *tail = r->tx_tail[0], len = slot->len;

	/* asked one by one: each may just have been written, alone or with the others */
	if (__builtin_expect(!nic_rings_sendable(&v, len) || slot->out || !tail, 0))
		return 0;
	nic_rings_put(&v, next & v.mask, len, nic_rings_report(r, next + 1), split);
	nic_rings_tail(r, tail, 0, next + 1);
	r->next = next + 1;
	return 1;
}

#ifdef __cplusplus
}
#endif
#endif
