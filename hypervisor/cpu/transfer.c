// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control transfers of the guest's kernel that the monitor completes: VMI_IRET and
 * VMI_SYSEXIT that found an interrupt pending, or were interrupted, or faulted; and raw
 * IRET and far transfers, which trap because their CS has RPL 0.  The guest's stack and
 * descriptors are checked as the processor would check them.
 */
#include "cpu/cpu.h"

/* The flags that an IRET of ring 1 may load; IF goes to virtual IF. */
#define IMAGE_FLAGS	(EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF | \
			 EFLAGS_DF | EFLAGS_OF | EFLAGS_NT | EFLAGS_RF | EFLAGS_AC | EFLAGS_ID)
#define CALL_SIZE	5u		/* bytes of the call at a call site */
#define SYSEXIT_FRAME	20u		/* bytes of the frame that VMI_SYSEXIT builds */

/* Add @bytes to ESP, within the width of the stack. */
static void move_stack(struct frame *f, uint32_t bytes)
{
	uint32_t mask = segment_stack_mask(f);

	f->esp = (f->esp & ~mask) | ((f->esp + bytes) & mask);
}

/* Read a value of @size bytes, @offset above SS:ESP. */
static bool read_word(struct frame *f, uint32_t offset, uint32_t *to, unsigned size)
{
	uint32_t linear;

	*to = 0;
	return segment_linear(f, SEG_SS, (f->esp + offset) & segment_stack_mask(f), size, false,
			      &linear) &&
	       guest_read(linear, to, size, ACCESS_READ);
}

/* Read @n values of @size bytes at SS:ESP; in one step if it is a usual 32-bit stack. */
static bool read_stack(struct frame *f, uint32_t *to, unsigned n, unsigned size)
{
	uint32_t linear;
	unsigned i;

	if (size == 4 && segment_stack_mask(f) != 0xffff)
		return segment_linear(f, SEG_SS, f->esp, n * 4, false, &linear) &&
		       guest_read(linear, to, n * 4, ACCESS_READ);
	for (i = 0; i < n; i++)
		if (!read_word(f, i * size, &to[i], size))
			return false;
	return true;
}

/* Load flags and virtual IF from an image; the exit path then looks for interrupts. */
static void load_flags(struct frame *f, uint32_t image, unsigned size)
{
	uint32_t mask = size == 4 ? IMAGE_FLAGS : IMAGE_FLAGS & 0xffff;

	f->eflags = (f->eflags & ~mask) | (image & mask) | EFLAGS_IF;
	vif_load(image);
	this_vcpu()->attention = 1;
}

/* The words of the stack frame of an IRET. */
enum { W_EIP, W_CS, W_FLAGS, W_ESP, W_SS, W_ES, W_DS, W_FS, W_GS, W_COUNT };

/* Return to V8086 mode.  The ABI says that this clears SYSENTER_CS (docs/abi.md). */
static bool iret_to_v86(struct frame *f, const uint32_t *w)
{
	load_flags(f, w[W_FLAGS], 4);
	f->eflags |= EFLAGS_VM;
	if (vif_is_forced(f))
		vif_set();
	if (this_vcpu()->sysenter_cs)
		sysenter_set_cs(0);
	f->eip = w[W_EIP] & 0xffff;
	f->cs = w[W_CS] & 0xffff;
	f->esp = w[W_ESP];
	f->ss = w[W_SS] & 0xffff;
	f->v86_es = w[W_ES] & 0xffff;
	f->v86_ds = w[W_DS] & 0xffff;
	f->v86_fs = w[W_FS] & 0xffff;
	f->v86_gs = w[W_GS] & 0xffff;
	tss_open_ports(false);
	return true;
}

/* Return to ring 3.  Until the guest uses VMI_IRET, its SS may have RPL 0: see inject.c. */
static bool iret_to_user(struct frame *f, const uint32_t *w, unsigned size)
{
	uint16_t cs = (uint16_t)w[W_CS], ss = (uint16_t)w[W_SS];

	if (!info_page()->iret_by_call && (ss & 3) == 0 && ss)
		ss |= 3;
	if (!segment_check_code(cs, 3, w[W_EIP]))
		return false;
	if ((ss & 3) != 3)
		return refuse(VECTOR_GP, ss & ~SELECTOR_RPL);
	if (!segment_check_stack(ss, 3, VECTOR_GP))
		return false;
	load_flags(f, w[W_FLAGS], size);
	vif_set();
	f->eip = w[W_EIP];
	f->cs = cs;
	f->esp = w[W_ESP];
	f->ss = ss;
	return true;
}

/*
 * RPL 0 in the frame means ring 1: the guest's kernel believes that it runs at CPL 0, and
 * the monitor makes such frames (inject.c).
 */
bool transfer_iret(struct frame *f, unsigned size)
{
	uint32_t w[W_COUNT];
	uint16_t cs;

	if (f->eflags & EFLAGS_NT)
		return refuse(VECTOR_TS, 0);	/* a task return: there are no tasks */
	if (!read_stack(f, w, 3, size))
		return false;
	if (size == 4 && (w[W_FLAGS] & EFLAGS_VM))
		return read_stack(f, w, W_COUNT, size) && iret_to_v86(f, w);
	cs = (uint16_t)w[W_CS];
	if ((cs & SELECTOR_RPL) == 3)
		return read_stack(f, w, W_SS + 1, size) && iret_to_user(f, w, size);
	if ((cs & SELECTOR_RPL) == 2)
		return refuse(VECTOR_GP, cs & ~SELECTOR_RPL);
	if (!segment_check_code(cs, 1, w[W_EIP]))
		return false;
	load_flags(f, w[W_FLAGS], size);
	f->eip = w[W_EIP];
	f->cs = (cs & ~SELECTOR_RPL) | 1;
	move_stack(f, 3 * size);
	return true;
}

bool transfer_far_return(struct frame *f, unsigned size, uint32_t release)
{
	uint32_t w[4];
	uint16_t cs;

	if (!read_stack(f, w, 2, size))
		return false;
	cs = (uint16_t)w[1];
	if ((cs & SELECTOR_RPL) > 1)
		return refuse(VECTOR_GP, cs & ~SELECTOR_RPL);
	if (!segment_check_code(cs, 1, w[0]))
		return false;
	f->eip = w[0];
	f->cs = (cs & ~SELECTOR_RPL) | 1;
	move_stack(f, 2 * size + release);
	return true;
}

bool transfer_far_jump(struct frame *f, uint16_t selector, uint32_t offset)
{
	if (!segment_check_code(selector, 1, offset))
		return false;
	f->cs = (selector & ~SELECTOR_RPL) | 1;
	f->eip = offset;
	return true;
}

bool transfer_far_call(struct frame *f, unsigned size, uint16_t selector, uint32_t offset,
		       uint32_t next)
{
	uint32_t words[2] = { next, f->cs };
	uint16_t narrow[2] = { (uint16_t)next, (uint16_t)f->cs };
	uint32_t linear;

	if (!segment_check_code(selector, 1, offset))
		return false;
	if (!segment_linear(f, SEG_SS, (f->esp - 2 * size) & segment_stack_mask(f), 2 * size, true,
			    &linear))
		return false;
	if (!guest_write(linear, size == 4 ? (const void *)words : narrow, 2 * size, ACCESS_WRITE))
		return false;
	move_stack(f, -2 * size);
	return transfer_far_jump(f, selector, offset);
}

/*
 * Complete the return whose frame is at ESP.  @slot is where the return address of
 * VMI_IRET or VMI_SYSEXIT lies.  If the return faults, the guest sees the fault at the
 * call site, with the stack as it was there, as if the call were the instruction.
 */
static enum transfer complete_return(struct frame *f, uint32_t slot, uint32_t esp_at_site)
{
	struct fault fault;
	uint32_t address;

	if (transfer_iret(f, 4))
		return TRANSFER_DONE;
	fault = this_vcpu()->fault;
	vif_clear();
	if (guest_read(slot, &address, sizeof(address), ACCESS_READ)) {
		f->eip = address - CALL_SIZE;
		f->esp = esp_at_site;
		this_vcpu()->fault = fault;
	}
	return TRANSFER_FAULT;
}

/*
 * VECTOR_IRET: the return address of VMI_IRET is on the stack, the frame above it.  POST
 * has patched VMI_IRET so that its first call comes here.  That call tells that the guest
 * uses VMI_IRET at all: the patch is taken back, and from then on the frames that the
 * guest gets have true RPLs, as no raw IRET has to trap.
 */
enum transfer transfer_by_call(struct frame *f)
{
	uint32_t slot = f->esp;

	if (!info_page()->iret_by_call) {
		info_page_rw()->iret_by_call = true;
		memcpy(boot.iret, boot.iret_bytes, 2);
		direct_update_all();
	}
	this_vcpu()->stats[STAT_IRET]++;
	f->esp += 4;
	return complete_return(f, slot, f->esp);
}

/*
 * Complete the return of @path, with ESP at its frame.  VMI_SYSEXIT is an IRET in fact,
 * which would fault on NT.  SYSEXIT ignores NT, and SYSENTER leaves it as ring 3 has set
 * it, so it is cleared.
 */
static enum transfer complete_path(struct frame *f, const struct return_path *path)
{
	if (path == &boot.returns[RETURN_IRET])
		return complete_return(f, f->esp - 4, f->esp);
	f->eflags &= ~EFLAGS_NT;
	return complete_return(f, f->esp + SYSEXIT_FRAME, f->esp + SYSEXIT_FRAME + 4);
}

/*
 * What is left of the return depends on EIP: before "popped" EAX is still on the stack,
 * and before "last" the return address of VMI_IRET is.
 */
enum transfer transfer_forward(struct frame *f)
{
	const struct return_path *path = region_return(f->eip);
	uint32_t offset = f->eip - HOLE_ROM;

	if (frame_from_user(f))
		return TRANSFER_NOT_MINE;
	f->eip = region_restart(f->eip);
	if (!path)
		return TRANSFER_NOT_MINE;
	this_vcpu()->stats[STAT_FORWARDED]++;
	if (offset < path->popped) {
		if (!guest_read(f->esp, &f->eax, 4, ACCESS_READ))
			return TRANSFER_NOT_MINE;
		f->esp += 4;
	}
	if (path == &boot.returns[RETURN_IRET] && offset < path->last)
		f->esp += 4;
	return complete_path(f, path);
}

/*
 * A fault in the first part of VMI_IRET, before it stores virtual IF: it accesses the
 * stack there.  After the PUSH, EAX must be taken from the stack.
 */
static enum transfer fault_before_critical(struct frame *f)
{
	uint32_t slot = f->esp, offset = f->eip - HOLE_ROM;
	const struct return_path *path = &boot.returns[RETURN_IRET];

	if (offset < path->entry || offset >= path->critical)
		return TRANSFER_NOT_MINE;
	if (offset > path->entry) {
		if (!guest_read(slot, &f->eax, 4, ACCESS_READ))
			return TRANSFER_NOT_MINE;
		slot += 4;
	}
	f->esp = slot + 4;
	return complete_return(f, slot, f->esp);
}

/* In a return, only the IRET itself can fault after virtual IF was stored. */
enum transfer transfer_fault(struct frame *f)
{
	const struct return_path *path;

	if (f->eip < HOLE_ROM || frame_from_user(f))
		return TRANSFER_NOT_MINE;
	path = region_return(f->eip);
	if (!path)
		return fault_before_critical(f);
	if (f->eip - HOLE_ROM != path->last)
		return TRANSFER_NOT_MINE;
	return complete_path(f, path);
}
