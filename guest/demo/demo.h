/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The demonstration kernel: a kernel that uses everything a kernel needs,
 * on guest/runtime, and says what became of it.
 *
 * Reading order: main.c, ticks.c, descriptors.c, demand.c, spaces.c,
 * syscalls.c with task_user.c in ring 3, processes.c with process_user.c,
 * sites.c, monitor.c.
 */
#ifndef DEMO_H
#define DEMO_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime.h"

/* main.c: prints `demo: what: ok`, or ends the run with a failure. */
void demo_check(bool right, const char *what);

/* ticks.c: time runs at DEMO_TICK_HZ from ticks_start() on, by a tick or without. */
#define DEMO_TICK_HZ	1000

void ticks_start(void);
uint32_t ticks_now(void);
void ticks_sleep(uint32_t ticks);	/* halts; leaves interrupts enabled */
void demo_ticks(void);
uint32_t ticks_stop(void);		/* returns how many there were */

/* descriptors.c */
void demo_descriptors(void);

/* demand.c: pages that appear when they are first touched, by any ring. */
#define DEMAND_START	0x40000000u
#define DEMAND_PAGES	16

void demand_init(void);
uint32_t demand_faults(bool user);
void demo_demand(void);

/* spaces.c */
void demo_spaces(void);

/* syscalls.c */
void demo_tasks(void);

/* processes.c */
void demo_processes(void);

/* sites.c */
void print_sites(void);

/* monitor.c */
void print_monitor(void);

#endif
