/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: hypervisor/model/pic.c */
/*
 * The 8259A model: each behaviour of the data sheet by itself.  Long random
 * runs are in test_pic_random.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/pic.h"

#define NON_SPECIFIC_EOI	0x20
#define SPECIFIC_EOI		0x60
#define ROTATE_EOI		0xa0
#define ROTATE_SPECIFIC_EOI	0xe0
#define SET_PRIORITY		0xc0
#define ROTATE_AUTO_ON		0x80
#define ROTATE_AUTO_OFF		0x00
#define READ_IRR		0x0a
#define READ_ISR		0x0b
#define POLL			0x0c
#define SMM_ON			0x68
#define SMM_OFF			0x48

static void program(struct pic *p, unsigned icw4_master, unsigned icw4_slave)
{
	pic_write(p, 0x20, 0x11);
	pic_write(p, 0x21, 0x20);
	pic_write(p, 0x21, 0x04);
	pic_write(p, 0x21, (uint8_t)icw4_master);
	pic_write(p, 0xa0, 0x11);
	pic_write(p, 0xa1, 0x28);
	pic_write(p, 0xa1, 0x02);
	pic_write(p, 0xa1, (uint8_t)icw4_slave);
}

/* Vectors 20h and 28h, nothing masked, fully nested, explicit EOI. */
static struct pic fresh(void)
{
	struct pic p;

	pic_init(&p);
	program(&p, 0x01, 0x01);
	assert_int_equal(pic_take_released(&p), 0);
	return p;
}

static unsigned read_isr(struct pic *p)
{
	unsigned isr;

	pic_write(p, 0x20, READ_ISR);
	pic_write(p, 0xa0, READ_ISR);
	isr = pic_read(p, 0x20);
	return isr | (unsigned)pic_read(p, 0xa0) << 8;
}

static unsigned read_irr(struct pic *p)
{
	unsigned irr;

	pic_write(p, 0x20, READ_IRR);
	pic_write(p, 0xa0, READ_IRR);
	irr = pic_read(p, 0x20);
	return irr | (unsigned)pic_read(p, 0xa0) << 8;
}

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
		cmocka_unit_test(every_input_has_its_vector),
		cmocka_unit_test(fixed_priority),
		cmocka_unit_test(higher_interrupts_lower_waits),
		cmocka_unit_test(edges),
		cmocka_unit_test(levels),
		cmocka_unit_test(level_behind_mask_is_sampled_anew),
		cmocka_unit_test(trigger_change_lets_go),
		cmocka_unit_test(specific_eoi),
		cmocka_unit_test(rotation),
		cmocka_unit_test(no_operation_words),
		cmocka_unit_test(automatic_eoi),
		cmocka_unit_test(polling),
		cmocka_unit_test(special_mask_mode),
		cmocka_unit_test(special_fully_nested_mode),
		cmocka_unit_test(special_fully_nested_slave),
		cmocka_unit_test(spurious),
		cmocka_unit_test(initialisation),
		cmocka_unit_test(short_initialisations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
