/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/apic.c */
/*
 * The local APIC model's timer: counts, deadlines, collapse of what was missed,
 * changes while it runs, alarms; then random runs against cycle-by-cycle
 * arithmetic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/apic.h"

#include "random.h"

#define VECTOR		0x40u
#define ONE_SHOT	VECTOR
#define PERIODIC	(APIC_LVT_PERIODIC | VECTOR)

uint64_t div64_32(uint64_t n, uint32_t d);

uint64_t div64_32(uint64_t n, uint32_t d)
{
	return n / d;
}

/* Divisor 1, a tick of @cycles_per_tick cycles. */
static struct apic fresh(uint32_t cycles_per_tick, uint32_t lvt)
{
	struct apic a;

	memset(&a, 0x5a, sizeof a);
	apic_init(&a, 0, true, APIC_TICK(cycles_per_tick));
	apic_write(&a, APIC_SVR, 0x1ff, 0);
	apic_write(&a, APIC_TIMER_DIVIDE, 0x0b, 0);
	apic_write(&a, APIC_LVT_TIMER, lvt, 0);
	return a;
}

/* Takes one timer interrupt through its whole life. */
static void serve(struct apic *a)
{
	assert_int_equal(apic_ack(a), VECTOR);
	apic_write(a, APIC_EOI, 0, 0);
	assert_int_equal(apic_pending(a), -1);
}

static uint64_t deadline(struct apic *a)
{
	uint64_t at = 0;

	assert_true(apic_timer_deadline(a, &at));
	return at;
}

static void one_shot(void **state)
{
	struct apic a = fresh(3, ONE_SHOT);
	uint64_t at;

	(void)state;
	assert_false(apic_timer_deadline(&a, &at));
	apic_write(&a, APIC_TIMER_INITIAL, 100, 1000);
	assert_int_equal(deadline(&a), 1300);
	assert_int_equal(apic_read(&a, APIC_TIMER_INITIAL, 1000), 100);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 1000), 100);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 1002), 100);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 1003), 99);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 1299), 1);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 1300), 0);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 9999), 0);
	assert_false(apic_timer_expire(&a, 1299));
	assert_int_equal(apic_pending(&a), -1);
	assert_true(apic_timer_expire(&a, 1301));
	serve(&a);
	assert_false(apic_timer_deadline(&a, &at));
	assert_false(apic_timer_expire(&a, 99999));
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 99999), 0);
	assert_int_equal(apic_read(&a, APIC_TIMER_INITIAL, 99999), 100);
}

static void periodic_does_not_drift(void **state)
{
	struct apic a = fresh(1, PERIODIC);
	unsigned i;

	(void)state;
	apic_write(&a, APIC_TIMER_INITIAL, 1000, 5);
	for (i = 1; i <= 1000; i++) {
		uint64_t at = 5 + 1000 * (uint64_t)i;

		assert_int_equal(deadline(&a), at);
		/* the monitor is always late, by up to nearly a period */
		assert_true(apic_timer_expire(&a, at + i % 999));
		serve(&a);
		assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, at + 1),
				 999);
	}
}

static void missed_periods_collapse(void **state)
{
	struct apic a = fresh(2, PERIODIC);

	(void)state;
	apic_write(&a, APIC_TIMER_INITIAL, 50, 0);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 100), 50);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 1234), 33);
	assert_true(apic_timer_expire(&a, 1234));
	serve(&a);
	assert_int_equal(deadline(&a), 1300);
	assert_false(apic_timer_expire(&a, 1299));
	/* exactly at a later deadline: that one is in the collapse */
	assert_true(apic_timer_expire(&a, 1500));
	serve(&a);
	assert_int_equal(deadline(&a), 1600);
	/* centuries */
	assert_true(apic_timer_expire(&a, 1ull << 62));
	serve(&a);
	assert_true(deadline(&a) > 1ull << 62);
	assert_true(deadline(&a) <= (1ull << 62) + 100);
	assert_int_equal(deadline(&a) % 100, 0);
}

static void divisors(void **state)
{
	static const struct { uint32_t code, divisor; } want[] = {
		{ 0x0, 2 }, { 0x1, 4 }, { 0x2, 8 }, { 0x3, 16 },
		{ 0x8, 32 }, { 0x9, 64 }, { 0xa, 128 }, { 0xb, 1 },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < 8; i++) {
		struct apic a = fresh(5, ONE_SHOT);

		apic_write(&a, APIC_TIMER_DIVIDE, want[i].code | 0xf4, 0);
		assert_int_equal(apic_read(&a, APIC_TIMER_DIVIDE, 0),
				 want[i].code);
		apic_write(&a, APIC_TIMER_INITIAL, 0xffffffff, 77);
		assert_int_equal(deadline(&a),
				 77 + 5ull * want[i].divisor * 0xffffffff);
	}
}

static void divisor_changes_while_counting(void **state)
{
	struct apic a = fresh(1, PERIODIC);

	(void)state;
	apic_write(&a, APIC_TIMER_INITIAL, 1000, 0);
	apic_write(&a, APIC_TIMER_DIVIDE, 0x0, 400);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 400), 600);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 500), 550);
	assert_int_equal(deadline(&a), 400 + 1200);
	assert_true(apic_timer_expire(&a, 1600));
	assert_int_equal(deadline(&a), 3600);
}

static void initial_count_zero_stops(void **state)
{
	struct apic a = fresh(1, PERIODIC);
	uint64_t at;

	(void)state;
	apic_write(&a, APIC_TIMER_INITIAL, 10, 0);
	apic_write(&a, APIC_TIMER_INITIAL, 0, 5);
	assert_false(apic_timer_deadline(&a, &at));
	assert_false(apic_timer_expire(&a, 100));
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 7), 0);
	apic_write(&a, APIC_TIMER_INITIAL, 10, 20);
	apic_write(&a, APIC_TIMER_INITIAL, 30, 25);
	assert_int_equal(deadline(&a), 55);
	apic_write(&a, APIC_TIMER_CURRENT, 3, 26);	/* read-only */
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 26), 29);
}

static void masked_events_are_lost(void **state)
{
	struct apic a = fresh(1, PERIODIC | APIC_LVT_MASKED);
	uint64_t at;

	(void)state;
	apic_write(&a, APIC_TIMER_INITIAL, 100, 0);
	assert_false(apic_timer_deadline(&a, &at));
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 250), 50);
	apic_write(&a, APIC_LVT_TIMER, PERIODIC, 250);
	assert_int_equal(apic_pending(&a), -1);
	assert_int_equal(deadline(&a), 300);
	assert_false(apic_timer_expire(&a, 299));
	assert_true(apic_timer_expire(&a, 300));

	a = fresh(1, ONE_SHOT | APIC_LVT_MASKED);
	apic_write(&a, APIC_TIMER_INITIAL, 100, 0);
	apic_write(&a, APIC_LVT_TIMER, ONE_SHOT, 150);
	assert_int_equal(apic_pending(&a), -1);
	assert_false(apic_timer_deadline(&a, &at));
}

/* What was due before a change belongs to the time before it. */
static void overdue_before_a_change(void **state)
{
	struct apic a = fresh(1, ONE_SHOT);

	(void)state;
	apic_write(&a, APIC_TIMER_INITIAL, 100, 0);
	apic_write(&a, APIC_LVT_TIMER, APIC_LVT_MASKED | 0x50, 120);
	serve(&a);
	a = fresh(1, ONE_SHOT);
	apic_write(&a, APIC_TIMER_INITIAL, 100, 0);
	apic_write(&a, APIC_TIMER_INITIAL, 100, 120);
	serve(&a);
	assert_int_equal(deadline(&a), 220);
	apic_write(&a, APIC_TIMER_DIVIDE, 0, 230);
	serve(&a);
}

static void mode_changes_while_counting(void **state)
{
	struct apic a = fresh(1, ONE_SHOT);
	uint64_t at;

	(void)state;
	apic_write(&a, APIC_TIMER_INITIAL, 100, 0);
	apic_write(&a, APIC_LVT_TIMER, PERIODIC, 50);
	assert_true(apic_timer_expire(&a, 100));
	serve(&a);
	assert_int_equal(deadline(&a), 200);
	apic_write(&a, APIC_LVT_TIMER, ONE_SHOT, 150);
	assert_true(apic_timer_expire(&a, 200));
	serve(&a);
	assert_false(apic_timer_deadline(&a, &at));
	/* an expired one-shot does not start again by becoming periodic */
	apic_write(&a, APIC_LVT_TIMER, PERIODIC, 250);
	assert_false(apic_timer_deadline(&a, &at));
}

static void alarms(void **state)
{
	struct apic a = fresh(1, ONE_SHOT);

	(void)state;
	assert_true(apic_alarm(&a));
	serve(&a);
	assert_int_equal(apic_take_eoi_vector(&a), -1);
	apic_write(&a, APIC_LVT_TIMER, PERIODIC, 0);
	assert_true(apic_alarm(&a));
	assert_true(apic_alarm(&a));
	serve(&a);
	/* masked: lost, not kept */
	apic_write(&a, APIC_LVT_TIMER, ONE_SHOT | APIC_LVT_MASKED, 0);
	assert_false(apic_alarm(&a));
	apic_write(&a, APIC_LVT_TIMER, ONE_SHOT, 0);
	assert_int_equal(apic_pending(&a), -1);
	/* an illegal vector is an error, not an interrupt */
	apic_write(&a, APIC_LVT_TIMER, 3, 0);
	assert_false(apic_alarm(&a));
	assert_int_equal(a.errors, APIC_ESR_RECEIVE_ILLEGAL);
	/* the guest's own timer is not disturbed */
	apic_write(&a, APIC_LVT_TIMER, ONE_SHOT, 0);
	apic_write(&a, APIC_TIMER_INITIAL, 100, 0);
	assert_true(apic_alarm(&a));
	serve(&a);
	assert_int_equal(deadline(&a), 100);
}

static void counter_wraps(void **state)
{
	struct apic a = fresh(1, PERIODIC);
	uint64_t begin = UINT64_MAX - 49;

	(void)state;
	apic_write(&a, APIC_TIMER_INITIAL, 100, begin);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 10), 40);
	assert_false(apic_timer_expire(&a, 49));
	assert_true(apic_timer_expire(&a, 50));
	assert_int_equal(deadline(&a), 150);
	/* a reading that is older than the last write */
	apic_write(&a, APIC_TIMER_INITIAL, 100, 1000);
	assert_int_equal(apic_read(&a, APIC_TIMER_CURRENT, 990), 100);
	assert_false(apic_timer_expire(&a, 990));
}

/*
 * A periodic timer that is looked at at random times: after each look the
 * interrupt count is at most one, exactly if a deadline lay in between, and
 * the current count is what plain arithmetic gives.
 */
static void random_periodic(void **state)
{
	static const uint32_t code[] = { 0xb, 0, 1, 2, 3, 8, 9, 0xa };
	unsigned run, step;

	(void)state;
	for (run = 0; run < 200; run++) {
		uint32_t cpt = 1, shift, initial;
		struct apic a;
		uint64_t tick, period, begin, now, last;

		random_start(run + 1);
		cpt += random_below(1000);
		shift = random_below(8);
		initial = 1 + random_below(100000);
		tick = (uint64_t)cpt << shift;
		period = tick * initial;
		begin = now = last = random_below(1u << 24);
		a = fresh(cpt, PERIODIC);
		apic_write(&a, APIC_TIMER_DIVIDE, code[shift], 0);
		apic_write(&a, APIC_TIMER_INITIAL, initial, begin);
		for (step = 0; step < 200; step++) {
			uint64_t wait = period * random_below(500) / 250;
			bool due;

			now += wait + random_below(3);
			due = (now - begin) / period != (last - begin) / period;
			assert_int_equal(
				apic_read(&a, APIC_TIMER_CURRENT, now),
				initial - (now - begin) % period / tick);
			assert_int_equal(apic_timer_expire(&a, now), due);
			assert_false(apic_timer_expire(&a, now));
			if (due)
				serve(&a);
			assert_int_equal(deadline(&a), now - (now - begin) %
					 period + period);
			last = now;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_shot),
		cmocka_unit_test(periodic_does_not_drift),
		cmocka_unit_test(missed_periods_collapse),
		cmocka_unit_test(divisors),
		cmocka_unit_test(divisor_changes_while_counting),
		cmocka_unit_test(initial_count_zero_stops),
		cmocka_unit_test(masked_events_are_lost),
		cmocka_unit_test(overdue_before_a_change),
		cmocka_unit_test(mode_changes_while_counting),
		cmocka_unit_test(alarms),
		cmocka_unit_test(counter_wraps),
		cmocka_unit_test(random_periodic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
