/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: thousands of random instructions, descriptors, gates, LDTs, TSSs and SYSENTER targets in both rings and in V8086 mode, words in the state page: each ends in an exception of the guest's, in a ring of the guest's.
 * Environments: paged bochs bochs-paged paged-checked
 * Variants: paging=32 paging=pae
 * Qemu: -icount shift=3,sleep=off
 *
 * Time is counted in instructions, so that no tick can come while the host is away.
 * `seed=N`, one digit, is another run.  Where TCG would be the way out (segment
 * mode; ring 3's IRET) it is not tried there (docs/architecture.md).
 */
#include "hostile.h"

#include "runtime.h"

#include "apic.h"
#include "msr.h"
#include "vmi.h"

#include "base/hole.h"

#define ROUNDS		400
#define STUCK_TICKS	3
#define TICK_HZ		1000
#define TSS_BITMAP_OFFSET (HOLE_TSS + 0x66)	/* where the processor reads it */

/* enter.asm */
void hostile_enter(const uint32_t *registers, uint32_t eip, uint32_t cs);
extern uint8_t user_scratch[256];

uint32_t endings[256];
uint8_t kernel_code[64] __attribute__((aligned(64)));
static uint8_t kernel_scratch[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint8_t kernel_stack[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint32_t escapes, stuck;

/* A word that matters to somebody. */
uint32_t hostile_value(uint32_t scratch)
{
	static const uint32_t values[] = {
		0, 1, 8, 0x80, 0xff, MSR_SYSENTER_CS, 0x70000000, HOLE_BASE - 1, HOLE_ROM, HOLE_STATE, HOLE_QUEUE,
		HOLE_GATE, HOLE_GDT + 8, TSS_BITMAP_OFFSET, HOLE_CPU, HOLE_BLOCK + BLOCK_IMAGE, HOLE_WINDOWS,
		APIC_PHYSICAL + APIC_ID, 0xffffffff, 0x7fffffff, 0x80000000, MONITOR_CS, MONITOR_DS,
		MONITOR_TSS | 3, 0x33, 0x3c,
	};

	return random_below(3) ? scratch + random_below(64) : PICK(values);
}

static void judge(const struct fault *fault)
{
	const struct trap_frame *f = &fault->frame;

	if (fault->vector == NO_FAULT)
		return;
	endings[fault->vector]++;
	if ((f->cs & 3) == 1 || (f->cs & 3) == 3 || f->eflags & EFLAGS_VM)
		return;
	escapes++;
	print("  ring %u: %s at %x:%x\n", f->cs & 3, trap_name(fault->vector), f->cs, f->eip);
}

static void quiet(void)
{
	__asm__ volatile("movl %0, %%fs; movl %0, %%gs" : : "r" (0));
	vmi_disable_interrupts();
	vmi_set_dr7(0x400);
}

static void (*wanted)(void *);

static void catch_user(void *argument)
{
	struct fault fault;

	if (expect_user_fault(wanted, argument, &fault))
		judge(&fault);
}

void hostile_run(void (*enter)(void *), void *argument)
{
	struct fault fault;

	wanted = enter;
	stuck = 0;
	if (expect_fault(catch_user, argument, &fault))
		judge(&fault);
	quiet();
}

static uint32_t wanted_eip, wanted_cs, wanted_esp;

static void enter_kernel(void *registers)
{
	hostile_enter(registers, wanted_eip, wanted_cs);
}

void hostile_kernel(uint32_t eip, uint32_t cs)
{
	uint32_t registers[8], i;

	for (i = 0; i < 8; i++)
		registers[i] = hostile_value((uint32_t)kernel_scratch + PAGE_SIZE / 2);
	registers[6] = random_below(2) ? random_below(64) : MSR_SYSENTER_CS + random_below(4);	/* ECX counts */
	registers[3] = (uint32_t)kernel_stack + PAGE_SIZE - 256;
	memset(kernel_scratch, 0xcc, sizeof(kernel_scratch));	/* INT3, should it be run */
	for (i = 0; i < 16; i++)	/* a frame for returns */
		((uint32_t *)registers[3])[i] = hostile_value((uint32_t)kernel_scratch);
	wanted_eip = eip;
	wanted_cs = cs;
	hostile_run(enter_kernel, registers);
}

static void enter_user(void *registers)
{
	struct fault fault;

	user_run(wanted_eip, wanted_esp, registers, &fault);
	judge(&fault);
}

void hostile_user(uint32_t eip, uint32_t esp)
{
	struct trap_frame registers = { 0 };
	uint32_t *r = &registers.edi, i;

	for (i = 0; i < 8; i++)
		r[i] = hostile_value((uint32_t)user_scratch);
	wanted_eip = eip;
	wanted_esp = esp;
	hostile_run(enter_user, &registers);
}

/* A loop of ring 3's ends here. */
static void tick(struct trap_frame *frame)
{
	if (trap_from_user(frame) && ++stuck > STUCK_TICKS)
		frame->eip = (uint32_t)user_out;
}

/* Breakpoints and steps that were set are in nobody's way. */
static bool take_debug(struct trap_frame *frame)
{
	vmi_set_dr7(0x400);
	frame->eflags &= ~EFLAGS_TF;
	return true;
}

/* INT n */
static bool take_interrupt(struct trap_frame *frame)
{
	(void)frame;
	return true;
}

static void report_endings(void)
{
	unsigned int i, kinds = 0;

	for (i = 0; i < COUNT(endings); i++)
		if (endings[i]) {
			print("hostile: %u by %s %u\n", endings[i], trap_name(i), i);
			kinds++;
		}
	report(kinds > 4, "they end in %u ways", kinds);
}

static void test(void (*attack)(void), unsigned int rounds, const char *what)
{
	unsigned int i;

	escapes = 0;
	for (i = 0; i < rounds; i++)
		attack();
	report_equal(escapes, 0, "%s, %u times", what, i);
}

int main(void)
{
	static char seed[] = "1";
	unsigned int i;
	uint32_t before;

	for (; seed[0] <= '9' && !boot_word_is("seed", seed); seed[0]++)
		;
	random_start(0x1234567u * (uint32_t)(seed[0] - '0' + 1));
	if (platform_cuts_segments() && !cpu_checks_limits()) {
		report_skip("nothing holds ring 1 here");
		return 0;
	}
	/* An FPU error as IRQ 13 has QEMU 7.2 abort (it raises the line without its lock). */
	if (!cpu_checks_limits())
		vmi_set_cr0(vmi_get_cr0() | CR0_NE);
	trap_set_handler(TRAP_DEBUG, take_debug);
	for (i = IRQ_VECTOR + 1; i < IDT_ENTRIES; i++)
		if (i != TRAP_USER_EXIT)
			trap_set_handler((uint8_t)i, take_interrupt);
	hostile_user((uint32_t)user_out, user_stack_top());	/* the first VMI_IRET: frames have true RPLs */
	pit_set_hook(tick);
	pit_start(TICK_HZ);
	test(hostile_instruction, ROUNDS, "instructions");
	test(hostile_descriptor, ROUNDS, "descriptors");
	test(hostile_gate, ROUNDS, "gates");
	test(hostile_system, ROUNDS / 4, "LDTs, TSSs and SYSENTER");
	if (cpu_checks_limits())
		test(hostile_v86, ROUNDS, "V8086 mode");
	hostile_state_begin();
	test(hostile_state, ROUNDS * 4, "words in the state page");
	before = pit_ticks();
	vmi_halt();
	vmi_disable_interrupts();
	report_equal(pit_ticks() - before, 1, "and the tick goes on");
	pit_stop();
	report_endings();
	return 0;
}
