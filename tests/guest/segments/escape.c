/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways at the monitor through descriptors: every kind of segment, with every
 * base that matters, and every system descriptor.  Each access must fault.
 * Natively nothing is mapped there, and it does so too.
 */
#include "segments.h"

#include "runtime.h"

#include "vmi.h"

#include "base/hole.h"

/* tasks_user.asm */
extern const uint8_t task_far_call[], task_far_at[], task_read[], task_access[];

/*
 * In paged mode the kernel may see the gate, what the processor needs at an
 * entry, and may write to its entry stack, on which nothing is while it runs
 * (docs/architecture.md); natively, and by limits, nothing of all this.
 */
enum { HIDDEN, READ_ONLY, WRITABLE };

static const struct {
	uint32_t at;
	unsigned paged;
} targets[] = {
	{ HOLE_GATE, READ_ONLY },
	{ HOLE_GDT, READ_ONLY },
	{ HOLE_IDT, READ_ONLY },
	{ HOLE_STACK_TOP - 16, WRITABLE },
	{ HOLE_CPU, HIDDEN },
	{ HOLE_LDT, READ_ONLY },
	{ HOLE_BLOCK + BLOCK_IMAGE, HIDDEN },
	{ HOLE_WINDOWS, HIDDEN },
	{ HOLE_APIC + 0x20, HIDDEN },
	{ 0xfffffffc, HIDDEN },
};
#define TARGETS	(sizeof(targets) / sizeof(targets[0]))

static bool paged;

static const uint32_t bases[] = {
	0, 1, 0x1000, 0x123456, 0x80000000, 0xf0000001, HOLE_BASE - PAGE_SIZE, HOLE_GUEST_END - 1,
	HOLE_GUEST_END, HOLE_GDT, HOLE_APIC, 0xffff0000, 0xfffff000, 0xffffffff,
};

static const uint32_t limits[] = {
	0, 0xfff, 0xffff, (HOLE_BASE - 1) / PAGE_SIZE, (HOLE_GUEST_END - 1) / PAGE_SIZE,
	HOLE_GUEST_END / PAGE_SIZE, 0xffffe, 0xfffff,
};

static const uint32_t kinds[] = { ACCESS_DATA, ACCESS_DOWN, ACCESS_CODE, ACCESS_CONFORMING };

/* Escapes through one descriptor, both ways of a wrapping one. */
static unsigned try_targets(uint32_t base)
{
	unsigned i, round, escapes = 0;
	uint32_t value;

	for (round = 0; round < 2; round++)
		for (i = 0; i < TARGETS; i++) {
			unsigned allowed = paged ? targets[i].paged : HIDDEN;

			escapes += read_fs(targets[i].at - base, &value) && allowed == HIDDEN;
			escapes += write_fs(targets[i].at - base, 0) && allowed != WRITABLE;
		}
	return escapes;
}

static unsigned try_kind(uint32_t access, uint32_t flags, unsigned ring)
{
	unsigned i, j, escapes = 0;

	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		for (j = 0; j < sizeof(limits) / sizeof(limits[0]); j++) {
			tables_set_segment(SELECTOR_SPARE, segment(bases[i], limits[j], access, ring,
								   flags));
			if (try_load_fs(SELECTOR_SPARE | (ring ? ring : cpu_ring())))
				escapes += try_targets(bases[i]);
		}
	try_load_fs(0);
	return escapes;
}

static void test_segments(void)
{
	static const uint32_t flags[] = { 0, FLAGS_32, FLAGS_PAGES, FLAGS_32 | FLAGS_PAGES };
	unsigned kind, i;

	for (kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
			report_equal(try_kind(kinds[kind], flags[i], 0)
				     + try_kind(kinds[kind], flags[i], 3), 0,
				     "type %x, flags %x reach nothing", kinds[kind], flags[i]);
}

/* To ring 3 all of the hole is closed, the guest part too. */
static void test_user(void)
{
	static const uint32_t guest_part[] = { HOLE_ROM, HOLE_STATE, HOLE_GATE_INFO, HOLE_QUEUE };
	unsigned i;

	tables_set_segment(SELECTOR_SPARE, segment(0, 0xfffff, ACCESS_DATA, 3, FLAGS_32 | FLAGS_PAGES));
	for (i = 0; i < TARGETS + sizeof(guest_part) / sizeof(guest_part[0]); i++) {
		uint32_t at = i < TARGETS ? targets[i].at : guest_part[i - TARGETS];
		struct trap_frame registers = { .eax = SELECTOR_SPARE | 3, .ebx = at };
		struct fault fault;

		user_run((uint32_t)task_read, user_stack_top(), &registers, &fault);
		report((fault.vector == TRAP_PAGE && fault.cr2 == at) || fault.vector == TRAP_PROTECTION,
		       "ring 3 reads %x: %s", at, trap_name(fault.vector));
		user_run((uint32_t)task_access, user_stack_top(), &registers, &fault);
		report((fault.vector == TRAP_PAGE && fault.cr2 == at) || fault.vector == TRAP_PROTECTION,
		       "ring 3 writes %x: %s", at, trap_name(fault.vector));
	}
	__asm__ volatile("movl %0, %%gs" : : "r" (0));	/* ring 3's, until now */
	tables_set_segment(SELECTOR_SPARE, 0);
}

struct far_pointer {
	uint32_t offset;
	uint16_t selector;
} __attribute__((packed));

static void jump_far(void *pointer)
{
	__asm__ volatile("ljmp *(%0)" : : "r" (pointer) : "memory");
}

static void call_far(void *pointer)
{
	__asm__ volatile("lcall *(%0)" : : "r" (pointer) : "memory");
}

static void return_far(void *pointer)
{
	const struct far_pointer *to = pointer;

	__asm__ volatile("pushl %0; pushl %1; lret" : : "r" ((uint32_t)to->selector), "r" (to->offset));
}

static void check_far(void (*how)(void *), uint16_t selector, const char *what)
{
	struct far_pointer pointer = { .offset = 0, .selector = selector };
	struct fault fault;

	expect_fault(how, &pointer, &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == (selector & ~3u),
	       "%s to %x: %s, error %x", what, selector, trap_name(fault.vector), fault.error);
}

static void check_selector(uint16_t selector)
{
	struct trap_frame registers = { .eax = selector | 3 };
	struct fault fault;

	check_far(jump_far, selector, "far jump");
	check_far(call_far, selector, "far call");
	check_far(return_far, selector | cpu_ring(), "far return");
	report(!try_load_fs(selector) && !try_load_fs(selector | 3), "FS := %x", selector);
	user_run((uint32_t)task_far_call, user_stack_top(), &registers, &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == selector
	       && fault.frame.eip == (uint32_t)task_far_at, "far call from ring 3 to %x: %s, error %x",
	       selector, trap_name(fault.vector), fault.error);
}

/* Under the monitor no system descriptor works; natively they would. */
static void test_system(void)
{
	static const uint32_t types[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	unsigned i;

	if (!platform_is_vmi())
		return;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		uint64_t gate = descriptor_gate(HOLE_GATE, MONITOR_CS,
						ACCESS_PRESENT | ACCESS_DPL(3) | types[i]);

		tables_set_segment(SELECTOR_SPARE, gate);
		print("segments: system type %x\n", types[i]);
		check_selector(SELECTOR_SPARE);
	}
}

void test_escapes(void)
{
	uint16_t selector;

	for (selector = MONITOR_CS; selector <= MONITOR_LDT + 8; selector += 8)
		check_selector(selector);
	test_system();
	tables_set_segment(SELECTOR_SPARE, 0);
	paged = platform_is_vmi() && !platform_cuts_segments();
	test_user();
	if (cpu_checks_limits() || paged)
		test_segments();
}
