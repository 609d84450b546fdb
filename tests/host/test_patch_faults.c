/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: tests/host/fake_rom.c tests/host/fake_text.c guest/rom.c guest/elf.c guest/nops.c guest/sites.c guest/patch.c guest/report.c */
/*
 * All or nothing: whatever is wrong, with whichever site, vmi_activate() says
 * so, names the site, and has written no byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../guest/activate.c"
#include "fake_text.h"

static struct vmi_reason why;

static int set_up(void **state)
{
	uint32_t i;

	(void)state;
	memset(&patcher, 0, sizeof(patcher));
	active = 0;
	fake_text_reset();
	fake_whole(&text.rom);
	for (i = 0; i < 20; i++)
		fake_site(VMI_CALL_SetCR0 + i, 0, 3);
	return 0;
}

/* Refused before VMI_Init, or by it; natively all is as it was */
static void expect_refusal(enum vmi_error error, uint32_t init_calls)
{
	struct vmi_counts counts;

	fake_text_keep();
	text.init_calls = 0;
	assert_int_equal(fake_activate(&why), -1);
	assert_int_equal(why.error, error);
	assert_int_equal(text.init_calls, init_calls);
	assert_true(fake_text_is_kept());
	assert_false(vmi_is_active());
	assert_int_equal(vmi_entry(VMI_CALL_SetPte), 0);
	vmi_count_sites(VMI_NR_CALLS, &counts);
	assert_int_equal(counts.native, text.nr_sites);
	assert_int_equal(counts.called + counts.inlined + counts.erased, 0);
}

static void expect_site(uint32_t index)
{
	assert_int_equal(why.where, text.sites[index].address);
	assert_int_equal(why.call, text.sites[index].call);
}

static void expect_line(const char *line)
{
	char buffer[VMI_REASON_MAX];

	vmi_explain(&why, buffer, sizeof(buffer));
	assert_string_equal(buffer, line);
}

static void test_bytes(void **state)
{
	uint32_t site, i;

	(void)state;
	for (site = 0; site < text.nr_sites; site++) {
		for (i = 0; i < text.sites[site].length; i++) {
			fake_text_of(site)[i] ^= 0x01;
			expect_refusal(VMI_ERROR_BYTES, 0);
			expect_site(site);
			assert_int_equal(why.offset, i);
			assert_int_equal(why.found, fake_text_of(site)[i]);
			fake_text_of(site)[i] ^= 0x01;
		}
	}
	fake_text_of(0)[1] = 0x90;
	text.sites[0].native[1] = 0xFA;
	expect_refusal(VMI_ERROR_BYTES, 0);
	expect_line("vmi: site c0100003 (SetCR0): byte 1 is 90, want fa "
		    "(stray write, or another patcher?)");
}

static void test_missing(void **state)
{
	static const char *const names[] = {
#define VMI_CALL(name, number, queue, site, place)	#name,
#include "vmi_calls.def"
	};
	uint32_t call;

	(void)state;
	/* Calls without a site do not matter; one with a site does */
	fake_begin(&text.rom, FAKE_MAX, 0x6000);
	for (call = 0; call < VMI_NR_CALLS; call++) {
		if (call != VMI_CALL_GetCR2 && call != VMI_CALL_Init)
			fake_entry(&text.rom, names[call]);
	}
	fake_finish(&text.rom);
	expect_refusal(VMI_ERROR_MISSING, 0);
	expect_site(VMI_CALL_GetCR2 - VMI_CALL_SetCR0);
	assert_int_equal(why.call, VMI_CALL_GetCR2);
}

static void test_room(void **state)
{
	(void)state;
	fake_text_reset();
	fake_begin(&text.rom, FAKE_MAX, 0x6000);
	fake_body(&text.rom, "CLTS", (const uint8_t *)"\x90\x90\x90\x90\x90"
		  "\x90", 6);
	fake_finish(&text.rom);
	fake_site(VMI_CALL_CLTS, 5, 2);
	expect_refusal(VMI_ERROR_ROOM, 0);
	assert_int_equal(why.found, 5);
	assert_int_equal(why.want, 6);
	expect_site(0);
}

static void test_record(void **state)
{
	struct vmi_site good;

	(void)state;
	good = text.sites[7];
	text.sites[7].call = VMI_NR_CALLS;
	expect_refusal(VMI_ERROR_RECORD, 0);
	assert_int_equal(why.found, offsetof(struct vmi_site, call));
	text.sites[7].call = 0xFFFF;
	expect_refusal(VMI_ERROR_RECORD, 0);
	assert_int_equal(why.call, VMI_NR_CALLS);

	text.sites[7] = good;
	text.sites[7].length = 4;
	expect_refusal(VMI_ERROR_RECORD, 0);
	text.sites[7].length = VMI_SITE_MAX + 1;
	expect_refusal(VMI_ERROR_RECORD, 0);
	assert_int_equal(why.found, offsetof(struct vmi_site, length));
	expect_site(7);

	text.sites[7] = good;
	text.sites[7].native_length = (uint8_t)(good.length + 1);
	expect_refusal(VMI_ERROR_RECORD, 0);
	assert_int_equal(why.found, offsetof(struct vmi_site, native_length));

	text.sites[7] = good;
	text.sites[7].native[VMI_SITE_MAX - 1] = 1;
	expect_refusal(VMI_ERROR_RECORD, 0);
	/* vmi_verify() looks at the records, too */
	assert_int_equal(vmi_verify(&why), -1);
	assert_int_equal(why.error, VMI_ERROR_RECORD);
	text.sites[7] = good;
	assert_int_equal(vmi_verify(&why), 0);
}

/* Sites that touch, in either order, next to each other or far apart */
static void test_overlap(void **state)
{
	static const int pairs[][2] = {
		{ 3, 4 }, { 4, 3 }, { 2, 15 }, { 15, 2 }, { 0, 19 },
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct vmi_site *a = &text.sites[pairs[i][0]];
		struct vmi_site good = *a;

		*a = text.sites[pairs[i][1]];
		expect_refusal(VMI_ERROR_OVERLAP, 0);
		a->address += 4;
		memcpy(a->native, fake_text_of(pairs[i][0]), 1);
		expect_refusal(VMI_ERROR_OVERLAP, 0);
		*a = good;
	}
	fake_text_keep();
	assert_int_equal(fake_activate(&why), 0);
}

static void test_reach(void **state)
{
	static const uint32_t addresses[] = {
		FAKE_TOP, FAKE_TOP - 1, FAKE_TOP - 4, 0xFFFFFFFF, 0xFFFFFFFB,
	};
	uint32_t good, i;

	(void)state;
	good = text.sites[19].address;
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		text.sites[19].address = addresses[i];
		expect_refusal(VMI_ERROR_REACH, 0);
		expect_site(19);
	}
	text.sites[19].address = good;
	assert_int_equal(fake_activate(&why), 0);
}

static void test_hole(void **state)
{
	(void)state;
	text.options.hole = FAKE_TOP + 0x1000;
	expect_refusal(VMI_ERROR_HOLE, 0);
	assert_int_equal(why.want, FAKE_TOP + 0x1000);
	text.options.hole = FAKE_TOP;
	assert_int_equal(fake_activate(&why), 0);
}

static void test_init_refuses(void **state)
{
	(void)state;
	text.init_answer = -1;
	expect_refusal(VMI_ERROR_INIT, 1);
	expect_line("vmi: ROM at c8000: VMI_Init answered ffffffff (unfit CPU "
		    "or memory? see the debug console)");
	/* Another ROM may be tried */
	text.init_answer = 0;
	assert_int_equal(fake_activate(&why), 0);
}

static void test_interrupts_on(void **state)
{
	(void)state;
	text.interrupts_on = 1;
	expect_refusal(VMI_ERROR_INTERRUPTS, 0);
}

static void test_twice(void **state)
{
	(void)state;
	assert_int_equal(fake_activate(&why), 0);
	fake_text_keep();
	assert_int_equal(fake_activate(&why), -1);
	assert_int_equal(why.error, VMI_ERROR_ACTIVE);
	assert_true(fake_text_is_kept());
	assert_true(vmi_is_active());
}

/* Every line for every size of buffer, with nothing behind the buffer */
static void test_lines(void **state)
{
	uint32_t error, size;

	(void)state;
	for (error = 0; error <= VMI_ERROR_INIT + 1; error++) {
		struct vmi_reason worst = {
			(enum vmi_error)error, 0xFFFFFFFF, 0xFFFFFFFF,
			0xFFFFFFFF, VMI_CALL_TestAndClearPteBitLong, 0xFF,
		};
		char whole[VMI_REASON_MAX + 100];

		vmi_explain(&worst, whole, sizeof(whole));
		assert_true(strlen(whole) < VMI_REASON_MAX);
		assert_null(strchr(whole, '%'));
		for (size = 0; size <= VMI_REASON_MAX; size++) {
			char *cut = malloc(size ? size : 1);
			uint32_t length = vmi_explain(&worst, cut, size);

			if (size != 0) {
				assert_int_equal(strlen(cut), length);
				assert_memory_equal(cut, whole, length);
			}
			free(cut);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_bytes, set_up),
		cmocka_unit_test_setup(test_missing, set_up),
		cmocka_unit_test_setup(test_room, set_up),
		cmocka_unit_test_setup(test_record, set_up),
		cmocka_unit_test_setup(test_overlap, set_up),
		cmocka_unit_test_setup(test_reach, set_up),
		cmocka_unit_test_setup(test_hole, set_up),
		cmocka_unit_test_setup(test_init_refuses, set_up),
		cmocka_unit_test_setup(test_interrupts_on, set_up),
		cmocka_unit_test_setup(test_twice, set_up),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests_name("patch_faults", tests, NULL, NULL);
}
