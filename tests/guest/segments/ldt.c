/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A user's LDT with odd segments: 16-bit, small, expand-down.
 */
#include "segments.h"

#include "runtime.h"

#include "vmi.h"

#define LDT_ENTRIES	8
#define SELECTOR(n)	((n) * 8 | 7)

enum { SMALL, SMALL_16, DOWN_32, DOWN_16, PAGES, ABSENT, KERNEL, CODE_16 };

static uint64_t ldt[LDT_ENTRIES] __attribute__((aligned(PAGE_SIZE)));

/* ldt_user.asm */
extern const uint8_t task_access[], task_access_at[], task_load_at[], task_code_16[];

static void set(unsigned index, uint64_t d)
{
	vmi_write_ldt_entry(ldt, index, (uint32_t)d, (uint32_t)(d >> 32));
}

/* Ring 3 loads GS and writes a word at the offset. */
static void access(unsigned index, uint32_t offset, struct fault *fault)
{
	struct trap_frame registers = { .eax = SELECTOR(index), .ebx = offset };

	user_run((uint32_t)task_access, user_stack_top(), &registers, fault);
}

static void accepted(unsigned index, uint32_t offset, const char *what)
{
	struct fault fault;

	access(index, offset, &fault);
	report(fault.vector == TRAP_USER_EXIT, "%s, offset %x: %s, error %x", what,
	       offset, trap_name(fault.vector), fault.error);
}

static void refused(unsigned index, uint32_t offset, const char *what)
{
	struct fault fault;

	if (!cpu_checks_limits())
		return;
	access(index, offset, &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == 0
	       && fault.frame.eip == (uint32_t)task_access_at, "%s, offset %x: %s, error %x", what,
	       offset, trap_name(fault.vector), fault.error);
}

static void unloadable(unsigned index, uint32_t vector, const char *what)
{
	struct fault fault;

	access(index, 0, &fault);
	report(fault.vector == vector && fault.error == (SELECTOR(index) & ~3u)
	       && fault.frame.eip == (uint32_t)task_load_at, "%s: %s, error %x", what,
	       trap_name(fault.vector), fault.error);
}

static void fill(void)
{
	uint32_t page = (uint32_t)user_stack;

	set(SMALL, segment(page, 0x0f, ACCESS_DATA, 3, FLAGS_32));
	set(SMALL_16, segment(page, 0x0f, ACCESS_DATA, 3, 0));
	set(DOWN_32, segment(page, 0x0f, ACCESS_DOWN, 3, FLAGS_32));
	set(DOWN_16, segment(page, 0x0f, ACCESS_DOWN, 3, 0));
	set(PAGES, segment(page, 0, ACCESS_DATA, 3, FLAGS_32 | FLAGS_PAGES));
	set(ABSENT, segment(page, 0x0f, ACCESS_DATA, 3, 0) & ~((uint64_t)ACCESS_PRESENT << 40));
	set(KERNEL, segment(page, 0x0f, ACCESS_DATA, 0, 0));
	set(CODE_16, segment((uint32_t)user_start, 0xffff, ACCESS_CODE, 3, 0));
}

static void test_segments(void)
{
	accepted(SMALL, 0x0c, "16 bytes");
	refused(SMALL, 0x0d, "16 bytes");
	refused(SMALL, 0x10, "16 bytes");
	accepted(SMALL_16, 0x0c, "16 bytes, 16-bit");
	refused(SMALL_16, 0x10, "16 bytes, 16-bit");
	accepted(DOWN_32, 0x10, "expand-down");
	accepted(DOWN_16, 0x10, "expand-down, 16-bit");
	refused(DOWN_16, 0x0c, "expand-down, 16-bit");
	refused(DOWN_16, 0xfffd, "expand-down, 16-bit");
	accepted(PAGES, 0xffc, "one page");
	refused(PAGES, 0x1000, "one page");
	unloadable(ABSENT, TRAP_NOT_PRESENT, "not present");
	unloadable(KERNEL, TRAP_PROTECTION, "the kernel's");
	unloadable(LDT_ENTRIES, TRAP_PROTECTION, "beyond the LDT");
	set(SMALL, segment((uint32_t)user_stack, 0x1f, ACCESS_DATA, 3, 0));
	accepted(SMALL, 0x1c, "32 bytes since WriteLDTEntry");
}

static void test_code(void)
{
	struct trap_frame registers = { .ebx = SELECTOR(CODE_16) };
	struct fault fault;

	user_run((uint32_t)task_code_16, user_stack_top(), &registers, &fault);
	report(fault.vector == TRAP_USER_EXIT && fault.frame.eax == 0x1234
	       && (fault.frame.cs & 0xffff) == SELECTOR(CODE_16), "16-bit code: %s, eax %x, cs %x",
	       trap_name(fault.vector), fault.frame.eax, fault.frame.cs);
}

void test_ldt(void)
{
	struct fault fault;

	fill();
	tables_set_segment(SELECTOR_LDT, segment((uint32_t)ldt, sizeof(ldt) - 1, ACCESS_LDT, 0, 0));
	vmi_set_ldt(SELECTOR_LDT);
	report_equal(vmi_get_ldt(), SELECTOR_LDT, "GetLDT");
	test_segments();
	test_code();
	vmi_set_ldt(0);
	report_equal(vmi_get_ldt(), 0, "GetLDT without one");
	access(SMALL, 0, &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == (SELECTOR(SMALL) & ~3u),
	       "without an LDT its selectors are #GP");
	tables_set_segment(SELECTOR_LDT, 0);
}
