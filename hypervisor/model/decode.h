/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction decoder: bytes in, description out.  It touches neither the
 * guest nor the processor, so the host tests run it as it is.
 */
#ifndef VMI_DECODE_H
#define VMI_DECODE_H

#include <stdbool.h>
#include <stdint.h>

/* SDM volume 2, 2.3.11: anything longer is #GP, whatever it would mean. */
#define INSN_MAX	15

enum decode_result {
	DECODE_OK,
	DECODE_TRUNCATED,	/* the bytes end before the instruction does */
	DECODE_TOO_LONG,	/* more than INSN_MAX bytes */
	DECODE_INVALID,		/* no instruction of a 32-bit processor that we know */
};

enum insn_map {
	MAP_ONE,		/* one-byte opcodes */
	MAP_0F,
	MAP_0F38,
	MAP_0F3A,
};

/* General registers as instructions number them. */
enum { REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI, REG_NONE };

/* Segment registers likewise. */
enum { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS };

#define PREFIX_REPNE	0xF2
#define PREFIX_REP	0xF3

/*
 * A memory operand's offset is displacement + base + (index << scale), cut to
 * address_size bytes, whichever of the 16- and 32-bit forms encoded it.
 */
struct insn {
	uint8_t length;
	uint8_t map;		/* enum insn_map */
	uint8_t opcode;		/* the last opcode byte */
	uint8_t operand_size;	/* 2 or 4; byte forms are told by the opcode */
	uint8_t address_size;	/* 2 or 4 */
	uint8_t repeat;		/* 0, PREFIX_REP or PREFIX_REPNE */
	bool lock;
	bool modrm;		/* mod, reg and rm are meant */
	uint8_t mod, reg, rm;
	bool memory;		/* the operand below is one in memory */
	uint8_t segment;	/* SEG_*: override, else SS by base, else DS */
	uint8_t base, index;	/* REG_* or REG_NONE */
	uint8_t scale;		/* shift count */
	uint16_t selector;	/* of a far pointer; ENTER's second immediate */
	uint32_t displacement;	/* sign-extended */
	uint32_t immediate;	/* sign-extended, a far pointer's offset too */
};

/*
 * Decodes the instruction at bytes, of which available may be read; code32 is
 * the code segment's D bit (false in V8086 mode).  Only after DECODE_OK does
 * insn mean anything.
 */
enum decode_result decode(struct insn *insn, const uint8_t *bytes, unsigned available, bool code32);

#endif
