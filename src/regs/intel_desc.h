/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Descriptors of the 82599 family: layouts and fields, 82599 7.1.5 and 7.1.6 (receive), 7.2.3.2
 * (transmit). All are 16 bytes, little endian.
 */
#ifndef REGS_INTEL_DESC_H
#define REGS_INTEL_DESC_H

#include "base/field.h"
#include "base/types.h"

union intel_rx_desc {
	struct { /* (host) advanced, to the NIC: 82599 7.1.6.1 */
		le64 addr;
		le64 header; /* header buffer; bit 0 is where DD will be: write 0 */
	} read;
	struct {             /* (device) advanced, written back: 82599 7.1.6.2 */
		le32 type;   /* RSS type, packet type, RSC count, header length */
		le32 hash;   /* RSS hash, or IP id and fragment checksum */
		le32 status; /* RXD_STAT_*, RXD_ERR_*; written last */
		le32 length_vlan;
	} wb;
	struct {           /* legacy, both ways: 82599 7.1.5 */
		le64 addr; /* (host) not changed by write-back */
		le64 word; /* (device) length, checksum, status, errors, VLAN */
	} legacy;
};

/* Dword 2 of the advanced write-back. */
enum {
	RXD_STAT_DD = FIELD_BITS(0, 0),    /* the rest of the descriptor is valid */
	RXD_STAT_EOP = FIELD_BITS(1, 1),   /* last buffer of the frame */
	RXD_STAT_VP = FIELD_BITS(3, 3),    /* the frame had a tag, it is in length_vlan */
	RXD_STAT_L4CS = FIELD_BITS(5, 5),  /* TCP, UDP or SCTP checksum was checked */
	RXD_STAT_IPCS = FIELD_BITS(6, 6),  /* IPv4 header checksum was checked */
	RXD_STAT_PIF = FIELD_BITS(7, 7),   /* not for a unicast address of ours */
	RXD_ERR_RXE = FIELD_BITS(29, 29),  /* MAC error: CRC, length */
	RXD_ERR_TCPE = FIELD_BITS(30, 30), /* TCP, UDP or SCTP checksum wrong */
	RXD_ERR_IPE = FIELD_BITS(31, 31),  /* IPv4 header checksum wrong */
};

/* The legacy word. */
#define RXD_LEGACY_DD  ((uint64_t)1 << 32)
#define RXD_LEGACY_EOP ((uint64_t)1 << 33)
#define RXD_LEGACY_RXE ((uint64_t)1 << 40)

union intel_tx_desc {
	struct { /* (host) advanced data: 82599 7.2.3.2.4 */
		le64 addr;
		le32 cmd;    /* length and TXD_DTYP … TXD_TSE */
		le32 status; /* (device) TXD_DD; (host) TXD_IDX … TXD_PAYLEN */
	} data;
	struct {              /* (host) advanced context: 82599 7.2.3.2.3 */
		le32 lengths; /* TXD_IPLEN, TXD_MACLEN, TXD_VLAN */
		le32 tunnel;  /* IPsec, FCoE: 0 */
		le32 type;    /* TXD_IPV4, TXD_L4T, TXD_DTYP, TXD_DEXT */
		le32 segment; /* TXD_IDX, TXD_L4LEN, TXD_MSS */
	} context;
	struct { /* (host) legacy: 82599 7.2.3.2.2 */
		le64 addr;
		le64 word;
	} legacy;
};

/* data.cmd (also bits 31:0 of the legacy word: CSO instead of DTYP, IC at bit 26) */
enum {
	TXD_DTALEN = FIELD_BITS(15, 0), /* bytes in this buffer */
	TXD_DTYP = FIELD_BITS(23, 20),
	TXD_DTYP_CONTEXT = 2,
	TXD_DTYP_DATA = 3,
	TXD_EOP = FIELD_BITS(24, 24),  /* last buffer of the frame */
	TXD_IFCS = FIELD_BITS(25, 25), /* append the CRC */
	TXD_RS = FIELD_BITS(27, 27),   /* report when sent */
	TXD_DEXT = FIELD_BITS(29, 29), /* advanced */
	TXD_VLE = FIELD_BITS(30, 30),  /* insert a tag */
	TXD_TSE = FIELD_BITS(31, 31),  /* segment */
};
/* data.status */
enum {
	TXD_DD = FIELD_BITS(0, 0),
	TXD_IDX = FIELD_BITS(6, 4),      /* context slot, also in context.segment */
	TXD_CC = FIELD_BITS(7, 7),       /* the context is used */
	TXD_IXSM = FIELD_BITS(8, 8),     /* insert the IPv4 header checksum */
	TXD_TXSM = FIELD_BITS(9, 9),     /* insert the layer 4 checksum */
	TXD_PAYLEN = FIELD_BITS(31, 14), /* the frame; segmentation: what is cut up */
};
/* context.lengths, context.type, context.segment */
enum {
	TXD_IPLEN = FIELD_BITS(8, 0),
	TXD_MACLEN = FIELD_BITS(15, 9),
	TXD_VLAN = FIELD_BITS(31, 16),
	TXD_IPV4 = FIELD_BITS(10, 10),
	TXD_L4T = FIELD_BITS(12, 11),
	TXD_L4T_UDP = 0,
	TXD_L4T_TCP = 1,
	TXD_L4T_SCTP = 2,
	TXD_L4LEN = FIELD_BITS(15, 8),
	TXD_MSS = FIELD_BITS(31, 16),
};

/* The legacy word. */
#define TXD_LEGACY_EOP  ((uint64_t)1 << 24)
#define TXD_LEGACY_IFCS ((uint64_t)1 << 25)
#define TXD_LEGACY_IC   ((uint64_t)1 << 26) /* insert a checksum at CSO, summed from CSS */
#define TXD_LEGACY_RS   ((uint64_t)1 << 27)
#define TXD_LEGACY_VLE  ((uint64_t)1 << 30)
#define TXD_LEGACY_DD   ((uint64_t)1 << 32)

#endif
