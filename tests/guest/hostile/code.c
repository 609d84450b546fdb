/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One random instruction, most often one that ring 0 alone may execute or that
 * changes segments or rings.
 */
#include "hostile.h"

#include "runtime.h"

static const uint8_t prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 };

/* Behind 0F */
static const uint8_t long_opcodes[] = {
	0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x20, 0x21, 0x23, 0x24, 0x26, 0x31, 0x32,
	0x33, 0x34, 0x35, 0x37, 0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xaa, 0xae, 0xb4, 0xb5, 0xc7,
};
static const uint8_t opcodes[] = {
	0x06, 0x07, 0x0e, 0x16, 0x1e, 0x1f, 0x27, 0x60, 0x61, 0x62, 0x63, 0x6c, 0x6d, 0x8c, 0x9a, 0x9b, 0x9c,
	0x9d, 0x9e, 0xa4, 0xa5, 0xac, 0xc4, 0xc5, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd6, 0xd9,
	0xdd, 0xe4, 0xe5, 0xea, 0xec, 0xed, 0xf1, 0xfa, 0xfb, 0xff,
};
/* Ring 3 may try these, too: the kernel would halt, or write anywhere to ports, stacks and CRs. */
static const uint8_t user_opcodes[] = { 0x17, 0x6e, 0x6f, 0x8e, 0xe6, 0xe7, 0xee, 0xef, 0xf4, 0xbc, 0x5c, 0xe8,
	0xc8, 0xc9 };
static const uint8_t user_long[] = { 0x22, 0x30, 0xb2, 0xff, 0x77, 0x10, 0x6f };
/* What ModRM as an opcode would be: ring 3's above, and jumps, which may not end */
static const uint8_t forbidden[] = { 0x17, 0x6e, 0x6f, 0x8e, 0xc8, 0xc9, 0xe6, 0xe7, 0xe8, 0xe9, 0xeb, 0xee, 0xef };

static uint8_t *put_opcode(uint8_t *p, bool user)
{
	if (random_below(2)) {
		*p++ = 0x0f;
		*p++ = user && !random_below(4) ? PICK(user_long) : PICK(long_opcodes);
	} else {
		*p++ = user && !random_below(4) ? PICK(user_opcodes) : PICK(opcodes);
	}
	return p;
}

/* LGDT and LIDT from anywhere would be the kernel's own end. */
static bool loads_table(const uint8_t *opcode, const uint8_t *modrm)
{
	return opcode[0] == 0x0f && opcode[1] == 0x01 && (*modrm >> 3 & 7) - 2u < 2 && *modrm < 0xc0;
}

/*
 * The kernel's ESP is where the exception goes that ends the attempt: ModRM, or
 * where the opcode has none the next opcode, names another register.
 */
static uint8_t spare_esp(uint8_t modrm)
{
	unsigned int i;

	if ((modrm & 7) == 4)
		modrm++;
	if ((modrm >> 3 & 7) == 4)
		modrm ^= 8;
	for (i = 0; i < COUNT(forbidden); i++)
		if (modrm == forbidden[i] || (modrm & 0xf0) == 0x70 || (modrm & 0xfc) == 0xe0)
			modrm = 0x05;
	return modrm;
}

/* Behind it UD2, which as an address or an immediate leads nowhere; and INT3 at the end of an odd one. */
static void put(uint8_t *code, bool user)
{
	uint8_t *p = code, *opcode, *end = code + 64;

	while (p < code + 16 && !random_below(3))
		*p++ = PICK(prefixes);
	opcode = p;
	p = put_opcode(p, user);
	*p = user ? (uint8_t)random_next() : spare_esp((uint8_t)random_next());
	if (!user && loads_table(opcode, p))
		*p |= 0xc8;
	if (!user && *opcode == 0xff)			/* far jumps and calls; near ones lead anywhere */
		*p |= 8;
	if (*opcode == 0xcd && *p < TRAP_EXCEPTIONS)	/* the stubs expect error codes of some */
		*p += TRAP_EXCEPTIONS;
	for (p++; p < end - 8; p += 2) {
		p[0] = 0x0f;
		p[1] = 0x0b;
	}
	memset(p, 0xcc, (uint32_t)(end - p));
}

void hostile_put(uint8_t *code)
{
	put(code, false);
}

void hostile_instruction(void)
{
	put(kernel_code, false);
	hostile_kernel((uint32_t)kernel_code, read_cs());
	if (!cpu_checks_limits())
		return;
	put(user_code, true);
	hostile_user((uint32_t)user_code, user_stack_top() - 64);
}
