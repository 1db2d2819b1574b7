/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The vfio-user client against servers that are broken, hostile, foreign, absent or killed, and
 * servers whose client is killed.
 */
#define _GNU_SOURCE
#include "vfio_user_proxy.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "mem/mem.h"

#define QUICK "?timeout=100" /* ms, for servers that do not answer */

/* Hugepages, where there are any, would be shareable from the start; and see tests/meson.build. */
static const struct nic_mem_config small_pages = { .page_size = 4096 };

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static unsigned open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void quiet(void *arg, enum nic_log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* What a test has: a server, a proxy in front of it, memory, and buffers to send. */
struct fixture {
	struct served *server;
	struct proxy proxy;
	struct nic_mem *mem;
	struct nic_pool *pool;
	unsigned files;
};

static int set_up(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	nic_log_set(quiet, NULL, NIC_LOG_ERROR);
	f.files = open_files();
	/* Of all chips this one is opened with the fewest messages; the transport is what counts.
	 */
	f.server = served_start("model:82540em?wire=loop");
	proxy_start(&f.proxy, f.server->path);
	assert_int_equal(nic_mem_new(&f.mem, &small_pages), 0);
	assert_int_equal(nic_pool_new(&f.pool, f.mem, 256, 2048), 0);
	*state = &f;
	return 0;
}

/* Nothing may be left: no buffer, no descriptor. */
static int tear_down(void **state)
{
	struct fixture *f = *state;

	proxy_stop(&f->proxy);
	served_stop(f->server);
	assert_int_equal(nic_pool_free(f->pool), nic_pool_count(f->pool));
	assert_int_equal(nic_pool_del(f->pool), 0);
	nic_mem_del(f->mem);
	assert_int_equal(open_files(), f->files);
	return 0;
}

static const struct nic_config cfg = { .promisc = 1, .rx_ring = 64, .tx_ring = 64 };

static int open_by(struct fixture *f, const char *path, const char *options, struct nic **nic)
{
	char uri[128];

	snprintf(uri, sizeof(uri), "vfio-user:%s%s", path, options);
	return nic_open(nic, f->mem, uri, &cfg);
}

/* @n frames round the loop, each looked at. */
static void carry(struct fixture *f, struct nic *nic, unsigned n)
{
	uint64_t end = now_ms() + 20000;

	for (unsigned i = 0; i < n; i++) {
		struct nic_pkt pkt;

		while (!nic_alloc(f->pool, &pkt, 1)) {
			nic_tx_clean(nic_txq(nic, 0));
			assert_true(now_ms() < end);
		}
		pkt.len = (uint16_t)(64 + i);
		memset(pkt.data, (int)(i + 1), pkt.len);
		while (!nic_tx(nic_txq(nic, 0), &pkt, 1))
			assert_true(now_ms() < end);
		while (!nic_rx(nic_rxq(nic, 0), &pkt, 1))
			assert_true(now_ms() < end);
		assert_int_equal(pkt.len, 64 + i);
		for (unsigned k = 0; k < pkt.len; k++)
			assert_int_equal(((uint8_t *)pkt.data)[k], (uint8_t)(i + 1));
		nic_free(&pkt, 1);
	}
}

/* ---- broken and hostile servers ---- */

/* Replies that opening takes when all goes well. */
static unsigned count_replies(struct fixture *f)
{
	struct nic *nic;
	unsigned n;

	f->proxy.fault = PROXY_NONE;
	assert_int_equal(open_by(f, f->proxy.path, "", &nic), 0);
	n = __atomic_load_n(&f->proxy.seen, __ATOMIC_RELAXED);
	nic_close(nic);
	return n;
}

/* Open with this fault at this reply. Return: what nic_open did; a device that opened is closed. */
static int open_with(struct fixture *f, enum proxy_fault fault, unsigned at)
{
	uint64_t begin = now_ms();
	struct nic *nic;
	int err, link = 0, waits;

	/* the proxy is between two clients: it reads these when the next connects */
	f->proxy.fault = fault;
	f->proxy.at = at;
	__atomic_store_n(&f->proxy.seen, 0, __ATOMIC_RELEASE);
	waits = fault == PROXY_SILENT || fault == PROXY_NO_REPLY_BIT || fault == PROXY_STORM;
	err = open_by(f, f->proxy.path, waits ? QUICK : "", &nic);
	if (!err) {
		link = nic_link(nic);
		nic_close(nic);
	}
	/* One time-out, what a driver waits for a link, and a busy machine. */
	assert_true(now_ms() - begin < 15000);
	return err ? err : link < 0 ? link : 0;
}

static void a_lost_connection_is_a_lost_device_at_every_reply(void **state)
{
	struct fixture *f = *state;
	unsigned n = count_replies(f);

	assert_true(n > 40);
	for (unsigned at = 0; at < n; at += at < 20 ? 1 : n / 6)
		assert_int_equal(open_with(f, PROXY_CLOSE, at), -ENODEV);
	assert_int_equal(open_with(f, PROXY_CLOSE, n - 1), -ENODEV);
	assert_int_equal(open_with(f, PROXY_NONE, 0), 0);
}

static void nonsense_is_a_lost_device(void **state)
{
	struct fixture *f = *state;
	unsigned n = count_replies(f);
	unsigned at[] = { 0, 1, 9, 12, n / 2 };

	for (enum proxy_fault fault = PROXY_CLOSE_IN_HEADER; fault <= PROXY_NOISE; fault++)
		for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++)
			assert_int_equal(open_with(f, fault, at[i]), -ENODEV);
	assert_int_equal(open_with(f, PROXY_NONE, 0), 0);
}

/* Whatever it means for the device: it ends, and the next server is none the worse. */
static void odd_replies_do_no_harm(void **state)
{
	struct fixture *f = *state;
	unsigned n = count_replies(f);
	unsigned at[] = { 0, 2, 10, 12, n / 2 };

	for (enum proxy_fault fault = PROXY_ERROR; fault <= PROXY_COMMAND_FIRST; fault++)
		for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
			int err = open_with(f, fault, at[i]);

			if (fault == PROXY_COMMAND_FIRST || fault == PROXY_DESCRIPTORS)
				assert_int_equal(err, 0);
			if (fault == PROXY_ERROR && at[i] == 0)
				assert_int_equal(err, -EINVAL);
		}
	assert_int_equal(open_with(f, PROXY_NONE, 0), 0);
}

/* ---- servers that are not ours ---- */

static void a_server_without_our_extension_carries_traffic(void **state)
{
	struct fixture *f = *state;
	struct nic *nic;

	f->proxy.fault = PROXY_NO_CAPABILITIES;
	assert_int_equal(open_by(f, f->proxy.path, "", &nic), 0);
	carry(f, nic, 200);
	nic_close(nic);
}

/* A server could cut them short, and so kill us at the next store: they are not used. */
static void doorbells_that_are_not_safe_are_not_mapped(void **state)
{
	struct fixture *f = *state;
	struct nic *nic;

	for (enum proxy_fault i = PROXY_UNSEALED_DOORBELLS; i <= PROXY_SHORT_DOORBELLS; i++) {
		f->proxy.fault = i;
		assert_int_equal(open_by(f, f->proxy.path, "", &nic), 0);
		carry(f, nic, 100);
		nic_close(nic);
	}
}

/* ---- memory ---- */

static void memory_keeps_its_contents_when_it_is_shared(void **state)
{
	struct fixture *f = *state;
	struct nic_pkt pkt;
	struct nic *nic;

	assert_int_equal(nic_alloc(f->pool, &pkt, 1), 1);
	memset(pkt.data, 0x5a, 1000);
	assert_int_equal(open_by(f, f->server->path, "", &nic), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(((uint8_t *)pkt.data)[i], 0x5a);
	assert_true(mem_region(pkt.data)->fd >= 0);
	/* what a hostile server would try */
	assert_int_equal(ftruncate(mem_region(pkt.data)->fd, 0), -1);
	nic_free(&pkt, 1);
	carry(f, nic, 10);
	nic_close(nic);
}

static void private_memory_in_use_is_not_moved(void **state)
{
	struct fixture *f = *state;
	struct nic *first, *second;

	assert_int_equal(nic_open(&first, f->mem, "model:82599?wire=loop", &cfg), 0);
	assert_int_equal(open_by(f, f->server->path, "", &second), -EBUSY);
	nic_close(first);
	assert_int_equal(open_by(f, f->server->path, "", &second), 0);
	assert_int_equal(nic_open(&first, f->mem, "model:82599?wire=loop", &cfg), 0);
	carry(f, second, 10);
	carry(f, first, 10);
	nic_close(second);
	nic_close(first);
}

static void memory_can_be_shared_from_the_start(void **state)
{
	struct nic_mem_config shared = { .shared = 1, .page_size = 4096 };
	struct fixture *f = *state, own = *f;
	struct nic *first, *second;

	assert_int_equal(nic_mem_new(&own.mem, &shared), 0);
	assert_int_equal(nic_pool_new(&own.pool, own.mem, 256, 2048), 0);
	assert_int_equal(nic_open(&first, own.mem, "model:82599?wire=loop", &cfg), 0);
	assert_int_equal(open_by(&own, f->server->path, "", &second), 0);
	carry(&own, first, 10);
	carry(&own, second, 10);
	nic_close(first);
	nic_close(second);
	assert_int_equal(nic_pool_del(own.pool), 0);
	nic_mem_del(own.mem);
}

/* ---- nobody there ---- */

static void wrong_uris_are_refused(void **state)
{
	struct fixture *f = *state;
	char too_long[160];
	struct nic *nic;

	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[0] = '/';
	too_long[sizeof(too_long) - 1] = 0;
	assert_int_equal(open_by(f, "/tmp/nicety-nobody.sock", "", &nic), -ENOENT);
	assert_int_equal(open_by(f, "", "", &nic), -EINVAL);
	assert_int_equal(nic_open(&nic, f->mem, "vfio-user", NULL), -ENOENT);
	assert_int_equal(open_by(f, f->server->path, "?timeout=0", &nic), -EINVAL);
	assert_int_equal(open_by(f, f->server->path, "?timeout=1x", &nic), -EINVAL);
	assert_int_equal(open_by(f, f->server->path, "?colour=1", &nic), -EINVAL);
	assert_int_equal(open_by(f, too_long, "", &nic), -EINVAL);
}

static void a_server_that_has_a_client_does_not_hang_the_next(void **state)
{
	struct fixture *f = *state;
	struct nic *first, *second;

	assert_int_equal(open_by(f, f->server->path, "", &first), 0);
	assert_int_equal(open_by(f, f->server->path, QUICK, &second), -ENODEV);
	carry(f, first, 10);
	nic_close(first);
	assert_int_equal(open_by(f, f->server->path, "", &second), 0);
	carry(f, second, 10);
	nic_close(second);
}

/* ---- sudden death ---- */

static void serve_until_killed(const char *path, int ready)
{
	struct nic_server *server;

	if (nic_server_new(&server, "model:82599?wire=loop", path) || write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		nic_server_run(server, 100);
}

/* A child that does not outlive the test. */
static pid_t child(void)
{
	pid_t pid = fork();

	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static pid_t start_server(const char *path)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	unlink(path); /* a killed one leaves its file */
	pid = child();
	if (!pid)
		serve_until_killed(path, ready[1]);
	close(ready[1]);
	/* Not the file, which is there before anybody listens. */
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void end_child(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Send and receive for so long; whatever happens to the server. */
static void busy(struct fixture *f, struct nic *nic, unsigned us)
{
	struct timespec t0, t;
	struct nic_pkt pkts[32];

	clock_gettime(CLOCK_MONOTONIC, &t0);
	do {
		unsigned n = nic_alloc(f->pool, pkts, 16);

		for (unsigned i = 0; i < n; i++)
			pkts[i].len = 60;
		for (unsigned i = nic_tx(nic_txq(nic, 0), pkts, n); i < n; i++)
			nic_free(&pkts[i], 1);
		nic_free(pkts, nic_rx(nic_rxq(nic, 0), pkts, 32));
		clock_gettime(CLOCK_MONOTONIC, &t);
	} while ((uint64_t)(t.tv_sec - t0.tv_sec) * 1000000 + (uint64_t)(t.tv_nsec / 1000) <
		 us + (uint64_t)(t0.tv_nsec / 1000));
}

static void a_killed_server_is_a_removed_device_and_a_new_one_takes_over(void **state)
{
	struct fixture f = { 0 };
	unsigned seed = 1;
	char path[64];

	(void)state;
	nic_log_set(quiet, NULL, NIC_LOG_ERROR);
	snprintf(path, sizeof(path), "/tmp/nicety-kill-%d.sock", (int)getpid());
	assert_int_equal(nic_mem_new(&f.mem, &small_pages), 0);
	assert_int_equal(nic_pool_new(&f.pool, f.mem, 256, 2048), 0);
	for (unsigned round = 0; round < 8; round++) {
		pid_t server = start_server(path);
		uint64_t begin;
		struct nic *nic;

		assert_int_equal(open_by(&f, path, "", &nic), 0);
		carry(&f, nic, 20);
		seed = seed * 1103515245 + 12345;
		busy(&f, nic, (seed >> 16) % 20000);
		begin = now_ms();
		end_child(server);
		busy(&f, nic, 2000);
		assert_int_equal(nic_link(nic), -ENODEV);
		nic_close(nic);
		assert_true(now_ms() - begin < 2000); /* nobody waits for the dead */
		assert_int_equal(open_by(&f, path, "", &nic), -ECONNREFUSED);
		assert_int_equal(nic_pool_free(f.pool), nic_pool_count(f.pool));
	}
	unlink(path);
	assert_int_equal(nic_pool_del(f.pool), 0);
	nic_mem_del(f.mem);
}

static void a_server_killed_while_opening_is_an_error(void **state)
{
	struct fixture f = { 0 };
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/tmp/nicety-kill-%d.sock", (int)getpid());
	assert_int_equal(nic_mem_new(&f.mem, &small_pages), 0);
	for (unsigned us = 0; us < 30000; us += 2500) {
		pid_t server = start_server(path), killer;
		struct nic *nic;
		int err;

		killer = child();
		if (!killer) {
			usleep(us);
			kill(server, SIGKILL);
			_exit(0);
		}
		err = open_by(&f, path, "", &nic);
		assert_int_equal(waitpid(killer, NULL, 0), killer);
		assert_int_equal(waitpid(server, NULL, 0), server);
		if (!err) {
			assert_int_equal(nic_link(nic), -ENODEV);
			nic_close(nic);
		} else {
			assert_true(err == -ECONNREFUSED || err == -ENODEV);
		}
	}
	unlink(path);
	nic_mem_del(f.mem);
}

static void drive_until_killed(const char *path)
{
	struct fixture f = { 0 };
	struct nic *nic;

	if (nic_mem_new(&f.mem, &small_pages) || nic_pool_new(&f.pool, f.mem, 256, 2048) ||
	    open_by(&f, path, "", &nic))
		_exit(1);
	for (;;)
		busy(&f, nic, 100000);
}

/* What the dead sent is still on the cable: before this frame, which is longer. */
static void drain(struct fixture *f, struct nic *nic)
{
	uint64_t end = now_ms() + 20000;
	struct nic_pkt pkt;
	int last = 0;

	assert_int_equal(nic_alloc(f->pool, &pkt, 1), 1);
	pkt.len = 1000;
	assert_int_equal(nic_tx(nic_txq(nic, 0), &pkt, 1), 1);
	while (!last) {
		assert_true(now_ms() < end);
		if (!nic_rx(nic_rxq(nic, 0), &pkt, 1))
			continue;
		last = pkt.len == 1000;
		nic_free(&pkt, 1);
	}
}

static void a_server_survives_killed_clients(void **state)
{
	struct fixture f = { 0 };
	char path[64];
	struct nic *nic;
	pid_t server;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/nicety-kill-%d.sock", (int)getpid());
	server = start_server(path);
	for (unsigned us = 1000; us < 100000; us += 9000) {
		pid_t client = child();

		if (!client)
			drive_until_killed(path);
		usleep(us);
		end_child(client);
	}
	assert_int_equal(nic_mem_new(&f.mem, &small_pages), 0);
	assert_int_equal(nic_pool_new(&f.pool, f.mem, 256, 2048), 0);
	assert_int_equal(open_by(&f, path, "", &nic), 0);
	drain(&f, nic);
	carry(&f, nic, 100);
	nic_close(nic);
	end_child(server);
	unlink(path);
	assert_int_equal(nic_pool_del(f.pool), 0);
	nic_mem_del(f.mem);
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_server_is_a_removed_device_and_a_new_one_takes_over),
		cmocka_unit_test(a_server_killed_while_opening_is_an_error),
		cmocka_unit_test(a_server_survives_killed_clients),
		with_server(a_lost_connection_is_a_lost_device_at_every_reply),
		with_server(nonsense_is_a_lost_device),
		with_server(odd_replies_do_no_harm),
		with_server(a_server_without_our_extension_carries_traffic),
		with_server(doorbells_that_are_not_safe_are_not_mapped),
		with_server(memory_keeps_its_contents_when_it_is_shared),
		with_server(private_memory_in_use_is_not_moved),
		with_server(memory_can_be_shared_from_the_start),
		with_server(wrong_uris_are_refused),
		with_server(a_server_that_has_a_client_does_not_hang_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
