/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages over a UNIX stream socket.
 */
#define _GNU_SOURCE
#include "server/connection.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/errno.h"

#define PATIENCE_MS 2000 /* a client that does not read or answer for so long is gone */

void connection_open(struct connection *c, int fd)
{
	*c = (struct connection) { .fd = fd };
}

static void close_fds(struct packet *p)
{
	for (unsigned i = 0; i < p->n_fds; i++)
		if (p->fds[i] >= 0)
			close(p->fds[i]);
	p->n_fds = 0;
}

/* ---- packets ---- */

static struct packet *packet_new(struct connection *c)
{
	struct packet *p = c->spare;

	if (p)
		c->spare = p->next;
	else
		p = malloc(sizeof(*p));
	if (p) {
		p->next = NULL;
		p->have = p->n_fds = 0;
	}
	return p;
}

static void packet_drop(struct connection *c, struct packet **at)
{
	struct packet *p = *at;

	*at = NULL;
	if (!p)
		return;
	close_fds(p);
	p->next = c->spare;
	c->spare = p;
}

static void free_list(struct packet *p)
{
	while (p) {
		struct packet *next = p->next;

		close_fds(p);
		free(p);
		p = next;
	}
}

void connection_close(struct connection *c)
{
	free_list(c->partial);
	free_list(c->current);
	free_list(c->answer);
	free_list(c->waiting);
	free_list(c->spare);
	if (c->fd >= 0)
		close(c->fd);
	*c = (struct connection) { .fd = -1 };
}

/* ---- receiving ---- */

/* Descriptors that come along; those that are too many are closed. */
static void take_fds(struct packet *p, struct msghdr *h)
{
	for (struct cmsghdr *x = CMSG_FIRSTHDR(h); x; x = CMSG_NXTHDR(h, x)) {
		size_t n = (x->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fds[MAX_FDS];

		if (x->cmsg_level != SOL_SOCKET || x->cmsg_type != SCM_RIGHTS || n > MAX_FDS)
			continue;
		memcpy(fds, CMSG_DATA(x), n * sizeof(int));
		for (size_t i = 0; i < n; i++)
			if (p->n_fds < MAX_FDS)
				p->fds[p->n_fds++] = fds[i];
			else
				close(fds[i]);
	}
}

/* At most up to the end of this message, so that descriptors stay with theirs. */
static ssize_t receive(struct connection *c, struct packet *p, size_t want)
{
	union {
		char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { p->bytes + p->have, want - p->have };
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(c->fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n > 0) {
		p->have += (size_t)n;
		take_fds(p, &h);
	}
	return n;
}

/* 1: c->partial is whole; 0: not yet; -errno. */
static int complete(struct connection *c)
{
	size_t want = sizeof(struct vfu_header);
	struct vfu_header h;

	if (!c->partial)
		c->partial = packet_new(c);
	if (!c->partial)
		return -ENOMEM;
	for (;;) {
		struct packet *p = c->partial;
		ssize_t n;

		if (p->have >= sizeof(h)) {
			memcpy(&h, p->bytes, sizeof(h));
			want = from_le32(h.size);
			if (want < sizeof(h) || want > MAX_MESSAGE)
				return -EMSGSIZE;
		}
		if (p->have == want)
			return 1;
		n = receive(c, p, want);
		if (n == 0)
			return -ENOTCONN;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	}
}

static void describe(struct packet *p, struct message *m)
{
	memcpy(&m->header, p->bytes, sizeof(m->header));
	m->command = from_le16(m->header.command);
	m->payload = p->bytes + sizeof(m->header);
	m->len = p->have - sizeof(m->header);
	m->fds = p->fds;
	m->n_fds = p->n_fds;
}

static int is_reply(const struct message *m)
{
	return (from_le32(m->header.flags) & VFU_TYPE) == VFU_REPLY;
}

int connection_read(struct connection *c, struct message *m)
{
	for (;;) {
		int n;

		if (c->waiting) {
			c->current = c->waiting;
			c->waiting = c->current->next;
			c->current->next = NULL;
			c->n_waiting--;
		} else {
			n = complete(c);
			if (n <= 0)
				return n;
			c->current = c->partial;
			c->partial = NULL;
		}
		describe(c->current, m);
		if (!is_reply(m))
			return 1;
		connection_done(c); /* an answer that nobody waits for any more */
	}
}

void connection_done(struct connection *c)
{
	packet_drop(c, &c->current);
}

/* ---- sending ---- */

/* Send all of @iov; @fd goes along with the first byte unless it is -1. */
static int send_all(struct connection *c, struct iovec iov[2], int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr out = { .msg_iov = iov, .msg_iovlen = 2 };
	struct pollfd p = { c->fd, POLLOUT, 0 };

	if (fd >= 0) {
		out.msg_control = control.bytes;
		out.msg_controllen = sizeof(control.bytes);
		*CMSG_FIRSTHDR(&out) = (struct cmsghdr) { .cmsg_level = SOL_SOCKET,
							  .cmsg_type = SCM_RIGHTS,
							  .cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&out)), &fd, sizeof(fd));
	}
	while (iov[0].iov_len + iov[1].iov_len) {
		ssize_t n = sendmsg(c->fd, &out, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n < 0 && poll(&p, 1, PATIENCE_MS) == 0)
			return -ETIMEDOUT;
		if (n > 0)
			out.msg_controllen = 0;
		for (int i = 0; i < 2 && n > 0; i++) {
			size_t k = (size_t)n < iov[i].iov_len ? (size_t)n : iov[i].iov_len;

			iov[i].iov_base = (char *)iov[i].iov_base + k;
			iov[i].iov_len -= k;
			n -= (ssize_t)k;
		}
	}
	return 0;
}

static int reply(struct connection *c, const struct message *m, const void *payload, size_t len,
		 int error, int fd)
{
	struct vfu_header h = { m->header.id, m->header.command,
				to_le32((uint32_t)(sizeof(h) + len)),
				to_le32(VFU_REPLY | (error ? (uint32_t)VFU_ERROR : 0)),
				to_le32((uint32_t)error) };
	struct iovec iov[2] = { { &h, sizeof(h) }, { (void *)(uintptr_t)payload, len } };

	if (from_le32(m->header.flags) & VFU_NO_REPLY)
		return 0;
	return send_all(c, iov, fd);
}

int connection_reply(struct connection *c, const struct message *m, const void *payload, size_t len,
		     int error)
{
	return reply(c, m, payload, error ? 0 : len, error, -1);
}

int connection_reply_fd(struct connection *c, const struct message *m, const void *payload,
			size_t len, int fd)
{
	return reply(c, m, payload, len, 0, fd);
}

/* ---- questions ---- */

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Keep a request for later. */
static int keep(struct connection *c)
{
	struct packet **end = &c->waiting;

	if (c->n_waiting == MAX_WAITING)
		return -ENOBUFS;
	while (*end)
		end = &(*end)->next;
	*end = c->partial;
	c->partial = NULL;
	c->n_waiting++;
	return 0;
}

int connection_ask(struct connection *c, uint16_t command, const void *payload, size_t len,
		   struct message *answer)
{
	struct vfu_header h = { .id = to_le16(++c->serial),
				.command = to_le16(command),
				.size = to_le32((uint32_t)(sizeof(h) + len)) };
	struct iovec iov[2] = { { &h, sizeof(h) }, { (void *)(uintptr_t)payload, len } };
	uint64_t end = now_ms() + PATIENCE_MS, now;
	int err = send_all(c, iov, -1);

	packet_drop(c, &c->answer);
	while (!err) {
		struct pollfd p = { c->fd, POLLIN, 0 };
		int n = complete(c);

		if (n > 0) {
			describe(c->partial, answer);
			if (!is_reply(answer)) {
				err = keep(c);
			} else if (answer->command == command &&
				   from_le16(answer->header.id) == c->serial) {
				c->answer = c->partial;
				c->partial = NULL;
				return 0;
			} else {
				packet_drop(c, &c->partial);
			}
			continue;
		}
		err = n;
		now = now_ms();
		if (!err && (now >= end || !poll(&p, 1, (int)(end - now))))
			err = -ETIMEDOUT;
	}
	return err;
}
