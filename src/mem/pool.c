/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Packet buffers. The owner takes from and gives to a stack of addresses: the buffer freed last
 * is the warmest in the cache. Other threads push onto a lock-free list that the owner takes over
 * whole when the stack runs low: taking everything at once has no ABA problem, and any number of
 * threads may return buffers without registering (docs/adr/0002).
 */
#include <stdlib.h>
#include <string.h>

#include "base/errno.h"
#include "base/log.h"
#include "mem/region.h"

static uint32_t slots_per_region(const struct nic_pool *pool)
{
	return (uint32_t)(REGION_SIZE >> pool->shift) - 1; /* slot 0 holds the header */
}

static void *slot_data(const struct nic_pool *pool, struct mem_region *r, uint32_t slot)
{
	return pool_home(pool->shift, (char *)r + ((size_t)(slot + 1) << pool->shift));
}

/* Let the range of the pool's own addresses take in a region, if it is the neighbour. */
static void extend_span(struct nic_pool *pool, const struct mem_region *r)
{
	if (pool->span && (uintptr_t)r == pool->start + pool->span) {
		pool->span += REGION_SIZE;
	} else if (!pool->span || (uintptr_t)r + REGION_SIZE == pool->start) {
		pool->start = (uintptr_t)r;
		pool->span += REGION_SIZE;
	}
}

/* Add up to @n buffers out of one region, new or half used. Return: how many. */
static uint32_t grow_once(struct nic_pool *pool, uint32_t n)
{
	struct mem_region *r = pool->regions;
	uint32_t room;

	if (!r || r->slots == slots_per_region(pool)) {
		r = mem_region_new(pool->mem);
		if (!r)
			return 0;
		r->pool = pool;
		r->next = pool->regions;
		pool->regions = r;
		extend_span(pool, r);
	}
	room = slots_per_region(pool) - r->slots;
	if (n > room)
		n = room;
	for (uint32_t i = 0; i < n; i++)
		pool->stack[pool->n++] = slot_data(pool, r, r->slots + i);
	r->slots += n;
	pool->count += n;
	return n;
}

static int grow(struct nic_pool *pool, uint32_t count)
{
	void **stack = realloc(pool->stack, count * sizeof(*stack));

	if (!stack)
		return -ENOMEM;
	pool->stack = stack;
	while (pool->count < count)
		if (!grow_once(pool, count - pool->count)) {
			log_error("no memory for %u buffers of %u bytes: %u made", count,
				  pool->size, pool->count);
			return -ENOMEM;
		}
	return 0;
}

/* Drop regions none of whose buffers is out, as long as @count buffers remain. */
static void shrink(struct nic_pool *pool, uint32_t count)
{
	struct mem_region **link = &pool->regions, *r;
	uint32_t kept = 0;

	for (r = pool->regions; r; r = r->next)
		r->idle = 0;
	for (uint32_t i = 0; i < pool->n; i++)
		mem_region(pool->stack[i])->idle++;
	for (r = pool->regions; r; r = r->next) /* idle: 1 = goes, 0 = stays */
		if (r->idle == r->slots && pool->count - r->slots >= count) {
			pool->count -= r->slots;
			r->idle = 1;
		} else {
			r->idle = 0;
		}
	for (uint32_t i = 0; i < pool->n; i++)
		if (!mem_region(pool->stack[i])->idle)
			pool->stack[kept++] = pool->stack[i];
	pool->n = kept;
	pool->span = 0;
	while ((r = *link))
		if (r->idle) {
			*link = r->next;
			mem_region_del(pool->mem, r);
		} else {
			extend_span(pool, r);
			link = &r->next;
		}
}

static void pool_destroy(struct nic_pool *pool)
{
	struct mem_region *r;

	while ((r = pool->regions)) {
		pool->regions = r->next;
		mem_region_del(pool->mem, r);
	}
	free(pool->stack);
	free(pool);
}

int nic_pool_new(struct nic_pool **out, struct nic_mem *mem, unsigned count, size_t size)
{
	struct nic_pool *pool;
	int err;

	if (!mem || !count || count > 1u << 24 || size < 1024 || size > 16384 ||
	    (size & (size - 1))) {
		log_error("a pool of %u buffers of %zu bytes: want 1 to 16777216 buffers of 1024, "
			  "2048, 4096, 8192 or 16384 bytes",
			  count, size);
		return -EINVAL;
	}
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return -ENOMEM;
	pool->mem = mem;
	pool->size = (uint32_t)size;
	while ((size_t)1 << pool->shift < size + POOL_HEADROOM + POOL_COLOURS * 64)
		pool->shift++;
	err = grow(pool, count);
	if (err) {
		pool_destroy(pool);
		return err;
	}
	*out = pool;
	return 0;
}

int nic_pool_del(struct nic_pool *pool)
{
	if (!pool)
		return 0;
	if (pool_collect(pool) != pool->count) {
		log_error("pool of %u buffers: %u are still out; send or free them first",
			  pool->count, pool->count - pool->n);
		return -EBUSY;
	}
	pool_destroy(pool);
	return 0;
}

int nic_pool_resize(struct nic_pool *pool, unsigned count)
{
	int err = 0;

	if (!count || count > 1u << 24)
		return -EINVAL;
	pool_collect(pool);
	if (count > pool->count)
		err = grow(pool, count);
	else
		shrink(pool, count);
	return err ? err : (int)pool->count;
}

unsigned nic_pool_free(struct nic_pool *pool)
{
	return pool_collect(pool);
}

unsigned nic_pool_count(const struct nic_pool *pool)
{
	return pool->count;
}

uint32_t pool_collect(struct nic_pool *pool)
{
	void *p, *next;

	/* acquire: what the other thread wrote into the link is seen */
	if (!__atomic_load_n(&pool->returned, __ATOMIC_RELAXED))
		return pool->n;
	for (p = __atomic_exchange_n(&pool->returned, NULL, __ATOMIC_ACQUIRE); p; p = next) {
		memcpy(&next, p, sizeof(next));
		pool->stack[pool->n++] = p;
	}
	return pool->n;
}

/* Push the chain first..last, linked through the buffers' first bytes. */
static void push(struct nic_pool *pool, void *first, void *last)
{
	void *old = __atomic_load_n(&pool->returned, __ATOMIC_RELAXED);

	do
		memcpy(last, &old, sizeof(old));
	while (!__atomic_compare_exchange_n(&pool->returned, &old, first, 1, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
}

void pool_return(void *const *data, unsigned n)
{
	struct nic_pool *pool = NULL;
	void *first = NULL, *last = NULL;

	for (unsigned i = 0; i < n; i++) {
		struct nic_pool *owner;
		void *p;

		if (!data[i])
			continue;
		owner = mem_region(data[i])->pool;
		p = pool_home(owner->shift, data[i]);
		if (owner != pool) {
			if (pool)
				push(pool, first, last);
			pool = owner;
			last = p;
		} else {
			memcpy(p, &first, sizeof(first));
		}
		first = p;
	}
	if (pool)
		push(pool, first, last);
}

unsigned nic_alloc(struct nic_pool *pool, struct nic_pkt *pkts, unsigned n)
{
	if (pool->n < n && pool_collect(pool) < n)
		n = pool->n;
	for (unsigned i = 0; i < n; i++)
		pkts[i] = (struct nic_pkt) { .data = pool->stack[--pool->n],
					     .len = (uint16_t)pool->size };
	return n;
}

void nic_free(const struct nic_pkt *pkts, unsigned n)
{
	void *data[64];

	while (n) {
		unsigned k = n < ARRAY_SIZE(data) ? n : (unsigned)ARRAY_SIZE(data);

		for (unsigned i = 0; i < k; i++)
			data[i] = pkts[i].data;
		pool_return(data, k);
		pkts += k;
		n -= k;
	}
}
