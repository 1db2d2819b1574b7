/* SPDX-License-Identifier: BSD-2-Clause
 *
 * vfio-user messages, the client's side. Everything that comes in is checked; every wait has an
 * end.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/errno.h"
#include "base/log.h"
#include "bus/vfio_user.h"

#define MAX_FDS 64u /* more than any message may carry */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void vfio_user_end(struct vfio_user_channel *c, const char *why)
{
	if (__atomic_exchange_n(&c->gone, 1, __ATOMIC_ACQ_REL))
		return;
	shutdown(c->fd, SHUT_RDWR);
	log_error("%s: the device is lost: %s; open it again when a server is there", c->name, why);
}

/* ---- connecting ---- */

static int refused(const char *path, int err)
{
	if (err == ENOENT || err == ECONNREFUSED)
		log_error("no server listens at %s: start one with nicety model 82599 --socket %s",
			  path, path);
	else if (err == EAGAIN)
		log_error("%s: the server takes no more clients; close the other one", path);
	else
		log_error("%s: %s", path, strerror(err));
	return -err;
}

int vfio_user_connect(struct vfio_user_channel *c, const char *path, const char *name,
		      int timeout_ms)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int64_t end = now_ms() + timeout_ms;
	struct timespec pause = { 0, 10000000 };
	int err;

	if (!*path || strlen(path) >= sizeof(a.sun_path)) {
		log_error("vfio-user:%s: want a socket's path of 1 to %zu characters", path,
			  sizeof(a.sun_path) - 1);
		return -EINVAL;
	}
	memcpy(a.sun_path, path, strlen(path) + 1);
	*c = (struct vfio_user_channel) { .timeout_ms = timeout_ms, .max_fds = 1, .name = name };
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return -errno;
	/* A server that has a client, and a short queue for others, says EAGAIN. */
	while (connect(c->fd, (const struct sockaddr *)&a, sizeof(a))) {
		if (errno == EINTR || (errno == EAGAIN && now_ms() < end)) {
			nanosleep(&pause, NULL);
			continue;
		}
		err = refused(path, errno);
		close(c->fd);
		return err;
	}
	pthread_mutex_init(&c->lock, NULL);
	return 0;
}

void vfio_user_disconnect(struct vfio_user_channel *c)
{
	close(c->fd);
	pthread_mutex_destroy(&c->lock);
}

/* ---- bytes ---- */

/* 0; -errno: end the channel. */
static int await(struct vfio_user_channel *c, short events, int64_t end)
{
	for (;;) {
		struct pollfd p = { c->fd, events, 0 };
		int64_t left = end - now_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int send_all(struct vfio_user_channel *c, struct iovec *iov, const int *fds, unsigned n_fds,
		    int64_t end)
{
	union {
		char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	if (n_fds) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), fds, n_fds * sizeof(int));
	}
	while (iov[0].iov_len + iov[1].iov_len) {
		ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL);
		int err = n < 0 && errno == EAGAIN ? await(c, POLLOUT, end) : 0;

		if (err || (n < 0 && errno != EAGAIN && errno != EINTR))
			return err ? err : -errno;
		for (int i = 0; i < 2 && n > 0; i++) {
			size_t k = (size_t)n < iov[i].iov_len ? (size_t)n : iov[i].iov_len;

			iov[i].iov_base = (char *)iov[i].iov_base + k;
			iov[i].iov_len -= k;
			n -= (ssize_t)k;
			m.msg_controllen = 0; /* descriptors went with the first bytes */
		}
	}
	return 0;
}

/* The first descriptor that comes is kept in @fd if there is none yet; others are closed. */
static void take_fds(struct msghdr *m, int *fd)
{
	for (struct cmsghdr *x = CMSG_FIRSTHDR(m); x; x = CMSG_NXTHDR(m, x)) {
		size_t n = (x->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (x->cmsg_level != SOL_SOCKET || x->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int one;

			memcpy(&one, CMSG_DATA(x) + i * sizeof(one), sizeof(one));
			if (*fd < 0)
				*fd = one;
			else
				close(one);
		}
	}
}

static int receive(struct vfio_user_channel *c, void *buf, size_t len, int *fd, int64_t end)
{
	union {
		char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	char *to = buf;

	while (len) {
		struct iovec iov = { to, len };
		struct msghdr m = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = control.bytes,
				    .msg_controllen = sizeof(control.bytes) };
		ssize_t n = recvmsg(c->fd, &m, MSG_CMSG_CLOEXEC);
		int err = n < 0 && errno == EAGAIN ? await(c, POLLIN, end) : 0;

		if (err)
			return err;
		if (n == 0)
			return -ECONNRESET;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n > 0) {
			take_fds(&m, fd);
			to += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int skip(struct vfio_user_channel *c, size_t len, int64_t end)
{
	char buf[512];
	int err = 0;

	while (len && !err) {
		size_t n = len < sizeof(buf) ? len : sizeof(buf);
		int fd = -1;

		err = receive(c, buf, n, &fd, end);
		if (fd >= 0)
			close(fd);
		len -= n;
	}
	return err;
}

/* ---- messages ---- */

/*
 * A command from the server: it wants to reach memory by message. All our memory has a
 * descriptor, which it was given; so this is refused.
 */
static int refuse(struct vfio_user_channel *c, const struct vfu_header *h, int64_t end)
{
	struct vfu_header r = { h->id, h->command, to_le32(sizeof(r)),
				to_le32(VFU_REPLY | VFU_ERROR), to_le32(EOPNOTSUPP) };
	struct iovec iov[2] = { { &r, sizeof(r) }, { NULL, 0 } };
	int err = skip(c, from_le32(h->size) - sizeof(*h), end);

	if (err || from_le32(h->flags) & VFU_NO_REPLY)
		return err;
	return send_all(c, iov, NULL, 0, end);
}

/* The reply to the request just sent. 1: the server refused, @x->got is its error number. */
static int read_reply(struct vfio_user_channel *c, struct vfio_user_call *x, int64_t end)
{
	struct vfu_header h;
	size_t len;
	int err;

	for (;;) {
		err = receive(c, &h, sizeof(h), &x->fd, end);
		if (err)
			return err;
		if (from_le32(h.size) < sizeof(h) || from_le32(h.size) > 2u << 20)
			return -EPROTO;
		if (from_le32(h.flags) & VFU_REPLY)
			break;
		err = refuse(c, &h, end);
		if (err)
			return err;
	}
	len = from_le32(h.size) - sizeof(h);
	if (from_le16(h.id) != c->serial || from_le16(h.command) != x->command)
		return -EPROTO;
	if (from_le32(h.flags) & VFU_ERROR) {
		x->got = from_le32(h.error);
		err = skip(c, len, end);
		return err ? err : 1;
	}
	if (len > x->room)
		return -EMSGSIZE;
	x->got = len;
	return receive(c, x->reply, len, &x->fd, end);
}

static const char *reason(int err)
{
	switch (err) {
	case -ECONNRESET:
	case -EPIPE:
		return "the server closed the connection";
	case -ETIMEDOUT:
		return "the server does not answer (does it serve another client?)";
	case -EPROTO:
		return "the server's reply does not belong to the request";
	case -EMSGSIZE:
		return "the server's reply has the wrong size";
	default:
		return strerror(-err);
	}
}

static int exchange(struct vfio_user_channel *c, struct vfio_user_call *x)
{
	int64_t end = now_ms() + c->timeout_ms;
	struct vfu_header h = { to_le16(++c->serial), to_le16((uint16_t)x->command),
				to_le32((uint32_t)(sizeof(h) + x->len)),
				to_le32(x->posted ? (uint32_t)VFU_NO_REPLY : 0), to_le32(0) };
	struct iovec iov[2] = { { &h, sizeof(h) }, { (void *)(uintptr_t)x->request, x->len } };
	int err = send_all(c, iov, x->fds, x->n_fds, end);

	if (err || x->posted)
		return err;
	return read_reply(c, x, end);
}

int vfio_user_call(struct vfio_user_channel *c, struct vfio_user_call *x)
{
	int err = -ENODEV;

	x->fd = -1;
	x->got = 0;
	pthread_mutex_lock(&c->lock);
	if (!__atomic_load_n(&c->gone, __ATOMIC_ACQUIRE))
		err = exchange(c, x);
	if (err < 0 && err != -ENODEV)
		vfio_user_end(c, reason(err));
	pthread_mutex_unlock(&c->lock);
	if ((err || !x->wants_fd) && x->fd >= 0) {
		close(x->fd);
		x->fd = -1;
	}
	if (err == 1) /* refused, by a number that a foreign process made up */
		return x->got > 0 && x->got < 4096 && x->got != ENODEV ? -(int)x->got : -EIO;
	return err < 0 ? -ENODEV : 0;
}
