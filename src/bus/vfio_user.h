/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The vfio-user client, shared by its files: vfio_user.c (struct pci_ops, open),
 * vfio_user_negotiate.c (what the server has) and vfio_user_channel.c (messages over the socket).
 */
#ifndef BUS_VFIO_USER_H
#define BUS_VFIO_USER_H

#include <pthread.h>

#include "bus/pci.h"
#include "bus/vfio_user_proto.h"

/*
 * The socket and what is agreed about it. The server is another process: it may send nonsense,
 * stop, or die at any moment. The first such thing ends the channel for good (`gone`), as if the
 * device had been pulled out; no call waits longer than `timeout_ms` for it.
 */
struct vfio_user_channel {
	pthread_mutex_t lock; /* one exchange at a time: DMA mappings come from any thread */
	int fd;
	int gone; /* atomic */
	int timeout_ms;
	unsigned max_fds; /* with one message */
	uint16_t serial;
	const char *name; /* for messages */
};

/* One exchange. */
struct vfio_user_call {
	enum vfu_command command;
	int posted; /* do not wait for a reply */
	const void *request;
	size_t len;
	const int *fds; /* go along with the request */
	unsigned n_fds;
	void *reply;  /* its payload ... */
	size_t room;  /* ... of at most so many bytes ... */
	size_t got;   /* ... and really so many */
	int wants_fd; /* a descriptor comes with the reply ... */
	int fd;       /* ... the caller's now; -1: none came */
};

/** vfio_user_connect - 0; -errno, logged with what to do about it. */
int vfio_user_connect(struct vfio_user_channel *c, const char *path, const char *name,
		      int timeout_ms);
void vfio_user_disconnect(struct vfio_user_channel *c);
/**
 * vfio_user_call - send a request, and wait for its reply unless it is posted.
 * Return: 0; -ENODEV: the server is gone (logged once); other -errno: the server refused.
 */
int vfio_user_call(struct vfio_user_channel *c, struct vfio_user_call *x);
/** vfio_user_end - no more exchanges, for a reason that is logged. */
void vfio_user_end(struct vfio_user_channel *c, const char *why);

#define VFIO_USER_RANGES 64u

struct vfio_user {
	struct pci_dev dev;
	struct vfio_user_channel channel;
	char *path;
	int can_reset;
	int has_intx; /* interrupts by INTx, which may be masked when it fires */
	uint64_t sizes[VFU_REGIONS];
	int wants_doorbells; /* the server has them */
	char *window;        /* NULL: none */
	size_t window_len;
	struct vfu_doorbell_range ranges[VFIO_USER_RANGES];
	unsigned n_ranges;
};

/** vfio_user_negotiate - begin the conversation. 0 or -errno, logged. */
int vfio_user_negotiate(struct vfio_user *v);

#endif
