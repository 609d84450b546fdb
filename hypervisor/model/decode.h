/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction decoder: it turns bytes into a description (struct insn), from
 * which emulate/ then works.  It touches neither the guest nor the processor, so the
 * host tests compile it as it is.
 */
#ifndef VMI_DECODE_H
#define VMI_DECODE_H

#include <stdbool.h>
#include <stdint.h>

/* A longer instruction raises #GP, whatever it would mean (SDM volume 2, 2.3.11). */
#define INSN_MAX	15

enum decode_result {
	DECODE_OK,
	DECODE_TRUNCATED,	/* the bytes end before the instruction does */
	DECODE_TOO_LONG,	/* more than INSN_MAX bytes */
	DECODE_INVALID,		/* not an instruction that this decoder knows */
};

enum insn_map {
	MAP_ONE,		/* one-byte opcodes; the others after an escape */
	MAP_0F,
	MAP_0F38,
	MAP_0F3A,
};

/* General registers, as instructions encode them. */
enum { REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI, REG_NONE };

/* Segment registers, as instructions encode them. */
enum { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS };

#define PREFIX_REPNE	0xf2
#define PREFIX_REP	0xf3

/*
 * A decoded instruction.  The offset of a memory operand is displacement + base +
 * (index << scale), truncated to address_size bytes, whether a 16-bit or a 32-bit
 * addressing form encoded it.
 */
struct insn {
	uint8_t length;
	uint8_t map;		/* enum insn_map */
	uint8_t opcode;		/* the last opcode byte */
	uint8_t operand_size;	/* 2 or 4; the opcode tells whether it is 1 */
	uint8_t address_size;	/* 2 or 4 */
	uint8_t repeat;		/* 0, PREFIX_REP or PREFIX_REPNE */
	bool lock;
	bool modrm;		/* there is a ModRM byte: mod, reg and rm are valid */
	uint8_t mod, reg, rm;
	bool memory;		/* there is a memory operand, described below */
	uint8_t segment;	/* SEG_*: the override; else SS or DS, by the base */
	uint8_t base, index;	/* REG_* or REG_NONE */
	uint8_t scale;		/* shift count */
	uint16_t selector;	/* of a far pointer; or ENTER's second immediate */
	uint32_t displacement;	/* sign-extended */
	uint32_t immediate;	/* sign-extended; or a far pointer's offset */
};

/*
 * Decode the instruction at @bytes, of which @available can be read.  @code32 is the
 * D bit of the code segment (false in V8086 mode).  @insn is valid only after
 * DECODE_OK.
 */
enum decode_result decode(struct insn *insn, const uint8_t *bytes, unsigned available, bool code32);

#endif
