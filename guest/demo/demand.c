/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Demand paging: a range that is backed page by page, by the kernel's own
 * page-fault handler, when either ring first touches it.
 */
#include "demo.h"

#include "vmi.h"

static uint32_t kernel_faults, user_faults;

uint32_t demand_faults(bool user)
{
	return user ? user_faults : kernel_faults;
}

static bool handle_fault(struct trap_frame *frame)
{
	uint32_t address = vmi_get_cr2();

	if (frame->error & PAGE_ERROR_PRESENT || address < DEMAND_START
	    || address >= DEMAND_START + DEMAND_PAGES * PAGE_SIZE)
		return false;
	if (frame->error & PAGE_ERROR_USER)
		user_faults++;
	else
		kernel_faults++;
	paging_map(address & -PAGE_SIZE, memory_allocate_page(),
		   PTE_PRESENT | PTE_WRITE | PTE_USER);
	return true;
}

void demand_init(void)
{
	trap_set_handler(TRAP_PAGE, handle_fault);
}

/* The kernel touches every other page; task_user.c touches them all. */
void demo_demand(void)
{
	volatile uint32_t *word;
	bool zeroed = true;
	unsigned int i;

	for (i = 0; i < DEMAND_PAGES; i += 2) {
		word = (volatile uint32_t *)(DEMAND_START + i * PAGE_SIZE);
		zeroed = zeroed && *word == 0;
		*word = i;
	}
	demo_check(zeroed && kernel_faults == DEMAND_PAGES / 2,
		   "demand paging in the kernel");
	demo_check((paging_entry(DEMAND_START) & PTE_ACCESSED)
		   && (paging_entry(DEMAND_START) & PTE_DIRTY),
		   "accessed and dirty bits");
}
