/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes of page tables and of what their entries mean, each followed by what
 * the processor needs to see it.
 */
#include "mmu_random.h"

#include "msr.h"
#include "vmi.h"

#define LEAF_EXTENDED	0x80000001u
#define FEATURE_NX	0x00100000u
#define PTE_BEYOND	(1ull << 45)	/* no such address line */
#define PDE_RESERVED	0x00200000u	/* of a large page of 4 MiB */

static bool announced[ROOTS + TABLES];

static bool has_nx(void)
{
	uint32_t eax, ebx, ecx, edx;

	vmi_cpuid(LEAF_EXTENDED, 0, &eax, &ebx, &ecx, &edx);
	return pae && (edx & FEATURE_NX);
}

/* The frame whose announcement counts for an entry there. */
static uint32_t owner(unsigned int which)
{
	return which < ROOTS ? (uint32_t)arena_pde(which, 0) & -PAGE_SIZE
			     : tables[which - ROOTS];
}

/* A level, right or wrong, and whatever else may be said of the page: hints. */
static uint32_t random_flags_of_page(void)
{
	return 1u << random_below(4) | random_below(8) << 4;
}

/* Of an update's entry: a level, which address it is for, whether it may wait. */
static uint32_t random_flags_of_update(void)
{
	return 1u << random_below(4) | random_below(4) << 4
	       | arena_address(random_below(SLOTS), random_below(PAGES));
}

static void announce(unsigned int which, bool on)
{
	uint32_t frame = owner(which) / PAGE_SIZE;

	announced[which] = on;
	if (!on) {
		vmi_release_page(frame, random_flags_of_page());
		return;
	}
	switch (random_below(4)) {
	case 0:
		vmi_register_page_usage(frame, which < ROOTS ? VMI_PAGE_PD : VMI_PAGE_PT);
		break;
	case 1:
		vmi_clone_page_table(frame, tables[0] / PAGE_SIZE, 0, 512);
		break;
	case 2:
		vmi_clone_page_directory(frame, roots[0] / PAGE_SIZE, 256, 256);
		break;
	default:
		vmi_allocate_page(frame, random_flags_of_page(), tables[0] / PAGE_SIZE, 0, 512);
	}
}

/* ---- writing an entry: by whichever call ---- */

static uint32_t write32(vmi_pte entry, vmi_pte *at, bool raw)
{
	switch (random_below(raw ? 7 : 6)) {
	case 0:
		vmi_set_pte(entry, at);
		return 0;
	case 1:
		vmi_set_pxe(entry, at, random_flags_of_update());
		return 0;
	case 2:
		return vmi_swap_pte(entry, at);
	case 3:
		return vmi_test_and_clear_pte_bit(random_below(7), at) != 0;
	case 4:
		return vmi_test_and_set_pte_bit(random_below(7), at) != 0;
	case 5:
		*(volatile vmi_pte *)at = entry;
		vmi_update_pxe(at, random_flags_of_update());
		return 0;
	default:
		*(volatile vmi_pte *)at = entry;
		return 0;
	}
}

static uint32_t write64(vmi_pte_long entry, vmi_pte_long *at, bool raw)
{
	uint64_t old;

	switch (random_below(raw ? 7 : 6)) {
	case 0:
		vmi_set_pte_long(entry, at);
		return 0;
	case 1:
		vmi_set_pxe_long(entry, at, random_flags_of_update());
		return 0;
	case 2:
		old = vmi_swap_pte_long(entry, at);
		return (uint32_t)old ^ (uint32_t)(old >> 32);
	case 3:
		return vmi_test_and_clear_pte_bit_long(random_below(7), at) != 0;
	case 4:
		return vmi_test_and_set_pte_bit_long(random_below(7), at) != 0;
	case 5:
		*(volatile vmi_pte_long *)at = entry;
		vmi_update_pxe_long(at, random_flags_of_update());
		return 0;
	default:
		*(volatile vmi_pte_long *)at = entry;
		return 0;
	}
}

static uint32_t write_entry(uint64_t entry, void *at, bool raw)
{
	uint32_t result;

	result = pae ? write64(entry, at, raw) : write32((vmi_pte)entry, at, raw);
	if (verbose)
		print("entry %p := %08x%08x, %x", at, (uint32_t)(arena_entry(at) >> 32),
		      (uint32_t)arena_entry(at), result);
	return result;
}

/* Mostly something useful. */
static uint32_t random_flags(void)
{
	uint32_t flags = random_below(16) ? PTE_PRESENT : 0;

	if (random_below(3))
		flags |= PTE_WRITE;
	if (random_below(3))
		flags |= PTE_USER;
	if (random_below(4) == 0)
		flags |= PTE_GLOBAL;
	if (random_below(2))
		flags |= PTE_ACCESSED;
	if (random_below(4) == 0)
		flags |= PTE_DIRTY;
	return flags;
}

static uint64_t random_high(void)
{
	if (!pae)
		return 0;
	return (random_below(6) ? 0 : PTE_NX) | (random_below(24) ? 0 : PTE_BEYOND);
}

static uint32_t change_pte(void)
{
	unsigned int table = random_below(TABLES);

	return write_entry(frames[random_below(FRAMES)] | random_flags() | random_high(),
			   arena_pte(table, random_below(PAGES)), !announced[ROOTS + table]);
}

static uint32_t change_pde(void)
{
	unsigned int root = random_below(ROOTS), slot = random_below(SLOTS);
	uint64_t entry = random_flags() | random_high();

	if (slot == SLOTS - 1 && random_below(2))
		entry |= owner(root);
	else if (random_below(3))
		entry |= tables[random_below(TABLES)];
	else
		entry |= (LARGE_FRAME + random_below(2) * 0x400000) | PTE_LARGE
			 | (random_below(8) || pae ? 0 : PDE_RESERVED);
	entry = write_entry(entry, arena_pde(root, slot), !announced[root]);
	return arena_on_bochs() ? 0 : (uint32_t)entry;
}

/* ---- flushing ---- */

static void flush_all(void)
{
	switch (random_below(3)) {
	case 0:
		vmi_flush_tlb(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL);
		break;
	case 1:
		vmi_set_cr4(vmi_get_cr4() ^ CR4_PGE);
		vmi_flush_deferred_calls();
		break;
	default:
		vmi_set_cr3(roots[current_root]);
		vmi_flush_deferred_calls();
		vmi_flush_tlb(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL);
		break;
	}
}

/* All the linear pages that any entry maps, one by one. */
static void flush_pages(void)
{
	unsigned int slot, page;

	for (slot = 0; slot < SLOTS; slot++)
		for (page = 0; page < PAGES; page++)
			vmi_inval_page(arena_address(slot, page));
}

static void flush(void)
{
	if (random_below(4))
		flush_all();
	else
		flush_pages();
}

/* ---- other changes ---- */

static uint32_t change_mode(void)
{
	static const char *const names[] = { "WP", "PSE", "NXE" };
	unsigned int which = random_below(3);
	uint64_t efer;

	switch (which) {
	case 0:
		vmi_set_cr0(vmi_get_cr0() ^ CR0_WP);
		break;
	case 1:
		vmi_set_cr4(vmi_get_cr4() ^ CR4_PSE);
		break;
	case 2:
		if (!has_nx())
			break;
		efer = vmi_rdmsr(MSR_EFER);
		vmi_wrmsr(MSR_EFER, efer ^ EFER_NXE);
		break;
	}
	flush_all();
	if (verbose)
		print("%s changes", names[which]);
	return which;
}

static uint32_t change_root(void)
{
	current_root = random_below(ROOTS);
	vmi_set_cr3(roots[current_root]);
	vmi_flush_deferred_calls();
	if (arena_on_bochs())
		vmi_flush_tlb(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL);
	if (verbose)
		print("root %u", current_root);
	return current_root;
}

static uint32_t change_announcement(void)
{
	unsigned int which = random_below(ROOTS + TABLES);

	if (boot_word_is("announce", "none"))
		return 0;
	announce(which, !announced[which] || boot_word_is("announce", "all"));
	if (verbose)
		print("announced %u: %d", which, announced[which]);
	return 0;
}

static uint32_t change_deferral(void)
{
	vmi_set_linear_mapping(random_below(5), tables[0], random_below(4), random_below(0x10000));
	if (random_below(2))
		vmi_set_deferred_mode(random_below(8));
	else
		vmi_set_lazy_mode(random_below(3));
	if (verbose)
		print("deferral");
	return 0;
}

/* Several changes with one flush, or one. */
static uint32_t change_entries(void)
{
	unsigned int count = random_below(4) ? 1 : 1 + random_below(6);
	uint32_t digest = count;

	while (count--) {
		digest = digest_add(digest, random_below(3) ? change_pte() : change_pde());
		if (verbose)
			print("; ");
	}
	flush();
	return digest;
}

uint32_t change_random(void)
{
	switch (random_below(16)) {
	case 0:
		return change_mode();
	case 1:
	case 2:
		return change_root();
	case 3:
		return change_announcement();
	case 4:
		return change_deferral();
	default:
		return change_entries();
	}
}

/* A chunk starts as every other. */
void change_reset(void)
{
	unsigned int i, j;

	vmi_set_deferred_mode(0);
	vmi_set_cr0(vmi_get_cr0() | CR0_WP);
	vmi_set_cr4((vmi_get_cr4() | CR4_PSE) & ~CR4_PGE);
	current_root = 0;
	vmi_set_cr3(roots[0]);
	for (i = 0; i < ROOTS + TABLES; i++) {
		announced[i] = boot_word_is("announce", "all");
		vmi_release_page(owner(i) / PAGE_SIZE, VMI_PAGE_PT);
		if (announced[i])
			vmi_register_page_usage(owner(i) / PAGE_SIZE, VMI_PAGE_PT);
	}
	for (i = 0; i < ROOTS; i++)
		for (j = 0; j < SLOTS; j++)
			write_entry(tables[j % TABLES] | PTE_PRESENT | PTE_WRITE | PTE_USER,
				    arena_pde(i, j), false);
	for (i = 0; i < TABLES; i++)
		for (j = 0; j < PAGES; j++)
			write_entry(frames[i + j] | PTE_PRESENT | PTE_USER,
				    arena_pte(i, j), false);
	flush_all();
}
