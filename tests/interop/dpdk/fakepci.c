/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A model as a function of DPDK's PCI bus: opening it, what is known of it, closing.
 */
#include "fakepci.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "bus.h"
#include "json.h"
#include "regs/lookup.h"

#define FIRST_BUS 0x5e

struct fakepci *fakepci_all;

/* ---- broken rules ---- */

/* The machine's own function logs only the first ones. Called under its lock. */
static void violation(struct model_host *host, const char *rule, const char *section,
		      const char *text)
{
	struct fakepci *f = fakepci_all;
	struct rule *r;

	while (f && &f->machine->host != host)
		f = f->next;
	if (!f)
		return;
	__atomic_fetch_add(&f->machine->violations, 1, __ATOMIC_RELAXED);
	for (r = f->rules; r < f->rules + f->n_rules; r++)
		if (!strcmp(r->name, rule)) {
			r->count++;
			return;
		}
	log_warn("%s: %s: %s (%s)", f->name, rule, text, section);
	if (f->n_rules < RULES) {
		*r = (struct rule) { rule, section, text, 1 };
		f->n_rules++;
	}
}

static void report_rules(struct fakepci *f, struct json *j)
{
	json_open(j, "rules", '[');
	inproc_enter(f->machine);
	for (struct rule *r = f->rules; r < f->rules + f->n_rules; r++) {
		json_open(j, NULL, '{');
		json_text(j, "rule", r->name);
		json_text(j, "section", r->section);
		json_text(j, "text", r->text);
		json_count(j, "count", r->count);
		json_close(j, '}');
	}
	inproc_leave(f->machine);
	json_close(j, ']');
}

/* ---- report ---- */

static void report_registers(struct fakepci *f, struct json *j)
{
	const struct reg_table *table = f->machine->class->regs;

	json_open(j, "registers", '[');
	for (unsigned i = 0; i < table->n_rows; i++) {
		const struct reg_row *row = &table->rows[i];
		int used = 0;

		for (unsigned k = 0; k < row->count; k++)
			used |= f->window.used[(row->offset + k * row->stride) / 4];
		if (used)
			json_text(j, NULL, row->name);
	}
	json_close(j, ']');
}

/* Registers that the table does not have, as ranges: "0x0ee00-0x0ee10". */
static void report_others(struct fakepci *f, struct json *j)
{
	const struct reg_table *table = f->machine->class->regs;
	uint32_t index, first = 0, next = 0;
	char text[32];

	json_open(j, "others", '[');
	for (uint32_t off = 0; off <= f->window.size; off += 4) {
		int other = off < f->window.size && f->window.used[off / 4] &&
			    !reg_find(table, off, &index);

		if (other && off != next)
			first = off;
		if (!other && off == next && off) {
			snprintf(text, sizeof(text), off - first > 4 ? "0x%05x-0x%05x" : "0x%05x",
				 first, off - 4);
			json_text(j, NULL, text);
		}
		if (other)
			next = off + 4;
	}
	json_close(j, ']');
}

void fakepci_report(struct fakepci *f, FILE *to)
{
	struct json j = { .to = to };
	const char *name;
	uint64_t value;

	json_open(&j, NULL, '{');
	json_text(&j, "name", f->name);
	json_text(&j, "model", f->machine->class->name);
	json_count(&j, "traps", fakepci_traps(f));
	json_count(&j, "opened", __atomic_load_n(&f->window.opened, __ATOMIC_RELAXED));
	json_count(&j, "missed", __atomic_load_n(&f->window.missed, __ATOMIC_RELAXED));
	json_open(&j, "counters", '{');
	for (unsigned i = 0; !f->dev->ops->counter(f->dev, i, &name, &value); i++)
		json_count(&j, name, value);
	json_close(&j, '}');
	report_rules(f, &j);
	report_registers(f, &j);
	report_others(f, &j);
	json_close(&j, '}');
	putc('\n', to);
}

/* ---- life ---- */

static int make_window(struct fakepci *f)
{
	struct inproc *p = f->machine;
	int err;

	f->window = (struct window) { .dev = f->dev,
				      .is_tail = p->class->is_doorbell,
				      .size = p->class->bar_size[0],
				      .follow_time = !p->threaded };
	err = window_new(&f->window);
	if (err)
		return err;
	inproc_enter(p);
	p->host.violation = violation;
	f->old_doorbells = p->host.doorbells;
	memcpy(f->window.tails, f->old_doorbells, f->window.size);
	p->host.doorbells = f->window.tails;
	inproc_leave(p);
	return 0;
}

static void close_window(struct fakepci *f)
{
	struct inproc *p = f->machine;

	inproc_enter(p);
	memcpy(f->old_doorbells, f->window.tails, f->window.size);
	p->host.doorbells = f->old_doorbells;
	inproc_leave(p);
	window_del(&f->window);
}

int fakepci_new(struct fakepci **out, const char *uri)
{
	struct fakepci *f = calloc(1, sizeof(*f)), *last = fakepci_all;
	int err;

	if (!f)
		return -ENOMEM;
	while (last && last->next)
		last = last->next;
	snprintf(f->name, sizeof(f->name), "0000:%02x:00.0",
		 last ? ((unsigned)strtoul(last->name + 5, NULL, 16) + 1) & 0xff : FIRST_BUS);
	f->irq_fd = -1;
	err = bus_model.open(&f->dev, uri, f->name);
	if (err)
		goto free_f;
	f->machine = inproc_of(f->dev);
	err = make_window(f);
	if (err)
		goto close_dev;
	err = sysfs_add(f);
	if (err)
		goto close_window;
	err = hook_drivers(f);
	if (err)
		goto del_sysfs;
	*(last ? &last->next : &fakepci_all) = f;
	*out = f;
	return 0;

del_sysfs:
	sysfs_del(f);
close_window:
	close_window(f);
close_dev:
	f->dev->ops->close(f->dev);
free_f:
	free(f);
	return err;
}

void fakepci_del(struct fakepci *f)
{
	struct fakepci **at = &fakepci_all;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	if (!fakepci_all)
		unhook_drivers();
	sysfs_del(f);
	close_window(f);
	f->dev->ops->close(f->dev);
	if (f->irq_fd >= 0)
		close(f->irq_fd);
	free(f);
}

/* ---- asking ---- */

const char *fakepci_name(const struct fakepci *f)
{
	return f->name;
}

struct pci_dev *fakepci_dev(struct fakepci *f)
{
	return f->dev;
}

void fakepci_pump(struct fakepci *f)
{
	if (f->dev->ops->pump)
		f->dev->ops->pump(f->dev);
}

int fakepci_tails_open(const struct fakepci *f)
{
	return __atomic_load_n(&f->window.open, __ATOMIC_ACQUIRE);
}

uint64_t fakepci_traps(const struct fakepci *f)
{
	return __atomic_load_n(&f->window.traps, __ATOMIC_RELAXED);
}
