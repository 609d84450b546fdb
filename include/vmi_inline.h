/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A typed inline wrapper for each call that C can make: a call site (see
 * vmi_site.h) with exactly the operands and clobbers of docs/abi.md, sections
 * 3 and 4.  What a call means, its ranges and its errors: vmi_proto.h.
 *
 * Natively a wrapper is the instruction that its name suggests; where there
 * is none (announcements, deferral, alarms) it is NOPs.
 *
 * Not here: IRET and SYSEXIT, which only assembler can use; Init and
 * GetRelocationInfo, which have no native meaning (guest library).
 */
#ifndef VMI_INLINE_H
#define VMI_INLINE_H

#include "vmi_site.h"

#define VMI_INLINE	static __inline__ __attribute__((__always_inline__))

/* The two halves of a wrapper: the text, and the operands it refers to */
#define VMI_NATIVE_TEXT(name)	VMI_SITE_TEXT(VMI_STRING(VMI_NATIVE_##name))
#define VMI_NATIVE_OPS(name)	VMI_SITE_OPERANDS(name, VMI_NATIVE_LEN_##name)

/*
 * Calls with standard clobbers, by the number of their register arguments.
 * An argument's register is an operand that changes, the others are clobbers.
 */
#define VMI_STANDARD_0(name)						\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: : VMI_NATIVE_OPS(name)				\
		: "eax", "edx", "ecx", "memory", "cc")
#define VMI_STANDARD_1(name, eax)					\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: "+a" (eax) : VMI_NATIVE_OPS(name)			\
		: "edx", "ecx", "memory", "cc")
#define VMI_STANDARD_2(name, eax, edx)					\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: "+a" (eax), "+d" (edx) : VMI_NATIVE_OPS(name)		\
		: "ecx", "memory", "cc")
#define VMI_STANDARD_3(name, eax, edx, ecx)				\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: "+a" (eax), "+d" (edx), "+c" (ecx)			\
		: VMI_NATIVE_OPS(name) : "memory", "cc")

/*
 * The same with one or two stack arguments, which the caller pushes, last
 * first, and drops.  They must not be in memory: ESP moves under them.
 */
#define VMI_STANDARD_STACK_1(name, eax, edx, ecx, first)		\
	VMI_ASM("pushl %[vmi_first]\n" VMI_NATIVE_TEXT(name)		\
		"\naddl $4, %%esp"					\
		: "+a" (eax), "+d" (edx), "+c" (ecx)			\
		: [vmi_first] "ri" (first), VMI_NATIVE_OPS(name)	\
		: "memory", "cc")
#define VMI_STANDARD_STACK_2(name, eax, edx, ecx, first, second)	\
	VMI_ASM("pushl %[vmi_second]\npushl %[vmi_first]\n"		\
		VMI_NATIVE_TEXT(name) "\naddl $8, %%esp"		\
		: "+a" (eax), "+d" (edx), "+c" (ecx)			\
		: [vmi_first] "ri" (first), [vmi_second] "ri" (second),	\
		  VMI_NATIVE_OPS(name)					\
		: "memory", "cc")

/* Standard clobbers, no argument, a 32-bit or 64-bit result; reads only */
#define VMI_GET_32(name, result)					\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: "=a" (result) : VMI_NATIVE_OPS(name)			\
		: "edx", "ecx", "cc")
#define VMI_GET_64(name, result)					\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: "=A" (result) : VMI_NATIVE_OPS(name) : "ecx", "cc")

/* Flags and memory only: the compiler keeps all its registers */
#define VMI_FLAGS_ONLY(name)						\
	VMI_ASM(VMI_NATIVE_TEXT(name)					\
		: : VMI_NATIVE_OPS(name) : "memory", "cc")

/* ---- Core and processor state ---- */

VMI_INLINE void vmi_disable_interrupts(void)
{
	VMI_FLAGS_ONLY(DisableInterrupts);
}

VMI_INLINE void vmi_enable_interrupts(void)
{
	VMI_FLAGS_ONLY(EnableInterrupts);
}

VMI_INLINE void vmi_deliver_interrupts(void)
{
	VMI_FLAGS_ONLY(DeliverInterrupts);
}

VMI_INLINE uint32_t vmi_get_interrupt_mask(void)
{
	uint32_t mask;

	VMI_ASM(VMI_NATIVE_TEXT(GetInterruptMask)
		: "=a" (mask) : VMI_NATIVE_OPS(GetInterruptMask)
		: "memory", "cc");
	return mask;
}

VMI_INLINE void vmi_set_interrupt_mask(uint32_t mask)
{
	VMI_ASM(VMI_NATIVE_TEXT(SetInterruptMask)
		: : "a" (mask), VMI_NATIVE_OPS(SetInterruptMask)
		: "memory", "cc");
}

/* The usual pair around a critical region */
VMI_INLINE uint32_t vmi_save_interrupts(void)
{
	uint32_t mask = vmi_get_interrupt_mask();

	vmi_disable_interrupts();
	return mask;
}

VMI_INLINE void vmi_pause(void)
{
	VMI_STANDARD_0(Pause);
}

VMI_INLINE void vmi_halt(void)
{
	VMI_STANDARD_0(Halt);
}

VMI_INLINE void vmi_shutdown(void)
{
	VMI_STANDARD_0(Shutdown);
}

VMI_INLINE void vmi_reboot(uint32_t how)
{
	VMI_STANDARD_1(Reboot, how);
}

VMI_INLINE void vmi_set_initial_ap_state(const struct vmi_ap_state *state,
					 uint32_t apic_id)
{
	VMI_STANDARD_2(SetInitialAPState, state, apic_id);
}

/* ---- Descriptors ---- */

VMI_INLINE void vmi_set_gdt(const struct vmi_dtr *gdtr)
{
	VMI_STANDARD_1(SetGDT, gdtr);
}

VMI_INLINE void vmi_set_idt(const struct vmi_dtr *idtr)
{
	VMI_STANDARD_1(SetIDT, idtr);
}

VMI_INLINE void vmi_set_ldt(uint32_t selector)
{
	VMI_STANDARD_1(SetLDT, selector);
}

VMI_INLINE void vmi_set_tr(uint32_t selector)
{
	VMI_STANDARD_1(SetTR, selector);
}

VMI_INLINE void vmi_get_gdt(struct vmi_dtr *gdtr)
{
	VMI_STANDARD_1(GetGDT, gdtr);
}

VMI_INLINE void vmi_get_idt(struct vmi_dtr *idtr)
{
	VMI_STANDARD_1(GetIDT, idtr);
}

VMI_INLINE uint16_t vmi_get_ldt(void)
{
	uint32_t selector;

	VMI_GET_32(GetLDT, selector);
	return (uint16_t)selector;
}

VMI_INLINE uint16_t vmi_get_tr(void)
{
	uint32_t selector;

	VMI_GET_32(GetTR, selector);
	return (uint16_t)selector;
}

VMI_INLINE void vmi_write_gdt_entry(void *gdt, uint32_t index,
				    uint32_t low, uint32_t high)
{
	VMI_STANDARD_STACK_1(WriteGDTEntry, gdt, index, low, high);
}

VMI_INLINE void vmi_write_ldt_entry(void *ldt, uint32_t index,
				    uint32_t low, uint32_t high)
{
	VMI_STANDARD_STACK_1(WriteLDTEntry, ldt, index, low, high);
}

VMI_INLINE void vmi_write_idt_entry(void *idt, uint32_t index,
				    uint32_t low, uint32_t high)
{
	VMI_STANDARD_STACK_1(WriteIDTEntry, idt, index, low, high);
}

VMI_INLINE void vmi_update_kernel_stack(void *tss, uint32_t esp0)
{
	VMI_STANDARD_2(UpdateKernelStack, tss, esp0);
}

/* ---- CPU control and information ---- */

VMI_INLINE void vmi_cpuid(uint32_t leaf, uint32_t subleaf,
			  uint32_t *eax, uint32_t *ebx,
			  uint32_t *ecx, uint32_t *edx)
{
	VMI_ASM(VMI_NATIVE_TEXT(CPUID)
		: "=a" (*eax), "=b" (*ebx), "=c" (*ecx), "=d" (*edx)
		: "a" (leaf), "c" (subleaf), VMI_NATIVE_OPS(CPUID)
		: "cc");
}

VMI_INLINE void vmi_wrmsr(uint32_t msr, uint64_t value)
{
	VMI_ASM(VMI_NATIVE_TEXT(WRMSR)
		: "+A" (value), "+c" (msr) : VMI_NATIVE_OPS(WRMSR)
		: "memory", "cc");
}

VMI_INLINE uint64_t vmi_rdmsr(uint32_t msr)
{
	uint64_t value;

	VMI_ASM(VMI_NATIVE_TEXT(RDMSR)
		: "=A" (value), "+c" (msr) : VMI_NATIVE_OPS(RDMSR) : "cc");
	return value;
}

VMI_INLINE void vmi_set_cr0(uint32_t value)
{
	VMI_STANDARD_1(SetCR0, value);
}

VMI_INLINE void vmi_set_cr2(uint32_t value)
{
	VMI_STANDARD_1(SetCR2, value);
}

VMI_INLINE void vmi_set_cr3(uint32_t value)
{
	VMI_STANDARD_1(SetCR3, value);
}

VMI_INLINE void vmi_set_cr4(uint32_t value)
{
	VMI_STANDARD_1(SetCR4, value);
}

VMI_INLINE uint32_t vmi_get_cr0(void)
{
	uint32_t value;

	VMI_GET_32(GetCR0, value);
	return value;
}

VMI_INLINE uint32_t vmi_get_cr2(void)
{
	uint32_t value;

	VMI_GET_32(GetCR2, value);
	return value;
}

VMI_INLINE uint32_t vmi_get_cr3(void)
{
	uint32_t value;

	VMI_GET_32(GetCR3, value);
	return value;
}

VMI_INLINE uint32_t vmi_get_cr4(void)
{
	uint32_t value;

	VMI_GET_32(GetCR4, value);
	return value;
}

VMI_INLINE void vmi_clts(void)
{
	VMI_STANDARD_0(CLTS);
}

/* One pair for each debug register; vmi_set_dr() and vmi_get_dr() choose */
#define VMI_DEBUG_REGISTER(number)					\
VMI_INLINE void vmi_set_dr##number(uint32_t value)			\
{									\
	uint32_t eax = number;						\
									\
	VMI_ASM(VMI_SITE_TEXT(VMI_STRING(VMI_NATIVE_SET_DR(db##number)))\
		: "+a" (eax), "+d" (value) : VMI_NATIVE_OPS(SetDR)	\
		: "ecx", "memory", "cc");				\
}									\
VMI_INLINE uint32_t vmi_get_dr##number(void)				\
{									\
	uint32_t eax = number;						\
									\
	VMI_ASM(VMI_SITE_TEXT(VMI_STRING(VMI_NATIVE_GET_DR(db##number)))\
		: "+a" (eax) : VMI_NATIVE_OPS(GetDR)			\
		: "edx", "ecx", "cc");					\
	return eax;							\
}

VMI_DEBUG_REGISTER(0)
VMI_DEBUG_REGISTER(1)
VMI_DEBUG_REGISTER(2)
VMI_DEBUG_REGISTER(3)
VMI_DEBUG_REGISTER(6)
VMI_DEBUG_REGISTER(7)

/* DR4 and DR5 are names of DR6 and DR7 where CR4.DE is clear */
static __inline__ void vmi_set_dr(unsigned int number, uint32_t value)
{
	switch (number) {
	case 0: vmi_set_dr0(value); break;
	case 1: vmi_set_dr1(value); break;
	case 2: vmi_set_dr2(value); break;
	case 3: vmi_set_dr3(value); break;
	case 6: vmi_set_dr6(value); break;
	case 7: vmi_set_dr7(value); break;
	default: break;
	}
}

static __inline__ uint32_t vmi_get_dr(unsigned int number)
{
	switch (number) {
	case 0: return vmi_get_dr0();
	case 1: return vmi_get_dr1();
	case 2: return vmi_get_dr2();
	case 3: return vmi_get_dr3();
	case 6: return vmi_get_dr6();
	case 7: return vmi_get_dr7();
	default: return 0;
	}
}

VMI_INLINE uint64_t vmi_rdtsc(void)
{
	uint64_t value;

	VMI_GET_64(RDTSC, value);
	return value;
}

VMI_INLINE uint64_t vmi_rdpmc(uint32_t counter)
{
	uint64_t value;

	VMI_ASM(VMI_NATIVE_TEXT(RDPMC)
		: "=A" (value), "+c" (counter) : VMI_NATIVE_OPS(RDPMC)
		: "cc");
	return value;
}

VMI_INLINE void vmi_wbinvd(void)
{
	VMI_STANDARD_0(WBINVD);
}

#include "vmi_inline_io.h"
#include "vmi_inline_mmu.h"

#endif /* VMI_INLINE_H */
