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
#include "shadow.h"

/* How the guest's entries are to be read, as of the last shadow_reset(). */
static struct {
	unsigned size;		/* of an entry; 0: only the long way will do */
	uint32_t reserved;	/* bits that no entry's upper half may have */
	unsigned shown;		/* of an error code's bits */
} mode;

void fault_mode(void)
{
	bool pae = cpu->cr4 & CR4_PAE;

	mode.size = pae ? 8 : 4;
	if ((cpu->cr0 & (CR0_PG | CR0_WP)) != (CR0_PG | CR0_WP))
		mode.size = 0;
	mode.reserved = (uint32_t)(walk_reserved() >> 32);
	mode.shown = ERROR_W | ERROR_U;
	if (pae && (cpu->efer & EFER_NXE))
		mode.shown |= ERROR_I;
}

/* ---- the short way ---- */

enum way { WAY_LONG, WAY_FILLED, WAY_ABSENT, WAY_DENIED };

/* An entry; the upper half of one of 4 bytes is 0. */
struct halves {
	uint32_t low, high;
};

static INLINE struct halves read_halves(const volatile uint32_t *at, const unsigned size)
{
	struct halves e = { at[0], 0 };
	uint64_t again;

	if (size == 8) {
		e.high = at[1];
		if (e.low != at[0]) {
			again = walk_read_changing(at);
			e = (struct halves){ (uint32_t)again, (uint32_t)(again >> 32) };
		}
	}
	return e;
}

static INLINE uint32_t frame_of(struct halves e)
{
	return e.low >> 12 | e.high << 20;
}

/* The entry at @index of the guest's table in @frame, if that is in its window; else NULL. */
static INLINE uint32_t *seen(uint32_t frame, unsigned index, const unsigned size)
{
	unsigned slot = frame % WINDOW_COUNT;

	if (cpu->window_tag[slot] != frame + 1)
		return NULL;
	return (uint32_t *)(HOLE_WINDOWS + slot * PAGE_SIZE + index % (PAGE_SIZE / size) * size);
}

/* The guest's directory's entry for @linear, likewise. */
static INLINE const uint32_t *seen_pde(uint32_t linear, const unsigned size)
{
	struct halves root = { cpu->cr3, 0 };

	if (size == 8) {
		root = *(const struct halves *)&cpu->pdpte[linear >> 30];
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
	const unsigned size = mode.size;
	const uint32_t *at = seen_pde(linear, size);
	struct halves pde;

	if (!at)
		return false;
	pde = read_halves(at, size);
	return (pde.low & (PTE_P | PTE_A | PTE_PS)) == (PTE_P | PTE_A) && frame_of(pde) == frame &&
	       !((pde.low ^ shadow.low) & (PTE_W | PTE_U)) && !((pde.high ^ shadow.high) & (mode.reserved | NX_HIGH));
}

/* The guest's entry @pte at @at allows the access: it may have it by entry @place. */
static INLINE enum way let_pass(const struct frame *f, struct halves pte, uint32_t *at, uint64_t *place)
{
	uint32_t low = pte.low | PTE_A, was = pte.low, frame = frame_of(pte);

	if (frame_is_device(frame) || frame_is_watched(frame))
		return WAY_LONG;
	if (f->error & ERROR_W)
		low |= PTE_D;
	if (low != was) {
		__asm__ volatile("lock cmpxchgl %2, %1"
				 : "+a"(was), "+m"(*at) : "r"(low) : "memory");
		if (was != pte.low)
			return WAY_LONG;
	}
	if (!(low & PTE_D))		/* see fill_rights() */
		low &= ~PTE_W;
	shadow_write(place, (low & (PAGE_MASK | PTE_W | PTE_U | PTE_CACHE)) | PTE_P | PTE_A | PTE_D,
		     pte.high);
	cpu->stats[STAT_HIDDEN_FAULT]++;
	return WAY_FILLED;
}

/* What is to become of an access. */
static INLINE enum way resolve(const struct frame *f, uint32_t linear, const unsigned size)
{
	unsigned directory = current->directory[linear >> 30], table, index = linear / PAGE_SIZE % ENTRIES;
	struct halves pde, pte;
	struct shadow *s;
	uint32_t *at;

	if (!directory)
		return without_table(linear, size);
	pde = *(const struct halves *)&shadow_entries(directory)[linear / LARGE % ENTRIES];
	if (!(pde.low & PTE_P))
		return without_table(linear, size);
	table = (pde.low - shadow_pool_physical) / PAGE_SIZE;
	s = &shadows[table];
	if ((pde.low & PTE_PS) || s->kind != (size == 4 ? SHADOW_TABLE32 : SHADOW_TABLE64))
		return WAY_LONG;
	if (s->is_volatile && !still_says(linear, pde, s->frame))
		return WAY_LONG;
	at = seen(s->frame, linear / PAGE_SIZE, size);
	if (!at)
		return WAY_LONG;
	pte = read_halves(at, size);
	if (!(pte.low & PTE_P))
		return WAY_ABSENT;
	if (size == 8 && (pte.high & mode.reserved))
		return WAY_LONG;
	if ((f->error & ~(pde.low & pte.low) & (ERROR_W | ERROR_U)) ||
	    (size == 8 && (f->error & ERROR_I) && ((pde.high | pte.high) & NX_HIGH)))
		return WAY_DENIED;
	s->used = true;
	shadowpage_mark(s, index);
	return let_pass(f, pte, at, &shadow_entries(table)[index]);
}

static __attribute__((noinline)) void long_way(struct frame *f, uint32_t linear)
{
	unsigned access = f->error & (ERROR_W | ERROR_U | ERROR_I);
	struct translation t;

	if (!walk(linear, access, &t)) {
		if (!transfer_fault(f))
			reflect_fault(f);
	} else if (!shadow_fill(linear, &t, access)) {
		cpu->fault.cr2 = linear;
		trap_emulate_access(f);
	}
}

/* From entry.asm, for a page fault of the guest's alone. */
void trap_page_fault(struct frame *f)
{
	uint32_t linear = read_cr2(), error;
	enum way way = WAY_LONG;

	trap_begin(f);
	defer_flush();
	if (linear < HOLE_BASE && mode.size == 4)
		way = resolve(f, linear, 4);
	else if (linear < HOLE_BASE && mode.size == 8)
		way = resolve(f, linear, 8);
	if (way == WAY_LONG || (way != WAY_FILLED && f->eip >= HOLE_BASE)) {
		long_way(f, linear);
	} else if (way != WAY_FILLED) {
		error = (f->error & mode.shown) | (way == WAY_DENIED ? ERROR_P : 0);
		if (!deliver_flat_page_fault(f, linear, error))
			reflect_page_fault(f, linear, error);
	}
	trap_end(f);
}
