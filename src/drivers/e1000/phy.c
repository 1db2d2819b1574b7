/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The PHY, through MDIC: 82540EM 13.4.7, IEEE 802.3 clause 22.
 */
#include "drivers/e1000/e1000.h"

/* The 82574L's firmware uses the same bus. An owner that was killed cannot give it back, so the
 * bit that is set already is taken over. */
static int bus_lock(struct e1000 *dev)
{
	uint32_t own = field_mask(EXTCNF_CTRL_MDIO_SW_OWNERSHIP);
	int err;

	if (dev->mac == MAC_82540)
		return 0;
	bar_write(dev->nic.pci, EXTCNF_CTRL, bar_read(dev->nic.pci, EXTCNF_CTRL) | own);
	err = bar_wait(dev->nic.pci, EXTCNF_CTRL, own, own, 200 * MS);
	if (err)
		log_error("%s: the firmware does not release the PHY (EXTCNF_CTRL)", dev->nic.name);
	return err;
}

static void bus_unlock(struct e1000 *dev)
{
	if (dev->mac != MAC_82540)
		bar_write(dev->nic.pci, EXTCNF_CTRL,
			  bar_read(dev->nic.pci, EXTCNF_CTRL) &
				  ~field_mask(EXTCNF_CTRL_MDIO_SW_OWNERSHIP));
}

/* One command; @data: what is written, or receives what was read. */
static int command(struct e1000 *dev, uint32_t op, uint32_t reg, uint32_t *data)
{
	struct pci_dev *pci = dev->nic.pci;
	uint32_t mdic;
	int err;

	bar_write(pci, MDIC,
		  field_of(MDIC_OP, op) | field_of(MDIC_REGADD, reg) |
			  field_of(MDIC_PHYADD, PHY_ADDRESS) | field_of(MDIC_DATA, *data));
	err = bar_wait(pci, MDIC, field_mask(MDIC_R), field_mask(MDIC_R), 10 * MS);
	mdic = bar_read(pci, MDIC);
	if (!err && mdic & field_mask(MDIC_E))
		err = -EIO;
	if (!err)
		*data = field_get(mdic, MDIC_DATA);
	return err;
}

/* Negotiation runs after power-on by itself. It is started again only if somebody ended it: that
 * takes the link down for seconds. */
static int negotiate(struct e1000 *dev)
{
	const uint32_t ended = BMCR_POWER_DOWN | BMCR_ISOLATE | BMCR_LOOPBACK;
	uint32_t bmcr = 0;
	int err = command(dev, MDIC_OP_READ, PHY_BMCR, &bmcr);

	if (err || (bmcr & (BMCR_AN_ENABLE | ended)) == BMCR_AN_ENABLE)
		return err;
	bmcr = (bmcr & ~ended) | BMCR_AN_ENABLE | BMCR_RESTART_AN;
	return command(dev, MDIC_OP_WRITE, PHY_BMCR, &bmcr);
}

/* Clause 22.2.4.1.2: without negotiation, which the PHY forgets only in a reset (Linux). */
static int loop_back(struct e1000 *dev)
{
	uint32_t fixed = BMCR_SPEED_1000 | BMCR_FULL_DUPLEX, value = fixed | BMCR_RESET;
	int err = command(dev, MDIC_OP_WRITE, PHY_BMCR, &value);

	value = fixed | BMCR_LOOPBACK;
	if (!err)
		err = command(dev, MDIC_OP_WRITE, PHY_BMCR, &value);
	return err;
}

int e1000_phy_start(struct e1000 *dev)
{
	int err = bus_lock(dev);

	if (err)
		return err;
	err = dev->nic.cfg.loopback ? loop_back(dev) : negotiate(dev);
	bus_unlock(dev);
	if (err)
		log_error("%s: the PHY does not answer (MDIC)", dev->nic.name);
	return err;
}
