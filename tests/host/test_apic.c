/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/apic.c */
/*
 * The local APIC model: registers, priorities, errors, IPIs, LVT and
 * IA32_APIC_BASE, each as the SDM has it.  The timer is in test_apic_timer.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/apic.h"

#define ICR_SELF	0x40000u
#define ICR_ALL		0x80000u
#define ICR_OTHERS	0xc0000u
#define ICR_LOGICAL	0x00800u
#define ICR_ASSERT	0x04000u
#define ICR_LEVEL	0x08000u

uint64_t div64_32(uint64_t n, uint32_t d);

uint64_t div64_32(uint64_t n, uint32_t d)
{
	return n / d;
}

/* Enabled, ID 3, logical ID 04h, spurious vector FFh, error vector FEh. */
static struct apic fresh(void)
{
	struct apic a;

	memset(&a, 0xa5, sizeof a);
	apic_init(&a, 3, true, APIC_TICK(1));
	apic_write(&a, APIC_SVR, 0x1ff, 0);
	apic_write(&a, APIC_LDR, 0x04000000, 0);
	apic_write(&a, APIC_LVT_ERROR, 0xfe, 0);
	return a;
}

static uint32_t get(struct apic *a, uint32_t offset)
{
	return apic_read(a, offset, 0);
}

static void put(struct apic *a, uint32_t offset, uint32_t value)
{
	apic_write(a, offset, value, 0);
}

static bool in_register(struct apic *a, uint32_t base, unsigned vector)
{
	return get(a, base + (vector >> 5) * 16) >> (vector & 31) & 1;
}

static void reset_values(void **state)
{
	static const struct { uint32_t offset, value; } want[] = {
		{ APIC_ID, 0x05000000 }, { APIC_VERSION, 0x00050014 },
		{ APIC_TPR, 0 }, { APIC_APR, 0 }, { APIC_PPR, 0 },
		{ APIC_EOI, 0 }, { APIC_RRD, 0 },
		{ APIC_LDR, 0 }, { APIC_DFR, 0xffffffff }, { APIC_SVR, 0xff },
		{ APIC_ISR, 0 }, { APIC_TMR + 0x70, 0 }, { APIC_IRR, 0 },
		{ APIC_ESR, 0 }, { APIC_ICR_LOW, 0 }, { APIC_ICR_HIGH, 0 },
		{ APIC_LVT_TIMER, 0x10000 }, { APIC_LVT_THERMAL, 0x10000 },
		{ APIC_LVT_PERFORMANCE, 0x10000 },
		{ APIC_LVT_LINT0, 0x10000 }, { APIC_LVT_LINT1, 0x10000 },
		{ APIC_LVT_ERROR, 0x10000 },
		{ APIC_TIMER_INITIAL, 0 }, { APIC_TIMER_CURRENT, 0 },
		{ APIC_TIMER_DIVIDE, 0 },
	};
	struct apic a;
	unsigned i;

	(void)state;
	memset(&a, 0xff, sizeof a);
	apic_init(&a, 5, false, APIC_TICK(7));
	assert_int_equal(a.base, 0xfee00800);
	for (i = 0; i < sizeof want / sizeof *want; i++)
		assert_int_equal(get(&a, want[i].offset), want[i].value);
	assert_int_equal(apic_pending(&a), -1);
	assert_int_equal(apic_take_eoi_vector(&a), -1);
	assert_int_equal(a.errors, 0);
}

static void writable_bits(void **state)
{
	static const struct { uint32_t offset, ones; } want[] = {
		{ APIC_ID, 0xff000000 }, { APIC_VERSION, 0x00050014 },
		{ APIC_TPR, 0xff }, { APIC_LDR, 0xff000000 },
		{ APIC_DFR, 0xffffffff }, { APIC_SVR, 0x3ff },
		{ APIC_ISR, 0 }, { APIC_TMR, 0 }, { APIC_IRR, 0 },
		{ APIC_ICR_HIGH, 0xff000000 }, { APIC_ICR_LOW, 0x000ccfff },
		{ APIC_LVT_TIMER, 0x300ff }, { APIC_LVT_THERMAL, 0x107ff },
		{ APIC_LVT_PERFORMANCE, 0x107ff },
		{ APIC_LVT_LINT0, 0x1a7ff }, { APIC_LVT_LINT1, 0x1a7ff },
		{ APIC_LVT_ERROR, 0x100ff },
		{ APIC_TIMER_INITIAL, 0xffffffff },
		{ APIC_TIMER_DIVIDE, 0x0b },
	};
	struct apic a = fresh();
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof want / sizeof *want; i++) {
		put(&a, want[i].offset, 0xffffffff);
		assert_int_equal(get(&a, want[i].offset), want[i].ones);
	}
	put(&a, APIC_DFR, 0);
	assert_int_equal(get(&a, APIC_DFR), 0x0fffffff);
	/* offsets: only the low 12 bits count, linear addresses do as well */
	put(&a, 0xfee00000 + APIC_TPR, 0x30);
	assert_int_equal(get(&a, 0xffffb000 + APIC_TPR), 0x30);
	/* between the registers there is nothing */
	put(&a, APIC_TPR + 4, 0x40);
	assert_int_equal(get(&a, APIC_TPR), 0x30);
	assert_int_equal(get(&a, APIC_TPR + 4), 0);
}

static void accept_and_serve(void **state)
{
	unsigned vector;

	(void)state;
	for (vector = 16; vector < 256; vector++) {
		struct apic a = fresh();

		assert_true(apic_accept(&a, (uint8_t)vector, vector & 1));
		assert_true(in_register(&a, APIC_IRR, vector));
		assert_int_equal(in_register(&a, APIC_TMR, vector), vector & 1);
		assert_int_equal(apic_pending(&a), vector);
		assert_int_equal(apic_ack(&a), vector);
		assert_int_equal(apic_pending(&a), -1);
		assert_false(in_register(&a, APIC_IRR, vector));
		assert_true(in_register(&a, APIC_ISR, vector));
		assert_int_equal(get(&a, APIC_PPR), vector & 0xf0);
		/* one more may wait behind the one in service */
		apic_accept(&a, (uint8_t)vector, vector & 1);
		assert_int_equal(apic_pending(&a), -1);
		put(&a, APIC_EOI, 0);
		assert_int_equal(apic_take_eoi_vector(&a),
				 vector & 1 ? (int)vector : -1);
		assert_int_equal(apic_take_eoi_vector(&a), -1);
		assert_int_equal(apic_ack(&a), vector);
		put(&a, APIC_EOI, 0);
		assert_int_equal(get(&a, APIC_PPR), 0);
		put(&a, APIC_EOI, 0);
		assert_int_equal(apic_pending(&a), -1);
	}
}

static void priorities(void **state)
{
	struct apic a = fresh();

	(void)state;
	apic_accept(&a, 0x31, false);
	apic_accept(&a, 0x35, false);
	apic_accept(&a, 0x80, false);
	assert_int_equal(get(&a, APIC_APR), 0x80);
	assert_int_equal(apic_ack(&a), 0x80);
	put(&a, APIC_EOI, 0);
	assert_int_equal(apic_ack(&a), 0x35);
	/* same class: waits; next class: interrupts */
	apic_accept(&a, 0x3f, false);
	assert_int_equal(apic_pending(&a), -1);
	apic_accept(&a, 0x40, false);
	assert_int_equal(apic_ack(&a), 0x40);
	/* the EOI ends the highest */
	put(&a, APIC_EOI, 0);
	assert_false(in_register(&a, APIC_ISR, 0x40));
	assert_true(in_register(&a, APIC_ISR, 0x35));
	put(&a, APIC_EOI, 0);
	assert_int_equal(apic_ack(&a), 0x3f);
	put(&a, APIC_EOI, 0);
	assert_int_equal(apic_ack(&a), 0x31);
}

static void task_priority(void **state)
{
	struct apic a = fresh();

	(void)state;
	put(&a, APIC_TPR, 0x47);
	assert_int_equal(get(&a, APIC_PPR), 0x47);
	assert_int_equal(get(&a, APIC_APR), 0x47);
	apic_accept(&a, 0x4f, false);
	assert_int_equal(apic_pending(&a), -1);
	/* acknowledged all the same, it is the spurious one, and ISR empty */
	assert_int_equal(apic_ack(&a), 0xff);
	assert_int_equal(get(&a, APIC_ISR + 0x70), 0);
	put(&a, APIC_TPR, 0x3f);
	assert_int_equal(apic_ack(&a), 0x4f);
	assert_int_equal(get(&a, APIC_PPR), 0x40);
	put(&a, APIC_TPR, 0x45);
	assert_int_equal(get(&a, APIC_PPR), 0x45);
	put(&a, APIC_TPR, 0xf0);
	apic_accept(&a, 0xef, false);
	assert_int_equal(apic_pending(&a), -1);
	put(&a, APIC_SVR, 0x12f);
	assert_int_equal(apic_ack(&a), 0x2f);
}

static void illegal_vectors(void **state)
{
	unsigned vector;

	(void)state;
	for (vector = 0; vector < 16; vector++) {
		struct apic a = fresh();

		assert_false(apic_accept(&a, (uint8_t)vector, false));
		assert_int_equal(get(&a, APIC_ESR), 0);
		assert_int_equal(apic_ack(&a), 0xfe);
		put(&a, APIC_EOI, 0);
		put(&a, APIC_ESR, 0);
		assert_int_equal(get(&a, APIC_ESR), 0x40);

		put(&a, APIC_ICR_LOW, (vector & 1 ? 0x100 : ICR_SELF) | vector);
		put(&a, APIC_ESR, 0);
		assert_int_equal(get(&a, APIC_ESR), 0x20);
		put(&a, APIC_ESR, 0);
		assert_int_equal(get(&a, APIC_ESR), 0);
	}
}

static void illegal_registers(void **state)
{
	unsigned offset;

	(void)state;
	for (offset = 0; offset < 0x1000; offset += 16) {
		struct apic a = fresh();
		bool legal = offset == 0x20 || offset == 0x30 ||
			(offset >= 0x80 && offset <= 0x280) ||
			(offset >= 0x300 && offset <= 0x390) || offset == 0x3e0;
		uint32_t value;

		value = get(&a, offset);
		if (!legal)
			assert_int_equal(value, 0);
		assert_int_equal(a.errors, legal ? 0 : 0x80);
		put(&a, APIC_ESR, 0);
		if (offset == APIC_ICR_LOW)
			value = ICR_SELF | 0x20;
		if (offset != APIC_LVT_ERROR && offset != APIC_ESR)
			put(&a, offset, value);
		assert_int_equal(a.errors, legal ? 0 : 0x80);
	}
}

static void error_interrupt(void **state)
{
	struct apic a = fresh();

	(void)state;
	(void)get(&a, 0x10);
	(void)get(&a, 0x40);
	assert_false(in_register(&a, APIC_TMR, 0xfe));
	assert_int_equal(apic_ack(&a), 0xfe);
	put(&a, APIC_EOI, 0);
	/* no second one before ESR is written */
	apic_accept(&a, 1, false);
	assert_int_equal(apic_pending(&a), -1);
	put(&a, APIC_ESR, 0xffffffff);
	assert_int_equal(get(&a, APIC_ESR), 0xc0);
	(void)get(&a, 0x10);
	assert_int_equal(apic_ack(&a), 0xfe);
	/* an illegal vector in the error entry itself ends there */
	put(&a, APIC_LVT_ERROR, 0x0f);
	put(&a, APIC_ESR, 0);
	(void)get(&a, 0x10);
	put(&a, APIC_ESR, 0);
	assert_int_equal(get(&a, APIC_ESR), 0xc0);
	/* masked: only logged */
	put(&a, APIC_LVT_ERROR, 0x100fd);
	(void)get(&a, 0x10);
	assert_false(in_register(&a, APIC_IRR, 0xfd));
}

static void software_disable(void **state)
{
	struct apic a = fresh();
	uint32_t lvt;

	(void)state;
	for (lvt = APIC_LVT_TIMER; lvt <= APIC_LVT_ERROR; lvt += 0x10)
		put(&a, lvt, 0x31);
	apic_accept(&a, 0x50, false);
	put(&a, APIC_SVR, 0xff);
	/* what is pending is held, nothing new is taken */
	assert_int_equal(apic_pending(&a), -1);
	assert_true(in_register(&a, APIC_IRR, 0x50));
	assert_false(apic_accept(&a, 0x60, false));
	assert_false(apic_alarm(&a));
	for (lvt = APIC_LVT_TIMER; lvt <= APIC_LVT_ERROR; lvt += 0x10) {
		assert_int_equal(get(&a, lvt), 0x10031);
		put(&a, lvt, 0x32);
		assert_int_equal(get(&a, lvt), 0x10032);
	}
	put(&a, APIC_SVR, 0x1ff);
	assert_int_equal(apic_pending(&a), 0x50);
	assert_int_equal(get(&a, APIC_LVT_TIMER), 0x10032);
}

static void ipi_to_self(void **state)
{
	struct apic a = fresh();
	struct apic_message m;

	(void)state;
	put(&a, APIC_ICR_LOW, ICR_SELF | 0x41);
	assert_int_equal(apic_ack(&a), 0x41);
	assert_false(apic_take_ipi(&a, &m));
	/* a level trigger mode makes no difference */
	put(&a, APIC_ICR_LOW, ICR_SELF | ICR_LEVEL | ICR_ASSERT | 0x51);
	assert_false(in_register(&a, APIC_TMR, 0x51));
	assert_int_equal(apic_ack(&a), 0x51);
	/* own physical ID, as one that only this APIC has */
	put(&a, APIC_ICR_HIGH, 0x03000000);
	put(&a, APIC_ICR_LOW, 0x61);
	assert_int_equal(apic_ack(&a), 0x61);
	assert_false(apic_take_ipi(&a, &m));
	/* lowest priority among destinations that include the sender */
	put(&a, APIC_ICR_HIGH, 0xff000000);
	put(&a, APIC_ICR_LOW, ICR_LOGICAL | 0x171);
	assert_int_equal(apic_ack(&a), 0x71);
	assert_false(apic_take_ipi(&a, &m));
	/* no other mode goes to self */
	put(&a, APIC_ICR_LOW, ICR_SELF | 0x181);
	put(&a, APIC_ICR_LOW, ICR_SELF | 0x500);
	assert_int_equal(apic_pending(&a), -1);
	assert_false(apic_take_ipi(&a, &m));
}

static void ipi_to_others(void **state)
{
	struct apic a = fresh();
	struct apic_message m;

	(void)state;
	put(&a, APIC_ICR_HIGH, 0x07000000);
	put(&a, APIC_ICR_LOW, 0x41);
	assert_int_equal(apic_pending(&a), -1);
	assert_true(apic_take_ipi(&a, &m));
	assert_false(apic_take_ipi(&a, &m));
	assert_int_equal(m.vector, 0x41);
	assert_int_equal(m.mode, APIC_FIXED);
	assert_int_equal(m.dest, 7);
	assert_false(m.logical || m.level || m.others);

	put(&a, APIC_ICR_LOW, ICR_ALL | 0x42);
	assert_int_equal(apic_ack(&a), 0x42);
	put(&a, APIC_EOI, 0);
	assert_true(apic_take_ipi(&a, &m));
	assert_true(m.others);
	put(&a, APIC_ICR_LOW, ICR_OTHERS | 0x43);
	assert_int_equal(apic_pending(&a), -1);
	assert_true(apic_take_ipi(&a, &m));
	assert_true(m.others);
	assert_int_equal(m.vector, 0x43);

	/* a logical set, and broadcast: own share and the others' */
	put(&a, APIC_ICR_HIGH, 0x06000000);
	put(&a, APIC_ICR_LOW, ICR_LOGICAL | 0x44);
	assert_int_equal(apic_ack(&a), 0x44);
	put(&a, APIC_EOI, 0);
	assert_true(apic_take_ipi(&a, &m));
	assert_true(m.logical && !m.others && m.dest == 6);
	put(&a, APIC_ICR_HIGH, 0xff000000);
	put(&a, APIC_ICR_LOW, 0x45);
	assert_int_equal(apic_ack(&a), 0x45);
	assert_true(apic_take_ipi(&a, &m));
	assert_int_equal(m.dest, 0xff);
}

static void start_up_ipis(void **state)
{
	struct apic a = fresh();
	struct apic_message m;

	(void)state;
	put(&a, APIC_ICR_HIGH, 0x01000000);
	put(&a, APIC_ICR_LOW, ICR_ASSERT | ICR_LEVEL | 0x500);
	assert_true(apic_take_ipi(&a, &m));
	assert_int_equal(m.mode, APIC_INIT);
	put(&a, APIC_ICR_LOW, ICR_LEVEL | 0x500);
	assert_false(apic_take_ipi(&a, &m));
	put(&a, APIC_ICR_LOW, 0x608);
	assert_true(apic_take_ipi(&a, &m));
	assert_int_equal(m.mode, APIC_STARTUP);
	assert_int_equal(m.vector, 8);
	put(&a, APIC_ICR_LOW, ICR_OTHERS | ICR_ASSERT | 0x500);
	assert_true(apic_take_ipi(&a, &m));
	assert_true(m.others);
	/* an INIT to oneself is left to the monitor */
	put(&a, APIC_ICR_HIGH, 0x03000000);
	put(&a, APIC_ICR_LOW, ICR_ASSERT | 0x500);
	assert_true(apic_take_ipi(&a, &m));
	put(&a, APIC_ICR_LOW, 0x400);
	assert_true(apic_take_ipi(&a, &m));
	assert_int_equal(m.mode, APIC_NMI);
	/* SMI, reserved, ExtINT */
	put(&a, APIC_ICR_LOW, 0x200);
	put(&a, APIC_ICR_LOW, 0x320);
	put(&a, APIC_ICR_LOW, 0x720);
	assert_false(apic_take_ipi(&a, &m));
}

static void destinations(void **state)
{
	struct apic a = fresh();

	(void)state;
	assert_true(apic_matches(&a, 3, false));
	assert_true(apic_matches(&a, 0xff, false));
	assert_false(apic_matches(&a, 4, false));
	assert_true(apic_matches(&a, 0x04, true));
	assert_true(apic_matches(&a, 0x0c, true));
	assert_false(apic_matches(&a, 0x0b, true));
	assert_false(apic_matches(&a, 0x00, true));
	put(&a, APIC_DFR, 0);
	put(&a, APIC_LDR, 0x24000000);
	assert_true(apic_matches(&a, 0x24, true));
	assert_true(apic_matches(&a, 0x2f, true));
	assert_true(apic_matches(&a, 0xf4, true));
	assert_true(apic_matches(&a, 0xff, true));
	assert_false(apic_matches(&a, 0x34, true));
	assert_false(apic_matches(&a, 0x2b, true));
	assert_false(apic_matches(&a, 0xf3, true));
	put(&a, APIC_ID, 0x09000000);
	assert_true(apic_matches(&a, 9, false));
}

/* SDM volume 3, 10.11: what a PCI function writes. */
static void messages(void **state)
{
	static const struct {
		uint32_t address, upper, data;
		bool good;
		struct apic_message want;
	} cases[] = {
		{ 0xfee00000, 0, 0x0041, true, { .vector = 0x41 } },
		{ 0xfee03000, 0, 0x4061, true, { .vector = 0x61, .dest = 3 } },
		{ 0xfeeff00c, 0, 0x0131, true,
		  { .vector = 0x31, .mode = APIC_LOWEST, .dest = 0xff, .logical = true } },
		{ 0xfee01008, 0, 0x0031, true, { .vector = 0x31, .dest = 1 } },
		{ 0xfee00000, 0, 0xc0f1, true, { .vector = 0xf1 } },	/* taken as an edge */
		{ 0xfee00000, 0, 0x0200, false, { .mode = APIC_SMI } },
		{ 0xfee00000, 0, 0x0400, false, { .mode = APIC_NMI } },
		{ 0xfee00000, 0, 0x0500, false, { .mode = APIC_INIT } },
		{ 0xfee00000, 0, 0x0700, false, { .mode = APIC_EXTINT } },
		{ 0xfee00000, 1, 0x0041, false, { .vector = 0x41 } },
		{ 0xfef00000, 0, 0x0041, false, { .vector = 0x41 } },
		{ 0x00100000, 0, 0x0041, false, { .vector = 0x41 } },
	};
	struct apic_message m;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(apic_decode_message(cases[i].address, cases[i].upper,
						     cases[i].data, &m), cases[i].good);
		if (!cases[i].good)
			continue;
		assert_int_equal(m.vector, cases[i].want.vector);
		assert_int_equal(m.mode, cases[i].want.mode);
		assert_int_equal(m.dest, cases[i].want.dest);
		assert_int_equal(m.logical, cases[i].want.logical);
		assert_false(m.level);
	}
}

static void extint(void **state)
{
	struct apic a = fresh();

	(void)state;
	assert_false(apic_accepts_extint(&a));
	put(&a, APIC_LVT_LINT0, 0x8700);
	assert_true(apic_accepts_extint(&a));
	apic_set_lint0(&a, true);
	assert_int_equal(apic_pending(&a), -1);
	put(&a, APIC_LVT_LINT0, 0x0040);
	assert_false(apic_accepts_extint(&a));
	put(&a, APIC_LVT_LINT0, 0x10700);
	assert_false(apic_accepts_extint(&a));
	put(&a, APIC_LVT_LINT0, 0x0700);
	put(&a, APIC_SVR, 0xff);
	assert_false(apic_accepts_extint(&a));
	assert_true(apic_set_base(&a, 0xfee00000));
	assert_true(apic_accepts_extint(&a));
}

static void lint0_fixed(void **state)
{
	struct apic a = fresh();

	(void)state;
	put(&a, APIC_LVT_LINT0, 0x40);
	apic_accept(&a, 0x40, true);
	apic_ack(&a);
	put(&a, APIC_EOI, 0);
	apic_set_lint0(&a, false);
	assert_int_equal(apic_pending(&a), -1);
	apic_set_lint0(&a, true);
	apic_set_lint0(&a, true);
	assert_false(in_register(&a, APIC_TMR, 0x40));
	assert_int_equal(apic_ack(&a), 0x40);
	put(&a, APIC_EOI, 0);
	assert_int_equal(apic_pending(&a), -1);
	apic_set_lint0(&a, false);
	apic_set_lint0(&a, true);
	assert_int_equal(apic_ack(&a), 0x40);
	put(&a, APIC_EOI, 0);

	/* level: again and again until it drops */
	put(&a, APIC_LVT_LINT0, 0x8041);
	assert_int_equal(get(&a, APIC_LVT_LINT0), 0xc041);
	assert_int_equal(apic_ack(&a), 0x41);
	assert_int_equal(apic_pending(&a), -1);
	put(&a, APIC_EOI, 0);
	assert_int_equal(apic_ack(&a), 0x41);
	apic_set_lint0(&a, false);
	put(&a, APIC_EOI, 0);
	assert_int_equal(apic_pending(&a), -1);
	assert_int_equal(get(&a, APIC_LVT_LINT0), 0x8041);
	/* masked, it waits for the unmasking */
	put(&a, APIC_LVT_LINT0, 0x18041);
	apic_set_lint0(&a, true);
	assert_int_equal(apic_pending(&a), -1);
	put(&a, APIC_LVT_LINT0, 0x8041);
	assert_int_equal(apic_pending(&a), 0x41);
}

static void base_register(void **state)
{
	struct apic a = fresh();

	(void)state;
	assert_int_equal(a.base, 0xfee00900);
	assert_true(apic_decodes(&a, 0xfee00000));
	assert_true(apic_decodes(&a, 0xfee00fff));
	assert_false(apic_decodes(&a, 0xfee01000));
	assert_false(apic_decodes(&a, 0x1fee00000ull));
	/* reserved bits, x2APIC, beyond 36 bits of address */
	assert_false(apic_set_base(&a, 0xfee00901));
	assert_false(apic_set_base(&a, 0xfee00a00));
	assert_false(apic_set_base(&a, 0xfee00c00));
	assert_false(apic_set_base(&a, 0x10fee00900ull));
	assert_int_equal(a.base, 0xfee00900);
	/* moving keeps the state; the BSP flag is not the guest's to change */
	put(&a, APIC_TPR, 0x20);
	assert_true(apic_set_base(&a, 0xfed00800));
	assert_int_equal(a.base, 0xfed00900);
	assert_int_equal(get(&a, APIC_TPR), 0x20);
	assert_true(apic_set_base(&a, 0xffee00800ull));
	assert_int_equal(a.base, 0xffee00900ull);
	/* off and on again: as after a reset, with the ID */
	apic_accept(&a, 0x50, false);
	assert_true(apic_set_base(&a, 0xfee00000));
	assert_false(apic_decodes(&a, 0xfee00000));
	assert_int_equal(apic_pending(&a), -1);
	assert_false(apic_accept(&a, 0x51, false));
	put(&a, APIC_SVR, 0x1ff);
	assert_int_equal(get(&a, APIC_SVR), 0xffffffff);
	assert_false(apic_accept(&a, 0x51, false));
	assert_true(apic_set_base(&a, 0xfee00800));
	assert_int_equal(get(&a, APIC_SVR), 0xff);
	assert_int_equal(get(&a, APIC_TPR), 0);
	assert_int_equal(get(&a, APIC_ID), 0x03000000);
	put(&a, APIC_SVR, 0x1ff);
	assert_int_equal(apic_pending(&a), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reset_values),
		cmocka_unit_test(writable_bits),
		cmocka_unit_test(accept_and_serve),
		cmocka_unit_test(priorities),
		cmocka_unit_test(task_priority),
		cmocka_unit_test(illegal_vectors),
		cmocka_unit_test(illegal_registers),
		cmocka_unit_test(error_interrupt),
		cmocka_unit_test(software_disable),
		cmocka_unit_test(ipi_to_self),
		cmocka_unit_test(ipi_to_others),
		cmocka_unit_test(start_up_ipis),
		cmocka_unit_test(destinations),
		cmocka_unit_test(messages),
		cmocka_unit_test(extint),
		cmocka_unit_test(lint0_fixed),
		cmocka_unit_test(base_register),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
