/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A vfio-user connection: whole messages with their descriptors in, replies out, and questions of
 * our own in between. Never blocks for ever: a peer that stops in the middle of a message does
 * not hold up the model, one that does not answer is given up.
 */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include "bus/vfio_user_proto.h"

#define MAX_MESSAGE 65536u /* bytes; the largest that a client needs are a few kilobytes */
#define MAX_FDS     64u
#define MAX_WAITING 64u /* requests that may come while we wait for an answer */

/* A message as it comes in. */
struct packet {
	struct packet *next;
	size_t have;
	int fds[MAX_FDS];
	unsigned n_fds;
	uint8_t bytes[MAX_MESSAGE];
};

struct connection {
	int fd;                 /* -1: none */
	struct packet *partial; /* being received */
	struct packet *current; /* the request that is carried out */
	struct packet *answer;  /* to our last question */
	struct packet *waiting; /* requests that came while we waited for an answer, in order */
	struct packet *spare;   /* to be used again */
	unsigned n_waiting;
	uint16_t serial; /* of our questions */
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
/** connection_read - 1: a request, valid until connection_done; 0: not yet; -errno: hang up. */
int connection_read(struct connection *c, struct message *m);
/** connection_done - forget the request; descriptors that were not taken are closed. */
void connection_done(struct connection *c);
/** connection_reply - unless the client wants none. @error: a positive errno, then no payload. */
int connection_reply(struct connection *c, const struct message *m, const void *payload, size_t len,
		     int error);
/** connection_reply_fd - a good reply with a descriptor, which stays the caller's. */
int connection_reply_fd(struct connection *c, const struct message *m, const void *payload,
			size_t len, int fd);
/**
 * connection_ask - a command of ours, and its answer. Requests of the client that come before are
 * kept for connection_read. @answer: valid until the next question.
 * Return: 0, also for an answer with an error in its header; -errno: hang up.
 */
int connection_ask(struct connection *c, uint16_t command, const void *payload, size_t len,
		   struct message *answer);

#endif
