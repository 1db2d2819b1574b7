/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The forms of nicety/inline.h's loops as functions, once as this processor has them, once in plain
 * C (rings_plain.c).
 */
#ifndef TESTS_RINGS_FORMS_H
#define TESTS_RINGS_FORMS_H

#include <nicety/inline.h>

struct form {
	const char *name;
	uint32_t (*run)(struct nic_rings *r, uint32_t n, nic_path_handler handle, void *arg);
	uint32_t (*rx)(struct nic_rings *r, struct nic_slot *slots, uint32_t n);
	void (*tx)(struct nic_rings *r, const struct nic_slot *slots);
};

#define FORM(name, split)                                                                    \
	static uint32_t run_##name(struct nic_rings *r, uint32_t n, nic_path_handler handle, \
				   void *arg)                                                \
	{                                                                                    \
		return nic_rings_run(r, n, handle, arg, split);                              \
	}                                                                                    \
	static uint32_t rx_##name(struct nic_rings *r, struct nic_slot *slots, uint32_t n)   \
	{                                                                                    \
		uint64_t word = 0;                                                           \
		uint32_t there = nic_rings_there(r, n, &word, split);                        \
                                                                                             \
		if (!there)                                                                  \
			r->seen = r->next;                                                   \
		else if (there > 1 || !nic_rings_rx_one(r, slots, word, split))              \
			return nic_rings_rx_many(r, slots, nic_rings_owned(r, n), split);    \
		return there;                                                                \
	}                                                                                    \
	static void tx_##name(struct nic_rings *r, const struct nic_slot *slots)             \
	{                                                                                    \
		uint32_t seen = r->seen - r->next;                                           \
                                                                                             \
		if (seen > 1 || r->outs > 1 || (seen && !nic_rings_tx_one(r, slots, split))) \
			nic_rings_tx_many(r, slots, split);                                  \
		else                                                                         \
			nic_rings_reclaim(r, 1);                                             \
	}

extern const struct form plain_shared, plain_split;

#endif
