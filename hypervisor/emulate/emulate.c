// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entry point of the instruction emulator: it fetches and decodes the instruction,
 * finds the handler, and does what all instructions have in common.  The handlers are in
 * system.c, memory.c and string.c.
 */
#include "emulate/ops.h"

/* When an instruction may be emulated. */
enum {
	RULE_KERNEL = 1,	/* ring 1 only; without this the handler checks the privilege */
	RULE_PAGE = 2,		/* only after a page fault, as it needs no privilege */
	RULE_LOCK = 4,		/* LOCK is allowed with a memory operand, not #UD */
};

/* Opcodes @first to @last of @map. */
struct rule {
	uint8_t map, first, last, rules;
	emulate_op *op;
};

#define KERNEL	RULE_KERNEL
#define PAGE	RULE_PAGE
#define ATOMIC	(RULE_PAGE | RULE_LOCK)

/* The first match counts.  What kernels execute most often comes first. */
static const struct rule rules[] = {
	{ MAP_ONE, 0xfa, 0xfb, 0, op_interrupt_flag },
	{ MAP_ONE, 0xe4, 0xe7, 0, op_port },
	{ MAP_ONE, 0xec, 0xef, 0, op_port },
	{ MAP_ONE, 0xcf, 0xcf, 0, op_iret },
	{ MAP_ONE, 0x88, 0x8b, PAGE, op_move },
	{ MAP_ONE, 0xc6, 0xc7, PAGE, op_move_immediate },
	{ MAP_ONE, 0xa0, 0xa3, PAGE, op_move_offset },
	{ MAP_0F, 0x20, 0x23, KERNEL, op_special_register },
	{ MAP_0F, 0x06, 0x06, KERNEL, op_clts },
	{ MAP_0F, 0x09, 0x09, KERNEL, op_wbinvd },
	{ MAP_0F, 0x00, 0x00, KERNEL, op_group6 },
	{ MAP_0F, 0x01, 0x01, KERNEL, op_group7 },
	{ MAP_0F, 0x30, 0x33, 0, op_counters },
	{ MAP_0F, 0x35, 0x35, KERNEL, op_sysexit },
	{ MAP_ONE, 0xf4, 0xf4, KERNEL, op_halt },
	{ MAP_ONE, 0x6c, 0x6f, 0, op_port_string },
	{ MAP_ONE, 0x9c, 0x9d, 0, op_flags },
	{ MAP_ONE, 0xcc, 0xce, 0, op_interrupt },
	{ MAP_ONE, 0xca, 0xcb, KERNEL, op_far_return },
	{ MAP_ONE, 0x9a, 0x9a, KERNEL, op_far_direct },
	{ MAP_ONE, 0xea, 0xea, KERNEL, op_far_direct },
	{ MAP_ONE, 0x8e, 0x8e, KERNEL, op_segment_load },
	{ MAP_ONE, 0x07, 0x07, KERNEL, op_segment_pop },
	{ MAP_ONE, 0x17, 0x17, KERNEL, op_segment_pop },
	{ MAP_ONE, 0x1f, 0x1f, KERNEL, op_segment_pop },
	{ MAP_0F, 0xa1, 0xa1, KERNEL, op_segment_pop },
	{ MAP_0F, 0xa9, 0xa9, KERNEL, op_segment_pop },
	{ MAP_ONE, 0xc4, 0xc5, KERNEL, op_far_pointer },
	{ MAP_0F, 0xb2, 0xb2, KERNEL, op_far_pointer },
	{ MAP_0F, 0xb4, 0xb5, KERNEL, op_far_pointer },
	{ MAP_ONE, 0xfe, 0xff, RULE_LOCK, op_group5 },
	{ MAP_ONE, 0xa4, 0xa7, PAGE, op_string },
	{ MAP_ONE, 0xaa, 0xaf, PAGE, op_string },
	{ MAP_ONE, 0x06, 0x06, PAGE, op_push_segment },
	{ MAP_ONE, 0x0e, 0x0e, PAGE, op_push_segment },
	{ MAP_ONE, 0x16, 0x16, PAGE, op_push_segment },
	{ MAP_ONE, 0x1e, 0x1e, PAGE, op_push_segment },
	{ MAP_ONE, 0x00, 0x3f, ATOMIC, op_alu },
	{ MAP_ONE, 0x80, 0x83, ATOMIC, op_group1 },
	{ MAP_ONE, 0x84, 0x85, PAGE, op_test },
	{ MAP_ONE, 0x86, 0x87, ATOMIC, op_exchange },
	{ MAP_ONE, 0xf6, 0xf7, ATOMIC, op_group3 },
	{ MAP_ONE, 0x8c, 0x8c, PAGE, op_move_segment },
	{ MAP_ONE, 0x8f, 0x8f, PAGE, op_pop },
	{ MAP_ONE, 0x50, 0x57, PAGE, op_push },
	{ MAP_ONE, 0x68, 0x68, PAGE, op_push },
	{ MAP_ONE, 0x6a, 0x6a, PAGE, op_push },
	{ MAP_ONE, 0x60, 0x60, PAGE, op_push_all },
	{ MAP_ONE, 0xe8, 0xe8, PAGE, op_call },
	{ MAP_0F, 0xb6, 0xb7, PAGE, op_extend },
	{ MAP_0F, 0xbe, 0xbf, PAGE, op_extend },
	{ MAP_0F, 0xa3, 0xa3, PAGE, op_bit },
	{ MAP_0F, 0xab, 0xab, ATOMIC, op_bit },
	{ MAP_0F, 0xb3, 0xb3, ATOMIC, op_bit },
	{ MAP_0F, 0xba, 0xbb, ATOMIC, op_bit },
	{ MAP_0F, 0xc0, 0xc1, ATOMIC, op_xadd },
	{ MAP_0F, 0xb0, 0xb1, ATOMIC, op_cmpxchg },
	{ MAP_0F, 0xc7, 0xc7, ATOMIC, op_cmpxchg8b },
};

/* The handler; NULL: there is none, or the instruction may not be emulated now. */
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

/* Fetch and decode the instruction.  EMULATED means that e->insn is valid. */
static enum emulate_result fetch_insn(struct emulation *e)
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
		.f = f, .ctx = ctx, .eflags = f->eflags & ~EFLAGS_RF,
		.user = frame_from_user(f) ? ACCESS_USER : 0,
	};
	enum emulate_result result = fetch_insn(&e);
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
