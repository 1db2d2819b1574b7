/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a driver is to nic.c. A driver's device struct begins with struct nic; nic.c allocates it,
 * resolves the configuration's defaults, makes the pools and calls open. Freestanding.
 */
#ifndef DRIVERS_DRIVER_H
#define DRIVERS_DRIVER_H

#include "base/errno.h"
#include "base/log.h"
#include "base/ring.h"
#include "base/types.h"
#include "bus/pci.h"
#include "mem/mem.h"
#include "nicety/nic.h"
#include "regs/regs.h"

#define MAX_QUEUES 64

struct driver;

/* Instruction sets for which the packet path has a variant. */
enum isa { ISA_C, ISA_SSE, ISA_AVX2, ISA_AVX512, ISA_NEON };

struct nic {
	const struct driver *driver;
	struct pci_dev *pci;
	struct nic_mem *mem;
	struct nic_config cfg; /* defaults filled in, checked */
	const struct driver_id *id;
	enum isa isa;                    /* that this processor has, and the user lets us use */
	char *name;                      /* the URI; the bus device uses it too */
	struct nic_rxq *rxq[MAX_QUEUES]; /* (driver) what the application gets */
	struct nic_txq *txq[MAX_QUEUES];
	struct nic_pool *pools[MAX_QUEUES]; /* of each RX queue */
	int irq_fds[MAX_QUEUES];            /* with cfg.interrupts, else -1 */
	uint8_t mac[6];                     /* (driver) */
	void *pumped;                       /* nic.c's wrappers for devices that must be pumped */
};

struct driver_id {
	uint16_t vendor, device;
	const char *chip;
	uintptr_t variant; /* the driver's own: what differs */
};

struct driver {
	const char *name;
	const struct driver_id *ids; /* ends with vendor 0 */
	const struct reg_table *regs;
	size_t size; /* of the device struct */
	unsigned max_queues;
	unsigned max_mtu;
	int tx_offloads; /* NIC_TX_* and NIC_VLAN */
	int rx_types;    /* NIC_TYPE_* */
	/* Can this chip loop frames back? NULL: none of the driver's can. */
	int (*loops)(const struct driver_id *id);

	/* Bring the device up: on return it receives and sends, the link may come later. On error
	 * everything is undone. */
	int (*open)(struct nic *nic, const struct driver_id *id);
	/* Quiesce and reset: afterwards the device does no DMA. */
	void (*close)(struct nic *nic);
	int (*link)(struct nic *nic); /* Mb/s, 0, -ENODEV */
	int (*set_promisc)(struct nic *nic, int on);
	int (*set_mac)(struct nic *nic, const uint8_t mac[6]);
	int (*add_multicast)(struct nic *nic, const uint8_t mac[6]);
	int (*filter_vlan)(struct nic *nic, int vid);
	int (*stats)(struct nic *nic, struct nic_stats *stats);
	int (*rx_arm)(struct nic *nic, unsigned queue);
	int (*path_new)(struct nic_path **out, struct nic *in, struct nic *const *outs, unsigned n,
			unsigned q);
	void (*path_del)(struct nic_path *path);
};

extern const struct driver driver_e1000, driver_e1000e, driver_igb, driver_ixgbe;

/* Byte counters of Intel's chips include the CRC; a device that lies must not make them wrap. */
static inline uint64_t stats_without_crc(uint64_t bytes, uint64_t packets)
{
	return bytes > 4 * packets ? bytes - 4 * packets : 0;
}

/**
 * nic_open_pci - nic_open for a PCI device that is open already. Takes over @pci and @name
 * (malloced), also on failure.
 */
int nic_open_pci(struct nic **out, struct nic_mem *mem, struct pci_dev *pci, char *name,
		 const struct nic_config *cfg);

#endif
