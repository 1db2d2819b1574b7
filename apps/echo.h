/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The echo: turns a request into its answer where it lies. Answers ARP requests, ICMP echo, IPv6
 * neighbour solicitations and ICMPv6 echo, untagged or with one 802.1Q tag.
 *
 * It is made for latency: nothing is looked up, no checksum of the request is verified, and the
 * destination address is not checked - every address that the network sends here is answered for.
 * MAC and IP addresses swap places, which leaves all sums over them as they were, and the ICMP
 * checksum is updated for the one word that changes (RFC 1624 equation 3). A corrupt request
 * thus becomes an answer that is as corrupt, and its sender notices. TTL and hop limit stay.
 *
 * What it must never do: answer something that is not a single host's question. So nothing goes
 * to a multicast, broadcast or zero address, or claims to come from one; probes for duplicate
 * addresses (RFC 5227, RFC 4862) are left alone; nothing is read or written beyond the frame.
 */
#ifndef APPS_ECHO_H
#define APPS_ECHO_H

#include <stdint.h>

/* Every frame is counted in exactly one of these. */
enum echo_count {
	ECHO_ARP,
	ECHO_ICMP,
	ECHO_ND,
	ECHO_ICMPV6,
	ECHO_DROP_TRUNCATED,
	ECHO_DROP_OTHER_TYPE,
	ECHO_DROP_NOT_ECHO,
	ECHO_DROP_FRAGMENT,
	ECHO_DROP_GROUP_SOURCE,
	ECHO_DROP_GROUP_DEST,
	ECHO_DROP_ZERO_SOURCE,
	ECHO_DROP_BAD_HEADER,
	ECHO_DROP_VLAN_STRIPPED,
	ECHO_DROP_ARP_NOT_REQUEST,
	ECHO_DROP_ARP_PROBE,
	ECHO_DROP_ARP_GRATUITOUS,
	ECHO_DROP_ND_PROBE,
	ECHO_DROP_ND_FORMAT,
	/* Only with validate: */
	ECHO_DROP_BAD_LENGTH,
	ECHO_DROP_BAD_OPTIONS,
	ECHO_DROP_SOURCE_ROUTE,
	ECHO_DROP_BAD_IP_SUM,
	ECHO_DROP_BAD_ICMP_SUM,
	ECHO_COUNTS
};

struct echo {
	uint8_t mac[6]; /* the device's: what ARP and ND answers say */
	int validate;   /* check lengths, options and checksums of requests first */
	uint64_t count[ECHO_COUNTS];
};

/**
 * echo_init - nothing counted yet. @mac: from nic_get_info.
 */
void echo_init(struct echo *e, const uint8_t mac[6], int validate);

/**
 * echo_frame - answer a frame in place.
 * @frame: without CRC, any alignment. @len: its bytes; nothing beyond them is touched.
 * @nic_flags: NIC_* that came with it. Open the device with no_vlan_strip: an answer could not
 * be given a tag that the NIC took away, such frames are dropped.
 *
 * Return: bytes of the answer (never more than @len), 0 = do not send.
 */
unsigned echo_frame(struct echo *e, void *frame, unsigned len, uint32_t nic_flags);

/**
 * echo_counter - walk the counters by name; those of drops begin with "drop_".
 * Return: 0, or -ENOENT after the last.
 */
int echo_counter(const struct echo *e, unsigned i, const char **name, uint64_t *value);

/** echo_replies, echo_drops - sums over the counters. */
uint64_t echo_replies(const struct echo *e);
uint64_t echo_drops(const struct echo *e);

#endif
