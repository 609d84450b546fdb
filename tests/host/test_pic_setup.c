/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/pic.c */
/*
 * The 8259A model before it runs: as it begins, as the monitor takes it over,
 * and as its initialisation command words leave it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pic_pair.h"

static void initial_state(void **state)
{
	struct pic p;

	(void)state;
	pic_init(&p);
	assert_int_equal(pic_imr(&p), 0xffff);
	assert_int_equal(pic_read(&p, 0x21), 0xff);
	assert_int_equal(pic_read(&p, 0xa1), 0xff);
	pic_pulse(&p, 1);
	pic_pulse(&p, 9);
	assert_false(pic_output(&p));
	/* 0 has the highest priority on both */
	pic_set_imr(&p, 0);
	pic_pulse(&p, 15);
	pic_pulse(&p, 7);
	assert_int_equal(pic_ack(&p), 0x09);
	pic_set_imr(&p, 0xfdfb);
	assert_false(pic_output(&p));	/* 1 is in service, above the cascade */
	pic_write(&p, 0x20, NON_SPECIFIC_EOI);
	assert_int_equal(pic_ack(&p), 0x71);
}

static void taken_over_state(void **state)
{
	struct pic p;

	(void)state;
	pic_init(&p);
	pic_set_base(&p, 0, 0x37, true);	/* the low bits do not count */
	pic_set_base(&p, 1, 0x40, true);
	pic_set_imr(&p, 0);
	pic_pulse(&p, 3);
	assert_int_equal(pic_ack(&p), 0x33);
	assert_int_equal(read_isr(&p), 0);
	pic_pulse(&p, 12);
	assert_int_equal(pic_ack(&p), 0x44);
	assert_int_equal(read_isr(&p), 0);
}

static void initialisation(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_write(&p, 0x4d0, 0x20);
	pic_set_line(&p, 3, true);
	pic_ack(&p);
	pic_set_line(&p, 5, true);
	pic_pulse(&p, 1);
	pic_write(&p, 0x21, 0xff);
	pic_write(&p, 0x20, SET_PRIORITY | 2);
	pic_write(&p, 0x20, SMM_ON);
	pic_write(&p, 0x20, READ_ISR);

	pic_write(&p, 0x20, 0x11);
	assert_int_equal(pic_take_released(&p), 0x28);
	assert_int_equal(pic_read(&p, 0x20), 0);	/* reads IRR again */
	assert_int_equal(pic_read(&p, 0x21), 0);	/* IMR is clear */
	pic_pulse(&p, 4);
	assert_false(pic_output(&p));			/* not ready yet */
	pic_write(&p, 0x21, 0x57);
	pic_write(&p, 0x21, 0x04);
	assert_false(pic_output(&p));
	pic_write(&p, 0x21, 0x01);
	assert_true(pic_output(&p));
	pic_write(&p, 0x21, 0xa5);			/* OCW1 now */
	assert_int_equal(pic_read(&p, 0x21), 0xa5);
	pic_write(&p, 0x21, 0);
	assert_int_equal(pic_ack(&p), 0x54);
	/* the edge circuit was reset: a high pin must go low first */
	pic_set_line(&p, 3, true);
	assert_false(pic_output(&p));
	/* ELCR is not part of the chip's initialisation */
	assert_int_equal(pic_read(&p, 0x4d0), 0x20);
}

static void short_initialisations(void **state)
{
	struct pic p = fresh();

	(void)state;
	pic_write(&p, 0x20, 0x13);	/* single: no ICW3 */
	pic_write(&p, 0x21, 0x60);
	pic_write(&p, 0x21, 0x03);
	pic_write(&p, 0x21, 0xfe);
	assert_int_equal(pic_read(&p, 0x21), 0xfe);
	pic_pulse(&p, 0);
	assert_int_equal(pic_ack(&p), 0x60);
	assert_int_equal(read_isr(&p), 0);	/* ICW4 set automatic EOI */

	pic_write(&p, 0x20, 0x12);	/* no ICW4: all its functions off */
	pic_write(&p, 0x21, 0x68);
	pic_write(&p, 0x21, 0x00);
	pic_pulse(&p, 0);
	assert_int_equal(pic_ack(&p), 0x68);
	assert_int_equal(read_isr(&p), 1);

	pic_write(&p, 0x20, 0x10);	/* ICW3 but no ICW4 */
	pic_write(&p, 0x21, 0x70);
	pic_write(&p, 0x21, 0xff);
	assert_int_equal(pic_read(&p, 0x21), 0x00);
	pic_pulse(&p, 7);
	assert_int_equal(pic_ack(&p), 0x77);

	pic_write(&p, 0x20, 0x11);	/* ICW1 in mid-sequence starts again */
	pic_write(&p, 0x21, 0x08);
	pic_write(&p, 0x20, 0x11);
	pic_write(&p, 0x21, 0x80);
	pic_write(&p, 0x21, 0x04);
	pic_write(&p, 0x21, 0x01);
	pic_pulse(&p, 1);
	assert_int_equal(pic_ack(&p), 0x81);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initial_state),
		cmocka_unit_test(taken_over_state),
		cmocka_unit_test(initialisation),
		cmocka_unit_test(short_initialisations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
