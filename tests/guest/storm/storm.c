/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: 20,000 interrupts a second by the 8259, as many by the IO-APIC, the APIC's timer beside them, with masking at random: none is lost or comes twice.
 * Environments: native segment paged
 * Variants: by=pair by=pins
 * Qemu: -icount shift=2,sleep=off
 *
 * Every tick of the PIT must be handled before the next one, or the line itself
 * loses it: so nothing here is held off for longer than a period.
 */
#include "runtime.h"

#include "apic.h"
#include "gaps.h"
#include "random.h"
#include "vmi.h"

#define STORM_HZ		20000
#define STORM_TICKS		6000
#define IOAPIC_LINEAR		0x50001000u
#define IOAPIC_PHYSICAL		0xfec00000u
#define PIN_TIMER		2
#define ENTRY_MASKED		0x10000u
#define VECTOR_PIN		0x61
#define VECTOR_TIMER		0x51
#define VECTOR_SELF		0x41
#define TIMER_TICKS		60000	/* of the APIC's clock, about 60 us */

static volatile uint32_t ticks, timer_ticks, selves, sent;
static struct gaps gaps;
static bool by_pins;

static void set_pin(uint32_t flags)
{
	volatile uint32_t *ioapic = (volatile uint32_t *)IOAPIC_LINEAR;

	ioapic[0] = 0x10 + 2 * PIN_TIMER + 1;
	ioapic[4] = apic_read(APIC_ID);
	ioapic[0] = 0x10 + 2 * PIN_TIMER;
	ioapic[4] = VECTOR_PIN | flags;
}

static void tick(void)
{
	gaps_note(&gaps, pit_clock());
	ticks++;
}

static void on_irq(struct trap_frame *frame)
{
	(void)frame;
	tick();
}

static bool on_apic(struct trap_frame *frame)
{
	if (frame->vector == VECTOR_PIN)
		tick();
	else if (frame->vector == VECTOR_TIMER)
		timer_ticks++;
	else
		selves++;
	apic_write(APIC_EOI, 0);
	return true;
}

static void work(uint32_t rounds)
{
	while (rounds--)
		__asm__ volatile("" : : : "memory");
}

/* An edge at a masked pin of the IO-APIC is lost: there only the flag masks. */
static void one_step(void)
{
	uint32_t choice = random_below(8), rounds = random_below(600);

	if (choice == 0 && !by_pins) {
		irq_mask(IRQ_TIMER);
		work(rounds);
		irq_unmask(IRQ_TIMER);
	} else if (choice == 1) {
		apic_write(0x080, 0xf0);	/* task priority */
		work(rounds);
		apic_write(0x080, 0);
	} else if (choice == 2) {
		vmi_disable_interrupts();
		sent++;
		apic_write(APIC_ICR_LOW, ICR_SELF | VECTOR_SELF);
		work(rounds / 4);
		vmi_enable_interrupts();
	} else if (choice < 6) {
		vmi_disable_interrupts();
		work(rounds);
		vmi_set_interrupt_mask(EFLAGS_IF);
	} else if (choice == 6) {
		vmi_halt();
	} else {
		work(rounds);
	}
}

static void wait_ticks(uint32_t count)
{
	uint32_t end = ticks + count;

	while (ticks < end)
		;
}

int main(void)
{
	uint32_t period, want;
	uint64_t first;

	by_pins = boot_word_is("by", "pins");
	apic_map();
	paging_map(IOAPIC_LINEAR, IOAPIC_PHYSICAL, PTE_PRESENT | PTE_WRITE | PTE_UNCACHED);
	trap_set_handler(VECTOR_PIN, on_apic);
	trap_set_handler(VECTOR_TIMER, on_apic);
	trap_set_handler(VECTOR_SELF, on_apic);
	pit_clock_start();
	apic_write(APIC_SVR, SVR_ENABLED);
	apic_write(APIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
	apic_write(APIC_LVT_TIMER, LVT_PERIODIC | VECTOR_TIMER);
	apic_write(APIC_TIMER_INITIAL, TIMER_TICKS);
	pit_start(STORM_HZ);
	pit_set_hook(on_irq);
	if (by_pins) {
		irq_mask(IRQ_TIMER);
		set_pin(0);
	}
	vmi_enable_interrupts();
	wait_ticks(3);		/* the first that counts and the last are handled at once */
	vmi_disable_interrupts();
	first = gaps.last;
	ticks = 1;
	vmi_enable_interrupts();
	while (ticks < STORM_TICKS)
		one_step();
	wait_ticks(2);
	vmi_disable_interrupts();
	set_pin(ENTRY_MASKED);
	pit_stop();
	apic_write(APIC_TIMER_INITIAL, 0);
	period = pit_period();
	want = 1 + ((uint32_t)(gaps.last - first) + period / 2) / period;
	report_equal(ticks, want, "ticks at %u Hz", STORM_HZ);
	report(gaps.farthest < 2 * period, "they are %u to %u clocks apart, %u on the average",
	       (uint32_t)gaps.closest, (uint32_t)gaps.farthest, period);
	report_equal(selves, sent, "self-IPIs sent in between");
	report(timer_ticks > 1000, "ticks of the APIC's timer: %u", timer_ticks);
	report_equal(pic_spurious(), 0, "none was spurious");
	return 0;
}
