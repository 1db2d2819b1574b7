/* SPDX-License-Identifier: BSD-2-Clause
 *
 * `pcap:in=FILE,out=FILE,loop=N`: frames arrive from a capture file, as fast as they are taken,
 * and what leaves is written to another. Reads pcap and pcapng through libpcap, where the build
 * has it; writes pcapng (nicety/capture.h).
 */
#include "base/errno.h"
#include "base/log.h"
#include "base/types.h"
#include "nicety/capture.h"
#include "wires/kinds.h"
#include "wires/options.h"
#include "wires/pcap_in.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct pcap_wire {
	struct wire wire;
	struct pcap_in *in; /* NULL: none */
	struct nic_capture *out;
	int interface, have;
	uint64_t counts[6];
};
enum { IN, OUT, LOST_IN_CUT, LOST_IN_RUNT, IN_DAMAGED, LOST_OUT };

static struct pcap_wire *of_wire(struct wire *w)
{
	return container_of(w, struct pcap_wire, wire);
}

static int pcap_peek(struct wire *w, struct wire_frame *frame)
{
	struct pcap_wire *p = of_wire(w);

	if (!p->in)
		return 0;
	while (!p->have) {
		switch (pcap_in_next(p->in)) {
		case PCAP_IN_FRAME:
			p->have = 1;
			break;
		case PCAP_IN_CUT:
			p->counts[LOST_IN_CUT]++;
			break;
		case PCAP_IN_RUNT:
			p->counts[LOST_IN_RUNT]++;
			break;
		case PCAP_IN_DAMAGED:
			p->counts[IN_DAMAGED]++;
			return 0;
		case PCAP_IN_END:
			return 0;
		}
	}
	frame->data = pcap_in_frame(p->in, &frame->len);
	frame->bad = WIRE_GOOD;
	return 1;
}

static void pcap_take(struct wire *w)
{
	of_wire(w)->have = 0;
	of_wire(w)->counts[IN]++;
}

static int pcap_tx(struct wire *w, const void *frame, size_t len)
{
	struct pcap_wire *p = of_wire(w);
	struct timespec t;
	int err;

	if (!p->out) {
		p->counts[LOST_OUT]++;
		return -ENOLINK;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	err = nic_capture_write(p->out, p->interface, NIC_CAPTURE_OUT,
				(uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec, frame, len);
	p->counts[err ? LOST_OUT : OUT]++;
	/* A full disk is no reason to try again for ever. */
	return err == -EAGAIN ? -EIO : err;
}

static int pcap_link(struct wire *w)
{
	(void)w;
	return 1;
}

static int pcap_ended(struct wire *w)
{
	struct pcap_wire *p = of_wire(w);
	struct wire_frame frame;

	return pcap_peek(w, &frame) == 0 && (!p->in || pcap_in_ended(p->in));
}

static int pcap_fd(struct wire *w)
{
	(void)w;
	return -1;
}

static int pcap_counter(struct wire *w, unsigned i, const char **name, uint64_t *value)
{
	static const char *const names[] = { "wire_in",          "wire_out",
					     "wire_lost_in_cut", "wire_lost_in_runt",
					     "wire_in_damaged",  "wire_lost_out" };

	return counter_at(names, of_wire(w)->counts, ARRAY_SIZE(names), i, name, value);
}

static void pcap_wire_close(struct wire *w)
{
	struct pcap_wire *p = of_wire(w);

	pcap_in_close(p->in);
	nic_capture_close(p->out);
	free(p);
}

static const struct wire_ops pcap_ops = {
	.peek = pcap_peek,
	.take = pcap_take,
	.tx = pcap_tx,
	.link = pcap_link,
	.ended = pcap_ended,
	.fd = pcap_fd,
	.counter = pcap_counter,
	.close = pcap_wire_close,
};

static int open_out(struct pcap_wire *p, const char *path)
{
	int err = nic_capture_open(&p->out, path, NULL);

	if (err)
		return err;
	p->interface = nic_capture_interface(p->out, "wire", 0);
	return p->interface < 0 ? p->interface : 0;
}

static int pcap_wire_open(struct wire **out, const char *rest)
{
	char *in_path = NULL, *out_path = NULL;
	uint64_t loop = 1;
	const struct wire_option known[] = {
		{ "in", option_string, &in_path, "FILE, a capture to read", 0, 0 },
		{ "out", option_string, &out_path, "FILE, a pcapng file to write", 0, 0 },
		{ "loop", option_number, &loop, "N, how often to read the file; 0 = for ever", 0,
		  UINT64_MAX / 2 },
	};
	int err = options_parse("pcap", rest, known, ARRAY_SIZE(known));
	struct pcap_wire *p = NULL;

	if (err >= 0 && !in_path && !out_path) {
		log_error("wire pcap:%s: names no file; want pcap:in=FILE, pcap:out=FILE or both",
			  rest);
		err = -EINVAL;
	}
	if (err < 0)
		goto out;
	p = calloc(1, sizeof(*p));
	err = p ? 0 : -ENOMEM;
	if (p)
		p->wire = (struct wire) { &pcap_ops, 1 };
	/* The input first: an error in it must not leave an empty output behind. */
	if (!err && in_path)
		err = pcap_in_open(&p->in, in_path, loop);
	if (!err && out_path)
		err = open_out(p, out_path);
	if (!err)
		*out = &p->wire;
	else if (p)
		pcap_wire_close(&p->wire);
out:
	free(in_path);
	free(out_path);
	return err;
}

const struct wire_kind wire_pcap = { "pcap", "pcap:in=FILE,out=FILE", pcap_wire_open };
