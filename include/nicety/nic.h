/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety: user-space NIC drivers. This header is the whole interface and its manual.
 *
 * In one breath: make DMA memory (nic_mem_new), open devices on it by URI (nic_open), take a
 * queue handle (nic_rxq, nic_txq), then loop over nic_rx and nic_tx. Packets are *values*: nic_rx
 * fills an array of struct nic_pkt, nic_tx takes the same array. No per-packet header exists in
 * memory. See docs/tour.md for the way of a frame through the sources.
 *
 * Errors: functions that can fail return 0 or a negative errno value (-ENODEV: the device is
 * gone). The reason is logged once, where it is known. Out-arguments are untouched on failure.
 *
 * Threads: one queue (struct nic_rxq, nic_txq, nic_path) belongs to one thread at a time, and so
 * does a pool. Everything else on a device (statistics, filters, link) may be called from any one
 * thread at a time. Different devices are independent; they may share one struct nic_mem, whose
 * functions lock. Nothing is global but the log sink.
 */
#ifndef NICETY_NIC_H
#define NICETY_NIC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef NICETY_BUILD
#define NIC_API __attribute__((visibility("default")))
#else
#define NIC_API
#endif

struct nic;      /* an open device */
struct nic_mem;  /* DMA memory that devices share */
struct nic_pool; /* packet buffers, owned by one thread */
struct nic_path; /* an in-place path: receive, edit, send from the same buffer */

/* ---- log ------------------------------------------------------------------------------- */

enum nic_log_level { NIC_LOG_ERROR, NIC_LOG_WARN, NIC_LOG_INFO, NIC_LOG_DEBUG };

/**
 * nic_log_set - send log lines somewhere else than stderr.
 * @sink: called with a complete line without newline, from any thread; NULL: stderr again.
 * @arg: passed to @sink. @max: lines less important than this are dropped before formatting.
 *
 * The packet path never logs. Default: stderr, NIC_LOG_WARN. Call it before opening devices.
 */
NIC_API void nic_log_set(void (*sink)(void *arg, enum nic_log_level level, const char *line),
			 void *arg, enum nic_log_level max);

/* ---- memory and pools ------------------------------------------------------------------ */

struct nic_mem_config {
	/* Bytes a page must have: 0 = 2 MiB hugepages where there are any, ordinary pages
	 * otherwise; 4096 = ordinary pages; 2 << 20 or 1 << 30 = exactly these or fail. */
	size_t page_size;
	/* Most bytes that may be taken from the system; 0 = no limit. */
	size_t limit;
	/* 1 = memory that devices in other processes can map (vfio-user:). 0 = the first device
	 * decides: if it is one of those, memory is moved at nic_open, and no other thread may
	 * write to buffers meanwhile; if it is not, they cannot be opened later. Hugepages are
	 * always shareable; ordinary pages, when shared, are 4 KiB on most systems. */
	int shared;
	/* 1 = every page lies at its physical address but for a constant, for devices that no
	 * IOMMU translates for (nic_wants_physical). Wants hugepages, and root to ask where they
	 * are; excludes @shared. */
	int physical;
};

/**
 * nic_mem_new - make an address space for DMA that any number of devices can share.
 * @out: the memory. @cfg: NULL = defaults.
 *
 * Packets can travel only between devices opened on the same memory.
 * Return: 0, -EINVAL (page size), -ENOMEM. Delete it after its devices and pools.
 */
NIC_API int nic_mem_new(struct nic_mem **out, const struct nic_mem_config *cfg);
NIC_API void nic_mem_del(struct nic_mem *mem);

/** nic_mem_page - bytes of the pages that back this memory (4096, 2 << 20 or 1 << 30). */
NIC_API size_t nic_mem_page(const struct nic_mem *mem);

/**
 * nic_pool_new - packet buffers.
 * @count: number of buffers. @size: bytes a received frame part may fill; a power of two from
 * 1024 to 16384 (82599 receives into multiples of 1 KiB). Slots are larger: headroom and
 * staggering lie outside @size.
 *
 * The pool belongs to the thread that uses the queue it feeds. Buffers that another thread's
 * queue has sent come back without locks.
 * Return: 0, -EINVAL, -ENOMEM.
 */
NIC_API int nic_pool_new(struct nic_pool **out, struct nic_mem *mem, unsigned count, size_t size);

/** nic_pool_del - give the memory back. -EBUSY and no effect while buffers are missing. */
NIC_API int nic_pool_del(struct nic_pool *pool);

/**
 * nic_pool_resize - grow to, or shrink towards, @count buffers.
 *
 * Memory really goes back to the system, in units of whole regions (about 1 MiB or one
 * hugepage) none of whose buffers is in use. Not on the packet path.
 * Return: the number of buffers the pool has now, or -ENOMEM, -EINVAL.
 */
NIC_API int nic_pool_resize(struct nic_pool *pool, unsigned count);

/** nic_pool_free - buffers that nic_alloc can hand out now. nic_pool_count - all of them. */
NIC_API unsigned nic_pool_free(struct nic_pool *pool);
NIC_API unsigned nic_pool_count(const struct nic_pool *pool);

/* ---- packets --------------------------------------------------------------------------- */

/*
 * One buffer of one frame, by value. A frame that spans several buffers occupies consecutive
 * elements, all but the last with NIC_MORE; what the NIC found out (flags, hash, vlan, type,
 * tstamp) is valid in the last.
 *
 * The layout is the write-back descriptor of the Intel NICs (82599 7.1.6.2) with its four dwords
 * in the other order, and the flag values are that descriptor's bits: to turn one into the other
 * is one shuffle, one AND and one XOR. Other drivers translate.
 */
struct nic_pkt {
	void *data;     /* first byte; inside a pool's buffer */
	uint16_t len;   /* bytes of the frame in this buffer, without CRC */
	uint16_t vlan;  /* with NIC_VLAN: tag control information, not in the frame's bytes */
	uint32_t flags; /* NIC_* */
	uint32_t hash;  /* received, when type & NIC_TYPE_HASH: RSS hash */
	uint32_t type;  /* received: NIC_TYPE_* */
	union {
		uint64_t tstamp;        /* received, with NIC_TSTAMP: ns of the device's clock */
		struct {                /* to send: what NIC_TX_* flags need */
			uint16_t mss;   /* payload bytes of a segment */
			uint8_t l2_len; /* Ethernet header with tags that are in the bytes */
			uint8_t l3_len; /* IP header (IPv6: with extension headers) */
			uint8_t l4_len; /* TCP or UDP header */
		} tx;
	} u;
};

enum {
	NIC_MORE = 1 << 1,        /* the frame goes on in the next element */
	NIC_VLAN = 1 << 3,        /* tag in .vlan: stripped on receive, inserted on send */
	NIC_RX_L4_OK = 1 << 5,    /* TCP/UDP/SCTP checksum was checked; wrong if NIC_RX_L4_BAD */
	NIC_RX_IP_OK = 1 << 6,    /* IPv4 header checksum was checked; wrong if NIC_RX_IP_BAD */
	NIC_RX_OTHERS = 1 << 7,   /* not addressed to a unicast address of this port */
	NIC_TSTAMP = 1 << 16,     /* .u.tstamp is valid */
	NIC_TX_IP = 1 << 20,      /* fill in the IPv4 header checksum (l2_len, l3_len) */
	NIC_TX_TCP = 1 << 21,     /* fill in the TCP checksum (field holds the pseudo-header sum) */
	NIC_TX_UDP = 1 << 22,     /* the same for UDP */
	NIC_TX_SCTP = 1 << 23,    /* fill in the SCTP CRC32c */
	NIC_TX_SEGMENT = 1 << 24, /* cut into mss-sized segments (TSO; with NIC_TX_TCP) */
	NIC_TX_IPV6 = 1 << 25,    /* the offload's network header is IPv6 */
	NIC_RX_L4_BAD = 1 << 30,
};
#define NIC_RX_IP_BAD (1u << 31)

enum {
	NIC_TYPE_HASH = 0xf, /* mask; 0: .hash is not valid (82599 7.1.6.2, "RSS Type") */
	NIC_TYPE_IPV4 = 1 << 4,
	NIC_TYPE_IPV4_OPT = 1 << 5,
	NIC_TYPE_IPV6 = 1 << 6,
	NIC_TYPE_IPV6_EXT = 1 << 7,
	NIC_TYPE_TCP = 1 << 8,
	NIC_TYPE_UDP = 1 << 9,
	NIC_TYPE_SCTP = 1 << 10,
};

/**
 * nic_alloc - take up to @n empty buffers; .data and .len (bytes there is room for) are set, the
 * rest is zero. Return: how many there were. nic_free gives buffers back, of any pool.
 */
NIC_API unsigned nic_alloc(struct nic_pool *pool, struct nic_pkt *pkts, unsigned n);
NIC_API void nic_free(const struct nic_pkt *pkts, unsigned n);

/* ---- devices --------------------------------------------------------------------------- */

struct nic_config {
	unsigned rx_queues, tx_queues; /* 0 = 1; at most 64 */
	unsigned rx_ring, tx_ring;     /* descriptors, a power of two from 64 to 4096; 0 = 512 */
	unsigned mtu;                  /* bytes of payload above Ethernet and VLAN; 0 = 1500 */
	unsigned buffers;              /* in the pool of each RX queue; 0 = rings and 512 more */
	struct nic_pool *pool;         /* feeds all RX queues and takes back what TX queues sent,
					  without locks: right when one thread serves them all,
					  e.g. a forwarder's; NULL = a pool for each RX queue */
	int promisc;                   /* receive frames for every address */
	int interrupts;                /* set up receive interrupts for nic_rx_wait */
	int no_vlan_strip;             /* leave tags in received frames */
	int link_wait_ms;              /* nic_open waits so long for the link; 0 = 2000, -1 = no */
	int loopback; /* frames come back inside the chip instead of leaving it, and the cable is
			 not needed: for tests; -ENOTSUP where the chip or its driver cannot */
};

/**
 * nic_open - open a device.
 * @uri: `model:82599?wire=tap:tap0` (a software NIC in this process), `vfio-user:PATH` (a device
 * that another process serves), `pci:0000:03:00.0` or a bare address (a real device),
 * `trace+URI` (print every register access by name); `nicety list`
 * and nicety-uri(7) tell all forms.
 * @cfg: NULL = defaults.
 *
 * On return the device is initialised, receives and sends. A link that does not come up in time
 * is a warning, not an error. The queues' pools belong to the caller's thread until queues are
 * handed to others.
 * Return: 0; -EINVAL (URI or configuration, logged with the fix), -ENOENT (no such device),
 * -ENOTSUP (the configuration asks for what this chip does not have),
 * -EBUSY (in use), -EACCES/-EPERM, -ENOMEM, -ENODEV, -ETIMEDOUT (the device never got ready).
 *
 * The packet path uses the best instruction set of the processor; the environment's NICETY_ISA (c,
 * sse, avx2, avx512, neon) forces one, -ENOTSUP if the processor does not have it.
 */
NIC_API int nic_open(struct nic **out, struct nic_mem *mem, const char *uri,
		     const struct nic_config *cfg);

/**
 * nic_close - stop the device so that it can never write into memory again, free everything.
 * Packets received from it and not sent or freed yet must be freed before; pools the device made
 * go with it. NULL is allowed.
 */
NIC_API void nic_close(struct nic *nic);

/**
 * nic_wants_physical - does the device behind a URI take physical addresses? Then make its memory
 * with nic_mem_config.physical. Return: 1; 0, also if there is no such device.
 */
NIC_API int nic_wants_physical(const char *uri);

struct nic_info {
	char uri[128];
	char driver[16]; /* "ixgbe" */
	char chip[32];   /* "82599ES 10-Gigabit SFI/SFP+" */
	uint16_t vendor, device;
	uint8_t mac[6];
	unsigned rx_queues, tx_queues, rx_ring, tx_ring, mtu;
	unsigned link_mbps;           /* 0 = link down */
	int offloads;                 /* NIC_TX_* flags that nic_tx understands here */
	int rx_types;                 /* NIC_TYPE_* that received packets can have here */
	unsigned max_queues, max_mtu; /* what nic_config may ask for */
};
NIC_API void nic_get_info(struct nic *nic, struct nic_info *info);

/**
 * nic_supported - is there a driver for a PCI function?
 * @driver, @chip: receive names that stay valid; either may be NULL. Return: 1 yes, 0 no.
 */
NIC_API int nic_supported(uint16_t vendor, uint16_t device, const char **driver, const char **chip);

/** nic_link - the speed now in Mb/s, 0 = down, -ENODEV = gone. Reads registers. */
NIC_API int nic_link(struct nic *nic);

/** nic_set_promisc - receive frames for all addresses, or only the device's own and broadcast. */
NIC_API int nic_set_promisc(struct nic *nic, int on);
/** nic_set_mac - the address that the device receives for. -EINVAL: multicast or zero. */
NIC_API int nic_set_mac(struct nic *nic, const uint8_t mac[6]);
/** nic_add_multicast - also receive frames for this multicast address. -EINVAL: unicast. */
NIC_API int nic_add_multicast(struct nic *nic, const uint8_t mac[6]);
/** nic_filter_vlan - receive tagged frames only of VLANs added here; @vid -1: all VLANs again. */
NIC_API int nic_filter_vlan(struct nic *nic, int vid);

/* Counters since nic_open; they only grow. rx_packets is what nic_rx and paths handed over. */
struct nic_stats {
	uint64_t rx_packets, rx_bytes; /* good frames that the device received, without CRC */
	uint64_t tx_packets, tx_bytes; /* frames that left, without CRC */
	uint64_t rx_missed;            /* lost: no descriptor or packet buffer was free */
	uint64_t rx_crc;               /* lost: CRC error */
	uint64_t rx_length;            /* lost: undersize, oversize, length error */
	uint64_t rx_bad;               /* lost: the driver found a descriptor it cannot trust */
	uint64_t rx_too_long;          /* lost: more buffers than the caller has room for */
	uint64_t rx_no_buffer; /* not lost: times that the pool had none to refill the ring with */
	uint64_t tx_bad;       /* refused by nic_tx: length or flags make no sense */
};
/** nic_get_stats - Return: 0, -ENODEV. */
NIC_API int nic_get_stats(struct nic *nic, struct nic_stats *stats);

/**
 * nic_counter - walk all named counters: the above, the chip's, the model's, the wire's.
 * @i: 0, 1, 2 … Return: 0, or -ENOENT after the last. @name stays valid until nic_close.
 */
NIC_API int nic_counter(struct nic *nic, unsigned i, const char **name, uint64_t *value);

/**
 * nic_ended - 1 when no frame will ever arrive again (a capture file read to its end, a
 * generator's count sent and delivered), else 0. A real wire never ends.
 */
NIC_API int nic_ended(struct nic *nic);

struct nic_reg {
	const char *name;       /* "RXDCTL" */
	unsigned index;         /* which of the array; 0 for a single register */
	unsigned count;         /* registers in the array */
	uint32_t offset, value; /* value: only if was_read */
	int clears_on_read, was_read;
	const char *section; /* of the datasheet */
	const char *title;
	char text[256]; /* "RXDCTL[3] = 0x02000000 ENABLE=1 …" */
};
/**
 * nic_reg - walk the registers that the driver knows, with their values now.
 * @i: 0, 1, 2 … @read_clearing: also read registers that reading clears (the driver's statistics
 * lose what was counted). Return: 0, -ENOENT after the last, -ENOTSUP (no registers), -ENODEV.
 */
NIC_API int nic_reg(struct nic *nic, unsigned i, int read_clearing, struct nic_reg *out);

/**
 * nic_model_ticks - nic_ticks (nicety/ticks.h) that a model has used up inside your calls, so far.
 * A model without a thread of its own (host=sync, the default) works while you call nic_rx or
 * nic_tx; subtract this to get the driver's cost. 0 for real devices and models on threads.
 */
NIC_API uint64_t nic_model_ticks(struct nic *nic);

/** nic_violations - how often a model saw a rule of its datasheet broken; 0 for real devices. */
NIC_API uint64_t nic_violations(struct nic *nic);

/* ---- the packet path ------------------------------------------------------------------- */

/* A queue's public part: one indirect call per burst. Drivers embed it at the start of theirs. */
struct nic_rxq {
	unsigned (*burst)(struct nic_rxq *q, struct nic_pkt *pkts, unsigned n);
};
struct nic_txq {
	unsigned (*burst)(struct nic_txq *q, const struct nic_pkt *pkts, unsigned n);
	unsigned (*clean)(struct nic_txq *q);
};

/** nic_rxq, nic_txq - handle of queue @i, valid until nic_close; NULL if there is none. */
NIC_API struct nic_rxq *nic_rxq(struct nic *nic, unsigned i);
NIC_API struct nic_txq *nic_txq(struct nic *nic, unsigned i);

/**
 * nic_rx - receive at most @n packets; never blocks, never makes a system call on real devices.
 *
 * The buffers now belong to the caller: pass each to nic_tx or nic_free. A frame of several
 * buffers is handed over whole or, if @n has no room for it, later.
 * Return: the number of elements filled.
 */
static inline unsigned nic_rx(struct nic_rxq *q, struct nic_pkt *pkts, unsigned n)
{
	return q->burst(q, pkts, n);
}

/**
 * nic_tx - send packets.
 *
 * Return: the number of elements taken, from the first; their buffers belong to the driver. The
 * others are still the caller's: the ring is full, or element [return] is malformed (counted in
 * tx_bad; then it is also taken and freed, so that a loop ends). Frames are taken whole.
 */
static inline unsigned nic_tx(struct nic_txq *q, const struct nic_pkt *pkts, unsigned n)
{
	return q->burst(q, pkts, n);
}

/**
 * nic_tx_clean - take back the buffers of everything that was sent already (nic_tx does it by
 * itself when the ring fills). Return: the number of descriptors still on their way.
 */
static inline unsigned nic_tx_clean(struct nic_txq *q)
{
	return q->clean(q);
}

/**
 * nic_rx_fd - a file descriptor that is readable after a receive interrupt of queue @i, for
 * poll and epoll; call nic_rx_arm before sleeping on it. -ENOTSUP without cfg.interrupts.
 * nic_rx_arm - let the next received packet interrupt. 1: packets are waiting already, do not
 * sleep; 0: armed; -ENODEV.
 */
NIC_API int nic_rx_fd(struct nic *nic, unsigned i);
NIC_API int nic_rx_arm(struct nic *nic, unsigned i);

/**
 * nic_rx_wait - sleep until queue @i has a packet or @timeout_ms (-1: for ever) has passed.
 * Return: 1 packets, 0 timeout, -ENOTSUP, -ENODEV, -EINTR (a signal).
 */
NIC_API int nic_rx_wait(struct nic *nic, unsigned i, int timeout_ms);

/* ---- the in-place path ----------------------------------------------------------------- */

/*
 * Slot i of the RX ring and of every TX ring owns buffer i for life: a received frame is edited
 * where it lies and sent by handing the same slot to the TX ring. No pool, no copy, no reclaim.
 * A slot is a frame: frames longer than one buffer are counted in rx_too_long and dropped.
 */
struct nic_slot {
	void *data;     /* the frame */
	uint16_t len;   /* received: its length, 0 = a bad frame, counted already; to send: the new
			   length, 0 = drop it */
	uint16_t out;   /* index of the output, among those given to nic_path_new */
	uint32_t flags; /* received: NIC_RX_*; on return ignored */
};

/**
 * nic_path_new - turn queue @q of @in and of every device in @outs into an in-place path.
 *
 * @outs may contain @in itself (an echo). The queues must be idle and are the path's from now on:
 * nic_rx and nic_tx on them return 0. All rings must have the same size.
 * Return: 0, -EINVAL, -ENOTSUP (driver), -EBUSY (queue already in a path), -ENOMEM.
 */
NIC_API int nic_path_new(struct nic_path **out, struct nic *in, struct nic *const *outs,
			 unsigned n_outs, unsigned q);
NIC_API void nic_path_del(struct nic_path *path);

struct nic_path_ops {
	unsigned (*rx)(struct nic_path *p, struct nic_slot *slots, unsigned n);
	void (*tx)(struct nic_path *p, const struct nic_slot *slots, unsigned n);
};
struct nic_rings;
struct nic_path {
	const struct nic_path_ops *ops;
	struct nic_rings *rings;          /* nicety/inline.h */
	void (*pump)(struct nic_path *p); /* of devices that run when called, else NULL */
	const void *driver;
};

/**
 * nic_path_rx - look at up to @n received frames in place. nic_path_tx - send or drop exactly the
 * slots that the last nic_path_rx returned, in order, and give sent slots back to the receiver.
 * Call nic_path_tx after every nic_path_rx, also if that returned 0.
 */
static inline unsigned nic_path_rx(struct nic_path *p, struct nic_slot *slots, unsigned n)
{
	return p->ops->rx(p, slots, n);
}
static inline void nic_path_tx(struct nic_path *p, const struct nic_slot *slots, unsigned n)
{
	p->ops->tx(p, slots, n);
}

#ifdef __cplusplus
}
#endif
#endif
