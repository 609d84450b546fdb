/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt flag, and a device's interrupt from its line to the first
 * instruction of the handler.  The device is the serial port: its transmitter
 * is empty, so that enabling that interrupt raises the line at once.
 */
#include "bench.h"

#define LOOPS			1000
#define INTERRUPTS		50
#define UART_INTERRUPTS		(SERIAL_PORT + 1)
#define TRANSMITTER		0x02

/* irq_entry.asm */
extern const uint8_t irq_entry[];
extern volatile uint64_t irq_entry_tsc;

static void run_disable_enable(void)
{
	BENCH_LOOP(LOOPS, { vmi_disable_interrupts(); vmi_enable_interrupts(); });
}

static void run_save_restore(void)
{
	BENCH_LOOP(LOOPS, vmi_set_interrupt_mask(vmi_save_interrupts()));
}

static void run_disable(void)
{
	BENCH_LOOP(LOOPS, vmi_disable_interrupts());
}

/*
 * TCG looks for interrupts between its blocks of code: the jumps end one, so
 * that the interrupt is taken here under -icount and without.
 */
static inline void let_it_come(void)
{
	__asm__ volatile("jmp 1f; 1: jmp 2f; 2:" : : : "memory");
}

static void raise_line(void)
{
	vmi_outb(TRANSMITTER, UART_INTERRUPTS);
}

static void drop_line(void)
{
	vmi_outb(0, UART_INTERRUPTS);
}

/* The OUT that raises the line, less the same OUT that raises nothing. */
static void run_latency(void)
{
	uint64_t before;
	unsigned int i;

	bench_units(INTERRUPTS);
	irq_unmask(IRQ_SERIAL);
	vmi_enable_interrupts();
	for (i = 0; i < INTERRUPTS; i++) {
		before = bench_now();
		raise_line();
		let_it_come();
		bench_add(irq_entry_tsc - before);
		before = bench_now();
		drop_line();
		bench_add(before - bench_now());
	}
	vmi_disable_interrupts();
	irq_mask(IRQ_SERIAL);
}

/* The line is up already: from the enabling to the handler. */
static void run_pending(void)
{
	uint64_t before;
	unsigned int i;

	bench_units(INTERRUPTS);
	irq_unmask(IRQ_SERIAL);
	for (i = 0; i < INTERRUPTS; i++) {
		vmi_disable_interrupts();
		raise_line();
		before = bench_now();
		vmi_enable_interrupts();
		let_it_come();
		bench_add(irq_entry_tsc - before);
	}
	vmi_disable_interrupts();
	irq_mask(IRQ_SERIAL);
}

/* The whole: line, handler, end of interrupt, return. */
static void run_round_trip(void)
{
	unsigned int i;

	bench_units(INTERRUPTS);
	irq_unmask(IRQ_SERIAL);
	vmi_enable_interrupts();
	for (i = 0; i < INTERRUPTS; i++) {
		bench_start();
		raise_line();
		let_it_come();
		bench_stop();
	}
	vmi_disable_interrupts();
	irq_mask(IRQ_SERIAL);
}

void irq_prepare(void)
{
	tables_set_gate(IRQ_VECTOR + IRQ_SERIAL,
			descriptor_gate((uint32_t)irq_entry, SELECTOR_KERNEL_CODE,
					ACCESS_PRESENT | ACCESS_INTERRUPT_GATE));
}

const struct bench irq_benches[] = {
	{ "disable-enable", run_disable_enable, 0, { 0 } },
	{ "disable", run_disable, 0, { 0 } },
	{ "save-restore", run_save_restore, BENCH_SILENT, { 0 } },
	{ "interrupt-latency", run_latency, 0, { 0 } },
	{ "pending-delivery", run_pending, 0, { 0 } },
	{ "interrupt-whole", run_round_trip, 0, { 0 } },
	{ NULL, NULL, 0, { 0 } },
};
