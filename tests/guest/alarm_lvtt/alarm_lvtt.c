/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a one-shot alarm at LVTT against all that may change between its setting and its end: priorities, masks, vectors, an end that is late.
 * Environments: segment paged bochs bochs-paged
 * Qemu: -icount shift=2,sleep=off
 */
#include "runtime.h"

#include "apic.h"
#include "pit.h"
#include "vmi.h"

#define ALARM		0x71
#define OTHER		0x72	/* of the same class */
#define LOWER		0x61
#define HIGHER		0x81
#define LOG_MAX		8
#define RACE		800
#define INSTRUCTION	4	/* cycles, under -icount as above */

#define REAL		VMI_CYCLES_REAL
#define AVAILABLE	VMI_CYCLES_AVAILABLE

static volatile uint32_t arrived;
static volatile uint8_t order[LOG_MAX];
static bool hold;		/* handlers leave the end to the test */
static uint64_t step;		/* what alarms are set ahead */

static bool take(struct trap_frame *frame)
{
	if (arrived < LOG_MAX)
		order[arrived] = (uint8_t)frame->vector;
	arrived++;
	if (hold)
		frame->eflags &= ~EFLAGS_IF;
	else
		apic_write(APIC_EOI, 0);
	return true;
}

static void end(void)
{
	apic_write(APIC_EOI, 0);
}

static void arm(uint32_t counter, uint64_t ahead)
{
	vmi_set_alarm(counter | VMI_ALARM_WIRED_LVTT, vmi_get_cycle_counter(counter) + ahead, 0);
}

/* Interrupts on, or off, until after the alarms; by no call, as they are to come here. */
static void let(bool come)
{
	uint64_t until = vmi_rdtsc() + 3 * step;

	if (come)
		vmi_enable_interrupts();
	while (vmi_rdtsc() < until)
		vmi_pause();
	vmi_disable_interrupts();
}

static void begin(void)
{
	vmi_disable_interrupts();
	hold = false;
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_TIMER, ALARM);
	let(true);
	arrived = 0;
}

static void came(unsigned int n, const uint8_t *vectors, const char *what)
{
	unsigned int i;
	bool same = arrived == n;

	for (i = 0; i < n && i < LOG_MAX; i++)
		same = same && order[i] == vectors[i];
	if (!same) {
		print("  %u came:", arrived);
		for (i = 0; i < arrived && i < LOG_MAX; i++)
			print(" %x", order[i]);
		print("\n");
	}
	report(same, "%s", what);
}
#define CAME(what, ...) do { \
		static const uint8_t vectors[] = { __VA_ARGS__ }; \
		came(sizeof(vectors), vectors, what); \
	} while (0)

static bool in_service(unsigned int vector)
{
	return apic_read(APIC_ISR + vector / 32 * 16) >> vector % 32 & 1;
}

static void test_plain(void)
{
	unsigned int i;

	begin();
	for (i = 0; i < 3; i++) {
		arm(i % 2, step);
		let(true);
		report_equal(vmi_cancel_alarm(i % 2), 0, "it has fired");
	}
	CAME("each once", ALARM, ALARM, ALARM);
	begin();
	arm(REAL, step);
	report_equal(vmi_cancel_alarm(REAL), 1, "one that has not");
	let(true);
	CAME("does not after it was cancelled");
	arm(REAL, step);
	let(false);
	CAME("nor while interrupts are off");
	let(true);
	CAME("but then", ALARM);
}

/* The end of one is late: the next waits for it. */
static void test_held(void)
{
	begin();
	hold = true;
	arm(REAL, step);
	let(true);
	report(in_service(ALARM), "it is in service");
	arm(REAL, step);
	let(true);
	CAME("and holds the next", ALARM);
	end();
	vmi_enable_interrupts();
	vmi_disable_interrupts();
	CAME("which its end lets come", ALARM, ALARM);
	end();
	report(!in_service(ALARM), "nothing is in service after both ends");
	begin();
	hold = true;
	arm(REAL, step);
	let(true);
	arm(REAL, step);	/* before the end */
	end();
	let(true);
	end();
	CAME("set before the end, it comes after it", ALARM, ALARM);
	report(!in_service(ALARM), "again nothing is");
}

static void test_others(void)
{
	begin();
	hold = true;
	arm(REAL, step);
	let(true);
	apic_write(APIC_ICR_LOW, ICR_SELF | LOWER);
	apic_write(APIC_ICR_LOW, ICR_SELF | OTHER);
	let(true);
	CAME("what is lower waits, and what is of its class", ALARM);
	apic_write(APIC_ICR_LOW, ICR_SELF | HIGHER);
	let(true);
	CAME("what is higher does not", ALARM, HIGHER);
	end();
	report(in_service(ALARM) && !in_service(HIGHER), "its end ends it alone");
	hold = false;
	end();
	let(true);
	CAME("the others come after", ALARM, HIGHER, OTHER, LOWER);
	begin();
	hold = true;
	apic_write(APIC_ICR_LOW, ICR_SELF | HIGHER);
	let(true);
	arm(REAL, step);
	let(true);
	CAME("behind a higher one it waits", HIGHER);
	hold = false;
	end();
	let(true);
	CAME("for the end", HIGHER, ALARM);
}

static void test_priority(void)
{
	begin();
	arm(REAL, step);
	apic_write(APIC_TPR, 0x70);
	let(true);
	CAME("the task priority holds it");
	apic_write(APIC_TPR, 0x60);
	let(true);
	CAME("and lets it come", ALARM);
	apic_write(APIC_TPR, 0x70);
	arm(REAL, step);
	apic_write(APIC_TPR, 0);
	let(true);
	CAME("whichever was first", ALARM, ALARM);
}

static void test_lvtt(void)
{
	begin();
	arm(REAL, step);
	apic_write(APIC_LVT_TIMER, OTHER);
	let(true);
	CAME("the vector is LVTT's when it fires", OTHER);
	arm(REAL, step);
	apic_write(APIC_LVT_TIMER, LVT_MASKED | ALARM);
	let(true);
	report_equal(vmi_cancel_alarm(REAL), 0, "masked it fires");
	apic_write(APIC_LVT_TIMER, ALARM);
	let(true);
	CAME("and is lost", OTHER);
	arm(REAL, step);
	apic_write(APIC_SVR, SVR_ENABLED & ~SVR_ENABLE);
	let(true);
	apic_write(APIC_SVR, SVR_ENABLED);
	apic_write(APIC_LVT_TIMER, ALARM);
	let(true);
	CAME("as it is with the APIC off", OTHER);
}

static void test_several(void)
{
	begin();
	arm(REAL, step);
	arm(AVAILABLE, 2 * step);
	let(true);
	CAME("both alarms", ALARM, ALARM);
	begin();
	arm(REAL, 2 * step);
	apic_write(APIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
	apic_write(APIC_TIMER_INITIAL, 1000);
	let(true);
	CAME("an alarm and the timer", ALARM, ALARM);
	begin();
	arm(REAL, step);
	vmi_set_alarm(REAL | VMI_ALARM_IS_PERIODIC | VMI_ALARM_WIRED_LVTT,
		      vmi_get_cycle_counter(REAL) + step, step);
	let(true);
	vmi_cancel_alarm(REAL);
	report(arrived >= 2 && arrived <= 3, "one that has become periodic goes on");
}

static void on_irq0(struct trap_frame *frame)
{
	if (arrived < LOG_MAX)
		order[arrived] = (uint8_t)frame->vector;
	arrived++;
}

/* The same alarm, by the other wire and back, while no other has to do with LVTT. */
static void test_irq0(void)
{
	begin();
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
	pit_one_shot(PIT_AT_ONCE);
	irq_set_handler(IRQ_TIMER, on_irq0);
	vmi_set_alarm(AVAILABLE, vmi_get_cycle_counter(AVAILABLE) + step, 0);
	let(true);
	begin();
	arm(REAL, step);
	vmi_halt();
	vmi_set_alarm(REAL, vmi_get_cycle_counter(REAL) + step, 0);
	vmi_halt();
	arm(REAL, step);
	vmi_halt();
	vmi_disable_interrupts();
	irq_set_handler(IRQ_TIMER, NULL);
	CAME("by LVTT, by IRQ 0, by LVTT", ALARM, IRQ_VECTOR + IRQ_TIMER, ALARM);
}

/*
 * One expires while the next is being set: the timer's interrupt, which is on its
 * way then, is not the next one's.  By the ROM's own entry, as behind that, unlike
 * in the copy at virtual top, interrupts are delivered without further ado.
 */
static void test_race(void)
{
	void (*set_alarm)(uint32_t, uint64_t, uint64_t) __attribute__((regparm(3)));
	uint32_t ahead, early = 0;
	uint64_t now;

	set_alarm = (void *)platform_rom_entry(VMI_CALL_SetAlarm);
	begin();
	for (ahead = 0; ahead < RACE; ahead++) {
		vmi_enable_interrupts();
		now = vmi_get_cycle_counter(REAL);
		vmi_set_alarm(REAL | VMI_ALARM_WIRED_LVTT, now + ahead * INSTRUCTION, 0);
		set_alarm(REAL | VMI_ALARM_WIRED_LVTT, now + 1000 * step, 0);
		vmi_disable_interrupts();
		early += !vmi_cancel_alarm(REAL);
	}
	report(arrived > 10 && arrived < RACE, "of %u alarms that were set anew at once, %u had expired", RACE, arrived);
	report_equal(early, 0, "none of the others has");
}

int main(void)
{
	static const uint8_t vectors[] = { ALARM, OTHER, LOWER, HIGHER };
	unsigned int i;

	apic_enable();
	for (i = 0; i < sizeof(vectors); i++)
		trap_set_handler(vectors[i], take);
	step = vmi_get_cycle_frequency() / 1000;
	test_plain();
	test_held();
	test_others();
	test_priority();
	test_lvtt();
	test_several();
	test_irq0();
	test_race();
	return 0;
}
