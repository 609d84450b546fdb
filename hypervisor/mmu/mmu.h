/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the memory management unit offers: the map of the hole, windows on guest
 * frames, walks of the guest's own tables, and the shadows that the processor
 * walks in their stead.  docs/mmu.md tells how they work together.
 */
#ifndef VMI_MMU_H
#define VMI_MMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

/* ---- hole.c: the page tables of the hole, built in POST ---- */

void hole_build(struct vcpu *v);
void hole_map_cpu(struct vcpu *v, uint32_t state, uint32_t info);
void hole_map_rom(struct vcpu *v, uint32_t physical);

/* The physical page that the monitor maps at @linear, in the first 2 MiB of the hole. */
uint32_t hole_physical(const struct vcpu *v, uint32_t linear);

/*
 * The hole's part of a page directory for the fourth GiB: the monitor's, and
 * the guest's where that is another (@guest is NULL where it is not).
 */
void hole_fill_pd3(const struct vcpu *v, uint64_t *guest, uint64_t *monitor);

/* ---- frames.c: frames that are not simply mapped for the guest ---- */

/*
 * A closed frame is never mapped: it is the monitor's, or a model's, or holds
 * registers that shield.c looks after.  Whoever serves one claims it, and claims
 * it anew when it moves; NO_FRAME gives it up.
 */
#define NO_FRAME	0xffffffffu	/* no frame has that number: walk.c, PHYSICAL_MAX */
enum frame_claim {
	CLAIM_LOCAL_APIC, CLAIM_IO_APIC,	/* the physical ones */
	CLAIM_CONFIG_BRIDGE, CLAIM_CONFIG_LPC,	/* in the window on PCI configuration space */
	CLAIM_GUEST_APIC,			/* where this vCPU has its local APIC */
	CLAIMS
};
void frames_prepare(struct vcpu *v);
void frames_claim(enum frame_claim claim, uint32_t frame);
bool frame_is_claimed(uint32_t frame);
bool frame_is_in_watch(uint32_t frame);

static inline bool frame_is_closed(uint32_t frame)
{
	return frame >= this_vcpu()->first_closed && frame_is_claimed(frame);
}

/* A watched frame holds a descriptor table: it is mapped read-only. */
static INLINE bool frame_is_watched(uint32_t frame)
{
	return frame - this_vcpu()->watch_first < this_vcpu()->watch_frames && frame_is_in_watch(frame);
}

/* The guest may have it mapped, and write to it without more ado. */
static INLINE bool frame_is_plain(uint32_t frame)
{
	return !frame_is_closed(frame) && !frame_is_watched(frame);
}

bool frames_are_plain(uint32_t first, unsigned count);

/* ---- window.c: guest frames, mapped for a moment ---- */

/* NULL: a closed frame.  Opening a window may replace any other: keep none across a call. */
void *window_open(uint32_t frame);

static INLINE void *window_at(uint32_t frame)
{
	return (void *)(uintptr_t)(HOLE_WINDOWS + frame % WINDOW_COUNT * PAGE_SIZE);
}

static INLINE bool window_is_open(uint32_t frame)
{
	return this_vcpu()->window_tag[frame % WINDOW_COUNT] == frame + 1;
}

static INLINE void *window(uint32_t frame)
{
	return window_is_open(frame) ? window_at(frame) : window_open(frame);
}

/* ---- walk.c: the guest's own page tables ---- */

struct translation {
	uint64_t physical;	/* of the byte */
	uint64_t entry;		/* the last one, with A and D as they are now */
	uint64_t pde;		/* the one above it, if it is not large */
	uint32_t table;		/* the frame of the page table, likewise */
	uint32_t rights;	/* by the whole path: the bits PTE_W and PTE_U count */
	bool nx, large;		/* nx: likewise */
};

/* @access as in a page fault's error code: ERROR_W, ERROR_U, ERROR_I.  false: the fault is recorded. */
bool walk(uint32_t linear, unsigned access, struct translation *t);

/* The PDPTEs that MOV CR3 loads, with PAE; false: #GP. */
bool walk_pdptes(uint32_t cr3, uint64_t pdpte[GIBS]);
void walk_prepare(void);
void walk_start(void);

/* ---- paging.c: how the guest's entries are to be read ---- */

void paging_update(void);

/* ---- guestmem.c: guest memory by linear address ---- */

/* Bits of access, as in a page fault's error code. */
#define ACCESS_READ	0
#define ACCESS_WRITE	ERROR_W
#define ACCESS_USER	ERROR_U	/* by ring 3 or V8086 mode */

/*
 * Guest memory at linear .. linear + len - 1 (at most 8 bytes with ACCESS_WRITE),
 * through the guest's page tables, accessed bits set.  With ACCESS_WRITE a
 * read has the checks and faults of a write (and may set the dirty bit): it is
 * the first half of a read-modify-write, or probes before a side effect.  The
 * hole, and wrapping into it, fault like a page that is not present.
 */
bool guest_read(uint32_t linear, void *buf, uint32_t len, unsigned access);

/*
 * Likewise for a store; all or nothing, also over two pages.  STORE_WATCHED: the
 * store is made, and the descriptors that lie there are to be followed.
 */
enum store { STORE_FAULT, STORE_DONE, STORE_WATCHED };
enum store guest_store(uint32_t linear, const void *buf, uint32_t len, unsigned access);

/* Bytes of guest code at @linear: the kernel also runs the VMI layer's copy in the hole. */
bool guest_read_code(uint32_t linear, uint8_t *buf, uint32_t len, unsigned access);

/* ---- shadow.c, space.c: the page tables that the processor uses ---- */

void shadow_prepare(void);
void shadow_start(void);

/* Let the processor use translation @t.  false: it is no page that a guest may so reach. */
bool shadow_fill(uint32_t linear, const struct translation *t, unsigned access);

/* A flush of the guest's TLB. */
void shadow_flush(void);

/* What entries mean has changed: paging mode, CR0.WP, EFER.NXE, a claim or a watch. */
void shadow_reset(void);

/* A load of CR3, with nothing left in the queue.  false: nothing has changed, the PDPTEs cannot be loaded. */
bool shadow_load_cr3(uint32_t value);

/* PAE: the PDPTEs once more.  false: they cannot be. */
bool shadow_load_pdptes(void);

/* ---- pagetype.c: the page tables that the guest has announced ---- */

void table_announce(uint32_t frame);
void table_release(uint32_t frame);

/* ---- refill.c: page faults that the guest is not to see ---- */

/* The guest's own faults come first, and are the error code's bit P. */
enum way {
	WAY_ABSENT = 0,		/* the guest's page is not present, */
	WAY_DENIED = ERROR_P,	/* or does not allow the access */
	WAY_FILLED,		/* only a shadow entry was missing, and now it is there */
	WAY_LONG,		/* not decided here: walk, fill or emulate */
};
enum way refill(uint32_t linear, unsigned error);

/* ---- follow.c: what the guest has changed ---- */

/* The frame that the processor has at @linear now; false: it has none. */
bool shadow_translate(uint32_t linear, uint32_t *frame);

/* The guest has written at @offset of page @frame, by a call: what was made from the entry there goes. */
void shadow_written(uint32_t frame, unsigned offset);

/* The same at @linear. */
void shadow_follow(uint32_t linear);

/* INVLPG, with nothing left in the queue. */
void shadow_flush_page(uint32_t linear);

/* For many writes to one page: where the entries of an announced page table are shadowed, if that is simple. */
struct shadow_places {
	uint64_t *half[2];	/* NULL: not at all; of 8-byte entries only the first counts */
	unsigned size;		/* of the guest's entries, 0: not simple */
};
void shadow_places(uint32_t frame, struct shadow_places *p);

/* ---- watch.c: tables that the guest may still write to ---- */

/* The frames in which table @which lies now.  true: their mappings must go. */
bool watch_begin(unsigned which, uint32_t base, uint32_t bytes);
void watch_end(unsigned which);

/* The VMI layer stores a descriptor at @linear for the guest's first call of that kind. */
bool watch_called(const struct frame *f, uint32_t linear);

/* A store to a watched page by an instruction that is not emulated: the watch ends.  false: it is no such page. */
bool watch_give_up(void);

#endif
