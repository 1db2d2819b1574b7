/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The igb driver's own structures. Read after include/nicety/nic.h and drivers/intel/ring.h; then
 * chips.c, init.c, queue.c, and drivers/intel/burst.h for the packets.
 */
#ifndef DRIVERS_IGB_H
#define DRIVERS_IGB_H

#include "drivers/intel/chip.h"
#include "drivers/intel/path.h"
#include "regs/igb.h"

#define MOST_QUEUES 16

/* What differs within the family: README.md says where each comes from. */
struct igb_chip {
	unsigned queues;     /* of each direction */
	unsigned vectors;    /* of MSI-X */
	unsigned addresses;  /* receive addresses */
	unsigned rss_shift;  /* where a byte of RETA has the queue */
	uint32_t icr, imc;   /* interrupts of the e1000 kind */
	int low_queues;      /* queue registers lie below 0x4000 only: 82575 */
	int ivar_pairs;      /* IVAR[n] has queues 2n and 2n + 1, not n and n + 8 */
	int no_ivar;         /* MSI-X by bitmaps: 82575, not supported */
	int no_rqdpc;        /* queues do not count what they drop */
	int rqdpc_written;   /* RQDPC is cleared by writing 0, not by reading */
	int contexts_shared; /* all queues share four TX contexts: one each */
	int speed_2500;      /* STATUS tells 2.5 Gb/s */
};

struct igb {
	struct nic nic; /* must be first */
	const struct igb_chip *chip;
	uint32_t max_frame; /* without CRC and VLAN tag */
	uint32_t port;      /* which of the chip's */
	int promisc, vlan_filter;
	struct nic_stats total; /* what reading the clearing counters gave so far */
	uint64_t queue_drops;   /* of total.rx_missed: those that GPRC counted */
	struct intel_rxq rx[MOST_QUEUES];
	struct intel_txq tx[MOST_QUEUES];
};

static inline struct igb *igb_of(struct nic *nic)
{
	return container_of(nic, struct igb, nic);
}
/** igb_rx_reg, igb_tx_reg - a queue's register; @reg: of queue 0 (RDT, TDT …). */
static inline uint32_t igb_rx_reg(const struct igb *dev, uint32_t reg, uint32_t q)
{
	return dev->chip->low_queues ? reg - RDBAL + 0x2800 + 0x100 * q : igb_queue(reg, q);
}
static inline uint32_t igb_tx_reg(const struct igb *dev, uint32_t reg, uint32_t q)
{
	return dev->chip->low_queues ? reg - TDBAL + 0x3800 + 0x100 * q : igb_queue(reg, q);
}
/* chips.c */
extern const struct driver_id igb_ids[];

/* link.c: the PHY and what it negotiates */
int igb_link_start(struct igb *dev);
int igb_link(struct nic *nic);

/* queue.c: 82576 4.5.9, 4.5.10 - one queue on and off; rings are allocated once, at open */
void igb_rxq_program(struct intel_rxq *q);
int igb_rxq_go(struct intel_rxq *q);
int igb_txq_start(struct intel_txq *q);
int igb_queues_new(struct igb *dev);
void igb_queues_del(struct igb *dev);
int igb_path_new(struct nic_path **out, struct nic *in, struct nic *const *outs, unsigned n,
		 unsigned q);

/* filter.c, stats.c, irq.c */
void igb_receive(struct igb *dev, int on);
void igb_filters_init(struct igb *dev);
int igb_set_promisc(struct nic *nic, int on);
int igb_set_mac(struct nic *nic, const uint8_t mac[6]);
int igb_add_multicast(struct nic *nic, const uint8_t mac[6]);
int igb_filter_vlan(struct nic *nic, int vid);
void igb_rss_init(struct igb *dev);
int igb_stats(struct nic *nic, struct nic_stats *stats);
void igb_stats_clear(struct igb *dev);
int igb_irq_init(struct igb *dev);
void igb_irq_off(struct igb *dev);
int igb_rx_arm(struct nic *nic, unsigned queue);

#endif
