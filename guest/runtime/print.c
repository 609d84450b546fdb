/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The small printf.
 */
#include "console.h"

#include <stdbool.h>
#include <stdint.h>

#include "string.h"

/* One conversion, as it is read from the format. */
struct conversion {
	bool left;
	bool zeros;
	unsigned int width;
	unsigned int longs;
};

/* A va_list that functions can take from in turn. */
struct arguments {
	va_list list;
};

#define DIGITS_MAX	24

/*
 * Divides in two 32-bit steps: a plain 64-bit division would call the
 * compiler's library, which is not linked.
 */
static uint64_t divide(uint64_t value, uint32_t base, uint32_t *rest)
{
	uint32_t high = (uint32_t)(value >> 32);
	uint32_t low = (uint32_t)value;
	uint32_t quotient = high / base;

	*rest = high % base;
	__asm__("divl %2" : "+a" (low), "+d" (*rest) : "r" (base) : "cc");
	return (uint64_t)quotient << 32 | low;
}

static void put_repeated(char c, unsigned int times)
{
	while (times--)
		console_put(c);
}

static void put_padded(const struct conversion *conversion, const char *text,
		       size_t length)
{
	unsigned int padding = 0;

	if (conversion->width > length)
		padding = conversion->width - (unsigned int)length;
	if (conversion->zeros && !conversion->left && *text == '-') {
		console_put(*text++);
		length--;
	}
	if (!conversion->left)
		put_repeated(conversion->zeros ? '0' : ' ', padding);
	while (length--)
		console_put(*text++);
	if (conversion->left)
		put_repeated(' ', padding);
}

static void put_number(const struct conversion *conversion, uint64_t value,
		       uint32_t base, bool negative, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[DIGITS_MAX];
	char *first = text + sizeof(text);
	uint32_t rest;

	do {
		value = divide(value, base, &rest);
		*--first = digits[rest];
	} while (value);
	if (negative)
		*--first = '-';
	put_padded(conversion, first, (size_t)(text + sizeof(text) - first));
}

static const char *read_conversion(const char *format,
				   struct conversion *conversion)
{
	memset(conversion, 0, sizeof(*conversion));
	for (;; format++) {
		if (*format == '-')
			conversion->left = true;
		else if (*format == '0')
			conversion->zeros = true;
		else
			break;
	}
	for (; *format >= '0' && *format <= '9'; format++)
		conversion->width = conversion->width * 10
				    + (unsigned int)(*format - '0');
	for (; *format == 'l' || *format == 'h' || *format == 'z'; format++)
		if (*format == 'l')
			conversion->longs++;
	return format;
}

/* Of the two sizes of integers, the one that the format names. */
static uint64_t next_unsigned(const struct conversion *conversion,
			      struct arguments *arguments)
{
	if (conversion->longs > 1)
		return va_arg(arguments->list, uint64_t);
	return va_arg(arguments->list, uint32_t);
}

static void put_signed(const struct conversion *conversion,
		       struct arguments *arguments)
{
	int64_t value;

	if (conversion->longs > 1)
		value = va_arg(arguments->list, int64_t);
	else
		value = va_arg(arguments->list, int32_t);
	if (value < 0)
		put_number(conversion, -(uint64_t)value, 10, true, false);
	else
		put_number(conversion, (uint64_t)value, 10, false, false);
}

static void put_conversion(char kind, struct conversion *conversion,
			   struct arguments *arguments)
{
	const char *text;
	char c;

	switch (kind) {
	case 'd':
	case 'i':
		put_signed(conversion, arguments);
		break;
	case 'u':
		put_number(conversion, next_unsigned(conversion, arguments),
			   10, false, false);
		break;
	case 'x':
	case 'X':
		put_number(conversion, next_unsigned(conversion, arguments),
			   16, false, kind == 'X');
		break;
	case 'p':
		conversion->width = 8;
		conversion->zeros = true;
		put_number(conversion, va_arg(arguments->list, uint32_t), 16,
			   false, false);
		break;
	case 'c':
		c = (char)va_arg(arguments->list, int);
		put_padded(conversion, &c, 1);
		break;
	case 's':
		text = va_arg(arguments->list, const char *);
		if (!text)
			text = "(null)";
		put_padded(conversion, text, strlen(text));
		break;
	case '%':
		console_put('%');
		break;
	default:
		console_put('%');
		console_put(kind);
		break;
	}
}

void print_list(const char *format, va_list args)
{
	struct conversion conversion;
	struct arguments arguments;

	va_copy(arguments.list, args);
	for (; *format; format++) {
		if (*format != '%') {
			console_put(*format);
			continue;
		}
		format = read_conversion(format + 1, &conversion);
		if (!*format)
			break;
		put_conversion(*format, &conversion, &arguments);
	}
	va_end(arguments.list);
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_list(format, args);
	va_end(args);
}
