// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks the guest's page tables as the processor would (SDM volume 3, chapter
 * 4), in the guest's mode: no paging, 32-bit, PAE.  Checks rights, sets
 * accessed and dirty bits, records the fault that the guest must see.
 */
#include "monitor.h"

#define PTE_P		0x001u
#define PTE_W		0x002u
#define PTE_U		0x004u
#define PTE_CACHE	0x018u
#define PTE_A		0x020u
#define PTE_D		0x040u
#define PTE_PS		0x080u
#define PTE_NX		(1ull << 63)
#define PDPTE_RESERVED	0x1c6u		/* 20h too, but QEMU's TCG sets accessed there */

#define ERROR_P		0x01u
#define ERROR_W		0x02u
#define ERROR_U		0x04u
#define ERROR_RSVD	0x08u
#define ERROR_I		0x10u

/* Levels: of which entry is meant. */
struct format {
	unsigned size;		/* of an entry */
	unsigned large_shift;
	uint64_t large_reserved;	/* bits that a large page's entry must not have */
};

static const struct format format32 = { 4, 22, 0x003fe000 };
static const struct format format64 = { 8, 21, 0x001fe000 };

static bool fault(uint32_t linear, unsigned access, unsigned bits)
{
	unsigned error = bits | (access & (ERROR_W | ERROR_U));

	if ((access & ERROR_I) && (cpu->cr4 & CR4_PAE) && (cpu->efer & EFER_NXE))
		error |= ERROR_I;
	fault_record(VECTOR_PF, error);
	cpu->fault.cr2 = linear;
	return false;
}

static uint64_t read_entry(const void *p, unsigned size)
{
	return size == 4 ? *(const uint32_t *)p : *(const uint64_t *)p;
}

static uint64_t reserved_bits(void)
{
	uint64_t high = 0x7ff0000000000000ull;	/* beyond 52 bits: never an address */

	return cpu->efer & EFER_NXE ? high : high | PTE_NX;
}

/* Of a table whose frame is not memory of the guest's: nothing is present. */
static void *table_entry(uint64_t table, unsigned index, unsigned size)
{
	uint8_t *p = window(table >> 12);

	return p ? p + (table & 0xfff) + index * size : NULL;
}

static void set_bits(void *entry, unsigned bits)
{
	__asm__ volatile("lock orl %1, %0" : "+m"(*(uint32_t *)entry) : "r"(bits) : "memory");
}

static bool allowed(const struct translation *t, unsigned access)
{
	if ((access & ERROR_U) && !t->user)
		return false;
	if ((access & ERROR_W) && !t->write && ((access & ERROR_U) || (cpu->cr0 & CR0_WP)))
		return false;
	return !((access & ERROR_I) && t->nx);
}

static void narrow(struct translation *t, uint64_t entry)
{
	t->user = t->user && (entry & PTE_U);
	t->write = t->write && (entry & PTE_W);
	t->nx = t->nx || (entry & PTE_NX);
}

/* The last level is at @entry: check, set A and D, make the address. */
static bool finish(uint32_t linear, unsigned access, struct translation *t, void *at, uint64_t entry,
		   unsigned shift)
{
	uint64_t offset_mask = (1ull << shift) - 1;
	unsigned bits = PTE_A;

	narrow(t, entry);
	if (!allowed(t, access))
		return fault(linear, access, ERROR_P);
	if (access & ERROR_W)
		bits |= PTE_D;
	if (~entry & bits)
		set_bits(at, bits);
	t->dirty = ((entry | bits) & PTE_D) != 0;
	t->cache = (uint32_t)entry & PTE_CACHE;
	t->large = shift != 12;
	t->physical = (entry & 0x000ffffffffff000ull & ~offset_mask) | (linear & offset_mask);
	return true;
}

/* From a page directory on. */
static bool walk_directory(uint32_t linear, unsigned access, struct translation *t, uint64_t pd,
			   const struct format *f)
{
	unsigned mask = PAGE_SIZE / f->size - 1;
	uint64_t reserved = f->size == 8 ? reserved_bits() : 0;
	bool large = f->size == 8 || (cpu->cr4 & CR4_PSE);
	uint64_t entry;
	void *at;

	at = table_entry(pd, linear >> f->large_shift & mask, f->size);
	entry = at ? read_entry(at, f->size) : 0;
	if (!(entry & PTE_P))
		return fault(linear, access, 0);
	if (large && (entry & PTE_PS)) {
		if (entry & (reserved | f->large_reserved))
			return fault(linear, access, ERROR_P | ERROR_RSVD);
		return finish(linear, access, t, at, entry, f->large_shift);
	}
	if (entry & reserved)
		return fault(linear, access, ERROR_P | ERROR_RSVD);
	if (!(entry & PTE_A))
		set_bits(at, PTE_A);
	narrow(t, entry);
	at = table_entry(entry & 0x000ffffffffff000ull, linear >> 12 & mask, f->size);
	entry = at ? read_entry(at, f->size) : 0;
	if (!(entry & PTE_P))
		return fault(linear, access, 0);
	if (entry & reserved)
		return fault(linear, access, ERROR_P | ERROR_RSVD);
	return finish(linear, access, t, at, entry, 12);
}

/* @access as in a page fault's error code: write 2, user 4, fetch 16. */
bool walk(uint32_t linear, unsigned access, struct translation *t)
{
	*t = (struct translation){ .physical = linear, .user = true, .write = true, .dirty = true };
	if (linear >= HOLE_BASE)
		return fault(linear, access, 0);
	if (!(cpu->cr0 & CR0_PG))
		return true;
	if (!(cpu->cr4 & CR4_PAE))
		return walk_directory(linear, access, t, cpu->cr3 & PAGE_MASK, &format32);
	if (!(cpu->pdpte[linear >> 30] & PTE_P))
		return fault(linear, access, 0);
	return walk_directory(linear, access, t, cpu->pdpte[linear >> 30] & 0x000ffffffffff000ull,
			      &format64);
}

/* As MOV CR3 does with PAE: all four are read and checked, or #GP. */
bool walk_load_pdptes(uint32_t cr3)
{
	const uint64_t *table = table_entry(cr3 & ~31u, 0, 8);
	unsigned i;

	for (i = 0; table && i < 4; i++)
		if ((table[i] & PTE_P) && (table[i] & (PDPTE_RESERVED | 0xfff0000000000000ull)))
			return false;
	for (i = 0; i < 4; i++)
		cpu->pdpte[i] = table ? table[i] : 0;
	return true;
}
