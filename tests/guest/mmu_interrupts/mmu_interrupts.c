/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: nothing is lost of what an interrupt finds just being put into the queue.
 * Environments: native segment paged
 * Qemu: -icount shift=0,sleep=off
 *
 * The tick comes at any instruction of a loop of updates of entries, descriptors
 * and CR3; its handler changes an entry and a descriptor too, and sometimes flushes. With counted instructions the emulator
 * takes interrupts between any two of them, and the same run always does the same.
 */
#include "runtime.h"

#include "vmi.h"

#define AREA		0x50000000u
#define FLAGS		(PTE_PRESENT | PTE_WRITE)
#define TICK_HZ		100000
#define TICKS		3000
#define BATCH		40

enum { MINE, HANDLERS, PAGES };

static uint32_t frames[2];
static vmi_pte *entries[PAGES];
static volatile uint32_t *pages[PAGES];
static volatile uint32_t in_handler, in_layer;
static uint32_t lost, handler_lost, limits_lost;

/* A descriptor whose limit tells which one it is. */
static void write_descriptor(unsigned int slot, uint32_t limit)
{
	vmi_write_gdt_entry(tables_gdt(), SELECTOR_SPARE / 8 + slot, limit, 0x0040f200);
}

static bool has_limit(unsigned int slot, uint32_t limit)
{
	uint32_t found = 0xffffffff;

	__asm__ volatile("lsl %1, %0" : "+r" (found) : "r" (SELECTOR_SPARE + slot * 8) : "cc");
	return found == limit;
}

/* It changes an entry, and leaves the flush to others, mostly. */
static void on_tick(struct trap_frame *frame)
{
	in_layer += frame->eip >= VMI_HOLE_START_MIN;
	vmi_set_pte(frames[++in_handler % 2] | FLAGS, entries[HANDLERS]);
	write_descriptor(HANDLERS, in_handler % 0x10000);
	if (in_handler % 4 == 0)
		vmi_inval_page((uint32_t)pages[HANDLERS]);
}

/* Many updates by the calls that use the queue; then a flush, which must show the last. */
static void update(uint32_t round)
{
	uint32_t i, which = 0;

	vmi_set_deferred_mode(round % 2 ? VMI_DEFER_DT : VMI_DEFER_DT | VMI_DEFER_CPU);
	for (i = 0; i < BATCH + round % 8; i++) {
		which = (round + i) % 2;
		if (i % 2)
			vmi_set_pte(frames[which] | FLAGS, entries[MINE]);
		else
			vmi_swap_pte(frames[which] | FLAGS, entries[MINE]);
		write_descriptor(MINE, round % 0x8000 + i);
		if (i % 8 == 0)
			vmi_update_kernel_stack(tables_tss(), trap_stack_top());
		if (i % 16 == 0)
			vmi_set_cr3(vmi_get_cr3());
	}
	vmi_disable_interrupts();
	vmi_set_deferred_mode(0);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	limits_lost += !has_limit(MINE, round % 0x8000 + i - 1);
	limits_lost += in_handler && !has_limit(HANDLERS, in_handler % 0x10000);
	lost += *pages[MINE] != which;
	handler_lost += in_handler && *pages[HANDLERS] != in_handler % 2;
	vmi_enable_interrupts();
}

static void announce(uint32_t page)
{
	vmi_register_page_usage(page / PAGE_SIZE, VMI_PAGE_PT);
}

int main(void)
{
	uint32_t root = paging_kernel_root(), round = 0, i;

	for (i = 0; i < 2; i++) {
		frames[i] = memory_allocate_page();
		*(uint32_t *)frames[i] = i;
	}
	for (i = 0; i < PAGES; i++) {
		pages[i] = (volatile uint32_t *)(AREA + i * PAGE_SIZE);
		paging_map((uint32_t)pages[i], frames[0], FLAGS);
		entries[i] = paging_entry_address(root, (uint32_t)pages[i]);
	}
	announce(root);
	announce((uint32_t)entries[0]);
	for (i = 0; i < MEMORY_MAPPED; i += 0x400000)
		announce((uint32_t)paging_entry_address(root, i));
	pit_set_hook(on_tick);
	pit_start(TICK_HZ);
	vmi_enable_interrupts();
	while (in_handler < TICKS)
		update(round++);
	vmi_disable_interrupts();
	pit_stop();
	report_equal(lost, 0, "updates that were lost, of %u", round);
	report_equal(handler_lost, 0, "the handler's, of %u", in_handler);
	report_equal(limits_lost, 0, "descriptors");
	report(!platform_is_vmi() || in_layer > TICKS / 4, "of the ticks %u came in a call", in_layer);
	return 0;
}
