// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow page tables under random steps: many runs, each from its own seed, with
 * invariants and a reference checked after every step.
 *
 *   test_mmu [STEPS [SEED]]	random runs
 *   test_mmu FILE ...		what was recorded of runs that found something
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mmu/sim.h"

#define STEPS		300000ul
#define RUN		2000ul		/* steps of a run */
#define FILE_MAX	(1u << 20)

static uint64_t seed;
static unsigned long evicted, filled, built;
static const char *record_name;

static void write_record(void)
{
	size_t count;
	const uint8_t *bytes = choice_record(&count);
	FILE *file;

	fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
	if (!record_name)
		return;
	file = fopen(record_name, "wb");
	if (!file || fwrite(bytes, 1, count, file) != count || fclose(file))
		perror(record_name);
	else
		fprintf(stderr, "the run is in %s\n", record_name);
}

/* What the monitor has counted in the last run: that the runs do what they are for. */
static void count(void)
{
	evicted += host_vcpu.stats[STAT_EVICTED];
	filled += host_vcpu.stats[STAT_HIDDEN_FAULT];
	built += host_vcpu.stats[STAT_SHADOW_BUILT];
}

static unsigned long random_runs(unsigned long steps)
{
	unsigned long done = 0;

	for (; done < steps; seed++) {
		choice_random(seed);
		done += run(RUN);
		count();
	}
	return done;
}

static unsigned long run_file(const char *name)
{
	static uint8_t bytes[FILE_MAX];
	FILE *file = fopen(name, "rb");
	size_t count;

	if (!file) {
		perror(name);
		exit(1);
	}
	count = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	choice_bytes(bytes, count);
	return run(FILE_MAX);
}

int main(int argc, char **argv)
{
	bool numbers = argc < 2 || strspn(argv[1], "0123456789") == strlen(argv[1]);
	unsigned long done = 0, tests = 1;
	struct timespec start, end;
	int i;

	memory_prepare();
	on_failure = write_record;
	record_name = getenv("MMU_RECORD");
	seed = argc > 2 && numbers ? strtoull(argv[2], NULL, 0) : 1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (numbers)
		done = random_runs(argc > 1 ? strtoul(argv[1], NULL, 0) : STEPS);
	for (i = 1; !numbers && i < argc; i++)
		done += run_file(argv[i]);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (numbers)
		printf("%lu shadow pages built, %lu evicted, %lu entries filled\n", built, evicted, filled);
	printf("%lu steps in %ld s\n[  PASSED  ] %lu test(s).\n", done, (long)(end.tv_sec - start.tv_sec), tests);
	return 0;
}
