/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mmu/ offers to the levels above: the page tables of the hole, windows on guest
 * page frames, walks of the guest's own page tables, and the shadow page tables that
 * the processor uses in their place.  docs/mmu.md explains how they work together.
 */
#ifndef VMI_MMU_H
#define VMI_MMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

/* ---- hole.c: the page tables of the hole, built in POST ---- */

void hole_build(struct vcpu *v);

/* @v's own pages; @state and @info are the physical addresses of its two shared ones. */
void hole_map_cpu(struct vcpu *v, uint32_t state, uint32_t info);

/* The RAM copy of the ROM, at @physical. */
void hole_map_rom(struct vcpu *v, uint32_t physical);

/* A device's page @frame, mapped uncached for the monitor alone, until the next call. */
void *hole_device(uint32_t frame);

/* At the end of VMI_Init: make variables that are CONST_AFTER_START read-only. */
void hole_seal(void);

/* The physical address of the page that @v maps at @linear, in the first 2 MiB of the hole. */
uint32_t hole_physical(const struct vcpu *v, uint32_t linear);

/*
 * Fill in the hole's entries of a page directory for the fourth GiB.  @monitor is the
 * directory that the monitor uses, @guest the one that the guest uses, or NULL if that
 * is the same (segment mode).
 */
void hole_fill_pd3(const struct vcpu *v, uint64_t *guest, uint64_t *monitor);

/* ---- frames.c: frames that are not simply mapped for the guest ---- */

/*
 * A closed frame is never mapped for the guest.  Open are RAM, by the BIOS's memory map,
 * without the monitor's part of it, what lies below 1 MiB, and the device memory that
 * frames_open() names; unless somebody has claimed the frame.  The code that serves a
 * frame as a model claims it, claims its new place when it moves, and claims NO_FRAME
 * to give it up.
 */
#define NO_FRAME	0xffffffffu	/* a number that no frame has: PHYSICAL_MAX in walk.c */
enum frame_claim {
	CLAIM_LOCAL_APIC, CLAIM_IO_APIC,	/* the physical ones */
	CLAIM_GUEST_APIC,			/* where this vCPU has its local APIC */
	CLAIMS
};
void frames_prepare(struct vcpu *v);

/* In POST: what the BIOS calls the machine's memory, by INT 15h, function E820h. */
struct memory_map {
	uint32_t count;
	struct memory_entry {
		uint64_t base, length;
		uint32_t type;
	} __attribute__((packed)) entry[];
} __attribute__((packed));
void frames_ram(const struct memory_map *map);

/* @count frames from @first on; nothing if count is 0. */
struct frame_range {
	uint32_t first, count;
};

static inline bool range_has(struct frame_range r, uint32_t frame)
{
	return frame - r.first < r.count;
}

/* Does the map say anything of some of these frames: RAM, or that they are reserved? */
bool frames_are_taken(struct frame_range r);

/*
 * open.c.  What devices decode now, besides what is below 1 MiB: @count ranges, which replace
 * those of the call before.  Shadows and windows of frames that are closed by this go.
 */
#define OPEN_RANGES	128u
void frames_open(const struct frame_range *ranges, unsigned count);

/* The areas of ROMs below 1 MiB are mapped read-only; stores there are lost. */
#define MEGABYTE_FRAMES		0x100u
#define ROM_FRAMES_FIRST	0xc0u
#define ROM_FRAMES		0x40u
static INLINE bool frame_is_rom(uint32_t frame)
{
	return frame - ROM_FRAMES_FIRST < ROM_FRAMES;
}

void frames_claim(enum frame_claim claim, uint32_t frame);

/*
 * open.c.  Frames in which a device has registers that are a model (dev/msi.c): claim number
 * @device becomes @range, from which all that the guest has mapped goes.  Count 0 gives it
 * up.  false: it is given up, as a frame is closed for another reason.
 */
#define DEVICE_CLAIMS	24u
bool frames_claim_device(unsigned device, struct frame_range range);

/* Is it closed for another reason than a device's claim? */
bool frame_is_ours(uint32_t frame);

/* The complete tests; frame_is_closed() and frame_is_watched() are faster. */
bool frame_is_claimed(uint32_t frame);
bool frame_is_in_watch(uint32_t frame);

static inline bool frame_is_closed(uint32_t frame)
{
	return frame >= this_vcpu()->first_closed && frame_is_claimed(frame);
}

/* A watched frame holds a loaded descriptor table, so it is mapped read-only (watch.c). */
static INLINE bool frame_is_watched(uint32_t frame)
{
	return frame - this_vcpu()->watch_first < this_vcpu()->watch_frames &&
	       frame_is_in_watch(frame);
}

/* Is @frame closed or a ROM's? */
bool frame_is_special(uint32_t frame);

/*
 * Most frames are plain: they may be mapped for the guest without restriction.  Nearly
 * all of these are RAM from 1 MiB on, which one comparison tells.
 */
static INLINE bool frame_is_plain(uint32_t frame)
{
	if (frame - MEGABYTE_FRAMES >= this_vcpu()->plain_frames && frame_is_special(frame))
		return false;
	return !frame_is_watched(frame);
}

bool frames_are_plain(uint32_t first, unsigned count);

/* ---- window.c: guest page frames, mapped for a moment ---- */

/*
 * Map @frame; NULL: it is closed, or a ROM's, where nothing is to be written.  Opening
 * a window may replace any other, so do not keep a pointer into one across a call that
 * may open another.
 */
void *window_open(uint32_t frame);

/* Where @frame is mapped, if its window is open. */
static INLINE void *window_at(uint32_t frame)
{
	return (void *)(uintptr_t)(HOLE_WINDOWS + frame % WINDOW_COUNT * PAGE_SIZE);
}

static INLINE bool window_is_open(uint32_t frame)
{
	return this_vcpu()->window_tag[frame % WINDOW_COUNT] == frame + 1;
}

/* Frames may have been closed: none is in a window any more. */
void windows_close(void);

/* The window on @frame, opened if it was not; NULL: the frame is closed. */
static INLINE void *window(uint32_t frame)
{
	return window_is_open(frame) ? window_at(frame) : window_open(frame);
}

/* ---- walk.c: the guest's own page tables ---- */

struct translation {
	uint64_t physical;	/* address of the byte */
	uint64_t entry;		/* the last entry, with A and D as they are now */
	uint64_t pde;		/* the directory entry; only if the page is not large */
	uint32_t table;		/* the frame of the page table; only if not large */
	uint32_t rights;	/* PTE_W and PTE_U of all entries together; ignore other bits */
	bool nx, large;		/* nx: of all entries together */
};

/*
 * Translate @linear through the guest's page tables.  @access has bits as in a page
 * fault's error code: ERROR_W, ERROR_U, ERROR_I.  false: the fault is recorded.
 */
bool walk(uint32_t linear, unsigned access, struct translation *t);

/* With PAE: read the four PDPTEs that a load of CR3 would load.  false: it would be #GP. */
bool walk_pdptes(uint32_t cr3, uint64_t pdpte[GIBS]);
void walk_prepare(void);
void walk_start(void);

/* ---- paging.c: what the control registers mean for page tables ---- */

/* To be called when CR0, CR4 or EFER has changed. */
void paging_update(void);

/* ---- guestmem.c: guest memory by linear address ---- */

/* How memory is accessed, with bits as in a page fault's error code. */
#define ACCESS_READ	0
#define ACCESS_WRITE	ERROR_W
#define ACCESS_USER	ERROR_U	/* on behalf of ring 3 or V8086 mode */

/*
 * Read @len bytes of guest memory at @linear, through the guest's page tables;
 * accessed bits are set as the processor would.  With ACCESS_WRITE, @len is at most 8
 * and the read has the checks and faults of a write (and may set the dirty bit): it
 * is the first half of a read-modify-write, or a probe before a side effect.  An
 * access to the hole, or one that would wrap into it, faults as if the page there were
 * not present.
 */
bool guest_read(uint32_t linear, void *buf, uint32_t len, unsigned access);

/*
 * Write to guest memory: all or nothing, even across two pages.  STORE_WATCHED: the
 * store is made, but it may have changed descriptors, whose shadows the caller must
 * update.  Only guest_write() in cpu/guestwrite.c, which does that, calls this.
 */
enum store { STORE_FAULT, STORE_DONE, STORE_WATCHED };
enum store guest_store(uint32_t linear, const void *buf, uint32_t len, unsigned access);

/*
 * Read @len bytes of code at @linear.  Unlike guest_read() this allows the kernel the
 * VMI layer's copy in the hole, as the kernel executes it.
 */
bool guest_read_code(uint32_t linear, uint8_t *buf, uint32_t len, unsigned access);

/* ---- shadow.c, space.c: the page tables that the processor uses ---- */

void shadow_prepare(void);
void shadow_start(void);

/*
 * Make the shadow entry for @linear from translation @t.  false: the guest must not
 * reach this frame so, which is closed, or watched or a ROM's and written to.
 */
bool shadow_fill(uint32_t linear, const struct translation *t, unsigned access);

/* What a flush of the guest's TLB means: volatile shadows go. */
void shadow_flush(void);

/*
 * Drop all shadows.  Needed when the meaning of entries has changed: paging mode,
 * CR0.WP, EFER.NXE, a claim or a watch.
 */
void shadow_reset(void);

/*
 * The guest loads CR3.  The queue of deferred calls must be empty.  false: the PDPTEs
 * are invalid, and nothing has changed.
 */
bool shadow_load_cr3(uint32_t value);

/* With PAE: load the PDPTEs again, as CR3 stands.  false: they are invalid. */
bool shadow_load_pdptes(void);

/* ---- pagetype.c: the page tables that the guest has announced ---- */

void table_announce(uint32_t frame);
void table_release(uint32_t frame);

/* ---- refill.c: page faults that the guest is not to see ---- */

/*
 * What becomes of a page fault.  The two that the guest must see come first; their
 * value is bit P of the error code.
 */
enum way {
	WAY_ABSENT = 0,		/* the guest's page is not present */
	WAY_DENIED = ERROR_P,	/* the guest's page does not allow the access */
	WAY_FILLED,		/* only a shadow entry was missing; now it is there */
	WAY_SLOW,		/* not decided here: take the slow path (walk, fill, emulate) */
};
enum way refill(uint32_t linear, unsigned error);

/* ---- follow.c: what the guest has changed ---- */

/* The frame that the shadows map at @linear now.  false: none. */
bool shadow_translate(uint32_t linear, uint32_t *frame);

/*
 * The guest has, by a call, written a page-table entry at @offset of @frame.  What was
 * made from the old entry goes, and is made anew when it is used.
 */
void shadow_written(uint32_t frame, unsigned offset);

/* The same for the entry at @linear. */
void shadow_follow(uint32_t linear);

/* INVLPG.  The queue of deferred calls must be empty. */
void shadow_flush_page(uint32_t linear);

/*
 * Where the entries of an announced page table are shadowed, for a caller with many
 * entries of one table to follow.  size is 0 if that is not simple.
 */
struct shadow_places {
	uint64_t *half[2];	/* by part; NULL: not shadowed.  8-byte entries: half[0] only */
	unsigned size;		/* bytes of the guest's entries */
};
void shadow_places(uint32_t frame, struct shadow_places *p);

/* ---- check.c: the invariants of the shadows, in builds with ASSERT() ---- */

void mmu_check(void);

/* ---- watch.c: descriptor tables that the guest may change by plain stores ---- */

/*
 * Table @which is loaded, at @base: watch the frames in which it lies now.  true:
 * shadow_reset() is needed, as they may be mapped writable.
 */
bool watch_begin(unsigned which, uint32_t base, uint32_t bytes);
void watch_end(unsigned which);

/*
 * Is the store to @linear that has faulted made by the VMI layer, for the guest's first
 * call for that table?  Then the watch ends.
 */
bool watch_called(const struct frame *f, uint32_t linear);

/*
 * An instruction that cannot be emulated has faulted at fault.cr2.  If the page there
 * is watched, the watch ends, so that the guest can go on.  false: it is not.
 */
bool watch_give_up(void);

#endif
