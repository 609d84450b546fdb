// SPDX-License-Identifier: GPL-2.0-only
/*
 * Direct gates: what ring 3 may call in the guest's kernel without the monitor
 * between.  A 32-bit trap gate of the guest's with DPL 3, vector 20h or above,
 * stands in the processor's IDT as it is, for ring 1; the kernel's stack is in
 * the TSS as SS1:ESP1.
 *
 * Only gates that the guest has set by calls, and a stack that it has named by one,
 * since a store to IDT or TSS in memory is not seen here; and only for a guest that
 * returns by VMI_IRET, since the frames have true RPLs.  Interrupt gates, exceptions and devices pass
 * through the monitor: virtual IF is not the processor's.
 */
#include "monitor.h"

#define FIRST_DIRECT	0x20u
#define GATE_KIND	0xff00u		/* P, DPL, type */
#define GATE_DIRECT	0xef00u		/* present, DPL 3, 32-bit trap gate */
#define CODE_KIND	0x0000fc00u	/* P, DPL, S, code, conforming */
#define CODE_RING_1	0x0000b800u

#define SELECTOR_TI	4u

#define shadow_idt	((struct descriptor *)HOLE_IDT)
#define tss		((uint32_t *)HOLE_TSS)
#define TSS_ESP1	3
#define TSS_SS1		4

/* The guest's gate if it can be the processor's too. */
static bool find_gate(unsigned vector, struct descriptor *gate)
{
	const struct descriptor *code;

	if (!(cpu->gate_by_call[vector / 32] >> vector % 32 & 1) || !guest_info->iret_by_call ||
	    !guest_info->stack_by_call || vector * 8 + 7 > guest_info->idt.limit ||
	    !guest_read(guest_info->idt.base + vector * 8, gate, sizeof(*gate), ACCESS_READ))
		return false;
	if ((gate->high & GATE_KIND) != GATE_DIRECT)
		return false;
	if (gate->low & SELECTOR_TI << 16)
		return false;
	code = segment_lookup((uint16_t)(gate->low >> 16));
	return code && (code->high & CODE_KIND) == CODE_RING_1;
}

/* What the processor has at @vector follows the guest's gate. */
static void direct_update(unsigned vector)
{
	struct fault before = cpu->fault;
	struct descriptor gate;

	if (vector < FIRST_DIRECT || vector >= VECTOR_FIRST)
		return;
	if (!find_gate(vector, &gate))
		gate = gate_monitor(vector);
	shadow_idt[vector] = gate;
	cpu->fault = before;
}

/* VMI_WriteIDTEntry: the guest has changed the entry at @at. */
void direct_written(uint32_t at)
{
	uint32_t offset = at - guest_info->idt.base, vector = offset / 8;

	if (vector < 256 && !(offset % 8)) {
		cpu->gate_by_call[vector / 32] |= 1u << vector % 32;
		direct_update(vector);
	}
}

/* The IDT is another: by VMI_SetIDT, or not. */
void direct_table(bool by_call)
{
	memset(cpu->gate_by_call, by_call ? 0xff : 0, sizeof(cpu->gate_by_call));
	direct_update_all();
}

/* Something has changed that all gates depend on. */
void direct_update_all(void)
{
	unsigned vector;

	for (vector = FIRST_DIRECT; vector < VECTOR_FIRST; vector++)
		direct_update(vector);
}

/* VMI_UpdateKernelStack. */
void direct_stack(uint16_t ss0, uint32_t esp0)
{
	cpu->info->ss0 = ss0;
	cpu->info->esp0 = tss[TSS_ESP1] = esp0;
	tss[TSS_SS1] = (ss0 & ~3u) | 1;
	if (!guest_info->stack_by_call) {
		cpu->info->stack_by_call = true;
		direct_update_all();
	}
}
