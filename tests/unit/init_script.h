/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A driver opened and closed on a scripted device, and questions about what it wrote.
 */
#ifndef TESTS_INIT_SCRIPT_H
#define TESTS_INIT_SCRIPT_H

#include "fake_pci.h"

/* Reserved anew for each of thousands of openings, which an emulated process would feel. */
static const struct nic_mem_config little = { .limit = 256 << 20 };

/* Open, and close if that worked. Nothing may stay behind. */
static int try_open(const struct nic_config *cfg)
{
	struct nic_mem *mem;
	struct nic *nic;
	int err;

	assert_int_equal(nic_mem_new(&mem, &little), 0);
	err = nic_open_pci(&nic, mem, &fake->dev, strdup("fake"), cfg);
	if (!err)
		nic_close(nic);
	assert_int_equal(fake->closed, 1);
	assert_int_equal(fake->mapped, 0);
	assert_int_equal(fake->config[4] & PCI_COMMAND_MASTER, 0);
	nic_mem_del(mem);
	return err;
}

/* Position of the nth write to a register, -1 if there is none. */
static int write_at(uint32_t off, unsigned nth)
{
	for (unsigned i = 0; i < fake->n_writes; i++)
		if (fake->writes[i].off == off && !nth--)
			return (int)i;
	return -1;
}

/* Position of the first write that sets a field. */
static int set_at(uint32_t off, unsigned field)
{
	for (unsigned i = 0; i < fake->n_writes; i++)
		if (fake->writes[i].off == off && fake->writes[i].value & field_mask(field))
			return (int)i;
	return -1;
}

#endif
