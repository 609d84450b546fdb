/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated machine for the monitor's memory management unit: what the files of
 * tests/host/mmu/ share.  choice.c says what happens next, memory.c is the physical
 * memory, processor.c walks the shadows as a processor does, oracle.c knows what
 * the guest's own tables allow, monitor.c stands for the rest of the monitor, and
 * steps.c is the guest.
 */
#ifndef MMU_SIM_H
#define MMU_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/cpu.h"
#include "entry/entry.h"
#include "mmu/shadow.h"

/* ---- choice.c: numbers from a file, or random ones, which are recorded ---- */

void choice_random(uint64_t seed);
void choice_bytes(const uint8_t *bytes, size_t count);
bool choice_exhausted(void);
unsigned choice_byte(void);

/* From 0 to limit - 1; limit is at most 65536. */
unsigned choose(unsigned limit);

/* In one of @of cases. */
bool chance(unsigned of);

/* What was chosen since the start of the run, for choice_bytes(). */
const uint8_t *choice_record(size_t *count);

/* Other choices, of the simulated processor's, that no file holds. */
unsigned whim(unsigned limit);

/* ---- the end of a run that found something ---- */

void fail(const char *format, ...) PRINTF(1) NORETURN;

/* A line of the story that fail() tells. */
void tell(const char *format, ...) PRINTF(1);
void story_start(void);
#define CHECK(condition, ...) do { if (!(condition)) fail(__VA_ARGS__); } while (0)

/* What is done when a run has failed, before the end. */
extern void (*on_failure)(void);

/* ---- memory.c: physical memory ---- */

#define BLOCK		0x00900000u	/* the monitor's, in the midst of a large page */
#define BLOCK_FRAME	(BLOCK / PAGE_SIZE)
#define HIGH		0x100000u	/* the first frame from 4 GiB on */
#define RAM_FRAMES	96u
#define NO_SLOT		0xffffffffu

/* Which frames are RAM: all others read as ones. */
extern uint32_t ram_frame[RAM_FRAMES];
#define TABLE_FRAMES	16u		/* the first ones are mostly tables, below the block */
#define HIGH_FRAMES	6u		/* the next, likewise, above 4 GiB */
#define POINTER_FRAMES	2u		/* and these hold PDPTEs */

void memory_prepare(void);
void memory_clear(uint32_t block_size);
unsigned ram_slot(uint64_t frame);

/* The frame's entries, or NULL if it is no RAM. */
uint64_t *ram_at(uint64_t frame);

/* Physical memory of the block, as the processor reads it. */
const uint64_t *block_at(uint64_t physical);

/* The monitor's window at @linear shows what its page table says now. */
void memory_show_window(uint32_t linear);

/* ---- processor.c ---- */

struct mapping {
	uint64_t frame;			/* of the page of 4 KiB */
	bool writable, user, nx;
};

struct processor {
	uint32_t cr0, cr2, cr3, cr4;
	unsigned physical_bits;
	uint64_t pdpte[GIBS];
};
extern struct processor processor;

void processor_reset(void);
void processor_load(uint32_t cr3);

/* An access: false is a page fault with @error. */
bool processor_access(uint32_t linear, unsigned access, struct mapping *m, unsigned *error);

/* Without being asked: the TLB takes the translation of @linear. */
void processor_speculate(uint32_t linear);

/* All that it could reach now is allowed: at @linear, by its TLB, anywhere. */
void processor_check(uint32_t linear);
void processor_check_tlb(void);
void processor_check_all(void);

/* ---- oracle.c: the guest's own tables ---- */

/* What the guest has loaded into its processor, and when what was flushed. */
struct machine {
	uint32_t cr0, cr3, cr4;
	bool nxe;
	uint64_t pdpte[GIBS];
	uint32_t apic_frame;		/* closed, or NO_FRAME */
	uint32_t watched[2 * WATCH_PAGES];
	unsigned watches[2];
};
extern struct machine machine;

void oracle_reset(void);

/* The guest writes an entry of @size bytes, 4 or 8; @size 8 is aligned. */
void oracle_write(uint32_t frame, unsigned offset, uint64_t value, unsigned size);
uint64_t oracle_read(uint32_t frame, unsigned offset, unsigned size);

/* Entries of @frame are not what the guest has promised: anything goes, until the monitor drops its shadows. */
void oracle_taint(uint32_t frame);
void oracle_dropped(uint32_t frame);

/* The guest's TLB is flushed, as a whole or of one address. */
void oracle_flush(void);
void oracle_flush_and_drop(void);
void oracle_flush_page(uint32_t linear);
bool oracle_is_full(void);

/* MOV CR3: the PDPTEs, if there are some.  false: #GP. */
bool oracle_load_pdptes(uint32_t cr3);

bool oracle_closed(uint64_t frame);
bool oracle_watched(uint64_t frame);
bool oracle_read_only(uint64_t frame);	/* watched, or a ROM's */

/* May a processor have @m at @linear?  A TLB's semantics. */
bool oracle_allows(uint32_t linear, const struct mapping *m);

/* What a walk of the tables as they are gives. */
struct path {
	bool fault;
	unsigned error;			/* of a fault */
	bool tainted;
	uint64_t frame;
	bool writable, user, nx;
	unsigned entries;		/* of the path that were read: */
	struct { uint32_t frame; unsigned offset; } at[2];
};
void oracle_walk(uint32_t linear, unsigned access, struct path *p);

/* The access has been made, perhaps: the monitor may have set A, and D for a write, on this path. */
void oracle_accessed(const struct path *p, unsigned access);

/* Whatever it has set there. */
void oracle_believe_memory(void);

/* Nothing else of the guest's memory has changed. */
void oracle_check_memory(void);

bool oracle_pae(void);
unsigned oracle_entry_size(void);

/* ---- monitor.c ---- */

void monitor_start(unsigned pool_pages, unsigned spaces, enum protect protect);

/* What became of a page fault. */
enum outcome { OUTCOME_FILLED, OUTCOME_FAULT, OUTCOME_EMULATE };
enum outcome monitor_page_fault(uint32_t linear, unsigned error, uint32_t *reflected);

/* Around whatever the guest asks of the monitor. */
void monitor_enter(void);
void monitor_leave(void);

/* What guest_read() and guest_store() copy to and from; did all of it go by the processor's translations? */
extern uint8_t monitor_buffer[8];
extern bool monitor_copied;

/* ---- steps.c ---- */

/* One run: until @steps have been made, or there is nothing left to choose from. */
unsigned long run(unsigned long steps);

#endif
