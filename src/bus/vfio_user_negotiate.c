/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The start of a vfio-user conversation: version, capabilities, what the device has, doorbells as
 * memory. The server's answers are checked, and used only where they make sense.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#include "base/errno.h"
#include "base/log.h"
#include "bus/vfio_user.h"

#define MAX_WINDOW ((uint64_t)16 << 20)
#define MAX_FDS    16u /* with one message: QEMU's limit, and more than needed */

/* ---- what the server can do ---- */

#ifdef HAVE_JANSSON
#define CAPABILITIES                                                           \
	"{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":1048576," \
	"\"nicety\":{\"doorbells\":true}}}"

static void parse_capabilities(struct vfio_user *v, const char *text, size_t len)
{
	json_t *top = json_loadb(text, strnlen(text, len), 0, NULL);
	const json_t *all = json_object_get(top, "capabilities");
	const json_t *fds = json_object_get(all, "max_msg_fds");
	json_int_t n = json_is_integer(fds) ? json_integer_value(fds) : 1;

	v->channel.max_fds = n < 1 ? 1 : n > MAX_FDS ? MAX_FDS : (unsigned)n;
	v->wants_doorbells =
		json_is_true(json_object_get(json_object_get(all, "nicety"), "doorbells"));
	json_decref(top);
}
#else
/* Without a parser the protocol's defaults hold. */
#define CAPABILITIES "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":1048576}}"

static void parse_capabilities(struct vfio_user *v, const char *text, size_t len)
{
	(void)v;
	(void)text;
	(void)len;
}
#endif

static int agree_on_version(struct vfio_user *v)
{
	uint8_t request[4 + sizeof(CAPABILITIES)] = { 0, 0, 1, 0 }; /* 0.1 */
	char reply[4096];
	struct vfio_user_call x = { .command = VFU_VERSION,
				    .request = request,
				    .len = sizeof(request),
				    .reply = reply,
				    .room = sizeof(reply) };
	int err;

	memcpy(request + 4, CAPABILITIES, sizeof(CAPABILITIES));
	err = vfio_user_call(&v->channel, &x);
	if (err)
		return err;
	if (x.got < 4 || reply[0] || reply[1]) {
		log_error("%s: the server speaks another version of vfio-user than 0.x",
			  v->dev.name);
		return -EPROTO;
	}
	parse_capabilities(v, reply + 4, x.got - 4);
	return 0;
}

/* How large the regions are that a driver uses. */
static int ask_for_regions(struct vfio_user *v, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < VFU_REGIONS; i++) {
		struct vfu_region_info r = { .argsz = to_le32(sizeof(r)), .index = to_le32(i) };
		struct vfio_user_call x = { .command = VFU_GET_REGION_INFO,
					    .request = &r,
					    .len = sizeof(r),
					    .reply = &r,
					    .room = sizeof(r) };
		int err = vfio_user_call(&v->channel, &x);

		if (err == -ENODEV)
			return err;
		if (!err && x.got == sizeof(r))
			v->sizes[i] = from_le64(r.size);
	}
	if (v->sizes[0] && v->sizes[VFU_CONFIG] >= 64)
		return 0;
	log_error("%s: the server has no PCI device with registers in BAR 0", v->dev.name);
	return -EPROTO;
}

static int ask_for_device(struct vfio_user *v)
{
	struct vfu_device_info info = { .argsz = to_le32(sizeof(info)) };
	struct vfio_user_call x = { .command = VFU_GET_INFO,
				    .request = &info,
				    .len = sizeof(info),
				    .reply = &info,
				    .room = sizeof(info) };
	int err = vfio_user_call(&v->channel, &x);
	le16 id[2];

	if (err)
		return err;
	if (x.got != sizeof(info) || !(from_le32(info.flags) & VFU_DEVICE_PCI)) {
		log_error("%s: what the server has is no PCI device", v->dev.name);
		return -EPROTO;
	}
	v->can_reset = (from_le32(info.flags) & VFU_DEVICE_RESET) != 0;
	err = ask_for_regions(v, from_le32(info.num_regions));
	if (!err)
		err = v->dev.ops->config_read(&v->dev, 0, id, sizeof(id));
	if (err)
		return err;
	v->dev.vendor = from_le16(id[0]);
	v->dev.device = from_le16(id[1]);
	return 0;
}

/* ---- doorbells as memory ---- */

/* Sealed against shrinking, or the server could make our next doorbell a SIGBUS. */
static int is_safe(int fd, uint64_t end)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	return seals >= 0 && seals & F_SEAL_SHRINK && !fstat(fd, &st) && st.st_size > 0 &&
	       end <= (uint64_t)st.st_size;
}

struct doorbell_reply {
	struct vfu_region_info info;
	struct vfu_doorbells cap;
	struct vfu_doorbell_range ranges[VFIO_USER_RANGES];
};

static int map_window(struct vfio_user *v, const struct doorbell_reply *r, size_t got, int fd)
{
	uint64_t size = from_le64(r->info.size), offset = from_le64(r->info.offset);
	uint32_t n = from_le32(r->cap.n_ranges);
	void *p;

	if (got < offsetof(struct doorbell_reply, ranges) || n > VFIO_USER_RANGES ||
	    got < offsetof(struct doorbell_reply, ranges) + n * sizeof(r->ranges[0]) ||
	    from_le32(r->info.cap_offset) != sizeof(r->info) ||
	    from_le16(r->cap.id) != VFU_CAP_DOORBELLS || from_le16(r->cap.version) != 1 || !size ||
	    size > MAX_WINDOW || offset > MAX_WINDOW || !is_safe(fd, offset + size))
		return -EPROTO;
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	if (p == MAP_FAILED)
		return -errno;
	madvise(p, size, MADV_DONTFORK);
	v->window = p;
	v->window_len = size;
	memcpy(v->ranges, r->ranges, n * sizeof(r->ranges[0]));
	v->n_ranges = n;
	return 0;
}

/* Without them everything works, slower: only a server that is gone is an error. */
static int get_doorbells(struct vfio_user *v)
{
	struct vfu_region_info ask = { .argsz = to_le32(sizeof(struct doorbell_reply)),
				       .index = to_le32(VFU_DOORBELLS) };
	struct doorbell_reply r = { 0 };
	struct vfio_user_call x = { .command = VFU_GET_REGION_INFO,
				    .request = &ask,
				    .len = sizeof(ask),
				    .reply = &r,
				    .room = sizeof(r),
				    .wants_fd = 1 };
	int err = v->wants_doorbells ? vfio_user_call(&v->channel, &x) : 0;

	if (!v->wants_doorbells || err == -ENODEV)
		return err;
	if (!err)
		err = x.fd < 0 ? -EPROTO : map_window(v, &r, x.got, x.fd);
	if (x.fd >= 0)
		close(x.fd);
	if (err)
		log_warn("%s: the server's doorbells cannot be used (%s), messages do", v->dev.name,
			 strerror(-err));
	return 0;
}

int vfio_user_negotiate(struct vfio_user *v)
{
	int err = agree_on_version(v);

	if (!err)
		err = ask_for_device(v);
	return err ? err : get_doorbells(v);
}
