/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Idleness, for the host to measure: what a guest that does nothing costs it.
 * `idle=tick` halts under a tick of the PIT's; `idle=timer` has no tick, but
 * each interrupt asks for the next, as far away as a tick is; `idle=second`,
 * a second away.  Natively that is the APIC timer's one-shot, in the monitor an
 * alarm.  tools/bench ends the run.
 */
#include "bench.h"

#include "apic.h"

#define TICK_HZ		100
#define VECTOR		0x71

static uint32_t apic_count;		/* of its timer's clock, until the next */
static uint64_t cycles;

static bool on_timer(struct trap_frame *frame)
{
	(void)frame;
	apic_write(APIC_EOI, 0);
	return true;
}

static void set_next(void)
{
	if (platform_is_vmi())
		vmi_set_alarm(VMI_CYCLES_REAL | VMI_ALARM_WIRED_LVTT,
			      vmi_get_cycle_counter(VMI_CYCLES_REAL) + cycles, 0);
	else
		apic_write(APIC_TIMER_INITIAL, apic_count);
}

static void timer_start(uint32_t hz)
{
	apic_enable();
	apic_count = apic_timer_fiftieth(TIMER_DIVIDE_16) / hz * 50;
	trap_set_handler(VECTOR, on_timer);
	apic_write(APIC_LVT_TIMER, VECTOR);
	if (platform_is_vmi())
		cycles = vmi_get_cycle_frequency() / hz;
}

void idle(void)
{
	bool tick = boot_word_is("idle", "tick");

	if (tick)
		pit_start(TICK_HZ);
	else
		timer_start(boot_word_is("idle", "second") ? 1 : TICK_HZ);
	print("bench: idle\n");
	for (;;) {
		if (!tick)
			set_next();
		vmi_halt();
		vmi_disable_interrupts();
	}
}
