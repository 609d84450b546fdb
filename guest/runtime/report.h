/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an in-guest test says. Each report() prints a line `PASS: ...` or
 * `FAIL: ...`; after main() returns the runtime prints the last line,
 * `RESULT: N passed, M failed`, and ends the run with success if N is not 0
 * and M is.
 */
#ifndef RUNTIME_REPORT_H
#define RUNTIME_REPORT_H

#include <stdbool.h>

/* Returns the condition. */
bool report(bool condition, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Something that this machine cannot be tested for; counts as neither. */
void report_skip(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* Passes if the two are equal; shows both if not. */
bool report_equal(unsigned long got, unsigned long want, const char *format,
		  ...) __attribute__((format(printf, 3, 4)));

/* Prints the result and ends the run; the runtime calls it after main(). */
void report_finish(void) __attribute__((noreturn));

#endif
