/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: tests/host/fake_rom.c guest/rom.c guest/elf.c guest/report.c */
/*
 * Looking calls up in a ROM's symbol table, through .hash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fake_rom.h"
#include "lib.h"

static struct fake_rom rom;
static struct vmi_rom found;
static struct vmi_reason why;

static void open_rom(void)
{
	fake_sum(&rom);
	assert_int_equal(vmi_rom_check(rom.bytes, rom.length, FAKE_PHYSICAL,
				       &found, &why), 0);
}

static int has_entry(enum vmi_call call)
{
	uint32_t offset;

	return vmi_rom_entry(&found, call, &offset) == 0;
}

static int has_body(enum vmi_call call)
{
	uint32_t offset, size;

	return vmi_rom_inline(&found, call, &offset, &size) == 0;
}

static void test_every_call(void **state)
{
	uint32_t call, offset;

	(void)state;
	fake_whole(&rom);
	open_rom();
	for (call = 0; call < VMI_NR_CALLS; call++) {
		assert_int_equal(vmi_rom_entry(&found, call, &offset), 0);
		assert_int_equal(offset, 0x6000 + 16 * call);
	}
	assert_int_equal(vmi_rom_entry(&found, VMI_NR_CALLS, &offset), -1);
}

static void test_bodies(void **state)
{
	uint32_t call, offset, size, bodies = 0;

	(void)state;
	fake_whole(&rom);
	open_rom();
	for (call = 0; call < VMI_NR_CALLS; call++)
		bodies += has_body(call);
	assert_int_equal(bodies, 5);
	assert_int_equal(vmi_rom_inline(&found, VMI_CALL_EnableInterrupts,
					&offset, &size), 0);
	assert_int_equal(size, 20);
	assert_int_equal(rom.bytes[offset], 0x36);
	assert_int_equal(vmi_rom_inline(&found, VMI_CALL_IODelay, &offset,
					&size), 0);
	assert_int_equal(size, 0);
}

/* A ROM with one symbol, to be spoilt */
static void one_symbol(const char *name, uint8_t info, uint16_t section,
		       uint32_t value, uint32_t size)
{
	fake_begin(&rom, 0x1000, 0x800);
	fake_symbol(&rom, name, 0, value, size);
	rom.symbols[1].info = info;
	rom.symbols[1].section = section;
	fake_finish(&rom);
	open_rom();
}

static void test_symbol_kinds(void **state)
{
	const uint8_t function = FAKE_GLOBAL | FAKE_FUNC;

	(void)state;
	one_symbol("VMI_CLTS", function, 1, 0x800, 1);
	assert_true(has_entry(VMI_CALL_CLTS));
	one_symbol("VMI_CLTS", FAKE_GLOBAL | FAKE_OBJECT, 1, 0x800, 1);
	assert_false(has_entry(VMI_CALL_CLTS));
	one_symbol("VMI_CLTS", FAKE_FUNC, 1, 0x800, 1);		/* local */
	assert_false(has_entry(VMI_CALL_CLTS));
	one_symbol("VMI_CLTS", function, 0, 0x800, 1);	/* undefined */
	assert_false(has_entry(VMI_CALL_CLTS));
	one_symbol("VMI_CLT", function, 1, 0x800, 1);
	assert_false(has_entry(VMI_CALL_CLTS));
	one_symbol("VMI_CLTS2", function, 1, 0x800, 1);
	assert_false(has_entry(VMI_CALL_CLTS));
	one_symbol("CLTS", function, 1, 0x800, 1);
	assert_false(has_entry(VMI_CALL_CLTS));
}

static void test_values(void **state)
{
	const uint8_t function = FAKE_GLOBAL | FAKE_FUNC;
	const uint8_t object = FAKE_GLOBAL | FAKE_OBJECT;

	(void)state;
	one_symbol("VMI_CLTS", function, 1, 0xFFF, 1);
	assert_true(has_entry(VMI_CALL_CLTS));
	one_symbol("VMI_CLTS", function, 1, 0x1000, 1);
	assert_false(has_entry(VMI_CALL_CLTS));
	one_symbol("VMI_CLTS", function, 1, 0xFFFFFFFF, 1);
	assert_false(has_entry(VMI_CALL_CLTS));
	one_symbol("VMI_CLTS", function, 1, 0, 1);
	assert_false(has_entry(VMI_CALL_CLTS));
	one_symbol("inline.VMI_CLTS", object, 1, 0xFF8, 8);
	assert_true(has_body(VMI_CALL_CLTS));
	one_symbol("inline.VMI_CLTS", object, 1, 0xFF8, 9);
	assert_false(has_body(VMI_CALL_CLTS));
	one_symbol("inline.VMI_CLTS", object, 1, 0xFF8, 0xFFFFFFFF);
	assert_false(has_body(VMI_CALL_CLTS));
}

/* Offset of the chain entry of symbol 1 in a ROM with 7 buckets */
#define CHAIN_1	(FAKE_HASH + 8 + 4 * (7 + 1))

static void test_damaged_chains(void **state)
{
	uint32_t i;

	(void)state;
	/* A ring, entered in search of what is not there, must end */
	one_symbol("VMI_Nothing", FAKE_GLOBAL | FAKE_FUNC, 1, 0x800, 1);
	for (i = 0; i < 7; i++)
		fake_put32(&rom, FAKE_HASH + 8 + 4 * i, 1);
	fake_put32(&rom, CHAIN_1, 1);
	open_rom();
	assert_false(has_entry(VMI_CALL_CLTS));
	/* Indices of no symbol */
	for (i = 0; i < 7; i++)
		fake_put32(&rom, FAKE_HASH + 8 + 4 * i, 2 + (i << 29));
	open_rom();
	assert_false(has_entry(VMI_CALL_CLTS));
}

/* A name that the string table's end cuts, and one outside of it */
static void test_damaged_names(void **state)
{
	(void)state;
	one_symbol("VMI_CLTS", FAKE_GLOBAL | FAKE_FUNC, 1, 0x800, 1);
	fake_put32(&rom, FAKE_DYNAMIC + 28, rom.dynstr_size - 1);
	open_rom();
	assert_false(has_entry(VMI_CALL_CLTS));
	fake_put32(&rom, FAKE_DYNAMIC + 28, rom.dynstr_size);
	fake_put32(&rom, rom.dynsym + 16, 0xFFFFFFFF);
	open_rom();
	assert_false(has_entry(VMI_CALL_CLTS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_call),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_symbol_kinds),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_damaged_chains),
		cmocka_unit_test(test_damaged_names),
	};

	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
