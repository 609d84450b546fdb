/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: a kernel that saw XSAVE before it was activated can enable it, set XCR0 and use it.
 * Environments: native segment paged
 * Qemu: -cpu max
 */
#include "runtime.h"

#include "vmi.h"

#define CPUID_1_ECX_XSAVE	(1u << 26)
#define CR4_OSXSAVE		0x40000u
#define XCR0_X87_SSE		3u

struct request {
	uint32_t index, value;
};

static uint8_t area[1024] __attribute__((aligned(64)));

static void set_xcr(void *argument)
{
	const struct request *r = argument;

	__asm__ volatile("xsetbv" : : "c" (r->index), "a" (r->value), "d" (0));
}

static uint32_t get_xcr0(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return low;
}

static bool refused(uint32_t index, uint32_t value, uint32_t vector)
{
	struct request r = { index, value };
	struct fault fault;

	return expect_fault(set_xcr, &r, &fault) && fault.vector == vector && !fault.error;
}

static void save(void *argument)
{
	(void)argument;
	__asm__ volatile("fninit; xsave (%0); xrstor (%0)"
			 : : "r" (area), "a" (XCR0_X87_SSE), "d" (0) : "memory");
}

int main(void)
{
	struct request good = { 0, XCR0_X87_SSE };
	uint32_t eax, ebx, ecx, edx, cr4 = vmi_get_cr4();
	struct fault fault;

	/* Bare, as early code asks. */
	__asm__ volatile("cpuid" : "=a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx) : "0" (1));
	report(ecx & CPUID_1_ECX_XSAVE, "this processor has XSAVE");
	vmi_set_cr0((vmi_get_cr0() | CR0_MP) & ~(CR0_TS | CR0_EM));
	report(refused(0, XCR0_X87_SSE, TRAP_INVALID_OPCODE), "XSETBV without CR4.OSXSAVE is #UD");
	vmi_set_cr4(cr4 | CR4_OSFXSR | CR4_OSXSAVE);
	report_equal(vmi_get_cr4(), cr4 | CR4_OSFXSR | CR4_OSXSAVE, "CR4");
	report(!expect_fault(set_xcr, &good, &fault), "XSETBV");
	report_equal(get_xcr0(), XCR0_X87_SSE, "XCR0");
	report(refused(0, 2, TRAP_PROTECTION), "XCR0 without the x87 bit is #GP(0)");
	report(refused(5, 1, TRAP_PROTECTION), "and so is a register that is not there");
	report_equal(get_xcr0(), XCR0_X87_SSE, "XCR0 after that");
	report(!expect_fault(save, NULL, &fault), "XSAVE and XRSTOR");
	report_equal(area[512] & 3 & ~XCR0_X87_SSE, 0, "what was saved");
	vmi_set_cr4(cr4);
	report(expect_fault(save, NULL, &fault) && fault.vector == TRAP_INVALID_OPCODE,
	       "XSAVE is #UD again without CR4.OSXSAVE");
	return 0;
}
