/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rounds, and the line that each benchmark prints:
 *
 *	bench: GROUP NAME units=U pairs=P loops=L extra=E ticks=T,T,...
 *	bench: GROUP NAME absent=WHY
 *
 * What a pair of bench_start() and bench_stop(), and a round of a loop, take
 * by themselves is measured the same way, and taken off by tools/bench.
 */
#include "bench.h"

#define ROUNDS_MAX	15
#define ROUNDS_COUNTED	2	/* under -icount: they are all the same */
#define ROUNDS_TIMED	9
#define WARM_UP		2

static uint64_t begin, total;
static uint32_t units, pairs, loops;
static int32_t extra;

void __attribute__((noinline)) bench_start(void)
{
	begin = bench_now();
}

void __attribute__((noinline)) bench_stop(void)
{
	total += bench_now() - begin;
	pairs++;
}

void bench_units(uint32_t n)
{
	units += n;
}

void bench_loops(uint32_t n)
{
	loops += n;
}

void bench_extra(int32_t instructions)
{
	extra = instructions;
}

void bench_add(uint64_t ticks)
{
	total += ticks;
}

bool bench_unpatched(void)
{
	return platform_is_vmi() && boot_has_word("unpatched");
}

static const char *why_absent(const struct bench *bench)
{
	unsigned int i;

	if (bench->flags & BENCH_COUNTED && !boot_has_word("counted"))
		return "counted";
	if (!platform_is_vmi())
		return bench->flags & (BENCH_NO_NATIVE | BENCH_VMI_ONLY) ? "native" : NULL;
	if (bench_unpatched() && bench->flags & BENCH_VMI_ONLY)
		return "unpatched";
	if (bench_unpatched() && bench->flags & BENCH_SILENT)
		return "silent";
	for (i = 0; i < 2; i++)
		if (bench->calls[i] && !vmi_entry(bench->calls[i]) && !bench_unpatched())
			return "call";
	return NULL;
}

static void run_round(const struct bench *bench)
{
	total = 0;
	units = pairs = loops = 0;
	extra = 0;
	bench->run();
	vmi_disable_interrupts();
}

void bench_measure(const char *group, const struct bench *bench)
{
	unsigned int rounds = boot_has_word("counted") ? ROUNDS_COUNTED : ROUNDS_TIMED;
	const char *absent = why_absent(bench);
	uint64_t ticks[ROUNDS_MAX];
	unsigned int i;

	if (absent) {
		print("bench: %s %s absent=%s\n", group, bench->name, absent);
		return;
	}
	for (i = 0; i < WARM_UP; i++)
		run_round(bench);
	for (i = 0; i < rounds; i++) {
		run_round(bench);
		ticks[i] = total;
	}
	print("bench: %s %s units=%u pairs=%u loops=%u extra=%d ticks=", group, bench->name, units,
	      pairs, loops, extra);
	for (i = 0; i < rounds; i++)
		print("%s%llu", i ? "," : "", (unsigned long long)ticks[i]);
	print("\n");
}

static void run_pairs(void)
{
	unsigned int i;

	bench_units(BENCH_LOOPS);
	for (i = 0; i < BENCH_LOOPS; i++) {
		bench_start();
		bench_stop();
	}
}

static void run_loops(void)
{
	BENCH_LOOP(BENCH_LOOPS * 50, __asm__ volatile("" : : : "memory"));
}

/* The PIT's channel 2 says how long a tick of the counter is. */
static void measure_clock(void)
{
	uint64_t clocks, ticks;

	pit_clock_start();
	ticks = bench_now();
	do
		clocks = pit_clock();
	while (clocks < PIT_HZ / 50);
	ticks = bench_now() - ticks;
	print("bench: clock hz=%llu\n", (unsigned long long)(ticks * PIT_HZ / clocks));
}

void bench_calibrate(void)
{
	static const struct bench edges = { "pair", run_pairs, 0, { 0 } };
	static const struct bench rounds = { "loop", run_loops, 0, { 0 } };

	if (!boot_has_word("counted"))
		measure_clock();
	bench_measure("calibrate", &edges);
	bench_measure("calibrate", &rounds);
}
