// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debug console: port E9h, which QEMU (isa-debugcon) and Bochs (port_e9_hack)
 * print.  Only the monitor and the ROM write to it; the guest's own output goes
 * elsewhere, to a serial port for instance.
 */
#include <stdarg.h>

#include "base/base.h"

static void put(char c)
{
	outb(PORT_DEBUG_CONSOLE, (uint8_t)c);
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_number(uint32_t v, unsigned base, unsigned width)
{
	char digits[10];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v || n < width);
	while (n)
		put(digits[--n]);
}

/* Minimal on purpose: a caller that needs another format formats by itself. */
void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		unsigned width = 0;

		if (*format != '%') {
			put(*format);
			continue;
		}
		while (*++format >= '0' && *format <= '9')
			width = width * 10 + (unsigned)(*format - '0');
		if (*format == 's')
			put_string(va_arg(args, const char *));
		else
			put_number(va_arg(args, uint32_t), *format == 'x' ? 16 : 10, width);
	}
	va_end(args);
}
