/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model itself: how many frames it moves in a second, so that one sees whether it was the
 * limit; and how long a start takes, through the public interface.
 */
#include <errno.h>

#include <nicety/nic.h>

#include "bench/bench.h"
#include "bench/timing.h"

#define TURNS 2000u

static void put_rate(struct bench *b, const char *what, unsigned round, double packets_per_us)
{
	fprintf(b->out, "{\"kind\": \"model\", \"what\": \"%s\", \"round\": %u, \"mpps\": %.2f}\n",
		what, round, packets_per_us);
}

/* The median of the devices' turns alone: sending, receiving, both. */
static void run_rate(struct bench *b, struct rig *rig, unsigned round, double us)
{
	static double send[TURNS], receive[TURNS], both[TURNS];
	const unsigned n = rig_window(rig);
	double end = seconds() + b->plan->model_ms / 1000.0;
	unsigned i;

	for (i = 0; i < TURNS && (i % 64 || seconds() < end); i++) {
		uint64_t start = ticks_begin(), middle, stop;

		rig_device(rig, WARM, 0);
		middle = ticks_begin();
		rig_device(rig, WARM, n);
		stop = ticks_end();
		send[i] = (double)(middle - start);
		receive[i] = (double)(stop - middle);
		both[i] = (double)(stop - start);
		drive(rig->subject->forward, rig->queue[0], n, 32);
	}
	put_rate(b, "receive", round, n * us / median_of(receive, i));
	put_rate(b, "send", round, n * us / median_of(send, i));
	put_rate(b, "rx + tx", round, n * us / median_of(both, i));
}

/* From nic_open to the first packet in the application's hand. Return: ms, or -1. */
static double start_time(const char *uri)
{
	const struct nic_config cfg = { .promisc = 1 };
	double start = seconds();
	struct nic_pkt pkt;
	struct nic_mem *mem;
	struct nic *nic;
	unsigned got = 0;

	if (nic_mem_new(&mem, NULL))
		return -1;
	if (nic_open(&nic, mem, uri, &cfg)) {
		nic_mem_del(mem);
		return -1;
	}
	while (!got && seconds() < start + 2)
		got = nic_rx(nic_rxq(nic, 0), &pkt, 1);
	start = seconds() - start;
	nic_free(&pkt, got);
	nic_close(nic);
	nic_mem_del(mem);
	return got ? start * 1000 : -1;
}

static void run_start(struct bench *b, const char *host)
{
	char uri[80];

	snprintf(uri, sizeof(uri), "model:82599?host=%s&wire=gen:count=1000,size=64", host);
	for (unsigned round = 0; round < 5; round++) {
		double ms = start_time(uri);

		if (ms < 0)
			bench_fault(b, host, "receiving a first packet", 0);
		else
			fprintf(b->out,
				"{\"kind\": \"start\", \"host\": \"%s\", \"round\": %u, "
				"\"ms\": %.2f}\n",
				host, round, ms);
	}
}

int model_run(struct bench *b)
{
	const struct setup setup = { .ring = 512, .queues = 1, .size = 64 };
	double us = ticks_per_us();
	struct rig *rig;
	uint64_t faults;

	fprintf(stderr, "bench: the model\n");
	run_start(b, "sync");
	if (b->cpus > 1)
		run_start(b, "thread");
	if (rig_open(&rig, &subjects[0], &setup))
		return -EIO;
	for (unsigned round = 0; round < 3; round++)
		run_rate(b, rig, round, us);
	faults = rig_settle(rig, 0);
	if (faults)
		bench_fault(b, "model", "frames lost, repeated or damaged", faults);
	rig_close(rig);
	return 0;
}
