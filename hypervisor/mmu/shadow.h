/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The internals of the shadow page tables, for the files of mmu/ only.  In reading
 * order: which shadow pages point to which (link.c), the pool that shadow pages come
 * from (shadowpage.c), the address spaces that they form (space.c), how entries are
 * filled in (shadow.c, refill.c) and kept in step with the guest's (follow.c).
 * docs/mmu.md explains all of this.
 */
#ifndef VMI_SHADOW_H
#define VMI_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "mmu/mmu.h"

/* Entries per bit of struct shadow's groups. */
#define GROUP		(ENTRIES / 16)

/* The first entry of the hole in a directory for the fourth GiB. */
#define HOLE_INDEX	(HOLE_BASE / LARGE % ENTRIES)

/*
 * What a page of the pool shadows.  A table of 4-byte entries needs several shadow
 * pages, as shadow entries have 8 bytes: "part" says which one this is.
 */
enum shadow_kind {
	SHADOW_FREE,
	SHADOW_TABLE32,		/* half a page table: part 0 or 1 */
	SHADOW_TABLE64,
	SHADOW_SPLIT,		/* page table for a large guest page that cannot be mapped as one */
	SHADOW_DIRECTORY32,	/* a quarter of a page directory: part 0 to 3 */
	SHADOW_DIRECTORY64,	/* part 3: with the hole; else part 0 */
	SHADOW_FLAT,		/* no paging: part 0 to 3 */
	SHADOW_TWIN,		/* paged mode: copy of a fourth directory, plus the monitor */
};

struct shadow {
	uint32_t frame;		/* the frame of the guest's table */
	uint32_t parents;	/* links to this page; a guest can make more than 65535 */
	uint16_t next;		/* next page of the same hash, or on the free list */
	uint16_t before, after;	/* neighbours on the volatile list */
	uint16_t parent, index;	/* where one link is, a hint; parent of a directory: a space */
	uint16_t twin;		/* of a fourth directory in paged mode, else 0 */
	uint16_t groups;	/* bitmap of groups of GROUP entries: those ever written */
	uint8_t kind, part;	/* enum shadow_kind */
	bool is_volatile;	/* has the semantics of a TLB: goes at the next flush */
	bool owned;		/* a page table with one parent, freed when that link is cut */
	bool used;		/* since the evicting hand came by: shadowpage.c, evict() */
#ifdef VMI_CHECK
	uint32_t counted;	/* check.c: the links to this page, counted again */
#endif
} __attribute__((aligned(32)));	/* an index becomes an address by a shift */

/*
 * A guest address space, which is known by the value of CR3: the PDPT that the
 * processor walks for it.  Spaces are not freed.  If a new one is needed, the one that
 * was not entered for longest is used again.
 */
enum space_mode { SPACE_NONE, SPACE_32, SPACE_PAE, SPACE_FLAT };
struct space {
	uint64_t pdpt[GIBS];		/* the guest runs with this one */
	uint64_t monitor_pdpt[GIBS];	/* and the monitor with this one */
	uint64_t guest_pdpte[GIBS];	/* PAE: as loaded last; the directories shadow these */
	uint16_t directory[GIBS];	/* shadow pages; 0: none yet */
	uint32_t root;			/* CR3 without PCD and PWT */
	uint32_t used;			/* when it was entered last, by mmu.clock */
	uint8_t mode;			/* enum space_mode */
	uint8_t table_kind;		/* enum shadow_kind of its page tables */
	uint8_t halves;			/* 1: a page table takes two shadow pages; else 0 */
	uint32_t marks_taken;		/* mmu.marks_taken when the directories were marked used */
	struct space *next;		/* next one of the same hash */
} __attribute__((aligned(32)));	/* the processor requires this of PDPTs */

/* Where the hole begins in a fourth directory; it fills the last group. */
#define HOLE_INDEX	(HOLE_BASE / LARGE % ENTRIES)
_Static_assert(HOLE_INDEX == ENTRIES - GROUP, "the hole is one group");

/* frames.c: frames from @first on. */
struct frame_range {
	uint32_t first, count;
};

#define SHADOW_HASHES	1024u
#define SPACE_HASHES	256u

/*
 * The state of the shadows, which all CPUs share; a lock will guard it once there are
 * several (docs/architecture.md, "State").  Shadow pages have numbers from 1 to count;
 * 0 means "none".
 */
struct mmu {
	struct shadow *shadows;		/* records of the pages, by number */
	uint32_t pool;			/* where page 0 would be, linear */
	uint32_t pool_physical;		/* the same, physical */
	unsigned count;			/* of pages */
	unsigned free_first;		/* head of the free list */
	unsigned hand;			/* where evict() goes on */
	unsigned volatile_first;	/* head of the volatile list */
	uint32_t marks_taken;		/* how many "used" marks evict() took from directories */
	uint32_t clock;			/* counts flushes, to find the space entered longest ago */
	bool stale;			/* a TLB may still know pages that are free now */
	uint16_t hash[SHADOW_HASHES];	/* by frame: the first page of the chain */

	struct space *spaces;
	unsigned space_count;
	struct space *space_hash[SPACE_HASHES];

	struct frame_range devices[DEVICE_CLAIMS];	/* by claim; count 0: none */

	uint32_t *announced;		/* bitmap of frames: pagetype.c */
	uint32_t announced_frames;
};
extern struct mmu mmu;

static inline bool shadow_is_directory(unsigned kind)
{
	return kind >= SHADOW_DIRECTORY32 && kind <= SHADOW_FLAT;
}

static inline uint64_t *shadow_entries(unsigned page)
{
	return (uint64_t *)(uintptr_t)(mmu.pool + page * PAGE_SIZE);
}

static inline uint32_t shadow_physical(unsigned page)
{
	return mmu.pool_physical + page * PAGE_SIZE;
}

/* The page table that directory entry @entry points to; 0: a large page, or not present. */
static INLINE unsigned shadow_child(uint64_t entry)
{
	if (((uint32_t)entry & (PTE_P | PTE_PS)) != PTE_P)
		return 0;
	return ((uint32_t)entry - mmu.pool_physical) / PAGE_SIZE;
}

/*
 * Write an entry that the processor may be reading.  It is written in two halves, so it
 * is made not present first: a present entry never has the wrong upper half.
 */
static inline void shadow_write(uint64_t *at, uint32_t low, uint32_t high)
{
	volatile uint32_t *word = (volatile uint32_t *)at;

	word[0] = 0;
	word[1] = high;
	word[0] = low;
}

/* To be called before entry @index is written, so that non-zero entries can be found. */
static INLINE void shadow_mark(struct shadow *s, unsigned index)
{
	s->groups |= (uint16_t)(1u << index / GROUP);
}

/* An entry as two halves, which costs less than 64 bits; high is 0 for one of 4 bytes. */
struct halves {
	uint32_t low, high;
};

static INLINE uint32_t frame_of(struct halves e)
{
	return e.low >> 12 | e.high << 20;
}

static INLINE struct halves *shadow_entry(unsigned page, uint32_t index)
{
	return (struct halves *)&shadow_entries(page)[index % ENTRIES];
}

/* The page table that directory entry @pde points to; the caller knows that it does. */
static INLINE unsigned shadow_table(struct halves pde)
{
	return (pde.low - mmu.pool_physical) / PAGE_SIZE;
}

/*
 * Make shadow entry @at from the guest's entry @pte, which has A set.  A page that is
 * not dirty is mapped read-only, so that the first write faults and D can be set.
 */
static INLINE void shadow_put(struct halves *at, struct halves pte)
{
	uint32_t low = pte.low & PTE_D ? pte.low : pte.low & ~PTE_W;

	low &= PAGE_MASK | PTE_W | PTE_U | PTE_CACHE;
	shadow_write((uint64_t *)at, low | PTE_P | PTE_A | PTE_D, pte.high);
}

/* Are reserved bits set in entry @e of @size bytes? */
static INLINE bool has_reserved(struct halves e, const unsigned size)
{
	return size == 8 && (e.high & this_vcpu()->paging.reserved);
}

/* walk.c: read an entry of 8 bytes while another CPU or a device changes it. */
uint64_t walk_read_changing(const volatile uint32_t *word);

/* walk.c: the reserved bits of an entry of 8 bytes, under the guest's current EFER. */
uint64_t walk_reserved(void);

/* Read the guest's entry at @at, of @size bytes. */
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

/*
 * Make shadow entry @at from @pte without an access, if that has A set: a TLB may hold
 * such an entry at any time, so it is right to have it.
 */
static INLINE void shadow_offer(struct halves *at, struct halves pte, const unsigned size)
{
	if ((pte.low & (PTE_P | PTE_A)) == (PTE_P | PTE_A) && !has_reserved(pte, size) &&
	    frame_is_plain(frame_of(pte)))
		shadow_put(at, pte);
}

/* Entry @index, of @size bytes, of the guest's table @frame; NULL if it is in no window. */
static INLINE uint32_t *guest_entry(uint32_t frame, unsigned index, const unsigned size)
{
	if (!window_is_open(frame))
		return NULL;
	return (uint32_t *)((char *)window_at(frame) + index % (PAGE_SIZE / size) * size);
}

/* ---- link.c: which pages point to which ---- */

/* Entry @index, which is not present, comes to point to @table or to map a large page. */
void link_table(unsigned directory, unsigned index, unsigned table, uint64_t flags);
void link_large(unsigned directory, unsigned index, uint64_t entry);

/* Clear entry @index.  Returns the page table that only this entry owned, or 0. */
unsigned link_cut(unsigned directory, unsigned index);

/*
 * Clear every entry that points to @table.  false: there may be more, but looking for
 * them would take too long.
 */
bool link_cut_table(unsigned table);

/* Take every directory from every space: for when all pages are freed. */
void link_forget_all(void);

/* Make @directory the one for @gib of space @s; 0: none. */
void link_directory(struct space *s, unsigned gib, unsigned directory);

/* Take @directory from every space that has it. */
void link_cut_directory(unsigned directory);

/* ---- shadowpage.c: the pool ---- */

void shadowpage_prepare(void);

/* The page that shadows such a table and is not volatile; 0: none. */
unsigned shadowpage_find(uint32_t frame, unsigned kind, unsigned part);

/* A new page, empty; another one may be evicted for it. */
unsigned shadowpage_new(uint32_t frame, unsigned kind, unsigned part, bool is_volatile);

/* Drop all pages that shadow the table in @frame; all pages; all volatile pages. */
void shadowpage_drop_frame(uint32_t frame);
void shadowpage_drop_all(void);
void shadowpage_drop_volatile(void);

/* Does the current space use @directory? */
bool shadowpage_is_current(unsigned directory);

/* Flush the TLB if it may still know pages that have become free. */
void shadowpage_flush_stale(void);

/* Clear entry @index of a directory; make it point to @table; make it map a large page. */
void shadowpage_clear(unsigned directory, unsigned index);
void shadowpage_link(unsigned directory, unsigned index, unsigned table, uint64_t flags);
void shadowpage_set(unsigned directory, unsigned index, uint64_t entry);

/* ---- space.c ---- */

void space_prepare(void);

/* Switch to the space that the guest's control registers ask for. */
void space_enter(void);

/* Is CR0.WP clear, so that last entries have the rights of the whole path (shadow.c)? */
bool space_combines_rights(void);

/* Give the current space a directory for @gib, for which it has none, and return that. */
unsigned space_open_directory(unsigned gib);

/* ---- shadow.c ---- */

/* INVLPG of @linear, which a large page may map, or a split one. */
void shadow_flush_large(unsigned directory, uint32_t linear);

/* ---- pagetype.c ---- */

void tables_prepare(void);
bool table_announced(uint32_t frame);

#endif
