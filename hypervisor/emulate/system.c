/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator's privileged instructions, and those that V8086 mode or a
 * descriptor with privilege 1 makes fault.
 */
#include "emulate/ops.h"

#define CR0_MSW		0x0000000Fu	/* what LMSW loads */

/* CLI STI PUSHF POPF IRET INT in V8086 mode ask for IOPL 3, which is then all they ask. */
static bool v86_permits(const struct frame *f)
{
	return frame_is_v86(f) && vcpu_iopl() == 3;
}

/* CLI FA, STI FB.  IOPL never gives ring 3 the interrupt flag (docs/abi.md, VMI_SetIOPLMask). */
enum emulate_result op_interrupt_flag(struct emulation *e)
{
	bool on = e->insn.opcode & 1;

	if (e->user && !v86_permits(e->f))
		return EMULATE_UNKNOWN;
	if (on && !vcpu_get_if())
		e->ctx->events |= EMULATE_STI_SHADOW;
	vcpu_set_if(on);
	return EMULATED;
}

/* Ends an instruction whose service has set CS, EIP and EFLAGS itself. */
static enum emulate_result transferred(struct emulation *e, bool ok)
{
	e->next = e->f->eip;
	e->eflags = e->f->eflags;
	return done_if(ok);
}

enum emulate_result op_halt(struct emulation *e)
{
	(void)e;
	vcpu_halt();
	return EMULATED;
}

#define EFLAGS_POPPED	(EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_TF | \
			 EFLAGS_DF | EFLAGS_OF | EFLAGS_NT)

/* POPF and IRET in V8086 mode: all but IOPL, VM, VIF and VIP; 16 bits leave the upper ones. */
static void flags_load(struct emulation *e, uint32_t upper)
{
	uint32_t mask = EFLAGS_POPPED | (e->insn.operand_size == 4 ? upper : 0);

	e->eflags = (e->eflags & ~mask) | (e->value & mask);
	vcpu_set_if(e->value & EFLAGS_IF);
}

/*
 * PUSHF 9C, POPF 9D, with the flags as the guest believes them to be.  In ring
 * 1 only PUSHF comes here, when its stack is a protected page.
 */
enum emulate_result op_flags(struct emulation *e)
{
	bool pop = e->insn.opcode & 1;

	if (!v86_permits(e->f) && (pop || e->ctx->cause != EMULATE_PAGE))
		return EMULATE_UNKNOWN;
	if (!pop)
		return done_if(push(e, (e->eflags & ~(EFLAGS_IF | EFLAGS_IOPL | EFLAGS_VM)) |
				       (vcpu_get_if() ? EFLAGS_IF : 0) | vcpu_iopl() << 12));
	if (!stack_read(e, 0))
		return EMULATE_FAULT;
	e->f->esp = stack_after(e, e->insn.operand_size);
	flags_load(e, EFLAGS_AC | EFLAGS_ID);
	return EMULATED;
}

static enum emulate_result v86_iret(struct emulation *e)
{
	unsigned size = e->insn.operand_size;
	uint32_t cs;

	if (!stack_read(e, 0))
		return EMULATE_FAULT;
	e->next = e->value;
	if (e->next > 0xFFFF) {
		fault_record(VECTOR_GP, 0);
		return EMULATE_FAULT;
	}
	if (!stack_read(e, size))
		return EMULATE_FAULT;
	cs = e->value & 0xFFFF;
	if (!stack_read(e, 2 * size))
		return EMULATE_FAULT;
	e->f->esp = stack_after(e, 3 * size);
	e->f->cs = cs;
	flags_load(e, EFLAGS_AC | EFLAGS_ID | EFLAGS_RF);
	return EMULATED;
}

enum emulate_result op_iret(struct emulation *e)
{
	if (v86_permits(e->f))
		return v86_iret(e);
	if (e->user)
		return EMULATE_UNKNOWN;
	return transferred(e, transfer_iret(e->f, e->insn.operand_size));
}

/*
 * INT3 CC, INT CD, INTO CE: their gate was the monitor's, or refused by its
 * DPL.  In V8086 mode INT n asks for IOPL 3, the others do not.
 */
enum emulate_result op_interrupt(struct emulation *e)
{
	uint8_t opcode = e->insn.opcode;

	if (opcode == 0xCD && frame_is_v86(e->f) && !v86_permits(e->f))
		return EMULATE_UNKNOWN;
	if (opcode == 0xCE && !(e->f->eflags & EFLAGS_OF))
		return EMULATED;
	e->ctx->soft_vector = opcode == 0xCD ? e->insn.immediate : opcode == 0xCC ? 3 : 4;
	return EMULATE_SOFT_INT;
}

/* 0F 00: LLDT /2, LTR /3; the others need no privilege. */
enum emulate_result op_group6(struct emulation *e)
{
	e->size = 2;
	if ((e->insn.reg & ~1) != 2)
		return EMULATE_UNKNOWN;
	if (!rm_read(e, ACCESS_READ))
		return EMULATE_FAULT;
	return done_if(e->insn.reg == 2 ? vcpu_lldt(e->value) : vcpu_ltr(e->value));
}

/* LGDT /2, LIDT /3: with 16-bit operands the base has 24 bits. */
static enum emulate_result load_table(struct emulation *e)
{
	uint32_t operand[2], base;

	if (!operand_read(e, operand, 6, ACCESS_READ))
		return EMULATE_FAULT;
	base = operand[0] >> 16 | operand[1] << 16;
	if (e->insn.operand_size == 2)
		base &= 0xFFFFFF;
	return done_if(e->insn.reg == 2 ? vcpu_lgdt(operand[0], base) : vcpu_lidt(operand[0], base));
}

static enum emulate_result load_machine_status(struct emulation *e)
{
	uint32_t kept = vcpu_read_cr(0) & (~CR0_MSW | CR0_PE);

	e->size = 2;
	if (!rm_read(e, ACCESS_READ))
		return EMULATE_FAULT;
	return done_if(vcpu_write_cr(0, kept | (e->value & CR0_MSW)));
}

/* 0F 01: LGDT, LIDT, LMSW /6, INVLPG /7; XSETBV D1. */
enum emulate_result op_group7(struct emulation *e)
{
	if (e->insn.reg == 6)
		return load_machine_status(e);
	if (!e->insn.memory && e->insn.reg == 2 && e->insn.rm == 1)
		return done_if(vcpu_xsetbv(e->f->ecx, e->f->eax, e->f->edx));
	if (!e->insn.memory)
		return EMULATE_UNKNOWN;
	if ((e->insn.reg & ~1) == 2)
		return load_table(e);
	if (e->insn.reg != 7)
		return EMULATE_UNKNOWN;
	operand_linear(e, 0, ACCESS_READ);
	vcpu_invlpg(e->linear);
	return EMULATED;
}

enum emulate_result op_clts(struct emulation *e)
{
	(void)e;
	vcpu_clts();
	return EMULATED;
}

enum emulate_result op_wbinvd(struct emulation *e)
{
	(void)e;
	vcpu_wbinvd();
	return EMULATED;
}

#define CONTROL_REGISTERS	0x1D	/* those that exist: 0, 2, 3, 4 */

/* CR 0F 20 and DR 0F 21 to a register, from it 0F 22 and 0F 23. */
enum emulate_result op_special_register(struct emulation *e)
{
	unsigned number = e->insn.reg;
	bool debug = e->insn.opcode & 1;

	if (!debug && !(CONTROL_REGISTERS >> number & 1)) {
		fault_record(VECTOR_UD, 0);
		return EMULATE_FAULT;
	}
	e->size = 4;
	if (e->insn.opcode & 2) {
		rm_read(e, ACCESS_READ);
		return done_if(debug ? vcpu_write_dr(number, e->value) : vcpu_write_cr(number, e->value));
	}
	if (!debug)
		e->value = vcpu_read_cr(number);
	else if (!vcpu_read_dr(number, &e->value))
		return EMULATE_FAULT;
	return done_if(rm_write(e));
}

/* Ring 3's right to RDTSC and RDPMC is the guest's CR4. */
static bool counter_permitted(const struct emulation *e)
{
	if (!e->user)
		return true;
	if (e->insn.opcode == 0x31)
		return !(vcpu_read_cr(4) & CR4_TSD);
	return e->insn.opcode == 0x33 && (vcpu_read_cr(4) & CR4_PCE);
}

/* WRMSR 0F 30, RDTSC 31, RDMSR 32, RDPMC 33. */
enum emulate_result op_counters(struct emulation *e)
{
	struct frame *f = e->f;
	uint64_t value = f->eax | (uint64_t)f->edx << 32;
	bool ok = true;

	if (!counter_permitted(e))
		return EMULATE_UNKNOWN;
	switch (e->insn.opcode) {
	case 0x30:
		return done_if(msr_write(f->ecx, value));
	case 0x31:
		value = vcpu_read_tsc();
		break;
	case 0x32:
		ok = msr_read(f->ecx, &value);
		break;
	default:
		ok = vcpu_read_pmc(f->ecx, &value);
		break;
	}
	if (!ok)
		return EMULATE_FAULT;
	f->eax = value;
	f->edx = value >> 32;
	return EMULATED;
}

enum emulate_result op_sysexit(struct emulation *e)
{
	return transferred(e, transfer_sysexit(e->f));
}

/* RETF CB, RETF imm16 CA; CB's immediate is 0. */
enum emulate_result op_far_return(struct emulation *e)
{
	return transferred(e, transfer_far_return(e->f, e->insn.operand_size,
						 e->insn.immediate & 0xFFFF));
}

static enum emulate_result far_transfer(struct emulation *e, bool call, uint16_t selector, uint32_t offset)
{
	return transferred(e, call ? transfer_far_call(e->f, e->insn.operand_size, selector, offset, e->next)
				   : transfer_far_jump(e->f, selector, offset));
}

/* CALL FAR 9A, JMP FAR EA. */
enum emulate_result op_far_direct(struct emulation *e)
{
	uint32_t offset = e->insn.immediate;

	if (e->insn.operand_size == 2)
		offset &= 0xFFFF;
	return far_transfer(e, e->insn.opcode == 0x9A, e->insn.selector, offset);
}

/* Reads a far pointer in memory: its offset into e->value. */
static bool read_far_pointer(struct emulation *e, uint16_t *selector)
{
	uint32_t operand[2];
	unsigned size = e->insn.operand_size;

	if (!operand_read(e, operand, size + 2, ACCESS_READ))
		return false;
	*selector = size == 4 ? operand[1] : operand[0] >> 16;
	e->value = size == 4 ? operand[0] : operand[0] & 0xFFFF;
	return true;
}

enum emulate_result far_indirect(struct emulation *e)
{
	uint16_t selector;

	if (!e->insn.memory || e->user)
		return EMULATE_UNKNOWN;
	if (!read_far_pointer(e, &selector))
		return EMULATE_FAULT;
	return far_transfer(e, e->insn.reg == 3, selector, e->value);
}

/* Loads a segment register with e->value; if it is SS, the next instruction is not interrupted. */
static bool load_segment(struct emulation *e, unsigned segment)
{
	if (segment == SEG_SS)
		e->ctx->events |= EMULATE_SS_SHADOW;
	return segment_load(e->f, segment, e->value);
}

/* MOV sreg, r/m16. */
enum emulate_result op_segment_load(struct emulation *e)
{
	e->size = 2;
	if (e->insn.reg == SEG_CS || e->insn.reg > SEG_GS)
		return EMULATE_UNKNOWN;
	return done_if(rm_read(e, ACCESS_READ) && load_segment(e, e->insn.reg));
}

/* POP ES 07, SS 17, DS 1F, FS 0F A1, GS 0F A9.  ESP moves by the old stack's width. */
enum emulate_result op_segment_pop(struct emulation *e)
{
	unsigned segment = e->insn.opcode >> 3;
	uint32_t esp = stack_after(e, e->insn.operand_size);

	if (e->insn.map == MAP_0F)
		segment = SEG_FS + (segment & 1);
	if (!stack_read(e, 0) || !load_segment(e, segment))
		return EMULATE_FAULT;
	e->f->esp = esp;
	return EMULATED;
}

/* LES C4, LDS C5, LSS 0F B2, LFS 0F B4, LGS 0F B5. */
enum emulate_result op_far_pointer(struct emulation *e)
{
	unsigned segment = e->insn.opcode & 7;
	uint16_t selector;

	if (e->insn.map == MAP_ONE)
		segment = segment == 4 ? SEG_ES : SEG_DS;
	if (!e->insn.memory)
		return EMULATE_UNKNOWN;
	if (!read_far_pointer(e, &selector) || !segment_load(e->f, segment, selector))
		return EMULATE_FAULT;
	e->size = e->insn.operand_size;
	operand_reg_set(e, e->value);
	return EMULATED;
}

/* IN E4 E5 EC ED, OUT E6 E7 EE EF; from EC on the port is in DX. */
enum emulate_result op_port(struct emulation *e)
{
	struct frame *f = e->f;
	uint16_t port = e->insn.opcode & 8 ? f->edx : e->insn.immediate & 0xFF;

	if (e->user && !io_allowed(f, port, e->size))
		return EMULATE_FAULT;
	if (e->insn.opcode & 2)
		return done_if(port_out(port, e->size, reg_read(f, REG_EAX, e->size)));
	if (!port_in(port, e->size, &e->value))
		return EMULATE_FAULT;
	reg_write(f, REG_EAX, e->size, e->value);
	return EMULATED;
}
