/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whole conversations with the vfio-user server: messages that are right, truncated, too long,
 * with and without descriptors of all kinds, answers to questions that were not asked. An input is
 * one or more connections; each is sent at once, then its end is closed for writing, so that the
 * server never waits for an answer. Must not crash, hang, leak memory or descriptors.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "regs/ixgbe.h"
#include "server/server.h"

#define MEMORY          (1u << 20)
#define MAX_CONNECTIONS 6u
#define MAX_STEPS       300u

static struct nic_server *server;
static int fds[6]; /* what clients pass: memory, short memory, an eventfd, a file, a pipe, sealed */
static uint8_t *memory;
static int client;

static void start(void)
{
	char path[64];
	int p[2];

	nic_log_set(NULL, NULL, (enum nic_log_level)(NIC_LOG_ERROR - 1));
	snprintf(path, sizeof(path), "/tmp/nicety-fuzz-%d.sock", (int)getpid());
	if (nic_server_new(&server, "model:82599?wire=loop", path) || pipe2(p, O_CLOEXEC))
		abort();
	unlink(path); /* nobody else shall come */
	fds[0] = memfd_create("memory", MFD_CLOEXEC);
	fds[1] = memfd_create("short", MFD_CLOEXEC);
	fds[2] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	fds[3] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fds[4] = p[0];
	fds[5] = memfd_create("read only", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (ftruncate(fds[0], MEMORY) || ftruncate(fds[1], 5000) || ftruncate(fds[5], MEMORY) ||
	    fcntl(fds[5], F_ADD_SEALS, F_SEAL_WRITE))
		abort();
	memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
	if (memory == MAP_FAILED)
		abort();
}

/* What does not fit into the socket's buffer is not sent. */
static void send_with(const void *data, size_t len, unsigned n_fds, unsigned which)
{
	struct iovec iov = { (void *)(uintptr_t)data, len };
	union {
		char bytes[CMSG_SPACE(70 * sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	int list[70];

	if (n_fds) {
		for (unsigned i = 0; i < n_fds; i++)
			list[i] = fds[(which + i) % 6];
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), list, n_fds * sizeof(int));
	}
	if (len && sendmsg(client, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

static void message(uint16_t id, uint16_t command, uint32_t size, uint32_t flags,
		    const void *payload, size_t len, unsigned n_fds, unsigned which)
{
	struct vfu_header h = { to_le16(id), to_le16(command), to_le32(size), to_le32(flags),
				to_le32(0) };
	uint8_t buf[sizeof(h) + 4096];

	len = len < 4096 ? len : 4096;
	memcpy(buf, &h, sizeof(h));
	if (len)
		memcpy(buf + sizeof(h), payload, len);
	send_with(buf, sizeof(h) + len, n_fds, which);
}

static void good(uint16_t command, const void *payload, size_t len, unsigned n_fds, unsigned which)
{
	message(1, command, (uint32_t)(sizeof(struct vfu_header) + len), 0, payload, len, n_fds,
		which);
}

/* ---- what a client may do ---- */

static void any_message(struct input *in)
{
	uint16_t command = (uint16_t)(take(in, 1) % 20);
	uint32_t flags = (uint32_t)take(in, 1), wrong = (uint32_t)take(in, 1);
	unsigned n_fds = (unsigned)take(in, 1), which = n_fds >> 4;
	size_t len = take(in, 1);
	const uint8_t *p = take_bytes(in, &len);
	uint32_t size = (uint32_t)(sizeof(struct vfu_header) + len);

	n_fds = n_fds % 16 > 8 ? (n_fds % 16 - 8) * 10 - 1 : n_fds % 16;
	if (wrong > 250)
		size = wrong == 255 ? UINT32_MAX : wrong == 254 ? 65537 : size + wrong - 252;
	message((uint16_t)wrong, command, size, flags, p, len, n_fds % 70, which);
}

static void access_region(struct input *in, int write)
{
	static const uint32_t regions[] = { 0, VFU_CONFIG, 4, 0, 2, VFU_DOORBELLS, 0, 6 };
	uint32_t region = regions[take(in, 1) % 8], count = (uint32_t)take(in, 1);
	struct {
		struct vfu_access a;
		uint8_t data[256];
	} m = { { to_le64(take(in, 3)), to_le32(region), to_le32(count) }, { 0 } };
	uint64_t v = take(in, 4);

	memcpy(m.data, &v, sizeof(v));
	good(write ? VFU_REGION_WRITE : VFU_REGION_READ, &m, sizeof(m.a) + (write ? count : 0), 0,
	     0);
}

static void write_register(uint32_t off, uint32_t value)
{
	struct {
		struct vfu_access a;
		le32 v;
	} m = { { to_le64(off), to_le32(0), to_le32(4) }, to_le32(value) };

	good(VFU_REGION_WRITE, &m, sizeof(m.a) + 4, 0, 0);
}

static void known_register(struct input *in)
{
	const struct reg_row *r = &regs_ixgbe.rows[take(in, 2) % regs_ixgbe.n_rows];
	uint32_t off = r->offset + (uint32_t)(take(in, 1) % r->count) * r->stride;

	write_register(off, (uint32_t)take(in, 4));
}

static void map(struct input *in)
{
	struct vfu_dma_map m = { to_le32(sizeof(m)), to_le32((uint32_t)take(in, 1) % 4),
				 to_le64(take(in, 1) << 12), to_le64(take(in, 1) << 16),
				 to_le64(take(in, 1) << 12) };
	unsigned fd = (unsigned)take(in, 1) % 8;

	good(VFU_DMA_MAP, &m, sizeof(m), fd < 6, fd);
}

static void unmap(struct input *in)
{
	struct vfu_dma_unmap m = { to_le32(sizeof(m)), to_le32((uint32_t)take(in, 1) % 4),
				   to_le64(take(in, 1) << 16), to_le64(take(in, 1) << 12) };

	good(VFU_DMA_UNMAP, &m, sizeof(m), 0, 0);
}

static void irqs(struct input *in)
{
	static const uint32_t flags[] = { 36, 33, 17, 9, 34, 0, 36, 36 };
	unsigned n = (unsigned)take(in, 1) % 64;
	struct vfu_irq_set m = { to_le32(sizeof(m)), to_le32(flags[take(in, 1) % 8]),
				 to_le32((uint32_t)take(in, 1) % 6),
				 to_le32((uint32_t)take(in, 1) % 70), to_le32(n) };

	good(VFU_SET_IRQS, &m, sizeof(m), take(in, 1) & 1 ? n : 0, 2);
}

/* The server's questions have the numbers 1, 2, 3 …; answer some of them ahead. */
static void answers(struct input *in)
{
	uint16_t id = (uint16_t)(take(in, 1) % 32), n = (uint16_t)(take(in, 1) % 16);
	uint16_t command = take(in, 1) & 1 ? VFU_DMA_READ : VFU_DMA_WRITE;
	size_t len = take(in, 1) * 8;
	uint8_t payload[2048] = { 0 };

	for (size_t i = 16; i + 1 < len && i < 64; i++)
		payload[i] = (uint8_t)take(in, 1);
	for (uint16_t i = 0; i < n; i++)
		message((uint16_t)(id + i), command, (uint32_t)(sizeof(struct vfu_header) + len),
			VFU_REPLY, payload, len, 0, 0);
}

static void queues(struct input *in)
{
	uint32_t rx = (uint32_t)take(in, 2) << 7, tx = (uint32_t)take(in, 2) << 7;
	static const char version[] =
		"\0\0\0\0{\"capabilities\":{\"nicety\":{\"doorbells\":true}}}";
	const struct {
		struct vfu_access a;
		le32 v;
	} command = { { to_le64(4), to_le32(VFU_CONFIG), to_le32(2) }, to_le32(6) };

	if (take(in, 1) & 1)
		good(VFU_VERSION, version, sizeof(version), 0, 0);
	good(VFU_REGION_WRITE, &command, sizeof(command.a) + 2, 0, 0);
	write_register(FCTRL, 0x700);
	write_register(DMATXCTL, 5);
	write_register(RXCTRL, 1);
	write_register(RDBAL, rx);
	write_register(RDLEN, 1024);
	write_register(RXDCTL, 1u << 25);
	write_register(RDT, 63);
	write_register(TDBAL, tx);
	write_register(TDLEN, 1024);
	write_register(TXDCTL, 1u << 25);
	write_register(TDT, (uint32_t)take(in, 1) % 64);
}

static void fill_memory(struct input *in)
{
	uint32_t at = (uint32_t)take(in, 2) * 16;
	size_t n = take(in, 1);
	const uint8_t *p = take_bytes(in, &n);

	memcpy(memory + at, p, n < MEMORY - at ? n : MEMORY - at);
}

/* Return: 0, this connection ends. */
static int step(struct input *in)
{
	const uint8_t *p;
	size_t n;

	switch (take(in, 1) % 12) {
	case 0:
		n = take(in, 1);
		p = take_bytes(in, &n);
		send_with(p, n, n % 5 == 4, (unsigned)n);
		break;
	case 1:
		any_message(in);
		break;
	case 2:
	case 3:
		access_region(in, 1);
		break;
	case 4:
		access_region(in, 0);
		break;
	case 5:
		known_register(in);
		break;
	case 6:
		map(in);
		break;
	case 7:
		unmap(in);
		break;
	case 8:
		irqs(in);
		break;
	case 9:
		answers(in);
		break;
	case 10:
		queues(in);
		break;
	default:
		if (take(in, 1) < 16)
			return 0;
		fill_memory(in);
	}
	return 1;
}

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	int before;

	if (!server)
		start();
	before = open_fds();
	memset(memory, 0, 65536);
	for (unsigned c = 0; c < MAX_CONNECTIONS && left(&in); c++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			abort();
		client = pair[0];
		connection_open(&server->connection, pair[1]);
		for (unsigned i = 0; i < MAX_STEPS && left(&in) && step(&in); i++)
			;
		shutdown(client, SHUT_WR);
		for (unsigned i = 0; i < 5000 && nic_server_connected(server); i++)
			nic_server_run(server, 0);
		if (nic_server_connected(server))
			abort(); /* it hangs */
		close(client);
	}
	if (open_fds() != before)
		abort(); /* a descriptor leaks */
	return 0;
}
