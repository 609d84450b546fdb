// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks the guest's page tables as the processor would (SDM volume 3, chapter
 * 4), in the guest's mode: no paging, 32-bit, PAE.  Checks rights, sets
 * accessed and dirty bits, records the fault that the guest must see.
 */
#include "mmu/shadow.h"

#define PDPTE_RESERVED	0x1e6u
#define PHYSICAL_MAX	43u		/* bits: a frame's number plus one fits a word */
#define PHYSICAL_PSE36	36u		/* of a processor that does not tell, but has PSE-36 */
#define PHYSICAL_MIN	32u

#define RESERVED_4M	0x003fe000u	/* PSE-36 is hidden */
#define RESERVED_2M	0x001fe000u

#define READ_TRIES	1000u

CONST_AFTER_START static uint64_t reserved64;	/* bits that no PAE entry may have, but for NX */
CONST_AFTER_START static uint32_t lax_pdpte;	/* see walk_start() */

static bool fault(uint32_t linear, unsigned access, unsigned bits)
{
	unsigned error = bits | (access & (ERROR_W | ERROR_U));

	if ((access & ERROR_I) && (this_vcpu()->cr4 & CR4_PAE) && (this_vcpu()->efer & EFER_NXE))
		error |= ERROR_I;
	fault_record(VECTOR_PF, error);
	this_vcpu()->fault.cr2 = linear;
	return false;
}

/*
 * An entry of 8 bytes that another CPU is writing, half by half.  Or a device's
 * counter, which never stands still: that is not waited for.
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

/* Of a table whose frame no guest may reach: nothing is present. */
static INLINE void *table_entry(uint32_t frame, unsigned offset)
{
	uint8_t *p = window(frame);

	return p ? p + offset : NULL;
}

/* false: the entry is not what it was. */
static INLINE bool set_bits(void *at, uint64_t entry, unsigned bits)
{
	uint32_t old = (uint32_t)entry, was = old;

	if (!(~old & bits))
		return true;
	__asm__ volatile("lock cmpxchgl %2, %1"
			 : "+a"(was), "+m"(*(uint32_t *)at) : "r"(old | bits) : "memory");
	return was == old;
}

/* The bits of @access and of @rights are the same: write 2, user 4. */
static INLINE bool allowed(uint32_t rights, bool nx, unsigned access)
{
	unsigned missing = access & ~rights & (ERROR_W | ERROR_U);

	if ((access & ERROR_I) && nx)
		return false;
	return !missing || (!(access & ERROR_U) && !(this_vcpu()->cr0 & CR0_WP));
}

enum step { STEP_FAULT, STEP_DONE, STEP_AGAIN };

/* The last entry is @entry: check, set A and D, make the address. */
static INLINE enum step finish(uint32_t linear, unsigned access, struct translation *t, void *at,
			       uint64_t entry, const uint32_t offset_mask)
{
	uint32_t bits = access & ERROR_W ? PTE_A | PTE_D : PTE_A;

	if (!allowed(t->rights, t->nx, access)) {
		fault(linear, access, ERROR_P);
		return STEP_FAULT;
	}
	if (!set_bits(at, entry, bits))
		return STEP_AGAIN;
	t->entry = entry | bits;
	t->physical = (uint64_t)((uint32_t)(entry >> 32) & 0xfffff) << 32 |
		      ((uint32_t)entry & ~offset_mask) | (linear & offset_mask);
	return STEP_DONE;
}

/* Once for each size of entries: the compiler makes two of it. */
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
	fault(linear, access, 0);
	return STEP_FAULT;
reserved:
	fault(linear, access, ERROR_P | ERROR_RSVD);
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
		return fault(linear, access, 0);
	do
		step = walk_tables(linear, access, t, (uint32_t)(pdpte >> 12), 8);
	while (step == STEP_AGAIN);
	return step == STEP_DONE;
}

/* @access as in a page fault's error code: write 2, user 4, fetch 16. */
bool walk(uint32_t linear, unsigned access, struct translation *t)
{
	if (linear >= HOLE_BASE)
		return fault(linear, access, 0);
	if (this_vcpu()->cr0 & CR0_PG)
		return this_vcpu()->cr4 & CR4_PAE ? walk64(linear, access, t) : walk32(linear, access, t);
	*t = (struct translation){
		.physical = linear, .entry = PTE_U | PTE_W | PTE_A | PTE_D,
		.rights = PTE_U | PTE_W, .large = true,
	};
	return true;
}

/* The PDPTEs that MOV CR3 loads, with PAE; false: #GP. */
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
 * QEMU's TCG sets accessed in a PDPTE, where the bit is reserved: if it has in the
 * one by which the monitor runs now, it may have in the guest's.
 */
void walk_start(void)
{
	const uint64_t *used = (const uint64_t *)(HOLE_BLOCK + BLOCK_FIRST_PDPT);

	lax_pdpte = used[TOP_GIB] & PTE_A;
}
