/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: the worked example of docs/abi.md, section 7: counters at each millisecond, and the alarms of both, while the monitor takes the processor away.
 * Environments: segment-checked paged-checked
 * Qemu: -icount shift=3,sleep=off
 *
 * The monitor of `make check-build` is told by two MSRs of its own (docs/time.md)
 * when to take the processor.  The vCPU runs to 3 ms, halts until its APIC timer interrupts at
 * 4 ms, waits until 5, runs to 6, is preempted until 9, and runs on.
 */
#include "runtime.h"

#include "apic.h"
#include "pit.h"
#include "vmi.h"

#define VECTOR_WAKE		0x71
#define MSR_TAKE_FROM		0x40000000u
#define MSR_TAKE_TO		0x40000001u
#define FIRES_MAX		8

static uint64_t ms, zero_real, zero_available, zero_stolen;
static uint64_t fired_real[FIRES_MAX], fired_available[FIRES_MAX];
static uint32_t fires_real, fires_available;
static volatile bool woken;
static bool on_available;	/* which of the alarms this round arms */

static uint64_t since(uint32_t counter, uint64_t zero)
{
	return vmi_get_cycle_counter(counter) - zero;
}

static uint64_t real(void)
{
	return since(VMI_CYCLES_REAL, zero_real);
}

static void on_alarm(struct trap_frame *frame)
{
	(void)frame;
	if (on_available && fires_available < FIRES_MAX)
		fired_available[fires_available++] = real();
	if (!on_available && fires_real < FIRES_MAX)
		fired_real[fires_real++] = real();
}

static bool on_wake(struct trap_frame *frame)
{
	(void)frame;
	woken = true;
	apic_write(APIC_EOI, 0);
	return true;
}

/* From and to so many microseconds. */
static void take(uint32_t from, uint32_t to)
{
	/* Not by cycles per microsecond: 9000 of those, rounded, are not 9 ms. */
	vmi_wrmsr(MSR_TAKE_FROM, zero_real + from * (uint64_t)ms / 1000);
	vmi_wrmsr(MSR_TAKE_TO, zero_real + to * (uint64_t)ms / 1000);
}

static bool is(uint64_t cycles, uint32_t want)
{
	uint64_t exact = want * ms, margin = ms / 8;

	return cycles + margin >= exact && cycles <= exact + margin;
}

static void run_until(uint32_t when)
{
	while (real() < when * ms)
		vmi_pause();
}

static const uint8_t stolen_at[] = { 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 4 };

/* What cannot be looked at, as the vCPU does not run then, follows from what can. */
static void check(uint32_t when)
{
	uint64_t stolen, available;

	run_until(when);
	stolen = since(VMI_CYCLES_STOLEN, zero_stolen);
	available = since(VMI_CYCLES_AVAILABLE, zero_available);
	report(is(stolen, stolen_at[when]) && is(available, when - stolen_at[when]),
	       "at %u ms: %u us stolen, %u available", when, (uint32_t)(stolen / (uint32_t)(ms / 1000)),
	       (uint32_t)(available / (uint32_t)(ms / 1000)));
}

static uint32_t apic_ticks(void)
{
	uint32_t ticks;

	apic_write(APIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_WAKE);
	zero_real = vmi_get_cycle_counter(VMI_CYCLES_REAL);
	apic_write(APIC_TIMER_INITIAL, 0xffffffff);
	run_until(4);
	ticks = 0xffffffff - vmi_apic_read((void *)APIC_TIMER_CURRENT);
	return ticks;
}

static void round_of(bool available)
{
	uint32_t ticks = apic_ticks();

	on_available = available;
	woken = false;
	zero_real = vmi_get_cycle_counter(VMI_CYCLES_REAL);
	zero_available = vmi_get_cycle_counter(VMI_CYCLES_AVAILABLE);
	zero_stolen = vmi_get_cycle_counter(VMI_CYCLES_STOLEN);
	apic_write(APIC_LVT_TIMER, VECTOR_WAKE);
	apic_write(APIC_TIMER_INITIAL, ticks);
	take(4000, 5000);
	if (available)
		vmi_set_alarm(VMI_CYCLES_AVAILABLE | VMI_ALARM_IS_PERIODIC, zero_available + ms,
			      2 * ms);
	else
		vmi_set_alarm(VMI_CYCLES_REAL | VMI_ALARM_IS_PERIODIC, zero_real + 3 * ms, 2 * ms);
	vmi_enable_interrupts();
	check(0);
	check(1);
	check(2);
	run_until(3);
	vmi_disable_interrupts();
	while (!woken) {
		vmi_halt();
		vmi_disable_interrupts();
	}
	vmi_enable_interrupts();
	take(6050, 9000);	/* what falls due at 6 ms comes before */
	check(5);
	run_until(9);
	check(9);
	check(10);
	vmi_disable_interrupts();
	vmi_cancel_alarm(available ? VMI_CYCLES_AVAILABLE : VMI_CYCLES_REAL);
}

/* Its last interrupt comes now, and is dropped. */
static void quiet_pit(void)
{
	pit_one_shot(PIT_AT_ONCE);
	zero_real = vmi_get_cycle_counter(VMI_CYCLES_REAL);
	vmi_enable_interrupts();
	run_until(1);
	vmi_disable_interrupts();
}

static void check_fires(const char *name, const uint64_t *at, uint32_t count, const uint8_t *want)
{
	uint32_t i;
	bool right = count == 3;

	for (i = 0; i < count; i++) {
		print("%s: fires at %u us\n", name, (uint32_t)(at[i] / (uint32_t)(ms / 1000)));
		right = right && is(at[i], want[i]);
	}
	report(right, "%s time: %u, %u, %u ms", name, want[0], want[1], want[2]);
}

/*
 * However a reading is interrupted by a theft, it is of one moment: the thefts
 * begin at each instruction of the loop in turn.
 */
static void test_torn(void)
{
	uint64_t before, available, last = 0, stolen, last_stolen = 0, sum, begin;
	uint32_t i, torn = 0, back = 0, thefts = 0;

	for (i = 0; i < 2000; i++) {
		begin = vmi_get_cycle_counter(VMI_CYCLES_REAL);
		if (i % 2 == 0) {
			vmi_wrmsr(MSR_TAKE_FROM, begin + 10000 + i * 4 % 4096);
			vmi_wrmsr(MSR_TAKE_TO, begin + 60000);
		}
		do {
			before = vmi_get_cycle_counter(VMI_CYCLES_REAL);
			stolen = vmi_get_cycle_counter(VMI_CYCLES_STOLEN);
			available = vmi_get_cycle_counter(VMI_CYCLES_AVAILABLE);
			sum = available + vmi_get_cycle_counter(VMI_CYCLES_STOLEN);
			if (available < last || stolen < last_stolen)
				back++;
			thefts += stolen != last_stolen;
			last_stolen = stolen;
			last = available;
			if (stolen == vmi_get_cycle_counter(VMI_CYCLES_STOLEN)
			    && (sum < before || sum > vmi_get_cycle_counter(VMI_CYCLES_REAL)))
				torn++;
		} while (before < begin + 60000);
	}
	report(thefts >= 1000, "time is stolen %u times", thefts);
	report_equal(back, 0, "no counter runs back");
	report_equal(torn, 0, "real is available and stolen, always");
}

int main(void)
{
	static const uint8_t real_wants[] = { 3, 5, 9 }, available_wants[] = { 1, 3, 6 };

	ms = (uint32_t)vmi_get_cycle_frequency() / 1000;
	apic_enable();
	trap_set_handler(VECTOR_WAKE, on_wake);
	irq_set_handler(IRQ_TIMER, on_alarm);
	quiet_pit();
	vmi_wrmsr(MSR_TAKE_FROM, 1);	/* from now on the monitor checks nothing that takes long */
	fires_real = fires_available = 0;
	round_of(false);
	round_of(true);
	test_torn();
	check_fires("real", fired_real, fires_real, real_wants);
	check_fires("available", fired_available, fires_available, available_wants);
	return 0;
}
