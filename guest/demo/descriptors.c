/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors that change while the kernel runs: a segment with a base of its
 * own (as kernels give each thread), a gate, and the stack that ring 3 enters
 * the kernel on.
 */
#include "demo.h"

#include "vmi.h"

#define DEMO_VECTOR	0x90
#define DEMO_STACK_SIZE	4096

static uint32_t first_thread = 0x11111111, second_thread = 0x22222222;
static uint32_t gate_calls;
static uint8_t other_stack[DEMO_STACK_SIZE]
	__attribute__((aligned(PAGE_SIZE)));

static uint32_t read_through_segment(uint32_t base)
{
	uint32_t access = ACCESS_PRESENT | ACCESS_DATA;
	uint32_t word;

	tables_set_segment(SELECTOR_SPARE,
			   descriptor_segment(base, sizeof(word) - 1, access));
	__asm__ volatile("movl %1, %%fs\n\t"
			 "movl %%fs:0, %0\n\t"
			 "movl %2, %%fs"
			 : "=&r" (word)
			 : "r" (SELECTOR_SPARE | cpu_ring()), "r" (0)
			 : "memory");
	return word;
}

static bool count_gate_call(struct trap_frame *frame)
{
	gate_calls++;
	frame->eax = ~frame->eax;
	return true;
}

static bool call_through_gate(void)
{
	uint32_t value = 0x12345678;

	trap_set_handler(DEMO_VECTOR, count_gate_call);
	tables_open_gate(DEMO_VECTOR, ACCESS_INTERRUPT_GATE, 0);
	__asm__ volatile("int %1" : "+a" (value) : "i" (DEMO_VECTOR) : "memory");
	return gate_calls == 1 && value == ~0x12345678u;
}

/* Ring 3 executes one INT 81h; where its frame lies names the stack. */
static bool enters_on(uint32_t top)
{
	static const uint8_t leave[] __user_data = { 0xcd, TRAP_USER_EXIT };
	struct fault fault;

	tables_set_kernel_stack(top);
	user_run((uint32_t)leave, user_stack_top(), NULL, &fault);
	return fault.vector == TRAP_USER_EXIT
	       && fault.frame_at == top - sizeof(struct trap_frame);
}

void demo_descriptors(void)
{
	demo_check(read_through_segment((uint32_t)&first_thread) == first_thread
		   && read_through_segment((uint32_t)&second_thread)
		      == second_thread, "a segment gets another base");
	demo_check(call_through_gate(), "a gate is opened and called");
	demo_check(enters_on((uint32_t)other_stack + DEMO_STACK_SIZE)
		   && enters_on(trap_stack_top()), "the kernel stack is changed");
}
