/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of the interrupts test.
 */
#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

#define TICK_HZ		1000

/* devices.c: lines that the test can raise at will */
void keyboard_init(void);
void keyboard_raise(uint8_t byte);	/* IRQ 1, which reads the byte */
uint32_t keyboard_count(void);		/* interrupts since keyboard_init() */
uint8_t keyboard_byte(void);		/* what the last one read */
void keyboard_set_hook(void (*hook)(void));	/* called by the handler */
void test_keyboard(void);
void test_serial(void);
void test_rtc(void);

/* priorities.c */
void test_priorities(void);

/* interrupts.c: until all these lines wait at the controller; false after a tenth second. */
bool wait_requested(uint16_t lines);

#endif
