/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The only index arithmetic there is. Indices run freely through all 2^32 values; the ring's size
 * is a power of two; `used` lies behind `produced`. Unsigned wrap-around makes it all work, also
 * at 0xffffffff, and no small types are promoted to int.
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdint.h>

/** ring_used - entries between consumer and producer. */
static inline uint32_t ring_used(uint32_t produced, uint32_t consumed)
{
	return produced - consumed;
}
/** ring_room - entries that can be added; one slot stays empty, or the NIC reads full as empty. */
static inline uint32_t ring_room(uint32_t produced, uint32_t consumed, uint32_t size)
{
	return size - 1 - (produced - consumed);
}
/** ring_slot - array position of an index. */
static inline uint32_t ring_slot(uint32_t index, uint32_t size)
{
	return index & (size - 1);
}
/** ring_advance - move a free-running index forward to the array position @slot. */
static inline uint32_t ring_advance(uint32_t index, uint32_t slot, uint32_t size)
{
	return index + ((slot - index) & (size - 1));
}

#endif
