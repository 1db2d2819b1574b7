/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A vfio-user connection: whole messages with their descriptors in, replies out. Never blocks
 * for ever: a peer that stops in the middle of a message does not hold up the model.
 */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include "bus/vfio_user_proto.h"

#define MAX_MESSAGE 65536u /* bytes; the largest that a client needs are a few kilobytes */
#define MAX_FDS     64u

struct connection {
	int fd; /* -1: none */
	uint8_t in[MAX_MESSAGE];
	size_t have;
	int fds[MAX_FDS];
	unsigned n_fds;
};

struct message {
	struct vfu_header header; /* as received */
	uint16_t command;
	uint8_t *payload;
	size_t len;
	int *fds; /* taken ones are set to -1; the others are closed by connection_done */
	unsigned n_fds;
};

void connection_open(struct connection *c, int fd);
void connection_close(struct connection *c);
/** connection_read - 1: a message, valid until connection_done; 0: not yet; -errno: hang up. */
int connection_read(struct connection *c, struct message *m);
/** connection_done - forget the message; descriptors that were not taken are closed. */
void connection_done(struct connection *c);
/** connection_reply - unless the client wants none. @error: a positive errno, then no payload. */
int connection_reply(struct connection *c, const struct message *m, const void *payload, size_t len,
		     int error);
/** connection_reply_fd - a good reply with a descriptor, which stays the caller's. */
int connection_reply_fd(struct connection *c, const struct message *m, const void *payload,
			size_t len, int fd);

#endif
