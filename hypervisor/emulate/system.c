// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulator's privileged instructions, and those that fault because of V8086 mode or
 * because the guest's kernel runs at ring 1 (far transfers, loads of segment registers).
 * Comments name opcodes in hexadecimal.
 */
#include "emulate/ops.h"

#define CR0_MSW		0x0000000fu	/* what LMSW loads */

/* CLI, STI, PUSHF, POPF, IRET and INT are allowed in V8086 mode if IOPL is 3. */
static bool v86_permits(const struct frame *f)
{
	return frame_is_v86(f) && vcpu_iopl() == 3;
}

/*
 * FA FB: CLI, STI.  Outside V8086 mode, ring 3 may never execute them, even with virtual
 * IOPL 3 (docs/abi.md, VMI_SetIOPLMask).
 */
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

/* The end of an instruction for which a function of cpu/ has set CS, EIP and EFLAGS. */
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

/*
 * The flags that POPF and IRET load in V8086 mode: not IOPL, VM, VIF and VIP.  @upper are
 * the ones above bit 15, which only 32-bit forms load.
 */
static void flags_load(struct emulation *e, uint32_t upper)
{
	uint32_t mask = EFLAGS_POPPED | (e->insn.operand_size == 4 ? upper : 0);

	e->eflags = (e->eflags & ~mask) | (e->value & mask);
	vcpu_set_if(e->value & EFLAGS_IF);
}

/*
 * 9C 9D: PUSHF, POPF, with the flags as the guest sees them.  Outside V8086 mode they do
 * not fault; only PUSHF can come here, when its stack is on a page that is not mapped for
 * writing.
 */
enum emulate_result op_flags(struct emulation *e)
{
	bool pop = e->insn.opcode & 1;

	if (!v86_permits(e->f) && (pop || e->ctx->cause != EMULATE_PAGE))
		return EMULATE_UNKNOWN;
	if (!pop)
		return done_if(push(e, (e->eflags & ~(EFLAGS_IF | EFLAGS_IOPL | EFLAGS_VM)) |
				       (vcpu_get_if() ? EFLAGS_IF : 0) |
				       vcpu_iopl() << EFLAGS_IOPL_SHIFT));
	if (!stack_read(e, 0))
		return EMULATE_FAULT;
	e->f->esp = stack_after(e, e->insn.operand_size);
	flags_load(e, EFLAGS_AC | EFLAGS_ID);
	return EMULATED;
}

/* IRET in V8086 mode with IOPL 3: it stays in V8086 mode. */
static enum emulate_result v86_iret(struct emulation *e)
{
	unsigned size = e->insn.operand_size;
	uint32_t cs;

	if (!stack_read(e, 0))
		return EMULATE_FAULT;
	e->next = e->value;
	if (e->next > 0xffff) {
		fault_record(VECTOR_GP, 0);
		return EMULATE_FAULT;
	}
	if (!stack_read(e, size))
		return EMULATE_FAULT;
	cs = e->value & 0xffff;
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
 * CC CD CE: INT3, INT n, INTO.  They raise #GP because the gate in the physical IDT is the
 * monitor's, with DPL 0; the guest's own gate decides.  In V8086 mode only INT n needs
 * IOPL 3.
 */
enum emulate_result op_interrupt(struct emulation *e)
{
	uint8_t opcode = e->insn.opcode;

	if (opcode == 0xcd && frame_is_v86(e->f) && !v86_permits(e->f))
		return EMULATE_UNKNOWN;
	if (opcode == 0xce && !(e->f->eflags & EFLAGS_OF))
		return EMULATED;
	e->ctx->soft_vector = opcode == 0xcd ? e->insn.immediate : opcode == 0xcc ? 3 : 4;
	return EMULATE_SOFT_INT;
}

/* 0F 00: LLDT /2, LTR /3.  The others are not privileged. */
enum emulate_result op_group6(struct emulation *e)
{
	e->size = 2;
	if ((e->insn.reg & ~1) != 2)
		return EMULATE_UNKNOWN;
	if (!rm_read(e, ACCESS_READ))
		return EMULATE_FAULT;
	return done_if(e->insn.reg == 2 ? vcpu_lldt(e->value) : vcpu_ltr(e->value));
}

/* 0F 01 /2 /3: LGDT, LIDT.  With 16-bit operand size the base has 24 bits. */
static enum emulate_result load_table(struct emulation *e)
{
	uint32_t operand[2], base;

	if (!operand_read(e, operand, 6, ACCESS_READ))
		return EMULATE_FAULT;
	base = operand[0] >> 16 | operand[1] << 16;
	if (e->insn.operand_size == 2)
		base &= 0xffffff;
	return done_if(e->insn.reg == 2 ? vcpu_lgdt(operand[0], base) :
					  vcpu_lidt(operand[0], base));
}

/* 0F 01 /6: LMSW.  It can set PE, but not clear it. */
static enum emulate_result load_machine_status(struct emulation *e)
{
	uint32_t kept = vcpu_read_cr(0) & (~CR0_MSW | CR0_PE);

	e->size = 2;
	if (!rm_read(e, ACCESS_READ))
		return EMULATE_FAULT;
	return done_if(vcpu_write_cr(0, kept | (e->value & CR0_MSW)));
}

/* 0F 01: LGDT /2, LIDT /3, LMSW /6, INVLPG /7; XSETBV is 0F 01 D1. */
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

#define CONTROL_REGISTERS	0x1d	/* bitmap of those that exist: 0, 2, 3, 4 */

/* 0F 20 21: MOV from CR, DR.  0F 22 23: MOV to CR, DR. */
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
		return done_if(debug ? vcpu_write_dr(number, e->value) :
				       vcpu_write_cr(number, e->value));
	}
	if (!debug)
		e->value = vcpu_read_cr(number);
	else if (!vcpu_read_dr(number, &e->value))
		return EMULATE_FAULT;
	return done_if(rm_write(e));
}

/* May RDTSC or RDPMC be executed?  For ring 3 the guest's CR4 decides. */
static bool counter_permitted(const struct emulation *e)
{
	if (!e->user)
		return true;
	if (e->insn.opcode == 0x31)
		return !(vcpu_read_cr(4) & CR4_TSD);
	return e->insn.opcode == 0x33 && (vcpu_read_cr(4) & CR4_PCE);
}

/* 0F 30 to 33: WRMSR, RDTSC, RDMSR, RDPMC. */
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

/* CB: RETF.  CA: RETF imm16.  The immediate of CB is 0. */
enum emulate_result op_far_return(struct emulation *e)
{
	return transferred(e, transfer_far_return(e->f, e->insn.operand_size,
						 e->insn.immediate & 0xffff));
}

static enum emulate_result far_transfer(struct emulation *e, bool call, uint16_t selector,
					uint32_t offset)
{
	return transferred(e, call ? transfer_far_call(e->f, e->insn.operand_size, selector,
						       offset, e->next)
				   : transfer_far_jump(e->f, selector, offset));
}

/* 9A: CALL FAR.  EA: JMP FAR. */
enum emulate_result op_far_direct(struct emulation *e)
{
	uint32_t offset = e->insn.immediate;

	if (e->insn.operand_size == 2)
		offset &= 0xffff;
	return far_transfer(e, e->insn.opcode == 0x9a, e->insn.selector, offset);
}

/* Read a far pointer from memory: the offset goes into e->value. */
static bool read_far_pointer(struct emulation *e, uint16_t *selector)
{
	uint32_t operand[2];
	unsigned size = e->insn.operand_size;

	if (!operand_read(e, operand, size + 2, ACCESS_READ))
		return false;
	*selector = size == 4 ? operand[1] : operand[0] >> 16;
	e->value = size == 4 ? operand[0] : operand[0] & 0xffff;
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

/* Load a segment register with e->value.  After SS the next instruction is not interrupted. */
static bool load_segment(struct emulation *e, unsigned segment)
{
	if (segment == SEG_SS)
		e->ctx->events |= EMULATE_SS_SHADOW;
	return segment_load(e->f, segment, e->value);
}

/* 8E: MOV sreg, r/m16. */
enum emulate_result op_segment_load(struct emulation *e)
{
	e->size = 2;
	if (e->insn.reg == SEG_CS || e->insn.reg > SEG_GS)
		return EMULATE_UNKNOWN;
	return done_if(rm_read(e, ACCESS_READ) && load_segment(e, e->insn.reg));
}

/* 07 17 1F, 0F A1 A9: POP ES, SS, DS, FS, GS.  ESP moves by the width of the old stack. */
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

/*
 * C4 C5, 0F B2 B4 B5: LES, LDS, LSS, LFS, LGS.  After LSS interrupts are not blocked, in
 * contrast to MOV and POP (SDM volume 3, 6.8.3).
 */
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

/* E4 E5 EC ED: IN.  E6 E7 EE EF: OUT.  From EC on the port is in DX, else an immediate. */
enum emulate_result op_port(struct emulation *e)
{
	struct frame *f = e->f;
	uint16_t port = e->insn.opcode & 8 ? f->edx : e->insn.immediate & 0xff;

	if (e->user && !io_allowed(f, port, e->size))
		return EMULATE_FAULT;
	if (e->insn.opcode & 2)
		return done_if(port_out(port, e->size, reg_read(f, REG_EAX, e->size)));
	if (!port_in(port, e->size, &e->value))
		return EMULATE_FAULT;
	reg_write(f, REG_EAX, e->size, e->value);
	return EMULATED;
}
