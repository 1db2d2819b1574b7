/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A table of addresses, hashed, in a program that is its own child's image.
 */
#include "bench/profile.h"

#include <string.h>

#define SLOTS (1u << 16) /* far more than a packet path has instructions */

extern const char __executable_start, etext; /* of the linker */

static struct {
	uint64_t address, count;
} table[SLOTS];
static uint64_t outside;

void profile_clear(void)
{
	memset(table, 0, sizeof(table));
	outside = 0;
}

void profile_add(uint64_t address)
{
	uint64_t slot = address * 0x9e3779b97f4a7c15 >> 48;

	if (address < (uintptr_t)&__executable_start || address >= (uintptr_t)&etext) {
		outside++;
		return;
	}
	for (unsigned tries = 0; tries < SLOTS; tries++, slot = (slot + 1) % SLOTS)
		if (!table[slot].address || table[slot].address == address) {
			table[slot].address = address;
			table[slot].count++;
			return;
		}
}

void profile_write(FILE *to, double packets)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (table[i].address)
			fprintf(to, "%.5f 0x%llx\n", (double)table[i].count / packets,
				(unsigned long long)(table[i].address -
						     (uintptr_t)&__executable_start));
	if (outside)
		fprintf(to, "%.5f 0x0\n", (double)outside / packets);
}
