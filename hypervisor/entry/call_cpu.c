// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitor calls for the processor, its descriptor tables, ports and local APIC.  Each
 * handler takes arguments out of the frame, calls the service that also the emulated
 * instruction uses (cpu/, dev/), and puts results into the frame.  Arguments and
 * results of each call are in docs/abi.md; include/vmi_calls.def lists the calls.
 */
#include "cpu/cpu.h"
#include "dev/dev.h"
#include "emulate/emulate.h"
#include "entry/call.h"

#define REBOOT_SOFT	0u

bool call_Shutdown(struct frame *f)
{
	(void)f;
	machine_off();
}

bool call_Reboot(struct frame *f)
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

static bool write_dtr(uint32_t at, const struct table_register *t)
{
	uint8_t dtr[6];

	memcpy(dtr, &t->limit, 2);
	memcpy(dtr + 2, &t->base, 4);
	return guest_write(at, dtr, sizeof(dtr), ACCESS_WRITE);
}

/*
 * After its first call of this kind the guest announces every change of a descriptor, so
 * stores to the table need not be watched any more (mmu/watch.c).
 */
bool call_SetGDT(struct frame *f)
{
	uint16_t limit;
	uint32_t base;
	bool done = read_dtr(f->eax, &limit, &base) && vcpu_lgdt(limit, base);

	watch_end(WATCH_GDT);
	return done;
}

bool call_SetIDT(struct frame *f)
{
	uint16_t limit;
	uint32_t base;

	if (!read_dtr(f->eax, &limit, &base) || !vcpu_lidt(limit, base))
		return false;
	direct_table(true);
	return true;
}

bool call_SetLDT(struct frame *f)
{
	bool done = vcpu_lldt((uint16_t)f->eax);

	watch_end(WATCH_LDT);
	return done;
}

bool call_SetTR(struct frame *f)
{
	return vcpu_ltr((uint16_t)f->eax);
}

bool call_GetGDT(struct frame *f)
{
	return write_dtr(f->eax, &this_vcpu()->gdt);
}

bool call_GetIDT(struct frame *f)
{
	return write_dtr(f->eax, &info_page()->idt);
}

bool call_GetLDT(struct frame *f)
{
	f->eax = this_vcpu()->ldt;
	return true;
}

bool call_GetTR(struct frame *f)
{
	f->eax = this_vcpu()->tr;
	return true;
}

/*
 * EDX = address of the entry.  The VMI layer has stored it already (vmi/defer.asm); which
 * table it is in, the address tells.
 */
bool call_WriteGDTEntry(struct frame *f)
{
	descriptors_settle(segment_entry_changed(f->edx));
	return true;
}

bool call_WriteLDTEntry(struct frame *f)
{
	return call_WriteGDTEntry(f);
}

bool call_WriteIDTEntry(struct frame *f)
{
	direct_written(f->edx);
	return true;
}

/* EAX = SS0, which the VMI layer has read from the TSS if it was given one; EDX = ESP0. */
bool call_UpdateKernelStack(struct frame *f)
{
	direct_stack((uint16_t)f->eax, f->edx);
	return true;
}

/* ---- CPU ---- */

bool call_CPUID(struct frame *f)
{
	uint32_t r[4];

	vcpu_cpuid(f->eax, f->ecx, r);
	f->eax = r[0];
	f->ebx = r[1];
	f->ecx = r[2];
	f->edx = r[3];
	return true;
}

static void return_64(struct frame *f, uint64_t value)
{
	f->eax = (uint32_t)value;
	f->edx = (uint32_t)(value >> 32);
}

bool call_RDMSR(struct frame *f)
{
	uint64_t value;

	if (!msr_read(f->ecx, &value))
		return false;
	return_64(f, value);
	return true;
}

bool call_WRMSR(struct frame *f)
{
	return msr_write(f->ecx, (uint64_t)f->edx << 32 | f->eax);
}

bool call_SetCR0(struct frame *f)
{
	return vcpu_write_cr(0, f->eax);
}

bool call_SetCR2(struct frame *f)
{
	return vcpu_write_cr(2, f->eax);
}

bool call_SetCR3(struct frame *f)
{
	return vcpu_set_cr3(f->eax);
}

bool call_SetCR4(struct frame *f)
{
	return vcpu_write_cr(4, f->eax);
}

bool call_CLTS(struct frame *f)
{
	(void)f;
	vcpu_clts();
	return true;
}

/* The calls know DR0 to DR3, DR6 and DR7.  To them DR4 and DR5 are no aliases, but absent. */
static bool is_debug_register(uint32_t number)
{
	return number < 8 && (number & 6) != 4;
}

/* A register that is absent ignores writes and reads as 0. */
bool call_SetDR(struct frame *f)
{
	return !is_debug_register(f->eax) || vcpu_write_dr(f->eax, f->edx);
}

bool call_GetDR(struct frame *f)
{
	uint32_t number = f->eax;

	f->eax = 0;
	return !is_debug_register(number) || vcpu_read_dr(number, &f->eax);
}

bool call_WBINVD(struct frame *f)
{
	(void)f;
	vcpu_wbinvd();
	return true;
}

/* ---- ports and local APIC ---- */

bool call_SetIOPLMask(struct frame *f)
{
	tss_set_iopl(f->eax >> EFLAGS_IOPL_SHIFT & 3);
	return true;
}

bool call_APICWrite(struct frame *f)
{
	local_apic_write(f->eax, f->edx);
	return true;
}

bool call_APICRead(struct frame *f)
{
	f->eax = controllers_apic_read(f->eax);
	return true;
}
