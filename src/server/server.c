/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A model served over a socket: life, the machine around it, the loop.
 */
#define _GNU_SOURCE
#include "server/server.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/errno.h"
#include "base/log.h"
#include "bus/model_wire.h"

#define BURST     64      /* messages from the client in one round */
#define IDLE_SPIN 200     /* rounds without work before sleeping */
#define SPIN_NS   2000000 /* the same with doorbells in memory, which wake nobody */
#define NOISY     50      /* violations logged in full; all are counted */

static struct nic_server *of_host(struct model_host *host)
{
	return container_of(host, struct nic_server, host);
}

/* ---- the machine, as the model sees it ---- */

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t host_now(struct model_host *host)
{
	(void)host;
	return monotonic_ns();
}

static void host_irq(struct model_host *host, enum model_irq type, unsigned vector, int level)
{
	struct nic_server *s = of_host(host);
	uint64_t one = 1;

	if (type == MODEL_INTX)
		s->intx_level = level;
	if (!level || vector >= MODEL_VECTORS || s->fds[type][vector] < 0)
		return;
	s->irqs++;
	if (write(s->fds[type][vector], &one, sizeof(one)) < 0)
		s->refused++; /* its counter is full: the client will look anyway */
}

static int host_wire_tx(struct model_host *host, const void *frame, size_t len)
{
	struct nic_server *s = of_host(host);
	int err = s->wire->ops->tx(s->wire, frame, len);

	if (err == -EAGAIN || !err)
		return err;
	s->wire_lost++;
	return 0;
}

static void host_violation(struct model_host *host, const char *rule, const char *section,
			   const char *text)
{
	struct nic_server *s = of_host(host);

	if (s->broken) /* it is not the driver's fault that its client does not answer */
		return;
	if (++s->violations <= NOISY)
		log_error("%s: %s: %s (%s)%s", s->path, rule, text, section,
			  s->violations == NOISY ? "; further violations are only counted" : "");
}

static const struct model_host machine = {
	.dma_ptr = server_dma_ptr,
	.dma_read = server_dma_read,
	.dma_write = server_dma_write,
	.irq = host_irq,
	.wire_tx = host_wire_tx,
	.now_ns = host_now,
	.violation = host_violation,
};

/* ---- life ---- */

/* Is somebody listening there? Then connect works or is refused for other reasons. */
static int is_stale(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int stale = fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof(*a)) < 0 &&
		    errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return stale;
}

static int open_socket(struct nic_server *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	mode_t old;
	int err;

	if (strlen(s->path) >= sizeof(a.sun_path)) {
		log_error("%s: a socket's path has at most %zu characters", s->path,
			  sizeof(a.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	memcpy(a.sun_path, s->path, strlen(s->path) + 1);
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0)
		return -errno;
	if (is_stale(&a))
		unlink(s->path);
	old = umask(0177);
	err = bind(s->listener, (const struct sockaddr *)&a, sizeof(a)) || listen(s->listener, 4)
		      ? -errno
		      : 0;
	umask(old);
	if (err) {
		log_error("%s: %s%s", s->path, strerror(-err),
			  err == -EADDRINUSE ? "; another server has it, or remove the file" : "");
		close(s->listener);
		s->listener = -1;
	}
	return err;
}

static int assemble(struct nic_server *s)
{
	s->class = model_uri_class(&s->uri);
	if (!s->class)
		return -ENOENT;
	if (!model_uri_id(&s->uri, s->class))
		return -EINVAL;
	s->host = machine;
	s->own_doorbells = calloc(1, s->class->bar_size[0]);
	s->model = calloc(1, s->class->size);
	if (!s->own_doorbells || !s->model)
		return -ENOMEM;
	s->host.doorbells = s->own_doorbells;
	server_caps_reset(s);
	s->class->init(s->model, &s->host, &s->uri.options);
	return wire_open(&s->wire, s->uri.wire);
}

int nic_server_new(struct nic_server **out, const char *uri, const char *path)
{
	struct nic_server *s;
	int err;

	if (!uri || !path || strncmp(uri, "model:", 6)) {
		log_error("'%s' is not a model: want model:82599?wire=tap:tap0", uri ? uri : "");
		return -EINVAL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	memset(s->fds, 0xff, sizeof(s->fds));
	s->listener = s->connection.fd = -1;
	s->path = strdup(path);
	err = s->path ? model_uri_parse(&s->uri, uri + 6) : -ENOMEM;
	if (!err)
		err = assemble(s);
	if (!err)
		err = open_socket(s);
	if (err) {
		nic_server_del(s);
		return err;
	}
	*out = s;
	return 0;
}

void nic_server_del(struct nic_server *s)
{
	if (!s)
		return;
	connection_close(&s->connection);
	if (s->model)
		server_forget_client(s);
	if (s->listener >= 0) {
		close(s->listener);
		unlink(s->path);
	}
	if (s->wire)
		s->wire->ops->close(s->wire);
	model_uri_free(&s->uri);
	free(s->own_doorbells);
	free(s->model);
	free(s->path);
	free(s);
}

/* ---- the loop ---- */

static void hang_up(struct nic_server *s, int why)
{
	if (why != -ENOTCONN)
		log_warn("%s: the client is cut off: %s", s->path, strerror(-why));
	connection_close(&s->connection);
	server_forget_client(s);
	s->class->reset(s->model); /* nothing of the old driver's remains */
	s->intx_level = 0;
	s->link = 0;
	s->broken = 0;
}

static void welcome(struct nic_server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	connection_open(&s->connection, fd);
	s->clients++;
}

/* One round: messages, link, frames, the model. Return: work done; < 0: hang up. */
static int step(struct nic_server *s)
{
	int work = 0;
	struct message m;

	for (int i = 0; i < BURST; i++, work++) {
		int n = connection_read(&s->connection, &m);

		if (n > 0) {
			n = server_command(s, &m);
			connection_done(&s->connection);
		} else if (n == 0) {
			break;
		}
		if (n < 0 || s->broken)
			return n < 0 ? n : s->broken;
	}
	work += (int)model_wire_round(s->class, s->model, s->wire, &s->link);
	return s->broken ? s->broken : work + (s->connection.waiting != NULL);
}

/*
 * The client may truncate the files that it has shared; touching what is gone is SIGBUS. Then the
 * round is abandoned and the client cut off: hang_up resets all that it left half done.
 */
static __thread sigjmp_buf gone;
static __thread _Atomic int guarded;

static void on_sigbus(int number)
{
	if (guarded)
		siglongjmp(gone, 1);
	signal(number, SIG_DFL); /* not ours: it kills when the access is tried again */
}

static int guarded_step(struct nic_server *s)
{
	int work;

	if (sigsetjmp(gone, 1)) {
		guarded = 0;
		return -EFAULT;
	}
	guarded = 1;
	work = step(s);
	guarded = 0;
	return work;
}

int nic_server_run(struct nic_server *s, int timeout_ms)
{
	struct sigaction bus = { .sa_handler = on_sigbus, .sa_flags = SA_NODEFER }, old;
	uint64_t end = monotonic_ns() + (uint64_t)timeout_ms * 1000000u;
	uint64_t now, worked = 0;
	struct pollfd fds[2];
	int idle = 0;

	sigaction(SIGBUS, &bus, &old);
	while ((now = monotonic_ns()) < end) {
		int connected = nic_server_connected(s), work = connected ? guarded_step(s) : 0;

		if (work < 0)
			hang_up(s, work);
		idle = work ? 0 : idle + 1;
		worked = work ? now : worked;
		if (connected &&
		    (idle < IDLE_SPIN || (s->shared_doorbells && now - worked < SPIN_NS)))
			continue;
		fds[0] = (struct pollfd) { connected ? s->connection.fd : s->listener, POLLIN, 0 };
		fds[1] = (struct pollfd) { s->wire->ops->fd(s->wire), POLLIN, 0 };
		/* Interrupts that are held back and wires without a descriptor want a look. */
		poll(fds, connected && fds[1].fd >= 0 ? 2 : 1, connected ? 1 : 50);
		if (!connected && fds[0].revents & POLLIN)
			welcome(s);
		else if (!connected)
			break; /* the caller may want to stop */
	}
	sigaction(SIGBUS, &old, NULL);
	return 0;
}

int nic_server_connected(const struct nic_server *s)
{
	return s->connection.fd >= 0;
}

uint64_t nic_server_violations(const struct nic_server *s)
{
	return s->violations;
}

int nic_server_counter(struct nic_server *s, unsigned i, const char **name, uint64_t *value)
{
	const struct {
		const char *name;
		uint64_t value;
	} own[] = {
		{ "server_clients", s->clients },
		{ "server_messages", s->messages },
		{ "server_refused", s->refused },
		{ "server_interrupts", s->irqs },
		{ "server_dma_messages", s->dma_messages },
		{ "server_dma_refused", s->dma_refused },
		{ "model_violations", s->violations },
		{ "model_wire_lost", s->wire_lost },
	};
	unsigned n = 0;

	if (i < ARRAY_SIZE(own)) {
		*name = own[i].name;
		*value = own[i].value;
		return 0;
	}
	i -= (unsigned)ARRAY_SIZE(own);
	if (s->class->counter(s->model, i, name, value))
		return 0;
	while (s->class->counter(s->model, n, name, value))
		n++;
	return s->wire->ops->counter(s->wire, i - n, name, value) ? 0 : -ENOENT;
}
