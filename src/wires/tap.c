/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `tap:NAME`: the cable ends in a network interface of this machine's kernel (Linux TAP,
 * Documentation/networking/tuntap.rst). The interface is created if there is none, and goes away
 * with the wire unless somebody made it persistent.
 *
 * The link is up while the wire is open, also while the interface is down: the kernel drops what
 * arrives then, as a host with a sleeping driver would. `ip link set NAME carrier off` of an
 * interface that is up pulls the cable, `carrier on` plugs it in again. The interface must not be
 * deleted meanwhile; then nothing arrives any more.
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/types.h"
#include "wires/kinds.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_tun.h>

/* The kernel's largest MTU for a TAP (65,521), Ethernet header, two tags, and one byte more. */
#define LONGEST    (65521 + 14 + 8 + 1)
/* How old the answer may be to whether the cable is in: asking is a system call. */
#define CARRIER_NS 20000000u

struct tap {
	struct wire wire;
	int fd;
	int control; /* a socket, to ask the kernel about the interface */
	int deleted;
	int carrier;         /* as it was when asked last */
	uint64_t carrier_at; /* ns: to be asked again */
	size_t len;          /* of the frame in the buffer, 0 = none */
	uint64_t counts[4];
	char name[IFNAMSIZ];
	uint8_t frame[LONGEST];
};
enum { IN, OUT, LOST_DOWN, LOST_REFUSED };

static struct tap *of_wire(struct wire *w)
{
	return container_of(w, struct tap, wire);
}

static int tap_peek(struct wire *w, struct wire_frame *frame)
{
	struct tap *t = of_wire(w);

	if (!t->len) {
		ssize_t n = t->deleted ? 0 : read(t->fd, t->frame, sizeof(t->frame));

		if (n < 0 && (errno == EBADFD || errno == EIO)) {
			log_error("wire tap:%s: the interface was deleted; open the device again",
				  t->name);
			t->deleted = 1;
		}
		if (n <= 0)
			return t->deleted ? -ENODEV : 0;
		t->len = (size_t)n;
	}
	frame->data = t->frame;
	frame->len = t->len;
	frame->bad = WIRE_GOOD;
	return 1;
}

static void tap_take(struct wire *w)
{
	of_wire(w)->len = 0;
	of_wire(w)->counts[IN]++;
}

static int tap_tx(struct wire *w, const void *frame, size_t len)
{
	struct tap *t = of_wire(w);

	if (write(t->fd, frame, len) == (ssize_t)len) {
		t->counts[OUT]++;
		return 0;
	}
	if (errno == EAGAIN || errno == EINTR)
		return -EAGAIN;
	t->counts[errno == EIO ? LOST_DOWN : LOST_REFUSED]++;
	return -errno;
}

static void look_at_carrier(struct tap *t)
{
	struct timespec ts;
	struct ifreq req;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
	if (now < t->carrier_at)
		return;
	t->carrier_at = now + CARRIER_NS;
	memset(&req, 0, sizeof(req));
	memcpy(req.ifr_name, t->name, sizeof(req.ifr_name));
	/* If it was moved to another namespace nobody can tell: it stays as it was. */
	if (!ioctl(t->control, SIOCGIFFLAGS, &req))
		t->carrier = (req.ifr_flags & (IFF_UP | IFF_RUNNING)) != IFF_UP;
}

static int tap_link(struct wire *w)
{
	struct tap *t = of_wire(w);

	look_at_carrier(t);
	return t->carrier && !t->deleted;
}

static int tap_ended(struct wire *w)
{
	return of_wire(w)->deleted;
}

static int tap_fd(struct wire *w)
{
	return of_wire(w)->fd;
}

static int tap_counter(struct wire *w, unsigned i, const char **name, uint64_t *value)
{
	static const char *const names[] = { "wire_in", "wire_out", "wire_lost_interface_down",
					     "wire_lost_refused" };

	return counter_at(names, of_wire(w)->counts, ARRAY_SIZE(names), i, name, value);
}

static void tap_close(struct wire *w)
{
	close(of_wire(w)->control);
	close(of_wire(w)->fd);
	free(of_wire(w));
}

static const struct wire_ops tap_ops = {
	.peek = tap_peek,
	.take = tap_take,
	.tx = tap_tx,
	.link = tap_link,
	.ended = tap_ended,
	.fd = tap_fd,
	.counter = tap_counter,
	.close = tap_close,
};

/* As the kernel's dev_valid_name; `%` would make it choose a number that nobody learns. */
static int name_ok(const char *name)
{
	return *name && strlen(name) < IFNAMSIZ && !strpbrk(name, "/:%, \t\n") &&
	       strcmp(name, ".") && strcmp(name, "..");
}

static int device_open(void)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int err = errno;

	if (fd >= 0)
		return fd;
	if (err == ENOENT || err == ENODEV || err == ENXIO)
		log_error("wire tap: /dev/net/tun: %s; run `modprobe tun` as root, or give the "
			  "container the device (--device /dev/net/tun)",
			  strerror(err));
	else if (err == EACCES || err == EPERM)
		log_error("wire tap: /dev/net/tun: %s; run as root, or `chmod 666 /dev/net/tun`",
			  strerror(err));
	else
		log_error("wire tap: /dev/net/tun: %s", strerror(err));
	return -err;
}

static int attach(int fd, const char *name)
{
	struct ifreq req;
	int err;

	memset(&req, 0, sizeof(req));
	req.ifr_flags = IFF_TAP | IFF_NO_PI;
	memcpy(req.ifr_name, name, strlen(name));
	if (!ioctl(fd, TUNSETIFF, &req))
		return 0;
	err = errno;
	if (err == EPERM || err == EACCES)
		log_error("wire tap:%s: no permission to use or create the interface; run as root, "
			  "or in `unshare -Urn`, or let root run `ip tuntap add %s mode tap user "
			  "$USER`",
			  name, name);
	else if (err == EBUSY)
		log_error("wire tap:%s: another program uses the interface; stop it or choose "
			  "another name",
			  name);
	else if (err == EINVAL)
		log_error("wire tap:%s: an interface of this name exists and is not a TAP (or one "
			  "with other flags); choose another name",
			  name);
	else
		log_error("wire tap:%s: TUNSETIFF: %s", name, strerror(err));
	return -err;
}

static int tap_open(struct wire **out, const char *rest)
{
	struct tap *t;
	int fd, control, err;

	if (!name_ok(rest)) {
		log_error("wire tap:%s: want tap:NAME with an interface name of 1 to %d "
			  "characters, e.g. tap:tap0",
			  rest, IFNAMSIZ - 1);
		return -EINVAL;
	}
	fd = device_open();
	if (fd < 0)
		return fd;
	err = attach(fd, rest);
	if (err) {
		close(fd);
		return err;
	}
	control = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	t = control < 0 ? NULL : calloc(1, sizeof(*t));
	if (!t) {
		err = control < 0 ? -errno : -ENOMEM;
		log_error("wire tap:%s: %s", rest, strerror(-err));
		if (control >= 0)
			close(control);
		close(fd);
		return err;
	}
	t->wire.ops = &tap_ops;
	t->wire.patient = 1; /* the kernel queues, and drops when its queue is full */
	t->fd = fd;
	t->control = control;
	t->carrier = 1;
	memcpy(t->name, rest, strlen(rest));
	*out = &t->wire;
	return 0;
}

const struct wire_kind wire_tap = { "tap", "tap:NAME", tap_open };
