/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layouts that the assembler parts of POST and VMI_Init share with the C parts: rom/,
 * vmi/init.asm, head.asm and enter.asm with post.c and init.c.
 */
#ifndef VMI_INIT_H
#define VMI_INIT_H

#include <stdint.h>

/* The first bytes of the monitor's image (head.asm). */
struct monitor_head {
	uint32_t file_size, memory_size, post, stack, init;
};

/* The registers with which VMI_Init arrives from page S, as init_enter stores them. */
struct init_registers {
	uint32_t cr0, cr3, cr4, esp, block, back, switch_out;
};

/* The guest's state, as VMI_Init has pushed it onto the caller's stack: from ESP up. */
struct init_stack {
	uint16_t gdt_limit;
	uint32_t gdt_base __attribute__((packed));
	uint16_t pad0;
	uint16_t idt_limit;
	uint32_t idt_base __attribute__((packed));
	uint16_t pad1;
	uint32_t ldt, tr;
	uint32_t cs, ss, gs, fs, es, ds;
	uint32_t dr7;
	uint32_t edi, esi, ebp, skipped_esp, ebx, edx, ecx, eax;
	uint32_t eflags;
	uint32_t return_address;
};

_Static_assert(sizeof(struct init_stack) == 92, "as vmi/init.asm pushes it");

#endif
