/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Descriptors of the 82540EM and the 82574L: 82540EM 3.2.3 (receive), 3.3 (transmit); extended
 * receive descriptors and those for packet split 82574 7.1. All are 16 bytes, those for packet
 * split 32; little endian.
 */
#ifndef REGS_E1000_DESC_H
#define REGS_E1000_DESC_H

#include "base/field.h"
#include "base/types.h"

/* A descriptor as two quadwords. In every format the second one holds DD and is written last. */
struct e1000_desc {
	le64 addr; /* (host) buffer; contexts: offsets; (device) extended write-back: RSS, hash */
	le64 word;
};

/* Legacy receive, the word: length, checksum, status, errors, tag. */
enum {                              /* in the word's high half */
       RXD_DD = FIELD_BITS(0, 0),   /* the rest of the descriptor is valid */
       RXD_EOP = FIELD_BITS(1, 1),  /* last buffer of the frame */
       RXD_IXSM = FIELD_BITS(2, 2), /* the checksum bits mean nothing */
       RXD_VP = FIELD_BITS(3, 3),   /* a tag was stripped, it is in the word's top */
       RXD_UDPCS = FIELD_BITS(4, 4),
       RXD_TCPCS = FIELD_BITS(5, 5), /* TCP or UDP checksum was checked */
       RXD_IPCS = FIELD_BITS(6, 6),
       RXD_PIF = FIELD_BITS(7, 7), /* not for a unicast address of ours */
       RXD_CE = FIELD_BITS(8, 8),  /* CRC error */
       RXD_SE = FIELD_BITS(9, 9),
       RXD_SEQ = FIELD_BITS(10, 10),
       RXD_CXE = FIELD_BITS(12, 12),
       RXD_TCPE = FIELD_BITS(13, 13), /* TCP or UDP checksum wrong */
       RXD_IPE = FIELD_BITS(14, 14),  /* IPv4 header checksum wrong */
       RXD_RXE = FIELD_BITS(15, 15),
};
#define RXD_CHECKSUM_SHIFT 16

/*
 * Extended receive: to the NIC {address, 0}; written back {RSS type, queue, hash; status, length,
 * tag}. Status bits 7:0 as above, errors 15:8 move to 31:24.
 */
#define RXX_LENGTH_SHIFT   32
#define RXX_VLAN_SHIFT     48
#define RXX_RSS_TYPE       ((uint64_t)0xf) /* of the first quadword */
#define RXX_QUEUE_SHIFT    8
#define RXX_HASH_SHIFT     32

/*
 * Packet split: to the NIC the addresses of four buffers, headers go to the first (82574 7.1).
 * Written back the first two quadwords as extended, the length that of the first buffer; then the
 * headers' length and the lengths of the other three. DD lies where bit 0 of the second address
 * was. Heads and tails count 16 bytes here, too: two for each descriptor (so Linux, QEMU).
 */
struct e1000_split_desc {
	le64 q[4]; /* (host) addresses; (device) write-back, the last is reserved */
};
#define RXS_HEADER_MASK  ((uint64_t)0x3ff)  /* HLEN, of the third quadword */
#define RXS_SPLIT        ((uint64_t)0x8000) /* HDRSP: headers alone are in the first buffer */
#define RXS_LENGTH_SHIFT 16                 /* lengths of buffers 1, 2, 3 from here on */

/* Transmit, low half of the word. */
enum {
	TXD_LENGTH = FIELD_BITS(15, 0),      /* legacy */
	TXD_CSO = FIELD_BITS(23, 16),        /* legacy: where IC puts its sum */
	TXD_DATA_LENGTH = FIELD_BITS(19, 0), /* data; context: PAYLEN */
	TXD_DTYP = FIELD_BITS(23, 20),       /* with DEXT */
	TXD_DTYP_CONTEXT = 0,
	TXD_DTYP_DATA = 1,
	TXD_EOP = FIELD_BITS(24, 24),  /* last buffer of the frame; context: TCP, not UDP */
	TXD_IFCS = FIELD_BITS(25, 25), /* append the CRC; context: IPv4 */
	TXD_IC = FIELD_BITS(26, 26),   /* legacy: insert a sum */
	TXD_TSE = FIELD_BITS(26, 26),  /* data, context: segment */
	TXD_RS = FIELD_BITS(27, 27),   /* report when sent: DD */
	TXD_DEXT = FIELD_BITS(29, 29), /* data or context */
	TXD_VLE = FIELD_BITS(30, 30),  /* insert a tag */
	TXD_CONTEXT_TCP = FIELD_BITS(24, 24),
	TXD_CONTEXT_IPV4 = FIELD_BITS(25, 25),
};
/* Transmit, high half. */
enum {
	TXD_DD = FIELD_BITS(0, 0),
	TXD_CSS = FIELD_BITS(15, 8), /* legacy: where IC's sum starts */
	TXD_IXSM = FIELD_BITS(8, 8), /* data: insert the IPv4 header checksum */
	TXD_TXSM = FIELD_BITS(9, 9), /* data: insert the TCP or UDP checksum */
	TXD_VLAN = FIELD_BITS(31, 16),
	TXD_HDRLEN = FIELD_BITS(15, 8), /* context: headers of a segment */
	TXD_MSS = FIELD_BITS(31, 16),   /* context */
};
/* Context: both halves of the first quadword, for IP (low) and TCP or UDP (high). */
enum {
	TXC_START = FIELD_BITS(7, 0),   /* IPCSS, TUCSS: first byte of the sum */
	TXC_OFFSET = FIELD_BITS(15, 8), /* IPCSO, TUCSO: where it goes */
	TXC_END = FIELD_BITS(31, 16),   /* IPCSE, TUCSE: last byte, 0 = the frame's */
};

#endif
