/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The vfio-user server against clients that are right, wrong, gone in the middle, and random.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first */
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "nicety/server.h"
#include "regs/ixgbe.h"
#include "bus/vfio_user_proto.h"

#define SHARED (1u << 20)
#define IOVA   0x100000u

struct fixture {
	char path[64];
	struct nic_server *server;
	int client;
	uint16_t serial;
};

static void serve(struct fixture *f)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(nic_server_run(f->server, 2), 0);
}

static void plug_in(struct fixture *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memcpy(a.sun_path, f->path, strlen(f->path) + 1);
	f->client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(f->client, (struct sockaddr *)&a, sizeof(a)), 0);
	serve(f);
	assert_int_equal(nic_server_connected(f->server), 1);
}

static int set_up(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	snprintf(f.path, sizeof(f.path), "/tmp/nicety-test-%d.sock", (int)getpid());
	assert_int_equal(nic_server_new(&f.server, "model:82599?wire=loop", f.path), 0);
	plug_in(&f);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->client >= 0)
		close(f->client);
	nic_server_del(f->server);
	assert_int_equal(access(f->path, F_OK), -1); /* the socket file is gone */
	return 0;
}

static void send_message(struct fixture *f, uint16_t command, const void *payload, size_t len,
			 int fd)
{
	struct vfu_header h = { .id = to_le16(++f->serial),
				.command = to_le16(command),
				.size = to_le32((uint32_t)(sizeof(h) + len)) };
	struct iovec iov[2] = { { &h, sizeof(h) }, { (void *)(uintptr_t)payload, len } };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	if (fd >= 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &fd, sizeof(fd));
	}
	assert_int_equal(sendmsg(f->client, &m, MSG_NOSIGNAL), sizeof(h) + len);
	serve(f);
}

/* One exchange. Return: the error of the reply; its payload is in @reply. */
static int ask(struct fixture *f, uint16_t command, const void *payload, size_t len, int fd,
	       void *reply, size_t room)
{
	uint8_t buf[4096];
	struct vfu_header h;
	ssize_t n;

	send_message(f, command, payload, len, fd);
	n = recv(f->client, buf, sizeof(buf), MSG_DONTWAIT);
	assert_true(n >= (ssize_t)sizeof(h));
	memcpy(&h, buf, sizeof(h));
	assert_int_equal(from_le32(h.size), n);
	assert_int_equal(from_le16(h.id), f->serial);
	assert_true(from_le32(h.flags) & VFU_REPLY);
	if (reply)
		memcpy(reply, buf + sizeof(h),
		       (size_t)n - sizeof(h) < room ? (size_t)n - sizeof(h) : room);
	return (int)from_le32(h.error);
}

static uint32_t read_reg(struct fixture *f, uint32_t region, uint32_t off)
{
	struct vfu_access a = { to_le64(off), to_le32(region), to_le32(4) };
	struct {
		struct vfu_access a;
		le32 value;
	} r;

	assert_int_equal(ask(f, VFU_REGION_READ, &a, sizeof(a), -1, &r, sizeof(r)), 0);
	return from_le32(r.value);
}

static int map(struct fixture *f, uint64_t iova, uint64_t size, int fd)
{
	struct vfu_dma_map m = { to_le32(sizeof(m)), to_le32(VFU_MAP_READ | VFU_MAP_WRITE),
				 to_le64(0), to_le64(iova), to_le64(size) };

	return ask(f, VFU_DMA_MAP, &m, sizeof(m), fd, NULL, 0);
}

static int memory(void)
{
	int fd = memfd_create("client", 0);

	assert_int_equal(ftruncate(fd, SHARED), 0);
	return fd;
}

static void a_client_finds_an_82599(void **state)
{
	struct fixture *f = *state;
	struct vfu_device_info info = { 0 };
	struct vfu_region_info region = { .index = to_le32(0) };
	struct vfu_irq_info irq = { .index = to_le32(2) };
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(ask(f, VFU_VERSION, "\0\0\0\0{}", 7, -1, NULL, 0), 0);
	assert_int_equal(ask(f, VFU_GET_INFO, &info, sizeof(info), -1, &info, sizeof(info)), 0);
	assert_int_equal(from_le32(info.num_regions), 9);
	assert_int_equal(
		ask(f, VFU_GET_REGION_INFO, &region, sizeof(region), -1, &region, sizeof(region)),
		0);
	assert_int_equal(from_le64(region.size), 128 << 10);
	assert_int_equal(ask(f, VFU_GET_IRQ_INFO, &irq, sizeof(irq), -1, &irq, sizeof(irq)), 0);
	assert_int_equal(from_le32(irq.count), 64);
	assert_int_equal(read_reg(f, VFU_CONFIG, 0), 0x10fb8086);
	assert_true(read_reg(f, 0, EEC) & field_mask(EEC_EE_PRES));
	assert_int_equal(ask(f, VFU_RESET, NULL, 0, -1, NULL, 0), 0);
}

static int told(struct fixture *f, const char *want)
{
	const char *name;
	int n = 0;

	for (unsigned i = 0; !nic_server_register(f->server, i, &name); i++)
		n += !strcmp(name, want);
	return n;
}

static void registers_that_were_used_are_told(void **state)
{
	struct fixture *f = *state;
	struct {
		struct vfu_access a;
		le32 value;
	} w = { { to_le64(ixgbe_rxq(RDLEN, 70)), to_le32(0), to_le32(4) }, to_le32(128) };
	const char *name;

	read_reg(f, VFU_CONFIG, STATUS); /* not that register, but what lies there */
	assert_int_equal(nic_server_register(f->server, 0, &name), -ENOENT);
	read_reg(f, 0, EEC);
	assert_int_equal(told(f, "EEC"), 1);
	assert_int_equal(told(f, "RDLEN"), 0);
	assert_int_equal(ask(f, VFU_REGION_WRITE, &w, sizeof(w), -1, NULL, 0), 0);
	assert_int_equal(told(f, "RDLEN"), 1); /* wherever the array goes on */
	assert_int_equal(nic_server_register(f->server, 2, &name), -ENOENT);
}

static void wrong_requests_get_an_error_and_the_connection_lives(void **state)
{
	struct fixture *f = *state;
	struct vfu_access past = { to_le64(128 << 10), to_le32(0), to_le32(4) };
	struct vfu_access odd = { to_le64(2), to_le32(0), to_le32(4) };
	struct vfu_access huge = { to_le64(0), to_le32(VFU_CONFIG), to_le32(UINT32_MAX) };
	struct vfu_irq_set irqs = { to_le32(sizeof(irqs)),
				    to_le32(VFU_DATA_EVENTFD | VFU_ACTION_TRIGGER), to_le32(2),
				    to_le32(60), to_le32(10) };
	uint64_t many = UINT64_MAX;
	uint16_t unknown[] = { 0, 6, 11, 14, 16, 65535 };

	for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_int_equal(ask(f, unknown[i], NULL, 0, -1, NULL, 0), ENOTSUP);
	for (uint16_t c = VFU_VERSION; c <= VFU_REGION_WRITE; c++)
		if (c != VFU_GET_REGION_IO_FDS)
			assert_int_equal(ask(f, c, "abc", 3, -1, NULL, 0), EINVAL);
	assert_int_equal(ask(f, VFU_VERSION, "\1\0\0\0{}", 7, -1, NULL, 0), EPROTO);
	assert_int_equal(ask(f, VFU_REGION_READ, &past, sizeof(past), -1, NULL, 0), EINVAL);
	assert_int_equal(ask(f, VFU_REGION_READ, &odd, sizeof(odd), -1, NULL, 0), EINVAL);
	assert_int_equal(ask(f, VFU_REGION_READ, &huge, sizeof(huge), -1, NULL, 0), EINVAL);
	assert_int_equal(ask(f, VFU_REGION_WRITE, &past, sizeof(past), -1, NULL, 0), EINVAL);
	assert_int_equal(ask(f, VFU_REGION_WRITE_MULTI, &many, sizeof(many), -1, NULL, 0), EINVAL);
	assert_int_equal(ask(f, VFU_SET_IRQS, &irqs, sizeof(irqs), -1, NULL, 0), EINVAL);
	assert_int_equal(read_reg(f, VFU_CONFIG, 0), 0x10fb8086);
}

static void mappings_are_checked(void **state)
{
	struct fixture *f = *state;
	struct vfu_dma_unmap u = { to_le32(sizeof(u)), to_le32(0), to_le64(IOVA), to_le64(SHARED) };
	int fd = memory();

	assert_int_equal(map(f, IOVA, SHARED, fd), 0);
	assert_int_equal(map(f, IOVA, SHARED, fd), EEXIST);
	assert_int_equal(map(f, IOVA + SHARED - 4096, 4096, fd), EEXIST);
	assert_int_equal(map(f, IOVA + 8 * SHARED, 2 * SHARED, fd), EINVAL); /* past its end */
	assert_int_equal(map(f, IOVA + 8 * SHARED + 1, 4096, fd), EINVAL);
	assert_int_equal(map(f, UINT64_MAX - 4095, 8192, fd), EINVAL);
	assert_int_equal(map(f, IOVA + 8 * SHARED, 0, fd), EINVAL);
	assert_int_equal(ask(f, VFU_DMA_UNMAP, &u, sizeof(u), -1, NULL, 0), 0);
	/* A range takes away what is inside, also nothing, but cuts no map. */
	assert_int_equal(ask(f, VFU_DMA_UNMAP, &u, sizeof(u), -1, NULL, 0), 0);
	assert_int_equal(map(f, IOVA, 4096, fd), 0);
	assert_int_equal(map(f, IOVA + 8192, 8192, fd), 0);
	u.size = to_le64(12288);
	assert_int_equal(ask(f, VFU_DMA_UNMAP, &u, sizeof(u), -1, NULL, 0), EINVAL);
	u.address = to_le64(IOVA + 12288);
	assert_int_equal(ask(f, VFU_DMA_UNMAP, &u, sizeof(u), -1, NULL, 0), EINVAL);
	u.size = to_le64(0);
	assert_int_equal(ask(f, VFU_DMA_UNMAP, &u, sizeof(u), -1, NULL, 0), EINVAL);
	u.address = to_le64(0);
	assert_int_equal(ask(f, VFU_DMA_UNMAP, &u, sizeof(u), -1, NULL, 0), EINVAL);
	u.address = to_le64(UINT64_MAX - 4095);
	u.size = to_le64(8192);
	assert_int_equal(ask(f, VFU_DMA_UNMAP, &u, sizeof(u), -1, NULL, 0), EINVAL);
	assert_int_equal(map(f, IOVA, 4096, fd), EEXIST);
	u.address = to_le64(0);
	u.size = to_le64(UINT64_MAX - 4095);
	assert_int_equal(ask(f, VFU_DMA_UNMAP, &u, sizeof(u), -1, NULL, 0), 0);
	assert_int_equal(map(f, IOVA, SHARED, fd), 0);
	close(fd);
}

static void cut_off(struct fixture *f)
{
	serve(f);
	assert_int_equal(nic_server_connected(f->server), 0);
	close(f->client);
	plug_in(f); /* and the next one is served */
	assert_int_equal(read_reg(f, VFU_CONFIG, 0), 0x10fb8086);
}

static void impossible_sizes_end_the_connection(void **state)
{
	struct fixture *f = *state;
	uint32_t sizes[] = { 0, 15, 65537, UINT32_MAX };

	for (unsigned i = 0; i < 4; i++) {
		struct vfu_header h = { .command = to_le16(1), .size = to_le32(sizes[i]) };

		assert_int_equal(send(f->client, &h, sizeof(h), 0), sizeof(h));
		cut_off(f);
	}
}

static void a_client_may_die_in_the_middle_of_a_message(void **state)
{
	struct fixture *f = *state;
	struct vfu_header h = { .command = to_le16(VFU_DMA_MAP), .size = to_le32(48) };

	for (size_t part = 1; part < sizeof(h); part += 5) {
		assert_int_equal(send(f->client, &h, part, 0), part);
		serve(f);
		assert_int_equal(nic_server_connected(f->server), 1); /* it may yet come */
		shutdown(f->client, SHUT_RDWR);
		cut_off(f);
	}
}

static void write_reg(struct fixture *f, uint32_t region, uint32_t off, uint32_t value)
{
	struct {
		struct vfu_access a;
		le32 value;
	} w = { { to_le64(off), to_le32(region), to_le32(4) }, to_le32(value) };

	uint8_t reply[sizeof(struct vfu_header) + sizeof(w.a)];

	send_message(f, VFU_REGION_WRITE, &w, sizeof(w.a) + 4, -1);
	if (nic_server_connected(f->server))
		assert_int_equal(recv(f->client, reply, sizeof(reply), 0), sizeof(reply));
}

/* A queue whose ring lies in a file that is cut short behind the model's back. */
static void memory_that_is_taken_away_cuts_the_client_off(void **state)
{
	struct fixture *f = *state;
	int fd = memory();

	assert_int_equal(map(f, 0, SHARED, fd), 0);
	write_reg(f, VFU_CONFIG, 4, 6); /* memory, bus master */
	write_reg(f, 0, DMATXCTL, 5);
	write_reg(f, 0, TDLEN, 1024);
	write_reg(f, 0, TXDCTL, field_mask(TXDCTL_ENABLE));
	assert_int_equal(ftruncate(fd, 0), 0);
	write_reg(f, 0, TDT, 1);
	cut_off(f);
	close(fd);
}

static sigjmp_buf elsewhere;
static _Atomic int enough;

static void on_sigbus(int number)
{
	(void)number;
	siglongjmp(elsewhere, 1);
}

static void *serve_on(void *server)
{
	while (!enough)
		nic_server_run(server, 50);
	return NULL;
}

/* The program's own handler gets what is not the server's business, also while it serves. */
static void a_bus_error_elsewhere_is_the_programs(void **state)
{
	struct sigaction own = { .sa_handler = on_sigbus, .sa_flags = SA_NODEFER }, was, now;
	struct fixture *f = *state;
	volatile int caught = 0;
	int fd = memory();
	volatile char *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	pthread_t thread;

	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(sigaction(SIGBUS, &own, &was), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve_on, f->server), 0);
	do /* until it serves */
		assert_int_equal(sigaction(SIGBUS, NULL, &now), 0);
	while (!(now.sa_flags & SA_SIGINFO));
	if (!sigsetjmp(elsewhere, 1))
		caught = *p;
	else
		caught = 1;
	assert_int_equal(caught, 1);
	enough = 1;
	pthread_join(thread, NULL);
	assert_int_equal(sigaction(SIGBUS, &was, &now), 0);
	assert_true(!(now.sa_flags & SA_SIGINFO) && now.sa_handler == on_sigbus);
	munmap((void *)(uintptr_t)p, 4096);
	close(fd);
}

static void two_servers_do_not_share_a_socket(void **state)
{
	struct fixture *f = *state;
	struct nic_server *second;

	assert_int_equal(nic_server_new(&second, "model:82599?wire=loop", f->path), -EADDRINUSE);
	assert_int_equal(nic_server_new(&second, "model:12345", "/tmp/x"), -ENOENT);
	assert_int_equal(nic_server_new(&second, "pci:0000", "/tmp/x"), -EINVAL);
	assert_int_equal(
		nic_server_new(&second, "model:82599?wire=loop", "/nonexistent/directory/x.sock"),
		-ENOENT);
}

#ifdef HAVE_JANSSON /* else the server cannot read that a client wants them */
/* The reply's descriptor, -1: none came. @reply: its payload. */
static int ask_for_doorbells(struct fixture *f, uint32_t argsz, uint8_t *reply, size_t room)
{
	struct vfu_region_info info = { .argsz = to_le32(argsz), .index = to_le32(VFU_DOORBELLS) };
	struct vfu_header h;
	struct iovec iov[2] = { { &h, sizeof(h) }, { reply, room } };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr m = { .msg_iov = iov,
			    .msg_iovlen = 2,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	int fd = -1;

	send_message(f, VFU_GET_REGION_INFO, &info, sizeof(info), -1);
	assert_true(recvmsg(f->client, &m, 0) >= (ssize_t)sizeof(h));
	assert_int_equal(from_le32(h.error), 0);
	if (CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

static void want_doorbells(struct fixture *f)
{
	static const char want[] = "\0\0\0\0{\"capabilities\":{\"nicety\":{\"doorbells\":true}}}";
	char reply[128] = { 0 };

	assert_int_equal(ask(f, VFU_VERSION, want, sizeof(want), -1, reply, sizeof(reply)), 0);
	assert_non_null(strstr(reply + 4, "\"doorbells\":true"));
}

static void doorbells_are_memory_for_a_client_that_asks(void **state)
{
	struct fixture *f = *state;
	struct {
		struct vfu_region_info info;
		struct vfu_doorbells cap;
		struct vfu_doorbell_range ranges[16];
	} r;
	struct vfu_region_info nine = { .index = to_le32(VFU_DOORBELLS) };
	struct vfu_device_info info = { 0 };
	uint32_t *page;
	int fd;

	/* not asked: not there */
	assert_int_equal(ask(f, VFU_GET_REGION_INFO, &nine, sizeof(nine), -1, NULL, 0), EINVAL);
	want_doorbells(f);
	assert_int_equal(ask(f, VFU_GET_INFO, &info, sizeof(info), -1, &info, sizeof(info)), 0);
	assert_int_equal(from_le32(info.num_regions), 10);
	/* too little room: the size that is needed, and no descriptor */
	assert_int_equal(ask_for_doorbells(f, sizeof(r.info), (uint8_t *)&r, sizeof(r)), -1);
	fd = ask_for_doorbells(f, from_le32(r.info.argsz), (uint8_t *)&r, sizeof(r));
	assert_true(fd >= 0);
	assert_int_equal(from_le32(r.cap.n_ranges), 3);
	assert_int_equal(from_le32(r.ranges[1].offset), TDT);
	assert_int_equal(from_le32(r.ranges[1].stride), 0x40);
	assert_int_equal(from_le32(r.ranges[1].count), 128);
	assert_int_equal(ftruncate(fd, 0), -1); /* sealed: it cannot be taken away */
	page = mmap(NULL, from_le64(r.info.size), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(page, MAP_FAILED);
	__atomic_store_n(&page[TDT / 4], to_le32(7).raw, __ATOMIC_RELEASE);
	assert_int_equal(read_reg(f, 0, TDT), 7);
	/* the next client has its own */
	shutdown(f->client, SHUT_RDWR);
	cut_off(f);
	__atomic_store_n(&page[TDT / 4], to_le32(9).raw, __ATOMIC_RELEASE);
	write_reg(f, VFU_CONFIG, 4, 6);
	assert_int_equal(read_reg(f, 0, TDT), 0);
	munmap(page, from_le64(r.info.size));
	close(fd);
}
#endif

/* Random commands with random payloads, some with a descriptor: errors are fine, crashes are not.
 */
static void random_messages_do_no_harm(void **state)
{
	struct fixture *f = *state;
	unsigned seed = 82599;
	int fd = memory();

	nic_log_set(NULL, NULL, NIC_LOG_ERROR);
	for (int i = 0; i < 3000; i++) {
		uint8_t payload[64];
		size_t len = (size_t)rand_r(&seed) % sizeof(payload);

		for (size_t k = 0; k < len; k++) /* small numbers are the more dangerous ones */
			payload[k] = (uint8_t)(rand_r(&seed) % 4 ? 0 : rand_r(&seed));
		send_message(f, (uint16_t)(rand_r(&seed) % 17), payload, len,
			     rand_r(&seed) % 4 ? -1 : fd);
		while (recv(f->client, payload, sizeof(payload), MSG_DONTWAIT) > 0)
			;
		if (!nic_server_connected(f->server)) {
			close(f->client);
			plug_in(f);
		}
	}
	nic_log_set(NULL, NULL, NIC_LOG_WARN);
	close(fd);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_client_finds_an_82599),
		T(registers_that_were_used_are_told),
		T(wrong_requests_get_an_error_and_the_connection_lives),
		T(mappings_are_checked),
		T(impossible_sizes_end_the_connection),
		T(a_client_may_die_in_the_middle_of_a_message),
		T(memory_that_is_taken_away_cuts_the_client_off),
		T(a_bus_error_elsewhere_is_the_programs),
		T(two_servers_do_not_share_a_socket),
#ifdef HAVE_JANSSON
		T(doorbells_are_memory_for_a_client_that_asks),
#endif
		T(random_messages_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
