/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reads Ethernet frames from a capture file. Without libpcap in the build (HAVE_LIBPCAP), opening
 * says so.
 */
#ifndef WIRES_PCAP_IN_H
#define WIRES_PCAP_IN_H

#include <stddef.h>
#include <stdint.h>

struct pcap_in;

enum pcap_in_result {
	PCAP_IN_FRAME,
	PCAP_IN_CUT,     /* a frame that was captured incompletely (snaplen); skipped */
	PCAP_IN_RUNT,    /* a frame without a whole Ethernet header; skipped */
	PCAP_IN_DAMAGED, /* the file breaks off or makes no sense from here on; logged */
	PCAP_IN_END,
};

/** pcap_in_open - @loop: how often to read the file, 0 = for ever. 0 or -errno, logged. */
int pcap_in_open(struct pcap_in **out, const char *path, uint64_t loop);
/** pcap_in_next - read on. pcap_in_frame - the frame it found, valid until it is called again. */
enum pcap_in_result pcap_in_next(struct pcap_in *p);
const void *pcap_in_frame(const struct pcap_in *p, size_t *len);
/** pcap_in_ended - pcap_in_next said END or DAMAGED. */
int pcap_in_ended(const struct pcap_in *p);
/** pcap_in_close - NULL is allowed. */
void pcap_in_close(struct pcap_in *p);

#endif
