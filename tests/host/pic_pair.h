/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A programmed pair of 8259As, and their command words, for the model's tests.
 * The includer brings cmocka.
 */
#ifndef PIC_PAIR_H
#define PIC_PAIR_H

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

static inline void program(struct pic *p, unsigned icw4_master, unsigned icw4_slave)
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
static inline struct pic fresh(void)
{
	struct pic p;

	pic_init(&p);
	program(&p, 0x01, 0x01);
	assert_int_equal(pic_take_released(&p), 0);
	return p;
}

/* What an OCW3 has either answer: the master in the low byte. */
static inline unsigned read_pair(struct pic *p, uint8_t command)
{
	pic_write(p, 0x20, command);
	pic_write(p, 0xa0, command);
	return pic_read(p, 0x20) | (unsigned)pic_read(p, 0xa0) << 8;
}

static inline unsigned read_isr(struct pic *p)
{
	return read_pair(p, READ_ISR);
}

static inline unsigned read_irr(struct pic *p)
{
	return read_pair(p, READ_IRR);
}

#endif
