/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: periodic alarms on both counters and a sleep by one-shots go on evenly; tests/test_pause.py stops and restores the machine meanwhile.
 * Environments: segment paged
 * Qemu: -icount shift=3
 *
 * Counters stand still while the machine does, so no tick is lost then, and none
 * comes in a burst afterwards.  That shows while the guest is busy, as time is
 * counted in instructions then; an idle one (`idle`) waits by the host's clock, as
 * the CMOS clock runs by it, and its wall clock jumps: the last line says how often.
 */
#include "runtime.h"

#include "apic.h"
#include "gaps.h"
#include "pit.h"
#include "vmi.h"

#define VECTOR_LVTT	0x71
#define TICKS		60
#define TICKS_LONG	600

static uint64_t period;
static struct gaps gaps;
static volatile uint32_t ticks, others;

static void on_tick(struct trap_frame *frame)
{
	(void)frame;
	gaps_note(&gaps, vmi_get_cycle_counter(VMI_CYCLES_REAL));
	ticks++;
}

static bool on_lvtt(struct trap_frame *frame)
{
	(void)frame;
	others++;
	apic_write(APIC_EOI, 0);
	return true;
}

int main(void)
{
	uint32_t want = boot_has_word("long") ? TICKS_LONG : TICKS, jumps = 0;
	bool idle = boot_has_word("idle");
	uint64_t start;

	period = (uint32_t)vmi_get_cycle_frequency() / 200;
	apic_enable();
	apic_write(APIC_LVT_TIMER, VECTOR_LVTT);
	trap_set_handler(VECTOR_LVTT, on_lvtt);
	irq_set_handler(IRQ_TIMER, on_tick);
	pit_one_shot(PIT_AT_ONCE);
	vmi_enable_interrupts();
	start = vmi_get_cycle_counter(VMI_CYCLES_REAL) + period;
	while (vmi_get_cycle_counter(VMI_CYCLES_REAL) < start)
		;
	vmi_disable_interrupts();
	ticks = 0;
	gaps = (struct gaps){ .events = 0 };
	vmi_wallclock_updated();
	start = vmi_get_cycle_counter(VMI_CYCLES_REAL);
	vmi_set_alarm(VMI_CYCLES_REAL | VMI_ALARM_IS_PERIODIC, start + period, period);
	vmi_set_alarm(VMI_CYCLES_AVAILABLE | VMI_ALARM_IS_PERIODIC | VMI_ALARM_WIRED_LVTT,
		      vmi_get_cycle_counter(VMI_CYCLES_AVAILABLE) + period / 2, 2 * period);
	print("pause: ready\n");
	vmi_enable_interrupts();
	while (ticks < want) {
		if (idle) {
			vmi_halt();
			jumps += vmi_wallclock_updated();
		}
	}
	vmi_disable_interrupts();
	report(ticks == want, "%u ticks", ticks);
	print("pause: wall time jumped %u times\n", jumps);
	if (idle)
		return 0;
	report(gaps.last - start >= want * period && gaps.last - start < want * period + period / 4,
	       "%u ticks in as many periods", ticks);
	report(gaps.closest > period * 3 / 4 && gaps.farthest < period * 5 / 4, "evenly: %u to %u cycles, %u",
	       (uint32_t)gaps.closest, (uint32_t)gaps.farthest, (uint32_t)period);
	report_equal(others, want / 2, "beside others on available time");
	return 0;
}
