// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens next.  A run takes all that it decides from a row of bytes: of a
 * file, or of random numbers, which are kept so that a run which found something
 * can be written to a file.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "mmu/sim.h"
#include "random.h"

#define RECORD_MAX	(1u << 20)
#define LINES		48u
#define LINE		160u

static const uint8_t *next, *end;	/* of a file; next is NULL: random */
static bool exhausted;
static uint8_t record[RECORD_MAX];
static size_t recorded;
static uint64_t whims;

void choice_random(uint64_t seed)
{
	random_start(seed);
	whims = seed;
	next = NULL;
	exhausted = false;
	recorded = 0;
}

void choice_bytes(const uint8_t *bytes, size_t count)
{
	choice_random(count);
	next = bytes;
	end = bytes + count;
}

bool choice_exhausted(void)
{
	return exhausted;
}

unsigned choice_byte(void)
{
	uint8_t byte;

	if (next && next == end) {
		exhausted = true;
		return 0;
	}
	byte = next ? *next++ : (uint8_t)(random64() >> 56);
	if (recorded < RECORD_MAX)
		record[recorded++] = byte;
	whims = (whims ^ byte) * 0x100000001b3u;
	return byte;
}

unsigned choose(unsigned limit)
{
	if (limit <= 256)
		return choice_byte() * limit >> 8;
	return (choice_byte() << 8 | choice_byte()) * limit >> 16;
}

bool chance(unsigned of)
{
	return choose(of) == of - 1;
}

const uint8_t *choice_record(size_t *count)
{
	*count = recorded;
	return record;
}

/* They follow from what was chosen before, so that a run can be repeated. */
unsigned whim(unsigned limit)
{
	whims = whims * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(whims >> 33) % limit;
}

/* ---- the story of a run ---- */

static char story[LINES][LINE];
static unsigned long lines;
void (*on_failure)(void);

void story_start(void)
{
	lines = 0;
}

void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(story[lines++ % LINES], LINE, format, args);
	va_end(args);
}

void fail(const char *format, ...)
{
	unsigned long line = lines > LINES ? lines - LINES : 0;
	va_list args;

	fflush(stdout);
	for (; line < lines; line++)
		fprintf(stderr, "  %lu: %s\n", line, story[line % LINES]);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	if (on_failure)
		on_failure();
	fflush(NULL);
	abort();
}
