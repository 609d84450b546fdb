/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a raw CLI clears the interrupt flag and nothing else: by whatever prefixes, from whatever segment, stepped over, at the end of a page, and not from ring 3.
 * Environments: native bochs-native segment paged bochs bochs-paged
 * Variants: paging=32 paging=pae
 * Qemu: -icount shift=3,sleep=off
 *
 * The plain one in a flat segment is carried out in the monitor's gate
 * (hypervisor/entry/entry.asm), which hands on what is otherwise. V8086 mode's is in
 * tests/guest/v86.
 */
#include "runtime.h"

#include "vmi.h"

#define CODE		SELECTOR_SPARE
#define LDT		(SELECTOR_SPARE + 8)
#define LDT_CODE	4			/* its entry 0 */
#define ACCESS_LDT	0x02
#define FLAG_32		((uint64_t)0x00400000 << 32)
#define FLAG_PAGES	((uint64_t)0x00800000 << 32)
#define DR6_BS		0x4000u
#define DR7_FIXED	0x400u
#define DR7_READ_0	(DR7_FIXED | 0x2u | 0xfu << 16)	/* four bytes */
#define TAIL		0x40000000u
#define FORM_MAX	16

struct far {
	uint32_t offset, selector;
};

/* enter.asm, task_user.asm */
void cli_enter(const struct far *to, uint32_t flags);
extern volatile uint32_t cli_after[9];
extern const uint8_t task_cli[];

static uint8_t code[64] __attribute__((aligned(64)));
static uint64_t ldt[1] __attribute__((aligned(PAGE_SIZE)));

/* ---- single step ---- */

static struct far step_at;
static uint32_t steps, step_mask, other_traps;

static bool take_step(struct trap_frame *frame)
{
	uint32_t cause = vmi_get_dr6();

	vmi_set_dr6(0);
	if (!(cause & DR6_BS))
		other_traps++;
	if (frame->eip == step_at.offset && (frame->cs & 0xfffc) == (step_at.selector & 0xfffc)) {
		steps++;
		/* what the CLI made of it; this gate has interrupts off */
		step_mask = frame->eflags & EFLAGS_IF;
	}
	return true;
}

/* ---- one CLI ---- */

static const struct form {
	const char *name;
	uint8_t length, bytes[FORM_MAX];
} forms[] = {
	{ "CLI", 1, { 0xfa } },
	{ "o16 CLI", 2, { 0x66, 0xfa } },
	{ "a16 CLI", 2, { 0x67, 0xfa } },
	{ "cs CLI", 2, { 0x2e, 0xfa } },
	{ "gs CLI", 2, { 0x65, 0xfa } },
	{ "rep CLI", 2, { 0xf3, 0xfa } },
	{ "repne CLI", 2, { 0xf2, 0xfa } },
	{ "o16 a16 ss rep CLI", 5, { 0x66, 0x67, 0x36, 0xf3, 0xfa } },
	{ "the longest CLI", 15, { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
				   0xfa } },
};

/* The form, and a far return of 32 bits in a segment of either size. */
static void place(const struct form *form, bool wide)
{
	uint8_t *end = code + form->length;

	memset(code, 0xcc, sizeof(code));
	memcpy(code, form->bytes, form->length);
	if (!wide)
		*end++ = 0x66;
	*end = 0xcb;
}

static bool registers_kept(void)
{
	return cli_after[7] == 0xa0000001 && cli_after[6] == 0xc0000002 && cli_after[5] == 0xd0000003
	       && cli_after[4] == 0xb0000004 && cli_after[2] == 0xe0000005 && cli_after[1] == 0x50000006
	       && cli_after[0] == 0xf0000007;
}

static void check(const struct form *form, struct far to, const char *where, uint32_t flags)
{
	uint32_t mask;

	flags |= EFLAGS_FIXED | EFLAGS_IF | EFLAGS_DF | EFLAGS_ARITH;
	step_at = (struct far){ to.offset + form->length, to.selector };
	steps = other_traps = 0;
	step_mask = EFLAGS_IF;
	vmi_enable_interrupts();
	cli_enter(&to, flags);
	mask = vmi_get_interrupt_mask();
	vmi_disable_interrupts();
	report(mask == 0 && registers_kept()
	       && (cli_after[8] & (EFLAGS_DF | EFLAGS_ARITH)) == (EFLAGS_DF | EFLAGS_ARITH) && other_traps == 0
	       && (flags & EFLAGS_TF ? steps == 1 && step_mask == 0 : steps == 0),
	       "%s in %s%s: mask %x, flags %x, steps %u", form->name, where, flags & EFLAGS_TF ? ", stepped" : "",
	       mask, cli_after[8], steps);
}

static void check_forms(uint32_t base, uint32_t selector, bool wide, const char *where)
{
	struct far to = { (uint32_t)code - base, selector };
	unsigned int i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		place(&forms[i], wide);
		check(&forms[i], to, where, 0);
		check(&forms[i], to, where, EFLAGS_TF);
	}
}

static uint64_t segment(uint32_t base, uint32_t limit, uint32_t access)
{
	return descriptor_segment(base, limit, ACCESS_PRESENT | access);
}

static void test_segments(void)
{
	uint32_t base = (uint32_t)code & ~0xfffu, ring = cpu_ring();

	check_forms(0, read_cs(), true, "the kernel's segment");
	tables_set_segment(CODE, segment(base, 0xfff, ACCESS_CODE) | FLAG_32);
	check_forms(base, CODE | ring, true, "a small segment");
	tables_set_segment(CODE, segment(0x10000, 0xfffff, ACCESS_CODE) | FLAG_32 | FLAG_PAGES);
	check_forms(0x10000, CODE | ring, true, "a segment with a base");
	tables_set_segment(CODE, segment(base, 0xffff, ACCESS_CODE));
	check_forms(base, CODE | ring, false, "a 16-bit segment");
	ldt[0] = segment(0, 0xfffff, ACCESS_CODE) | FLAG_32 | FLAG_PAGES;
	tables_set_segment(LDT, segment((uint32_t)ldt, sizeof(ldt) - 1, ACCESS_LDT));
	vmi_set_ldt(LDT);
	check_forms(0, LDT_CODE | ring, true, "a segment of the LDT");
	vmi_set_ldt(0);
}

/* ---- where it does not work, or is the last thing that does ---- */

static struct far target;

static void enter(void *unused)
{
	(void)unused;
	cli_enter(&target, EFLAGS_FIXED | EFLAGS_IF);
}

static void check_fault(uint32_t vector, uint32_t offset, uint32_t mask, const char *what)
{
	struct fault fault;

	vmi_enable_interrupts();
	expect_fault(enter, NULL, &fault);
	vmi_disable_interrupts();
	report(fault.vector == vector && fault.error == 0 && fault.frame.eip == offset
	       && (fault.frame.eflags & EFLAGS_IF) == mask, "%s: %s, error %x, at %x, flags %x", what,
	       trap_name(fault.vector), fault.error, fault.frame.eip, fault.frame.eflags);
}

/* The gate reads four bytes: here there is one, or the next page cannot be read. */
static void test_page_end(void)
{
	uint32_t frame = memory_allocate_page();

	paging_map(TAIL, frame, PTE_PRESENT | PTE_WRITE);
	((uint8_t *)frame)[PAGE_SIZE - 1] = 0xfa;
	target = (struct far){ TAIL + PAGE_SIZE - 1, read_cs() };
	check_fault(TRAP_PAGE, TAIL + PAGE_SIZE, 0, "the last byte of a page");
	((uint8_t *)frame)[PAGE_SIZE - 2] = 0x66;
	target.offset = TAIL + PAGE_SIZE - 2;
	check_fault(TRAP_PAGE, TAIL + PAGE_SIZE, 0, "the last two bytes of a page");
	paging_unmap(TAIL);
}

static void test_limit(void)
{
	uint32_t ring = cpu_ring();

	if (!cpu_checks_limits())
		return;
	memset(code, 0x90, sizeof(code));
	code[1] = 0xfa;
	tables_set_segment(CODE, segment((uint32_t)code, 1, ACCESS_CODE) | FLAG_32);
	target = (struct far){ 0, CODE | ring };
	check_fault(TRAP_PROTECTION, 2, 0, "the last byte of a segment");
	/* Elsewhere: Bochs itself trusts what it has decoded. */
	memcpy(code + 32, code, 2);
	tables_set_segment(CODE, segment((uint32_t)code + 32, 0, ACCESS_CODE) | FLAG_32);
	check_fault(TRAP_PROTECTION, 1, EFLAGS_IF, "beyond the segment");
}

static void test_wrong(void)
{
	target = (struct far){ (uint32_t)code, read_cs() };
	memset(code, 0x66, sizeof(code));
	code[0] = 0xf0;
	code[1] = 0xfa;
	if (cpu_checks_limits())	/* TCG itself ignores LOCK */
		check_fault(TRAP_INVALID_OPCODE, (uint32_t)code, EFLAGS_IF, "lock CLI");
	code[0] = 0x66;
	code[1] = 0x66;
	code[15] = 0xfa;
	check_fault(TRAP_PROTECTION, (uint32_t)code, EFLAGS_IF, "a CLI of 16 bytes");
}

static void test_user(void)
{
	struct fault fault;

	user_run((uint32_t)task_cli, user_stack_top(), NULL, &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == 0 && fault.frame.eip == (uint32_t)task_cli
	       && fault.frame.eflags & EFLAGS_IF, "ring 3's: %s", trap_name(fault.vector));
}

/* ---- what it is for ---- */

/* What comes meanwhile waits, and comes once. */
static void test_held(void)
{
	uint64_t begin;
	uint32_t before;

	pit_start(1000);
	vmi_enable_interrupts();
	while (pit_ticks() == 0)
		vmi_pause();
	__asm__ volatile("cli" : : : "memory");
	before = pit_ticks();
	pit_clock_start();
	do {
		begin = pit_clock();
	} while (begin < 4 * pit_period());
	report_equal(pit_ticks(), before, "no tick while it is clear");
	vmi_enable_interrupts();
	__asm__ volatile("nop");
	vmi_disable_interrupts();
	pit_stop();
	/* The one that waits, and perhaps one that just comes. */
	report(pit_ticks() - before - 1 <= 1, "one of them when it is set: %u", pit_ticks() - before);
}

/* The monitor's reading of the instruction is no access of the guest's. */
static void test_watched(void)
{
	struct far to = { (uint32_t)code, read_cs() };

	place(&forms[0], true);
	vmi_set_dr(0, (uint32_t)code);
	vmi_set_dr6(0);
	vmi_set_dr7(DR7_READ_0);
	check(&forms[0], to, "watched memory", 0);
	vmi_set_dr7(DR7_FIXED);
}

int main(void)
{
	trap_set_handler(TRAP_DEBUG, take_step);
	test_segments();
	test_page_end();
	test_limit();
	test_wrong();
	test_user();
	test_held();
	test_watched();
	return 0;
}
