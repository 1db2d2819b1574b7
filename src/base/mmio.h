/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory that a device reads and writes behind the compiler's back: device registers, descriptor
 * status words, head write-back. This is the only file with `volatile` or atomics for devices.
 *
 * The C11 acquire/release operations are exactly what DMA ordering on cache-coherent machines
 * needs (x86: plain loads and stores; arm64: ldar/stlr), and ThreadSanitizer understands them when
 * the device is a model on another thread.
 */
#ifndef BASE_MMIO_H
#define BASE_MMIO_H

#include "base/memory.h"
#include "base/types.h"

/** dma_load_acquire - read a word the device writes last; everything it wrote before is seen. */
static inline uint32_t dma_load_acquire32(const le32 *p)
{
	return from_le32((le32) { __atomic_load_n(&p->raw, __ATOMIC_ACQUIRE) });
}
static inline uint64_t dma_load_acquire64(const le64 *p)
{
	return from_le64((le64) { __atomic_load_n(&p->raw, __ATOMIC_ACQUIRE) });
}
/** dma_store_release - publish a word; everything stored before is seen first. */
static inline void dma_store_release32(le32 *p, uint32_t v)
{
	__atomic_store_n(&p->raw, to_le32(v).raw, __ATOMIC_RELEASE);
}
static inline void dma_store_release64(le64 *p, uint64_t v)
{
	__atomic_store_n(&p->raw, to_le64(v).raw, __ATOMIC_RELEASE);
}

/**
 * dma_store_bytes - a device's write to memory. A whole word in its place may be a status that the
 * driver polls: one store, and everything stored before is seen first.
 */
static inline void dma_store_bytes(void *to, const void *from, size_t n)
{
	le32 half;
	le64 word;

	if (n == sizeof(word) && (uintptr_t)to % sizeof(word) == 0) {
		memcpy(&word, from, n);
		__atomic_store_n(&((le64 *)to)->raw, word.raw, __ATOMIC_RELEASE);
	} else if (n == sizeof(half) && (uintptr_t)to % sizeof(half) == 0) {
		memcpy(&half, from, n);
		__atomic_store_n(&((le32 *)to)->raw, half.raw, __ATOMIC_RELEASE);
	} else {
		memcpy(to, from, n);
	}
}

/**
 * doorbell_ring - write a tail register that is mapped as memory. The descriptors stored before
 * must reach the device first. x86 keeps stores in order; arm64 and riscv64 order normal memory
 * against device memory only with a barrier of the outer domain. The release store is what a model
 * on another thread pairs with.
 */
static inline void doorbell_ring(void *window, uint32_t v)
{
#if defined(__aarch64__)
	__asm__ volatile("dmb oshst" ::: "memory");
#elif defined(__riscv)
	__asm__ volatile("fence w, o" ::: "memory");
#endif
	__atomic_store_n(&((le32 *)window)->raw, to_le32(v).raw, __ATOMIC_RELEASE);
}

/** mmio_read32, mmio_write32 - one access, of this width, in program order with its like. */
static inline uint32_t mmio_read32(const void *p)
{
	return from_le32((le32) { *(const volatile uint32_t *)p });
}
static inline void mmio_write32(void *p, uint32_t v)
{
	*(volatile uint32_t *)p = to_le32(v).raw;
}

#endif
