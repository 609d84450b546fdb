/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls of the APIC, time and MMU groups. The entries that are updated lie
 * in a page that is no page table: the calls write there just so.
 */
#include "registers.h"

#include "runtime.h"

#include "vmi.h"
#include "vmi_guest.h"

#define APIC_TPR	0x80
#define FAR_FUTURE	0x7fffffff
#define AWAY		0x70000000u	/* nothing is mapped there */
#define PAGE_TABLE	0x01u
#define ENTRY		0x00654003u
#define ENTRY_HIGH	0x00000001u
#define OLD_ENTRY	0x00777005u
#define BIT		9
#define HIGH_BIT	41

static union {
	uint64_t longs[PAGE_SIZE / 8];
	uint32_t words[PAGE_SIZE / 4];
} page __attribute__((aligned(PAGE_SIZE)));
static uint32_t frame;

/* ---- APIC and time: not by sites, as this ROM may lack them ---- */

typedef uint32_t __attribute__((regparm(3))) any_call(uint32_t eax, uint32_t edx, uint32_t ecx,
						      uint32_t low, uint32_t high);

static uint32_t by_entry(enum vmi_call call, uint32_t eax, uint32_t edx, uint32_t ecx)
{
	return ((any_call *)vmi_entry(call))(eax, edx, ecx, 0, 0);
}

static void apic_write(struct registers *r)
{
	r->eax = APIC_TPR;
	r->edx = 0x30;
}

static bool tpr_written(const struct registers *r)
{
	uint32_t tpr = by_entry(VMI_CALL_APICRead, APIC_TPR, 0, 0);

	(void)r;
	by_entry(VMI_CALL_APICWrite, APIC_TPR, 0, 0);
	return tpr == 0x30;
}

static void apic_read(struct registers *r)
{
	by_entry(VMI_CALL_APICWrite, APIC_TPR, 0x40, 0);
	r->eax = APIC_TPR;
}

static bool tpr_read(const struct registers *r)
{
	by_entry(VMI_CALL_APICWrite, APIC_TPR, 0, 0);
	return r->eax == 0x40;
}

static bool not_zero(const struct registers *r)
{
	return r->eax | r->edx;
}

static void counter_0(struct registers *r)
{
	r->eax = 0;
}

static void alarm(struct registers *r)
{
	r->eax = 0;
	r->edx = 0;
	r->ecx = FAR_FUTURE;
}

static bool alarm_armed(const struct registers *r)
{
	(void)r;
	return by_entry(VMI_CALL_CancelAlarm, 0, 0, 0) == 1;
}

static void set_alarm(struct registers *r)
{
	by_entry(VMI_CALL_SetAlarm, 0, 0, FAR_FUTURE);
	r->eax = 0;
}

static bool eax_is_1(const struct registers *r)
{
	return r->eax == 1;
}

/* ---- MMU ---- */

static void clear_page(void)
{
	memset(&page, 0, sizeof(page));
	page.longs[1] = OLD_ENTRY;
}

static void pte_edx(struct registers *r)
{
	clear_page();
	r->eax = ENTRY;
	r->edx = (uint32_t)&page.words[2];
	r->ecx = PAGE_TABLE;
}

static bool pte_written(const struct registers *r)
{
	(void)r;
	return page.words[2] == ENTRY && page.words[3] == 0 && page.words[1] == 0;
}

static bool pte_swapped(const struct registers *r)
{
	return pte_written(r) && r->eax == OLD_ENTRY;
}

static void set_bit(struct registers *r)
{
	pte_edx(r);
	r->eax = BIT;
}

static bool bit_set(const struct registers *r)
{
	return page.words[2] == (OLD_ENTRY | 1 << BIT) && r->eax == 0;
}

static void clear_bit(struct registers *r)
{
	set_bit(r);
	page.words[2] |= 1 << BIT;
}

static bool bit_cleared(const struct registers *r)
{
	return page.words[2] == OLD_ENTRY && r->eax != 0;
}

static void told(struct registers *r)
{
	pte_edx(r);
	r->eax = (uint32_t)&page.words[2];
	r->edx = PAGE_TABLE;
}

static void pte_long(struct registers *r)
{
	clear_page();
	r->eax = ENTRY;
	r->edx = ENTRY_HIGH;
	r->ecx = (uint32_t)&page.longs[1];
	r->stack[0] = PAGE_TABLE;
}

static bool long_written(const struct registers *r)
{
	(void)r;
	return page.words[2] == ENTRY && page.words[3] == ENTRY_HIGH && page.words[4] == 0;
}

static bool long_swapped(const struct registers *r)
{
	return long_written(r) && r->eax == OLD_ENTRY && r->edx == 0;
}

static void set_high_bit(struct registers *r)
{
	clear_page();
	r->eax = HIGH_BIT;
	r->edx = (uint32_t)&page.longs[1];
}

static bool high_bit_set(const struct registers *r)
{
	return page.longs[1] == (OLD_ENTRY | 1ull << HIGH_BIT) && r->eax == 0;
}

static void clear_high_bit(struct registers *r)
{
	set_high_bit(r);
	page.longs[1] |= 1ull << HIGH_BIT;
}

static bool high_bit_cleared(const struct registers *r)
{
	return page.longs[1] == OLD_ENTRY && r->eax != 0;
}

/* A frame that no page table lies in. */
static void a_frame(struct registers *r)
{
	if (!frame)
		frame = memory_allocate_page();
	r->eax = frame / PAGE_SIZE;
	r->edx = PAGE_TABLE;
	r->ecx = 0;
}

static void clone(struct registers *r)
{
	a_frame(r);
	r->edx = r->eax;
}

static void no_mapping(struct registers *r)
{
	r->eax = 0;
	r->edx = AWAY;
	r->ecx = 0;
}

static void away(struct registers *r)
{
	r->eax = AWAY;
}

static void flush(struct registers *r)
{
	r->eax = 1;
}

static void nothing(struct registers *r)
{
	r->eax = 0;
}

const struct call_case mmu_cases[] = {
	{ VMI_CALL_APICWrite, STANDARD, apic_write, tpr_written },
	{ VMI_CALL_APICRead, STANDARD, apic_read, tpr_read },
	{ VMI_CALL_GetCycleFrequency, STANDARD, NULL, not_zero },
	{ VMI_CALL_GetCycleCounter, STANDARD, counter_0, not_zero },
	{ VMI_CALL_SetAlarm, STANDARD, alarm, alarm_armed },
	{ VMI_CALL_CancelAlarm, STANDARD, set_alarm, eax_is_1 },
	{ VMI_CALL_GetWallclockTime, STANDARD, NULL, not_zero },
	{ VMI_CALL_WallclockUpdated, STANDARD, NULL, NULL },
	{ VMI_CALL_SetPte, STANDARD, pte_edx, pte_written },
	{ VMI_CALL_SetPxE, STANDARD, pte_edx, pte_written },
	{ VMI_CALL_SwapPte, STANDARD, pte_edx, pte_swapped },
	{ VMI_CALL_TestAndSetPteBit, STANDARD, set_bit, bit_set },
	{ VMI_CALL_TestAndClearPteBit, STANDARD, clear_bit, bit_cleared },
	{ VMI_CALL_UpdatePxE, STANDARD, told, NULL },
	{ VMI_CALL_UpdatePxELong, STANDARD, told, NULL },
	{ VMI_CALL_SetPteLong, STANDARD, pte_long, long_written },
	{ VMI_CALL_SetPxELong, STANDARD, pte_long, long_written },
	{ VMI_CALL_SwapPteLong, STANDARD, pte_long, long_swapped },
	{ VMI_CALL_TestAndSetPteBitLong, STANDARD, set_high_bit, high_bit_set },
	{ VMI_CALL_TestAndClearPteBitLong, STANDARD, clear_high_bit, high_bit_cleared },
	{ VMI_CALL_RegisterPageUsage, STANDARD, a_frame, NULL },
	{ VMI_CALL_AllocatePage, STANDARD, a_frame, NULL },
	{ VMI_CALL_ReleasePage, STANDARD, a_frame, NULL },
	{ VMI_CALL_ClonePageTable, STANDARD, clone, NULL },
	{ VMI_CALL_ClonePageDirectory, STANDARD, clone, NULL },
	{ VMI_CALL_SetLinearMapping, STANDARD, no_mapping, NULL },
	{ VMI_CALL_InvalPage, STANDARD, away, NULL },
	{ VMI_CALL_FlushTLB, STANDARD, flush, NULL },
	{ VMI_CALL_SetDeferredMode, STANDARD, nothing, NULL },
	{ VMI_CALL_FlushDeferredCalls, STANDARD, NULL, NULL },
	{ VMI_CALL_SetLazyMode, STANDARD, nothing, NULL },
	{ VMI_NR_CALLS, 0, NULL, NULL },
};
