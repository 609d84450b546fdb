/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shadow page tables from inside, for the files of mmu/ alone.  In reading
 * order: the pages that the processor walks and who links to whom (link.c), the
 * pool that they come from (shadowpage.c), the address spaces that they make up
 * (space.c), and how they are filled (shadow.c, refill.c) and kept in step
 * (follow.c).  docs/mmu.md explains all of them.
 */
#ifndef VMI_SHADOW_H
#define VMI_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "mmu/mmu.h"

#define GROUP		(ENTRIES / 16)

/*
 * What a page of the pool shadows.  A guest's table of 4-byte entries takes
 * several: part says which.
 */
enum shadow_kind {
	SHADOW_FREE,
	SHADOW_TABLE32,		/* half a page table: part 0 or 1 */
	SHADOW_TABLE64,
	SHADOW_SPLIT,		/* a large guest page that cannot be one here */
	SHADOW_DIRECTORY32,	/* a quarter of a page directory: part 0 to 3 */
	SHADOW_DIRECTORY64,	/* part 3: with the hole; else part 0 */
	SHADOW_FLAT,		/* no paging: part 0 to 3 */
	SHADOW_TWIN,		/* paged mode: a fourth directory as the monitor sees it */
};

struct shadow {
	uint32_t frame;		/* of the guest's table */
	uint32_t parents;	/* entries that point here: more than 65535, if the guest likes */
	uint16_t next;		/* of the same hash, or on the free list */
	uint16_t before, after;	/* volatile pages */
	uint16_t parent, index;	/* one of them; of a directory, a space */
	uint16_t twin;
	uint16_t groups;	/* of GROUP entries each: those that have been written to */
	uint8_t kind, part;
	bool is_volatile;	/* a TLB's semantics: goes at the next flush */
	bool owned;		/* has one parent and goes with its entry */
	bool used;		/* since the evicting hand came by */
#ifdef VMI_CHECK
	uint32_t counted;	/* check.c: the parents, counted anew */
#endif
} __attribute__((aligned(32)));	/* found by a shift */

/*
 * An address space of the guest, by its CR3: the PDPT that the processor walks.
 * Spaces never go; the one that was left longest ago becomes another's.
 */
enum space_mode { SPACE_NONE, SPACE_32, SPACE_PAE, SPACE_FLAT };
struct space {
	uint64_t pdpt[GIBS];		/* what the guest runs on */
	uint64_t monitor_pdpt[GIBS];	/* paged mode: what the monitor runs on meanwhile */
	uint64_t guest_pdpte[GIBS];	/* PAE: as loaded last, by which the directories were opened */
	uint16_t directory[GIBS];	/* 0: not opened yet */
	uint32_t root;			/* CR3 but for the flags there */
	uint32_t used;			/* when: by mmu.clock */
	uint8_t mode;			/* enum space_mode */
	uint8_t table_kind;		/* of page tables here: enum shadow_kind */
	uint8_t halves;			/* 1 if a guest's page table takes two parts, else 0 */
	uint32_t marks_taken;		/* when the directories were marked as used */
	struct space *next;		/* of the same hash */
} __attribute__((aligned(32)));	/* as the processor wants PDPTs */

#define SHADOW_HASHES	1024u
#define SPACE_HASHES	256u

/*
 * All that the shadows are, shared by all CPUs: guarded by mmu.lock once there
 * are several (docs/architecture.md, "State").  Pages are numbers from 1 to
 * count, and 0 is none.
 */
struct mmu {
	struct shadow *shadows;		/* by number */
	uint32_t pool;			/* address of the pages, less one page */
	uint32_t pool_physical;
	unsigned count;
	unsigned free_first;
	unsigned hand;			/* the evicting one */
	unsigned volatile_first;
	uint32_t marks_taken;		/* from directories, by that hand */
	uint32_t clock;			/* of flushes: what was used longest ago */
	bool stale;			/* the processor may still walk pages that are free */
	uint16_t hash[SHADOW_HASHES];	/* by frame: the first page that shadows it */

	struct space *spaces;
	unsigned space_count;
	struct space *space_hash[SPACE_HASHES];

	uint32_t *announced;		/* a bit per frame */
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

/* The page that a directory's entry points to, 0 if it maps a large page or nothing. */
static INLINE unsigned shadow_child(uint64_t entry)
{
	if (((uint32_t)entry & (PTE_P | PTE_PS)) != PTE_P)
		return 0;
	return ((uint32_t)entry - mmu.pool_physical) / PAGE_SIZE;
}

/* In two halves, and never present with the wrong one. */
static inline void shadow_write(uint64_t *at, uint32_t low, uint32_t high)
{
	volatile uint32_t *word = (volatile uint32_t *)at;

	word[0] = 0;
	word[1] = high;
	word[0] = low;
}

/* Before an entry is written: all that may hold something can be told. */
static INLINE void shadow_mark(struct shadow *s, unsigned index)
{
	s->groups |= (uint16_t)(1u << index / GROUP);
}

/* An entry; the upper half of one of 4 bytes is 0. */
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

/* Of a directory's entry that points to a page table: that page. */
static INLINE unsigned shadow_table(struct halves pde)
{
	return (pde.low - mmu.pool_physical) / PAGE_SIZE;
}

/*
 * The guest's entry @pte, with A set, as entry @at.  A page that is not dirty stays
 * read-only, so that the first write is seen.
 */
static INLINE void shadow_put(struct halves *at, struct halves pte)
{
	uint32_t low = pte.low & PTE_D ? pte.low : pte.low & ~PTE_W;

	low &= ~0xfffu | PTE_W | PTE_U | PTE_CACHE;
	shadow_write((uint64_t *)at, low | PTE_P | PTE_A | PTE_D, pte.high);
}

static INLINE bool has_reserved(struct halves e, const unsigned size)
{
	return size == 8 && (e.high & this_vcpu()->paging.reserved);
}

/* walk.c: an entry of 8 bytes that another CPU is writing, half by half. */
uint64_t walk_read_changing(const volatile uint32_t *word);

/* The bits that no entry of 8 bytes may have, as the guest's EFER stands. */
uint64_t walk_reserved(void);

/* The guest's entry at @at. */
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

/* The guest's entry @pte as entry @at, if A is set: then a TLB may hold it at any time. */
static INLINE void shadow_offer(struct halves *at, struct halves pte, const unsigned size)
{
	if ((pte.low & (PTE_P | PTE_A)) == (PTE_P | PTE_A) && !has_reserved(pte, size) &&
	    frame_is_plain(frame_of(pte)))
		shadow_put(at, pte);
}

/* Entry @index of a guest's table, of @size bytes, if the table is in its window; else NULL. */
static INLINE uint32_t *seen(uint32_t frame, unsigned index, const unsigned size)
{
	if (!window_is_open(frame))
		return NULL;
	return (uint32_t *)((char *)window_at(frame) + index % (PAGE_SIZE / size) * size);
}

/* ---- link.c: who points to whom ---- */

void link_table(unsigned directory, unsigned index, unsigned table, uint64_t flags);
void link_large(unsigned directory, unsigned index, uint64_t entry);

/* What entry @index maps goes; returns the table that nothing needs any more, or 0. */
unsigned link_cut(unsigned directory, unsigned index);

/* No directory points to @table any more. */
void link_cut_table(unsigned table);

/* @directory, or none if it is 0, becomes that of a space's GiB. */
void link_directory(struct space *s, unsigned gib, unsigned directory);

/* No space has @directory any more. */
void link_cut_directory(unsigned directory);

/* ---- shadowpage.c: the pool ---- */

void shadowpage_prepare(void);
unsigned shadowpage_find(uint32_t frame, unsigned kind, unsigned part);
unsigned shadowpage_new(uint32_t frame, unsigned kind, unsigned part, bool is_volatile);
void shadowpage_drop_frame(uint32_t frame);
void shadowpage_drop_all(void);
void shadowpage_drop_volatile(void);

/* If pages have become free since the TLB was flushed last, it is flushed now. */
void shadowpage_settle(void);

/* Entry @index of a directory goes, comes to map @table, or a large page. */
void shadowpage_clear(unsigned directory, unsigned index);
void shadowpage_link(unsigned directory, unsigned index, unsigned table, uint64_t flags);
void shadowpage_set(unsigned directory, unsigned index, uint64_t entry);

/* ---- space.c ---- */

void space_prepare(void);

/* The processor goes over to the space that the control registers ask for. */
void space_enter(void);

/* While CR0.WP is clear the rights of the whole path are in the last entry. */
bool space_combines_rights(void);

/* Is it a directory of the current space? */
bool space_has(unsigned directory);

/* The directory of the current space for a GiB, which had none. */
unsigned space_open_directory(unsigned gib);

/* ---- shadow.c ---- */

/* INVLPG of what may be a large page, or parts of one. */
void shadow_flush_large(unsigned directory, uint32_t linear);

/* ---- pagetype.c ---- */

void tables_prepare(void);
bool table_announced(uint32_t frame);

#endif
