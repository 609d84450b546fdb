/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purpose: what ends an interrupt of either 8259, and what does not: each form of EOI, to each of the pair, in each order.
 * Environments: native segment paged bochs bochs-paged
 * Variants: site=call site=raw
 * Qemu: -icount shift=3,sleep=off -rtc clock=vm
 *
 * The handler is one of our own, which leaves the interrupt in service and does
 * not look at the controllers: how it is ended the main program tries, and reads
 * ISR after that.  The native run says what is right.
 */
#include "runtime.h"

#include "apic.h"
#include "msr.h"
#include "rtc.h"
#include "vmi.h"

#define MASTER		0x20
#define SLAVE		0xa0
#define EOI		0x20
#define EOI_OF(n)	(0x60 | (n))
#define SET_PRIORITY	0xc7	/* as after initialisation: line 7 has the lowest */
#define READ_ISR	0x0b

#define UART_INTERRUPTS	(SERIAL_PORT + 1)
#define TRANSMITTER	0x02

static volatile uint32_t arrived;
static bool raw;

struct write {
	uint16_t port;
	uint8_t value;
};
#define WRITES	3

static const struct ending {
	unsigned int line;
	struct write write[WRITES];	/* port 0: no more */
	uint16_t left;			/* in service then */
} endings[] = {
	{ IRQ_SERIAL, { { 0 } }, 0x0010 },
	{ IRQ_SERIAL, { { MASTER, EOI } }, 0 },
	{ IRQ_SERIAL, { { MASTER, EOI_OF(4) } }, 0 },
	{ IRQ_SERIAL, { { MASTER, EOI_OF(3) } }, 0x0010 },
	{ IRQ_SERIAL, { { MASTER, EOI_OF(5) } }, 0x0010 },
	{ IRQ_SERIAL, { { SLAVE, EOI } }, 0x0010 },
	{ IRQ_SERIAL, { { SLAVE, EOI_OF(4) } }, 0x0010 },
	{ IRQ_SERIAL, { { MASTER + 1, EOI } }, 0x0010 },
	{ IRQ_SERIAL, { { MASTER, READ_ISR } }, 0x0010 },
	{ IRQ_SERIAL, { { MASTER, 0x40 } }, 0x0010 },
	{ IRQ_SERIAL, { { MASTER, EOI }, { MASTER, EOI } }, 0 },
	{ IRQ_SERIAL, { { MASTER, EOI_OF(4) }, { MASTER, EOI_OF(4) } }, 0 },
	{ IRQ_SERIAL, { { MASTER, 0xa0 }, { MASTER, SET_PRIORITY } }, 0 },	/* and rotate */
	{ IRQ_SERIAL, { { MASTER, 0xe4 }, { MASTER, SET_PRIORITY } }, 0 },
	{ IRQ_RTC, { { 0 } }, 0x0104 },
	{ IRQ_RTC, { { SLAVE, EOI } }, 0x0004 },
	{ IRQ_RTC, { { MASTER, EOI } }, 0x0100 },
	{ IRQ_RTC, { { SLAVE, EOI }, { MASTER, EOI } }, 0 },
	{ IRQ_RTC, { { MASTER, EOI }, { SLAVE, EOI } }, 0 },
	{ IRQ_RTC, { { SLAVE, EOI_OF(0) }, { MASTER, EOI_OF(2) } }, 0 },
	{ IRQ_RTC, { { SLAVE, EOI_OF(0) }, { MASTER, EOI_OF(0) } }, 0x0004 },
	{ IRQ_RTC, { { SLAVE, EOI_OF(1) }, { MASTER, EOI_OF(2) } }, 0x0100 },
	{ IRQ_RTC, { { MASTER, EOI }, { MASTER, EOI } }, 0x0100 },
	{ IRQ_RTC, { { SLAVE, EOI }, { SLAVE, EOI } }, 0x0004 },
	{ IRQ_RTC, { { SLAVE, EOI }, { SLAVE, EOI }, { MASTER, EOI } }, 0 },
};

static void write(uint8_t value, uint16_t port)
{
	if (raw)
		__asm__ volatile("outb %0, %w1" : : "a"(value), "d"(port));
	else
		vmi_outb(value, port);
}

/* With interrupts off again, and the device quiet. */
static bool take(struct trap_frame *frame)
{
	arrived++;
	if (frame->vector == IRQ_VECTOR + IRQ_RTC) {
		rtc_write(RTC_B, RTC_B_24_HOURS);
		rtc_read(RTC_C);
	} else {
		vmi_outb(0, UART_INTERRUPTS);
	}
	frame->eflags &= ~EFLAGS_IF;
	return true;
}

static void raise(unsigned int line)
{
	if (line == IRQ_RTC) {
		rtc_read(RTC_C);
		rtc_write(RTC_B, RTC_B_24_HOURS | RTC_B_PERIODIC);
	} else {
		vmi_outb(TRANSMITTER, UART_INTERRUPTS);
	}
}

/* Takes one interrupt of @line. */
static bool serve(unsigned int line)
{
	uint32_t before = arrived, i;

	irq_unmask(line);
	vmi_enable_interrupts();
	raise(line);
	for (i = 0; arrived == before && i < 10000000; i++)
		vmi_pause();
	vmi_disable_interrupts();
	return arrived == before + 1;
}

static void end_all(unsigned int line)
{
	irq_mask(line);
	vmi_outb(EOI, SLAVE);
	vmi_outb(EOI, MASTER);
}

static void test_endings(void)
{
	const struct ending *e;
	unsigned int i, wrong = 0;
	uint16_t left;

	for (e = endings; e < endings + sizeof(endings) / sizeof(*endings); e++) {
		if (!serve(e->line))
			report(false, "line %u interrupts once", e->line);
		for (i = 0; i < WRITES && e->write[i].port; i++)
			write(e->write[i].value, e->write[i].port);
		left = pic_in_service();
		if (left != e->left) {
			print("  line %u, %x to %x: %x in service, want %x\n", e->line,
			      e->write[0].value, e->write[0].port, left, e->left);
			wrong++;
		}
		end_all(e->line);
	}
	report_equal(wrong, 0, "of all forms of EOI");
}

/* Takes one that comes only when LINT0 is unmasked.  The line is open already: nothing else has changed. */
static void serve_later(const char *what)
{
	uint32_t before = arrived, i;

	vmi_enable_interrupts();
	raise(IRQ_SERIAL);
	for (i = 0; i < 1000; i++)
		vmi_pause();
	report_equal(arrived - before, 0, "%s, none comes", what);
	apic_enable();
	apic_write(APIC_LVT_LINT0, LVT_EXTINT);
	for (i = 0; i < 1000; i++)
		vmi_pause();
	vmi_disable_interrupts();
	report_equal(arrived - before, 1, "but then");
	vmi_outb(EOI, MASTER);
}

/* The one in service has another of its own line wait, and lets a higher one through. */
static void test_held(void)
{
	uint32_t before = arrived, ticks;

	serve(IRQ_SERIAL);
	vmi_enable_interrupts();
	raise(IRQ_SERIAL);
	pit_start(1000);
	ticks = pit_ticks();
	while (pit_ticks() < ticks + 3)
		vmi_pause();
	report_equal(arrived - before, 1, "what is in service holds its own line, not a higher one");
	vmi_disable_interrupts();
	pit_stop();
	report_equal(pic_in_service(), 0x0010, "and still is");
	write(EOI, MASTER);
	vmi_enable_interrupts();
	vmi_disable_interrupts();
	report_equal(arrived - before, 2, "the end lets the other one come");
	end_all(IRQ_SERIAL);
	report_equal(pic_in_service(), 0, "nothing is left in service");
}

/* What the local APIC does not pass on waits.  Off, it passes all, though QEMU's does not. */
static void test_unheard(void)
{
	uint64_t base = vmi_rdmsr(MSR_APIC_BASE);

	irq_unmask(IRQ_SERIAL);
	apic_write(APIC_LVT_LINT0, LVT_EXTINT | LVT_MASKED);
	serve_later("masked in LINT0");
	if (platform_is_vmi()) {
		apic_write(APIC_LVT_LINT0, LVT_EXTINT | LVT_MASKED);
		vmi_wrmsr(MSR_APIC_BASE, base & ~APIC_BASE_ENABLE);
		report(serve(IRQ_SERIAL), "with the APIC off they come, whatever LINT0 says");
		vmi_outb(EOI, MASTER);
		vmi_wrmsr(MSR_APIC_BASE, base);
		serve_later("on again, LINT0 is masked");
	}
	end_all(IRQ_SERIAL);
}

int main(void)
{
	raw = boot_word_is("site", "raw");
	pit_clock_start();
	pit_start(1000);
	pit_stop();
	apic_map();
	trap_set_handler(IRQ_VECTOR + IRQ_SERIAL, take);
	trap_set_handler(IRQ_VECTOR + IRQ_RTC, take);
	test_endings();
	test_held();
	test_unheard();
	return 0;
}
