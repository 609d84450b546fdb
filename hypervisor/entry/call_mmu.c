// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitor calls for the MMU: the guest announces or releases page tables, or flushes.
 * Changes of entries are no monitor calls: the VMI layer queues them (defer.c).
 */
#include "cpu/cpu.h"
#include "entry/call.h"
#include "mmu/mmu.h"

#define TABLE_LEVELS	0x0fu	/* a page's type, in all calls here: PT, PD, PDP, PML4 */

/* EAX = frame, EDX = type.  A page of any level is announced in the same way. */
bool call_RegisterPageUsage(struct frame *f)
{
	if (f->edx & TABLE_LEVELS)
		table_announce(f->eax);
	return true;
}

/*
 * The guest has cloned or cleared the page already.  That needs no work here: the shadow
 * is made from what is in the page.
 */
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

/* EAX = destination frame: it is a page table from now on. */
bool call_ClonePageTable(struct frame *f)
{
	table_announce(f->eax);
	return true;
}

bool call_ClonePageDirectory(struct frame *f)
{
	return call_ClonePageTable(f);
}

/* EAX = linear address. */
bool call_InvalPage(struct frame *f)
{
	shadow_flush_page(f->eax);
	return true;
}

/*
 * The same as loading CR3 with the value that it has.  Global pages are always flushed
 * too, even if the guest asks to keep them: a TLB may lose an entry at any time.
 */
bool call_FlushTLB(struct frame *f)
{
	(void)f;
	return vcpu_set_cr3(this_vcpu()->cr3);
}

/* Nothing is left to do: call_dispatch() flushes the queue before every call. */
bool call_FlushDeferredCalls(struct frame *f)
{
	(void)f;
	return true;
}
