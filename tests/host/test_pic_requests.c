/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/pic.c */
/*
 * The 8259A model, the inputs' side of the data sheet: vectors, priorities,
 * edges and levels, spurious interrupts.  Long random runs are in
 * test_pic_random.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pic_pair.h"

static void every_input_has_its_vector(void **state)
{
	unsigned irq;

	(void)state;
	for (irq = 0; irq < 16; irq++) {
		struct pic p = fresh();
		unsigned isr = irq < 8 ? 1u << irq : 1u << irq | 4;

		if (irq == PIC_CASCADE)
			continue;
		assert_false(pic_output(&p));
		pic_set_line(&p, irq, true);
		assert_true(pic_output(&p));
		assert_int_equal(read_irr(&p), isr);
		assert_int_equal(pic_ack(&p), 0x20 + irq);
		assert_false(pic_output(&p));
		assert_int_equal(read_irr(&p), 0);
		assert_int_equal(read_isr(&p), isr);
		pic_set_line(&p, irq, false);
		if (irq >= 8)
			pic_write(&p, 0xa0, NON_SPECIFIC_EOI);
		pic_write(&p, 0x20, NON_SPECIFIC_EOI);
		assert_int_equal(read_isr(&p), 0);
		assert_int_equal(pic_take_released(&p), 1u << irq);
		assert_int_equal(pic_take_released(&p), 0);
	}
}

static void fixed_priority(void **state)
{
	static const unsigned order[] = {
		0, 1, 8, 9, 10, 11, 12, 13, 14, 15, 3, 4, 5, 6, 7
	};
	struct pic p = fresh();
	unsigned i;

	(void)state;
	for (i = 0; i < 16; i++)
		if (i != PIC_CASCADE)
			pic_pulse(&p, i);
	for (i = 0; i < 15; i++) {
		assert_int_equal(pic_ack(&p), 0x20 + order[i]);
		assert_false(pic_output(&p));
		if (order[i] >= 8)
			pic_write(&p, 0xa0, NON_SPECIFIC_EOI);
		pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	}
	assert_false(pic_output(&p));
}

static void higher_interrupts_lower_waits(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_pulse(&p, 4);
	assert_int_equal(pic_ack(&p), 0x24);
	pic_pulse(&p, 4);
	pic_pulse(&p, 5);
	assert_false(pic_output(&p));
	pic_pulse(&p, 1);
	assert_int_equal(pic_ack(&p), 0x21);
	assert_int_equal(read_isr(&p), 0x12);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(read_isr(&p), 0x10);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(pic_ack(&p), 0x24);
}

static void edges(void **state)
{
	struct pic p = fresh();

	(void)state;
	/* a line that stays high is one request */
	pic_set_line(&p, 3, true);
	assert_int_equal(pic_ack(&p), 0x23);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	pic_set_line(&p, 3, true);
	assert_false(pic_output(&p));
	pic_set_line(&p, 3, false);
	pic_set_line(&p, 3, true);
	assert_true(pic_output(&p));
	/* it must stay high until acknowledged */
	pic_set_line(&p, 3, false);
	assert_false(pic_output(&p));
	/* a pulse need not */
	pic_pulse(&p, 3);
	pic_set_line(&p, 3, false);
	assert_true(pic_output(&p));
	/* while in service one more edge is kept, not two */
	assert_int_equal(pic_ack(&p), 0x23);
	pic_pulse(&p, 3);
	pic_pulse(&p, 3);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(pic_ack(&p), 0x23);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_false(pic_output(&p));
	/* an edge behind the mask is kept */
	pic_write(&p, 0x21, 0x08);
	pic_pulse(&p, 3);
	assert_false(pic_output(&p));
	pic_write(&p, 0x21, 0);
	assert_true(pic_output(&p));
}

static void levels(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_write(&p, 0x4d0, 0xff);
	pic_write(&p, 0x4d1, 0xff);
	assert_int_equal(pic_read(&p, 0x4d0), 0xf8);
	assert_int_equal(pic_read(&p, 0x4d1), 0xde);
	assert_int_equal(pic_elcr(&p), 0xdef8);

	pic_set_line(&p, 11, true);
	pic_set_line(&p, 11, false);
	assert_false(pic_output(&p));
	pic_set_line(&p, 11, true);
	assert_int_equal(pic_ack(&p), 0x2b);
	assert_int_equal(read_irr(&p), 0x0800);
	assert_int_equal(pic_take_released(&p), 0);
	pic_write(&p, 0xa0, SPECIFIC_EOI | 3);
	pic_write(&p, 0x20, SPECIFIC_EOI | 2);
	/* let go: the monitor unmasks the source and sets the line again */
	assert_int_equal(pic_take_released(&p), 0x0800);
	assert_false(pic_output(&p));
	pic_set_line(&p, 11, true);
	assert_int_equal(pic_ack(&p), 0x2b);
	/* a line that drops during service does not come again */
	pic_set_line(&p, 11, false);
	pic_write(&p, 0xa0, NON_SPECIFIC_EOI);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_false(pic_output(&p));
}

static void level_behind_mask_is_sampled_anew(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_write(&p, 0x4d0, 0x20);
	pic_write(&p, 0x21, 0x60);
	pic_set_line(&p, 5, true);
	pic_set_line(&p, 6, true);
	assert_false(pic_output(&p));
	assert_int_equal(pic_take_released(&p), 0);
	pic_write(&p, 0x21, 0x60);
	assert_int_equal(pic_take_released(&p), 0);
	pic_write(&p, 0x21, 0x00);
	assert_int_equal(pic_take_released(&p), 0x20);
	assert_int_equal(pic_ack(&p), 0x26);
	pic_set_line(&p, 5, true);
	assert_int_equal(pic_ack(&p), 0x25);
	/* masking and unmasking what is in service lets nothing go */
	pic_write(&p, 0x21, 0x20);
	pic_write(&p, 0x21, 0x00);
	assert_int_equal(pic_take_released(&p), 0);
}

static void trigger_change_lets_go(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_write(&p, 0x4d0, 0x20);
	pic_set_line(&p, 5, true);
	pic_write(&p, 0x4d0, 0x00);
	assert_false(pic_output(&p));
	assert_int_equal(pic_take_released(&p), 0x20);
	pic_set_line(&p, 5, true);
	assert_true(pic_output(&p));
	pic_write(&p, 0x4d0, 0x20);
	assert_false(pic_output(&p));
	assert_int_equal(pic_take_released(&p), 0x20);
}

static void spurious(void **state)
{
	struct pic p = fresh();

	(void)state;
	assert_int_equal(pic_ack(&p), 0x27);
	assert_int_equal(read_isr(&p), 0);
	pic_set_line(&p, 4, true);
	pic_set_line(&p, 4, false);
	assert_int_equal(pic_ack(&p), 0x27);
	assert_int_equal(read_isr(&p), 0);
	pic_pulse(&p, 1);
	pic_write(&p, 0x21, 0x02);
	assert_int_equal(pic_ack(&p), 0x27);

	/* the slave's output seen, but nothing there: 15, master in service */
	pic_set_line(&p, 2, true);
	assert_int_equal(pic_ack(&p), 0x2f);
	assert_int_equal(read_isr(&p), 0x0004);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(read_isr(&p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_input_has_its_vector),
		cmocka_unit_test(fixed_priority),
		cmocka_unit_test(higher_interrupts_lower_waits),
		cmocka_unit_test(edges),
		cmocka_unit_test(levels),
		cmocka_unit_test(level_behind_mask_is_sampled_anew),
		cmocka_unit_test(trigger_change_lets_go),
		cmocka_unit_test(spurious),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
