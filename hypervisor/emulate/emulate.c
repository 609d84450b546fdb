/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction emulator's door: fetches and decodes the instruction, finds
 * its handler and finishes what all instructions have in common.
 */
#include "emulate/ops.h"

/* Who may have an instruction emulated, and when. */
enum {
	RULE_KERNEL = 1,	/* ring 1 only; what others may do the handler knows */
	RULE_PAGE = 2,		/* only after a page fault: it needs no privilege */
	RULE_LOCK = 4,		/* LOCK is no #UD */
};

struct rule {
	uint8_t map, first, last, rules;
	emulate_op *op;
};

#define KERNEL	RULE_KERNEL
#define PAGE	RULE_PAGE
#define ATOMIC	(RULE_PAGE | RULE_LOCK)

/* The first match counts; what a kernel does most stands first. */
static const struct rule rules[] = {
	{ MAP_ONE, 0xFA, 0xFB, 0, op_interrupt_flag },
	{ MAP_ONE, 0xE4, 0xE7, 0, op_port },
	{ MAP_ONE, 0xEC, 0xEF, 0, op_port },
	{ MAP_ONE, 0xCF, 0xCF, 0, op_iret },
	{ MAP_ONE, 0x88, 0x8B, PAGE, op_move },
	{ MAP_ONE, 0xC6, 0xC7, PAGE, op_move_immediate },
	{ MAP_ONE, 0xA0, 0xA3, PAGE, op_move_offset },
	{ MAP_0F, 0x20, 0x23, KERNEL, op_special_register },
	{ MAP_0F, 0x06, 0x06, KERNEL, op_clts },
	{ MAP_0F, 0x09, 0x09, KERNEL, op_wbinvd },
	{ MAP_0F, 0x00, 0x00, KERNEL, op_group6 },
	{ MAP_0F, 0x01, 0x01, KERNEL, op_group7 },
	{ MAP_0F, 0x30, 0x33, 0, op_counters },
	{ MAP_0F, 0x35, 0x35, KERNEL, op_sysexit },
	{ MAP_ONE, 0xF4, 0xF4, KERNEL, op_halt },
	{ MAP_ONE, 0x6C, 0x6F, 0, op_port_string },
	{ MAP_ONE, 0x9C, 0x9D, 0, op_flags },
	{ MAP_ONE, 0xCC, 0xCE, 0, op_interrupt },
	{ MAP_ONE, 0xCA, 0xCB, KERNEL, op_far_return },
	{ MAP_ONE, 0x9A, 0x9A, KERNEL, op_far_direct },
	{ MAP_ONE, 0xEA, 0xEA, KERNEL, op_far_direct },
	{ MAP_ONE, 0x8E, 0x8E, KERNEL, op_segment_load },
	{ MAP_ONE, 0x07, 0x07, KERNEL, op_segment_pop },
	{ MAP_ONE, 0x17, 0x17, KERNEL, op_segment_pop },
	{ MAP_ONE, 0x1F, 0x1F, KERNEL, op_segment_pop },
	{ MAP_0F, 0xA1, 0xA1, KERNEL, op_segment_pop },
	{ MAP_0F, 0xA9, 0xA9, KERNEL, op_segment_pop },
	{ MAP_ONE, 0xC4, 0xC5, KERNEL, op_far_pointer },
	{ MAP_0F, 0xB2, 0xB2, KERNEL, op_far_pointer },
	{ MAP_0F, 0xB4, 0xB5, KERNEL, op_far_pointer },
	{ MAP_ONE, 0xFE, 0xFF, RULE_LOCK, op_group5 },
	{ MAP_ONE, 0xA4, 0xA7, PAGE, op_string },
	{ MAP_ONE, 0xAA, 0xAF, PAGE, op_string },
	{ MAP_ONE, 0x06, 0x06, PAGE, op_push_segment },
	{ MAP_ONE, 0x0E, 0x0E, PAGE, op_push_segment },
	{ MAP_ONE, 0x16, 0x16, PAGE, op_push_segment },
	{ MAP_ONE, 0x1E, 0x1E, PAGE, op_push_segment },
	{ MAP_ONE, 0x00, 0x3F, ATOMIC, op_alu },
	{ MAP_ONE, 0x80, 0x83, ATOMIC, op_group1 },
	{ MAP_ONE, 0x84, 0x85, PAGE, op_test },
	{ MAP_ONE, 0x86, 0x87, ATOMIC, op_exchange },
	{ MAP_ONE, 0xF6, 0xF7, ATOMIC, op_group3 },
	{ MAP_ONE, 0x8C, 0x8C, PAGE, op_move_segment },
	{ MAP_ONE, 0x8F, 0x8F, PAGE, op_pop },
	{ MAP_ONE, 0x50, 0x57, PAGE, op_push },
	{ MAP_ONE, 0x68, 0x68, PAGE, op_push },
	{ MAP_ONE, 0x6A, 0x6A, PAGE, op_push },
	{ MAP_ONE, 0x60, 0x60, PAGE, op_push_all },
	{ MAP_ONE, 0xE8, 0xE8, PAGE, op_call },
	{ MAP_0F, 0xB6, 0xB7, PAGE, op_extend },
	{ MAP_0F, 0xBE, 0xBF, PAGE, op_extend },
	{ MAP_0F, 0xA3, 0xA3, PAGE, op_bit },
	{ MAP_0F, 0xAB, 0xAB, ATOMIC, op_bit },
	{ MAP_0F, 0xB3, 0xB3, ATOMIC, op_bit },
	{ MAP_0F, 0xBA, 0xBB, ATOMIC, op_bit },
	{ MAP_0F, 0xC0, 0xC1, ATOMIC, op_xadd },
	{ MAP_0F, 0xB0, 0xB1, ATOMIC, op_cmpxchg },
	{ MAP_0F, 0xC7, 0xC7, ATOMIC, op_cmpxchg8b },
};

/* The handler for a decoded instruction, or NULL: not ours, or not here. */
static emulate_op *find_op(const struct emulation *e)
{
	const struct insn *i = &e->insn;
	const struct rule *r;

	for (r = rules; r < rules + sizeof(rules) / sizeof(rules[0]); r++)
		if (r->map == i->map && r->first <= i->opcode && i->opcode <= r->last)
			break;
	if (r == rules + sizeof(rules) / sizeof(rules[0]))
		return 0;
	if (((r->rules & RULE_KERNEL) && e->user) ||
	    ((r->rules & RULE_PAGE) && e->ctx->cause != EMULATE_PAGE) ||
	    (i->lock && !((r->rules & RULE_LOCK) && i->memory)))
		return 0;
	return r->op;
}

/* Fetches and decodes; EMULATED means that the instruction is there. */
static enum emulate_result fetch(struct emulation *e)
{
	uint8_t bytes[INSN_MAX];
	unsigned available = guest_fetch(e->f, bytes, INSN_MAX);

	switch (decode(&e->insn, bytes, available, segment_is_32bit(e->f, SEG_CS))) {
	case DECODE_OK:
		return EMULATED;
	case DECODE_TRUNCATED:
		return EMULATE_FAULT;
	case DECODE_TOO_LONG:
		fault_record(VECTOR_GP, 0);
		return EMULATE_FAULT;
	default:
		return EMULATE_UNKNOWN;
	}
}

enum emulate_result emulate(struct frame *f, struct emulate_context *ctx)
{
	struct emulation e = {
		.f = f, .ctx = ctx, .eflags = f->eflags & ~EFLAGS_RF, .user = frame_from_user(f) ? ACCESS_USER : 0,
	};
	enum emulate_result result = fetch(&e);
	bool single_step = f->eflags & EFLAGS_TF;
	emulate_op *op;

	if (result != EMULATED)
		return result;
	op = find_op(&e);
	if (!op)
		return EMULATE_UNKNOWN;
	ctx->events = 0;
	ctx->length = e.insn.length;
	e.next = f->eip + e.insn.length;
	e.size = e.insn.opcode & 1 ? e.insn.operand_size : 1;
	result = op(&e);
	if (result != EMULATED)
		return result;
	f->eip = e.next;
	f->eflags = e.eflags;
	if (single_step && !(ctx->events & EMULATE_SS_SHADOW))
		ctx->events |= EMULATE_SINGLE_STEP;
	return EMULATED;
}
