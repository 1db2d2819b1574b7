/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The machine behind a qtest socket: a text protocol, one command and one answer a line
 * (QEMU's docs/devel/testing/qtest.rst and the top of its system/qtest.c). A PC: configuration
 * space through the ports 0xcf8 and 0xcfc, RAM sizes in the CMOS.
 *
 * The list of machines is global because QEMU takes one connection only, and all that two devices
 * of one machine have in common is its path.
 */
#define _GNU_SOURCE
#include "bus/qtest.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define GIB4       ((uint64_t)4 << 30)
#define MAIL       ((uint64_t)1 << 20) /* physical address, and place in the file */
#define MAIL_LEN   ((uint64_t)32 * 256 * QTEST_VECTORS * sizeof(le32))
#define CLOCK_RATE 100  /* QEMU's 82540EM is deaf for a second of its time after it is set up */
#define STEP_MIN   1000 /* ns */
#define STEP_MAX   10000000

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct qtest *all; /* (all_lock) */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- commands ---- */

static int end(struct qtest *q, const char *why)
{
	if (!__atomic_exchange_n(&q->gone, 1, __ATOMIC_ACQ_REL))
		log_error("qtest:%s: the machine is lost: %s", q->path, why);
	return -ENODEV;
}

/* A line, without its end, into @line. 0 or -ENODEV. */
static int read_line(struct qtest *q, char *line, size_t room)
{
	uint64_t until = now_ns() + (uint64_t)q->timeout_ms * 1000000;

	for (;;) {
		char *eol = memchr(q->line, '\n', q->have);
		struct pollfd p = { q->fd, POLLIN, 0 };
		uint64_t now = now_ns();
		ssize_t n;

		if (eol) {
			size_t len = (size_t)(eol - q->line);

			if (len >= room)
				return end(q, "an answer is too long");
			memcpy(line, q->line, len);
			line[len] = 0;
			q->have -= len + 1;
			memmove(q->line, eol + 1, q->have);
			return 0;
		}
		if (q->have == sizeof(q->line))
			return end(q, "an answer is too long");
		if (now >= until || !poll(&p, 1, (int)((until - now) / 1000000) + 1))
			return end(q, "QEMU does not answer");
		n = recv(q->fd, q->line + q->have, sizeof(q->line) - q->have, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return end(q, "QEMU closed its socket");
		q->have += n > 0 ? (size_t)n : 0;
	}
}

/* One command and its answer, with the lock held. @value: the number in it, NULL: there is none. */
__attribute__((format(printf, 3, 4))) static int command(struct qtest *q, uint64_t *value,
							 const char *format, ...)
{
	char line[256], *stop;
	uint64_t v;
	va_list args;
	int n, err;

	if (__atomic_load_n(&q->gone, __ATOMIC_ACQUIRE))
		return -ENODEV;
	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	line[n++] = '\n';
	/* Commands are short and answered one by one: the socket has room. */
	if (send(q->fd, line, (size_t)n, MSG_NOSIGNAL) != n)
		return end(q, "QEMU closed its socket");
	do {
		err = read_line(q, line, sizeof(line));
		if (err)
			return err;
	} while (!strncmp(line, "IRQ ", 4)); /* news that nobody has asked for */
	if (strncmp(line, "OK", 2))
		return end(q, "QEMU refused a command");
	if (!value)
		return 0;
	v = strtoull(line + 2, &stop, 0);
	if (!line[2] || *stop)
		return end(q, "an answer has no number");
	*value = v;
	return 0;
}

int qtest_read(struct qtest *q, uint64_t address, uint32_t *value)
{
	uint64_t v = 0;
	int err;

	pthread_mutex_lock(&q->lock);
	err = command(q, &v, "readl 0x%" PRIx64, address);
	pthread_mutex_unlock(&q->lock);
	if (!err)
		*value = (uint32_t)v;
	return err;
}

int qtest_write(struct qtest *q, uint64_t address, uint32_t value)
{
	int err;

	pthread_mutex_lock(&q->lock);
	err = command(q, NULL, "writel 0x%" PRIx64 " 0x%" PRIx32, address, value);
	pthread_mutex_unlock(&q->lock);
	return err;
}

static char width(unsigned size)
{
	return size == 1 ? 'b' : size == 2 ? 'w' : 'l';
}

int qtest_config_read(struct qtest *q, unsigned bdf, unsigned off, unsigned size, uint32_t *value)
{
	uint64_t v = 0;
	int err;

	pthread_mutex_lock(&q->lock);
	err = command(q, NULL, "outl 0xcf8 0x%x", 0x80000000u | bdf << 8 | (off & 0xfc));
	if (!err)
		err = command(q, &v, "in%c 0x%x", width(size), 0xcfc + off % 4);
	pthread_mutex_unlock(&q->lock);
	if (!err)
		*value = (uint32_t)v;
	return err;
}

int qtest_config_write(struct qtest *q, unsigned bdf, unsigned off, unsigned size, uint32_t value)
{
	int err;

	pthread_mutex_lock(&q->lock);
	err = command(q, NULL, "outl 0xcf8 0x%x", 0x80000000u | bdf << 8 | (off & 0xfc));
	if (!err)
		err = command(q, NULL, "out%c 0x%x 0x%x", width(size), 0xcfc + off % 4, value);
	pthread_mutex_unlock(&q->lock);
	return err;
}

/* ---- time ---- */

void qtest_step(struct qtest *q, uint64_t ns)
{
	uint64_t now = now_ns();

	pthread_mutex_lock(&q->lock);
	command(q, NULL, "clock_step %" PRIu64, ns);
	q->stepped = now; /* what the command itself takes counts for the next */
	pthread_mutex_unlock(&q->lock);
}

void qtest_catch_up(struct qtest *q)
{
	uint64_t ns = (now_ns() - q->stepped) * CLOCK_RATE;

	qtest_step(q, ns < STEP_MIN ? STEP_MIN : ns > STEP_MAX ? STEP_MAX : ns);
}

/* ---- interrupt messages ---- */

static size_t mail_index(unsigned bdf, unsigned vector)
{
	return (size_t)(bdf & 0x1fff) * QTEST_VECTORS + vector;
}

uint64_t qtest_mail_address(unsigned bdf, unsigned vector)
{
	return MAIL + mail_index(bdf, vector) * sizeof(le32);
}

le32 *qtest_mail(struct qtest *q, unsigned bdf, unsigned vector)
{
	return &q->mail[mail_index(bdf, vector)];
}

/* ---- the machine ---- */

static int connect_to(struct qtest *q)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int err;

	if (!*q->path || strlen(q->path) >= sizeof(a.sun_path)) {
		log_error("qtest:%s: want a socket's path of 1 to %zu characters", q->path,
			  sizeof(a.sun_path) - 1);
		return -EINVAL;
	}
	memcpy(a.sun_path, q->path, strlen(q->path) + 1);
	q->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (q->fd < 0)
		return -errno;
	if (!connect(q->fd, (const struct sockaddr *)&a, sizeof(a)))
		return 0;
	err = -errno;
	log_error("no QEMU listens at %s: %s; start one with -accel qtest -qtest "
		  "unix:%s,server=on,wait=off",
		  q->path, strerror(-err), q->path);
	close(q->fd);
	return err;
}

/* @n bytes of the CMOS as one number, the low one first. */
static int cmos(struct qtest *q, unsigned at, unsigned n, uint64_t *value)
{
	int err = 0;

	*value = 0;
	for (unsigned i = 0; i < n && !err; i++) {
		uint64_t byte = 0;

		err = command(q, NULL, "outb 0x70 0x%x", at + i);
		if (!err)
			err = command(q, &byte, "inb 0x71");
		*value |= (byte & 0xff) << 8 * i;
	}
	return err;
}

/* How much RAM there is, and that it is in the file: what we store there, the machine must see. */
static int check_ram(struct qtest *q, const char *ram)
{
	uint64_t beyond_16m, seen = 0, mark = now_ns();
	struct stat st;
	le64 bytes;
	int err = cmos(q, 0x34, 2, &beyond_16m);

	if (!err)
		err = cmos(q, 0x5b, 3, &q->high);
	if (err)
		return err;
	q->low = (beyond_16m << 16) + (16u << 20);
	q->high <<= 16;
	if (!q->high) {
		log_error("qtest:%s: the machine needs RAM above 4 GiB, where DMA memory lies: "
			  "-m 256M -machine q35,max-ram-below-4g=64M,memory-backend=ram",
			  q->path);
		return -EINVAL;
	}
	if (fstat(q->ram_fd, &st) || (uint64_t)st.st_size != q->low + q->high)
		goto other;
	q->mail = mmap(NULL, MAIL_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, q->ram_fd, MAIL);
	if (q->mail == MAP_FAILED) {
		q->mail = NULL;
		return -errno;
	}
	bytes = to_le64(mark);
	memcpy(q->mail, &bytes, sizeof(bytes));
	err = command(q, &seen, "readq 0x%" PRIx64, MAIL);
	if (err)
		return err;
	memset(q->mail, 0, sizeof(mark));
	if (seen != mark)
		goto other;
	q->file = (struct pci_dma_file) { q->ram_fd, GIB4, q->low, q->high };
	return 0;

other:
	log_error("%s is not the RAM of the machine at %s: -object "
		  "memory-backend-file,id=ram,size=256M,share=on,mem-path=%s",
		  ram, q->path, ram);
	return -EINVAL;
}

static void destroy(struct qtest *q)
{
	if (q->mail)
		munmap(q->mail, MAIL_LEN);
	if (q->ram_fd >= 0)
		close(q->ram_fd);
	close(q->fd);
	pthread_mutex_destroy(&q->lock);
	free(q->path);
	free(q);
}

static int make(struct qtest **out, const char *path, const char *ram, int timeout_ms)
{
	struct qtest *q = calloc(1, sizeof(*q));
	int err;

	if (!q)
		return -ENOMEM;
	q->ram_fd = -1;
	q->timeout_ms = timeout_ms;
	q->path = strdup(path);
	err = q->path ? connect_to(q) : -ENOMEM;
	if (err) {
		free(q->path);
		free(q);
		return err;
	}
	pthread_mutex_init(&q->lock, NULL);
	q->ram_fd = open(ram, O_RDWR | O_CLOEXEC);
	if (q->ram_fd < 0) {
		err = -errno;
		log_error("qtest:%s: the machine's RAM, %s: %s", path, ram, strerror(-err));
	} else {
		err = check_ram(q, ram);
	}
	if (err) {
		destroy(q);
		return err;
	}
	q->stepped = now_ns();
	*out = q;
	return 0;
}

int qtest_open(struct qtest **out, const char *path, const char *ram, int timeout_ms)
{
	struct qtest *q;
	int err = 0;

	pthread_mutex_lock(&all_lock);
	for (q = all; q && (strcmp(q->path, path) || __atomic_load_n(&q->gone, __ATOMIC_ACQUIRE));)
		q = q->next;
	if (!q) {
		err = make(&q, path, ram, timeout_ms);
		if (!err) {
			q->next = all;
			all = q;
		}
	}
	if (!err) {
		q->users++;
		*out = q;
	}
	pthread_mutex_unlock(&all_lock);
	return err;
}

void qtest_close(struct qtest *q)
{
	struct qtest **link;

	pthread_mutex_lock(&all_lock);
	if (--q->users == 0) {
		for (link = &all; *link != q;)
			link = &(*link)->next;
		*link = q->next;
		destroy(q);
	}
	pthread_mutex_unlock(&all_lock);
}
