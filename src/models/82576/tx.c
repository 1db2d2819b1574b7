/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sending: which queues, and what leaves. Descriptors: ../intel/adv_tx.c.
 */
#include "models/82576/82576.h"

#define SHORTEST 17u /* 82576 7.2.1: what TCTL.PSP can pad */

static void count_sent(struct model *m, const uint8_t *f, uint32_t bytes)
{
	m->adv.wire_out++;
	count(m, GPTC, 1);
	count(m, TPT, 1);
	count(m, HGPTC, 1);
	count_wide(m, GOTCL, bytes);
	count_wide(m, TOTL, bytes);
	count_wide(m, HGOTCL, bytes);
	count_size(m, PTC64, bytes);
	if (f[0] & 1)
		count(m, (f[0] & f[1] & f[2] & f[3] & f[4] & f[5]) == 0xff ? BPTC : MPTC, 1);
}

static int frame_out(struct model *m, unsigned q, const uint8_t *f, uint32_t len)
{
	int err = 0;

	(void)q;
	if (len < 60) {
		if (len < SHORTEST || !get_field(m, TCTL, TCTL_PSP))
			m76_violate(m, "tx-short", "82576 7.2.1",
				    "a frame below 60 bytes without TCTL.PSP, or below 17");
		memmove(m->adv.frame, f, len);
		memset(m->adv.frame + len, 0, 60 - len);
		f = m->adv.frame;
		len = 60;
	}
	/* 82576 3.5.6.3.1: the PHY sends back what it gets */
	if (m->phy[PHY_BMCR] & field_mask(PHY_BMCR_LOOPBACK))
		m76_frame_in(m, f, len, 0, MODEL_FRAME_GOOD);
	else
		err = m->host->wire_tx(m->host, f, len);
	if (!err)
		count_sent(m, f, len + 4);
	return err;
}

unsigned m76_tx_run(struct model *m)
{
	uint64_t segmented = m->adv.tx_segmented;
	unsigned work = 0;

	/* Without a link frames stay in their rings, as on silicon. */
	if (!bus_master(m) || !m->link_up || get_field(m, CTRL, CTRL_GIO_MASTER_DISABLE))
		return 0;
	m->adv.vlan_type = get_field(m, VET, VET_VET);
	m->adv.keep[0] = get_field(m, DTXTCPFLGL, DTXTCPFLGL_FIRST);
	m->adv.keep[1] = get_field(m, DTXTCPFLGL, DTXTCPFLGL_MIDDLE);
	m->adv.keep[2] = get_field(m, DTXTCPFLGH, DTXTCPFLGH_LAST);
	for (uint32_t set = m->tx_on; set; set &= set - 1) {
		unsigned q = (unsigned)__builtin_ctz(set);
		int report = 0;

		work += adv_tx_run(&m->adv, &m->tx[q], &report);
		if (report)
			m76_irq_queue(m, q, 1);
	}
	count(m, TSCTC, (uint32_t)(m->adv.tx_segmented - segmented));
	return work;
}

const struct adv_chip m76_adv = {
	.violate = m76_violate,
	.unreachable = m76_unreachable,
	.frame_out = frame_out,
	.rxe = 31,
	.rxe_legacy = 7,
	.section = {
		.ring = "82576 7.1.6",
		.tail = "82576 8.10.9",
		.rx_read = "82576 7.1.5.1",
		.tx_parts = "82576 7.2.1",
		.tx_legacy = "82576 7.2.2.1",
		.tx_context = "82576 7.2.2.2",
		.tx_data = "82576 7.2.2.3",
		.segment = "82576 7.2.4",
	},
};
