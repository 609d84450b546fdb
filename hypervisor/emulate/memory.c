// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulator's unprivileged instructions.  They come here when a memory operand, or the
 * stack, is on a page of a device model or on a watched page.  Registers and flags change
 * only after the last store has succeeded.  Comments name opcodes in hexadecimal.
 */
#include "emulate/ops.h"

/* r/m := r/m @op @b, and the flags.  CMP only sets the flags. */
static enum emulate_result modify(struct emulation *e, unsigned op, uint32_t b)
{
	if (!rm_read(e, op == ALU_CMP ? ACCESS_READ : ACCESS_WRITE))
		return EMULATE_FAULT;
	e->value = alu(e, op, e->value, b);
	return done_if(op == ALU_CMP || rm_write(e));
}

/*
 * 00 to 3B: "op r/m, r"; with bit 1 of the opcode set, "op r, r/m".  Opcodes in that range
 * without ModRM byte have no memory operand.
 */
enum emulate_result op_alu(struct emulation *e)
{
	unsigned op = e->insn.opcode >> 3;
	uint32_t result;

	if (!e->insn.modrm)
		return EMULATE_UNKNOWN;
	if (!(e->insn.opcode & 2))
		return modify(e, op, operand_reg(e));
	if (!rm_read(e, ACCESS_READ))
		return EMULATE_FAULT;
	result = alu(e, op, operand_reg(e), e->value);
	if (op != ALU_CMP)
		operand_reg_set(e, result);
	return EMULATED;
}

/* 80 to 83: "op r/m, immediate", with op in the reg field. */
enum emulate_result op_group1(struct emulation *e)
{
	return modify(e, e->insn.reg, e->insn.immediate);
}

/* TEST: the flags of r/m & @b. */
static enum emulate_result test_with(struct emulation *e, uint32_t b)
{
	if (!rm_read(e, ACCESS_READ))
		return EMULATE_FAULT;
	alu(e, ALU_AND, e->value, b);
	return EMULATED;
}

/* 84 85: TEST r/m, r. */
enum emulate_result op_test(struct emulation *e)
{
	return test_with(e, operand_reg(e));
}

/* Write @value to r/m, and the old value, which was just read, to register @reg. */
static enum emulate_result exchange_with(struct emulation *e, uint32_t value, unsigned reg)
{
	uint32_t old = e->value;

	e->value = value;
	if (!rm_write(e))
		return EMULATE_FAULT;
	reg_write(e->f, reg, e->size, old);
	return EMULATED;
}

/* 86 87: XCHG r/m, r. */
enum emulate_result op_exchange(struct emulation *e)
{
	return rm_read(e, ACCESS_WRITE) ? exchange_with(e, operand_reg(e), e->insn.reg) :
					  EMULATE_FAULT;
}

/* 0F C0 C1: XADD r/m, r. */
enum emulate_result op_xadd(struct emulation *e)
{
	if (!rm_read(e, ACCESS_WRITE))
		return EMULATE_FAULT;
	return exchange_with(e, alu(e, ALU_ADD, e->value, operand_reg(e)), e->insn.reg);
}

/*
 * 0F B0 B1: CMPXCHG r/m, r.  If the comparison fails, the old value is written back, as
 * processors do (SDM volume 2, CMPXCHG).
 */
enum emulate_result op_cmpxchg(struct emulation *e)
{
	if (!rm_read(e, ACCESS_WRITE))
		return EMULATE_FAULT;
	if (alu(e, ALU_SUB, reg_read(e->f, REG_EAX, e->size), e->value))
		return exchange_with(e, e->value, REG_EAX);
	e->value = operand_reg(e);
	return done_if(rm_write(e));
}

/* MOV: the register that reg names, to r/m or from it. */
static enum emulate_result move_reg(struct emulation *e, bool store)
{
	if (store) {
		e->value = operand_reg(e);
		return done_if(rm_store(e));
	}
	if (!rm_read(e, ACCESS_READ))
		return EMULATE_FAULT;
	operand_reg_set(e, e->value);
	return EMULATED;
}

/* 88 89: MOV r/m, r.  8A 8B: MOV r, r/m. */
enum emulate_result op_move(struct emulation *e)
{
	return move_reg(e, !(e->insn.opcode & 2));
}

/* A0 to A3: MOV accumulator, moffs and back.  Without ModRM byte, reg is 0: the accumulator. */
enum emulate_result op_move_offset(struct emulation *e)
{
	return move_reg(e, e->insn.opcode & 2);
}

/* C6 C7 /0: MOV r/m, immediate. */
enum emulate_result op_move_immediate(struct emulation *e)
{
	e->value = e->insn.immediate;
	return e->insn.reg ? EMULATE_UNKNOWN : done_if(rm_store(e));
}

/* 8C: MOV r/m16, sreg.  In memory it writes 16 bits, whatever the operand size is. */
enum emulate_result op_move_segment(struct emulation *e)
{
	if (e->insn.reg > SEG_GS)
		return EMULATE_UNKNOWN;
	e->size = e->insn.memory ? 2 : e->insn.operand_size;
	e->value = segment_selector(e->f, e->insn.reg);
	return done_if(rm_store(e));
}

/* 8F /0: POP r/m.  The address is computed after ESP was incremented (SDM volume 2, POP). */
enum emulate_result op_pop(struct emulation *e)
{
	uint32_t esp = e->f->esp;

	if (e->insn.reg)
		return EMULATE_UNKNOWN;
	if (!stack_read(e, 0))
		return EMULATE_FAULT;
	e->f->esp = stack_after(e, e->size);
	if (rm_store(e))
		return EMULATED;
	e->f->esp = esp;
	return EMULATE_FAULT;
}

/* 50 to 57: PUSH r.  68 6A: PUSH immediate. */
enum emulate_result op_push(struct emulation *e)
{
	uint32_t value = e->insn.immediate;

	if (e->insn.opcode < 0x58)
		value = reg_read(e->f, e->insn.opcode & 7, 4);
	return done_if(push(e, value));
}

/*
 * 60: PUSHA.  If a store faults, the earlier ones stay in memory below ESP; nothing in the
 * SDM forbids that.
 */
enum emulate_result op_push_all(struct emulation *e)
{
	uint32_t esp = e->f->esp;
	unsigned reg;

	for (reg = REG_EAX; reg <= REG_EDI; reg++) {
		if (!push(e, reg == REG_ESP ? esp : reg_read(e->f, reg, 4))) {
			e->f->esp = esp;
			return EMULATE_FAULT;
		}
	}
	return EMULATED;
}

/* 06 0E 16 1E: PUSH ES, CS, SS, DS. */
enum emulate_result op_push_segment(struct emulation *e)
{
	return done_if(push(e, segment_selector(e->f, e->insn.opcode >> 3)));
}

/* A near jump or, with @call, a near call, to @offset truncated to the operand size. */
static enum emulate_result branch(struct emulation *e, uint32_t offset, bool call)
{
	if (call && !push(e, e->next))
		return EMULATE_FAULT;
	e->next = e->insn.operand_size == 2 ? offset & 0xffff : offset;
	return EMULATED;
}

/* E8: CALL rel. */
enum emulate_result op_call(struct emulation *e)
{
	return branch(e, e->next + e->insn.immediate, true);
}

/* F6 F7: TEST /0 /1, NOT /2, NEG /3.  Multiplication and division are not emulated. */
enum emulate_result op_group3(struct emulation *e)
{
	if (e->insn.reg < 2)
		return test_with(e, e->insn.immediate);
	if (e->insn.reg > 3)
		return EMULATE_UNKNOWN;
	if (!rm_read(e, ACCESS_WRITE))
		return EMULATE_FAULT;
	e->value = e->insn.reg == 2 ? ~e->value : alu(e, ALU_SUB, 0, e->value);
	return done_if(rm_write(e));
}

/* INC /0, DEC /1: like adding or subtracting 1, but CF does not change. */
static enum emulate_result increment(struct emulation *e)
{
	enum emulate_result result = modify(e, e->insn.reg ? ALU_SUB : ALU_ADD, 1);

	e->eflags = (e->eflags & ~EFLAGS_CF) | (e->f->eflags & EFLAGS_CF);
	return result;
}

/* FE /0 /1: INC, DEC.  FF /0 to /6: INC, DEC, CALL, CALL FAR, JMP, JMP FAR, PUSH. */
enum emulate_result op_group5(struct emulation *e)
{
	unsigned reg = e->insn.reg;

	if (reg > 1 && !(e->insn.opcode & 1))
		return EMULATE_UNKNOWN;
	if (reg == 3 || reg == 5)
		return far_indirect(e);
	if (e->ctx->cause != EMULATE_PAGE || reg == 7)
		return EMULATE_UNKNOWN;
	if (reg <= 1)
		return increment(e);
	if (!rm_read(e, ACCESS_READ))
		return EMULATE_FAULT;
	if (reg == 6)
		return done_if(push(e, e->value));
	return branch(e, e->value, reg == 2);
}

/* 0F B6 B7: MOVZX.  0F BE BF: MOVSX. */
enum emulate_result op_extend(struct emulation *e)
{
	bool sign = e->insn.opcode & 8;

	e->size = 1 + (e->insn.opcode & 1);
	if (!rm_read(e, ACCESS_READ))
		return EMULATE_FAULT;
	if (sign)
		e->value = e->size == 1 ? (uint32_t)(int8_t)e->value : (uint32_t)(int16_t)e->value;
	e->size = e->insn.operand_size;
	operand_reg_set(e, e->value);
	return EMULATED;
}

/*
 * Which bit BT and its relatives access.  An immediate selects a bit of the operand; a
 * register is a signed bit offset from the operand's address, which is moved accordingly.
 */
static uint32_t bit_offset(struct emulation *e)
{
	uint32_t bit = operand_reg(e);

	if (e->insn.opcode == 0xba)
		return e->insn.immediate;
	if (e->size == 2)
		bit = (uint32_t)(int16_t)bit;
	e->insn.displacement += (uint32_t)((int32_t)bit >> 3) & -(uint32_t)e->size;
	return bit;
}

/* 0F A3 AB B3 BB: BT, BTS, BTR, BTC.  0F BA /4 to /7: the same with an immediate. */
enum emulate_result op_bit(struct emulation *e)
{
	unsigned op = e->insn.opcode == 0xba ? e->insn.reg ^ 4 : e->insn.opcode >> 3 & 3;
	uint32_t mask, old;

	if (op > 3)
		return EMULATE_UNKNOWN;
	e->size = e->insn.operand_size;
	mask = 1u << (bit_offset(e) & (8 * e->size - 1));
	if (!rm_read(e, op ? ACCESS_WRITE : ACCESS_READ))
		return EMULATE_FAULT;
	old = e->value & mask;
	if (op == 3)
		e->value ^= mask;
	else
		e->value = op == 1 ? e->value | mask : e->value & ~mask;
	if (op && !rm_write(e))
		return EMULATE_FAULT;
	e->eflags = (e->eflags & ~EFLAGS_CF) | (old ? EFLAGS_CF : 0);
	return EMULATED;
}

/* 0F C7 /1: CMPXCHG8B.  Of the flags only ZF changes. */
enum emulate_result op_cmpxchg8b(struct emulation *e)
{
	struct frame *f = e->f;
	uint32_t old[2], new[2] = { f->ebx, f->ecx };
	bool equal;

	if (e->insn.reg != 1 || !e->insn.memory)
		return EMULATE_UNKNOWN;
	if (!operand_read(e, old, 8, ACCESS_WRITE))
		return EMULATE_FAULT;
	equal = old[0] == f->eax && old[1] == f->edx;
	if (!data_write(e, e->linear, equal ? new : old, 8))
		return EMULATE_FAULT;
	e->eflags = (e->eflags & ~EFLAGS_ZF) | (equal ? EFLAGS_ZF : 0);
	f->eax = old[0];
	f->edx = old[1];
	return EMULATED;
}
