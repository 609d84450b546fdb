// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks the guest's page tables as the processor would (SDM volume 3, chapter 4), in
 * the guest's paging mode: none, 32-bit, or PAE.  It checks rights, sets accessed and
 * dirty bits, and records the fault that the guest must see.
 */
#include "mmu/shadow.h"

#define PDPTE_RESERVED	0x1e6u		/* of the low 12 bits: all but P, PWT, PCD, 9 to 11 */
#define PHYSICAL_MAX	43u		/* bits of an address: frame + 1 must fit 32 bits */
#define PHYSICAL_PSE36	36u		/* a CPU that does not say, but has PSE-36 */
#define PHYSICAL_MIN	32u		/* one that has not even that */

/* Reserved bits of entries that map large pages.  PSE-36 is hidden from the guest. */
#define RESERVED_4M	0x003fe000u
#define RESERVED_2M	0x001fe000u

#define READ_TRIES	1000u

CONST_AFTER_START static uint64_t reserved64;	/* reserved in PAE entries, apart from NX */
CONST_AFTER_START static uint32_t lax_pdpte;	/* see walk_start() */

/* Record a page fault.  @bits: ERROR_P and ERROR_RSVD.  Returns false. */
static bool walk_fault(uint32_t linear, unsigned access, unsigned bits)
{
	struct vcpu *v = this_vcpu();
	unsigned error = bits | (access & (ERROR_W | ERROR_U));

	if ((access & ERROR_I) && (v->cr4 & CR4_PAE) && (v->efer & EFER_NXE))
		error |= ERROR_I;
	fault_record(VECTOR_PF, error);
	v->fault.cr2 = linear;
	return false;
}

/*
 * Read an entry of 8 bytes that another CPU is just writing, half by half: repeat until
 * it is stable.  The guest may have put its "table" on a device's counter, which is
 * never stable, so give up after some tries.
 */
uint64_t walk_read_changing(const volatile uint32_t *word)
{
	unsigned tries = READ_TRIES;
	uint32_t low, high;

	do {
		low = word[0];
		high = word[1];
	} while (low != word[0] && --tries);
	return (uint64_t)high << 32 | low;
}

static INLINE uint64_t read_entry(const void *at, unsigned size)
{
	const volatile uint32_t *word = at;
	uint32_t low = word[0], high;

	if (size == 4)
		return low;
	high = word[1];
	return low == word[0] ? (uint64_t)high << 32 | low : walk_read_changing(word);
}

/* The reserved bits of an entry of @size bytes: without EFER.NXE, NX is one. */
static INLINE uint64_t reserved_bits(unsigned size)
{
	if (size == 4)
		return 0;
	return this_vcpu()->efer & EFER_NXE ? reserved64 : reserved64 | PTE_NX;
}

uint64_t walk_reserved(void)
{
	return reserved_bits(8);
}

/*
 * The entry at @offset of the table in @frame.  NULL: the frame is closed.  Then the
 * table is taken as empty.
 */
static INLINE void *table_entry(uint32_t frame, unsigned offset)
{
	uint8_t *p = window(frame);

	return p ? p + offset : NULL;
}

/* Set A or D in the entry at @at, which was @entry.  false: it has changed meanwhile. */
static INLINE bool set_bits(void *at, uint64_t entry, unsigned bits)
{
	uint32_t old = (uint32_t)entry, was = old;

	if (!(~old & bits))
		return true;
	__asm__ volatile("lock cmpxchgl %2, %1"
			 : "+a"(was), "+m"(*(uint32_t *)at) : "r"(old | bits) : "memory");
	return was == old;
}

/* Do @rights and @nx allow @access?  ERROR_W is PTE_W, and ERROR_U is PTE_U. */
static INLINE bool access_allowed(uint32_t rights, bool nx, unsigned access)
{
	unsigned missing = access & ~rights & (ERROR_W | ERROR_U);

	if ((access & ERROR_I) && nx)
		return false;
	return !missing || (!(access & ERROR_U) && !(this_vcpu()->cr0 & CR0_WP));
}

enum step { STEP_FAULT, STEP_DONE, STEP_AGAIN };

/* @entry, at @at, is the last one: check the rights, set A and D, compute the address. */
static INLINE enum step finish(uint32_t linear, unsigned access, struct translation *t, void *at,
			       uint64_t entry, const uint32_t offset_mask)
{
	uint32_t bits = access & ERROR_W ? PTE_A | PTE_D : PTE_A;

	if (!access_allowed(t->rights, t->nx, access)) {
		walk_fault(linear, access, ERROR_P);
		return STEP_FAULT;
	}
	if (!set_bits(at, entry, bits))
		return STEP_AGAIN;
	t->entry = entry | bits;
	t->physical = (uint64_t)((uint32_t)(entry >> 32) & 0xfffff) << 32 |
		      ((uint32_t)entry & ~offset_mask) | (linear & offset_mask);
	return STEP_DONE;
}

/* One walk, for entries of @size bytes: the compiler makes one function for each size. */
static INLINE enum step walk_tables(uint32_t linear, unsigned access, struct translation *t,
				    uint32_t directory, const unsigned size)
{
	const unsigned shift = size == 4 ? 22 : 21, mask = PAGE_SIZE / size - 1;
	uint64_t entry;
	void *at;

	at = table_entry(directory, (linear >> shift & mask) * size);
	entry = at ? read_entry(at, size) : 0;
	if (!(entry & PTE_P))
		goto absent;
	if ((entry & PTE_PS) && (size == 8 || (this_vcpu()->cr4 & CR4_PSE))) {
		if (entry & (reserved_bits(size) | (size == 4 ? RESERVED_4M : RESERVED_2M)))
			goto reserved;
		t->large = true;
		t->rights = (uint32_t)entry;
		t->nx = (entry & PTE_NX) != 0;
		return finish(linear, access, t, at, entry, (1u << shift) - 1);
	}
	if (entry & reserved_bits(size))
		goto reserved;
	if (!set_bits(at, entry, PTE_A))
		return STEP_AGAIN;
	t->pde = entry;
	t->table = (uint32_t)((entry & PTE_FRAME) >> 12);
	at = table_entry(t->table, (linear >> 12 & mask) * size);
	entry = at ? read_entry(at, size) : 0;
	if (!(entry & PTE_P))
		goto absent;
	if (entry & reserved_bits(size))
		goto reserved;
	t->large = false;
	t->rights = (uint32_t)(entry & t->pde);
	t->nx = ((entry | t->pde) & PTE_NX) != 0;
	return finish(linear, access, t, at, entry, PAGE_SIZE - 1);
absent:
	walk_fault(linear, access, 0);
	return STEP_FAULT;
reserved:
	walk_fault(linear, access, ERROR_P | ERROR_RSVD);
	return STEP_FAULT;
}

static bool walk32(uint32_t linear, unsigned access, struct translation *t)
{
	enum step step;

	do
		step = walk_tables(linear, access, t, this_vcpu()->cr3 / PAGE_SIZE, 4);
	while (step == STEP_AGAIN);
	return step == STEP_DONE;
}

static bool walk64(uint32_t linear, unsigned access, struct translation *t)
{
	uint64_t pdpte = this_vcpu()->space->guest_pdpte[linear >> 30];
	enum step step;

	if (!(pdpte & PTE_P))
		return walk_fault(linear, access, 0);
	do
		step = walk_tables(linear, access, t, (uint32_t)(pdpte >> 12), 8);
	while (step == STEP_AGAIN);
	return step == STEP_DONE;
}

bool walk(uint32_t linear, unsigned access, struct translation *t)
{
	if (linear >= HOLE_BASE)
		return walk_fault(linear, access, 0);
	if (this_vcpu()->cr0 & CR0_PG)
		return this_vcpu()->cr4 & CR4_PAE ? walk64(linear, access, t) :
						    walk32(linear, access, t);
	*t = (struct translation){
		.physical = linear, .entry = PTE_U | PTE_W | PTE_A | PTE_D,
		.rights = PTE_U | PTE_W, .large = true,
	};
	return true;
}

/* In a closed frame, as everywhere, the table counts as empty. */
bool walk_pdptes(uint32_t cr3, uint64_t pdpte[GIBS])
{
	const uint64_t *table = table_entry(cr3 / PAGE_SIZE, cr3 & 0xfe0);
	uint64_t reserved = (PDPTE_RESERVED & ~lax_pdpte) | reserved64 | PTE_NX;
	unsigned i;

	for (i = 0; i < GIBS; i++) {
		pdpte[i] = table ? read_entry(&table[i], 8) : 0;
		if ((pdpte[i] & PTE_P) && (pdpte[i] & reserved))
			return false;
	}
	return true;
}

/* Called in POST: finds out the width of physical addresses (SDM volume 3, 4.1.4). */
void walk_prepare(void)
{
	unsigned bits;
	uint32_t r[4];

	cpuid(1, 0, r);
	bits = r[3] & FEATURE_PSE36 ? PHYSICAL_PSE36 : PHYSICAL_MIN;
	cpuid(LEAF_EXTENDED, 0, r);
	if (r[0] >= LEAF_ADDRESS_SIZES) {
		cpuid(LEAF_ADDRESS_SIZES, 0, r);
		bits = r[0] & 0xff;
	}
	if (bits > PHYSICAL_MAX)
		bits = PHYSICAL_MAX;
	reserved64 = ~((1ull << bits) - 1) & ~PTE_NX;
}

/*
 * Called in VMI_Init.  QEMU's TCG sets the accessed bit in PDPTEs, where that bit is
 * reserved.  If it has done so in the PDPTE that the monitor uses now, it may have done
 * so in the guest's, and the guest may load those.
 */
void walk_start(void)
{
	const uint64_t *used = (const uint64_t *)(HOLE_BLOCK + BLOCK_FIRST_PDPT);

	lax_pdpte = used[TOP_GIB] & PTE_A;
}
