/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Opening devices by URI, and everything about them that is not the packet path. The only file
 * that knows every module: the tables below are where a new bus backend or driver is entered.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "bus/bus.h"
#include "drivers/driver.h"
#include "isa.h"
#include "pump.h"
#include "regs/lookup.h"

static const struct bus *const buses[] = { &bus_model, &bus_vfio_user, &bus_pci, &bus_qtest };
static const struct driver *const drivers[] = { &driver_ixgbe, &driver_igb, &driver_e1000,
						&driver_e1000e };

/* ---- configuration ---- */

static int check_ring(const char *what, unsigned size)
{
	if (size >= 64 && size <= 4096 && !(size & (size - 1)))
		return 0;
	log_error("%s ring of %u descriptors: want a power of two from 64 to 4096", what, size);
	return -EINVAL;
}

static int check_queues(const char *what, unsigned n, unsigned most)
{
	if (n <= most)
		return 0;
	log_error("%u %s queues: at most %u are possible", n, what, most);
	return -EINVAL;
}

static int resolve_config(struct nic *nic, const struct nic_config *cfg)
{
	struct nic_config *c = &nic->cfg;

	if (cfg)
		*c = *cfg;
	c->rx_queues = c->rx_queues ? c->rx_queues : 1;
	c->tx_queues = c->tx_queues ? c->tx_queues : 1;
	c->rx_ring = c->rx_ring ? c->rx_ring : 512;
	c->tx_ring = c->tx_ring ? c->tx_ring : 512;
	c->mtu = c->mtu ? c->mtu : 1500;
	c->link_wait_ms = c->link_wait_ms ? c->link_wait_ms : 2000;
	c->buffers = c->buffers ? c->buffers : c->rx_ring + c->tx_ring + 512;
	if (check_ring("RX", c->rx_ring) || check_ring("TX", c->tx_ring) ||
	    check_queues("RX", c->rx_queues, nic->driver->max_queues) ||
	    check_queues("TX", c->tx_queues, nic->driver->max_queues))
		return -EINVAL;
	if (c->loopback && !(nic->driver->loops && nic->driver->loops(nic->id))) {
		log_error("%s: no loopback inside this chip; use a loop plug, or two ports and a "
			  "cable",
			  nic->id->chip);
		return -ENOTSUP;
	}
	if (c->mtu < 68 || c->mtu > nic->driver->max_mtu) {
		log_error("MTU %u: %s takes 68 to %u", c->mtu, nic->driver->name,
			  nic->driver->max_mtu);
		return -EINVAL;
	}
	return 0;
}

static int make_pools(struct nic *nic)
{
	int err = 0;

	for (unsigned i = 0; i < nic->cfg.rx_queues && !err; i++) {
		nic->pools[i] = nic->cfg.pool;
		if (!nic->pools[i])
			err = nic_pool_new(&nic->pools[i], nic->mem, nic->cfg.buffers, 2048);
	}
	return err;
}

static void del_pools(struct nic *nic)
{
	for (unsigned i = 0; i < nic->cfg.rx_queues && !nic->cfg.pool; i++)
		nic_pool_del(nic->pools[i]);
}

static int make_irqs(struct nic *nic)
{
	for (unsigned i = 0; i < nic->cfg.rx_queues && nic->cfg.interrupts; i++) {
		nic->irq_fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (nic->irq_fds[i] < 0) {
			int err = -errno;

			log_error("%s: no eventfd: %s", nic->name, strerror(errno));
			return err;
		}
	}
	return 0;
}

static void del_irqs(struct nic *nic)
{
	for (unsigned i = 0; i < MAX_QUEUES; i++)
		if (nic->irq_fds[i] >= 0)
			close(nic->irq_fds[i]);
}

/* ---- open and close ---- */

/* The device behind a URI, through its bus backend; "trace+" wraps it. */
static int open_bus(struct pci_dev **out, const char *uri, const char *name)
{
	const char *rest = strncmp(uri, "trace+", 6) ? uri : uri + 6;
	struct pci_dev *pci = NULL, *traced;
	int err = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(buses) && !pci; i++) {
		size_t n = strlen(buses[i]->scheme);

		if (strncmp(rest, buses[i]->scheme, n) || rest[n] != ':')
			continue;
		err = buses[i]->open(&pci, rest + n + 1, name);
		if (err)
			return err;
	}
	if (!pci && bus_is_address(rest)) {
		err = bus_pci.open(&pci, rest, name);
		if (err)
			return err;
	}
	if (!pci) {
		log_error("'%s' names no device; try model:82599?wire=tap:tap0 or pci:0000:03:00.0 "
			  "(see nicety-uri(7))",
			  uri);
		return err;
	}
	if (rest != uri) {
		traced = trace_wrap(pci);
		if (!traced) {
			pci->ops->close(pci);
			return -ENOMEM;
		}
		pci = traced;
	}
	*out = pci;
	return 0;
}

int nic_wants_physical(const char *uri)
{
	const char *rest = strncmp(uri, "trace+", 6) ? uri : uri + 6;

	if (!strncmp(rest, "pci:", 4))
		rest += 4;
	else if (!bus_is_address(rest))
		return 0;
	return bus_is_physical(rest);
}

static const struct driver *find_id(uint16_t vendor, uint16_t device, const struct driver_id **id)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		for (*id = drivers[i]->ids; (*id)->vendor; (*id)++)
			if ((*id)->vendor == vendor && (*id)->device == device)
				return drivers[i];
	return NULL;
}

int nic_supported(uint16_t vendor, uint16_t device, const char **driver, const char **chip)
{
	const struct driver_id *id;
	const struct driver *found = find_id(vendor, device, &id);

	if (!found)
		return 0;
	if (driver)
		*driver = found->name;
	if (chip)
		*chip = id->chip;
	return 1;
}

static const struct driver *find_driver(const struct pci_dev *pci, const struct driver_id **id)
{
	const struct driver *driver = find_id(pci->vendor, pci->device, id);

	if (!driver)
		log_error("%s: no driver for PCI id %04x:%04x", pci->name, pci->vendor,
			  pci->device);
	return driver;
}

/* As long as the configuration says; a link that stays down is no error. */
static void wait_link(struct nic *nic)
{
	int left = nic->cfg.link_wait_ms;
	int speed = nic->driver->link(nic);

	for (; left > 0 && !speed; left -= 10) {
		nic->pci->ops->delay(nic->pci, 10000);
		speed = nic->driver->link(nic);
	}
	if (!speed && nic->cfg.link_wait_ms > 0)
		log_warn("%s: the link is still down (copper needs some seconds); is the cable in, "
			 "the other side up?",
			 nic->name);
}

/* Everything between an open bus and a running device. */
static int start(struct nic *nic, const struct nic_config *cfg, const struct driver_id *id)
{
	int err = resolve_config(nic, cfg);

	if (!err)
		err = isa_pick(&nic->isa);
	if (err)
		return err;
	err = make_pools(nic);
	if (err)
		goto pools;
	err = make_irqs(nic);
	if (err)
		goto irqs;
	err = mem_attach(nic->mem, nic->pci);
	if (err)
		goto irqs;
	nic->pci->regs = nic->driver->regs;
	err = nic->driver->open(nic, id);
	/* A device that goes away while it is opened makes all kinds of things fail. */
	if (err && err != -ENODEV && nic->driver->link(nic) == -ENODEV) {
		log_error("%s: the device is gone (its registers read all ones)", nic->name);
		err = -ENODEV;
	}
	if (err)
		goto detach;
	wait_link(nic);
	err = pump_wrap(nic);
	if (!err)
		return 0;
	nic->driver->close(nic);
detach:
	mem_detach(nic->mem, nic->pci);
irqs:
	del_irqs(nic);
pools:
	del_pools(nic);
	return err;
}

int nic_open_pci(struct nic **out, struct nic_mem *mem, struct pci_dev *pci, char *name,
		 const struct nic_config *cfg)
{
	const struct driver_id *id;
	const struct driver *driver = find_driver(pci, &id);
	struct nic *nic = driver ? calloc(1, driver->size) : NULL;
	int err = driver ? -ENOMEM : -ENODEV;

	if (!nic)
		goto close_bus;
	nic->driver = driver;
	nic->pci = pci;
	nic->mem = mem;
	nic->id = id;
	nic->name = name;
	memset(nic->irq_fds, 0xff, sizeof(nic->irq_fds));
	err = start(nic, cfg, id);
	if (err)
		goto free_nic;
	*out = nic;
	return 0;

free_nic:
	free(nic);
close_bus:
	pci->ops->close(pci);
	free(name);
	return err;
}

int nic_open(struct nic **out, struct nic_mem *mem, const char *uri, const struct nic_config *cfg)
{
	struct pci_dev *pci = NULL;
	char *name;
	int err;

	if (!mem || !uri) {
		log_error("nic_open needs a nic_mem and a URI");
		return -EINVAL;
	}
	name = strdup(uri); /* lives as long as the bus device */
	if (!name)
		return -ENOMEM;
	err = open_bus(&pci, uri, name);
	if (err) {
		free(name);
		return err;
	}
	return nic_open_pci(out, mem, pci, name, cfg);
}

void nic_close(struct nic *nic)
{
	if (!nic)
		return;
	pump_unwrap(nic);
	nic->driver->close(nic);
	mem_detach(nic->mem, nic->pci);
	nic->pci->ops->close(nic->pci);
	del_irqs(nic);
	del_pools(nic);
	free(nic->name);
	free(nic);
}

/* ---- questions and settings ---- */

void nic_get_info(struct nic *nic, struct nic_info *info)
{
	int link = nic->driver->link(nic);

	memset(info, 0, sizeof(*info));
	snprintf(info->uri, sizeof(info->uri), "%s", nic->name);
	snprintf(info->driver, sizeof(info->driver), "%s", nic->driver->name);
	snprintf(info->chip, sizeof(info->chip), "%s", nic->id->chip);
	info->vendor = nic->pci->vendor;
	info->device = nic->pci->device;
	memcpy(info->mac, nic->mac, sizeof(info->mac));
	info->rx_queues = nic->cfg.rx_queues;
	info->tx_queues = nic->cfg.tx_queues;
	info->rx_ring = nic->cfg.rx_ring;
	info->tx_ring = nic->cfg.tx_ring;
	info->mtu = nic->cfg.mtu;
	info->link_mbps = link > 0 ? (unsigned)link : 0;
	info->offloads = nic->driver->tx_offloads;
	info->rx_types = nic->driver->rx_types;
	info->max_queues = nic->driver->max_queues;
	info->max_mtu = nic->driver->max_mtu;
}

int nic_link(struct nic *nic)
{
	return nic->driver->link(nic);
}

int nic_set_promisc(struct nic *nic, int on)
{
	return nic->driver->set_promisc(nic, on);
}

int nic_set_mac(struct nic *nic, const uint8_t mac[6])
{
	static const uint8_t zero[6];

	if (mac[0] & 1 || !memcmp(mac, zero, 6)) {
		log_error("%s: a device address must be unicast and not zero", nic->name);
		return -EINVAL;
	}
	return nic->driver->set_mac(nic, mac);
}

int nic_add_multicast(struct nic *nic, const uint8_t mac[6])
{
	if (!(mac[0] & 1)) {
		log_error("%s: not a multicast address", nic->name);
		return -EINVAL;
	}
	return nic->driver->add_multicast(nic, mac);
}

int nic_filter_vlan(struct nic *nic, int vid)
{
	if (vid < -1 || vid > 4094) {
		log_error("%s: VLAN %d: want 0 to 4094, or -1 for all", nic->name, vid);
		return -EINVAL;
	}
	return nic->driver->filter_vlan(nic, vid);
}

int nic_get_stats(struct nic *nic, struct nic_stats *stats)
{
	return nic->driver->stats(nic, stats);
}

int nic_counter(struct nic *nic, unsigned i, const char **name, uint64_t *value)
{
	static const char *const names[] = {
		"rx_packets", "rx_bytes", "tx_packets",  "tx_bytes",     "rx_missed", "rx_crc",
		"rx_length",  "rx_bad",   "rx_too_long", "rx_no_buffer", "tx_bad",
	};
	const unsigned n_names = (unsigned)ARRAY_SIZE(names);
	struct nic_stats stats;
	int err;

	_Static_assert(sizeof(stats) == sizeof(names) / sizeof(names[0]) * sizeof(uint64_t),
		       "a name for every counter of struct nic_stats");
	if (i >= n_names && !nic->pci->ops->counter)
		return -ENOENT;
	if (i >= n_names)
		return nic->pci->ops->counter(nic->pci, i - n_names, name, value);
	err = nic_get_stats(nic, &stats);
	if (err)
		return err;
	*name = names[i];
	memcpy(value, (char *)&stats + i * sizeof(*value), sizeof(*value));
	return 0;
}

int nic_ended(struct nic *nic)
{
	return nic->pci->ops->ended ? nic->pci->ops->ended(nic->pci) : 0;
}

uint64_t nic_model_ticks(struct nic *nic)
{
	return nic->pci->ops->ticks ? nic->pci->ops->ticks(nic->pci) : 0;
}

uint64_t nic_violations(struct nic *nic)
{
	return nic->pci->ops->violations ? nic->pci->ops->violations(nic->pci) : 0;
}

int nic_reg(struct nic *nic, unsigned i, int read_clearing, struct nic_reg *out)
{
	const struct reg_table *table = nic->driver->regs;
	const struct reg_row *row = table->rows;
	const struct reg_row *end = table->rows + table->n_rows;

	for (; row < end && (row->kind == REG_ALIAS || i >= row->count); row++)
		if (row->kind != REG_ALIAS)
			i -= row->count;
	if (row == end)
		return -ENOENT;
	*out = (struct nic_reg) { .name = row->name,
				  .index = row->first + i,
				  .count = row->count,
				  .offset = row->offset + i * row->stride,
				  .clears_on_read = row->access == REG_RC,
				  .section = row->section,
				  .title = row->title };
	out->was_read = row->access != REG_WO && (!out->clears_on_read || read_clearing);
	if (!out->was_read)
		return 0;
	out->value = bar_read(nic->pci, out->offset);
	reg_format(table, out->offset, out->value, out->text, sizeof(out->text));
	return 0;
}

/* ---- queues ---- */

struct nic_rxq *nic_rxq(struct nic *nic, unsigned i)
{
	return i < nic->cfg.rx_queues ? nic->rxq[i] : NULL;
}

struct nic_txq *nic_txq(struct nic *nic, unsigned i)
{
	return i < nic->cfg.tx_queues ? nic->txq[i] : NULL;
}

int nic_rx_fd(struct nic *nic, unsigned i)
{
	return i < nic->cfg.rx_queues && nic->cfg.interrupts ? nic->irq_fds[i] : -ENOTSUP;
}

int nic_rx_arm(struct nic *nic, unsigned i)
{
	uint64_t count;
	int n;

	if (nic_rx_fd(nic, i) < 0)
		return -ENOTSUP;
	/* Forget interrupts of packets that were polled already. */
	if (read(nic->irq_fds[i], &count, sizeof(count)) < 0 && errno != EAGAIN)
		return -errno;
	n = nic->driver->rx_arm(nic, i);
	/* An INTx line is masked since it fired; the driver has cleared the cause by now. */
	if (n >= 0 && nic->pci->ops->irq_unmask)
		nic->pci->ops->irq_unmask(nic->pci);
	return n;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int nic_rx_wait(struct nic *nic, unsigned i, int timeout_ms)
{
	int64_t end = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;

	for (;;) {
		struct pollfd pfd = { .events = POLLIN };
		int64_t left = end - now_ms();
		/* A device that goes away does not interrupt: look once a second. */
		int ms = left > 1000 ? 1000 : left > 0 ? (int)left : 0;
		int n = nic_rx_arm(nic, i);

		if (n)
			return n;
		if (left <= 0)
			return 0;
		pfd.fd = nic->irq_fds[i];
		if (nic->pci->ops->pump_wait) {
			nic->pci->ops->pump_wait(nic->pci, pfd.fd, ms);
			continue;
		}
		n = poll(&pfd, 1, ms);
		if (n < 0)
			return -errno;
	}
}

/* ---- in-place paths ---- */

int nic_path_new(struct nic_path **out, struct nic *in, struct nic *const *outs, unsigned n_outs,
		 unsigned q)
{
	const struct driver *driver = in->driver;
	struct nic_path *path, *wrapped;
	int err;

	for (unsigned i = 0; i < n_outs; i++)
		if (outs[i]->driver != driver || outs[i]->mem != in->mem ||
		    q >= outs[i]->cfg.tx_queues) {
			log_error(
				"%s: a path needs outputs of the same driver, on the same nic_mem, "
				"that have queue %u",
				outs[i]->name, q);
			return -EINVAL;
		}
	for (unsigned i = 1; i < n_outs; i++)
		for (unsigned k = 0; k < i; k++)
			if (outs[i] == outs[k]) {
				log_error("%s: stands twice among a path's outputs", outs[i]->name);
				return -EINVAL;
			}
	if (!n_outs || q >= in->cfg.rx_queues) {
		log_error("%s: a path needs RX queue %u and an output", in->name, q);
		return -EINVAL;
	}
	if (!driver->path_new)
		return -ENOTSUP;
	err = driver->path_new(&path, in, outs, n_outs, q);
	if (err)
		return err;
	wrapped = pump_wrap_path(path, in, outs, n_outs);
	if (!wrapped) {
		driver->path_del(path);
		return -ENOMEM;
	}
	wrapped->driver = driver;
	*out = wrapped;
	return 0;
}

void nic_path_del(struct nic_path *path)
{
	const struct driver *driver;

	if (!path)
		return;
	driver = path->driver;
	driver->path_del(pump_unwrap_path(path));
}
