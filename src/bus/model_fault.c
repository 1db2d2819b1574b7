/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Parsing faults.
 */
#include "bus/model_fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/errno.h"
#include "base/log.h"

#define SECOND 1000000000.0 /* ns */

static const struct kind {
	const char *name, *param; /* as in: want NAME:PARAM */
	const char *def;
} kinds[] = {
	[FAULT_LINK_FLAP] = { "link-flap", "TIME (a period; the link is down for half of it)",
			      "1s" },
	[FAULT_DMA_ERROR] = { "dma-error", "N (every N-th access to memory fails)", "1000" },
	[FAULT_STUCK_QUEUE] = { "stuck-queue", "txN or rxN (its doorbell is not seen)", "tx0" },
	[FAULT_REMOVE] = { "remove", NULL, NULL },
	[FAULT_IRQ_STORM] = { "irq-storm", "RATE (interrupts a second on every vector)", "100k" },
};

/* A number with one of @units behind it, scaled. 0 or -1. */
static int parse_scaled(const char *text, const char *const *units, const double *factors,
			double *value)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || strspn(text, "0123456789.") != (size_t)(end - text))
		return -1;
	for (int i = 0; units[i]; i++)
		if (!strcmp(end, units[i])) {
			*value = v * factors[i];
			return 0;
		}
	return -1;
}

static int parse_time(const char *text, uint64_t *ns)
{
	static const char *const units[] = { "", "s", "ms", "us", "m", NULL };
	static const double factors[] = { 1, 1, 1e-3, 1e-6, 60 };
	double seconds;

	if (parse_scaled(text, units, factors, &seconds) || seconds > 1e6)
		return -1;
	*ns = (uint64_t)(seconds * SECOND);
	return 0;
}

static int parse_number(const char *text, double *n)
{
	static const char *const units[] = { "", "k", "M", NULL };
	static const double factors[] = { 1, 1e3, 1e6 };

	return parse_scaled(text, units, factors, n) || *n < 1 || *n > 1e9 ? -1 : 0;
}

/* The tail register of "tx0" or "rx3", found by its name in the chip's table. */
static int parse_queue(const struct model_class *class, const char *text, uint32_t *tail)
{
	const char *name = !strncmp(text, "tx", 2) ? "TDT" : "RDT";
	unsigned long q;
	char *end;

	if (strncmp(text, "tx", 2) && strncmp(text, "rx", 2))
		return -1;
	q = strtoul(text + 2, &end, 10);
	if (text[2] < '0' || text[2] > '9' || *end)
		return -1;
	for (unsigned i = 0; i < class->regs->n_rows; i++) {
		const struct reg_row *r = &class->regs->rows[i];

		if (r->kind == REG_ALIAS || strcmp(r->name, name) || q < r->first ||
		    q - r->first >= r->count)
			continue;
		*tail = r->offset + (uint32_t)(q - r->first) * r->stride;
		return class->is_doorbell(*tail) ? 0 : -1;
	}
	return -1;
}

static int parse_param(struct fault *f, const struct model_class *class, const char *text)
{
	double n;

	switch (f->kind) {
	case FAULT_LINK_FLAP:
		return parse_time(text, &f->period_ns) || f->period_ns < 1000 ? -1 : 0;
	case FAULT_DMA_ERROR:
		if (parse_number(text, &n))
			return -1;
		f->nth = (uint64_t)n;
		return 0;
	case FAULT_STUCK_QUEUE:
		return parse_queue(class, text, &f->tail);
	case FAULT_IRQ_STORM:
		if (parse_number(text, &n))
			return -1;
		f->period_ns = (uint64_t)(SECOND / n);
		return 0;
	case FAULT_REMOVE:
		break;
	}
	return *text ? -1 : 0;
}

static int parse_one(struct model_faults *faults, char *text)
{
	struct fault *f = &faults->list[faults->n];
	char *at = strchr(text, '@'), *param;
	size_t k = 0;

	if (faults->n == MAX_FAULTS) {
		log_error("more than %u faults", MAX_FAULTS);
		return -EINVAL;
	}
	if (at)
		*at++ = 0;
	param = strchr(text, ':');
	if (param)
		*param++ = 0;
	while (k < ARRAY_SIZE(kinds) && strcmp(kinds[k].name, text))
		k++;
	if (k == ARRAY_SIZE(kinds)) {
		log_error("there is no fault '%s'; there are: link-flap, dma-error, stuck-queue, "
			  "remove, irq-storm",
			  text);
		return -EINVAL;
	}
	*f = (struct fault) { .kind = (enum fault_kind)k };
	if (at && parse_time(at, &f->after_ns)) {
		log_error("fault %s@%s: want @TIME, when it begins, like @500ms", text, at);
		return -EINVAL;
	}
	if (parse_param(f, faults->inner, param ? param : kinds[k].def ? kinds[k].def : "")) {
		log_error("fault %s:%s: want %s%s%s", text, param ? param : "", kinds[k].name,
			  kinds[k].param ? ":" : " without parameter",
			  kinds[k].param ? kinds[k].param : "");
		return -EINVAL;
	}
	faults->n++;
	return 0;
}

int model_fault_parse(struct model_faults *faults, char *text)
{
	char *next;

	for (; text; text = next) {
		int err;

		next = strchr(text, ',');
		if (next)
			*next++ = 0;
		err = parse_one(faults, text);
		if (err)
			return err;
	}
	return 0;
}
