/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The ixgbe driver's own structures. Read after include/nicety/nic.h and drivers/intel/ring.h;
 * then init.c, queue.c, and drivers/intel/burst.h for the packets.
 */
#ifndef DRIVERS_IXGBE_H
#define DRIVERS_IXGBE_H

#include "drivers/intel/chip.h"
#include "drivers/intel/path.h"
#include "regs/ixgbe.h"

/* What differs within the family (hw fact sheet: 82599 4.6.4, X540 and X550 datasheets). */
enum ixgbe_mac { MAC_82599, MAC_X540, MAC_X550 };
enum ixgbe_media { MEDIA_BACKPLANE, MEDIA_FIBRE, MEDIA_COPPER };
#define VARIANT(mac, media) ((mac) | (media) << 4)

struct ixgbe {
	struct nic nic; /* must be first */
	enum ixgbe_mac mac;
	enum ixgbe_media media;
	uint32_t max_frame; /* without CRC and VLAN tag */
	int promisc;
	struct nic_stats total; /* what reading the clearing counters gave so far */
	struct intel_rxq rx[MAX_QUEUES];
	struct intel_txq tx[MAX_QUEUES];
};

static inline struct ixgbe *ixgbe_of(struct nic *nic)
{
	return container_of(nic, struct ixgbe, nic);
}

/* init.c */
void ixgbe_receive(struct ixgbe *dev, int on);

/* queue.c: 82599 4.6.7.1, 4.6.8.1 - one queue on and off; rings are allocated once, at open */
int ixgbe_rxq_start(struct intel_rxq *q);
int ixgbe_rxq_stop(struct intel_rxq *q);
int ixgbe_txq_start(struct intel_txq *q);
int ixgbe_txq_stop(struct intel_txq *q);
int ixgbe_queues_new(struct ixgbe *dev);
void ixgbe_queues_del(struct ixgbe *dev);

/* path.c */
int ixgbe_path_new(struct nic_path **out, struct nic *in, struct nic *const *outs, unsigned n,
		   unsigned q);

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
