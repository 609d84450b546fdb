/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every entry through the IDT meets first: the vector's handler, then
 * the fixup table, then whoever waits for a fault, then the end of the run.
 */
#include "trap.h"

#include "vmi.h"

#include "console.h"
#include "memory.h"
#include "platform.h"

/* Filled by FIXUP_ENTRY, bounded by linker/guest.ld. */
extern const struct fixup fixups_start[], fixups_end[];

uint8_t trap_stack[TRAP_STACK_SIZE] __attribute__((aligned(PAGE_SIZE)));

static trap_handler handlers[IDT_ENTRIES];

static const char *const exception_names[TRAP_EXCEPTIONS] = {
	[TRAP_DIVIDE] = "#DE", [TRAP_DEBUG] = "#DB", [TRAP_NMI] = "NMI",
	[TRAP_BREAKPOINT] = "#BP", [TRAP_OVERFLOW] = "#OF",
	[TRAP_BOUND] = "#BR", [TRAP_INVALID_OPCODE] = "#UD",
	[TRAP_NO_FPU] = "#NM", [TRAP_DOUBLE_FAULT] = "#DF",
	[TRAP_INVALID_TSS] = "#TS", [TRAP_NOT_PRESENT] = "#NP",
	[TRAP_STACK] = "#SS", [TRAP_PROTECTION] = "#GP", [TRAP_PAGE] = "#PF",
	[TRAP_FPU] = "#MF", [TRAP_ALIGNMENT] = "#AC",
};

const char *trap_name(uint32_t vector)
{
	if (vector == NO_FAULT)
		return "none";
	if (vector >= TRAP_EXCEPTIONS)
		return "interrupt";
	return exception_names[vector] ? exception_names[vector] : "reserved";
}

void trap_init(void)
{
	if (trap_inc_vectors[0] != TRAP_SYSCALL
	    || trap_inc_vectors[1] != TRAP_USER_EXIT)
		platform_fail("runtime.inc and trap.h differ");
}

trap_handler trap_set_handler(uint8_t vector, trap_handler handler)
{
	trap_handler before = handlers[vector];

	handlers[vector] = handler;
	return before;
}

static bool apply_fixup(struct trap_frame *frame)
{
	const struct fixup *fixup;

	if (trap_from_user(frame) || frame->vector >= TRAP_EXCEPTIONS)
		return false;
	for (fixup = fixups_start; fixup < fixups_end; fixup++) {
		if (fixup->from != frame->eip)
			continue;
		frame->eip = fixup->to;
		return true;
	}
	return false;
}

void trap_dispatch(struct trap_frame *frame)
{
	trap_handler handler = handlers[frame->vector];

	if (handler && handler(frame))
		return;
	if (apply_fixup(frame))
		return;
	catch_fault(frame);
	trap_fatal(frame);
}

void trap_fatal(const struct trap_frame *frame)
{
	vmi_disable_interrupts();
	print("\nunexpected %s: vector %u, error %x, at %x:%08x, eflags %08x\n",
	      trap_name(frame->vector), frame->vector, frame->error,
	      frame->cs & 0xffff, frame->eip, frame->eflags);
	print("eax %08x ebx %08x ecx %08x edx %08x\n",
	      frame->eax, frame->ebx, frame->ecx, frame->edx);
	print("esi %08x edi %08x ebp %08x esp %08x\n",
	      frame->esi, frame->edi, frame->ebp, trap_esp(frame));
	print("ds %x es %x fs %x gs %x ss %x ring %u\n",
	      frame->ds & 0xffff, frame->es & 0xffff, frame->fs & 0xffff,
	      frame->gs & 0xffff,
	      (trap_from_user(frame) ? frame->ss : read_ss()) & 0xffff,
	      cpu_ring());
	print("cr0 %08x cr2 %08x cr3 %08x cr4 %08x\n", vmi_get_cr0(),
	      vmi_get_cr2(), vmi_get_cr3(), vmi_get_cr4());
	platform_fail("unexpected exception or interrupt");
}

bool try_read(const volatile void *address, uint32_t *value)
{
	uint32_t faulted = 1, word = 0;

	__asm__ volatile("1: movl (%2), %1\n\t"
			 "xorl %0, %0\n\t"
			 "2:\n\t"
			 FIXUP_ENTRY("1b", "2b")
			 : "+r" (faulted), "+r" (word)
			 : "r" (address) : "memory", "cc");
	*value = word;
	return !faulted;
}

bool try_write(volatile void *address, uint32_t value)
{
	uint32_t faulted = 1;

	__asm__ volatile("1: movl %1, (%2)\n\t"
			 "xorl %0, %0\n\t"
			 "2:\n\t"
			 FIXUP_ENTRY("1b", "2b")
			 : "+r" (faulted)
			 : "r" (value), "r" (address) : "memory", "cc");
	return !faulted;
}

bool try_load_fs(uint32_t selector)
{
	uint32_t faulted = 1;

	__asm__ volatile("1: movl %1, %%fs\n\t"
			 "xorl %0, %0\n\t"
			 "2:\n\t"
			 FIXUP_ENTRY("1b", "2b")
			 : "+r" (faulted) : "r" (selector) : "memory", "cc");
	return !faulted;
}
