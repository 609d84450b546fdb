/* SPDX-License-Identifier: GPL-2.0-only */
/* For the drivers of mmu/ and cpu/: a vCPU of which everything but its pointers is anything. */
#ifndef PROVE_MMU_H
#define PROVE_MMU_H

#include "prove.h"

#include "mmu/shadow.h"

struct vcpu host_vcpu;
struct vcpu_state host_state;
struct gate_info host_info;
struct boot boot;

static struct space the_space;
static uint64_t window_tables[WINDOW_COUNT / ENTRIES][ENTRIES];

static void any_machine(void)
{
	struct vcpu *v = &host_vcpu;
	unsigned i;

	any_bytes(&v->cr0, offsetof(struct vcpu, gate_by_call) - offsetof(struct vcpu, cr0));
	any_bytes(the_space.guest_pdpte, sizeof(the_space.guest_pdpte));
	v->space = &the_space;
	any_bytes(&v->paging, sizeof(v->paging));
	v->first_closed = any_u32;
	v->plain_frames = any_u32;
	any_bytes(&v->apic_frame, sizeof(v->apic_frame));
	any_bytes(v->window_tag, sizeof(v->window_tag));
	for (i = 0; i < WATCHES; i++) {
		v->watch[i].base = any_u32;
		v->watch[i].pages = any_of(0, WATCH_PAGES);
		any_bytes(v->watch[i].frame, sizeof(v->watch[i].frame));
		v->watch[i].ended = any_bool();
	}
	v->watch_first = any_u32;
	v->watch_frames = any_u32;
	for (i = 0; i < WINDOW_COUNT / ENTRIES; i++)
		v->window_pt[i] = window_tables[i];
	v->info = &host_info;
	any_bytes(&v->fault, sizeof(v->fault));
	host_info.ss0 = any_u16;
	host_info.esp0 = any_u32;
	host_info.iopl = any_u32;
	host_info.stack_by_call = any_bool();
	boot.vcpu = v;
	boot.block = any_u32;
	boot.block_size = any_u32;
	boot.protect = any_bool() ? PROTECT_SEGMENT : PROTECT_PAGED;
}

#endif
