/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The first program to read: it carries every frame from one port to another and back.
 *
 *   simple_fwd 'model:82599?wire=tap:tap0' 'model:82599?wire=tap:tap1'
 *
 * Everything comes from one header, whose comments are the manual. docs/tour.md follows a frame
 * from here down to the registers.
 */
#include <nicety/nic.h>

#include <signal.h>
#include <stdio.h>

/* A burst spreads the cost of a call over many packets; beyond 32 there is little left to gain. */
#define BURST 32

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

/* Whatever has arrived on one port leaves through the other. */
static void carry(struct nic *from, struct nic *to)
{
	struct nic_pkt pkts[BURST]; /* values: pointer, length, flags; frames stay where they are */
	unsigned n = nic_rx(nic_rxq(from, 0), pkts, BURST);
	unsigned sent = nic_tx(nic_txq(to, 0), pkts, n);

	/* The other port is slower and its ring is full: what it did not take is still ours, and a
	 * forwarder that waited here would lose frames of the other direction too. */
	nic_free(pkts + sent, n - sent);
}

int main(int argc, char **argv)
{
	struct nic_config cfg = { .promisc = 1 }; /* also frames that are for somebody else */
	struct nic_mem *mem = NULL;
	struct nic *a = NULL, *b = NULL;
	int failed = 1;

	if (argc != 3) {
		fprintf(stderr, "usage: %s URI URI\n", argv[0]);
		return 2;
	}
	/* Both devices see the same memory: that is what lets a frame pass without a copy. */
	if (nic_mem_new(&mem, NULL))
		return 1;
	/* One pool for both, because this one thread serves both: buffers never change hands.
	 * 4 rings of 512 may be full at the same time. */
	if (nic_pool_new(&cfg.pool, mem, 4 * 512 + BURST, 2048))
		goto out;
	/* A failure has told the reason on stderr already. */
	if (nic_open(&a, mem, argv[1], &cfg) || nic_open(&b, mem, argv[2], &cfg))
		goto out;

	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	while (!stop) { /* polling: an interrupt would cost more than the work itself */
		carry(a, b);
		carry(b, a);
	}
	failed = 0;
out:
	/* Devices first: until they are closed they may write into the buffers. */
	nic_close(b);
	nic_close(a);
	if (cfg.pool)
		nic_pool_del(cfg.pool);
	nic_mem_del(mem);
	return failed;
}
