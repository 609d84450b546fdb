/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of one vCPU, which is one physical CPU: what the guest shares
 * (struct vcpu_state), what it may read (struct gate_info), and what is the
 * monitor's alone (struct vcpu).  Each CPU sees its own at the same addresses.
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

/* Written by the VMI layer and by whatever else runs at ring 1: hints, never trusted. */
struct vcpu_state {
	uint32_t virtual_if;	/* 0 or EFLAGS_IF */
	uint32_t pending;	/* likewise: an interrupt waits for virtual IF */
	uint32_t cr0, cr2, cr3, cr4;
	uint32_t queue_head;	/* bytes in use at HOLE_QUEUE */
	uint32_t deferred;	/* VMI_SetDeferredMode's mask */
	uint32_t shadow_eip;	/* behind the last STI: no interrupt by the gate there */
	uint32_t in_service;	/* lines of the 8259 pair, as bits: the gate's, the model is to learn of them */
	uint32_t apic_serves;	/* 1: the guest may end the local APIC's interrupt by clearing it */
	uint32_t alarm_fired;	/* the gate has delivered the alarm that alarm_vector is for */
};

struct table_register {
	uint32_t base;
	uint16_t limit;
};

/* flat.c: a gate, to flat code by a flat stack at SS, as delivered through last; SS 0: none */
enum flat_kind { FLAT_EXCEPTION, FLAT_PAGE_FAULT, FLAT_INTERRUPT, FLAT_KINDS };
struct flat {
	struct descriptor gate;
	uint32_t ss, cs, eip;
};

/* Read by the gate and the VMI layer; written through the block's mapping only. */
struct gate_info {
	uint32_t monitor_cr3;
	uint32_t guest_cr3;
	uint32_t sysenter_cs, sysenter_ss, sysenter_eip, sysenter_esp;	/* at RPL 1 */
	uint32_t sysexit_cs, sysexit_ss;
	uint64_t cycle_hz, stolen;	/* docs/time.md */
	uint32_t stolen_changes;

	/* how events are delivered: flat.h */
	struct table_register idt;
	uint16_t ss0;
	bool stack_by_call;	/* ss0:esp0 come by VMI_UpdateKernelStack, not from the TSS */
	bool iret_by_call;	/* VMI_IRET is in use: frames carry true RPLs */
	uint32_t esp0;
	uint32_t iopl;
	struct flat flat[FLAT_KINDS];

	/* what the gate does without the monitor: quick.c */
	uint16_t quick_lines;	/* the lines of the 8259 pair that it may deliver */
	uint8_t quick_base[2];	/* the vectors of the pair's chips */
	uint8_t alarm_vector;	/* by which it may deliver the one alarm that the timer is set for; or 0 */
	bool breakpoints;	/* some are armed: nothing */
	uint64_t alarm_due;	/* that alarm, in real time */
};

#define GDT_RAW		32u		/* entries */

struct fault {
	uint32_t vector, error, cr2;
};

/* wrap.c: the last instruction that faulted, and how often */
struct wrap {
	uint32_t registers[8];
	uint32_t eip, esp;
	unsigned tries;
};

/* Of VMI_SetAlarm; even if it is periodic, a period of 0 fires once. */
struct alarm {
	uint64_t expiry, period;	/* in cycles of its counter */
	uint64_t due;		/* in real time; NEVER if it is not armed */
	uint32_t flags;
	uint32_t armed;
};
#define ALARMS	2	/* by counter: real, available */

/* A descriptor table whose pages are watched (watch.c). */
enum { WATCH_GDT, WATCH_LDT, WATCHES };
#define WATCH_PAGES	17u		/* 64 KiB, not aligned */
struct watch {
	uint32_t base, pages;
	uint32_t frame[WATCH_PAGES];
	bool ended;		/* the guest uses calls */
};

/* start/adopt.c: what the 8259 pair and the timer have done while VMI_Init waited. */
struct adoption {
	volatile int arrived;		/* the pair's vector, or -1 */
	volatile bool timed_out;
	uint16_t waiting;		/* the pair's IRR at first */
};

/* paging.c: how the guest's entries are to be read. */
struct paging {
	unsigned size;		/* of an entry; 0: no paging, or CR0.WP clear */
	uint32_t reserved;	/* bits that no entry's upper half may have */
	unsigned shown;		/* of an error code's bits */
};

/* segment.c: a result of segment_sanitize(), which depends on nothing else.  Zeros are right, too. */
struct known_descriptor {
	struct descriptor raw, safe;
};
#define KNOWN_DESCRIPTORS	16u

struct vcpu {
	uint32_t attention;	/* something is to be done before the guest runs */
	struct gate_info *info;	/* through the block's mapping */
	struct frame *(*nested)(struct frame *f);	/* who handles what happens at CPL 0 */

	/* what the guest believes */
	uint32_t cr0, cr3, cr4;	/* the state page's are copies for reading */
	uint64_t efer;
	struct table_register gdt;
	struct descriptor gdt_raw[GDT_RAW];	/* what the shadow's first entries were made from */
	uint32_t gdt_quick;	/* bytes of it that calls go by; 0 from LGDT to the first call */
	uint16_t ldt, tr;
	uint32_t ldt_base, ldt_limit;
	uint32_t tss_base, tss_limit;
	uint32_t sysenter_cs;	/* as written; EIP and ESP are in gate_info */
	uint64_t pat;
	uint32_t dr[8];
	uint32_t features;	/* CPUID leaf 1, EDX, as the processor has it */

	uint32_t gate_by_call[8];	/* IDT entries that came by VMI_SetIDT or VMI_WriteIDTEntry */
	bool sti_shadow;	/* no interrupt before the instruction at shadow_eip */
	uint32_t shadow_eip;
	bool stepping;		/* TF is the monitor's, to see that instruction end */
	bool halted;
	bool fetching;		/* what is read is code */
	bool debug_trap;	/* a #DB of the guest's came at CPL 0: due on the way out */

	struct adoption adoption;

	/* the MMU: mmu/ */
	struct space *space;	/* the address space that the processor is in */
	struct paging paging;
	uint32_t first_closed;	/* no frame below is closed to the guest */
	uint32_t apic_frame;	/* closed, since the guest has its local APIC there; or NO_FRAME */
	struct watch watch[WATCHES];
	uint32_t watch_first, watch_frames;	/* all that are watched are among these */
	uint32_t window_tag[WINDOW_COUNT];	/* by slot: the frame that is mapped there, plus 1 */
	uint64_t *window_pt[WINDOW_COUNT / 512];
	uint64_t *monitor_pt, *guest_pt;	/* of the hole's first 2 MiB, as either side sees it */
	uint64_t bare_directory, bare_monitor;	/* entries of PDPTs: the hole alone */

	struct wrap wrap;
	struct known_descriptor known[KNOWN_DESCRIPTORS];
	struct fault fault;	/* by the service that failed last */
	struct fault monitor_fault;	/* at CPL 0, fixed up */
	uint32_t stats[STAT_COUNT];	/* tools/vmi-linux reads these and, behind them, */
	uint32_t calls[VMI_NR_CALLS];	/* how often each call came, by index */

	struct apic apic;
	bool end_offered;	/* the model is to learn what became of state->apic_serves */
	bool extint;		/* the IO-APIC asks for an interrupt of the 8259 pair */
	bool timer_short;	/* the physical timer cannot count as far as to timer_when */
	uint64_t timer_when;	/* the deadline that it is set to */
	uint64_t timer_earliest;	/* it is to interrupt again no earlier */
	struct alarm alarm[ALARMS];
	uint64_t take_from, take_to;	/* the monitor is to take this time; to 0: none */
};

_Static_assert(sizeof(struct vcpu) <= HOLE_CPU_PAGES * PAGE_SIZE, "struct vcpu fits its pages");
_Static_assert(offsetof(struct vcpu, calls) == offsetof(struct vcpu, stats) + STAT_COUNT * 4,
	       "one array of counters");
_Static_assert(sizeof(struct vcpu_state) <= PAGE_SIZE, "the state page is one page");

/* ---- the CPU that runs ---- */

#ifdef VMI_HOST		/* a test on the host has them, instead of the hole */
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

/* In the gate and the monitor alike, to read; */
static inline const struct gate_info *info_page(void)
{
	return INFO_AT;
}

/* and to write, which only the monitor's own mapping lets it. */
static inline struct gate_info *info_page_rw(void)
{
	return this_vcpu()->info;
}

/* ---- the fault that a refused service leaves ---- */

/* An exception with an error code (0 for #UD, which has none). */
static inline void fault_record(unsigned vector, uint32_t error)
{
	this_vcpu()->fault.vector = vector;
	this_vcpu()->fault.error = error;
}

/* The same, and false: what a service returns. */
static inline bool refuse(unsigned vector, uint32_t error)
{
	fault_record(vector, error);
	return false;
}

#endif
