/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The e1000 driver's own structures. Read after include/nicety/nic.h; then init.c, rxtx.c, path.c.
 * One driver for two designs, as Linux has them apart: e1000 (PCI and PCI-X: 82540EM, 82545EM) and
 * e1000e (PCIe: 82574L).
 */
#ifndef DRIVERS_E1000_H
#define DRIVERS_E1000_H

#include "base/memory.h"
#include "drivers/intel/chip.h"
#include "regs/e1000.h"
#include "regs/e1000_desc.h"

#define QUEUES      2u
#define BATCH       32 /* buffers are taken in batches of this many; reports are asked for as often */
#define MIN_FRAME   17u /* README.md: the shortest frame that nic_tx takes */
#define SHORT_FRAME 60u /* the shortest on a wire, without CRC */
#define MAX_PARTS   17  /* descriptors of one received frame: 16 KiB in 1 KiB buffers, and one */

enum e1000_mac { MAC_82540, MAC_82574 };

struct e1000_rxq {
	struct nic_rxq q;        /* must be first */
	struct e1000_desc *ring; /* driver fills, device writes back */
	void **buf;              /* (host) buffer posted in each slot */
	void *doorbell;          /* window on RDT, NULL: through bar_write */
	struct nic_pool *pool;
	uint32_t size;
	uint32_t next; /* the descriptor that is received into next */
	uint32_t fill; /* the first descriptor without a buffer; hardware owns [next, fill) */
	uint32_t index;
	struct e1000 *dev;
	struct e1000_path *path; /* the in-place path that has taken the queue */
	uint64_t bad, too_long, no_buffer;
};

struct e1000_txq {
	struct nic_txq q;        /* must be first */
	struct e1000_desc *ring; /* (host); (device) DD where RS was set */
	void **buf;              /* (host) buffer of each slot, NULL: none ends here */
	uint32_t *marks;         /* (host) descriptors with RS, oldest first: a ring of their own */
	uint32_t marked, reported;
	void *doorbell;        /* window on TDT, NULL: through bar_write */
	struct nic_pool *pool; /* its buffers go straight back; NULL: none do */
	uint32_t size;
	uint32_t tail;       /* the next descriptor to fill */
	uint32_t clean;      /* the oldest whose buffer was not given back */
	uint32_t last_mark;  /* the newest descriptor with RS */
	uint32_t context[4]; /* the context that hardware holds; context[2] 0: none */
	int after_tso;       /* the frame before this one was segmented */
	uint32_t index;
	struct e1000 *dev;
	struct e1000_path *path;
	uint64_t bad;
};

struct e1000 {
	struct nic nic; /* must be first */
	enum e1000_mac mac;
	int extended;       /* receive descriptors are extended ones */
	uint32_t max_frame; /* without CRC and VLAN tag */
	uint32_t plain_min; /* the shortest frame that needs no padding by software */
	int promisc, vlan_filter;
	int msix;
	struct nic_stats total; /* what reading the clearing counters gave so far */
	struct e1000_rxq rx[QUEUES];
	struct e1000_txq tx[QUEUES];
};

static inline struct e1000 *e1000_of(struct nic *nic)
{
	return container_of(nic, struct e1000, nic);
}

/*
 * A received descriptor's word, whatever its format: status in bits 7:0, errors in 15:8.
 */
static inline uint32_t e1000_status(uint64_t word, int extended)
{
	return extended ? (uint32_t)((word & 0xff) | (word >> 16 & 0xff00))
			: (uint32_t)(word >> 32) & 0xffff;
}
static inline uint16_t e1000_length(uint64_t word, int extended)
{
	return (uint16_t)(extended ? word >> RXX_LENGTH_SHIFT : word);
}
/* Errors that make a frame unusable: CRC, symbol, sequence, carrier extension, data. */
#define RX_ERRORS                                                                              \
	(FIELD_MASK(RXD_CE) | FIELD_MASK(RXD_SE) | FIELD_MASK(RXD_SEQ) | FIELD_MASK(RXD_CXE) | \
	 FIELD_MASK(RXD_RXE))
/** e1000_rx_flags - NIC_VLAN, NIC_RX_*: all but the checksums' are descriptor bits. */
static inline uint32_t e1000_rx_flags(uint32_t status)
{
	uint32_t flags = status & (NIC_VLAN | NIC_RX_OTHERS);

	if (!(status & field_mask(RXD_IXSM)))
		flags |= (status & (NIC_RX_L4_OK | NIC_RX_IP_OK)) |
			 (status & (field_mask(RXD_TCPE) | field_mask(RXD_IPE))) << 17;
	return flags;
}

/* init.c */
void e1000_receive(struct e1000 *dev, int on);
void e1000_transmit(struct e1000 *dev, int on);

/* phy.c */
int e1000_phy_start(struct e1000 *dev);

/* queue.c: rings on and off; all of a device go on and off together */
int e1000_queues_new(struct e1000 *dev);
void e1000_queues_del(struct e1000 *dev);
void e1000_rxq_setup(struct e1000_rxq *q);
void e1000_txq_setup(struct e1000_txq *q);
void e1000_rxq_empty(struct e1000_rxq *q);
void e1000_txq_empty(struct e1000_txq *q);
uint32_t e1000_rctl(const struct e1000 *dev);

/* rxtx.c */
unsigned e1000_rx(struct nic_rxq *rxq, struct nic_pkt *pkts, unsigned n);
unsigned e1000_tx(struct nic_txq *txq, const struct nic_pkt *pkts, unsigned n);
unsigned e1000_tx_clean(struct nic_txq *txq);
void e1000_rx_fill(struct e1000_rxq *q);
void e1000_tx_mark(struct e1000_txq *q);

/* offload.c: frames of several buffers, tags, checksums, segmentation, padding */
unsigned e1000_tx_odd(struct e1000_txq *q, const struct nic_pkt *pkts, unsigned n);

/* path.c */
int e1000_path_new(struct nic_path **out, struct nic *in, struct nic *const *outs, unsigned n,
		   unsigned q);
void e1000_path_del(struct nic_path *path);
int e1000_path_waiting(const struct e1000_path *path);
struct e1000_desc *e1000_path_rx_ring(const struct e1000_path *path);
struct e1000_desc *e1000_path_tx_ring(const struct e1000_path *path, const struct e1000_txq *q);
uint32_t e1000_path_buffer(const struct e1000_path *path);

/* filter.c, stats.c, irq.c */
int e1000_set_promisc(struct nic *nic, int on);
int e1000_set_mac(struct nic *nic, const uint8_t mac[6]);
int e1000_add_multicast(struct nic *nic, const uint8_t mac[6]);
int e1000_filter_vlan(struct nic *nic, int vid);
void e1000_filters_init(struct e1000 *dev);
void e1000_rss_init(struct e1000 *dev);
int e1000_stats(struct nic *nic, struct nic_stats *stats);
void e1000_stats_clear(struct e1000 *dev);
int e1000_irq_init(struct e1000 *dev);
void e1000_irq_off(struct e1000 *dev);
int e1000_rx_arm(struct nic *nic, unsigned queue);

#endif
