/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page table whose entry changes at each look: the HPET's counter.  What it
 * maps is anybody's guess; but the guest goes on.
 */
#include "mmu_odd.h"

#define HPET		0xfed00000u
#define CONFIGURATION	4u		/* of its 32-bit registers */
#define COUNTER		0xf0u		/* in bytes */
#define ENABLE		1u
#define ROUNDS		100

void test_device(void)
{
	uint32_t directory = odd_directory(paging_kernel_root(), AREA), linear;
	unsigned int i, faults = 0;
	volatile uint32_t *hpet = (volatile uint32_t *)(AREA + 0x400000);

	/* QEMU's TCG itself does not. */
	if (!platform_is_vmi())
		return;
	paging_map((uint32_t)hpet, HPET, FLAGS | PTE_NO_CACHE);
	if (hpet[0] == 0xffffffff || !hpet[0]) {
		report_skip("no HPET");
		return;
	}
	hpet[CONFIGURATION] |= ENABLE;
	linear = AREA + COUNTER / (pae ? 8 : 4) * PAGE_SIZE;
	odd_store(directory, odd_index(AREA), HPET | FLAGS);
	for (i = 0; i < ROUNDS; i++) {
		vmi_inval_page(linear);
		faults += odd_word(linear) == 0xffffffff;
	}
	report(faults <= ROUNDS, "a counter as an entry: %u faults", faults);
	odd_store(directory, odd_index(AREA), 0);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	hpet[CONFIGURATION] &= ~ENABLE;
	paging_unmap((uint32_t)hpet);
}
