/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's processor: its registers and descriptor tables, the events that it
 * takes, and its control transfers.
 *
 * Rules for all services here:
 *  - The guest's privilege is what the guest believes: ring 1 is its kernel.
 *  - A bool service that returns false has recorded the one fault that the
 *    guest must see (struct fault of the vCPU), and has changed nothing.
 *  - Segments are numbered SEG_*, sizes are in bytes.
 */
#ifndef VMI_CPU_H
#define VMI_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "mmu/mmu.h"
#include "model/decode.h"

/* ---- fetch.c ---- */

/*
 * Reads up to max bytes at CS:EIP into buf and returns how many there are;
 * if fewer than max, a fetch fault is recorded for the first one missing (the
 * emulator returns it only if the instruction needs that byte).
 */
int guest_fetch(struct frame *f, uint8_t *buf, int max);

/* ---- guestwrite.c: stores, after which the shadow descriptors follow ---- */

/* As guest_read(), for a store; all or nothing, also over two pages. */
bool guest_write(uint32_t linear, const void *buf, uint32_t len, unsigned access);

/* ---- segment.c: the shadow descriptor tables ---- */

/* What a change has left for descriptors_settle(). */
enum { SEGMENT_CHANGED = 1, SEGMENT_CODE_CHANGED = 2 };

/* The whole table is another; @limit 0 of an LDT: none. */
unsigned segment_load_gdt(uint32_t base, uint16_t limit);
unsigned segment_load_ldt(uint32_t base, uint32_t limit);

/* By a call: the guest has changed the descriptor at @at, in whichever table that is. */
unsigned segment_entry_changed(uint32_t at);

/* By a store: entry @index of table @which (WATCH_GDT, WATCH_LDT). */
unsigned segment_entry_stored(unsigned which, unsigned index);

/* The shadow descriptor, or NULL for null and what lies beyond the table. */
struct descriptor *segment_lookup(uint16_t selector);

/* The guest's own descriptor, as it is in memory. */
bool segment_guest(uint16_t selector, struct descriptor *d);

/* Every change of a shadow table ends here: the processor loads FS and GS anew. */
void segment_reload(void);

/* May ring @ring run at @selector:@eip, by a return or an interrupt gate? */
bool segment_check_code(uint16_t selector, unsigned ring, uint32_t eip);

/* May ring @ring have @selector as its stack?  @vector: #GP, or #TS. */
bool segment_check_stack(uint16_t selector, unsigned ring, unsigned vector);

/*
 * offset in segment -> linear, checked as the processor would for len bytes:
 * null, type, limit (expand-down too) with the guest's own descriptor, in
 * V8086 mode selector << 4 and limit FFFFh.  false: #GP(0), for SS #SS(0).
 * len 0 adds the base and never fails (INVLPG).
 */
bool segment_linear(struct frame *f, unsigned segment, uint32_t offset, uint32_t len, bool write,
		    uint32_t *linear);

/* The descriptor's D/B bit: of CS the code size, of SS the stack size.  false in V8086 mode. */
bool segment_is_32bit(struct frame *f, unsigned segment);

/* What of ESP addresses the stack: all, or the low 16 bits. */
static inline uint32_t segment_stack_mask(struct frame *f)
{
	return segment_is_32bit(f, SEG_SS) ? 0xffffffffu : 0xffff;
}

/* What MOV r, sreg shows the guest. */
uint16_t segment_selector(struct frame *f, unsigned segment);

/*
 * Loads ES, SS, DS, FS or GS in ring 1 with all checks of the processor, where
 * RPL 0 counts as 1; updates the frame or the register.
 */
bool segment_load(struct frame *f, unsigned segment, uint16_t selector);

/* ---- wrap.c: segments that wrap around 4 GiB, in segment mode ---- */

/* #GP or #SS: true if the instruction shall be tried again. */
bool wrap_fault(struct frame *f);

/* Descriptors have changed: an instruction may fault again as if for the first time. */
static inline void wrap_forget(void)
{
	this_vcpu()->wrap.eip = 0xffffffffu;
}

/* ---- direct.c: the guest's gates that need no monitor ---- */

/* After the last of several changes of descriptors, all of them (SEGMENT_*) taken together. */
void descriptors_settle(unsigned changes);

/* VMI_WriteIDTEntry: the guest has changed the entry at @at. */
void direct_written(uint32_t at);

/* The IDT is another: by VMI_SetIDT, or not. */
void direct_table(bool by_call);

/* VMI_UpdateKernelStack. */
void direct_stack(uint16_t ss0, uint32_t esp0);

/* Something has changed that all direct gates depend on. */
void direct_update_all(void);

/* ---- inject.c, flat.c: events into the guest ---- */

/* SDM volume 3, table 6-1: 8, 10 to 14, 17. */
static inline bool has_error_code(unsigned vector)
{
	return vector < 32 && (0x00027d00u >> vector & 1);
}

/*
 * An exception whose CR2, for a page fault, is fault.cr2 of the vCPU.  A fault in
 * delivering it is delivered in its stead, or makes a double fault.  Only entry/
 * and start/ reflect: all others say that a fault is due, and leave it recorded.
 */
void reflect(struct frame *f, unsigned vector, uint32_t error);

/* The recorded fault. */
void reflect_fault(struct frame *f);

/* INT n of @length bytes at EIP. */
void reflect_soft(struct frame *f, unsigned vector, unsigned length);

/* A page fault at @linear by the short way.  false: it is recorded, and to be reflected. */
bool deliver_flat_page_fault(struct frame *f, uint32_t linear, uint32_t error);

/* A device's interrupt.  false: a fault was recorded. */
bool inject_interrupt(struct frame *f, unsigned vector);

/* ---- regions.c: stretches of the VMI layer that are one instruction to the guest ---- */

/* A handler is about to run at ring 1: where the code at @eip is to go on. */
uint32_t region_restart(uint32_t eip);

/* The return that EIP is in, behind its store to virtual IF; or NULL. */
const struct return_path *region_return(uint32_t eip);

/* ---- transfer.c: control transfers of the guest's kernel that set CS ---- */

enum transfer { TRANSFER_DONE, TRANSFER_FAULT, TRANSFER_NOT_MINE };

/* VECTOR_IRET: VMI_IRET that needs the monitor. */
enum transfer transfer_by_call(struct frame *f);

/* An interrupt is to be delivered: a return that has set virtual IF already comes first. */
enum transfer transfer_forward(struct frame *f);

/* An exception: was it one in such a return? */
enum transfer transfer_fault(struct frame *f);

/*
 * Each does the whole instruction: stack, CS, EIP, EFLAGS, ESP, SS.  If false
 * the frame is as it was.  operand_size is 2 or 4.
 */
bool transfer_iret(struct frame *f, unsigned operand_size);
/* RETF; release bytes of arguments. */
bool transfer_far_return(struct frame *f, unsigned operand_size, uint32_t release);
/* JMP FAR. */
bool transfer_far_jump(struct frame *f, uint16_t selector, uint32_t offset);
/* CALL FAR; next is the offset to push. */
bool transfer_far_call(struct frame *f, unsigned operand_size, uint16_t selector, uint32_t offset,
		       uint32_t next);

/* ---- sysenter.c ---- */

/* SYSEXIT: as VMI_SYSEXIT, to EDX, stack ECX; virtual IF is not changed. */
bool transfer_sysexit(struct frame *f);

void sysenter_adopt(void);
void sysenter_set_cs(uint32_t value);

/* The guest's register of an MSR's number, or NULL. */
uint32_t *sysenter_register(uint32_t index);

/* ---- vcpu.c: control state ---- */

void vcpu_load_control(uint32_t cr0, uint32_t cr3, uint32_t cr4);
void vcpu_adopt_tr(uint16_t selector);

/* number is 0, 2, 3 or 4.  What is queued has been flushed. */
uint32_t vcpu_read_cr(unsigned number);
bool vcpu_write_cr(unsigned number, uint32_t value);
bool vcpu_set_cr3(uint32_t value);
uint64_t vcpu_read_tsc(void);
bool vcpu_read_pmc(uint32_t counter, uint64_t *value);
void vcpu_clts(void);
bool vcpu_xsetbv(uint32_t index, uint32_t low, uint32_t high);
void vcpu_wbinvd(void);
void vcpu_invlpg(uint32_t linear);
bool vcpu_lgdt(uint16_t limit, uint32_t base);
bool vcpu_lidt(uint16_t limit, uint32_t base);
bool vcpu_lldt(uint16_t selector);
bool vcpu_ltr(uint16_t selector);

/* Virtual IF; setting it does not deliver: that is the exit path's, which looks at events. */
bool vcpu_get_if(void);
void vcpu_set_if(bool on);

/* HLT: before the guest goes on. */
void vcpu_halt(void);

/* cpuid.c */
void vcpu_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4]);

/* ---- tss.c: the processor's TSS, and the guest's ---- */

/* Virtual IOPL, 0 to 3. */
unsigned vcpu_iopl(void);
void tss_set_iopl(unsigned level);

/* Let the processor pass what goes straight of ring 3's ports, or nothing. */
void tss_open_ports(bool ring_3);

/* The stack of the guest's kernel for entries from ring 3. */
bool tss_kernel_stack(uint16_t *ss, uint32_t *esp);

/* Ring 3 and V8086 mode only: IOPL (not in V8086 mode) and the guest TSS's bitmap.  false: #GP(0) or its page fault. */
bool io_allowed(struct frame *f, uint16_t port, unsigned size);

/* ---- debug.c: debug registers ---- */

/* number is 0 to 7; 4 and 5 are 6 and 7 or #UD by CR4.DE. */
bool vcpu_read_dr(unsigned number, uint32_t *value);
bool vcpu_write_dr(unsigned number, uint32_t value);
void debug_adopt(void);
void debug_apply(void);

/* What the processor says of a #DB; the breakpoint bits of an older one go. */
uint32_t debug_take_cause(void);

/* The guest's DR6 tells @cause. */
void debug_note(uint32_t cause);

/* A step of the emulator, or a #DB in the guest: is one due to it? */
bool debug_step_is_due(struct frame *f);
bool debug_is_due(struct frame *f, uint32_t cause);

/* ---- stop.c ---- */

/* A guest that cannot be told of its fault. */
void guest_stop(struct frame *f, const char *why) NORETURN;

#endif
