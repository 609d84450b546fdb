/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every inline wrapper of vmi.h at least once, for test_headers.py: it compiles
 * this as C and C++ at every level of optimisation, and looks at the sites.
 */
#include "vmi.h"

#ifdef __cplusplus
extern "C" {
#endif
void use_core(const struct vmi_ap_state *state, uint32_t value);
void use_descriptors(struct vmi_dtr *dtr, void *table, uint32_t value);
uint64_t use_cpu(uint32_t value, uint64_t wide);
uint32_t use_io(uint16_t port, char *buffer, uint32_t value);
uint64_t use_time(uint32_t value, uint64_t wide);
uint64_t use_mmu(vmi_pte *pte, vmi_pte_long *long_pte, uint32_t value);
void use_announcements(uint32_t value);
int use_library(uintptr_t distance, const struct vmi_options *options);
void *use_prototypes(void);
#ifdef __cplusplus
}
#endif

void use_core(const struct vmi_ap_state *state, uint32_t value)
{
	uint32_t saved = vmi_save_interrupts();

	vmi_disable_interrupts();
	vmi_enable_interrupts();
	vmi_deliver_interrupts();
	vmi_set_interrupt_mask(saved);
	value ^= vmi_get_interrupt_mask();
	vmi_pause();
	vmi_halt();
	vmi_set_initial_ap_state(state, value);
	vmi_reboot(value);
	vmi_shutdown();
}

void use_descriptors(struct vmi_dtr *dtr, void *table, uint32_t value)
{
	vmi_get_gdt(dtr);
	vmi_set_gdt(dtr);
	vmi_get_idt(dtr);
	vmi_set_idt(dtr);
	vmi_set_ldt(vmi_get_ldt());
	vmi_set_tr(vmi_get_tr());
	vmi_write_gdt_entry(table, value, value + 1, value + 2);
	vmi_write_ldt_entry(table, 1, 2, 3);
	vmi_write_idt_entry(table, value, 4, 5);
	vmi_update_kernel_stack(table, value);
}

uint64_t use_cpu(uint32_t value, uint64_t wide)
{
	uint32_t eax, ebx, ecx, edx, number;

	vmi_cpuid(value, 0, &eax, &ebx, &ecx, &edx);
	vmi_wrmsr(value, wide);
	wide += vmi_rdmsr(value) + vmi_rdtsc() + vmi_rdpmc(value);
	vmi_set_cr0(vmi_get_cr0());
	vmi_set_cr2(vmi_get_cr2());
	vmi_set_cr3(vmi_get_cr3());
	vmi_set_cr4(vmi_get_cr4());
	vmi_clts();
	for (number = 0; number < 8; number++)
		vmi_set_dr(number, vmi_get_dr(number));
	vmi_wbinvd();
	return wide + eax + ebx + ecx + edx;
}

uint32_t use_io(uint16_t port, char *buffer, uint32_t value)
{
	value += vmi_inb(port);
	value += vmi_inw(port);
	value += vmi_inl(port);
	vmi_outb((uint8_t)value, port);
	vmi_outw((uint16_t)value, port);
	vmi_outl(value, port);
	vmi_insb(port, buffer, value);
	vmi_insw(port, buffer, value);
	vmi_insl(port, buffer, value);
	vmi_outsb(port, buffer, value);
	vmi_outsw(port, buffer, value);
	vmi_outsl(port, buffer, value);
	vmi_io_delay();
	vmi_set_iopl_mask(0x3000);
	vmi_apic_write(buffer, value);
	return value + vmi_apic_read(buffer);
}

uint64_t use_time(uint32_t value, uint64_t wide)
{
	wide += vmi_get_cycle_frequency();
	wide += vmi_get_cycle_counter(VMI_CYCLES_REAL);
	vmi_set_alarm(value, wide, wide + 1);
	vmi_set_alarm(VMI_ALARM_IS_PERIODIC, 0, 1000000);
	wide += vmi_cancel_alarm(value);
	wide += vmi_get_wallclock_time();
	return wide + vmi_wallclock_updated();
}

uint64_t use_mmu(vmi_pte *pte, vmi_pte_long *long_pte, uint32_t value)
{
	uint64_t sum = 0;

	vmi_set_pte(value, pte);
	vmi_set_pxe(value, pte, VMI_PAGE_PT | VMI_PXE_DEFER);
	sum += vmi_swap_pte(value, pte);
	sum += vmi_test_and_set_pte_bit(value, pte);
	sum += vmi_test_and_clear_pte_bit(5, pte);
	vmi_update_pxe(pte, value);
	vmi_set_pte_long(sum, long_pte);
	vmi_set_pxe_long(sum, long_pte, value);
	sum += vmi_swap_pte_long(sum, long_pte);
	sum += vmi_test_and_set_pte_bit_long(63, long_pte);
	sum += vmi_test_and_clear_pte_bit_long(value, long_pte);
	vmi_update_pxe_long(long_pte, value);
	vmi_inval_page(value);
	vmi_flush_tlb(VMI_FLUSH_TLB | VMI_FLUSH_GLOBAL);
	return sum;
}

void use_announcements(uint32_t value)
{
	vmi_register_page_usage(value, VMI_PAGE_PT);
	vmi_allocate_page(value, VMI_PAGE_PD | VMI_PAGE_CLONE, value + 1,
			  value + 2, value + 3);
	vmi_release_page(value, VMI_PAGE_PT);
	vmi_clone_page_table(value, value + 1, 3, 4);
	vmi_clone_page_directory(value, value + 1, value, 4);
	vmi_set_linear_mapping(0, 0xC0000000, value, value);
	vmi_set_deferred_mode(VMI_DEFER_MMU | VMI_DEFER_CPU);
	vmi_flush_deferred_calls();
	vmi_set_lazy_mode(VMI_LAZY_OFF);
}

int use_library(uintptr_t distance, const struct vmi_options *options)
{
	struct vmi_rom rom;
	struct vmi_reason why;
	char line[VMI_REASON_MAX];

	if (vmi_probe(distance, &rom, &why) ||
	    vmi_activate(&rom, options, &why))
		vmi_explain(&why, line, sizeof(line));
	return vmi_verify(&why);
}

void *use_prototypes(void)
{
	__typeof__(VMI_SetPte) *set_pte = (__typeof__(VMI_SetPte) *)
		(uintptr_t)vmi_entry(VMI_CALL_SetPte);

	return (void *)(uintptr_t)set_pte;
}
