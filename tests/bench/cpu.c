/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor's own state: a call that does nothing, control registers,
 * descriptors, MSRs, and what a context switch consists of.
 */
#include "bench.h"

#include "msr.h"

#define LOOPS			100

/* Natively STR, which at ring 1 shows the monitor's own selector. */
static void run_null(void)
{
	BENCH_LOOP(LOOPS, vmi_get_tr());
}

static void run_cli(void)
{
	BENCH_LOOP(LOOPS, __asm__ volatile("cli" : : : "memory"));
}

static void run_clts_set_ts(void)
{
	uint32_t cr0 = vmi_get_cr0() | CR0_TS;

	BENCH_LOOP(LOOPS, { vmi_clts(); vmi_set_cr0(cr0); });
	vmi_clts();
}

static void run_get_cr3(void)
{
	BENCH_LOOP(LOOPS, vmi_get_cr3());
}

static void run_set_cr3(void)
{
	uint32_t cr3 = vmi_get_cr3();

	BENCH_LOOP(LOOPS, vmi_set_cr3(cr3));
}

static void run_write_gdt(void)
{
	uint64_t data = tables_gdt()[SELECTOR_USER_DATA / 8];
	uint32_t low = (uint32_t)data, high = (uint32_t)(data >> 32);
	uint64_t *gdt = tables_gdt();

	BENCH_LOOP(LOOPS, vmi_write_gdt_entry(gdt, SELECTOR_SPARE / 8, low, high));
}

static void run_kernel_stack(void)
{
	struct tss *tss = tables_tss();
	uint32_t top = trap_stack_top();

	BENCH_LOOP(LOOPS, vmi_update_kernel_stack(tss, top));
}

static void run_cpuid(void)
{
	uint32_t eax, ebx, ecx, edx;

	BENCH_LOOP(LOOPS, vmi_cpuid(1, 0, &eax, &ebx, &ecx, &edx));
}

static void run_rdtsc(void)
{
	BENCH_LOOP(LOOPS, vmi_rdtsc());
}

static void run_rdmsr(void)
{
	BENCH_LOOP(LOOPS, vmi_rdmsr(MSR_SYSENTER_ESP));
}

static void run_wrmsr(void)
{
	BENCH_LOOP(LOOPS, vmi_wrmsr(MSR_SYSENTER_ESP, 0));
}

const struct bench cpu_benches[] = {
	{ "null-call", run_null, BENCH_NO_NATIVE | BENCH_SILENT, { 0 } },
	{ "cli-raw", run_cli, 0, { 0 } },
	{ "clts-set-ts", run_clts_set_ts, 0, { 0 } },
	{ "get-cr3", run_get_cr3, 0, { 0 } },
	{ "set-cr3-same", run_set_cr3, 0, { 0 } },
	{ "write-gdt-entry", run_write_gdt, 0, { 0 } },
	{ "update-kernel-stack", run_kernel_stack, 0, { 0 } },
	{ "cpuid", run_cpuid, BENCH_SILENT, { 0 } },
	{ "rdtsc", run_rdtsc, 0, { 0 } },
	{ "rdmsr", run_rdmsr, 0, { 0 } },
	{ "wrmsr", run_wrmsr, 0, { 0 } },
	{ NULL, NULL, 0, { 0 } },
};
