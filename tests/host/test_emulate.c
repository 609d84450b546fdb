/* Links: tests/host/emulate_mock.c hypervisor/model/decode.c hypervisor/emulate/emulate.c hypervisor/emulate/operand.c hypervisor/emulate/system.c hypervisor/emulate/memory.c hypervisor/emulate/string.c */
/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulator's privileged instructions: which services they ask for, with
 * what, in which ring, and that a refusal changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "emulate_expect.h"
#include "emulate_mock.h"

static int set_up(void **state)
{
	(void)state;
	mock_reset();
	return 0;
}

static void expect_refused(const char *hex, const char *service)
{
	unsigned faults = guest.faults;

	guest.refuse = service;
	expect_untouched(hex, EMULATE_FAULT);
	assert_int_equal(guest.faults, faults + 1);
	assert_int_equal(guest.error, 0xBAD);
	guest.refuse = NULL;
	mock_trace();
}

static void interrupt_flag(void **state)
{
	(void)state;
	expect("fb", "if=1");
	assert_int_equal(guest.ctx.events, EMULATE_STI_SHADOW);
	expect("fb", "if=1");
	assert_int_equal(guest.ctx.events, 0);
	expect("fa", "if=0");
	assert_int_equal(guest.ctx.events, 0);
	expect("f4", "halt");
}

static void control_registers(void **state)
{
	(void)state;
	guest.cr[4] = 0x630;
	expect("0f20c3", "");
	assert_int_equal(guest.f.ebx, 0x80000011);
	expect("0f20e4", "");
	assert_int_equal(guest.f.esp, 0x630);
	expect("0f22d8", "cr3=11111111");
	expect("0f22d1", "cr2=22222222");
	/* mod is not looked at: 05 is CR0, EBP */
	guest.f.ebp = 0x80000015;
	expect("0f2205", "cr0=80000015");
}

static void debug_registers(void **state)
{
	(void)state;
	expect("0f21fe", "");
	assert_int_equal(guest.f.esi, 0xD7);
	expect("0f23c8", "dr1=11111111");
	expect_refused("0f21e0", "vcpu_read_dr");
	expect_refused("0f23e0", "vcpu_write_dr");
}

static void missing_control_registers(void **state)
{
	static const char *const codes[] = { "0f20c8", "0f20e8", "0f20f0", "0f20f8", "0f22c8", "0f22e8", "0f22f0", "0f22f8" };
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		expect_untouched(codes[i], EMULATE_FAULT);
		assert_int_equal(guest.vector, VECTOR_UD);
	}
	expect_refused("0f22c0", "vcpu_write_cr");
}

static void descriptor_tables(void **state)
{
	(void)state;
	memcpy(mock_at(DATA), "\x37\x12\x44\x33\x22\x11", 6);
	expect("0f0116", "lgdt 1237 11223344");
	expect("0f011e", "lidt 1237 11223344");
	expect("660f0116", "lgdt 1237 223344");
	expect("0f0016", "lldt 1237");
	expect("0f001e", "ltr 1237");
	expect("0f00d1", "lldt 2222");
	expect("0f00d9", "ltr 2222");
	expect_refused("0f0116", "lgdt");
	expect_refused("0f011e", "lidt");
	expect_refused("0f0016", "lldt");
	expect_refused("0f001e", "ltr");
	/* the operand across a limit, and on a page that is not there */
	guest.segments[SEG_DS].limit = DATA + 4;
	expect_untouched("0f0116", EMULATE_FAULT);
	assert_int_equal(guest.vector, VECTOR_GP);
	guest.f.esi = ABSENT - 2;
	expect_untouched("3e0f0116", EMULATE_FAULT);
	guest.segments[SEG_DS].limit = 0xFFFFFFFF;
	expect_untouched("0f0116", EMULATE_FAULT);
	assert_int_equal(guest.cr2, ABSENT);
	assert_int_equal(guest.error, 0);
}

static void machine_status(void **state)
{
	(void)state;
	guest.cr[0] = 0x80000019;
	guest.f.eax = 0xFFFF0006;
	expect("0f01f0", "cr0=80000017");
	mock_write32(DATA, 0x0008);
	expect("0f0136", "cr0=80000019");
	expect("0f06", "clts");
	expect("0f09", "wbinvd");
	expect_refused("0f01f0", "vcpu_write_cr");
	/* neighbours in the groups, which do not fault for privilege, or always (INVD) */
	expect_untouched("0f08", EMULATE_UNKNOWN);
	expect_untouched("0f0006", EMULATE_UNKNOWN);
	expect_untouched("0f0026", EMULATE_UNKNOWN);
	expect_untouched("0f0106", EMULATE_UNKNOWN);
	expect_untouched("0f010e", EMULATE_UNKNOWN);
	expect_untouched("0f0126", EMULATE_UNKNOWN);
	expect_untouched("0f012e", EMULATE_UNKNOWN);
	expect_untouched("0f01d0", EMULATE_UNKNOWN);
}

static void invalidate_page(void **state)
{
	(void)state;
	guest.segments[SEG_DS] = (struct mock_segment){ 0x1000, 0, 0, true, false };
	expect("0f013d78563412", "invlpg 12346678");
	guest.segments[SEG_GS].base = 0x100;
	expect("650f013e", "invlpg 10001100");
	expect_untouched("0f01f8", EMULATE_UNKNOWN);
}

static void model_registers(void **state)
{
	(void)state;
	guest.msr = 0x1122334455667788;
	expect("0f30", "wrmsr 22222222 3333333311111111");
	expect("0f32", "rdmsr 22222222");
	assert_int_equal(guest.f.eax, 0x55667788);
	assert_int_equal(guest.f.edx, 0x11223344);
	expect("0f31", "rdtsc");
	assert_int_equal(guest.f.eax, 0x89ABCDEF);
	assert_int_equal(guest.f.edx, 0x1234567);
	expect("0f33", "rdpmc 22222222");
	expect_refused("0f30", "msr_write");
	expect_refused("0f32", "msr_read");
	expect_refused("0f33", "vcpu_read_pmc");
}

static void counters_of_users(void **state)
{
	(void)state;
	mock_user();
	expect("0f31", "rdtsc");
	expect_untouched("0f33", EMULATE_UNKNOWN);
	guest.cr[4] = 0x104;
	expect_untouched("0f31", EMULATE_UNKNOWN);
	expect("0f33", "rdpmc 22222222");
	expect_untouched("0f30", EMULATE_UNKNOWN);
	expect_untouched("0f32", EMULATE_UNKNOWN);
}

static void expect_transfer(const char *hex, const char *trace)
{
	uint32_t start = guest.f.eip;

	assert_int_equal(mock_step(hex), EMULATED);
	assert_string_equal(mock_trace(), trace);
	assert_int_equal(guest.f.eip, 0x5000);
	assert_true(guest.f.eflags & EFLAGS_RF);
	guest.f.eip = start;
}

static void transfers(void **state)
{
	(void)state;
	expect_transfer("cf", "iret 4");
	expect_transfer("66cf", "iret 2");
	expect_transfer("cb", "retf 4 0");
	expect_transfer("66ca0c80", "retf 2 800c");
	expect_transfer("0f35", "sysexit");
	expect_transfer("ea785634121000", "jmpf 10:12345678");
	expect_transfer("66ea80ff1000", "jmpf 10:ff80");
	expect_transfer("9a785634121000", "callf 4 10:12345678 from 7");
	memcpy(mock_at(DATA), "\x78\x56\x34\x92\x18\x00", 6);
	expect_transfer("ff2e", "jmpf 18:92345678");
	expect_transfer("ff1e", "callf 4 18:92345678 from 2");
	expect_transfer("66ff1e", "callf 2 9234:5678 from 3");
	expect_refused("cf", "transfer_iret");
	expect_refused("cb", "transfer_far_return");
	expect_refused("0f35", "transfer_sysexit");
	expect_refused("ff2e", "transfer_far_jump");
	expect_refused("ff1e", "transfer_far_call");
	expect_untouched("ffd8", EMULATE_UNKNOWN);
	expect_untouched("fe1e", EMULATE_UNKNOWN);
	expect_untouched("feeb", EMULATE_UNKNOWN);
}

static void segment_loads(void **state)
{
	(void)state;
	expect("8ed0", "load 2 1111");
	assert_int_equal(guest.ctx.events, EMULATE_SS_SHADOW);
	expect("8ed9", "load 3 2222");
	assert_int_equal(guest.ctx.events, 0);
	mock_write32(DATA, 0x99990018);
	expect("8e06", "load 0 18");
	expect_untouched("8ec8", EMULATE_UNKNOWN);
	expect_untouched("8ef0", EMULATE_UNKNOWN);
	memcpy(mock_at(DATA), "\x78\x56\x34\x92\x18\x00", 6);
	expect("0fb226", "load 2 18");
	assert_int_equal(guest.f.esp, 0x92345678);
	expect("c40e", "load 0 18");
	assert_int_equal(guest.f.ecx, 0x92345678);
	expect("66c51e", "load 3 9234");
	assert_int_equal(guest.f.ebx, 0x44445678);
	expect("0fb406", "load 4 18");
	expect("0fb506", "load 5 18");
	expect_refused("0fb50e", "segment_load");
	expect_refused("8ed0", "segment_load");
	expect_untouched("0fb5c6", EMULATE_UNKNOWN);
}

static void segment_pops(void **state)
{
	static const struct { const char *hex, *trace; } pops[] = {
		{ "07", "load 0 20" }, { "17", "load 2 20" }, { "1f", "load 3 20" }, { "0fa1", "load 4 20" },
		{ "0fa9", "load 5 20" },
	};
	uint32_t esp = guest.f.esp;
	size_t i;

	(void)state;
	mock_write32(esp, 0x12340020);
	for (i = 0; i < 5; i++) {
		expect(pops[i].hex, pops[i].trace);
		assert_int_equal(guest.f.esp, esp + 4);
		assert_int_equal(guest.ctx.events, i == 1 ? EMULATE_SS_SHADOW : 0);
		guest.f.esp = esp;
	}
	expect("661f", "load 3 20");
	assert_int_equal(guest.f.esp, esp + 2);
	expect_refused("17", "segment_load");
	/* a 16-bit stack wraps, and leaves the upper half of ESP alone */
	guest.segments[SEG_SS] = (struct mock_segment){ STACK - 0xF000, 0xFFFF, 0, false, true };
	guest.f.esp = 0xABCDFFFE;
	expect("661f", "load 3 a5a5");
	assert_int_equal(guest.f.esp, 0xABCD0000);
}

static void ports(void **state)
{
	(void)state;
	guest.port_value = 0x87654321;
	guest.f.edx = 0x55550CF8;
	expect("ec", "in1 cf8=21");
	assert_int_equal(guest.f.eax, 0x11111121);
	expect("66ed", "in2 cf8=4422");
	assert_int_equal(guest.f.eax, 0x11114422);
	expect("ed", "in4 cf8=89674523");
	assert_int_equal(guest.f.eax, 0x89674523);
	expect("e4f1", "in1 f1=24");
	expect("e5f1", "in4 f1=8b694725");
	expect("e6f1", "out1 f1=25");
	expect("66e7f1", "out2 f1=4725");
	expect("ef", "out4 cf8=8b694725");
	expect("66ef", "out2 cf8=4725");
	expect("ee", "out1 cf8=25");
	expect_refused("ec", "port_in");
	expect_refused("ee", "port_out");
}

static void ports_of_users(void **state)
{
	(void)state;
	guest.port_value = 0x12;
	mock_user();
	expect("e470", "allowed 70 1; in1 70=12");
	expect("e771", "allowed 71 4; out4 71=11111112");
	expect_refused("e470", "io_allowed");
	expect_refused("6d", "io_allowed");
	mock_reset();
	mock_v86();
	guest.f.edx = 0x3DA;
	expect("ec", "allowed 3da 1; in1 3da=0");
	expect_refused("ec", "io_allowed");
}

/* What only ring 1 may, as rings 3 and V8086 mode without IOPL 3 see it. */
static void refused_to_users(void **state)
{
	static const char *const codes[] = {
		"fa", "fb", "f4", "0f20c0", "0f22c0", "0f21c0", "0f23c0", "0f0116", "0f011e", "0f01f0", "0f013e", "0f00d0",
		"0f00d8", "0f06", "0f08", "0f09", "0f30", "0f32", "0f33", "0f35", "cf", "cb", "ca0400", "ff2e", "ff1e",
		"ea000000001000", "9a000000001000", "8ed0", "17", "1f", "0fa1", "0fb206", "c406", "9d", "9c",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		mock_reset();
		mock_user();
		guest.iopl = 3;
		expect_untouched(codes[i], EMULATE_UNKNOWN);
		mock_reset();
		mock_v86();
		guest.iopl = 2;
		expect_untouched(codes[i], EMULATE_UNKNOWN);
		assert_string_equal(mock_trace(), "");
	}
}

static void soft_interrupts(void **state)
{
	(void)state;
	expect_untouched("cd80", EMULATE_SOFT_INT);
	assert_int_equal(guest.ctx.soft_vector, 0x80);
	assert_int_equal(guest.ctx.length, 2);
	mock_user();
	expect_untouched("cdff", EMULATE_SOFT_INT);
	assert_int_equal(guest.ctx.soft_vector, 0xFF);
	expect_untouched("cc", EMULATE_SOFT_INT);
	assert_int_equal(guest.ctx.soft_vector, 3);
	assert_int_equal(guest.ctx.length, 1);
	guest.f.eflags |= EFLAGS_OF;
	expect_untouched("ce", EMULATE_SOFT_INT);
	assert_int_equal(guest.ctx.soft_vector, 4);
	guest.f.eflags &= ~EFLAGS_OF;
	expect("ce", "");
	mock_reset();
	mock_v86();
	expect_untouched("cd21", EMULATE_SOFT_INT);
	guest.iopl = 0;
	expect_untouched("cd21", EMULATE_UNKNOWN);
	expect_untouched("cc", EMULATE_SOFT_INT);
}

static void v86_flags(void **state)
{
	uint32_t esp;

	(void)state;
	mock_v86();
	esp = guest.f.esp;
	guest.f.eflags = 0x2B02D7 | EFLAGS_RF;
	expect("fb", "if=1");
	expect("9c", "");
	assert_int_equal(guest.f.esp, esp - 2);
	assert_int_equal(mock_read32(STACK + 0x3FE) & 0xFFFF, 0x32D7);
	guest.interrupts = false;
	guest.f.eflags |= EFLAGS_RF;
	expect("669c", "");
	assert_int_equal(guest.f.esp, esp - 6);
	assert_int_equal(mock_read32(STACK + 0x3FA), 0x2830D7);
	/* 16 bits: neither IOPL nor the upper flags */
	mock_write32(STACK + 0x3FA, 0xFFFF4E01);
	expect("9d", "if=1");
	assert_int_equal(guest.f.esp, esp - 4);
	assert_int_equal(guest.f.eflags & 0xFFFFF, 0xA0000 | 0x4C03 | (0x2B02D7 & 0x200));
	mock_write32(STACK + 0x3FC, 0x00253FD5);
	guest.f.eflags = 0x20202;
	expect("669d", "if=1");
	assert_int_equal(guest.f.eflags, 0x260FD7);
	expect("fa", "if=0");
}

static void v86_iret(void **state)
{
	(void)state;
	mock_v86();
	memcpy(mock_at(STACK + 0x400), "\x34\x12\x00\xF0\x03\x72", 6);
	assert_int_equal(mock_step("cf"), EMULATED);
	assert_string_equal(mock_trace(), "if=1");
	assert_int_equal(guest.f.eip, 0x1234);
	assert_int_equal(guest.f.cs, 0xF000);
	assert_int_equal(guest.f.esp, STACK - MOCK_BASE + 0x406);
	assert_int_equal(guest.f.eflags, 0x24203);
	mock_reset();
	mock_v86();
	memcpy(mock_at(STACK + 0x400), "\x34\x12\x00\x00\x00\xF0\xAA\xAA\x03\x00\x03\x00", 12);
	assert_int_equal(mock_step("66cf"), EMULATED);
	assert_string_equal(mock_trace(), "if=0");
	assert_int_equal(guest.f.cs, 0xF000);
	assert_int_equal(guest.f.eflags, 0x30203);
	mock_reset();
	mock_v86();
	mock_write32(STACK + 0x400, 0x10000);
	expect_untouched("66cf", EMULATE_FAULT);
	assert_int_equal(guest.vector, VECTOR_GP);
	guest.f.esp = 0xFFFE;
	expect_untouched("cf", EMULATE_FAULT);
	guest.f.esp = ABSENT - MOCK_BASE - 4;
	expect_untouched("cf", EMULATE_FAULT);
	assert_int_equal(guest.cr2, ABSENT);
	assert_int_equal(guest.error, ACCESS_USER);
}

static void single_step(void **state)
{
	(void)state;
	guest.f.eflags |= EFLAGS_TF | EFLAGS_RF;
	expect("fa", "if=0");
	assert_int_equal(guest.ctx.events, EMULATE_SINGLE_STEP);
	assert_int_equal(guest.f.eflags, 0x302);
	expect("fb", "if=1");
	assert_int_equal(guest.ctx.events, EMULATE_SINGLE_STEP | EMULATE_STI_SHADOW);
	expect("8ed0", "load 2 1111");
	assert_int_equal(guest.ctx.events, EMULATE_SS_SHADOW);
	/* TF as it was before the instruction counts */
	mock_reset();
	mock_v86();
	mock_write32(STACK + 0x400, EFLAGS_TF);
	expect("9d", "if=0");
	assert_int_equal(guest.ctx.events, 0);
	mock_write32(STACK + 0x402, 0);
	expect("9d", "if=0");
	assert_int_equal(guest.ctx.events, EMULATE_SINGLE_STEP);
}

static void fetches(void **state)
{
	(void)state;
	guest.fetchable = 2;
	expect("fa", "if=0");
	expect("0f06", "clts");
	expect_untouched("0f0116", EMULATE_FAULT);
	assert_int_equal(guest.cr2, CODE + 2);
	guest.fetchable = 0;
	expect_untouched("fa", EMULATE_FAULT);
	guest.fetchable = INSN_MAX;
	expect_untouched("66666666666666666666666666666666fa", EMULATE_FAULT);
	assert_int_equal(guest.vector, VECTOR_GP);
	expect("6666666666666666666666666666fa", "if=0");
	expect_untouched("0fff", EMULATE_UNKNOWN);
	expect_untouched("0f04", EMULATE_UNKNOWN);
	expect_untouched("f0fa", EMULATE_UNKNOWN);
	/* 16-bit code */
	guest.segments[SEG_CS].wide = false;
	expect("6667e4f1", "in1 f1=0");
	memcpy(mock_at(DATA), "\x37\x12\x44\x33\x22\x11", 6);
	guest.f.ebx = 0;
	guest.segments[SEG_DS].base = DATA - 0x10;
	expect("0f015710", "lgdt 1237 223344");
	expect("660f01161000", "lgdt 1237 11223344");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(interrupt_flag, set_up),
		cmocka_unit_test_setup(control_registers, set_up),
		cmocka_unit_test_setup(debug_registers, set_up),
		cmocka_unit_test_setup(missing_control_registers, set_up),
		cmocka_unit_test_setup(descriptor_tables, set_up),
		cmocka_unit_test_setup(machine_status, set_up),
		cmocka_unit_test_setup(invalidate_page, set_up),
		cmocka_unit_test_setup(model_registers, set_up),
		cmocka_unit_test_setup(counters_of_users, set_up),
		cmocka_unit_test_setup(transfers, set_up),
		cmocka_unit_test_setup(segment_loads, set_up),
		cmocka_unit_test_setup(segment_pops, set_up),
		cmocka_unit_test_setup(ports, set_up),
		cmocka_unit_test_setup(ports_of_users, set_up),
		cmocka_unit_test_setup(refused_to_users, set_up),
		cmocka_unit_test_setup(soft_interrupts, set_up),
		cmocka_unit_test_setup(v86_flags, set_up),
		cmocka_unit_test_setup(v86_iret, set_up),
		cmocka_unit_test_setup(single_step, set_up),
		cmocka_unit_test_setup(fetches, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
