/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The two peers that can ask the demo's echo: the kernel with the real ping, or a second model.
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include <nicety/nic.h>

#include <stddef.h>

#define DEMO_TAP "tap0"

struct demo_pings {
	unsigned sent, received;
};

/**
 * demo_tap_prepare - enter a network namespace of our own and see whether TAP devices and ping
 * are to be had. Before any thread is started. Return: 0, or -1 with the reason in @why.
 */
int demo_tap_prepare(char *why, size_t room);
/** demo_tap_configure - addresses for the TAP device that the model has opened. 0 or -1, said. */
int demo_tap_configure(void);
/** demo_tap_has_ipv6 - 1 if it got an IPv6 address. */
int demo_tap_has_ipv6(void);
/**
 * demo_tap_ping - run the real ping and show what it prints. @ipv6: to fd00::2, else 10.0.0.2.
 * @stop: end it early when this becomes 1. Return: 0 or -1, said.
 */
int demo_tap_ping(int ipv6, unsigned count, const _Atomic int *stop, struct demo_pings *out);

/** demo_peer_ping - ARP and ICMP echo through @nic, a peer of the echo. 0 or -1, said. */
int demo_peer_ping(struct nic *nic, struct nic_pool *pool, unsigned count, const _Atomic int *stop,
		   struct demo_pings *out);

#endif
