/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page-table entries of a live, announced table, one and many at a time.
 */
#include "pte.h"

#include "space.h"

#define LIVE_START	0x54000000u	/* a table of its own */
#define SINGLES		50
#define BIT_ACCESSED	5

static vmi_pte *table;
static uint32_t frame;

static uint32_t linear(unsigned int index)
{
	return LIVE_START + index * PAGE_SIZE;
}

/* Entries that are present and, as the processor sees them, in use. */
static void make_live(unsigned int count)
{
	unsigned int i;

	if (!table) {
		frame = frame_get();
		table = space_kernel_table(LIVE_START);
	}
	for (i = 0; i < count; i++)
		vmi_set_pte(frame | PTE_PRESENT | PTE_WRITE, &table[i]);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	for (i = 0; i < count; i++)
		*(volatile uint32_t *)linear(i) = i;
}

static void make_absent(unsigned int count)
{
	unsigned int i;

	make_live(1);
	for (i = 0; i < count; i++)
		vmi_set_pte(0, &table[i]);
	vmi_flush_tlb(VMI_FLUSH_TLB);
}

static void run_map(void)
{
	vmi_pte *pte, value;

	make_absent(SINGLES);
	pte = table;
	value = frame | PTE_PRESENT | PTE_WRITE;
	BENCH_LOOP(SINGLES, vmi_set_pte(value, pte++));
}

/* One live entry changes to `to`, and its page is invalidated. */
static void change_each(vmi_pte to, bool invalidate)
{
	unsigned int i;

	make_live(SINGLES);
	bench_units(SINGLES);
	for (i = 0; i < SINGLES; i++) {
		bench_start();
		vmi_set_pte(to, &table[i]);
		if (invalidate)
			vmi_inval_page(linear(i));
		bench_stop();
	}
	vmi_flush_tlb(VMI_FLUSH_TLB);
}

static void run_change(void)
{
	change_each(frame | PTE_PRESENT | PTE_WRITE | PTE_USER, false);
}

static void run_change_flush(void)
{
	change_each(frame | PTE_PRESENT | PTE_WRITE | PTE_USER, true);
}

static void run_protect_flush(void)
{
	change_each(frame | PTE_PRESENT, true);
}

static void run_unmap_flush(void)
{
	change_each(0, true);
}

static void run_swap(void)
{
	vmi_pte *pte;

	make_live(SINGLES);
	pte = table;
	BENCH_LOOP(SINGLES, vmi_swap_pte(0, pte++));
}

static void run_test_clear(void)
{
	vmi_pte *pte;

	make_live(SINGLES);
	pte = table;
	BENCH_LOOP(SINGLES, vmi_test_and_clear_pte_bit(BIT_ACCESSED, pte++));
}

void pte_batch(unsigned int count, bool defer)
{
	unsigned int i;

	make_live(count);
	bench_units(count);
	bench_start();
	if (defer)
		vmi_set_deferred_mode(VMI_DEFER_MMU);
	for (i = 0; i < count; i++)
		vmi_set_pte(frame | PTE_PRESENT, &table[i]);
	vmi_flush_tlb(VMI_FLUSH_TLB);
	if (defer)
		vmi_set_deferred_mode(VMI_DEFER_NONE);
	bench_stop();
}

static void run_batch_32(void)
{
	pte_batch(32, false);
}

static void run_batch_512(void)
{
	pte_batch(512, false);
}

static void run_deferred_32(void)
{
	pte_batch(32, true);
}

static void run_deferred_512(void)
{
	pte_batch(512, true);
}

static void run_inval_page(void)
{
	make_live(1);
	BENCH_LOOP(SINGLES, vmi_inval_page(LIVE_START));
}

static void run_flush(void)
{
	BENCH_LOOP(SINGLES, vmi_flush_tlb(VMI_FLUSH_TLB));
}

/* First use of a page that has been mapped: the shadow is filled. */
static void run_first_touch(void)
{
	unsigned int i;

	make_absent(SINGLES);
	for (i = 0; i < SINGLES; i++)
		vmi_set_pte(frame | PTE_PRESENT | PTE_WRITE, &table[i]);
	bench_units(SINGLES);
	for (i = 0; i < SINGLES; i++) {
		bench_start();
		*(volatile uint32_t *)linear(i) = i;
		bench_stop();
	}
}

const struct bench pte_benches[] = {
	{ "set-pte-map", run_map, 0, { 0 } },
	{ "set-pte-change", run_change, 0, { 0 } },
	{ "set-pte-change-inval", run_change_flush, 0, { 0 } },
	{ "set-pte-protect-inval", run_protect_flush, 0, { 0 } },
	{ "set-pte-unmap-inval", run_unmap_flush, 0, { 0 } },
	{ "swap-pte", run_swap, 0, { 0 } },
	{ "test-and-clear-bit", run_test_clear, 0, { 0 } },
	{ "set-pte-32", run_batch_32, 0, { 0 } },
	{ "set-pte-512", run_batch_512, 0, { 0 } },
	{ "set-pte-32-deferred", run_deferred_32, 0, { 0 } },
	{ "set-pte-512-deferred", run_deferred_512, 0, { 0 } },
	{ "inval-page", run_inval_page, 0, { 0 } },
	{ "flush-tlb", run_flush, 0, { 0 } },
	{ "first-touch", run_first_touch, 0, { 0 } },
	{ NULL, NULL, 0, { 0 } },
};
