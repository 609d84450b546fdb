// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitor calls of the MMU: tables announced and given up, flushes.  Changes of
 * entries come through the queue (defer.c).
 */
#include "monitor.h"
#include "vmi_abi.h"

#define TABLE_LEVELS	0x0fu	/* PT, PD, PDP, PML4: in all calls here */

/* EAX = frame, EDX = type; which level does not matter. */
void call_register_page(struct frame *f)
{
	if (f->edx & TABLE_LEVELS)
		table_announce(f->eax);
}

/* The page is as the guest made it, cloned or zeroed: its shadow is made from that. */
void call_allocate_page(struct frame *f)
{
	call_register_page(f);
}

void call_release_page(struct frame *f)
{
	if (f->edx & TABLE_LEVELS)
		table_release(f->eax);
}

/* EAX = destination frame, which from now on is a table. */
void call_clone(struct frame *f)
{
	table_announce(f->eax);
}

/* EAX = address. */
void call_inval_page(struct frame *f)
{
	shadow_flush_page(f->eax);
}
