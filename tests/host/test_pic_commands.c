/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/pic.c */
/*
 * The 8259A model, what its operation command words do: ends of interrupt,
 * rotation, polling, special modes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pic_pair.h"

static void specific_eoi(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_pulse(&p, 6);
	pic_ack(&p);
	pic_pulse(&p, 3);
	pic_ack(&p);
	assert_int_equal(read_isr(&p), 0x48);
	pic_write(&p, 0x20, SPECIFIC_EOI | 6);
	assert_int_equal(read_isr(&p), 0x08);
	assert_int_equal(pic_take_released(&p), 0x40);
	pic_write(&p, 0x20, SPECIFIC_EOI | 5);
	assert_int_equal(read_isr(&p), 0x08);
	assert_int_equal(pic_take_released(&p), 0);
	pic_write(&p, 0x20, SPECIFIC_EOI | 3);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(read_isr(&p), 0);
}

static void rotation(void **state)
{
	struct pic p = fresh();
	unsigned i;

	(void)state;
	/* automatic rotation: equal devices take turns */
	for (i = 0; i < 8; i++)
		if (i != PIC_CASCADE)
			pic_pulse(&p, i);
	assert_int_equal(pic_ack(&p), 0x20);
	pic_write(&p, 0x20, ROTATE_EOI);
	pic_pulse(&p, 0);
	assert_int_equal(pic_ack(&p), 0x21);
	pic_write(&p, 0x20, ROTATE_EOI);
	for (i = 3; i < 8; i++) {
		assert_int_equal(pic_ack(&p), 0x20 + i);
		pic_write(&p, 0x20, ROTATE_EOI);
	}
	assert_int_equal(pic_ack(&p), 0x20);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);

	/* set priority: 5 lowest, so 6 highest */
	pic_write(&p, 0x20, SET_PRIORITY | 5);
	pic_pulse(&p, 0);
	pic_pulse(&p, 5);
	pic_pulse(&p, 6);
	assert_int_equal(pic_ack(&p), 0x26);
	pic_write(&p, 0x20, ROTATE_SPECIFIC_EOI | 6);
	/* now 6 lowest, 7 highest */
	assert_int_equal(pic_ack(&p), 0x20);
	pic_pulse(&p, 6);
	pic_pulse(&p, 7);
	assert_int_equal(pic_ack(&p), 0x27);
	/* a non-specific EOI follows the rotated order */
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(read_isr(&p), 0x01);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(pic_ack(&p), 0x25);
}

static void no_operation_words(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_pulse(&p, 4);
	pic_ack(&p);
	pic_write(&p, 0x20, 0x47);	/* OCW2 010: no operation */
	assert_int_equal(read_isr(&p), 0x10);
	pic_write(&p, 0x20, 0x08);	/* OCW3 with nothing to do */
	assert_int_equal(pic_read(&p, 0x20), 0x10);
	pic_write(&p, 0x20, SET_PRIORITY | 7);
	pic_pulse(&p, 0);
	assert_int_equal(pic_ack(&p), 0x20);
}

static void automatic_eoi(void **state)
{
	struct pic p = fresh();

	(void)state;
	program(&p, 0x03, 0x03);
	pic_pulse(&p, 4);
	pic_pulse(&p, 12);
	assert_int_equal(pic_ack(&p), 0x2c);
	assert_int_equal(pic_take_released(&p), 0x1000);
	assert_int_equal(pic_ack(&p), 0x24);
	assert_int_equal(pic_take_released(&p), 0x0010);
	assert_int_equal(read_isr(&p), 0);

	pic_write(&p, 0x20, ROTATE_AUTO_ON);
	pic_pulse(&p, 0);
	assert_int_equal(pic_ack(&p), 0x20);
	pic_pulse(&p, 0);
	pic_pulse(&p, 1);
	assert_int_equal(pic_ack(&p), 0x21);
	pic_write(&p, 0x20, ROTATE_AUTO_OFF);
	assert_int_equal(pic_ack(&p), 0x20);
	pic_pulse(&p, 0);
	pic_pulse(&p, 3);
	assert_int_equal(pic_ack(&p), 0x23);
}

static void polling(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_write(&p, 0x20, POLL);
	assert_int_equal(pic_read(&p, 0x20), 0);
	pic_pulse(&p, 10);
	pic_pulse(&p, 5);
	pic_write(&p, 0x20, POLL);
	assert_int_equal(pic_read(&p, 0x20), 0x82);
	pic_write(&p, 0xa0, POLL);
	assert_int_equal(pic_read(&p, 0xa0), 0x82);
	assert_int_equal(read_isr(&p), 0x0404);
	assert_false(pic_output(&p));
	pic_write(&p, 0xa0, NON_SPECIFIC_EOI);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	pic_write(&p, 0x20, POLL);
	assert_int_equal(pic_read(&p, 0x20), 0x85);
	/* one poll per command; the poll did not change what is read */
	assert_int_equal(pic_read(&p, 0x20), 0x20);
	pic_write(&p, 0x20, POLL | READ_IRR);	/* the poll bit wins */
	assert_int_equal(pic_read(&p, 0x20), 0);
	assert_int_equal(pic_read(&p, 0x20), 0x20);
}

static void special_mask_mode(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_pulse(&p, 3);
	pic_ack(&p);
	pic_pulse(&p, 6);
	assert_false(pic_output(&p));
	pic_write(&p, 0x21, 0x08);
	assert_false(pic_output(&p));
	pic_write(&p, 0x20, SMM_ON);
	assert_int_equal(pic_ack(&p), 0x26);
	/* the non-specific EOI does not see the masked one */
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(read_isr(&p), 0x08);
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(read_isr(&p), 0x08);
	pic_pulse(&p, 7);
	assert_true(pic_output(&p));
	pic_write(&p, 0x20, 0x28);	/* SMM without ESMM: no change */
	assert_true(pic_output(&p));
	pic_write(&p, 0x20, SMM_OFF);
	assert_false(pic_output(&p));
	pic_write(&p, 0x20, SPECIFIC_EOI | 3);
	assert_int_equal(pic_ack(&p), 0x27);
}

static void special_fully_nested_mode(void **state)
{
	struct pic p = fresh();

	(void)state;
	/* without it a slave in service locks out all of the slave */
	pic_pulse(&p, 12);
	assert_int_equal(pic_ack(&p), 0x2c);
	pic_pulse(&p, 9);
	assert_false(pic_output(&p));
	pic_write(&p, 0xa0, SPECIFIC_EOI | 4);
	pic_write(&p, 0x20, SPECIFIC_EOI | 2);
	assert_int_equal(pic_ack(&p), 0x29);

	program(&p, 0x11, 0x01);
	pic_pulse(&p, 12);
	assert_int_equal(pic_ack(&p), 0x2c);
	pic_pulse(&p, 14);
	assert_false(pic_output(&p));
	pic_pulse(&p, 9);
	assert_int_equal(pic_ack(&p), 0x29);
	/* other inputs of the master keep their order */
	pic_pulse(&p, 3);
	assert_false(pic_output(&p));
	pic_pulse(&p, 1);
	assert_int_equal(pic_ack(&p), 0x21);
}

/* A slave has no slave: its input 2 waits for its EOI like the others. */
static void special_fully_nested_slave(void **state)
{
	struct pic p;

	(void)state;
	pic_init(&p);
	program(&p, 0x01, 0x11);
	pic_write(&p, PIC_SLAVE_ELCR, 0x04);
	pic_take_released(&p);

	pic_set_line(&p, 10, true);
	assert_int_equal(pic_ack(&p), 0x2a);
	pic_write(&p, PIC_MASTER_COMMAND, NON_SPECIFIC_EOI);
	assert_false(pic_output(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specific_eoi),
		cmocka_unit_test(rotation),
		cmocka_unit_test(no_operation_words),
		cmocka_unit_test(automatic_eoi),
		cmocka_unit_test(polling),
		cmocka_unit_test(special_mask_mode),
		cmocka_unit_test(special_fully_nested_mode),
		cmocka_unit_test(special_fully_nested_slave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
