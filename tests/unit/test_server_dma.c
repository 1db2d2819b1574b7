/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory without a descriptor: the server asks its client for every byte, and the client answers
 * well, in QEMU's way, late, wrongly, or not at all. The server runs on a thread.
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
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bus/vfio_user_proto.h"
#include "nicety/server.h"
#include "regs/ixgbe.h"
#include "regs/intel_desc.h"

#define MEMORY   (1u << 20)
#define IOVA     0x40000000u
#define PATIENCE 10 /* s; enough for a machine that does other things, too */
/* Tables that the short bring-up below leaves as they are. */
#define LENIENT                                                                                    \
	"rdrxctl-rscfrstsize,rdrxctl-rscackc,rdrxctl-fcoe-wrfix,mta-not-cleared,vfta-not-cleared," \
	"rar-not-cleared"

enum { TX_RING = 0, RX_RING = 0x1000, TX_HEAD = 0x2000, TX_DATA = 0x3000, RX_DATA = 0x10000 };

enum manner { BY_THE_BOOK, AS_QEMU, SILENT, REFUSES, TOO_SHORT, FLOODS };

struct client {
	uint8_t memory[MEMORY]; /* first: descriptors in it must be aligned */
	char path[64];
	struct nic_server *server;
	pthread_t thread;
	int stop; /* atomic */
	int fd;
	uint16_t serial;
	enum manner manner;
	uint32_t reads, writes, largest, refused;
};

static void *serve(void *arg)
{
	struct client *c = arg;

	while (!__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE))
		nic_server_run(c->server, 20);
	return NULL;
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static int set_up(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct client *c = calloc(1, sizeof(*c));
	const struct timeval patience = { .tv_sec = PATIENCE };

	assert_non_null(c);
	nic_log_set(NULL, NULL, NIC_LOG_ERROR);
	snprintf(c->path, sizeof(c->path), "/tmp/nicety-dma-%d.sock", (int)getpid());
	assert_int_equal(
		nic_server_new(&c->server, "model:82599?wire=loop&lenient=" LENIENT, c->path), 0);
	memcpy(a.sun_path, c->path, strlen(c->path) + 1);
	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)),
			 0);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(pthread_create(&c->thread, NULL, serve, c), 0);
	*state = c;
	return 0;
}

static int tear_down(void **state)
{
	struct client *c = *state;

	__atomic_store_n(&c->stop, 1, __ATOMIC_RELEASE);
	close(c->fd);
	pthread_join(c->thread, NULL);
	nic_server_del(c->server);
	free(c);
	return 0;
}

static uint64_t counter(struct client *c, const char *name)
{
	const char *n;
	uint64_t v;

	for (unsigned i = 0; !nic_server_counter(c->server, i, &n, &v); i++)
		if (!strcmp(n, name))
			return v;
	fail_msg("no counter %s", name);
	return 0;
}

/* ---- the client's side of the protocol ---- */

static int get(struct client *c, void *buf, size_t len)
{
	return !len || recv(c->fd, buf, len, MSG_WAITALL) == (ssize_t)len ? 0 : -1;
}

/* What cannot be sent any more is found missing by the next get. */
static void put(struct client *c, uint16_t id, uint16_t command, uint32_t flags, uint32_t error,
		const void *payload, size_t len)
{
	struct vfu_header h = { to_le16(id), to_le16(command), to_le32((uint32_t)(sizeof(h) + len)),
				to_le32(flags), to_le32(error) };
	struct iovec iov[2] = { { &h, sizeof(h) }, { (void *)(uintptr_t)payload, len } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	if (sendmsg(c->fd, &m, MSG_NOSIGNAL) < 0)
		assert_int_equal(errno, EPIPE);
}

static void flood(struct client *c)
{
	struct vfu_access a = { to_le64(0), to_le32(VFU_CONFIG), to_le32(4) };

	for (int i = 0; i < 100; i++)
		put(c, 7, VFU_REGION_READ, 0, 0, &a, sizeof(a));
}

/* Carry out a DMA message of the server's. */
static void answer(struct client *c, const struct vfu_header *h, uint8_t *payload)
{
	uint16_t command = from_le16(h->command), id = from_le16(h->id);
	size_t head = c->manner == AS_QEMU ? 12 : 16, n;
	struct vfu_dma_access a;

	memcpy(&a, payload, sizeof(a));
	n = (uint32_t)from_le64(a.count); /* QEMU looks at the lower half only */
	if (n > c->largest)
		c->largest = (uint32_t)n;
	if (c->manner == SILENT)
		return;
	if (c->manner == FLOODS)
		flood(c);
	if (c->manner == REFUSES || from_le64(a.address) < IOVA ||
	    from_le64(a.address) - IOVA > MEMORY - n) {
		c->refused++;
		put(c, id, command, VFU_REPLY | VFU_ERROR, EFAULT, NULL, 0);
		return;
	}
	if (command == VFU_DMA_WRITE) {
		c->writes++;
		memcpy(c->memory + from_le64(a.address) - IOVA, payload + head, n);
		put(c, id, command, VFU_REPLY, 0, payload, c->manner == AS_QEMU ? 0 : 16);
		return;
	}
	c->reads++;
	assert_int_equal(command, VFU_DMA_READ);
	memcpy(payload + head, c->memory + from_le64(a.address) - IOVA, n);
	put(c, id, command, VFU_REPLY, 0, payload, c->manner == TOO_SHORT ? 16 : 16 + n);
}

/* Read one message. Return: its command if it is a reply, 0: a question was answered, -1: the end.
 */
static int listen_once(struct client *c, uint32_t *error, uint8_t payload[70000])
{
	struct vfu_header h;

	if (get(c, &h, sizeof(h)) || get(c, payload, from_le32(h.size) - sizeof(h)))
		return -1;
	if (from_le32(h.flags) & VFU_REPLY) {
		*error = from_le32(h.error);
		return from_le16(h.command);
	}
	answer(c, &h, payload);
	return 0;
}

static uint8_t inbox[70000];

/* A request and its reply, and whatever is asked in between. Return: 0, an error, -1: hung up. */
static int request(struct client *c, uint16_t command, const void *payload, size_t len)
{
	uint32_t error = 0;
	int got;

	put(c, ++c->serial, command, 0, 0, payload, len);
	while ((got = listen_once(c, &error, inbox)) == 0)
		;
	return got < 0 ? -1 : (int)error;
}

static uint32_t rd(struct client *c, uint32_t reg)
{
	struct vfu_access a = { to_le64(reg), to_le32(0), to_le32(4) };
	le32 v;

	if (request(c, VFU_REGION_READ, &a, sizeof(a)))
		return UINT32_MAX;
	memcpy(&v, inbox + sizeof(a), sizeof(v));
	return from_le32(v);
}

static int wr_region(struct client *c, uint32_t region, uint32_t reg, uint32_t value)
{
	struct {
		struct vfu_access a;
		le32 v;
	} w = { { to_le64(reg), to_le32(region), to_le32(4) }, to_le32(value) };

	return request(c, VFU_REGION_WRITE, &w, sizeof(w.a) + sizeof(w.v));
}

static int wr(struct client *c, uint32_t reg, uint32_t value)
{
	return wr_region(c, 0, reg, value);
}

/* ---- a NIC with one TX and one RX queue in memory that only messages reach ---- */

static void start(struct client *c, enum manner manner, uint32_t max_xfer)
{
	struct vfu_dma_map m = { to_le32(sizeof(m)), to_le32(VFU_MAP_READ | VFU_MAP_WRITE),
				 to_le64(0), to_le64(IOVA), to_le64(MEMORY) };
	char version[128] = { 0 };
	int n = snprintf(version + 4, sizeof(version) - 4,
			 "{\"capabilities\":{\"max_data_xfer_size\":%u}}", max_xfer);

	c->manner = manner;
	assert_int_equal(request(c, VFU_VERSION, version, (size_t)n + 5), 0);
	assert_int_equal(request(c, VFU_DMA_MAP, &m, sizeof(m)), 0);
	assert_int_equal(wr_region(c, VFU_CONFIG, 4, 6), 0);
	assert_int_equal(wr(c, FCTRL, field_mask(FCTRL_BAM) | field_mask(FCTRL_UPE)), 0);
	wr(c, HLREG0, rd(c, HLREG0) | field_mask(HLREG0_TXPADEN) | field_mask(HLREG0_RXCRCSTRP));
	wr(c, RDRXCTL, rd(c, RDRXCTL) | field_mask(RDRXCTL_CRCSTRIP));
	wr(c, DMATXCTL, rd(c, DMATXCTL) | field_mask(DMATXCTL_TE));
	wr(c, ixgbe_rxq(RDBAL, 0), IOVA + RX_RING);
	wr(c, ixgbe_rxq(RDLEN, 0), 1024);
	wr(c, ixgbe_rxq(SRRCTL, 0),
	   field_of(SRRCTL_BSIZEPACKET, 10) | field_of(SRRCTL_BSIZEHEADER, 4) |
		   field_of(SRRCTL_DESCTYPE, SRRCTL_DESCTYPE_ADV_ONE_BUFFER));
	wr(c, ixgbe_rxq(DCA_RXCTRL, 0), 0);
	wr(c, ixgbe_rxq(RXDCTL, 0), field_mask(RXDCTL_ENABLE));
	wr(c, RXCTRL, field_mask(RXCTRL_RXEN));
	wr(c, ixgbe_txq(TDBAL, 0), IOVA + TX_RING);
	wr(c, ixgbe_txq(TDLEN, 0), 1024);
	wr(c, ixgbe_txq(TDWBAL, 0), (IOVA + TX_HEAD) | 1);
	wr(c, ixgbe_txq(DCA_TXCTRL, 0), 0);
	wr(c, ixgbe_txq(TXDCTL, 0), field_mask(TXDCTL_ENABLE));
	assert_true(rd(c, ixgbe_txq(TXDCTL, 0)) & field_mask(TXDCTL_ENABLE));
	for (time_t end = now() + PATIENCE; !(rd(c, LINKS) & field_mask(LINKS_UP));)
		assert_true(now() < end);
}

/* Post a frame of @len bytes in two parts, and a buffer for it. Return: 0, -1: the server hung up.
 */
static int post_frame(struct client *c, uint32_t len)
{
	union intel_tx_desc *tx = (void *)(c->memory + TX_RING);
	union intel_rx_desc *rx = (void *)(c->memory + RX_RING);
	uint8_t *f = c->memory + TX_DATA;
	uint32_t first = len / 3, fixed = field_of(TXD_DTYP, TXD_DTYP_DATA) | field_mask(TXD_DEXT) |
					  field_mask(TXD_IFCS);

	rx[0].read.addr = to_le64(IOVA + RX_DATA);
	rx[0].read.header = to_le64(0);
	for (uint32_t i = 0; i < len; i++)
		f[i] = (uint8_t)(i * 7 + (i >> 8));
	memcpy(f, "\xff\xff\xff\xff\xff\xff\2\0\0\0\0\1\x88\xb5", 14);
	tx[0].data.addr = to_le64(IOVA + TX_DATA);
	tx[0].data.cmd = to_le32(fixed | first);
	tx[0].data.status = to_le32(field_of(TXD_PAYLEN, len));
	tx[1].data.addr = to_le64(IOVA + TX_DATA + first);
	tx[1].data.cmd = to_le32(fixed | field_mask(TXD_EOP) | field_mask(TXD_RS) | (len - first));
	tx[1].data.status = tx[0].data.status;
	return wr(c, ixgbe_rxq(RDT, 0), 1) || wr(c, ixgbe_txq(TDT, 0), 2) ? -1 : 0;
}

/* Post a frame and ask the model, which asks back, until the frame has come round. */
static void send_frame(struct client *c, uint32_t len)
{
	time_t end = now() + PATIENCE;

	assert_int_equal(post_frame(c, len), 0);
	while (rd(c, ixgbe_rxq(RDH, 0)) != 1)
		assert_true(now() < end);
}

/* Post a frame and answer, in this client's manner, until the server hangs up. */
static void send_frame_to_the_end(struct client *c)
{
	time_t end = now() + PATIENCE;
	uint32_t error;

	if (post_frame(c, 1500))
		return;
	while (listen_once(c, &error, inbox) >= 0)
		assert_true(now() < end);
	/* The end, not the socket's patience with a silent server. */
	assert_int_not_equal(recv(c->fd, inbox, 1, MSG_DONTWAIT) < 0 ? errno : 0, EAGAIN);
}

static void frame_goes_round(struct client *c, uint32_t len)
{
	union intel_rx_desc *rx = (void *)(c->memory + RX_RING);

	send_frame(c, len);
	assert_int_equal(rd(c, ixgbe_txq(TDH, 0)), 2);
	assert_int_equal(from_le32(rx[0].wb.status) & 3, 3); /* DD, EOP */
	assert_int_equal(from_le32(rx[0].wb.length_vlan) & 0xffff, len);
	assert_memory_equal(c->memory + RX_DATA, c->memory + TX_DATA, len);
	assert_int_equal(c->memory[TX_HEAD], 2); /* head write-back */
	assert_int_equal(counter(c, "server_dma_refused"), 0);
	assert_int_equal(nic_server_violations(c->server), 0);
}

static void frames_go_through_memory_without_a_descriptor(void **state)
{
	struct client *c = *state;

	start(c, BY_THE_BOOK, 1 << 20);
	frame_goes_round(c, 1500);
	assert_true(c->reads > 0 && c->writes > 0);
}

static void qemus_layout_is_recognised(void **state)
{
	struct client *c = *state;

	start(c, AS_QEMU, 1 << 20);
	frame_goes_round(c, 1500);
}

static void the_clients_limit_is_kept(void **state)
{
	struct client *c = *state;

	start(c, BY_THE_BOOK, 100);
	frame_goes_round(c, 1500);
	assert_int_equal(c->largest, 100);
}

static void a_client_that_does_not_answer_is_dropped(void **state)
{
	struct client *c = *state;
	time_t begin;

	start(c, SILENT, 1 << 20);
	begin = now();
	send_frame_to_the_end(c);
	assert_in_range(now() - begin, 1, PATIENCE);
	assert_int_equal(nic_server_violations(c->server), 0); /* the driver did nothing wrong */
}

static void a_refused_transfer_stops_the_queue_only(void **state)
{
	struct client *c = *state;

	time_t end = now() + PATIENCE;

	start(c, REFUSES, 1 << 20);
	assert_int_equal(post_frame(c, 1500), 0);
	while (!c->refused) {
		rd(c, STATUS);
		assert_true(now() < end);
	}
	assert_int_equal(rd(c, ixgbe_txq(TDH, 0)), 0);
	assert_true(counter(c, "server_dma_refused") > 0);
	assert_int_equal(nic_server_connected(c->server), 1);
}

static void an_answer_without_the_data_ends_the_connection(void **state)
{
	struct client *c = *state;

	start(c, TOO_SHORT, 1 << 20);
	send_frame_to_the_end(c);
}

static void requests_instead_of_an_answer_are_bounded(void **state)
{
	struct client *c = *state;

	start(c, FLOODS, 1 << 20);
	send_frame_to_the_end(c);
}

/* Requests that come before the answer are carried out after it, in order. */
static void requests_may_come_between_question_and_answer(void **state)
{
	struct client *c = *state;
	struct vfu_access a = { to_le64(0), to_le32(VFU_CONFIG), to_le32(4) };
	struct {
		struct vfu_access a;
		le32 v;
	} w = { { to_le64(TDT), to_le32(0), to_le32(4) }, to_le32(1) };
	union intel_tx_desc *tx = (void *)(c->memory + TX_RING);
	uint16_t first = 1000, replies = 0;
	uint32_t error;

	start(c, BY_THE_BOOK, 1 << 20);
	tx[0].data.addr = to_le64(IOVA + TX_DATA);
	tx[0].data.cmd =
		to_le32(field_of(TXD_DTYP, TXD_DTYP_DATA) | field_mask(TXD_DEXT) |
			field_mask(TXD_IFCS) | field_mask(TXD_EOP) | field_mask(TXD_RS) | 64);
	tx[0].data.status = to_le32(field_of(TXD_PAYLEN, 64));
	put(c, first, VFU_REGION_WRITE, 0, 0, &w, sizeof(w.a) + 4);
	for (uint16_t i = 1; i <= 20; i++)
		put(c, (uint16_t)(first + i), VFU_REGION_READ, 0, 0, &a, sizeof(a));
	for (int i = 0; i < 500 && replies < 21; i++) {
		int got = listen_once(c, &error, inbox);

		assert_true(got >= 0);
		assert_int_equal(got ? error : 0, 0);
		if (got)
			assert_int_equal(got, replies++ ? VFU_REGION_READ : VFU_REGION_WRITE);
	}
	assert_int_equal(replies, 21);
	for (time_t end = now() + PATIENCE; rd(c, TDH) != 1;)
		assert_true(now() < end);
	assert_int_equal(rd(c, TDH), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(frames_go_through_memory_without_a_descriptor),
		T(qemus_layout_is_recognised),
#ifdef HAVE_JANSSON
		T(the_clients_limit_is_kept),
#endif
		T(a_client_that_does_not_answer_is_dropped),
		T(a_refused_transfer_stops_the_queue_only),
		T(an_answer_without_the_data_ends_the_connection),
		T(requests_instead_of_an_answer_are_bounded),
		T(requests_may_come_between_question_and_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
