/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The 82576 model's state. README.md tells what it models, its rules and its counters.
 * Files: core.c (registers), config.c (PCI), nvm.c (EEPROM, semaphores), phy.c (MDIC, link),
 * irq.c, rules.c (of register writes), queue.c (queue registers), filter.c, rx.c, tx.c, stats.c.
 * ../intel has what other chips do the same way. Names that files share begin with m76_.
 */
#ifndef MODELS_82576_H
#define MODELS_82576_H

#include "models/intel/adv.h"
#include "models/intel/config.h"
#include "models/regfile.h"
#include "regs/igb.h"

#define QUEUES        16u
#define CAUSES        25u /* bits of EICR that are vectors */
#define VECTORS       10u /* MSI-X messages: what the EEPROM grants to a port without SR-IOV */
#define EEPROM_WORDS  1024u
#define PACKET_BUFFER (64u << 10)

enum l2 { L2_REJECT, L2_MINE, L2_OTHERS };

/* The error bits of the write-back are one lower than those of the 82599: 82576 7.1.5.2. */
#define RX_ERRORS(parsed) ((parsed)->errors >> 1)
#define RX_RXE            (1u << 31)

struct model {
	struct model_host *host;
	struct model_options opt;
	uint16_t device;
	struct regfile regs;
	struct config config;
	struct dma dma;

	uint16_t eeprom[EEPROM_WORDS];
	uint16_t phy[32];
	uint64_t reset_until; /* ns: not to be touched before */
	uint64_t link_at;     /* ns: negotiation ends */
	int wire_up, link_up;

	uint32_t icr, ims, icr_seen;       /* causes of the e1000 kind; those acted upon */
	uint32_t pending, mask, signalled; /* EICR, EIMS; messages sent for pending ones */
	int intx_level, msi_sent, irq_dirty;
	uint64_t irq_after[CAUSES]; /* ns: throttled until */

	struct adv_rx rx[QUEUES];
	struct adv_tx tx[QUEUES];
	uint32_t tx_on;                       /* bitmap */
	uint32_t rx_latched, tx_latched;      /* queues that have read their ring registers */
	uint32_t written[REGFILE_WORDS / 32]; /* since reset: tables that must be cleared */
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
/** count, count_wide - add to a statistics register; to a pair of 64 bits. */
static inline void count(struct model *m, uint32_t off, uint32_t n)
{
	*reg(&m->regs, off) += n;
}
static inline void count_wide(struct model *m, uint32_t low, uint32_t n)
{
	uint32_t *v = reg(&m->regs, low);

	*v += n;
	*reg(&m->regs, low + 4) += *v < n;
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
static inline int bus_master(const struct model *m)
{
	return config_bus_master(&m->config);
}

/* core.c */
/** m76_violate - report a broken rule, unless it is lenient. */
void m76_violate(struct model *m, const char *rule, const char *section, const char *text);
/** m76_unreachable - a descriptor or buffer could not be reached. */
void m76_unreachable(struct model *m, const char *what);

/* config.c */
void m76_function_init(struct model *m);
void m76_function_read(struct model *m, unsigned off, void *buf, size_t len);
void m76_function_write(struct model *m, unsigned off, const void *buf, size_t len);
void m76_msix_write(struct model *m, uint32_t off, uint64_t value, unsigned size);

/* nvm.c */
void m76_nvm_init(struct model *m);
uint32_t m76_nvm_read(struct model *m, uint32_t off);
void m76_nvm_write(struct model *m, uint32_t off, uint32_t value);

/* phy.c */
void m76_phy_reset(struct model *m);
void m76_mdic_write(struct model *m, uint32_t value);
/** m76_link_start - negotiation begins; the link is down until it ends. */
void m76_link_start(struct model *m);
void m76_link_update(struct model *m);

/* rules.c */
/** m76_check_write - judge a register write that is about to happen. */
void m76_check_write(struct model *m, uint32_t off, uint32_t value);

/* irq.c */
int m76_irq_owns(uint32_t off);
uint32_t m76_irq_read(struct model *m, uint32_t off);
void m76_irq_write(struct model *m, uint32_t off, uint32_t value);
void m76_irq_reset(struct model *m);
void m76_irq_queue(struct model *m, unsigned queue, int tx);
/** m76_irq_cause - set bits of ICR. */
void m76_irq_cause(struct model *m, uint32_t causes);
/** m76_irq_update - deliver what may be delivered now. */
void m76_irq_update(struct model *m);

/* queue.c */
int m76_queue_owns(uint32_t off);
uint32_t m76_queue_read(struct model *m, uint32_t off);
void m76_queue_write(struct model *m, uint32_t off, uint32_t value);
void m76_queue_reset(struct model *m);
/** m76_queues_update - RCTL.RXEN or TCTL.EN changed: queues go on or off with it. */
void m76_queues_update(struct model *m);
int m76_is_tail(uint32_t off);

/* filter.c */
enum l2 m76_filter_address(struct model *m, const uint8_t *f);
int m76_filter_vlan(struct model *m, const struct parsed *p);
int m76_flow_control(struct model *m, const uint8_t *f, uint32_t len);
uint32_t m76_size_limit(struct model *m, const struct parsed *p);

/* rx.c */
/** m76_wire_in - a frame from the cable, which nobody listens to while the PHY is in loopback. */
enum model_rx m76_wire_in(struct model *m, const void *frame, size_t len, int may_wait,
			  unsigned bad);
enum model_rx m76_frame_in(struct model *m, const void *frame, size_t len, int may_wait,
			   unsigned bad);
unsigned m76_fifo_drain(struct model *m);

/* tx.c */
extern const struct adv_chip m76_adv;
unsigned m76_tx_run(struct model *m);

#endif
