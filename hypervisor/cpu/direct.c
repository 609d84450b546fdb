// SPDX-License-Identifier: GPL-2.0-only
/*
 * Direct gates: through these ring 3 enters the guest's kernel (a system call, say)
 * without the monitor.  A 32-bit trap gate of the guest with DPL 3 and a vector from
 * 20h up is copied into the physical IDT, to code of ring 1; the kernel's stack is in
 * the physical TSS as SS1:ESP1.
 *
 * A gate is direct only if the guest has set it by a call, and has named the stack by a
 * call, since stores to IDT or TSS in memory are not seen here; and only once the guest
 * returns by VMI_IRET, since the frames of direct gates have true RPLs, with which a
 * raw IRET would not trap.  Interrupt gates, exceptions and device interrupts always
 * pass through the monitor, as they may change virtual IF.
 */
#include "cpu/cpu.h"

#define FIRST_DIRECT	0x20u
#define DIRECT_KIND	0xff00u		/* P, DPL, type */
#define DIRECT_GATE	0xef00u		/* present, DPL 3, 32-bit trap gate */
#define CODE_KIND	0x0000fc00u	/* P, DPL, S, code, conforming */
#define CODE_RING_1	0x0000b800u

/* Read the guest's gate for @vector.  true: it can be a direct one. */
static bool find_gate(unsigned vector, struct descriptor *gate)
{
	const struct descriptor *code;

	if (!(this_vcpu()->gate_by_call[vector / 32] >> vector % 32 & 1) ||
	    !info_page()->iret_by_call || !info_page()->stack_by_call ||
	    vector * 8 + 7 > info_page()->idt.limit ||
	    !guest_read(info_page()->idt.base + vector * 8, gate, sizeof(*gate), ACCESS_READ))
		return false;
	if ((gate->high & DIRECT_KIND) != DIRECT_GATE)
		return false;
	if (gate->low & SELECTOR_TI << 16)
		return false;
	code = segment_lookup((uint16_t)(gate->low >> 16));
	return code && (code->high & CODE_KIND) == CODE_RING_1;
}

/*
 * Update @vector in the physical IDT: the guest's gate if it can be direct, else the one
 * that leads into the monitor.  A fault in reading the guest's is of no interest.
 */
static void direct_update(unsigned vector)
{
	struct fault before = this_vcpu()->fault;
	struct descriptor gate;

	if (vector < FIRST_DIRECT || vector >= VECTOR_FIRST)
		return;
	if (!find_gate(vector, &gate))
		gate = boot.gates[vector];
	((struct descriptor *)HOLE_IDT)[vector] = gate;
	this_vcpu()->fault = before;
}

void direct_written(uint32_t at)
{
	uint32_t offset = at - info_page()->idt.base, vector = offset / 8;

	if (vector < 256 && !(offset % 8)) {
		this_vcpu()->gate_by_call[vector / 32] |= 1u << vector % 32;
		direct_update(vector);
	}
}

void direct_table(bool by_call)
{
	memset(this_vcpu()->gate_by_call, by_call ? 0xff : 0, sizeof(this_vcpu()->gate_by_call));
	direct_update_all();
}

void direct_update_all(void)
{
	unsigned vector;

	for (vector = FIRST_DIRECT; vector < VECTOR_FIRST; vector++)
		direct_update(vector);
}

void direct_stack(uint16_t ss0, uint32_t esp0)
{
	uint32_t *tss = (uint32_t *)HOLE_TSS;

	info_page_rw()->ss0 = ss0;
	info_page_rw()->esp0 = tss[TSS_ESP1] = esp0;
	tss[TSS_SS1] = (ss0 & ~SELECTOR_RPL) | 1;
	if (!info_page()->stack_by_call) {
		info_page_rw()->stack_by_call = true;
		direct_update_all();
	}
}

void descriptors_settle(unsigned changes)
{
	if (changes & SEGMENT_CODE_CHANGED)
		direct_update_all();
	if (changes)
		segment_reload();
}
