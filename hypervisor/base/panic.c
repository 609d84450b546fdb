// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the monitor ends when it finds a bug of its own, and how a machine is made to
 * reset.  Guest errors go to cpu/stop.c instead.
 */
#include "base/base.h"

void frame_print(const struct frame *f)
{
	const struct vcpu *v = this_vcpu();

	print("  eax %08x ebx %08x ecx %08x edx %08x\n", f->eax, f->ebx, f->ecx, f->edx);
	print("  esi %08x edi %08x ebp %08x esp %08x\n", f->esi, f->edi, f->ebp, f->esp);
	print("  cs:eip %04x:%08x ss %04x ds %04x es %04x eflags %08x\n", f->cs, f->eip, f->ss,
	      f->ds, f->es, f->eflags);
	print("  vector %u error %x cr0 %08x cr2 %08x cr3 %08x cr4 %08x\n", f->vector,
	      frame_error(f), v->cr0, read_cr2(), v->cr3, v->cr4);
	print("  gdt %08x/%x idt %08x/%x ldt %x tr %x esp0 %04x:%08x virtual if %x\n", v->gdt.base,
	      v->gdt.limit, info_page()->idt.base, info_page()->idt.limit, v->ldt, v->tr,
	      info_page()->ss0, info_page()->esp0, vif_flag());
}

void panic(const struct frame *f, const char *why)
{
	print("vmi: monitor bug: %s\n", why);
	if (f)
		frame_print(f);
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* With an empty IDT, any exception becomes a triple fault. */
void triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("lidt %0; int3" : : "m"(none));
	__builtin_unreachable();
}
