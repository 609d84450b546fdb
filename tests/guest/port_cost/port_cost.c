/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: what a port access costs, in instructions: 40 at most for a call, 150 for the instruction itself.
 * Environments: segment paged
 * Qemu: -icount shift=0,sleep=off
 */
#include "runtime.h"

#include "vmi.h"

#define ROUNDS		100
#define SCRATCH		0x3ff
#define PIC_MASK	0x21
#define CALL_MAX	40
#define RAW_MAX		150
#define MODEL_MAX	500	/* the interrupt controllers', by either way */

/* The loop is the same around each. */
#define COST(statement) ({					\
	uint64_t begin = vmi_rdtsc();				\
	unsigned int i;						\
								\
	for (i = 0; i < ROUNDS; i++)				\
		statement;					\
	(unsigned int)(vmi_rdtsc() - begin) / ROUNDS;		\
})

static void check(unsigned int cost, unsigned int most, const char *what)
{
	report(cost <= most, "%s: %u instructions, want %u at most", what, cost, most);
}

int main(void)
{
	uint8_t mask = vmi_inb(PIC_MASK), value;

	check(COST(vmi_outb(0, SCRATCH)), CALL_MAX, "VMI_OUTB");
	check(COST(vmi_inb(SCRATCH)), CALL_MAX, "VMI_INB");
	check(COST(vmi_outw(0, SCRATCH - 1)), CALL_MAX, "VMI_OUTW");
	check(COST(__asm__ volatile("outb %%al, %%dx" : : "a" (0), "d" (SCRATCH))),
	      RAW_MAX, "raw OUT DX, AL");
	check(COST(__asm__ volatile("inb %%dx, %%al" : "=a" (value) : "d" (SCRATCH))),
	      RAW_MAX, "raw IN AL, DX");
	check(COST(__asm__ volatile("outb %%al, $0x80" : : "a" (0))),
	      RAW_MAX, "raw OUT 80h, AL");
	check(COST(vmi_outb(mask, PIC_MASK)), MODEL_MAX, "VMI_OUTB to a model");
	check(COST(__asm__ volatile("outb %%al, $0x21" : : "a" (mask))),
	      MODEL_MAX, "raw OUT 21h, AL");
	return 0;
}
