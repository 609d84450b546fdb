/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes: address spaces with memory of their own, which fork.
 */
#ifndef DEMO_PROCESS_H
#define DEMO_PROCESS_H

#define PROCESS_START	0x48000000u
#define PROCESS_PAGES	32

/* What process_user() is asked for, in EBX; ECX has its own number. */
#define PROCESS_FILL	1	/* write the number to all pages */
#define PROCESS_CHANGE	2	/* to every other page */
#define PROCESS_SUM	3	/* add up what the pages hold: the result */

#endif
