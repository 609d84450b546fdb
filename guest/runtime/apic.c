/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC's page, its switch, its timer's clock.
 */
#include "apic.h"

#include "irq.h"
#include "paging.h"

void apic_map(void)
{
	paging_map(APIC_LINEAR, APIC_PHYSICAL, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
}

void apic_enable(void)
{
	apic_map();
	apic_write(APIC_SVR, SVR_ENABLED);
}

uint32_t apic_timer_fiftieth(uint32_t divide)
{
	uint64_t clock;
	uint32_t left;

	apic_write(APIC_TIMER_DIVIDE, divide);
	apic_write(APIC_LVT_TIMER, LVT_MASKED | 0xff);
	pit_clock_start();
	clock = pit_clock();
	apic_write(APIC_TIMER_INITIAL, 0xffffffff);
	while (pit_clock() - clock < PIT_HZ / 50)
		;
	left = apic_read(APIC_TIMER_CURRENT);
	apic_write(APIC_TIMER_INITIAL, 0);
	return 0xffffffff - left;
}
