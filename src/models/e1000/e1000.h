/* SPDX-License-Identifier: BSD-2-Clause
 *
 * State of the models of the 82540EM (PCI) and the 82574L (PCIe), which are one design at heart.
 * README.md tells what is modelled, the rules and the counters.
 * Files: core.c (registers, reset, link), config.c (PCI), nvm.c (EEPROM, PHY), irq.c, rules.c (of
 * register writes), queue.c (ring registers), filter.c, rx.c, split.c (packet split), tx.c,
 * offload.c, stats.c.
 */
#ifndef MODELS_E1000_H
#define MODELS_E1000_H

#include "models/intel/config.h"
#include "models/intel/dma.h"
#include "models/intel/fifo.h"
#include "models/intel/packet.h"
#include "models/regfile.h"
#include "regs/e1000.h"
#include "regs/e1000_desc.h"

#define QUEUES        2u
#define VECTORS       5u
#define EEPROM_WORDS  64u
#define PACKET_BUFFER (64u << 10)
#define MAX_FRAME     16384u /* with CRC */
#define MAX_TX_DATA   (256u << 10)

struct ring {
	uint64_t base;
	uint32_t size; /* in 16 bytes, as head and tail; 0: the queue is off */
	uint32_t head;
	uint32_t seen; /* the tail when it was looked at last */
	uint32_t tail; /* offset of its register */
};

/* What a context descriptor says. */
struct context {
	uint32_t ip, tu, cmd, high;
	int set;
};

struct tx_queue {
	struct ring ring;
	struct context context[2]; /* [1]: for segmentation */
	uint32_t segments_sent;    /* of the frame at head, when the cable was busy in the middle */
	int stuck;                 /* after an error: until it is switched off */
};

enum l2 { L2_REJECT, L2_MINE, L2_OTHERS };

enum named_drop {
	DROP_OFF,     /* receiver or link off, no bus master */
	DROP_SHORT,   /* shorter than an Ethernet header */
	DROP_FILTER,  /* address or VLAN filter */
	DROP_CONTROL, /* pause frames that the MAC keeps */
	DROP_CRC,
	DROP_OVERSIZE,
	DROP_NO_QUEUE, /* the chosen queue has no ring */
	DROP_BUFFER,   /* packet buffer full */
	DROP_DMA,      /* the address is not mapped */
	DROPS,
};

struct model {
	struct model_host *host;
	struct model_options opt;
	const struct model_class *class;
	int pcie; /* it is an 82574L: two queues, MSI-X, extended descriptors */
	uint16_t device;
	struct regfile regs;
	struct config config;
	struct dma dma;
	uint32_t io_address; /* I/O BAR: the register that IODATA reaches */

	uint16_t eeprom[EEPROM_WORDS];
	struct { /* bit-banged Microwire */
		uint32_t in, bits;
		uint16_t out;
	} wire;
	uint16_t phy[32];

	uint64_t reset_until; /* ns: not to be touched before */
	uint64_t link_at;     /* ns: negotiation ends */
	int wire_up, phy_up, link_up;
	uint32_t pba; /* as it was when the device was reset last: only then it counts */

	uint32_t icr, ims;
	uint32_t signalled; /* causes that have sent their MSI-X message */
	int intx_level, msi_sent, irq_dirty;
	uint64_t irq_after[VECTORS]; /* ns: throttled until; [0] also for INTx and MSI */

	struct ring rx[QUEUES];
	struct tx_queue tx[QUEUES];
	uint32_t buffer; /* bytes of an RX buffer */
	int rx_on, tx_on, extended;
	uint32_t split[4]; /* packet split: bytes of each buffer; [0] is 0 without it */
	uint32_t written[REGFILE_WORDS / 32]; /* since reset: tables that must be cleared */
	struct toeplitz toeplitz;

	struct fifo fifo; /* the packet buffer: frames that wait for descriptors */
	uint8_t fifo_bytes[PACKET_BUFFER];
	uint8_t frame[MAX_FRAME + 64];  /* a frame in copy: padding, tags */
	uint8_t data[MAX_TX_DATA + 64]; /* a TX frame gathered from its descriptors */
	uint64_t wire_in, delivered, drops[DROPS], wire_out, null_descriptors, tx_refused,
		unmodelled;
	/* of frames: TCP or UDP checksum filled in; cut; into how many; checksum was right */
	uint64_t tx_checksums, tx_segmented, tx_segments, rx_checksums;
};

static inline uint32_t get(struct model *m, uint32_t off)
{
	return *reg(&m->regs, off);
}
static inline uint32_t get_field(struct model *m, uint32_t off, unsigned field)
{
	return field_get(get(m, off), field);
}
/** count - add 1 to a statistics register, which sticks at its maximum (82540EM 13.7). */
static inline void count(struct model *m, uint32_t off)
{
	uint32_t *v = reg(&m->regs, off);

	*v += *v != UINT32_MAX;
}
/** count_wide - add to one of the 64-bit pairs. */
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

	count(m, first + 4 * (bytes <= 64 ? 0 : log > 10 ? 5 : log - 5));
}
static inline uint64_t now(struct model *m)
{
	return m->host->now_ns(m->host);
}
static inline unsigned queues(const struct model *m)
{
	return m->pcie ? 2 : 1;
}
static inline int bus_master(const struct model *m)
{
	return config_bus_master(&m->config);
}
static inline int is_broadcast(const uint8_t *f)
{
	return (f[0] & f[1] & f[2] & f[3] & f[4] & f[5]) == 0xff;
}

/* core.c */
/** e1k_violate - report a broken rule, unless it is lenient. */
void e1k_violate(struct model *m, const char *rule, const char *section, const char *text);
/** e1k_dma_failed - a descriptor or buffer could not be reached. */
void e1k_dma_failed(struct model *m, const char *what);
/** e1k_link_restart - the PHY negotiates anew. */
void e1k_link_restart(struct model *m);
void e1k_link_update(struct model *m);
/** e1k_loops - the PHY, or RCTL.LBM, sends back what is sent. */
int e1k_loops(struct model *m);

/* config.c */
void e1k_config_init(struct model *m);
void e1k_config_read(struct model *m, unsigned off, void *buf, size_t len);
void e1k_config_write(struct model *m, unsigned off, const void *buf, size_t len);

/* nvm.c */
void e1k_nvm_init(struct model *m);
void e1k_phy_reset(struct model *m);
int e1k_nvm_owns(uint32_t off);
uint32_t e1k_nvm_read(struct model *m, uint32_t off);
void e1k_nvm_write(struct model *m, uint32_t off, uint32_t value);

/* rules.c */
/** e1k_check_write - judge a register write that is about to happen. */
void e1k_check_write(struct model *m, uint32_t off, uint32_t value);
/** e1k_bits - which bits of a register can be written. */
uint32_t e1k_bits(uint32_t off);
void e1k_check_receiver(struct model *m);
void e1k_check_transmitter(struct model *m);

/* irq.c */
int e1k_irq_owns(uint32_t off);
uint32_t e1k_irq_read(struct model *m, uint32_t off);
void e1k_irq_write(struct model *m, uint32_t off, uint32_t value);
void e1k_irq_reset(struct model *m);
void e1k_irq_cause(struct model *m, uint32_t causes);
/** e1k_irq_update - deliver what may be delivered now. */
void e1k_irq_update(struct model *m);

/* queue.c */
int e1k_queue_owns(const struct model *m, uint32_t off);
uint32_t e1k_queue_read(struct model *m, uint32_t off);
void e1k_queue_write(struct model *m, uint32_t off, uint32_t value);
void e1k_queue_reset(struct model *m);
/** e1k_control - RCTL, TCTL or RFCTL was written: rings go on or off. */
void e1k_control(struct model *m);
/** e1k_watch - look at a ring's tail, judge how it moved. -1: it is outside the ring. */
int64_t e1k_watch(struct model *m, struct ring *r);

/* filter.c */
enum l2 e1k_filter_address(struct model *m, const uint8_t *f);
int e1k_filter_vlan(struct model *m, const struct parsed *p);
int e1k_pause_frame(struct model *m, const uint8_t *f, uint32_t len);

/* rx.c */
enum model_rx e1k_frame_in(struct model *m, const void *frame, size_t len, int may_wait,
			   unsigned bad);
/** e1k_wire_in - a frame from the cable, which nobody listens to in loopback. */
enum model_rx e1k_wire_in(struct model *m, const void *frame, size_t len, int may_wait,
			  unsigned bad);
unsigned e1k_fifo_drain(struct model *m);

/* split.c */
/* A frame as it is stored, and what its descriptors say. */
struct stored {
	const uint8_t *bytes;
	uint32_t len, queue;
	uint32_t headers; /* bytes that a split frame has in its first buffer; 0: not split */
	uint32_t status, errors; /* of the last descriptor, without DD and EOP */
	uint64_t sum;            /* packet checksum */
	const struct parsed *p;
};
/** e1k_split_on - the receiver is switched on: sizes of the buffers; none without packet split. */
void e1k_split_on(struct model *m);
/** e1k_split_headers - what goes to the first buffer alone; @cut: bytes of the tag stripped. */
uint32_t e1k_split_headers(struct model *m, const struct parsed *p, uint32_t cut);
/** e1k_split_need - descriptors for @len bytes with such headers. */
uint32_t e1k_split_need(const struct model *m, uint32_t headers, uint32_t len);
/** e1k_split_fill - as fill_buffers of rx.c. Return: descriptors, 0 = DMA error. */
uint32_t e1k_split_fill(struct model *m, const struct stored *s);
/** e1k_rx_first - the first quadword of an extended or split write-back. */
uint64_t e1k_rx_first(struct model *m, const struct stored *s, int last);
static inline uint32_t units(const struct model *m) /* of 16 bytes in an RX descriptor */
{
	return m->split[0] ? 2 : 1;
}

/* tx.c, offload.c */
/* A descriptor in host order: the two halves of its word. */
struct desc {
	uint64_t addr;
	uint32_t low, high;
};
unsigned e1k_tx_run(struct model *m);
/** e1k_frame_out - 0, -EAGAIN: the cable is busy. */
int e1k_frame_out(struct model *m, const uint8_t *frame, uint32_t len);
/** e1k_send_legacy, e1k_send_data - the frame in m->data. */
int e1k_send_legacy(struct model *m, uint32_t len, const struct desc *last);
int e1k_send_data(struct model *m, struct tx_queue *t, uint32_t len, const struct desc *first,
		  const struct desc *last);

/* stats.c */
int e1k_counter(struct model *m, unsigned i, const char **name, uint64_t *value);

#endif
