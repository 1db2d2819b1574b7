/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82599 model's state. README.md tells what it models, its rules and its counters.
 * Files: core.c (registers), config.c (PCI), nvm.c (EEPROM, semaphores, MDIO), irq.c, rules.c (of
 * register writes), queue.c (queue registers), filter.c, rx.c (delivery), tx.c, stats.c. ../intel
 * has what other chips do the same way: PCI, DMA, rings of descriptors, headers and checksums.
 */
#ifndef MODELS_82599_H
#define MODELS_82599_H

#include "base/ring.h"
#include "models/intel/adv.h"
#include "models/intel/config.h"
#include "models/regfile.h"
#include "regs/ixgbe.h"

#define QUEUES        128u
#define VECTORS       64u
#define EEPROM_WORDS  2048u
#define PACKET_BUFFER (512u << 10)

enum l2 { L2_REJECT, L2_MINE, L2_OTHERS };

struct model {
	struct model_host *host;
	struct model_options opt;
	uint16_t device;
	struct regfile regs;

	struct config config;
	struct dma dma;

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

	struct adv_rx rx[QUEUES];
	struct adv_tx tx[QUEUES];
	uint64_t rx_on[2], tx_on[2];          /* bitmaps */
	uint32_t written[REGFILE_WORDS / 32]; /* since reset: tables that must be cleared */

	uint64_t addresses[128]; /* the valid ones of RAL and RAH */
	uint32_t n_addresses;
	int addresses_valid;

	struct toeplitz toeplitz;
	struct adv adv; /* what the rings share */
	struct fifo fifo;
	uint8_t packet_buffer[PACKET_BUFFER];
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
	if (unlikely(*v < n))
		*high = (*high + 1) & 15;
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

/* core.c: a descriptor or buffer could not be reached */
void dma_failed(struct model *m, const char *what);

/* config.c */
void function_init(struct model *m);
void function_read(struct model *m, unsigned off, void *buf, size_t len);
void function_write(struct model *m, unsigned off, const void *buf, size_t len);
void msix_bar_write(struct model *m, uint32_t off, uint64_t value, unsigned size);

static inline int bus_master(const struct model *m)
{
	return config_bus_master(&m->config);
}
static inline int memory_on(const struct model *m)
{
	return config_memory_on(&m->config);
}
static inline int msix_on(const struct model *m)
{
	return config_msix_on(&m->config);
}

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
int is_tail(uint32_t off);

/* filter.c */
enum l2 filter_address(struct model *m, const uint8_t *f);
int filter_vlan(struct model *m, const struct parsed *p);
int flow_control_frame(struct model *m, const uint8_t *f, uint32_t len);
uint32_t size_limit(struct model *m, const struct parsed *p);

/* rx.c */
enum model_rx frame_in(struct model *m, const void *frame, size_t len, int may_wait, unsigned bad);
unsigned fifo_drain(struct model *m);

/* tx.c */
extern const struct adv_chip adv_82599;
unsigned tx_run(struct model *m);

#endif
