/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Writer of pcapng files (nicety/capture.h). Block layouts: draft-ietf-opsawg-pcapng, section 4.
 * All numbers are in this machine's byte order: the section header's magic tells readers which.
 */
#include "nicety/capture.h"

#include "base/errno.h"
#include "base/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SECTION_HEADER = 0x0a0d0d0a,
	INTERFACE = 1,
	ENHANCED_PACKET = 6,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	LINKTYPE_ETHERNET = 1,
	OPT_END = 0,
	OPT_USER_APPLICATION = 4, /* of the section header */
	OPT_NAME = 2,             /* of an interface */
	OPT_TSRESOL = 9,
	OPT_FLAGS = 2,  /* of a packet */
	TSRESOL_NS = 9, /* 10^-9 s */
	BUFFER = 64 << 10,
	LONGEST = 256 << 10,
	INTERFACES = 64,
};

struct nic_capture {
	int fd;
	int error; /* first failure, -errno; nothing is written after it */
	int interfaces;
	unsigned snaplen[INTERFACES];
	size_t used;
	char *path;
	uint8_t buffer[BUFFER];
};

static int fail(struct nic_capture *cap, int err)
{
	cap->error = -err;
	log_error("capture %s: %s; the file ends before this frame", cap->path, strerror(err));
	return cap->error;
}

int nic_capture_flush(struct nic_capture *cap)
{
	size_t done = 0;

	while (!cap->error && done < cap->used) {
		ssize_t n = write(cap->fd, cap->buffer + done, cap->used - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			fail(cap, errno);
	}
	cap->used = 0;
	return cap->error;
}

static void put(struct nic_capture *cap, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len && !cap->error) {
		size_t n = BUFFER - cap->used < len ? BUFFER - cap->used : len;

		memcpy(cap->buffer + cap->used, p, n);
		cap->used += n;
		p += n;
		len -= n;
		if (cap->used == BUFFER)
			nic_capture_flush(cap);
	}
}

static void put32(struct nic_capture *cap, uint32_t v)
{
	put(cap, &v, 4);
}

/* Bytes up to the next multiple of four, to which everything in a block is padded. */
static unsigned padding(size_t len)
{
	return -(unsigned)len & 3;
}

static void put_option(struct nic_capture *cap, uint16_t code, const void *value, size_t len)
{
	static const uint8_t zero[4];
	uint16_t head[2] = { code, (uint16_t)len };

	put(cap, head, 4);
	put(cap, value, len);
	put(cap, zero, padding(len));
}

static size_t option_size(size_t len)
{
	return 4 + len + padding(len);
}

/* Names come from users; longer ones are cut rather than refused. */
static size_t name_size(const char *name)
{
	return strnlen(name, 1024);
}

static void put_section_header(struct nic_capture *cap, const char *program)
{
	uint16_t version[2] = { 1, 0 };
	int64_t unknown_length = -1;
	size_t name = name_size(program);
	uint32_t size = (uint32_t)(28 + option_size(name) + option_size(0));

	put32(cap, SECTION_HEADER);
	put32(cap, size);
	put32(cap, BYTE_ORDER_MAGIC);
	put(cap, version, 4);
	put(cap, &unknown_length, 8);
	put_option(cap, OPT_USER_APPLICATION, program, name);
	put_option(cap, OPT_END, NULL, 0);
	put32(cap, size);
}

int nic_capture_open(struct nic_capture **out, const char *path, const char *program)
{
	struct nic_capture *cap = calloc(1, sizeof(*cap));
	char *copy = strdup(path);
	int fd, err = ENOMEM;

	if (!cap || !copy)
		goto no_memory;
	fd = strcmp(path, "-") == 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
				    : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		err = errno;
		log_error("capture %s: cannot create the file: %s; give a path you may write to",
			  path, strerror(err));
		goto no_memory;
	}
	cap->fd = fd;
	cap->path = copy;
	put_section_header(cap, program ? program : "nicety");
	*out = cap;
	return 0;
no_memory:
	free(copy);
	free(cap);
	return -err;
}

int nic_capture_interface(struct nic_capture *cap, const char *name, unsigned snaplen)
{
	uint16_t link[2] = { LINKTYPE_ETHERNET, 0 };
	uint8_t resolution = TSRESOL_NS;
	size_t len = name_size(name);
	uint32_t size = (uint32_t)(20 + option_size(len) + option_size(1) + option_size(0));

	if (cap->error)
		return cap->error;
	if (cap->interfaces == INTERFACES) {
		log_error("capture %s: more than %d interfaces; use a second file", cap->path,
			  INTERFACES);
		return -EINVAL;
	}
	put32(cap, INTERFACE);
	put32(cap, size);
	put(cap, link, 4);
	put32(cap, snaplen);
	put_option(cap, OPT_NAME, name, len);
	put_option(cap, OPT_TSRESOL, &resolution, 1);
	put_option(cap, OPT_END, NULL, 0);
	put32(cap, size);
	if (cap->error)
		return cap->error;
	cap->snaplen[cap->interfaces] = snaplen ? snaplen : LONGEST;
	return cap->interfaces++;
}

/* A packet block is head, data, tail; @kept bytes of the frame's @len are in the data. */
static void put_packet_head(struct nic_capture *cap, int interface, uint64_t time_ns, size_t kept,
			    size_t len)
{
	uint32_t size = (uint32_t)(32 + kept + padding(kept) + option_size(4) + option_size(0));
	uint32_t head[7] = { ENHANCED_PACKET,     size,
			     (uint32_t)interface, (uint32_t)(time_ns >> 32),
			     (uint32_t)time_ns,   (uint32_t)kept,
			     (uint32_t)len };

	put(cap, head, sizeof(head));
}

static void put_packet_tail(struct nic_capture *cap, enum nic_direction direction, size_t kept)
{
	static const uint8_t zero[4];
	uint32_t flags = (uint32_t)direction;

	put(cap, zero, padding(kept));
	put_option(cap, OPT_FLAGS, &flags, 4);
	put_option(cap, OPT_END, NULL, 0);
	put32(cap, (uint32_t)(32 + kept + padding(kept) + option_size(4) + option_size(0)));
}

static int check_frame(const struct nic_capture *cap, int interface, size_t len)
{
	if (cap->error)
		return cap->error;
	return interface < 0 || interface >= cap->interfaces || len > LONGEST ? -EINVAL : 0;
}

int nic_capture_write(struct nic_capture *cap, int interface, enum nic_direction direction,
		      uint64_t time_ns, const void *data, size_t len)
{
	int err = check_frame(cap, interface, len);
	size_t kept;

	if (err)
		return err;
	kept = len < cap->snaplen[interface] ? len : cap->snaplen[interface];
	put_packet_head(cap, interface, time_ns, kept, len);
	put(cap, data, kept);
	put_packet_tail(cap, direction, kept);
	return cap->error;
}

int nic_capture_pkts(struct nic_capture *cap, int interface, enum nic_direction direction,
		     uint64_t time_ns, const struct nic_pkt *pkts, unsigned n)
{
	size_t len = 0, kept, left;
	unsigned i;
	int err;

	for (i = 0; i < n; i++)
		len += pkts[i].len;
	err = check_frame(cap, interface, len);
	if (err)
		return err;
	kept = len < cap->snaplen[interface] ? len : cap->snaplen[interface];
	put_packet_head(cap, interface, time_ns, kept, len);
	for (i = 0, left = kept; i < n; i++) {
		size_t part = pkts[i].len < left ? pkts[i].len : left;

		put(cap, pkts[i].data, part);
		left -= part;
	}
	put_packet_tail(cap, direction, kept);
	return cap->error;
}

int nic_capture_close(struct nic_capture *cap)
{
	int err;

	if (!cap)
		return 0;
	nic_capture_flush(cap);
	/* Network file systems report a full disk only here. */
	if (close(cap->fd) && errno != EINTR && !cap->error)
		fail(cap, errno);
	err = cap->error;
	free(cap->path);
	free(cap);
	return err;
}
