// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instruction decoder.  For every opcode of the one-byte and the 0F map a table
 * has a four-bit "form": whether a ModRM byte follows, and which immediate.  That is
 * enough for length and operands of all instructions of a 32-bit processor without
 * VEX (SDM volume 2, chapter 2 and appendix A).  What the instructions do is the
 * subject of emulate/.
 */
#include "model/decode.h"

/* The kind of immediate.  FORM_MODRM is combined with it by |. */
enum {
	FORM_NONE,
	FORM_IMM8,
	FORM_IMM16,
	FORM_IMMZ,	/* 16 or 32 bits, by operand size */
	FORM_ENTER,	/* 16 bits, then 8 */
	FORM_FAR,	/* offset by operand size, then a selector */
	FORM_OFFSET,	/* no immediate but an address, of address size */
	FORM_INVALID,	/* also prefixes: they are taken earlier */
	FORM_MODRM,
	/* F6 and F7: TEST, which is /0 and /1, has an immediate, the others have none. */
	FORM_GROUP3 = FORM_MODRM | FORM_INVALID,
};

/* Two letters per opcode, so that a row of the table fits on one line. */
#define N_	FORM_NONE
#define B_	FORM_IMM8
#define W_	FORM_IMM16
#define Z_	FORM_IMMZ
#define E_	FORM_ENTER
#define F_	FORM_FAR
#define O_	FORM_OFFSET
#define X_	FORM_INVALID
#define M_	FORM_MODRM
#define MB	(FORM_MODRM | FORM_IMM8)
#define MZ	(FORM_MODRM | FORM_IMMZ)
#define G_	FORM_GROUP3

#define PAIR(a, b)	((a) | (b) << 4)
#define ROW(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) \
	PAIR(a, b), PAIR(c, d), PAIR(e, f), PAIR(g, h), \
	PAIR(i, j), PAIR(k, l), PAIR(m, n), PAIR(o, p)

static const uint8_t one_byte_forms[128] = {
	/*   0   1   2   3   4   5   6   7   8   9   A   B   C   D   E   F */
	ROW(M_, M_, M_, M_, B_, Z_, N_, N_, M_, M_, M_, M_, B_, Z_, N_, X_),	/* 0 */
	ROW(M_, M_, M_, M_, B_, Z_, N_, N_, M_, M_, M_, M_, B_, Z_, N_, N_),	/* 1 */
	ROW(M_, M_, M_, M_, B_, Z_, X_, N_, M_, M_, M_, M_, B_, Z_, X_, N_),	/* 2 */
	ROW(M_, M_, M_, M_, B_, Z_, X_, N_, M_, M_, M_, M_, B_, Z_, X_, N_),	/* 3 */
	ROW(N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_),	/* 4 */
	ROW(N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, N_),	/* 5 */
	ROW(N_, N_, M_, M_, X_, X_, X_, X_, Z_, MZ, B_, MB, N_, N_, N_, N_),	/* 6 */
	ROW(B_, B_, B_, B_, B_, B_, B_, B_, B_, B_, B_, B_, B_, B_, B_, B_),	/* 7 */
	ROW(MB, MZ, MB, MB, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_),	/* 8 */
	ROW(N_, N_, N_, N_, N_, N_, N_, N_, N_, N_, F_, N_, N_, N_, N_, N_),	/* 9 */
	ROW(O_, O_, O_, O_, N_, N_, N_, N_, B_, Z_, N_, N_, N_, N_, N_, N_),	/* A */
	ROW(B_, B_, B_, B_, B_, B_, B_, B_, Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_),	/* B */
	ROW(MB, MB, W_, N_, M_, M_, MB, MZ, E_, N_, W_, N_, N_, B_, N_, N_),	/* C */
	ROW(M_, M_, M_, M_, B_, B_, N_, N_, M_, M_, M_, M_, M_, M_, M_, M_),	/* D */
	ROW(B_, B_, B_, B_, B_, B_, B_, B_, Z_, Z_, F_, B_, N_, N_, N_, N_),	/* E */
	ROW(X_, N_, X_, X_, N_, N_, G_, G_, N_, N_, N_, N_, N_, N_, M_, M_),	/* F */
};

static const uint8_t two_byte_forms[128] = {
	/*   0   1   2   3   4   5   6   7   8   9   A   B   C   D   E   F */
	ROW(M_, M_, M_, M_, X_, N_, N_, N_, N_, N_, X_, N_, X_, M_, N_, MB),	/* 0 */
	ROW(M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_),	/* 1 */
	ROW(M_, M_, M_, M_, X_, X_, X_, X_, M_, M_, M_, M_, M_, M_, M_, M_),	/* 2 */
	ROW(N_, N_, N_, N_, N_, N_, X_, N_, X_, X_, X_, X_, X_, X_, X_, X_),	/* 3 */
	ROW(M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_),	/* 4 */
	ROW(M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_),	/* 5 */
	ROW(M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_),	/* 6 */
	ROW(MB, MB, MB, MB, M_, M_, M_, N_, M_, M_, X_, X_, M_, M_, M_, M_),	/* 7 */
	ROW(Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_, Z_),	/* 8 */
	ROW(M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_),	/* 9 */
	ROW(N_, N_, N_, M_, MB, M_, X_, X_, N_, N_, N_, M_, MB, M_, M_, M_),	/* A */
	ROW(M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, MB, M_, M_, M_, M_, M_),	/* B */
	ROW(M_, M_, MB, M_, MB, MB, MB, M_, N_, N_, N_, N_, N_, N_, N_, N_),	/* C */
	ROW(M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_),	/* D */
	ROW(M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_),	/* E */
	ROW(M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_, M_),	/* F */
};

/* How far the bytes of the instruction have been taken. */
struct cursor {
	const uint8_t *bytes;
	unsigned at, end;
	bool ran_out;
};

/*
 * Take the next @size bytes (0 to 4), sign-extended.  Past the end this returns 0
 * and sets ran_out, which decode() looks at once, when it is done: so none of the
 * functions between has to check for the end.
 */
static uint32_t take_bytes(struct cursor *c, unsigned size)
{
	unsigned shift = 32;
	uint32_t value = 0;

	/*@ split size; */	/* for make prove: each size by itself */
	if (c->end - c->at < size) {
		c->ran_out = true;
		c->at = c->end;
		return 0;
	}
	while (size--) {
		value = value >> 8 | (uint32_t)c->bytes[c->at++] << 24;
		shift -= 8;
	}
	return shift < 32 ? (uint32_t)((int32_t)value >> shift) : 0;
}

/* Take all prefixes, and return the byte after them. */
static uint8_t take_prefixes(struct insn *insn, struct cursor *c, bool code32)
{
	for (;;) {
		uint8_t byte = take_bytes(c, 1);

		if ((byte & ~0x18) == 0x26)
			insn->segment = (byte >> 3) & 3;
		else if ((byte & ~1) == 0x64)
			insn->segment = byte & 7;
		else if (byte == 0x66)
			insn->operand_size = code32 ? 2 : 4;
		else if (byte == 0x67)
			insn->address_size = code32 ? 2 : 4;
		else if (byte == 0xf0)
			insn->lock = true;
		else if ((byte & ~1) == PREFIX_REPNE)
			insn->repeat = byte;
		else
			return byte;
	}
}

/* Take the opcode, of which @byte is the first byte, and return its form. */
static unsigned take_opcode(struct insn *insn, struct cursor *c, uint8_t byte)
{
	const uint8_t *forms = one_byte_forms;

	if (byte == 0x0f) {
		forms = two_byte_forms;
		insn->map = MAP_0F;
		byte = take_bytes(c, 1);
		if (byte == 0x38 || byte == 0x3a) {
			insn->map = byte == 0x38 ? MAP_0F38 : MAP_0F3A;
			insn->opcode = take_bytes(c, 1);
			return insn->map == MAP_0F38 ? FORM_MODRM : FORM_MODRM | FORM_IMM8;
		}
	}
	insn->opcode = byte;
	return (forms[byte / 2] >> (byte & 1) * 4) & 15;
}

/* The base and the index of each 16-bit addressing form (SDM volume 2, table 2-1). */
static const uint8_t forms16[8] = {
	PAIR(REG_EBX, REG_ESI), PAIR(REG_EBX, REG_EDI),
	PAIR(REG_EBP, REG_ESI), PAIR(REG_EBP, REG_EDI),
	PAIR(REG_ESI, REG_NONE), PAIR(REG_EDI, REG_NONE),
	PAIR(REG_EBP, REG_NONE), PAIR(REG_EBX, REG_NONE),
};

/* Take the SIB byte and the displacement that ModRM asks for (SDM volume 2, 2.1.5). */
static void take_address(struct insn *insn, struct cursor *c)
{
	unsigned size = insn->mod == 1 ? 1 : insn->mod ? insn->address_size : 0;
	uint8_t base = insn->rm;

	if (insn->address_size == 2) {
		insn->index = forms16[base] >> 4;
		base = base == 6 && !insn->mod ? REG_NONE : forms16[base] & 15;
	} else {
		if (base == REG_ESP) {
			uint8_t sib = take_bytes(c, 1);

			base = sib & 7;
			if ((sib & 0x38) != REG_ESP << 3) {
				insn->index = (sib >> 3) & 7;
				insn->scale = sib >> 6;
			}
		}
		if (base == REG_EBP && !insn->mod)
			base = REG_NONE;
	}
	insn->base = base;
	insn->displacement = take_bytes(c, base == REG_NONE ? insn->address_size : size);
}

static void take_modrm(struct insn *insn, struct cursor *c)
{
	uint8_t byte = take_bytes(c, 1);

	insn->modrm = true;
	insn->mod = byte >> 6;
	insn->reg = (byte >> 3) & 7;
	insn->rm = byte & 7;
	/* MOV to and from CR and DR treats any mod as 3 (SDM volume 2, MOV). */
	if (insn->map == MAP_0F && (insn->opcode & ~3) == 0x20)
		insn->mod = 3;
	if (insn->mod == 3)
		return;
	insn->memory = true;
	take_address(insn, c);
}

static void take_immediate(struct insn *insn, struct cursor *c, unsigned form)
{
	/* 0 stands for the operand size. */
	static const uint8_t sizes[] = {
		[FORM_IMM8] = 1, [FORM_IMM16] = 2, [FORM_IMMZ] = 0, [FORM_ENTER] = 2,
		[FORM_FAR] = 0,
	};

	if (form == FORM_NONE)
		return;
	if (form == FORM_OFFSET) {
		insn->displacement = take_bytes(c, insn->address_size);
		insn->memory = true;
		return;
	}
	insn->immediate = take_bytes(c, sizes[form] ? sizes[form] : insn->operand_size);
	if (form == FORM_FAR)
		insn->selector = take_bytes(c, 2);
	else if (form == FORM_ENTER)
		insn->selector = take_bytes(c, 1) & 0xff;
}

/*
 * Opcodes that are valid with a memory operand only: BOUND, LES and LDS, whose
 * register forms became the EVEX and VEX prefixes, and LEA.
 */
static bool needs_memory(const struct insn *insn)
{
	return insn->map == MAP_ONE &&
	       (insn->opcode == 0x62 || (insn->opcode & ~1) == 0xc4 || insn->opcode == 0x8d);
}

enum decode_result decode(struct insn *insn, const uint8_t *bytes, unsigned available, bool code32)
{
	static const struct insn blank = { .base = REG_NONE, .index = REG_NONE, .segment = 0xff };
	struct cursor c = { bytes, 0, available < INSN_MAX ? available : INSN_MAX, false };
	unsigned form;

	*insn = blank;
	insn->operand_size = insn->address_size = code32 ? 4 : 2;
	form = take_opcode(insn, &c, take_prefixes(insn, &c, code32));
	if (form == FORM_INVALID)	/* which the zeros past the end are not */
		return DECODE_INVALID;
	if (form & FORM_MODRM) {
		take_modrm(insn, &c);
		if (form == FORM_GROUP3)
			form = insn->reg > 1 ? FORM_NONE : insn->opcode & 1 ? FORM_IMMZ : FORM_IMM8;
		if (!c.ran_out && insn->mod == 3 && needs_memory(insn))
			return DECODE_INVALID;
	}
	take_immediate(insn, &c, form & ~FORM_MODRM);
	if (c.ran_out)
		return c.end == INSN_MAX ? DECODE_TOO_LONG : DECODE_TRUNCATED;
	if (insn->segment == 0xff)
		insn->segment = insn->base == REG_ESP || insn->base == REG_EBP ? SEG_SS : SEG_DS;
	insn->length = c.at;
	return DECODE_OK;
}
