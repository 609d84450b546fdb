// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulator's string instructions, also with REP.  A fault leaves registers as they are
 * after the last complete iteration, so that the instruction can be restarted there (SDM
 * volume 2, REP).
 */
#include "emulate/ops.h"

/* Add @delta to ESI, EDI or ECX, of address size. */
static void advance(struct emulation *e, unsigned reg, uint32_t delta)
{
	unsigned size = e->insn.address_size;

	reg_write(e->f, reg, size, reg_read(e->f, reg, size) + delta);
}

/* What an instruction does. */
enum {
	USES_ESI = 1,	/* it reads at ESI; without this, its source is the accumulator */
	USES_EDI = 2,	/* it stores or compares at EDI */
	STORES = 4,	/* it stores at EDI; without this, it compares */
	PORT = 8,	/* its source or destination is a port: INS, OUTS */
};

/* The opcode is divided by 2, as bit 0 only tells the size. */
static unsigned uses(const struct emulation *e)
{
	switch (e->insn.opcode >> 1) {
	case 0x6c / 2:
		return USES_EDI | STORES | PORT;
	case 0x6e / 2:
		return USES_ESI | PORT;
	case 0xa4 / 2:
		return USES_ESI | USES_EDI | STORES;
	case 0xa6 / 2:
		return USES_ESI | USES_EDI;
	case 0xaa / 2:
		return USES_EDI | STORES;
	case 0xac / 2:
		return USES_ESI;
	default:
		return USES_EDI;
	}
}

static bool pointer_linear(struct emulation *e, unsigned segment, unsigned reg, bool write)
{
	return segment_linear(e->f, segment, reg_read(e->f, reg, e->insn.address_size), e->size,
			      write, &e->linear);
}

/* The second half of an iteration, at EDI. */
static bool store_or_compare(struct emulation *e, unsigned use)
{
	uint32_t value = e->value, access = use & STORES ? ACCESS_WRITE : ACCESS_READ;

	if (!pointer_linear(e, SEG_ES, REG_EDI, access))
		return false;
	/*
	 * INS probes the destination before it reads the port, as what was read from a
	 * port cannot be put back.
	 */
	if ((use & PORT) || !(use & STORES)) {
		e->value = 0;
		if (!data_read(e, e->linear, &e->value, e->size, access))
			return false;
	}
	if (!(use & STORES)) {
		alu(e, ALU_CMP, value, e->value);
		return true;
	}
	if ((use & PORT) && !port_in(e->f->edx, e->size, &value))
		return false;
	return data_write(e, e->linear, &value, e->size);
}

/* One iteration, which does not yet advance the pointers. */
static bool iterate(struct emulation *e, unsigned use)
{
	e->value = reg_read(e->f, REG_EAX, e->size);
	if (use & USES_ESI) {
		e->value = 0;
		if (!pointer_linear(e, e->insn.segment, REG_ESI, false) ||
		    !data_read(e, e->linear, &e->value, e->size, ACCESS_READ))
			return false;
	}
	if (use & USES_EDI)
		return store_or_compare(e, use);
	if (use & PORT)
		return port_out(e->f->edx, e->size, e->value);
	reg_write(e->f, REG_EAX, e->size, e->value);
	return true;
}

/* After an iteration: count ECX down; does REP want another one? */
static bool repeats(struct emulation *e, unsigned use)
{
	if (!e->insn.repeat)
		return false;
	advance(e, REG_ECX, -1);
	if (!reg_read(e->f, REG_ECX, e->insn.address_size))
		return false;
	if ((use & (USES_EDI | STORES)) != USES_EDI)
		return true;
	return !!(e->eflags & EFLAGS_ZF) == (e->insn.repeat == PREFIX_REP);
}

/* A4 to A7, AA to AF: MOVS, CMPS, STOS, LODS, SCAS. */
enum emulate_result op_string(struct emulation *e)
{
	struct frame *f = e->f;
	uint32_t step = f->eflags & EFLAGS_DF ? -(uint32_t)e->size : e->size;
	unsigned chunk = f->eflags & EFLAGS_TF ? 1 : EMULATE_CHUNK, use = uses(e);

	if (e->insn.repeat && !reg_read(f, REG_ECX, e->insn.address_size))
		return EMULATED;
	while (chunk--) {
		if (!iterate(e, use)) {
			/* The flags are those of the last complete comparison. */
			f->eflags = e->eflags | (f->eflags & EFLAGS_RF);
			return EMULATE_FAULT;
		}
		if (use & USES_ESI)
			advance(e, REG_ESI, step);
		if (use & USES_EDI)
			advance(e, REG_EDI, step);
		if (!repeats(e, use))
			return EMULATED;
	}
	/* As if an interrupt came between iterations (SDM volume 3, 17.3.1.1). */
	e->next = f->eip;
	e->eflags |= EFLAGS_RF;
	return EMULATED;
}

/* 6C to 6F: INS, OUTS. */
enum emulate_result op_port_string(struct emulation *e)
{
	if (e->user && !io_allowed(e->f, e->f->edx, e->size))
		return EMULATE_FAULT;
	return op_string(e);
}
