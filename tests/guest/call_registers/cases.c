/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls of the core, descriptor and CPU groups: arguments that are good,
 * and what must have become of them.
 */
#include "registers.h"

#include "runtime.h"

#include "msr.h"
#include "vmi.h"

#define DR_NUMBER		3
#define DR_ADDRESS		0x12345678
#define DR7_START		0x00000400
#define SPARE_TSS		SELECTOR_SPARE
#define SPARE_DATA		(SELECTOR_SPARE + 8)
#define SPARE_VECTOR		0x90
#define CALL_NUMBER		30	/* VMI_DisableInterrupts */

static struct vmi_dtr dtr;
static uint64_t table[4];
static uint8_t state[92];
static uint64_t before;
static uint32_t ticks;

/* ---- core ---- */

static bool is_minus_1(const struct registers *r)
{
	return r->eax == 0xffffffff;
}

static void ask_relocation(struct registers *r)
{
	r->eax = CALL_NUMBER;
}

static bool relocation_right(const struct registers *r)
{
	return r->eax == vmi_entry(VMI_CALL_DisableInterrupts) && r->edx == VMI_RELOCATION_CALL_REL;
}

static void enabled(struct registers *r)
{
	(void)r;
	vmi_enable_interrupts();
}

static void mask_on(struct registers *r)
{
	r->eax = ~0u;
}

static bool is_enabled(const struct registers *r)
{
	(void)r;
	return mask_after == EFLAGS_IF;
}

static bool is_disabled(const struct registers *r)
{
	(void)r;
	return mask_after == 0;
}

static bool eax_is_0(const struct registers *r)
{
	return r->eax == 0;
}

static void count_tick(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
}

static void start_ticks(struct registers *r)
{
	(void)r;
	ticks = 0;
	pit_set_hook(count_tick);
	pit_start(1000);
}

static bool ticked(const struct registers *r)
{
	bool enabled_now = is_enabled(r);

	vmi_disable_interrupts();
	pit_stop();
	return enabled_now && ticks > 0;
}

static void ap_state(struct registers *r)
{
	r->eax = (uint32_t)state;
	r->edx = 7;
}

/* ---- descriptors ---- */

static void gdt_again(struct registers *r)
{
	vmi_get_gdt(&dtr);
	r->eax = (uint32_t)&dtr;
}

static void idt_again(struct registers *r)
{
	vmi_get_idt(&dtr);
	r->eax = (uint32_t)&dtr;
}

static void no_selector(struct registers *r)
{
	r->eax = 0;
}

static void spare_tss(struct registers *r)
{
	tables_set_segment(SPARE_TSS, descriptor_segment((uint32_t)tables_tss(), sizeof(struct tss) - 1,
							 ACCESS_PRESENT | ACCESS_TSS));
	r->eax = SPARE_TSS;
}

static bool tr_is_spare(const struct registers *r)
{
	(void)r;
	return vmi_get_tr() == SPARE_TSS;
}

static void ask_dtr(struct registers *r)
{
	memset(&dtr, 0xee, sizeof(dtr));
	r->eax = (uint32_t)&dtr;
}

static bool is_gdt(const struct registers *r)
{
	(void)r;
	return dtr.base == (uint32_t)tables_gdt() && dtr.limit == GDT_ENTRIES * 8 - 1;
}

static bool is_idt(const struct registers *r)
{
	(void)r;
	return dtr.base == (uint32_t)tables_idt() && dtr.limit == IDT_ENTRIES * 8 - 1;
}

static bool is_tr(const struct registers *r)
{
	return r->eax == SPARE_TSS || r->eax == SELECTOR_TSS;
}

static void entry_of(struct registers *r, uint64_t *at, unsigned int index, uint64_t value)
{
	before = value;
	r->eax = (uint32_t)at;
	r->edx = index;
	r->ecx = (uint32_t)value;
	r->stack[0] = (uint32_t)(value >> 32);
}

static void gdt_entry(struct registers *r)
{
	entry_of(r, tables_gdt(), SPARE_DATA / 8,
		 descriptor_segment(0x1000, 0xfff, ACCESS_PRESENT | ACCESS_DATA));
}

static bool gdt_entry_right(const struct registers *r)
{
	uint32_t limit = 0;

	(void)r;
	__asm__ volatile("lsl %1, %0" : "+r" (limit) : "r" (SPARE_DATA) : "cc");
	return tables_gdt()[SPARE_DATA / 8] == before && limit == 0xfff;
}

static void ldt_entry(struct registers *r)
{
	entry_of(r, table, 2, 0x1122334455667788);
}

static bool ldt_entry_right(const struct registers *r)
{
	(void)r;
	return table[2] == before;
}

static void idt_entry(struct registers *r)
{
	entry_of(r, tables_idt(), SPARE_VECTOR,
		 descriptor_gate(trap_stubs[SPARE_VECTOR], SELECTOR_KERNEL_CODE,
				 ACCESS_PRESENT | ACCESS_TRAP_GATE));
}

static bool idt_entry_right(const struct registers *r)
{
	(void)r;
	return tables_idt()[SPARE_VECTOR] == before;
}

static void kernel_stack(struct registers *r)
{
	r->eax = (uint32_t)tables_tss();
	r->edx = trap_stack_top();
}

/* ---- CPU ---- */

static void ask_cpuid(struct registers *r)
{
	r->eax = 0;
	r->ecx = 0;
}

static bool cpuid_right(const struct registers *r)
{
	uint32_t eax, ebx, ecx, edx;

	vmi_cpuid(0, 0, &eax, &ebx, &ecx, &edx);
	return r->eax == eax && r->ebx == ebx && r->ecx == ecx && r->edx == edx && ebx;
}

static void write_msr(struct registers *r)
{
	r->ecx = MSR_SYSENTER_ESP;
	r->eax = 0x5a5a1234;
	r->edx = 0;
}

static bool msr_written(const struct registers *r)
{
	(void)r;
	return (uint32_t)vmi_rdmsr(MSR_SYSENTER_ESP) == 0x5a5a1234;
}

static void read_msr(struct registers *r)
{
	vmi_wrmsr(MSR_SYSENTER_ESP, 0x77665544);
	r->ecx = MSR_SYSENTER_ESP;
}

static bool msr_right(const struct registers *r)
{
	return r->eax == 0x77665544 && r->edx == 0;
}

static void same_cr0(struct registers *r)
{
	r->eax = vmi_get_cr0() | CR0_TS;
}

static bool ts_is_set(const struct registers *r)
{
	bool set = vmi_get_cr0() & CR0_TS;

	(void)r;
	vmi_clts();
	return set;
}

static void set_ts(struct registers *r)
{
	(void)r;
	vmi_set_cr0(vmi_get_cr0() | CR0_TS);
}

static bool ts_is_clear(const struct registers *r)
{
	(void)r;
	return !(vmi_get_cr0() & CR0_TS);
}

static void some_cr2(struct registers *r)
{
	r->eax = 0x600dcafe;
}

static bool cr2_right(const struct registers *r)
{
	(void)r;
	return vmi_get_cr2() == 0x600dcafe;
}

static void set_cr2(struct registers *r)
{
	(void)r;
	vmi_set_cr2(0x11335577);
}

static bool is_cr2(const struct registers *r)
{
	return r->eax == 0x11335577;
}

static void same_cr3(struct registers *r)
{
	r->eax = paging_kernel_root();
}

static bool is_cr3(const struct registers *r)
{
	return r->eax == paging_kernel_root() && vmi_get_cr3() == r->eax;
}

static bool cr3_right(const struct registers *r)
{
	(void)r;
	return vmi_get_cr3() == paging_kernel_root();
}

static void same_cr4(struct registers *r)
{
	r->eax = vmi_get_cr4();
}

static bool is_cr0(const struct registers *r)
{
	return r->eax & CR0_PG && !(r->eax & CR0_TS);
}

static bool is_cr4(const struct registers *r)
{
	return !(r->eax & CR4_PAE) == (paging_mode() != BOOT_PAGING_PAE);
}

static void set_dr(struct registers *r)
{
	r->eax = DR_NUMBER;
	r->edx = DR_ADDRESS;
}

static bool dr_written(const struct registers *r)
{
	(void)r;
	return vmi_get_dr(DR_NUMBER) == DR_ADDRESS;
}

static void ask_dr7(struct registers *r)
{
	r->eax = 7;
}

static bool dr7_right(const struct registers *r)
{
	return r->eax == DR7_START;
}

static void read_tsc(struct registers *r)
{
	(void)r;
	before = vmi_rdtsc();
}

static bool tsc_right(const struct registers *r)
{
	uint64_t now = (uint64_t)r->edx << 32 | r->eax;

	return now > before && now < vmi_rdtsc();
}

const struct call_case cpu_cases[] = {
	{ VMI_CALL_Init, STANDARD, NULL, is_minus_1 },
	{ VMI_CALL_GetRelocationInfo, STANDARD, ask_relocation, relocation_right },
	{ VMI_CALL_DisableInterrupts, FLAGS_ONLY | NULL_SEGMENTS, enabled, is_disabled },
	{ VMI_CALL_EnableInterrupts, FLAGS_ONLY | NULL_SEGMENTS, NULL, is_enabled },
	{ VMI_CALL_GetInterruptMask, FLAGS_ONLY | NULL_SEGMENTS | CHANGES_EAX, NULL, eax_is_0 },
	{ VMI_CALL_SetInterruptMask, FLAGS_ONLY | NULL_SEGMENTS, mask_on, is_enabled },
	{ VMI_CALL_DeliverInterrupts, FLAGS_ONLY | NULL_SEGMENTS, NULL, is_enabled },
	{ VMI_CALL_Pause, STANDARD, NULL, NULL },
	{ VMI_CALL_Halt, STANDARD, start_ticks, ticked },
	{ VMI_CALL_SetInitialAPState, STANDARD, ap_state, NULL },
	{ VMI_CALL_SetGDT, STANDARD, gdt_again, is_gdt },
	{ VMI_CALL_SetIDT, STANDARD, idt_again, is_idt },
	{ VMI_CALL_SetLDT, STANDARD, no_selector, NULL },
	{ VMI_CALL_SetTR, STANDARD, spare_tss, tr_is_spare },
	{ VMI_CALL_GetGDT, STANDARD, ask_dtr, is_gdt },
	{ VMI_CALL_GetIDT, STANDARD, ask_dtr, is_idt },
	{ VMI_CALL_GetLDT, STANDARD, NULL, eax_is_0 },
	{ VMI_CALL_GetTR, STANDARD, NULL, is_tr },
	{ VMI_CALL_WriteGDTEntry, STANDARD, gdt_entry, gdt_entry_right },
	{ VMI_CALL_WriteLDTEntry, STANDARD, ldt_entry, ldt_entry_right },
	{ VMI_CALL_WriteIDTEntry, STANDARD, idt_entry, idt_entry_right },
	{ VMI_CALL_UpdateKernelStack, STANDARD, kernel_stack, NULL },
	{ VMI_CALL_CPUID, FLAGS_ONLY | STANDARD | CHANGES_EBX, ask_cpuid, cpuid_right },
	{ VMI_CALL_WRMSR, STANDARD, write_msr, msr_written },
	{ VMI_CALL_RDMSR, STANDARD, read_msr, msr_right },
	{ VMI_CALL_SetCR0, STANDARD, same_cr0, ts_is_set },
	{ VMI_CALL_SetCR2, STANDARD, some_cr2, cr2_right },
	{ VMI_CALL_SetCR3, STANDARD, same_cr3, cr3_right },
	{ VMI_CALL_SetCR4, STANDARD, same_cr4, NULL },
	{ VMI_CALL_CLTS, STANDARD, set_ts, ts_is_clear },
	{ VMI_CALL_GetCR0, STANDARD, NULL, is_cr0 },
	{ VMI_CALL_GetCR2, STANDARD, set_cr2, is_cr2 },
	{ VMI_CALL_GetCR3, STANDARD, NULL, is_cr3 },
	{ VMI_CALL_GetCR4, STANDARD, NULL, is_cr4 },
	{ VMI_CALL_SetDR, STANDARD, set_dr, dr_written },
	{ VMI_CALL_GetDR, STANDARD, ask_dr7, dr7_right },
	{ VMI_CALL_RDTSC, STANDARD, read_tsc, tsc_right },
	{ VMI_CALL_WBINVD, STANDARD, NULL, NULL },
	{ VMI_NR_CALLS, 0, NULL, NULL },
};
