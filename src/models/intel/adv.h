/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The rings of chips with advanced descriptors (82599, 82576): delivering into RX rings, gathering
 * frames from TX rings, their offloads, and the rules about both. Registers are the chip's model's
 * business; it fills in the queues when they are switched on. Freestanding.
 */
#ifndef MODELS_INTEL_ADV_H
#define MODELS_INTEL_ADV_H

#include "models/intel/dma.h"
#include "models/intel/fifo.h"
#include "models/intel/packet.h"
#include "regs/intel_desc.h"

#define MAX_FRAME   16384u
#define MAX_TX_DATA (256u << 10)

struct adv_rx {
	uint64_t base;
	uint32_t size; /* descriptors */
	uint32_t head;
	uint32_t seen;   /* the tail when it was looked at last */
	uint32_t tail;   /* offset of the tail register */
	uint32_t buffer; /* bytes */
	int on, legacy, drop, strip;
};

struct adv_tx {
	uint64_t base, head_wb;
	uint32_t size, head, seen, tail;
	uint32_t index; /* of the queue */
	int on, use_head_wb;
	uint32_t context[2][4];
	int context_set[2];
	uint32_t segments_sent; /* of the frame at head, when the cable was busy in the middle */
	int stuck;              /* after an error: until it is disabled */
};

/* What differs between the chips. */
struct adv_chip {
	void (*violate)(struct model *m, const char *rule, const char *section, const char *text);
	/* a descriptor or buffer could not be reached */
	void (*unreachable)(struct model *m, const char *what);
	/* 0, -EAGAIN: the cable is busy */
	int (*frame_out)(struct model *m, unsigned queue, const uint8_t *frame, uint32_t len);
	unsigned rxe, rxe_legacy; /* bit of a MAC error: in the status dword, the legacy byte */
	unsigned max_parts;       /* descriptors of one packet; 0: any number */
	struct {
		const char *ring, *tail, *rx_read, *tx_parts, *tx_legacy, *tx_context, *tx_data,
			*segment;
	} section; /* of the datasheet, for the rules */
};

/* Why a frame from the cable was not delivered. */
enum named_drop {
	DROP_OFF,     /* receiver or link off, no bus master */
	DROP_SHORT,   /* shorter than an Ethernet header */
	DROP_FILTER,  /* address or VLAN filter */
	DROP_CONTROL, /* pause frames that the MAC keeps */
	DROP_CRC,
	DROP_OVERSIZE,
	DROP_NO_QUEUE, /* the chosen queue is disabled */
	DROP_NO_DESC,  /* DROP_EN and no descriptor */
	DROP_BUFFER,   /* packet buffer full */
	DROP_DMA,      /* the address is not mapped */
	DROPS,
};

struct adv {
	struct model *m;
	const struct adv_chip *chip;
	struct dma *dma;
	uint32_t vlan_type; /* of tags that are inserted */
	uint32_t keep[3];   /* TCP flags that stay in a first, middle and last segment */
	uint64_t wire_in, delivered, drops[DROPS], wire_out, unmodelled;
	uint64_t null_descriptors, tx_refused;
	/* of frames: TCP, UDP or SCTP checksum filled in; cut; into how many; checksum was right */
	uint64_t tx_checksums, tx_segmented, tx_segments, rx_checksums;
	uint8_t frame[MAX_FRAME + 64];  /* a frame in copy: padding, tags */
	uint8_t data[MAX_TX_DATA + 64]; /* a TX frame gathered from its descriptors */
};

/** adv_counter - the named counters, as struct model_class wants them. */
int adv_counter(const struct adv *a, unsigned i, const char **name, uint64_t *value);

/* ---- tails ---- */

/** adv_tail, adv_set_tail - a tail register, which lives in the host's doorbell memory. */
static inline uint32_t adv_tail(const struct adv *a, uint32_t off)
{
	return tail_read(a->dma, off);
}
static inline void adv_set_tail(struct adv *a, uint32_t off, uint32_t value)
{
	tail_write(a->dma, off, value);
}
/** adv_rx_watch, adv_tx_watch - look at the tail, judge how it moved. -1: outside the ring. */
int64_t adv_rx_watch(struct adv *a, struct adv_rx *r);
int64_t adv_tx_watch(struct adv *a, struct adv_tx *t);

/* ---- receive ---- */

int adv_rx_room_slow(struct adv *a, struct adv_rx *r, uint32_t len);
const uint8_t *adv_rx_edited(struct adv *a, const uint8_t *f, uint32_t *len, uint32_t cut,
			     uint32_t crc);

/** adv_rx_room - are there descriptors for @len bytes? */
static inline int adv_rx_room(struct adv *a, struct adv_rx *r, uint32_t len)
{
	/* The tail is in the driver's cache: look only if the last look is used up. */
	return (likely(r->head != r->seen) && len <= r->buffer) || adv_rx_room_slow(a, r, len);
}

/**
 * adv_rx_stored - @f as the queue stores it: without its tag if the queue strips, padded, with
 * @crc bytes of CRC. The result is valid until the next call. @len: bytes, in and out.
 */
static inline const uint8_t *adv_rx_stored(struct adv *a, const struct adv_rx *r, const uint8_t *f,
					   uint32_t *len, const struct parsed *p, uint32_t crc)
{
	uint32_t cut = p->tagged && r->strip ? 4 : 0;

	return cut || crc || *len < 60 ? adv_rx_edited(a, f, len, cut, crc) : f;
}
/**
 * adv_rx_fill - write @len bytes to the buffers from the head on, and their descriptors back with
 * @status in the last; the head moves. Return: descriptors, 0: DMA failed.
 */
uint32_t adv_rx_fill(struct adv *a, struct adv_rx *r, const uint8_t *f, uint32_t len,
		     uint32_t status, const struct parsed *p);

/* ---- send ---- */

/**
 * adv_tx_run - send what waits in a queue, a batch at most. @report: was a descriptor with
 * RS completed? Return: frames and contexts done.
 */
unsigned adv_tx_run(struct adv *a, struct adv_tx *t, int *report);

#endif
