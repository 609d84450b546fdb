/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The calls as C sees them: one prototype each, with what it takes, returns
 * and may do wrong.  Source: docs/abi.md, section 4 where no other is named.
 *
 * Nothing defines these functions.  They name the types of the ROM's entries:
 *
 *	__typeof__(VMI_SetPte) *set_pte =
 *		(__typeof__(VMI_SetPte) *)vmi_entry(VMI_CALL_SetPte);
 *
 * A kernel's usual way is the wrapper of vmi_inline.h named in front of each
 * prototype, which works without a ROM too.
 *
 * Unless a comment says otherwise a call clobbers EAX, EDX, ECX and flags
 * (`standard`), needs flat CS, SS, DS and ES, and cannot fail; an argument
 * that hardware would refuse gives the fault that hardware gives, with an EIP
 * anywhere in VMI code.  Addresses are linear, frames are guest-physical
 * addresses / 4096.
 */
#ifndef VMI_PROTO_H
#define VMI_PROTO_H

#include "vmi_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* EAX, EDX, ECX, then the stack; the caller cleans (section 3) */
#if defined(__i386__)
#define VMICALL __attribute__((__regparm__(3)))
#else
#define VMICALL
#endif

/* ---- Core and processor state ---- */

/* Become a guest: 0, now at CPL 1; or -1, and nothing has changed (section
 * 2).  Interrupts off.  Called by vmi_activate() through its jump slot. */
VMICALL int32_t VMI_Init(void);

/* 3.0's way to an entry: struct vmi_relocation in EDX:EAX for call number
 * `number`; type 0 for an unknown one (section 2).  Through its jump slot. */
VMICALL uint64_t VMI_GetRelocationInfo(uint32_t number);

/* vmi_disable_interrupts(): virtual IF := 0.  Flags only; CS/SS only. */
VMICALL void VMI_DisableInterrupts(void);

/* vmi_enable_interrupts(): virtual IF := 1; what is pending is delivered
 * before it returns.  Flags only; CS/SS only. */
VMICALL void VMI_EnableInterrupts(void);

/* vmi_get_interrupt_mask(): 0 or VMI_INTERRUPT_MASK.  Clobbers flags only
 * beside EAX; CS/SS only. */
VMICALL uint32_t VMI_GetInterruptMask(void);

/* vmi_set_interrupt_mask(): virtual IF := bit 9 of `mask`, no other bit
 * counts; delivers if that enables.  Flags only; CS/SS only. */
VMICALL void VMI_SetInterruptMask(uint32_t mask);

/* vmi_deliver_interrupts(): enable, and deliver what is pending.  Flags
 * only; CS/SS only. */
VMICALL void VMI_DeliverInterrupts(void);

/* vmi_pause(): spin-wait hint. */
VMICALL void VMI_Pause(void);

/* vmi_halt(): enable and wait for an interrupt, atomically. */
VMICALL void VMI_Halt(void);

/* vmi_shutdown(): halt for good; of the last CPU: power off.  No return. */
VMICALL void VMI_Shutdown(void);

/* vmi_reboot(): VMI_REBOOT_SOFT or _HARD.  No return. */
VMICALL void VMI_Reboot(uint32_t how);

/* vmi_set_initial_ap_state(): between INIT and STARTUP IPI of the CPU with
 * APIC id `apic_id` (section 8).  `state` may have any alignment, is copied.
 * A bad state shows as an AP that does not start. */
VMICALL void VMI_SetInitialAPState(const struct vmi_ap_state *state,
				   uint32_t apic_id);

/* ---- Descriptors ---- */

/* vmi_set_gdt(): reloads all segment registers; #GP for a limit above DFFFh.
 * The table in memory may be rewritten (DPL, RPL, limit).  Natively LGDT:
 * portable code reloads its segments itself. */
VMICALL void VMI_SetGDT(const struct vmi_dtr *gdtr);

/* vmi_set_idt(): as LIDT. */
VMICALL void VMI_SetIDT(const struct vmi_dtr *idtr);

/* vmi_set_ldt(): as LLDT, 0 = none; reloads all segment registers. */
VMICALL void VMI_SetLDT(uint32_t selector);

/* vmi_set_tr(): as LTR. */
VMICALL void VMI_SetTR(uint32_t selector);

/* vmi_get_gdt(), _idt, _ldt, _tr: what the guest loaded. */
VMICALL void VMI_GetGDT(struct vmi_dtr *gdtr);
VMICALL void VMI_GetIDT(struct vmi_dtr *idtr);
VMICALL uint32_t VMI_GetLDT(void);
VMICALL uint32_t VMI_GetTR(void);

/* vmi_write_gdt_entry(), _ldt_, _idt_: entry `index` of the table at that
 * address := high:low.  Live segment registers that use it are reloaded, null
 * if they cannot be.  Deferred with VMI_DEFER_DT. */
VMICALL void VMI_WriteGDTEntry(void *gdt, uint32_t index,
			       uint32_t low, uint32_t high);
VMICALL void VMI_WriteLDTEntry(void *ldt, uint32_t index,
			       uint32_t low, uint32_t high);
VMICALL void VMI_WriteIDTEntry(void *idt, uint32_t index,
			       uint32_t low, uint32_t high);

/* vmi_update_kernel_stack(): the stack for entries from ring 3 is esp0, with
 * the ss0 of that TSS; 3.0 passes SS itself, below VMI_KERNEL_STACK_TSS, for
 * which there is no native body.  Deferred with VMI_DEFER_CPU. */
VMICALL void VMI_UpdateKernelStack(void *tss, uint32_t esp0);

/* ---- CPU control and information ---- */

/* vmi_cpuid(): EAX leaf, ECX subleaf; EAX EBX ECX EDX.  Not a C function.
 * Clobbers flags only beside the results. */
void VMI_CPUID(void);

/* vmi_wrmsr(), vmi_rdmsr(): #GP for an unsupported one.  `unused` moves the
 * index into ECX. */
VMICALL void VMI_WRMSR(uint64_t value, uint32_t msr);
VMICALL void VMI_WRMSR_SPLIT(uint32_t low, uint32_t high, uint32_t msr);
VMICALL uint64_t VMI_RDMSR(uint64_t unused, uint32_t msr);

/* vmi_set_cr0() ...: PE, PG, PAE can be turned on; off is #GP.  SetCR3
 * flushes; it is deferred with VMI_DEFER_CPU or _MMU. */
VMICALL void VMI_SetCR0(uint32_t value);
VMICALL void VMI_SetCR2(uint32_t value);
VMICALL void VMI_SetCR3(uint32_t value);
VMICALL void VMI_SetCR4(uint32_t value);

/* vmi_get_cr0() ...: the guest's values. */
VMICALL uint32_t VMI_GetCR0(void);
VMICALL uint32_t VMI_GetCR2(void);
VMICALL uint32_t VMI_GetCR3(void);
VMICALL uint32_t VMI_GetCR4(void);

/* vmi_clts(): clear CR0.TS. */
VMICALL void VMI_CLTS(void);

/* vmi_set_dr(), vmi_get_dr(): a breakpoint in the hole is silently not
 * armed; an unsupported register reads 0. */
VMICALL void VMI_SetDR(uint32_t number, uint32_t value);
VMICALL uint32_t VMI_GetDR(uint32_t number);

/* vmi_rdtsc(): ticks at GetCycleFrequency.  vmi_rdpmc(): counter in ECX. */
VMICALL uint64_t VMI_RDTSC(void);
VMICALL uint64_t VMI_RDPMC(uint64_t unused, uint32_t counter);

/* vmi_wbinvd(): write back and invalidate caches. */
VMICALL void VMI_WBINVD(void);

/* ---- Privilege transitions: in assembler only, VMI_IRET VMI_SYSEXIT ---- */

/* IRET with the frame on top of the stack (EIP CS flags; ESP SS to ring 3; ES
 * DS FS GS to V8086 mode).  Always reached with a 5-byte CALL, whose return
 * address is dropped and names the site: a return that faults is reported at
 * the site's address.  Loads only what the return loads; CS/SS only. */
void VMI_IRET(void);

/* EDX = EIP, ECX = ESP: enables interrupts, to ring 3.  All else preserved;
 * CS/SS only. */
void VMI_SYSEXIT(void);

/* ---- I/O ---- */

/* vmi_inb() ...: clobber nothing but AL, AX or EAX.  `unused` moves the port
 * (0 to FFFFh) into EDX. */
VMICALL uint8_t VMI_INB(uint32_t unused, uint32_t port);
VMICALL uint16_t VMI_INW(uint32_t unused, uint32_t port);
VMICALL uint32_t VMI_INL(uint32_t unused, uint32_t port);

/* vmi_outb() ...: clobber nothing, not even flags. */
VMICALL void VMI_OUTB(uint32_t value, uint32_t port);
VMICALL void VMI_OUTW(uint32_t value, uint32_t port);
VMICALL void VMI_OUTL(uint32_t value, uint32_t port);

/* vmi_insb() ...: EDI or ESI, ECX and DF as REP INS and REP OUTS take and
 * leave them, port in EDX.  Not C functions. */
void VMI_INSB(void);
void VMI_INSW(void);
void VMI_INSL(void);
void VMI_OUTSB(void);
void VMI_OUTSW(void);
void VMI_OUTSL(void);

/* vmi_io_delay(): nothing to wait for.  Clobbers nothing. */
VMICALL void VMI_IODelay(void);

/* vmi_set_iopl_mask(): level << 12: ring 3's virtual IOPL, for ports only. */
VMICALL void VMI_SetIOPLMask(uint32_t mask);

/* ---- Local APIC ---- */

/* vmi_apic_write(), vmi_apic_read(): of the register's address its low 12
 * bits count; the native body needs all of it.  A write to ICR flushes what
 * is deferred. */
VMICALL void VMI_APICWrite(volatile void *reg, uint32_t value);
VMICALL uint32_t VMI_APICRead(volatile void *reg);

/* ---- Time (section 7) ---- */

/* vmi_get_cycle_frequency(): cycles per second of all counters; natively 0:
 * there is no such time, use the machine's timers. */
VMICALL uint64_t VMI_GetCycleFrequency(void);

/* vmi_get_cycle_counter(): VMI_CYCLES_...; 0 for any other; natively 0. */
VMICALL uint64_t VMI_GetCycleCounter(uint32_t counter);

/* vmi_set_alarm(): fire when the counter in `flags` (VMI_ALARM_..., with
 * VMI_CYCLES_REAL or _AVAILABLE; another is ignored) reaches `expiry`, then
 * every `period` cycles if periodic and not 0.  Natively nothing. */
VMICALL void VMI_SetAlarm(uint32_t flags, uint64_t expiry, uint64_t period);

/* vmi_cancel_alarm(): 1 if that counter's alarm was armed; natively 0. */
VMICALL uint32_t VMI_CancelAlarm(uint32_t flags);

/* vmi_get_wallclock_time(): ns since 1970-01-01 UTC; natively 0. */
VMICALL uint64_t VMI_GetWallclockTime(void);

/* vmi_wallclock_updated(): 1 once after wall time jumped; natively 0. */
VMICALL uint32_t VMI_WallclockUpdated(void);

/* ---- MMU: page-table entries.  Deferred with VMI_DEFER_MMU (section 6) ---- */

/* vmi_set_pte(): *ptep := pte. */
VMICALL void VMI_SetPte(vmi_pte pte, vmi_pte *ptep);

/* vmi_set_pxe(): the same at any level; flags: VMI_PXE_... (section 5). */
VMICALL void VMI_SetPxE(vmi_pte pte, vmi_pte *ptep, uint32_t flags);

/* vmi_swap_pte(): the old entry, A and D up to date.  Atomic. */
VMICALL vmi_pte VMI_SwapPte(vmi_pte pte, vmi_pte *ptep);

/* vmi_test_and_set_pte_bit() ...: bit 0 to 31; non-zero if it was set.
 * Atomic. */
VMICALL uint32_t VMI_TestAndSetPteBit(uint32_t bit, vmi_pte *ptep);
VMICALL uint32_t VMI_TestAndClearPteBit(uint32_t bit, vmi_pte *ptep);

/* vmi_update_pxe(), _long: the guest has written *ptep already. */
VMICALL void VMI_UpdatePxE(vmi_pte *ptep, uint32_t flags);
VMICALL void VMI_UpdatePxELong(vmi_pte_long *ptep, uint32_t flags);

/* vmi_set_pte_long() ...: PAE entries, never half written while present;
 * bit 0 to 63. */
VMICALL void VMI_SetPteLong(vmi_pte_long pte, vmi_pte_long *ptep);
VMICALL void VMI_SetPxELong(vmi_pte_long pte, vmi_pte_long *ptep,
			    uint32_t flags);
VMICALL vmi_pte_long VMI_SwapPteLong(vmi_pte_long pte, vmi_pte_long *ptep);
VMICALL uint32_t VMI_TestAndSetPteBitLong(uint32_t bit, vmi_pte_long *ptep);
VMICALL uint32_t VMI_TestAndClearPteBitLong(uint32_t bit,
					    vmi_pte_long *ptep);

/* ---- MMU: announcements and hints; natively nothing ---- */

/* vmi_register_page_usage(): that frame holds VMI_PAGE_...; PAE-ness is
 * CR4's at the call. */
VMICALL void VMI_RegisterPageUsage(uint32_t frame, uint32_t type);

/* vmi_allocate_page(): a page table of level VMI_PAGE_PT.., or'ed with
 * VMI_PAGE_PAE, _CLONE (of `count` entries from `first` of frame `source`),
 * _ZEROED. */
VMICALL void VMI_AllocatePage(uint32_t frame, uint32_t flags,
			      uint32_t source, uint32_t first,
			      uint32_t count);

/* vmi_release_page(): no longer a page table (any of VMI_PAGE_TABLES), else
 * no longer those descriptor tables.  Ignored if never announced. */
VMICALL void VMI_ReleasePage(uint32_t frame, uint32_t flags);

/* vmi_clone_page_table() ...: shadow made from a template; range from
 * VMI_CLONE_RANGE(). */
VMICALL void VMI_ClonePageTable(uint32_t destination, uint32_t source,
				uint32_t range);
VMICALL void VMI_ClonePageDirectory(uint32_t destination, uint32_t source,
				    uint32_t range);

/* vmi_set_linear_mapping(): `pages` pages from `start` map the frames from
 * `frame`; 0 pages clears the slot.  Slot 0 to VMI_LINEAR_MAP_SLOTS - 1,
 * others are ignored. */
VMICALL void VMI_SetLinearMapping(uint32_t slot, uint32_t start,
				  uint32_t pages, uint32_t frame);

/* ---- MMU: TLB and deferral ---- */

/* vmi_inval_page(): one 4 KiB or large page. */
VMICALL void VMI_InvalPage(uint32_t address);

/* vmi_flush_tlb(): VMI_FLUSH_TLB, or'ed with VMI_FLUSH_GLOBAL (natively only
 * where there is a CR4). */
VMICALL void VMI_FlushTLB(uint32_t how);

/* vmi_set_deferred_mode(): what may wait: VMI_DEFER_... (section 6).
 * Narrowing the mask flushes. */
VMICALL void VMI_SetDeferredMode(uint32_t mask);

/* vmi_flush_deferred_calls(): now. */
VMICALL void VMI_FlushDeferredCalls(void);

/* vmi_set_lazy_mode(): VMI_LAZY_..., 3.0's name for three of the masks. */
VMICALL void VMI_SetLazyMode(uint32_t mode);

#ifdef __cplusplus
}
#endif

#endif /* VMI_PROTO_H */
