/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables and frames of the arena.
 */
#include "mmu_random.h"

#include "vmi.h"

uint32_t roots[ROOTS], tables[TABLES], frames[FRAMES];
unsigned int current_root;
bool pae;

/* Of the GiB: in PAE the directory itself, else the root's part. */
static uint32_t directories[ROOTS];

/* The pages in use lie apart, in both halves of a table. */
static unsigned int page_step(void)
{
	return pae ? 250 : 400;
}

static void fill_frame(uint32_t frame, uint32_t value)
{
	uint8_t *bytes = (uint8_t *)frame;

	*(uint32_t *)frame = value;
	/* What a fetch executes: INT 81h. */
	bytes[PAGE_SIZE / 2] = 0xcd;
	bytes[PAGE_SIZE / 2 + 1] = TRAP_USER_EXIT;
}

void arena_init(void)
{
	unsigned int i, page;

	pae = paging_mode() == BOOT_PAGING_PAE;
	for (i = 0; i < ROOTS; i++) {
		roots[i] = paging_new_root();
		directories[i] = roots[i];
		if (pae)
			directories[i] = (uint32_t)((uint64_t *)roots[i])[1] & -PAGE_SIZE;
	}
	for (i = 0; i < TABLES; i++)
		tables[i] = memory_allocate_page();
	for (i = 0; i < FRAMES; i++) {
		frames[i] = memory_allocate_page();
		fill_frame(frames[i], i);
	}
	for (i = 0; i < 2; i++)
		for (page = 0; page < PAGES; page++)
			fill_frame(LARGE_FRAME + i * 0x400000
				   + page * page_step() * PAGE_SIZE, 100 + i * 10 + page);
}

static unsigned int slot_shift(void)
{
	return pae ? 21 : 22;
}

uint32_t arena_address(unsigned int slot, unsigned int page)
{
	return ARENA + (slot << slot_shift()) + page * page_step() * PAGE_SIZE;
}

void *arena_pde(unsigned int root, unsigned int slot)
{
	uint32_t address = arena_address(slot, 0);

	if (pae)
		return (uint64_t *)directories[root] + (address >> 21 & 511);
	return (uint32_t *)directories[root] + (address >> 22);
}

void *arena_pte(unsigned int table, unsigned int page)
{
	uint32_t at = tables[table] + page * page_step() * (pae ? 8 : 4);

	return (void *)at;
}

uint64_t arena_entry(const void *at)
{
	return pae ? *(const volatile uint64_t *)at : *(const volatile uint32_t *)at;
}

bool arena_on_bochs(void)
{
	return boot_has_word("bochs");
}

static uint32_t add_entry(uint32_t hash, const void *at, uint32_t hidden)
{
	uint64_t entry = arena_entry(at) & ~(uint64_t)hidden;

	return digest_add(digest_add(hash, (uint32_t)entry), (uint32_t)(entry >> 32));
}

uint32_t arena_hash(void)
{
	uint32_t hash = 1, hidden = arena_on_bochs() ? PTE_ACCESSED : 0;
	unsigned int i, j;

	for (i = 0; i < ROOTS; i++)
		for (j = 0; j < SLOTS; j++)
			hash = add_entry(hash, arena_pde(i, j), hidden);
	for (i = 0; i < TABLES; i++)
		for (j = 0; j < PAGES; j++)
			hash = add_entry(hash, arena_pte(i, j), 0);
	return hash;
}
