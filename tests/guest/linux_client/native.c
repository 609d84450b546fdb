/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table's native side: what the client does where there is no ROM.  The
 * sequence and its checks are the same.
 */
#include "client.h"

#define SET_REGISTER(name)						\
	static REGPARM void set_##name(uint32_t value)			\
	{								\
		__asm__ volatile("movl %0, %%" #name : : "r" (value) : "memory"); \
	}
#define GET_REGISTER(name)						\
	static REGPARM uint32_t get_##name(void)			\
	{								\
		uint32_t value;						\
									\
		__asm__ volatile("movl %%" #name ", %0" : "=r" (value));	\
		return value;						\
	}
SET_REGISTER(cr0)
SET_REGISTER(cr3)
SET_REGISTER(cr4)
GET_REGISTER(cr0)
GET_REGISTER(cr2)
GET_REGISTER(cr3)
GET_REGISTER(cr4)
GET_REGISTER(dr7)

static REGPARM uint32_t get_dr(uint32_t number)
{
	(void)number;
	return get_dr7();
}

static REGPARM void clts(void)
{
	__asm__ volatile("clts");
}

static REGPARM void set_gdt(const struct vmi_dtr *dtr)
{
	__asm__ volatile("lgdt %0" : : "m" (*dtr));
}

static REGPARM void set_idt(const struct vmi_dtr *dtr)
{
	__asm__ volatile("lidt %0" : : "m" (*dtr));
}

static REGPARM void get_idt(struct vmi_dtr *dtr)
{
	__asm__ volatile("sidt %0" : "=m" (*dtr));
}

static REGPARM void set_ldt(uint32_t selector)
{
	__asm__ volatile("lldt %w0" : : "r" (selector));
}

static REGPARM void set_tr(uint32_t selector)
{
	__asm__ volatile("ltr %w0" : : "r" (selector));
}

static REGPARM void write_entry(uint32_t *table, uint32_t index, uint32_t low, uint32_t high)
{
	table[2 * index] = low;
	table[2 * index + 1] = high;
}

static REGPARM void kernel_stack(uint32_t selector, uint32_t esp)
{
	tables_tss()->ss0 = selector;
	tables_tss()->esp0 = esp;
}

static REGPARM void halt(void)
{
	__asm__ volatile("sti; hlt");
}

static REGPARM void set_pxe(uint32_t pte, uint32_t *at, uint32_t flags)
{
	(void)flags;
	*(volatile uint32_t *)at = pte;
}

static REGPARM void set_pxe_long(uint64_t pte, uint64_t *at, uint32_t flags)
{
	(void)flags;
	*(volatile uint64_t *)at = pte;
}

static REGPARM void invalidate(uint32_t linear)
{
	__asm__ volatile("invlpg (%0)" : : "r" (linear) : "memory");
}

static REGPARM void flush(uint32_t what)
{
	(void)what;
	set_cr3(get_cr3());
}

static REGPARM void nothing(void)
{
}

void *const native_ops[NUMBERS] = {
	[VMI_NUMBER_SetGDT] = set_gdt,
	[VMI_NUMBER_SetIDT] = set_idt,
	[VMI_NUMBER_GetIDT] = get_idt,
	[VMI_NUMBER_SetLDT] = set_ldt,
	[VMI_NUMBER_SetTR] = set_tr,
	[VMI_NUMBER_WriteGDTEntry] = write_entry,
	[VMI_NUMBER_WriteIDTEntry] = write_entry,
	[VMI_NUMBER_UpdateKernelStack] = kernel_stack,
	[VMI_NUMBER_SetCR0] = set_cr0,
	[VMI_NUMBER_SetCR3] = set_cr3,
	[VMI_NUMBER_SetCR4] = set_cr4,
	[VMI_NUMBER_GetCR0] = get_cr0,
	[VMI_NUMBER_GetCR2] = get_cr2,
	[VMI_NUMBER_GetCR3] = get_cr3,
	[VMI_NUMBER_GetCR4] = get_cr4,
	[VMI_NUMBER_GetDR] = get_dr,
	[VMI_NUMBER_CLTS] = clts,
	[VMI_NUMBER_Halt] = halt,
	[VMI_NUMBER_SetPxE] = set_pxe,
	[VMI_NUMBER_SetPxELong] = set_pxe_long,
	[VMI_NUMBER_UpdatePxE] = nothing,
	[VMI_NUMBER_UpdatePxELong] = nothing,
	[VMI_NUMBER_AllocatePage] = nothing,
	[VMI_NUMBER_ReleasePage] = nothing,
	[VMI_NUMBER_SetLinearMapping] = nothing,
	[VMI_NUMBER_SetLazyMode] = nothing,
	[VMI_NUMBER_InvalPage] = invalidate,
	[VMI_NUMBER_FlushTLB] = flush,
};
