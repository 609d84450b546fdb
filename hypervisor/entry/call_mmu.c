// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitor calls of the MMU: tables announced and given up, flushes.  Changes of
 * entries come through the queue (defer.c).
 */
#include "cpu/cpu.h"
#include "entry/call.h"
#include "mmu/mmu.h"

#define TABLE_LEVELS	0x0fu	/* PT, PD, PDP, PML4: in all calls here */

/* EAX = frame, EDX = type; which level does not matter. */
bool call_RegisterPageUsage(struct frame *f)
{
	if (f->edx & TABLE_LEVELS)
		table_announce(f->eax);
	return true;
}

/* The page is as the guest made it, cloned or zeroed: its shadow is made from that. */
bool call_AllocatePage(struct frame *f)
{
	return call_RegisterPageUsage(f);
}

bool call_ReleasePage(struct frame *f)
{
	if (f->edx & TABLE_LEVELS)
		table_release(f->eax);
	return true;
}

/* EAX = destination frame, which from now on is a table. */
bool call_ClonePageTable(struct frame *f)
{
	table_announce(f->eax);
	return true;
}

bool call_ClonePageDirectory(struct frame *f)
{
	return call_ClonePageTable(f);
}

/* EAX = address. */
bool call_InvalPage(struct frame *f)
{
	shadow_flush_page(f->eax);
	return true;
}

/*
 * As a load of CR3 with the value it has.  Global pages go too, whatever the guest
 * asks: a TLB may lose them at any time.
 */
bool call_FlushTLB(struct frame *f)
{
	(void)f;
	return vcpu_set_cr3(this_vcpu()->cr3);
}

/* That is done for every call. */
bool call_FlushDeferredCalls(struct frame *f)
{
	(void)f;
	return true;
}
