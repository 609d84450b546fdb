/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which benchmarks run: all, or those that `only=NAME` on the command line
 * names, without the longer ones if it says `brief`.  Other words: `counted`
 * under -icount, `unpatched` (platform.c), `startup` (startup.c), `idle=KIND`
 * (idle.c).
 */
#include "bench.h"

#include "ring.h"
#include "space.h"

static const struct bench_group groups[] = {
	{ "irq", irq_benches, irq_prepare, false },
	{ "ring", ring_benches, ring_prepare, false },
	{ "cpu", cpu_benches, NULL, false },
	{ "io", io_benches, io_prepare, false },
	{ "time", time_benches, NULL, false },
	{ "pte", pte_benches, NULL, false },
	{ "space", space_benches, space_prepare, false },
	{ "fault", fault_benches, NULL, false },
	{ "macro", macro_benches, NULL, true },
	{ "growth", growth_benches, NULL, true },
};

/* What `only=` names, a group or a benchmark; without it, all. */
static bool is_asked(const struct bench_group *group, const struct bench *bench)
{
	if (boot_has_word("brief") && group->longer)
		return false;
	return !boot_has_word("only") || boot_word_is("only", group->name)
	       || boot_word_is("only", bench->name);
}

static void run_group(const struct bench_group *group)
{
	const struct bench *bench;
	bool prepared = false;

	for (bench = group->benches; bench->name; bench++) {
		if (!is_asked(group, bench))
			continue;
		if (!prepared && group->prepare)
			group->prepare();
		prepared = true;
		bench_measure(group->name, bench);
	}
}

int main(void)
{
	unsigned int i;

	print("bench: entry tsc=%llu\n", (unsigned long long)bench_now());
	if (boot_has_word("startup")) {
		startup();
	} else if (boot_has_word("idle")) {
		idle();
	} else {
		ring_first_iret();
		space_announce_kernel();
		bench_calibrate();
		for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
			run_group(&groups[i]);
	}
	report(true, "the benchmarks ran");
	return 0;
}
