/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes (process.h).  There is one kernel stack: changing over is copying
 * register frames and what space_switch() does.
 */
#include "process.h"

#include "pipe.h"

#define INT_LENGTH	2

struct process {
	struct space space;
	struct trap_frame frame;
};

/* Running, and whom it waits for or was forked by. */
static struct process slots[2];
static struct process *current, *other;
static struct pipe pipes[2];		/* what each writes to */
static bool demand;

static void change_over(struct trap_frame *frame)
{
	struct process *from = current;

	from->frame = *frame;
	current = other;
	other = from;
	space_switch(&current->space, true);
	*frame = current->frame;
}

/* Who waits lets the other process run, and tries again. */
static void wait(struct trap_frame *frame)
{
	frame->eip -= INT_LENGTH;
	change_over(frame);
}

static void write(struct trap_frame *frame)
{
	if (!pipe_write(&pipes[current - slots], (const void *)frame->esi, frame->ecx))
		wait(frame);
}

static void read(struct trap_frame *frame)
{
	if (!pipe_read(&pipes[other - slots], (void *)frame->esi, frame->ecx))
		wait(frame);
}

static void fork(struct trap_frame *frame)
{
	space_fork(&other->space, &current->space, true);
	frame->eax = 1;
	other->frame = *frame;
	other->frame.eax = 0;
	change_over(frame);
}

static void end(struct trap_frame *frame)
{
	change_over(frame);
	space_destroy(&other->space);
}

static bool handle_call(struct trap_frame *frame)
{
	switch (frame->eax) {
	case CALL_NOTHING:
		break;
	case CALL_WRITE:
		write(frame);
		break;
	case CALL_READ:
		read(frame);
		break;
	case CALL_FORK:
		fork(frame);
		break;
	case CALL_EXIT:
		end(frame);
		break;
	default:
		return false;
	}
	return true;
}

static void map_new(uint32_t linear)
{
	uint32_t frame = frame_get();

	page_clear(frame);
	vmi_set_pte(frame | PAGE_RW, &current->space.table[(linear - PRIVATE_START) / PAGE_SIZE]);
}

static bool handle_fault(struct trap_frame *frame)
{
	uint32_t address = vmi_get_cr2() & -PAGE_SIZE;

	if (address - PRIVATE_START >= PRIVATE_PAGES * PAGE_SIZE)
		return false;
	if (frame->error & PAGE_ERROR_PRESENT)
		space_unshare(&current->space, address);
	else if (demand)
		map_new(address);
	else
		return false;
	return true;
}

void process_demand(bool on)
{
	demand = on;
}

void process_open(void)
{
	tables_open_gate(TRAP_SYSCALL, ACCESS_TRAP_GATE, 3);
	trap_set_handler(TRAP_SYSCALL, handle_call);
	trap_set_handler(TRAP_PAGE, handle_fault);
}

void process_close(void)
{
	trap_set_handler(TRAP_SYSCALL, NULL);
	trap_set_handler(TRAP_PAGE, NULL);
}

static void create(struct process *process, const void *task, uint32_t rounds, uint32_t pages)
{
	struct trap_frame frame = {
		.gs = USER_SS, .fs = USER_SS, .es = USER_SS, .ds = USER_SS,
		.ebx = rounds, .esi = PRIVATE_START, .eip = (uint32_t)task, .cs = USER_CS,
		.eflags = EFLAGS_FIXED | EFLAGS_IF, .esp = user_stack_top() - 16, .ss = USER_SS,
	};

	space_create(&process->space);
	space_populate(&process->space, pages);
	process->frame = frame;
	pipes[process - slots].bytes = 0;
}

void process_run(const void *task, uint32_t rounds, uint32_t pages, bool paired)
{
	struct fault fault;

	create(&slots[0], task, rounds, pages);
	if (paired)
		create(&slots[1], task, rounds, pages);
	current = &slots[0];
	other = &slots[1];
	vmi_set_cr3(current->space.root);
	user_run(current->frame.eip, current->frame.esp, &current->frame, &fault);
	vmi_disable_interrupts();
	vmi_set_cr3(paging_kernel_root());
	space_destroy(&slots[0].space);
	if (paired)
		space_destroy(&slots[1].space);
	if (fault.vector != TRAP_USER_EXIT)
		trap_fatal(&fault.frame);
}
