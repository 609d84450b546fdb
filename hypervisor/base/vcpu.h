/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of one vCPU, which is one physical CPU: what the guest shares
 * (struct vcpu_state), what it may read (struct gate_info), and what is the
 monitor's alone (struct vcpu).  Each CPU sees its own at the same addresses.
 */
#ifndef VMI_CPU_H
#define VMI_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/apic.h"
#include "model/descriptor.h"
#include "base/hole.h"
#include "base/stats.h"
#include "vmi_abi.h"

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

struct vcpu {
	uint32_t attention;	/* something is to be done before the guest runs */
	struct vcpu_state *state;
	struct gate_info *info;	/* through the block's mapping */

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

	struct wrap wrap;
	struct watch watch[WATCHES];
	uint32_t watch_first, watch_frames;	/* all that are watched are among these */
	struct fault fault;	/* by the service that failed last */
	struct fault monitor_fault;	/* at CPL 0, fixed up */
	uint32_t window_tag[WINDOW_COUNT];
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

#define cpu		((struct vcpu *)HOLE_CPU)
#define guest_state	((struct vcpu_state *)HOLE_STATE)	/* cpu->state, without a load */
#define guest_info	((const struct gate_info *)HOLE_GATE_INFO)	/* cpu->info, likewise, for reading */

_Static_assert(sizeof(struct vcpu) <= HOLE_CPU_PAGES * PAGE_SIZE, "struct vcpu fits its pages");
_Static_assert(offsetof(struct vcpu, calls) == offsetof(struct vcpu, stats) + STAT_COUNT * 4,
	       "one array of counters");
_Static_assert(sizeof(struct vcpu_state) <= PAGE_SIZE, "the state page is one page");

#define CR0_PE		0x00000001u
#define CR0_MP		0x00000002u
#define CR0_EM		0x00000004u
#define CR0_TS		0x00000008u
#define CR0_ET		0x00000010u
#define CR0_NE		0x00000020u
#define CR0_WP		0x00010000u
#define CR0_AM		0x00040000u
#define CR0_NW		0x20000000u
#define CR0_CD		0x40000000u
#define CR0_PG		0x80000000u

#define CR4_VME		0x0001u
#define CR4_PVI		0x0002u
#define CR4_TSD		0x0004u
#define CR4_DE		0x0008u
#define CR4_PSE		0x0010u
#define CR4_PAE		0x0020u
#define CR4_MCE		0x0040u
#define CR4_PGE		0x0080u
#define CR4_PCE		0x0100u
#define CR4_OSFXSR	0x0200u
#define CR4_OSXMMEXCPT	0x0400u
#define CR4_OSXSAVE	0x40000u

#define EFER_NXE	0x0800u

#endif
