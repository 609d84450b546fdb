/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counting and printing the results of an in-guest test.
 */
#include "report.h"

#include "console.h"
#include "platform.h"

static unsigned int passed, failed;

static void report_line(bool condition, const char *format, va_list args)
{
	if (condition)
		passed++;
	else
		failed++;
	print(condition ? "PASS: " : "FAIL: ");
	print_list(format, args);
}

bool report(bool condition, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_line(condition, format, args);
	va_end(args);
	print("\n");
	return condition;
}

bool report_equal(unsigned long got, unsigned long want, const char *format,
		  ...)
{
	va_list args;

	va_start(args, format);
	report_line(got == want, format, args);
	va_end(args);
	if (got != want)
		print(": got %lx, want %lx", got, want);
	print("\n");
	return got == want;
}

void report_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print("SKIP: ");
	print_list(format, args);
	va_end(args);
	print("\n");
}

void report_finish(void)
{
	print("RESULT: %u passed, %u failed\n", passed, failed);
	platform_exit(passed && !failed ? 0 : 1);
}
