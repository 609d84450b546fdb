/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mappings that are replaced, and address spaces that are switched.
 */
#include "demo.h"

#include "vmi.h"

#define WINDOW		0x50000000u
#define FLAGS		(PTE_PRESENT | PTE_WRITE)
#define ROUNDS		8

static volatile uint32_t *const window = (volatile uint32_t *)WINDOW;

/* One linear page over two frames in turn: SetPte, InvalPage. */
static bool remap(const uint32_t *frames)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		paging_map(WINDOW, frames[i % 2], FLAGS);
		*window = i;
		if (*(volatile uint32_t *)frames[i % 2] != i)
			return false;
	}
	paging_unmap(WINDOW);
	return true;
}

/* One linear page in two address spaces: SetCR3. */
static bool switch_spaces(const uint32_t *frames)
{
	uint32_t home = vmi_get_cr3();
	uint32_t roots[2];
	bool right = true;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		roots[i] = paging_new_root();
		paging_map_in(roots[i], WINDOW + PAGE_SIZE * 1024, frames[i],
			      FLAGS);
	}
	for (i = 0; i < ROUNDS; i++) {
		vmi_set_cr3(roots[i % 2]);
		right = right && vmi_get_cr3() == roots[i % 2];
		window[PAGE_SIZE * 1024 / 4] = 100 + i;
	}
	vmi_set_cr3(home);
	return right && *(volatile uint32_t *)frames[0] == 100 + ROUNDS - 2
	       && *(volatile uint32_t *)frames[1] == 100 + ROUNDS - 1;
}

void demo_spaces(void)
{
	uint32_t frames[2] = { memory_allocate_page(), memory_allocate_page() };

	demo_check(remap(frames), "a page is mapped elsewhere");
	demo_check(switch_spaces(frames), "address spaces are switched");
}
