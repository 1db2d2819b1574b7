/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The first message of a conversation: which protocol, and what the client can do, in JSON.
 */
#include <string.h>

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#include "base/errno.h"
#include "base/log.h"
#include "server/server.h"

#define XFER_DEFAULT (1u << 20) /* max_data_xfer_size of a client that names none */
/* QEMU takes no more than 16 descriptors in a message. */
#define BASIC        "{\"capabilities\":{\"max_msg_fds\":16}}"
#define DOORBELLS    "{\"capabilities\":{\"max_msg_fds\":16,\"nicety\":{\"doorbells\":true}}}"

static void defaults(struct client_caps *caps)
{
	*caps = (struct client_caps) { .max_xfer = XFER_DEFAULT };
}

#ifdef HAVE_JANSSON
/* Return: 0; EINVAL: no JSON, or a limit that makes no sense. */
static int parse(struct client_caps *caps, const char *text, size_t len)
{
	json_error_t error;
	json_t *top = json_loadb(text, len, 0, &error), *capabilities, *xfer;
	int err = 0;

	if (!top) {
		log_warn("vfio-user: the client's capabilities are no JSON: %s", error.text);
		return EINVAL;
	}
	capabilities = json_object_get(top, "capabilities");
	caps->doorbells =
		json_is_true(json_object_get(json_object_get(capabilities, "nicety"), "doorbells"));
	xfer = json_object_get(capabilities, "max_data_xfer_size");
	if (json_is_integer(xfer)) {
		json_int_t n = json_integer_value(xfer);

		if (n < 16)
			err = EINVAL;
		else
			caps->max_xfer = n < XFER_DEFAULT ? (uint32_t)n : XFER_DEFAULT;
	}
	json_decref(top);
	return err;
}
#else
/* Without a parser the protocol's defaults hold, and nothing of our own is offered. */
static int parse(struct client_caps *caps, const char *text, size_t len)
{
	(void)caps;
	(void)text;
	(void)len;
	return 0;
}
#endif

void server_caps_reset(struct nic_server *s)
{
	defaults(&s->caps);
}

int server_version(struct nic_server *s, struct message *m)
{
	const char *json = (const char *)m->payload + 4, *answer;
	uint8_t reply[4 + sizeof(DOORBELLS)];
	uint16_t major, minor;
	size_t len;
	int err = 0;

	if (m->len < 4)
		return EINVAL;
	major = (uint16_t)(m->payload[0] | m->payload[1] << 8);
	minor = (uint16_t)(m->payload[2] | m->payload[3] << 8);
	if (major != 0) {
		log_warn("%s: client speaks vfio-user %u.%u, this is 0.x", s->path, major, minor);
		return EPROTO;
	}
	defaults(&s->caps);
	len = strnlen(json, m->len - 4);
	if (len)
		err = parse(&s->caps, json, len);
	if (err)
		return err;
	/*
	 * QEMU receives the reply where its request was: it must not be longer. An empty set of
	 * capabilities means the protocol's defaults. The minor version is the client's.
	 */
	answer = s->caps.doorbells ? DOORBELLS : BASIC;
	if (!s->caps.doorbells && 4 + sizeof(BASIC) > m->len)
		answer = "{}";
	memcpy(reply, m->payload, 4);
	memcpy(reply + 4, answer, strlen(answer) + 1);
	return connection_reply(&s->connection, m, reply, 4 + strlen(answer) + 1, 0);
}
