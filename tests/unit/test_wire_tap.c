/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The tap wire against the kernel, in a network namespace of its own; and its error messages.
 */
#define _GNU_SOURCE /* unshare */
#include "wire_helpers.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>

#include "base/types.h"

#define TYPE 0x88b5 /* local experimental EtherType 1 (IEEE 802) */

/* In a child that has given up being root: 0 = as it should be. */
static int try_without_permission(void)
{
	struct wire *w = NULL;
	int err;

	nic_log_set(keep_error, NULL, NIC_LOG_WARN);
	if (!getuid() && (setgid(65534) || setuid(65534)))
		return 1;
	err = wire_open(&w, "tap:nicety1");
	if (err != -EPERM && err != -EACCES)
		return 2;
	return strstr(last_error, "run as root") ? 0 : 3;
}

static int have_namespace, permission_result;

/*
 * As root, or as a user where the kernel lets users have namespaces: there a user has the
 * permission, so what happens without it is tried before.
 */
static int enter_namespace(void **arg)
{
	pid_t pid = fork();

	(void)arg;
	if (!pid)
		_exit(try_without_permission());
	if (pid < 0 || waitpid(pid, &permission_result, 0) != pid)
		return -1;
	have_namespace = access("/dev/net/tun", R_OK | W_OK) == 0 &&
			 (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
	if (!have_namespace)
		print_message("no network namespace or no /dev/net/tun: tests are skipped\n");
	return 0;
}

static void need_namespace(void)
{
	if (!have_namespace)
		skip();
}

static void set_up(const char *name, int up)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req;

	memset(&req, 0, sizeof(req));
	strcpy(req.ifr_name, name);
	assert_int_equal(ioctl(s, SIOCGIFFLAGS, &req), 0);
	req.ifr_flags = (short)(up ? req.ifr_flags | IFF_UP : req.ifr_flags & ~IFF_UP);
	assert_int_equal(ioctl(s, SIOCSIFFLAGS, &req), 0);
	close(s);
}

static int index_of(const char *name)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req;
	int err;

	memset(&req, 0, sizeof(req));
	strcpy(req.ifr_name, name);
	err = ioctl(s, SIOCGIFINDEX, &req);
	close(s);
	return err ? -1 : req.ifr_ifindex;
}

/* A packet socket on the interface: the kernel's side of the cable. */
static int packet_socket(const char *name)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET,
				    .sll_protocol = htons(TYPE),
				    .sll_ifindex = index_of(name) };
	int s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(TYPE));

	assert_true(s >= 0);
	assert_int_equal(bind(s, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return s;
}

static void make_frame(uint8_t *frame, size_t len, unsigned tag)
{
	fill_frame(frame, len, tag);
	memset(frame, 0xff, 6);
	frame[6] = 2; /* the source is no group */
	frame[12] = TYPE >> 8;
	frame[13] = TYPE & 255;
}

/* The next frame of our type; the kernel may send neighbour discovery of its own. */
static void assert_next_of_ours(struct wire *w, const uint8_t *want, size_t len)
{
	struct wire_frame f;

	while (1) {
		assert_int_equal(w->ops->peek(w, &f), 1);
		if (f.len >= 14 && memcmp((const uint8_t *)f.data + 12, want + 12, 2) == 0)
			break;
		w->ops->take(w);
	}
	assert_next(w, want, len);
}

static void frames_pass_both_ways(void **arg)
{
	uint8_t frame[1514], got[2000];
	struct pollfd fd = { .events = POLLIN };
	struct wire *w;
	int s;

	(void)arg;
	need_namespace();
	w = must_open("tap:nicety0");
	assert_int_equal(w->ops->link(w), 1);
	assert_int_equal(w->ops->ended(w), 0);
	assert_int_equal(w->patient, 1);
	set_up("nicety0", 1);
	s = packet_socket("nicety0");
	fd.fd = w->ops->fd(w);
	/* several frames wait in the kernel and come out in order */
	for (unsigned i = 0; i < 20; i++) {
		make_frame(frame, 60 + i * 70, i);
		assert_int_equal(send(s, frame, 60 + i * 70, 0), 60 + i * 70);
	}
	assert_int_equal(poll(&fd, 1, 1000), 1);
	for (unsigned i = 0; i < 20; i++) {
		make_frame(frame, 60 + i * 70, i);
		assert_next_of_ours(w, frame, 60 + i * 70);
	}
	for (unsigned i = 0; i < 20; i++) {
		make_frame(frame, 60 + i * 70, i);
		assert_int_equal(w->ops->tx(w, frame, 60 + i * 70), 0);
		assert_int_equal(recv(s, got, sizeof(got), 0), 60 + i * 70);
		assert_memory_equal(got, frame, 60 + i * 70);
	}
	assert_true(counter(w, "wire_in") >= 20);
	assert_int_equal(counter(w, "wire_out"), 20);
	close(s);
	w->ops->close(w);
	assert_int_equal(index_of("nicety0"), -1); /* it went with the wire */
}

static void what_an_interface_that_is_down_gets_is_counted(void **arg)
{
	uint8_t frame[60];
	struct wire *w;

	(void)arg;
	need_namespace();
	w = must_open("tap:nicety0");
	make_frame(frame, sizeof(frame), 0);
	assert_int_equal(w->ops->tx(w, frame, sizeof(frame)), -EIO);
	assert_int_equal(counter(w, "wire_lost_interface_down"), 1);
	assert_int_equal(w->ops->tx(w, frame, 10), -EINVAL);
	assert_int_equal(counter(w, "wire_lost_refused"), 1);
	assert_nothing(w);
	assert_int_equal(w->ops->link(w), 1);
	w->ops->close(w);
}

static void delete_interface(const char *name)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg info;
	} req = { { sizeof(req), RTM_DELLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
		  { .ifi_index = index_of(name) } };
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	char answer[1024];

	assert_int_equal(send(s, &req, sizeof(req), 0), sizeof(req));
	assert_true(recv(s, answer, sizeof(answer), 0) > 0);
	close(s);
	assert_int_equal(index_of(name), -1);
}

static void deleting_the_interface_takes_the_link_down(void **arg)
{
	struct wire_frame f;
	struct wire *w;

	(void)arg;
	need_namespace();
	w = must_open("tap:nicety0");
	set_up("nicety0", 1);
	delete_interface("nicety0");
	while (w->ops->peek(w, &f) > 0)
		w->ops->take(w);
	assert_int_equal(w->ops->peek(w, &f), -ENODEV);
	assert_int_equal(w->ops->link(w), 0);
	assert_int_equal(w->ops->ended(w), 1);
	assert_non_null(strstr(last_error, "deleted"));
	w->ops->close(w);
}

static void set_carrier(const char *name, uint8_t on)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg info;
		struct rtattr attr;
		uint8_t value[4];
	} req = { { sizeof(req), RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
		  { .ifi_index = index_of(name) },
		  { sizeof(struct rtattr) + 1, IFLA_CARRIER },
		  { on } };
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[256];
	} answer;

	assert_int_equal(send(s, &req, sizeof(req), 0), sizeof(req));
	assert_true(recv(s, &answer, sizeof(answer), 0) > 0);
	assert_int_equal(answer.error.error, 0);
	close(s);
}

static void link_becomes(struct wire *w, int up)
{
	for (int i = 0; i < 500 && w->ops->link(w) != up; i++)
		usleep(10000);
	assert_int_equal(w->ops->link(w), up);
}

static void the_interfaces_carrier_is_the_cable(void **arg)
{
	struct wire *w;

	(void)arg;
	need_namespace();
	w = must_open("tap:nicety0");
	set_up("nicety0", 1);
	for (int i = 0; i < 2; i++) {
		set_carrier("nicety0", 0);
		link_becomes(w, 0);
		set_carrier("nicety0", 1);
		link_becomes(w, 1);
	}
	assert_int_equal(w->ops->ended(w), 0);
	w->ops->close(w);
}

static void names_in_use_are_refused_with_the_fix(void **arg)
{
	struct wire *w;

	(void)arg;
	need_namespace();
	w = must_open("tap:nicety0");
	assert_refused("tap:nicety0", -EBUSY, "another program uses");
	w->ops->close(w);
	assert_refused("tap:lo", -EINVAL, "not a TAP");
	for (int i = 0; i < 100; i++) { /* nothing stays behind */
		w = must_open("tap:nicety0");
		w->ops->close(w);
	}
}

static void impossible_names_are_refused(void **arg)
{
	static const char *const wrong[] = { "tap:",     "tap:0123456789abcdef",
					     "tap:a/b",  "tap:a b",
					     "tap:..",   "tap:tap%d",
					     "tap:a,b=c" };

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_refused(wrong[i], -EINVAL, "tap:tap0");
}

static void without_permission_the_fix_is_named(void **arg)
{
	(void)arg;
	assert_int_equal(permission_result, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_pass_both_ways),
		cmocka_unit_test(what_an_interface_that_is_down_gets_is_counted),
		cmocka_unit_test(deleting_the_interface_takes_the_link_down),
		cmocka_unit_test(the_interfaces_carrier_is_the_cable),
		cmocka_unit_test(names_in_use_are_refused_with_the_fix),
		cmocka_unit_test(impossible_names_are_refused),
		cmocka_unit_test(without_permission_the_fix_is_named),
	};

	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
