/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What Intel's chips do alike around a reset, and with statistics.
 */
#include "drivers/intel/chip.h"

#define RAH_VALID (1u << 31)

int intel_reset_failed(const struct nic *nic, int err)
{
	log_error("%s: %s", nic->name,
		  err == -ENODEV ? "the device is gone (its registers read all ones)"
				 : "the reset does not end; the device needs a power cycle");
	return err;
}

int intel_read_mac(struct nic *nic, uint32_t ral)
{
	uint64_t mac = bar_read(nic->pci, ral) | (uint64_t)bar_read(nic->pci, ral + 4) << 32;

	for (int i = 0; i < 6; i++)
		nic->mac[i] = (uint8_t)(mac >> 8 * i);
	if (mac & 1 || !(mac << 16)) {
		log_error("%s: the EEPROM holds no valid MAC address", nic->name);
		return -EIO;
	}
	return 0;
}

int intel_set_mac(struct nic *nic, uint32_t ral, const uint8_t mac[6])
{
	bar_write(nic->pci, ral,
		  (uint32_t)(mac[0] | mac[1] << 8 | mac[2] << 16) | (uint32_t)mac[3] << 24);
	bar_write(nic->pci, ral + 4, (uint32_t)(mac[4] | mac[5] << 8) | RAH_VALID);
	for (int i = 0; i < 6; i++)
		nic->mac[i] = mac[i];
	return bar_read(nic->pci, ral + 4) == UINT32_MAX ? -ENODEV : 0;
}

/* 82599 10.5.4, 82576 8.7: SW_FW_SYNC is read and written under the two SWSM bits, SMBI (0) and
 * SWESMBI (1). A semaphore that does not come was left by a program that was killed, and is taken
 * over. */
static int sync_begin(struct nic *nic, const struct intel_sync *s)
{
	int err = bar_wait(nic->pci, s->swsm, 1, 0, 100 * MS);

	bar_set(nic->pci, s->swsm, 2);
	return err == -ENODEV ? err : 0;
}

int intel_sync_lock(struct nic *nic, const struct intel_sync *s)
{
	for (int tries = 0; tries < 200; tries++) {
		int err = sync_begin(nic, s);
		uint32_t sync = bar_read(nic->pci, s->sw_fw_sync);

		if (!err && !(sync & s->theirs))
			bar_write(nic->pci, s->sw_fw_sync, sync | s->ours);
		bar_clear(nic->pci, s->swsm, 3);
		if (err || !(sync & s->theirs))
			return err; /* ours set already: left by a program that was killed */
		nic->pci->ops->delay(nic->pci, 5 * MS);
	}
	log_error("%s: the firmware does not release %s (SW_FW_SYNC)", nic->name, s->what);
	return -ETIMEDOUT;
}

void intel_sync_unlock(struct nic *nic, const struct intel_sync *s)
{
	sync_begin(nic, s);
	bar_clear(nic->pci, s->sw_fw_sync, s->ours);
	bar_clear(nic->pci, s->swsm, 3);
}

void intel_counters_read(struct pci_dev *pci, const struct intel_counter *c, size_t n,
			 struct nic_stats *total)
{
	for (; n; n--, c++) {
		uint64_t *into = (uint64_t *)(void *)((char *)total + c->into);
		uint32_t i = 0;

		do
			*into += bar_read(pci, c->reg + i * c->stride);
		while (++i < c->count);
		if (c->upper)
			*into += (uint64_t)(bar_read(pci, c->reg + 4) & c->upper) << 32;
	}
}
