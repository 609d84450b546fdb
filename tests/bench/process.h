/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes for the workloads: an address space, saved registers, and
 * system calls.
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include "space.h"

enum process_call {
	CALL_NOTHING = 0,
	CALL_WRITE = 1,		/* ECX bytes at ESI to the other process of a pair; waits until there is room */
	CALL_READ = 2,		/* and from it; waits until they are there */
	CALL_FORK = 3,		/* 0 in the child, which runs first */
	CALL_EXIT = 4,		/* back to the parent */
};

/* Takes the gate of INT 80h, and the page faults. */
void process_open(void);
void process_close(void);

/*
 * Runs `task` in ring 3 with EBX = `rounds`, in a process with that many
 * pages, and with a twin of it if `paired`, until one of them ends.
 */
void process_run(const void *task, uint32_t rounds, uint32_t pages, bool paired);

/* Makes page faults map new pages (true), or end copy on write only. */
void process_demand(bool on);

#endif
