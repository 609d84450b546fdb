/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces (space.h), as a kernel of 32-bit paging builds them.  Its
 * copies and clears are by words.
 */
#include "space.h"

#define FRAMES		(MEMORY_MAPPED / PAGE_SIZE)
#define DIRECTORY(root)	((vmi_pte *)(root))
#define TABLE_FLAGS	(PTE_PRESENT | PTE_WRITE | PTE_USER)
#define TLS_ENTRIES	3

static uint32_t free_frames[FRAMES];
static uint32_t free_count;
static uint8_t shares[FRAMES];

uint32_t frame_get(void)
{
	return free_count ? free_frames[--free_count] : memory_allocate_page();
}

void frame_put(uint32_t frame)
{
	if (shares[frame / PAGE_SIZE])
		shares[frame / PAGE_SIZE]--;
	else
		free_frames[free_count++] = frame;
}

void frame_share(uint32_t frame)
{
	shares[frame / PAGE_SIZE]++;
}

bool frame_is_shared(uint32_t frame)
{
	return shares[frame / PAGE_SIZE] != 0;
}

void page_clear(uint32_t frame)
{
	uint32_t words = PAGE_SIZE / 4;

	__asm__ volatile("rep stosl" : "+D" (frame), "+c" (words) : "a" (0) : "memory");
}

void page_copy(uint32_t to, uint32_t from)
{
	uint32_t words = PAGE_SIZE / 4;

	__asm__ volatile("rep movsl" : "+D" (to), "+S" (from), "+c" (words) : : "memory");
}

static uint32_t new_table(void)
{
	uint32_t frame = frame_get();

	page_clear(frame);
	vmi_allocate_page(frame / PAGE_SIZE, VMI_PAGE_PT | VMI_PAGE_ZEROED, 0, 0, 0);
	return frame;
}

vmi_pte *space_kernel_table(uint32_t linear)
{
	vmi_pte *entry = &DIRECTORY(paging_kernel_root())[linear >> 22];

	if (!(*entry & PTE_PRESENT))
		vmi_set_pte(new_table() | TABLE_FLAGS, entry);
	return (vmi_pte *)(*entry & ~PTE_FLAGS);
}

/* As a kernel does that announces the tables it has been running on. */
void space_announce_kernel(void)
{
	const vmi_pte *directory = DIRECTORY(paging_kernel_root());
	unsigned int i;

	for (i = 0; i < 1024; i++)
		if (directory[i] & PTE_PRESENT)
			vmi_allocate_page(directory[i] / PAGE_SIZE, VMI_PAGE_PT, 0, 0, 0);
	vmi_allocate_page(paging_kernel_root() / PAGE_SIZE, VMI_PAGE_PD, 0, 0, 0);
}

void space_create(struct space *space)
{
	uint32_t table = new_table();

	space->root = frame_get();
	page_copy(space->root, paging_kernel_root());
	vmi_allocate_page(space->root / PAGE_SIZE, VMI_PAGE_PD, 0, 0, 0);
	space->table = (vmi_pte *)table;
	vmi_set_pte(table | TABLE_FLAGS, &DIRECTORY(space->root)[PRIVATE_START >> 22]);
}

void space_destroy(struct space *space)
{
	unsigned int i;

	for (i = 0; i < PRIVATE_PAGES; i++)
		if (space->table[i] & PTE_PRESENT)
			frame_put(space->table[i] & ~PTE_FLAGS);
	vmi_release_page(space->root / PAGE_SIZE, VMI_PAGE_PD);
	vmi_release_page((uint32_t)space->table / PAGE_SIZE, VMI_PAGE_PT);
	frame_put((uint32_t)space->table);
	frame_put(space->root);
}

void space_fork(struct space *child, struct space *parent, bool defer)
{
	unsigned int i;
	vmi_pte pte;

	space_create(child);
	if (defer)
		vmi_set_deferred_mode(VMI_DEFER_MMU);
	for (i = 0; i < PRIVATE_PAGES; i++) {
		pte = parent->table[i];
		if (!(pte & PTE_PRESENT))
			continue;
		frame_share(pte & ~PTE_FLAGS);
		if (pte & PTE_WRITE) {
			pte &= ~PTE_WRITE;
			vmi_set_pte(pte, &parent->table[i]);
		}
		vmi_set_pte(pte & ~(PTE_ACCESSED | PTE_DIRTY), &child->table[i]);
	}
	vmi_flush_tlb(VMI_FLUSH_TLB);
	if (defer)
		vmi_set_deferred_mode(VMI_DEFER_NONE);
}

void space_populate(struct space *space, uint32_t pages)
{
	unsigned int i;

	for (i = 0; i < pages; i++)
		vmi_set_pte(frame_get() | PAGE_RW, &space->table[i]);
}

void space_unshare(struct space *space, uint32_t linear)
{
	vmi_pte *pte = &space->table[(linear - PRIVATE_START) / PAGE_SIZE];
	uint32_t frame = *pte & ~PTE_FLAGS;

	if (frame_is_shared(frame)) {
		uint32_t copy = frame_get();

		page_copy(copy, frame);
		frame_put(frame);
		frame = copy;
	}
	vmi_set_pte(frame | PAGE_RW | PTE_ACCESSED | PTE_DIRTY, pte);
	vmi_inval_page(linear);
}

void space_switch(const struct space *to, bool defer)
{
	uint64_t data = tables_gdt()[SELECTOR_USER_DATA / 8];
	unsigned int i;

	if (defer)
		vmi_set_deferred_mode(VMI_DEFER_MMU | VMI_DEFER_CPU | VMI_DEFER_DT);
	vmi_set_cr3(to->root);
	vmi_update_kernel_stack(tables_tss(), trap_stack_top());
	for (i = 0; i < TLS_ENTRIES; i++)
		vmi_write_gdt_entry(tables_gdt(), SELECTOR_SPARE / 8 + i, (uint32_t)data,
				    (uint32_t)(data >> 32));
	vmi_clts();
	if (defer)
		vmi_set_deferred_mode(VMI_DEFER_NONE);
}
