/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a page of shadows that changes hands leaves no entry behind that leads to it, whatever addresses above 4 GiB look like.
 * Environments: native segment paged bochs-native bochs bochs-paged
 * Variants: paging=pae
 * Qemu: -cpu pentium3
 */
#include <stdint.h>

#include "runtime.h"

#include "vmi.h"

/*
 * Two directories share a page table; the monitor remembers that the second one
 * points to its shadow.  The second directory is announced anew, so its shadow
 * goes, and the shadow of another page table takes its place.  Where the directory
 * pointed to the shared table that one has a page above 4 GiB, the low half of
 * whose address is the address of the shared table's shadow.  A monitor that takes
 * this for the entry it remembers counts one parent too few, and frees that shadow
 * while the first directory still points to it: then it becomes a directory, whose
 * entries, as pages, are the shadows of page tables.  Where the shadow lies is
 * guessed: it is one of the pages at the end of RAM.
 */
#define FLAGS		(PTE_PRESENT | PTE_WRITE | PTE_USER)
#define RAM_END		0x04000000u
#define GUESSES		1024u		/* a monitor takes so many pages of 64 MiB */
#define ABOVE		0x100000000ull
#define LARGE		0x200000u

#define FIRST_GIB	0x40000000u
#define SECOND_GIB	0x80000000u
#define OF_FIRST	5u		/* entries: of the first directory, */
#define OF_SECOND	9u		/* of the second one, and of the table that takes its place */
#define OF_OTHER	20u		/* of the first, to that table */
#define OF_LAST		33u		/* of the second, to one that shows what has happened */

#define BY_FIRST	(FIRST_GIB + OF_FIRST * LARGE)
#define BY_SECOND	(SECOND_GIB + OF_SECOND * LARGE)
#define BY_OTHER	(FIRST_GIB + OF_OTHER * LARGE + OF_SECOND * PAGE_SIZE)
#define BY_LAST		(SECOND_GIB + OF_LAST * LARGE)
#define ESCAPED		(BY_FIRST + OF_LAST * PAGE_SIZE)	/* not present */
#define VALUE		0x11223344u

static volatile uint64_t *first, *second, *shared, *other, *last;

static volatile uint64_t *directory_of(uint32_t linear)
{
	const uint64_t *pointers = (const uint64_t *)(paging_kernel_root() & -32u);

	return (volatile uint64_t *)((uint32_t)pointers[linear >> 30] & -PAGE_SIZE);
}

static volatile uint64_t *new_table(void)
{
	return (volatile uint64_t *)memory_allocate_page();
}

static void build(void)
{
	uint32_t page = memory_allocate_page();

	*(volatile uint32_t *)page = VALUE;
	first = directory_of(FIRST_GIB);
	second = directory_of(SECOND_GIB);
	shared = new_table();
	other = new_table();
	last = new_table();
	shared[0] = last[0] = page | FLAGS;
	first[OF_FIRST] = second[OF_SECOND] = (uint32_t)shared | FLAGS;
	first[OF_OTHER] = (uint32_t)other | FLAGS;
	second[OF_LAST] = (uint32_t)last | FLAGS;
}

static void announce(volatile uint64_t *table)
{
	vmi_register_page_usage((uint32_t)table / PAGE_SIZE, VMI_PAGE_PT);
}

static bool shows(uint32_t linear, uint32_t value)
{
	uint32_t word;

	return try_read((const void *)linear, &word) && word == value;
}

static void touch(uint32_t linear)
{
	uint32_t word;

	try_read((const void *)linear, &word);
}

/* The shadow may be at @guess: does the first directory's entry lead astray? */
static bool escapes(uint32_t guess)
{
	uint32_t word;

	other[OF_SECOND] = ABOVE | guess | FLAGS;
	announce(first);
	announce(second);
	announce(shared);
	announce(other);
	announce(last);
	touch(BY_FIRST);
	touch(BY_SECOND);
	announce(second);
	touch(BY_OTHER);
	announce(shared);
	touch(BY_LAST);
	return try_read((const void *)ESCAPED, &word);
}

int main(void)
{
	uint32_t guess, escaped = 0, wrong = 0;
	unsigned int i;

	build();
	for (i = 1; i <= GUESSES; i++) {
		guess = RAM_END - i * PAGE_SIZE;
		if (escapes(guess) && !escaped)
			escaped = guess;
		wrong += !shows(BY_FIRST, VALUE) || !shows(BY_SECOND, VALUE) || !shows(BY_LAST, VALUE);
	}
	report(!escaped, "an address above 4 GiB is taken for no shadow (%08x was)", escaped);
	report(!wrong, "and every page is in its place: %u are not", wrong);
	return 0;
}
