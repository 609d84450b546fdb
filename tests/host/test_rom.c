/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: tests/host/fake_rom.c guest/rom.c guest/elf.c guest/probe.c guest/report.c */
/*
 * ROM validation: each kind of fault, the scan for a ROM, and a hundred
 * thousand damaged ROMs that must not make it read astray.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sanitizer/asan_interface.h>

#include "fake_rom.h"
#include "lib.h"
#include "random.h"

#define FUZZ_ROUNDS	100000

static struct fake_rom rom;
static struct vmi_rom found;
static struct vmi_reason why;

static int set_up(void **state)
{
	(void)state;
	fake_whole(&rom);
	return 0;
}

/* Check a copy with nothing readable behind it */
static int check(uint32_t available)
{
	uint8_t *copy = malloc(available ? available : 1);
	int result;

	memcpy(copy, rom.bytes, available);
	result = vmi_rom_check(copy, available, FAKE_PHYSICAL, &found, &why);
	free(copy);
	return result;
}

static void expect_fault(enum vmi_error error)
{
	assert_int_equal(check(rom.length), -1);
	assert_int_equal(why.error, error);
	assert_int_equal(why.where, FAKE_PHYSICAL);
}

static void expect_line(const char *text)
{
	char line[VMI_REASON_MAX];

	assert_int_equal(vmi_explain(&why, line, sizeof(line)), strlen(text));
	assert_string_equal(line, text);
}

static void test_good(void **state)
{
	(void)state;
	assert_int_equal(check(rom.length), 0);
	assert_int_equal(why.error, VMI_OK);
	assert_int_equal(found.length, FAKE_MAX);
	assert_int_equal(found.physical, FAKE_PHYSICAL);
	assert_int_equal(found.virtual_top, FAKE_TOP);
	assert_int_equal(found.nr_chains, rom.nr_symbols);
	assert_int_equal(found.rejected, 0);
	/* A higher minor is compatible; so is the other licence string */
	rom.bytes[0x0C] = 200;
	memcpy(rom.bytes + FAKE_LICENCE, "GPL", 4);
	fake_sum(&rom);
	assert_int_equal(check(rom.length), 0);
	assert_int_equal(found.api_minor, 200);
}

static void test_truncated(void **state)
{
	uint32_t available;

	(void)state;
	for (available = 0; available < rom.length; available += 61) {
		assert_int_equal(check(available), -1);
		assert_int_equal(why.error, VMI_ERROR_LENGTH);
	}
	assert_int_equal(check(0x1000), -1);
	expect_line("vmi: ROM at c8000: 8000 bytes, room for 1000 "
		    "(truncated file?)");
	rom.bytes[2] = 0;
	expect_fault(VMI_ERROR_LENGTH);
}

static void test_checksum(void **state)
{
	(void)state;
	rom.bytes[0x7000] = (uint8_t)(rom.bytes[0x7000] + 0x3F);
	expect_fault(VMI_ERROR_CHECKSUM);
	expect_line("vmi: ROM at c8000: checksum 3f, want 0 "
		    "(truncated file?)");
}

/* One header field, given a value that a guest must refuse */
static void test_header(void **state)
{
	static const struct {
		uint32_t offset, value;
		int size;
		enum vmi_error error;
	} faults[] = {
		{ 0x00, 0x56, 1, VMI_ERROR_SIGNATURE },
		{ 0x08, 0x6D566332, 4, VMI_ERROR_SIGNATURE },
		{ 0x0D, 2, 1, VMI_ERROR_VERSION },
		{ 0x0D, 4, 1, VMI_ERROR_VERSION },
		{ 0x0E, 1, 1, VMI_ERROR_SLOTS },
		{ 0x10, 0xFBFFF000, 4, VMI_ERROR_HOLE },
		{ 0x10, 0xFC000001, 4, VMI_ERROR_HOLE },
		{ 0x10, 0xFFFFF000, 4, VMI_ERROR_HOLE },
		{ 0x16, 0, 2, VMI_ERROR_LICENCE },
		{ 0x16, FAKE_LICENCE + 1, 2, VMI_ERROR_LICENCE },
		{ 0x16, 0xFFFF, 2, VMI_ERROR_LICENCE },
		{ FAKE_LICENCE + 3, 'X', 1, VMI_ERROR_LICENCE },
		{ 0x18, 0, 2, VMI_ERROR_PCI_HEADER },
		{ 0x18, 0x7FF8, 2, VMI_ERROR_PCI_HEADER },
		{ 0x18, FAKE_PCIR + 1, 2, VMI_ERROR_PCI_HEADER },
		{ 0x40, 0, 1, VMI_ERROR_ELF_HEADER },
		{ 0x44, 2, 1, VMI_ERROR_ELF_HEADER },
		{ 0x50, 2, 2, VMI_ERROR_ELF_HEADER },
		{ 0x52, 62, 2, VMI_ERROR_ELF_HEADER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		fake_whole(&rom);
		if (faults[i].size == 1)
			rom.bytes[faults[i].offset] = (uint8_t)faults[i].value;
		else if (faults[i].size == 2)
			fake_put16(&rom, faults[i].offset, faults[i].value);
		else
			fake_put32(&rom, faults[i].offset, faults[i].value);
		fake_sum(&rom);
		expect_fault(faults[i].error);
	}
}

/* ELF tables that point out of the image, at extremes of arithmetic too */
static void test_elf_tables(void **state)
{
	static const uint32_t places[] = {
		0x40 + 28,			/* e_phoff */
		FAKE_PHDRS + 32 + 8,		/* p_vaddr */
		FAKE_DYNAMIC + 4,		/* DT_HASH */
		FAKE_DYNAMIC + 12,		/* DT_STRTAB */
		FAKE_DYNAMIC + 20,		/* DT_SYMTAB */
		FAKE_DYNAMIC + 28,		/* DT_STRSZ */
		FAKE_HASH,			/* nbucket */
		FAKE_HASH + 4,			/* nchain */
	};
	static const uint32_t values[] = {
		0x7FFD, 0x8000, 0x7FFFFFFF, 0x80000000, 0x40000001,
		0xFFFFFFFF, 0xFFFFFFC0,
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		for (j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			fake_whole(&rom);
			fake_put32(&rom, places[i], values[j]);
			fake_sum(&rom);
			expect_fault(VMI_ERROR_ELF_TABLE);
		}
	}
	fake_whole(&rom);
	fake_put32(&rom, FAKE_HASH, 0);
	fake_sum(&rom);
	expect_fault(VMI_ERROR_ELF_TABLE);
	fake_whole(&rom);
	fake_put16(&rom, 0x40 + 44, 1);		/* no PT_DYNAMIC */
	fake_sum(&rom);
	expect_fault(VMI_ERROR_ELF_TABLE);
}

/* ---- The scan ---- */

#define AREA_START	0xC0000u
#define AREA_SIZE	0x30000u

static uint8_t *area;

static int set_up_area(void **state)
{
	set_up(state);
	area = calloc(1, AREA_SIZE);
	return 0;
}

static int tear_down_area(void **state)
{
	(void)state;
	free(area);
	return 0;
}

static void place(uint32_t physical)
{
	memcpy(area + (physical - AREA_START), rom.bytes, rom.length);
}

static int probe(void)
{
	return vmi_probe((uintptr_t)area - AREA_START, &found, &why);
}

static void test_probe_none(void **state)
{
	(void)state;
	assert_int_equal(probe(), -1);
	assert_int_equal(why.error, VMI_ERROR_NO_ROM);
	memcpy(area, "\x55\xAA\x40", 3);	/* another's ROM */
	assert_int_equal(probe(), -1);
	expect_line("vmi: no ROM from c0000 to dffff "
		    "(option ROMs of other kinds: 1)");
}

static void test_probe_places(void **state)
{
	uint32_t physical;

	(void)state;
	for (physical = 0xC0000; physical < 0xE0000; physical += 0x800) {
		memset(area, 0, AREA_SIZE);
		place(physical);
		assert_int_equal(probe(), 0);
		assert_int_equal(found.physical, physical);
		assert_int_equal(found.rejected, 0);
		assert_ptr_equal(found.image, area + (physical - AREA_START));
	}
	/* Between the steps, and behind the end, is nowhere */
	memset(area, 0, AREA_SIZE);
	place(0xC0400);
	assert_int_equal(probe(), -1);
	memset(area, 0, AREA_SIZE);
	place(0xE0000);
	assert_int_equal(probe(), -1);
}

static void test_probe_second(void **state)
{
	(void)state;
	place(0xD0000);
	rom.bytes[0x7000] ^= 1;
	place(0xC8000);
	assert_int_equal(probe(), 0);
	assert_int_equal(found.physical, 0xD0000);
	assert_int_equal(found.rejected, 1);
	assert_int_equal(found.first_rejected.error, VMI_ERROR_CHECKSUM);
	assert_int_equal(found.first_rejected.where, 0xC8000);
	/* The first of two bad ones is the reason */
	place(0xD0000);
	assert_int_equal(probe(), -1);
	assert_int_equal(why.error, VMI_ERROR_CHECKSUM);
	assert_int_equal(why.where, 0xC8000);
}

/* ---- Random damage ---- */

/* Anything goes, but nothing behind the claimed length may be read */
static int judge(uint8_t *image, uint32_t size)
{
	uint32_t claimed = image[2] * 512u;
	uint32_t call, offset, length;
	int result;

	if (claimed != 0 && claimed < size)
		ASAN_POISON_MEMORY_REGION(image + claimed, size - claimed);
	result = vmi_rom_check(image, size, FAKE_PHYSICAL, &found, &why);
	for (call = 0; result == 0 && call < VMI_NR_CALLS; call++) {
		if (vmi_rom_entry(&found, call, &offset) == 0)
			assert_true(offset < claimed);
		if (vmi_rom_inline(&found, call, &offset, &length) == 0)
			assert_true(offset <= claimed &&
				    length <= claimed - offset);
	}
	ASAN_UNPOISON_MEMORY_REGION(image, size);
	return result;
}

/* Where damage is likely to matter: header, ELF, dynamic, tables */
static uint32_t random_place(void)
{
	switch (random32() % 4) {
	case 0:
		return random32() % 0x90;
	case 1:
		return FAKE_PHDRS + random32() % 0xC0;
	case 2:
		return FAKE_HASH + random32() % (rom.code - FAKE_HASH);
	default:
		return random32() % rom.length;
	}
}

static void damage(void)
{
	static const uint8_t edges[] = { 0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF };
	uint32_t count = 1 + random32() % 6;

	while (count--) {
		uint32_t kind = random32();

		rom.bytes[random_place()] = kind & 1 ? (uint8_t)(kind >> 8) :
			edges[(kind >> 8) % sizeof(edges)];
	}
}

static void test_fuzz(void **state)
{
	static struct fake_rom original;
	uint8_t *image;
	uint32_t round, good = 0;

	(void)state;
	fake_begin(&original, 0x800, 0x600);
	fake_entry(&original, "Init");
	fake_entry(&original, "SetPte");
	fake_entry(&original, "DisableInterrupts");
	fake_entry(&original, "IRET");
	fake_body(&original, "DisableInterrupts",
		  (const uint8_t *)"\x36\xC6\x05\x01\x00\x01\xFC\x00", 8);
	fake_body(&original, "IODelay", NULL, 0);
	fake_finish(&original);
	image = malloc(original.length);
	for (round = 0; round < FUZZ_ROUNDS; round++) {
		rom = original;
		damage();
		/* Mostly with a good sum, or nothing else would be read */
		if (round % 8 != 0)
			fake_sum(&rom);
		memcpy(image, rom.bytes, rom.length);
		good += judge(image, rom.length) == 0;
	}
	free(image);
	/* Both verdicts have been given often */
	assert_in_range(good, FUZZ_ROUNDS / 50, FUZZ_ROUNDS - FUZZ_ROUNDS / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_good, set_up),
		cmocka_unit_test_setup(test_truncated, set_up),
		cmocka_unit_test_setup(test_checksum, set_up),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_elf_tables),
		cmocka_unit_test_setup_teardown(test_probe_none, set_up_area,
						tear_down_area),
		cmocka_unit_test_setup_teardown(test_probe_places, set_up_area,
						tear_down_area),
		cmocka_unit_test_setup_teardown(test_probe_second, set_up_area,
						tear_down_area),
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests_name("rom", tests, NULL, NULL);
}
