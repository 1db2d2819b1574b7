/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The client's memory as the model sees it: what was shared by descriptor is mapped here, for the
 * rest the client is asked, message by message.
 */
#include <string.h>

#include "base/errno.h"
#include "base/log.h"
#include "server/server.h"

#define XFER_MAX  32768u /* bytes in a message; bounded by MAX_MESSAGE */
#define QEMU_HEAD 12u    /* bytes before QEMU's data; it wants its messages as long as ours */

static struct nic_server *of_host(struct model_host *host)
{
	return container_of(host, struct nic_server, host);
}

static const struct server_map *find(const struct nic_server *s, uint64_t iova)
{
	for (unsigned i = 0; i < s->n_maps; i++)
		if (iova >= s->maps[i].iova && iova - s->maps[i].iova < s->maps[i].len)
			return &s->maps[i];
	return NULL;
}

void *server_dma_ptr(struct model_host *host, uint64_t iova, size_t len, size_t *left)
{
	const struct server_map *m = find(of_host(host), iova);
	size_t in = m ? (size_t)(iova - m->iova) : 0;

	if (!m || !m->va || !m->readable || !m->writable || len > m->len - in)
		return NULL;
	*left = m->len - in;
	return m->va + in;
}

/* ---- by message ---- */

/* Ask and look at the answer. 0, -EFAULT: the client refuses; the connection may be broken. */
static int ask(struct nic_server *s, uint16_t command, const void *payload, size_t len,
	       struct message *answer)
{
	int err = connection_ask(&s->connection, command, payload, len, answer);

	s->dma_messages++;
	if (err) {
		log_warn("%s: the client does not answer a DMA message: %s", s->path,
			 strerror(-err));
		s->broken = err;
		return -EFAULT;
	}
	if (from_le32(answer->header.flags) & VFU_ERROR) {
		s->dma_refused++;
		return -EFAULT;
	}
	return 0;
}

/* Which layout does it speak? A transfer of nothing tells. */
static int find_form(struct nic_server *s, uint64_t iova)
{
	struct vfu_dma_access a = { to_le64(iova), to_le64(0) };
	struct message answer;
	uint64_t refused = s->dma_refused;
	int err = ask(s, VFU_DMA_WRITE, &a, sizeof(a), &answer);

	if (s->broken)
		return -EFAULT;
	s->dma_refused = refused; /* so it may: no memory was meant */
	s->dma_form = !err && !answer.len ? DMA_QEMU : DMA_BY_THE_BOOK;
	return 0;
}

static int read_some(struct nic_server *s, uint64_t iova, uint8_t *buf, size_t len)
{
	struct vfu_dma_access a = { to_le64(iova), to_le64(len) };
	size_t head = s->dma_form == DMA_QEMU ? QEMU_HEAD : sizeof(a);
	struct message answer;
	int err = ask(s, VFU_DMA_READ, &a, sizeof(a), &answer);

	if (err)
		return err;
	if (answer.len < head + len) {
		log_warn("%s: the client answers a DMA_READ of %zu bytes with %zu", s->path, len,
			 answer.len);
		s->broken = -EPROTO;
		return -EFAULT;
	}
	memcpy(buf, answer.payload + head, len);
	return 0;
}

static int write_some(struct nic_server *s, uint64_t iova, const uint8_t *buf, size_t len)
{
	uint8_t payload[sizeof(struct vfu_dma_access) + XFER_MAX] = { 0 };
	struct vfu_dma_access a = { to_le64(iova), to_le64(len) };
	size_t head = s->dma_form == DMA_QEMU ? QEMU_HEAD : sizeof(a);
	struct message answer;

	memcpy(payload, &a, sizeof(a));
	memcpy(payload + head, buf, len);
	return ask(s, VFU_DMA_WRITE, payload, sizeof(a) + len, &answer);
}

static int transfer(struct nic_server *s, uint64_t iova, uint8_t *buf, size_t len, int write)
{
	size_t most = s->caps.max_xfer < XFER_MAX ? s->caps.max_xfer : XFER_MAX;
	int err = s->broken ? -EFAULT : 0;

	if (!err && s->dma_form == DMA_UNKNOWN)
		err = find_form(s, iova);
	while (len && !err) {
		size_t n = len < most ? len : most;

		err = write ? write_some(s, iova, buf, n) : read_some(s, iova, buf, n);
		iova += n;
		buf += n;
		len -= n;
	}
	return err;
}

/* Piece by piece: a transfer may cross mappings. */
static int copy(struct nic_server *s, uint64_t iova, uint8_t *buf, size_t len, int write)
{
	while (len) {
		const struct server_map *m = find(s, iova);
		size_t in = m ? (size_t)(iova - m->iova) : 0, n;
		int err = 0;

		if (!m || !(write ? m->writable : m->readable))
			return -EFAULT;
		n = len < m->len - in ? len : m->len - in;
		if (!m->va)
			err = transfer(s, iova, buf, n, write);
		else if (write)
			dma_store_bytes(m->va + in, buf, n);
		else
			memcpy(buf, m->va + in, n);
		if (err)
			return err;
		buf += n;
		iova += n;
		len -= n;
	}
	return 0;
}

int server_dma_read(struct model_host *host, uint64_t iova, void *buf, size_t len)
{
	return copy(of_host(host), iova, buf, len, 0);
}

int server_dma_write(struct model_host *host, uint64_t iova, const void *buf, size_t len)
{
	return copy(of_host(host), iova, (uint8_t *)(uintptr_t)buf, len, 1);
}
