/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC's page, and its switch.
 */
#include "apic.h"

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
