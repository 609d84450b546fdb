/* Links: tests/host/emulate_mock.c hypervisor/model/decode.c hypervisor/emulate/emulate.c hypervisor/emulate/operand.c hypervisor/emulate/system.c hypervisor/emulate/memory.c hypervisor/emulate/string.c */
/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator against the processor that runs this test: the same bytes, with
 * the same random registers, flags and memory, executed and emulated.  Used are
 * encodings that mean the same in 64-bit code ([esi + disp8], no INC r), and
 * memory below 4 GiB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "emulate/ops.h"
#include "emulate_mock.h"
#include "random.h"

#define ROUNDS		200
#define FLAGS		0x8D5u		/* CF PF AF ZF SF OF */
#define OPERAND		(DATA2 + 0x10)	/* where esi + disp8 points */
#define NATIVE_CODE	(CODE + 0x800)

struct registers {
	uint32_t eax, ecx, edx, ebx, ebp, esi, edi, unused;
	uint64_t flags;
};

/* Values at the borders are as frequent as all the others. */
static uint32_t random_value(void)
{
	static const uint32_t borders[] = { 0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF };
	uint32_t r = random32();

	return r & 1 ? random32() : borders[(r >> 1) % (sizeof(borders) / sizeof(borders[0]))];
}

/* Runs the code at NATIVE_CODE with all these registers. */
static void execute(struct registers *r)
{
	__asm__ volatile(
		"lea -256(%%rsp), %%rsp\n\t"
		"push %%rbx\n\t"
		"push %%rbp\n\t"
		"mov %0, %%r15\n\t"
		"mov %1, %%r14d\n\t"
		"mov 0(%%r15), %%eax\n\t"
		"mov 4(%%r15), %%ecx\n\t"
		"mov 8(%%r15), %%edx\n\t"
		"mov 12(%%r15), %%ebx\n\t"
		"mov 16(%%r15), %%ebp\n\t"
		"mov 20(%%r15), %%esi\n\t"
		"mov 24(%%r15), %%edi\n\t"
		"pushq 32(%%r15)\n\t"
		"popfq\n\t"
		"call *%%r14\n\t"
		"pushfq\n\t"
		"popq 32(%%r15)\n\t"
		"cld\n\t"
		"mov %%eax, 0(%%r15)\n\t"
		"mov %%ecx, 4(%%r15)\n\t"
		"mov %%edx, 8(%%r15)\n\t"
		"mov %%ebx, 12(%%r15)\n\t"
		"mov %%ebp, 16(%%r15)\n\t"
		"mov %%esi, 20(%%r15)\n\t"
		"mov %%edi, 24(%%r15)\n\t"
		"pop %%rbp\n\t"
		"pop %%rbx\n\t"
		"lea 256(%%rsp), %%rsp\n\t"
		:: "r"(r), "i"(NATIVE_CODE)
		: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
}

static void load_guest(const struct registers *r)
{
	guest.f.eax = r->eax;
	guest.f.ecx = r->ecx;
	guest.f.edx = r->edx;
	guest.f.ebx = r->ebx;
	guest.f.ebp = r->ebp;
	guest.f.esi = r->esi;
	guest.f.edi = r->edi;
	guest.f.eflags = 0x10202 | (uint32_t)r->flags;
	guest.f.eip = CODE;
}

static struct registers guest_registers(void)
{
	const struct frame *f = &guest.f;

	return (struct registers){ f->eax, f->ecx, f->edx, f->ebx, f->ebp, f->esi, f->edi, 0, f->eflags };
}

static void describe(const char *who, const struct registers *r)
{
	print_error("%s: eax %08x ecx %08x edx %08x ebx %08x ebp %08x esi %08x edi %08x flags %03llx operand %08x\n",
		    who, r->eax, r->ecx, r->edx, r->ebx, r->ebp, r->esi, r->edi,
		    (unsigned long long)r->flags & (FLAGS | EFLAGS_DF), mock_read32(OPERAND));
}

/* Emulates until the instruction is over; the number of entries it took. */
static unsigned emulate_all(const uint8_t *code, unsigned length)
{
	unsigned entries = 0;

	memcpy(mock_at(CODE), code, length);
	do {
		assert_int_equal(mock_emulate(), EMULATED);
		entries++;
		assert_int_equal(!!(guest.f.eflags & EFLAGS_RF), guest.f.eip == CODE);
	} while (guest.f.eip == CODE);
	assert_int_equal(guest.f.eip, CODE + length);
	return entries;
}

/* One instruction with one state, both ways. */
static unsigned compare(const uint8_t *code, unsigned length, const struct registers *start)
{
	static uint8_t before[2 * MOCK_PAGE], after[2 * MOCK_PAGE];
	struct registers native = *start, emulated;
	unsigned entries;

	memcpy(before, mock_at(DATA), sizeof(before));
	memcpy(mock_at(NATIVE_CODE), code, length);
	*(uint8_t *)mock_at(NATIVE_CODE + length) = 0xC3;
	execute(&native);
	memcpy(after, mock_at(DATA), sizeof(after));
	memcpy(mock_at(DATA), before, sizeof(before));

	load_guest(start);
	entries = emulate_all(code, length);
	emulated = guest_registers();
	native.flags &= FLAGS | EFLAGS_DF;
	emulated.flags &= FLAGS | EFLAGS_DF;
	if (memcmp(&native, &emulated, sizeof(native)) || memcmp(after, mock_at(DATA), sizeof(after))) {
		unsigned i;

		for (i = 0; i < length; i++)
			print_error("%02x ", code[i]);
		print_error("\n");
		describe("start", start);
		describe("emulated", &emulated);
		memcpy(mock_at(DATA), after, sizeof(after));
		describe("native", &native);
		fail();
	}
	return entries;
}

static struct registers random_registers(void)
{
	struct registers r = {
		random_value(), random_value(), random_value(), random_value(), random_value(), OPERAND - 0x10,
		random_value(), 0, 0,
	};

	r.flags = 0x202 | (random32() & FLAGS);
	return r;
}

/* An instruction being put together: prefixes, map, opcode, ModRM, displacement, immediate. */
struct code {
	uint8_t bytes[16];
	unsigned length;
};

static void add(struct code *c, unsigned byte)
{
	c->bytes[c->length++] = (uint8_t)byte;
}

/* size 1, 2 or 4: an opcode that is wide by its low bit, with [esi + 10h] and a register. */
static struct code build(unsigned map, unsigned opcode, unsigned size, unsigned reg, bool lock)
{
	struct code c = { { 0 }, 0 };

	if (lock)
		add(&c, 0xF0);
	if (size == 2)
		add(&c, 0x66);
	if (map)
		add(&c, 0x0F);
	add(&c, opcode);
	add(&c, 0x40 | reg << 3 | REG_ESI);
	add(&c, 0x10);
	return c;
}

/* Register number that is neither the address nor the stack, for the size. */
static unsigned random_reg(unsigned size)
{
	unsigned reg = random32() % 8;

	return size > 1 && reg == REG_ESP ? REG_EBP : reg;
}

static void many(unsigned map, unsigned opcode, unsigned size, int fixed_reg, bool lock, unsigned immediate_bytes)
{
	unsigned round, i;

	for (round = 0; round < ROUNDS; round++) {
		struct code c = build(map, opcode, size, fixed_reg < 0 ? random_reg(size) : (unsigned)fixed_reg, lock);
		struct registers r = random_registers();
		uint32_t immediate = random_value();

		for (i = 0; i < immediate_bytes; i++)
			add(&c, immediate >> (8 * i) & 0xFF);
		mock_write32(OPERAND, random32() & 1 ? random_value() : r.eax);
		mock_write32(OPERAND + 4, random32() & 1 ? random_value() : r.edx);
		compare(c.bytes, c.length, &r);
	}
}

static int set_up(void **state)
{
	(void)state;
	mock_reset();
	guest.ctx.cause = EMULATE_PAGE;
	return 0;
}

static const unsigned sizes[] = { 1, 2, 4 };

static void arithmetic(void **state)
{
	unsigned op, i;

	(void)state;
	for (op = ALU_ADD; op <= ALU_CMP; op++) {
		for (i = 0; i < 3; i++) {
			unsigned size = sizes[i], wide = size > 1;

			many(0, op * 8 + wide, size, -1, false, 0);
			many(0, op * 8 + 2 + wide, size, -1, false, 0);
			many(0, 0x80 + wide, size, (int)op, false, size);
			if (wide)
				many(0, 0x83, size, (int)op, false, 1);
			if (op != ALU_CMP)
				many(0, op * 8 + wide, size, -1, true, 0);
		}
	}
}

static void one_operand(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		unsigned size = sizes[i], wide = size > 1, lock;

		for (lock = 0; lock < 2; lock++) {
			many(0, 0xFE + wide, size, 0, lock, 0);
			many(0, 0xFE + wide, size, 1, lock, 0);
			many(0, 0xF6 + wide, size, 2, lock, 0);
			many(0, 0xF6 + wide, size, 3, lock, 0);
		}
		many(0, 0xF6 + wide, size, 0, false, size);
		many(0, 0xF6 + wide, size, 1, false, size);
	}
}

static void moves_and_exchanges(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		unsigned size = sizes[i], wide = size > 1;

		many(0, 0x84 + wide, size, -1, false, 0);
		many(0, 0x86 + wide, size, -1, false, 0);
		many(0, 0x86 + wide, size, -1, true, 0);
		many(0, 0x88 + wide, size, -1, false, 0);
		many(0, 0x8A + wide, size, -1, false, 0);
		many(0, 0xC6 + wide, size, 0, false, size);
		many(1, 0xC0 + wide, size, -1, true, 0);
		many(1, 0xC0 + wide, size, -1, false, 0);
		many(1, 0xB0 + wide, size, -1, true, 0);
		many(1, 0xB0 + wide, size, -1, false, 0);
	}
	for (i = 0; i < 2; i++) {
		many(1, 0xB6, 2 + 2 * i, -1, false, 0);
		many(1, 0xB7, 2 + 2 * i, -1, false, 0);
		many(1, 0xBE, 2 + 2 * i, -1, false, 0);
		many(1, 0xBF, 2 + 2 * i, -1, false, 0);
	}
	many(1, 0xC7, 4, 1, false, 0);
	many(1, 0xC7, 4, 1, true, 0);
}

/* A bit offset in a register reaches half the data pages to either side. */
static void bits(void **state)
{
	static const unsigned opcodes[] = { 0xA3, 0xAB, 0xB3, 0xBB };
	unsigned i, wide, round;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (wide = 0; wide < 2; wide++) {
			for (round = 0; round < ROUNDS; round++) {
				struct code c = build(1, opcodes[i], 2 + 2 * wide, REG_EDX, false);
				struct registers r = random_registers();

				r.edx = (uint32_t)(int32_t)(int16_t)(random32() % 0xE000 - 0x7000);
				compare(c.bytes, c.length, &r);
			}
			many(1, 0xBA, 2 + 2 * wide, (int)(4 + i), i, 1);
		}
	}
}

/* MOVS CMPS STOS LODS SCAS, all sizes, all prefixes, both directions, longer than a chunk. */
static void strings(void **state)
{
	static const unsigned opcodes[] = { 0xA4, 0xA6, 0xAA, 0xAC, 0xAE }, repeats[] = { 0, 0xF3, 0xF2 };
	unsigned longest = 0, n;

	(void)state;
	for (n = 0; n < 5 * 3 * 3 * ROUNDS; n++) {
		unsigned size = sizes[n % 3], repeat = repeats[n / 3 % 3], entries;
		struct registers r = random_registers();
		struct code c = { { 0 }, 0 };

		if (repeat)
			add(&c, repeat);
		if (size == 2)
			add(&c, 0x66);
		add(&c, opcodes[n / 9 % 5] + (size > 1));
		r.ecx = random32() % 200;
		r.flags |= random32() & EFLAGS_DF;
		r.esi = DATA + 0x700 + random32() % 0x1000;
		r.edi = r.esi + random32() % 256 - 128;
		/* Equal and unequal runs. */
		memset(mock_at(DATA), (int)r.eax, 2 * MOCK_PAGE);
		if (random32() & 1)
			mock_write32(r.esi + random32() % 512 - 256, random32());
		entries = compare(c.bytes, c.length, &r);
		longest = entries > longest ? entries : longest;
	}
	assert_int_equal(longest, (199 + EMULATE_CHUNK - 1) / EMULATE_CHUNK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(arithmetic, set_up),
		cmocka_unit_test_setup(one_operand, set_up),
		cmocka_unit_test_setup(moves_and_exchanges, set_up),
		cmocka_unit_test_setup(bits, set_up),
		cmocka_unit_test_setup(strings, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
