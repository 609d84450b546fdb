// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults of the guest's: the guest's own, or one that only an entry missing
 * in the shadows has made.  The short way is for what there mostly is: CR0.WP
 * set, pages of 4 KiB, windows on the tables, and the shadow of the page table
 * in its place.  Whatever is otherwise it leaves to the long way, which begins
 * anew (walk.c, shadow.c); nothing has changed by then but for an accessed or
 * dirty bit that the access sets in any case.
 */
#include "monitor.h"
#include "mmu/shadow.h"

#define AROUND		8u	/* entries, aligned; within a GROUP */

struct paging paging;

void fault_mode(void)
{
	bool pae = cpu->cr4 & CR4_PAE;

	paging.size = pae ? 8 : 4;
	if ((cpu->cr0 & (CR0_PG | CR0_WP)) != (CR0_PG | CR0_WP))
		paging.size = 0;
	paging.reserved = (uint32_t)(walk_reserved() >> 32);
	paging.shown = ERROR_W | ERROR_U;
	if (pae && (cpu->efer & EFER_NXE))
		paging.shown |= ERROR_I;
}

/* ---- the short way ---- */

enum way { WAY_LONG, WAY_FILLED, WAY_ABSENT, WAY_DENIED };

/* The guest's directory's entry for @linear, if it can be seen. */
static INLINE const uint32_t *seen_pde(uint32_t linear, const unsigned size)
{
	struct halves root = { cpu->cr3, 0 };

	if (size == 8) {
		root = *(const struct halves *)&current->guest_pdpte[linear >> 30];
		if (!(root.low & PTE_P))
			return NULL;
	}
	return seen(frame_of(root), linear >> (size == 4 ? 22 : 21), size);
}

/* No page table is shadowed for @linear: mostly the guest has none. */
static INLINE enum way without_table(uint32_t linear, const unsigned size)
{
	const uint32_t *at = seen_pde(linear, size);

	return at && !(*at & PTE_P) ? WAY_ABSENT : WAY_LONG;
}

/*
 * Does the guest's directory still say what entry @shadow does, of the table in
 * @frame?  Only an announced one is known to.
 */
static __attribute__((noinline)) bool still_says(uint32_t linear, struct halves shadow, uint32_t frame)
{
	const unsigned size = paging.size;
	const uint32_t *at = seen_pde(linear, size);
	struct halves pde;

	if (!at)
		return false;
	pde = read_halves(at, size);
	return (pde.low & (PTE_P | PTE_A | PTE_PS)) == (PTE_P | PTE_A) && frame_of(pde) == frame &&
	       !((pde.low ^ shadow.low) & (PTE_W | PTE_U)) && !((pde.high ^ shadow.high) & (paging.reserved | NX_HIGH));
}

/*
 * The guest has been at this page before, and the shadows have lost it: as they
 * have others beside it, mostly.
 */
static __attribute__((noinline)) void offer_around(const uint32_t *at, struct halves *place, unsigned index)
{
	const unsigned size = paging.size;
	unsigned i;

	at -= index % AROUND * (size / 4);
	place -= index % AROUND;
	for (i = 0; i < AROUND; i++, at += size / 4, place++)
		if (!place->low)
			shadow_offer(place, read_halves(at, size), size);
}

/* The guest's entry @pte at @at allows the access: it may have it by entry @place. */
static INLINE enum way let_pass(const struct frame *f, struct halves pte, uint32_t *at, struct halves *place,
				unsigned index)
{
	uint32_t was = pte.low;

	if (!frame_is_plain(frame_of(pte)))
		return WAY_LONG;
	pte.low |= f->error & ERROR_W ? PTE_A | PTE_D : PTE_A;
	if (pte.low != was) {
		uint32_t found = was;

		__asm__ volatile("lock cmpxchgl %2, %1"
				 : "+a"(found), "+m"(*at) : "r"(pte.low) : "memory");
		if (found != was)
			return WAY_LONG;
	} else {
		offer_around(at, place, index);
	}
	shadow_put(place, pte);
	cpu->stats[STAT_HIDDEN_FAULT]++;
	return WAY_FILLED;
}

/* What is to become of an access. */
static INLINE enum way resolve(const struct frame *f, uint32_t linear, const unsigned size)
{
	unsigned directory = current->directory[linear >> 30], index = linear / PAGE_SIZE;
	struct halves pde, pte;
	struct shadow *s;
	uint32_t *at;

	if (!directory)
		return without_table(linear, size);
	pde = *shadow_entry(directory, linear / LARGE);
	if (!(pde.low & PTE_P))
		return without_table(linear, size);
	s = &shadows[shadow_table(pde)];
	if ((pde.low & PTE_PS) || s->kind != (size == 4 ? SHADOW_TABLE32 : SHADOW_TABLE64))
		return WAY_LONG;
	if (s->is_volatile && !still_says(linear, pde, s->frame))
		return WAY_LONG;
	at = seen(s->frame, index, size);
	if (!at)
		return WAY_LONG;
	pte = read_halves(at, size);
	if (!(pte.low & PTE_P))
		return WAY_ABSENT;
	if (has_reserved(pte, size))
		return WAY_LONG;
	if ((f->error & ~(pde.low & pte.low) & (ERROR_W | ERROR_U)) ||
	    (size == 8 && (f->error & ERROR_I) && ((pde.high | pte.high) & NX_HIGH)))
		return WAY_DENIED;
	s->used = true;
	shadowpage_mark(s, index % ENTRIES);
	return let_pass(f, pte, at, shadow_entry(shadow_table(pde), index), index);
}

static __attribute__((noinline)) void long_way(struct frame *f, uint32_t linear)
{
	unsigned access = f->error & (ERROR_W | ERROR_U | ERROR_I);
	struct translation t;

	if (!walk(linear, access, &t)) {
		if (!transfer_fault(f))
			reflect_fault(f);
	} else if (!shadow_fill(linear, &t, access) && !watch_called(f, linear)) {
		cpu->fault.cr2 = linear;
		trap_emulate_access(f);
	}
	trap_end(f);
}

/* What the guest has queued, and what is left of the shadow of STI, comes first. */
static __attribute__((noinline)) void prepare(const struct frame *f)
{
	trap_begin(f);
	defer_flush();
}

/* From entry.asm, for a page fault of the guest's alone. */
void trap_page_fault(struct frame *f)
{
	uint32_t linear = read_cr2();
	enum way way = WAY_LONG;

	if (cpu->attention | guest_state->queue_head)
		prepare(f);
	if (linear < HOLE_BASE && paging.size == 4)
		way = resolve(f, linear, 4);
	else if (linear < HOLE_BASE && paging.size == 8)
		way = resolve(f, linear, 8);
	if (way == WAY_FILLED)
		trap_end(f);
	else if (way == WAY_LONG || f->eip >= HOLE_BASE)
		long_way(f, linear);
	else
		reflect_page_fault(f, linear, (f->error & paging.shown) | (way == WAY_DENIED ? ERROR_P : 0));
}
