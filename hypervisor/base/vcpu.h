/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of one vCPU, which is one physical CPU, in three parts: what the guest
 * may write (struct vcpu_state), what it may only read (struct gate_info), and what
 * it never sees (struct vcpu).  Each CPU has its own at the same linear addresses.
 */
#ifndef VMI_VCPU_H
#define VMI_VCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/apic.h"
#include "model/descriptor.h"
#include "base/compiler.h"
#include "base/hole.h"
#include "base/stats.h"
#include "vmi_abi.h"

struct frame;
struct space;

/*
 * The state page.  The VMI layer writes it, and so can anything else at ring 1: the
 * monitor takes what it finds here as a hint and never trusts it.
 */
struct vcpu_state {
	uint32_t virtual_if;	/* 0 or EFLAGS_IF */
	uint32_t pending;	/* likewise: an interrupt waits until virtual IF is set */
	uint32_t cr0, cr2, cr3, cr4;
	uint32_t queue_head;	/* bytes in use at HOLE_QUEUE */
	uint32_t deferred;	/* VMI_SetDeferredMode's mask */
	uint32_t shadow_eip;	/* after the last STI: the gate delivers nothing here */
	uint32_t in_service;	/* bits: 8259 lines the gate delivered, unknown to the model */
	uint32_t apic_serves;	/* 1: the guest may clear it in place of an EOI to the local APIC */
	uint32_t alarm_fired;	/* the gate has delivered the alarm of gate_info.alarm_vector */
};

struct table_register {
	uint32_t base;
	uint16_t limit;
};

/*
 * cpu/flat.c: the gate through which an event of this kind was last delivered by the
 * fast path, to flat code at cs:eip and with a flat stack in ss.  ss 0: none yet.
 */
enum flat_kind { FLAT_EXCEPTION, FLAT_PAGE_FAULT, FLAT_INTERRUPT, FLAT_KINDS };
struct flat {
	struct descriptor gate;
	uint32_t ss, cs, eip;
};

/*
 * The gate and the VMI layer read this page at HOLE_GATE_INFO, where it is read-only.
 * The monitor writes it through the mapping of the block (info_page_rw()).
 */
struct gate_info {
	uint32_t monitor_cr3;
	uint32_t guest_cr3;
	uint32_t sysenter_cs, sysenter_ss, sysenter_eip, sysenter_esp;	/* selectors with RPL 1 */
	uint32_t sysexit_cs, sysexit_ss;
	uint64_t cycle_hz, stolen;	/* docs/time.md */
	uint32_t stolen_changes;

	/* how events are delivered: cpu/flat.h */
	struct table_register idt;
	uint16_t ss0;
	bool stack_by_call;	/* ss0:esp0 are from VMI_UpdateKernelStack, not from the TSS */
	bool iret_by_call;	/* VMI_IRET is in use: frames carry true RPLs */
	uint32_t esp0;
	uint32_t iopl;		/* virtual IOPL, 0 to 3 */
	struct flat flat[FLAT_KINDS];

	/* what the gate may do without the monitor: entry/quick.c */
	uint16_t quick_lines;	/* the lines of the 8259 pair that it may deliver */
	uint8_t quick_base[2];	/* the first vectors of the pair's two chips */
	uint8_t alarm_vector;	/* if not 0: it may deliver the alarm the timer is set for */
	bool breakpoints;	/* hardware breakpoints are armed: it may deliver nothing */
	uint64_t alarm_due;	/* when that alarm is due, in real time */
};

#define GDT_RAW		32u		/* entries of struct vcpu's gdt_raw */

struct fault {
	uint32_t vector, error, cr2;
};

/* cpu/wrap.c: the instruction that faulted last, and how often it was tried again. */
struct wrap {
	uint32_t registers[8];
	uint32_t eip, esp;
	unsigned tries;
};

/* An alarm of VMI_SetAlarm.  With period 0 it fires once, even if it is periodic. */
struct alarm {
	uint64_t expiry, period;	/* in cycles of its counter */
	uint64_t due;		/* expiry in real time; NEVER if not armed */
	uint32_t flags;
	uint32_t armed;
};
#define ALARMS	2	/* by counter: real, available */

/* A descriptor table whose pages are watched (mmu/watch.c). */
enum { WATCH_GDT, WATCH_LDT, WATCHES };
#define WATCH_PAGES	17u		/* 64 KiB, not aligned */
struct watch {
	uint32_t base, pages;
	uint32_t frame[WATCH_PAGES];
	bool ended;		/* the guest announces changes by calls: no watch any more */
};

/* start/adopt.c: what the 8259 pair and the timer did while VMI_Init waited for them. */
struct adoption {
	volatile int arrived;		/* the vector that the pair delivered, or -1 */
	volatile bool timed_out;
	volatile bool draining;		/* VECTOR_TIMER is the guest's yet */
	uint16_t waiting;		/* the pair's IRR at the beginning */
};

/* mmu/paging.c: how mmu/refill.c is to read the guest's page-table entries. */
struct paging {
	unsigned size;		/* bytes of an entry; 0: refill.c does not serve this mode */
	uint32_t reserved;	/* reserved bits of the upper half of an 8-byte entry */
	unsigned shown;		/* the bits of an error code that the guest may see */
};

/*
 * cpu/segment.c: a cached result of segment_sanitize(raw), which depends on nothing
 * else.  All zeros is a valid pair, so the cache needs no set-up.
 */
struct known_descriptor {
	struct descriptor raw, safe;
};
#define KNOWN_DESCRIPTORS	16u

struct vcpu {
	uint32_t attention;	/* entry/exit.c has something to do before the guest runs */
	struct gate_info *info;	/* writable, through the mapping of the block */
	struct frame *(*nested)(struct frame *f);	/* the handler of events at CPL 0 */

	/* registers as the guest believes them to be */
	uint32_t cr0, cr3, cr4;	/* the state page has copies, for the guest to read */
	uint64_t efer;
	struct table_register gdt;
	struct descriptor gdt_raw[GDT_RAW];	/* what the first shadow entries were made from */
	uint32_t gdt_quick;	/* bytes of gdt_raw that calls may use; 0 from LGDT to the first */
	uint16_t ldt, tr;
	uint32_t ldt_base, ldt_limit;
	uint32_t tss_base, tss_limit;
	uint32_t sysenter_cs;	/* as the guest wrote it; EIP and ESP are in gate_info */
	uint64_t pat;
	uint32_t dr[8];
	uint32_t features;	/* EDX of CPUID leaf 1, from the physical processor */

	uint32_t gate_by_call[8];	/* bitmap: set by VMI_SetIDT or VMI_WriteIDTEntry */
	bool sti_shadow;	/* no interrupt before the instruction at shadow_eip */
	uint32_t shadow_eip;
	bool stepping;		/* the monitor has set TF, to see that instruction end */
	bool halted;		/* the guest has executed HLT */
	bool fetching;		/* the monitor reads guest code, not data */
	bool debug_trap;	/* a #DB for the guest came at CPL 0: exit.c reflects it */

	struct adoption adoption;

	/* the MMU: mmu/ */
	struct space *space;	/* the guest address space that the processor uses */
	struct paging paging;
	uint32_t first_closed;	/* no frame below this one is closed to the guest */
	uint32_t apic_frame;	/* where the guest has its local APIC (closed), or NO_FRAME */
	struct watch watch[WATCHES];
	uint32_t watch_first, watch_frames;	/* every watched frame is in this range */
	uint32_t window_tag[WINDOW_COUNT];	/* by slot: the frame mapped there, plus 1 */
	uint64_t *window_pt[WINDOW_COUNT / 512];
	uint64_t *monitor_pt, *guest_pt;	/* page tables of the hole's first 2 MiB */
	uint64_t bare_directory, bare_monitor;	/* PDPTEs of directories with only the hole */

	struct wrap wrap;
	struct known_descriptor known[KNOWN_DESCRIPTORS];
	struct fault fault;	/* recorded by the service that failed last */
	uint32_t stats[STAT_COUNT];	/* tools/vmi-linux reads these, and what follows: */
	uint32_t calls[VMI_NR_CALLS];	/* how often each call came, by its index */

	struct apic apic;
	bool end_offered;	/* apic_serves was 1: the model must learn if it was cleared */
	bool extint;		/* the IO-APIC asks for an interrupt of the 8259 pair */
	bool timer_short;	/* the physical timer cannot count as far as timer_when */
	uint64_t timer_when;	/* the deadline that the physical timer is set to */
	uint64_t timer_earliest;	/* it must not interrupt again before this time */
	struct alarm alarm[ALARMS];
#ifdef VMI_CHECK
	uint64_t take_from, take_to;	/* a test: time to take from the guest; to 0: none */
#endif
};

_Static_assert(sizeof(struct vcpu) <= HOLE_CPU_PAGES * PAGE_SIZE, "struct vcpu fits its pages");
_Static_assert(offsetof(struct vcpu, calls) == offsetof(struct vcpu, stats) + STAT_COUNT * 4,
	       "one array of counters");
_Static_assert(sizeof(struct vcpu_state) <= PAGE_SIZE, "the state page is one page");

/* ---- the CPU that runs ---- */

#ifdef VMI_HOST		/* a test on the host has variables instead of the hole */
extern struct vcpu host_vcpu;
extern struct vcpu_state host_state;
extern struct gate_info host_info;
#define VCPU_AT		(&host_vcpu)
#define STATE_AT	(&host_state)
#define INFO_AT		(&host_info)
#else
#define VCPU_AT		((struct vcpu *)HOLE_CPU)
#define STATE_AT	((struct vcpu_state *)HOLE_STATE)
#define INFO_AT		((const struct gate_info *)HOLE_GATE_INFO)
#endif

static inline struct vcpu *this_vcpu(void)
{
	return VCPU_AT;
}

static inline struct vcpu_state *state_page(void)
{
	return STATE_AT;
}

/* Read-only, for the gate and the monitor alike. */
static inline const struct gate_info *info_page(void)
{
	return INFO_AT;
}

/* Writable: works in the monitor only, where the block is mapped. */
static inline struct gate_info *info_page_rw(void)
{
	return this_vcpu()->info;
}

/* ---- the fault that a service records when it refuses ---- */

/* Record an exception for the guest; @error is 0 for one without error code, as #UD. */
static inline void fault_record(unsigned vector, uint32_t error)
{
	this_vcpu()->fault.vector = vector;
	this_vcpu()->fault.error = error;
}

/* The same, and return false, as a service that refuses does. */
static inline bool refuse(unsigned vector, uint32_t error)
{
	fault_record(vector, error);
	return false;
}

#endif
