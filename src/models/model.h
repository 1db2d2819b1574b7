/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How a NIC model is plugged in. A model has no threads, no clock, no files, no sockets and no
 * globals: whoever hosts it (inproc.c in this process, the vfio-user server, a unit test) calls
 * its operations one at a time and supplies struct model_host. Freestanding.
 */
#ifndef MODELS_MODEL_H
#define MODELS_MODEL_H

#include "base/mmio.h"
#include "base/types.h"
#include "regs/regs.h"

struct model;
struct model_faults;

/* Why a frame from the wire was not taken. */
enum model_rx { MODEL_RX_TAKEN, MODEL_RX_DROPPED, MODEL_RX_WAIT };
/* Interrupt lines: vector number for MSI and MSI-X. */
enum model_irq { MODEL_INTX, MODEL_MSI, MODEL_MSIX };

/*
 * What a host does for a model. All calls come from inside a model operation.
 */
struct model_host {
	/*
	 * Direct pointer to device-visible memory, or NULL if [iova, iova + len) is not mapped
	 * whole, or not in one piece. @left: bytes that can be reached from there in one piece.
	 * Valid until the host calls model_class.dma_changed.
	 */
	void *(*dma_ptr)(struct model_host *host, uint64_t iova, size_t len, size_t *left);
	/* The same memory by copy, for hosts that cannot give pointers: 0 or -EFAULT. */
	int (*dma_read)(struct model_host *host, uint64_t iova, void *buf, size_t len);
	int (*dma_write)(struct model_host *host, uint64_t iova, const void *buf, size_t len);
	/* MSI, MSI-X: send message @vector. INTx: @level is the line's state. */
	void (*irq)(struct model_host *host, enum model_irq type, unsigned vector, int level);
	/* A frame leaves (without CRC). Only valid during the call. 0; -EAGAIN: the cable is busy,
	 * the model must offer it again later and keep it until then. */
	int (*wire_tx)(struct model_host *host, const void *frame, size_t len);
	uint64_t (*now_ns)(struct model_host *host);
	/* A rule of the datasheet was broken. @rule: stable short name; @section: "82599 7.1.9". */
	void (*violation)(struct model_host *host, const char *rule, const char *section,
			  const char *text);
	uint32_t *doorbells; /* BAR0-sized shadow, little endian: tail registers live here only.
				Written by driver threads; the model reads with acquire. */
};

struct model_options {
	uint8_t mac[6];
	uint16_t device;     /* PCI id among class->ids, 0 = first */
	uint16_t vectors;    /* MSI-X vectors, 0 or above the chip's: as many as the chip has */
	const char *lenient; /* comma-separated rules not to report, or NULL */
	const struct model_faults *faults; /* models/faults.h; NULL: none */
};

struct model_id {
	uint16_t vendor, device;
	const char *name;
};

struct model_status {
	unsigned link_mbps;            /* 0: down */
	unsigned rx_queues, tx_queues; /* that are switched on */
};

struct model_class {
	const char *name;           /* "82599" */
	const struct model_id *ids; /* ends with vendor 0 */
	const struct reg_table *regs;
	size_t size; /* bytes of the model's state; the host allocates it zeroed */
	uint32_t bar_size[6];

	void (*init)(struct model *m, struct model_host *host, const struct model_options *opt);
	/* Power-on / function level reset. */
	void (*reset)(struct model *m);
	/* PCI configuration space, bytes. */
	void (*config_read)(struct model *m, unsigned off, void *buf, size_t len);
	void (*config_write)(struct model *m, unsigned off, const void *buf, size_t len);
	/* Naturally aligned register access of 1, 2, 4 or 8 bytes. */
	uint64_t (*read)(struct model *m, unsigned bar, uint32_t off, unsigned size);
	void (*write)(struct model *m, unsigned bar, uint32_t off, uint64_t value, unsigned size);
	/* 1: @off is a tail register that a driver may write as memory in host->doorbells. */
	int (*is_doorbell)(uint32_t off);
	/*
	 * A frame arrives, without CRC, at least 14 bytes. @may_wait: the sender keeps it when the
	 * model has no room now (MODEL_RX_WAIT) instead of the frame being lost. @bad: enum
	 * model_frame_error.
	 */
	enum model_rx (*wire_rx)(struct model *m, const void *frame, size_t len, int may_wait,
				 unsigned bad);
	/* The cable was plugged in (1) or out (0). */
	void (*wire_link)(struct model *m, int up);
	/* Do what is due: look at doorbells, send, time interrupts. Return: work done, 0 = idle. */
	unsigned (*run)(struct model *m);
	/* Mappings changed: forget all pointers from dma_ptr. */
	void (*dma_changed)(struct model *m);
	/* 1 when nothing that was taken from the wire waits inside the model. */
	int (*drained)(struct model *m);
	/* Named counters, index from 0; 0 ends the list. */
	int (*counter)(struct model *m, unsigned i, const char **name, uint64_t *value);
	/* What it is doing, for reports. NULL: it does not tell. */
	void (*status)(struct model *m, struct model_status *status);
	/* 1: the function was taken out of its slot. NULL: never. */
	int (*gone)(struct model *m);
};

enum model_frame_error { MODEL_FRAME_GOOD, MODEL_FRAME_CRC };

extern const struct model_class model_82576;
extern const struct model_class model_82599;
extern const struct model_class model_82540em;
extern const struct model_class model_82574l;

#endif
