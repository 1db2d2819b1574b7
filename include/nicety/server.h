/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Serving a software NIC to another process: the vfio-user protocol over a UNIX socket, as QEMU
 * (device vfio-user-pci) and SPDK-like clients speak it. The client sees a PCI function; its
 * driver can be anybody's.
 *
 * Threads: everything of one server from one thread.
 */
#ifndef NICETY_SERVER_H
#define NICETY_SERVER_H

#include <nicety/nic.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nic_server;

/**
 * nic_server_new - a model on a socket.
 * @uri: `model:82599?wire=tap:tap0`, as for nic_open; host= means nothing here.
 * @path: of the socket; made with mode 0600. A stale socket file is replaced, one in use is not.
 * Return: 0; -EINVAL, -ENOENT (URI), -EADDRINUSE, -EACCES, -ENAMETOOLONG, -ENOMEM.
 */
NIC_API int nic_server_new(struct nic_server **out, const char *uri, const char *path);

/** nic_server_del - close connection and wire, remove the socket file. NULL is allowed. */
NIC_API void nic_server_del(struct nic_server *server);

/**
 * nic_server_run - serve for at most @timeout_ms (0: one round, without sleeping): accept a client,
 * answer its messages, move frames. A client that goes away or sends nonsense is closed, its memory
 * is let go, the model is reset, and the next one may come. While it runs, the process has a
 * handler for SIGBUS, since a client can cut memory short under the model; one that the program had
 * gets what happens elsewhere, and is back afterwards: do not set another meanwhile. Return: 0,
 * -errno: the socket is broken.
 */
NIC_API int nic_server_run(struct nic_server *server, int timeout_ms);

/**
 * nic_server_run_all - the same for @n servers (at most 64) in one loop: models that a link: wire
 * joins, for example. A client that does not answer a DMA message holds up all of them until it
 * is cut off, two seconds at most. Return: 0, -EINVAL (@n), -errno.
 */
NIC_API int nic_server_run_all(struct nic_server *const *servers, unsigned n, int timeout_ms);

/** nic_server_connected - 1 while a client is there. */
NIC_API int nic_server_connected(const struct nic_server *server);

/* How a served NIC is doing. */
struct nic_server_status {
	const char *chip, *socket;     /* valid as long as the server */
	int connected;                 /* a client is there */
	int cable;                     /* the wire's other end is there */
	int known;                     /* the model tells the following */
	unsigned link_mbps;            /* 0: down */
	unsigned rx_queues, tx_queues; /* switched on */
};
NIC_API void nic_server_get_status(struct nic_server *server, struct nic_server_status *status);

/**
 * nic_server_rule - the rules that were broken so far, each once.
 * @i: from 0. @section: of the datasheet. @count: how often. Return: 0, -ENOENT after the last.
 */
NIC_API int nic_server_rule(const struct nic_server *server, unsigned i, const char **rule,
			    const char **section, uint64_t *count);

/**
 * nic_server_register - the registers that drivers have read or written so far, over all clients.
 * Registers that the chip's table does not have, and tails moved in shared memory, are not told.
 * @i: from 0. @name: as in the datasheet; lives as long as the program. Any thread that may call
 * nic_server_run. Return: 0, -ENOENT after the last.
 */
NIC_API int nic_server_register(const struct nic_server *server, unsigned i, const char **name);

/** nic_server_counter - as nic_counter: messages, the model's and the wire's counters. */
NIC_API int nic_server_counter(struct nic_server *server, unsigned i, const char **name,
			       uint64_t *value);

/** nic_server_violations - rules that drivers have broken so far; each was logged. */
NIC_API uint64_t nic_server_violations(const struct nic_server *server);

#ifdef __cplusplus
}
#endif
#endif
