/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Rules about register writes, judged before the write takes effect, and what must have been set up
 * when receiver and transmitter are switched on. Rules about rings and descriptors stand where
 * these are handled. README.md lists all of them.
 */
#include "models/e1000/e1000.h"

static int was_written(const struct model *m, uint32_t off, uint32_t stride, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t word = (off + i * stride) / 4;

		if (!(m->written[word / 32] >> word % 32 & 1))
			return 0;
	}
	return 1;
}

static void check_pba(struct model *m)
{
	uint32_t rx = get_field(m, PBA, PBA_RXA), all = m->pcie ? 40 : 64;

	if (get(m, PBA) != m->pba)
		e1k_violate(m, "pba-not-reset", "82540EM 13.4.16",
			    "PBA was written and the device not reset: the change has no effect");
	if (!rx || rx >= all || (!m->pcie && rx % 8))
		e1k_violate(
			m, "pba-size", "82540EM 13.4.16",
			"PBA leaves nothing for one side, or is no multiple of 8 KiB (82540EM)");
}

static void check_ring(struct model *m, uint32_t base)
{
	if (!bus_master(m))
		e1k_violate(m, "no-bus-master", "82540EM 4.1",
			    "a unit is switched on while PCI command bit 2 forbids DMA");
	if (!get(m, base + (RDLEN - RDBAL)))
		e1k_violate(m, "ring-length", "82540EM 13.4.27",
			    "a unit is switched on while queue 0's ring has length 0");
}

/* 82574 10.2.5: the first two buffers must be there, and none behind one that is not. */
static void check_split(struct model *m)
{
	uint32_t type = get_field(m, RCTL, RCTL_DTYP), size = m->pcie ? get(m, PSRCTL) : 0;

	if (type > (m->pcie ? RCTL_DTYP_SPLIT : 0))
		e1k_violate(m, "packet-split", "82540EM 13.4.22",
			    "RCTL.DTYP is reserved, on the 82540EM but 0 (82574L: but 0 and 1)");
	if (type != RCTL_DTYP_SPLIT || !m->pcie)
		return;
	if (!field_get(size, PSRCTL_BSIZE0) || !field_get(size, PSRCTL_BSIZE1) ||
	    (field_get(size, PSRCTL_BSIZE3) && !field_get(size, PSRCTL_BSIZE2)))
		e1k_violate(m, "split-buffer-size", "82574 10.2.5",
			    "PSRCTL: BSIZE0 or BSIZE1 is 0, or BSIZE2 and not BSIZE3");
}

/* 82540EM 14.4. */
void e1k_check_receiver(struct model *m)
{
	uint32_t rctl = get(m, RCTL);

	check_ring(m, RDBAL);
	check_pba(m);
	if (!was_written(m, MTA, 4, MTA_count))
		e1k_violate(m, "mta-not-cleared", "82540EM 14.4", "the MTA was not initialised");
	if (field_get(rctl, RCTL_VFE) && !was_written(m, VFTA, 4, VFTA_count))
		e1k_violate(m, "vfta-not-cleared", "82540EM 14.4",
			    "VLANs are filtered and the VFTA was not initialised");
	check_split(m);
	if (field_get(rctl, RCTL_BSEX) && !field_get(rctl, RCTL_BSIZE))
		e1k_violate(m, "rx-buffer-size", "82540EM 13.4.22",
			    "RCTL.BSEX with BSIZE 0 is reserved");
	if (m->pcie && get_field(m, MRQC, MRQC_MRQE) && !get_field(m, RXCSUM, RXCSUM_PCSD))
		e1k_violate(m, "rss-without-pcsd", "82574 7.1",
			    "RSS needs RXCSUM.PCSD: hash and packet checksum have one place");
	if (m->pcie && get_field(m, MRQC, MRQC_MRQE) && !get_field(m, RFCTL, RFCTL_EXTEN))
		e1k_violate(m, "rss-without-exten", "82574 7.1",
			    "RSS needs extended descriptors (RFCTL.EXTEN)");
}

/* 82540EM 14.5. */
void e1k_check_transmitter(struct model *m)
{
	check_ring(m, TDBAL);
	if (!get(m, TIPG))
		e1k_violate(m, "tipg-zero", "82540EM 14.5", "TIPG was not initialised");
	if (!get_field(m, TCTL, TCTL_CT) || !get_field(m, TCTL, TCTL_COLD))
		e1k_violate(m, "tctl-collision", "82540EM 14.5",
			    "TCTL.CT and TCTL.COLD were not initialised");
	for (uint32_t q = 0; m->pcie && q < QUEUES; q++)
		if (!get_field(m, e1000_queue(TXDCTL, q), TXDCTL_COUNT_DESC))
			e1k_violate(m, "txdctl-count-desc", "82574 10.2.6",
				    "TXDCTL bit 22 must be 1, in both queues");
}

/* 82540EM 13.4, 13.5.3: of those that plain memory would keep. Linux's self-test knows them, too.
 */
uint32_t e1k_bits(uint32_t off)
{
	switch (off) {
	case FCAH:
	case FCT:
	case VET:
	case RDTR:
	case RDTR + RDTR_stride:
		return 0xffff;
	}
	if (off >= RAL && off < RAL + RAL_count * RAL_stride && off % RAL_stride)
		return field_mask(RAH_ADDR) | field_mask(RAH_AS) | field_mask(RAH_AV);
	return UINT32_MAX;
}

/* What decides how a buffer is filled must not change while buffers are filled. */
static void format_must_stay(struct model *m, uint32_t off, uint32_t value)
{
	uint32_t bits = field_mask(RCTL_BSIZE) | field_mask(RCTL_BSEX) | field_mask(RCTL_DTYP);

	if (!m->rx_on)
		return;
	if (off == RCTL && field_get(value, RCTL_EN) && (value ^ get(m, RCTL)) & bits)
		e1k_violate(m, "rctl-while-rx", "82540EM 13.4.22",
			    "buffer size or descriptor type changed while RCTL.EN is set");
	if (m->split[0] && off == PSRCTL && value != get(m, PSRCTL))
		e1k_violate(m, "psrctl-while-rx", "82574 10.2.5",
			    "PSRCTL changed while RCTL.EN and packet split are set");
	if (m->pcie && off == RFCTL && (value ^ get(m, RFCTL)) & field_mask(RFCTL_EXTEN))
		e1k_violate(m, "rfctl-while-rx", "82574 10.2.5",
			    "RFCTL.EXTEN changed while RCTL.EN is set");
}

static void check_ivar(struct model *m, uint32_t value)
{
	for (unsigned i = 0; i < 5; i++, value >>= 4)
		if (value & 8 && (value & 7) >= VECTORS)
			e1k_violate(m, "ivar-vector", "82574 10.2.4",
				    "IVAR names a vector above 4");
}

void e1k_check_write(struct model *m, uint32_t off, uint32_t value)
{
	if (m->regs.access[off / 4] == REG_RO || m->regs.access[off / 4] == REG_RC)
		e1k_violate(m, "write-read-only", "82540EM 13.1",
			    "a read-only register was written");
	if (off == RCTL || (m->pcie && (off == RFCTL || off == PSRCTL)))
		format_must_stay(m, off, value);
	if (m->pcie && off == IVAR)
		check_ivar(m, value);
	if (off == ITR && value >> 16)
		e1k_violate(m, "itr-reserved", "82540EM 13.4.18",
			    "reserved bits 31:16 of ITR written as 1");
}
