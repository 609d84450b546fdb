/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's processor: its registers and descriptor tables, the events that are
 * delivered to it, and its control transfers.
 *
 * Rules for all functions here:
 *  - Privilege is as the guest sees it: ring 1 is the guest's kernel, CPL 0 to itself.
 *  - A bool function that returns false has recorded the one fault that the guest must
 *    see (vcpu.fault), and has changed nothing else.
 *  - Segments are numbered SEG_*; sizes are in bytes.
 */
#ifndef VMI_CPU_H
#define VMI_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "mmu/mmu.h"
#include "model/decode.h"

/* ---- fetch.c: the bytes of the guest's instructions ---- */

/*
 * Read up to @max bytes at CS:EIP into @buf and return how many could be read.  If that
 * is fewer than @max, the fault for the first missing byte is recorded; the emulator
 * uses it only if the instruction needs that byte.
 */
int guest_fetch(struct frame *f, uint8_t *buf, int max);

/* ---- guestwrite.c: stores, after which the shadow descriptors are updated ---- */

/* Write to guest memory, with access as for guest_read(): all or nothing, even across pages. */
bool guest_write(uint32_t linear, const void *buf, uint32_t len, unsigned access);

/* ---- segment.c: the shadow descriptor tables ---- */

/* What descriptors_settle() has to do after a change. */
enum { SEGMENT_CHANGED = 1, SEGMENT_CODE_CHANGED = 2 };

/* The guest has loaded another table.  @limit 0 for the LDT: none is loaded. */
unsigned segment_load_gdt(uint32_t base, uint16_t limit);
unsigned segment_load_ldt(uint32_t base, uint32_t limit);

/* The guest says by a call that it has changed the descriptor at @at, of either table. */
unsigned segment_entry_changed(uint32_t at);

/* A store has changed entry @index of table @which (WATCH_GDT, WATCH_LDT). */
unsigned segment_entry_stored(unsigned which, unsigned index);

/* The shadow descriptor; NULL if @selector is null or beyond the limit. */
struct descriptor *segment_lookup(uint16_t selector);

/* Read the guest's own descriptor from memory. */
bool segment_guest(uint16_t selector, struct descriptor *d);

/* To be called after every change of a shadow table: loads FS and GS again. */
void segment_reload(void);

/* May a return or an interrupt gate go to @selector:@eip at ring @ring? */
bool segment_check_code(uint16_t selector, unsigned ring, uint32_t eip);

/* May ring @ring have its stack in @selector?  @vector is the fault if not: #GP, #SS, #TS. */
bool segment_check_stack(uint16_t selector, unsigned ring, unsigned vector);

/*
 * Translate @offset in @segment to a linear address, with the checks that the processor
 * would make for an access of @len bytes: null, type, and limit (also expand-down) of
 * the guest's own descriptor; in V8086 mode the base is selector << 4 and the limit is
 * FFFFh.  false: #GP(0), or #SS(0) for SS.  With @len 0 (INVLPG) nothing is checked but
 * V8086 mode's limit.
 */
bool segment_linear(struct frame *f, unsigned segment, uint32_t offset, uint32_t len, bool write,
		    uint32_t *linear);

/* The D/B bit: for CS the code size, for SS the stack size.  false in V8086 mode. */
bool segment_is_32bit(struct frame *f, unsigned segment);

/* The bits of ESP that address the stack: all, or the low 16. */
static inline uint32_t segment_stack_mask(struct frame *f)
{
	return segment_is_32bit(f, SEG_SS) ? 0xffffffffu : 0xffff;
}

/* The selector that MOV r, sreg shows the guest. */
uint16_t segment_selector(struct frame *f, unsigned segment);

/*
 * Load ES, SS, DS, FS or GS for ring 1, with all checks of the processor, where RPL 0
 * counts as 1.  Updates the frame, or the register itself for FS and GS.
 */
bool segment_load(struct frame *f, unsigned segment, uint16_t selector);

/* ---- wrap.c: segments that wrap around 4 GiB, in segment mode ---- */

/* After #GP or #SS: true if the instruction is to be executed again. */
bool wrap_fault(struct frame *f);

/* Descriptors have changed: an instruction that faulted before may be tried again. */
static inline void wrap_forget(void)
{
	this_vcpu()->wrap.eip = 0xffffffffu;
}

/* ---- direct.c: gates of the guest that the processor uses directly ---- */

/* To be called after changes of descriptors; @changes are their SEGMENT_* bits together. */
void descriptors_settle(unsigned changes);

/* VMI_WriteIDTEntry: the guest has changed the IDT entry at @at. */
void direct_written(uint32_t at);

/* The guest has loaded another IDT.  @by_call: by VMI_SetIDT, not by LIDT. */
void direct_table(bool by_call);

/* VMI_UpdateKernelStack: the stack for entries from ring 3. */
void direct_stack(uint16_t ss0, uint32_t esp0);

/* To be called when something has changed that all direct gates depend on. */
void direct_update_all(void);

/* ---- inject.c, flat.c: events into the guest ---- */

/* Exceptions 8, 10 to 14 and 17 have one (SDM volume 3, table 6-1). */
static inline bool has_error_code(unsigned vector)
{
	return vector < 32 && (0x00027d00u >> vector & 1);
}

/*
 * Reflect an exception: deliver it to the guest's own handler.  For a page fault CR2 is
 * vcpu.fault.cr2.  If the delivery faults, that fault is delivered in its place, or a
 * double fault.  Only entry/ and start/ may call this; all other code returns that a
 * fault is due, and leaves it recorded.
 */
void reflect(struct frame *f, unsigned vector, uint32_t error);

/* Reflect the recorded fault. */
void reflect_fault(struct frame *f);

/* Deliver the INT n at EIP, which has @length bytes. */
void reflect_soft(struct frame *f, unsigned vector, unsigned length);

/*
 * Deliver a page fault at @linear by the fast path.  false: that was not possible; the
 * fault is recorded, and the caller must reflect it.
 */
bool deliver_flat_page_fault(struct frame *f, uint32_t linear, uint32_t error);

/* Deliver a device interrupt.  false: the delivery faulted, and the fault is recorded. */
bool inject_interrupt(struct frame *f, unsigned vector);

/* ---- regions.c: critical regions of the VMI layer ---- */

/*
 * An event is to be delivered while the guest is at @eip.  Returns the EIP that its
 * frame must have: that of the start, if @eip is in a region that must be restarted.
 */
uint32_t region_restart(uint32_t eip);

/* The VMI_IRET or VMI_SYSEXIT that has stored virtual IF and is now at @eip; or NULL. */
const struct return_path *region_return(uint32_t eip);

/* ---- transfer.c: control transfers of the guest's kernel that load CS ---- */

/* FAULT: recorded, to be reflected.  NOT_MINE: not in such a return, nothing done. */
enum transfer { TRANSFER_DONE, TRANSFER_FAULT, TRANSFER_NOT_MINE };

/* VECTOR_IRET: a VMI_IRET that needs the monitor. */
enum transfer transfer_by_call(struct frame *f);

/* An interrupt is to be delivered: first complete a return that has stored virtual IF. */
enum transfer transfer_forward(struct frame *f);

/* After an exception: if such a return has faulted, complete it. */
enum transfer transfer_fault(struct frame *f);

/*
 * Each does all that the instruction does: stack, CS, EIP, EFLAGS, ESP, SS.  If it
 * returns false the frame is unchanged.  @operand_size is 2 or 4.
 */
bool transfer_iret(struct frame *f, unsigned operand_size);
/* RETF, which also releases @release bytes of arguments. */
bool transfer_far_return(struct frame *f, unsigned operand_size, uint32_t release);
/* JMP FAR. */
bool transfer_far_jump(struct frame *f, uint16_t selector, uint32_t offset);
/* CALL FAR; @next is the return offset to push. */
bool transfer_far_call(struct frame *f, unsigned operand_size, uint16_t selector, uint32_t offset,
		       uint32_t next);

/* ---- sysenter.c: SYSENTER, SYSEXIT and their MSRs ---- */

/* SYSEXIT: to EIP EDX with ESP ECX, as VMI_SYSEXIT, but virtual IF is not changed. */
bool transfer_sysexit(struct frame *f);

void sysenter_adopt(void);
void sysenter_set_cs(uint32_t value);

/* The guest's value of MSR @index; NULL if that is not one of the three, or not present. */
uint32_t *sysenter_register(uint32_t index);

/* ---- vcpu.c: control state ---- */

void vcpu_load_control(uint32_t cr0, uint32_t cr3, uint32_t cr4);
void vcpu_adopt_tr(uint16_t selector);

/* Can a guest go on with this CR4, which it has loaded before VMI_Init? */
bool vcpu_accepts_cr4(uint32_t value);

/* @number is 0, 2, 3 or 4.  The queue of deferred calls must be empty. */
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

/* Virtual IF.  Setting it delivers nothing yet: entry/exit.c looks for events later. */
bool vcpu_get_if(void);
void vcpu_set_if(bool on);

/* HLT: the guest sleeps until it has an interrupt to take. */
void vcpu_halt(void);

/* cpuid.c: CPUID as the guest sees it, in EAX, EBX, ECX, EDX order. */
void vcpu_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4]);

/* ---- tss.c: the physical TSS, and the guest's ---- */

/* Virtual IOPL, 0 to 3. */
unsigned vcpu_iopl(void);
void tss_set_iopl(unsigned level);

/* true: ring 3 may access the ports that need no model directly.  false: all trap. */
void tss_open_ports(bool ring_3);

/* Get the stack of the guest's kernel for entries from ring 3. */
bool tss_kernel_stack(uint16_t *ss, uint32_t *esp);

/*
 * May ring 3 or V8086 mode access @size bytes of ports at @port?  By IOPL (not in V8086
 * mode) and the bitmap in the guest's TSS.  false: #GP(0), or a page fault in the TSS.
 */
bool io_allowed(struct frame *f, uint16_t port, unsigned size);

/* ---- debug.c: debug registers ---- */

/* @number is 0 to 7; 4 and 5 mean 6 and 7, or raise #UD, as CR4.DE says. */
bool vcpu_read_dr(unsigned number, uint32_t *value);
bool vcpu_write_dr(unsigned number, uint32_t value);
void debug_adopt(uint32_t dr7);
void debug_apply(void);

/* The cause of a #DB, from the physical DR6, which is then cleared. */
uint32_t debug_take_cause(void);

/* Show @cause in the guest's DR6. */
void debug_note(uint32_t cause);

/* After an emulated step, or a physical #DB: must the guest get a #DB? */
bool debug_step_is_due(struct frame *f);
bool debug_is_due(struct frame *f, uint32_t cause);

/* ---- stop.c: the end of the guest ---- */

/* A fault cannot be delivered to the guest: report, and do what hardware would do. */
void guest_stop(struct frame *f, const char *why) NORETURN;

#endif
