/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same operations on more and more of something: the cost of one must not
 * grow.  (More memory, and more call sites, are runs of their own.)
 */
#include "space.h"
#include "pte.h"

#define SPACES_MAX	1024
#define ROUNDS		2

static struct space spaces[SPACES_MAX];
static uint32_t spaces_made;

/* All `count` spaces in turn, each with a page that is touched. */
static void turns(uint32_t count)
{
	unsigned int round, i;

	for (; spaces_made < count; spaces_made++) {
		space_create(&spaces[spaces_made]);
		space_populate(&spaces[spaces_made], 1);
	}
	bench_units(count * ROUNDS);
	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < count; i++) {
			bench_start();
			vmi_set_cr3(spaces[i].root);
			*(volatile uint32_t *)PRIVATE_START = i;
			bench_stop();
		}
	vmi_set_cr3(paging_kernel_root());
}

#define TURNS(count)				\
static void run_turns_##count(void)		\
{						\
	turns(count);				\
}

#define UPDATES(count)				\
static void run_updates_##count(void)		\
{						\
	pte_batch(count, true);			\
}

TURNS(1)
TURNS(4)
TURNS(16)
TURNS(64)
TURNS(128)
TURNS(256)
TURNS(1024)
UPDATES(1)
UPDATES(4)
UPDATES(16)
UPDATES(64)
UPDATES(256)
UPDATES(1024)

const struct bench growth_benches[] = {
	{ "updates-1", run_updates_1, 0, { 0 } },
	{ "updates-4", run_updates_4, 0, { 0 } },
	{ "updates-16", run_updates_16, 0, { 0 } },
	{ "updates-64", run_updates_64, 0, { 0 } },
	{ "updates-256", run_updates_256, 0, { 0 } },
	{ "updates-1024", run_updates_1024, 0, { 0 } },
	{ "spaces-1", run_turns_1, 0, { 0 } },
	{ "spaces-4", run_turns_4, 0, { 0 } },
	{ "spaces-16", run_turns_16, 0, { 0 } },
	{ "spaces-64", run_turns_64, 0, { 0 } },
	{ "spaces-128", run_turns_128, 0, { 0 } },
	{ "spaces-256", run_turns_256, 0, { 0 } },
	{ "spaces-1024", run_turns_1024, 0, { 0 } },
	{ NULL, NULL, 0, { 0 } },
};
