/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a server tells about itself, its model and its wire.
 */
#include <string.h>

#include "base/errno.h"
#include "server/server.h"

int nic_server_connected(const struct nic_server *s)
{
	return s->connection.fd >= 0;
}

uint64_t nic_server_violations(const struct nic_server *s)
{
	return s->violations;
}

int nic_server_counter(struct nic_server *s, unsigned i, const char **name, uint64_t *value)
{
	const struct {
		const char *name;
		uint64_t value;
	} own[] = {
		{ "server_clients", s->clients },
		{ "server_messages", s->messages },
		{ "server_refused", s->refused },
		{ "server_interrupts", s->irqs },
		{ "server_dma_messages", s->dma_messages },
		{ "server_dma_refused", s->dma_refused },
		{ "model_violations", s->violations },
		{ "model_wire_lost", s->wire_lost },
	};
	unsigned n = 0;

	if (i < ARRAY_SIZE(own)) {
		*name = own[i].name;
		*value = own[i].value;
		return 0;
	}
	i -= (unsigned)ARRAY_SIZE(own);
	if (s->class->counter(s->model, i, name, value))
		return 0;
	while (s->class->counter(s->model, n, name, value))
		n++;
	return s->wire->ops->counter(s->wire, i - n, name, value) ? 0 : -ENOENT;
}

int nic_server_rule(const struct nic_server *s, unsigned i, const char **rule, const char **section,
		    uint64_t *count)
{
	if (i >= s->n_rules)
		return -ENOENT;
	*rule = s->rules[i].rule;
	*section = s->rules[i].section;
	*count = s->rules[i].count;
	return 0;
}

/* Was an element of the row used? */
static int row_used(const struct nic_server *s, const struct reg_row *row)
{
	for (uint32_t k = 0; k < row->count; k++) {
		uint32_t word = (row->offset + k * row->stride) / 4;

		if (word < REGISTERS && s->used[word / 32] >> word % 32 & 1)
			return 1;
	}
	return 0;
}

/* The same register at another place, or more of the array: one register. */
static int register_used(const struct nic_server *s, const char *name)
{
	const struct reg_table *t = s->class->regs;

	for (unsigned i = 0; i < t->n_rows; i++)
		if (!strcmp(t->rows[i].name, name) && row_used(s, &t->rows[i]))
			return 1;
	return 0;
}

int nic_server_register(const struct nic_server *s, unsigned i, const char **name)
{
	const struct reg_table *t = s->class->regs;

	for (const struct reg_row *row = t->rows; row < t->rows + t->n_rows; row++)
		if (row->kind == REG_PRIMARY && register_used(s, row->name) && !i--) {
			*name = row->name;
			return 0;
		}
	return -ENOENT;
}

void nic_server_get_status(struct nic_server *s, struct nic_server_status *status)
{
	struct model_status st = { 0 };

	if (s->class->status)
		s->class->status(s->model, &st);
	*status = (struct nic_server_status) {
		.chip = s->class->name,
		.socket = s->path,
		.connected = nic_server_connected(s),
		.cable = s->wire->ops->link(s->wire),
		.known = s->class->status != NULL,
		.link_mbps = st.link_mbps,
		.rx_queues = st.rx_queues,
		.tx_queues = st.tx_queues,
	};
}
