/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the conformance suite's devices run, as NICETY_HOST says: `sync` and `thread`, models in
 * this process; `vfio-user`, models behind sockets, each served by a thread of its own and driven
 * as if it were another process; `pci`, two functions of this machine, joined by a cable, whose
 * URIs are in NICETY_PCI_A and NICETY_PCI_B, what only a model can do is skipped there; `qtest`,
 * the two NICs of a QEMU, whose URIs are in NICETY_QTEST_A and NICETY_QTEST_B
 * (tests/interop/qtest.sh).
 */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above first */
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <nicety/nic.h>
#include <nicety/server.h>

static inline const char *host_mode(void)
{
	const char *mode = getenv("NICETY_HOST");

	return mode ? mode : "sync";
}

static inline int host_is(const char *mode)
{
	return !strcmp(host_mode(), mode);
}

/** choose_tests - NICETY_TEST is a pattern of names; else all are run. */
static inline void choose_tests(void)
{
	cmocka_set_test_filter(getenv("NICETY_TEST"));
}

/* A model behind a socket. */
struct served {
	struct nic *nic; /* its client, NULL: unused */
	struct nic_server *server;
	char path[64];
	pthread_t thread;
	pthread_mutex_t lock; /* server */
	int wanted;           /* atomic: the test waits for the lock */
	int stop;             /* atomic */
};

#define MAX_SERVED 16
static struct served served[MAX_SERVED];

static inline void *serve(void *arg)
{
	struct served *s = arg;

	while (!__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE)) {
		if (__atomic_load_n(&s->wanted, __ATOMIC_ACQUIRE)) {
			sched_yield();
			continue;
		}
		pthread_mutex_lock(&s->lock);
		nic_server_run(s->server, 1);
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static inline void served_lock(struct served *s)
{
	__atomic_store_n(&s->wanted, 1, __ATOMIC_RELEASE);
	pthread_mutex_lock(&s->lock);
	__atomic_store_n(&s->wanted, 0, __ATOMIC_RELEASE);
}

static inline struct served *served_start(const char *uri)
{
	static unsigned serial;
	struct served *s = served;

	while (s->server)
		assert_true(++s < served + MAX_SERVED);
	memset(s, 0, sizeof(*s));
	snprintf(s->path, sizeof(s->path), "/tmp/nicety-host-%d-%u.sock", (int)getpid(), serial++);
	assert_int_equal(nic_server_new(&s->server, uri, s->path), 0);
	pthread_mutex_init(&s->lock, NULL);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	return s;
}

static inline void served_stop(struct served *s)
{
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELEASE);
	pthread_join(s->thread, NULL);
	pthread_mutex_destroy(&s->lock);
	nic_server_del(s->server);
	s->server = NULL;
	s->nic = NULL;
}

/* The server behind a device; NULL: it runs here. */
static inline struct served *served_by(const struct nic *nic)
{
	for (struct served *s = served; s < served + MAX_SERVED; s++)
		if (s->server && s->nic == nic)
			return s;
	return NULL;
}

/** host_is_physical - are there devices that take physical addresses only? */
static inline int host_is_physical(void)
{
	const char *uri = getenv("NICETY_PCI_A");

	return host_is("pci") && uri && nic_wants_physical(uri);
}

/* The function that stands for one end of a pair; other devices only a model can be. */
static inline const char *pci_uri(const char *model)
{
	const char *uri = NULL;

	if (strstr(model, "mac=02:00:00:00:00:0a"))
		uri = getenv("NICETY_PCI_A");
	if (strstr(model, "mac=02:00:00:00:00:0b"))
		uri = getenv("NICETY_PCI_B");
	if (!uri)
		skip();
	return uri;
}

/* QEMU's NICs are what they are: which one is asked for tells the address. */
static inline int host_open_qtest(struct nic **nic, struct nic_mem *mem, const char *model,
				  const struct nic_config *cfg)
{
	const char *uri = getenv(strstr(model, ":0b") ? "NICETY_QTEST_B" : "NICETY_QTEST_A");

	assert_non_null(uri);
	return nic_open(nic, mem, uri, cfg);
}

/** host_open - nic_open of `model:…`, wherever it is to run. */
static inline int host_open(struct nic **nic, struct nic_mem *mem, const char *model,
			    const struct nic_config *cfg)
{
	char uri[256];
	struct served *s;
	int err;

	if (host_is("pci"))
		return nic_open(nic, mem, pci_uri(model), cfg);
	if (host_is("qtest"))
		return host_open_qtest(nic, mem, model, cfg);
	if (!host_is("vfio-user")) {
		snprintf(uri, sizeof(uri), "%s%chost=%s", model, strchr(model, '?') ? '&' : '?',
			 host_mode());
		return nic_open(nic, mem, uri, cfg);
	}
	s = served_start(model);
	snprintf(uri, sizeof(uri), "vfio-user:%s?timeout=30000", s->path);
	err = nic_open(nic, mem, uri, cfg);
	if (err)
		served_stop(s);
	else
		s->nic = *nic;
	return err;
}

static inline void host_close(struct nic *nic)
{
	struct served *s = served_by(nic);

	nic_close(nic);
	if (s)
		served_stop(s);
}

/** host_violations - of the model's rules. */
static inline uint64_t host_violations(struct nic *nic)
{
	struct served *s = served_by(nic);
	uint64_t n;

	if (!s)
		return nic_violations(nic);
	served_lock(s);
	n = nic_server_violations(s->server);
	pthread_mutex_unlock(&s->lock);
	return n;
}

/** host_counter - a counter of device, model or wire by name; fails if there is none. */
static inline uint64_t host_counter(struct nic *nic, const char *want)
{
	struct served *s = served_by(nic);
	const char *name;
	uint64_t value = 0;
	int found = 0;

	for (unsigned i = 0; !found && nic_counter(nic, i, &name, &value) == 0; i++)
		found = !strcmp(name, want);
	if (!found && s) {
		served_lock(s);
		for (unsigned i = 0; !found && !nic_server_counter(s->server, i, &name, &value);
		     i++)
			found = !strcmp(name, want);
		pthread_mutex_unlock(&s->lock);
	}
	if (!found)
		fail_msg("no counter %s", want);
	return value;
}

/* What QEMU's NICs or the hub between them cannot show; said at every run. */
static inline const char *not_on_qemu(const char *test)
{
	static const char *const table[][3] = {
		/* test, NICETY_CHIP or NULL for all, why */
		{ "what_the_receiver_cannot_take_is_counted", NULL,
		  "the hub keeps 10,000 frames: nothing gets full" },
		{ "the_link_follows_the_cable", NULL, "the hub is always there" },
		{ "a_path_has_several_outputs", NULL, "there are two NICs only" },
		{ "a_path_that_takes_over_loses_no_frame", NULL, "there is no generator" },
		{ "an_empty_pool_is_counted_and_recovers", "82540em",
		  "frames wait outside of a NIC without descriptors, silicon drops them" },
		{ "wrong_checksums_are_reported", "82540em", "it checks none" },
		{ "oversize_frames_are_counted_by_name", "82540em",
		  "it drops them and counts nothing" },
		{ "oversize_frames_are_counted_by_name", "82576",
		  "it drops them and counts nothing" },
		{ "a_path_keeps_up_with_bursts_and_drops", "82540em",
		  "a null descriptor leaves as an empty frame, at which the hub stops" },
	};
	const char *chip = getenv("NICETY_CHIP");

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t n = strlen(table[i][0]); /* ", inlined" may follow */

		if (!strncmp(table[i][0], test, n) && (!test[n] || test[n] == ',') &&
		    (!table[i][1] || (chip && !strcmp(table[i][1], chip))))
			return table[i][2];
	}
	return NULL;
}

/* Devices of QEMU's: driven by qtest, or by a guest that says so. */
static inline int qemus(void)
{
	return host_is("qtest") || (host_is("pci") && getenv("NICETY_ON_QEMU"));
}

/** on_qemu - 1: the device is QEMU's, of this chip (NULL: any); docs/hardware.md has what differs.
 */
static inline int on_qemu(const char *chip)
{
	const char *is = getenv("NICETY_CHIP");

	return qemus() && (!chip || (is && !strcmp(chip, is)));
}

/** host_run - the tests of a suite that make sense here. */
static inline int host_run(const struct CMUnitTest *tests, size_t n)
{
	struct CMUnitTest some[64];
	size_t k = 0;

	if (n > sizeof(some) / sizeof(some[0]))
		return 1;
	choose_tests();
	for (size_t i = 0; i < n; i++) {
		const char *why = qemus() ? not_on_qemu(tests[i].name) : NULL;

		if (why)
			printf("NOT ON QEMU %s: %s\n", tests[i].name, why);
		else
			some[k++] = tests[i];
	}
	return _cmocka_run_group_tests("tests", some, k, NULL, NULL);
}

#endif
