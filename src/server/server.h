/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A served model, shared by server.c (life, loop) and commands.c (the protocol's commands).
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "bus/model_irq.h"
#include "bus/model_uri.h"
#include "nicety/server.h"
#include "server/connection.h"
#include "wires/wire.h"

#define MAX_MAPS    1024u
#define MAX_RULES   128u
#define MAX_SERVERS 64u                /* in one loop */
#define REGISTERS   ((128u << 10) / 4) /* of BAR 0 whose use is remembered */

struct server_map {
	uint64_t iova;
	size_t len;
	uint8_t *va; /* NULL: the client gave no descriptor, it is asked by message */
	int readable, writable;
};

/* A rule that a driver has broken. */
struct broken_rule {
	const char *rule, *section; /* the model's, for ever */
	uint64_t count;
};

/* How the client lays out DMA_READ and DMA_WRITE: bus/vfio_user_proto.h. */
enum dma_form { DMA_UNKNOWN, DMA_BY_THE_BOOK, DMA_QEMU };

/* What a client said of itself in VERSION. */
struct client_caps {
	uint32_t max_xfer; /* bytes of data in a DMA_READ or DMA_WRITE */
	int doorbells;     /* it wants region VFU_DOORBELLS */
};

struct nic_server {
	struct model_host host; /* must be first */
	const struct model_class *class;
	struct model *model;
	struct model_uri uri;
	struct wire *wire;
	int link;
	char *path;
	int listener;
	struct connection connection;
	struct server_map maps[MAX_MAPS];
	unsigned n_maps;
	struct client_caps caps;
	uint32_t *own_doorbells;    /* where tails live while no client shares them */
	uint32_t *shared_doorbells; /* NULL: they are not shared */
	int doorbell_fd;
	int fds[3][MODEL_VECTORS]; /* by enum pci_irq; -1: none */
	int intx_level;
	unsigned idle;    /* rounds without work */
	uint64_t worked;  /* ns: when there was some */
	uint64_t gone_at; /* ns: since when the function is removed; 0: it is there */
	enum dma_form dma_form;
	int broken; /* -errno: the client failed in the middle of a DMA, hang up soon */
	struct broken_rule rules[MAX_RULES];
	unsigned n_rules;
	uint32_t used[REGISTERS / 32]; /* registers that were accessed, by offset */
	uint64_t dma_messages, dma_refused;
	uint64_t messages, refused, clients, violations, irqs, wire_lost;
};

/** server_command - carry out a message and reply. 0, or -errno: hang up. */
int server_command(struct nic_server *s, struct message *m);
/** server_forget_client - let go of all that the client gave: memory, descriptors. */
void server_forget_client(struct nic_server *s);

/* dma.c: as struct model_host wants them */
void *server_dma_ptr(struct model_host *host, uint64_t iova, size_t len, size_t *left);
int server_dma_read(struct model_host *host, uint64_t iova, void *buf, size_t len);
int server_dma_write(struct model_host *host, uint64_t iova, const void *buf, size_t len);

/* version.c */
int server_version(struct nic_server *s, struct message *m);
void server_caps_reset(struct nic_server *s);

/* doorbells.c */
/** server_doorbells_info - REGION_INFO of region VFU_DOORBELLS. @room: for the reply's payload. */
int server_doorbells_info(struct nic_server *s, struct message *m, uint32_t room);
/** server_doorbells_unshare - tails live with us again, all zero. */
void server_doorbells_unshare(struct nic_server *s);

#endif
