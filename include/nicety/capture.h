/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Capture files in the pcapng format (draft-ietf-opsawg-pcapng) with nanosecond timestamps and the
 * direction of every frame; Wireshark, tshark and tcpdump read them.
 *
 * A capture belongs to one thread at a time. Blocks are gathered in a buffer of 64 KiB: frames
 * reach the file when it is full, by nic_capture_flush, or by nic_capture_close.
 */
#ifndef NICETY_CAPTURE_H
#define NICETY_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "nicety/nic.h"

#ifdef __cplusplus
extern "C" {
#endif

struct nic_capture;

/* Values of the flags option of a packet block. */
enum nic_direction { NIC_CAPTURE_UNKNOWN, NIC_CAPTURE_IN, NIC_CAPTURE_OUT };

/**
 * nic_capture_open - create a capture file, readable by its owner only (mode 0600); an existing
 * file is overwritten and keeps its mode.
 * @path: "-" = standard output. @program: written into the header; NULL: "nicety".
 * Return: 0 or -errno, logged.
 */
NIC_API int nic_capture_open(struct nic_capture **out, const char *path, const char *program);

/**
 * nic_capture_interface - announce an Ethernet interface; needed before its first frame.
 * @name: shown by readers, e.g. the device's URI. @snaplen: bytes kept of a frame, 0 = all.
 * Return: the interface's number, from 0, or -errno.
 */
NIC_API int nic_capture_interface(struct nic_capture *cap, const char *name, unsigned snaplen);

/**
 * nic_capture_write - add a frame (without CRC) that lies in one piece.
 * @interface: from nic_capture_interface. @time_ns: ns since 1970 (CLOCK_REALTIME).
 *
 * After a failure (disk full) the file stays readable up to some earlier frame, and all later
 * calls fail with the same error; the reason is logged once.
 * Return: 0, -EINVAL (no such interface, longer than 256 KiB) or what write(2) says.
 */
NIC_API int nic_capture_write(struct nic_capture *cap, int interface, enum nic_direction direction,
			      uint64_t time_ns, const void *data, size_t len);

/** nic_capture_pkts - the same for a frame of @n elements (NIC_MORE) as nic_rx hands it over. */
NIC_API int nic_capture_pkts(struct nic_capture *cap, int interface, enum nic_direction direction,
			     uint64_t time_ns, const struct nic_pkt *pkts, unsigned n);

/** nic_capture_flush - hand everything written so far to the system. Return: 0 or -errno. */
NIC_API int nic_capture_flush(struct nic_capture *cap);

/**
 * nic_capture_close - flush and close. NULL is allowed. Return: 0, or -errno of the first failure
 * since it was opened: then the file is not complete.
 */
NIC_API int nic_capture_close(struct nic_capture *cap);

#ifdef __cplusplus
}
#endif
#endif
