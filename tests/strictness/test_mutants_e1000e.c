/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bugs planted into the e1000e driver, on the model of the 82574L; mutant.h tells how.
 */
#include "regs/e1000.h"
#include "regs/e1000_desc.h"

#define MUTANT_MODEL "82574l"
#include "mutant.h"
#include "mutants_e1000.h"

static int phy_without_ownership(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == MDIC)
		put(EXTCNF_CTRL, 0);
	return 1;
}

static int second_queue_forgotten(uint32_t off, uint32_t *v)
{
	(void)v;
	return off != e1000_queue(TXDCTL, 1); /* Linux sets both, though it uses one */
}

static int bit_22_forgotten(uint32_t off, uint32_t *v)
{
	if (off == TXDCTL)
		*v &= ~fv(TXDCTL_COUNT_DESC);
	return 1;
}

static int padding_forgotten(uint32_t off, uint32_t *v)
{
	if (off == TCTL)
		*v &= ~fv(TCTL_PSP);
	return 1;
}

static int rss_without_pcsd(uint32_t off, uint32_t *v)
{
	if (off == MRQC)
		*v = MRQC_MRQE_RSS | fv(MRQC_IPV4);
	return 1;
}

static int rss_without_extended_descriptors(uint32_t off, uint32_t *v)
{
	if (off == RFCTL)
		*v &= ~fv(RFCTL_EXTEN);
	if (off == RXCSUM)
		*v |= fv(RXCSUM_PCSD);
	if (off == MRQC)
		*v = MRQC_MRQE_RSS | fv(MRQC_IPV4);
	return 1;
}

static int format_changed_while_receiving(uint32_t off, uint32_t *v)
{
	if (off == RDT && *v)
		put(RFCTL, 0);
	return 1;
}

static int packet_split_without_sizes(uint32_t off, uint32_t *v)
{
	if (off == RCTL && *v & fv(RCTL_EN)) {
		put(PSRCTL, 0);
		*v |= field_of(RCTL_DTYP, RCTL_DTYP_SPLIT);
	}
	return 1;
}

/* Its indices count 16 bytes, not descriptors. */
static int packet_split_with_a_tail_in_descriptors(uint32_t off, uint32_t *v)
{
	if (off == RCTL && *v & fv(RCTL_EN))
		*v |= field_of(RCTL_DTYP, RCTL_DTYP_SPLIT);
	if (off == RDT && *v)
		*v = *v / 2 | 1;
	return 1;
}

static int descriptors_of_no_kind(uint32_t off, uint32_t *v)
{
	if (off == RCTL && *v & fv(RCTL_EN))
		*v |= field_of(RCTL_DTYP, 3);
	return 1;
}

static int vector_that_is_not_there(uint32_t off, uint32_t *v)
{
	(void)v;
	if (off == RDT)
		put(IVAR, 0xd);
	return 1;
}

static int tail_of_the_queue_that_is_off(uint32_t off, uint32_t *v)
{
	if (off == RDT && *v)
		put(e1000_queue(RDT, 1), 8);
	return 1;
}

static const struct mutant mutants[] = {
	COMMON_MUTANTS,
	M(phy_without_ownership, "mdic-unlocked"),
	M(second_queue_forgotten, "txdctl-count-desc"),
	M(bit_22_forgotten, "txdctl-count-desc"),
	M(padding_forgotten, "tx-short"),
	M(rss_without_pcsd, "rss-without-pcsd"),
	M(rss_without_extended_descriptors, "rss-without-exten"),
	M(format_changed_while_receiving, "rfctl-while-rx"),
	M(packet_split_without_sizes, "split-buffer-size"),
	M(packet_split_with_a_tail_in_descriptors, "split-odd-index"),
	M(descriptors_of_no_kind, "packet-split"),
	M(vector_that_is_not_there, "ivar-vector"),
	M(tail_of_the_queue_that_is_off, "tail-without-ring"),
};

int main(void)
{
	return run_mutants(mutants, ARRAY_SIZE(mutants));
}
