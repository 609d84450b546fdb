// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitor calls: what the VMI layer (vmi/) cannot do at ring 1.  The call's
 * index in include/vmi_calls.def is in EBX, its arguments are where the caller
 * put them; the stack's begin above EBX as pushed and the return address.
 */
#include "monitor.h"
#include "vmi_abi.h"

#define STACK_ARGUMENTS	8u
#define REBOOT_SOFT	0u

typedef void handler(struct frame *f);

#define INT_SIZE	2u

/*
 * The call faults, as the hardware would on such an argument.  A handler that
 * mends the cause and returns finds it begin again.
 */
static void fail(struct frame *f)
{
	f->eip -= INT_SIZE;
	reflect_fault(f);
}

static void must(struct frame *f, bool done)
{
	if (!done)
		fail(f);
}

static void call_shutdown(struct frame *f)
{
	(void)f;
	machine_off();
}

static void call_reboot(struct frame *f)
{
	if (f->eax == REBOOT_SOFT)
		machine_init();
	machine_reset();
}

/* ---- descriptors ---- */

static bool read_dtr(uint32_t at, uint16_t *limit, uint32_t *base)
{
	uint8_t dtr[6];

	if (!guest_read(at, dtr, sizeof(dtr), ACCESS_READ))
		return false;
	memcpy(limit, dtr, 2);
	memcpy(base, dtr + 2, 4);
	return true;
}

static void call_set_gdt(struct frame *f)
{
	uint16_t limit;
	uint32_t base;

	must(f, read_dtr(f->eax, &limit, &base) && cpu_lgdt(limit, base));
	watch_end(WATCH_GDT);
}

static void call_set_idt(struct frame *f)
{
	uint16_t limit;
	uint32_t base;

	if (read_dtr(f->eax, &limit, &base) && cpu_lidt(limit, base))
		direct_table(true);
	else
		fail(f);
}

static void call_set_ldt(struct frame *f)
{
	must(f, cpu_lldt((uint16_t)f->eax));
	watch_end(WATCH_LDT);
}

static void call_set_tr(struct frame *f)
{
	must(f, cpu_ltr((uint16_t)f->eax));
}

static void get_table(struct frame *f, const struct table_register *t)
{
	uint8_t dtr[6];

	memcpy(dtr, &t->limit, 2);
	memcpy(dtr + 2, &t->base, 4);
	must(f, guest_write(f->eax, dtr, sizeof(dtr), ACCESS_WRITE));
}

static void call_get_gdt(struct frame *f)
{
	get_table(f, &cpu->gdt);
}

static void call_get_idt(struct frame *f)
{
	get_table(f, &guest_info->idt);
}

static void call_get_ldt(struct frame *f)
{
	f->eax = cpu->ldt;
}

static void call_get_tr(struct frame *f)
{
	f->eax = cpu->tr;
}

/* EDX = address of the entry, which the VMI layer has written. */
static void call_write_descriptor(struct frame *f)
{
	segment_settle(segment_written_gdt(f->edx));
}

static void call_write_idt_entry(struct frame *f)
{
	direct_written(f->edx);
}

/* EAX = selector: the VMI layer takes it from the TSS; EDX = ESP0. */
static void call_update_kernel_stack(struct frame *f)
{
	direct_stack((uint16_t)f->eax, f->edx);
}

/* ---- CPU ---- */

static void call_cpuid(struct frame *f)
{
	uint32_t r[4];

	cpu_cpuid(f->eax, f->ecx, r);
	f->eax = r[0];
	f->ebx = r[1];
	f->ecx = r[2];
	f->edx = r[3];
}

static void call_rdmsr(struct frame *f)
{
	uint64_t value;

	if (!cpu_read_msr(f->ecx, &value)) {
		fail(f);
		return;
	}
	f->eax = (uint32_t)value;
	f->edx = (uint32_t)(value >> 32);
}

static void call_wrmsr(struct frame *f)
{
	must(f, cpu_write_msr(f->ecx, (uint64_t)f->edx << 32 | f->eax));
}

static void call_set_cr0(struct frame *f)
{
	must(f, cpu_write_cr(0, f->eax));
}

static void call_set_cr2(struct frame *f)
{
	must(f, cpu_write_cr(2, f->eax));
}

static void call_set_cr3(struct frame *f)
{
	if (!vcpu_set_cr3(f->eax))
		fail(f);
}

static void call_set_cr4(struct frame *f)
{
	must(f, cpu_write_cr(4, f->eax));
}

static void call_clts(struct frame *f)
{
	(void)f;
	cpu_clts();
}

static void call_set_dr(struct frame *f)
{
	if (f->eax < 8 && (f->eax & 6) != 4)
		must(f, cpu_write_dr(f->eax, f->edx));
}

static void call_get_dr(struct frame *f)
{
	uint32_t number = f->eax;

	f->eax = 0;
	if (number < 8 && (number & 6) != 4)
		must(f, cpu_read_dr(number, &f->eax));
}

static void call_wbinvd(struct frame *f)
{
	(void)f;
	cpu_wbinvd();
}

/* ---- ports: port.c has the rest ---- */

static void call_set_iopl_mask(struct frame *f)
{
	port_set_iopl(f->eax >> 12 & 3);
}

/* ---- local APIC, time ---- */

static void call_apic_write(struct frame *f)
{
	irq_apic_write(f->eax, f->edx);
}

static void call_apic_read(struct frame *f)
{
	f->eax = irq_apic_read(f->eax);
}

static void call_get_wallclock_time(struct frame *f)
{
	uint64_t ns = wallclock_time();

	f->eax = (uint32_t)ns;
	f->edx = (uint32_t)(ns >> 32);
}

static void call_wallclock_updated(struct frame *f)
{
	f->eax = wallclock_updated();
}

/* That is done for every call. */
static void call_flush_deferred(struct frame *f)
{
	(void)f;
}

/*
 * As a load of CR3 with the value it has.  Global pages go too, whatever the guest
 * asks: a TLB may lose them at any time.
 */
static void call_flush_tlb(struct frame *f)
{
	must(f, vcpu_set_cr3(cpu->cr3));
}

static handler *const handlers[VMI_NR_CALLS] = {
	[VMI_CALL_Shutdown] = call_shutdown,
	[VMI_CALL_Reboot] = call_reboot,
	[VMI_CALL_SetGDT] = call_set_gdt,
	[VMI_CALL_SetIDT] = call_set_idt,
	[VMI_CALL_SetLDT] = call_set_ldt,
	[VMI_CALL_SetTR] = call_set_tr,
	[VMI_CALL_GetGDT] = call_get_gdt,
	[VMI_CALL_GetIDT] = call_get_idt,
	[VMI_CALL_GetLDT] = call_get_ldt,
	[VMI_CALL_GetTR] = call_get_tr,
	[VMI_CALL_WriteGDTEntry] = call_write_descriptor,
	[VMI_CALL_WriteLDTEntry] = call_write_descriptor,
	[VMI_CALL_WriteIDTEntry] = call_write_idt_entry,
	[VMI_CALL_UpdateKernelStack] = call_update_kernel_stack,
	[VMI_CALL_CPUID] = call_cpuid,
	[VMI_CALL_WRMSR] = call_wrmsr,
	[VMI_CALL_RDMSR] = call_rdmsr,
	[VMI_CALL_SetCR0] = call_set_cr0,
	[VMI_CALL_SetCR2] = call_set_cr2,
	[VMI_CALL_SetCR3] = call_set_cr3,
	[VMI_CALL_SetCR4] = call_set_cr4,
	[VMI_CALL_CLTS] = call_clts,
	[VMI_CALL_SetDR] = call_set_dr,
	[VMI_CALL_GetDR] = call_get_dr,
	[VMI_CALL_WBINVD] = call_wbinvd,
	[VMI_CALL_SetIOPLMask] = call_set_iopl_mask,
	[VMI_CALL_RegisterPageUsage] = call_register_page,
	[VMI_CALL_AllocatePage] = call_allocate_page,
	[VMI_CALL_ReleasePage] = call_release_page,
	[VMI_CALL_ClonePageTable] = call_clone,
	[VMI_CALL_ClonePageDirectory] = call_clone,
	[VMI_CALL_InvalPage] = call_inval_page,
	[VMI_CALL_FlushTLB] = call_flush_tlb,
	[VMI_CALL_FlushDeferredCalls] = call_flush_deferred,
	[VMI_CALL_APICWrite] = call_apic_write,
	[VMI_CALL_APICRead] = call_apic_read,
	[VMI_CALL_SetAlarm] = call_set_alarm,
	[VMI_CALL_CancelAlarm] = call_cancel_alarm,
	[VMI_CALL_GetWallclockTime] = call_get_wallclock_time,
	[VMI_CALL_WallclockUpdated] = call_wallclock_updated,
};

/* From entry.asm: a monitor call.  The guest may put any number into EBX. */
void call_dispatch(struct frame *f)
{
	handler *handle = NULL;

	cpu->stats[STAT_CALL]++;
	defer_flush();
	if (f->ebx < VMI_NR_CALLS)
		handle = handlers[f->ebx];
	if (handle) {
		cpu->calls[f->ebx]++;
		handle(f);
	} else {
		reflect(f, VECTOR_GP, VECTOR_CALL * 8 + 2);
	}
	trap_end(f);
}
