/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Capture files: what the writer of nicety/capture.h writes libpcap reads, and the pcap wire reads
 * what libpcap writes, and says what is wrong with files that are not whole.
 */
#include "wire_helpers.h"

#include <sys/stat.h>

#include "nicety/capture.h"

#ifndef HAVE_LIBPCAP

static void without_libpcap_reading_says_so(void **arg)
{
	(void)arg;
	assert_refused("pcap:in=x.pcap", -ENOTSUP, "libpcap-dev");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(without_libpcap_reading_says_so) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

#include <pcap/pcap.h>

static char dir[] = "/tmp/nicety-pcap-XXXXXX";
static char in_path[64], out_path[64];

static int make_dir(void **arg)
{
	(void)arg;
	if (!mkdtemp(dir))
		return -1;
	snprintf(in_path, sizeof(in_path), "%s/in.pcap", dir);
	snprintf(out_path, sizeof(out_path), "%s/out.pcapng", dir);
	nic_log_set(keep_error, NULL, NIC_LOG_WARN);
	return 0;
}

static int remove_dir(void **arg)
{
	(void)arg;
	unlink(in_path);
	unlink(out_path);
	return rmdir(dir);
}

static const char *spec(const char *format, const char *path)
{
	static char text[256];

	snprintf(text, sizeof(text), format, path);
	return text;
}

/* A classic pcap file with @n frames of 60 + i bytes, @cut bytes of each are missing. */
static void write_pcap(int link, unsigned n, unsigned cut)
{
	pcap_t *dead =
		pcap_open_dead_with_tstamp_precision(link, 65535, PCAP_TSTAMP_PRECISION_NANO);
	pcap_dumper_t *dumper = pcap_dump_open(dead, in_path);
	uint8_t frame[2000];

	assert_non_null(dumper);
	for (unsigned i = 0; i < n; i++) {
		struct pcap_pkthdr h = { .ts = { 1700000000, (int)i },
					 .caplen = 60 + i - cut,
					 .len = 60 + i };

		fill_frame(frame, 60 + i, i);
		pcap_dump((u_char *)dumper, &h, frame);
	}
	pcap_dump_close(dumper);
	pcap_close(dead);
}

static void truncate_by(long bytes)
{
	struct stat st;

	assert_int_equal(stat(in_path, &st), 0);
	assert_int_equal(truncate(in_path, st.st_size - bytes), 0);
}

/* ---- writing ---- */

static void capture_is_read_back_by_libpcap(void **arg)
{
	const uint64_t start = 1700000000123456789;
	struct nic_capture *cap;
	uint8_t frame[9014];
	char why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *h;
	const u_char *data;
	struct stat st;
	pcap_t *pcap;

	(void)arg;
	assert_int_equal(nic_capture_open(&cap, out_path, "test"), 0);
	assert_int_equal(nic_capture_interface(cap, "model:82599", 0), 0);
	assert_int_equal(nic_capture_interface(cap, "other", 0), 1);
	for (unsigned i = 0; i < 1000; i++) {
		size_t len = 14 + i * 9;

		fill_frame(frame, len, i);
		assert_int_equal(nic_capture_write(cap, i % 2,
						   i % 3 ? NIC_CAPTURE_IN : NIC_CAPTURE_OUT,
						   start + i, frame, len),
				 0);
	}
	assert_int_equal(nic_capture_close(cap), 0);
	assert_int_equal(stat(out_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	pcap = pcap_open_offline_with_tstamp_precision(out_path, PCAP_TSTAMP_PRECISION_NANO, why);
	assert_non_null(pcap);
	assert_int_equal(pcap_datalink(pcap), DLT_EN10MB);
	for (unsigned i = 0; i < 1000; i++) {
		size_t len = 14 + i * 9;

		assert_int_equal(pcap_next_ex(pcap, &h, &data), 1);
		assert_int_equal(h->caplen, len);
		assert_int_equal(h->len, len);
		assert_int_equal(h->ts.tv_sec, 1700000000);
		assert_int_equal(h->ts.tv_usec, 123456789 + i);
		fill_frame(frame, len, i);
		assert_memory_equal(data, frame, len);
	}
	assert_int_equal(pcap_next_ex(pcap, &h, &data), PCAP_ERROR_BREAK);
	pcap_close(pcap);
	unlink(out_path);
}

static void capture_cuts_at_the_snap_length_and_joins_elements(void **arg)
{
	uint8_t a[100], b[50], whole[150];
	struct nic_pkt pkts[2] = { { .data = a, .len = 100, .flags = NIC_MORE },
				   { .data = b, .len = 50 } };
	char why[PCAP_ERRBUF_SIZE];
	struct nic_capture *cap;
	struct pcap_pkthdr *h;
	const u_char *data;
	pcap_t *pcap;

	(void)arg;
	fill_frame(whole, 150, 3);
	memcpy(a, whole, 100);
	memcpy(b, whole + 100, 50);
	/* One interface per file, as libpcap wants equal snap lengths of all. */
	for (unsigned snap = 0; snap < 200; snap += 33) {
		unsigned kept = snap && snap < 150 ? snap : 150;

		assert_int_equal(nic_capture_open(&cap, out_path, NULL), 0);
		assert_int_equal(nic_capture_interface(cap, "a", snap), 0);
		assert_int_equal(nic_capture_pkts(cap, 0, NIC_CAPTURE_IN, 5, pkts, 2), 0);
		assert_int_equal(nic_capture_write(cap, 0, NIC_CAPTURE_OUT, 6, whole, 150), 0);
		assert_int_equal(nic_capture_close(cap), 0);
		pcap = pcap_open_offline(out_path, why);
		assert_non_null(pcap);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(pcap_next_ex(pcap, &h, &data), 1);
			assert_int_equal(h->len, 150);
			assert_int_equal(h->caplen, kept);
			assert_memory_equal(data, whole, kept);
		}
		pcap_close(pcap);
	}
	unlink(out_path);
}

static void capture_refuses_unknown_interfaces_and_paths(void **arg)
{
	struct nic_capture *cap = NULL;
	uint8_t frame[60] = { 0 };

	(void)arg;
	assert_int_equal(nic_capture_open(&cap, spec("%s/none/x", dir), NULL), -ENOENT);
	assert_null(cap);
	assert_non_null(strstr(last_error, "none/x"));
	assert_int_equal(nic_capture_close(NULL), 0);
	assert_int_equal(nic_capture_open(&cap, out_path, NULL), 0);
	assert_int_equal(nic_capture_write(cap, 0, NIC_CAPTURE_IN, 0, frame, 60), -EINVAL);
	for (int i = 0; i < 64; i++)
		assert_int_equal(nic_capture_interface(cap, "x", 0), i);
	assert_int_equal(nic_capture_interface(cap, "x", 0), -EINVAL);
	assert_int_equal(nic_capture_write(cap, 64, NIC_CAPTURE_IN, 0, frame, 60), -EINVAL);
	assert_int_equal(nic_capture_write(cap, -1, NIC_CAPTURE_IN, 0, frame, 60), -EINVAL);
	assert_int_equal(nic_capture_write(cap, 0, NIC_CAPTURE_IN, 0, frame, 1 << 20), -EINVAL);
	assert_int_equal(nic_capture_write(cap, 63, NIC_CAPTURE_IN, 0, frame, 60), 0);
	assert_int_equal(nic_capture_flush(cap), 0);
	assert_int_equal(nic_capture_close(cap), 0);
	unlink(out_path);
}

static void full_disk_is_reported_and_stays_reported(void **arg)
{
	struct nic_capture *cap;
	uint8_t frame[1514] = { 0 };
	int err = 0;

	(void)arg;
	if (access("/dev/full", W_OK))
		skip();
	assert_int_equal(nic_capture_open(&cap, "/dev/full", NULL), 0);
	assert_int_equal(nic_capture_interface(cap, "x", 0), 0);
	for (int i = 0; i < 100 && !err; i++)
		err = nic_capture_write(cap, 0, NIC_CAPTURE_IN, 0, frame, sizeof(frame));
	assert_int_equal(err, -ENOSPC);
	assert_non_null(strstr(last_error, "/dev/full"));
	assert_int_equal(nic_capture_write(cap, 0, NIC_CAPTURE_IN, 0, frame, 60), -ENOSPC);
	assert_int_equal(nic_capture_interface(cap, "y", 0), -ENOSPC);
	assert_int_equal(nic_capture_close(cap), -ENOSPC);
}

/* ---- the wire ---- */

static void wire_reads_pcap_and_ends(void **arg)
{
	struct wire *w;
	uint8_t frame[2000];

	(void)arg;
	write_pcap(DLT_EN10MB, 300, 0);
	w = must_open(spec("pcap:in=%s", in_path));
	assert_int_equal(w->ops->link(w), 1);
	assert_int_equal(w->patient, 1);
	for (unsigned i = 0; i < 300; i++) {
		assert_int_equal(w->ops->ended(w), 0);
		fill_frame(frame, 60 + i, i);
		assert_next(w, frame, 60 + i);
	}
	assert_nothing(w);
	assert_int_equal(w->ops->ended(w), 1);
	assert_int_equal(counter(w, "wire_in"), 300);
	assert_int_equal(counter(w, "wire_in_damaged"), 0);
	assert_int_equal(w->ops->tx(w, frame, 60), -ENOLINK);
	assert_int_equal(counter(w, "wire_lost_out"), 1);
	w->ops->close(w);
}

static void wire_reads_the_file_as_often_as_told(void **arg)
{
	struct wire *w;
	uint8_t frame[2000];

	(void)arg;
	write_pcap(DLT_EN10MB, 3, 0);
	w = must_open(spec("pcap:in=%s,loop=4", in_path));
	for (unsigned i = 0; i < 12; i++) {
		fill_frame(frame, 60 + i % 3, i % 3);
		assert_next(w, frame, 60 + i % 3);
	}
	assert_int_equal(w->ops->ended(w), 1);
	w->ops->close(w);
	w = must_open(spec("pcap:in=%s,loop=0", in_path));
	for (unsigned i = 0; i < 3000; i++) {
		fill_frame(frame, 60 + i % 3, i % 3);
		assert_next(w, frame, 60 + i % 3);
	}
	assert_int_equal(w->ops->ended(w), 0);
	w->ops->close(w);
	write_pcap(DLT_EN10MB, 0, 0); /* nothing, for ever, is an end */
	w = must_open(spec("pcap:in=%s,loop=0", in_path));
	assert_nothing(w);
	assert_int_equal(w->ops->ended(w), 1);
	w->ops->close(w);
}

static void what_leaves_the_wire_comes_back_from_the_file(void **arg)
{
	struct wire *w = must_open(spec("pcap:out=%s", out_path));
	uint8_t frame[9014];
	struct stat st;

	(void)arg;
	assert_nothing(w);
	assert_int_equal(w->ops->ended(w), 1);
	for (unsigned i = 0; i < 500; i++) {
		fill_frame(frame, 14 + i * 18, i);
		assert_int_equal(w->ops->tx(w, frame, 14 + i * 18), 0);
	}
	assert_int_equal(counter(w, "wire_out"), 500);
	w->ops->close(w);
	assert_int_equal(stat(out_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	w = must_open(spec("pcap:in=%s", out_path));
	for (unsigned i = 0; i < 500; i++) {
		fill_frame(frame, 14 + i * 18, i);
		assert_next(w, frame, 14 + i * 18);
	}
	assert_int_equal(w->ops->ended(w), 1);
	w->ops->close(w);
	unlink(out_path);
}

static void frames_captured_in_part_are_skipped_and_counted(void **arg)
{
	struct wire *w;

	(void)arg;
	write_pcap(DLT_EN10MB, 5, 20);
	w = must_open(spec("pcap:in=%s", in_path));
	assert_nothing(w);
	assert_int_equal(w->ops->ended(w), 1);
	assert_int_equal(counter(w, "wire_lost_in_cut"), 5);
	w->ops->close(w);
}

static void truncated_file_ends_the_wire_with_a_named_error(void **arg)
{
	static const long cuts[] = { 1, 30, 60, 70 };
	uint8_t frame[100];

	(void)arg;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		struct wire *w;

		write_pcap(DLT_EN10MB, 3, 0); /* the last record has 16 + 62 bytes */
		truncate_by(cuts[i]);
		w = must_open(spec("pcap:in=%s,loop=5", in_path));
		for (unsigned k = 0; k < 2; k++) {
			fill_frame(frame, 60 + k, k);
			assert_next(w, frame, 60 + k);
		}
		assert_nothing(w);
		assert_int_equal(w->ops->ended(w), 1);
		assert_int_equal(counter(w, "wire_in_damaged"), 1);
		assert_non_null(strstr(last_error, in_path));
		assert_non_null(strstr(last_error, "after 2 frames"));
		assert_nothing(w);
		assert_int_equal(counter(w, "wire_in_damaged"), 1);
		w->ops->close(w);
	}
}

static void files_that_cannot_be_read_are_refused_by_name(void **arg)
{
	char both[256];

	(void)arg;
	assert_refused("pcap:in=/does/not/exist.pcap", -ENOENT, "/does/not/exist.pcap");
	assert_refused(spec("pcap:in=%s", dir), -EISDIR, dir);
	write_pcap(DLT_EN10MB, 0, 0);
	for (int i = 0; i < 24; i++) { /* all of the header, then none of it */
		truncate_by(1);
		assert_refused(spec("pcap:in=%s", in_path), -EINVAL, in_path);
	}
	write_pcap(DLT_RAW, 1, 0);
	assert_refused(spec("pcap:in=%s", in_path), -EINVAL, "want Ethernet");
	/* and no output is left behind, nor is the input lost when the output fails */
	snprintf(both, sizeof(both), "pcap:in=%s,out=%s", in_path, out_path);
	assert_refused(both, -EINVAL, in_path);
	assert_int_equal(access(out_path, F_OK), -1);
	write_pcap(DLT_EN10MB, 1, 0);
	snprintf(both, sizeof(both), "pcap:in=%s,out=%s/none/x", in_path, dir);
	assert_refused(both, -ENOENT, "none/x");
	assert_refused(spec("pcap:in=%s,loop=x", in_path), -EINVAL, "loop=N");
}

static void commas_in_names_are_written_twice(void **arg)
{
	char name[96], text[128];
	struct wire *w;

	(void)arg;
	snprintf(name, sizeof(name), "%s/a,b", dir);
	snprintf(text, sizeof(text), "pcap:out=%s/a,,b", dir);
	w = must_open(text);
	w->ops->close(w);
	assert_int_equal(access(name, F_OK), 0);
	unlink(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capture_is_read_back_by_libpcap),
		cmocka_unit_test(capture_cuts_at_the_snap_length_and_joins_elements),
		cmocka_unit_test(capture_refuses_unknown_interfaces_and_paths),
		cmocka_unit_test(full_disk_is_reported_and_stays_reported),
		cmocka_unit_test(wire_reads_pcap_and_ends),
		cmocka_unit_test(wire_reads_the_file_as_often_as_told),
		cmocka_unit_test(what_leaves_the_wire_comes_back_from_the_file),
		cmocka_unit_test(frames_captured_in_part_are_skipped_and_counted),
		cmocka_unit_test(truncated_file_ends_the_wire_with_a_named_error),
		cmocka_unit_test(files_that_cannot_be_read_are_refused_by_name),
		cmocka_unit_test(commas_in_names_are_written_twice),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

#endif
