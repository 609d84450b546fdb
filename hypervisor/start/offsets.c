// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of the C headers for NASM.  This file is compiled to assembler text, but never
 * linked: tools/gen-offsets finds the "->" markers there and writes
 * build/gen/offsets.inc from them.  So no number is typed twice.
 */
#include <stddef.h>

#include "base/base.h"
#include "base/version.h"
#include "start/init.h"

void offsets(void);

#define NUMBER(name, value) \
	__asm__ volatile("\n.ascii \"->" #name " %c0\"" : : "i"((long long)(value)))
/* A macro's own name.  It does not use NUMBER(), which would get the name expanded. */
#define SAME(name) \
	__asm__ volatile("\n.ascii \"->" #name " %c0\"" : : "i"((long long)(name)))
#define FIELD(name, type, field) NUMBER(name, offsetof(type, field))

void offsets(void)
{
	SAME(HOLE_BASE);
	SAME(HOLE_ROM);
	SAME(ROM_MAX);
	SAME(HOLE_STATE);
	SAME(HOLE_GATE_INFO);
	SAME(HOLE_QUEUE);
	SAME(QUEUE_FULL);
	SAME(QUEUE_RECORD);
	SAME(HOLE_CPU);
	SAME(HOLE_GDT);
	SAME(HOLE_IDT);
	SAME(HOLE_STACK_TOP);
	SAME(HOLE_BLOCK);
	SAME(BLOCK_SWITCH);
	SAME(BLOCK_J_PD);
	SAME(BLOCK_PDPT);
	SAME(BLOCK_FIRST_PDPT);
	SAME(BLOCK_IMAGE);
	SAME(MONITOR_CS);
	SAME(MONITOR_DS);
	SAME(MONITOR_GDT_LIMIT);
	SAME(HOLE_PORT_MAP);
	SAME(VECTOR_GP);
	SAME(VECTOR_PF);
	SAME(VECTOR_PORT);
	SAME(PORT_GATE_SIZE);
	SAME(VECTOR_CALL);
	SAME(VECTOR_DELIVER);
	SAME(VECTOR_IRET);
	SAME(VECTOR_HALT);

	FIELD(VCPU_ATTENTION, struct vcpu, attention);
	FIELD(VCPU_NESTED, struct vcpu, nested);
	FIELD(STATE_VIRTUAL_IF, struct vcpu_state, virtual_if);
	FIELD(STATE_PENDING, struct vcpu_state, pending);
	FIELD(STATE_CR0, struct vcpu_state, cr0);
	FIELD(STATE_CR2, struct vcpu_state, cr2);
	FIELD(STATE_CR3, struct vcpu_state, cr3);
	FIELD(STATE_CR4, struct vcpu_state, cr4);
	FIELD(STATE_QUEUE_HEAD, struct vcpu_state, queue_head);
	FIELD(STATE_DEFERRED, struct vcpu_state, deferred);
	FIELD(STATE_SHADOW_EIP, struct vcpu_state, shadow_eip);
	FIELD(STATE_APIC_SERVES, struct vcpu_state, apic_serves);
	FIELD(GATE_BREAKPOINTS, struct gate_info, breakpoints);
	FIELD(GATE_MONITOR_CR3, struct gate_info, monitor_cr3);
	FIELD(GATE_GUEST_CR3, struct gate_info, guest_cr3);
	FIELD(GATE_SYSENTER_CS, struct gate_info, sysenter_cs);
	FIELD(GATE_SYSENTER_SS, struct gate_info, sysenter_ss);
	FIELD(GATE_SYSENTER_EIP, struct gate_info, sysenter_eip);
	FIELD(GATE_SYSENTER_ESP, struct gate_info, sysenter_esp);
	FIELD(GATE_SYSEXIT_CS, struct gate_info, sysexit_cs);
	FIELD(GATE_SYSEXIT_SS, struct gate_info, sysexit_ss);
	FIELD(GATE_CYCLE_HZ, struct gate_info, cycle_hz);
	FIELD(GATE_STOLEN, struct gate_info, stolen);
	FIELD(GATE_STOLEN_CHANGES, struct gate_info, stolen_changes);

	SAME(APIC_EOI);
	SAME(EFLAGS_TF);
	SAME(EFLAGS_IF);
	SAME(EFLAGS_IOPL);
	SAME(EFLAGS_NT);
	SAME(EFLAGS_VM);
	SAME(SELECTOR_RPL);
	SAME(HIGH_INTERRUPT_GATE);
	NUMBER(FRAME_SIZE, sizeof(struct frame));
	SAME(FRAME_HALTED);
	FIELD(FRAME_VECTOR, struct frame, vector);
	FIELD(FRAME_EIP, struct frame, eip);
	FIELD(FRAME_CS, struct frame, cs);
	FIELD(FRAME_ESP, struct frame, esp);
	FIELD(FRAME_EFLAGS, struct frame, eflags);

	FIELD(HEAD_FILE_SIZE, struct monitor_head, file_size);
	FIELD(HEAD_MEMORY_SIZE, struct monitor_head, memory_size);
	FIELD(HEAD_POST, struct monitor_head, post);
	FIELD(HEAD_STACK, struct monitor_head, stack);
	FIELD(HEAD_INIT, struct monitor_head, init);

	FIELD(INIT_CR0, struct init_registers, cr0);
	FIELD(INIT_CR3, struct init_registers, cr3);
	FIELD(INIT_CR4, struct init_registers, cr4);
	FIELD(INIT_ESP, struct init_registers, esp);
	FIELD(INIT_BLOCK, struct init_registers, block);
	FIELD(INIT_BACK, struct init_registers, back);
	FIELD(INIT_SWITCH_OUT, struct init_registers, switch_out);

	NUMBER(VERSION_BCD, VERSION_MAJOR << 8 | VERSION_MINOR);
	SAME(VERSION_MAJOR);
	SAME(VERSION_MINOR);
}
