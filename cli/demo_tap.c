/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The Linux kernel as the demo's peer: a network namespace of our own, so that nothing outside is
 * touched or needs to be undone, a TAP device in it, and the real ping.
 */
#define _GNU_SOURCE
#include "demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* As in <linux/ipv6.h>, which cannot be included together with <net/if.h>. */
struct in6_request {
	struct in6_addr address;
	uint32_t prefix;
	int index;
};

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

/* As root a network namespace is enough; others own one if they own a user namespace too. */
static int enter_namespace(void)
{
	unsigned uid = (unsigned)geteuid(), gid = (unsigned)getegid();
	char map[32];

	if (!uid && !unshare(CLONE_NEWNET))
		return 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return -1;
	/* We become root in there. Without setgroups an ordinary user may write the group map. */
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (write_file("/proc/self/uid_map", map))
		return -1;
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return write_file("/proc/self/gid_map", map);
}

static int have_ping(void)
{
	const char *path = getenv("PATH");
	char file[4096];

	if (!path)
		path = "/usr/bin:/bin";
	while (*path) {
		size_t len = strcspn(path, ":");

		if ((size_t)snprintf(file, sizeof(file), "%.*s/ping", (int)len, path) <
			    sizeof(file) &&
		    !access(file, X_OK))
			return 1;
		path += len + (path[len] == ':');
	}
	return 0;
}

/* Make the device that the model will open, and let it go again. */
static int try_tap(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int err, fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	memcpy(ifr.ifr_name, DEMO_TAP, sizeof(DEMO_TAP));
	err = ioctl(fd, TUNSETIFF, &ifr) ? -errno : 0;
	close(fd);
	return err;
}

int demo_tap_prepare(char *why, size_t room)
{
	int err;

	if (!have_ping()) {
		snprintf(why, room, "there is no ping in PATH (apt-get install iputils-ping)");
		return -1;
	}
	if (enter_namespace()) {
		snprintf(why, room,
			 "no network namespace: %s (run it as root, or allow user namespaces: "
			 "sysctl kernel.unprivileged_userns_clone=1)",
			 strerror(errno));
		return -1;
	}
	err = try_tap();
	if (err) {
		snprintf(why, room, "no TAP device: /dev/net/tun: %s (%s)", strerror(-err),
			 err == -ENOENT || err == -ENODEV
				 ? "modprobe tun"
				 : "run it as root, or chmod 666 /dev/net/tun");
		return -1;
	}
	return 0;
}

static int set_up(int sock, const char *name)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(sock, SIOCGIFFLAGS, &ifr))
		return -1;
	ifr.ifr_flags |= IFF_UP;
	return ioctl(sock, SIOCSIFFLAGS, &ifr);
}

static int set_ipv4(int sock, const char *name, const char *address, const char *mask)
{
	struct ifreq ifr = { 0 };
	struct sockaddr_in sin = { .sin_family = AF_INET };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	inet_pton(AF_INET, address, &sin.sin_addr);
	memcpy(&ifr.ifr_addr, &sin, sizeof(sin));
	if (ioctl(sock, SIOCSIFADDR, &ifr))
		return -1;
	inet_pton(AF_INET, mask, &sin.sin_addr);
	memcpy(&ifr.ifr_netmask, &sin, sizeof(sin));
	return ioctl(sock, SIOCSIFNETMASK, &ifr);
}

static int ipv6_is_set;

static void set_ipv6(const char *address)
{
	struct in6_request request = { .prefix = 64, .index = (int)if_nametoindex(DEMO_TAP) };
	int sock = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return;
	inet_pton(AF_INET6, address, &request.address);
	ipv6_is_set = !ioctl(sock, SIOCSIFADDR, &request);
	close(sock);
}

int demo_tap_has_ipv6(void)
{
	return ipv6_is_set;
}

int demo_tap_configure(void)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int failed = sock < 0;

	/* Before the interface is up: else its addresses stay tentative for a second or two while
	 * the kernel looks for duplicates, and cannot be used. */
	write_file("/proc/sys/net/ipv6/conf/" DEMO_TAP "/accept_dad", "0");
	failed = failed || set_up(sock, "lo");
	failed = failed || set_ipv4(sock, DEMO_TAP, "10.0.0.1", "255.255.255.0");
	failed = failed || set_up(sock, DEMO_TAP);
	if (failed)
		fprintf(stderr, "nicety demo: cannot configure " DEMO_TAP ": %s\n",
			strerror(errno));
	else
		set_ipv6("fd00::1");
	if (sock >= 0)
		close(sock);
	return failed ? -1 : 0;
}

/* Show ping's lines and take the numbers out of its last but one. */
static void show(int fd, pid_t pid, const _Atomic int *stop, struct demo_pings *out)
{
	unsigned sent, received;
	char line[512];
	size_t len = 0;
	int told = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, line + len, 1);
		if (n < 0 && errno == EINTR) {
			if (*stop && !told++)
				kill(pid, SIGINT); /* ping then prints what it has */
			continue;
		}
		if (n <= 0)
			break;
		if (line[len] != '\n' && len < sizeof(line) - 2) {
			len++;
			continue;
		}
		line[len + 1] = 0;
		fputs(line, stdout);
		fflush(stdout);
		if (sscanf(line, "%u packets transmitted, %u", &sent, &received) == 2)
			*out = (struct demo_pings) { sent, received };
		len = 0;
	}
}

int demo_tap_ping(int ipv6, unsigned count, const _Atomic int *stop, struct demo_pings *out)
{
	char number[16];
	int fds[2], status;
	pid_t pid;

	*out = (struct demo_pings) { 0, 0 };
	snprintf(number, sizeof(number), "%u", count);
	printf("$ ping %s -c %s -i 0.2 %s\n", ipv6 ? "-6" : "-4", number,
	       ipv6 ? "fd00::2" : "10.0.0.2");
	fflush(stdout);
	if (pipe2(fds, O_CLOEXEC) || (pid = fork()) < 0) {
		fprintf(stderr, "nicety demo: cannot start ping: %s\n", strerror(errno));
		return -1;
	}
	if (!pid) {
		/* Only what is safe after fork in a program with threads. */
		static char locale[] = "LC_ALL=C";

		dup2(fds[1], STDOUT_FILENO);
		putenv(locale);
		execlp("ping", "ping", ipv6 ? "-6" : "-4", "-c", number, "-i", "0.2", "-W", "2",
		       ipv6 ? "fd00::2" : "10.0.0.2", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	show(fds[0], pid, stop, out);
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	putchar('\n');
	if (!out->sent) {
		fprintf(stderr, "nicety demo: ping failed and printed no statistics\n");
		return -1;
	}
	return 0;
}
