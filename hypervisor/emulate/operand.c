// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operands of emulated instructions (registers, memory, stack), and the arithmetic
 * that several of them share.  ops.h describes the functions.
 */
#include "emulate/ops.h"

/*
 * All 32 bits of register @reg.  PUSHA has stored EAX at the highest address and then in
 * order of register numbers downwards; ESP is the one that the processor has pushed.
 */
static uint32_t *reg_slot(const struct frame *f, unsigned reg)
{
	return (uint32_t *)(reg == REG_ESP ? &f->esp : &f->eax - reg);
}

/* The number of bits above an operand of @size bytes, and a mask of those in it. */
static unsigned size_mask_shift(unsigned size)
{
	return 32 - 8 * size;
}

static uint32_t size_mask(unsigned size)
{
	return 0xffffffffu >> size_mask_shift(size);
}

uint32_t reg_read(const struct frame *f, unsigned reg, unsigned size)
{
	if (size == 1 && reg >= 4)
		return (*reg_slot(f, reg - 4) >> 8) & 0xff;
	return *reg_slot(f, reg) & size_mask(size);
}

void reg_write(struct frame *f, unsigned reg, unsigned size, uint32_t value)
{
	uint32_t mask = size_mask(size);
	uint32_t *slot;

	if (size == 1 && reg >= 4) {
		mask <<= 8;
		value <<= 8;
		reg -= 4;
	}
	slot = reg_slot(f, reg);
	*slot = (*slot & ~mask) | (value & mask);
}

uint32_t operand_reg(const struct emulation *e)
{
	return reg_read(e->f, e->insn.reg, e->size);
}

void operand_reg_set(struct emulation *e, uint32_t value)
{
	reg_write(e->f, e->insn.reg, e->size, value);
}

/* Access a device model, in pieces of at most 4 bytes. */
static void device_copy(uint32_t linear, uint32_t *buf, unsigned size, bool write)
{
	for (;; linear += 4, size -= 4) {
		device_access(linear, size < 4 ? size : 4, write, buf++);
		if (size <= 4)
			return;
	}
}

bool data_read(struct emulation *e, uint32_t linear, uint32_t *buf, unsigned size, unsigned access)
{
	access |= e->user;
	if (e->ctx->cause != EMULATE_PAGE || !device_page(linear, access))
		return guest_read(linear, buf, size, access);
	device_copy(linear, buf, size, false);
	return true;
}

bool data_write(struct emulation *e, uint32_t linear, uint32_t *buf, unsigned size)
{
	unsigned access = ACCESS_WRITE | e->user;

	if (e->ctx->cause != EMULATE_PAGE || !device_page(linear, access))
		return guest_write(linear, buf, size, access);
	device_copy(linear, buf, size, true);
	return true;
}

/* The offset of the memory operand in its segment. */
static uint32_t operand_offset(const struct emulation *e)
{
	const struct insn *i = &e->insn;
	uint32_t offset = i->displacement;

	if (i->base != REG_NONE)
		offset += reg_read(e->f, i->base, 4);
	if (i->index != REG_NONE)
		offset += reg_read(e->f, i->index, 4) << i->scale;
	return offset & size_mask(i->address_size);
}

bool operand_linear(struct emulation *e, unsigned size, unsigned access)
{
	return segment_linear(e->f, e->insn.segment, operand_offset(e), size, access & ACCESS_WRITE,
			      &e->linear);
}

bool operand_read(struct emulation *e, uint32_t *buf, unsigned size, unsigned access)
{
	return operand_linear(e, size, access) && data_read(e, e->linear, buf, size, access);
}

bool rm_read(struct emulation *e, unsigned access)
{
	e->value = 0;
	if (e->insn.memory)
		return operand_read(e, &e->value, e->size, access);
	e->value = reg_read(e->f, e->insn.rm, e->size);
	return true;
}

bool rm_write(struct emulation *e)
{
	if (e->insn.memory)
		return data_write(e, e->linear, &e->value, e->size);
	reg_write(e->f, e->insn.rm, e->size, e->value);
	return true;
}

bool rm_store(struct emulation *e)
{
	return (!e->insn.memory || operand_linear(e, e->size, ACCESS_WRITE)) && rm_write(e);
}

uint32_t stack_after(struct emulation *e, uint32_t bytes)
{
	uint32_t mask = segment_stack_mask(e->f);

	return (e->f->esp & ~mask) | ((e->f->esp + bytes) & mask);
}

static bool stack_linear(struct emulation *e, uint32_t esp, bool write, uint32_t *linear)
{
	return segment_linear(e->f, SEG_SS, esp & segment_stack_mask(e->f), e->insn.operand_size,
			      write, linear);
}

bool stack_read(struct emulation *e, uint32_t offset)
{
	uint32_t linear;

	e->value = 0;
	return stack_linear(e, e->f->esp + offset, false, &linear) &&
	       data_read(e, linear, &e->value, e->insn.operand_size, ACCESS_READ);
}

bool push(struct emulation *e, uint32_t value)
{
	uint32_t linear, esp = stack_after(e, -(uint32_t)e->insn.operand_size);

	if (!stack_linear(e, esp, true, &linear) ||
	    !data_write(e, linear, &value, e->insn.operand_size))
		return false;
	e->f->esp = esp;
	return true;
}

#define EFLAGS_ARITHMETIC \
	(EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_OF)

/*
 * The carries (or borrows) out of all bits are computed together.  The one out of the top
 * bit is CF, the one out of bit 3 is AF, and OF says whether the top two differ.
 */
uint32_t alu(struct emulation *e, unsigned op, uint32_t a, uint32_t b)
{
	uint32_t result, carries = 0, flags = 0;
	unsigned shift = size_mask_shift(e->size);
	bool carry = (op == ALU_ADC || op == ALU_SBB) && (e->eflags & EFLAGS_CF);

	switch (op) {
	case ALU_OR:
		result = a | b;
		break;
	case ALU_AND:
		result = a & b;
		break;
	case ALU_XOR:
		result = a ^ b;
		break;
	case ALU_ADD:
	case ALU_ADC:
		result = a + b + carry;
		carries = (a & b) | ((a | b) & ~result);
		break;
	default:
		result = a - b - carry;
		carries = (~a & b) | (~(a ^ b) & result);
		break;
	}
	if (carries & 8)
		flags |= EFLAGS_AF;
	carries <<= shift;
	if (carries >> 31)
		flags |= EFLAGS_CF;
	if ((carries ^ carries << 1) >> 31)
		flags |= EFLAGS_OF;
	if (!__builtin_parity(result & 0xff))
		flags |= EFLAGS_PF;
	if ((result << shift) >> 31)
		flags |= EFLAGS_SF;
	result &= size_mask(e->size);
	if (!result)
		flags |= EFLAGS_ZF;
	e->eflags = (e->eflags & ~EFLAGS_ARITHMETIC) | flags;
	return result;
}
