/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Rules about register writes, judged before the write takes effect. Rules about queues and
 * descriptors stand where these are handled. README.md lists all of them.
 */
#include "models/82599/82599.h"

static int was_written(const struct model *m, uint32_t off, uint32_t stride, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t word = (off + i * stride) / 4;

		if (!(m->written[word / 32] >> word % 32 & 1))
			return 0;
	}
	return 1;
}

/* 82599 4.6.7: what must have been set up before the receiver goes on. */
static void receiver_goes_on(struct model *m)
{
	uint32_t rdrxctl = get(m, RDRXCTL);

	if (field_get(rdrxctl, RDRXCTL_CRCSTRIP) != get_field(m, HLREG0, HLREG0_RXCRCSTRP))
		violate(m, "crc-strip-differs", "82599 8.2.3.8.8",
			"RDRXCTL.CRCSTRIP and HLREG0.RXCRCSTRP differ");
	if (field_get(rdrxctl, RDRXCTL_RSCFRSTSIZE))
		violate(m, "rdrxctl-rscfrstsize", "82599 8.2.3.8.8",
			"RDRXCTL.RSCFRSTSIZE must be written as 0");
	if (!field_get(rdrxctl, RDRXCTL_RSCACKC))
		violate(m, "rdrxctl-rscackc", "82599 8.2.3.8.8", "RDRXCTL.RSCACKC must be set");
	if (!field_get(rdrxctl, RDRXCTL_FCOE_WRFIX))
		violate(m, "rdrxctl-fcoe-wrfix", "82599 8.2.3.8.8",
			"RDRXCTL.FCOE_WRFIX must be set");
	if (!was_written(m, MTA, 4, MTA_count))
		violate(m, "mta-not-cleared", "82599 4.6.7", "the MTA was not initialised");
	if (!was_written(m, VFTA, 4, VFTA_count))
		violate(m, "vfta-not-cleared", "82599 4.6.7", "the VFTA was not initialised");
	if (!was_written(m, RAL + 8, 8, RAL_count - 1))
		violate(m, "rar-not-cleared", "82599 4.6.7",
			"receive addresses 1 to 127 were not initialised");
}

/* Settings that decide about frames under way must not change while frames are. */
static void must_be_off(struct model *m, uint32_t off, uint32_t value)
{
	if (!get_field(m, RXCTRL, RXCTRL_RXEN) || value == get(m, off))
		return;
	if (off == FCTRL)
		violate(m, "fctrl-while-rx", "82599 8.2.3.7.1",
			"FCTRL changed while RXCTRL.RXEN is set");
	else
		violate(m, "rxcsum-while-rx", "82599 8.2.3.7.5",
			"RXCSUM changed while RXCTRL.RXEN is set");
}

static void arbiter_must_be_off(struct model *m, uint32_t off, uint32_t value)
{
	if (!get_field(m, RTTDCS, RTTDCS_ARBDIS) && value != get(m, off))
		violate(m, "arbiter-on", off == MTQC ? "82599 8.2.3.9.15" : "82599 4.6.11.3.4",
			off == MTQC ? "MTQC changed while RTTDCS.ARBDIS is 0"
				    : "DTXMXSZRQ changed while RTTDCS.ARBDIS is 0");
}

/* IVAR entries: vectors have six bits, bit 7 says valid; without MSI-X there are 16 causes. */
static void check_ivar(struct model *m, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++, value >>= 8)
		if (value & 0x40)
			violate(m, "ivar-vector", "82599 8.2.3.5.16",
				"an interrupt vector above 63, or reserved bit 6 of an entry");
}

void check_write(struct model *m, uint32_t off, uint32_t value)
{
	if (m->regs.access[off / 4] == REG_RO)
		violate(m, "write-read-only", "82599 8.1", "a read-only register was written");
	if ((off >= IVAR && off < IVAR + IVAR_stride * IVAR_count) || off == IVAR_MISC)
		check_ivar(m, value);
	switch (off) {
	case FCTRL:
	case RXCSUM:
		must_be_off(m, off, value);
		break;
	case DTXMXSZRQ:
		if (value >> 12 & 15)
			violate(m, "dtxmxszrq-reserved", "82599 8.2.3.9.1",
				"reserved bits 15:12 written as 1");
		arbiter_must_be_off(m, off, value);
		break;
	case MTQC:
		arbiter_must_be_off(m, off, value);
		break;
	case AUTOC:
		if (!get_field(m, SW_FW_SYNC, SW_FW_SYNC_SW_MAC_CSR))
			violate(m, "autoc-unlocked", "82599 8.2.3.22.19",
				"AUTOC written without SW_FW_SYNC.SW_MAC_CSR: the firmware uses "
				"it, too");
		break;
	case SW_FW_SYNC:
		if (!get_field(m, SWSM, SWSM_SWESMBI))
			violate(m, "sync-unlocked", "82599 10.5.4",
				"SW_FW_SYNC written without holding SWSM.SWESMBI");
		break;
	case RXCTRL:
		if (value & 1 && !get_field(m, RXCTRL, RXCTRL_RXEN))
			receiver_goes_on(m);
		break;
	}
}
