/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wrappers against the calling convention, executed: a 32-bit program in
 * which every site has been rewritten into a CALL of a stub.  The stub notes
 * EAX, EDX, ECX and two stack arguments, and then destroys all that the call
 * may clobber.  docs/abi.md, sections 3 and 4.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vmi.h"

extern const struct vmi_site __vmi_sites_start[], __vmi_sites_end[];
void stub_standard(void);
void stub_flags_only(void);
void stub_mask(void);
void stub_cpuid(void);
void stub_in(void);
void stub_nothing(void);

struct seen {
	uint32_t eax, edx, ecx, stack[2], count;
};
extern struct seen seen;
struct seen seen;
static int failures;

/* The results: EDX:EAX = 22222222:11111111, with EBX and ECX for CPUID */
#define NOTE	"movl %eax, seen; movl %edx, seen+4; movl %ecx, seen+8\n"   \
		"pushl 4(%esp); popl seen+12; pushl 8(%esp); popl seen+16\n" \
		"incl seen+20\n"
#define FLAGS	"pushl $0x8d7; popfl; ret\n"

__asm__(".text\n"
	"stub_standard:" NOTE "movl $0x11111111, %eax; movl $0x22222222, %edx\n"
	"movl $0x33333333, %ecx\n" FLAGS
	"stub_flags_only:" NOTE FLAGS
	"stub_mask:" NOTE "movl $0x200, %eax\n" FLAGS
	"stub_cpuid:" NOTE "movl $0x11111111, %eax; movl $0x22222222, %edx\n"
	"movl $0x33333333, %ecx; movl $0x44444444, %ebx\n" FLAGS
	"stub_in: pushfl; movl %edx, seen+4; incl seen+20\n"
	"movb $0x5a, %al; popfl; ret\n"
	"stub_nothing: pushfl; movl %eax, seen; movl %edx, seen+4\n"
	"incl seen+20; popfl; ret\n");

static void (*stub_of(uint32_t call))(void)
{
	switch (call) {
	case VMI_CALL_DisableInterrupts:
	case VMI_CALL_EnableInterrupts:
	case VMI_CALL_DeliverInterrupts:
	case VMI_CALL_SetInterruptMask:
		return stub_flags_only;
	case VMI_CALL_GetInterruptMask:
		return stub_mask;
	case VMI_CALL_CPUID:
		return stub_cpuid;
	case VMI_CALL_INB:
	case VMI_CALL_INW:
	case VMI_CALL_INL:
		return stub_in;
	case VMI_CALL_OUTB:
	case VMI_CALL_OUTW:
	case VMI_CALL_OUTL:
	case VMI_CALL_IODelay:
		return stub_nothing;
	default:
		return stub_standard;
	}
}

static void rewrite_sites(void)
{
	const struct vmi_site *site;

	for (site = __vmi_sites_start; site < __vmi_sites_end; site++) {
		uint8_t *text = (uint8_t *)site->address;
		uint32_t page = site->address & ~0xFFFu;
		uint32_t distance = (uint32_t)stub_of(site->call) -
				    (site->address + 5);

		if (mprotect((void *)page, 0x2000,
			     PROT_READ | PROT_WRITE | PROT_EXEC)) {
			perror("mprotect");
			exit(2);
		}
		memset(text, 0x90, site->length);
		text[0] = 0xE8;
		memcpy(text + 1, &distance, 4);
	}
}

/* What a call should have been given: `which` of a d c 0 1, in that order */
static void expect(int line, const char *which, const uint32_t *values)
{
	const uint32_t got[] = {
		seen.eax, seen.edx, seen.ecx, seen.stack[0], seen.stack[1],
	};

	if (seen.count != 1) {
		printf("line %d: %u calls\n", line, seen.count);
		failures++;
	}
	for (; *which; which++, values++) {
		uint32_t value = got[strchr("adc01", *which) - "adc01"];

		if (value != *values) {
			printf("line %d: argument %c is %x, want %x\n", line,
			       *which, value, *values);
			failures++;
		}
	}
	memset(&seen, 0, sizeof(seen));
}

/*
 * Run a wrapper with values alive around it, in as many registers as the
 * compiler likes, and look at them afterwards.
 */
static volatile uint32_t start = 0x1000;

#define CALL(which, statement, ...) do {				\
	static const uint32_t values[] = { 0, __VA_ARGS__ };		\
	uint32_t l0 = start + 1, l1 = start + 2, l2 = start + 3;	\
	uint32_t l3 = start + 4, l4 = start + 5, l5 = start + 6;	\
									\
	statement;							\
	if (l0 != start + 1 || l1 != start + 2 || l2 != start + 3 ||	\
	    l3 != start + 4 || l4 != start + 5 || l5 != start + 6) {	\
		printf("line %d: registers lost\n", __LINE__);		\
		failures++;						\
	}								\
	expect(__LINE__, which, values + 1);				\
} while (0)

#define RESULT(which, expression, want, ...) do {			\
	uint64_t result = 0;						\
									\
	CALL(which, result = (expression), __VA_ARGS__);		\
	if (result != (want)) {						\
		printf("line %d: result %llx\n", __LINE__,		\
		       (unsigned long long)result);			\
		failures++;						\
	}								\
} while (0)

#define R32	0x11111111u
#define R64	0x2222222211111111u
#define P	((void *)0x77777000)
#define PTE	((vmi_pte *)0x77777000)
#define LONG	((vmi_pte_long *)0x77777000)

static void run_core(void)
{
	CALL("", vmi_disable_interrupts(), 0);
	CALL("", vmi_enable_interrupts(), 0);
	CALL("", vmi_deliver_interrupts(), 0);
	CALL("a", vmi_set_interrupt_mask(0x200), 0x200);
	RESULT("", vmi_get_interrupt_mask(), 0x200, 0);
	CALL("", vmi_pause(), 0);
	CALL("", vmi_halt(), 0);
	CALL("", vmi_shutdown(), 0);
	CALL("a", vmi_reboot(1), 1);
	CALL("ad", vmi_set_initial_ap_state((const struct vmi_ap_state *)P, 7),
	     0x77777000, 7);
}

static void run_descriptors(void)
{
	struct vmi_dtr *dtr = (struct vmi_dtr *)P;

	CALL("a", vmi_set_gdt(dtr), 0x77777000);
	CALL("a", vmi_set_idt(dtr), 0x77777000);
	CALL("a", vmi_get_gdt(dtr), 0x77777000);
	CALL("a", vmi_get_idt(dtr), 0x77777000);
	CALL("a", vmi_set_ldt(0x28), 0x28);
	CALL("a", vmi_set_tr(0x30), 0x30);
	RESULT("", vmi_get_ldt(), 0x1111, 0);
	RESULT("", vmi_get_tr(), 0x1111, 0);
	CALL("adc0", vmi_write_gdt_entry(P, 1, 2, 3), 0x77777000, 1, 2, 3);
	CALL("adc0", vmi_write_ldt_entry(P, 4, 5, start), 0x77777000, 4, 5,
	     0x1000);
	CALL("adc0", vmi_write_idt_entry(P, 6, 7, 8), 0x77777000, 6, 7, 8);
	CALL("ad", vmi_update_kernel_stack(P, 9), 0x77777000, 9);
}

static void run_cpu(void)
{
	uint32_t a, b, c, d;

	CALL("ac", vmi_cpuid(1, 2, &a, &b, &c, &d), 1, 2);
	if (a != R32 || b != 0x44444444 || c != 0x33333333 || d != 0x22222222)
		failures++;
	CALL("adc", vmi_wrmsr(3, 0x500000004), 4, 5, 3);
	RESULT("c", vmi_rdmsr(6), R64, 6);
	RESULT("c", vmi_rdpmc(7), R64, 7);
	RESULT("", vmi_rdtsc(), R64, 0);
	CALL("a", vmi_set_cr0(10), 10);
	CALL("a", vmi_set_cr2(11), 11);
	CALL("a", vmi_set_cr3(12), 12);
	CALL("a", vmi_set_cr4(13), 13);
	RESULT("", vmi_get_cr0(), R32, 0);
	RESULT("", vmi_get_cr2(), R32, 0);
	RESULT("", vmi_get_cr3(), R32, 0);
	RESULT("", vmi_get_cr4(), R32, 0);
	CALL("", vmi_clts(), 0);
	CALL("ad", vmi_set_dr(7, 0x400), 7, 0x400);
	CALL("ad", vmi_set_dr(0, 0x500), 0, 0x500);
	RESULT("a", vmi_get_dr(6), R32, 6);
	CALL("", vmi_wbinvd(), 0);
}

static void run_io(void)
{
	char buffer[4];

	RESULT("d", vmi_inb(0xFFF8), 0x5A, 0xFFF8);
	RESULT("d", vmi_inw(0x3F8) & 0xFF, 0x5A, 0x3F8);
	RESULT("d", vmi_inl(0x3F8) & 0xFF, 0x5A, 0x3F8);
	CALL("ad", vmi_outb(0xFE, 0x64), 0xFE, 0x64);
	CALL("ad", vmi_outw(0xFEDC, 0x64), 0xFEDC, 0x64);
	CALL("ad", vmi_outl(0xFEDCBA98, 0x64), 0xFEDCBA98, 0x64);
	CALL("dc", vmi_insb(1, buffer, 2), 1, 2);
	CALL("dc", vmi_insw(1, buffer, 2), 1, 2);
	CALL("dc", vmi_insl(1, buffer, 2), 1, 2);
	CALL("dc", vmi_outsb(1, buffer, 2), 1, 2);
	CALL("dc", vmi_outsw(1, buffer, 2), 1, 2);
	CALL("dc", vmi_outsl(1, buffer, 2), 1, 2);
	CALL("", vmi_io_delay(), 0);
	CALL("a", vmi_set_iopl_mask(0x3000), 0x3000);
	CALL("ad", vmi_apic_write(P, 5), 0x77777000, 5);
	RESULT("a", vmi_apic_read(P), R32, 0x77777000);
}

static void run_time(void)
{
	RESULT("", vmi_get_cycle_frequency(), R64, 0);
	RESULT("a", vmi_get_cycle_counter(2), R64, 2);
	CALL("adc01", vmi_set_alarm(1, 0x300000002, 0x500000004),
	     1, 2, 3, 4, 5);
	CALL("adc01", vmi_set_alarm(start, start, start), 0x1000, 0x1000, 0,
	     0x1000, 0);
	RESULT("a", vmi_cancel_alarm(1), R32, 1);
	RESULT("", vmi_get_wallclock_time(), R64, 0);
	RESULT("", vmi_wallclock_updated(), R32, 0);
}

static void run_mmu(void)
{
	CALL("ad", vmi_set_pte(1, PTE), 1, 0x77777000);
	CALL("adc", vmi_set_pxe(2, PTE, 3), 2, 0x77777000, 3);
	RESULT("ad", vmi_swap_pte(4, PTE), R32, 4, 0x77777000);
	RESULT("ad", vmi_test_and_set_pte_bit(5, PTE), R32, 5, 0x77777000);
	RESULT("ad", vmi_test_and_clear_pte_bit(6, PTE), R32, 6, 0x77777000);
	CALL("ad", vmi_update_pxe(PTE, 7), 0x77777000, 7);
	CALL("adc", vmi_set_pte_long(0x200000001, LONG), 1, 2, 0x77777000);
	CALL("adc0", vmi_set_pxe_long(0x400000003, LONG, 5), 3, 4, 0x77777000,
	     5);
	RESULT("adc", vmi_swap_pte_long(0x600000005, LONG), R64, 5, 6,
	       0x77777000);
	RESULT("ad", vmi_test_and_set_pte_bit_long(63, LONG), R32, 63,
	       0x77777000);
	RESULT("ad", vmi_test_and_clear_pte_bit_long(62, LONG), R32, 62,
	       0x77777000);
	CALL("ad", vmi_update_pxe_long(LONG, 8), 0x77777000, 8);
	CALL("ad", vmi_register_page_usage(1, 2), 1, 2);
	CALL("adc01", vmi_allocate_page(1, 2, 3, 4, 5), 1, 2, 3, 4, 5);
	CALL("ad", vmi_release_page(1, 2), 1, 2);
	CALL("adc", vmi_clone_page_table(1, 2, 3, 4), 1, 2, 0x30004);
	CALL("adc", vmi_clone_page_directory(1, 2, 0x300, 0x100), 1, 2,
	     0x3000100);
	CALL("adc0", vmi_set_linear_mapping(1, 2, 3, 4), 1, 2, 3, 4);
	CALL("a", vmi_inval_page(1), 1);
	CALL("a", vmi_flush_tlb(3), 3);
	CALL("a", vmi_set_deferred_mode(7), 7);
	CALL("", vmi_flush_deferred_calls(), 0);
	CALL("a", vmi_set_lazy_mode(2), 2);
}

int main(void)
{
	rewrite_sites();
	run_core();
	run_descriptors();
	run_cpu();
	run_io();
	run_time();
	run_mmu();
	printf("%d failures, %d sites\n", failures,
	       (int)(__vmi_sites_end - __vmi_sites_start));
	return failures != 0;
}
