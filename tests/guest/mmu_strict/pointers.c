/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The four PDPTEs: what loads them (SDM volume 3, 4.4.1), and what is refused.
 */
#include "mmu_strict.h"

#define CR0_NW		0x20000000u
#define CR0_CD		0x40000000u
#define GIB(linear)	((linear) >> 30)
#define LOW_BITS	0x1e6u		/* reserved in a PDPTE */
#define HIGH_BITS	(PTE_NX | 1ull << 62 | 1ull << 52 | 1ull << 51)

static uint64_t *pointers;
static uint64_t directories[2];		/* entries: what AREA shows, 1 or 2 */
static unsigned int place;		/* the next page that no TLB knows */

/* Another directory whose pages all show @value. */
static uint64_t make_directory(uint32_t value)
{
	uint32_t directory = memory_allocate_page(), table = memory_allocate_page(), i;
	uint32_t page = memory_allocate_page();

	*(uint32_t *)page = value;
	for (i = 0; i < PLACES; i++)
		((uint64_t *)table)[i] = page | PTE_PRESENT | PTE_WRITE;
	((uint64_t *)directory)[AREA >> 21 & 511] = table | PTE_PRESENT | PTE_WRITE;
	return directory | PTE_PRESENT;
}

static uint32_t shown(void)
{
	return *(volatile uint32_t *)(AREA + place++ % PLACES * PAGE_SIZE);
}

static void load(uint64_t pointer)
{
	pointers[GIB(AREA)] = pointer;
	vmi_set_cr3(vmi_get_cr3());
}

static void invalidate(void)
{
	vmi_inval_page(AREA + place % PLACES * PAGE_SIZE);
}

static void load_cr3(void)
{
	vmi_set_cr3(vmi_get_cr3());
}

static void flush_tlb(void)
{
	vmi_flush_tlb(VMI_FLUSH_TLB);
}

static void toggle_cache(void)
{
	uint32_t cr0 = vmi_get_cr0() & ~(CR0_NW | CR0_CD);

	vmi_set_cr0(cr0 | CR0_CD);
	vmi_set_cr0(cr0);
}

static void toggle_pge(void)
{
	vmi_set_cr4(vmi_get_cr4() ^ CR4_PGE);
}

static void toggle_pse(void)
{
	vmi_set_cr4(vmi_get_cr4() ^ CR4_PSE);
}

/* Of a CR3 elsewhere in its page: 32 bytes are enough. */
static void load_elsewhere(void)
{
	uint64_t *other = (uint64_t *)(memory_allocate_page() + 0x7e0);
	uint32_t cr3 = vmi_get_cr3();
	unsigned int i;

	for (i = 0; i < 4; i++)
		other[i] = pointers[i];
	vmi_set_cr3((uint32_t)other | 0x18);
	report_equal(shown(), 2, "CR3 with PCD and PWT, within a page");
	vmi_set_cr3(cr3);
}

static const struct {
	void (*how)(void);
	bool loads;
	const char *name;
} ways[] = {
	{ invalidate, false, "InvalPage" },
	{ load_cr3, true, "SetCR3" },
	{ flush_tlb, true, "FlushTLB" },
	{ toggle_cache, true, "SetCR0 that changes CD" },
	{ toggle_pge, true, "SetCR4 that changes PGE" },
	{ toggle_pse, true, "SetCR4 that changes PSE" },
	{ load_elsewhere, true, "an excursion" },
};

/* A PDPTE that is changed counts from its next load on. */
static void test_loads(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		load(directories[0]);
		report_equal(shown(), 1, "a PDPTE");
		pointers[GIB(AREA)] = directories[1];
		report_equal(shown(), 1, "it is changed: not seen");
		ways[i].how();
		report_equal(shown(), ways[i].loads ? 2 : 1, "after %s", ways[i].name);
	}
	load(directories[1]);
	pointers[GIB(AREA)] = 0;
	report_equal(shown(), 2, "it is taken away: not seen");
	load(0);
	report_equal(error_of(KERNEL_READ, AREA), 0, "a PDPTE that is not present");
	pointers[GIB(AREA)] = directories[0];
	report_equal(error_of(KERNEL_WRITE, AREA), PAGE_ERROR_WRITE, "it comes: not seen");
	load(directories[0]);
	report_equal(shown(), 1, "seen");
}

static void do_load(void *how)
{
	((void (*)(void))how)();
}

/* CR3, CR4 and the PDPTEs in use are what they were. */
static bool refused(void (*how)(void), uint64_t pointer)
{
	uint32_t cr4 = vmi_get_cr4(), cr3 = vmi_get_cr3();
	struct fault fault;
	bool right;

	load(directories[0]);
	pointers[GIB(AREA)] = pointer;
	expect_fault(do_load, (void *)how, &fault);
	right = fault.vector == TRAP_PROTECTION && fault.error == 0;
	right = right && vmi_get_cr4() == cr4 && vmi_get_cr3() == cr3 && shown() == 1;
	load(directories[0]);
	return right;
}

static void test_reserved(void)
{
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if ((LOW_BITS | HIGH_BITS) >> bit & 1)
			report(refused(load_cr3, directories[1] | 1ull << bit),
			       "a PDPTE with bit %u is refused", bit);
	report(refused(toggle_pge, directories[1] | 2), "by SetCR4 too");
	load(LOW_BITS | HIGH_BITS);
	report_equal(error_of(KERNEL_READ, AREA), 0, "one that is not present may have them");
	load(directories[1] | 0xe18);
	report_equal(shown(), 2, "PWT, PCD and the free bits are no matter");
	load(directories[0]);
}

void test_pointers(void)
{
	uint64_t before;

	pointers = (uint64_t *)paging_kernel_root();
	before = pointers[GIB(AREA)];
	directories[0] = make_directory(1);
	directories[1] = make_directory(2);
	test_loads();
	test_reserved();
	load(before);
}
