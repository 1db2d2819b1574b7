/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bugs planted into the e1000 driver, on the model of the 82540EM; mutant.h tells how.
 */
#include "regs/e1000.h"
#include "regs/e1000_desc.h"

#define MUTANT_MODEL "82540em"
#include "mutant.h"
#include "mutants_e1000.h"

static int padding_left_to_hardware(uint32_t off, uint32_t *v)
{
	if (off == TDT && *v)
		tx_low(*v - 1, TXD_LENGTH, 40);
	return 1;
}

static int packet_memory_not_in_eights(uint32_t off, uint32_t *v)
{
	if (off == PBA)
		*v = 44;
	return 1;
}

static const struct mutant mutants[] = {
	COMMON_MUTANTS,
	M(padding_left_to_hardware, "tx-short"),
	M(packet_memory_not_in_eights, "pba-size"),
};

int main(void)
{
	return run_mutants(mutants, ARRAY_SIZE(mutants));
}
