/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One queue of an Intel NIC with advanced descriptors (ixgbe, igb, igc): its rings, and the packet
 * path on them. The drivers of the chips allocate queues, switch them on and off, and know the
 * registers; nothing here reads or writes a register but the tail.
 */
#ifndef DRIVERS_INTEL_RING_H
#define DRIVERS_INTEL_RING_H

#include "drivers/driver.h"
#include "regs/intel_desc.h"

#define INTEL_BATCH     32 /* buffers are taken and given back in batches of this many */
/* Interpretation(missing), README.md: the shortest frame that may be given to the hardware. */
#define INTEL_MIN_FRAME 17u

struct intel_path;

struct intel_rxq {
	struct nic_rxq q;          /* must be first */
	union intel_rx_desc *ring; /* driver fills the read format, device writes back over it */
	void **buf;     /* (host) buffer posted in each slot; write-back destroys it there */
	void *doorbell; /* window on the tail register, NULL: through bar_write */
	struct nic_pool *pool;
	uint64_t iova_offset; /* IOVA = address + this */
	uint32_t size;
	uint32_t next; /* the descriptor that is received into next */
	uint32_t fill; /* the first descriptor without a buffer; hardware owns [next, fill) */
	uint32_t tail_reg;
	uint32_t index;
	int gigabit; /* errors lie where igb has them: intel_gigabit */
	struct nic *nic;
	struct intel_path *path; /* the in-place path that has taken the queue */
	uint64_t bad, too_long, no_buffer;
};

struct intel_txq {
	struct nic_txq q;          /* must be first */
	union intel_tx_desc *ring; /* (host) */
	void **buf;                /* (host) buffer of each slot, NULL: context descriptor */
	le32 *head;                /* (device) head write-back: everything before it is sent */
	void *doorbell;            /* window on the tail register, NULL: through bar_write */
	struct nic_pool *pool;     /* its buffers go straight back; an empty pool: none do */
	uint64_t iova_offset;
	uint32_t size;
	uint32_t tail;      /* the next descriptor to fill */
	uint32_t clean;     /* the oldest whose buffer was not given back */
	uint32_t look;      /* the tail from which on to look what was sent */
	uint32_t max_frame; /* without CRC and VLAN tag */
	uint32_t tail_reg;
	uint32_t index;
	uint32_t context_slot; /* of the chip: 0, or one of its own where all queues share them */
	uint32_t context[3];   /* what it holds: dwords 0, 2, 3 */
	struct nic *nic;
	struct intel_path *path;
	uint64_t bad;
};

/* queue.c: memory of a queue; the device is off */
/** intel_rxq_new, intel_txq_new - queue @index of @nic with its rings. 0 or -ENOMEM. */
int intel_rxq_new(struct intel_rxq *q, struct nic *nic, unsigned index, uint32_t tail_reg);
int intel_txq_new(struct intel_txq *q, struct nic *nic, unsigned index, uint32_t tail_reg,
		  uint32_t max_frame);
/** intel_rxq_del - also of a queue that was never made; its buffers go back to their pools. */
void intel_rxq_del(struct intel_rxq *q);
void intel_txq_del(struct intel_txq *q);
/** intel_rxq_begin - the queue was just enabled in the device: doorbell, first buffers. */
void intel_rxq_begin(struct intel_rxq *q);
/** intel_txq_begin - the queue will be enabled in the device: doorbell, empty ring. */
void intel_txq_begin(struct intel_txq *q);
/** intel_rxq_end - the queue was disabled: no descriptor or buffer is written any more. */
void intel_rxq_end(struct intel_rxq *q);
void intel_txq_end(struct intel_txq *q);
/** intel_rxq_ring, intel_txq_ring - what the device shall use: the queue's own, or the path's. */
const union intel_rx_desc *intel_rxq_ring(const struct intel_rxq *q);
const union intel_tx_desc *intel_txq_ring(const struct intel_txq *q);
/** intel_rx_waiting - is a received frame there that nobody has taken? */
int intel_rx_waiting(const struct intel_rxq *q);

/* The packet path exists once (burst.h), compiled for each instruction set. */
struct intel_burst {
	unsigned (*rx)(struct nic_rxq *q, struct nic_pkt *pkts, unsigned n);
	void (*fill)(struct intel_rxq *q);
	unsigned (*tx)(struct nic_txq *q, const struct nic_pkt *pkts, unsigned n);
	unsigned (*clean)(struct nic_txq *q);
};
extern const struct intel_burst intel_burst_c, intel_burst_gigabit, intel_burst_sse,
	intel_burst_avx2, intel_burst_avx512, intel_burst_neon;
/** intel_burst - the variant for an instruction set that this processor has. */
const struct intel_burst *intel_burst(enum isa isa);

/* odd.c: what is rare; the attribute keeps even the calls out of the packet path's code */
#define INTEL_ODD __attribute__((cold, noinline))
/** intel_pool_empty - the pool cannot fill a batch, unless others returned buffers. 1: it cannot.
 */
INTEL_ODD int intel_pool_empty(struct intel_rxq *q);
/**
 * intel_clean_odd - the sent slots [@i, @end) begin with what does not lie in the queue's pool's
 * range: give back such buffers, of whatever pool, up to the first that does. Return: the slot
 * behind them.
 */
INTEL_ODD uint32_t intel_clean_odd(struct intel_txq *q, uint32_t i, uint32_t end);
/** intel_tail_register - write a tail that no memory window leads to. */
INTEL_ODD void intel_tail_register(struct nic *nic, uint32_t reg, uint32_t slot);
/**
 * intel_rx_odd - the frame at q->next is not one good buffer: hand over all its parts or drop it.
 * Return: elements of @out filled, 0 = dropped, -1 = stop here: the rest of it is yet to come, or
 * there is no room for it after other frames (@room of the caller's @n elements are left).
 */
INTEL_ODD int intel_rx_odd(struct intel_rxq *q, struct nic_pkt *out, uint32_t room, uint32_t n);
/**
 * intel_tx_odd - take one frame of several buffers, or with offloads, or malformed.
 * Return: its elements; also when it was refused, then it is freed and counted; 0 = the ring has
 * no room for it now.
 */
INTEL_ODD unsigned intel_tx_odd(struct intel_txq *q, const struct nic_pkt *pkts, unsigned n);

/* ---- pieces of the packet path ---- */

/* Hardware sees the descriptors before the tail that covers them. */
static inline void intel_tail(struct nic *nic, void *doorbell, uint32_t reg, uint32_t slot)
{
	if (likely(doorbell != NULL))
		doorbell_ring(doorbell, slot);
	else
		intel_tail_register(nic, reg, slot);
}

/* A descriptor's bits that become a packet's: see struct nic_pkt. EOP is turned round into MORE. */
#define INTEL_RX_FLAGS                                                                    \
	(NIC_MORE | NIC_VLAN | NIC_RX_L4_OK | NIC_RX_IP_OK | NIC_RX_OTHERS | NIC_TSTAMP | \
	 (uint32_t)NIC_RX_L4_BAD | NIC_RX_IP_BAD)
#define INTEL_RX_TYPES                                                                  \
	((uint32_t)(NIC_TYPE_HASH | NIC_TYPE_IPV4 | NIC_TYPE_IPV4_OPT | NIC_TYPE_IPV6 | \
		    NIC_TYPE_IPV6_EXT | NIC_TYPE_TCP | NIC_TYPE_UDP | NIC_TYPE_SCTP))
/* Of the status: these bits decide whether a descriptor is one good frame, and how they must be. */
#define INTEL_RX_JUDGED \
	(FIELD_MASK(RXD_STAT_DD) | FIELD_MASK(RXD_STAT_EOP) | FIELD_MASK(RXD_ERR_RXE))
#define INTEL_RX_GOOD (FIELD_MASK(RXD_STAT_DD) | FIELD_MASK(RXD_STAT_EOP))
/* Packets that need more than one plain data descriptor. */
#define INTEL_TX_ODD                                                                          \
	((uint32_t)(NIC_MORE | NIC_VLAN | NIC_TX_IP | NIC_TX_TCP | NIC_TX_UDP | NIC_TX_SCTP | \
		    NIC_TX_SEGMENT))
/* Of every plain data descriptor. */
#define INTEL_TX_CMD                                                                      \
	(field_of(TXD_DTYP, TXD_DTYP_DATA) | FIELD_MASK(TXD_DEXT) | FIELD_MASK(TXD_EOP) | \
	 FIELD_MASK(TXD_IFCS))

_Static_assert(FIELD_MASK(RXD_STAT_EOP) == NIC_MORE && FIELD_MASK(RXD_STAT_VP) == NIC_VLAN &&
		       FIELD_MASK(RXD_STAT_L4CS) == NIC_RX_L4_OK &&
		       FIELD_MASK(RXD_STAT_IPCS) == NIC_RX_IP_OK &&
		       FIELD_MASK(RXD_ERR_IPE) == NIC_RX_IP_BAD,
	       "packet flags are descriptor bits (82599 7.1.6.2)");

/* The three error bits lie lower on igb and igc, and RXE above them: 82576 7.1.5.2. */
static inline uint64_t intel_gigabit(uint64_t word)
{
	uint32_t status = (uint32_t)word;

	status = (status & (FIELD_MASK(RXD_ERR_RXE) - 1)) |
		 (status >> 2 & FIELD_MASK(RXD_ERR_RXE)) |
		 (status << 1 & (FIELD_MASK(RXD_ERR_TCPE) | FIELD_MASK(RXD_ERR_IPE)));
	return (word & (uint64_t)UINT32_MAX << 32) | status;
}

/* Eight bytes of a packet from one number, the first field lowest. */
static inline void intel_packet_half(struct nic_pkt *p, size_t first, uint64_t half)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	__builtin_memcpy((char *)p + first, &half, sizeof(half));
#else
	if (first == offsetof(struct nic_pkt, len)) {
		p->len = (uint16_t)half;
		p->vlan = (uint16_t)(half >> 16);
		p->flags = (uint32_t)(half >> 32);
	} else {
		p->hash = (uint32_t)half;
		p->type = (uint32_t)(half >> 32);
	}
#endif
}

/*
 * A write-back descriptor as a packet. @word is its second half, status below length and VLAN;
 * both halves have their dwords the other way round than the packet.
 */
static inline void intel_packet(struct nic_pkt *p, const union intel_rx_desc *d, void *data,
				uint64_t word)
{
	uint64_t type_hash = from_le64(d->legacy.addr);

	word = (word >> 32 | word << 32) & ((uint64_t)INTEL_RX_FLAGS << 32 | UINT32_MAX);
	type_hash =
		(type_hash >> 32 | type_hash << 32) & ((uint64_t)INTEL_RX_TYPES << 32 | UINT32_MAX);
	p->data = data;
	intel_packet_half(p, offsetof(struct nic_pkt, len), word ^ (uint64_t)NIC_MORE << 32);
	intel_packet_half(p, offsetof(struct nic_pkt, hash), type_hash);
}

/* Length, VLAN and flags of a packet in one number, the first lowest. */
static inline uint64_t intel_packet_word(const struct nic_pkt *p)
{
	uint64_t word;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	__builtin_memcpy(&word, (const char *)p + offsetof(struct nic_pkt, len), sizeof(word));
#else
	word = (uint64_t)p->flags << 32 | p->len;
#endif
	return word;
}

/* A packet as a plain data descriptor; 0: it is not plain. */
static inline int intel_tx_one(union intel_tx_desc *d, void **buf, const struct nic_pkt *p,
			       uint32_t max_frame, uint64_t iova_offset)
{
	/* An odd flag, as well as a length below the least, makes this larger than any range. */
	uint64_t excess = (intel_packet_word(p) & ((uint64_t)INTEL_TX_ODD << 32 | UINT16_MAX)) -
			  INTEL_MIN_FRAME;
	/* length and PAYLEN, which begins at bit 46, of the shortest frame, and the command */
	const uint64_t least = INTEL_MIN_FRAME + ((uint64_t)INTEL_MIN_FRAME << 46) + INTEL_TX_CMD;

	if (unlikely(excess > max_frame - INTEL_MIN_FRAME))
		return 0;
	*buf = p->data;
	d->legacy.addr = to_le64((uintptr_t)p->data + iova_offset);
	d->legacy.word = to_le64(least + excess + (excess << 46));
	return 1;
}

/* Is a descriptor one good frame? @buf_size is a power of two, so one comparison tells all. */
static inline int intel_rx_good(uint64_t word, uint32_t buf_size)
{
	uint64_t judged = INTEL_RX_JUDGED | (uint64_t)(UINT16_MAX & ~(buf_size - 1)) << 32;

	return ((word - ((uint64_t)1 << 32)) & judged) == INTEL_RX_GOOD;
}

/* Turns a received word into the 82599's layout; chips that need it define it (burst_gigabit.c). */
#ifndef INTEL_RX_WORD
#define INTEL_RX_WORD(word) (word)
#endif

/* A descriptor that is one good frame as a packet; 0: it is not. */
static inline int intel_rx_one(struct nic_pkt *p, const union intel_rx_desc *d, void *data,
			       uint32_t buf_size)
{
	/* acquire: hardware writes the status last, the other dwords are read after it */
	uint64_t word = INTEL_RX_WORD(dma_load_acquire64(&d->legacy.word));

	if (unlikely(!intel_rx_good(word, buf_size)))
		return 0;
	intel_packet(p, d, data, word);
	return 1;
}

#endif
