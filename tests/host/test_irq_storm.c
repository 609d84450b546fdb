/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/pic.c hypervisor/model/apic.c hypervisor/model/ioapic.c */
/*
 * Storms of edge- and level-triggered interrupts through the models, with the
 * monitor's part played as docs/interrupts.md lays it down, against a guest
 * that masks, nests, polls and delays at random.  Each event of a device is
 * handled exactly once, and nothing comes unasked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/apic.h"
#include "model/ioapic.h"
#include "model/pic.h"

#include "random.h"

uint64_t div64_32(uint64_t n, uint32_t d);

uint64_t div64_32(uint64_t n, uint32_t d)
{
	return n / d;
}

#define LINES		16
#define EDGES		0x111bu		/* 0 1 3 4 8 12 */
#define LEVELS		0x4c20u		/* 5 10 11 14 */

/* The two ways by which a line can reach the guest. */
struct route {
	void (*start)(void);
	void (*pulse)(unsigned irq);
	void (*set_level)(unsigned irq);
	bool (*output)(void);
	unsigned (*ack)(void);		/* the line */
	void (*eoi)(unsigned irq);
	void (*mask)(unsigned irq, bool masked);
	uint32_t (*released)(void);
	bool (*on_its_way)(unsigned irq);	/* masking comes too late */
	uint32_t maskable;
};

static struct pic pic;
static struct apic apic;
static struct ioapic ioapic;

static void pic_start(void)
{
	pic_init(&pic);
	pic_set_base(&pic, 0, 0x20, false);
	pic_set_base(&pic, 1, 0x28, false);
	pic_write(&pic, PIC_MASTER_ELCR, LEVELS & 0xff);
	pic_write(&pic, PIC_SLAVE_ELCR, LEVELS >> 8);
	pic_set_imr(&pic, 0);
}

static void pic_pulse_line(unsigned irq)
{
	pic_pulse(&pic, irq);
}

static void pic_set_level(unsigned irq)
{
	pic_set_line(&pic, irq, true);
}

static bool pic_has_output(void)
{
	return pic_output(&pic);
}

static unsigned pic_ack_line(void)
{
	return (unsigned)pic_ack(&pic) - 0x20;
}

static void pic_eoi(unsigned irq)
{
	if (irq >= 8)
		pic_write(&pic, PIC_SLAVE_COMMAND, 0x20);
	pic_write(&pic, PIC_MASTER_COMMAND, 0x20);
}

static void pic_mask(unsigned irq, bool masked)
{
	uint16_t port = irq < 8 ? PIC_MASTER_DATA : PIC_SLAVE_DATA;
	uint8_t imr = pic_read(&pic, port), bit = (uint8_t)(1 << (irq & 7));

	pic_write(&pic, port, masked ? imr | bit : imr & (uint8_t)~bit);
}

static uint32_t pic_released(void)
{
	return pic_take_released(&pic);
}

static bool pic_on_its_way(unsigned irq)
{
	(void)irq;
	return false;
}

static const struct route through_pic = {
	pic_start, pic_pulse_line, pic_set_level, pic_has_output, pic_ack_line,
	pic_eoi, pic_mask, pic_released, pic_on_its_way, EDGES | LEVELS
};

static unsigned line_vector(unsigned irq)
{
	return 0x30 + 11 * irq;
}

static void ioapic_mask(unsigned irq, bool masked)
{
	ioapic_write(&ioapic, IOAPIC_SELECT, IOAPIC_ENTRY + 2 * irq);
	ioapic_write(&ioapic, IOAPIC_WINDOW, line_vector(irq) |
		     (LEVELS >> irq & 1 ? IOAPIC_ENTRY_LEVEL : 0) |
		     (masked ? IOAPIC_ENTRY_MASKED : 0));
}

static void ioapic_start(void)
{
	unsigned irq;

	apic_init(&apic, 0, true, APIC_TICK(1));
	apic_write(&apic, APIC_SVR, 0x1ff, 0);
	ioapic_init(&ioapic);
	for (irq = 0; irq < LINES; irq++)
		ioapic_mask(irq, !((EDGES | LEVELS) >> irq & 1));
}

static void deliver(const struct apic_message *m)
{
	assert_true(apic_matches(&apic, m->dest, m->logical));
	assert_true(apic_accept(&apic, m->vector, m->level));
}

static void ioapic_pulse_line(unsigned irq)
{
	struct apic_message m;

	if (ioapic_pulse(&ioapic, irq, &m))
		deliver(&m);
}

static void ioapic_set_level(unsigned irq)
{
	struct apic_message m;

	if (ioapic_set_line(&ioapic, irq, true, &m))
		deliver(&m);
}

static bool apic_has_output(void)
{
	return apic_pending(&apic) >= 0;
}

static unsigned apic_ack_line(void)
{
	return ((unsigned)apic_ack(&apic) - 0x30) / 11;
}

static void apic_eoi(unsigned irq)
{
	int vector;

	(void)irq;
	apic_write(&apic, APIC_EOI, 0, 0);
	vector = apic_take_eoi_vector(&apic);
	if (vector >= 0)
		ioapic_eoi(&ioapic, (uint8_t)vector);
}

static uint32_t ioapic_released(void)
{
	return ioapic_take_released(&ioapic);
}

static bool apic_on_its_way(unsigned irq)
{
	return ioapic.entry[irq] & IOAPIC_ENTRY_REMOTE_IRR;
}

/* Edges at a masked pin are lost by the chip's rules, so none is masked. */
static const struct route through_ioapic = {
	ioapic_start, ioapic_pulse_line, ioapic_set_level, apic_has_output,
	apic_ack_line, apic_eoi, ioapic_mask, ioapic_released, apic_on_its_way,
	LEVELS
};

static struct machine {
	const struct route *route;
	uint32_t asserted;		/* by devices, level */
	uint32_t source_masked;		/* at the physical controller */
	uint32_t guest_masked;
	uint32_t in_flight;		/* edges not yet acknowledged */
	unsigned stack[LINES], depth;	/* handlers that are active */
	unsigned raised[LINES], handled[LINES];
} now;

/* The monitor: physical interrupts in, released lines out, until all is quiet. */
static void monitor(void)
{
	unsigned irq;

	now.source_masked &= ~now.route->released();
	for (irq = 0; irq < LINES; irq++) {
		if (!(now.asserted & ~now.source_masked & 1u << irq))
			continue;
		now.source_masked |= 1u << irq;
		now.route->set_level(irq);
	}
}

static void device(unsigned irq)
{
	uint32_t bit = 1u << irq;

	if (EDGES & bit && !(now.in_flight & bit)) {
		now.in_flight |= bit;
		now.raised[irq]++;
		now.route->pulse(irq);
	} else if (LEVELS & bit && !(now.asserted & bit)) {
		now.asserted |= bit;
		now.raised[irq]++;
	}
}

static void guest_takes_interrupt(void)
{
	unsigned irq;

	if (!now.route->output())
		return;
	irq = now.route->ack();
	assert_in_range(irq, 0, LINES - 1);
	assert_true(now.depth < LINES);
	now.stack[now.depth++] = irq;
	if (EDGES >> irq & 1) {
		assert_true(now.in_flight >> irq & 1);
		now.in_flight &= ~(1u << irq);
		now.handled[irq]++;
	}
}

static void guest_ends_interrupt(void)
{
	unsigned irq;

	if (!now.depth)
		return;
	irq = now.stack[--now.depth];
	if (LEVELS >> irq & 1) {
		assert_true(now.asserted >> irq & 1);
		now.asserted &= ~(1u << irq);
		now.handled[irq]++;
		if (!random_below(4))
			device(irq);	/* at once again */
	}
	now.route->eoi(irq);
}

static bool in_service(unsigned irq)
{
	unsigned i;

	for (i = 0; i < now.depth; i++)
		if (now.stack[i] == irq)
			return true;
	return false;
}

static void guest_changes_mask(unsigned irq)
{
	uint32_t bit = 1u << irq;

	if (!(now.route->maskable & bit))
		return;
	now.guest_masked ^= bit;
	now.route->mask(irq, now.guest_masked & bit);
}

/* A driver that polls its device while its line is masked. */
static void guest_polls(unsigned irq)
{
	uint32_t bit = 1u << irq;

	if (now.asserted & now.guest_masked & bit && !in_service(irq) &&
	    !now.route->on_its_way(irq)) {
		now.asserted &= ~bit;
		now.handled[irq]++;
	}
}

static void step(void)
{
	unsigned irq = random_below(LINES);

	switch (random_below(8)) {
	case 0:
	case 1:
		device(irq);
		break;
	case 2:
	case 3:
		guest_takes_interrupt();
		break;
	case 4:
	case 5:
		guest_ends_interrupt();
		break;
	case 6:
		guest_changes_mask(irq);
		break;
	case 7:
		guest_polls(irq);
		break;
	}
	monitor();
}

static void drain(void)
{
	unsigned irq;

	for (irq = 0; irq < LINES; irq++)
		if (now.guest_masked >> irq & 1)
			guest_changes_mask(irq);
	monitor();
	while (now.depth || now.route->output()) {
		if (now.route->output())
			guest_takes_interrupt();
		else
			guest_ends_interrupt();
		monitor();
	}
}

static void storm(const struct route *route)
{
	unsigned total[LINES] = { 0 };
	unsigned run, i;

	for (run = 1; run <= 200; run++) {
		memset(&now, 0, sizeof now);
		now.route = route;
		route->start();
		random_start(run);
		for (i = 0; i < 5000; i++)
			step();
		drain();
		assert_int_equal(now.asserted, 0);
		assert_int_equal(now.in_flight, 0);
		assert_int_equal(now.source_masked, 0);
		for (i = 0; i < LINES; i++) {
			assert_int_equal(now.raised[i], now.handled[i]);
			total[i] += now.handled[i];
		}
	}
	/* low priorities starve much of the time, but not for good */
	for (i = 0; i < LINES; i++)
		if ((EDGES | LEVELS) >> i & 1)
			assert_true(total[i] > 1000);
}

static void pic_storm(void **state)
{
	(void)state;
	storm(&through_pic);
}

static void ioapic_storm(void **state)
{
	(void)state;
	storm(&through_ioapic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pic_storm),
		cmocka_unit_test(ioapic_storm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
