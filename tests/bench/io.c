/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports, by the calls and by plain instructions, and the local APIC.  Port 80h
 * belongs to no device that anybody asks.
 */
#include "bench.h"

#include "apic.h"

#define LOOPS		100
#define STRINGS		10
#define STRING_BYTES	32
#define PORT		0x80

typedef __typeof__(VMI_APICRead) apic_read_call;
typedef __typeof__(VMI_APICWrite) apic_write_call;

static uint8_t buffer[STRING_BYTES];

static void run_outb(void)
{
	BENCH_LOOP(LOOPS, vmi_outb(0, PORT));
}

static void run_inb(void)
{
	BENCH_LOOP(LOOPS, vmi_inb(PORT));
}

static void run_outb_raw(void)
{
	BENCH_LOOP(LOOPS, __asm__ volatile("outb %%al, %%dx" : : "a" (0), "d" (PORT)));
}

static void run_inb_raw(void)
{
	uint8_t value;

	BENCH_LOOP(LOOPS, __asm__ volatile("inb %%dx, %%al" : "=a" (value) : "d" (PORT)));
}

static void run_outsb(void)
{
	BENCH_LOOP(STRINGS, vmi_outsb(PORT, buffer, STRING_BYTES));
	bench_units(STRINGS * (STRING_BYTES - 1));
}

static void run_insb(void)
{
	BENCH_LOOP(STRINGS, vmi_insb(PORT, buffer, STRING_BYTES));
	bench_units(STRINGS * (STRING_BYTES - 1));
}

static bool by_call(void)
{
	return platform_is_vmi() && !bench_unpatched();
}

/* Through pointers: a ROM without these calls must not refuse the kernel. */
static void run_apic_read(void)
{
	apic_read_call *call = (apic_read_call *)vmi_entry(VMI_CALL_APICRead);
	volatile uint32_t *reg = apic_at(APIC_TPR);

	if (by_call())
		BENCH_LOOP(LOOPS, call((void *)reg));
	else
		BENCH_LOOP(LOOPS, (void)*reg);
}

static void run_apic_write(void)
{
	apic_write_call *call = (apic_write_call *)vmi_entry(VMI_CALL_APICWrite);
	volatile uint32_t *reg = apic_at(APIC_TPR);

	if (by_call())
		BENCH_LOOP(LOOPS, call((void *)reg, 0));
	else
		BENCH_LOOP(LOOPS, *reg = 0);
}

void io_prepare(void)
{
	apic_map();
}

const struct bench io_benches[] = {
	{ "outb", run_outb, 0, { 0 } },
	{ "inb", run_inb, 0, { 0 } },
	{ "outb-raw", run_outb_raw, 0, { 0 } },
	{ "inb-raw", run_inb_raw, 0, { 0 } },
	{ "rep-outsb", run_outsb, 0, { 0 } },
	{ "rep-insb", run_insb, 0, { 0 } },
	{ "apic-read", run_apic_read, 0, { VMI_CALL_APICRead } },
	{ "apic-write", run_apic_write, 0, { VMI_CALL_APICWrite } },
	{ NULL, NULL, 0, { 0 } },
};
