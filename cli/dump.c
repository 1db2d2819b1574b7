/* SPDX-License-Identifier: BSD-2-Clause
 *
 * nicety dump: frames into a capture file, or one line of text each.
 */
#include <nicety/capture.h>
#include <nicety/nic.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "capture.h"
#include "commands.h"
#include "decode.h"
#include "port.h"

#define DECODED 256u /* bytes of a frame that text needs */

struct dump {
	struct common common;
	const char *uri, *file;
	unsigned snaplen;
	struct nic_mem *mem;
	struct nic *nic;
	struct nic_capture *to;
	int interface;
	struct capture c;
};

static int write_frame(void *arg, const struct nic_pkt *parts, unsigned n, uint64_t ns)
{
	struct dump *x = arg;

	return nic_capture_pkts(x->to, x->interface, NIC_CAPTURE_IN, ns, parts, n);
}

static int print_frame(void *arg, const struct nic_pkt *parts, unsigned n, uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000u);
	uint8_t head[DECODED];
	char clock[16], line[512];
	size_t got = 0, total = 0;
	struct tm tm;

	(void)arg;
	for (unsigned i = 0; i < n; i++) {
		size_t len = parts[i].len;

		total += len;
		if (len > sizeof(head) - got)
			len = sizeof(head) - got;
		memcpy(head + got, parts[i].data, len);
		got += len;
	}
	localtime_r(&seconds, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	decode_frame(line, sizeof(line), head, got);
	if (parts[n - 1].flags & NIC_VLAN)
		printf("%s.%09u VLAN %u %s, %zu bytes\n", clock, (unsigned)(ns % 1000000000u),
		       parts[n - 1].vlan & 0xfffu, line, total);
	else
		printf("%s.%09u %s, %zu bytes\n", clock, (unsigned)(ns % 1000000000u), line, total);
	return 0;
}

static void live_line(void *arg)
{
	struct dump *x = arg;

	if (x->to) /* so that a reader of the file is at most one tick behind */
		nic_capture_flush(x->to);
	live_print("%7.1f s  %12" PRIu64 " frames  %" PRIu64 " bytes", run_seconds(&x->c.run),
		   x->c.frames, x->c.bytes);
}

static void report(struct dump *x, int err)
{
	struct json j = { .to = stdout };
	uint64_t missed = 0;

	port_counter(x->nic, "rx_missed", &missed);
	if (!x->common.json) {
		fprintf(stderr,
			"%" PRIu64 " frames, %" PRIu64 " bytes in %.3f s; %" PRIu64 " missed\n",
			x->c.frames, x->c.bytes, run_seconds(&x->c.run), missed);
		return;
	}
	json_open(&j, NULL, '{');
	json_text(&j, "command", "dump");
	json_text(&j, "file", x->file);
	json_count(&j, "frames", x->c.frames);
	json_count(&j, "bytes", x->c.bytes);
	json_count(&j, "missed", missed);
	json_number(&j, "seconds", run_seconds(&x->c.run), 6);
	json_bool(&j, "complete", !err);
	json_count(&j, "violations", nic_violations(x->nic));
	port_json(&j, "port", x->nic);
	json_close(&j, '}');
	putchar('\n');
}

static int run(struct dump *x)
{
	uint64_t damaged = 0; /* the file we read from ends in the middle */
	int err = 0, closed;

	if (x->file) {
		if (nic_capture_open(&x->to, x->file, "nicety dump"))
			return EXIT_FAILED;
		x->interface = nic_capture_interface(x->to, x->uri, x->snaplen);
		if (x->interface < 0) {
			nic_capture_close(x->to);
			return EXIT_FAILED;
		}
	}
	x->c = (struct capture) { .nic = x->nic,
				  .rx = nic_rxq(x->nic, 0),
				  .frame = x->file ? write_frame : print_frame,
				  .arg = x };
	common_limits(&x->common, &x->c.run);
	x->c.run.share = port_is_software(x->uri);
	/* Lines of frames and a live line would mix on a terminal. */
	if (!x->file && x->common.stats < 0)
		x->common.stats = 0;
	live_begin(&x->c.run, x->common.stats, live_line, x);
	err = capture_loop(&x->c);
	live_end();
	closed = nic_capture_close(x->to);
	err = err ? err : closed;
	report(x, err);
	port_counter(x->nic, "wire_in_damaged", &damaged);
	return err || damaged || nic_violations(x->nic) ? EXIT_FAILED : EXIT_OK;
}

static int dump(const struct command *cmd, int argc, char **argv)
{
	struct dump x = { .common = COMMON_DEFAULTS };
	const struct option_row rows[] = {
		{ "write", 'w', OPT_TEXT, &x.file, "FILE",
		  "pcapng file with ns time stamps; - = stdout" },
		{ "snaplen", 's', OPT_UINT, &x.snaplen, "N",
		  "keep N bytes of a frame (default: all)" },
		OPTION_RING(&x.common),
		OPTION_MTU(&x.common),
		OPTION_COUNT(&x.common),
		OPTION_DURATION(&x.common),
		OPTION_STATS(&x.common),
		OPTION_JSON(&x.common),
		OPTION_END,
	};
	struct nic_config cfg = { .promisc = 1, .no_vlan_strip = 1 };
	int code, n = cli_parse(cmd, rows, argc, argv, &x.uri, 1, 1);

	if (n < 0)
		return cli_exit(n);
	if (x.common.json && (!x.file || !strcmp(x.file, "-")))
		return cli_fail(cmd, "--json needs -w FILE: stdout is taken");
	cfg.rx_ring = x.common.ring;
	cfg.mtu = x.common.mtu;
	if (port_mem(&x.mem, &x.uri, 1))
		return EXIT_FAILED;
	code = port_open(&x.nic, x.mem, x.uri, &cfg);
	if (!code) {
		if (!x.common.json)
			port_say(x.nic, "port");
		code = run(&x);
	}
	nic_close(x.nic);
	nic_mem_del(x.mem);
	return code;
}

const struct command command_dump = {
	.name = "dump",
	.args = "URI",
	.summary = "capture frames",
	.details =
		"Without -w prints a line for each frame: time, source > destination, what it is,\n"
		"length without CRC. The port receives frames for every address.\n"
		"\n"
		"  nicety dump 'model:82599?wire=tap:tap0' -w trace.pcapng --duration 10",
	.run = dump,
};
