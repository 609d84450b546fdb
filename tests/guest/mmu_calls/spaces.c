/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many address spaces: switching between live ones builds nothing; more than
 * fit run on.
 */
#include "mmu_calls.h"

#define OWN	0x58000000u	/* no table there yet */
#define LIVE	64
#define MANY	400
#define FLAGS	(PTE_PRESENT | PTE_WRITE)

static uint32_t roots[MANY], frames[MANY];

static void build(unsigned int from, unsigned int to)
{
	for (; from < to; from++) {
		roots[from] = paging_new_root();
		frames[from] = memory_allocate_page();
		*(uint32_t *)frames[from] = from;
		paging_map_in(roots[from], OWN, frames[from], FLAGS);
		paging_announce(roots[from], OWN);
	}
}

/* How many of them do not show their own page. */
static unsigned int visit(unsigned int count)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < count; i++) {
		vmi_set_cr3(roots[i]);
		wrong += *(volatile uint32_t *)OWN != i;
	}
	vmi_set_cr3(paging_kernel_root());
	return wrong;
}

void test_spaces(void)
{
	uint32_t shadows, spaces, hidden;

	paging_announce(paging_kernel_root(), AREA);
	build(0, LIVE);
	report_equal(visit(LIVE), 0, "%u address spaces", LIVE);
	report_equal(visit(LIVE), 0, "and again");
	shadows = statistic("shadow-built");
	spaces = statistic("space-built");
	hidden = statistic("hidden-fault");
	report_equal(visit(LIVE), 0, "and once more");
	report_equal(statistic("shadow-built") - shadows, 0, "builds no shadow");
	report_equal(statistic("space-built") - spaces, 0, "and no space");
	report_equal(statistic("hidden-fault") - hidden, 0, "and takes no fault");

	build(LIVE, MANY);
	report_equal(visit(MANY), 0, "%u address spaces", MANY);
	report_equal(visit(MANY), 0, "and again");
	if (platform_is_vmi())
		report(statistic("evicted") > 0, "of which some were evicted");
}
