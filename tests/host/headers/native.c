/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wrappers unpatched, executed: what a native body does, as far as a
 * program at CPL 3 may do it.  The privileged ones run in the demonstration
 * kernel.
 */
#include <stdio.h>
#include <string.h>

#include "vmi.h"

static int failures;

#define CHECK(condition) do {						\
	if (!(condition)) {						\
		printf("line %d: %s\n", __LINE__, #condition);		\
		failures++;						\
	}								\
} while (0)

static uint32_t flags(void)
{
	uint32_t value;

	__asm__ __volatile__("pushfl; popl %0" : "=r" (value));
	return value;
}

static void check_pte(void)
{
	vmi_pte pte = 0x1000, guard[3] = { 0xAAAAAAAA, 0, 0xBBBBBBBB };

	vmi_set_pte(0x2001, &pte);
	CHECK(pte == 0x2001);
	vmi_set_pxe(0x3001, &pte, VMI_PAGE_PT);
	CHECK(pte == 0x3001);
	CHECK(vmi_swap_pte(0x4000, &pte) == 0x3001 && pte == 0x4000);
	CHECK(vmi_test_and_set_pte_bit(6, &pte) == 0 && pte == 0x4040);
	CHECK(vmi_test_and_set_pte_bit(6, &pte) != 0 && pte == 0x4040);
	CHECK(vmi_test_and_clear_pte_bit(6, &pte) != 0 && pte == 0x4000);
	CHECK(vmi_test_and_clear_pte_bit(6, &pte) == 0 && pte == 0x4000);
	CHECK(vmi_test_and_set_pte_bit(31, &guard[1]) == 0);
	CHECK(guard[0] == 0xAAAAAAAA && guard[1] == 0x80000000u &&
	      guard[2] == 0xBBBBBBBB);
	vmi_update_pxe(&pte, VMI_PAGE_PT);
	CHECK(pte == 0x4000);
}

static void check_pte_long(void)
{
	vmi_pte_long pte = 0x8000000000001000;

	vmi_set_pte_long(0x1234567890ABCDEF, &pte);
	CHECK(pte == 0x1234567890ABCDEF);
	vmi_set_pxe_long(0x8000000100002067, &pte, VMI_PAGE_PT);
	CHECK(pte == 0x8000000100002067);
	CHECK(vmi_swap_pte_long(5, &pte) == 0x8000000100002067 && pte == 5);
	CHECK(vmi_test_and_set_pte_bit_long(63, &pte) == 0 &&
	      pte == 0x8000000000000005);
	CHECK(vmi_test_and_clear_pte_bit_long(63, &pte) != 0 && pte == 5);
	CHECK(vmi_test_and_clear_pte_bit_long(0, &pte) != 0 && pte == 4);
	vmi_update_pxe_long(&pte, VMI_PAGE_PT);
	CHECK(pte == 4);
}

static void check_descriptors(void)
{
	uint64_t table[3] = { 0, 0, 0 };
	uint32_t tss[4] = { 1, 2, 3, 4 };

	vmi_write_gdt_entry(table, 1, 0x0000FFFF, 0x00CF9B00);
	CHECK(table[0] == 0 && table[1] == 0x00CF9B000000FFFF && !table[2]);
	vmi_write_ldt_entry(table, 0, 1, 2);
	CHECK(table[0] == 0x0000000200000001);
	vmi_write_idt_entry(table, 2, 3, 4);
	CHECK(table[2] == 0x0000000400000003);
	vmi_update_kernel_stack(tss, 0x12345678);
	CHECK(tss[0] == 1 && tss[1] == 0x12345678 && tss[2] == 3);
}

static void check_cpu(void)
{
	uint32_t eax, ebx, ecx, edx;
	uint64_t time;

	vmi_cpuid(0, 0, &eax, &ebx, &ecx, &edx);
	CHECK(eax >= 1 && ebx != 0);
	time = vmi_rdtsc();
	CHECK(vmi_rdtsc() - time < 1000000000);
	CHECK(vmi_get_interrupt_mask() == VMI_INTERRUPT_MASK);
	vmi_set_iopl_mask(0);
	CHECK((flags() & 0x3000) == 0);
	vmi_pause();
}

/* Natively there is no such time, and saying so must be consistent */
static void check_time(void)
{
	CHECK(vmi_get_cycle_frequency() == 0);
	CHECK(vmi_get_cycle_counter(VMI_CYCLES_REAL) == 0);
	vmi_set_alarm(VMI_ALARM_IS_PERIODIC, 1, 2);
	CHECK(vmi_cancel_alarm(VMI_CYCLES_REAL) == 0);
	CHECK(vmi_get_wallclock_time() == 0);
	CHECK(vmi_wallclock_updated() == 0);
}

static void check_memory(void)
{
	uint32_t apic[2] = { 7, 8 };

	vmi_apic_write(&apic[1], 9);
	CHECK(apic[0] == 7 && apic[1] == 9);
	CHECK(vmi_apic_read(&apic[0]) == 7);
}

static void check_nothing(void)
{
	vmi_register_page_usage(1, VMI_PAGE_PT);
	vmi_allocate_page(1, VMI_PAGE_PD, 2, 3, 4);
	vmi_release_page(1, VMI_PAGE_PD);
	vmi_clone_page_table(1, 2, 3, 4);
	vmi_clone_page_directory(1, 2, 3, 4);
	vmi_set_linear_mapping(0, 1, 2, 3);
	vmi_set_initial_ap_state(NULL, 1);
	vmi_set_deferred_mode(VMI_DEFER_MMU);
	vmi_flush_deferred_calls();
	vmi_set_lazy_mode(VMI_LAZY_OFF);
}

int main(void)
{
	check_pte();
	check_pte_long();
	check_descriptors();
	check_cpu();
	check_time();
	check_memory();
	check_nothing();
	printf("%d failures\n", failures);
	return failures != 0;
}
