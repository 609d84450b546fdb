/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults as data: expect_fault() for the kernel's own, user_run() for what
 * ends a stay in ring 3.  Both leave the trap by jumping back to where they
 * began, so nothing of the interrupted code is resumed.
 */
#include "trap.h"

#include "vmi.h"

#include "jump.h"
#include "memory.h"
#include "string.h"

/* Somebody who waits for a fault; they nest. */
struct catcher {
	struct catcher *outer;
	struct jump_context context;
	struct fault *fault;
	uint32_t mask;
	bool user;			/* wants ring 3's, else the kernel's */
};

uint8_t user_stack[USER_STACK_SIZE] __user_data
	__attribute__((aligned(PAGE_SIZE)));

static struct catcher *innermost;

static void catcher_push(struct catcher *catcher, struct fault *fault,
			 bool user)
{
	memset(fault, 0, sizeof(*fault));
	fault->vector = NO_FAULT;
	catcher->fault = fault;
	catcher->user = user;
	catcher->mask = vmi_get_interrupt_mask();
	catcher->outer = innermost;
	innermost = catcher;
}

static void catcher_pop(struct catcher *catcher)
{
	innermost = catcher->outer;
	vmi_set_interrupt_mask(catcher->mask);
}

static void record_fault(struct fault *fault, const struct trap_frame *frame)
{
	fault->vector = frame->vector;
	fault->error = frame->error;
	fault->cr2 = frame->vector == TRAP_PAGE ? vmi_get_cr2() : 0;
	fault->handler_mask = vmi_get_interrupt_mask();
	fault->esp = trap_esp(frame);
	fault->frame_at = (uint32_t)frame;
	fault->frame = *frame;
}

void catch_fault(struct trap_frame *frame)
{
	bool user = trap_from_user(frame);
	struct catcher *catcher = innermost;

	if (frame->vector >= TRAP_EXCEPTIONS && frame->vector != TRAP_USER_EXIT)
		return;
	while (catcher && catcher->user != user)
		catcher = catcher->outer;
	if (!catcher)
		return;
	record_fault(catcher->fault, frame);
	innermost = catcher;
	jump_to(&catcher->context, 1);
}

static bool call_and_catch(void (*function)(void *argument), void *argument,
			   struct fault *fault, bool user)
{
	struct catcher catcher;

	catcher_push(&catcher, fault, user);
	if (jump_set(&catcher.context) == 0)
		function(argument);
	catcher_pop(&catcher);
	return fault->vector != NO_FAULT;
}

bool expect_fault(void (*function)(void *argument), void *argument,
		  struct fault *fault)
{
	return call_and_catch(function, argument, fault, false);
}

bool expect_user_fault(void (*function)(void *argument), void *argument,
		       struct fault *fault)
{
	return call_and_catch(function, argument, fault, true);
}

static void fill_user_frame(struct trap_frame *frame, uint32_t eip,
			    uint32_t esp, const struct trap_frame *registers)
{
	memset(frame, 0, sizeof(*frame));
	if (registers)
		*frame = *registers;
	frame->gs = frame->fs = frame->es = frame->ds = USER_SS;
	frame->eip = eip;
	frame->cs = USER_CS;
	frame->eflags |= EFLAGS_FIXED | EFLAGS_IF;
	frame->esp = esp;
	frame->ss = USER_SS;
}

void user_run(uint32_t eip, uint32_t esp, const struct trap_frame *registers,
	      struct fault *fault)
{
	struct trap_frame *frame = (struct trap_frame *)trap_stack_top() - 1;
	struct catcher catcher;

	/*
	 * The frame lies where a trap from ring 3 would put it: the way down
	 * then uses nothing of this stack, to which the catcher returns.
	 */
	catcher_push(&catcher, fault, true);
	if (jump_set(&catcher.context) == 0) {
		vmi_disable_interrupts();
		fill_user_frame(frame, eip, esp, registers);
		trap_leave(frame);
	}
	catcher_pop(&catcher);
}
