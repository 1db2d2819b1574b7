/* SPDX-License-Identifier: BSD-2-Clause
 *
 * DPDK's ixgbe driver, as Debian builds it, on the same models: through the fake PCI functions of
 * tests/interop/dpdk. The models run in the devices' turn only, as for our drivers; registers
 * other than tails trap, but not on the packet path.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/helper.h"
#include "bench/pages.h"
#include "bench/subjects.h"
#include "bus/inproc.h"
#include "nicety/nic.h"
#include "tests/interop/dpdk/fakepci.h"

/* Last: they define what ours define, if it is not defined. */
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_vect.h>

enum { SCALAR, VECTOR, FORMS };

struct form {
	struct fakepci *device[2];
	uint16_t port[2];
	struct cable *cable; /* of the rig that has it open */
	struct rte_mempool *pool;
	struct dpdk_queue {
		uint16_t in, out, queue;
	} queue[RIG_QUEUES];
};

static struct form forms[FORMS];

static int form_of(const struct subject *s)
{
	return strcmp(s->name, "dpdk_vector") ? SCALAR : VECTOR;
}

/* ---- the models ---- */

static int wire_tx(struct model_host *host, const void *frame, size_t len)
{
	for (unsigned i = 0; i < FORMS; i++)
		for (unsigned k = 0; k < 2; k++)
			if (&inproc_of(fakepci_dev(forms[i].device[k]))->host == host &&
			    forms[i].cable)
				cable_back(forms[i].cable, frame, len);
	return 0;
}

static int make_device(struct form *f, unsigned k)
{
	uint8_t mac[6];
	char uri[96];
	int err;

	device_mac(mac, k);
	snprintf(uri, sizeof(uri), "82599?id=10f7&wire=loop&mac=%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	err = fakepci_new(&f->device[k], uri);
	if (!err)
		inproc_of(fakepci_dev(f->device[k]))->host.wire_tx = wire_tx;
	return err;
}

/* Once in a process: all functions must be on the bus before EAL looks. */
static int start_eal(void)
{
	static int state = 1;
	FILE *silence;
	char cpu[16], hugepages[16] = "--in-memory";
	char *args[] = { "bench",
			 cpu,
			 hugepages,
			 "-m128",
			 "--no-telemetry",
			 "--iova-mode=va",
			 "--log-level=*:error",
			 NULL };

	if (state <= 0)
		return state;
	state = 0;
	/* It breaks rules of the datasheet while it starts: docs/hardware.md explains which. */
	nic_log_set(NULL, NULL, NIC_LOG_ERROR);
	/* EAL laments that it cannot enable MSI-X of a function that does not exist. */
	silence = fopen("/dev/null", "w");
	if (silence)
		rte_openlog_stream(silence);
	for (unsigned i = 0; i < FORMS; i++)
		for (unsigned k = 0; k < 2 && !state; k++)
			state = make_device(&forms[i], k);
	snprintf(cpu, sizeof(cpu), "-l%u", cpu_number(0));
	if (pages_free() < (size_t)128 << 20) {
		fprintf(stderr, "bench: not enough hugepages: DPDK runs on ordinary pages\n");
		snprintf(hugepages, sizeof(hugepages), "--no-huge");
	}
	if (!state && rte_eal_init((int)ARRAY_SIZE(args) - 1, args) < 0) {
		fprintf(stderr, "bench: EAL: %s\n", rte_strerror(rte_errno));
		state = -EIO;
	}
	for (unsigned i = 0; i < FORMS; i++)
		for (unsigned k = 0; k < 2 && !state; k++)
			state = rte_eth_dev_get_port_by_name(fakepci_name(forms[i].device[k]),
							     &forms[i].port[k]);
	return state;
}

/* ---- ports ---- */

static int start_port(const struct rig *rig, struct form *f, unsigned k)
{
	static const struct rte_eth_conf one;
	const struct rte_eth_conf several = {
		.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS,
		.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP,
	};
	uint16_t port = f->port[k], queues = (uint16_t)rig->setup.queues,
		 ring = (uint16_t)rig->setup.ring;
	int err = rte_eth_dev_configure(port, queues, queues, queues > 1 ? &several : &one);

	for (uint16_t q = 0; q < queues && !err; q++)
		err = rte_eth_rx_queue_setup(port, q, ring, 0, NULL, f->pool);
	for (uint16_t q = 0; q < queues && !err; q++)
		err = rte_eth_tx_queue_setup(port, q, ring, 0, NULL);
	return err ? err : rte_eth_dev_start(port);
}

/*
 * Is it the form that was asked for? The driver does not tell, but its vector form gives nothing
 * to a call for one packet, since it takes four descriptors at a time.
 */
static int check_form(struct rig *rig, int form)
{
	unsigned one;

	rig_device(rig, WARM, 4);
	one = rig->subject->forward(rig->queue[0], 1);
	rig_settle(rig, 0);
	if (one == (form == SCALAR))
		return 0;
	fprintf(stderr, "bench: DPDK chose another form than %s\n", rig->subject->name);
	return -EIO;
}

/* Traffic until the link is up and the tails are plain memory: see fakepci.h. */
static int warm_up(struct rig *rig, struct form *f)
{
	unsigned devices = rig->setup.echo ? 1 : 2, open = 0;

	for (unsigned i = 0; i < 200 && open < devices; i++) {
		open = 0;
		for (unsigned k = 0; k < devices; k++) {
			for (unsigned n = 0; n < 20; n++)
				fakepci_pump(f->device[k]);
			open += fakepci_tails_open(f->device[k]) != 0;
		}
		rig_device(rig, WARM, 32);
		for (unsigned q = 0; q < rig->setup.queues; q++)
			rig->subject->forward(rig->queue[q], 32);
		usleep(1000);
	}
	rig_settle(rig, 0); /* what was refused without a link is no fault */
	return open == devices ? 0 : -ETIMEDOUT;
}

void dpdk_close(struct rig *rig)
{
	struct form *f = rig->driver;

	rte_eth_dev_stop(f->port[0]);
	if (!rig->setup.echo)
		rte_eth_dev_stop(f->port[1]);
	rte_mempool_free(f->pool);
	f->pool = NULL;
	f->cable = NULL;
}

int dpdk_open(struct rig *rig)
{
	int form = form_of(rig->subject), err = start_eal();
	struct form *f = &forms[form];
	unsigned devices = rig->setup.echo ? 1 : 2;
	/* A mempool wants 2^n - 1 for the least memory, and a ring's share for each queue. */
	unsigned mbufs = rig->setup.ring * rig->setup.queues * 4 - 1;

	if (err)
		return err;
	rig->driver = f;
	f->cable = &rig->cable;
	f->pool = rte_pktmbuf_pool_create(rig->subject->name, mbufs < 4095 ? 4095 : mbufs, 256, 0,
					  2048 + RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY);
	if (!f->pool)
		return -ENOMEM;
	rte_vect_set_max_simd_bitwidth(form == VECTOR ? RTE_VECT_SIMD_256 : RTE_VECT_SIMD_DISABLED);
	for (unsigned k = 0; k < devices && !err; k++) {
		struct inproc *p = inproc_of(fakepci_dev(f->device[k]));

		err = start_port(rig, f, k);
		*(k ? &rig->out : &rig->in) = (struct port) { p->class, p->model, &p->host };
	}
	if (rig->setup.echo)
		rig->out = rig->in;
	for (unsigned q = 0; q < rig->setup.queues; q++) {
		f->queue[q] = (struct dpdk_queue) { f->port[0], f->port[devices - 1], (uint16_t)q };
		rig->queue[q] = &f->queue[q];
	}
	if (!err)
		err = warm_up(rig, f);
	if (!err && rig->setup.queues == 1)
		err = check_form(rig, form);
	if (err)
		dpdk_close(rig);
	return err;
}

void dpdk_thread(int begin)
{
	/* Without an lcore id a thread has no mempool cache. */
	if (begin)
		rte_thread_register();
	else
		rte_thread_unregister();
}

/* ---- the packet path ---- */

static inline __attribute__((always_inline)) unsigned loop(void *queue, unsigned n, int touch)
{
	const struct dpdk_queue *q = queue;
	struct rte_mbuf *mbufs[RIG_BURST];
	uint16_t got = rte_eth_rx_burst(q->in, q->queue, mbufs, (uint16_t)n), sent;

	if (!got)
		return 0;
	for (unsigned i = 0; touch && i < got; i++)
		swap_addresses(rte_pktmbuf_mtod(mbufs[i], void *));
	sent = rte_eth_tx_burst(q->out, q->queue, mbufs, got);
	for (; __builtin_expect(sent < got, 0); sent++)
		rte_pktmbuf_free(mbufs[sent]);
	return got;
}

unsigned dpdk_forward(void *queue, unsigned n)
{
	return loop(queue, n, 0);
}
unsigned dpdk_touch(void *queue, unsigned n)
{
	return loop(queue, n, 1);
}
