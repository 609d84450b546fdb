// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest's control registers mean for its page tables, worked out whenever one
 * of them changes, so that refill.c, which every page fault takes, need not.
 */
#include "mmu/shadow.h"

void paging_update(void)
{
	struct vcpu *v = this_vcpu();
	bool pae = v->cr4 & CR4_PAE;

	v->paging.size = pae ? 8 : 4;
	if ((v->cr0 & (CR0_PG | CR0_WP)) != (CR0_PG | CR0_WP))
		v->paging.size = 0;
	v->paging.reserved = (uint32_t)(walk_reserved() >> 32);
	v->paging.shown = ERROR_W | ERROR_U;
	if (pae && (v->efer & EFER_NXE))
		v->paging.shown |= ERROR_I;
}
