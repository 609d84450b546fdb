/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Thread-local storage as glibc lays it out: the segment's base is the thread's
 * block, its limit 4 GiB, and variables lie at negative offsets.
 */
#include "segments.h"

#include "runtime.h"

#include "statistic.h"
#include "vmi.h"

#define ROUNDS		200

/* thread_user.asm */
extern uint32_t thread_block[2][16];	/* each has its base in the middle */
extern const uint8_t task_thread[], task_push[], task_copy[], task_straddle[];

static void set_thread(unsigned which)
{
	uint32_t base = (uint32_t)&thread_block[which][8];

	tables_set_segment(SELECTOR_SPARE, segment(base, 0xfffff, ACCESS_DATA, 3,
						   FLAGS_32 | FLAGS_PAGES));
	tables_set_segment(SELECTOR_LDT, segment(base, 0xfffff, ACCESS_DATA, 3,
						 FLAGS_32 | FLAGS_PAGES));
	tables_set_segment(SELECTOR_OTHER, segment(base, 0xfffff, ACCESS_DATA, 3,
						   FLAGS_32 | FLAGS_PAGES));
}

static uint32_t run(const uint8_t *task, uint32_t rounds)
{
	struct trap_frame registers = { .ecx = rounds };
	struct fault fault;

	user_run((uint32_t)task, user_stack_top(), &registers, &fault);
	if (fault.vector != TRAP_USER_EXIT) {
		print("  %s, error %x, at %x\n", trap_name(fault.vector), fault.error, fault.frame.eip);
		return 0;
	}
	return fault.frame.eax;
}

static void test_kernel(void)
{
	uint32_t block[2] = { 0x1234, 0x5678 }, low = 0, high = 0;

	tables_set_segment(SELECTOR_SPARE, segment((uint32_t)&block[1], 0xfffff, ACCESS_DATA, 0,
						   FLAGS_32 | FLAGS_PAGES));
	try_load_fs(SELECTOR_SPARE | cpu_ring());
	report(read_fs(0, &high) && high == 0x5678 && read_fs(-4u, &low) && low == 0x1234
	       && read_fs(0, &high) && write_fs(-4u, 0x9abc) && block[0] == 0x9abc,
	       "the kernel's FS at offsets 0 and -4");
	try_load_fs(0);
}

void test_thread_local(void)
{
	uint32_t before, after;
	struct fault fault;

	test_kernel();
	before = statistic("segment-flip");
	set_thread(0);
	report_equal(run(task_thread, ROUNDS), ROUNDS, "a thread's variables below and above its base");
	report_equal(thread_block[0][7], ROUNDS, "below");
	report_equal(thread_block[0][9], ROUNDS, "above");
	set_thread(1);
	report_equal(run(task_thread, ROUNDS), ROUNDS, "another thread's after three WriteGDTEntry");
	report_equal(thread_block[1][7], ROUNDS, "below");
	report_equal(run(task_push, 1), 0x600d, "PUSH, POP, CALL and XCHG through GS");
	report_equal(run(task_copy, 1), 0x600d, "MOVS between two such segments");
	user_run((uint32_t)task_straddle, user_stack_top(), NULL, &fault);
	report(fault.vector == TRAP_USER_EXIT || fault.vector == TRAP_PROTECTION,
	       "a word on both sides of the base: %s", trap_name(fault.vector));
	report_equal(run(task_thread, ROUNDS), ROUNDS, "and again below and above");
	after = statistic("segment-flip");
	print("segments: %u exchanges of a segment's halves\n", after - before);
	if (platform_cuts_segments() && cpu_checks_limits())
		report(after != before && after - before <= 14 * ROUNDS, "exchanges are counted, and bounded");
	else
		report_equal(after - before, 0, "no exchange is needed");
}
