/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shadow page tables from inside: the pages that the processor walks
 * (shadowpage.c), and the address spaces that they make up (shadow.c).
 * docs/mmu.md explains both.
 */
#ifndef VMI_SHADOW_H
#define VMI_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

/* A page fault's error code, and what is asked of an access. */
#define ERROR_P		0x01u
#define ERROR_W		0x02u
#define ERROR_U		0x04u
#define ERROR_RSVD	0x08u
#define ERROR_I		0x10u

#define PTE_P		0x001u
#define PTE_W		0x002u
#define PTE_U		0x004u
#define PTE_CACHE	0x018u		/* PWT, PCD */
#define PTE_A		0x020u
#define PTE_D		0x040u
#define PTE_PS		0x080u
#define PTE_NX		(1ull << 63)
#define PTE_FRAME	0x000ffffffffff000ull
#define NX_HIGH		0x80000000u	/* PTE_NX in an entry's upper half */
#define ENTRIES		512u
#define LARGE		0x200000u	/* what one entry of a directory maps */
#define GROUP		(ENTRIES / 16)
#define GIBS		4u
#define TOP_GIB		3u		/* the one with the hole */

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
} __attribute__((aligned(32)));	/* found by a shift */

/* Pages are numbers, 0 is none. */
extern struct shadow *shadows;		/* by number */
extern uint32_t shadow_pool;		/* address of the pages, less one page */
extern uint32_t shadow_pool_physical;
extern unsigned volatile_first;
extern uint32_t shadow_marks_taken;	/* from directories, by the evicting hand */

static inline uint64_t *shadow_entries(unsigned page)
{
	return (uint64_t *)(shadow_pool + page * 4096u);
}

/* The page that a directory's entry points to, 0 if it maps a large page or nothing. */
static INLINE unsigned shadowpage_child(uint64_t entry)
{
	if (((uint32_t)entry & (PTE_P | PTE_PS)) != PTE_P)
		return 0;
	return ((uint32_t)entry - shadow_pool_physical) / 4096u;
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
static INLINE void shadowpage_mark(struct shadow *s, unsigned index)
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
	return (pde.low - shadow_pool_physical) / 4096u;
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

/* fault.c: how the guest's entries are to be read, as of the last shadow_reset() */
struct paging {
	unsigned size;		/* of an entry; 0: no paging, or CR0.WP clear */
	uint32_t reserved;	/* bits that no entry's upper half may have */
	unsigned shown;		/* of an error code's bits */
};
extern struct paging paging;

static INLINE bool has_reserved(struct halves e, const unsigned size)
{
	return size == 8 && (e.high & paging.reserved);
}

/* Another CPU may be writing it, half by half. */
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

/* Where the entries of an announced page table are shadowed, if that is simple. */
struct shadow_places {
	uint64_t *half[2];	/* NULL: not at all; of 8-byte entries only the first counts */
	unsigned size;		/* of the guest's entries, 0: not simple */
};

void shadowpage_prepare(void);
unsigned shadowpage_find(uint32_t frame, unsigned kind, unsigned part);
unsigned shadowpage_new(uint32_t frame, unsigned kind, unsigned part, bool is_volatile);
void shadowpage_drop(unsigned page);
void shadowpage_drop_frame(uint32_t frame);
void shadowpage_drop_all(void);
void shadowpage_drop_volatile(void);
void shadowpage_link(unsigned page, unsigned index, unsigned child, uint64_t flags);
void shadowpage_set(unsigned page, unsigned index, uint64_t entry);
void shadowpage_clear(unsigned page, unsigned index);
void shadowpage_settle(void);

/* By frame % SHADOW_HASHES: the first page that shadows it. */
#define SHADOW_HASHES	1024u
extern uint16_t shadow_hash[];

/* follow.c: what the guest has changed */
bool shadow_translate(uint32_t linear, uint32_t *frame);
void shadow_written(uint32_t frame, unsigned offset);
void shadow_follow(uint32_t linear);
void shadow_places(uint32_t frame, struct shadow_places *p);

/* shadow.c: an address space of the guest's. */
#define KEY_32		1u
#define KEY_PAE		2u
#define KEY_FLAT	3u
struct space {
	uint64_t pdpt[GIBS];		/* what the guest runs on */
	uint64_t monitor_pdpt[GIBS];	/* paged mode: what the monitor runs on meanwhile */
	uint64_t guest_pdpte[GIBS];	/* PAE: as loaded last */
	uint16_t directory[GIBS];	/* 0: not opened yet */
	uint32_t key;			/* CR3, KEY_*; 0: none */
	uint32_t used;			/* when: the count of flushes */
	uint32_t kind, halves;		/* of page tables: SHADOW_*; 1 if there are two parts, or 0 */
	uint32_t marks_taken;		/* when the directories were marked as used */
	struct space *next;		/* of the same hash */
};
_Static_assert(sizeof(struct space) % 32 == 0, "PDPTs are aligned to 32 bytes");

extern struct space *current;

void shadow_flush_large(unsigned directory, uint32_t linear);

/* For shadowpage.c. */
bool space_uses(unsigned directory);
void space_forget(unsigned directory);

#endif
