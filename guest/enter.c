/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The part of the guest library that touches the processor.
 */
#include "lib.h"

/* EFLAGS.IF; before VMI_Init it is the real one */
int vmi_interrupts_on(void)
{
	uint32_t flags;

	__asm__ __volatile__("pushfl; popl %0" : "=r" (flags));
	return (flags & VMI_INTERRUPT_MASK) != 0;
}

/*
 * VMI_Init through its jump slot in the ROM.  It comes back at CPL 1, or with
 * -1 at CPL 0; to C it is a function like any other (docs/abi.md, section 2).
 */
int32_t vmi_call_init(const struct vmi_rom *rom)
{
	typedef __attribute__((__regparm__(3))) int32_t init_function(void);
	init_function *init =
		(init_function *)((uintptr_t)rom->image + VMI_OFF_SLOT_INIT);

	return init();
}
