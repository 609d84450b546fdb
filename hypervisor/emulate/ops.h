/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the emulator's files share; for emulate/ only.  To be read after emulate.h.
 * emulate.c finds the handler of an instruction, operand.c accesses operands, and
 * system.c, memory.c and string.c have the handlers.
 */
#ifndef VMI_EMULATE_OPS_H
#define VMI_EMULATE_OPS_H

#include "emulate/emulate.h"
#include "emulate/services.h"
#include "model/decode.h"

/*
 * The instruction that is being emulated.  A handler changes general registers in the
 * frame last, when nothing can fail any more; @next and @eflags are copied to the frame
 * only if the handler returns EMULATED.
 */
struct emulation {
	struct frame *f;
	struct emulate_context *ctx;
	uint32_t next;		/* EIP after the instruction */
	uint32_t eflags;	/* EFLAGS after it; RF has been cleared */
	uint32_t value;		/* the value that was read last, or is to be written */
	uint32_t linear;	/* linear address of the memory operand */
	uint8_t size;		/* of the operand; 1 if the opcode is even, or by handler */
	uint8_t user;		/* ACCESS_USER or 0 */
	struct insn insn;
};

typedef enum emulate_result emulate_op(struct emulation *e);

/* What a handler returns whose last step may have faulted. */
static inline enum emulate_result done_if(bool ok)
{
	return ok ? EMULATED : EMULATE_FAULT;
}

/* General register @reg, of @size 1 (AL to BH), 2 or 4 bytes.  Reads are zero-extended. */
uint32_t reg_read(const struct frame *f, unsigned reg, unsigned size);
void reg_write(struct frame *f, unsigned reg, unsigned size, uint32_t value);

/* The register that ModRM's reg field names, of e->size. */
uint32_t operand_reg(const struct emulation *e);
void operand_reg_set(struct emulation *e, uint32_t value);

/*
 * Read or write memory by linear address, device models included.  @size is at most 8.
 * Each element of @buf has 4 bytes of the data, the last one perhaps fewer.
 */
bool data_read(struct emulation *e, uint32_t linear, uint32_t *buf, unsigned size, unsigned access);
bool data_write(struct emulation *e, uint32_t linear, uint32_t *buf, unsigned size);

/* Set e->linear to the address of the memory operand, of @size bytes. */
bool operand_linear(struct emulation *e, unsigned size, unsigned access);

/* Read the memory operand, of up to 8 bytes. */
bool operand_read(struct emulation *e, uint32_t *buf, unsigned size, unsigned access);

/*
 * Move data between e->value and the r/m operand, of e->size.  rm_read() with
 * ACCESS_WRITE is to be followed by rm_write(), which writes to the same place;
 * rm_store() is a write without a read before it.
 */
bool rm_read(struct emulation *e, unsigned access);
bool rm_write(struct emulation *e);
bool rm_store(struct emulation *e);

/*
 * The stack, in units of the operand size.  stack_read() reads what is @offset above ESP
 * into e->value; push() also moves ESP.
 */
bool stack_read(struct emulation *e, uint32_t offset);
bool push(struct emulation *e, uint32_t value);
/* ESP + @bytes, within the width of the stack. */
uint32_t stack_after(struct emulation *e, uint32_t bytes);

/* ALU operations, in the order of opcodes 00 to 3F. */
enum { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };

/* Return @a @op @b, of e->size and zero-extended.  The flags go into e->eflags. */
uint32_t alu(struct emulation *e, unsigned op, uint32_t a, uint32_t b);

emulate_op op_interrupt_flag, op_halt, op_flags, op_interrupt, op_iret;
emulate_op op_group6, op_group7, op_clts, op_wbinvd, op_special_register;
emulate_op op_counters, op_sysexit, op_far_return, op_far_direct;
emulate_op op_segment_load, op_segment_pop, op_far_pointer, op_port;
emulate_op op_string, op_port_string;
emulate_op op_alu, op_group1, op_test, op_exchange, op_move, op_move_offset, op_move_immediate;
emulate_op op_move_segment, op_pop, op_push, op_push_all, op_push_segment, op_call;
emulate_op op_group3, op_group5, op_extend, op_bit, op_xadd, op_cmpxchg, op_cmpxchg8b;

/* FF /3 and /5, CALL FAR and JMP FAR, for op_group5(). */
enum emulate_result far_indirect(struct emulation *e);

#endif
