// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fast path for page faults.  It starts at the shadows rather than at the guest's
 * CR3, and finds that either the guest must see the fault, or only a shadow entry was
 * missing, which it fills in (a "hidden" fault).
 *
 * It serves the common case: CR0.WP set, a page of 4 KiB, windows open on the guest's
 * tables, and a shadow of the page table in place.  Everything else is left to the
 * slow path (walk.c, shadow.c), which starts again from the beginning.  Nothing has
 * changed by then, except an accessed or dirty bit that the access sets anyway.
 */
#include "mmu/shadow.h"

#define AROUND		8u	/* entries, aligned: they are in one GROUP */

/* The guest's directory entry for @linear; NULL if its table is in no window. */
static INLINE const uint32_t *guest_pde(uint32_t linear, const unsigned size)
{
	struct halves root = { this_vcpu()->cr3, 0 };

	if (size == 8) {
		root = *(const struct halves *)&this_vcpu()->space->guest_pdpte[linear >> 30];
		if (!(root.low & PTE_P))
			return NULL;
	}
	return guest_entry(frame_of(root), linear >> (size == 4 ? 22 : 21), size);
}

/* No page table is shadowed for @linear: in the common case the guest has none either. */
static INLINE enum way without_table(uint32_t linear, const unsigned size)
{
	const uint32_t *at = guest_pde(linear, size);

	return at && !(*at & PTE_P) ? WAY_ABSENT : WAY_SLOW;
}

/*
 * Does the guest's directory entry still match our copy @shadow: the same table, in
 * @frame, and the same rights?  Announced directories are known to match.
 */
static NOINLINE bool still_says(uint32_t linear, const struct halves *shadow, uint32_t frame)
{
	const unsigned size = this_vcpu()->paging.size;
	const uint32_t *at = guest_pde(linear, size);
	struct halves pde;

	if (!at)
		return false;
	pde = read_halves(at, size);
	return (pde.low & (PTE_P | PTE_A | PTE_PS)) == (PTE_P | PTE_A) && frame_of(pde) == frame &&
	       !((pde.low ^ shadow->low) & (PTE_W | PTE_U)) &&
	       !((pde.high ^ shadow->high) & (this_vcpu()->paging.reserved | NX_HIGH));
}

/*
 * The guest's entry at @at already had A set, so this page was mapped once and then
 * dropped; its neighbours were probably dropped too.  Fill them in as well, which
 * saves their faults.
 */
static NOINLINE void offer_around(const uint32_t *at, struct halves *place, unsigned index)
{
	const unsigned size = this_vcpu()->paging.size;
	unsigned i;

	at -= index % AROUND * (size / 4);
	place -= index % AROUND;
	for (i = 0; i < AROUND; i++, at += size / 4, place++)
		if (!place->low)
			shadow_offer(place, read_halves(at, size), size);
}

/*
 * The guest's entry @pte, at @at, allows the access: set A and D there, and make the
 * shadow entry @place from it.
 */
static INLINE enum way let_pass(unsigned error, struct halves pte, uint32_t *at,
				struct halves *place, unsigned index)
{
	uint32_t was = pte.low;

	if (!frame_is_plain(frame_of(pte)))
		return WAY_SLOW;
	pte.low |= error & ERROR_W ? PTE_A | PTE_D : PTE_A;
	if (pte.low != was) {
		uint32_t found = was;

		__asm__ volatile("lock cmpxchgl %2, %1"
				 : "+a"(found), "+m"(*at) : "r"(pte.low) : "memory");
		if (found != was)
			return WAY_SLOW;
	} else {
		offer_around(at, place, index);
	}
	shadow_put(place, pte);
	this_vcpu()->stats[STAT_HIDDEN_FAULT]++;
	return WAY_FILLED;
}

/* refill() for guest entries of @size bytes: the compiler makes one function for each size. */
static INLINE enum way refill_sized(uint32_t linear, unsigned error, const unsigned size)
{
	unsigned directory = this_vcpu()->space->directory[linear >> 30];
	unsigned index = linear / PAGE_SIZE;
	const struct halves *pde;
	struct halves pte;
	struct shadow *s;
	unsigned table;
	uint32_t *at;

	if (!directory)
		return without_table(linear, size);
	pde = shadow_entry(directory, linear / LARGE);
	if (!(pde->low & PTE_P))
		return without_table(linear, size);
	table = shadow_table(*pde);
	s = &mmu.shadows[table];
	if ((pde->low & PTE_PS) || s->kind != (size == 4 ? SHADOW_TABLE32 : SHADOW_TABLE64))
		return WAY_SLOW;
	if (s->is_volatile && !still_says(linear, pde, s->frame))
		return WAY_SLOW;
	at = guest_entry(s->frame, index, size);
	if (!at)
		return WAY_SLOW;
	pte = read_halves(at, size);
	if (!(pte.low & PTE_P))
		return WAY_ABSENT;
	if (has_reserved(pte, size))
		return WAY_SLOW;
	if ((error & ~(pde->low & pte.low) & (ERROR_W | ERROR_U)) ||
	    (size == 8 && (error & ERROR_I) && ((pde->high | pte.high) & NX_HIGH)))
		return WAY_DENIED;
	s->used = true;
	shadow_mark(s, index % ENTRIES);
	return let_pass(error, pte, at, shadow_entry(table, index), index);
}

enum way refill(uint32_t linear, unsigned error)
{
	if (linear >= HOLE_BASE)
		return WAY_SLOW;
	if (this_vcpu()->paging.size == 4)
		return refill_sized(linear, error, 4);
	if (this_vcpu()->paging.size == 8)
		return refill_sized(linear, error, 8);
	return WAY_SLOW;
}
