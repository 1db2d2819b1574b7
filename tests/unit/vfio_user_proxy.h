/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A man in the middle between a vfio-user client and a good server: passes messages with their
 * descriptors on, until it does to one reply what a broken or hostile server might do.
 */
#ifndef TESTS_VFIO_USER_PROXY_H
#define TESTS_VFIO_USER_PROXY_H

#include "../conformance/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "bus/vfio_user_proto.h"

enum proxy_fault {
	PROXY_NONE,
	/* The connection is lost: everything after it must fail. */
	PROXY_CLOSE,
	PROXY_CLOSE_IN_HEADER,
	PROXY_CLOSE_IN_PAYLOAD,
	PROXY_SILENT,
	PROXY_SIZE_SMALL,
	PROXY_SIZE_HUGE,
	PROXY_WRONG_ID,
	PROXY_WRONG_COMMAND,
	PROXY_NO_REPLY_BIT, /* the reply says that it is a command */
	PROXY_STORM,        /* commands without end instead of a reply */
	PROXY_NOISE,
	/* Odd, but the connection may live. */
	PROXY_ERROR,
	PROXY_ERROR_ZERO,
	PROXY_ERROR_HUGE,
	PROXY_EMPTY,
	PROXY_LONGER,
	PROXY_DESCRIPTORS,
	PROXY_COMMAND_FIRST, /* a command that wants an answer, then the reply */
	/* What other servers do, to all replies that it applies to. */
	PROXY_NO_CAPABILITIES,
	PROXY_UNSEALED_DOORBELLS,
	PROXY_SHORT_DOORBELLS,
};

struct proxy_message {
	struct vfu_header h;
	uint8_t payload[8192];
	size_t len;
	int fds[32];
	unsigned n_fds;
};

struct proxy {
	char path[64];
	int listener, client, server;
	const char *server_path;
	enum proxy_fault fault;
	unsigned at;   /* the reply that it happens to */
	unsigned seen; /* atomic: replies so far */
	pthread_t thread;
};

static inline int proxy_read(int fd, struct proxy_message *m)
{
	union {
		char bytes[CMSG_SPACE(32 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { &m->h, sizeof(m->h) };
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };

	m->n_fds = 0;
	if (recvmsg(fd, &h, MSG_WAITALL | MSG_CMSG_CLOEXEC) != sizeof(m->h))
		return -1;
	for (struct cmsghdr *x = CMSG_FIRSTHDR(&h); x; x = CMSG_NXTHDR(&h, x)) {
		m->n_fds = (unsigned)((x->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(m->fds, CMSG_DATA(x), m->n_fds * sizeof(int));
	}
	m->len = from_le32(m->h.size) - sizeof(m->h);
	if (m->len > sizeof(m->payload))
		return -1;
	return m->len && recv(fd, m->payload, m->len, MSG_WAITALL) != (ssize_t)m->len ? -1 : 0;
}

/* Pass on @n bytes of a message with its descriptors, which are closed here. */
static inline void proxy_write(int fd, struct proxy_message *m, size_t n)
{
	union {
		char bytes[CMSG_SPACE(32 * sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	size_t head = n < sizeof(m->h) ? n : sizeof(m->h);
	struct iovec iov[2] = { { &m->h, head }, { m->payload, n - head } };
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = 2 };

	if (m->n_fds) {
		h.msg_control = control.bytes;
		h.msg_controllen = CMSG_SPACE(m->n_fds * sizeof(int));
		CMSG_FIRSTHDR(&h)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&h)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&h)->cmsg_len = CMSG_LEN(m->n_fds * sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&h)), m->fds, m->n_fds * sizeof(int));
	}
	if (sendmsg(fd, &h, MSG_NOSIGNAL) < 0)
		return; /* the peer is gone; reading will tell */
	for (unsigned i = 0; i < m->n_fds; i++)
		close(m->fds[i]);
	m->n_fds = 0;
}

static inline void proxy_drop(struct proxy_message *m)
{
	for (unsigned i = 0; i < m->n_fds; i++)
		close(m->fds[i]);
	m->n_fds = 0;
}

static inline void proxy_resize(struct proxy_message *m, size_t len)
{
	m->len = len;
	m->h.size = to_le32((uint32_t)(sizeof(m->h) + len));
}

static inline void proxy_error(struct proxy_message *m, uint32_t error)
{
	m->h.flags = to_le32(VFU_REPLY | VFU_ERROR);
	m->h.error = to_le32(error);
	proxy_resize(m, 0);
}

/* A server's command: read memory by message. */
static inline void proxy_command(struct proxy *x)
{
	struct proxy_message m = { .h = { .id = to_le16(7), .command = to_le16(VFU_DMA_READ) } };

	proxy_resize(&m, 16);
	proxy_write(x->client, &m, sizeof(m.h) + m.len);
}

/* Until the client goes away. */
static inline void proxy_storm(struct proxy *x)
{
	char answers[4096];

	for (;;) {
		struct pollfd p = { x->client, POLLIN, 0 };

		proxy_command(x);
		if (poll(&p, 1, 0) > 0 && recv(x->client, answers, sizeof(answers), 0) <= 0)
			return;
	}
}

static inline void proxy_wait_for_end(struct proxy *x)
{
	char byte;

	while (recv(x->client, &byte, 1, 0) > 0)
		;
}

/* Another file instead of the doorbells': not sealed, or too short. */
static inline void proxy_swap_doorbells(struct proxy *x, struct proxy_message *m)
{
	int fd = memfd_create("bad", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (!m->n_fds) {
		close(fd);
		return;
	}
	assert_int_equal(ftruncate(fd, x->fault == PROXY_SHORT_DOORBELLS ? 4096 : 1 << 20), 0);
	if (x->fault == PROXY_SHORT_DOORBELLS)
		assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	close(m->fds[0]);
	m->fds[0] = fd;
}

/* The reply is changed. */
static inline void proxy_twist(struct proxy *x, struct proxy_message *m)
{
	switch (x->fault) {
	case PROXY_SIZE_SMALL:
		m->h.size = to_le32(8);
		break;
	case PROXY_SIZE_HUGE:
		m->h.size = to_le32(UINT32_MAX);
		break;
	case PROXY_WRONG_ID:
		m->h.id = to_le16((uint16_t)(from_le16(m->h.id) + 1));
		break;
	case PROXY_WRONG_COMMAND:
		m->h.command = to_le16((uint16_t)(from_le16(m->h.command) + 1));
		break;
	case PROXY_NO_REPLY_BIT:
		m->h.flags = to_le32(0);
		break;
	case PROXY_NOISE:
		memset(&m->h, 0xa5, sizeof(m->h));
		break;
	case PROXY_ERROR:
		proxy_error(m, EINVAL);
		break;
	case PROXY_ERROR_ZERO:
		proxy_error(m, 0);
		break;
	case PROXY_ERROR_HUGE:
		proxy_error(m, UINT32_MAX);
		break;
	case PROXY_EMPTY:
		proxy_resize(m, 0);
		break;
	case PROXY_LONGER:
		proxy_resize(m, m->len + 4096);
		break;
	case PROXY_DESCRIPTORS:
		while (m->n_fds < 20)
			m->fds[m->n_fds++] = dup(x->client);
		break;
	case PROXY_COMMAND_FIRST:
		proxy_command(x);
		break;
	default:
		break;
	}
}

/* Return: 0: the (changed) reply goes out; -1: the conversation is over. */
static inline int proxy_spoil(struct proxy *x, struct proxy_message *m)
{
	switch (x->fault) {
	case PROXY_CLOSE:
		return -1;
	case PROXY_CLOSE_IN_HEADER:
		proxy_write(x->client, m, 7);
		return -1;
	case PROXY_CLOSE_IN_PAYLOAD:
		if (!m->len)
			return -1;
		proxy_write(x->client, m, sizeof(m->h) + m->len / 2);
		return -1;
	case PROXY_SILENT:
		proxy_wait_for_end(x);
		return -1;
	case PROXY_STORM:
		proxy_storm(x);
		return -1;
	default:
		proxy_twist(x, m);
		return 0;
	}
}

static inline void proxy_change_always(struct proxy *x, struct proxy_message *m)
{
	unsigned command = from_le16(m->h.command);

	if (x->fault == PROXY_NO_CAPABILITIES && command == VFU_VERSION) {
		memcpy(m->payload + 4, "{}", 3);
		proxy_resize(m, 7);
	}
	if ((x->fault == PROXY_UNSEALED_DOORBELLS || x->fault == PROXY_SHORT_DOORBELLS) &&
	    command == VFU_GET_REGION_INFO)
		proxy_swap_doorbells(x, m);
}

/* One conversation. */
static inline void proxy_serve(struct proxy *x)
{
	static struct proxy_message m;

	while (!proxy_read(x->client, &m)) {
		int silent = from_le32(m.h.flags) & VFU_NO_REPLY;

		if (!(from_le32(m.h.flags) & VFU_REPLY)) /* not the answer to our command */
			proxy_write(x->server, &m, sizeof(m.h) + m.len);
		else
			continue;
		if (silent)
			continue;
		if (proxy_read(x->server, &m))
			return;
		proxy_change_always(x, &m);
		if (__atomic_fetch_add(&x->seen, 1, __ATOMIC_RELAXED) == x->at &&
		    proxy_spoil(x, &m))
			break;
		proxy_write(x->client, &m, sizeof(m.h) + m.len);
	}
	proxy_drop(&m);
}

static inline int proxy_connect(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, path, strlen(path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static inline void *proxy_thread(void *arg)
{
	struct proxy *x = arg;

	for (;;) {
		x->client = accept4(x->listener, NULL, NULL, SOCK_CLOEXEC);
		if (x->client < 0)
			return NULL; /* proxy_stop */
		x->server = proxy_connect(x->server_path);
		proxy_serve(x);
		close(x->server);
		close(x->client);
	}
}

static inline void proxy_start(struct proxy *x, const char *server_path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memset(x, 0, sizeof(*x));
	x->server_path = server_path;
	x->at = UINT32_MAX;
	snprintf(x->path, sizeof(x->path), "/tmp/nicety-proxy-%d.sock", (int)getpid());
	unlink(x->path);
	memcpy(a.sun_path, x->path, strlen(x->path) + 1);
	x->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(x->listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(x->listener, 4), 0);
	assert_int_equal(pthread_create(&x->thread, NULL, proxy_thread, x), 0);
}

static inline void proxy_stop(struct proxy *x)
{
	shutdown(x->listener, SHUT_RDWR);
	pthread_join(x->thread, NULL);
	close(x->listener);
	unlink(x->path);
}

#endif
