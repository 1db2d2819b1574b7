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

#define MAX_MAPS 1024u

struct server_map {
	uint64_t iova;
	size_t len;
	uint8_t *va; /* NULL: the client gave no descriptor, the model cannot reach it */
	int writable;
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
	int fds[3][MODEL_VECTORS]; /* by enum pci_irq; -1: none */
	int intx_level;
	uint64_t messages, refused, clients, violations, irqs, wire_lost;
};

/** server_command - carry out a message and reply. 0, or -errno: hang up. */
int server_command(struct nic_server *s, struct message *m);
/** server_forget_client - let go of all that the client gave: memory, descriptors. */
void server_forget_client(struct nic_server *s);

#endif
