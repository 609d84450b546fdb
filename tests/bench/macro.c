/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workloads, as a whole: what kernels do most.  Each is run from the kernel,
 * with everything that it takes to set it up and to end it.
 */
#include "process.h"

#define CALLS		10000
#define MESSAGES	500
#define FORKS		20
#define FORK_PAGES	64
#define SWEEP_PAGES	256
#define TICK_HZ		5000
#define TICK_SPIN	1000000

/* workloads_user.asm */
extern const uint8_t work_calls[], work_words[], work_pages[], work_fork[], work_sweep[];
extern const uint8_t work_spin[];

static void work(const void *task, uint32_t rounds, uint32_t pages, bool paired)
{
	bench_units(1);
	process_open();
	bench_start();
	process_run(task, rounds, pages, paired);
	bench_stop();
	process_close();
}

static void run_calls(void)
{
	work(work_calls, CALLS, 1, false);
}

/* Two processes that send each other a word in turn, or a page. */
static void run_words(void)
{
	work(work_words, MESSAGES, 4, true);
}

static void run_pages(void)
{
	work(work_pages, MESSAGES, 4, true);
}

static void run_forks(void)
{
	work(work_fork, FORKS, FORK_PAGES, false);
}

static void run_sweep(void)
{
	process_demand(true);
	work(work_sweep, SWEEP_PAGES, 0, false);
	process_demand(false);
}

/* The work is fixed; every tick in it is extra. */
static void run_ticks(void)
{
	pit_start(TICK_HZ);
	work(work_spin, TICK_SPIN, 0, false);
	pit_stop();
}

const struct bench macro_benches[] = {
	{ "syscall-loop", run_calls, 0, { 0 } },
	{ "ping-pong", run_words, 0, { 0 } },
	{ "ping-pong-pages", run_pages, 0, { 0 } },
	{ "fork-exit", run_forks, 0, { 0 } },
	{ "page-sweep", run_sweep, 0, { 0 } },
	{ "tick-storm", run_ticks, 0, { 0 } },
	{ NULL, NULL, 0, { 0 } },
};
