/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The link: the PHY behind MDIC (82576 8.2.4) and the semaphore that guards it (82576 8.7).
 */
#include "drivers/igb/igb.h"

/* 82576 8.7: the PHYs of ports 0 and 1 have bits 1 and 2 of SW_FW_SYNC, those of 2 and 3 bits 5 and
 * 6; the firmware's lie 16 higher. */
static struct intel_sync phy_sync(const struct igb *dev)
{
	uint32_t ours = 1u << (dev->port + (dev->port < 2 ? 1 : 3));

	return (struct intel_sync) { SWSM, SW_FW_SYNC, ours, ours << 16, "the PHY" };
}

/* One access; @command: operation, register, data. */
static int mdic(struct igb *dev, uint32_t command, uint32_t *data)
{
	struct pci_dev *pci = dev->nic.pci;
	int err;

	bar_write(pci, MDIC, command | field_of(MDIC_PHYADD, PHY_ADDRESS));
	err = bar_wait(pci, MDIC, field_mask(MDIC_READY), field_mask(MDIC_READY), 10 * MS);
	*data = bar_read(pci, MDIC);
	if (!err && *data & field_mask(MDIC_E))
		err = -EIO;
	*data = field_get(*data, MDIC_DATA);
	return err;
}

static int phy_read(struct igb *dev, uint32_t reg, uint32_t *data)
{
	return mdic(dev, field_of(MDIC_OP, MDIC_OP_READ) | field_of(MDIC_REGADD, reg), data);
}

static int phy_write(struct igb *dev, uint32_t reg, uint32_t data)
{
	uint32_t ignored;

	return mdic(dev,
		    field_of(MDIC_OP, MDIC_OP_WRITE) | field_of(MDIC_REGADD, reg) |
			    field_of(MDIC_DATA, data),
		    &ignored);
}

/* 82576 3.5.6.3.1: by the PHY, at a speed that is forced. */
static int loop_back(struct igb *dev)
{
	return phy_write(dev, PHY_BMCR,
			 field_mask(PHY_BMCR_LOOPBACK) | field_mask(PHY_BMCR_SPEED_1000) |
				 field_mask(PHY_BMCR_FULL_DUPLEX));
}

/* Negotiation is under way since power-on, or done: then the link is there at once. What a driver
 * before us switched off or stopped, or an emulator never began, is started. */
static int negotiate(struct igb *dev)
{
	uint32_t bmcr, bmsr;
	int err = phy_read(dev, PHY_BMCR, &bmcr);

	if (!err) /* twice: its link bit remembers a link that was lost */
		err = phy_read(dev, PHY_BMSR, &bmsr);
	if (!err)
		err = phy_read(dev, PHY_BMSR, &bmsr);
	if (err || (!field_get(bmcr, PHY_BMCR_LOOPBACK) && field_get(bmsr, PHY_BMSR_AN_DONE) &&
		    field_get(bmsr, PHY_BMSR_LINK)))
		return err;
	bmcr &= ~(field_mask(PHY_BMCR_POWER_DOWN) | field_mask(PHY_BMCR_LOOPBACK));
	bmcr |= field_mask(PHY_BMCR_AN) | field_mask(PHY_BMCR_RESTART);
	return phy_write(dev, PHY_BMCR, bmcr);
}

/* 82576 8.2.1, 8.2.3: the MAC follows the PHY, without flow control; the link comes up later. */
int igb_link_start(struct igb *dev)
{
	struct pci_dev *pci = dev->nic.pci;
	uint32_t ctrl = bar_read(pci, CTRL);
	struct intel_sync sync;
	int err;

	ctrl &= ~(field_mask(CTRL_FRCSPD) | field_mask(CTRL_FRCDPLX) | field_mask(CTRL_RFCE) |
		  field_mask(CTRL_TFCE));
	if (dev->nic.cfg.loopback) /* a PHY in loopback tells the MAC nothing */
		ctrl = field_set(ctrl, CTRL_SPEED, CTRL_SPEED_1000) | field_mask(CTRL_FD) |
		       field_mask(CTRL_FRCSPD) | field_mask(CTRL_FRCDPLX);
	bar_write(pci, CTRL, ctrl | field_mask(CTRL_SLU));
	dev->port = field_get(bar_read(pci, STATUS), STATUS_LAN_ID);
	if (field_get(bar_read(pci, CTRL_EXT), CTRL_EXT_LINK_MODE)) {
		if (!dev->nic.cfg.loopback)
			return 0; /* SerDes, SGMII: the chip negotiates as the EEPROM told it */
		log_error("%s: loopback is by the internal PHY, which this board does not use "
			  "(CTRL_EXT.LINK_MODE)",
			  dev->nic.name);
		return -ENOTSUP;
	}
	sync = phy_sync(dev);
	err = intel_sync_lock(&dev->nic, &sync);
	if (err)
		return err;
	err = dev->nic.cfg.loopback ? loop_back(dev) : negotiate(dev);
	intel_sync_unlock(&dev->nic, &sync);
	if (err)
		log_error("%s: the PHY does not answer (MDIC)", dev->nic.name);
	return err;
}

int igb_link(struct nic *nic)
{
	static const int mbps[] = { 10, 100, 1000, 1000 };
	uint32_t status = bar_read(nic->pci, STATUS);
	int speed = mbps[field_get(status, STATUS_SPEED)];

	if (status == UINT32_MAX)
		return -ENODEV;
	if (!(status & field_mask(STATUS_LU)))
		return 0;
	if (speed == 1000 && igb_of(nic)->chip->speed_2500 && field_get(status, STATUS_SPEED_2500))
		return 2500;
	return speed;
}
