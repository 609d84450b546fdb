/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: VMI_CPUID is the processor's CPUID less what a guest cannot use, and names the monitor.
 * Environments: segment paged bochs bochs-paged
 */
#include "runtime.h"

#include "vmi.h"
#include "vmi_guest.h"

#define LEAF_MONITOR	0x40000000u
#define LEAF_STATS	0x40000010u
#define STAT_MAX	0x100u

/* Leaf 1, ECX: monitor/mwait, VMX, SMX, x2APIC, XSAVE, OSXSAVE, AVX; EDX: VME, MCE, MCA, PSE-36 */
#define HIDDEN_ECX	0x1c200068u
#define HIDDEN_EDX	0x00024082u
#define HYPERVISOR	0x80000000u
#define KEPT_EDX	0x07808951u	/* FPU TSC PAE CX8 SEP CMOV MMX FXSR SSE SSE2 */
#define LONG_MODE	0x20000000u
#define SYSCALL		0x00000800u

struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

static struct leaf called(uint32_t number)
{
	struct leaf l;

	vmi_cpuid(number, 0, &l.eax, &l.ebx, &l.ecx, &l.edx);
	return l;
}

static struct leaf raw(uint32_t number)
{
	struct leaf l;

	__asm__ volatile("cpuid" : "=a" (l.eax), "=b" (l.ebx), "=c" (l.ecx), "=d" (l.edx)
			 : "a" (number), "c" (0));
	return l;
}

static void test_features(void)
{
	struct leaf c = called(1), r = raw(1);

	report_equal(c.eax, r.eax, "family and model");
	report_equal(c.edx & HIDDEN_EDX, 0, "hidden: VME, machine checks, PSE-36");
	report_equal(c.ecx & HIDDEN_ECX, 0, "hidden: monitor, VMX, SMX, x2APIC, XSAVE, AVX");
	report(c.ecx & HYPERVISOR, "a hypervisor is there");
	report_equal(c.edx & KEPT_EDX, r.edx & KEPT_EDX, "what a guest can use");
	report_equal(c.edx & ~r.edx, 0, "nothing that the processor lacks");
	if (called(0x80000000u).eax >= 0x80000001u)
		report_equal(called(0x80000001u).edx & (LONG_MODE | SYSCALL), 0, "hidden: long mode, SYSCALL");
}

static void test_vendor(void)
{
	struct leaf c = called(0), r = raw(0);

	report(c.eax == r.eax && c.ebx == r.ebx && c.ecx == r.ecx && c.edx == r.edx, "the vendor");
}

static void test_monitor(void)
{
	struct leaf l = called(LEAF_MONITOR), s;
	uint32_t n, calls = 0;

	report(l.ebx == 0x20494d56 && l.ecx == 0x204d4f52 && l.edx == 0x494d5620,
	       "the signature is `VMI ROM  VMI`");
	report(l.eax >= LEAF_STATS && l.eax < LEAF_STATS + STAT_MAX, "the highest leaf is %x", l.eax);
	report_equal(called(LEAF_MONITOR + 1).eax, 0x300, "the ABI's version");
	report_equal(called(VMI_CPUID_ABI).ecx, VMI_FEATURE_TIME
		     | (vmi_entry(VMI_CALL_SetInitialAPState) ? VMI_FEATURE_AP : 0)
		     | (platform_cuts_segments() ? 0 : VMI_FEATURE_PAGED), "the features are those that there are");
	for (n = LEAF_STATS; n < LEAF_STATS + STAT_MAX; n++) {
		s = called(n);
		if (s.ebx == 0x6c6c6163 && !s.ecx)	/* "call" */
			calls = n;
	}
	report(calls != 0, "calls are counted");
	n = called(calls).eax;
	report_equal(called(calls).eax, n + 1, "each of them");
	s = called(LEAF_MONITOR + 0xff);
	report(!s.eax && !s.ebx && !s.ecx && !s.edx, "the last leaf is empty");
}

int main(void)
{
	test_vendor();
	test_features();
	test_monitor();
	return 0;
}
