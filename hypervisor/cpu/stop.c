// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ends: of a guest that cannot be told of its fault, as a triple fault; and of
 * the monitor when it finds a mistake of its own.
 */
#include "monitor.h"

static void dump(const struct frame *f)
{
	print("  eax %08x ebx %08x ecx %08x edx %08x\n", f->eax, f->ebx, f->ecx, f->edx);
	print("  esi %08x edi %08x ebp %08x esp %08x\n", f->esi, f->edi, f->ebp, f->esp);
	print("  cs:eip %04x:%08x ss %04x ds %04x es %04x eflags %08x\n", f->cs, f->eip, f->ss, f->ds,
	      f->es, f->eflags);
	print("  vector %u error %x cr0 %08x cr2 %08x cr3 %08x cr4 %08x\n", f->vector, f->error,
	      cpu->cr0, read_cr2(), cpu->cr3, cpu->cr4);
	print("  gdt %08x/%x idt %08x/%x ldt %x tr %x esp0 %04x:%08x virtual if %x\n", cpu->gdt.base,
	      cpu->gdt.limit, guest_info->idt.base, guest_info->idt.limit, cpu->ldt, cpu->tr, guest_info->ss0, guest_info->esp0,
	      cpu->state->virtual_if);
}

/* No IDT, and then an exception: what the guest would have done to the CPU. */
void triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("lidt %0; int3" : : "m"(none));
	__builtin_unreachable();
}

void guest_stop(struct frame *f, const char *why)
{
	print("vmi: guest stopped: %s after vector %u error %x, last fault %u error %x cr2 %08x\n", why,
	      f->vector, f->error, cpu->fault.vector, cpu->fault.error, cpu->fault.cr2);
	dump(f);
	triple_fault();
}

void panic(struct frame *f, const char *why)
{
	print("vmi: monitor bug: %s\n", why);
	if (f)
		dump(f);
	for (;;)
		__asm__ volatile("cli; hlt");
}
