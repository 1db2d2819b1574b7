/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82599 model's state. README.md tells what it models, its rules and its counters.
 * Files: core.c (registers), config.c (PCI), nvm.c (EEPROM, semaphores, MDIO), irq.c, dma.c,
 * rules.c (of register writes), queue.c (queue registers), filter.c, rx.c (delivery), parse.c
 * (headers, checksums, RSS), tx.c (descriptors), segment.c (offloads), stats.c.
 */
#ifndef MODELS_82599_H
#define MODELS_82599_H

#include "base/errno.h"
#include "base/memory.h"
#include "base/ring.h"
#include "models/model.h"
#include "models/regfile.h"
#include "regs/ixgbe.h"
#include "regs/ixgbe_desc.h"

#define QUEUES        128u
#define VECTORS       64u
#define EEPROM_WORDS  2048u
#define PACKET_BUFFER (512u << 10)
#define MAX_FRAME     16384u
#define MAX_TX_DATA   (256u << 10)
#define TLB_SLOTS     64u
#define TLB_BLOCK     (1u << 20) /* addresses that share a TLB entry */

struct rx_queue {
	uint64_t base;
	uint32_t size; /* descriptors */
	uint32_t head;
	uint32_t seen;   /* the tail when it was looked at last */
	uint32_t buffer; /* bytes */
	int on, legacy, drop, strip;
};

struct tx_queue {
	uint64_t base, head_wb;
	uint32_t size, head, seen;
	int on, use_head_wb;
	uint32_t context[2][4];
	int context_set[2];
	uint32_t segments_sent; /* of the frame at head, when the cable was busy in the middle */
	int stuck;              /* after an error: until it is disabled */
};

struct tlb { /* addresses from start up to end lie at va; start = end: empty */
	uint64_t start, end;
	uint8_t *va;
};

/* What the model has seen of a frame, in host order. */
struct parsed {
	uint32_t type;   /* 82599 7.1.6.2 packet type, shifted as in the descriptor */
	uint32_t status; /* L4CS, IPCS, UDPCS */
	uint32_t errors; /* TCPE, IPE */
	uint32_t hash, hash_type;
	int tagged, others; /* others: not to a unicast address of ours */
	uint16_t tag;
};

enum l2 { L2_REJECT, L2_MINE, L2_OTHERS };

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

struct model {
	struct model_host *host;
	struct model_options opt;
	uint16_t device;
	struct regfile regs;

	uint8_t config[256], config_mask[256];
	uint8_t msix[VECTORS * 16];
	uint64_t pba;

	uint16_t eeprom[EEPROM_WORDS];
	struct { /* bit-banged SPI */
		uint32_t in, bits, out;
		int op;
		uint16_t addr;
	} spi;

	uint64_t reset_until; /* ns: not to be touched before */
	uint64_t link_at;     /* ns: negotiation ends */
	int wire_up, link_up;

	uint64_t pending, mask, signalled; /* MSI-X vectors; low 16 bits are EICR's and EIMS's */
	uint32_t other, other_mask;        /* EICR, EIMS bits 30:16 */
	int other_signalled, intx_level, msi_sent;
	uint64_t irq_after[VECTORS]; /* ns: throttled until */
	uint32_t irq_interval[VECTORS];
	int irq_dirty;

	struct rx_queue rx[QUEUES];
	struct tx_queue tx[QUEUES];
	uint64_t rx_on[2], tx_on[2];          /* bitmaps */
	uint32_t written[REGFILE_WORDS / 32]; /* since reset: tables that must be cleared */

	uint64_t addresses[128]; /* the valid ones of RAL and RAH */
	uint32_t n_addresses;
	int addresses_valid;

	uint32_t toeplitz[36][256];
	int toeplitz_valid;

	struct tlb tlb[TLB_SLOTS];
	/* The packet buffer: a ring of {u32 length, bytes}. */
	uint8_t fifo[PACKET_BUFFER];
	uint32_t fifo_in, fifo_out;
	uint8_t frame[MAX_FRAME + 64];  /* a frame in copy: padding, tags */
	uint8_t data[MAX_TX_DATA + 64]; /* a TX frame gathered from its descriptors */
	uint64_t wire_in, delivered, drops[DROPS], wire_out, null_descriptors, tx_refused,
		unmodelled;
};

static inline uint32_t get(struct model *m, uint32_t off)
{
	return *reg(&m->regs, off);
}
static inline uint32_t get_field(struct model *m, uint32_t off, unsigned field)
{
	return field_get(get(m, off), field);
}
/** count, count_wide - add to a statistics register; to one of the 36-bit pairs. */
static inline void count(struct model *m, uint32_t off, uint32_t n)
{
	*reg(&m->regs, off) += n;
}
static inline void count_wide(struct model *m, uint32_t low, uint32_t n)
{
	uint32_t *v = reg(&m->regs, low), *high = reg(&m->regs, low + 4);

	*v += n;
	*high = (*high + (*v < n)) & 15;
}
/** count_size - PRC64 or PTC64 and what follows: 64, 65-127, 128-255, … 1024 and more bytes. */
static inline void count_size(struct model *m, uint32_t first, uint32_t bytes)
{
	uint32_t log = 31 - (uint32_t)__builtin_clz(bytes);

	count(m, first + 4 * (bytes <= 64 ? 0 : log > 10 ? 5 : log - 5), 1);
}
static inline uint64_t now(struct model *m)
{
	return m->host->now_ns(m->host);
}

/* core.c */
/** violate - report a broken rule, unless it is lenient. */
void violate(struct model *m, const char *rule, const char *section, const char *text);
void device_reset(struct model *m);

/* dma.c */
uint8_t *dma_slow(struct model *m, uint64_t iova, size_t len);
int dma_copy_slow(struct model *m, uint64_t iova, void *buf, size_t len, int to_memory);
int desc_write_slow(struct model *m, uint64_t iova, const uint64_t *q0, uint64_t q1);
/** word_write - head write-back. */
int word_write(struct model *m, uint64_t iova, uint32_t value);
void dma_failed(struct model *m, const char *what);
void dma_changed(struct model *m);

/** dma - pointer to @len bytes in one piece, NULL: not mapped so. */
static inline uint8_t *dma(struct model *m, uint64_t iova, size_t len)
{
	const struct tlb *t = &m->tlb[iova / TLB_BLOCK % TLB_SLOTS];

	if (likely(iova >= t->start && iova + len <= t->end && iova < t->end))
		return t->va + (iova - t->start);
	return dma_slow(m, iova, len);
}

/** dma_copy - to or from memory. 0 or -EFAULT. */
static inline int dma_copy(struct model *m, uint64_t iova, void *buf, size_t len, int to_memory)
{
	uint8_t *p = dma(m, iova, len);

	if (unlikely(!p))
		return dma_copy_slow(m, iova, buf, len, to_memory);
	memcpy(to_memory ? (void *)p : buf, to_memory ? buf : (void *)p, len);
	return 0;
}

/** desc_read - a descriptor. Acquiring the tail made the driver's stores visible. 0, -EFAULT. */
static inline int desc_read(struct model *m, uint64_t iova, le64 q[2])
{
	const le64 *d = (const le64 *)(const void *)dma(m, iova, 16);

	if (unlikely(!d))
		return dma_copy(m, iova, q, 16, 0);
	q[0] = d[0];
	/* A driver polls this one while we look: relaxed, so that it is one access. */
	q[1].raw = __atomic_load_n(&d[1].raw, __ATOMIC_RELAXED);
	return 0;
}

/**
 * desc_write - write a descriptor back; @q0 NULL: quadword 0 stays. Quadword 1 holds DD in all
 * formats: it goes last, and everything before it is seen first.
 */
static inline int desc_write(struct model *m, uint64_t iova, const uint64_t *q0, uint64_t q1)
{
	le64 *d = (le64 *)(void *)dma(m, iova, 16);

	if (unlikely(!d))
		return desc_write_slow(m, iova, q0, q1);
	if (q0)
		d[0] = to_le64(*q0);
	dma_store_release64(&d[1], q1);
	return 0;
}

/* config.c */
void config_init(struct model *m);
void config_read(struct model *m, unsigned off, void *buf, size_t len);
void config_write(struct model *m, unsigned off, const void *buf, size_t len);
int bus_master(const struct model *m);
int memory_on(const struct model *m);
int msix_on(const struct model *m);
int msi_on(const struct model *m);
int intx_off(const struct model *m);
int msix_masked(const struct model *m, unsigned vector);
uint64_t msix_bar_read(struct model *m, uint32_t off, unsigned size);
void msix_bar_write(struct model *m, uint32_t off, uint64_t value, unsigned size);

/* nvm.c */
void nvm_init(struct model *m);
uint32_t nvm_read(struct model *m, uint32_t off);
void nvm_write(struct model *m, uint32_t off, uint32_t value);

/* rules.c */
/** check_write - judge a register write that is about to happen. */
void check_write(struct model *m, uint32_t off, uint32_t value);

/* irq.c */
int irq_owns(uint32_t off);
uint32_t irq_read(struct model *m, uint32_t off);
void irq_write(struct model *m, uint32_t off, uint32_t value);
void irq_reset(struct model *m);
void irq_queue(struct model *m, unsigned queue, int tx);
void irq_other(struct model *m, uint32_t causes);
/** irq_update - deliver what may be delivered now. */
void irq_update(struct model *m);

/* queue.c */
int queue_owns(uint32_t off);
uint32_t queue_read(struct model *m, uint32_t off);
void queue_write(struct model *m, uint32_t off, uint32_t value);
void queue_reset(struct model *m);
uint32_t queue_tail(struct model *m, uint32_t reg_off);
/** queue_watch - look at a queue's tail and judge how it moved. -1: it is outside the ring. */
int64_t rx_watch(struct model *m, uint32_t q);
int64_t tx_watch(struct model *m, uint32_t q);
int is_tail(uint32_t off);

/* filter.c */
enum l2 filter_address(struct model *m, const uint8_t *f);
int filter_vlan(struct model *m, const struct parsed *p);
int flow_control_frame(struct model *m, const uint8_t *f, uint32_t len);
uint32_t size_limit(struct model *m, const struct parsed *p);

/* rx.c */
enum model_rx frame_in(struct model *m, const void *frame, size_t len, int may_wait, unsigned bad);
unsigned fifo_drain(struct model *m);

/* parse.c */
void parse_frame(struct model *m, const uint8_t *f, uint32_t len, struct parsed *p);
/** sum16 - ones' complement sum in memory order, folded to 16 bits. */
uint32_t sum16(const uint8_t *p, size_t len, uint32_t sum);

/* tx.c, segment.c */
/** crc32c - of SCTP packets, in their byte order when stored lowest byte first. */
uint32_t crc32c(const uint8_t *p, uint32_t len);
unsigned tx_run(struct model *m);
/** frame_out - 0, -EAGAIN: the cable is busy. */
int frame_out(struct model *m, unsigned queue, const uint8_t *frame, uint32_t len);
int send_offloaded(struct model *m, unsigned queue, uint32_t len, const uint32_t context[4],
		   uint32_t cmd, uint32_t status);

/* stats.c */
int model_counter(struct model *m, unsigned i, const char **name, uint64_t *value);

static inline uint16_t be16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}
static inline void put_be16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

#endif
