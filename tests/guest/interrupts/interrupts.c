/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: device interrupts arrive once each, in time and in order: PIT at 1 kHz, masks, halt, keyboard, serial, RTC, nesting.
 * Environments: native segment paged bochs bochs-paged
 * Qemu: -icount shift=3,sleep=off -rtc clock=vm
 *
 * Time is counted in instructions, the RTC's too, so that a busy host loses no
 * tick and lets none come in a burst.
 */
#include "interrupts.h"

#include "runtime.h"

#include "gaps.h"
#include "pit.h"
#include "random.h"
#include "statistic.h"
#include "vmi.h"

#define TICKS			200

/* spin_user.asm */
extern const uint8_t task_spin[];
extern volatile uint32_t spin_stop, spin_rounds;

static struct gaps gaps;
static uint32_t user_ticks;

bool wait_requested(uint16_t lines)
{
	uint64_t start = pit_clock();

	while ((pic_requested() & lines) != lines)
		if (pit_clock() - start > PIT_HZ / 10)
			return false;
	return true;
}

static void note_gap(struct trap_frame *frame)
{
	(void)frame;
	gaps_note(&gaps, pit_clock());
}

/* Computes and, as kernels do, disables interrupts for moments in between. */
static uint32_t work_until_tick(uint32_t tick)
{
	uint32_t value = 1, mask;
	unsigned int i;

	while (pit_ticks() < tick) {
		for (i = 0; i < 50; i++)
			value ^= random_next();
		mask = vmi_get_interrupt_mask();
		vmi_disable_interrupts();
		for (i = 0; i < 50; i++)
			value += random_next();
		vmi_set_interrupt_mask(mask);
		(void)pit_clock();
	}
	return value;
}

static void test_ticks(void)
{
	uint32_t ticks, expected;
	uint64_t start, elapsed;

	vmi_enable_interrupts();
	pit_start(TICK_HZ);
	pit_set_hook(note_gap);
	work_until_tick(1);
	start = gaps.last;
	work_until_tick(1 + TICKS);
	vmi_disable_interrupts();
	elapsed = gaps.last - start;
	ticks = pit_ticks() - 1;
	pit_stop();
	pit_set_hook(NULL);

	expected = ((uint32_t)elapsed + pit_period() / 2) / pit_period();
	report(ticks == expected, "%u ticks in the time of %u", ticks, expected);
	report(gaps.closest > pit_period() / 2 && gaps.farthest < pit_period() * 3 / 2,
	       "they are %u to %u clocks apart, %u on the average", (uint32_t)gaps.closest,
	       (uint32_t)gaps.farthest, pit_period());
}

static void test_halt(void)
{
	uint32_t halts = 0, before;

	vmi_disable_interrupts();
	pit_start(TICK_HZ);
	while (pit_ticks() < 20) {
		before = pit_ticks();
		vmi_halt();
		vmi_disable_interrupts();
		halts++;
		if (pit_ticks() == before)
			break;
	}
	pit_stop();
	report(halts == 20 && pit_ticks() == 20,
	       "each of %u halts ends with a tick", halts);
}

static void test_disabled(void)
{
	uint32_t before, after;

	vmi_disable_interrupts();
	pit_start(TICK_HZ);
	before = pit_ticks();
	wait_us(5000);
	report_equal(pit_ticks(), before, "no tick while disabled");
	report(pic_requested() & 1u << IRQ_TIMER, "but one waits");
	vmi_enable_interrupts();
	after = pit_ticks();
	vmi_disable_interrupts();
	report_equal(after - before, 1, "it comes with the enabling");

	wait_requested(1u << IRQ_TIMER);
	before = pit_ticks();
	vmi_set_interrupt_mask(EFLAGS_IF);
	after = pit_ticks();
	vmi_set_interrupt_mask(0);
	report_equal(after - before, 1, "or with the mask that enables");
	pit_stop();
}

/* In the monitor, one tick is latched for it, and that is all that it can be told. */
static void test_masked_is_quiet(void)
{
	uint32_t before = statistic("interrupt");

	wait_us(20000);
	report(statistic("interrupt") - before <= 1, "and it interrupts nobody");
}

/* Of the PIT's clocks, until the next tick. */
static uint32_t clocks_left(void)
{
	uint32_t low;

	vmi_outb(PIT_LATCH_0, PIT_COMMAND);
	low = vmi_inb(PIT_CHANNEL_0);
	return low | (uint32_t)vmi_inb(PIT_CHANNEL_0) << 8;
}

/* The line may rise later than the counter is taken up anew, where a host is busy. */
static void wait_for_tick(void)
{
	uint32_t now = clocks_left(), before;

	do {
		before = now;
		now = clocks_left();
	} while (now <= before);
	wait_us(300);
}

static void test_masked(void)
{
	uint32_t before;

	vmi_enable_interrupts();
	pit_start(TICK_HZ);
	irq_mask(IRQ_TIMER);
	before = pit_ticks();
	wait_us(5000);
	report_equal(pit_ticks(), before, "no tick while the line is masked");
	test_masked_is_quiet();
	wait_for_tick();
	irq_unmask(IRQ_TIMER);
	report_equal(pit_ticks() - before, 1, "the one that waited comes with the unmasking");
	before = pit_ticks();
	wait_us(5000);
	report(pit_ticks() - before >= 4 && pit_ticks() - before <= 6,
	       "and the others follow: %u in 5 ms", pit_ticks() - before);
	vmi_disable_interrupts();
	pit_stop();
}

static void stop_spinning(struct trap_frame *frame)
{
	if (trap_from_user(frame) && ++user_ticks == 10)
		spin_stop = 1;
}

static void test_user(void)
{
	struct trap_frame registers = {
		.ebx = 0xb1b1b1b1, .ecx = 0xc1c1c1c1, .edx = 0xd1d1d1d1,
		.esi = 0x51515151, .edi = 0x61616161, .ebp = 0x71717171,
	};
	struct fault fault;
	const struct trap_frame *end = &fault.frame;

	pit_start(TICK_HZ);
	pit_set_hook(stop_spinning);
	user_run((uint32_t)task_spin, user_stack_top(), &registers, &fault);
	pit_stop();
	pit_set_hook(NULL);
	report(fault.vector == TRAP_USER_EXIT && user_ticks == 10
	       && spin_rounds > 0, "ticks interrupt ring 3, which goes on");
	report(end->ebx == registers.ebx && end->ecx == registers.ecx
	       && end->edx == registers.edx && end->esi == registers.esi
	       && end->edi == registers.edi && end->ebp == registers.ebp
	       && end->esp == user_stack_top(), "with all its registers");
}

int main(void)
{
	pit_clock_start();
	test_ticks();
	test_halt();
	test_disabled();
	test_masked();
	test_user();
	keyboard_init();
	test_keyboard();
	test_serial();
	test_rtc();
	test_priorities();
	report_equal(pic_in_service(), 0, "nothing is left in service");
	report_equal(pic_spurious(), 0, "no interrupt was spurious");
	return 0;
}
