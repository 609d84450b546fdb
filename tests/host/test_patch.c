/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: tests/host/fake_rom.c tests/host/fake_text.c guest/rom.c guest/elf.c guest/nops.c guest/sites.c guest/patch.c guest/report.c */
/*
 * What vmi_activate() makes of good sites, how it is verified and undone.
 * What it refuses is in test_patch_faults.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* With its state, so that each test can start afresh */
#include "../../guest/activate.c"
#include "fake_text.h"

static struct vmi_reason why;
static struct vmi_counts counts;

static int set_up(void **state)
{
	(void)state;
	memset(&patcher, 0, sizeof(patcher));
	active = 0;
	fake_text_reset();
	fake_whole(&text.rom);
	return 0;
}

/* The distance of a CALL at a site, and the NOPs behind it */
static void expect_call(uint32_t index, uint32_t target)
{
	const uint8_t *bytes = fake_text_of(index);
	uint8_t rest[VMI_SITE_MAX];
	uint32_t distance = vmi_get32(bytes + 1);
	uint32_t length = text.sites[index].length - VMI_SITE_CALL;

	assert_int_equal(bytes[0], 0xE8);
	assert_int_equal(text.sites[index].address + 5 + distance, target);
	vmi_fill_nops(rest, length);
	assert_memory_equal(bytes + VMI_SITE_CALL, rest, length);
}

static void test_every_call(void **state)
{
	uint32_t call;

	(void)state;
	for (call = 0; call < VMI_NR_CALLS; call++)
		fake_site(call, 0, 3);
	fake_text_keep();
	assert_int_equal(fake_activate(&why), 0);
	assert_true(vmi_is_active());
	assert_int_equal(text.init_calls, 1);
	for (call = 0; call < VMI_NR_CALLS; call++) {
		if (vmi_get_site_state(call) != VMI_SITE_CALLED)
			continue;
		expect_call(call, FAKE_TOP + 0x6000 + 16 * call);
		assert_int_equal(vmi_entry(call),
				 FAKE_TOP + 0x6000 + 16 * call);
	}
	vmi_count_sites(VMI_NR_CALLS, &counts);
	assert_int_equal(counts.native, 0);
	assert_int_equal(counts.inlined, 4);
	assert_int_equal(counts.erased, 1);
	assert_int_equal(counts.called, VMI_NR_CALLS - 5);
	vmi_count_sites(VMI_CALL_SetPte, &counts);
	assert_int_equal(counts.called, 1);
	assert_int_equal(vmi_verify(&why), 0);
	assert_true(fake_text_gaps_are_whole());
}

static void test_inlined(void **state)
{
	uint32_t offset, size;
	const uint8_t *bytes;

	(void)state;
	fake_site(VMI_CALL_DisableInterrupts, 0, 1);
	fake_site(VMI_CALL_DisableInterrupts, 10, 1);
	fake_site(VMI_CALL_IODelay, 0, 2);
	assert_int_equal(fake_activate(&why), 0);
	assert_int_equal(vmi_rom_inline(&text.found, VMI_CALL_DisableInterrupts,
					&offset, &size), 0);
	bytes = fake_text_of(0);
	assert_memory_equal(bytes, text.rom.bytes + offset, 8);
	bytes = fake_text_of(1);
	assert_memory_equal(bytes, text.rom.bytes + offset, 8);
	assert_memory_equal(bytes + 8, "\x66\x90", 2);
	assert_int_equal(vmi_get_site_state(2), VMI_SITE_ERASED);
	assert_memory_equal(fake_text_of(2), "\x3E\x8D\x74\x26\x00", 5);
}

/* IRET's return address names the site, so a body would be wrong */
static void test_iret_is_called(void **state)
{
	(void)state;
	fake_begin(&text.rom, FAKE_MAX, 0x6000);
	fake_entry(&text.rom, "IRET");
	fake_body(&text.rom, "IRET", (const uint8_t *)"\x90", 1);
	fake_finish(&text.rom);
	fake_site(VMI_CALL_IRET, 0, 1);
	assert_int_equal(fake_activate(&why), 0);
	expect_call(0, FAKE_TOP + 0x6000);
}

/* A body that is longer than the site leaves the call */
static void test_long_body(void **state)
{
	(void)state;
	fake_begin(&text.rom, FAKE_MAX, 0x6000);
	fake_entry(&text.rom, "CLTS");
	fake_body(&text.rom, "CLTS", (const uint8_t *)"\x90\x90\x90\x90\x90"
		  "\x90", 6);
	fake_finish(&text.rom);
	fake_site(VMI_CALL_CLTS, 5, 2);
	fake_site(VMI_CALL_CLTS, 6, 2);
	assert_int_equal(fake_activate(&why), 0);
	assert_int_equal(vmi_get_site_state(0), VMI_SITE_CALLED);
	assert_int_equal(vmi_get_site_state(1), VMI_SITE_INLINED);
}

/* No site could hold such a body; its size must not be cut to a byte either */
static void test_giant_body(void **state)
{
	static const uint8_t body[256 + 5] = { 0x90 };

	(void)state;
	fake_begin(&text.rom, FAKE_MAX, 0x6000);
	fake_entry(&text.rom, "CLTS");
	fake_entry(&text.rom, "SetDR");
	fake_body(&text.rom, "CLTS", body, sizeof(body));
	fake_body(&text.rom, "SetDR", body, VMI_SITE_MAX + 1);
	fake_finish(&text.rom);
	fake_site(VMI_CALL_CLTS, VMI_SITE_MAX, 2);
	fake_site(VMI_CALL_SetDR, VMI_SITE_MAX, 2);
	assert_int_equal(fake_activate(&why), 0);
	expect_call(0, FAKE_TOP + 0x6000);
	expect_call(1, FAKE_TOP + 0x6010);
}

static void test_unpatch(void **state)
{
	uint8_t patched[FAKE_TEXT_SIZE];
	uint32_t call;

	(void)state;
	for (call = 0; call < VMI_NR_CALLS; call++)
		fake_site(call, 0, 1 + call % 5);
	fake_text_keep();
	assert_int_equal(vmi_unpatch(&why), -1);
	assert_int_equal(why.error, VMI_ERROR_ACTIVE);
	assert_int_equal(fake_activate(&why), 0);
	memcpy(patched, text.bytes, sizeof(patched));
	assert_int_equal(vmi_repatch(&why), -1);
	assert_int_equal(vmi_unpatch(&why), 0);
	assert_true(fake_text_is_kept());
	assert_true(vmi_is_active());
	assert_int_equal(vmi_verify(&why), 0);
	vmi_count_sites(VMI_NR_CALLS, &counts);
	assert_int_equal(counts.native, VMI_NR_CALLS);
	assert_int_equal(vmi_repatch(&why), 0);
	assert_memory_equal(text.bytes, patched, sizeof(patched));
	assert_int_equal(text.init_calls, 1);
}

/* Every byte of every site is watched, and no damage is written over */
static void test_verify(void **state)
{
	uint32_t call, i;

	(void)state;
	for (call = 0; call < VMI_NR_CALLS; call++)
		fake_site(call, 0, 2);
	assert_int_equal(fake_activate(&why), 0);
	/* The ROM may be gone by then */
	memset(text.rom.bytes, 0xCC, sizeof(text.rom.bytes));
	for (call = 0; call < VMI_NR_CALLS; call++) {
		for (i = 0; i < text.sites[call].length; i++) {
			fake_text_of(call)[i] ^= 0x10;
			assert_int_equal(vmi_verify(&why), -1);
			assert_int_equal(why.error, VMI_ERROR_BYTES);
			assert_int_equal(why.where, text.sites[call].address);
			assert_int_equal(why.call, call);
			assert_int_equal(why.offset, i);
			assert_int_equal(vmi_unpatch(&why), -1);
			fake_text_of(call)[i] ^= 0x10;
		}
	}
	assert_int_equal(vmi_verify(&why), 0);
}

static uint32_t hook_calls, hook_bytes;

static void write_hook(void *to, const void *from, uint32_t length)
{
	hook_calls++;
	hook_bytes += length;
	memcpy(to, from, length);
}

static void test_write_hook(void **state)
{
	(void)state;
	fake_site(VMI_CALL_SetPte, 0, 2);
	fake_site(VMI_CALL_SetInterruptMask, 0, 7);
	text.options.write = write_hook;
	assert_int_equal(fake_activate(&why), 0);
	assert_int_equal(hook_calls, 2);
	assert_int_equal(hook_bytes, 5 + 24);
	assert_int_equal(vmi_verify(&why), 0);
}

/* Records need not come in the order of their addresses */
static void test_order(void **state)
{
	struct vmi_site swapped;

	(void)state;
	fake_site(VMI_CALL_SetPte, 0, 2);
	fake_site(VMI_CALL_SetCR3, 0, 3);
	fake_site(VMI_CALL_Halt, 0, 2);
	swapped = text.sites[0];
	text.sites[0] = text.sites[2];
	text.sites[2] = swapped;
	assert_int_equal(fake_activate(&why), 0);
	assert_int_equal(vmi_verify(&why), 0);
}

/* The accessors before anything has been done, and for no site at all */
static void test_accessors(void **state)
{
	(void)state;
	assert_int_equal(vmi_nr_sites(), 0);
	assert_null(vmi_get_site(0));
	assert_int_equal(vmi_get_site_state(0), VMI_SITE_NATIVE);
	assert_int_equal(vmi_verify(&why), 0);
	assert_int_equal(vmi_entry(VMI_CALL_SetPte), 0);
	assert_int_equal(fake_activate(&why), 0);
	assert_int_equal(vmi_nr_sites(), 0);
	assert_int_equal(vmi_entry(VMI_CALL_SetPte),
			 FAKE_TOP + 0x6000 + 16 * VMI_CALL_SetPte);
	assert_int_equal(vmi_entry(VMI_NR_CALLS), 0);
	assert_string_equal(vmi_call_name(VMI_CALL_SetPte), "SetPte");
	assert_string_equal(vmi_call_name(VMI_NR_CALLS), "?");
	assert_string_equal(vmi_site_state_name(VMI_SITE_INLINED), "inlined");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_call, set_up),
		cmocka_unit_test_setup(test_inlined, set_up),
		cmocka_unit_test_setup(test_iret_is_called, set_up),
		cmocka_unit_test_setup(test_long_body, set_up),
		cmocka_unit_test_setup(test_giant_body, set_up),
		cmocka_unit_test_setup(test_unpatch, set_up),
		cmocka_unit_test_setup(test_verify, set_up),
		cmocka_unit_test_setup(test_write_hook, set_up),
		cmocka_unit_test_setup(test_order, set_up),
		cmocka_unit_test_setup(test_accessors, set_up),
	};

	return cmocka_run_group_tests_name("patch", tests, NULL, NULL);
}
