/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The serial console (COM1, 115200 8N1, polled) and a small printf.
 */
#ifndef RUNTIME_CONSOLE_H
#define RUNTIME_CONSOLE_H

#include <stdarg.h>
#include <stddef.h>

#define SERIAL_PORT	0x3f8

void console_init(void);

/* Writes one character, a newline as CR LF; waits while the UART is busy. */
void console_put(char c);

/* Returns when everything has been sent. */
void console_flush(void);

/*
 * %d %i %u %x %X %c %s %p %%, the flags `-` and `0`, a width, and the sizes
 * hh h l ll z.  Nothing else: an unknown conversion is printed as it stands.
 */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_list(const char *format, va_list args)
	__attribute__((format(printf, 1, 0)));

#endif
