/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which benchmarks run: all, or those of `only=GROUP` on the command line.
 * Other words: `counted` under -icount, `unpatched` (platform.c), `startup`.
 */
#include "bench.h"

#include "ring.h"
#include "space.h"

static const struct bench_group groups[] = {
	{ "irq", irq_benches, irq_prepare },
	{ "ring", ring_benches, ring_prepare },
	{ "cpu", cpu_benches, NULL },
	{ "io", io_benches, io_prepare },
	{ "time", time_benches, NULL },
	{ "pte", pte_benches, NULL },
	{ "space", space_benches, space_prepare },
	{ "fault", fault_benches, NULL },
	{ "macro", macro_benches, NULL },
	{ "growth", growth_benches, NULL },
};

static void run_group(const struct bench_group *group)
{
	const struct bench *bench;

	if (boot_has_word("only") && !boot_word_is("only", group->name))
		return;
	if (group->prepare)
		group->prepare();
	for (bench = group->benches; bench->name; bench++)
		bench_measure(group->name, bench);
}

int main(void)
{
	unsigned int i;

	print("bench: entry tsc=%llu\n", (unsigned long long)bench_now());
	if (boot_has_word("startup")) {
		startup();
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
