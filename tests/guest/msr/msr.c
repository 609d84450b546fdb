/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: the model-specific registers that a kernel probes, called and raw; all others are #GP at the instruction.
 * Environments: native bochs-native segment paged bochs
 * Variants: paging=32 paging=pae
 */
#include "runtime.h"

#include "msr.h"
#include "vmi.h"

#define MSR_PLATFORM_ID		0x017
#define MSR_MICROCODE_TRIGGER	0x079
#define MSR_MICROCODE_REVISION	0x08b
#define MSR_MTRR_CAP		0x0fe
#define MSR_MISC_ENABLE		0x1a0
#define MSR_MTRR_FIXED		0x250
#define MSR_PAT			0x277
#define MSR_MTRR_DEFAULT	0x2ff
#define MSR_UNKNOWN		0x12345678

#define CPUID_1_EDX_MTRR	0x1000u
#define CPUID_1_EDX_PAT		0x10000u
#define CPUID_NX		0x100000u

/* As rdmsr_safe() of a kernel: the fixup is at the instruction's own address. */
static bool try_read_msr(uint32_t index, uint64_t *value)
{
	uint32_t faulted = 1;

	__asm__ volatile("1: rdmsr\n\t"
			 "xorl %0, %0\n\t"
			 "2:\n\t"
			 FIXUP_ENTRY("1b", "2b")
			 : "+r" (faulted), "=A" (*value) : "c" (index) : "cc");
	return !faulted;
}

static bool try_write_msr(uint32_t index, uint64_t value)
{
	uint32_t faulted = 1;

	__asm__ volatile("1: wrmsr\n\t"
			 "xorl %0, %0\n\t"
			 "2:\n\t"
			 FIXUP_ENTRY("1b", "2b")
			 : "+r" (faulted) : "A" (value), "c" (index) : "cc", "memory");
	return !faulted;
}

/* TCG knows no #GP for an MSR that is not there, and reads 0. */
static bool strict(void)
{
	uint64_t value;

	return platform_is_vmi() || !try_read_msr(MSR_UNKNOWN, &value);
}

static void call_rdmsr(void *index)
{
	vmi_rdmsr((uint32_t)index);
}

static void call_wrmsr(void *index)
{
	vmi_wrmsr((uint32_t)index, 0);
}

static void test_unknown(void)
{
	struct fault fault;
	uint64_t value;

	if (!platform_is_vmi())
		return;
	report(!try_read_msr(MSR_UNKNOWN, &value), "an unknown MSR: RDMSR");
	report(!try_write_msr(MSR_UNKNOWN, 0), "an unknown MSR: WRMSR");
	/* By those the monitor of a test build takes the processor away from the guest. */
	report(!try_write_msr(0x40000000, 0) && !try_write_msr(0x40000001, 1),
	       "nor are there MSRs for tests");
	expect_fault(call_rdmsr, (void *)MSR_UNKNOWN, &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == 0, "an unknown MSR: VMI_RDMSR");
	expect_fault(call_wrmsr, (void *)MSR_UNKNOWN, &fault);
	report(fault.vector == TRAP_PROTECTION && fault.error == 0, "an unknown MSR: VMI_WRMSR");
	report(!try_write_msr(MSR_MTRR_CAP, 0) && !try_write_msr(MSR_MICROCODE_TRIGGER, 0),
	       "MSRs that cannot be written");
}

static void test_tsc(void)
{
	uint64_t first = vmi_rdmsr(MSR_TSC), raw = 0, last;

	if (!strict())
		return;
	report(try_read_msr(MSR_TSC, &raw), "RDMSR of the TSC");
	last = vmi_rdmsr(MSR_TSC);
	report(first < raw && raw < last, "the TSC counts");
}

static void test_efer(void)
{
	uint32_t eax, ebx, ecx, edx = 0, highest;
	uint64_t efer;

	vmi_cpuid(0x80000000u, 0, &highest, &ebx, &ecx, &edx);
	if (highest >= 0x80000001u)
		vmi_cpuid(0x80000001u, 0, &eax, &ebx, &ecx, &edx);
	else
		edx = 0;
	if (!try_read_msr(MSR_EFER, &efer)) {
		report(!(edx & CPUID_NX), "no EFER, no NX");
		return;
	}
	if (edx & CPUID_NX) {
		vmi_wrmsr(MSR_EFER, efer | EFER_NXE);
		report_equal((uint32_t)vmi_rdmsr(MSR_EFER), (uint32_t)efer | EFER_NXE, "EFER.NXE is set");
		vmi_wrmsr(MSR_EFER, efer & ~(uint64_t)EFER_NXE);
		report_equal((uint32_t)vmi_rdmsr(MSR_EFER), (uint32_t)efer & ~EFER_NXE, "and cleared");
	} else if (platform_is_vmi()) {
		report(!try_write_msr(MSR_EFER, efer | EFER_NXE), "EFER.NXE without NX");
	}
	if (platform_is_vmi())
		report(!try_write_msr(MSR_EFER, efer | EFER_LME), "no long mode");
}

static void test_pat(void)
{
	uint64_t before;

	if (!(cpu_features() & CPUID_1_EDX_PAT))
		return;
	before = vmi_rdmsr(MSR_PAT);
	vmi_wrmsr(MSR_PAT, 0x0007010600070106ull);
	report(vmi_rdmsr(MSR_PAT) == 0x0007010600070106ull, "PAT reads back");
	if (strict())
		report(!try_write_msr(MSR_PAT, 2) && !try_write_msr(MSR_PAT, 8),
		       "a reserved memory type in PAT");
	vmi_wrmsr(MSR_PAT, before);
}

/* What describes the machine is read as it is; writes of it are harmless. */
static void test_machine(void)
{
	static const uint32_t indices[] = {
		MSR_MTRR_CAP, MSR_MTRR_DEFAULT, MSR_MTRR_FIXED, MSR_PLATFORM_ID,
		MSR_MICROCODE_REVISION, MSR_MISC_ENABLE,
	};
	uint64_t value, again;
	unsigned i;

	for (i = 0; i < sizeof(indices) / sizeof(indices[0]); i++)
		if (try_read_msr(indices[i], &value))
			report(vmi_rdmsr(indices[i]) == value, "MSR %x is %x:%x", indices[i],
			       (uint32_t)(value >> 32), (uint32_t)value);
	if ((cpu_features() & CPUID_1_EDX_MTRR) && platform_is_vmi()) {
		value = vmi_rdmsr(MSR_MTRR_DEFAULT);
		vmi_wrmsr(MSR_MTRR_DEFAULT, 0);
		report(try_read_msr(MSR_MTRR_DEFAULT, &again) && again == value,
		       "a write to an MTRR changes nothing");
	}
	if (try_read_msr(MSR_MICROCODE_REVISION, &value))
		report(try_write_msr(MSR_MICROCODE_REVISION, 0), "the microcode revision is cleared first");
	report(try_read_msr(MSR_APIC_BASE, &value) && (value & 0x800) && (uint32_t)value >> 12 == 0xfee00,
	       "the local APIC's base: %x", (uint32_t)value);
}

static void call_rdpmc(void *counter)
{
	vmi_rdpmc((uint32_t)counter);
}

/* No processor has this counter. */
static void test_counter(void)
{
	struct fault fault;

	if (!strict())
		return;
	expect_fault(call_rdpmc, (void *)0x3ffff, &fault);
	report(fault.vector == TRAP_PROTECTION || fault.vector == TRAP_INVALID_OPCODE,
	       "a counter that does not exist: %s", trap_name(fault.vector));
}

int main(void)
{
	test_counter();
	test_tsc();
	test_efer();
	test_pat();
	test_machine();
	test_unknown();
	return 0;
}
