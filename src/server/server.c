/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A model served over a socket: life, the machine around it, the loop.
 */
#define _GNU_SOURCE
#include "server/server.h"

#include <poll.h>
#include <pthread.h>
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

#define BURST       64        /* messages from the client in one round */
#define IDLE_SPIN   200       /* rounds without work before sleeping */
#define GONE_NS     100000000 /* a removed function reads all ones for so long before we hang up */
#define LOOK_ROUNDS 64        /* busy rounds between looks at who wants to connect */
#define SPIN_NS     2000000   /* the same with doorbells in memory, which wake nobody */
#define NOISY       50        /* violations logged in full; all are counted */

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
	struct broken_rule *r = s->rules;

	if (s->broken) /* it is not the driver's fault that its client does not answer */
		return;
	if (++s->violations <= NOISY)
		log_error("%s: %s: %s (%s)%s", s->path, rule, text, section,
			  s->violations == NOISY ? "; further violations are only counted" : "");
	while (r < s->rules + s->n_rules && strcmp(r->rule, rule))
		r++;
	if (r == s->rules + MAX_RULES)
		return; /* more than there are */
	if (r == s->rules + s->n_rules)
		s->n_rules++;
	*r = (struct broken_rule) { rule, section, r->count + 1 };
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
	s->gone_at = 0;
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
	if (s->class->gone && s->class->gone(s->model)) {
		if (!s->gone_at)
			s->gone_at = monotonic_ns();
		if (monotonic_ns() - s->gone_at > GONE_NS)
			return -ENODEV;
	}
	return s->broken ? s->broken : work + (s->connection.waiting != NULL);
}

/*
 * The client may truncate the files that it has shared; touching what is gone is SIGBUS. Then the
 * round is abandoned and the client cut off: hang_up resets all that it left half done.
 */
static __thread sigjmp_buf gone;
static __thread _Atomic int guarded;
static struct sigaction before; /* the program's action */

static void on_sigbus(int number, siginfo_t *info, void *context)
{
	if (guarded)
		siglongjmp(gone, 1);
	/* Not ours: the program's. Without a handler it kills when the access is tried again. */
	if (before.sa_flags & SA_SIGINFO)
		before.sa_sigaction(number, info, context);
	else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
		before.sa_handler(number);
	else
		signal(number, SIG_DFL);
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

/* The handler is there while any thread serves; the first brings it, the last takes it away. */
static pthread_mutex_t guard_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned guards;

static void guard(int on)
{
	struct sigaction bus = { .sa_sigaction = on_sigbus, .sa_flags = SA_NODEFER | SA_SIGINFO };

	pthread_mutex_lock(&guard_lock);
	if (on && !guards++)
		sigaction(SIGBUS, &bus, &before);
	if (!on && !--guards)
		sigaction(SIGBUS, &before, NULL);
	pthread_mutex_unlock(&guard_lock);
}

/* Is there reason to look again at once? */
static int is_busy(const struct nic_server *s, uint64_t now)
{
	return nic_server_connected(s) &&
	       (s->idle < IDLE_SPIN || (s->shared_doorbells && now - s->worked < SPIN_NS));
}

static void serve_round(struct nic_server *s, uint64_t now)
{
	int work = nic_server_connected(s) ? guarded_step(s) : 0;

	if (work < 0)
		hang_up(s, work);
	if (work)
		s->worked = now;
	s->idle = work ? 0 : s->idle + 1;
}

/* Wait for messages, frames and clients. Return: somebody came or is connected. */
static int wait_for(struct nic_server *const *servers, unsigned n, int timeout_ms)
{
	struct pollfd fds[2 * MAX_SERVERS];
	int used = 0;

	for (unsigned i = 0; i < n; i++) {
		struct nic_server *s = servers[i];
		int connected = nic_server_connected(s);

		fds[2 * i] =
			(struct pollfd) { connected ? s->connection.fd : s->listener, POLLIN, 0 };
		fds[2 * i + 1] =
			(struct pollfd) { connected ? s->wire->ops->fd(s->wire) : -1, POLLIN, 0 };
		used |= connected;
	}
	/* Interrupts that are held back and wires without a descriptor want a look. */
	poll(fds, 2 * n, used && timeout_ms > 1 ? 1 : timeout_ms);
	for (unsigned i = 0; i < n; i++)
		if (!nic_server_connected(servers[i]) && fds[2 * i].revents & POLLIN) {
			welcome(servers[i]);
			used = 1;
		}
	return used;
}

int nic_server_run_all(struct nic_server *const *servers, unsigned n, int timeout_ms)
{
	uint64_t now = monotonic_ns(), end = now + (uint64_t)timeout_ms * 1000000u;
	unsigned round = 1;

	if (!n || n > MAX_SERVERS || timeout_ms < 0)
		return -EINVAL;
	guard(1);
	do {
		uint64_t rest = end > now ? (end - now) / 1000000u : 0;
		int busy = 0;

		for (unsigned i = 0; i < n; i++) {
			serve_round(servers[i], now);
			busy |= is_busy(servers[i], now);
		}
		if (busy && round++ % LOOK_ROUNDS) /* but others may want to connect */
			continue;
		if (!wait_for(servers, n, busy ? 0 : rest < 50 ? (int)rest : 50))
			break; /* the caller may want to stop */
	} while ((now = monotonic_ns()) < end);
	guard(0);
	return 0;
}

int nic_server_run(struct nic_server *s, int timeout_ms)
{
	return nic_server_run_all(&s, 1, timeout_ms);
}
