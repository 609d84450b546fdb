/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/apic.c */
/*
 * The local APIC model against a second one, over long random runs.  The second
 * has a flag per vector and looks through all of them each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/apic.h"

#include "random.h"

uint64_t div64_32(uint64_t n, uint32_t d);

uint64_t div64_32(uint64_t n, uint32_t d)
{
	return n / d;
}

struct naive {
	bool request[256], service[256], level[256];
	unsigned tpr, spurious;
	bool enabled;
	int eoi;
};

static int naive_top(const bool *flags)
{
	int vector;

	for (vector = 255; vector >= 0; vector--)
		if (flags[vector])
			return vector;
	return -1;
}

static unsigned naive_ppr(const struct naive *n)
{
	int service = naive_top(n->service);
	unsigned class = service < 0 ? 0 : (unsigned)service / 16;

	return n->tpr / 16 >= class ? n->tpr : class * 16;
}

static int naive_pending(const struct naive *n)
{
	int vector;

	for (vector = 255; vector >= 16 && n->enabled; vector--)
		if (n->request[vector] &&
		    (unsigned)vector / 16 > naive_ppr(n) / 16)
			return vector;
	return -1;
}

static int naive_ack(struct naive *n)
{
	int vector = naive_pending(n);

	if (vector < 0)
		return (int)n->spurious;
	n->request[vector] = false;
	n->service[vector] = true;
	return vector;
}

static void naive_accept(struct naive *n, unsigned vector, bool level)
{
	if (!n->enabled || vector < 16)
		return;
	n->request[vector] = true;
	n->level[vector] = level;
}

static void naive_eoi(struct naive *n)
{
	int vector = naive_top(n->service);

	if (vector < 0)
		return;
	n->service[vector] = false;
	if (n->level[vector])
		n->eoi = vector;
}

static void compare(struct apic *a, const struct naive *n)
{
	unsigned vector;

	assert_int_equal(apic_pending(a), naive_pending(n));
	assert_int_equal(apic_read(a, APIC_PPR, 0), naive_ppr(n));
	for (vector = 0; vector < 256; vector++) {
		uint32_t offset = vector / 32 * 16, bit = 1u << vector % 32;

		assert_int_equal(!!(apic_read(a, APIC_IRR + offset, 0) & bit),
				 n->request[vector]);
		assert_int_equal(!!(apic_read(a, APIC_ISR + offset, 0) & bit),
				 n->service[vector]);
		assert_int_equal(!!(apic_read(a, APIC_TMR + offset, 0) & bit),
				 n->level[vector]);
	}
}

static void random_step(struct apic *a, struct naive *n)
{
	unsigned value = random_below(256);
	bool level = random_below(2);

	switch (random_below(10)) {
	default:
		apic_accept(a, (uint8_t)value, level);
		naive_accept(n, value, level);
		break;
	case 0:
		apic_write(a, APIC_ICR_LOW, 0x40000 | value, 0);
		naive_accept(n, value, false);
		break;
	case 1:
	case 2:
	case 3:
		assert_int_equal(apic_ack(a), naive_ack(n));
		break;
	case 4:
	case 5:
		apic_write(a, APIC_EOI, value, 0);
		naive_eoi(n);
		assert_int_equal(apic_take_eoi_vector(a), n->eoi);
		n->eoi = -1;
		break;
	case 6:
		value &= random_below(256);
		apic_write(a, APIC_TPR, value, 0);
		n->tpr = value;
		break;
	case 7:
		n->enabled = random_below(8);
		n->spurious = value;
		apic_write(a, APIC_SVR, value | (n->enabled ? 0x100 : 0), 0);
		break;
	}
}

static void random_comparison(void **state)
{
	unsigned run, step;

	(void)state;
	for (run = 1; run <= 100 && random_more(); run++) {
		struct naive n = { .eoi = -1, .enabled = true,
				   .spurious = 0xff };
		struct apic a;

		apic_init(&a, 0, true, APIC_TICK(1));
		apic_write(&a, APIC_SVR, 0x1ff, 0);
		random_start(run);
		for (step = 0; step < 1000 && random_more(); step++) {
			random_step(&a, &n);
			compare(&a, &n);
		}
	}
}

static unsigned alone, again;

/*
 * What apic_serve_alarm() has put in service is what an alarm that is delivered at
 * once would be, and its end leaves no trace.
 */
static void check_alarm(const struct apic *a)
{
	struct apic served = *a, rung = *a;
	bool serving;
	int vector = apic_serve_alarm(&served, &serving);

	if (vector < 0)
		return;
	if (serving) {		/* the one before: its end comes first */
		assert_memory_equal(&served, a, sizeof(served));
		assert_true(apic_serves_alone(a, (unsigned)vector));
		apic_write(&rung, APIC_EOI, 0, 0);
		again++;
	}
	assert_true(apic_alarm(&rung));
	assert_int_equal(apic_ack(&rung), vector);
	assert_memory_equal(&served, &rung, sizeof(served));
	assert_true(apic_serves_alone(&rung, (unsigned)vector));
	apic_write(&rung, APIC_EOI, 0, 0);
	assert_int_equal(apic_take_eoi_vector(&rung), -1);
	assert_int_equal(rung.isr_words | rung.irr_words, 0);
	alone++;
}

static void alarms_at_random(void **state)
{
	struct apic a;
	unsigned i;

	(void)state;
	apic_init(&a, 0, true, APIC_TICK(1));
	apic_write(&a, APIC_SVR, 0x1ff, 0);
	random_start(5);
	for (i = 0; i < 200000; i++) {
		switch (random_below(15)) {
		case 0:
			apic_accept(&a, (uint8_t)random_below(256), random_below(2));
			break;
		case 1:
		case 6:
		case 7:
			apic_write(&a, APIC_LVT_TIMER, random_below(256) | (random_below(4) ? 0 : APIC_LVT_MASKED), 0);
			break;
		case 2:
			apic_write(&a, APIC_TPR, random_below(4) ? 0 : random_below(256), 0);
			break;
		case 3:
			apic_alarm(&a);
			break;
		case 4:
			apic_write(&a, APIC_SVR, random_below(4) ? 0x1ff : 0xff, 0);
			break;
		case 5:
		case 8:
		case 9:
		case 10:
			apic_ack(&a);
			break;
		default:
			apic_write(&a, APIC_EOI, 0, 0);
			apic_take_eoi_vector(&a);
			break;
		}
		check_alarm(&a);
	}
	assert_in_range(alone, 1000, i); assert_in_range(again, 100, i);
}

/* Any value at any register, at any time: no crash, no stuck summary. */
static void any_access(void **state)
{
	struct apic_message m;
	uint64_t now = 0, at;
	struct apic a;
	unsigned i, word;

	(void)state;
	apic_init(&a, 0, true, APIC_TICK(3));
	random_start(99);
	for (i = 0; i < 1000000 && random_more(); i++) {
		uint32_t value = random_below(1u << 24) << 8 |
				 random_below(256);
		uint32_t offset = random_below(0x500);

		if (random_below(4))
			offset &= ~0xfu;
		now += random_below(1u << 20);
		if (random_below(2))
			apic_write(&a, offset, value, now);
		else
			(void)apic_read(&a, offset, now);
		if (!random_below(1000))
			apic_set_base(&a, value & 0xfffff900);
		apic_set_lint0(&a, random_below(2));
		if (apic_timer_deadline(&a, &at) && now >= at)
			apic_timer_expire(&a, now);
		apic_take_ipi(&a, &m);
		assert_in_range(apic_ack(&a), 0, 255);
		for (word = 0; word < 8; word++) {
			assert_int_equal(a.isr_words >> word & 1,
				a.reg[APIC_INDEX(APIC_ISR) + word] != 0);
			assert_int_equal(a.irr_words >> word & 1,
				a.reg[APIC_INDEX(APIC_IRR) + word] != 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_comparison),
		cmocka_unit_test(alarms_at_random),
		cmocka_unit_test(any_access),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
