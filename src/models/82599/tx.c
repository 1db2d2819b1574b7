/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sending: which queues (82599 7.2.1), and what leaves. Descriptors: ../intel/adv_tx.c.
 */
#include "models/82599/82599.h"

static int frame_out(struct model *m, unsigned q, const uint8_t *frame, uint32_t len)
{
	uint32_t bytes = (len < 60 ? 60 : len) + 4;
	uint32_t counter = get(m, TQSM + q / 4 * 4) >> q % 4 * 8 & 15;
	int err = 0;

	if (len < 60) {
		if (!get_field(m, HLREG0, HLREG0_TXPADEN))
			violate(m, "tx-short", "82599 8.2.3.22.8",
				"a frame below 60 bytes without HLREG0.TXPADEN");
		memmove(m->adv.frame, frame, len);
		memset(m->adv.frame + len, 0, 60 - len);
		frame = m->adv.frame;
		len = 60;
	}
	if (get_field(m, HLREG0, HLREG0_LPBK))
		frame_in(m, frame, len, 0, MODEL_FRAME_GOOD);
	else
		err = m->host->wire_tx(m->host, frame, len);
	if (err)
		return err;
	m->adv.wire_out++;
	count(m, GPTC, 1);
	count(m, TPT, 1);
	count(m, TXDGPC, 1);
	count_wide(m, GOTCL, bytes);
	count_wide(m, TXDGBCL, bytes);
	count_size(m, PTC64, bytes);
	count(m, QPTC + 4 * counter, 1);
	count_wide(m, QBTC_L + 8 * counter, bytes);
	if (frame[0] & 1)
		count(m,
		      (frame[0] & frame[1] & frame[2] & frame[3] & frame[4] & frame[5]) == 0xff
			      ? BPTC
			      : MPTC,
		      1);
	return 0;
}

static unsigned run_queue(struct model *m, unsigned q)
{
	int report = 0;
	unsigned n = adv_tx_run(&m->adv, &m->tx[q], &report);

	if (report)
		irq_queue(m, q, 1);
	return n;
}

unsigned tx_run(struct model *m)
{
	unsigned work = 0;

	if (!bus_master(m) || !get_field(m, DMATXCTL, DMATXCTL_TE) ||
	    get_field(m, CTRL, CTRL_GIO_MASTER_DISABLE))
		return 0;
	/* Without a link frames stay in their rings, as on silicon. */
	if (!m->link_up && !get_field(m, HLREG0, HLREG0_LPBK))
		return 0;
	m->adv.vlan_type = get_field(m, VLNCTRL, VLNCTRL_VET);
	m->adv.keep[0] = get_field(m, DTXTCPFLGL, DTXTCPFLGL_FIRST);
	m->adv.keep[1] = get_field(m, DTXTCPFLGL, DTXTCPFLGL_MIDDLE);
	m->adv.keep[2] = get_field(m, DTXTCPFLGH, DTXTCPFLGH_LAST);
	for (unsigned half = 0; half < 2; half++)
		for (uint64_t set = m->tx_on[half]; set; set &= set - 1)
			work += run_queue(m, half * 64 + (unsigned)__builtin_ctzll(set));
	return work;
}

const struct adv_chip adv_82599 = {
	.violate = violate,
	.unreachable = dma_failed,
	.frame_out = frame_out,
	.rxe = 29,
	.rxe_legacy = 0,
	.max_parts = 40,
	.section = {
		.ring = "82599 7.1.9",
		.tail = "82599 8.2.3.8.5",
		.rx_read = "82599 7.1.6.1",
		.tx_parts = "82599 7.2.3.2",
		.tx_legacy = "82599 7.2.3.2.2",
		.tx_context = "82599 7.2.3.2.3",
		.tx_data = "82599 7.2.3.2.4",
		.segment = "82599 7.2.4.2",
	},
};
