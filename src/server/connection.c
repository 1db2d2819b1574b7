/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages over a UNIX stream socket.
 */
#define _GNU_SOURCE
#include "server/connection.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/errno.h"

#define PATIENCE_MS 2000 /* a client that does not read for so long is gone */

void connection_open(struct connection *c, int fd)
{
	c->fd = fd;
	c->have = 0;
	c->n_fds = 0;
}

static void close_fds(struct connection *c)
{
	for (unsigned i = 0; i < c->n_fds; i++)
		if (c->fds[i] >= 0)
			close(c->fds[i]);
	c->n_fds = 0;
}

void connection_close(struct connection *c)
{
	close_fds(c);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* Descriptors that come along; those that are too many are closed. */
static void take_fds(struct connection *c, struct msghdr *h)
{
	for (struct cmsghdr *x = CMSG_FIRSTHDR(h); x; x = CMSG_NXTHDR(h, x)) {
		size_t n = (x->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fds[MAX_FDS];

		if (x->cmsg_level != SOL_SOCKET || x->cmsg_type != SCM_RIGHTS || n > MAX_FDS)
			continue;
		memcpy(fds, CMSG_DATA(x), n * sizeof(int));
		for (size_t i = 0; i < n; i++)
			if (c->n_fds < MAX_FDS)
				c->fds[c->n_fds++] = fds[i];
			else
				close(fds[i]);
	}
}

/* At most up to the end of this message, so that descriptors stay with theirs. */
static ssize_t receive(struct connection *c, size_t want)
{
	union {
		char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { c->in + c->have, want - c->have };
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(c->fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n > 0) {
		c->have += (size_t)n;
		take_fds(c, &h);
	}
	return n;
}

int connection_read(struct connection *c, struct message *m)
{
	size_t want = sizeof(struct vfu_header);

	for (;;) {
		ssize_t n;

		if (c->have >= sizeof(m->header)) {
			memcpy(&m->header, c->in, sizeof(m->header));
			want = from_le32(m->header.size);
			if (want < sizeof(m->header) || want > MAX_MESSAGE)
				return -EMSGSIZE;
		}
		if (c->have == want)
			break;
		n = receive(c, want);
		if (n == 0)
			return -ENOTCONN;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	}
	m->command = from_le16(m->header.command);
	m->payload = c->in + sizeof(m->header);
	m->len = want - sizeof(m->header);
	m->fds = c->fds;
	m->n_fds = c->n_fds;
	return 1;
}

void connection_done(struct connection *c)
{
	close_fds(c);
	c->have = 0;
}

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
