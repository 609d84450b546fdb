/* Links: tests/host/emulate_mock.c hypervisor/model/decode.c hypervisor/emulate/emulate.c hypervisor/emulate/operand.c hypervisor/emulate/system.c hypervisor/emulate/memory.c hypervisor/emulate/string.c */
/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator's memory operands: address forms, device pages, protected pages,
 * stacks, port strings; and that a fault anywhere changes nothing but what
 * string iterations have done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "emulate_expect.h"
#include "emulate_mock.h"
#include "random.h"

#define FUZZ_ROUNDS	300000

static int set_up(void **state)
{
	(void)state;
	mock_reset();
	guest.ctx.cause = EMULATE_PAGE;
	return 0;
}

static int set_up_gp(void **state)
{
	(void)state;
	mock_reset();
	return 0;
}

/* Repeats not to the end: EIP stays, RF is set. */
static void expect_more(const char *hex)
{
	assert_int_equal(mock_step(hex), EMULATED);
	assert_int_equal(guest.f.eip, CODE);
	assert_true(guest.f.eflags & EFLAGS_RF);
}

/* ---- device pages ---- */

static void device_loads_and_stores(void **state)
{
	(void)state;
	memset(mock_at(DEVICE), 0, MOCK_PAGE);
	mock_write32(DEVICE + 0x20, 0x89ABCDEF);
	guest.f.esi = DEVICE;
	expect("894630", "write4 30=11111111");
	expect("66895e34", "write2 34=4444");
	expect("c7462001020380", "write4 20=80030201");
	expect("8b4e20", "read4 20=80030201");
	assert_int_equal(guest.f.ecx, 0x80030201);
	expect("0fbe5623", "read1 23=80");
	assert_int_equal(guest.f.edx, 0xFFFFFF80);
	expect("0fb75622", "read2 22=8003");
	assert_int_equal(guest.f.edx, 0x8003);
	expect("a120400010", "read4 20=80030201");
	assert_int_equal(guest.f.eax, 0x80030201);
	guest.segments[SEG_DS].base = DEVICE;
	expect("67a22400", "write1 24=1");
}

static void device_modifications(void **state)
{
	(void)state;
	memset(mock_at(DEVICE), 0, MOCK_PAGE);
	guest.f.esi = DEVICE;
	expect("834e2004", "read4 20=0; write4 20=4");
	expect("f0ff4620", "read4 20=4; write4 20=5");
	expect("f7462001000000", "read4 20=5");
	assert_false(guest.f.eflags & EFLAGS_ZF);
	expect("837e2005", "read4 20=5");
	assert_true(guest.f.eflags & EFLAGS_ZF);
	expect("874620", "read4 20=5; write4 20=11111111");
	assert_int_equal(guest.f.eax, 5);
	expect("0fba662004", "read4 20=11111111");
	assert_true(guest.f.eflags & EFLAGS_CF);
	expect("0fba6e2001", "read4 20=11111111; write4 20=11111113");
	expect("034620", "read4 20=11111113");
	assert_int_equal(guest.f.eax, 0x11111118);
	expect("0fc74e20", "read4 20=11111113; read4 24=0; write4 20=11111113; write4 24=0");
}

/* Read-modify-write asks for the right to write before it reads. */
static void device_pages_without_permission(void **state)
{
	(void)state;
	guest.device_read_only = true;
	guest.f.esi = DEVICE;
	expect("f6462001", "read1 20=a5");
	expect_untouched("884620", EMULATE_FAULT);
	assert_int_equal(guest.cr2, DEVICE + 0x20);
	assert_int_equal(guest.error, ACCESS_WRITE);
	expect_untouched("fe4620", EMULATE_FAULT);
	mock_user();
	expect_untouched("0fba6e2001", EMULATE_FAULT);
	assert_int_equal(guest.error, ACCESS_WRITE | ACCESS_USER);
	assert_string_equal(mock_trace(), "");
}

static void device_strings(void **state)
{
	(void)state;
	guest.f.esi = DATA;
	guest.f.edi = DEVICE + 0xFF8;
	guest.f.ecx = 3;
	/* from memory, over the device's end into the protected page */
	mock_write32(DATA, 1);
	mock_write32(DATA + 4, 2);
	mock_write32(DATA + 8, 3);
	expect("f3a5", "write4 ff8=1; write4 ffc=2");
	assert_int_equal(mock_read32(PROTECTED), 3);
	guest.f.esi = DEVICE + 0xFF8;
	guest.f.edi = DATA;
	expect("a5", "read4 ff8=1");
	expect("ad", "read4 ffc=2");
	assert_int_equal(guest.f.eax, 2);
	guest.f.edi = DEVICE;
	expect("66ab", "write2 0=2");
}

/* ---- protected pages ---- */

static void stacks_on_protected_pages(void **state)
{
	(void)state;
	guest.segments[SEG_FS].selector = 0x1234;
	guest.f.esp = PROTECTED + 0x100;
	expect("53", "");
	assert_int_equal(mock_read32(PROTECTED + 0xFC), 0x44444444);
	expect("6a80", "");
	assert_int_equal(mock_read32(PROTECTED + 0xF8), 0xFFFFFF80);
	expect("66683412", "");
	assert_int_equal(guest.f.esp, PROTECTED + 0xF6);
	guest.f.esp = PROTECTED + 0x100;
	expect("54", "");
	assert_int_equal(mock_read32(PROTECTED + 0xFC), PROTECTED + 0x100);
	expect("ff742404", "");
	assert_int_equal(mock_read32(PROTECTED + 0xF8), mock_read32(PROTECTED + 0x100));
	guest.f.esp = PROTECTED + 0x100;
	guest.interrupts = true;
	expect("9c", "");
	assert_int_equal(mock_read32(PROTECTED + 0xFC), 0x202);
	expect("16", "");
	assert_int_equal(mock_read32(PROTECTED + 0xF8), 0x29);
	guest.f.eax = 0xA0;
	expect("60", "");
	assert_int_equal(mock_read32(PROTECTED + 0xF4), 0xA0);
	assert_int_equal(mock_read32(PROTECTED + 0xE4), PROTECTED + 0xF8);
	assert_int_equal(mock_read32(PROTECTED + 0xD8), DATA2);
	assert_int_equal(guest.f.esp, PROTECTED + 0xD8);
}

static void pop_to_memory(void **state)
{
	(void)state;
	mock_write32(guest.f.esp, 0xCAFE);
	guest.f.edi = PROTECTED;
	expect("8f07", "");
	assert_int_equal(mock_read32(PROTECTED), 0xCAFE);
	/* the address is that of ESP after the pop */
	guest.f.esp = STACK + 0x400;
	mock_write32(STACK + 0x408, 0);
	expect("8f442404", "");
	assert_int_equal(mock_read32(STACK + 0x408), 0xCAFE);
	guest.f.edi = READ_ONLY;
	expect_untouched("8f07", EMULATE_FAULT);
	guest.f.esp = ABSENT;
	expect_untouched("8f07", EMULATE_FAULT);
	assert_int_equal(guest.cr2, ABSENT);
	expect_untouched("8f0f", EMULATE_UNKNOWN);
}

static void near_transfers(void **state)
{
	(void)state;
	guest.f.esp = PROTECTED + 0x100;
	assert_int_equal(mock_step("e8fb0f0000"), EMULATED);
	assert_int_equal(guest.f.eip, CODE + 0x1000);
	assert_int_equal(mock_read32(PROTECTED + 0xFC), CODE + 5);
	guest.f.eip = CODE;
	mock_write32(DATA, 0x12345678);
	assert_int_equal(mock_step("ff16"), EMULATED);
	assert_int_equal(guest.f.eip, 0x12345678);
	assert_int_equal(mock_read32(PROTECTED + 0xF8), CODE + 2);
	guest.f.eip = CODE;
	assert_int_equal(mock_step("66ff26"), EMULATED);
	assert_int_equal(guest.f.eip, 0x5678);
}

static void segment_stores(void **state)
{
	(void)state;
	guest.f.esi = PROTECTED;
	guest.segments[SEG_GS].selector = 0xBEEF;
	mock_write32(PROTECTED, 0);
	expect("8c2e", "");
	assert_int_equal(mock_read32(PROTECTED), 0xBEEF);
	expect("8ce9", "");
	assert_int_equal(guest.f.ecx, 0xBEEF);
	expect_untouched("8c36", EMULATE_UNKNOWN);
}

/* ---- addresses ---- */

static void address_forms(void **state)
{
	(void)state;
	guest.segments[SEG_DS].base = DATA;
	guest.segments[SEG_SS].base = STACK;
	guest.segments[SEG_GS].base = DATA2;
	mock_write32(DATA + 0x124, 1);
	mock_write32(STACK + 0x124, 2);
	mock_write32(DATA2 + 0x124, 3);
	mock_write32(DATA + 0x0F, 4);
	guest.f.ebx = guest.f.ebp = 0x100;
	guest.f.esi = 8;
	guest.f.ecx = 0;
	expect("8b44b304", "");
	assert_int_equal(guest.f.eax, 1);
	expect("8b44b504", "");
	assert_int_equal(guest.f.eax, 2);
	expect("658b44b504", "");
	assert_int_equal(guest.f.eax, 3);
	/* 16-bit addresses use half registers and wrap at 64 KiB */
	guest.f.ebx = 0xFFFF0120;
	guest.f.esi = 0x77770004;
	expect("678b00", "");
	assert_int_equal(guest.f.eax, 1);
	guest.f.ebx = 0xFFF7;
	guest.f.esi = 0x18;
	expect("678b00", "");
	assert_int_equal(guest.f.eax, 4);
	guest.f.ebp = 0x11110120;
	expect("678b4604", "");
	assert_int_equal(guest.f.eax, 2);
}

static void limits(void **state)
{
	(void)state;
	guest.segments[SEG_DS].limit = DATA + 2;
	expect_untouched("8b06", EMULATE_FAULT);
	assert_int_equal(guest.vector, VECTOR_GP);
	guest.segments[SEG_SS].limit = STACK;
	expect_untouched("8b4500", EMULATE_FAULT);
	assert_int_equal(guest.vector, 12);
	expect_untouched("50", EMULATE_FAULT);
	guest.segments[SEG_ES].writable = false;
	expect_untouched("aa", EMULATE_FAULT);
	assert_int_equal(guest.vector, VECTOR_GP);
	expect("ae", "");
}

/* ---- faults ---- */

/* Each with its memory operand at [esi]; true: it stores. */
static const struct { const char *hex; bool stores; } operands[] = {
	{ "0006", 1 }, { "0106", 1 }, { "0206", 0 }, { "0306", 0 }, { "3906", 0 }, { "3b06", 0 }, { "f00916", 1 },
	{ "1306", 0 }, { "800601", 1 }, { "813601000000", 1 }, { "830e01", 1 }, { "833e01", 0 }, { "8406", 0 },
	{ "8506", 0 }, { "8606", 1 }, { "8706", 1 }, { "8806", 1 }, { "8906", 1 }, { "8a06", 0 }, { "8b06", 0 },
	{ "8c06", 1 }, { "8e06", 0 }, { "8f06", 1 }, { "c606ff", 1 }, { "c70678563412", 1 }, { "f60601", 0 },
	{ "f716", 1 }, { "f71e", 1 }, { "fe06", 1 }, { "ff0e", 1 }, { "ff16", 0 }, { "ff26", 0 }, { "ff36", 0 },
	{ "ff1e", 0 }, { "ff2e", 0 }, { "c406", 0 }, { "0fb606", 0 }, { "0fb706", 0 }, { "0fbe06", 0 }, { "0fbf06", 0 },
	{ "0fba2601", 0 }, { "0fba2e01", 1 }, { "0fba3601", 1 }, { "0fba3e01", 1 }, { "0fc006", 1 }, { "0fc106", 1 },
	{ "0fb006", 1 }, { "0fb106", 1 }, { "0fc70e", 1 }, { "0fb206", 0 }, { "0f0016", 0 }, { "0f0116", 0 },
	{ "0f0136", 0 }, { "ac", 0 }, { "ad", 0 }, { "a6", 0 }, { "a5", 0 }, { "6e", 0 },
};

static void faulting_operands(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(operands) / sizeof(operands[0]); i++) {
		const char *hex = operands[i].hex;
		unsigned write = operands[i].stores ? ACCESS_WRITE : 0;

		guest.f.esi = ABSENT;
		expect_untouched(hex, EMULATE_FAULT);
		if (guest.cr2 != ABSENT || guest.error != write)
			fail_msg("%s: cr2 %x, error %x", hex, guest.cr2, guest.error);
		if (!write)
			continue;
		guest.f.esi = READ_ONLY;
		expect_untouched(hex, EMULATE_FAULT);
		if (guest.cr2 != READ_ONLY || guest.error != 3)
			fail_msg("%s: cr2 %x, error %x", hex, guest.cr2, guest.error);
	}
	assert_string_equal(mock_trace(), "");
}

static void faulting_pushes(void **state)
{
	static const char *const codes[] = { "50", "6a01", "680100", "9c", "16", "e800000000", "ff36", "60", "6660" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		guest.f.esp = READ_ONLY + 2;
		expect_untouched(codes[i], EMULATE_FAULT);
		assert_int_equal(guest.error, guest.cr2 < READ_ONLY ? 2 : 3);
	}
}

/* Without a page fault there is nothing to emulate in instructions without privilege. */
static void only_after_page_faults(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(operands) / sizeof(operands[0]); i++) {
		const char *hex = operands[i].hex;
		bool privileged = !strncmp(hex, "0f0", 3) || !strncmp(hex, "8e", 2) || !strncmp(hex, "ff1e", 4) ||
				  !strncmp(hex, "ff2e", 4) || !strncmp(hex, "c4", 2) || !strncmp(hex, "0fb2", 4) ||
				  !strncmp(hex, "6e", 2);

		if (!privileged)
			expect_untouched(hex, EMULATE_UNKNOWN);
	}
	expect_untouched("50", EMULATE_UNKNOWN);
	expect_untouched("9c", EMULATE_UNKNOWN);
}

static void what_is_not_emulated(void **state)
{
	static const char *const codes[] = {
		"f0890e", "f08b0e", "f0a5", "d906", "0f1106", "c7c800000000", "c70e00000000", "fe16", "fe36", "ff3e", "f726",
		"0fba0601", "0fc716", "0fc7c8", "0405", "90", "f003c0", "f001c8", "8f0f", "f00fa30e",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		expect_untouched(codes[i], EMULATE_UNKNOWN);
}

/* ---- port strings ---- */

static void input_strings(void **state)
{
	(void)state;
	guest.f.edx = 0x1F0;
	guest.f.ecx = 3;
	guest.f.edi = DATA + 0xFFC;
	guest.port_value = 0x40302010;
	expect("f36d", "in4 1f0=40302010; in4 1f0=41312111; in4 1f0=42322212");
	assert_int_equal(guest.f.ecx, 0);
	assert_int_equal(guest.f.edi, DATA2 + 8);
	assert_int_equal(mock_read32(DATA + 0xFFC), 0x40302010);
	assert_int_equal(mock_read32(DATA2 + 4), 0x42322212);
	/* a store across two pages */
	guest.f.edi = DATA + 0xFFE;
	expect("6d", "in4 1f0=43332313");
	assert_int_equal(mock_read32(DATA + 0xFFE), 0x43332313);
	/* backwards; F2 repeats as well; ECX 0 does nothing */
	guest.f.ecx = 2;
	guest.f.eflags |= EFLAGS_DF;
	expect("f2666d", "in2 1f0=2414; in2 1f0=2515");
	assert_int_equal(guest.f.edi, DATA + 0xFFE);
	expect("f36c", "");
	/* 16-bit addresses count CX and move DI */
	guest.segments[SEG_ES].base = DATA;
	guest.f.ecx = 0x50001;
	guest.f.edi = 0x70000;
	expect("67f36c", "in1 1f0=16");
	assert_int_equal(guest.f.ecx, 0x50000);
	assert_int_equal(guest.f.edi, 0x7FFFF);
}

static void output_strings(void **state)
{
	(void)state;
	guest.f.edx = 0x3F8;
	memcpy(mock_at(DATA), "vmi!", 4);
	guest.f.ecx = 4;
	expect("f36e", "out1 3f8=76; out1 3f8=6d; out1 3f8=69; out1 3f8=21");
	assert_int_equal(guest.f.esi, DATA + 4);
	guest.segments[SEG_FS].base = 0x1000;
	guest.f.esi = DATA;
	mock_write32(DATA2, 0x99);
	expect("646f", "out4 3f8=99");
}

/* What was read from a port is never lost: the destination is tried before. */
static void faulting_port_strings(void **state)
{
	(void)state;
	guest.f.ecx = 5;
	guest.f.edi = ABSENT - 8;
	assert_int_equal(mock_step("f36d"), EMULATE_FAULT);
	assert_string_equal(mock_trace(), "in4 3333=0; in4 3333=1010101");
	assert_int_equal(guest.cr2, ABSENT);
	assert_int_equal(guest.error, ACCESS_WRITE);
	assert_int_equal(guest.f.ecx, 3);
	assert_int_equal(guest.f.edi, ABSENT);
	assert_int_equal(guest.f.eip, CODE);
	guest.f.edi = READ_ONLY;
	expect_untouched("f36c", EMULATE_FAULT);
	guest.f.esi = ABSENT - 1;
	*(uint8_t *)mock_at(ABSENT - 1) = 0x77;
	assert_int_equal(mock_step("f36e"), EMULATE_FAULT);
	assert_string_equal(mock_trace(), "out1 3333=77");
	assert_int_equal(guest.f.esi, ABSENT);
	guest.refuse = "port_in";
	guest.f.edi = DATA;
	expect_untouched("6c", EMULATE_FAULT);
	guest.refuse = "port_out";
	guest.f.esi = DATA;
	expect_untouched("6e", EMULATE_FAULT);
}

static void chunks(void **state)
{
	(void)state;
	guest.f.ecx = 150;
	guest.f.edi = DATA;
	expect_more("f36c");
	assert_int_equal(guest.f.ecx, 150 - EMULATE_CHUNK);
	assert_int_equal(guest.f.edi, DATA + EMULATE_CHUNK);
	expect_more("f36c");
	assert_int_equal(mock_step("f36c"), EMULATED);
	assert_int_equal(guest.f.eip, CODE + 2);
	assert_int_equal(guest.f.ecx, 0);
	assert_false(guest.f.eflags & EFLAGS_RF);
	assert_int_equal(guest.ctx.events, 0);
}

static void single_stepped_string(void **state)
{
	(void)state;
	guest.f.ecx = 2;
	guest.f.edi = DATA;
	guest.f.eflags |= EFLAGS_TF;
	expect_more("f36c");
	assert_int_equal(guest.ctx.events, EMULATE_SINGLE_STEP);
	assert_int_equal(guest.f.ecx, 1);
	assert_int_equal(mock_step("f36c"), EMULATED);
	assert_int_equal(guest.ctx.events, EMULATE_SINGLE_STEP);
	assert_int_equal(guest.f.eip, CODE + 2);
	assert_false(guest.f.eflags & EFLAGS_RF);
}

/* ---- anything ---- */

/* Random bytes in random modes: the mock's own checks and the sanitizers judge, and faults leave the frame. */
static void fuzz(void **state)
{
	unsigned round, i, counts[4] = { 0 };

	(void)state;
	for (round = 0; round < FUZZ_ROUNDS && random_more(); round++) {
		uint32_t *reg = &guest.f.edi;
		struct frame before;
		enum emulate_result result;

		if (round % 64 == 0)
			mock_reset();
		guest.f.eflags = 0x202 | (random32() & 0x10DD5);
		guest.f.cs = 0x21 | (round & 2);
		guest.f.eip = CODE;
		if (round % 64 == 32)
			mock_v86();
		if (round % 64 >= 32)
			guest.f.eflags |= EFLAGS_VM, guest.f.eip = 0;
		for (i = 0; i < 8; i++)
			reg[i] = MOCK_BASE * (round % 64 < 32) + random32() % (MOCK_PAGE * (MOCK_PAGES + 1));
		guest.f.esp = reg[3];
		for (i = 0; i < INSN_MAX; i++)
			((uint8_t *)mock_at(CODE))[i] = (uint8_t)random32();
		if (random32() & 1)
			*(uint8_t *)mock_at(CODE) = 0x0F;
		guest.ctx.cause = random32() & 1;
		guest.fetchable = random32() % (INSN_MAX + 1);
		before = guest.f;
		guest.faults = 0;
		result = mock_emulate();
		counts[result]++;
		mock_trace();
		if (result == EMULATE_UNKNOWN || result == EMULATE_SOFT_INT)
			assert_memory_equal(&before, &guest.f, sizeof(before));
		if (result == EMULATE_FAULT) {
			assert_true(guest.faults > 0);
			assert_int_equal(guest.f.eip, before.eip);
			assert_int_equal(guest.f.esp, before.esp);
		}
	}
	for (i = 0; i < 4 && random_more(); i++)
		assert_true(counts[i] > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(device_loads_and_stores, set_up),
		cmocka_unit_test_setup(device_modifications, set_up),
		cmocka_unit_test_setup(device_pages_without_permission, set_up),
		cmocka_unit_test_setup(device_strings, set_up),
		cmocka_unit_test_setup(stacks_on_protected_pages, set_up),
		cmocka_unit_test_setup(pop_to_memory, set_up),
		cmocka_unit_test_setup(near_transfers, set_up),
		cmocka_unit_test_setup(segment_stores, set_up),
		cmocka_unit_test_setup(address_forms, set_up),
		cmocka_unit_test_setup(limits, set_up),
		cmocka_unit_test_setup(faulting_operands, set_up),
		cmocka_unit_test_setup(faulting_pushes, set_up),
		cmocka_unit_test_setup(only_after_page_faults, set_up_gp),
		cmocka_unit_test_setup(what_is_not_emulated, set_up),
		cmocka_unit_test_setup(input_strings, set_up_gp),
		cmocka_unit_test_setup(output_strings, set_up_gp),
		cmocka_unit_test_setup(faulting_port_strings, set_up_gp),
		cmocka_unit_test_setup(chunks, set_up_gp),
		cmocka_unit_test_setup(single_stepped_string, set_up_gp),
		cmocka_unit_test_setup(fuzz, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
