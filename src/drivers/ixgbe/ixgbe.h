/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The ixgbe driver's own structures. Read after include/nicety/nic.h; then init.c, rxtx.c, path.c.
 */
#ifndef DRIVERS_IXGBE_H
#define DRIVERS_IXGBE_H

#include "drivers/driver.h"
#include "regs/ixgbe.h"
#include "regs/ixgbe_desc.h"

#define BATCH     32 /* buffers are taken and given back in batches of this many */
/* Interpretation(missing), README.md: the shortest frame that may be given to the hardware. */
#define MIN_FRAME 17u
#define MAX_PARTS 17 /* descriptors of one received frame: 16 KiB in 1 KiB buffers, and one */

/* What differs within the family (hw fact sheet: 82599 4.6.4, X540 and X550 datasheets). */
enum ixgbe_mac { MAC_82599, MAC_X540, MAC_X550 };
enum ixgbe_media { MEDIA_BACKPLANE, MEDIA_FIBRE, MEDIA_COPPER };
#define VARIANT(mac, media) ((mac) | (media) << 4)

struct ixgbe_rxq {
	struct nic_rxq q;          /* must be first */
	union ixgbe_rx_desc *ring; /* driver fills the read format, device writes back over it */
	void **buf;     /* (host) buffer posted in each slot; write-back destroys it there */
	void *doorbell; /* window on RDT, NULL: through bar_write */
	struct nic_pool *pool;
	uint32_t size;
	uint32_t next; /* the descriptor that is received into next */
	uint32_t fill; /* the first descriptor without a buffer; hardware owns [next, fill) */
	uint32_t index;
	struct ixgbe *dev;
	struct ixgbe_path *path; /* the in-place path that has taken the queue */
	uint64_t bad, too_long, no_buffer;
};

struct ixgbe_txq {
	struct nic_txq q;          /* must be first */
	union ixgbe_tx_desc *ring; /* (host) */
	void **buf;                /* (host) buffer of each slot, NULL: context descriptor */
	le32 *head;                /* (device) head write-back: everything before it is sent */
	void *doorbell;            /* window on TDT, NULL: through bar_write */
	struct nic_pool *pool;     /* its buffers go straight back; NULL: none do */
	uint32_t size;
	uint32_t tail;       /* the next descriptor to fill */
	uint32_t clean;      /* the oldest whose buffer was not given back */
	uint32_t context[3]; /* what context slot 0 holds: dwords 0, 2, 3 */
	uint32_t index;
	struct ixgbe *dev;
	struct ixgbe_path *path;
	uint64_t bad;
};

struct ixgbe {
	struct nic nic; /* must be first */
	enum ixgbe_mac mac;
	enum ixgbe_media media;
	uint32_t max_frame; /* without CRC and VLAN tag */
	int promisc;
	struct nic_stats total; /* what reading the clearing counters gave so far */
	struct ixgbe_rxq rx[MAX_QUEUES];
	struct ixgbe_txq tx[MAX_QUEUES];
};

static inline struct ixgbe *ixgbe_of(struct nic *nic)
{
	return container_of(nic, struct ixgbe, nic);
}

/* init.c */
void ixgbe_receive(struct ixgbe *dev, int on);

/* queue.c: 82599 4.6.7.1, 4.6.8.1 - one queue on and off; rings are allocated once, at open */
int ixgbe_rxq_start(struct ixgbe_rxq *q);
int ixgbe_rxq_stop(struct ixgbe_rxq *q);
int ixgbe_txq_start(struct ixgbe_txq *q);
int ixgbe_txq_stop(struct ixgbe_txq *q);
int ixgbe_queues_new(struct ixgbe *dev);
void ixgbe_queues_del(struct ixgbe *dev);

/* rxtx.c */
unsigned ixgbe_rx(struct nic_rxq *rxq, struct nic_pkt *pkts, unsigned n);
unsigned ixgbe_tx(struct nic_txq *txq, const struct nic_pkt *pkts, unsigned n);
unsigned ixgbe_tx_clean(struct nic_txq *txq);
void ixgbe_rx_fill(struct ixgbe_rxq *q);

/* offload.c: frames of several buffers, tags, checksums, segmentation */
unsigned ixgbe_tx_odd(struct ixgbe_txq *q, const struct nic_pkt *pkts, unsigned n);

/* path.c */
int ixgbe_path_new(struct nic_path **out, struct nic *in, struct nic *const *outs, unsigned n,
		   unsigned q);
void ixgbe_path_del(struct nic_path *path);
int ixgbe_path_waiting(const struct ixgbe_path *path);
union ixgbe_rx_desc *ixgbe_path_rx_ring(const struct ixgbe_path *path);
union ixgbe_tx_desc *ixgbe_path_tx_ring(const struct ixgbe_path *path, const struct ixgbe_txq *q);
uint32_t ixgbe_path_buffer(const struct ixgbe_path *path);

/* filter.c, stats.c, irq.c */
int ixgbe_set_promisc(struct nic *nic, int on);
int ixgbe_set_mac(struct nic *nic, const uint8_t mac[6]);
int ixgbe_add_multicast(struct nic *nic, const uint8_t mac[6]);
int ixgbe_filter_vlan(struct nic *nic, int vid);
void ixgbe_filters_init(struct ixgbe *dev);
void ixgbe_rss_init(struct ixgbe *dev);
int ixgbe_stats(struct nic *nic, struct nic_stats *stats);
void ixgbe_stats_clear(struct ixgbe *dev);
int ixgbe_irq_init(struct ixgbe *dev);
void ixgbe_irq_off(struct ixgbe *dev);
int ixgbe_rx_arm(struct nic *nic, unsigned queue);

#endif
