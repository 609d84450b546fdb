/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces made, changed over to and forked.
 */
#include "space.h"

#define SWITCHES	20
#define FORKS		3
#define POPULATED	64

static struct space spaces[2];

static void touch(void)
{
	*(volatile uint32_t *)PRIVATE_START = 1;
}

/* Both spaces are live: what follows the switch is not part of it. */
static void switch_by(void (*to)(const struct space *space))
{
	unsigned int i;

	bench_units(SWITCHES);
	for (i = 0; i < SWITCHES; i++) {
		bench_start();
		to(&spaces[i & 1]);
		bench_stop();
		touch();
	}
	vmi_set_cr3(paging_kernel_root());
}

static void set_cr3(const struct space *space)
{
	vmi_set_cr3(space->root);
}

static void set_cr3_touch(const struct space *space)
{
	vmi_set_cr3(space->root);
	touch();
}

static void change(const struct space *space)
{
	space_switch(space, false);
}

static void change_deferred(const struct space *space)
{
	space_switch(space, true);
}

static void run_set_cr3(void)
{
	switch_by(set_cr3);
}

static void run_set_cr3_touch(void)
{
	switch_by(set_cr3_touch);
}

static void run_switch(void)
{
	switch_by(change);
}

static void run_switch_deferred(void)
{
	switch_by(change_deferred);
}

static void fork(uint32_t pages, bool defer)
{
	struct space parent, child;
	unsigned int i;

	bench_units(FORKS);
	for (i = 0; i < FORKS; i++) {
		space_create(&parent);
		space_populate(&parent, pages);
		vmi_set_cr3(parent.root);
		touch();
		bench_start();
		space_fork(&child, &parent, defer);
		bench_stop();
		vmi_set_cr3(paging_kernel_root());
		space_destroy(&child);
		space_destroy(&parent);
	}
}

static void run_fork(void)
{
	fork(PRIVATE_PAGES, false);
}

static void run_fork_deferred(void)
{
	fork(PRIVATE_PAGES, true);
}

static void run_create(void)
{
	struct space space;
	unsigned int i;

	bench_units(SWITCHES);
	for (i = 0; i < SWITCHES; i++) {
		bench_start();
		space_create(&space);
		bench_stop();
		space_destroy(&space);
	}
}

void space_prepare(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		space_create(&spaces[i]);
		space_populate(&spaces[i], POPULATED);
	}
}

const struct bench space_benches[] = {
	{ "set-cr3-live", run_set_cr3, 0, { 0 } },
	{ "set-cr3-touch", run_set_cr3_touch, 0, { 0 } },
	{ "context-switch", run_switch, 0, { 0 } },
	{ "context-switch-deferred", run_switch_deferred, 0, { 0 } },
	{ "space-create", run_create, 0, { 0 } },
	{ "fork-4mib", run_fork, 0, { 0 } },
	{ "fork-4mib-deferred", run_fork_deferred, 0, { 0 } },
	{ NULL, NULL, 0, { 0 } },
};
